/* gnuplot as a process: the one place that knows how to write text so that gnuplot does not run it,
 * and how to start it without a shell.
 *
 * What makes a program safe: data blocks hold numbers only, which this project formats itself, so
 * no cell can end a block; every text stands between single quotes, where gnuplot knows no escape,
 * no back-quote and no macro, and its own single quotes stand apart between double ones; control
 * characters, line ends among them, are gone; `noenhanced` turns markup off; `-d` keeps start-up
 * files out; no file is named. */
#ifndef REPKIT_GNUPLOT_H
#define REPKIT_GNUPLOT_H

#include "repkit/context.h"
#include "repkit/text.h"

/* Writes text as a gnuplot string expression: 'it'."'".'s', 'a@'.'b'. Control characters become
 * blanks, bytes that are not UTF-8 become U+FFFD, and what is wider than max_width columns ends in
 * "…" (max_width 0 is taken as 1). text may be NULL: ''. This function can't fail (out->failed). */
void rk_gnuplot_quote(struct rk_text *out, const char *text, size_t max_width);

/* The same for a tick's label, which gnuplot takes as a format: % is doubled. */
void rk_gnuplot_quote_tick(struct rk_text *out, const char *text, size_t max_width);

/* The same text without quotes, for measuring and wrapping. */
void rk_gnuplot_clean(struct rk_text *out, const char *text, size_t max_width);

/* Reads one character of a text that is not empty. Returns its length in bytes, and in *c its code
 * point; 1 and U+FFFD where the bytes are no UTF-8 (overlong forms, surrogates and what XML forbids
 * included). Independent of the locale: a picture must not change with it. */
size_t rk_gnuplot_character(const char *text, unsigned long *c);

/* The kinds of picture gnuplot makes for us. */
enum rk_terminal_kind { RK_TERMINAL_PNG, RK_TERMINAL_SVG, RK_TERMINAL_PDF, RK_TERMINAL_TEXT };

struct rk_terminal {
    enum rk_terminal_kind kind;
    const char *suffix;      /* of the file: "png" */
    const char *name;        /* gnuplot's: "pngcairo" */
    const char *options;     /* after the size: fonts, noenhanced */
    const char *font;        /* NULL where there is none */
    double size_unit;        /* pixels in one unit of its size option: 1, 96 for inches */
    double height_unit;      /* the same for heights (a character is taller than wide) */
    double points_per_pixel; /* of font sizes */
    double mark, line;       /* what makes its marks and lines as large as pngcairo's */
};

/* The terminal for a file name's suffix (png, svg, pdf, txt, ignoring case), or NULL. */
const struct rk_terminal *rk_terminal_for(const char *file_name);
const struct rk_terminal *rk_terminal_of(enum rk_terminal_kind kind);

/* Seconds after which a picture is given up. */
#define RK_GNUPLOT_LIMIT 120.0

/* Runs gnuplot over the program and adds what it writes to standard output to *picture.
 * Asks ctx (may be NULL) several times a second whether to stop. Whatever happens, the child has
 * been waited for when this returns.
 * Returns RK_OK; RK_EIO (gnuplot is missing, failed, or took more than limit_seconds); what ctx's
 * cancel says; RK_ENOMEM. *picture is unchanged on failure. */
enum rk_status rk_gnuplot_run(const struct rk_text *program, double limit_seconds,
                              const struct rk_ctx *ctx, struct rk_text *picture,
                              struct rk_error *error);

/* Whether some font that fontconfig knows has all n characters (code points, at most 64), by
 * running fc-list without a shell. RK_OK; RK_EIO (fc-list is missing or failed); what ctx's cancel
 * says; RK_ENOMEM. *have is unchanged on failure. */
enum rk_status rk_fonts_have(const unsigned long *character, size_t n, const struct rk_ctx *ctx,
                             bool *have);

#endif
