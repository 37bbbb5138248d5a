/* rep-clean, from the table of texts to the three tables of results. */
#include "repkit/clean.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clean_parts.h"
#include "repkit/words.h"

void rk_clean_wants(const struct rk_clean_options *options, struct rk_wants *wants,
                    struct rk_csv_options *csv)
{
    *wants = (struct rk_wants){.all = true, .all_role = RK_AS_LABEL};
    *csv = options->csv;
    csv->na = (struct rk_names){0}; /* missing words are findings, too */
    csv->header_only_ok = csv->any_names = csv->any_length = true;
}

/* --- tables --------------------------------------------------------------------------------------
 */

static void declare(struct clean *clean, size_t *findings, size_t *summary)
{
    static const struct rk_field finding_fields[] = {{"line", RK_NUMBER, RK_COUNT},
                                                     {"column", RK_TEXT, RK_GENERAL},
                                                     {"value", RK_TEXT, RK_GENERAL},
                                                     {"kind", RK_TEXT, RK_GENERAL},
                                                     {"action", RK_TEXT, RK_GENERAL}};
    static const struct rk_field summary_fields[] = {
        {"column", RK_TEXT, RK_GENERAL}, {"type", RK_TEXT, RK_GENERAL},
        {"n", RK_NUMBER, RK_COUNT},      {"n_missing", RK_NUMBER, RK_COUNT},
        {"n_bad", RK_NUMBER, RK_COUNT},  {"n_distinct", RK_NUMBER, RK_COUNT},
        {"min", RK_TEXT, RK_GENERAL},    {"max", RK_TEXT, RK_GENERAL},
        {"example", RK_TEXT, RK_GENERAL}};
    const struct rk_clean_options *options = clean->options;

    if (options->data)
        rk_result_declare(clean->result, "data", NULL, 0);
    if (options->findings)
        *findings = rk_result_declare(clean->result, "findings", finding_fields,
                                      sizeof finding_fields / sizeof *finding_fields);
    if (options->summary)
        *summary = rk_result_declare(clean->result, "summary", summary_fields,
                                     sizeof summary_fields / sizeof *summary_fields);
}

/* The output's columns get their own names; until then --where goes by those of the input. */
static enum rk_status rename_columns(struct clean *clean)
{
    for (size_t j = 0; j < clean->n_columns; j++) {
        struct rk_column *out = &clean->out->column[clean->column[j].out];
        char *name = rk_strdup(clean->column[j].out_name);

        if (name == NULL)
            return rk_fail_memory(clean->error);
        free(out->name);
        out->name = name;
    }
    return RK_OK;
}

/* The output becomes the result's table of data. */
static void hand_over(struct clean *clean)
{
    struct rk_table *table = rk_result_table(clean->result, "data"), empty;

    if (table == NULL)
        return;
    empty = *table;
    *table = *clean->out;
    *clean->out = empty;
}

/* --- what is said beside the tables
 * ------------------------------------------------------------------ */

/* "3 bad-number, 1 label-variant" */
static void list_kinds(const struct clean *clean, struct rk_text *out)
{
    bool any = false;

    for (int kind = 0; kind < CLEAN_KINDS; kind++) {
        if (clean->n_found[kind] == 0)
            continue;
        rk_text_format(out, "%s%zu %s", any ? ", " : "", clean->n_found[kind],
                       clean_kind_name((enum clean_kind)kind));
        any = true;
    }
    rk_text_add(out, "");
}

static size_t count_emptied(const struct clean *clean)
{
    size_t n = 0;

    for (size_t j = 0; j < clean->n_columns; j++)
        for (size_t k = 0; k < clean->column[j].n_labels; k++)
            if (clean->column[j].label[k].flags & LABEL_BAD)
                n += clean->column[j].label[k].count;
    return n;
}

static void warn(struct clean *clean)
{
    size_t n_emptied = count_emptied(clean), n_all = 0;
    struct rk_text kinds = {0};

    for (int kind = 0; kind < CLEAN_KINDS; kind++)
        n_all += clean->n_found[kind];
    list_kinds(clean, &kinds);
    rk_text_add(&clean->skipped, "");
    if (kinds.failed || clean->skipped.failed) {
        clean->status = RK_ENOMEM;
    } else {
        if (n_emptied > 0)
            rk_warn(clean->result, RK_WARN_BAD_CELLS,
                    n_emptied == 1 ? "%zu cell could not be read and is empty now"
                                   : "%zu cells could not be read and are empty now",
                    n_emptied);
        if (clean->n_found[CLEAN_RAGGED] > 0)
            rk_warn(clean->result, RK_WARN_DROPPED,
                    clean->options->ragged == RK_RAGGED_DROP
                        ? "%zu of the rows had more or fewer cells than the header and are left out"
                        : "%zu of the rows had more or fewer cells than the header and were padded "
                          "or cut",
                    clean->n_found[CLEAN_RAGGED]);
        if (n_all > clean->n_found[CLEAN_MISSING])
            rk_warn(clean->result, RK_WARN_FINDINGS, "found %s", kinds.bytes);
        if (clean->n_skipped > 0)
            rk_warn(clean->result, RK_WARN_NOT_COMPARED,
                    "variants of labels were not looked for in %s", clean->skipped.bytes);
    }
    rk_text_free(&kinds);
}

static void explain(struct clean *clean)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};
    size_t n_emptied = count_emptied(clean);
    double cells = (double)clean->n_rows * (double)clean->n_columns;

    rk_text_add(&row, clean->table->name);
    rk_text_format(&manager, "The file has %zu columns and %zu rows; %zu row%s kept. ",
                   clean->n_columns, clean->table->n_rows, clean->n_rows,
                   clean->n_rows == 1 ? " is" : "s are");
    rk_text_format(&manager, "%zu cell%s missing and %zu could not be read. Found: ",
                   clean->n_found[CLEAN_MISSING],
                   clean->n_found[CLEAN_MISSING] == 1 ? " is" : "s are", n_emptied);
    list_kinds(clean, &manager);
    rk_text_format(&manager, "%s.",
                   manager.length > 0 && manager.bytes[manager.length - 1] == ' ' ? "nothing" : "");
    rk_text_format(&paper,
                   "Of %zu records, %zu were kept. Of their %.0f cells, %zu were missing "
                   "and %zu unreadable and set to missing.",
                   clean->table->n_rows, clean->n_rows, cells, clean->n_found[CLEAN_MISSING],
                   n_emptied);
    rk_explain(clean->result, &row, &manager, &paper);
}

/* --- all of it
 * ------------------------------------------------------------------------------------------ */

/* What is said of values and labels, after the rows are settled. */
static enum rk_status find_all(struct clean *clean)
{
    enum rk_status status = RK_OK;

    clean_count_labels(clean);
    for (size_t j = 0; status == RK_OK && j < clean->n_columns; j++)
        status = clean_impute(clean, &clean->column[j]);
    for (size_t j = 0; status == RK_OK && j < clean->n_columns; j++) {
        status = rk_cancelled(clean->ctx);
        if (status == RK_OK) {
            clean_find_cells(clean, (uint32_t)j);
            status = clean->status == RK_OK ? RK_OK : rk_fail_memory(clean->error);
        }
        if (status == RK_OK)
            status = clean_outliers(clean, j);
        if (status == RK_OK)
            status = clean_check_labels(clean, j);
    }
    return status;
}

/* Settles rows and columns. What a column is depends on the rows, and which rows are duplicates on
 * the columns: where rows are dropped, the columns are made again, so that the output is what its
 * own cleaning would give. */
static enum rk_status settle(struct clean *clean)
{
    size_t n;
    enum rk_status status = clean_start_rows(clean);

    if (status == RK_OK)
        status = clean_make_columns(clean);
    n = clean->n_rows;
    if (status == RK_OK)
        status = clean_keep_where(clean);
    if (status == RK_OK && clean->n_rows < n)
        status = clean_make_columns(clean);
    do {
        n = clean->n_rows;
        if (status == RK_OK)
            status = clean_duplicates(clean);
        if (status == RK_OK && clean->n_rows < n)
            status = clean_make_columns(clean);
    } while (status == RK_OK && clean->n_rows < n);
    return status == RK_OK ? rename_columns(clean) : status;
}

static enum rk_status clean_all(struct clean *clean)
{
    size_t findings = 0, summary = 0;
    enum rk_status status = clean_name_columns(clean);

    declare(clean, &findings, &summary);
    if (status == RK_OK)
        status = clean_read_options(clean);
    if (status == RK_OK)
        status = settle(clean);
    if (status == RK_OK)
        status = find_all(clean);
    if (status == RK_OK && clean->options->summary)
        status = clean_summary(clean, summary);
    if (status == RK_OK && clean->options->findings)
        status = clean_put_findings(clean, findings);
    if (status != RK_OK)
        return status;
    warn(clean);
    if (clean->options->common.explain)
        explain(clean);
    clean->result->rows_used = clean->n_rows;
    hand_over(clean);
    return clean->status != RK_OK || clean->result->status != RK_OK ? rk_fail_memory(clean->error)
                                                                    : RK_OK;
}

static void free_clean(struct clean *clean)
{
    for (size_t j = 0; j < clean->n_columns; j++) {
        struct clean_column *column = &clean->column[j];

        free(column->name);
        free(column->out_name);
        free(column->label);
        free(column->list_name);
        rk_dict_free(column->currency);
        rk_table_free(column->map);
        rk_table_free(column->list);
    }
    free(clean->column);
    free(clean->row);
    free(clean->finding);
    rk_table_free(clean->out);
    rk_dict_free(clean->words);
    rk_text_free(&clean->skipped);
}

enum rk_status rk_clean_run(const struct rk_table *table, const struct rk_clean_options *options,
                            const struct rk_ctx *ctx, struct rk_result *result,
                            struct rk_error *error)
{
    struct clean clean = {
        .table = table, .options = options, .ctx = ctx, .result = result, .error = error};
    enum rk_status status = RK_OK;

    clean.words = rk_dict_new();
    if (clean.words == NULL)
        status = rk_fail_memory(error);
    if (status == RK_OK)
        status = clean_all(&clean);
    free_clean(&clean);
    return status;
}
