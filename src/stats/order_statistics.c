/* Order statistics by counting: values are counted in cells between the least and the greatest, so
 * that only those in a cell in which a wanted rank falls are looked at more closely. x is read in
 * order a few times and is neither changed nor copied. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/quantile.h"

enum { FEWEST = 128, FEWEST_CELLS = 64, MOST_CELLS = 1 << 14, NO_SLOT = 0xffff };

/* What falls into one cell in which a rank is wanted. */
struct part {
    size_t n, first_rank; /* the rank of its least value */
    double least, greatest;
    double *value; /* its values, once they are gathered */
    size_t n_gathered;
};

struct counting {
    const double *x;
    size_t n;
    double low, high, scale; /* of the values counted */
    uint32_t n_cells;
    uint32_t *count;
    uint16_t *slot; /* of each cell: its part, or NO_SLOT */
    struct part *part;
    size_t n_parts;
};

/* Subtraction, multiplication by a positive number and truncation keep the order. */
static inline uint32_t cell_of(const struct counting *c, double x)
{
    uint32_t cell = (uint32_t)((x - c->low) * c->scale);

    return cell < c->n_cells ? cell : c->n_cells - 1;
}

static void find_range(const double *x, size_t n, double *low, double *high)
{
    double least[4], greatest[4];

    for (size_t k = 0; k < 4; k++)
        least[k] = greatest[k] = x[0];
    for (size_t i = 0; i + 4 <= n; i += 4)
        for (size_t k = 0; k < 4; k++) {
            least[k] = x[i + k] < least[k] ? x[i + k] : least[k];
            greatest[k] = x[i + k] > greatest[k] ? x[i + k] : greatest[k];
        }
    for (size_t i = n - n % 4; i < n; i++) {
        least[0] = x[i] < least[0] ? x[i] : least[0];
        greatest[0] = x[i] > greatest[0] ? x[i] : greatest[0];
    }
    *low = least[0];
    *high = greatest[0];
    for (size_t k = 1; k < 4; k++) {
        *low = least[k] < *low ? least[k] : *low;
        *high = greatest[k] > *high ? greatest[k] : *high;
    }
}

/* Counts, and makes a part of each cell in which one of the ranks falls. */
static void count_values(struct counting *c, const size_t *rank, size_t n_ranks)
{
    size_t before = 0, r = 0;

    memset(c->count, 0, c->n_cells * sizeof *c->count);
    for (size_t i = 0; i < c->n; i++)
        c->count[cell_of(c, c->x[i])]++;
    for (uint32_t cell = 0; cell < c->n_cells; cell++) {
        size_t after = before + c->count[cell];

        c->slot[cell] = NO_SLOT;
        if (r < n_ranks && rank[r] < after) {
            c->slot[cell] = (uint16_t)c->n_parts;
            c->part[c->n_parts++] = (struct part){.n = c->count[cell],
                                                  .first_rank = before,
                                                  .least = INFINITY,
                                                  .greatest = -INFINITY};
            while (r < n_ranks && rank[r] < after)
                r++;
        }
        before = after;
    }
}

/* A cell with many values is often one of many ties. */
static void find_part_ranges(struct counting *c)
{
    for (size_t i = 0; i < c->n; i++) {
        uint16_t slot = c->slot[cell_of(c, c->x[i])];

        if (slot != NO_SLOT) {
            struct part *part = &c->part[slot];

            part->least = c->x[i] < part->least ? c->x[i] : part->least;
            part->greatest = c->x[i] > part->greatest ? c->x[i] : part->greatest;
        }
    }
}

static bool gather_parts(struct counting *c)
{
    bool any = false;

    for (size_t k = 0; k < c->n_parts; k++) {
        struct part *part = &c->part[k];

        if (part->least == part->greatest)
            continue;
        any = true;
        part->value = malloc((part->n + 1) * sizeof *part->value);
        if (part->value == NULL)
            return false;
    }
    for (size_t i = 0; any && i < c->n; i++) {
        uint16_t slot = c->slot[cell_of(c, c->x[i])];

        if (slot != NO_SLOT && c->part[slot].value != NULL)
            c->part[slot].value[c->part[slot].n_gathered++] = c->x[i];
    }
    return true;
}

static void select_ranks(const struct counting *c, const size_t *rank, size_t n_ranks, double *out)
{
    size_t k = 0;

    for (size_t r = 0; r < n_ranks; r++) {
        while (rank[r] >= c->part[k].first_rank + c->part[k].n)
            k++;
        out[r] = c->part[k].value == NULL
                     ? c->part[k].least
                     : rk_select(c->part[k].value, c->part[k].n, rank[r] - c->part[k].first_rank);
    }
}

static enum rk_status by_counting(struct counting *c, const size_t *rank, size_t n_ranks,
                                  double *out)
{
    size_t n_close = 0;
    enum rk_status status = RK_ENOMEM;

    count_values(c, rank, n_ranks);
    for (size_t k = 0; k < c->n_parts; k++)
        n_close += c->part[k].n;
    if (n_close > c->n / 32)
        find_part_ranges(c);
    if (gather_parts(c)) {
        select_ranks(c, rank, n_ranks, out);
        status = RK_OK;
    }
    for (size_t k = 0; k < c->n_parts; k++)
        free(c->part[k].value);
    return status;
}

/* A copy to select in, where there are few values or counting would not divide them. */
static enum rk_status by_copy(const double *x, size_t n, const size_t *rank, size_t n_ranks,
                              double *out)
{
    double *copy = malloc(n * sizeof *copy);

    if (copy == NULL)
        return RK_ENOMEM;
    memcpy(copy, x, n * sizeof *copy);
    for (size_t r = 0; r < n_ranks; r++)
        out[r] = rk_select(copy, n, rank[r]);
    free(copy);
    return RK_OK;
}

enum rk_status rk_order_statistics(const double *x, size_t n, const size_t *rank, size_t n_ranks,
                                   double *out)
{
    struct counting c = {.x = x, .n = n, .n_cells = FEWEST_CELLS};
    enum rk_status status = RK_ENOMEM;

    if (n < FEWEST || n > UINT32_MAX || n_ranks >= NO_SLOT)
        return by_copy(x, n, rank, n_ranks, out);
    find_range(x, n, &c.low, &c.high);
    while (c.n_cells < MOST_CELLS && c.n_cells < n / 4)
        c.n_cells *= 2;
    c.scale = (c.n_cells - 1) / (c.high - c.low);
    if (!isfinite(c.scale) || !(c.scale > 0.0) || !isfinite(c.high - c.low))
        return by_copy(x, n, rank, n_ranks, out);
    c.count = malloc(c.n_cells * sizeof *c.count);
    c.slot = malloc(c.n_cells * sizeof *c.slot);
    c.part = calloc(n_ranks + 1, sizeof *c.part);
    if (c.count != NULL && c.slot != NULL && c.part != NULL)
        status = by_counting(&c, rank, n_ranks, out);
    free(c.count);
    free(c.slot);
    free(c.part);
    return status;
}
