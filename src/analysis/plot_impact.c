/* impact: a series with what would have been. event: how far two groups are apart in each period
 * before and after the start. Both draw the table `path` of rep-impact. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_parts.h"

static struct rk_layer *layer_of(struct plot *plot, struct rk_panel *panel, enum rk_mark mark,
                                 enum rk_ink ink, const char *label)
{
    return rk_picture_layer(plot->picture, panel, mark, ink, label);
}

/* --- event -------------------------------------------------------------------------------- */

static void add_zero(struct plot *plot, struct rk_panel *panel)
{
    rk_picture_spot(plot->picture, layer_of(plot, panel, RK_MARK_RULE_Y, RK_INK_MUTED, NULL),
                    plot_spot(NAN, 0.0));
}

static void add_start(struct plot *plot, struct rk_panel *panel, double x)
{
    static char words[] = "start";
    struct rk_layer *rule = layer_of(plot, panel, RK_MARK_RULE_X, RK_INK_TEXT, NULL);
    struct rk_spot spot = plot_spot(x, NAN);

    spot.text = words;
    if (rule != NULL)
        rule->dashed = true;
    rk_picture_spot(plot->picture, rule, spot);
}

static void add_effects(struct plot *plot, struct rk_panel *panel, const size_t *rows, size_t n)
{
    const struct rk_table *t = plot->table;
    size_t x = rk_table_find(t, "event_time"), y = rk_table_find(t, "estimate");
    size_t low = rk_table_find(t, "conf_low"), high = rk_table_find(t, "conf_high");
    static const char *const labels[] = {"before", "since the start"};
    static const enum rk_ink inks[] = {RK_INK_MUTED, RK_INK_MAIN};

    for (int after = 0; after < 2; after++) {
        struct rk_layer *spans = layer_of(plot, panel, RK_MARK_SPAN_Y, inks[after], NULL);
        struct rk_layer *points;

        for (size_t i = 0; i < n; i++) {
            struct rk_spot spot = plot_spot(plot_number(plot, rows[i], x), NAN);

            spot.low = plot_number(plot, rows[i], low);
            spot.high = plot_number(plot, rows[i], high);
            if ((spot.x >= 0.0) == (after == 1) && isfinite(spot.low) && isfinite(spot.high))
                rk_picture_spot(plot->picture, spans, spot);
        }
        points = layer_of(plot, panel, RK_MARK_POINTS, inks[after], labels[after]);
        for (size_t i = 0; i < n; i++)
            if ((plot_number(plot, rows[i], x) >= 0.0) == (after == 1))
                rk_picture_spot(
                    plot->picture, points,
                    plot_spot(plot_number(plot, rows[i], x), plot_number(plot, rows[i], y)));
    }
}

enum rk_status plot_event(struct plot *plot)
{
    const size_t columns[] = {rk_table_find(plot->table, "event_time"),
                              rk_table_find(plot->table, "estimate")};
    struct rk_text text = {0};
    struct rk_panel *panel;
    size_t *rows, n;
    enum rk_status status = plot_rows(plot, columns, 2, &rows, &n);

    if (status != RK_OK)
        return status;
    panel = rk_picture_panel(plot->picture, NULL);
    add_zero(plot, panel);
    add_start(plot, panel, -0.5);
    add_effects(plot, panel, rows, n);
    if (panel != NULL) {
        panel->x.kind = RK_AXIS_WHOLE;
        rk_picture_set(plot->picture, &panel->x.title, "periods since the start");
        rk_picture_set(plot->picture, &panel->y.title, "difference of the groups");
    }
    rk_text_add(&text, "Effect by time since the start");
    plot_title(plot, &text);
    rk_text_add(&text, "Against the last period before the start, which is 0. Lines: the band "
                       "that holds for all periods at once.");
    plot_set(plot, &plot->picture->caption, &text);
    rk_text_free(&text);
    free(rows);
    return RK_OK;
}

/* --- impact ------------------------------------------------------------------------------- */

struct series {
    size_t time, actual, predicted, low, high, effect, effect_low, effect_high;
    size_t *row;
    size_t n;
    bool calendar;
    double start; /* on the time axis, between the last period before and the first after, or NaN */
};

/* Where a row stands on the time axis: its time if that is one, else its place. */
static double place_of(const struct plot *plot, const struct series *s, size_t i)
{
    return s->calendar ? plot->table->column[s->time].number[s->row[i]] : (double)i;
}

static void find_series(const struct plot *plot, struct series *s)
{
    const struct rk_table *t = plot->table;

    s->time = rk_table_find(t, "time");
    s->actual = rk_table_find(t, "actual");
    s->predicted = rk_table_find(t, "predicted");
    s->low = rk_table_find(t, "pred_low");
    s->high = rk_table_find(t, "pred_high");
    s->effect = rk_table_find(t, "abs_effect");
    s->effect_low = rk_table_find(t, "abs_low");
    s->effect_high = rk_table_find(t, "abs_high");
    s->calendar = t->column[s->time].type == RK_TIME || t->column[s->time].type == RK_NUMBER;
}

static enum rk_status fail_start(const struct plot *plot, const struct series *s, const char *why)
{
    rk_fail(plot->error, RK_EINPUT, "%s --start %.40s", why, plot->options->start);
    return rk_fail_at(plot->error, plot->table->name, 0, plot->table->column[s->time].name);
}

/* The period of a row: its column may be one of times, of numbers, or of times as text. */
static bool read_period(const struct plot *plot, const struct series *s, size_t i,
                        enum rk_time_kind *kind, int64_t *period)
{
    const struct rk_column *time = &plot->table->column[s->time];
    const char *text;

    if (s->calendar) {
        double number = time->number[s->row[i]];

        *kind = time->type == RK_TIME ? time->time_kind : RK_TIME_INTEGER;
        *period = fabs(number) < 1e15 ? (int64_t)floor(number) : 0;
        return fabs(number) < 1e15;
    }
    text = rk_table_text(plot->table, s->row[i], s->time);
    return text != NULL &&
           rk_time_read(text, strlen(text), RK_ORDER_UNKNOWN, kind, period) == RK_READ_OK;
}

static enum rk_status find_start(const struct plot *plot, struct series *s)
{
    const char *text = plot->options->start;
    enum rk_time_kind kind, start_kind;
    int64_t start, period;

    s->start = NAN;
    if (text == NULL)
        return RK_OK;
    if (rk_time_read(text, strlen(text), plot->options->date_order, &start_kind, &start) !=
        RK_READ_OK)
        return rk_fail(plot->error, RK_EUSAGE,
                       "--start: '%.40s' is no date (2024-03-15, 2024-W11, 2024-03, 2024-Q1, 2024)",
                       text);
    for (size_t i = 0; i < s->n; i++) {
        if (!read_period(plot, s, i, &kind, &period))
            return fail_start(plot, s, "holds another kind of time than");
        /* Years of four digits may be whole numbers on either side. */
        if (kind == RK_TIME_INTEGER && start_kind == RK_TIME_YEAR)
            kind = RK_TIME_YEAR;
        if (kind == RK_TIME_YEAR && start_kind == RK_TIME_INTEGER)
            kind = RK_TIME_INTEGER;
        if ((kind == RK_TIME_INTEGER) != (start_kind == RK_TIME_INTEGER))
            return fail_start(plot, s, "holds another kind of time than");
        if (rk_time_side(kind, period, start_kind, start) != RK_AFTER)
            continue;
        if (i == 0)
            return fail_start(plot, s, "has no period before");
        s->start = place_of(plot, s, i) - (place_of(plot, s, i) - place_of(plot, s, i - 1)) / 2.0;
        return RK_OK;
    }
    return fail_start(plot, s, "has no period on or after");
}

static void add_band(struct plot *plot, struct rk_panel *panel, const struct series *s, size_t low,
                     size_t high, const char *label)
{
    struct rk_layer *band = layer_of(plot, panel, RK_MARK_BAND, RK_INK_MAIN, label);

    for (size_t i = 0; i < s->n; i++) {
        struct rk_spot spot = plot_spot(place_of(plot, s, i), NAN);

        spot.low = plot_number(plot, s->row[i], low);
        spot.high = plot_number(plot, s->row[i], high);
        rk_picture_spot(plot->picture, band, spot);
    }
}

static void add_line(struct plot *plot, struct rk_panel *panel, const struct series *s,
                     size_t column, enum rk_ink ink, bool dashed, const char *label)
{
    struct rk_layer *line = layer_of(plot, panel, RK_MARK_LINE, ink, label);

    if (line != NULL) {
        line->dashed = dashed;
        line->bold = !dashed;
    }
    for (size_t i = 0; i < s->n; i++)
        rk_picture_spot(plot->picture, line,
                        plot_spot(place_of(plot, s, i), plot_number(plot, s->row[i], column)));
}

static void set_time(struct plot *plot, struct rk_panel *panel, const struct series *s)
{
    if (panel != NULL && s->calendar)
        plot_set_time(plot, &panel->x, s->time);
    else if (panel != NULL)
        panel->x.kind = RK_AXIS_WHOLE;
}

static void draw_series(struct plot *plot, const struct series *s)
{
    struct rk_panel *panel = rk_picture_panel(plot->picture, "Was, and would have been");

    set_time(plot, panel, s);
    if (isfinite(s->start))
        add_start(plot, panel, s->start);
    add_band(plot, panel, s, s->low, s->high, NULL);
    add_line(plot, panel, s, s->predicted, RK_INK_MAIN, true, "would have been");
    add_line(plot, panel, s, s->actual, RK_INK_TEXT, false, "was");
    panel = rk_picture_panel(plot->picture, "The difference");
    set_time(plot, panel, s);
    add_zero(plot, panel);
    if (isfinite(s->start))
        add_start(plot, panel, s->start);
    add_band(plot, panel, s, s->effect_low, s->effect_high, NULL);
    add_line(plot, panel, s, s->effect, RK_INK_MAIN, false, NULL);
}

enum rk_status plot_impact(struct plot *plot)
{
    struct series s = {0};
    struct rk_text text = {0};
    size_t columns[3];
    enum rk_status status;

    find_series(plot, &s);
    columns[0] = s.actual;
    columns[1] = s.predicted;
    columns[2] = s.effect;
    status = plot_rows(plot, columns, 3, &s.row, &s.n);
    if (status == RK_OK)
        status = find_start(plot, &s);
    if (status != RK_OK) {
        free(s.row);
        return status;
    }
    draw_series(plot, &s);
    plot->picture->width = 1100.0;
    rk_text_add(&text, "Before and after, against its own course");
    plot_title(plot, &text);
    rk_text_add(&text, "Band: interval of a single period. Before the start the dashed line is the "
                       "fit, after it the course gone on.");
    rk_text_add(&text, plot->options->start == NULL ? " --start marks where that is." : "");
    plot_set(plot, &plot->picture->caption, &text);
    rk_text_free(&text);
    free(s.row);
    return RK_OK;
}
