/* scatter: y against x, the least-squares line and its confidence band; a density where points
 * would only cover each other. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "plot_parts.h"
#include "repkit/distributions.h"
#include "repkit/least_squares.h"
#include "repkit/moments.h"

enum { CURVE_POINTS = 60 };

struct points {
    size_t n;
    double *x, *y;
    size_t *row;
};

static void free_points(struct points *points)
{
    free(points->x);
    free(points->y);
    free(points->row);
}

static enum rk_status read_points(const struct plot *plot, struct points *points)
{
    size_t columns[2];
    enum rk_status status = plot_column(plot, plot->options->x, &columns[0]);

    if (status == RK_OK)
        status = plot_column(plot, plot->options->y, &columns[1]);
    for (int k = 0; status == RK_OK && k < 2; k++)
        if (plot->table->column[columns[k]].type == RK_TEXT)
            status = rk_column_index(plot->table, plot->table->column[columns[k]].name, RK_NUMBER,
                                     &columns[k], plot->error);
    if (status == RK_OK)
        status = plot_rows(plot, columns, 2, &points->row, &points->n);
    if (status != RK_OK)
        return status;
    points->x = malloc(points->n * sizeof *points->x);
    points->y = malloc(points->n * sizeof *points->y);
    if (points->x == NULL || points->y == NULL)
        return rk_fail_memory(plot->error);
    for (size_t i = 0; i < points->n; i++) {
        points->x[i] = plot_number(plot, points->row[i], columns[0]);
        points->y[i] = plot_number(plot, points->row[i], columns[1]);
    }
    return RK_OK;
}

/* --- the line ----------------------------------------------------------------------------- */

struct line {
    bool known;
    double x_mean, y_mean, slope, r; /* y = y_mean + slope (x - x_mean) */
    double cov[4];                   /* of the coefficients: 2-by-2 */
    double t;                        /* the critical value */
};

static void keep_fit(const struct rk_fit *fit, double conf_level, struct line *line)
{
    if (fit->rank < 2 || !(fit->df_residual > 0.0))
        return;
    line->y_mean = fit->coef[0];
    line->slope = fit->coef[1];
    line->r = copysign(sqrt(fit->r_squared), fit->coef[1]);
    for (int k = 0; k < 4; k++)
        line->cov[k] = fit->sigma * fit->sigma * fit->cov_unscaled[k];
    line->t = rk_qt((1.0 - conf_level) / 2.0, fit->df_residual, RK_UPPER_TAIL);
    line->known = isfinite(line->y_mean) && isfinite(line->slope) && isfinite(line->cov[3]);
}

/* The least-squares line; unknown where x does not vary or there are under three rows. */
static enum rk_status fit_line(const struct plot *plot, const struct points *points,
                               struct line *line)
{
    double *X = malloc(2 * points->n * sizeof *X);
    struct rk_design design = {
        .n = points->n, .p = 2, .y = points->y, .X = X, .has_intercept = true};
    struct rk_fit *fit = NULL;
    enum rk_status status;

    if (X == NULL)
        return rk_fail_memory(plot->error);
    /* Centred, or the band of a date far from 1970 would be a difference of large numbers. */
    line->x_mean = rk_moments_of(points->x, points->n).mean;
    for (size_t i = 0; i < points->n; i++) {
        X[i] = 1.0;
        X[points->n + i] = points->x[i] - line->x_mean;
    }
    status = rk_fit_new(&design, plot->ctx, &fit, plot->error);
    if (status == RK_OK)
        keep_fit(fit, plot->options->common.conf_level, line);
    rk_fit_free(fit);
    free(X);
    return rk_status_is_undefined(status) ? RK_OK : status;
}

static double height_at(const struct line *line, double x)
{
    return line->y_mean + line->slope * (x - line->x_mean);
}

/* Half the width of the band: t sqrt(d' cov d), d = (1, x - x_mean)'. */
static double half_width(const struct line *line, double x)
{
    double d = x - line->x_mean;
    double variance = line->cov[0] + d * (line->cov[1] + line->cov[2]) + d * d * line->cov[3];

    return line->t * sqrt(fmax(variance, 0.0));
}

static void range_of(const struct points *points, double *low, double *high)
{
    *low = *high = points->x[0];
    for (size_t i = 1; i < points->n; i++) {
        *low = fmin(*low, points->x[i]);
        *high = fmax(*high, points->x[i]);
    }
}

static void add_band(struct plot *plot, struct rk_panel *panel, const struct points *points,
                     const struct line *line)
{
    struct rk_layer *band = rk_picture_layer(plot->picture, panel, RK_MARK_BAND, RK_INK_TEXT, NULL);
    double low, high;

    range_of(points, &low, &high);
    for (int k = 0; k <= CURVE_POINTS; k++) {
        double x = low + (high - low) * k / CURVE_POINTS;
        double y = height_at(line, x), half = half_width(line, x);
        struct rk_spot spot = plot_spot(x, y);

        spot.low = y - half;
        spot.high = y + half;
        rk_picture_spot(plot->picture, band, spot);
    }
}

static void add_line(struct plot *plot, struct rk_panel *panel, const struct points *points,
                     const struct line *line)
{
    struct rk_layer *curve =
        rk_picture_layer(plot->picture, panel, RK_MARK_LINE, RK_INK_TEXT, NULL);
    double end[2];

    range_of(points, &end[0], &end[1]);
    for (int k = 0; k < 2; k++)
        rk_picture_spot(plot->picture, curve, plot_spot(end[k], height_at(line, end[k])));
    if (curve != NULL)
        curve->bold = true;
}

/* --- points ------------------------------------------------------------------------------- */

/* Draws level by level, in the order of the levels, or all in one colour. */
static enum rk_status add_points(struct plot *plot, struct rk_panel *panel,
                                 const struct points *points)
{
    struct plot_levels levels = {0};
    enum rk_status status = RK_OK;

    if (plot->options->color != NULL)
        status = plot_levels(plot, "color", plot->options->color, RK_MAX_GROUPS, &levels);
    else if (plot->options->id != NULL)
        status = plot_levels(plot, "id", plot->options->id, SIZE_MAX, &levels);
    if (status != RK_OK)
        return status;
    if (levels.n > RK_MAX_GROUPS) /* units that are too many to be told apart are all alike */
        plot_levels_free(&levels);
    for (size_t k = 0; k < (levels.n == 0 ? 1 : levels.n); k++) {
        struct rk_layer *layer =
            plot_level_layer(plot, panel, RK_MARK_POINTS, RK_INK_MAIN, &levels, k);

        if (layer != NULL)
            layer->faint = points->n > 40;
        for (size_t i = 0; i < points->n; i++)
            if (plot_is_level(plot, &levels, k, points->row[i]))
                rk_picture_spot(plot->picture, layer, plot_spot(points->x[i], points->y[i]));
    }
    plot_levels_free(&levels);
    return RK_OK;
}

/* --- words -------------------------------------------------------------------------------- */

static void set_words(struct plot *plot, const char *period, const struct points *points,
                      const struct line *line, size_t fullest)
{
    struct rk_text text = {0};
    char count[32];

    rk_text_format(&text, "%s by %s", plot->options->y, plot->options->x);
    plot_title(plot, &text);
    if (line->known) {
        double half = line->t * sqrt(line->cov[3]);

        rk_text_add(&text, "slope ");
        plot_add_interval(&text, line->slope, line->slope - half, line->slope + half, false);
        /* The panels of facets are narrow, and their axes have the name. */
        if (plot->options->facet == NULL) {
            rk_text_format(&text, period[0] != '\0' ? " per %s" : " per unit of %s",
                           period[0] != '\0' ? period : plot->options->x);
            rk_text_add(&text, ", r = ");
            snprintf(count, sizeof count, "%.2f", line->r);
            rk_picture_add_number(&text, isnan(line->r) ? "NA" : count);
        }
        rk_text_add(&text, ", ");
    }
    rk_text_add(&text, "n = ");
    plot_add_count(&text, points->n);
    plot_set(plot, &plot->picture->subtitle, &text);
    if (line->known) {
        rk_text_add(&text, "Line: least squares. Band and brackets: ");
        plot_add_level(&text, plot->options->common.conf_level);
        rk_text_add(&text, " confidence, rows taken as independent.");
    }
    plot_add_fullest(&text, fullest);
    plot_set(plot, &plot->picture->caption, &text);
    rk_text_free(&text);
}

enum rk_status plot_scatter(struct plot *plot)
{
    struct points points = {0};
    struct rk_panel *panel;
    struct line line = {0};
    size_t fullest = 0;
    enum rk_status status = read_points(plot, &points);

    if (status != RK_OK) {
        free_points(&points);
        return status;
    }
    panel = rk_picture_panel(plot->picture, NULL);
    if (panel != NULL) {
        plot_set_axis(plot, &panel->x, plot->options->x);
        plot_set_axis(plot, &panel->y, plot->options->y);
    }
    status = fit_line(plot, &points, &line);
    /* The band lies under points, which it would grey, and over a density, which would hide it. */
    if (status == RK_OK && points.n > PLOT_MAX_POINTS)
        status = plot_add_density(plot, panel, points.x, points.y, points.n, &fullest);
    if (status == RK_OK && line.known)
        add_band(plot, panel, &points, &line);
    if (status == RK_OK && points.n <= PLOT_MAX_POINTS)
        status = add_points(plot, panel, &points);
    if (status == RK_OK && line.known)
        add_line(plot, panel, &points, &line);
    if (status == RK_OK)
        set_words(plot, panel == NULL ? "" : rk_time_kind_name(panel->x.time_kind), &points, &line,
                  fullest);
    free_points(&points);
    return status;
}
