/* roi: the distribution of rep-roi's draws against break-even. cashflow: what has come in month by
 * month, with its band. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_parts.h"
#include "repkit/quantile.h"

/* --- roi ---------------------------------------------------------------------------------- */

struct returns {
    double *roi; /* ascending */
    size_t n;
    double low, median, high; /* percentile interval */
    struct plot_bins bins;
    size_t *count; /* one a bin */
    double gain;   /* the share above zero */
};

static enum rk_status read_returns(struct plot *plot, struct returns *returns)
{
    size_t column = rk_table_find(plot->table, "roi"), *rows = NULL;
    enum rk_status status = plot_rows(plot, &column, 1, &rows, &returns->n);

    if (status != RK_OK)
        return status;
    returns->roi = malloc(returns->n * sizeof *returns->roi);
    for (size_t i = 0; returns->roi != NULL && i < returns->n; i++)
        returns->roi[i] = plot_number(plot, rows[i], column);
    free(rows);
    if (returns->roi == NULL)
        return rk_fail_memory(plot->error);
    rk_sort(returns->roi, returns->n);
    return RK_OK;
}

static double quantile(const struct returns *returns, double p)
{
    return rk_quantile_sorted(returns->roi, returns->n, p, 7);
}

static enum rk_status make_bins(struct plot *plot, struct returns *returns)
{
    size_t above = returns->n;

    returns->bins = plot_bins_of(returns->roi, returns->n);
    returns->count = calloc(returns->bins.n, sizeof *returns->count);
    if (returns->count == NULL)
        return rk_fail_memory(plot->error);
    for (size_t i = 0; i < returns->n; i++) {
        size_t bin = plot_bin(&returns->bins, returns->roi[i]);

        if (bin != SIZE_MAX)
            returns->count[bin]++;
        above -= !(returns->roi[i] > 0.0);
    }
    returns->gain = (double)above / (double)returns->n;
    return RK_OK;
}

static void add_bars(struct plot *plot, struct rk_panel *panel, const struct returns *returns,
                     bool gains, double *tallest)
{
    struct rk_text label = {0};
    struct rk_layer *bars;

    plot_add_percent(&label, gains ? returns->gain : 1.0 - returns->gain);
    rk_text_add(&label, gains ? " of draws gain" : " of draws lose or break even");
    bars = rk_picture_layer(plot->picture, panel, RK_MARK_BARS, gains ? RK_INK_MAIN : RK_INK_ACCENT,
                            plot_words(plot, &label));
    rk_text_free(&label);
    for (size_t k = 0; k < returns->bins.n; k++) {
        double low = returns->bins.left + (double)k * returns->bins.width;
        struct rk_spot spot = plot_spot(low + returns->bins.width / 2.0,
                                        (double)returns->count[k] / (double)returns->n);

        spot.low = low;
        spot.high = low + returns->bins.width;
        *tallest = fmax(*tallest, spot.y);
        if (returns->count[k] > 0 && (spot.x > 0.0) == gains)
            rk_picture_spot(plot->picture, bars, spot);
    }
}

static void add_summary(struct plot *plot, struct rk_panel *panel, const struct returns *returns,
                        double tallest)
{
    double at = 1.10 * tallest;
    struct rk_spot span = plot_spot(NAN, at), rule = plot_spot(0.0, NAN);
    static char break_even[] = "break-even";
    struct rk_layer *layer =
        rk_picture_layer(plot->picture, panel, RK_MARK_SPAN_X, RK_INK_TEXT, NULL);

    span.low = returns->low;
    span.high = returns->high;
    rk_picture_spot(plot->picture, layer, span);
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_POINTS, RK_INK_TEXT, NULL);
    rk_picture_spot(plot->picture, layer, plot_spot(returns->median, at));
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_RULE_X, RK_INK_TEXT, NULL);
    rule.text = break_even;
    if (layer != NULL)
        layer->dashed = true;
    rk_picture_spot(plot->picture, layer, rule);
    panel->y.low = 0.0;
    panel->y.high = 1.30 * tallest;
}

static void set_roi_words(struct plot *plot, struct rk_panel *panel, const struct returns *returns)
{
    struct rk_text text = {0};
    char count[32];

    panel->x.kind = panel->y.kind = RK_AXIS_PERCENT;
    rk_picture_set(plot->picture, &panel->x.title, "return on investment");
    rk_picture_set(plot->picture, &panel->y.title, "share of draws");
    rk_text_add(&text, "Return on investment");
    plot_title(plot, &text);
    rk_text_add(&text, "median ");
    plot_add_interval(&text, returns->median, returns->low, returns->high, true);
    rk_text_add(&text, "; above zero in ");
    plot_add_percent(&text, returns->gain);
    rk_number_format((double)returns->n, count);
    rk_text_add(&text, " of ");
    rk_picture_add_number(&text, count);
    rk_text_add(&text, " draws");
    plot_set(plot, &plot->picture->subtitle, &text);
    rk_text_add(&text, "Point, line and brackets: median and ");
    plot_add_level(&text, plot->options->common.conf_level);
    rk_text_add(&text, " percentile interval of the draws.");
    if (returns->bins.cut)
        rk_text_add(&text, " Half a percent of the draws at either end is beyond the picture.");
    plot_set(plot, &plot->picture->caption, &text);
    rk_text_free(&text);
}

enum rk_status plot_roi(struct plot *plot)
{
    struct returns returns = {0};
    double tail = (1.0 - plot->options->common.conf_level) / 2.0, tallest = 0.0;
    struct rk_panel *panel;
    enum rk_status status = read_returns(plot, &returns);

    if (status == RK_OK)
        status = make_bins(plot, &returns);
    panel = status == RK_OK ? rk_picture_panel(plot->picture, NULL) : NULL;
    if (panel != NULL) {
        returns.low = quantile(&returns, tail);
        returns.median = quantile(&returns, 0.5);
        returns.high = quantile(&returns, 1.0 - tail);
        add_bars(plot, panel, &returns, false, &tallest);
        add_bars(plot, panel, &returns, true, &tallest);
        add_summary(plot, panel, &returns, tallest);
        set_roi_words(plot, panel, &returns);
    }
    free(returns.roi);
    free(returns.count);
    return status;
}

/* --- cashflow ----------------------------------------------------------------------------- */

enum { MAX_SCENARIOS = 6 };

struct cash {
    size_t month, central, low, high;
    bool has_band;
};

/* Where the line first comes up to zero from below, between two months; NaN if it never does. */
static double payback_of(const struct plot *plot, const struct cash *cash, const size_t *rows,
                         size_t n)
{
    for (size_t i = 1; i < n; i++) {
        double before = plot_number(plot, rows[i - 1], cash->central);
        double after = plot_number(plot, rows[i], cash->central);
        double from = plot_number(plot, rows[i - 1], cash->month);

        if (before < 0.0 && after >= 0.0)
            return from +
                   (plot_number(plot, rows[i], cash->month) - from) * before / (before - after);
    }
    return NAN;
}

static void add_payback(struct plot *plot, struct rk_panel *panel, double month, bool of_median)
{
    struct rk_layer *rule =
        rk_picture_layer(plot->picture, panel, RK_MARK_RULE_X, RK_INK_TEXT, NULL);
    struct rk_spot spot = plot_spot(month, NAN);
    struct rk_text text = {0};

    rk_text_format(&text,
                   of_median ? "median paid back after %.1f months" : "paid back after %.1f months",
                   month);
    spot.text = text.bytes;
    plot->picture->failed |= text.failed;
    if (rule != NULL)
        rule->dashed = true;
    rk_picture_spot(plot->picture, rule, spot);
    rk_text_free(&text);
}

static void add_flow(struct plot *plot, struct rk_panel *panel, const struct cash *cash,
                     const size_t *rows, size_t n)
{
    struct rk_layer *zero =
        rk_picture_layer(plot->picture, panel, RK_MARK_RULE_Y, RK_INK_MUTED, NULL);
    struct rk_layer *line;
    double payback = payback_of(plot, cash, rows, n), months;

    rk_picture_spot(plot->picture, zero, plot_spot(NAN, 0.0));
    if (cash->has_band) {
        struct rk_layer *band = rk_picture_layer(plot->picture, panel, RK_MARK_BAND, RK_INK_MAIN,
                                                 "5th to 95th percentile");

        for (size_t i = 0; i < n; i++) {
            struct rk_spot spot = plot_spot(plot_number(plot, rows[i], cash->month), NAN);

            spot.low = plot_number(plot, rows[i], cash->low);
            spot.high = plot_number(plot, rows[i], cash->high);
            rk_picture_spot(plot->picture, band, spot);
        }
    }
    line = rk_picture_layer(plot->picture, panel, RK_MARK_LINE, RK_INK_MAIN,
                            cash->has_band ? "median" : NULL);
    if (line != NULL)
        line->bold = true;
    for (size_t i = 0; i < n; i++)
        rk_picture_spot(plot->picture, line,
                        plot_spot(plot_number(plot, rows[i], cash->month),
                                  plot_number(plot, rows[i], cash->central)));
    if (isfinite(payback))
        add_payback(plot, panel, payback, cash->has_band);
    panel->x.kind = RK_AXIS_WHOLE;
    months = plot_number(plot, rows[n - 1], cash->month) - plot_number(plot, rows[0], cash->month);
    panel->x.every = months <= 8.0 ? 1.0 : months <= 24.0 ? 3.0 : 6.0;
    rk_picture_set(plot->picture, &panel->x.title, "months from go-live");
    rk_picture_set(plot->picture, &panel->y.title, "in the currency of the model");
}

/* A column counts if it has a number in some row. */
static bool has_numbers(const struct plot *plot, size_t column)
{
    for (size_t i = 0; i < plot->table->n_rows; i++)
        if (isfinite(plot_number(plot, i, column)))
            return true;
    return false;
}

static void find_cash(const struct plot *plot, struct cash *cash)
{
    size_t median = rk_table_find(plot->table, "cum_p50");

    cash->month = rk_table_find(plot->table, "month");
    cash->low = rk_table_find(plot->table, "cum_p5");
    cash->high = rk_table_find(plot->table, "cum_p95");
    cash->has_band =
        has_numbers(plot, median) && has_numbers(plot, cash->low) && has_numbers(plot, cash->high);
    cash->central = cash->has_band ? median : rk_table_find(plot->table, "cumulative");
}

/* Scenarios are compared: all have the range of the widest, 0 included. */
static void share_range(struct plot *plot, const struct cash *cash)
{
    const size_t columns[] = {cash->central, cash->has_band ? cash->low : cash->central,
                              cash->has_band ? cash->high : cash->central};
    double low = 0.0, high = 0.0;

    for (size_t i = 0; i < plot->table->n_rows; i++) {
        for (int k = 0; k < 3; k++) {
            low = fmin(low, plot_number(plot, i, columns[k]));
            high = fmax(high, plot_number(plot, i, columns[k]));
        }
    }
    for (size_t g = 0; g < plot->picture->n_panels; g++) {
        plot->picture->panel[g].y.low = low - 0.04 * (high - low);
        plot->picture->panel[g].y.high = high + 0.04 * (high - low);
    }
}

static enum rk_status draw_scenarios(struct plot *plot, const struct cash *cash,
                                     const size_t *columns, size_t n_columns)
{
    struct rk_groups groups = {0};

    if (rk_groups_by(plot->table, columns, n_columns, &groups) != RK_OK)
        return rk_fail_memory(plot->error);
    for (size_t g = 0; g < groups.n_groups && g < MAX_SCENARIOS; g++) {
        struct rk_panel *panel = rk_picture_panel(plot->picture, NULL);
        struct rk_text title = {0};

        for (size_t k = 0; k < n_columns; k++) {
            rk_text_add(&title, k == 0 ? "" : ", ");
            plot_add_cell(&title, plot, groups.first_row[g], columns[k]);
        }
        if (panel != NULL) {
            plot_set(plot, &panel->title, &title);
            add_flow(plot, panel, cash, groups.rows + groups.start[g],
                     groups.start[g + 1] - groups.start[g]);
        }
        rk_text_free(&title);
    }
    if (groups.n_groups > 1)
        share_range(plot, cash);
    if (groups.n_groups > 1)
        plot->picture->width = groups.n_groups == 2 ? 1100.0 : 1400.0;
    if (groups.n_groups > 3)
        plot->picture->height = 860.0;
    rk_groups_free(&groups);
    return RK_OK;
}

enum rk_status plot_cashflow(struct plot *plot)
{
    struct cash cash;
    struct rk_text text = {0};
    size_t n = 0, *columns;
    enum rk_status status;

    find_cash(plot, &cash);
    columns = plot_label_columns(plot, cash.month, NULL, &n);
    if (columns == NULL)
        return rk_fail_memory(plot->error);
    plot_split_constant(plot, columns, &n, &text);
    status = draw_scenarios(plot, &cash, columns, n);
    plot_set(plot, &plot->picture->subtitle, &text);
    rk_text_add(&text, "Cumulative net benefit");
    plot_title(plot, &text);
    rk_text_add(&text, cash.has_band ? "Line: median of the draws; band: their 5th to 95th "
                                       "percentile. Not discounted."
                                     : "Line: at the amounts of the model. Not discounted.");
    plot_set(plot, &plot->picture->caption, &text);
    rk_text_free(&text);
    free(columns);
    return status;
}
