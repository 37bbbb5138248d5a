/* hist: how values are distributed, with the mean and its interval above; groups as outlines. */
#include <math.h>
#include <stdlib.h>

#include "plot_parts.h"
#include "repkit/moments.h"
#include "repkit/quantile.h"

struct hist {
    size_t *row, n;
    double *value, *sorted;
    struct plot_bins bins;
    struct plot_levels levels;
    double *share; /* of a level's rows, a bin */
    double tallest;
};

static void free_hist(struct hist *hist)
{
    free(hist->row);
    free(hist->value);
    free(hist->sorted);
    free(hist->share);
    plot_levels_free(&hist->levels);
}

/* The bins are those of all facets, so that their bars can be compared. */
static enum rk_status make_bins(struct plot *plot, struct hist *hist)
{
    struct plot whole = *plot;
    size_t *rows = NULL, n = 0;
    enum rk_status status;

    whole.table = plot->whole;
    status = plot_values(&whole, plot->options->value, &rows, &hist->sorted, &n);
    free(rows);
    if (status != RK_OK)
        return status;
    rk_sort(hist->sorted, n);
    hist->bins = plot_bins_of(hist->sorted, n);
    hist->share = calloc(hist->bins.n, sizeof *hist->share);
    return hist->share == NULL ? rk_fail_memory(plot->error) : RK_OK;
}

static enum rk_status read(struct plot *plot, struct hist *hist)
{
    const struct rk_plot_options *options = plot->options;
    const char *group = options->group != NULL ? options->group : options->color;
    enum rk_status status = plot_values(plot, options->value, &hist->row, &hist->value, &hist->n);

    if (status == RK_OK)
        status = make_bins(plot, hist);
    if (status == RK_OK && group != NULL)
        status = plot_levels(plot, options->group != NULL ? "group" : "color", group, RK_MAX_GROUPS,
                             &hist->levels);
    return status;
}

/* The values of level k, in the place of the sorted ones; *n of them. */
static void take_level(const struct plot *plot, struct hist *hist, size_t k, size_t *n)
{
    *n = 0;
    for (size_t b = 0; b < hist->bins.n; b++)
        hist->share[b] = 0.0;
    for (size_t i = 0; i < hist->n; i++) {
        size_t bin = plot_bin(&hist->bins, hist->value[i]);

        if (!plot_is_level(plot, &hist->levels, k, hist->row[i]))
            continue;
        hist->sorted[(*n)++] = hist->value[i];
        if (bin != SIZE_MAX)
            hist->share[bin] += 1.0;
    }
    for (size_t b = 0; *n > 0 && b < hist->bins.n; b++) {
        hist->share[b] /= (double)*n;
        hist->tallest = fmax(hist->tallest, hist->share[b]);
    }
}

static void add_bars(struct plot *plot, struct rk_panel *panel, const struct hist *hist)
{
    struct rk_layer *bars = rk_picture_layer(plot->picture, panel, RK_MARK_BARS, RK_INK_MAIN, NULL);

    for (size_t b = 0; b < hist->bins.n; b++) {
        double low = hist->bins.left + (double)b * hist->bins.width;
        struct rk_spot spot = plot_spot(low + hist->bins.width / 2.0, hist->share[b]);

        spot.low = low;
        spot.high = low + hist->bins.width;
        if (hist->share[b] > 0.0)
            rk_picture_spot(plot->picture, bars, spot);
    }
}

/* Bars of several groups would hide each other; their outlines do not. */
static void add_outline(struct plot *plot, struct rk_panel *panel, const struct hist *hist,
                        size_t k, size_t n)
{
    struct rk_layer *line =
        plot_level_layer(plot, panel, RK_MARK_LINE, RK_INK_MAIN, &hist->levels, k);

    for (size_t b = 0; n > 0 && b <= hist->bins.n; b++) {
        double edge = hist->bins.left + (double)b * hist->bins.width;

        rk_picture_spot(plot->picture, line, plot_spot(edge, b == 0 ? 0.0 : hist->share[b - 1]));
        rk_picture_spot(plot->picture, line,
                        plot_spot(edge, b == hist->bins.n ? 0.0 : hist->share[b]));
    }
}

/* The mean and its interval as a line of its own above the distribution. */
static void add_mean(struct plot *plot, struct rk_panel *panel, const struct hist *hist, size_t k,
                     const struct rk_moments *moments, double at)
{
    int ink = hist->levels.n == 0 ? RK_INK_TEXT : RK_INK_GROUP + (int)k;
    struct rk_spot span = plot_spot(NAN, at);
    struct rk_layer *layer;

    rk_mean_interval(moments, plot->options->common.conf_level, &span.low, &span.high);
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_SPAN_X, ink, NULL);
    if (layer != NULL)
        layer->bold = true;
    rk_picture_spot(plot->picture, layer, span);
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_POINTS, ink, NULL);
    rk_picture_spot(plot->picture, layer, plot_spot(moments->mean, at));
}

static void add_groups(struct plot *plot, struct rk_panel *panel, struct hist *hist)
{
    struct rk_moments moments[RK_MAX_GROUPS];
    size_t n_groups = hist->levels.n == 0 ? 1 : hist->levels.n;

    for (size_t k = 0; k < n_groups; k++) {
        size_t n;

        take_level(plot, hist, k, &n);
        moments[k] = rk_moments_of(hist->sorted, n);
        if (hist->levels.n == 0)
            add_bars(plot, panel, hist);
        else
            add_outline(plot, panel, hist, k, n);
    }
    for (size_t k = 0; k < n_groups; k++)
        if (moments[k].n > 0)
            add_mean(plot, panel, hist, k, &moments[k],
                     hist->tallest * (1.08 + 0.07 * (double)(n_groups - 1 - k)));
    if (panel != NULL) {
        panel->y.low = 0.0;
        if (plot->options->facet == NULL)
            panel->y.high = hist->tallest * (1.17 + 0.07 * (double)(n_groups - 1));
    }
}

/* "mean 12.3 [11, 13.6], median 11, standard deviation 4.2, n = 120" */
static void set_words(struct plot *plot, struct hist *hist)
{
    struct rk_text text = {0};
    double low, high;

    rk_text_format(&text, "Distribution of %s", plot->options->value);
    plot_title(plot, &text);
    if (hist->levels.n == 0) {
        struct rk_moments moments = rk_moments_of(hist->sorted, hist->n);

        rk_sort(hist->sorted, hist->n);
        rk_mean_interval(&moments, plot->options->common.conf_level, &low, &high);
        rk_text_add(&text, "mean ");
        plot_add_interval(&text, moments.mean, low, high, false);
        rk_text_add(&text, ", median ");
        plot_add_value(&text, rk_quantile_sorted(hist->sorted, hist->n, 0.5, 7));
        if (moments.n > 1) {
            rk_text_add(&text, ", sd ");
            plot_add_value(&text, moments.sd);
        }
        rk_text_add(&text, ", ");
    }
    rk_text_add(&text, "n = ");
    plot_add_count(&text, hist->n);
    plot_set(plot, &plot->picture->subtitle, &text);
    rk_text_add(&text, hist->levels.n == 0 ? "Point and line above: mean and its "
                                           : "Points and lines above: means and their ");
    plot_add_level(&text, plot->options->common.conf_level);
    rk_text_add(&text, hist->levels.n == 0 ? " interval, rows taken as independent."
                                           : " intervals, rows taken as independent. Shares are "
                                             "of each group's rows.");
    if (hist->bins.cut)
        rk_text_add(&text, " Half a percent of the rows at either end is beyond the picture.");
    plot_set(plot, &plot->picture->caption, &text);
    rk_text_free(&text);
}

enum rk_status plot_hist(struct plot *plot)
{
    struct hist hist = {0};
    enum rk_status status = read(plot, &hist);
    struct rk_panel *panel = status == RK_OK ? rk_picture_panel(plot->picture, NULL) : NULL;

    if (panel != NULL) {
        plot_set_axis(plot, &panel->x, plot->options->value);
        rk_picture_set(plot->picture, &panel->y.title, "share of rows");
        panel->y.kind = RK_AXIS_PERCENT;
        add_groups(plot, panel, &hist);
        set_words(plot, &hist);
    }
    free_hist(&hist);
    return status;
}
