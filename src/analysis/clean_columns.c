/* Columns: their labels, what becomes of each, and the columns of the output. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clean_parts.h"

/* --- labels ------------------------------------------------------------------------------------
 */

void clean_count_labels(struct clean *clean)
{
    for (size_t j = 0; j < clean->n_columns; j++) {
        struct clean_column *column = &clean->column[j];

        for (size_t k = 0; k < column->n_labels; k++)
            column->label[k].count = 0;
        for (size_t i = 0; i < clean->n_rows; i++)
            if (column->raw->code[clean->row[i]] != RK_NO_CODE)
                column->label[column->raw->code[clean->row[i]]].count++;
    }
}

bool clean_is_by_text(const struct clean_column *column)
{
    enum { MOST_DIGITS = 15 };
    bool by_text = column->type != CLEAN_NUMBER;

    for (size_t k = 0; !by_text && k < column->n_labels; k++)
        by_text = column->label[k].out != RK_NO_CODE && column->label[k].length > MOST_DIGITS;
    return by_text;
}

/* Replaces what --map names: the text as it stands, or without the white space around it. */
static enum rk_status map_labels(struct clean *clean, struct clean_column *column)
{
    size_t from = rk_table_find(column->map, "from"), to = rk_table_find(column->map, "to");
    const struct rk_dict *dict = column->map->column[from].dict;
    size_t *row = calloc(rk_dict_size(dict) + 1, sizeof *row);

    if (row == NULL)
        return rk_fail_memory(clean->error);
    for (size_t i = column->map->n_rows; i-- > 0;)
        if (column->map->column[from].code[i] != RK_NO_CODE)
            row[column->map->column[from].code[i]] = i;
    for (size_t k = 0; k < column->n_labels; k++) {
        struct clean_label *label = &column->label[k];
        const char *text = label->text;
        size_t length = label->length;
        uint32_t code = rk_dict_find(dict, text, length);

        clean_trim(&text, &length);
        if (code == RK_NO_CODE)
            code = rk_dict_find(dict, text, length);
        if (code == RK_NO_CODE)
            continue;
        text = rk_table_text(column->map, row[code], to);
        label->text = text == NULL ? "" : text;
        label->length = text == NULL ? 0 : (uint32_t)strlen(text);
        label->flags |= LABEL_MAPPED;
    }
    free(row);
    return RK_OK;
}

static void trim_labels(const struct clean *clean, struct clean_column *column)
{
    for (size_t k = 0; k < column->n_labels; k++) {
        struct clean_label *label = &column->label[k];
        const char *text = label->text;
        size_t length = label->length;

        clean_trim(&text, &length);
        if (length == label->length)
            continue;
        label->flags |= LABEL_SPACE;
        if (clean->options->trim) {
            label->text = text;
            label->length = (uint32_t)length;
        }
    }
}

static enum rk_status make_labels(struct clean *clean, struct clean_column *column)
{
    const struct rk_dict *dict = column->raw->dict;

    column->n_labels = rk_dict_size(dict);
    column->label = calloc(column->n_labels + 1, sizeof *column->label);
    column->currency = rk_dict_new();
    if (column->label == NULL || column->currency == NULL)
        return rk_fail_memory(clean->error);
    for (size_t k = 0; k < column->n_labels; k++) {
        struct clean_label *label = &column->label[k];

        label->text = rk_dict_label(dict, (uint32_t)k);
        label->length = (uint32_t)rk_dict_length(dict, (uint32_t)k);
        label->out = label->currency = RK_NO_CODE;
    }
    if (column->map != NULL && map_labels(clean, column) != RK_OK)
        return RK_ENOMEM;
    trim_labels(clean, column);
    return RK_OK;
}

/* --- the columns of the output -------------------------------------------------------------------
 */

static enum rk_status add_column(struct clean *clean, const char *name, enum rk_type type,
                                 size_t *index)
{
    enum rk_status status = rk_table_add_column(clean->out, name, type, RK_DATA);

    *index = clean->out->n_columns - 1;
    if (status == RK_OK && type != RK_TEXT)
        status = rk_table_keep_written(clean->out, *index);
    return status == RK_OK ? RK_OK : rk_fail_memory(clean->error);
}

/* A column that comes behind another: "amount_currency". */
static enum rk_status add_derived(struct clean *clean, const char *name, const char *suffix,
                                  enum rk_type type, size_t *index)
{
    struct rk_text text = {0};
    enum rk_status status;

    rk_text_format(&text, "%s_%s", name, suffix);
    for (size_t k = 2; !text.failed && (clean_has_name(clean, text.bytes) ||
                                        rk_table_find(clean->out, text.bytes) != SIZE_MAX);
         k++) {
        rk_text_clear(&text);
        rk_text_format(&text, "%s_%s_%zu", name, suffix, k);
    }
    status =
        text.failed ? rk_fail_memory(clean->error) : add_column(clean, text.bytes, type, index);
    rk_text_free(&text);
    return status;
}

static bool holds_marks(const struct clean *clean, const struct clean_column *column)
{
    if (column->type != CLEAN_NUMBER)
        return clean->n_rows == 0;
    for (size_t k = 0; k < column->n_labels; k++)
        if (column->label[k].out != RK_NO_CODE && column->label[k].value != 0.0 &&
            column->label[k].value != 1.0)
            return false;
    return true;
}

/* The column of the input that already says what an earlier run filled, if there is one: it stands
 * behind the column (and its currency), bears its name and holds nothing but 0 and 1. */
static size_t earlier_marks(const struct clean *clean, size_t j)
{
    struct rk_text name = {0};
    size_t found = SIZE_MAX;

    rk_text_format(&name, "%s_imputed", clean->column[j].out_name);
    for (size_t next = j + 1; !name.failed && next < clean->n_columns && next <= j + 2; next++)
        if (strncmp(clean->column[next].out_name, name.bytes, name.length) == 0 &&
            holds_marks(clean, &clean->column[next]))
            found = next;
    rk_text_free(&name);
    return found;
}

static enum rk_status add_columns_of(struct clean *clean, size_t j)
{
    struct clean_column *column = &clean->column[j];
    static const enum rk_type types[] = {
        [CLEAN_TEXT] = RK_TEXT, [CLEAN_NUMBER] = RK_NUMBER, [CLEAN_DATE] = RK_TIME};
    /* Under the input's name, which --where goes by; renamed afterwards. */
    enum rk_status status = add_column(clean, column->name, types[column->type], &column->out);

    if (status == RK_OK && column->type == CLEAN_DATE)
        clean->out->column[column->out].time_kind = column->kind;
    if (status == RK_OK && clean->options->currency == RK_CURRENCY_SPLIT &&
        rk_dict_size(column->currency) > 0)
        status = add_derived(clean, column->out_name, "currency", RK_TEXT, &column->out_currency);
    if (status == RK_OK && column->impute != IMPUTE_NONE && earlier_marks(clean, j) == SIZE_MAX)
        status = add_derived(clean, column->out_name, "imputed", RK_NUMBER, &column->out_imputed);
    return status;
}

/* --- cells ---------------------------------------------------------------------------------------
 */

static enum rk_status bad_cell(const struct clean *clean, const struct clean_column *column,
                               size_t label)
{
    struct rk_text shown = {0};

    clean_shorten(column->label[label].text, column->label[label].length, &shown);
    rk_fail(clean->error, RK_EINPUT, "'%s' is not a %s (see --on-bad, --na, --types)",
            shown.failed ? "" : shown.bytes, column->type == CLEAN_NUMBER ? "number" : "date");
    rk_text_free(&shown);
    return rk_fail_at(clean->error, clean->table->name, clean_first_line(clean, column, label),
                      column->name);
}

/* The cell of a label, or an error. False where nothing is written. */
static bool label_cell(struct clean *clean, struct clean_column *column, size_t k,
                       struct rk_text *cell, enum rk_status *status)
{
    struct clean_label *label = &column->label[k];

    if (label->count == 0)
        return false;
    clean_label_cell(clean, column, label, cell);
    if ((label->flags & LABEL_BAD) && !clean->options->csv.bad_is_missing)
        *status = bad_cell(clean, column, k);
    else if (cell->failed)
        *status = rk_fail_memory(clean->error);
    return *status == RK_OK && !(label->flags & (LABEL_MISSING | LABEL_BAD));
}

/* The labels before k are written as they were read, and come into a dictionary of their own. */
static struct rk_dict *written_so_far(struct clean_column *column, size_t k)
{
    const struct rk_dict *raw = column->raw->dict;
    struct rk_dict *written = rk_dict_new();

    for (size_t i = 0; written != NULL && i < k; i++) {
        struct clean_label *label = &column->label[i];

        if (label->out == RK_NO_CODE)
            continue;
        label->out = rk_dict_code(written, rk_dict_label(raw, (uint32_t)i),
                                  rk_dict_length(raw, (uint32_t)i));
        if (label->out == RK_NO_CODE) {
            rk_dict_free(written);
            return NULL;
        }
    }
    return written;
}

/* Decides what is written for each label. As long as that is what was read, the dictionary of the
 * input does for the output, too. */
static enum rk_status decide_labels(struct clean *clean, struct clean_column *column,
                                    struct rk_dict **written)
{
    const struct rk_dict *raw = column->raw->dict;
    struct rk_text cell = {0};
    enum rk_status status = RK_OK;

    for (size_t k = 0; status == RK_OK && k < column->n_labels; k++) {
        struct clean_label *label = &column->label[k];

        if (!label_cell(clean, column, k, &cell, &status))
            continue;
        if (*written == NULL) {
            label->out = (uint32_t)k;
            if (cell.length == rk_dict_length(raw, (uint32_t)k) &&
                memcmp(cell.bytes, rk_dict_label(raw, (uint32_t)k), cell.length) == 0)
                continue;
            *written = written_so_far(column, k);
        }
        if (*written != NULL)
            label->out = rk_dict_code(*written, cell.bytes, cell.length);
        if (*written == NULL || label->out == RK_NO_CODE)
            status = rk_fail_memory(clean->error);
    }
    rk_text_free(&cell);
    if (status == RK_OK && *written == NULL)
        *written = rk_dict_share(column->raw->dict);
    return status;
}

static void fill_column(struct clean *clean, const struct clean_column *column)
{
    struct rk_column *out = &clean->out->column[column->out];

    for (size_t i = 0; i < clean->n_rows; i++) {
        uint32_t code = column->raw->code[clean->row[i]];
        const struct clean_label *label = code == RK_NO_CODE ? NULL : &column->label[code];

        out->code[i] = label == NULL ? RK_NO_CODE : label->out;
        if (out->type != RK_TEXT)
            out->number[i] = label == NULL || label->out == RK_NO_CODE ? NAN : label->value;
    }
}

static enum rk_status fill_currency(struct clean *clean, const struct clean_column *column)
{
    for (size_t i = 0; i < clean->n_rows; i++) {
        uint32_t code = column->raw->code[clean->row[i]];

        if (code != RK_NO_CODE && column->label[code].currency != RK_NO_CODE &&
            rk_table_set_text(clean->out, i, column->out_currency,
                              rk_dict_label(column->currency, column->label[code].currency)) !=
                RK_OK)
            return rk_fail_memory(clean->error);
    }
    return RK_OK;
}

/* Each column by itself: its labels, its type, what is written. The dictionary waits until all
 * columns of the output are there. */
static enum rk_status decide_column(struct clean *clean, struct clean_column *column,
                                    struct rk_dict **written)
{
    enum rk_status status = make_labels(clean, column);

    for (size_t i = 0; status == RK_OK && i < clean->n_rows; i++)
        if (column->raw->code[clean->row[i]] != RK_NO_CODE)
            column->label[column->raw->code[clean->row[i]]].count++;
    if (status == RK_OK)
        status = clean_judge(clean, column);
    return status == RK_OK ? decide_labels(clean, column, written) : status;
}

static enum rk_status fill_columns(struct clean *clean, struct rk_dict **written)
{
    enum rk_status status = RK_OK;

    for (size_t j = 0; status == RK_OK && j < clean->n_columns; j++)
        status = add_columns_of(clean, j);
    if (status == RK_OK && rk_table_add_rows(clean->out, clean->n_rows) != RK_OK)
        status = rk_fail_memory(clean->error);
    for (size_t j = 0; status == RK_OK && j < clean->n_columns; j++) {
        struct clean_column *column = &clean->column[j];
        struct rk_column *out = &clean->out->column[column->out];

        rk_dict_free(out->dict);
        out->dict = written[j];
        written[j] = NULL;
        fill_column(clean, column);
        if (column->out_currency != SIZE_MAX)
            status = fill_currency(clean, column);
    }
    return status;
}

/* Makes room for columns anew: the rows are others than before. */
static enum rk_status forget_columns(struct clean *clean)
{
    for (size_t j = 0; j < clean->n_columns; j++) {
        struct clean_column *column = &clean->column[j];

        free(column->label);
        rk_dict_free(column->currency);
        column->label = NULL;
        column->currency = NULL;
        column->n_labels = 0;
        column->out_currency = column->out_imputed = SIZE_MAX;
    }
    rk_table_free(clean->out);
    clean->out = rk_table_new("data");
    return clean->out == NULL ? rk_fail_memory(clean->error) : RK_OK;
}

enum rk_status clean_make_columns(struct clean *clean)
{
    struct rk_dict **written = calloc(clean->n_columns + 1, sizeof *written);
    enum rk_status status = written == NULL ? rk_fail_memory(clean->error) : forget_columns(clean);

    for (size_t j = 0; status == RK_OK && j < clean->n_columns; j++) {
        status = rk_cancelled(clean->ctx);
        if (status == RK_OK)
            status = decide_column(clean, &clean->column[j], &written[j]);
    }
    if (status == RK_OK)
        status = fill_columns(clean, written);
    for (size_t j = 0; status == RK_OK && j < clean->n_columns; j++) {
        size_t marks = clean->column[j].impute == IMPUTE_NONE ? SIZE_MAX : earlier_marks(clean, j);

        if (marks != SIZE_MAX)
            clean->column[j].out_imputed = clean->column[marks].out;
    }
    for (size_t j = 0; written != NULL && j < clean->n_columns; j++)
        rk_dict_free(written[j]);
    free(written);
    return status;
}
