/* Writes the gnuplot program: the page's words and legend at screen coordinates, then a plot for
 * each panel. See gnuplot.h for what keeps data from being run. */
#include "repkit/draw.h"

#include <math.h>
#include <string.h>

#include "draw.h"

/* --- pieces of the language --------------------------------------------------------------- */

void pen_number(const struct pen *pen, double value)
{
    char buffer[32];

    if (isfinite(value))
        rk_text_add_bytes(pen->out, buffer, rk_number_format(value, buffer));
    else
        rk_text_add(pen->out, "NaN");
}

void pen_screen(const struct pen *pen, double x, double y)
{
    rk_text_format(pen->out, "screen %.5f,screen %.5f", x / pen->layout->width,
                   1.0 - y / pen->layout->height);
}

void pen_color(const struct pen *pen, unsigned color, double opaque)
{
    rk_text_format(pen->out, "rgb '#%02X%06X'", (unsigned)lround(255.0 * (1.0 - opaque)), color);
}

void pen_font(const struct pen *pen, double size, bool bold)
{
    const struct rk_terminal *terminal = pen->terminal;

    if (terminal->font != NULL)
        rk_text_format(pen->out, " font '%s%s,%.2f'", terminal->font, bold ? ":Bold" : "",
                       size * terminal->points_per_pixel);
}

double pen_line_width(const struct pen *pen, bool bold)
{
    double size = pen->terminal->line * pen->layout->em / 16.0;

    return fmax(0.75, size * pen->theme->line_width * (bold ? 1.6 : 1.0));
}

static void write_words(const struct pen *pen, const struct words *words)
{
    static const char *const aligns[] = {"left", "center", "right"};
    struct rk_text *out = pen->out;

    if (words->text[0] == '\0')
        return;
    rk_text_add(out, "set label ");
    rk_gnuplot_quote(out, words->text, words->columns);
    rk_text_add(out, " at ");
    pen_screen(pen, words->x, words->y);
    rk_text_format(out, " %s noenhanced front tc ", aligns[words->align]);
    pen_color(pen, theme_ink(pen->theme, words->ink), 1.0);
    pen_font(pen, words->size, words->bold);
    rk_text_add_char(out, '\n');
}

/* --- legend ------------------------------------------------------------------------------- */

static void write_box(const struct pen *pen, double left, double right, double top, double bottom,
                      unsigned color, double opaque)
{
    rk_text_add(pen->out, "set object rectangle from ");
    pen_screen(pen, left, bottom);
    rk_text_add(pen->out, " to ");
    pen_screen(pen, right, top);
    rk_text_add(pen->out, " front fc ");
    pen_color(pen, color, 1.0);
    rk_text_format(pen->out, " fs transparent solid %.2f noborder\n", opaque);
}

static void write_key(const struct pen *pen, const struct key *key)
{
    double em = pen->layout->em, right = key->x + 1.9 * em;
    const struct rk_layer *layer = key->layer;
    unsigned color = theme_ink(pen->theme, layer->ink);
    bool filled = layer->mark == RK_MARK_BAND || layer->mark == RK_MARK_BARS ||
                  layer->mark == RK_MARK_BOXES || layer->mark == RK_MARK_CELLS;

    if (pen->layout->is_text) {
        char letters[] = {pen_letter(layer), pen_letter(layer), pen_letter(layer), '\0'};

        rk_text_add(pen->out, "set label ");
        rk_gnuplot_quote(pen->out, layer->mark == RK_MARK_POINTS ? letters + 2 : letters, 3);
        rk_text_add(pen->out, " at ");
        pen_screen(pen, key->x, key->y);
        rk_text_add_char(pen->out, '\n');
    } else if (filled) {
        write_box(pen, key->x, right, key->y - 0.4 * em, key->y + 0.4 * em, color,
                  layer->mark == RK_MARK_BAND ? pen->theme->band * 1.2 : 0.9);
    } else if (layer->mark == RK_MARK_POINTS) {
        rk_text_add(pen->out, "set label '' at ");
        pen_screen(pen, key->x + em, key->y);
        rk_text_add(pen->out, " front point");
        pen_point(pen, layer, 1.2);
        rk_text_add_char(pen->out, '\n');
    } else {
        rk_text_add(pen->out, "set arrow from ");
        pen_screen(pen, key->x, key->y);
        rk_text_add(pen->out, " to ");
        pen_screen(pen, right, key->y);
        rk_text_add(pen->out, " nohead front");
        pen_line(pen, layer);
        rk_text_add_char(pen->out, '\n');
    }
}

static void write_leader(const struct pen *pen, const struct leader *leader)
{
    rk_text_add(pen->out, "set arrow from ");
    pen_screen(pen, leader->x, leader->y);
    rk_text_add(pen->out, " to ");
    pen_screen(pen, leader->to_x, leader->to_y);
    rk_text_format(pen->out, " nohead back lw %.2f lc ", 0.4 * pen_line_width(pen, false));
    pen_color(pen, theme_ink(pen->theme, leader->ink), 1.0);
    rk_text_add_char(pen->out, '\n');
}

/* --- page --------------------------------------------------------------------------------- */

static void write_terminal(const struct pen *pen)
{
    const struct rk_terminal *terminal = pen->terminal;
    struct rk_text *out = pen->out;

    rk_text_format(out, "set terminal %s size %.6g,%.6g %s", terminal->name,
                   pen->layout->width / terminal->size_unit,
                   pen->layout->height / terminal->height_unit, terminal->options);
    pen_font(pen, pen->layout->em, false);
    if (terminal->font != NULL)
        rk_text_format(out, " background rgb '#%06X'", pen->theme->ground);
    rk_text_add(out, "\nset encoding utf8\nset decimalsign '.'\nset termoption noenhanced\n"
                     "unset key\nunset colorbox\nset datafile missing 'NaN'\n");
}

static void write_program(const struct pen *pen)
{
    const struct layout *layout = pen->layout;
    const struct rk_picture *picture = layout->picture;

    rk_text_add(pen->out,
                "# Made by repkit; gnuplot 5.2 or later draws it: gnuplot -d THIS > PICTURE\n");
    write_terminal(pen);
    for (size_t i = 0; i < picture->n_panels; i++)
        draw_data(pen, &picture->panel[i], i);
    rk_text_add(pen->out, "set multiplot\n");
    for (size_t i = 0; i < layout->n_words; i++)
        write_words(pen, &layout->words[i]);
    for (size_t i = 0; i < layout->n_keys; i++)
        write_key(pen, &layout->key[i]);
    for (size_t i = 0; i < layout->n_leaders; i++)
        write_leader(pen, &layout->leader[i]);
    for (size_t i = 0; i < picture->n_panels; i++)
        draw_panel(pen, &picture->panel[i], &layout->panel[i], i);
    rk_text_add(pen->out, "unset multiplot\n");
}

static bool size_is_good(const struct rk_drawing *drawing)
{
    return (drawing->width == 0.0 ||
            (drawing->width >= RK_MIN_PIXELS && drawing->width <= RK_MAX_PIXELS)) &&
           (drawing->height == 0.0 ||
            (drawing->height >= RK_MIN_PIXELS && drawing->height <= RK_MAX_PIXELS));
}

enum rk_status rk_draw_program(const struct rk_picture *picture, const struct rk_drawing *drawing,
                               struct rk_text *program, struct rk_error *error)
{
    struct layout layout;
    struct rk_text out = {0};
    struct pen pen = {&layout, drawing->terminal, theme_of(drawing->theme), &out};
    enum rk_status status = RK_OK;

    if (!size_is_good(drawing))
        return rk_fail(error, RK_EUSAGE, "a picture's sides are %.0f to %.0f pixels, not %gx%g",
                       RK_MIN_PIXELS, RK_MAX_PIXELS, drawing->width, drawing->height);
    if (picture->failed || !layout_make(picture, drawing, &layout)) {
        if (!picture->failed)
            layout_free(&layout);
        return rk_fail_memory(error);
    }
    write_program(&pen);
    layout_free(&layout);
    if (out.failed)
        status = rk_fail_memory(error);
    else
        rk_text_add_bytes(program, out.bytes, out.length);
    rk_text_free(&out);
    return status;
}

/* --- what gnuplot made --------------------------------------------------------------------- */

/* The form feed and the blanks that fill its lines say nothing in a file. */
static void add_trimmed(struct rk_text *out, const struct rk_text *made)
{
    const char *line = made->bytes;

    while (*line != '\0') {
        size_t length, kept;

        line += *line == '\f';
        length = kept = strcspn(line, "\n");
        while (kept > 0 && line[kept - 1] == ' ')
            kept--;
        rk_text_add_bytes(out, line, kept);
        rk_text_add_char(out, '\n');
        line += length + (line[length] == '\n');
    }
}

static void add_xml(struct rk_text *out, const char *text)
{
    for (const char *s = text; *s != '\0'; s++) {
        if (*s == '<' || *s == '&')
            rk_text_add(out, *s == '<' ? "&lt;" : "&amp;");
        else
            rk_text_add_char(out, *s);
    }
}

/* <name>text</name>, nothing where there is no text. */
static void add_element(struct rk_text *out, const char *name, const char *text, const char *more)
{
    struct rk_text clean = {0};

    if (text == NULL && more == NULL)
        return;
    rk_gnuplot_clean(&clean, text == NULL ? "" : text, SIZE_MAX);
    rk_text_add(&clean, text != NULL && more != NULL ? ". " : "");
    rk_gnuplot_clean(&clean, more == NULL ? "" : more, SIZE_MAX);
    rk_text_format(out, "<%s>", name);
    add_xml(out, clean.failed ? "" : clean.bytes);
    rk_text_format(out, "</%s>\n", name);
    out->failed |= clean.failed;
    rk_text_free(&clean);
}

/* gnuplot writes a bold font as family "sans-serif:Bold", which no browser knows. Only tags are
 * changed: texts have lines of their own. */
static void add_bold(struct rk_text *out, const char *made, size_t length)
{
    static const char wrong[] = ":Bold\" ", right[] = "\" font-weight=\"bold\" ";
    const char *end = made + length, *found = strstr(made, wrong);

    while (found != NULL && found < end) {
        const char *line = found;

        while (line > made && line[-1] != '\n')
            line--;
        rk_text_add_bytes(out, made, (size_t)(found - made));
        rk_text_add(out, strncmp(line + strspn(line, " \t"), "<text", 5) == 0 ? wrong : right);
        made = found + strlen(wrong);
        found = strstr(made, wrong);
    }
    rk_text_add_bytes(out, made, (size_t)(end - made));
}

/* Title and description of an SVG are what screen readers say and browsers show: ours in place of
 * gnuplot's, and none for its parts. Texts of the picture cannot look like these elements: their <
 * is escaped. */
static void add_titled(struct rk_text *out, const struct rk_text *made,
                       const struct rk_picture *picture)
{
    static const char begin[] = "<title>", end[] = "</title>", desc[] = "<desc>";
    const char *rest = made->bytes, *found;
    bool first = true;

    while ((found = strstr(rest, begin)) != NULL) {
        const char *after = strstr(found, end);

        if (after == NULL)
            break;
        add_bold(out, rest, (size_t)(found - rest));
        rest = after + strlen(end);
        if (first) {
            const char *old = strstr(rest, desc);

            add_element(out, "title", picture->title, NULL);
            add_element(out, "desc", picture->subtitle, picture->caption);
            if (old != NULL && strstr(old, "</desc>") != NULL)
                rest = strstr(old, "</desc>") + strlen("</desc>");
        }
        first = false;
    }
    add_bold(out, rest, strlen(rest));
}

static void add_made(struct rk_text *out, const struct rk_text *made,
                     const struct rk_picture *picture, enum rk_terminal_kind kind)
{
    if (kind == RK_TERMINAL_TEXT)
        add_trimmed(out, made);
    else if (kind == RK_TERMINAL_SVG)
        add_titled(out, made, picture);
    else
        rk_text_add_bytes(out, made->bytes, made->length);
}

enum rk_status rk_draw(const struct rk_picture *picture, const struct rk_drawing *drawing,
                       const struct rk_ctx *ctx, struct rk_text *out, struct rk_error *error)
{
    struct rk_text program = {0}, made = {0};
    enum rk_status status = rk_draw_program(picture, drawing, &program, error);

    if (status == RK_OK)
        status = rk_gnuplot_run(&program, RK_GNUPLOT_LIMIT, ctx, &made, error);
    if (status == RK_OK)
        add_made(out, &made, picture, drawing->terminal->kind);
    if (status == RK_OK && out->failed)
        status = rk_fail_memory(error);
    rk_text_free(&made);
    rk_text_free(&program);
    return status;
}
