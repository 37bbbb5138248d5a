/* Documents as Markdown: pictures are drawn with characters, so that one file is enough. */
#include <stdlib.h>
#include <string.h>

#include "render_formats.h"
#include "repkit/html.h"

/* Text that no Markdown reader takes for markup: at a line's start, too. */
static void add_plain(struct rk_text *out, const char *text)
{
    struct rk_text visible = {0};

    rk_text_add_visible(&visible, text == NULL ? "" : text);
    rk_text_add(&visible, "");
    out->failed = out->failed || visible.failed;
    if (!visible.failed && strchr("#+-=~0123456789", visible.bytes[0]) != NULL &&
        visible.bytes[0] != '\0')
        rk_text_add(out, strchr("#+-=~", visible.bytes[0]) != NULL ? "\\" : "");
    rk_markdown_add(out, visible.failed ? "" : visible.bytes);
    rk_text_free(&visible);
}

static void add_paragraph(struct rk_text *out, const char *before, const char *text,
                          const char *after)
{
    if (text == NULL)
        return;
    rk_text_add(out, before);
    add_plain(out, text);
    rk_text_add(out, after);
}

/* Indented by four blanks nothing is markup, and nothing can end it but the end of the line. */
static void add_code(struct rk_text *out, const char *code)
{
    for (const char *line = code; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        char *copy = rk_strndup(line, length);

        rk_text_add(out, "    ");
        if (copy == NULL)
            out->failed = true;
        else
            rk_text_add_visible(out, copy);
        rk_text_add(out, "\n");
        free(copy);
        line += length + (line[length] == '\n');
    }
    rk_text_add(out, "\n");
}

static void add_commands(const struct rk_section *section, struct rk_text *out)
{
    if (section->commands.n > 0)
        add_paragraph(out, "### ", section->title, "\n\n");
    for (size_t i = 0; i < section->commands.n; i++)
        add_code(out, section->commands.name[i]);
}

static void add_section(const struct rk_section *section, int digits, struct rk_output *output)
{
    const struct rk_render_options options = {
        .format = RK_FORMAT_MD, .digits = digits, .titles = true};
    struct rk_text *out = &output->text;

    add_paragraph(out, "## ", section->title, "\n\n");
    add_paragraph(out, "**", section->lead, "**\n\n");
    add_paragraph(out, "", section->problem, "\n\n");
    if (section->drawn[RK_LOOK_TEXT].length > 0) {
        add_code(out, section->drawn[RK_LOOK_TEXT].bytes);
        add_paragraph(out, "*", section->alt, "*\n\n");
    }
    for (size_t i = 0; i < section->points.n; i++)
        add_paragraph(out, "- ", section->points.name[i], "\n");
    rk_text_add(out, section->points.n > 0 ? "\n" : "");
    for (size_t i = 0; i < section->tables.n; i++) {
        const struct rk_table *table = rk_result_table(section->result, section->tables.name[i]);

        if (table != NULL)
            rk_render_for_people(table, &options, false, output);
        rk_text_add(out, "\n");
    }
    for (size_t i = 0; section->result != NULL && i < section->result->n_warnings; i++) {
        add_paragraph(out, "> **", section->result->warning[i].code, "** ");
        add_paragraph(out, "", section->result->warning[i].text, "\n\n");
    }
    for (size_t i = 0; i < section->method.n; i++)
        add_paragraph(out, "", section->method.name[i], "\n\n");
    rk_output_drain(output);
}

void rk_markdown_render(const struct rk_document *document, int digits, struct rk_output *output)
{
    struct rk_text *out = &output->text;

    out->failed = out->failed || document->failed;
    add_paragraph(out, "# ", document->title, "\n\n");
    add_paragraph(out, "", document->subtitle, "\n\n");
    rk_text_add(out, document->summary.n > 0 ? "## In short\n\n" : "");
    for (size_t i = 0; i < document->summary.n; i++)
        add_paragraph(out, "- ", document->summary.name[i], "\n");
    rk_text_add(out, document->summary.n > 0 ? "\n" : "");
    for (size_t i = 0; i < document->n_sections; i++)
        add_section(&document->section[i], digits, output);
    rk_text_add(out, "## How to make this again\n\nThese commands print the numbers of each "
                     "section.\n\n");
    for (size_t i = 0; i < document->n_sections; i++)
        add_commands(&document->section[i], out);
    for (size_t i = 0; i < document->n_facts; i++) {
        add_paragraph(out, "- ", document->fact[i].name, ": ");
        add_paragraph(out, "", document->fact[i].value, "\n");
    }
}
