/* heatmap: rep-corr's pairs as a matrix, one panel for each scope, lag, method or group. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot_parts.h"

enum { MAX_NAMES = 40, MAX_PANELS = 12 };

struct heatmap {
    size_t x, y, estimate;
    size_t *panel_column;
    size_t n_panel_columns;
    struct rk_groups panels;
    struct rk_dict *rows, *columns; /* the same dictionary where all stand against all */
    bool symmetric;
};

/* Outcomes across, activities down. Where a name is both, every pair stands twice, so that each
 * row can be read alone. */
static enum rk_status collect_names(struct plot *plot, struct heatmap *map)
{
    struct rk_text name = {0};
    enum rk_status status = RK_OK;

    map->rows = rk_dict_new();
    map->columns = rk_dict_new();
    if (map->rows == NULL || map->columns == NULL)
        return rk_fail_memory(plot->error);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; status == RK_OK && i < plot->table->n_rows; i++) {
            for (int k = 0; k < 2; k++) {
                struct rk_dict *dict = k == 0 ? map->rows : map->columns;

                rk_text_clear(&name);
                rk_text_add(&name, "");
                plot_add_cell(&name, plot, i, k == 0 ? map->x : map->y);
                if (name.failed || rk_dict_code(dict, name.bytes, name.length) == RK_NO_CODE)
                    status = rk_fail_memory(plot->error);
                if (status == RK_OK && pass == 1 && map->symmetric &&
                    rk_dict_code(map->rows, name.bytes, name.length) == RK_NO_CODE)
                    status = rk_fail_memory(plot->error);
            }
        }
        for (uint32_t c = 0; pass == 0 && c < rk_dict_size(map->columns); c++) {
            const char *label = rk_dict_label(map->columns, c);

            map->symmetric =
                map->symmetric || rk_dict_find(map->rows, label, strlen(label)) != RK_NO_CODE;
        }
    }
    rk_text_free(&name);
    if (status == RK_OK &&
        (rk_dict_size(map->rows) > MAX_NAMES || rk_dict_size(map->columns) > MAX_NAMES))
        return rk_fail(plot->error, RK_EUSAGE,
                       "a heatmap of %zu by %zu cannot be read; --where keeps some rows",
                       rk_dict_size(map->rows), rk_dict_size(map->columns));
    return status;
}

static enum rk_status collect_panels(struct plot *plot, struct heatmap *map, struct rk_text *same)
{
    static const char *const pair[] = {"x", "y", NULL};
    enum rk_status status;

    map->panel_column = plot_label_columns(plot, map->estimate, pair, &map->n_panel_columns);
    if (map->panel_column == NULL)
        return rk_fail_memory(plot->error);
    plot_split_constant(plot, map->panel_column, &map->n_panel_columns, same);
    status = rk_groups_by(plot->table, map->panel_column, map->n_panel_columns, &map->panels);
    if (status != RK_OK)
        return rk_fail_memory(plot->error);
    if (map->panels.n_groups > MAX_PANELS)
        return rk_fail(plot->error, RK_EUSAGE,
                       "%zu matrices are too many for one picture; --where keeps some rows",
                       map->panels.n_groups);
    return RK_OK;
}

static void add_coefficient(struct rk_text *out, double value)
{
    char plain[32];

    snprintf(plain, sizeof plain, "%.2f", value);
    if (isfinite(value))
        rk_picture_add_number(out, plain);
    else
        rk_text_add(out, "NA");
}

static void add_cell(struct plot *plot, struct rk_layer *layer, uint32_t across, uint32_t down,
                     double value)
{
    struct rk_spot spot = plot_spot((double)across, (double)down);
    struct rk_text text = {0};

    add_coefficient(&text, value);
    spot.value = value;
    spot.text = text.bytes;
    plot->picture->failed |= text.failed;
    rk_picture_spot(plot->picture, layer, spot);
    rk_text_free(&text);
}

static uint32_t code_of(const struct plot *plot, struct rk_dict *dict, size_t row, size_t column)
{
    struct rk_text name = {0};
    uint32_t code;

    rk_text_add(&name, "");
    plot_add_cell(&name, plot, row, column);
    code = name.failed ? RK_NO_CODE : rk_dict_find(dict, name.bytes, name.length);
    plot->picture->failed |= name.failed;
    rk_text_free(&name);
    return code;
}

static void add_panel_name(struct plot *plot, const struct heatmap *map, size_t g,
                           struct rk_text *out)
{
    rk_text_clear(out);
    rk_text_add(out, "");
    for (size_t k = 0; k < map->n_panel_columns; k++) {
        size_t column = map->panel_column[k];

        rk_text_add(out, k == 0 ? "" : ", ");
        if (plot->table->column[column].type != RK_TEXT)
            rk_text_format(out, "%s ", plot->table->column[column].name);
        plot_add_cell(out, plot, map->panels.first_row[g], column);
    }
}

static void add_panel(struct plot *plot, const struct heatmap *map, size_t g)
{
    const struct rk_groups *groups = &map->panels;
    struct rk_dict *columns = map->symmetric ? map->rows : map->columns;
    struct rk_panel *panel = rk_picture_panel(plot->picture, NULL);
    struct rk_layer *cells;
    struct rk_text title = {0};

    if (panel == NULL)
        return;
    add_panel_name(plot, map, g, &title);
    plot_set(plot, &panel->title, &title);
    panel->x.kind = panel->y.kind = RK_AXIS_NAMES;
    for (uint32_t c = 0; c < rk_dict_size(columns); c++)
        rk_picture_name(plot->picture, &panel->x, rk_dict_label(columns, c));
    for (uint32_t c = 0; c < rk_dict_size(map->rows); c++)
        rk_picture_name(plot->picture, &panel->y, rk_dict_label(map->rows, c));
    cells = rk_picture_layer(plot->picture, panel, RK_MARK_CELLS, RK_INK_DIVERGING, NULL);
    if (cells != NULL)
        cells->width = cells->height = 0.96;
    for (size_t k = groups->start[g]; k < groups->start[g + 1]; k++) {
        size_t row = groups->rows[k];
        double value = plot_number(plot, row, map->estimate);
        uint32_t down = code_of(plot, map->rows, row, map->x);
        uint32_t across = code_of(plot, columns, row, map->y);

        add_cell(plot, cells, across, down, value);
        if (map->symmetric && across != down)
            add_cell(plot, cells, down, across, value);
    }
    rk_text_free(&title);
}

/* One outcome only: the ways of looking stand side by side, and there is room for the intervals. */
static bool is_one_outcome(const struct heatmap *map)
{
    return !map->symmetric && rk_dict_size(map->columns) == 1 && map->panels.n_groups > 1;
}

/* What a cell of one outcome shows: the ground, on it the estimate, below that its interval. */
enum part { GROUND, ESTIMATE, INTERVAL, N_PARTS };

static struct rk_layer *add_part(struct plot *plot, struct rk_panel *panel, int part)
{
    struct rk_layer *cells =
        rk_picture_layer(plot->picture, panel, RK_MARK_CELLS, RK_INK_DIVERGING, NULL);

    if (cells != NULL) {
        cells->width = 0.96;
        cells->height = part == GROUND ? 0.96 : 0.4;
    }
    return cells;
}

static void add_part_cell(struct plot *plot, struct rk_layer *layer, int part, double across,
                          double down, size_t row)
{
    size_t columns[] = {rk_table_find(plot->table, "conf_low"),
                        rk_table_find(plot->table, "conf_high")};
    struct rk_spot spot = plot_spot(across, down);
    struct rk_text text = {0};

    spot.value = plot_number(plot, row, rk_table_find(plot->table, "estimate"));
    if (part == ESTIMATE) {
        spot.y -= 0.18;
        add_coefficient(&text, spot.value);
    } else if (part == INTERVAL) {
        spot.y += 0.2;
        for (int k = 0; k < 2; k++) {
            rk_text_add(&text, k == 0 ? "[" : ", ");
            add_coefficient(&text,
                            columns[k] == SIZE_MAX ? NAN : plot_number(plot, row, columns[k]));
        }
        rk_text_add(&text, "]");
    }
    spot.text = text.bytes;
    plot->picture->failed |= text.failed;
    rk_picture_spot(plot->picture, layer, spot);
    rk_text_free(&text);
}

static void add_only_panel(struct plot *plot, const struct heatmap *map)
{
    const struct rk_groups *groups = &map->panels;
    struct rk_panel *panel = rk_picture_panel(plot->picture, NULL);
    bool known = rk_table_find(plot->table, "conf_low") != SIZE_MAX &&
                 rk_table_find(plot->table, "conf_high") != SIZE_MAX;
    struct rk_text name = {0};

    if (panel == NULL)
        return;
    panel->x.kind = panel->y.kind = RK_AXIS_NAMES;
    for (size_t g = 0; g < groups->n_groups; g++) {
        add_panel_name(plot, map, g, &name);
        rk_picture_name(plot->picture, &panel->x, plot_words(plot, &name));
    }
    for (uint32_t c = 0; c < rk_dict_size(map->rows); c++)
        rk_picture_name(plot->picture, &panel->y, rk_dict_label(map->rows, c));
    for (int part = 0; part < (known ? N_PARTS : INTERVAL); part++) {
        struct rk_layer *cells = add_part(plot, panel, part);

        for (size_t g = 0; g < groups->n_groups; g++)
            for (size_t k = groups->start[g]; k < groups->start[g + 1]; k++)
                add_part_cell(plot, cells, part, (double)g,
                              (double)code_of(plot, map->rows, groups->rows[k], map->x),
                              groups->rows[k]);
    }
    rk_text_free(&name);
}

static void set_words_of_one(struct plot *plot, struct heatmap *map, struct rk_text *same)
{
    bool known = rk_table_find(plot->table, "conf_low") != SIZE_MAX;
    struct rk_text text = {0};

    rk_text_format(&text, "Correlations with %s", rk_dict_label(map->columns, 0));
    plot_title(plot, &text);
    plot_set(plot, &plot->picture->subtitle, same);
    rk_text_add(&text, "Colour: from −1 (orange) over 0 (neutral) to 1 (blue); grey, NA: not "
                       "available.");
    rk_text_add(&text, known ? " Brackets: intervals." : "");
    plot_set(plot, &plot->picture->caption, &text);
    plot->picture->width = fmax(640.0, 180.0 + 150.0 * (double)map->panels.n_groups);
    plot->picture->height = 190.0 + 46.0 * (double)rk_dict_size(map->rows);
    rk_text_free(&text);
}

static void set_words(struct plot *plot, struct heatmap *map, struct rk_text *same)
{
    double across = (double)rk_dict_size(map->symmetric ? map->rows : map->columns);
    double down = (double)rk_dict_size(map->rows), panels = (double)map->panels.n_groups;
    double beside = fmin(panels, panels == 4.0 ? 2.0 : 3.0);
    struct rk_text text = {0};

    rk_text_add(&text, "Correlations");
    plot_title(plot, &text);
    plot_set(plot, &plot->picture->subtitle, same);
    rk_text_add(&text, "Colour: from −1 (orange) over 0 (neutral) to 1 (blue); grey, NA: not "
                       "available.");
    plot_set(plot, &plot->picture->caption, &text);
    plot->picture->width = fmax(640.0, 180.0 + beside * (60.0 + 66.0 * across));
    plot->picture->height = 220.0 + ceil(panels / beside) * (90.0 + 44.0 * down);
    rk_text_free(&text);
}

enum rk_status plot_heatmap(struct plot *plot)
{
    struct heatmap map = {0};
    struct rk_text same = {0};
    enum rk_status status;

    map.x = rk_table_find(plot->table, "x");
    map.y = rk_table_find(plot->table, "y");
    map.estimate = rk_table_find(plot->table, "estimate");
    status = collect_names(plot, &map);
    if (status == RK_OK)
        status = collect_panels(plot, &map, &same);
    if (status == RK_OK && is_one_outcome(&map)) {
        add_only_panel(plot, &map);
        set_words_of_one(plot, &map, &same);
    } else if (status == RK_OK) {
        for (size_t g = 0; g < map.panels.n_groups; g++)
            add_panel(plot, &map, g);
        set_words(plot, &map, &same);
    }
    plot->picture->failed |= same.failed;
    rk_text_free(&same);
    rk_groups_free(&map.panels);
    free(map.panel_column);
    rk_dict_free(map.rows);
    rk_dict_free(map.columns);
    return status;
}
