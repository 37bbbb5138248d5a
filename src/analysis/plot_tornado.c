/* tornado: what one amount after the other does to the return, the widest first. */
#include <math.h>
#include <stdlib.h>

#include "plot_parts.h"

enum { MAX_BARS = 40 };

struct tornado {
    size_t item, scenario, low, high, roi_low, roi_high;
    size_t *row, n, n_left_out;
};

static enum rk_status choose_rows(struct plot *plot, struct tornado *t)
{
    enum rk_status status;

    t->item = rk_table_find(plot->table, "item");
    t->scenario = rk_table_find(plot->table, "scenario");
    t->low = rk_table_find(plot->table, "low");
    t->high = rk_table_find(plot->table, "high");
    t->roi_low = rk_table_find(plot->table, "roi_low");
    t->roi_high = rk_table_find(plot->table, "roi_high");
    status = plot_rows(plot, (const size_t[]){t->roi_low, t->roi_high}, 2, &t->row, &t->n);
    if (status == RK_OK && t->n > MAX_BARS) {
        t->n_left_out = t->n - MAX_BARS;
        t->n = MAX_BARS;
    }
    return status;
}

static void add_bar(struct plot *plot, struct rk_panel *panel, const struct tornado *t, size_t i,
                    bool labelled)
{
    double from = plot_number(plot, t->row[i], t->roi_low);
    double to = plot_number(plot, t->row[i], t->roi_high);
    const char *label = to >= from ? "more of it raises the return" : "more of it lowers it";
    struct rk_layer *bar =
        rk_picture_layer(plot->picture, panel, RK_MARK_BOXES,
                         to >= from ? RK_INK_MAIN : RK_INK_ACCENT, labelled ? label : NULL);
    struct rk_spot spot = plot_spot(NAN, (double)i);

    spot.low = fmin(from, to);
    spot.high = fmax(from, to);
    if (bar != NULL)
        bar->height = 0.7;
    rk_picture_spot(plot->picture, bar, spot);
}

static void add_names(struct plot *plot, struct rk_panel *panel, const struct tornado *t, size_t i)
{
    struct rk_text text = {0};

    if (t->scenario != SIZE_MAX) {
        plot_add_cell(&text, plot, t->row[i], t->scenario);
        rk_text_add(&text, ": ");
    }
    if (t->item != SIZE_MAX)
        plot_add_cell(&text, plot, t->row[i], t->item);
    rk_picture_name(plot->picture, &panel->y, plot_words(plot, &text));
    rk_text_clear(&text);
    plot_add_value(&text, plot_number(plot, t->row[i], t->low));
    rk_text_add(&text, " to ");
    plot_add_value(&text, plot_number(plot, t->row[i], t->high));
    rk_picture_note(plot->picture, panel, (double)i, RK_INK_TEXT, plot_words(plot, &text));
    rk_text_free(&text);
}

static void add_words(struct plot *plot, struct rk_panel *panel, const struct tornado *t)
{
    struct rk_text text = {0};

    rk_text_add(&text, "What moves the return");
    plot_title(plot, &text);
    rk_text_add(&text, "Each amount from its 10% to its 90% value, all others at their medians.");
    if (t->n_left_out > 0)
        rk_text_format(&text, " The widest %zu of %zu are drawn.", t->n, t->n + t->n_left_out);
    plot_set(plot, &plot->picture->caption, &text);
    rk_text_add(&text, "return on investment");
    plot_set(plot, &panel->x.title, &text);
    rk_picture_set(plot->picture, &panel->note_title, "amount");
    rk_text_free(&text);
}

enum rk_status plot_tornado(struct plot *plot)
{
    struct tornado t = {0};
    enum rk_status status = choose_rows(plot, &t);
    struct rk_panel *panel = status == RK_OK ? rk_picture_panel(plot->picture, NULL) : NULL;
    bool said[2] = {false, false};

    if (panel != NULL) {
        struct rk_layer *zero =
            rk_picture_layer(plot->picture, panel, RK_MARK_RULE_X, RK_INK_MUTED, NULL);

        rk_picture_spot(plot->picture, zero, plot_spot(0.0, NAN));
        panel->x.kind = RK_AXIS_PERCENT;
        panel->y.kind = RK_AXIS_NAMES;
        for (size_t i = 0; i < t.n; i++) {
            bool *known = &said[plot_number(plot, t.row[i], t.roi_high) >=
                                plot_number(plot, t.row[i], t.roi_low)];

            add_bar(plot, panel, &t, i, !*known);
            *known = true;
            add_names(plot, panel, &t, i);
        }
        plot->picture->height = 210.0 + 32.0 * (double)t.n;
        add_words(plot, panel, &t);
    }
    free(t.row);
    return status;
}
