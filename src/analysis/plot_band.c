/* band: rep-band's curves over the data they stand on. One curve with its interval, where it is
 * best with the interval of that, and what is observed; the other curves behind it. Where none is
 * chosen, two curves share a panel; more have one each. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_parts.h"

enum { MOST_PANELS = 6, MOST_TOGETHER = 2 };

/* The rows of one group in each table; models and bins may be missing. */
struct part {
    const size_t *row; /* of the curves */
    size_t n;
    const char *model; /* the curve that is drawn with its interval; NULL: all alike */
    size_t best;       /* its row of the models; SIZE_MAX for none */
    bool apart;        /* in a panel of its own, which says its name */
};

struct curves {
    size_t model, x, predicted, low, high;
    size_t *label, n_labels;  /* group columns */
    struct plot models, bins; /* plot with the other tables; table NULL where not given */
};

static const char *text_at(const struct plot *plot, size_t row, const char *column)
{
    size_t at = rk_table_find(plot->table, column);

    return at == SIZE_MAX ? NULL : rk_table_text(plot->table, row, at);
}

static double number_at(const struct plot *plot, size_t row, const char *column)
{
    size_t at = rk_table_find(plot->table, column);

    return at == SIZE_MAX ? NAN : plot_number(plot, row, at);
}

/* Whether a row of another table is of the same group as a row of the curves: what both call by the
 * same name is the same. */
static bool same_group(const struct plot *plot, const struct curves *c, size_t row,
                       const struct plot *other, size_t other_row)
{
    struct rk_text mine = {0}, theirs = {0};
    bool same = true;

    for (size_t k = 0; k < c->n_labels && same; k++) {
        size_t at = rk_table_find(other->table, plot->table->column[c->label[k]].name);

        if (at == SIZE_MAX)
            continue;
        rk_text_clear(&mine);
        rk_text_clear(&theirs);
        plot_add_cell(&mine, plot, row, c->label[k]);
        plot_add_cell(&theirs, other, other_row, at);
        same = strcmp(plot_words(plot, &mine), plot_words(plot, &theirs)) == 0;
    }
    rk_text_free(&mine);
    rk_text_free(&theirs);
    return same;
}

static bool has_curve(const struct plot *plot, const struct curves *c, const struct part *part,
                      const char *model)
{
    for (size_t i = 0; i < part->n; i++) {
        const char *name = rk_table_text(plot->table, part->row[i], c->model);

        if (name != NULL && strcmp(name, model) == 0)
            return true;
    }
    return false;
}

/* The curve with the most weight; without weights the only one, if there is one only. */
static void choose(const struct plot *plot, const struct curves *c, struct part *part)
{
    const char *first = rk_table_text(plot->table, part->row[0], c->model);
    double most = -1.0;

    part->best = SIZE_MAX;
    part->model = NULL;
    for (size_t i = 0; c->models.table != NULL && i < c->models.table->n_rows; i++) {
        const char *name = text_at(&c->models, i, "model");
        double weight = number_at(&c->models, i, "weight");

        if (name == NULL || !same_group(plot, c, part->row[0], &c->models, i) ||
            !has_curve(plot, c, part, name))
            continue;
        if (weight > most || (part->best == SIZE_MAX && !(most >= 0.0))) {
            most = isnan(weight) ? -1.0 : weight;
            part->best = i;
            part->model = name;
        }
    }
    for (size_t i = 0; part->model == NULL && first != NULL && i < part->n; i++) {
        const char *name = rk_table_text(plot->table, part->row[i], c->model);

        if (name == NULL || strcmp(name, first) != 0)
            return;
        if (i + 1 == part->n)
            part->model = first;
    }
}

/* --- layers ---------------------------------------------------------------------------------- */

static void add_curve(struct plot *plot, const struct curves *c, const struct part *part,
                      const char *model, struct rk_layer *layer)
{
    for (size_t i = 0; i < part->n; i++) {
        const char *name = rk_table_text(plot->table, part->row[i], c->model);
        struct rk_spot spot = plot_spot(plot_number(plot, part->row[i], c->x),
                                        plot_number(plot, part->row[i], c->predicted));

        spot.low = plot_number(plot, part->row[i], c->low);
        spot.high = plot_number(plot, part->row[i], c->high);
        if (name != NULL && strcmp(name, model) == 0)
            rk_picture_spot(plot->picture, layer, spot);
    }
}

/* The names of the models that have a curve here, each once, without the chosen one. */
static bool next_other(const struct plot *plot, const struct curves *c, const struct part *part,
                       size_t *at, const char **name)
{
    for (; *at < part->n; ++*at) {
        const char *last =
            *at == 0 ? NULL : rk_table_text(plot->table, part->row[*at - 1], c->model);

        *name = rk_table_text(plot->table, part->row[*at], c->model);
        if (*name == NULL || (last != NULL && strcmp(*name, last) == 0) ||
            (part->model != NULL && strcmp(*name, part->model) == 0))
            continue;
        ++*at;
        return true;
    }
    return false;
}

/* The other curves; where none is chosen all of them, each in its own way with its interval. */
static void add_others(struct plot *plot, struct rk_panel *panel, const struct curves *c,
                       const struct part *part)
{
    bool chosen = part->model != NULL;

    for (int pass = chosen; pass < 2; pass++) {
        const char *name = NULL;
        size_t at = 0;

        for (int k = 0; next_other(plot, c, part, &at, &name); k++) {
            struct rk_layer *layer =
                rk_picture_layer(plot->picture, panel, pass == 0 ? RK_MARK_BAND : RK_MARK_LINE,
                                 chosen ? RK_INK_MUTED : RK_INK_GROUP + k % RK_MAX_GROUPS, NULL);

            if (layer != NULL && pass == 1 && (!chosen || k == 0))
                rk_picture_set(plot->picture, &layer->label, chosen ? "other curves" : name);
            if (layer != NULL) {
                layer->dashed = chosen;
                layer->faint = chosen || pass == 0;
            }
            add_curve(plot, c, part, name, layer);
        }
    }
}

static void add_chosen(struct plot *plot, struct rk_panel *panel, const struct curves *c,
                       const struct part *part)
{
    struct rk_layer *layer;

    if (part->model == NULL)
        return;
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_BAND, RK_INK_MAIN, NULL);
    add_curve(plot, c, part, part->model, layer);
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_LINE, RK_INK_MAIN,
                             part->apart ? NULL : part->model);
    if (layer != NULL)
        layer->bold = true;
    add_curve(plot, c, part, part->model, layer);
}

static void add_bins(struct plot *plot, struct rk_panel *panel, const struct curves *c,
                     const struct part *part)
{
    if (c->bins.table == NULL)
        return;
    for (int pass = 0; pass < 3; pass++) {
        static const enum rk_mark marks[] = {RK_MARK_SPAN_X, RK_MARK_SPAN_Y, RK_MARK_POINTS};
        struct rk_layer *layer = rk_picture_layer(plot->picture, panel, marks[pass], RK_INK_TEXT,
                                                  pass == 2 ? "observed, in bins" : NULL);

        if (layer != NULL && pass == 0)
            layer->faint = true;
        for (size_t i = 0; i < c->bins.table->n_rows; i++) {
            struct rk_spot spot = plot_spot(
                (number_at(&c->bins, i, "bin_low") + number_at(&c->bins, i, "bin_high")) / 2.0,
                number_at(&c->bins, i, "mean"));

            spot.low = number_at(&c->bins, i, pass == 0 ? "bin_low" : "conf_low");
            spot.high = number_at(&c->bins, i, pass == 0 ? "bin_high" : "conf_high");
            if (same_group(plot, c, part->row[0], &c->bins, i))
                rk_picture_spot(plot->picture, layer, spot);
        }
    }
}

/* The range of all that is drawn, so that the optimum's interval can lie above it. */
static void range_of(const struct rk_panel *panel, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t k = 0; k < panel->n_layers; k++) {
        const struct rk_layer *layer = &panel->layer[k];

        for (size_t i = 0; i < layer->n; i++) {
            const double values[] = {layer->spot[i].y, layer->spot[i].low, layer->spot[i].high};
            bool ends = layer->mark == RK_MARK_BAND || layer->mark == RK_MARK_SPAN_Y;

            for (int v = 0; v < (ends ? 3 : 1); v++) {
                if (isfinite(values[v])) {
                    *low = fmin(*low, values[v]);
                    *high = fmax(*high, values[v]);
                }
            }
        }
    }
}

/* What the shape of the chosen curve makes of its optimum; NULL where it is none. */
static const char *what_optimum_is(const struct curves *c, const struct part *part)
{
    const char *shape, *model = part->model;

    if (part->best == SIZE_MAX || isnan(number_at(&c->models, part->best, "optimum")))
        return NULL;
    shape = text_at(&c->models, part->best, "shape");
    if (shape == NULL || model == NULL)
        return NULL;
    if (strcmp(shape, "inverted-u") == 0)
        return "highest at ";
    if (strcmp(shape, "plateau") == 0)
        return "level from ";
    if (strcmp(shape, "u") == 0)
        return "lowest at ";
    return strcmp(model, "threshold") == 0 || strcmp(model, "plateau") == 0 ? "bends at " : NULL;
}

static void add_optimum(struct plot *plot, struct rk_panel *panel, const struct curves *c,
                        const struct part *part)
{
    const char *what = what_optimum_is(c, part);
    struct rk_spot rule, span;
    struct rk_layer *layer;
    struct rk_text text = {0};
    double low, high, at;

    range_of(panel, &low, &high);
    panel->y.low = low - 0.05 * (high - low);
    panel->y.high = high + (what != NULL ? 0.22 : 0.05) * (high - low);
    if (what == NULL)
        return;
    at = number_at(&c->models, part->best, "optimum");
    rule = plot_spot(at, NAN);
    rk_text_add(&text, what);
    plot_add_value(&text, at);
    rule.text = text.bytes;
    plot->picture->failed |= text.failed;
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_RULE_X, RK_INK_ACCENT, NULL);
    if (layer != NULL)
        layer->dashed = true;
    rk_picture_spot(plot->picture, layer, rule);
    span = plot_spot(NAN, high + 0.07 * (high - low));
    span.low = number_at(&c->models, part->best, "optimum_low");
    span.high = number_at(&c->models, part->best, "optimum_high");
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_SPAN_X, RK_INK_ACCENT, NULL);
    if (isfinite(span.low) && isfinite(span.high))
        rk_picture_spot(plot->picture, layer, span);
    layer = rk_picture_layer(plot->picture, panel, RK_MARK_POINTS, RK_INK_ACCENT, NULL);
    rk_picture_spot(plot->picture, layer, plot_spot(at, span.y));
    rk_text_free(&text);
}

/* --- words ----------------------------------------------------------------------------------- */

static void set_axes(struct plot *plot, struct rk_panel *panel)
{
    rk_picture_set(plot->picture, &panel->x.title,
                   plot->options->x != NULL ? plot->options->x : "activity");
    rk_picture_set(plot->picture, &panel->y.title,
                   plot->options->y != NULL ? plot->options->y : "predicted outcome");
}

/* "quadratic: highest at 112 [108, 117]; p = 0.001 that it bends" */
static void say_chosen(const struct curves *c, const struct part *part, struct rk_text *out)
{
    const char *what = what_optimum_is(c, part);
    double p, weight;

    if (part->best == SIZE_MAX)
        return;
    p = number_at(&c->models, part->best, "p_nonlinear");
    weight = number_at(&c->models, part->best, "weight");
    rk_text_format(out, "%s", part->model);
    if (isfinite(weight)) {
        rk_text_add(out, " (weight ");
        rk_text_rounded(out, weight, 2);
        rk_text_add(out, ")");
    }
    if (what != NULL) {
        rk_text_format(out, ": %s", what);
        plot_add_interval(out, number_at(&c->models, part->best, "optimum"),
                          number_at(&c->models, part->best, "optimum_low"),
                          number_at(&c->models, part->best, "optimum_high"), false);
    }
    if (isfinite(p)) {
        rk_text_add(out, "; p of its bend ");
        rk_text_p_value(out, p);
    }
}

/* Whether the curve turns or bends somewhere, and how sure that place is. */
static bool place_has_interval(const struct curves *c, const struct part *part)
{
    return what_optimum_is(c, part) != NULL &&
           isfinite(number_at(&c->models, part->best, "optimum_low")) &&
           isfinite(number_at(&c->models, part->best, "optimum_high"));
}

static void say_place(const struct curves *c, const struct part *part, struct rk_text *out)
{
    const char *note = text_at(&c->models, part->best, "note");

    if (place_has_interval(c, part))
        rk_text_add(out, "Brackets above: interval of its place. ");
    else if (note != NULL)
        rk_text_format(out, "Its place has no interval: %s. ", note);
    else
        rk_text_add(out, "Its place has no interval. ");
}

static void set_words(struct plot *plot, const struct curves *c, const struct part *last,
                      bool apart, const struct part *placed)
{
    struct rk_text text = {0};

    rk_text_format(&text, "%s over %s",
                   plot->options->y != NULL ? plot->options->y : "Predicted outcome",
                   plot->options->x != NULL ? plot->options->x : "activity");
    plot_title(plot, &text);
    if (plot->picture->n_panels == 1)
        say_chosen(c, last, &text);
    plot_set(plot, &plot->picture->subtitle, &text);
    if (last->model != NULL)
        rk_text_add(&text, "Line and band: the curve and its interval. ");
    else
        rk_text_add(&text, apart ? "Line and band: a curve and its interval, the others dashed; "
                                   "--models says which the data prefer. "
                                 : "Lines and bands: the curves and their intervals; "
                                   "--models says which the data prefer. ");
    if (placed->row != NULL)
        say_place(c, placed, &text);
    if (c->bins.table != NULL)
        rk_text_add(&text, "Points: means of equally full bins, with their intervals and widths. ");
    rk_text_add(&text, "An association, not proof of cause.");
    plot_set(plot, &plot->picture->caption, &text);
    rk_text_free(&text);
}

static void draw_curves(struct plot *plot, struct rk_panel *panel, const struct curves *c,
                        const struct part *part)
{
    if (panel == NULL)
        return;
    add_others(plot, panel, c, part);
    add_chosen(plot, panel, c, part);
    add_bins(plot, panel, c, part);
    add_optimum(plot, panel, c, part);
    set_axes(plot, panel);
}

static void draw_part(struct plot *plot, const struct curves *c, const struct part *part,
                      bool titled)
{
    struct rk_panel *panel = rk_picture_panel(plot->picture, NULL);
    struct rk_text title = {0};

    draw_curves(plot, panel, c, part);
    for (size_t k = 0; titled && k < c->n_labels; k++) {
        struct rk_text level = {0};

        rk_text_add(&title, k == 0 ? "" : ", ");
        plot_add_cell(&level, plot, part->row[0], c->label[k]);
        plot_add_level_name(&title, plot->table->column[c->label[k]].name,
                            plot_words(plot, &level));
        rk_text_free(&level);
    }
    if (titled && panel != NULL)
        plot_set(plot, &panel->title, &title);
    rk_text_free(&title);
}

/* Whether none of the curves is chosen and their bands, one over the other, would hide them. */
static bool is_crowded(const struct plot *plot, const struct curves *c, const struct part *part)
{
    const char *name;
    size_t at = 0, n = 0;

    while (next_other(plot, c, part, &at, &name))
        n++;
    return part->model == NULL && n > MOST_TOGETHER;
}

/* Each curve with its interval in a panel of its own, the others behind it. */
static void draw_apart(struct plot *plot, const struct curves *c, const struct part *part)
{
    const char *name;
    size_t at = 0;

    while (next_other(plot, c, part, &at, &name) && plot->picture->n_panels < MOST_PANELS) {
        struct part one = *part;

        one.model = name;
        one.apart = true;
        draw_curves(plot, rk_picture_panel(plot->picture, name), c, &one);
    }
    plot->picture->same_y = true;
}

static enum rk_status find_curves(struct plot *plot, struct curves *c)
{
    c->model = rk_table_find_typed(plot->table, "model", RK_TEXT);
    c->x = rk_table_find(plot->table, "x");
    c->predicted = rk_table_find(plot->table, "predicted");
    c->low = rk_table_find(plot->table, "conf_low");
    c->high = rk_table_find(plot->table, "conf_high");
    c->models = c->bins = *plot;
    c->models.table = plot->options->models;
    c->bins.table = plot->options->bins;
    if (c->model == SIZE_MAX) {
        rk_fail(plot->error, RK_EINPUT, "is not text");
        return rk_fail_at(plot->error, plot->table->name, 0, "model");
    }
    return RK_OK;
}

enum rk_status plot_band(struct plot *plot)
{
    struct curves c = {0};
    struct rk_groups groups = {0};
    struct part part = {0}, placed = {0}; /* the last one, and one with an optimum */
    bool apart = false;
    enum rk_status status = find_curves(plot, &c);

    if (status == RK_OK)
        status = plot_label_groups(plot, c.model, &c.label, &c.n_labels, &groups);
    for (size_t g = 0; status == RK_OK && g < groups.n_groups && g < MOST_PANELS; g++) {
        part.row = groups.rows + groups.start[g];
        part.n = groups.start[g + 1] - groups.start[g];
        choose(plot, &c, &part);
        apart = groups.n_groups == 1 && is_crowded(plot, &c, &part);
        if (apart)
            draw_apart(plot, &c, &part);
        else
            draw_part(plot, &c, &part, groups.n_groups > 1);
        if (what_optimum_is(&c, &part) != NULL && !place_has_interval(&c, &placed))
            placed = part;
    }
    if (status == RK_OK) {
        set_words(plot, &c, &part, apart, &placed);
        if (plot->picture->n_panels > 1)
            plot->picture->width = plot->picture->n_panels == 2 ? 1100.0 : 1400.0;
        if (plot->picture->n_panels > 3)
            plot->picture->height = 860.0;
    }
    rk_groups_free(&groups);
    free(c.label);
    return status;
}
