#include "repkit/doctor.h"

#include <string.h>

#include "repkit/fonts.h"

static const char *const advice =
    "install gnuplot with cairo (Debian, Ubuntu: gnuplot-nox; Fedora, Arch, brew: gnuplot)";

/* Whether a word stands in a list separated by blanks. */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = strstr(list, word); at != NULL; at = strstr(at + 1, word))
        if ((at == list || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\n'))
            return true;
    return false;
}

static enum rk_status check_terminals(const char *terminals, struct rk_text *out)
{
    enum rk_status status = RK_OK;

    for (int kind = RK_TERMINAL_PNG; kind <= RK_TERMINAL_TEXT; kind++) {
        const struct rk_terminal *terminal = rk_terminal_of((enum rk_terminal_kind)kind);
        bool there = has_word(terminals, terminal->name);

        rk_text_format(out, "%-9s%s", terminal->suffix, there ? "ok" : "missing: ");
        rk_text_add(out, there ? "" : advice);
        rk_text_add_char(out, '\n');
        if (!there)
            status = RK_EIO;
    }
    return status;
}

enum rk_status rk_doctor(const struct rk_ctx *ctx, struct rk_text *out, struct rk_error *error)
{
    struct rk_text program = {0}, answer = {0};
    enum rk_status status, fonts;
    size_t first_line;

    rk_text_add(&program, "set print '-'\nprint GPVAL_VERSION\nprint ' '.GPVAL_TERMINALS.' '\n");
    status = rk_gnuplot_run(&program, RK_GNUPLOT_LIMIT, ctx, &answer, error);
    if (status == RK_OK) {
        first_line = strcspn(answer.bytes, "\n");
        rk_text_format(out, "gnuplot  ok (%.*s)\n", (int)first_line, answer.bytes);
        status = check_terminals(answer.bytes + first_line, out);
        /* A missing font is no fault of what is installed as long as nobody writes such labels:
         * the exit status stays as it is. */
        fonts = rk_fonts_list(ctx, out);
        status = fonts == RK_OK ? status : fonts;
    } else if (status == RK_EIO) {
        rk_text_format(out, "gnuplot  missing: %s\n", advice);
    }
    if (status == RK_EIO)
        rk_fail(error, RK_EIO, "pictures will not work as they should");
    rk_text_free(&program);
    rk_text_free(&answer);
    return out->failed ? rk_fail_memory(error) : status;
}
