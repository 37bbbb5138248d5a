#include "repkit/html.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "html_page.h"
#include "render_formats.h"

void html_add(struct rk_text *out, const char *text)
{
    struct rk_text plain = {0};

    rk_text_add_visible(&plain, text == NULL ? "" : text);
    rk_text_add(&plain, "");
    out->failed = out->failed || plain.failed;
    for (const char *c = plain.failed ? "" : plain.bytes; *c != '\0'; c++) {
        static const char special[] = "&<>\"'";
        static const char *const reference[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
        const char *found = strchr(special, *c);

        if (found != NULL)
            rk_text_add(out, reference[found - special]);
        else
            rk_text_add_char(out, *c);
    }
    rk_text_free(&plain);
}

/* <tag>text</tag>, nothing where there is no text; `open` is the tag with its attributes. */
static void add_element(struct rk_text *out, const char *open, const char *text, const char *close)
{
    if (text == NULL)
        return;
    rk_text_add(out, open);
    html_add(out, text);
    rk_text_add(out, close);
}

static void add_list(struct rk_text *out, const char *open, const struct rk_names *items)
{
    if (items->n == 0)
        return;
    rk_text_add(out, open);
    for (size_t i = 0; i < items->n; i++)
        add_element(out, "<li>", items->name[i], "</li>\n");
    rk_text_add(out, "</ul>\n");
}

/* --- tables ------------------------------------------------------------------------------- */

/* A cell of numbers carries the number in full, for sorting, and is shown rounded. */
static void add_number_cell(const struct rk_table *table, size_t row, size_t column, int digits,
                            struct rk_text *out)
{
    const struct rk_column *c = &table->column[column];
    bool groups = c->format == RK_GENERAL || c->format == RK_COUNT;
    struct rk_text plain = {0}, shown = {0};

    rk_text_add(out, "<td class=\"n\" data-v=\"");
    if (isfinite(c->number[row]))
        rk_text_number(out, c->number[row]);
    rk_text_add(out, "\">");
    rk_people_cell(table, row, column, digits, &plain);
    rk_text_add(&plain, "");
    if (groups && !plain.failed)
        rk_picture_add_number(&shown, plain.bytes);
    else
        rk_text_add(&shown, plain.failed ? "" : plain.bytes);
    html_add(out, shown.failed ? "" : shown.bytes);
    rk_text_add(out, "</td>");
    out->failed = out->failed || plain.failed || shown.failed;
    rk_text_free(&plain);
    rk_text_free(&shown);
}

static void add_text_cell(const struct rk_table *table, size_t row, size_t column, bool is_first,
                          int digits, struct rk_text *out)
{
    struct rk_text plain = {0};

    rk_people_cell(table, row, column, digits, &plain);
    rk_text_add(&plain, "");
    rk_text_add(out, is_first            ? "<th scope=\"row\">"
                     : plain.length > 24 ? "<td class=\"words\">"
                                         : "<td>");
    html_add(out, plain.failed ? "" : plain.bytes);
    rk_text_add(out, is_first ? "</th>" : "</td>");
    out->failed = out->failed || plain.failed;
    rk_text_free(&plain);
}

static void add_header(const struct rk_table *table, struct rk_text *out)
{
    rk_text_add(out, "<thead><tr>");
    for (size_t j = 0; j < table->n_columns; j++)
        if (rk_people_column(table, j))
            add_element(out,
                        table->column[j].type == RK_NUMBER ? "<th scope=\"col\" class=\"n\">"
                                                           : "<th scope=\"col\">",
                        table->column[j].name, "</th>");
    rk_text_add(out, "</tr></thead>\n<tbody>\n");
}

static void add_table(const struct rk_table *table, int digits, struct rk_output *output)
{
    struct rk_text *out = &output->text;

    add_element(out, "<h3>", table->name, "</h3>\n");
    rk_text_add(out, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"Table ");
    html_add(out, table->name);
    rk_text_add(out, "\"><table>");
    add_header(table, out);
    for (size_t i = 0; i < table->n_rows; i++) {
        bool is_first = true;

        rk_text_add(out, "<tr>");
        for (size_t j = 0; j < table->n_columns; j++) {
            if (!rk_people_column(table, j))
                continue;
            if (table->column[j].type == RK_NUMBER)
                add_number_cell(table, i, j, digits, out);
            else
                add_text_cell(table, i, j, is_first, digits, out);
            is_first = false;
        }
        rk_text_add(out, "</tr>\n");
        rk_output_drain(output);
    }
    rk_text_add(out, "</tbody></table></div>\n");
}

/* --- sections ----------------------------------------------------------------------------- */

static void add_figure(const struct rk_section *section, struct rk_text *out)
{
    if (section->drawn[RK_LOOK_LIGHT].length == 0 || section->drawn[RK_LOOK_DARK].length == 0)
        return;
    rk_text_add(out, "<figure><div role=\"img\" aria-label=\"");
    html_add(out, section->alt);
    rk_text_add(out, "\"><div class=\"light\">");
    rk_text_add(out, section->drawn[RK_LOOK_LIGHT].bytes);
    rk_text_add(out, "</div><div class=\"dark\">");
    rk_text_add(out, section->drawn[RK_LOOK_DARK].bytes);
    rk_text_add(out, "</div></div>\n");
    add_element(out, "<figcaption>", section->alt, "</figcaption>");
    rk_text_add(out, "</figure>\n");
}

static void add_warnings(const struct rk_result *result, struct rk_text *out)
{
    if (result == NULL || result->n_warnings == 0)
        return;
    rk_text_format(out, "<details class=\"warn\"><summary>%zu warning%s</summary><ul>\n",
                   result->n_warnings, result->n_warnings == 1 ? "" : "s");
    for (size_t i = 0; i < result->n_warnings; i++) {
        add_element(out, "<li><strong>", result->warning[i].code, "</strong>: ");
        html_add(out, result->warning[i].text);
        if (result->warning[i].more > 0)
            rk_text_format(out, " (And %zu more.)", result->warning[i].more);
        rk_text_add(out, "</li>\n");
    }
    rk_text_add(out, "</ul></details>\n");
}

static void add_method(const struct rk_section *section, struct rk_text *out)
{
    if (section->method.n == 0 && section->commands.n == 0)
        return;
    rk_text_add(out, "<details><summary>Method and command</summary>\n");
    for (size_t i = 0; i < section->method.n; i++)
        add_element(out, "<p>", section->method.name[i], "</p>\n");
    for (size_t i = 0; i < section->commands.n; i++)
        add_element(out, "<pre><code>", section->commands.name[i], "</code></pre>\n");
    rk_text_add(out, "</details>\n");
}

static void add_section(const struct rk_section *section, int digits, struct rk_output *output)
{
    struct rk_text *out = &output->text;

    rk_text_format(out, "<section id=\"%s\" aria-labelledby=\"%s-title\">\n<h2 id=\"%s-title\">",
                   section->id, section->id, section->id);
    html_add(out, section->title);
    rk_text_add(out, "</h2>\n");
    add_element(out, "<p class=\"lead\">", section->lead, "</p>\n");
    add_element(out, "<p class=\"none\">", section->problem, "</p>\n");
    add_figure(section, out);
    add_list(out, "<ul class=\"points\">\n", &section->points);
    for (size_t i = 0; i < section->tables.n; i++) {
        const struct rk_table *table = rk_result_table(section->result, section->tables.name[i]);

        if (i == 0)
            rk_text_add(out, "<details><summary>The numbers</summary>\n");
        if (table != NULL)
            add_table(table, digits, output);
        if (i + 1 == section->tables.n)
            rk_text_add(out, "</details>\n");
    }
    add_warnings(section->result, out);
    add_method(section, out);
    rk_text_add(out, "</section>\n");
    rk_output_drain(output);
}

/* --- the page ----------------------------------------------------------------------------- */

static void add_head(const struct rk_document *document, struct rk_text *out)
{
    rk_text_add(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                     "style-src 'unsafe-inline'; script-src '");
    rk_text_add(out, html_script_digest);
    rk_text_add(out, "'; base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" "
                     "content=\"width=device-width,initial-scale=1\">\n"
                     "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    html_add(out, document->title);
    rk_text_add(out, "</title>\n<style>\n");
    rk_text_add(out, html_style);
    rk_text_add(out, "</style>\n</head>\n<body>\n<header>\n<h1>");
    html_add(out, document->title);
    rk_text_add(out, "</h1>\n");
    add_element(out, "<p class=\"sub\">", document->subtitle, "</p>\n");
    rk_text_add(out, "</header>\n<main>\n");
}

static void add_summary(const struct rk_document *document, struct rk_text *out)
{
    if (document->summary.n > 0)
        rk_text_add(out, "<div class=\"short\"><h2>In short</h2>\n<ul>\n");
    for (size_t i = 0; i < document->summary.n; i++) {
        add_element(out, "<li>", document->summary.name[i], " ");
        rk_text_format(out, "<a href=\"#%s\">More</a></li>\n", document->summary_id[i]);
    }
    rk_text_add(out, document->summary.n > 0 ? "</ul></div>\n" : "");
    rk_text_add(out, "<nav aria-labelledby=\"contents\"><h2 id=\"contents\">Contents</h2><ol>\n");
    for (size_t i = 0; i < document->n_sections; i++) {
        rk_text_format(out, "<li><a href=\"#%s\">", document->section[i].id);
        html_add(out, document->section[i].title);
        rk_text_add(out, "</a></li>\n");
    }
    rk_text_add(out, "<li><a href=\"#again\">How to make this again</a></li>\n</ol></nav>\n");
}

static void add_end(const struct rk_document *document, struct rk_text *out)
{
    rk_text_add(out, "<section id=\"again\" aria-labelledby=\"again-title\">\n"
                     "<h2 id=\"again-title\">How to make this again</h2>\n"
                     "<p>These commands print the numbers of each section.</p>\n");
    for (size_t i = 0; i < document->n_sections; i++) {
        const struct rk_section *section = &document->section[i];

        if (section->commands.n > 0)
            add_element(out, "<h3>", section->title, "</h3>\n<pre><code>");
        for (size_t k = 0; k < section->commands.n; k++) {
            html_add(out, section->commands.name[k]);
            rk_text_add(out, k + 1 < section->commands.n ? "\n" : "</code></pre>\n");
        }
    }
    rk_text_add(out, "<dl>\n");
    for (size_t i = 0; i < document->n_facts; i++) {
        add_element(out, "<dt>", document->fact[i].name, "</dt>");
        add_element(out, "<dd>", document->fact[i].value, "</dd>\n");
    }
    rk_text_add(out, "</dl>\n</section>\n");
}

void rk_html_render(const struct rk_document *document, int digits, struct rk_output *output)
{
    struct rk_text *out = &output->text;

    out->failed = out->failed || document->failed;
    add_head(document, out);
    add_summary(document, out);
    for (size_t i = 0; i < document->n_sections; i++)
        add_section(&document->section[i], digits, output);
    add_end(document, out);
    rk_text_add(out, "</main>\n<script>");
    rk_text_add(out, html_script);
    rk_text_add(out, "</script>\n</body>\n</html>\n");
    rk_output_drain(output);
}
