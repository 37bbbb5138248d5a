/* The formats, a row each, and those that machines read. */
#include "render_formats.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *suffix;
    enum rk_file_format format;
} suffixes[] = {
    {".txt", RK_FORMAT_TABLE}, {".csv", RK_FORMAT_CSV}, {".tsv", RK_FORMAT_TSV},
    {".json", RK_FORMAT_JSON}, {".md", RK_FORMAT_MD},
};

enum rk_file_format rk_format_by_suffix(const char *path)
{
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t n = strlen(suffixes[i].suffix);

        if (length > n && strcmp(path + length - n, suffixes[i].suffix) == 0)
            return suffixes[i].format;
    }
    return RK_FORMAT_AUTO;
}

/* --- CSV and TSV -------------------------------------------------------------------------- */

static void add_delimited(struct rk_text *out, const char *cell, char delimiter)
{
    char special[] = {delimiter, '"', '\n', '\r', '\0'};

    if (strpbrk(cell, special) == NULL) {
        rk_text_add(out, cell);
        return;
    }
    rk_text_add_char(out, '"');
    for (const char *c = cell; *c != '\0'; c++) {
        if (*c == '"')
            rk_text_add_char(out, '"');
        rk_text_add_char(out, *c);
    }
    rk_text_add_char(out, '"');
}

static void render_delimited(const struct rk_table *table, char delimiter, struct rk_output *output)
{
    struct rk_text *out = &output->text;

    for (size_t j = 0; j < table->n_columns; j++) {
        if (table->column[j].format == RK_PEOPLE)
            continue;
        if (j > 0)
            rk_text_add_char(out, delimiter);
        add_delimited(out, table->column[j].name, delimiter);
    }
    rk_text_add_char(out, '\n');
    for (size_t i = 0; i < table->n_rows; i++) {
        for (size_t j = 0; j < table->n_columns; j++) {
            const char *text = rk_table_text(table, i, j);

            if (table->column[j].format == RK_PEOPLE)
                continue;
            if (j > 0)
                rk_text_add_char(out, delimiter);
            if (text != NULL)
                add_delimited(out, text, delimiter);
            else if (table->column[j].type != RK_TEXT && !rk_table_cell(table, i, j, out) &&
                     table->column[j].format != RK_DATA)
                rk_text_add(out, "NA");
        }
        rk_text_add_char(out, '\n');
        rk_output_drain(output);
    }
}

/* --- JSON --------------------------------------------------------------------------------- */

void rk_json_string(struct rk_text *out, const char *text)
{
    rk_text_add_char(out, '"');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            rk_text_add_char(out, '\\');
        if (*c == '\n')
            rk_text_add(out, "\\n");
        else if (*c == '\t')
            rk_text_add(out, "\\t");
        else if ((unsigned char)*c < 0x20)
            rk_text_format(out, "\\u%04x", (unsigned char)*c);
        else
            rk_text_add_char(out, *c);
    }
    rk_text_add_char(out, '"');
}

static const char *skip_digits(const char *p)
{
    return p + strspn(p, "0123456789");
}

/* Whether JSON takes the text as a number: unlike people, it has no leading zeros. */
static bool is_json_number(const char *p)
{
    p += *p == '-';
    if (skip_digits(p) == p || (p[0] == '0' && skip_digits(p) > p + 1))
        return false;
    p = skip_digits(p);
    if (*p == '.') {
        if (skip_digits(p + 1) == p + 1)
            return false;
        p = skip_digits(p + 1);
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        p += *p == '+' || *p == '-';
        if (skip_digits(p) == p)
            return false;
        p = skip_digits(p);
    }
    return *p == '\0';
}

/* A number or time, as it is written: digits beyond those of a double are kept. */
static void json_value(const struct rk_table *table, size_t row, size_t column, struct rk_text *out)
{
    struct rk_text cell = {0};

    rk_table_cell(table, row, column, &cell);
    if (cell.failed)
        out->failed = true;
    else if (table->column[column].type == RK_TIME)
        rk_json_string(out, cell.bytes);
    else if (is_json_number(cell.bytes))
        rk_text_add(out, cell.bytes);
    else
        rk_text_number(out, table->column[column].number[row]);
    rk_text_free(&cell);
}

static void json_cell(const struct rk_table *table, size_t row, size_t column, struct rk_text *out)
{
    const char *text = rk_table_text(table, row, column);

    if (text != NULL) {
        rk_json_string(out, text);
    } else if (rk_table_is_missing(table, row, column)) {
        rk_text_add(out, "null");
    } else if (table->column[column].dict != NULL || table->column[column].type == RK_TIME) {
        json_value(table, row, column, out);
    } else {
        rk_text_number(out, table->column[column].number[row]);
    }
}

static void json_table(const struct rk_table *table, struct rk_output *output)
{
    struct rk_text *out = &output->text;

    rk_json_string(out, table->name);
    rk_text_add(out, ": [");
    for (size_t i = 0; i < table->n_rows; i++) {
        rk_text_add(out, i == 0 ? "\n    {" : ",\n    {");
        for (size_t j = 0; j < table->n_columns; j++) {
            if (table->column[j].format == RK_PEOPLE)
                continue;
            if (j > 0)
                rk_text_add(out, ", ");
            rk_json_string(out, table->column[j].name);
            rk_text_add(out, ": ");
            json_cell(table, i, j, out);
        }
        rk_text_add_char(out, '}');
        rk_output_drain(output);
    }
    rk_text_add(out, table->n_rows > 0 ? "\n  ]" : "]");
}

static void json_number_or_null(struct rk_text *out, double value)
{
    if (isfinite(value))
        rk_text_number(out, value);
    else
        rk_text_add(out, "null");
}

static void json_meta(const struct rk_result *result, const struct rk_meta *meta,
                      struct rk_text *out)
{
    rk_text_add(out, "{\"meta\": {\"tool\": ");
    rk_json_string(out, meta->tool);
    rk_text_add(out, ", \"version\": ");
    rk_json_string(out, meta->version);
    rk_text_add(out, ", \"command\": ");
    rk_json_string(out, meta->command);
    rk_text_add(out, ", \"seed\": ");
    if (result->random)
        rk_text_format(out, "%llu", (unsigned long long)meta->seed);
    else
        rk_text_add(out, "null");
    rk_text_format(out, ", \"rows_read\": %zu, \"rows_used\": %zu", result->rows_read,
                   result->rows_used);
    rk_text_add(out, ", \"conf_level\": ");
    json_number_or_null(out, result->conf_level);
    if (isfinite(result->months_measured)) {
        rk_text_add(out, ", \"months_measured\": ");
        rk_text_number(out, result->months_measured);
    }
    if (meta->has_input)
        rk_text_format(out, ", \"input_digest\": \"xxh3:%016llx\"},\n",
                       (unsigned long long)meta->input_digest);
    else
        rk_text_add(out, ", \"input_digest\": null},\n");
}

static void render_json(const struct rk_result *result, const struct rk_table *const *tables,
                        size_t n_tables, const struct rk_meta *meta, struct rk_output *output)
{
    struct rk_text *out = &output->text;

    json_meta(result, meta, out);
    rk_text_add(out, " \"warnings\": [");
    for (size_t i = 0; i < result->n_warnings; i++) {
        rk_text_add(out, i == 0 ? "\n    {\"code\": " : ",\n    {\"code\": ");
        rk_json_string(out, result->warning[i].code);
        rk_text_add(out, ", \"text\": ");
        rk_json_string(out, result->warning[i].text);
        if (result->warning[i].more > 0)
            rk_text_format(out, ", \"more\": %zu", result->warning[i].more);
        rk_text_add_char(out, '}');
    }
    rk_text_add(out, result->n_warnings > 0 ? "\n  ],\n \"tables\": {" : "],\n \"tables\": {");
    for (size_t i = 0; i < n_tables; i++) {
        rk_text_add(out, i == 0 ? "\n  " : ",\n  ");
        json_table(tables[i], output);
    }
    rk_text_add(out, "}}\n");
}

/* --- all ---------------------------------------------------------------------------------- */

void rk_render(const struct rk_result *result, const struct rk_table *const *tables,
               size_t n_tables, const struct rk_meta *meta, const struct rk_render_options *options,
               struct rk_output *output)
{
    if (options->format == RK_FORMAT_JSON) {
        render_json(result, tables, n_tables, meta, output);
        return;
    }
    for (size_t i = 0; i < n_tables; i++) {
        if (options->format == RK_FORMAT_CSV)
            render_delimited(tables[i], ',', output);
        else if (options->format == RK_FORMAT_TSV)
            render_delimited(tables[i], '\t', output);
        else
            rk_render_for_people(tables[i], options, i > 0, output);
    }
    if (options->explain &&
        (options->format == RK_FORMAT_TABLE || options->format == RK_FORMAT_MD) &&
        rk_result_table(result, "explain") != NULL)
        rk_render_explanations(rk_result_table(result, "explain"), options, output);
}
