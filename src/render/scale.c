#include "scale.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* --- range -------------------------------------------------------------------------------- */

static void widen(struct scale *scale, double value)
{
    if (!isfinite(value))
        return;
    scale->low = fmin(scale->low, value);
    scale->high = fmax(scale->high, value);
}

/* Which of a spot's fields lie along the axis: `at` is x or y. */
static void widen_by_spot(struct scale *scale, const struct rk_layer *layer,
                          const struct rk_spot *spot, bool is_x)
{
    double at = is_x ? spot->x : spot->y;
    double half = (is_x ? layer->width : layer->height) / 2.0;
    bool low_and_high = false;

    switch (layer->mark) {
    case RK_MARK_CELLS:
        widen(scale, at - half);
        widen(scale, at + half);
        return;
    case RK_MARK_BARS:
        if (!is_x) {
            widen(scale, 0.0);
            widen(scale, at);
        }
        low_and_high = is_x;
        break;
    case RK_MARK_RULE_X:
    case RK_MARK_RULE_Y:
        if (is_x == (layer->mark == RK_MARK_RULE_X))
            widen(scale, at);
        return;
    case RK_MARK_BAND:
    case RK_MARK_SPAN_Y:
        low_and_high = !is_x;
        if (is_x)
            widen(scale, at);
        break;
    case RK_MARK_BOXES:
        if (!is_x) {
            widen(scale, at - half);
            widen(scale, at + half);
        }
        low_and_high = is_x;
        break;
    case RK_MARK_SPAN_X:
        low_and_high = is_x;
        if (!is_x)
            widen(scale, at);
        break;
    default:
        widen(scale, at);
    }
    if (low_and_high) {
        widen(scale, spot->low);
        widen(scale, spot->high);
    }
}

/* Marks that fill the panel need no margin; bars stand on the axis. */
static void add_margin(const struct rk_panel *panel, bool is_x, struct scale *scale)
{
    double margin = 0.04 * (scale->high - scale->low);
    bool bars = false, cells = false;

    for (size_t i = 0; i < panel->n_layers; i++) {
        bars = bars || panel->layer[i].mark == RK_MARK_BARS;
        cells = cells || panel->layer[i].mark == RK_MARK_CELLS;
    }
    if (margin <= 0.0)
        margin = scale->low == 0.0 ? 1.0 : 0.1 * fabs(scale->low);
    if (cells && scale->high > scale->low)
        return;
    if (!(bars && !is_x && scale->low == 0.0))
        scale->low -= margin;
    scale->high += margin;
}

void scale_range(const struct rk_panel *panel, bool is_x, struct scale *scale)
{
    const struct rk_axis *axis = is_x ? &panel->x : &panel->y;

    scale->low = INFINITY;
    scale->high = -INFINITY;
    for (size_t i = 0; i < panel->n_layers; i++)
        for (size_t j = 0; j < panel->layer[i].n; j++)
            widen_by_spot(scale, &panel->layer[i], &panel->layer[i].spot[j], is_x);
    if (!(scale->low <= scale->high))
        scale->low = scale->high = 0.0;
    /* Room for the margin, also at the ends of what a double holds. */
    scale->low = fmax(scale->low, -DBL_MAX / 8.0);
    scale->high = fmin(scale->high, DBL_MAX / 8.0);
    add_margin(panel, is_x, scale);
    if (axis->kind == RK_AXIS_NAMES) {
        scale->low = -0.5;
        scale->high = (double)axis->n - 0.5;
    }
    if (isfinite(axis->low))
        scale->low = axis->low;
    if (isfinite(axis->high))
        scale->high = axis->high;
    if (!(scale->low < scale->high))
        scale->high = scale->low + fmax(1.0, fabs(scale->low));
}

/* --- ticks -------------------------------------------------------------------------------- */

/* The smallest step of the form {1, 2, 5} 10^k that gives at most n steps. */
static double round_step(double span, double n)
{
    double raw = span / n;
    double power = pow(10.0, floor(log10(raw)));

    for (int i = 0; i < 4; i++) {
        static const double factors[] = {1.0, 2.0, 5.0, 10.0};

        if (factors[i] * power >= raw * (1.0 - 1e-9))
            return factors[i] * power;
    }
    return 10.0 * power;
}

static double step_of(const struct rk_axis *axis, double span, double n)
{
    double step;

    if (axis->every > 0.0)
        return axis->every * fmax(1.0, ceil(span / axis->every / n));
    step = round_step(span, n);
    if (axis->kind == RK_AXIS_WHOLE || axis->kind == RK_AXIS_TIME)
        step = fmax(1.0, step);
    return step;
}

static void add_number(struct rk_text *out, double value, double step, double largest)
{
    static const struct {
        double unit;
        const char *suffix;
    } units[] = {{1e9, "bn"}, {1e6, "M"}, {1.0, ""}};
    size_t i = 0;
    double decimals;
    char plain[64];

    if (fabs(value) < step * 1e-6)
        value = 0.0;
    if (largest >= 1e13 || step < 1e-6) {
        rk_text_format(out, "%.4g", value);
        return;
    }
    /* A suffix only where the step stays short behind it. */
    while (units[i].unit > 1.0 && (largest < units[i].unit || step < units[i].unit / 1000.0))
        i++;
    decimals = ceil(-log10(step / units[i].unit) - 1e-9);
    snprintf(plain, sizeof plain, "%.*f", decimals > 0.0 ? (int)decimals : 0,
             value / units[i].unit);
    rk_picture_add_number(out, plain);
    if (value != 0.0)
        rk_text_add(out, units[i].suffix);
}

static char *label_of(const struct rk_axis *axis, double at, double step, double largest)
{
    struct rk_text text = {0};

    if (axis->kind == RK_AXIS_PERCENT) {
        add_number(&text, 100.0 * at, 100.0 * step, 100.0 * largest);
        rk_text_add_char(&text, '%');
    } else if (axis->kind == RK_AXIS_TIME && fabs(at) < 1e15) {
        char buffer[32];

        rk_text_add_bytes(&text, buffer, rk_time_format(axis->time_kind, (int64_t)at, buffer));
    } else {
        add_number(&text, at, step, largest);
    }
    return rk_text_take(&text);
}

void scale_free(struct scale *scale)
{
    for (size_t i = 0; i < scale->n_ticks; i++)
        free(scale->tick[i].text);
    free(scale->tick);
    scale->tick = NULL;
    scale->n_ticks = 0;
}

static bool name_ticks(const struct rk_axis *axis, struct scale *scale)
{
    scale->tick = calloc(axis->n + 1, sizeof *scale->tick);
    if (scale->tick == NULL)
        return false;
    for (size_t i = 0; i < axis->n; i++) {
        char *text = rk_strdup(axis->name[i]);

        if (text == NULL)
            return false;
        scale->tick[scale->n_ticks++] = (struct tick){(double)i, text};
    }
    return true;
}

bool scale_ticks(const struct rk_axis *axis, size_t n_wanted, struct scale *scale)
{
    double n = n_wanted < 1 ? 1.0 : (double)n_wanted;
    double step, first, largest = fmax(fabs(scale->low), fabs(scale->high));
    size_t most;

    scale_free(scale);
    if (axis->kind == RK_AXIS_NONE)
        return true;
    if (axis->kind == RK_AXIS_NAMES)
        return name_ticks(axis, scale);
    if (axis->kind == RK_AXIS_TIME && axis->every <= 0.0 && calendar_knows(axis->time_kind))
        return calendar_ticks(axis, n, scale);
    step = step_of(axis, scale->high - scale->low, n);
    first = ceil(scale->low / step - 1e-9);
    most = (size_t)fmax(0.0, fmin(floor(scale->high / step + 1e-9) - first + 1.0, 100.0));
    scale->tick = calloc(most + 1, sizeof *scale->tick);
    if (scale->tick == NULL)
        return false;
    for (size_t i = 0; i < most; i++) {
        double at = (first + (double)i) * step;
        char *text = label_of(axis, at, step, largest);

        if (text == NULL)
            return false;
        scale->tick[scale->n_ticks++] = (struct tick){at, text};
    }
    return true;
}
