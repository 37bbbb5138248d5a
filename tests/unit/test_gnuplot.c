/* gnuplot as a process, and the texts that reach it: hostile ones are drawn, never run. */
#include "reference.h"

#include <errno.h>
#include <fcntl.h>
#include <gsl/gsl_errno.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "repkit/draw.h"
#include "repkit/gnuplot.h"

/* --- texts -------------------------------------------------------------------------------- */

static char *quoted(const char *text, size_t width)
{
    struct rk_text out = {0};

    rk_gnuplot_quote(&out, text, width);
    return rk_text_take(&out);
}

static void assert_quoted(const char *text, size_t width, const char *expected)
{
    char *out = quoted(text, width);

    assert_string_equal(out, expected);
    free(out);
}

static void test_only_quotes_are_special(void **state)
{
    (void)state;
    assert_quoted("plain", 40, "'plain'");
    assert_quoted("", 40, "''");
    assert_quoted(NULL, 40, "''");
    assert_quoted("it's @x", 40, "'it'.\"'\".'s @'.'x'");
    assert_quoted("it's ''", 40, "'it'.\"'\".'s '.\"''\"");
    assert_quoted("'; x", 40, "''.\"'\".'; x'");
    assert_quoted("'", 40, "''.\"'\"");
    assert_quoted("`id` $(id) @x \\\" {a} %s \\", 40, "'`id` $(id) @'.'x \\\" {a} %s \\'");
}

static void test_control_characters_become_blanks(void **state)
{
    (void)state;
    assert_quoted("a\nb\r\nc\td\x01\x7f", 40, "'a b  c d  '");
    assert_quoted("a\xC2\x85z\xE2\x80\xA8z", 40, "'a z z'"); /* U+0085, U+2028 */
}

static void test_bytes_that_are_no_utf8_are_replaced(void **state)
{
    (void)state;
    assert_quoted("a\xFFz", 40, "'a\xEF\xBF\xBDz'");
    assert_quoted("\xC0\xAF", 40, "'\xEF\xBF\xBD\xEF\xBF\xBD'");                 /* overlong */
    assert_quoted("\xED\xA0\x80", 40, "'\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD'"); /* surrogate */
    assert_quoted("\xEF\xBF\xBE", 40, "'\xEF\xBF\xBD'");                         /* U+FFFE */
    assert_quoted("\xF5\x80\x80\x80", 3, "'\xEF\xBF\xBD\xEF\xBF\xBD…'");
    assert_quoted("\xE2\x82", 40, "'\xEF\xBF\xBD\xEF\xBF\xBD'"); /* cut off at the end */
    assert_quoted("né €", 40, "'né €'");
}

static void test_long_texts_end_in_dots(void **state)
{
    char *huge = malloc(100001), *out;

    (void)state;
    assert_quoted("abcdef", 6, "'abcdef'");
    assert_quoted("abcdefg", 6, "'abcde…'");
    assert_quoted("日本語日本語", 6, "'日本…'");
    assert_quoted("ab", 0, "'…'");
    memset(huge, 'x', 100000);
    huge[100000] = '\0';
    out = quoted(huge, SIZE_MAX);
    assert_true(strlen(out) < 1000);
    free(out);
    for (size_t i = 0; i < 100000; i += 2) /* combining accents take no column */
        memcpy(huge + i, "\xCC\x81", 2);
    out = quoted(huge, 40);
    assert_true(strlen(out) < 5000);
    free(out);
    free(huge);
}

static void test_ticks_double_percent_signs(void **state)
{
    struct rk_text out = {0};

    (void)state;
    rk_gnuplot_quote_tick(&out, "50% of '%s'", 40);
    assert_string_equal(out.bytes, "'50%% of '.\"'\".'%%s'.\"'\"");
    rk_text_free(&out);
}

/* --- the process -------------------------------------------------------------------------- */

static bool gnuplot_is_there(void)
{
    struct rk_text program = {0}, out = {0};
    enum rk_status status;

    rk_text_add(&program, "set terminal dumb 20,5\nplot x\n");
    status = rk_gnuplot_run(&program, 60.0, NULL, &out, NULL);
    rk_text_free(&program);
    rk_text_free(&out);
    return status == RK_OK;
}

static void assert_no_child(void)
{
    errno = 0;
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static enum rk_status run(const char *text, double limit, const struct rk_ctx *ctx,
                          struct rk_text *out, struct rk_error *error)
{
    struct rk_text program = {0};
    enum rk_status status;

    rk_text_add(&program, text);
    status = rk_gnuplot_run(&program, limit, ctx, out, error);
    rk_text_free(&program);
    assert_no_child();
    return status;
}

static void test_run_gives_the_picture(void **state)
{
    struct rk_text out = {0};

    (void)state;
    if (!gnuplot_is_there())
        skip();
    rk_text_add(&out, "before ");
    assert_int_equal(run("set terminal dumb 40,10\nplot x\n", 60.0, NULL, &out, NULL), RK_OK);
    assert_memory_equal(out.bytes, "before ", 7);
    assert_true(out.length > 300);
    rk_text_free(&out);
}

static void test_run_reports_gnuplots_reason(void **state)
{
    struct rk_text out = {0};
    struct rk_error error;

    (void)state;
    if (!gnuplot_is_there())
        skip();
    assert_int_equal(run("set terminal dumb\nplot nothing\n", 60.0, NULL, &out, &error), RK_EIO);
    assert_non_null(strstr(error.text, "undefined variable: nothing"));
    assert_null(strchr(error.text, '\n'));
    assert_int_equal(run("set terminal nosuch\n", 60.0, NULL, &out, &error), RK_EIO);
    assert_non_null(strstr(error.text, "repkit doctor"));
    assert_int_equal(run("", 60.0, NULL, &out, &error), RK_EIO); /* says nothing, makes nothing */
    assert_null(out.bytes);
}

static void test_run_survives_a_child_that_does_not_read(void **state)
{
    struct rk_text program = {0}, out = {0};
    struct rk_error error;
    struct sigaction before, now;

    (void)state;
    if (!gnuplot_is_there())
        skip();
    sigaction(SIGPIPE, NULL, &before);
    rk_text_add(&program, "exit\n");
    rk_text_repeat(&program, "# filling the pipe\n", 500000);
    assert_int_equal(rk_gnuplot_run(&program, 60.0, NULL, &out, &error), RK_EIO);
    sigaction(SIGPIPE, NULL, &now);
    assert_true(before.sa_handler == now.sa_handler);
    rk_text_free(&program);
    assert_no_child();
}

static void test_run_stops_at_the_limit(void **state)
{
    struct rk_text out = {0};
    struct rk_error error;
    time_t start = time(NULL);

    (void)state;
    if (!gnuplot_is_there())
        skip();
    assert_int_equal(run("pause 100\n", 0.3, NULL, &out, &error), RK_EIO);
    assert_non_null(strstr(error.text, "time"));
    assert_true(time(NULL) - start < 20);
    /* Output closed early is no way around it. */
    assert_int_equal(run("set terminal dumb\nplot x\npause 100\n", 0.3, NULL, &out, &error),
                     RK_EIO);
    assert_null(out.bytes);
}

static enum rk_status cancel_at_third(void *data)
{
    return ++*(int *)data >= 3 ? RK_EINTERRUPT : RK_OK;
}

static void test_run_is_cancelled(void **state)
{
    struct rk_text out = {0};
    struct rk_error error;
    int asked = 0;
    struct rk_ctx ctx = RK_CTX_DEFAULT;

    (void)state;
    if (!gnuplot_is_there())
        skip();
    ctx.cancelled = cancel_at_third;
    ctx.data = &asked;
    assert_int_equal(run("pause 100\n", 60.0, &ctx, &out, &error), RK_EINTERRUPT);
    assert_null(out.bytes);
}

static void test_run_says_how_to_get_gnuplot(void **state)
{
    const char *path = getenv("PATH");
    char *saved = strdup(path == NULL ? "" : path);
    struct rk_text out = {0};
    struct rk_error error;

    (void)state;
    setenv("PATH", "/nonexistent", 1);
    assert_int_equal(run("plot x\n", 60.0, NULL, &out, &error), RK_EIO);
    assert_non_null(strstr(error.text, "apt install gnuplot-nox"));
    setenv("PATH", saved, 1);
    free(saved);
}

/* Start-up files and variables of the user do not reach the picture. */
static void test_run_is_alone(void **state)
{
    static const char startup[] = "system('touch canary')\nset terminal svg\n";
    char folder[] = "/tmp/repkit-test-XXXXXX", path[64];
    struct rk_text out = {0};
    FILE *file;

    (void)state;
    if (!gnuplot_is_there())
        skip();
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/.gnuplot", folder);
    file = fopen(path, "w");
    fwrite(startup, 1, sizeof startup - 1, file);
    fclose(file);
    setenv("HOME", folder, 1);
    setenv("GNUTERM", "svg", 1);
    assert_int_equal(run("set terminal dumb\nprint GPVAL_TERM\nset print '-'\n"
                         "print system('echo [$GNUTERM]')\n",
                         60.0, NULL, &out, NULL),
                     RK_OK);
    assert_non_null(strstr(out.bytes, "[]"));
    assert_int_equal(access("canary", F_OK), -1);
    unsetenv("GNUTERM");
    unlink(path);
    rmdir(folder);
    rk_text_free(&out);
}

/* --- pictures ----------------------------------------------------------------------------- */

static const char *const hostile[] = {
    "`touch canary`",
    "$(touch canary)",
    "\"; system('touch canary'); \"",
    "'; system('touch canary'); '",
    "''.system('touch canary').''",
    "\n! touch canary\n",
    "\nEND\n! touch canary\n",
    "END",
    "'`touch canary`",
    "''`touch canary`",
    "'''`touch canary`",
    "''''`touch canary`",
    "'''''`touch canary`",
    "a'`touch canary`",
    "a''`touch canary`",
    "a'''`touch canary`",
    "a''''`touch canary`",
    "a'''''`touch canary`",
    "'",
    "''; system('touch canary'); ''''",
    "a'''; system('touch canary'); '",
    "' . system(\"touch canary\") . '",
    "@touch\n!touch canary",
    "%`touch canary`%s%n%d",
    "{/:Bold x}^{2}_{3}&{4}\\",
    "\\n\\001\\",
    "<b>&amp;</b>]]>",
    "\xFF\xFE\x01\x1B[31m",
    "{",
    "# \\",
};
enum { N_HOSTILE = sizeof hostile / sizeof *hostile };

/* A picture with the text in every place that takes one. */
static struct rk_picture *picture_of(const char *text, enum rk_axis_kind y_kind)
{
    struct rk_picture *picture = rk_picture_new();
    struct rk_panel *panel;
    char *copy = strdup(text);

    rk_picture_set(picture, &picture->title, text);
    rk_picture_set(picture, &picture->subtitle, text);
    rk_picture_set(picture, &picture->caption, text);
    panel = rk_picture_panel(picture, text);
    rk_picture_set(picture, &panel->x.title, text);
    rk_picture_set(picture, &panel->y.title, text);
    rk_picture_set(picture, &panel->note_title, text);
    panel->x.kind = RK_AXIS_NAMES;
    panel->y.kind = y_kind;
    rk_picture_name(picture, &panel->x, text);
    rk_picture_name(picture, &panel->y, text);
    rk_picture_note(picture, panel, 0.0, RK_INK_TEXT, text);
    for (int mark = RK_MARK_POINTS; mark <= RK_MARK_RULE_Y; mark++) {
        struct rk_layer *layer =
            rk_picture_layer(picture, panel, (enum rk_mark)mark,
                             mark == RK_MARK_CELLS ? RK_INK_DIVERGING : RK_INK_MAIN, text);
        struct rk_spot spot = {0.0, 0.0, -0.2, 0.3, 0.4, copy};

        rk_picture_spot(picture, layer, spot);
        spot.value = NAN;
        rk_picture_spot(picture, layer, spot);
    }
    free(copy);
    assert_false(picture->failed);
    return picture;
}

static void draw(const struct rk_picture *picture, enum rk_terminal_kind kind, int theme,
                 struct rk_text *out)
{
    struct rk_drawing drawing = {.terminal = rk_terminal_of(kind), .theme = theme};
    struct rk_error error = {0};

    if (rk_draw(picture, &drawing, NULL, out, &error) != RK_OK)
        fail_msg("%s", error.text);
    assert_no_child();
}

static void test_hostile_texts_are_only_drawn(void **state)
{
    (void)state;
    if (!gnuplot_is_there())
        skip();
    for (int i = 0; i < N_HOSTILE; i++) {
        struct rk_picture *picture =
            picture_of(hostile[i], i % 2 == 0 ? RK_AXIS_NAMES : RK_AXIS_NUMBER);
        struct rk_text out = {0};

        draw(picture, RK_TERMINAL_SVG, i % 3, &out);
        assert_int_equal(access("canary", F_OK), -1);
        rk_text_clear(&out);
        draw(picture, RK_TERMINAL_TEXT, 0, &out);
        assert_int_equal(access("canary", F_OK), -1);
        rk_text_free(&out);
        rk_picture_free(picture);
    }
}

static void test_labels_are_text_in_svg(void **state)
{
    struct rk_picture *picture = picture_of("50% of R&D <Paris>, né en 日本", RK_AXIS_NAMES);
    struct rk_text out = {0};

    (void)state;
    if (!gnuplot_is_there()) {
        rk_picture_free(picture);
        skip();
    }
    draw(picture, RK_TERMINAL_SVG, RK_THEME_LIGHT, &out);
    assert_non_null(strstr(out.bytes, "<title>50% of R&amp;D &lt;Paris>, né en 日本</title>"));
    assert_non_null(strstr(out.bytes, "<text>50% of R&amp;D &lt;Paris>, né en 日本</text>"));
    assert_null(strstr(out.bytes, "Gnuplot"));
    rk_text_free(&out);
    rk_picture_free(picture);
}

static void test_each_terminal_makes_its_kind_of_file(void **state)
{
    static const struct {
        enum rk_terminal_kind kind;
        const char *magic;
    } kinds[] = {{RK_TERMINAL_PNG, "\x89PNG\r\n\x1a\n"},
                 {RK_TERMINAL_SVG, "<?xml "},
                 {RK_TERMINAL_PDF, "%PDF-"},
                 {RK_TERMINAL_TEXT, " "}};
    struct rk_picture *picture = picture_of("label", RK_AXIS_NAMES);

    (void)state;
    if (!gnuplot_is_there()) {
        rk_picture_free(picture);
        skip();
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct rk_text out = {0};

        draw(picture, kinds[i].kind, RK_THEME_DARK, &out);
        assert_memory_equal(out.bytes, kinds[i].magic, strlen(kinds[i].magic));
        rk_text_free(&out);
    }
    rk_picture_free(picture);
}

static void test_terminal_is_found_by_suffix(void **state)
{
    (void)state;
    assert_string_equal(rk_terminal_for("a/b.c/x.PNG")->name, "pngcairo");
    assert_string_equal(rk_terminal_for("x.svg")->name, "svg");
    assert_string_equal(rk_terminal_for("x.tar.pdf")->name, "pdfcairo");
    assert_string_equal(rk_terminal_for("x.txt")->name, "dumb");
    assert_null(rk_terminal_for("x.gif"));
    assert_null(rk_terminal_for("png"));
}

/* Nothing to draw, numbers that are none, and ranges at the end of what a double holds. */
static void test_odd_numbers_are_drawn(void **state)
{
    static const double values[] = {NAN, INFINITY, 0.0, 1e308, -1e308, 1e-320, 5.0};

    (void)state;
    if (!gnuplot_is_there())
        skip();
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct rk_picture *picture = rk_picture_new();
        struct rk_panel *panel = rk_picture_panel(picture, NULL);
        struct rk_text out = {0};

        for (int mark = RK_MARK_POINTS; mark <= RK_MARK_RULE_Y; mark++) {
            double v = values[i];
            struct rk_layer *layer =
                rk_picture_layer(picture, panel, (enum rk_mark)mark, RK_INK_ACCENT, NULL);

            rk_picture_spot(picture, layer, (struct rk_spot){v, v, v, v, v, NULL});
            if (i == 3)
                rk_picture_spot(picture, layer, (struct rk_spot){-v, -v, -v, v, v, NULL});
        }
        draw(picture, RK_TERMINAL_SVG, RK_THEME_PRINT, &out);
        rk_text_free(&out);
        rk_picture_free(picture);
    }
}

static void test_sizes_out_of_bounds_are_refused(void **state)
{
    struct rk_picture *picture = picture_of("x", RK_AXIS_NUMBER);
    struct rk_drawing drawing = {.terminal = rk_terminal_of(RK_TERMINAL_PNG), .width = 10.0};
    struct rk_text out = {0};
    struct rk_error error;

    (void)state;
    assert_int_equal(rk_draw_program(picture, &drawing, &out, &error), RK_EUSAGE);
    drawing.width = 800.0;
    drawing.height = 1e9;
    assert_int_equal(rk_draw_program(picture, &drawing, &out, &error), RK_EUSAGE);
    assert_null(out.bytes);
    rk_picture_free(picture);
}

/* The same picture gives the same program: nothing random, no time of day. */
static void test_programs_repeat(void **state)
{
    struct rk_picture *picture = picture_of("x", RK_AXIS_NUMBER);
    struct rk_drawing drawing = {.terminal = rk_terminal_of(RK_TERMINAL_PNG)};
    struct rk_text first = {0}, second = {0};

    (void)state;
    assert_int_equal(rk_draw_program(picture, &drawing, &first, NULL), RK_OK);
    assert_int_equal(rk_draw_program(picture, &drawing, &second, NULL), RK_OK);
    assert_string_equal(first.bytes, second.bytes);
    rk_text_free(&first);
    rk_text_free(&second);
    rk_picture_free(picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_quotes_are_special),
        cmocka_unit_test(test_control_characters_become_blanks),
        cmocka_unit_test(test_bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(test_long_texts_end_in_dots),
        cmocka_unit_test(test_ticks_double_percent_signs),
        cmocka_unit_test(test_run_gives_the_picture),
        cmocka_unit_test(test_run_reports_gnuplots_reason),
        cmocka_unit_test(test_run_survives_a_child_that_does_not_read),
        cmocka_unit_test(test_run_stops_at_the_limit),
        cmocka_unit_test(test_run_is_cancelled),
        cmocka_unit_test(test_run_says_how_to_get_gnuplot),
        cmocka_unit_test(test_run_is_alone),
        cmocka_unit_test(test_hostile_texts_are_only_drawn),
        cmocka_unit_test(test_labels_are_text_in_svg),
        cmocka_unit_test(test_each_terminal_makes_its_kind_of_file),
        cmocka_unit_test(test_terminal_is_found_by_suffix),
        cmocka_unit_test(test_odd_numbers_are_drawn),
        cmocka_unit_test(test_sizes_out_of_bounds_are_refused),
        cmocka_unit_test(test_programs_repeat),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
