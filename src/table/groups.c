/* Rows by the distinct values of some columns, and the order of levels. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

#include "repkit/table.h"

/* --- groups ------------------------------------------------------------------------------- */

/* What a cell is told apart by: its code or the bits of its number, -0 as 0 and any NaN alike. */
static uint64_t cell_key(const struct rk_column *column, size_t row)
{
    double number;
    uint64_t bits;

    if (column->type == RK_TEXT)
        return column->code[row];
    number = column->number[row];
    if (isnan(number))
        return UINT64_MAX;
    number = number == 0.0 ? 0.0 : number;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

/* Pairs (group so far, key of the next column) and the number each was given, as first seen. */
struct pairs {
    struct pair {
        uint64_t key;
        uint32_t before, after;
    } * slot;
    size_t n_slots; /* a power of two, at least twice n_used */
    size_t n_used;
};

static struct pair *new_slots(size_t n)
{
    struct pair *slot = malloc(n * sizeof *slot);

    for (size_t i = 0; slot != NULL && i < n; i++)
        slot[i].after = RK_NO_CODE;
    return slot;
}

/* The slot of the pair, or the free one where it belongs. */
static struct pair *find_pair(const struct pairs *pairs, uint64_t key, uint32_t before)
{
    uint64_t both[2] = {key, before};
    size_t mask = pairs->n_slots - 1;
    size_t i = (size_t)XXH3_64bits(both, sizeof both) & mask;

    while (pairs->slot[i].after != RK_NO_CODE &&
           (pairs->slot[i].key != key || pairs->slot[i].before != before))
        i = (i + 1) & mask;
    return &pairs->slot[i];
}

static bool grow_pairs(struct pairs *pairs)
{
    struct pairs grown = {.n_slots = 2 * pairs->n_slots, .n_used = pairs->n_used};

    grown.slot = new_slots(grown.n_slots);
    if (grown.slot == NULL)
        return false;
    for (size_t i = 0; i < pairs->n_slots; i++)
        if (pairs->slot[i].after != RK_NO_CODE)
            *find_pair(&grown, pairs->slot[i].key, pairs->slot[i].before) = pairs->slot[i];
    free(pairs->slot);
    *pairs = grown;
    return true;
}

/* The groups of one column of text alone: a code is told its group at once. */
static enum rk_status group_by_text(const struct rk_column *column, size_t n_rows, uint32_t *group,
                                    size_t *n_groups)
{
    size_t n_codes = rk_dict_size(column->dict), n = 0;
    uint32_t *group_of = malloc((n_codes + 1) * sizeof *group_of); /* the last: missing */

    if (group_of == NULL)
        return RK_ENOMEM;
    for (size_t k = 0; k <= n_codes; k++)
        group_of[k] = RK_NO_CODE;
    for (size_t i = 0; i < n_rows; i++) {
        uint32_t *found = &group_of[column->code[i] == RK_NO_CODE ? n_codes : column->code[i]];

        if (*found == RK_NO_CODE)
            *found = (uint32_t)n++;
        group[i] = *found;
    }
    free(group_of);
    *n_groups = n;
    return RK_OK;
}

/* Splits the groups by one more column. */
static enum rk_status refine(const struct rk_column *column, size_t n_rows, uint32_t *group,
                             size_t *n_groups)
{
    struct pairs pairs = {.n_slots = 256, .n_used = 0};

    if (*n_groups == 1 && column->type == RK_TEXT)
        return group_by_text(column, n_rows, group, n_groups);
    pairs.slot = new_slots(pairs.n_slots);
    for (size_t i = 0; pairs.slot != NULL && i < n_rows; i++) {
        uint64_t key = cell_key(column, i);
        struct pair *pair = find_pair(&pairs, key, group[i]);

        if (pair->after == RK_NO_CODE)
            *pair = (struct pair){key, group[i], (uint32_t)pairs.n_used++};
        group[i] = pair->after;
        if (2 * pairs.n_used > pairs.n_slots && !grow_pairs(&pairs)) {
            free(pairs.slot);
            return RK_ENOMEM;
        }
    }
    if (pairs.slot == NULL)
        return RK_ENOMEM;
    free(pairs.slot);
    *n_groups = pairs.n_used;
    return RK_OK;
}

/* Fills first_row, start and rows from the group of each row: a counting sort, so rows stay in the
 * table's order within a group. */
static enum rk_status list_rows(struct rk_groups *groups, size_t n_rows)
{
    size_t *next;

    groups->first_row = malloc((groups->n_groups + 1) * sizeof *groups->first_row);
    groups->start = calloc(groups->n_groups + 2, sizeof *groups->start);
    groups->rows = malloc((n_rows + 1) * sizeof *groups->rows);
    next = calloc(groups->n_groups + 1, sizeof *next);
    if (groups->first_row == NULL || groups->start == NULL || groups->rows == NULL ||
        next == NULL) {
        free(next);
        return RK_ENOMEM;
    }
    for (size_t i = 0; i < n_rows; i++)
        groups->start[groups->group[i] + 1]++;
    for (size_t g = 0; g < groups->n_groups; g++) {
        groups->start[g + 1] += groups->start[g];
        next[g] = groups->start[g];
    }
    for (size_t i = 0; i < n_rows; i++)
        groups->rows[next[groups->group[i]]++] = i;
    for (size_t g = 0; g < groups->n_groups; g++)
        groups->first_row[g] = groups->rows[groups->start[g]];
    free(next);
    return RK_OK;
}

enum rk_status rk_groups_by(const struct rk_table *table, const size_t *columns, size_t n_columns,
                            struct rk_groups *groups)
{
    struct rk_groups found = {.n_groups = table->n_rows > 0 ? 1 : 0};
    enum rk_status status = RK_OK;

    found.group = calloc(table->n_rows + 1, sizeof *found.group);
    if (found.group == NULL)
        return RK_ENOMEM;
    /* Where each row is a group of its own, further columns split nothing. */
    for (size_t j = 0; status == RK_OK && j < n_columns && found.n_groups < table->n_rows; j++)
        status = refine(&table->column[columns[j]], table->n_rows, found.group, &found.n_groups);
    if (status == RK_OK)
        status = list_rows(&found, table->n_rows);
    if (status != RK_OK) {
        rk_groups_free(&found);
        return status;
    }
    *groups = found;
    return RK_OK;
}

void rk_groups_free(struct rk_groups *groups)
{
    free(groups->group);
    free(groups->first_row);
    free(groups->start);
    free(groups->rows);
    *groups = (struct rk_groups){0};
}

/* --- levels ------------------------------------------------------------------------------- */

/* Pairs whose order is known; letters' case does not matter. */
static const char *const known_pairs[][2] = {
    {"before", "after"}, {"pre", "post"}, {"control", "treated"}, {"control", "treatment"},
    {"no", "yes"},       {"off", "on"},   {"false", "true"}};

struct level {
    uint32_t code;
    const char *label;
    double rank; /* number or date; unused for text */
};

static int by_rank(const void *a, const void *b)
{
    const struct level *x = a, *y = b;

    return x->rank != y->rank ? (x->rank < y->rank ? -1 : 1) : strcmp(x->label, y->label);
}

static int by_bytes(const void *a, const void *b)
{
    const struct level *x = a, *y = b;

    return strcmp(x->label, y->label);
}

static bool all_numbers(struct level *level, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (rk_number_read(level[i].label, strlen(level[i].label), '.', &level[i].rank, NULL) !=
            RK_READ_OK)
            return false;
    return true;
}

static bool all_times(struct level *level, size_t n)
{
    enum rk_time_kind kind = RK_TIME_NONE;

    for (size_t i = 0; i < n; i++) {
        enum rk_time_kind this_kind;
        int64_t ordinal;

        if (rk_time_read(level[i].label, strlen(level[i].label), RK_ORDER_UNKNOWN, &this_kind,
                         &ordinal) != RK_READ_OK ||
            (i > 0 && this_kind != kind))
            return false;
        kind = this_kind;
        level[i].rank = (double)ordinal;
    }
    return true;
}

static bool known_pair(struct level *level)
{
    for (size_t k = 0; k < sizeof known_pairs / sizeof *known_pairs; k++)
        for (int swapped = 0; swapped < 2; swapped++)
            if (strcasecmp(level[0].label, known_pairs[k][swapped]) == 0 &&
                strcasecmp(level[1].label, known_pairs[k][!swapped]) == 0) {
                level[0].rank = swapped;
                level[1].rank = !swapped;
                return true;
            }
    return false;
}

/* The levels present in the rows, in the order of their codes. */
static struct level *present_levels(const struct rk_table *table, const struct rk_column *column,
                                    size_t *n)
{
    size_t size = rk_dict_size(column->dict);
    struct level *level = malloc((size + 1) * sizeof *level);
    bool *present = calloc(size + 1, sizeof *present);

    *n = 0;
    if (level != NULL && present != NULL) {
        for (size_t i = 0; i < table->n_rows; i++)
            if (column->code[i] != RK_NO_CODE)
                present[column->code[i]] = true;
        for (uint32_t code = 0; code < size; code++)
            if (present[code])
                level[(*n)++] = (struct level){code, rk_dict_label(column->dict, code), 0.0};
    } else {
        free(level);
        level = NULL;
    }
    free(present);
    return level;
}

enum rk_status rk_level_order(const struct rk_table *table, size_t column, uint32_t **order,
                              size_t *n)
{
    size_t n_levels;
    struct level *level = present_levels(table, &table->column[column], &n_levels);
    uint32_t *codes = malloc((n_levels + 1) * sizeof *codes);
    bool ranked;

    if (level == NULL || codes == NULL) {
        free(level);
        free(codes);
        return RK_ENOMEM;
    }
    ranked = all_numbers(level, n_levels) || all_times(level, n_levels) ||
             (n_levels == 2 && known_pair(level));
    qsort(level, n_levels, sizeof *level, ranked ? by_rank : by_bytes);
    for (size_t i = 0; i < n_levels; i++)
        codes[i] = level[i].code;
    free(level);
    *order = codes;
    *n = n_levels;
    return RK_OK;
}
