/* Tables for people: rounded, aligned by display width, without columns that say nothing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "render_formats.h"

void rk_text_add_visible(struct rk_text *text, const char *bytes)
{
    for (; *bytes != '\0'; bytes++) {
        unsigned char c = (unsigned char)*bytes, next = (unsigned char)bytes[1];

        if (c < 0x20 || c == 0x7f) {
            rk_text_format(text, "\\x%02x", c);
        } else if (c == 0xc2 && next >= 0x80 && next < 0xa0) { /* U+0080 to U+009F */
            rk_text_format(text, "\\x%02x", next);
            bytes++;
        } else {
            rk_text_add_char(text, *bytes);
        }
    }
}

void rk_people_cell(const struct rk_table *table, size_t row, size_t column, int digits,
                    struct rk_text *out)
{
    const struct rk_column *c = &table->column[column];
    const char *text = rk_table_text(table, row, column);

    if (text != NULL)
        rk_text_add_visible(out, text);
    else if (c->type == RK_TEXT)
        rk_text_add(out, "");
    else if (rk_table_is_missing(table, row, column))
        rk_text_add(out, "NA");
    else if (c->type == RK_TIME || c->format == RK_COUNT || c->format == RK_LEVEL ||
             c->format == RK_DATA)
        rk_table_cell(table, row, column, out);
    else if (c->format == RK_P_VALUE)
        rk_text_p_value(out, c->number[row]);
    else
        rk_text_rounded(out, c->number[row], digits);
}

bool rk_people_column(const struct rk_table *table, size_t column)
{
    for (size_t i = 0; i < table->n_rows; i++)
        if (!rk_table_is_missing(table, i, column))
            return true;
    return table->n_rows == 0;
}

static void pad(struct rk_text *out, const char *cell, size_t cell_width, size_t width, bool right,
                bool is_last)
{
    size_t spaces = width > cell_width ? width - cell_width : 0;

    if (right)
        rk_text_repeat(out, " ", spaces);
    rk_text_add(out, cell);
    if (!right && !is_last)
        rk_text_repeat(out, " ", spaces);
}

void rk_markdown_add(struct rk_text *out, const char *cell)
{
    for (; *cell != '\0'; cell++) {
        if (strchr("|\\`*_<>[]&", *cell) != NULL)
            rk_text_add_char(out, '\\');
        rk_text_add_char(out, *cell);
    }
}

/* Wider tables are folded: what is the same in every row is said once, below; a single row is
 * written downwards. */
enum { WIDEST = 120 };

struct layout {
    size_t *column; /* those that are shown */
    size_t *width;
    size_t n;
    bool *folded; /* by column of the table: the same in every row, said below */
};

static bool is_right(const struct rk_table *table, size_t column)
{
    return table->column[column].type == RK_NUMBER;
}

/* The cell as it will stand, in `cell`, which is emptied first. */
static void format_cell(const struct rk_table *table, size_t row, size_t column,
                        const struct rk_render_options *options, struct rk_text *cell)
{
    struct rk_text plain = {0};

    rk_text_clear(cell);
    if (row == SIZE_MAX)
        rk_text_add_visible(&plain, table->column[column].name);
    else
        rk_people_cell(table, row, column, options->digits, &plain);
    rk_text_add(&plain, "");
    if (plain.failed)
        cell->failed = true;
    else if (options->format == RK_FORMAT_MD)
        rk_markdown_add(cell, plain.bytes);
    else
        rk_text_add(cell, plain.bytes);
    rk_text_add(cell, "");
    rk_text_free(&plain);
}

/* SIZE_MAX when out of memory. */
static size_t column_width(const struct rk_table *table, size_t column,
                           const struct rk_render_options *options)
{
    struct rk_text cell = {0};
    size_t width = 0;

    for (size_t i = 0; i <= table->n_rows && !cell.failed; i++) {
        size_t w;

        format_cell(table, i == 0 ? SIZE_MAX : i - 1, column, options, &cell);
        w = cell.failed ? 0 : rk_display_width(cell.bytes);
        width = w > width ? w : width;
    }
    width = cell.failed ? SIZE_MAX : width;
    rk_text_free(&cell);
    return width;
}

/* Labels and levels that do not differ between rows; the first column names the row. */
static bool can_fold(const struct rk_table *table, size_t column)
{
    const struct rk_column *c = &table->column[column];

    if (column == 0 || table->n_rows < 2 || c->format == RK_PEOPLE ||
        (c->type == RK_NUMBER && c->format != RK_LEVEL))
        return false;
    for (size_t i = 1; i < table->n_rows; i++)
        if (c->type == RK_TEXT ? c->code[i] != c->code[0] : c->number[i] != c->number[0])
            return false;
    return true;
}

static size_t total_width(const struct layout *layout)
{
    size_t width = 0;

    for (size_t k = 0; k < layout->n; k++)
        width += layout->width[k] + 2;
    return width;
}

/* Takes the columns that can be folded out of the layout. */
static void fold(const struct rk_table *table, struct layout *layout)
{
    size_t n = 0;

    for (size_t k = 0; k < layout->n; k++) {
        size_t j = layout->column[k];

        layout->folded[j] = can_fold(table, j);
        if (layout->folded[j])
            continue;
        layout->column[n] = j;
        layout->width[n++] = layout->width[k];
    }
    layout->n = n;
}

static bool make_layout(const struct rk_table *table, const struct rk_render_options *options,
                        struct layout *layout)
{
    layout->n = 0;
    layout->column = malloc((table->n_columns + 1) * sizeof *layout->column);
    layout->width = malloc((table->n_columns + 1) * sizeof *layout->width);
    layout->folded = calloc(table->n_columns + 1, sizeof *layout->folded);
    if (layout->column == NULL || layout->width == NULL || layout->folded == NULL)
        return false;
    for (size_t j = 0; j < table->n_columns; j++) {
        if (!rk_people_column(table, j))
            continue;
        layout->column[layout->n] = j;
        layout->width[layout->n] = column_width(table, j, options);
        if (layout->width[layout->n++] == SIZE_MAX)
            return false;
    }
    if (total_width(layout) > WIDEST)
        fold(table, layout);
    return true;
}

static void free_layout(struct layout *layout)
{
    free(layout->column);
    free(layout->width);
    free(layout->folded);
}

static void add_row(const struct rk_table *table, size_t row, const struct layout *layout,
                    const struct rk_render_options *options, struct rk_output *output)
{
    struct rk_text *out = &output->text;
    struct rk_text cell = {0};
    bool markdown = options->format == RK_FORMAT_MD;
    bool bold = options->color && row == SIZE_MAX;

    rk_text_add(out, markdown ? "| " : bold ? "\033[1m" : "");
    for (size_t k = 0; k < layout->n; k++) {
        size_t j = layout->column[k];

        format_cell(table, row, j, options, &cell);
        if (cell.failed) {
            out->failed = true;
            break;
        }
        if (k > 0)
            rk_text_add(out, markdown ? " | " : "  ");
        pad(out, cell.bytes, rk_display_width(cell.bytes), layout->width[k], is_right(table, j),
            k + 1 == layout->n && !markdown);
    }
    while (!markdown && out->length > 0 && out->bytes[out->length - 1] == ' ')
        out->bytes[--out->length] = '\0';
    rk_text_add(out, markdown ? " |" : bold ? "\033[0m" : "");
    rk_text_add_char(out, '\n');
    rk_text_free(&cell);
    rk_output_drain(output);
}

static void add_rule(const struct rk_table *table, const struct layout *layout, struct rk_text *out)
{
    for (size_t k = 0; k < layout->n; k++) {
        bool right = is_right(table, layout->column[k]);

        rk_text_add(out, k == 0 ? "| " : " | ");
        rk_text_repeat(out, "-", layout->width[k] > 3 ? layout->width[k] - right : 3);
        rk_text_add(out, right ? ":" : "");
    }
    rk_text_add(out, " |\n");
}

/* One row written downwards: a line a column. */
static void add_downwards(const struct rk_table *table, const struct layout *layout,
                          const struct rk_render_options *options, struct rk_text *out)
{
    bool markdown = options->format == RK_FORMAT_MD;
    struct rk_text cell = {0};
    size_t widest = 0;

    if (markdown)
        rk_text_add(out, "| | |\n| --- | ---: |\n");
    for (size_t k = 0; k < layout->n; k++) {
        size_t width = rk_display_width(table->column[layout->column[k]].name);

        widest = width > widest ? width : widest;
    }
    for (size_t k = 0; k < layout->n && !cell.failed; k++) {
        format_cell(table, SIZE_MAX, layout->column[k], options, &cell);
        if (cell.failed)
            break;
        rk_text_add(out, markdown ? "| " : "");
        pad(out, cell.bytes, rk_display_width(cell.bytes), widest + !markdown, false, false);
        format_cell(table, 0, layout->column[k], options, &cell);
        rk_text_format(out, markdown ? " | %s |\n" : " %s\n", cell.failed ? "" : cell.bytes);
    }
    out->failed = out->failed || cell.failed;
    rk_text_free(&cell);
}

/* "Same in every row: design paired, conf_level 0.95". */
static void add_folded(const struct rk_table *table, const struct layout *layout,
                       const struct rk_render_options *options, struct rk_text *out)
{
    const char *before =
        options->format == RK_FORMAT_MD ? "\nSame in every row: " : "Same in every row: ";
    struct rk_text cell = {0};

    for (size_t j = 0; j < table->n_columns && !cell.failed; j++) {
        if (!layout->folded[j])
            continue;
        rk_text_add(out, before);
        format_cell(table, SIZE_MAX, j, options, &cell);
        rk_text_format(out, "%s ", cell.failed ? "" : cell.bytes);
        format_cell(table, 0, j, options, &cell);
        rk_text_add(out, cell.failed ? "" : cell.bytes);
        before = ", ";
    }
    rk_text_add(out, strcmp(before, ", ") == 0 ? "\n" : "");
    out->failed = out->failed || cell.failed;
    rk_text_free(&cell);
}

static void add_rows(const struct rk_table *table, const struct layout *layout,
                     const struct rk_render_options *options, struct rk_output *output)
{
    add_row(table, SIZE_MAX, layout, options, output);
    if (options->format == RK_FORMAT_MD)
        add_rule(table, layout, &output->text);
    for (size_t i = 0; i < table->n_rows; i++)
        add_row(table, i, layout, options, output);
    add_folded(table, layout, options, &output->text);
}

void rk_render_for_people(const struct rk_table *table, const struct rk_render_options *options,
                          bool blank_line_first, struct rk_output *output)
{
    struct rk_text *out = &output->text;
    struct layout layout;

    if (blank_line_first)
        rk_text_add_char(out, '\n');
    if (options->titles)
        rk_text_format(out, options->format == RK_FORMAT_MD ? "### %s\n\n" : "%s:\n", table->name);
    if (!make_layout(table, options, &layout))
        out->failed = true;
    else if (table->n_rows == 1 && total_width(&layout) > WIDEST)
        add_downwards(table, &layout, options, out);
    else
        add_rows(table, &layout, options, output);
    free_layout(&layout);
}

/* --- explanations ------------------------------------------------------------------------- */

enum { WRAP_COLUMNS = 96 };

/* Wraps at spaces, every line indented. */
static void add_wrapped(struct rk_text *out, const char *label, const char *text)
{
    size_t indent = strlen(label), column = indent;

    rk_text_add(out, label);
    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        struct rk_text word = {0};
        size_t width;

        rk_text_add_bytes(&word, text, length);
        width = word.failed ? length : rk_display_width(word.bytes);
        if (column > indent && column + 1 + width > WRAP_COLUMNS) {
            rk_text_add_char(out, '\n');
            rk_text_repeat(out, " ", indent);
            column = indent;
        } else if (column > indent) {
            rk_text_add_char(out, ' ');
            column++;
        }
        if (!word.failed)
            rk_text_add_visible(out, word.bytes);
        out->failed = out->failed || word.failed;
        rk_text_free(&word);
        column += width;
        text += length;
        text += strspn(text, " ");
    }
    rk_text_add_char(out, '\n');
}

void rk_render_explanations(const struct rk_table *table, const struct rk_render_options *options,
                            struct rk_output *output)
{
    struct rk_text *out = &output->text;
    size_t row = rk_table_find(table, "row");

    for (size_t i = 0; i < table->n_rows; i++) {
        const char *name = rk_table_text(table, i, row);
        const char *manager = rk_table_text(table, i, row + 1);
        const char *paper = rk_table_text(table, i, row + 2);
        struct rk_text title = {0};

        for (size_t j = 0; j < row; j++) { /* the group */
            rk_text_add(&title, table->column[j].name);
            rk_text_add(&title, "=");
            rk_text_add(&title,
                        rk_table_text(table, i, j) == NULL ? "" : rk_table_text(table, i, j));
            rk_text_add(&title, ", ");
        }
        rk_text_add(&title, name == NULL ? "" : name);
        rk_text_add_char(out, '\n');
        if (options->format == RK_FORMAT_MD) {
            rk_text_add(out, "**");
            rk_markdown_add(out, title.failed ? "" : title.bytes);
            rk_text_add(out, "**\n\n");
            rk_markdown_add(out, manager == NULL ? "" : manager);
            rk_text_add(out, "\n\n");
            rk_markdown_add(out, paper == NULL ? "" : paper);
            rk_text_add(out, "\n");
        } else {
            rk_text_add_visible(out, title.failed ? "" : title.bytes);
            rk_text_add_char(out, '\n');
            add_wrapped(out, "  In short:  ", manager == NULL ? "" : manager);
            add_wrapped(out, "  In print:  ", paper == NULL ? "" : paper);
        }
        out->failed = out->failed || title.failed;
        rk_text_free(&title);
        rk_output_drain(output);
    }
}
