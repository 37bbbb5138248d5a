/* More rows than can be seen one by one: how many fall into each cell of a grid. */
#include <math.h>
#include <stdlib.h>

#include "plot_parts.h"

enum { BINS_X = 60, BINS_Y = 36 };

struct grid {
    double low, width;
    size_t n;
};

/* Whole numbers that are few enough have a cell each, which stands around its number. */
static struct grid grid_of(const double *x, size_t n, size_t most)
{
    struct grid grid = {.n = most};
    double low = INFINITY, high = -INFINITY;
    bool whole = true;

    for (size_t i = 0; i < n; i++) {
        low = fmin(low, x[i]);
        high = fmax(high, x[i]);
        whole = whole && x[i] == floor(x[i]);
    }
    grid.low = low;
    grid.width = high > low ? (high - low) / (double)most : 1.0;
    if (whole && high - low < (double)most) {
        grid.low = low - 0.5;
        grid.width = 1.0;
        grid.n = (size_t)(high - low) + 1;
    }
    return grid;
}

static size_t cell_of(const struct grid *grid, double x)
{
    return (size_t)fmin((x - grid->low) / grid->width, (double)(grid->n - 1));
}

static double middle_of(const struct grid *grid, size_t cell)
{
    return grid->low + ((double)cell + 0.5) * grid->width;
}

enum rk_status plot_add_density(struct plot *plot, struct rk_panel *panel, const double *x,
                                const double *y, size_t n, size_t *fullest)
{
    struct grid across = grid_of(x, n, BINS_X), up = grid_of(y, n, BINS_Y);
    size_t *count = calloc(across.n * up.n, sizeof *count);
    struct rk_layer *cells;

    if (count == NULL)
        return rk_fail_memory(plot->error);
    *fullest = 0;
    for (size_t i = 0; i < n; i++) {
        size_t cell = cell_of(&up, y[i]) * across.n + cell_of(&across, x[i]);

        if (++count[cell] > *fullest)
            *fullest = count[cell];
    }
    cells = rk_picture_layer(plot->picture, panel, RK_MARK_CELLS, RK_INK_SEQUENTIAL, NULL);
    if (cells != NULL) {
        cells->width = across.width;
        cells->height = up.width;
    }
    for (size_t k = 0; k < across.n * up.n; k++) {
        struct rk_spot spot =
            plot_spot(middle_of(&across, k % across.n), middle_of(&up, k / across.n));

        /* Logarithms, or the fullest cell would outshine all others. */
        spot.value = log1p((double)count[k]) / log1p((double)*fullest);
        if (count[k] > 0)
            rk_picture_spot(plot->picture, cells, spot);
    }
    free(count);
    return RK_OK;
}

void plot_add_fullest(struct rk_text *out, size_t fullest)
{
    if (fullest == 0)
        return;
    rk_text_add(out, out->length == 0 ? "" : " ");
    rk_text_add(out, "Stronger colour: more rows, up to ");
    plot_add_count(out, fullest);
    rk_text_add(out, " in a cell.");
}
