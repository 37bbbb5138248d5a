/* qq: values against what a normal distribution would have given. residuals: the same of a
 * regression's residuals, beside residuals against fitted values. */
#include <math.h>
#include <stdlib.h>

#include "plot_parts.h"
#include "repkit/distributions.h"
#include "repkit/moments.h"
#include "repkit/quantile.h"

enum { CURVE_POINTS = 100, MOST_DRAWN = 1000, FEWEST_BINS = 4, MOST_BINS = 20, ROWS_A_BIN = 10 };

/* --- quantiles ------------------------------------------------------------------------------ */

/* The probability of place i of n, as R's ppoints() has it. */
static double place_of(size_t i, size_t n)
{
    double a = n <= 10 ? 3.0 / 8.0 : 0.5;

    return ((double)i + 1.0 - a) / ((double)n + 1.0 - 2.0 * a);
}

/* Place k of `drawn` among n, evenly by normal quantiles so that tails are drawn in full. */
static size_t spread(size_t k, size_t drawn, size_t n)
{
    double end, z;

    if (drawn == n || drawn < 2)
        return k;
    end = rk_qnorm(place_of(0, n), RK_LOWER_TAIL);
    z = end - 2.0 * end * (double)k / (double)(drawn - 1);
    return (size_t)fmin((double)n * rk_pnorm(z, RK_LOWER_TAIL), (double)(n - 1));
}

/* The i-th of n uniform values is Beta(i, n - i + 1), from 1: its interval, as normal quantiles. */
static void add_band(struct plot *plot, struct rk_panel *panel, size_t n, double mean, double sd)
{
    double tail = (1.0 - plot->options->common.conf_level) / 2.0;
    size_t drawn = n < CURVE_POINTS ? n : CURVE_POINTS, last = SIZE_MAX;
    struct rk_layer *band = rk_picture_layer(plot->picture, panel, RK_MARK_BAND, RK_INK_TEXT, NULL);

    for (size_t k = 0; k < drawn; k++) {
        size_t i = spread(k, drawn, n);
        double a = (double)i + 1.0, b = (double)(n - i);
        struct rk_spot spot = plot_spot(rk_qnorm(place_of(i, n), RK_LOWER_TAIL), NAN);

        spot.low = mean + sd * rk_qnorm(rk_qbeta(tail, a, b, RK_LOWER_TAIL), RK_LOWER_TAIL);
        spot.high = mean + sd * rk_qnorm(rk_qbeta(tail, a, b, RK_UPPER_TAIL), RK_LOWER_TAIL);
        if (i != last)
            rk_picture_spot(plot->picture, band, spot);
        last = i;
    }
}

enum rk_status plot_add_normal(struct plot *plot, struct rk_panel *panel, const double *sorted,
                               size_t n, double mean, double sd)
{
    size_t drawn = n < MOST_DRAWN ? n : MOST_DRAWN;
    double end = rk_qnorm(place_of(0, n), RK_LOWER_TAIL);
    struct rk_layer *layer;

    add_band(plot, panel, n, mean, sd);
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_LINE, RK_INK_TEXT, NULL);
    for (int k = -1; k <= 1; k += 2)
        rk_picture_spot(plot->picture, layer, plot_spot(-k * end, mean - k * sd * end));
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_POINTS, RK_INK_MAIN, NULL);
    for (size_t k = 0; k < drawn; k++) {
        size_t i = spread(k, drawn, n);

        rk_picture_spot(plot->picture, layer,
                        plot_spot(rk_qnorm(place_of(i, n), RK_LOWER_TAIL), sorted[i]));
    }
    return RK_OK;
}

static void add_band_words(struct rk_text *out, const struct plot *plot)
{
    rk_text_add(out, "Line: where values of a normal distribution of the same mean and standard "
                     "deviation lie; band: ");
    plot_add_level(out, plot->options->common.conf_level);
    rk_text_add(out, " of them, point by point.");
}

enum rk_status plot_qq(struct plot *plot)
{
    size_t *rows = NULL, n = 0;
    double *value = NULL;
    struct rk_text text = {0};
    struct rk_moments moments;
    struct rk_panel *panel;
    enum rk_status status = plot_values(plot, plot->options->value, &rows, &value, &n);

    if (status != RK_OK)
        return status;
    moments = rk_moments_of(value, n);
    if (n < 3 || !(moments.sd > 0.0)) {
        free(rows);
        free(value);
        return rk_fail(plot->error, n < 3 ? RK_ETOOFEW : RK_ECONSTANT,
                       n < 3 ? "quantiles need three values" : "the values do not vary");
    }
    rk_sort(value, n);
    panel = rk_picture_panel(plot->picture, NULL);
    status = plot_add_normal(plot, panel, value, n, moments.mean, moments.sd);
    if (panel != NULL) {
        rk_picture_set(plot->picture, &panel->x.title, "standard normal quantile");
        rk_picture_set(plot->picture, &panel->y.title, plot->options->value);
    }
    rk_text_format(&text, "%s against the normal distribution", plot->options->value);
    plot_title(plot, &text);
    rk_text_add(&text, "mean ");
    plot_add_value(&text, moments.mean);
    rk_text_add(&text, ", sd ");
    plot_add_value(&text, moments.sd);
    rk_text_add(&text, ", n = ");
    plot_add_count(&text, n);
    plot_set(plot, &plot->picture->subtitle, &text);
    add_band_words(&text, plot);
    plot_set(plot, &plot->picture->caption, &text);
    rk_text_free(&text);
    free(rows);
    free(value);
    return status;
}

/* --- residuals ------------------------------------------------------------------------------ */

struct residuals {
    size_t *row, n;
    struct point {
        double x, y;
    } * point; /* by fitted value */
    double *fitted, *residual, *standard;
    size_t n_standard;
};

static int by_x(const void *a, const void *b)
{
    const struct point *p = a, *q = b;

    return p->x < q->x ? -1 : p->x > q->x;
}

static enum rk_status read_residuals(struct plot *plot, struct residuals *r)
{
    size_t columns[] = {rk_table_find(plot->table, "fitted"),
                        rk_table_find(plot->table, "residual")};
    size_t standard = rk_table_find(plot->table, "std_residual");
    enum rk_status status = plot_rows(plot, columns, 2, &r->row, &r->n);

    if (status != RK_OK)
        return status;
    r->point = calloc(r->n, sizeof *r->point);
    r->fitted = calloc(3 * r->n, sizeof *r->fitted);
    if (r->point == NULL || r->fitted == NULL)
        return rk_fail_memory(plot->error);
    r->residual = r->fitted + r->n;
    r->standard = r->residual + r->n;
    for (size_t i = 0; i < r->n; i++) {
        double value = plot_number(plot, r->row[i], standard);

        r->fitted[i] = r->point[i].x = plot_number(plot, r->row[i], columns[0]);
        r->residual[i] = r->point[i].y = plot_number(plot, r->row[i], columns[1]);
        if (isfinite(value))
            r->standard[r->n_standard++] = value;
    }
    qsort(r->point, r->n, sizeof *r->point, by_x);
    rk_sort(r->standard, r->n_standard);
    return RK_OK;
}

/* Means of equally full bins: where their intervals miss zero, the line is not straight. */
static enum rk_status add_bin_means(struct plot *plot, struct rk_panel *panel,
                                    const struct residuals *r)
{
    size_t n_bins = (size_t)fmin(floor((double)r->n / ROWS_A_BIN), MOST_BINS);
    double *y = malloc(r->n * sizeof *y);
    struct rk_layer *spans, *points;

    if (y == NULL)
        return rk_fail_memory(plot->error);
    for (int pass = 0; n_bins >= FEWEST_BINS && pass < 2; pass++) {
        spans = points = rk_picture_layer(
            plot->picture, panel, pass == 0 ? RK_MARK_SPAN_Y : RK_MARK_POINTS, RK_INK_TEXT, NULL);
        if (spans != NULL)
            spans->bold = pass == 0;
        for (size_t b = 0; b < n_bins; b++) {
            size_t first = b * r->n / n_bins, end = (b + 1) * r->n / n_bins;
            struct rk_spot spot = plot_spot(0.0, NAN);
            struct rk_moments moments;

            for (size_t i = first; i < end; i++) {
                y[i - first] = r->point[i].y;
                spot.x += r->point[i].x / (double)(end - first);
            }
            moments = rk_moments_of(y, end - first);
            rk_mean_interval(&moments, plot->options->common.conf_level, &spot.low, &spot.high);
            spot.y = moments.mean;
            rk_picture_spot(plot->picture, points, spot);
        }
    }
    free(y);
    return RK_OK;
}

static enum rk_status draw_residuals(struct plot *plot, const struct residuals *r, size_t *fullest)
{
    struct rk_panel *panel = rk_picture_panel(plot->picture, "Residual by fitted value");
    struct rk_layer *layer;
    enum rk_status status = RK_OK;

    if (r->n > PLOT_MAX_POINTS)
        status = plot_add_density(plot, panel, r->fitted, r->residual, r->n, fullest);
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_RULE_Y, RK_INK_MUTED, NULL);
    rk_picture_spot(plot->picture, layer, plot_spot(NAN, 0.0));
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_POINTS, RK_INK_MAIN, NULL);
    if (layer != NULL)
        layer->faint = r->n > 40;
    for (size_t i = 0; r->n <= PLOT_MAX_POINTS && i < r->n; i++)
        rk_picture_spot(plot->picture, layer, plot_spot(r->fitted[i], r->residual[i]));
    if (status == RK_OK)
        status = add_bin_means(plot, panel, r);
    if (panel != NULL) {
        rk_picture_set(plot->picture, &panel->x.title, "fitted value");
        rk_picture_set(plot->picture, &panel->y.title, "residual");
    }
    if (status != RK_OK || r->n_standard < 3)
        return status;
    panel = rk_picture_panel(plot->picture, "Are they normal?");
    status = plot_add_normal(plot, panel, r->standard, r->n_standard, 0.0, 1.0);
    if (panel != NULL) {
        rk_picture_set(plot->picture, &panel->x.title, "standard normal quantile");
        rk_picture_set(plot->picture, &panel->y.title, "standardised residual");
    }
    return status;
}

enum rk_status plot_residuals(struct plot *plot)
{
    struct residuals r = {0};
    struct rk_text text = {0};
    size_t fullest = 0;
    enum rk_status status = read_residuals(plot, &r);

    if (status == RK_OK)
        status = draw_residuals(plot, &r, &fullest);
    if (status == RK_OK) {
        rk_text_add(&text, "Residuals");
        plot_title(plot, &text);
        rk_text_add(&text, "n = ");
        plot_add_count(&text, r.n);
        plot_set(plot, &plot->picture->subtitle, &text);
        rk_text_add(&text, "Points with lines: means of equally full bins and their ");
        plot_add_level(&text, plot->options->common.conf_level);
        rk_text_add(&text, " intervals. Line and band on the right: the normal distribution.");
        plot_add_fullest(&text, fullest);
        plot_set(plot, &plot->picture->caption, &text);
        plot->picture->width = 1100.0;
    }
    rk_text_free(&text);
    free(r.row);
    free(r.point);
    free(r.fitted);
    return status;
}
