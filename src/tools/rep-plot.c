/* rep-plot: show me. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "repkit/draw.h"
#include "repkit/fonts.h"
#include "repkit/plot.h"
#include "repkit/session.h"

static const char *const examples[] = {
    "rep-plot scatter datasets/detailing.csv --x detailing --y scripts -o scatter.png",
    "rep-plot -x Time -y Sales datasets/cravens.csv --theme print --size 640x400 -o sales.pdf",
    "rep-compare datasets/detailing.csv --value scripts --group specialist | rep-plot -o test.svg",
    "rep-plot box datasets/detailing.csv --value scripts --group specialist -o box.png",
    ("rep-trend datasets/seatbelts.csv --value drivers --time month --emit limits | rep-plot -o "
     "t.png"),
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-plot",
    .question = "Show me.",
    .synopsis = "[KIND] [FILE] -o OUT.{png,svg,pdf,txt}",
    .about =
        "Draws data, or what another tool prints, with the interval. The kind of another tool's "
        "output is seen from its columns. Without -o the picture is drawn on the terminal.",
    .examples = examples,
};

struct pictures {
    const char *output, *script, *size;
    struct rk_drawing drawing;
};

/* --- what is asked for -------------------------------------------------------------------- */

static enum rk_status read_size(const char *text, struct rk_drawing *drawing,
                                struct rk_error *error)
{
    char *end = NULL;

    drawing->width = strtod(text, &end);
    if (end != text && *end == 'x' && end[1] != '\0')
        drawing->height = strtod(end + 1, &end);
    if (*end != '\0' || !(drawing->width >= RK_MIN_PIXELS && drawing->width <= RK_MAX_PIXELS) ||
        !(drawing->height >= RK_MIN_PIXELS && drawing->height <= RK_MAX_PIXELS))
        return rk_fail(error, RK_EUSAGE, "--size: WIDTHxHEIGHT, each %.0f to %.0f, not '%s'",
                       RK_MIN_PIXELS, RK_MAX_PIXELS, text);
    return RK_OK;
}

/* As wide as the terminal, which counts 8 pixels a column. */
static double terminal_width(void)
{
    struct winsize size = {0};

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < RK_MIN_PIXELS / 8)
        return 80 * 8;
    return 8.0 * (size.ws_col < 160 ? size.ws_col : 160);
}

static enum rk_status choose_terminal(struct pictures *pictures, struct rk_error *error)
{
    struct rk_drawing *drawing = &pictures->drawing;

    if (pictures->size != NULL) {
        enum rk_status status = read_size(pictures->size, drawing, error);

        if (status != RK_OK)
            return status;
    }
    if (pictures->output != NULL) {
        drawing->terminal = rk_terminal_for(pictures->output);
        if (drawing->terminal == NULL)
            return rk_fail(error, RK_EUSAGE,
                           "-o: a picture's name ends in .png, .svg, .pdf or "
                           ".txt, not '%s'",
                           pictures->output);
        return RK_OK;
    }
    if (pictures->script != NULL) {
        drawing->terminal = rk_terminal_of(RK_TERMINAL_PNG);
        return RK_OK;
    }
    if (!isatty(STDOUT_FILENO))
        return rk_fail(error, RK_EUSAGE,
                       "nowhere to draw: give -o OUT.png, .svg, .pdf or .txt "
                       "(on a terminal the picture is drawn there)");
    drawing->terminal = rk_terminal_of(RK_TERMINAL_TEXT);
    if (pictures->size == NULL)
        drawing->width = terminal_width();
    return RK_OK;
}

/* The first operand is the kind if it is a kind's name, and must be one before a file. */
static const char *take_operands(const struct rk_session *session, struct rk_plot_options *options)
{
    const char *first = rk_session_file(session, 0);

    if (session->operands.n < 2 && (first == NULL || !rk_plot_is_kind(first)))
        return first;
    options->kind = first;
    return rk_session_file(session, 1);
}

/* --- output ------------------------------------------------------------------------------- */

/* In an SVG words stay text, which is drawn by the fonts of whoever looks at it; in characters it
 * is drawn by the terminal's. */
static void check_fonts(struct rk_session *session, struct rk_picture *picture,
                        enum rk_terminal_kind kind)
{
    struct rk_font_needs needs = {0};
    struct rk_text missing = {0};

    if (session->status != RK_OK || kind == RK_TERMINAL_TEXT)
        return;
    rk_font_needs_picture(&needs, picture);
    if (rk_session_ok(session, rk_fonts_missing(&needs, &session->ctx, &missing)) &&
        missing.length > 0)
        rk_warn(session->result, RK_WARN_FONTS, "No font here has %s: %s", missing.bytes,
                kind == RK_TERMINAL_SVG ? "who has none either sees boxes"
                                        : "question marks stand for such letters");
    if (kind != RK_TERMINAL_SVG)
        rk_fonts_hide(&needs, picture);
    rk_text_free(&missing);
}

static void draw(struct rk_session *session, struct rk_picture *picture,
                 const struct pictures *pictures)
{
    struct rk_text program = {0}, made = {0};
    bool only_script = pictures->script != NULL && pictures->output == NULL;

    if (pictures->script != NULL)
        rk_session_ok(session,
                      rk_draw_program(picture, &pictures->drawing, &program, &session->error));
    if (!only_script)
        check_fonts(session, picture, pictures->drawing.terminal->kind);
    if (pictures->script != NULL && rk_session_strict(session))
        rk_session_write(session, pictures->script, &program);
    if (!only_script && rk_session_strict(session) &&
        rk_session_ok(session,
                      rk_draw(picture, &pictures->drawing, &session->ctx, &made, &session->error)))
        rk_session_write(session, pictures->output, &made);
    rk_text_free(&program);
    rk_text_free(&made);
    session->stop = true; /* there is no table to print */
}

/* A band's other tables, by name of file. */
struct others {
    const char *models, *bins;
};

static void run(struct rk_session *session, struct rk_plot_options *options,
                const struct others *others, struct pictures *pictures)
{
    const struct rk_wants all = {.all = true};
    struct rk_wants wants = {0};
    struct rk_table *table = NULL, *models, *bins;
    struct rk_picture *picture = NULL;
    const char *file = take_operands(session, options);

    options->date_order = session->csv.date_order;
    if (rk_session_ok(session, choose_terminal(pictures, &session->error)) &&
        rk_session_ok(session, rk_plot_wants(options, &wants, &session->error)))
        table = rk_session_read(session, file, &wants);
    options->models = models = rk_session_read_beside(session, others->models, &session->csv, &all);
    options->bins = bins = rk_session_read_beside(session, others->bins, &session->csv, &all);
    if (table != NULL && session->status == RK_OK &&
        rk_session_ok(session,
                      rk_plot_run(table, options, &session->ctx, &picture, &session->error)))
        draw(session, picture, pictures);
    rk_picture_free(picture);
    rk_table_free(models);
    rk_table_free(bins);
    rk_table_free(table);
    rk_wants_free(&wants);
}

int main(int argc, char **argv)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    struct pictures pictures = {0};
    struct others others = {0};
    const struct rk_option table_of_options[] = {
        RK_HEADING(
            "Data: scatter, hist, box, slope, trend, qq; what other tools print is known by its "
            "columns"),
        {RK_OPTION_TEXT, 'x', "x", &options.x, "COL", "scatter, trend: the horizontal axis", 0, 0},
        {RK_OPTION_TEXT, 'y', "y", &options.y, "COL", "scatter, trend: the vertical axis", 0, 0},
        {RK_OPTION_TEXT, 0, "value", &options.value, "COL",
         "hist, box, qq, slope: what is measured", 0, 0},
        {RK_OPTION_TEXT, 0, "group", &options.group, "COL",
         "hist, box, qq: compare these; slope: the two levels", 0, 0},
        {RK_OPTION_TEXT, 0, "id", &options.id, "COL", "slope: the units", 0, 0},
        {RK_OPTION_TEXT, 0, "color", &options.color, "COL",
         "scatter, hist, trend: groups, at most 8", 0, 0},
        {RK_OPTION_TEXT, 0, "facet", &options.facet, "COL", "a panel for each, at most 12", 0, 0},
        {RK_OPTION_TEXT, 0, "models", &others.models, "FILE",
         "band: rep-band's models, for the optimum", 0, 0},
        {RK_OPTION_TEXT, 0, "bins", &others.bins, "FILE", "band: rep-band's bins, as points", 0, 0},
        {RK_OPTION_TEXT, 0, "start", &options.start, "DATE", "impact: mark where it began", 0, 0},
        RK_CONF_OPTION(options.common),
        RK_RANDOM_OPTIONS(shared),
        RK_HEADING("The picture"),
        {RK_OPTION_TEXT, 'o', "output", &pictures.output, "FILE",
         "OUT.png, .svg, .pdf or .txt: as a whole or not at all", 0, 0},
        {RK_OPTION_TEXT, 0, "title", &options.title, "TEXT", "another title", 0, 0},
        {RK_OPTION_TEXT, 0, "size", &pictures.size, "800x500", "in pixels (what suits it)", 0, 0},
        {RK_OPTION_CHOICE, 0, "theme", &pictures.drawing.theme, RK_THEMES,
         "print needs no colours (light)", 0, 0},
        {RK_OPTION_TEXT, 0, "script", &pictures.script, "FILE",
         "save the gnuplot program, data and all", 0, 0},
        RK_TABLE_OPTIONS(shared),
        RK_HEADING("Other"),
        {RK_OPTION_FLAG, 'q', "quiet", &shared.quiet, NULL, "no warnings", 0, 0},
        RK_HELP_OPTIONS(shared),
        RK_OPTIONS_END,
    };
    struct rk_session session;

    shared.common = &options.common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    if (rk_session_operands(&session, 0, 2))
        run(&session, &options, &others, &pictures);
    return rk_session_close(&session);
}
