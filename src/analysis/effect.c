#include "repkit/effect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/analysis.h"
#include "repkit/file_spec.h"
#include "repkit/number.h"
#include "repkit/result_file.h"

/* --- rows by their keys ------------------------------------------------------------------- */

/* Whether a cell is what the key says, as text or as a number. */
static bool cell_is(const struct rk_table *table, size_t row, size_t column, const char *value,
                    struct rk_text *cell)
{
    double number;

    rk_text_clear(cell);
    rk_text_add(cell, "");
    rk_table_cell(table, row, column, cell);
    if (cell->failed || strcmp(cell->bytes, value) == 0)
        return !cell->failed;
    return table->column[column].type == RK_NUMBER &&
           rk_number_read(value, strlen(value), '.', &number, NULL) == RK_READ_OK &&
           table->column[column].number[row] == number;
}

/* The distinct values of a column among the kept rows, for messages: a, b, c, ... */
static void list_values(const struct rk_table *table, size_t column, const bool *keep,
                        struct rk_text *list)
{
    enum { MOST_SHOWN = 8 };
    struct rk_names seen = {0};
    struct rk_text cell = {0};

    for (size_t i = 0; i < table->n_rows && seen.n < MOST_SHOWN; i++) {
        rk_text_clear(&cell);
        if (!keep[i] || !rk_table_cell(table, i, column, &cell) || cell.failed ||
            rk_names_has(&seen, cell.bytes) || rk_names_add(&seen, cell.bytes) != RK_OK)
            continue;
        rk_text_format(list, "%s%s", seen.n > 1 ? ", " : "", cell.bytes);
    }
    if (seen.n == MOST_SHOWN)
        rk_text_add(list, ", ...");
    rk_text_free(&cell);
    rk_names_free(&seen);
}

static enum rk_status keep_by_key(const struct rk_table *table, const char *key, const char *value,
                                  bool *keep, struct rk_error *error)
{
    size_t column = rk_table_find(table, key);
    struct rk_text cell = {0}, list = {0};
    bool any = false, lost = false, *was = malloc((table->n_rows + 1) * sizeof *was);

    if (was == NULL)
        return rk_fail_memory(error);
    if (column == SIZE_MAX) {
        free(was);
        return rk_column_index(table, key, RK_TEXT, &column, error); /* names the nearest */
    }
    memcpy(was, keep, table->n_rows * sizeof *was);
    for (size_t i = 0; i < table->n_rows; i++) {
        keep[i] = keep[i] && cell_is(table, i, column, value, &cell);
        any = any || keep[i];
        lost = lost || cell.failed;
    }
    if (lost) {
        rk_fail_memory(error);
    } else if (!any) {
        list_values(table, column, was, &list);
        rk_fail(error, RK_EINPUT, "no row with %s=%s; there is %s", key, value,
                list.failed || list.length == 0 ? "none" : list.bytes);
        rk_fail_at(error, table->name, 0, NULL);
    }
    free(was);
    rk_text_free(&cell);
    rk_text_free(&list);
    return lost ? RK_ENOMEM : any ? RK_OK : RK_EINPUT;
}

/* --- the one row -------------------------------------------------------------------------- */

/* Whether a column that labels rows tells the kept ones apart: text before the estimate, and
 * numbers that stand before any text (those of --by). */
static bool tells_apart(const struct rk_table *table, size_t column, const bool *keep)
{
    const struct rk_column *c = &table->column[column];
    size_t first = SIZE_MAX;

    for (size_t j = 0; c->type == RK_NUMBER && j < column; j++)
        if (table->column[j].type == RK_TEXT)
            return false;
    if (column > rk_table_find(table, "estimate"))
        return false;
    for (size_t i = 0; i < table->n_rows; i++) {
        if (!keep[i])
            continue;
        if (first == SIZE_MAX)
            first = i;
        if (c->type == RK_TEXT ? c->code[i] != c->code[first] : c->number[i] != c->number[first])
            return true;
    }
    return false;
}

static void list_candidate(const struct rk_table *table, size_t row, const bool *keep,
                           struct rk_text *list)
{
    enum { MOST_COLUMNS = 3 };
    size_t shown = 0;

    for (size_t j = 0; j < table->n_columns && shown < MOST_COLUMNS; j++) {
        if (!tells_apart(table, j, keep))
            continue;
        rk_text_format(list, "%s%s=", shown++ > 0 ? "," : "", table->column[j].name);
        rk_table_cell(table, row, j, list);
    }
    if (shown == 0)
        rk_text_format(list, "line %zu", rk_table_line(table, row));
}

static enum rk_status too_many(const struct rk_table *table, const bool *keep, size_t n,
                               struct rk_error *error)
{
    enum { MOST_BYTES = 420 };
    struct rk_text list = {0};
    size_t shown = 0;

    for (size_t i = 0; i < table->n_rows && list.length < MOST_BYTES; i++) {
        if (!keep[i])
            continue;
        rk_text_add(&list, shown++ > 0 ? "; " : "");
        list_candidate(table, i, keep, &list);
    }
    rk_fail(error, RK_EINPUT, "%zu rows remain where one is needed; add keys (FILE:%s): %s%s", n,
            "key=value,...", list.failed ? "" : list.bytes, shown < n ? "; ..." : "");
    rk_fail_at(error, table->name, 0, NULL);
    rk_text_free(&list);
    return RK_EINPUT;
}

static enum rk_status find_row(const struct rk_table *table, const struct rk_file_spec *spec,
                               size_t *row, struct rk_error *error)
{
    bool *keep = malloc((table->n_rows + 1) * sizeof *keep);
    size_t term = rk_table_find_typed(table, "term", RK_TEXT), n = 0, n_att = 0, att = 0;
    enum rk_status status = keep == NULL ? rk_fail_memory(error) : RK_OK;

    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++)
        keep[i] = true;
    for (size_t k = 0; status == RK_OK && k < spec->key.n; k++)
        status = keep_by_key(table, spec->key.name[k], spec->value.name[k], keep, error);
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++) {
        const char *name = term == SIZE_MAX ? NULL : rk_table_text(table, i, term);

        if (!keep[i])
            continue;
        *row = i;
        n++;
        if (name != NULL && strcmp(name, "att") == 0) {
            att = i;
            n_att++;
        }
    }
    if (status == RK_OK && n > 1 && n_att == 1)
        *row = att;
    else if (status == RK_OK && n != 1)
        status = too_many(table, keep, n, error);
    free(keep);
    return status;
}

/* --- its numbers -------------------------------------------------------------------------- */

/* A number of the row, NaN where the cell is missing or the table has no such column. */
static double number_of(const struct rk_table *table, size_t row, const char *column)
{
    size_t j = rk_table_find_typed(table, column, RK_NUMBER);

    return j == SIZE_MAX ? NAN : table->column[j].number[row];
}

static char *text_of(const struct rk_table *table, size_t row, const char *column)
{
    size_t j = rk_table_find(table, column);
    const char *cell = j == SIZE_MAX ? NULL : rk_table_text(table, row, j);

    return rk_strdup(cell == NULL ? "" : cell);
}

static enum rk_status read_amount(const struct rk_table *table, size_t row,
                                  struct rk_effect *effect, struct rk_error *error)
{
    const char *column = effect->relative ? "rel_effect" : "estimate";
    double estimate = number_of(table, row, column);
    double low = number_of(table, row, effect->relative ? "rel_low" : "conf_low");
    double high = number_of(table, row, effect->relative ? "rel_high" : "conf_high");
    double df = number_of(table, row, "df");
    double std_error = effect->relative ? NAN : number_of(table, row, "std_error");
    enum rk_status status;

    if (isnan(std_error))
        std_error = rk_std_error_of_interval(low, high, number_of(table, row, "conf_level"), df);
    if (!isfinite(estimate))
        status = rk_fail(error, RK_EINPUT, "the estimate is missing%s%s",
                         effect->note[0] != '\0' ? ": " : "", effect->note);
    else if (isnan(std_error))
        status = rk_fail(error, RK_EINPUT, "no uncertainty: it needs %s",
                         effect->relative ? "rel_low, rel_high and conf_level"
                                          : "std_error, or conf_low, conf_high and conf_level");
    else
        status = rk_uncertain_estimate(estimate, std_error, df, &effect->amount, error);
    if (status == RK_EINPUT)
        rk_fail_at(error, table->name, rk_table_line(table, row), column);
    return status;
}

static enum rk_status read_use(struct rk_file_spec *spec, struct rk_effect *effect,
                               struct rk_error *error)
{
    char *use = rk_file_spec_take(spec, "use");
    enum rk_status status = RK_OK;

    effect->relative = use != NULL && strcmp(use, "rel_effect") == 0;
    if (use != NULL && !effect->relative && strcmp(use, "estimate") != 0)
        status =
            rk_fail(error, RK_EUSAGE, "--effect: use is estimate or rel_effect and not '%s'", use);
    free(use);
    return status;
}

/* Over how long the effect was measured: as given, else as the file says. */
static enum rk_status read_months(struct rk_file_spec *spec, struct rk_effect *effect,
                                  struct rk_error *error)
{
    char *months = rk_file_spec_take(spec, "months");
    enum rk_status status = RK_OK;

    effect->months = NAN;
    if (months != NULL &&
        (rk_number_read(months, strlen(months), '.', &effect->months, NULL) != RK_READ_OK ||
         !(effect->months > 0.0)))
        status =
            rk_fail(error, RK_EUSAGE, "--effect: months is a number above 0 and not '%s'", months);
    free(months);
    return status;
}

static enum rk_status read_one(struct rk_file_spec *spec, struct rk_csv_options csv,
                               const struct rk_ctx *ctx, struct rk_result *result,
                               struct rk_effect *effect, struct rk_error *error)
{
    struct rk_result_file file = {0};
    size_t row = 0, column;
    enum rk_status status = read_use(spec, effect, error);
    const char *wanted = effect->relative ? "rel_effect" : "estimate";

    if (status == RK_OK)
        status = read_months(spec, effect, error);
    if (status == RK_OK)
        status = rk_file_spec_csv(spec, "--effect", &csv, error);
    if (status == RK_OK)
        status = rk_result_file_read(spec->path, wanted, &csv, ctx, &file, error);
    if (status == RK_OK)
        status = rk_column_index(file.table, wanted, RK_NUMBER, &column, error);
    if (status == RK_OK)
        status = find_row(file.table, spec, &row, error);
    if (status == RK_OK) {
        effect->per = text_of(file.table, row, "per");
        effect->note = text_of(file.table, row, "note");
        if (isnan(effect->months))
            effect->months = file.months_measured;
        if (effect->per == NULL || effect->note == NULL)
            status = rk_fail_memory(error);
    }
    if (status == RK_OK)
        status = read_amount(file.table, row, effect, error);
    for (size_t i = 0; status == RK_OK && i < file.n_warnings; i++)
        rk_result_warn(result, file.warning[i].code, file.warning[i].text);
    rk_result_file_free(&file);
    return status;
}

/* --- all of them -------------------------------------------------------------------------- */

static enum rk_status add_effect(struct rk_effects *effects, const struct rk_file_spec *spec,
                                 struct rk_error *error)
{
    struct rk_effect *grown = realloc(effects->effect, (effects->n + 1) * sizeof *grown);

    if (grown == NULL)
        return rk_fail_memory(error);
    effects->effect = grown;
    grown[effects->n] =
        (struct rk_effect){.name = rk_strdup(spec->name), .file = rk_strdup(spec->path)};
    effects->n++;
    if (grown[effects->n - 1].name == NULL || grown[effects->n - 1].file == NULL)
        return rk_fail_memory(error);
    return RK_OK;
}

static enum rk_status check_spec(const struct rk_file_spec *spec, const struct rk_effects *effects,
                                 bool stdin_taken, struct rk_error *error)
{
    bool is_stdin = strcmp(spec->path, "-") == 0;

    if (rk_effects_find(effects, spec->name) != NULL)
        return rk_fail(error, RK_EUSAGE, "--effect: '%s' is given twice", spec->name);
    for (size_t i = 0; i < effects->n; i++)
        stdin_taken = stdin_taken || strcmp(effects->effect[i].file, "-") == 0;
    if (is_stdin && stdin_taken)
        return rk_fail(error, RK_EUSAGE, "--effect %s: standard input can be read only once",
                       spec->name);
    return RK_OK;
}

enum rk_status rk_effects_read(const struct rk_names *specs, const struct rk_csv_options *csv,
                               bool stdin_taken, const struct rk_ctx *ctx, struct rk_result *result,
                               struct rk_effects *effects, struct rk_error *error)
{
    struct rk_effects read = {0};
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < specs->n; i++) {
        struct rk_file_spec spec = {0};

        status = rk_file_spec_parse(specs->name[i], true, "--effect", &spec, error);
        if (status == RK_OK)
            status = check_spec(&spec, &read, stdin_taken, error);
        if (status == RK_OK)
            status = add_effect(&read, &spec, error);
        if (status == RK_OK)
            status = read_one(&spec, *csv, ctx, result, &read.effect[read.n - 1], error);
        rk_file_spec_free(&spec);
    }
    if (status == RK_OK)
        *effects = read;
    else
        rk_effects_free(&read);
    return status;
}

void rk_effects_free(struct rk_effects *effects)
{
    for (size_t i = 0; i < effects->n; i++) {
        free(effects->effect[i].name);
        free(effects->effect[i].file);
        free(effects->effect[i].per);
        free(effects->effect[i].note);
    }
    free(effects->effect);
    *effects = (struct rk_effects){0};
}

const struct rk_effect *rk_effects_find(const struct rk_effects *effects, const char *name)
{
    for (size_t i = 0; i < effects->n; i++)
        if (strcmp(effects->effect[i].name, name) == 0)
            return &effects->effect[i];
    return NULL;
}
