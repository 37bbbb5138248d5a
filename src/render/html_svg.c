/* gnuplot's SVG inside a page. It is read strictly: only elements and attributes that draw. */
#include <stdlib.h>
#include <string.h>

#include "html_page.h"
#include "repkit/draw.h"
#include "repkit/html.h"

struct svg {
    const char *at;
    const char *prefix;
    bool in_root; /* the tag being read is the outermost <svg> */
    struct rk_text out;
    struct rk_error *error;
};

static const char *const drawing_elements[] = {
    "svg",    "g",     "defs",    "path",     "rect",        "circle",         "use",
    "text",   "tspan", "polygon", "polyline", "line",        "clipPath",       "pattern",
    "filter", "stop",  "feFlood", "ellipse",  "feComposite", "linearGradient",
};

static bool is_drawing_element(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof drawing_elements / sizeof *drawing_elements; i++)
        if (strlen(drawing_elements[i]) == length && memcmp(drawing_elements[i], name, length) == 0)
            return true;
    return false;
}

static enum rk_status refuse(const struct svg *svg, const char *what, const char *name,
                             size_t length)
{
    return rk_fail(svg->error, RK_EINPUT, "gnuplot's picture has %s a page does not take: %.*s",
                   what, length < 40 ? (int)length : 40, name);
}

/* Past the next occurrence of `end`, or at the end of the text. */
static void skip_past(struct svg *svg, const char *end)
{
    const char *found = strstr(svg->at, end);

    svg->at = found == NULL ? svg->at + strlen(svg->at) : found + strlen(end);
}

static bool is(const char *name, size_t length, const char *wanted)
{
    return strlen(wanted) == length && memcmp(name, wanted, length) == 0;
}

/* The value, with the prefix put into references to other elements. */
static void add_value(struct svg *svg, const char *value, size_t length)
{
    static const char reference[] = "url(#";

    rk_text_add_char(&svg->out, '"');
    for (size_t i = 0; i < length; i++) {
        if (value[i] == '"')
            rk_text_add(&svg->out, "&quot;");
        else
            rk_text_add_char(&svg->out, value[i]);
        if (value[i] == '#' && i + 1 >= sizeof reference - 1 &&
            memcmp(value + i + 2 - sizeof reference, reference, sizeof reference - 1) == 0)
            rk_text_add(&svg->out, svg->prefix);
    }
    rk_text_add_char(&svg->out, '"');
}

/* One attribute; what names files, runs or sizes the whole is not taken over. */
static enum rk_status add_attribute(struct svg *svg, const char *name, size_t length,
                                    const char *value, size_t value_length)
{
    bool is_link = is(name, length, "xlink:href") || is(name, length, "href");

    if (svg->in_root && !is(name, length, "viewBox"))
        return RK_OK;
    if ((length >= 2 && (name[0] | 0x20) == 'o' && (name[1] | 0x20) == 'n') ||
        (is_link && value[0] != '#') || memchr(value, '<', value_length) != NULL)
        return refuse(svg, "an attribute that", name, length);
    rk_text_add_char(&svg->out, ' ');
    if (is_link)
        rk_text_add(&svg->out, "href=\"#");
    else
        rk_text_add_bytes(&svg->out, name, length);
    if (is_link || is(name, length, "id")) {
        rk_text_add(&svg->out, is_link ? "" : "=\"");
        rk_text_add(&svg->out, svg->prefix);
        rk_text_add_bytes(&svg->out, value + is_link, value_length - is_link);
        rk_text_add_char(&svg->out, '"');
    } else {
        rk_text_add_char(&svg->out, '=');
        add_value(svg, value, value_length);
    }
    return RK_OK;
}

/* The attributes of a tag, up to and with its '>'. */
static enum rk_status add_attributes(struct svg *svg)
{
    for (;;) {
        const char *name, *value;
        size_t length;
        char quote;
        enum rk_status status;

        svg->at += strspn(svg->at, " \t\r\n");
        if (*svg->at == '/' || *svg->at == '>') {
            rk_text_add(&svg->out, *svg->at == '/' ? "/>" : ">");
            skip_past(svg, ">");
            return RK_OK;
        }
        name = svg->at;
        length = strcspn(name, "= \t\r\n<>/\"'");
        value = name + length + strspn(name + length, " \t\r\n");
        if (length == 0 || *value != '=')
            return refuse(svg, "a tag that", name, strcspn(name, "\n"));
        value += 1 + strspn(value + 1, " \t\r\n");
        quote = *value++;
        svg->at = quote == '"' || quote == '\'' ? strchr(value, quote) : NULL;
        if (svg->at == NULL)
            return RK_EINPUT;
        status = add_attribute(svg, name, length, value, (size_t)(svg->at - value));
        svg->at++;
        if (status != RK_OK)
            return status;
    }
}

static enum rk_status add_tag(struct svg *svg)
{
    bool closes = svg->at[1] == '/';
    const char *name = svg->at + 1 + closes;
    size_t length = strcspn(name, " \t\r\n/><");

    if (!closes && (is(name, length, "title") || is(name, length, "desc"))) {
        skip_past(svg, is(name, length, "title") ? "</title>" : "</desc>");
        return RK_OK;
    }
    if (!is_drawing_element(name, length))
        return refuse(svg, "an element that", name, length);
    rk_text_add(&svg->out, closes ? "</" : "<");
    rk_text_add_bytes(&svg->out, name, length);
    svg->at = name + length;
    if (closes) {
        rk_text_add_char(&svg->out, '>');
        skip_past(svg, ">");
        return RK_OK;
    }
    svg->in_root = is(name, length, "svg");
    if (svg->in_root)
        rk_text_add(&svg->out, " aria-hidden=\"true\" focusable=\"false\"");
    return add_attributes(svg);
}

enum rk_status html_svg(const char *text, const char *prefix, struct rk_text *out,
                        struct rk_error *error)
{
    struct svg svg = {.at = text, .prefix = prefix, .error = error};
    enum rk_status status = RK_OK;

    rk_fail(error, RK_EINPUT, "gnuplot's picture is no SVG");
    while (status == RK_OK && *svg.at != '\0') {
        size_t length = strcspn(svg.at, "<");

        if (length > 0 && svg.out.length > 0) /* nothing before the outermost tag */
            rk_text_add_bytes(&svg.out, svg.at, length);
        svg.at += length;
        if (strncmp(svg.at, "<!--", 4) == 0)
            skip_past(&svg, "-->");
        else if (svg.at[0] == '<' && (svg.at[1] == '?' || svg.at[1] == '!'))
            skip_past(&svg, ">");
        else if (svg.at[0] == '<')
            status = add_tag(&svg);
    }
    if (svg.out.failed)
        status = rk_fail_memory(error);
    if (status == RK_OK)
        rk_text_add_bytes(out, svg.out.bytes == NULL ? "" : svg.out.bytes, svg.out.length);
    rk_text_free(&svg.out);
    return status;
}

/* --- drawing ------------------------------------------------------------------------------ */

/* Narrow enough to be read on a phone without being drawn anew, wide enough for a page. */
static const double WIDTH = 560.0;

static enum rk_status draw_one(struct rk_section *section, size_t index, enum rk_look look,
                               const struct rk_ctx *ctx, struct rk_error *error)
{
    const struct rk_picture *picture = section->picture;
    struct rk_drawing drawing = {
        .terminal = rk_terminal_of(look == RK_LOOK_TEXT ? RK_TERMINAL_TEXT : RK_TERMINAL_SVG),
        .theme = look == RK_LOOK_DARK ? RK_THEME_DARK : RK_THEME_LIGHT,
        .width = look == RK_LOOK_TEXT ? 0.0 : WIDTH,
        .height = look == RK_LOOK_TEXT ? 0.0 : picture->height,
    };
    struct rk_text made = {0}, prefix = {0};
    enum rk_status status = rk_draw(picture, &drawing, ctx, &made, error);

    rk_text_format(&prefix, "p%zu%c-", index, look == RK_LOOK_DARK ? 'd' : 'l');
    rk_text_add(&made, "");
    if (status == RK_OK && (made.failed || prefix.failed))
        status = rk_fail_memory(error);
    if (status == RK_OK && look == RK_LOOK_TEXT)
        rk_text_add(&section->drawn[look], made.bytes);
    else if (status == RK_OK)
        status = html_svg(made.bytes, prefix.bytes, &section->drawn[look], error);
    if (status == RK_OK && section->drawn[look].failed)
        status = rk_fail_memory(error);
    rk_text_free(&made);
    rk_text_free(&prefix);
    return status == RK_EINPUT ? RK_EIO : status;
}

/* Draws one section's picture, on both grounds or on none. */
static enum rk_status draw_section(struct rk_section *section, size_t index, bool as_text,
                                   const struct rk_ctx *ctx, struct rk_error *error)
{
    enum rk_status status = RK_OK;

    for (int look = 0; status == RK_OK && look < RK_LOOKS; look++)
        if ((look == RK_LOOK_TEXT) == as_text)
            status = draw_one(section, index, look, ctx, error);
    for (int look = 0; status != RK_OK && look < RK_LOOKS; look++)
        rk_text_free(&section->drawn[look]);
    return status;
}

enum rk_status rk_document_draw(struct rk_document *document, bool as_text,
                                const struct rk_ctx *ctx, struct rk_error *error)
{
    enum rk_status first = RK_OK;

    for (size_t i = 0; i < document->n_sections; i++) {
        struct rk_error failed = {0};
        enum rk_status status = RK_OK;

        if (document->section[i].picture != NULL)
            status = draw_section(&document->section[i], i, as_text, ctx, &failed);
        if (status != RK_OK && (first == RK_OK || status != RK_EIO)) {
            first = status;
            if (error != NULL)
                *error = failed;
        }
        if (status != RK_OK && status != RK_EIO)
            return status;
    }
    return first;
}
