/* survival: rep-kpi's curve of what is still open, as steps with their band, a line a group. */
#include <math.h>
#include <stdlib.h>

#include "plot_parts.h"

enum { MOST_POINTS = 50 };

struct curve {
    size_t time, risk, survival, low, high, censored;
    size_t *label, n_labels;
};

/* A step holds until the next row's time: its height twice. */
static void add_steps(struct plot *plot, const struct curve *c, struct rk_layer *layer,
                      const size_t *rows, size_t n)
{
    struct rk_spot last = plot_spot(0.0, 1.0);

    last.low = last.high = 1.0;
    rk_picture_spot(plot->picture, layer, last);
    for (size_t i = 0; i < n; i++) {
        struct rk_spot spot = last;

        spot.x = plot_number(plot, rows[i], c->time);
        rk_picture_spot(plot->picture, layer, spot);
        spot.y = plot_number(plot, rows[i], c->survival);
        spot.low = plot_number(plot, rows[i], c->low);
        spot.high = plot_number(plot, rows[i], c->high);
        rk_picture_spot(plot->picture, layer, spot);
        last = spot;
    }
}

/* The first time at which half are left, or NaN. */
static double median_of(const struct plot *plot, const struct curve *c, const size_t *rows,
                        size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (plot_number(plot, rows[i], c->survival) <= 0.5)
            return plot_number(plot, rows[i], c->time);
    return NAN;
}

/* One curve says where half is reached there; several, beside their ends. */
static void say_median(struct plot *plot, struct rk_panel *panel, double median,
                       struct rk_text *words)
{
    struct rk_layer *point =
        rk_picture_layer(plot->picture, panel, RK_MARK_POINTS, RK_INK_TEXT, NULL);
    struct rk_spot spot = plot_spot(median, 0.5);

    rk_picture_spot(plot->picture, point, spot);
    point = rk_picture_layer(plot->picture, panel, RK_MARK_TEXT, RK_INK_TEXT, NULL);
    spot.text = words->bytes; /* copied */
    plot->picture->failed |= words->failed;
    rk_picture_spot(plot->picture, point, spot);
}

static void add_group(struct plot *plot, struct rk_panel *panel, const struct curve *c,
                      const struct rk_groups *groups, size_t g)
{
    const size_t *rows = groups->rows + groups->start[g];
    size_t n = groups->start[g + 1] - groups->start[g];
    int ink = groups->n_groups == 1 ? RK_INK_MAIN : RK_INK_GROUP + (int)g;
    double median = median_of(plot, c, rows, n);
    struct rk_text name = {0};
    struct rk_layer *layer = rk_picture_layer(plot->picture, panel, RK_MARK_BAND, ink, NULL);

    if (layer != NULL)
        layer->faint = groups->n_groups > 2;
    add_steps(plot, c, layer, rows, n);
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_LINE, ink, NULL);
    if (layer != NULL)
        layer->bold = true;
    add_steps(plot, c, layer, rows, n);
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_POINTS, ink, NULL);
    if (layer != NULL)
        layer->faint = true;
    for (size_t i = 0; c->censored != SIZE_MAX && i < n && n <= MOST_POINTS; i++)
        if (plot_number(plot, rows[i], c->censored) > 0.0)
            rk_picture_spot(plot->picture, layer,
                            plot_spot(plot_number(plot, rows[i], c->time),
                                      plot_number(plot, rows[i], c->survival)));
    plot_add_group(&name, plot, rows[0], c->label, c->n_labels);
    rk_text_add(&name, groups->n_groups == 1 ? "" : ": ");
    if (isfinite(median)) {
        rk_text_add(&name, "half by ");
        plot_add_value(&name, median);
    } else {
        rk_text_add(&name, "over half left");
    }
    if (groups->n_groups == 1 && isfinite(median))
        say_median(plot, panel, median, &name);
    else
        rk_picture_note(plot->picture, panel, plot_number(plot, rows[n - 1], c->survival), ink,
                        plot_words(plot, &name));
    rk_text_free(&name);
}

static void set_words(struct plot *plot, struct rk_panel *panel, const struct curve *c,
                      const struct rk_groups *groups)
{
    struct rk_text text = {0};
    bool points = false;
    double at_risk = 0.0;

    panel->x.low = 0.0;
    panel->y.kind = RK_AXIS_PERCENT;
    panel->y.low = 0.0;
    panel->y.high = 1.02;
    rk_picture_set(plot->picture, &panel->x.title, "days");
    rk_picture_set(plot->picture, &panel->y.title, "still open");
    for (size_t g = 0; c->censored != SIZE_MAX && g < groups->n_groups; g++)
        points = points || groups->start[g + 1] - groups->start[g] <= MOST_POINTS;
    rk_text_add(&text, "How long until it happens");
    plot_title(plot, &text);
    for (size_t g = 0; c->risk != SIZE_MAX && g < groups->n_groups; g++)
        at_risk += plot_number(plot, groups->first_row[g], c->risk);
    if (at_risk > 0.0) {
        rk_text_add(&text, "n = ");
        plot_add_count(&text, (size_t)at_risk);
    }
    plot_set(plot, &plot->picture->subtitle, &text);
    rk_text_add(&text, "Steps: share still open (Kaplan and Meier); bands: their intervals.");
    if (points)
        rk_text_add(&text, " Points: cases last seen open.");
    plot_set(plot, &plot->picture->caption, &text);
    rk_text_free(&text);
}

enum rk_status plot_survival(struct plot *plot)
{
    const struct rk_table *t = plot->table;
    struct curve c = {.time = rk_table_find(t, "time"),
                      .risk = rk_table_find(t, "n_risk"),
                      .survival = rk_table_find(t, "survival"),
                      .low = rk_table_find(t, "conf_low"),
                      .high = rk_table_find(t, "conf_high"),
                      .censored = rk_table_find(t, "n_censored")};
    struct rk_groups groups = {0};
    struct rk_panel *panel;
    enum rk_status status = plot_label_groups(plot, c.time, &c.label, &c.n_labels, &groups);

    if (status == RK_OK && groups.n_groups > RK_MAX_GROUPS)
        status = rk_fail(plot->error, RK_EUSAGE,
                         "%zu curves cannot be told apart, at most %d; --where keeps some rows",
                         groups.n_groups, RK_MAX_GROUPS);
    panel = status == RK_OK ? rk_picture_panel(plot->picture, NULL) : NULL;
    for (size_t g = 0; panel != NULL && g < groups.n_groups; g++)
        add_group(plot, panel, &c, &groups, g);
    if (panel != NULL)
        set_words(plot, panel, &c, &groups);
    rk_groups_free(&groups);
    free(c.label);
    return status;
}
