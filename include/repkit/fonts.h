/* Whether there are fonts for the words of a picture. What no font has is drawn as a box. Latin
 * letters and signs are taken as there, so that most pictures ask nobody. */
#ifndef REPKIT_FONTS_H
#define REPKIT_FONTS_H

#include "repkit/gnuplot.h"
#include "repkit/picture.h"

enum { RK_FONT_SCRIPTS = 16, RK_FONT_SAMPLE = 32 };

/* The different characters of each script, the first of each; zero-initialised there are none. */
struct rk_font_needs {
    unsigned long character[RK_FONT_SCRIPTS][RK_FONT_SAMPLE];
    bool missing[RK_FONT_SCRIPTS][RK_FONT_SAMPLE]; /* by rk_fonts_missing */
    size_t n[RK_FONT_SCRIPTS];
};

/* Adds the characters of a text (may be NULL), or of all words of a picture. These functions can't
 * fail. */
void rk_font_needs_text(struct rk_font_needs *needs, const char *text);
void rk_font_needs_picture(struct rk_font_needs *needs, const struct rk_picture *picture);

/* Asks fontconfig and names in *missing each script of which a character is in no font, with that
 * character and a package: "U+D55C (Korean; Debian, Ubuntu: fonts-noto-cjk)". Nothing is added
 * where all are there, nor where fc-list is missing.
 * Returns RK_OK; what ctx's cancel says; RK_ENOMEM. */
enum rk_status rk_fonts_missing(struct rk_font_needs *needs, const struct rk_ctx *ctx,
                                struct rk_text *missing);

/* Puts a question mark in the place of each character that was found missing, and of all of a
 * script of which none was found: what no font has may be drawn over half of the picture. This
 * function can't fail. */
void rk_fonts_hide(struct rk_font_needs *needs, struct rk_picture *picture);

/* Adds a line for each script that reps' names are often in: a font is there, or how to get one.
 * Returns as rk_fonts_missing. */
enum rk_status rk_fonts_list(const struct rk_ctx *ctx, struct rk_text *out);

#endif
