/* From a picture to the bytes of a PNG, SVG, PDF or text file, by way of a gnuplot program. */
#ifndef REPKIT_DRAW_H
#define REPKIT_DRAW_H

#include "repkit/gnuplot.h"
#include "repkit/picture.h"

/* light and dark for screens; print for paper: no colour needed to tell things apart. */
enum rk_theme { RK_THEME_LIGHT, RK_THEME_DARK, RK_THEME_PRINT };
#define RK_THEMES "light|dark|print"

struct rk_drawing {
    const struct rk_terminal *terminal;
    double width, height; /* pixels; 0: what suits the picture */
    int theme;            /* enum rk_theme */
};
#define RK_MIN_PIXELS 200.0
#define RK_MAX_PIXELS 10000.0

/* Adds the gnuplot program that draws the picture on standard output, data and all: the same
 * picture and drawing give the same bytes. RK_OK; RK_EUSAGE (a size out of bounds); RK_ENOMEM. */
enum rk_status rk_draw_program(const struct rk_picture *picture, const struct rk_drawing *drawing,
                               struct rk_text *program, struct rk_error *error);

/* Draws it: adds the bytes of the file to *out. Returns as rk_draw_program or rk_gnuplot_run;
 * *out is unchanged on failure. */
enum rk_status rk_draw(const struct rk_picture *picture, const struct rk_drawing *drawing,
                       const struct rk_ctx *ctx, struct rk_text *out, struct rk_error *error);

#endif
