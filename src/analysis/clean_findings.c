/* Findings: collected as they come, sorted into the order of the file. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clean_parts.h"

enum { HEADER_LINE = 1 };

const char *clean_kind_name(enum clean_kind kind)
{
    static const char *const names[CLEAN_KINDS] = {
        [CLEAN_HEADER] = "header",
        [CLEAN_RAGGED] = "ragged",
        [CLEAN_DUPLICATE] = "duplicate",
        [CLEAN_MISSING] = "missing",
        [CLEAN_BAD_NUMBER] = "bad-number",
        [CLEAN_DECIMAL_COMMA] = "decimal-comma",
        [CLEAN_MIXED] = "mixed",
        [CLEAN_DATES] = "date",
        [CLEAN_CURRENCY] = "currency",
        [CLEAN_WHITESPACE] = "whitespace",
        [CLEAN_ENCODING] = "encoding",
        [CLEAN_LABEL_VARIANT] = "label-variant",
        [CLEAN_UNKNOWN_LABEL] = "unknown-label",
        [CLEAN_OUTLIER] = "outlier",
    };

    return names[kind];
}

static bool grow(struct clean *clean)
{
    size_t capacity = clean->capacity == 0 ? 256 : 2 * clean->capacity;
    struct clean_finding *grown = realloc(clean->finding, capacity * sizeof *grown);

    if (grown == NULL)
        return false;
    clean->finding = grown;
    clean->capacity = capacity;
    return true;
}

/* The text's code among the words. Where cells are made safe for spreadsheets, values are, too. */
static uint32_t code_of(struct clean *clean, const char *text, size_t length, bool is_value)
{
    struct rk_text safe = {0};
    uint32_t code;
    double number;

    if (!is_value || !clean->options->csv_safe || !clean_is_formula(text, length) ||
        rk_number_read(text, length, '.', &number, NULL) == RK_READ_OK) {
        code = rk_dict_code(clean->words, text, length);
    } else {
        rk_text_add_char(&safe, '\'');
        rk_text_add_bytes(&safe, text, length);
        code = safe.failed ? RK_NO_CODE : rk_dict_code(clean->words, safe.bytes, safe.length);
        rk_text_free(&safe);
    }
    if (code == RK_NO_CODE)
        clean->status = RK_ENOMEM;
    return code;
}

void clean_find(struct clean *clean, enum clean_kind kind, size_t line, uint32_t column,
                const char *value, size_t length, const char *action, ...)
{
    struct clean_finding finding = {.line = line,
                                    .column = column,
                                    .value = RK_NO_CODE,
                                    .kind = (uint32_t)kind,
                                    .order = clean->n_findings};
    char *text;
    va_list arguments;
    int n;

    clean->n_found[kind]++;
    if (clean->status != RK_OK || !clean->options->findings)
        return;
    va_start(arguments, action);
    n = vsnprintf(NULL, 0, action, arguments);
    va_end(arguments);
    text = n < 0 ? NULL : malloc((size_t)n + 1);
    if (text == NULL || (clean->n_findings == clean->capacity && !grow(clean))) {
        free(text);
        clean->status = RK_ENOMEM;
        return;
    }
    va_start(arguments, action);
    vsnprintf(text, (size_t)n + 1, action, arguments);
    va_end(arguments);
    if (value != NULL && length > 0)
        finding.value = code_of(clean, value, length, true);
    finding.action = code_of(clean, text, (size_t)n, false);
    free(text);
    clean->finding[clean->n_findings++] = finding;
}

/* --- cells
 * ---------------------------------------------------------------------------------------- */

/* One cell that something is to be said of. */
struct cell {
    uint32_t column;
    size_t row, line;
    const char *raw; /* as it stood; "" where it was empty */
    size_t length;
    const struct clean_label *label; /* NULL where it was empty */
};

static void find_cell(struct clean *clean, const struct cell *cell, enum clean_kind kind,
                      const char *action, const char *with)
{
    clean_find(clean, kind, cell->line, cell->column, cell->raw, cell->length, "%s%s", action,
               with);
}

/* "emptied", and what --impute put there. */
static void find_gone(struct clean *clean, const struct cell *cell, enum clean_kind kind)
{
    const struct clean_column *column = &clean->column[cell->column];
    struct rk_text action = {0};

    rk_text_add(&action, cell->length == 0 ? "left empty" : "emptied");
    if (!rk_table_is_missing(clean->out, cell->row, column->out)) {
        rk_text_clear(&action);
        rk_text_add(&action, "filled with ");
        rk_table_cell(clean->out, cell->row, column->out, &action);
    }
    if (action.failed)
        clean->status = RK_ENOMEM;
    else
        find_cell(clean, cell, kind, action.bytes,
                  kind == CLEAN_DECIMAL_COMMA ? " (see --decimal)" : "");
    rk_text_free(&action);
}

static void find_mapped(struct clean *clean, const struct cell *cell)
{
    struct rk_text to = {0};

    if (cell->label->length == cell->length &&
        memcmp(cell->label->text, cell->raw, cell->length) == 0)
        return;
    rk_text_add(&to, "'");
    clean_shorten(cell->label->text, cell->label->length, &to);
    rk_text_add(&to, "' (--map)");
    if (to.failed)
        clean->status = RK_ENOMEM;
    else
        find_cell(clean, cell, CLEAN_LABEL_VARIANT, "replaced by ", to.bytes);
    rk_text_free(&to);
}

static void find_misread(struct clean *clean, const struct cell *cell)
{
    struct rk_text right = {0}, shown = {0};

    clean_is_misread(cell->label->text, cell->label->length, &right);
    if (right.length > 0) {
        rk_text_add(&shown, ": '");
        clean_shorten(right.bytes, right.length, &shown);
        rk_text_add(&shown, "' read in a wrong encoding");
    } else {
        rk_text_add(&shown, ": a character was lost in an earlier conversion");
    }
    if (right.failed || shown.failed)
        clean->status = RK_ENOMEM;
    else
        find_cell(clean, cell, CLEAN_ENCODING, "kept", shown.bytes);
    rk_text_free(&right);
    rk_text_free(&shown);
}

/* flags are those of the label without what is said once for the whole column. */
static void find_in_cell(struct clean *clean, const struct cell *cell, unsigned flags)
{
    const struct clean_column *column = &clean->column[cell->column];

    if (flags & LABEL_MAPPED)
        find_mapped(clean, cell);
    if (flags & LABEL_MISSING) {
        find_gone(clean, cell, CLEAN_MISSING);
        return;
    }
    if (flags & LABEL_BAD) {
        find_gone(clean, cell,
                  (flags & LABEL_COMMA)          ? CLEAN_DECIMAL_COMMA
                  : column->type == CLEAN_NUMBER ? CLEAN_BAD_NUMBER
                                                 : CLEAN_DATES);
        return;
    }
    if (flags & LABEL_REWRITTEN)
        find_cell(clean, cell, CLEAN_DATES, "written as ",
                  rk_dict_label(clean->out->column[column->out].dict, cell->label->out));
    if (flags & LABEL_CURRENCY)
        find_cell(clean, cell, CLEAN_CURRENCY,
                  column->out_currency == SIZE_MAX ? "number without " : "split off ",
                  rk_dict_label(column->currency, cell->label->currency));
    if (flags & LABEL_SPACE)
        find_cell(clean, cell, CLEAN_WHITESPACE,
                  column->type != CLEAN_TEXT || clean->options->trim ? "removed"
                                                                     : "kept (see --trim)",
                  "");
    if (flags & LABEL_ENCODING)
        find_misread(clean, cell);
}

/* What all cells of a column with a value have in common is one finding, at the header: returns
 * those flags. */
static unsigned find_common(struct clean *clean, uint32_t j)
{
    static const struct {
        unsigned flag;
        enum clean_kind kind;
        const char *action;
    } kinds[] = {{LABEL_REWRITTEN, CLEAN_DATES, "written as ISO dates"},
                 {LABEL_CURRENCY, CLEAN_CURRENCY, "written without it"},
                 {LABEL_SPACE, CLEAN_WHITESPACE, "with white space around"}};
    const struct clean_column *column = &clean->column[j];
    unsigned common = 0;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t n = 0, n_with = 0, example = SIZE_MAX;

        for (size_t k = 0; k < column->n_labels; k++) {
            if (column->label[k].count == 0 || column->label[k].out == RK_NO_CODE)
                continue;
            n += column->label[k].count;
            if (!(column->label[k].flags & kinds[i].flag))
                continue;
            n_with += column->label[k].count;
            example = example == SIZE_MAX ? k : example;
        }
        if (n_with < 2 || n_with < n)
            continue;
        common |= kinds[i].flag;
        clean_find(clean, kinds[i].kind, HEADER_LINE, j,
                   rk_dict_label(column->raw->dict, (uint32_t)example),
                   strlen(rk_dict_label(column->raw->dict, (uint32_t)example)),
                   "all %zu cells: %s%s", n, kinds[i].action,
                   kinds[i].flag != LABEL_SPACE                         ? ""
                   : column->type != CLEAN_TEXT || clean->options->trim ? ", removed"
                                                                        : ", kept (see --trim)");
    }
    return common;
}

static bool is_empty(const struct clean *clean, const struct clean_column *column)
{
    for (size_t i = 0; i < clean->n_rows; i++)
        if (column->raw->code[clean->row[i]] != RK_NO_CODE)
            return false;
    return clean->n_rows > 1;
}

/* A column that a few cells keep from being one of numbers is one finding, at the first of them. */
static void find_mixed(struct clean *clean, uint32_t j)
{
    const struct clean_column *column = &clean->column[j];
    const char *other;
    size_t i = 0;

    if (column->n_numbers == 0)
        return;
    while (i + 1 < clean->n_rows && column->raw->code[clean->row[i]] != column->first_other)
        i++;
    other = rk_dict_label(column->raw->dict, (uint32_t)column->first_other);
    clean_find(clean, CLEAN_MIXED, rk_table_line(clean->table, clean->row[i]), j, other,
               strlen(other),
               "kept as text, as the whole column: %zu of %zu cells are numbers (see --types)",
               column->n_numbers, column->n_seen);
}

void clean_find_cells(struct clean *clean, uint32_t j)
{
    const struct clean_column *column = &clean->column[j];
    unsigned common = find_common(clean, j);

    if (is_empty(clean, column)) {
        clean_find(clean, CLEAN_MISSING, HEADER_LINE, j, NULL, 0, "all %zu cells: left empty",
                   clean->n_rows);
        return;
    }
    find_mixed(clean, j);
    for (size_t i = 0; i < clean->n_rows; i++) {
        uint32_t code = column->raw->code[clean->row[i]];
        const struct clean_label *label = code == RK_NO_CODE ? NULL : &column->label[code];
        unsigned flags = label == NULL ? LABEL_MISSING : label->flags & ~common;
        struct cell cell = {.column = j, .row = i, .label = label};

        if (flags == 0)
            continue;
        cell.raw = label == NULL ? "" : rk_dict_label(column->raw->dict, code);
        cell.length = strlen(cell.raw);
        cell.line = rk_table_line(clean->table, clean->row[i]);
        find_in_cell(clean, &cell, flags);
    }
}

/* --- the table
 * ---------------------------------------------------------------------------------------- */

static int by_place(const void *one, const void *other)
{
    const struct clean_finding *a = one, *b = other;
    /* The whole row comes before its cells. */
    uint32_t column_a = a->column + 1, column_b = b->column + 1;

    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    if (column_a != column_b)
        return column_a < column_b ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

enum rk_status clean_put_findings(struct clean *clean, size_t table)
{
    enum { LINE, COLUMN, VALUE, KIND, ACTION };

    if (clean->n_findings > 0)
        qsort(clean->finding, clean->n_findings, sizeof *clean->finding, by_place);
    for (size_t i = 0; i < clean->n_findings; i++) {
        const struct clean_finding *finding = &clean->finding[i];

        rk_result_row(clean->result, table);
        rk_put(clean->result, table, LINE, (double)finding->line);
        if (finding->column != UINT32_MAX)
            rk_put_text(clean->result, table, COLUMN, clean->column[finding->column].out_name);
        if (finding->value != RK_NO_CODE)
            rk_put_text(clean->result, table, VALUE, rk_dict_label(clean->words, finding->value));
        rk_put_text(clean->result, table, KIND, clean_kind_name((enum clean_kind)finding->kind));
        rk_put_text(clean->result, table, ACTION, rk_dict_label(clean->words, finding->action));
    }
    return clean->result->status;
}
