#include "repkit/result.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct rk_result *rk_result_new(void)
{
    struct rk_result *result = calloc(1, sizeof *result);

    if (result != NULL)
        result->conf_level = result->months_measured = NAN;
    return result;
}

void rk_result_free(struct rk_result *result)
{
    if (result == NULL)
        return;
    for (size_t i = 0; i < result->n_tables; i++)
        rk_table_free(result->table[i]);
    for (size_t i = 0; i < result->n_warnings; i++) {
        free(result->warning[i].code);
        free(result->warning[i].text);
    }
    free(result->table);
    free(result->warning);
    rk_names_free(&result->group_columns);
    rk_names_free(&result->group_labels);
    free(result);
}

/* Keeps the first failure. */
static bool ok(struct rk_result *result, enum rk_status status)
{
    if (result->status == RK_OK)
        result->status = status;
    return result->status == RK_OK;
}

void rk_result_group_by(struct rk_result *result, const struct rk_names *columns)
{
    for (size_t i = 0; i < columns->n; i++)
        ok(result, rk_names_add(&result->group_columns, columns->name[i]));
}

struct rk_table *rk_result_table(const struct rk_result *result, const char *name)
{
    for (size_t i = 0; i < result->n_tables; i++)
        if (strcmp(result->table[i]->name, name) == 0)
            return result->table[i];
    return NULL;
}

static struct rk_table *new_table(struct rk_result *result, const char *name,
                                  const struct rk_field *fields, size_t n_fields)
{
    struct rk_table *table = rk_table_new(name);

    for (size_t i = 0; table != NULL && i < result->group_columns.n; i++)
        ok(result, rk_table_add_column(table, result->group_columns.name[i], RK_TEXT, RK_GENERAL));
    for (size_t i = 0; table != NULL && i < n_fields; i++)
        ok(result, rk_table_add_column(table, fields[i].name, fields[i].type, fields[i].format));
    if (!ok(result, table == NULL ? RK_ENOMEM : RK_OK)) {
        rk_table_free(table);
        return NULL;
    }
    return table;
}

size_t rk_result_declare(struct rk_result *result, const char *name, const struct rk_field *fields,
                         size_t n_fields)
{
    struct rk_table **grown;
    struct rk_table *table;

    for (size_t i = 0; i < result->n_tables; i++)
        if (strcmp(result->table[i]->name, name) == 0)
            return i;
    table = new_table(result, name, fields, n_fields);
    if (table == NULL)
        return 0;
    grown = realloc(result->table, (result->n_tables + 1) * sizeof *grown);
    if (grown == NULL) {
        ok(result, RK_ENOMEM);
        rk_table_free(table);
        return 0;
    }
    result->table = grown;
    result->table[result->n_tables] = table;
    return result->n_tables++;
}

void rk_result_row(struct rk_result *result, size_t table)
{
    struct rk_table *t;

    if (result->status != RK_OK)
        return;
    t = result->table[table];
    if (!ok(result, rk_table_add_row(t)))
        return;
    for (size_t i = 0; i < result->group_labels.n; i++)
        if (result->group_labels.name[i][0] != '\0')
            ok(result, rk_table_set_text(t, t->n_rows - 1, i, result->group_labels.name[i]));
}

size_t rk_result_column(const struct rk_result *result, size_t field)
{
    return result->group_columns.n + field;
}

void rk_put(struct rk_result *result, size_t table, size_t field, double value)
{
    struct rk_table *t;

    if (result->status != RK_OK)
        return;
    t = result->table[table];
    /* No p-value is 0: one that underflowed is below the smallest normal double. */
    if (value == 0.0 && t->column[rk_result_column(result, field)].format == RK_P_VALUE)
        value = DBL_MIN;
    /* Undefined is one thing outside: NA. */
    rk_table_set_number(t, t->n_rows - 1, rk_result_column(result, field),
                        isfinite(value) ? value : NAN);
}

void rk_put_text(struct rk_result *result, size_t table, size_t field, const char *text)
{
    struct rk_table *t;

    if (result->status != RK_OK)
        return;
    t = result->table[table];
    ok(result, rk_table_set_text(t, t->n_rows - 1, rk_result_column(result, field), text));
}

void rk_result_fail_row(struct rk_result *result, enum rk_status status)
{
    struct rk_table *main_table;
    size_t note;

    if (result->status != RK_OK || result->n_tables == 0)
        return;
    rk_result_row(result, 0);
    main_table = result->table[0];
    note = rk_table_find(main_table, "note");
    if (result->status == RK_OK && note != SIZE_MAX)
        ok(result,
           rk_table_set_text(main_table, main_table->n_rows - 1, note, rk_status_words(status)));
}

void rk_result_explain(struct rk_result *result, const char *row, const char *manager,
                       const char *paper)
{
    enum { ROW, MANAGER, PAPER };
    static const struct rk_field fields[] = {
        [ROW] = {"row", RK_TEXT, RK_GENERAL},
        [MANAGER] = {"manager", RK_TEXT, RK_GENERAL},
        [PAPER] = {"paper", RK_TEXT, RK_GENERAL},
    };
    size_t table = rk_result_declare(result, "explain", fields, sizeof fields / sizeof *fields);

    rk_result_row(result, table);
    rk_put_text(result, table, ROW, row);
    rk_put_text(result, table, MANAGER, manager);
    rk_put_text(result, table, PAPER, paper);
}

/* Whether it is there already, or has enough of its kind and is counted with the last of them. */
static bool is_known(struct rk_result *result, const char *code, const char *text)
{
    enum { MOST_ALIKE = 5 };
    struct rk_warning *last = NULL;
    size_t n_alike = 0;

    for (size_t i = 0; i < result->n_warnings; i++) {
        if (strcmp(result->warning[i].code, code) != 0)
            continue;
        if (strcmp(result->warning[i].text, text) == 0)
            return true;
        last = &result->warning[i];
        n_alike++;
    }
    if (n_alike < MOST_ALIKE)
        return false;
    last->more++;
    return true;
}

void rk_result_warn(struct rk_result *result, const char *code, const char *text)
{
    struct rk_warning *grown;

    if (result->status != RK_OK)
        return;
    if (is_known(result, code, text))
        return;
    grown = realloc(result->warning, (result->n_warnings + 1) * sizeof *grown);
    if (grown == NULL) {
        ok(result, RK_ENOMEM);
        return;
    }
    result->warning = grown;
    grown += result->n_warnings;
    *grown = (struct rk_warning){rk_strdup(code), rk_strdup(text), 0};
    if (ok(result, grown->code == NULL || grown->text == NULL ? RK_ENOMEM : RK_OK)) {
        result->n_warnings++;
    } else {
        free(grown->code);
        free(grown->text);
    }
}

/* --- results that were filled apart ------------------------------------------------------- */

/* The table in `result` that goes on with `further`: declared if it is not there. */
static struct rk_table *same_table(struct rk_result *result, const struct rk_table *further)
{
    size_t n_groups = result->group_columns.n, n = further->n_columns - n_groups, index;
    struct rk_field *field = malloc((n + 1) * sizeof *field);

    if (field == NULL) {
        ok(result, RK_ENOMEM);
        return NULL;
    }
    for (size_t j = 0; j < n; j++) {
        const struct rk_column *column = &further->column[n_groups + j];

        field[j] = (struct rk_field){column->name, column->type, column->format};
    }
    index = rk_result_declare(result, further->name, field, n);
    free(field);
    return result->status == RK_OK ? result->table[index] : NULL;
}

/* Warnings that were only counted are counted on. */
static void append_warning(struct rk_result *result, const struct rk_warning *warning)
{
    rk_result_warn(result, warning->code, warning->text);
    if (warning->more == 0 || result->status != RK_OK)
        return;
    for (size_t i = result->n_warnings; i-- > 0;)
        if (strcmp(result->warning[i].code, warning->code) == 0) {
            result->warning[i].more += warning->more;
            return;
        }
}

void rk_result_measured(struct rk_result *result, enum rk_time_kind kind, int64_t first,
                        int64_t last)
{
    static const double days_a_month = 365.25 / 12.0;

    if (kind == RK_TIME_NONE || kind == RK_TIME_INTEGER || last < first)
        return;
    result->months_measured =
        fmax(result->months_measured,
             (double)(rk_time_first_day(kind, last + 1) - rk_time_first_day(kind, first)) /
                 days_a_month);
}

void rk_result_append(struct rk_result *result, const struct rk_result *part)
{
    ok(result, part->status);
    for (size_t i = 0; result->status == RK_OK && i < part->n_tables; i++) {
        struct rk_table *table = same_table(result, part->table[i]);

        if (table != NULL)
            ok(result, rk_table_append(table, part->table[i]));
    }
    for (size_t i = 0; result->status == RK_OK && i < part->n_warnings; i++)
        append_warning(result, &part->warning[i]);
    result->random = result->random || part->random;
    result->months_measured = fmax(result->months_measured, part->months_measured);
    result->rows_used += part->rows_used;
}
