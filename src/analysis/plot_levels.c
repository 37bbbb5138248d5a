/* Levels, facets and axes of the kinds that draw data. */
#include <math.h>
#include <stdlib.h>

#include "plot_parts.h"

/* --- values and levels ---------------------------------------------------------------------- */

enum rk_status plot_values(const struct plot *plot, const char *name, size_t **rows,
                           double **values, size_t *n)
{
    size_t column;
    enum rk_status status = rk_column_index(plot->table, name, RK_NUMBER, &column, plot->error);
    double *x;

    if (status == RK_OK)
        status = plot_rows(plot, &column, 1, rows, n);
    if (status != RK_OK)
        return status;
    x = malloc(*n * sizeof *x);
    if (x == NULL) {
        free(*rows);
        *rows = NULL;
        return rk_fail_memory(plot->error);
    }
    for (size_t i = 0; i < *n; i++)
        x[i] = plot_number(plot, (*rows)[i], column);
    *values = x;
    return RK_OK;
}

enum rk_status plot_levels(const struct plot *plot, const char *option, const char *name,
                           size_t most, struct plot_levels *levels)
{
    struct plot whole = *plot;
    enum rk_status status;

    *levels = (struct plot_levels){.name = name};
    whole.table = plot->whole;
    status = plot_text_column(&whole, name, &levels->column);
    if (status != RK_OK || plot->whole->column[levels->column].type != RK_TEXT)
        return status;
    levels->names = plot->whole->column[levels->column].dict;
    if (rk_level_order(plot->whole, levels->column, &levels->order, &levels->n) != RK_OK)
        return rk_fail_memory(plot->error);
    levels->code = malloc((levels->n + 1) * sizeof *levels->code);
    if (levels->code == NULL) {
        plot_levels_free(levels);
        return rk_fail_memory(plot->error);
    }
    for (size_t k = 0; k < levels->n; k++)
        levels->code[k] = rk_dict_find(plot->table->column[levels->column].dict,
                                       rk_dict_label(levels->names, levels->order[k]),
                                       rk_dict_length(levels->names, levels->order[k]));
    if (levels->n > most) {
        rk_fail(plot->error, RK_EUSAGE, "--%s %.60s has %zu levels; at most %zu can be told apart",
                option, name, levels->n, most);
        plot_levels_free(levels);
        return RK_EUSAGE;
    }
    return RK_OK;
}

void plot_levels_free(struct plot_levels *levels)
{
    free(levels->order);
    free(levels->code);
    *levels = (struct plot_levels){0};
}

bool plot_is_level(const struct plot *plot, const struct plot_levels *levels, size_t k, size_t row)
{
    return levels->n == 0 || (levels->code[k] != RK_NO_CODE &&
                              plot->table->column[levels->column].code[row] == levels->code[k]);
}

void plot_add_level_of(struct rk_text *out, const struct plot_levels *levels, size_t k)
{
    plot_add_level_name(out, levels->name, rk_dict_label(levels->names, levels->order[k]));
}

struct rk_layer *plot_level_layer(struct plot *plot, struct rk_panel *panel, enum rk_mark mark,
                                  int ink, const struct plot_levels *levels, size_t k)
{
    struct rk_text label = {0};
    struct rk_layer *layer = rk_picture_layer(plot->picture, panel, mark,
                                              levels->n == 0 ? ink : RK_INK_GROUP + (int)k, NULL);

    if (levels->n > 0 && layer != NULL) {
        plot_add_level_of(&label, levels, k);
        plot_set(plot, &layer->label, &label);
    }
    rk_text_free(&label);
    return layer;
}

/* --- panels --------------------------------------------------------------------------------- */

void plot_set_axis(struct plot *plot, struct rk_axis *axis, const char *name)
{
    size_t column = rk_table_find_typed(plot->table, name, RK_NUMBER);

    rk_picture_set(plot->picture, &axis->title, name);
    if (column != SIZE_MAX && plot->table->column[column].type == RK_TIME) {
        axis->kind = RK_AXIS_TIME;
        axis->time_kind = plot->table->column[column].time_kind;
    }
}

void plot_set_time(struct plot *plot, struct rk_axis *axis, size_t column)
{
    const struct rk_column *time = &plot->table->column[column];

    for (size_t i = 0; time->type == RK_NUMBER && i < plot->table->n_rows; i++)
        if (isfinite(time->number[i]) && time->number[i] != floor(time->number[i]))
            return;
    axis->kind = RK_AXIS_TIME;
    axis->time_kind = time->type == RK_TIME ? time->time_kind : RK_TIME_INTEGER;
}

size_t plot_panels_down(size_t n_panels)
{
    return n_panels == 4 ? 2 : (n_panels + 2) / 3;
}

void plot_set_size(struct plot *plot, size_t n_panels)
{
    size_t down = plot_panels_down(n_panels);

    if (n_panels > 1)
        plot->picture->width = n_panels == 2 || n_panels == 4 ? 1100.0 : 1400.0;
    if (down > 1)
        plot->picture->height = 140.0 + 340.0 * (double)down;
}

void plot_add_group(struct rk_text *out, const struct plot *plot, size_t row, const size_t *columns,
                    size_t n)
{
    struct rk_text level = {0};

    for (size_t k = 0; k < n; k++) {
        rk_text_clear(&level);
        plot_add_cell(&level, plot, row, columns[k]);
        rk_text_add(out, k == 0 ? "" : ", ");
        plot_add_level_name(out, plot->table->column[columns[k]].name, plot_words(plot, &level));
    }
    rk_text_free(&level);
}

/* --- facets --------------------------------------------------------------------------------- */

/* The rows of level k as a table of their own; NULL when out of memory. */
static struct rk_table *rows_of_level(const struct plot *plot, const struct plot_levels *levels,
                                      size_t k)
{
    size_t *rows = malloc((plot->whole->n_rows + 1) * sizeof *rows), n = 0;
    struct rk_table *part = NULL;

    for (size_t i = 0; rows != NULL && i < plot->whole->n_rows; i++)
        if (plot_is_level(plot, levels, k, i))
            rows[n++] = i;
    if (rows != NULL)
        part = rk_table_rows(plot->whole, rows, n);
    free(rows);
    return part;
}

/* One panel, the picture's subtitle now its own; a level of which nothing can be drawn is named in
 * left_out. */
static enum rk_status draw_facet(struct plot *plot, const struct plot_levels *levels, size_t k,
                                 enum rk_status (*make)(struct plot *plot),
                                 struct rk_text *left_out)
{
    struct rk_picture *picture = plot->picture;
    struct rk_table *part = rows_of_level(plot, levels, k);
    size_t before = picture->n_panels;
    struct rk_text title = {0};
    enum rk_status status;

    if (part == NULL)
        return rk_fail_memory(plot->error);
    plot->table = part;
    status = make(plot);
    plot->table = plot->whole;
    plot_add_level_of(&title, levels, k);
    if (status == RK_OK && picture->n_panels > before) {
        struct rk_panel *panel = &picture->panel[picture->n_panels - 1];

        plot_set(plot, &panel->title, &title);
        rk_picture_set(picture, &panel->subtitle, picture->subtitle);
    } else if (rk_status_is_undefined(status)) {
        rk_text_format(left_out, "%s%s", left_out->length == 0 ? " Left out: " : ", ",
                       plot_words(plot, &title));
        status = RK_OK;
    }
    rk_table_free(part);
    rk_text_free(&title);
    return status;
}

/* One y axis for all: its title is said once, so that panels need no line for it. */
static void say_vertical(struct plot *plot)
{
    struct rk_picture *picture = plot->picture;
    struct rk_text text = {0};

    if (picture->panel[0].y.title != NULL)
        rk_text_format(&text, "vertical axis: %s", picture->panel[0].y.title);
    for (size_t i = 0; i < picture->n_panels; i++)
        rk_picture_set(picture, &picture->panel[i].y.title, NULL);
    plot_set(plot, &picture->subtitle, &text);
    rk_text_free(&text);
}

enum rk_status plot_facets(struct plot *plot, const char *facet,
                           enum rk_status (*make)(struct plot *plot))
{
    struct plot_levels levels = {0};
    struct rk_text left_out = {0}, caption = {0};
    enum rk_status status = plot_levels(plot, "facet", facet, PLOT_MAX_PANELS, &levels);

    for (size_t k = 0; status == RK_OK && k < levels.n; k++)
        status = draw_facet(plot, &levels, k, make, &left_out);
    if (status == RK_OK && plot->picture->n_panels == 0)
        status = rk_fail(plot->error, RK_ENODATA, "no panel has anything to draw");
    if (status == RK_OK) {
        rk_text_format(&caption, "%s%s%s",
                       plot->picture->caption == NULL ? "" : plot->picture->caption,
                       plot_words(plot, &left_out), left_out.length == 0 ? "" : ".");
        plot_set(plot, &plot->picture->caption, &caption);
        say_vertical(plot);
        plot_set_size(plot, plot->picture->n_panels);
        plot->picture->same_x = plot->picture->same_y = true;
    }
    rk_text_free(&left_out);
    rk_text_free(&caption);
    plot_levels_free(&levels);
    return status;
}
