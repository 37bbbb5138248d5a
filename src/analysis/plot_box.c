/* box: a row a group: quartiles, whiskers, what lies beyond, and the mean with its interval. */
#include <math.h>
#include <stdlib.h>

#include "plot_parts.h"
#include "repkit/moments.h"
#include "repkit/quantile.h"

/* Where things stand below and above the middle of a row of height 1. */
static const double BOX_AT = -0.12, BOX_HEIGHT = 0.42, MEAN_AT = 0.27;
enum { MAX_ROWS = 40, BEYOND_BINS = 200 };

struct box {
    size_t *row, n;
    double *value, *sorted;
    struct plot_levels levels;
    size_t *level, *count; /* the levels drawn, in their order; the rows of each level */
    size_t n_drawn, n_with_rows;
};

static void free_box(struct box *box)
{
    free(box->row);
    free(box->value);
    free(box->sorted);
    free(box->level);
    free(box->count);
    plot_levels_free(&box->levels);
}

/* Of too many levels those with the most rows. */
static void choose_levels(struct box *box)
{
    size_t n = box->levels.n == 0 ? 1 : box->levels.n;

    for (size_t k = 0; k < n; k++)
        box->n_with_rows += box->count[k] > 0;
    for (size_t k = 0; k < n; k++) {
        size_t larger = 0;

        for (size_t j = 0; j < n && n > MAX_ROWS; j++)
            larger += box->count[j] > box->count[k] || (j < k && box->count[j] == box->count[k]);
        if (box->count[k] > 0 && larger < MAX_ROWS)
            box->level[box->n_drawn++] = k;
    }
}

static enum rk_status read(struct plot *plot, struct box *box)
{
    enum rk_status status =
        plot_values(plot, plot->options->value, &box->row, &box->value, &box->n);
    size_t n_levels;

    if (status == RK_OK && plot->options->group != NULL)
        status = plot_levels(plot, "group", plot->options->group, 5000, &box->levels);
    if (status != RK_OK)
        return status;
    n_levels = box->levels.n == 0 ? 1 : box->levels.n;
    box->sorted = malloc(box->n * sizeof *box->sorted);
    box->level = calloc(n_levels, sizeof *box->level);
    box->count = calloc(n_levels, sizeof *box->count);
    if (box->sorted == NULL || box->level == NULL || box->count == NULL)
        return rk_fail_memory(plot->error);
    for (size_t k = 0; k < n_levels; k++)
        for (size_t i = 0; i < box->n; i++)
            box->count[k] += plot_is_level(plot, &box->levels, k, box->row[i]);
    choose_levels(box);
    return RK_OK;
}

/* --- marks ---------------------------------------------------------------------------------- */

static void add_layers(struct plot *plot, struct rk_panel *panel)
{
    static const struct {
        enum rk_mark mark;
        int ink;
        bool bold, faint;
    } looks[] = {
        {RK_MARK_SPAN_X, RK_INK_MAIN, false, false}, /* whiskers */
        {RK_MARK_BOXES, RK_INK_MAIN, false, true},   {RK_MARK_SPAN_Y, RK_INK_MAIN, true, false},
        {RK_MARK_SPAN_X, RK_INK_TEXT, true, false},  {RK_MARK_POINTS, RK_INK_TEXT, false, false},
        {RK_MARK_POINTS, RK_INK_MAIN, false, true},
    };

    for (size_t k = 0; k < sizeof looks / sizeof *looks; k++) {
        struct rk_layer *layer =
            rk_picture_layer(plot->picture, panel, looks[k].mark, looks[k].ink, NULL);

        if (layer == NULL)
            return;
        layer->bold = looks[k].bold;
        layer->faint = looks[k].faint;
        layer->height = BOX_HEIGHT;
    }
}

enum { WHISKERS, BOXES, MEDIANS, MEAN_SPANS, MEANS, BEYOND, N_LAYERS };

static void add_span(struct plot *plot, struct rk_panel *panel, size_t layer, double x, double y,
                     double low, double high)
{
    struct rk_spot spot = plot_spot(x, y);

    spot.low = low;
    spot.high = high;
    rk_picture_spot(plot->picture, &panel->layer[layer], spot);
}

/* What lies beyond the whiskers; of thousands, one in each place that can be told apart. */
static void add_beyond(struct plot *plot, struct rk_panel *panel, const double *sorted, size_t n,
                       double low, double high, double y)
{
    double step = (sorted[n - 1] - sorted[0]) / BEYOND_BINS, last = -INFINITY;

    for (size_t i = 0; i < n; i++) {
        if ((sorted[i] >= low && sorted[i] <= high) || !(sorted[i] - last >= step))
            continue;
        last = sorted[i];
        rk_picture_spot(plot->picture, &panel->layer[BEYOND], plot_spot(sorted[i], y));
    }
}

/* Whiskers end at the last value within 1.5 times the box from it (Tukey, 1977). */
static void add_row(struct plot *plot, struct rk_panel *panel, const struct box *box, size_t n,
                    double at)
{
    struct rk_moments moments = rk_moments_of(box->sorted, n);
    double q1 = rk_quantile_sorted(box->sorted, n, 0.25, 7);
    double median = rk_quantile_sorted(box->sorted, n, 0.5, 7);
    double q3 = rk_quantile_sorted(box->sorted, n, 0.75, 7);
    double reach = 1.5 * (q3 - q1), y = at + BOX_AT, mean_low, mean_high;
    size_t first = 0, last = n - 1;
    struct rk_text note = {0};

    while (box->sorted[first] < q1 - reach)
        first++;
    while (box->sorted[last] > q3 + reach)
        last--;
    add_span(plot, panel, WHISKERS, NAN, y, fmin(box->sorted[first], q1), q1);
    add_span(plot, panel, WHISKERS, NAN, y, q3, fmax(box->sorted[last], q3));
    add_span(plot, panel, BOXES, NAN, y, q1, q3);
    add_span(plot, panel, MEDIANS, median, NAN, y - BOX_HEIGHT / 2.0, y + BOX_HEIGHT / 2.0);
    add_beyond(plot, panel, box->sorted, n, box->sorted[first], box->sorted[last], y);
    rk_mean_interval(&moments, plot->options->common.conf_level, &mean_low, &mean_high);
    add_span(plot, panel, MEAN_SPANS, NAN, at + MEAN_AT, mean_low, mean_high);
    rk_picture_spot(plot->picture, &panel->layer[MEANS], plot_spot(moments.mean, at + MEAN_AT));
    plot_add_interval(&note, moments.mean, mean_low, mean_high, false);
    rk_text_add(&note, ", n = ");
    plot_add_count(&note, n);
    if (plot->options->facet == NULL)
        rk_picture_note(plot->picture, panel, at, RK_INK_TEXT, plot_words(plot, &note));
    rk_text_free(&note);
}

static void add_rows(struct plot *plot, struct rk_panel *panel, struct box *box)
{
    struct rk_text name = {0};

    for (size_t r = 0; r < box->n_drawn; r++) {
        size_t n = 0;

        for (size_t i = 0; i < box->n; i++)
            if (plot_is_level(plot, &box->levels, box->level[r], box->row[i]))
                box->sorted[n++] = box->value[i];
        rk_sort(box->sorted, n);
        add_row(plot, panel, box, n, (double)r);
        rk_text_clear(&name);
        if (box->levels.n > 0)
            plot_add_level_of(&name, &box->levels, box->level[r]);
        rk_picture_name(plot->picture, &panel->y, plot_words(plot, &name));
    }
    rk_text_free(&name);
}

/* --- words ---------------------------------------------------------------------------------- */

static void set_words(struct plot *plot, struct rk_panel *panel, const struct box *box)
{
    struct rk_text text = {0};

    plot_set_axis(plot, &panel->x, plot->options->value);
    panel->y.kind = RK_AXIS_NAMES;
    if (panel->n_notes > 0)
        rk_picture_set(plot->picture, &panel->note_title, "mean [interval]");
    rk_text_add(&text, plot->options->value);
    if (box->levels.n > 0)
        rk_text_format(&text, " by %s", plot->options->group);
    plot_title(plot, &text);
    rk_text_add(&text, "n = ");
    plot_add_count(&text, box->n);
    plot_set(plot, &plot->picture->subtitle, &text);
    rk_text_add(&text, "Box: middle half of the rows and their median; lines: to the last value "
                       "within 1.5 boxes. Point and line below: mean and its ");
    plot_add_level(&text, plot->options->common.conf_level);
    rk_text_add(&text, " interval, rows taken as independent.");
    if (box->n_with_rows > box->n_drawn)
        rk_text_format(&text, " The %zu groups with the most rows, of %zu.", box->n_drawn,
                       box->n_with_rows);
    plot_set(plot, &plot->picture->caption, &text);
    plot->picture->height = 190.0 + (box->n_drawn > 20 ? 30.0 : 42.0) * (double)box->n_drawn;
    rk_text_free(&text);
}

enum rk_status plot_box(struct plot *plot)
{
    struct box box = {0};
    enum rk_status status = read(plot, &box);
    struct rk_panel *panel = status == RK_OK ? rk_picture_panel(plot->picture, NULL) : NULL;

    if (panel != NULL)
        add_layers(plot, panel);
    if (panel != NULL && panel->n_layers == N_LAYERS) {
        add_rows(plot, panel, &box);
        set_words(plot, panel, &box);
    }
    free_box(&box);
    return status;
}
