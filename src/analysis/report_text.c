/* What the sections of the report are made of: commands, sentences, tables, pictures. */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report_parts.h"

/* --- commands ------------------------------------------------------------------------------ */

void report_words(struct rk_text *line, ...)
{
    va_list words;
    const char *word;

    va_start(words, line);
    while ((word = va_arg(words, const char *)) != NULL) {
        if (line->length > 0)
            rk_text_add_char(line, ' ');
        rk_text_shell_word(line, word);
    }
    va_end(words);
}

void report_list(struct rk_text *line, const char *option, const struct rk_names *names)
{
    struct rk_text list = {0};

    for (size_t i = 0; i < names->n; i++) {
        rk_text_add(&list, i > 0 ? "," : "");
        for (const char *c = names->name[i]; *c != '\0'; c++) {
            if (strchr(",\\`\"", *c) != NULL)
                rk_text_add_char(&list, '\\');
            rk_text_add_char(&list, *c);
        }
    }
    line->failed = line->failed || list.failed;
    if (names->n > 0 && !list.failed)
        report_words(line, option, list.bytes, NULL);
    rk_text_free(&list);
}

void report_panel_words(const struct story *story, struct rk_text *line)
{
    if (story->options->id != NULL)
        report_words(line, "--id", story->options->id, NULL);
    if (story->options->time != NULL)
        report_words(line, "--time", story->options->time, NULL);
}

void report_shared_words(const struct story *story, struct rk_text *line)
{
    const struct rk_common common = RK_COMMON_DEFAULT;
    double level = story->options->common.conf_level;
    struct rk_text text = {0};

    if (level != common.conf_level) {
        rk_text_number(&text, level);
        report_words(line, "--conf", text.failed ? "" : text.bytes, NULL);
    }
    rk_text_clear(&text);
    if (story->ctx != NULL && story->ctx->seed != 1) {
        rk_text_format(&text, "%llu", (unsigned long long)story->ctx->seed);
        report_words(line, "--seed", text.failed ? "" : text.bytes, NULL);
    }
    line->failed |= text.failed;
    rk_text_free(&text);
}

void report_command(struct story *story, struct rk_text *line)
{
    const struct rk_report_options *options = story->options;

    report_shared_words(story, line);
    report_words(line, options->panel_path == NULL ? "-" : options->panel_path, NULL);
    for (size_t i = 0; i < options->reading.n; i++)
        report_words(line, options->reading.name[i], NULL);
    rk_document_append(story->document, &story->section->commands, line);
}

/* --- names and formulas --------------------------------------------------------------------- */

void report_name(struct rk_text *out, const char *name)
{
    bool plain = isalpha((unsigned char)name[0]);

    for (const char *c = name; *c != '\0'; c++)
        plain = plain && (isalnum((unsigned char)*c) || *c == '_' || *c == '.');
    if (plain) {
        rk_text_add(out, name);
        return;
    }
    rk_text_add_char(out, '`');
    for (const char *c = name; *c != '\0'; c++) {
        if (*c == '`' || *c == '\\')
            rk_text_add_char(out, '\\');
        if (*c == '\n' || *c == '\t')
            rk_text_add(out, *c == '\n' ? "\\n" : "\\t");
        else
            rk_text_add_char(out, *c);
    }
    rk_text_add_char(out, '`');
}

char *report_formula(const struct story *story, const struct rk_names *terms, bool periods)
{
    const struct rk_report_options *options = story->options;
    struct rk_text formula = {0};

    report_name(&formula, options->outcome);
    for (size_t i = 0; i < terms->n; i++) {
        rk_text_add(&formula, i == 0 ? " ~ " : " + ");
        report_name(&formula, terms->name[i]);
    }
    if (options->id != NULL) {
        rk_text_add(&formula, " | ");
        report_name(&formula, options->id);
    }
    if (options->id != NULL && options->time != NULL && periods) {
        rk_text_add(&formula, " + ");
        report_name(&formula, options->time);
    }
    return rk_text_take(&formula);
}

size_t report_number_column(const struct story *story, const char *name)
{
    return rk_table_find_typed(story->table, name, RK_NUMBER);
}

/* --- results -------------------------------------------------------------------------------- */

const char *report_said(const struct rk_result *result, const char *row, const char *column)
{
    const struct rk_table *explain = rk_result_table(result, "explain");
    size_t found = report_row(result, "explain", "row", row);

    return found == SIZE_MAX ? NULL : rk_table_text(explain, found, rk_table_find(explain, column));
}

void report_method(struct story *story, size_t most)
{
    const struct rk_table *explain = rk_result_table(story->section->result, "explain");
    size_t paper = explain == NULL ? 0 : rk_table_find(explain, "paper");

    for (size_t i = 0; explain != NULL && i < explain->n_rows && i < most; i++)
        rk_document_add(story->document, &story->section->method, rk_table_text(explain, i, paper));
}

double report_number(const struct rk_result *result, const char *table, size_t row,
                     const char *column)
{
    const struct rk_table *t = rk_result_table(result, table);
    size_t j = t == NULL ? SIZE_MAX : rk_table_find_typed(t, column, RK_NUMBER);

    return j == SIZE_MAX || row >= t->n_rows ? NAN : t->column[j].number[row];
}

size_t report_row(const struct rk_result *result, const char *table, const char *column,
                  const char *value)
{
    const struct rk_table *t = rk_result_table(result, table);
    size_t j = t == NULL ? SIZE_MAX : rk_table_find_typed(t, column, RK_TEXT);

    for (size_t i = 0; j != SIZE_MAX && i < t->n_rows; i++) {
        const char *cell = rk_table_text(t, i, j);

        if (cell != NULL && strcmp(cell, value) == 0)
            return i;
    }
    return SIZE_MAX;
}

void report_table(struct story *story, const char *name)
{
    const struct rk_table *table = rk_result_table(story->section->result, name);

    if (table != NULL && table->n_rows > 0)
        rk_document_add(story->document, &story->section->tables, name);
}

/* --- sentences ------------------------------------------------------------------------------ */

/* Where the sentence ends that begins here. */
static size_t sentence_length(const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++)
        if (text[i] == '.' && text[i + 1] == ' ' && isupper((unsigned char)text[i + 2]))
            return i + 1;
    return strlen(text);
}

static bool was_said(const struct rk_section *section, const char *text)
{
    bool said = section->lead != NULL && strstr(section->lead, text) != NULL;

    for (size_t i = 0; i < section->points.n; i++)
        said = said || strstr(section->points.name[i], text) != NULL;
    return said;
}

/* A section says once that a link is no cause. */
static bool is_known(const struct rk_section *section, const char *sentence)
{
    static const char *const cautions[] = {"This is an association", "This is a link"};

    for (size_t i = 0; i < sizeof cautions / sizeof *cautions; i++)
        if (strncmp(sentence, cautions[i], strlen(cautions[i])) == 0)
            return was_said(section, cautions[i]);
    return was_said(section, sentence);
}

void report_point(struct story *story, const char *text)
{
    struct rk_text kept = {0}, sentence = {0};

    while (text != NULL && *text != '\0') {
        size_t length = sentence_length(text);

        rk_text_clear(&sentence);
        rk_text_add_bytes(&sentence, text, length);
        rk_text_add(&sentence, "");
        if (!sentence.failed && !is_known(story->section, sentence.bytes)) {
            rk_text_add(&kept, kept.length > 0 ? " " : "");
            rk_text_add(&kept, sentence.bytes);
        }
        text += length + (text[length] == ' ');
    }
    if (kept.length > 0 && !kept.failed)
        rk_document_add(story->document, &story->section->points, kept.bytes);
    story->document->failed |= kept.failed || sentence.failed;
    rk_text_free(&kept);
    rk_text_free(&sentence);
}

/* --- pictures ------------------------------------------------------------------------------- */

enum rk_status report_draw(struct story *story, struct rk_plot_options *options,
                           const struct rk_table *table)
{
    struct rk_error ignored;
    enum rk_status status;

    options->common.conf_level = story->options->common.conf_level;
    if (table == NULL || table->n_rows == 0)
        return RK_OK;
    status = rk_plot_run(table, options, story->ctx, &story->section->picture, &ignored);
    return status == RK_ENOMEM ? rk_fail_memory(story->error) : RK_OK;
}

enum rk_status report_plot(struct story *story, const char *kind, const struct rk_table *table,
                           const struct rk_result *others)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;

    options.x = others == NULL ? NULL : story->options->activities.name[story->strongest];
    options.y = others == NULL ? NULL : story->options->outcome;
    options.models = others == NULL ? NULL : rk_result_table(others, "models");
    options.bins = others == NULL ? NULL : rk_result_table(others, "bins");
    options.kind = kind;
    return report_draw(story, &options, table);
}

void report_alt(struct story *story, struct rk_text *alt)
{
    rk_document_take(story->document, &story->section->alt, alt);
}
