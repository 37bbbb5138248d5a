/* slope: a line a unit from its mean at the first level to that at the second, and the mean of the
 * units with the interval of its change. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "plot_parts.h"
#include "repkit/t_test.h"

enum { MAX_NAMED = 25 };

struct unit {
    double sum[2];
    size_t n[2];
    size_t first_row;
};

struct slope {
    size_t id, value, group;
    uint32_t level[2];
    struct unit *unit;
    size_t n_units, n_pairs;
    double mean[2], half; /* half the width of the interval of the mean change; NaN if unknown */
};

static bool is_pair(const struct unit *unit)
{
    return unit->n[0] > 0 && unit->n[1] > 0;
}

static double mean_of(const struct unit *unit, int level)
{
    return unit->sum[level] / (double)unit->n[level];
}

static enum rk_status find_levels(struct plot *plot, struct slope *slope)
{
    uint32_t *order = NULL;
    size_t n = 0;
    enum rk_status status =
        rk_column_index(plot->table, plot->options->group, RK_TEXT, &slope->group, plot->error);

    if (status == RK_OK)
        status = plot_text_column(plot, plot->options->id, &slope->id);
    if (status == RK_OK)
        status = rk_column_index(plot->table, plot->options->value, RK_NUMBER, &slope->value,
                                 plot->error);
    if (status != RK_OK)
        return status;
    if (rk_level_order(plot->table, slope->group, &order, &n) != RK_OK)
        return rk_fail_memory(plot->error);
    for (size_t k = 0; k < 2 && k < n; k++)
        slope->level[k] = order[k];
    free(order);
    if (n == 2)
        return RK_OK;
    rk_fail(plot->error, RK_EINPUT, "a slope chart takes two levels, not %zu", n);
    return rk_fail_at(plot->error, plot->table->name, 0, plot->options->group);
}

static enum rk_status collect_units(struct plot *plot, struct slope *slope)
{
    struct rk_groups groups = {0};

    if (rk_groups_by(plot->table, &slope->id, 1, &groups) != RK_OK)
        return rk_fail_memory(plot->error);
    slope->n_units = groups.n_groups;
    slope->unit = calloc(groups.n_groups + 1, sizeof *slope->unit);
    for (size_t i = 0; slope->unit != NULL && i < plot->table->n_rows; i++) {
        struct unit *unit = &slope->unit[groups.group[i]];
        double value = plot_number(plot, i, slope->value);
        uint32_t code = plot->table->column[slope->group].code[i];

        unit->first_row = groups.first_row[groups.group[i]];
        for (int k = 0; k < 2; k++) {
            if (code == slope->level[k] && isfinite(value)) {
                unit->sum[k] += value;
                unit->n[k]++;
            }
        }
    }
    rk_groups_free(&groups);
    if (slope->unit == NULL)
        return rk_fail_memory(plot->error);
    for (size_t u = 0; u < slope->n_units; u++)
        slope->n_pairs += is_pair(&slope->unit[u]);
    if (slope->n_pairs == 0)
        return rk_fail(plot->error, RK_ENODATA, "no unit has a value at both levels");
    return RK_OK;
}

static enum rk_status compute_means(struct plot *plot, struct slope *slope)
{
    double *change = malloc(slope->n_pairs * sizeof *change);
    struct rk_t_test test = {.conf_low = NAN, .conf_high = NAN};
    size_t n = 0;

    if (change == NULL)
        return rk_fail_memory(plot->error);
    for (size_t u = 0; u < slope->n_units; u++) {
        const struct unit *unit = &slope->unit[u];

        if (!is_pair(unit))
            continue;
        change[n] = mean_of(unit, 1) - mean_of(unit, 0);
        slope->mean[0] += (mean_of(unit, 0) - slope->mean[0]) / (double)(n + 1);
        slope->mean[1] += (mean_of(unit, 1) - slope->mean[1]) / (double)(n + 1);
        n++;
    }
    /* One unit, or changes that are all the same, have no interval. */
    rk_one_sample_t_test(change, n, 0.0, RK_TWO_SIDED, plot->options->common.conf_level, &test);
    slope->half = (test.conf_high - test.conf_low) / 2.0;
    free(change);
    return RK_OK;
}

/* --- marks -------------------------------------------------------------------------------- */

static int direction(const struct unit *unit)
{
    double change = mean_of(unit, 1) - mean_of(unit, 0);

    return change > 0.0 ? 0 : change < 0.0 ? 1 : 2;
}

/* Units that rose, fell and stayed are three layers: colour and dashes say which is which. */
static void add_units(struct plot *plot, struct rk_panel *panel, const struct slope *slope)
{
    static const struct {
        const char *words;
        int ink;
    } directions[] = {{"rose", RK_INK_MAIN}, {"fell", RK_INK_ACCENT}, {"unchanged", RK_INK_MUTED}};

    for (int k = 0; k < 3; k++) {
        size_t n = 0;
        char label[64];
        struct rk_layer *layer;

        for (size_t u = 0; u < slope->n_units; u++)
            n += is_pair(&slope->unit[u]) && direction(&slope->unit[u]) == k;
        if (n == 0)
            continue;
        snprintf(label, sizeof label, "%zu %s", n, directions[k].words);
        layer = rk_picture_layer(plot->picture, panel, RK_MARK_LINE, directions[k].ink, label);
        if (layer != NULL) {
            layer->faint = true;
            layer->dashed = k == 1;
        }
        for (size_t u = 0; u < slope->n_units; u++) {
            if (!is_pair(&slope->unit[u]) || direction(&slope->unit[u]) != k)
                continue;
            rk_picture_spot(plot->picture, layer, plot_spot(0.0, mean_of(&slope->unit[u], 0)));
            rk_picture_spot(plot->picture, layer, plot_spot(1.0, mean_of(&slope->unit[u], 1)));
            rk_picture_spot(plot->picture, layer, plot_spot(NAN, NAN));
        }
    }
}

static void add_mean(struct plot *plot, struct rk_panel *panel, const struct slope *slope)
{
    struct rk_layer *layer =
        rk_picture_layer(plot->picture, panel, RK_MARK_LINE, RK_INK_TEXT, "mean of the units");
    struct rk_spot spot = plot_spot(1.0, slope->mean[1]);

    if (layer != NULL)
        layer->bold = true;
    rk_picture_spot(plot->picture, layer, plot_spot(0.0, slope->mean[0]));
    rk_picture_spot(plot->picture, layer, plot_spot(1.0, slope->mean[1]));
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_SPAN_Y, RK_INK_TEXT, NULL);
    if (layer != NULL)
        layer->bold = true;
    spot.low = slope->mean[1] - slope->half;
    spot.high = slope->mean[1] + slope->half;
    rk_picture_spot(plot->picture, layer, spot);
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_POINTS, RK_INK_TEXT, NULL);
    rk_picture_spot(plot->picture, layer, plot_spot(0.0, slope->mean[0]));
    rk_picture_spot(plot->picture, layer, plot_spot(1.0, slope->mean[1]));
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_LINE, RK_INK_TEXT, "no change");
    if (layer != NULL)
        layer->dashed = layer->faint = true;
    rk_picture_spot(plot->picture, layer, plot_spot(0.0, slope->mean[0]));
    rk_picture_spot(plot->picture, layer, plot_spot(1.0, slope->mean[0]));
}

static void add_names(struct plot *plot, struct rk_panel *panel, const struct slope *slope)
{
    struct rk_text name = {0};

    for (size_t u = 0; slope->n_pairs <= MAX_NAMED && u < slope->n_units; u++) {
        if (!is_pair(&slope->unit[u]))
            continue;
        rk_text_clear(&name);
        plot_add_cell(&name, plot, slope->unit[u].first_row, slope->id);
        rk_picture_note(plot->picture, panel, mean_of(&slope->unit[u], 1), RK_INK_MUTED,
                        plot_words(plot, &name));
    }
    panel->led = true;
    panel->note_x = 1.0;
    if (panel->n_notes > 0)
        rk_picture_set(plot->picture, &panel->note_title, plot->options->id);
    rk_text_free(&name);
}

static void set_words(struct plot *plot, struct rk_panel *panel, const struct slope *slope)
{
    const struct rk_dict *levels = plot->table->column[slope->group].dict;
    double change = slope->mean[1] - slope->mean[0];
    struct rk_text text = {0};

    panel->x.kind = RK_AXIS_NAMES;
    panel->x.low = -0.12;
    panel->x.high = 1.12;
    for (int k = 0; k < 2; k++) {
        plot_add_level_name(&text, plot->options->group, rk_dict_label(levels, slope->level[k]));
        rk_picture_name(plot->picture, &panel->x, plot_words(plot, &text));
        rk_text_clear(&text);
    }
    rk_picture_set(plot->picture, &panel->y.title, plot->options->value);
    rk_text_format(&text, "%s: ", plot->options->value);
    plot_add_level_name(&text, plot->options->group, rk_dict_label(levels, slope->level[0]));
    rk_text_format(&text, " to %s", rk_dict_label(levels, slope->level[1]));
    plot_title(plot, &text);
    rk_text_add(&text, "mean change ");
    plot_add_interval(&text, change, change - slope->half, change + slope->half, false);
    rk_text_format(&text, ", %zu units with both", slope->n_pairs);
    if (slope->n_pairs < slope->n_units)
        rk_text_format(&text, "; left out: %zu with one only", slope->n_units - slope->n_pairs);
    plot_set(plot, &plot->picture->subtitle, &text);
    rk_text_add(&text, "Lines: each unit's mean per level.");
    if (isfinite(slope->half)) {
        rk_text_add(&text, " Bar and brackets: ");
        plot_add_level(&text, plot->options->common.conf_level);
        rk_text_add(&text, " confidence interval of the mean change.");
    }
    plot_set(plot, &plot->picture->caption, &text);
    plot->picture->width = 640.0;
    plot->picture->height = 640.0;
    rk_text_free(&text);
}

enum rk_status plot_slope(struct plot *plot)
{
    struct slope slope = {0};
    struct rk_panel *panel;
    enum rk_status status = find_levels(plot, &slope);

    if (status == RK_OK)
        status = collect_units(plot, &slope);
    if (status == RK_OK)
        status = compute_means(plot, &slope);
    if (status == RK_OK) {
        panel = rk_picture_panel(plot->picture, NULL);
        if (panel != NULL) {
            add_units(plot, panel, &slope);
            add_mean(plot, panel, &slope);
            add_names(plot, panel, &slope);
            set_words(plot, panel, &slope);
        }
    }
    free(slope.unit);
    return status;
}
