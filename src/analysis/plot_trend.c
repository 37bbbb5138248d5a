/* trend: from data, the mean a time with its interval, a line a level; from rep-trend --emit
 * limits, the control chart. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_parts.h"
#include "repkit/moments.h"

/* --- from data ------------------------------------------------------------------------------ */

enum { MOST_TIMES = 1000 };

struct at {
    double time, value;
};

struct series {
    struct at *at; /* of one level, by time */
    double *value; /* of one time */
    size_t *row, n;
    struct plot_levels levels;
    double *time, *y; /* of all levels */
    bool any_interval, thinned;
};

static int by_time(const void *a, const void *b)
{
    const struct at *p = a, *q = b;

    return p->time < q->time ? -1 : p->time > q->time;
}

static enum rk_status read_series(struct plot *plot, struct series *s)
{
    size_t columns[2];
    enum rk_status status =
        rk_column_index(plot->table, plot->options->x, RK_NUMBER, &columns[0], plot->error);

    if (status == RK_OK)
        status =
            rk_column_index(plot->table, plot->options->y, RK_NUMBER, &columns[1], plot->error);
    if (status == RK_OK)
        status = plot_rows(plot, columns, 2, &s->row, &s->n);
    if (status == RK_OK && plot->options->color != NULL)
        status = plot_levels(plot, "color", plot->options->color, RK_MAX_GROUPS, &s->levels);
    if (status != RK_OK)
        return status;
    s->at = calloc(s->n, sizeof *s->at);
    s->value = calloc(3 * s->n, sizeof *s->value);
    if (s->at == NULL || s->value == NULL)
        return rk_fail_memory(plot->error);
    s->time = s->value + s->n;
    s->y = s->time + s->n;
    for (size_t i = 0; i < s->n; i++) {
        s->time[i] = plot_number(plot, s->row[i], columns[0]);
        s->y[i] = plot_number(plot, s->row[i], columns[1]);
    }
    return RK_OK;
}

/* Level k's rows in order of time; of more times than can be seen, neighbours become one. */
static size_t take_level(const struct plot *plot, struct series *s, size_t k)
{
    size_t n = 0, n_times = 0;
    double low = INFINITY, high = -INFINITY, width;

    for (size_t i = 0; i < s->n; i++)
        if (plot_is_level(plot, &s->levels, k, s->row[i]))
            s->at[n++] = (struct at){s->time[i], s->y[i]};
    qsort(s->at, n, sizeof *s->at, by_time);
    for (size_t i = 0; i < n; i++)
        n_times += i == 0 || s->at[i].time != s->at[i - 1].time;
    if (n_times <= MOST_TIMES)
        return n;
    low = s->at[0].time;
    high = s->at[n - 1].time;
    width = 4.0 * (high - low) / MOST_TIMES;
    s->thinned = true;
    for (size_t i = 0; i < n; i++)
        s->at[i].time = low + (floor((s->at[i].time - low) / width) + 0.5) * width;
    return n;
}

/* The means of level k with their intervals, as a band or as the line; the last mean, NaN where
 * there is none. */
static double add_means(struct plot *plot, struct rk_layer *layer, struct series *s, size_t n)
{
    bool is_line = layer != NULL && layer->mark == RK_MARK_LINE;
    double last = NAN;

    for (size_t i = 0, end; i < n; i = end) {
        struct rk_spot spot = plot_spot(s->at[i].time, NAN);
        struct rk_moments moments;

        for (end = i; end < n && s->at[end].time == s->at[i].time; end++)
            s->value[end - i] = s->at[end].value;
        moments = rk_moments_of(s->value, end - i);
        rk_mean_interval(&moments, plot->options->common.conf_level, &spot.low, &spot.high);
        last = spot.y = moments.mean;
        s->any_interval = s->any_interval || end - i > 1;
        if (is_line || isfinite(spot.low))
            rk_picture_spot(plot->picture, layer, spot);
    }
    return last;
}

static int ink_of(const struct series *s, size_t k)
{
    return s->levels.n == 0 ? RK_INK_MAIN : RK_INK_GROUP + (int)k;
}

/* All bands lie under all lines. */
static void add_bands(struct plot *plot, struct rk_panel *panel, struct series *s)
{
    for (size_t k = 0; k < (s->levels.n == 0 ? 1 : s->levels.n); k++) {
        struct rk_layer *layer =
            rk_picture_layer(plot->picture, panel, RK_MARK_BAND, ink_of(s, k), NULL);

        if (layer != NULL)
            layer->faint = s->levels.n > 2;
        add_means(plot, layer, s, take_level(plot, s, k));
    }
}

static void add_line(struct plot *plot, struct rk_panel *panel, struct series *s, size_t k)
{
    size_t n = take_level(plot, s, k);
    struct rk_text name = {0};
    struct rk_layer *layer =
        rk_picture_layer(plot->picture, panel, RK_MARK_LINE, ink_of(s, k), NULL);
    double last;

    if (layer != NULL)
        layer->bold = true;
    last = add_means(plot, layer, s, n);
    /* A level has its name at the end of its line, in its colour; facets have no room for it. */
    if (s->levels.n > 0 && n > 0)
        plot_add_level_of(&name, &s->levels, k);
    if (s->levels.n > 0 && plot->options->facet != NULL)
        plot_level_layer(plot, panel, RK_MARK_LINE, ink_of(s, k), &s->levels, k);
    else if (s->levels.n > 0 && n > 0)
        rk_picture_note(plot->picture, panel, last, ink_of(s, k), plot_words(plot, &name));
    rk_text_free(&name);
}

static void set_series_words(struct plot *plot, struct rk_panel *panel, const struct series *s)
{
    struct rk_text text = {0};

    plot_set_axis(plot, &panel->x, plot->options->x);
    plot_set_time(plot, &panel->x, rk_table_find_typed(plot->table, plot->options->x, RK_NUMBER));
    plot_set_axis(plot, &panel->y, plot->options->y);
    rk_text_format(&text, "%s over %s", plot->options->y, plot->options->x);
    plot_title(plot, &text);
    rk_text_add(&text, "n = ");
    plot_add_count(&text, s->n);
    plot_set(plot, &plot->picture->subtitle, &text);
    if (s->any_interval) {
        rk_text_add(&text, s->thinned ? "Line and band: means of neighbouring times and their "
                                      : "Line and band: mean at each time and its ");
        plot_add_level(&text, plot->options->common.conf_level);
        rk_text_add(&text, s->thinned ? " intervals." : " interval.");
    } else {
        rk_text_add(&text, "One value at a time has no interval; rep-trend says whether it rises.");
    }
    plot_set(plot, &plot->picture->caption, &text);
    rk_text_free(&text);
}

enum rk_status plot_series(struct plot *plot)
{
    struct series s = {0};
    enum rk_status status = read_series(plot, &s);
    struct rk_panel *panel = status == RK_OK ? rk_picture_panel(plot->picture, NULL) : NULL;

    if (panel != NULL)
        add_bands(plot, panel, &s);
    for (size_t k = 0; panel != NULL && k < (s.levels.n == 0 ? 1 : s.levels.n); k++)
        add_line(plot, panel, &s, k);
    if (panel != NULL)
        set_series_words(plot, panel, &s);
    free(s.at);
    free(s.value);
    free(s.row);
    plot_levels_free(&s.levels);
    return status;
}

/* --- from rep-trend ------------------------------------------------------------------------- */

struct limits {
    size_t time, value, center, lower, upper, signal;
    size_t *label, n_labels;
    bool is_time;
};

static double time_of(const struct plot *plot, const struct limits *c, size_t row, size_t place)
{
    return c->is_time ? plot_number(plot, row, c->time) : (double)place;
}

static bool is_signal(const struct plot *plot, const struct limits *c, size_t row)
{
    const char *signal = c->signal == SIZE_MAX ? NULL : rk_table_text(plot->table, row, c->signal);

    return signal != NULL && strcmp(signal, "none") != 0;
}

static void add_limits(struct plot *plot, struct rk_panel *panel, const struct limits *c,
                       const size_t *rows, size_t n)
{
    static const struct {
        enum rk_mark mark;
        int ink;
        bool dashed, bold;
        const char *label;
    } looks[] = {{RK_MARK_BAND, RK_INK_MUTED, false, false, "expected range"},
                 {RK_MARK_LINE, RK_INK_MUTED, true, false, "center"},
                 {RK_MARK_LINE, RK_INK_MAIN, false, true, NULL},
                 {RK_MARK_POINTS, RK_INK_MAIN, false, false, NULL},
                 {RK_MARK_POINTS, RK_INK_ACCENT, false, true, "signal"}};
    enum { CENTER = 1, POINTS = 3, SIGNALS = 4, MOST_POINTS = 80 };

    for (size_t k = 0; k < sizeof looks / sizeof *looks; k++) {
        struct rk_layer *layer =
            rk_picture_layer(plot->picture, panel, looks[k].mark, looks[k].ink, looks[k].label);

        if (layer == NULL)
            return;
        layer->dashed = looks[k].dashed;
        layer->bold = looks[k].bold;
        for (size_t i = 0; i < n; i++) {
            struct rk_spot spot =
                plot_spot(time_of(plot, c, rows[i], i),
                          plot_number(plot, rows[i], k == CENTER ? c->center : c->value));

            spot.low = plot_number(plot, rows[i], c->lower);
            spot.high = plot_number(plot, rows[i], c->upper);
            if ((k != SIGNALS || is_signal(plot, c, rows[i])) && (k != POINTS || n <= MOST_POINTS))
                rk_picture_spot(plot->picture, layer, spot);
        }
    }
}

static void draw_limits(struct plot *plot, const struct limits *c, const struct rk_groups *groups,
                        size_t g)
{
    const size_t *rows = groups->rows + groups->start[g];
    size_t n = groups->start[g + 1] - groups->start[g], n_signals = 0;
    struct rk_panel *panel = rk_picture_panel(plot->picture, NULL);
    struct rk_text text = {0};

    if (panel == NULL)
        return;
    panel->x.kind = RK_AXIS_NONE;
    if (c->is_time)
        plot_set_time(plot, &panel->x, c->time);
    add_limits(plot, panel, c, rows, n);
    plot_add_group(&text, plot, rows[0], c->label, c->n_labels);
    plot_set(plot, &panel->title, &text);
    for (size_t i = 0; i < n; i++)
        n_signals += is_signal(plot, c, rows[i]);
    plot_add_count(&text, n_signals);
    rk_text_add(&text, " of ");
    plot_add_count(&text, n);
    rk_text_add(&text, " periods signal");
    plot_set(plot, &panel->subtitle, &text);
    rk_text_free(&text);
}

enum rk_status plot_limits(struct plot *plot)
{
    const struct rk_table *t = plot->table;
    struct limits c = {.time = rk_table_find(t, "time"),
                       .value = rk_table_find(t, "value"),
                       .center = rk_table_find(t, "center"),
                       .lower = rk_table_find(t, "lower"),
                       .upper = rk_table_find(t, "upper"),
                       .signal = rk_table_find(t, "signal")};
    struct rk_groups groups = {0};
    struct rk_text text = {0};
    enum rk_status status = plot_label_groups(plot, c.time, &c.label, &c.n_labels, &groups);

    c.is_time = t->column[c.time].type != RK_TEXT;
    for (size_t g = 0; status == RK_OK && g < groups.n_groups && g < PLOT_MAX_PANELS; g++)
        draw_limits(plot, &c, &groups, g);
    if (status == RK_OK) {
        rk_text_add(&text, "What moves more than usual");
        plot_title(plot, &text);
        rk_text_add(&text, "Range: 3 standard deviations on either side of the center, by the "
                           "moving range. Signals: the rules of Western Electric.");
        if (groups.n_groups > PLOT_MAX_PANELS)
            rk_text_format(&text, " The first %d of %zu series are drawn.", PLOT_MAX_PANELS,
                           groups.n_groups);
        plot_set(plot, &plot->picture->caption, &text);
        plot_set_size(plot, plot->picture->n_panels);
    }
    rk_text_free(&text);
    rk_groups_free(&groups);
    free(c.label);
    return status;
}
