/* A model read off a table: one line an item. */
#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/number.h"
#include "roi_parts.h"

enum {
    ITEM,
    KIND,
    AMOUNT,
    LOW,
    HIGH,
    DIST,
    PER,
    START,
    END,
    GROWTH,
    RAMP,
    QUANTITY,
    HOURS,
    MARGIN,
    ATTRIBUTION,
    CATEGORY,
    EFFECT,
    N_COLUMNS
};

static const struct {
    const char *name;
    enum rk_role role;
} columns[N_COLUMNS] = {
    [ITEM] = {"item", RK_AS_LABEL},
    [KIND] = {"kind", RK_AS_LABEL},
    [AMOUNT] = {"amount", RK_AS_NUMBER},
    [LOW] = {"low", RK_AS_NUMBER},
    [HIGH] = {"high", RK_AS_NUMBER},
    [DIST] = {"dist", RK_AS_LABEL},
    [PER] = {"per", RK_AS_LABEL},
    [START] = {"start", RK_AS_NUMBER},
    [END] = {"end", RK_AS_NUMBER},
    [GROWTH] = {"growth", RK_AS_NUMBER},
    [RAMP] = {"ramp", RK_AS_NUMBER},
    [QUANTITY] = {"quantity", RK_AS_NUMBER},
    [HOURS] = {"hours", RK_AS_NUMBER},
    [MARGIN] = {"margin", RK_AS_NUMBER},
    [ATTRIBUTION] = {"attribution", RK_AS_NUMBER},
    [CATEGORY] = {"category", RK_AS_LABEL},
    [EFFECT] = {"effect", RK_AS_LABEL},
};

enum rk_status rk_roi_wants(const struct rk_roi_options *options, struct rk_wants *wants)
{
    enum rk_status status = RK_OK;

    (void)options;
    wants->all = true; /* so that a misspelt one is seen */
    for (size_t j = 0; status == RK_OK && j < N_COLUMNS; j++)
        status =
            (j <= AMOUNT ? rk_wants_add : rk_wants_maybe)(wants, columns[j].name, columns[j].role);
    return status;
}

enum rk_status roi_check_columns(const struct rk_table *table, struct rk_error *error)
{
    const char *names[N_COLUMNS];
    struct rk_text list = {0};

    for (size_t j = 0; j < N_COLUMNS; j++)
        names[j] = columns[j].name;
    for (size_t i = 0; i < table->n_columns; i++) {
        const char *name = table->column[i].name, *nearest;
        size_t j = 0;

        while (j < N_COLUMNS && strcmp(names[j], name) != 0)
            j++;
        if (j < N_COLUMNS)
            continue;
        nearest = rk_nearest(name, names, N_COLUMNS);
        for (j = 0; nearest == NULL && j < N_COLUMNS; j++)
            rk_text_format(&list, "%s%s", j > 0 ? "," : "", names[j]);
        if (nearest != NULL)
            rk_fail(error, RK_EINPUT, "a model has no such column; did you mean '%s'?", nearest);
        else
            rk_fail(error, RK_EINPUT, "a model has no such column; it has %s",
                    list.failed ? "" : list.bytes);
        rk_text_free(&list);
        return rk_fail_at(error, table->name, 1, name);
    }
    return RK_OK;
}

/* --- cells -------------------------------------------------------------------------------- */

struct cells {
    const struct rk_table *table;
    size_t column[N_COLUMNS]; /* SIZE_MAX where the file has none */
    size_t row;
    struct roi_overrides overrides;
    const char *item; /* the line's, once it is known */
    const struct rk_table *risk;
    struct rk_error *error;
};

static enum rk_status bad_cell(const struct cells *cells, size_t column, enum rk_status status,
                               const char *format, ...) __attribute__((format(printf, 4, 5)));

static enum rk_status bad_cell(const struct cells *cells, size_t column, enum rk_status status,
                               const char *format, ...)
{
    char text[512];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    rk_fail(cells->error, status, "%s", text);
    rk_fail_at(cells->error, cells->table->name, rk_table_line(cells->table, cells->row),
               column == N_COLUMNS ? NULL : columns[column].name);
    return status;
}

static enum rk_status find_columns(struct cells *cells)
{
    for (size_t j = 0; j < N_COLUMNS; j++) {
        enum rk_type type = columns[j].role == RK_AS_NUMBER ? RK_NUMBER : RK_TEXT;
        enum rk_status status = RK_OK;

        cells->column[j] = SIZE_MAX;
        if (j <= AMOUNT || rk_table_find(cells->table, columns[j].name) != SIZE_MAX)
            status = rk_column_index(cells->table, columns[j].name, type, &cells->column[j],
                                     cells->error);
        if (status != RK_OK)
            return status;
    }
    return RK_OK;
}

/* The cell that a scenario gives instead of the file's; NULL where it gives none. */
static const char *instead(const struct cells *cells, size_t column)
{
    return cells->overrides.scenario == NULL || cells->item == NULL || column == ITEM
               ? NULL
               : roi_override(&cells->overrides, cells->item, column, NULL);
}

static double number(const struct cells *cells, size_t column, double fallback)
{
    const char *other = instead(cells, column);
    double value = cells->column[column] == SIZE_MAX
                       ? NAN
                       : cells->table->column[cells->column[column]].number[cells->row];

    if (other != NULL) {
        value = NAN; /* an empty one takes the model's value away */
        rk_number_read(other, strlen(other), cells->overrides.scenario->decimal, &value, NULL);
    }
    return isnan(value) ? fallback : value;
}

/* NULL where the cell is missing or blank. */
static const char *text(const struct cells *cells, size_t column)
{
    const char *other = instead(cells, column);
    const char *cell = other != NULL ? other
                       : cells->column[column] == SIZE_MAX
                           ? NULL
                           : rk_table_text(cells->table, cells->row, cells->column[column]);

    return cell == NULL || cell[strspn(cell, " \t\r\n")] == '\0' ? NULL : cell;
}

/* The index of a choice, whatever its case and the blanks around it; `fallback` where the cell is
 * missing (below 0: it must not be). */
static enum rk_status choice(const struct cells *cells, size_t column, const char *choices,
                             int fallback, int *index)
{
    const char *cell = text(cells, column);
    char word[32];
    size_t n = 0;

    *index = fallback;
    if (cell == NULL && fallback >= 0)
        return RK_OK;
    for (const char *c = cell; c != NULL && *c != '\0' && n + 1 < sizeof word; c++)
        if (!isspace((unsigned char)*c))
            word[n++] = (char)tolower((unsigned char)*c);
    *index = n == 0 ? -1 : rk_choice_find(choices, word, n);
    if (*index >= 0)
        return RK_OK;
    rk_choice_fail(choices, cell == NULL ? "" : cell, "unknown", RK_EINPUT, cells->error);
    return rk_fail_at(cells->error, cells->table->name, rk_table_line(cells->table, cells->row),
                      columns[column].name);
}

static enum rk_status months(const struct cells *cells, size_t column, int fallback, int *out)
{
    double value = number(cells, column, NAN);

    *out = fallback;
    if (isnan(value))
        return RK_OK;
    if (value != trunc(value) || fabs(value) > 1e6)
        return bad_cell(cells, column, RK_EINPUT, "%.10g is no whole number of months", value);
    *out = (int)value;
    return RK_OK;
}

/* A factor of an item: 1 where it is missing, at least 0, at most `most`. */
static enum rk_status factor(const struct cells *cells, size_t column, double most, double *scale)
{
    double value = number(cells, column, 1.0);

    if (value < 0.0)
        return bad_cell(cells, column, RK_EINPUT, "%.10g is below 0", value);
    if (value > most)
        return bad_cell(cells, column, RK_EINPUT, "%.10g is above 1; write a share as 0.35 or 35%%",
                        value);
    *scale *= value;
    return RK_OK;
}

/* --- an item ------------------------------------------------------------------------------ */

static enum rk_status read_schedule(const struct cells *cells, struct rk_roi_item *item)
{
    int kind = 0, per = 0;
    enum rk_status status = choice(cells, KIND, RK_ROI_KINDS, -1, &kind);

    if (status == RK_OK)
        status = choice(cells, PER, RK_ROI_PERS, RK_PER_ONCE, &per);
    if (status == RK_OK)
        status = months(cells, START, 0, &item->start);
    if (status == RK_OK)
        status = months(cells, END, INT_MAX, &item->end);
    item->kind = (enum rk_roi_kind)kind;
    item->per = (enum rk_roi_per)per;
    item->growth = number(cells, GROWTH, 0.0);
    item->ramp = number(cells, RAMP, 0.0);
    if (status == RK_OK && item->growth > 1.0)
        return bad_cell(cells, GROWTH, RK_EINPUT, "%.10g is %.10g%% a year; write 0.03 or 3%%",
                        item->growth, 100.0 * item->growth);
    return status;
}

static enum rk_status read_scale(const struct cells *cells, struct rk_roi_item *item)
{
    enum rk_status status;

    item->scale = 1.0;
    status = factor(cells, QUANTITY, INFINITY, &item->scale);
    if (status == RK_OK)
        status = factor(cells, HOURS, INFINITY, &item->scale);
    if (status == RK_OK)
        status = factor(cells, MARGIN, 1.0, &item->scale);
    if (status == RK_OK)
        status = factor(cells, ATTRIBUTION, 1.0, &item->scale);
    return status;
}

static enum rk_status read_amount(const struct cells *cells, struct rk_uncertain *amount)
{
    double low = number(cells, LOW, NAN), high = number(cells, HIGH, NAN);
    bool has_range = !isnan(low) || !isnan(high);
    struct rk_error error;
    int dist = 0;
    enum rk_status status =
        choice(cells, DIST, RK_DISTS, has_range ? (int)RK_DIST_PERT : (int)RK_DIST_FIXED, &dist);

    if (status != RK_OK)
        return status;
    if (rk_uncertain_set((enum rk_dist)dist, number(cells, AMOUNT, NAN), low, high, amount,
                         &error) == RK_OK)
        return RK_OK;
    return bad_cell(cells, has_range ? AMOUNT : DIST, RK_EINPUT, "%s", error.text);
}

/* --- sources ------------------------------------------------------------------------------ */

/* Adds a source; parts have room for one an item. */
static enum rk_status add_source(struct roi_parts *parts, const char *what, const char *name,
                                 const struct rk_uncertain *amount, size_t *index)
{
    struct rk_text label = {0};
    size_t s = parts->model.n_sources;

    rk_text_format(&label, "%s %s", what, name);
    parts->label[s] = rk_text_take(&label);
    if (parts->label[s] == NULL)
        return RK_ENOMEM;
    parts->source[s] = (struct rk_roi_source){parts->label[s], *amount};
    *index = s;
    parts->model.n_sources++;
    return RK_OK;
}

static enum rk_status effect_source(const struct cells *cells, const struct rk_effect *effect,
                                    struct roi_parts *parts, struct rk_roi_item *item)
{
    static const char *const pers[] = {"once", "week", "month", "quarter", "year"};
    double baseline = number(cells, AMOUNT, NAN);

    /* A relative effect is one of any unit of time. */
    if (!effect->relative && effect->per[0] != '\0' && strcmp(effect->per, pers[item->per]) != 0)
        return bad_cell(cells, PER, RK_EINPUT, "the effect '%s' is per %s (%s), the item %s%s",
                        effect->name, effect->per, effect->file,
                        item->per == RK_PER_ONCE ? "" : "per ", pers[item->per]);
    if (effect->relative)
        item->scale *= baseline;
    for (size_t i = 0; i < parts->model.n_items; i++)
        if (parts->line[i].effect == effect) {
            item->source = parts->item[i].source;
            return RK_OK;
        }
    if (add_source(parts, "effect", effect->name, &effect->amount, &item->source) != RK_OK)
        return rk_fail_memory(cells->error);
    return RK_OK;
}

static enum rk_status find_effect(const struct cells *cells, const struct rk_effects *effects,
                                  const char *name, const struct rk_effect **effect)
{
    *effect = effects == NULL ? NULL : rk_effects_find(effects, name);
    if (*effect != NULL)
        return RK_OK;
    return bad_cell(cells, EFFECT, RK_EUSAGE,
                    "the item takes its amount from '%s'; give --effect %s=FILE", name, name);
}

/* --- lines -------------------------------------------------------------------------------- */

static enum rk_status check_name(const struct cells *cells, const struct roi_parts *parts,
                                 const char *name)
{
    if (name == NULL)
        return bad_cell(cells, ITEM, RK_EINPUT, "an item needs a name");
    for (size_t i = 0; i < parts->model.n_items; i++)
        if (strcmp(parts->line[i].name, name) == 0)
            return bad_cell(cells, ITEM, RK_EINPUT,
                            "two items are named '%s'; give each its own name", name);
    return RK_OK;
}

static enum rk_status read_line(struct cells *cells, const struct rk_effects *effects,
                                struct roi_parts *parts)
{
    const char *name = text(cells, ITEM), *effect_name;
    const struct rk_effect *effect = NULL;
    struct rk_roi_item item = {0};
    struct rk_uncertain amount;
    struct rk_error why;
    enum rk_status status = check_name(cells, parts, name);
    double risk;

    cells->item = name;
    effect_name = text(cells, EFFECT);
    if (status == RK_OK)
        status = read_schedule(cells, &item);
    if (status == RK_OK)
        status = read_scale(cells, &item);
    if (status == RK_OK && effect_name != NULL)
        status = find_effect(cells, effects, effect_name, &effect);
    if (status != RK_OK)
        return status;
    if (isnan(number(cells, AMOUNT, NAN)) && (effect == NULL || effect->relative))
        return rk_names_add(&parts->missing, name) == RK_OK ? RK_OK : rk_fail_memory(cells->error);
    if (effect != NULL)
        status = effect_source(cells, effect, parts, &item);
    else
        status = read_amount(cells, &amount);
    if (status == RK_OK && effect == NULL &&
        add_source(parts, "item", name, &amount, &item.source) != RK_OK)
        status = rk_fail_memory(cells->error);
    if (status == RK_OK && rk_roi_check_item(&item, &why) != RK_OK)
        status = bad_cell(cells, N_COLUMNS, RK_EINPUT, "item '%s': %s", name, why.text);
    if (status != RK_OK)
        return status;
    risk = roi_risk_scale(cells->risk, name, item.kind);
    item.scale *= risk;
    parts->n_adjusted_twice += risk != 1.0 && effect == NULL && amount.dist != RK_DIST_FIXED;
    parts->line[parts->model.n_items] = (struct roi_line){
        .name = name,
        .category = text(cells, CATEGORY),
        .effect = effect,
        .attribution = number(cells, ATTRIBUTION, 1.0),
        .has_hours = !isnan(number(cells, HOURS, NAN)),
        .has_attribution = !isnan(number(cells, ATTRIBUTION, NAN)),
    };
    parts->item[parts->model.n_items++] = item;
    return RK_OK;
}

/* Whether every effect given is some line's. */
static enum rk_status check_effects(const struct cells *cells, const struct rk_effects *effects)
{
    struct rk_names named = {0};
    struct cells at = *cells;
    enum rk_status status = RK_OK;

    for (at.row = 0; status == RK_OK && at.row < at.table->n_rows; at.row++) {
        const char *name = text(&at, EFFECT);

        if (name != NULL && !rk_names_has(&named, name))
            status = rk_names_add(&named, name);
    }
    if (status != RK_OK)
        rk_fail_memory(cells->error);
    for (size_t i = 0; status == RK_OK && effects != NULL && i < effects->n; i++) {
        const char *name = effects->effect[i].name, *nearest;

        if (rk_names_has(&named, name))
            continue;
        nearest = rk_nearest(name, (const char *const *)named.name, named.n);
        if (nearest == NULL && named.n > 0)
            nearest = named.name[0];
        status = nearest == NULL
                     ? rk_fail(cells->error, RK_EUSAGE,
                               "--effect %s: no item of %s has anything in the column 'effect'",
                               name, at.table->name)
                     : rk_fail(cells->error, RK_EUSAGE,
                               "--effect %s: no item of %s has that effect; one has '%s'", name,
                               at.table->name, nearest);
    }
    rk_names_free(&named);
    return status;
}

enum rk_status roi_read_items(const struct rk_table *table, const struct rk_roi_options *options,
                              const struct rk_roi_scenario *scenario, bool adjusted,
                              struct roi_parts *parts, struct rk_error *error)
{
    const char *names[N_COLUMNS];
    bool is_number[N_COLUMNS];
    struct cells cells = {.table = table,
                          .overrides = {scenario, names, is_number, N_COLUMNS},
                          .risk = adjusted ? options->files->risk : NULL,
                          .error = error};
    size_t n = table->n_rows + 1;
    enum rk_status status = find_columns(&cells);

    for (size_t j = 0; j < N_COLUMNS; j++) {
        names[j] = columns[j].name;
        is_number[j] = columns[j].role == RK_AS_NUMBER;
    }
    if (status == RK_OK && scenario != NULL)
        status = roi_check_overrides(&cells.overrides, table, error);
    if (status == RK_OK)
        status = check_effects(&cells, options->effects);
    if (status != RK_OK)
        return status;
    parts->item = calloc(n, sizeof *parts->item);
    parts->source = calloc(n, sizeof *parts->source);
    parts->label = calloc(n, sizeof *parts->label);
    parts->line = calloc(n, sizeof *parts->line);
    if (parts->item == NULL || parts->source == NULL || parts->label == NULL || parts->line == NULL)
        return rk_fail_memory(error);
    for (cells.row = 0; status == RK_OK && cells.row < table->n_rows; cells.row++)
        status = read_line(&cells, options->effects, parts);
    if (status == RK_OK && parts->model.n_items == 0) {
        rk_fail(error, RK_ENODATA, "no item has an amount");
        status = rk_fail_at(error, table->name, 0, NULL);
    }
    parts->model.item = parts->item;
    parts->model.source = parts->source;
    return status;
}

void roi_parts_free(struct roi_parts *parts)
{
    for (size_t s = 0; s < parts->model.n_sources; s++)
        free(parts->label[s]);
    free(parts->label);
    free(parts->item);
    free(parts->source);
    free(parts->line);
    free(parts->factor);
    rk_names_free(&parts->missing);
    rk_roi_profile_free(parts->profile);
    rk_roi_draws_free(parts->draws);
    *parts = (struct roi_parts){0};
}
