/* What a picture shows: panels of marks in the units of the data, with axes and words. It is free
 * of statistics and of the program that draws it: analysis/plot.c builds it, render/draw.c draws
 * it. A new kind of plot is a new way to fill it.
 *
 * Texts are data and kept as they are; whoever draws makes them harmless. A failed allocation sets
 * `failed` and makes further calls do nothing, so that a builder can check once, at the end. */
#ifndef REPKIT_PICTURE_H
#define REPKIT_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "repkit/text.h"
#include "repkit/time.h"

enum rk_mark {
    RK_MARK_POINTS, /* at x, y */
    RK_MARK_LINE,   /* through x, y; a spot with NaN lifts the pen */
    RK_MARK_BAND,   /* from low to high along x */
    RK_MARK_SPAN_X, /* horizontal interval from low to high at y */
    RK_MARK_SPAN_Y, /* vertical interval from low to high at x */
    RK_MARK_BARS,   /* from 0 up to y, between low and high on the x axis */
    RK_MARK_BOXES,  /* from low to high on the x axis, around y, of the layer's height */
    RK_MARK_CELLS,  /* a rectangle around x, y of the layer's width and height, coloured by value;
                       its text stands in it; NaN is drawn as not available */
    RK_MARK_TEXT,   /* text at x, y */
    RK_MARK_RULE_X, /* a vertical line over the whole panel at x, with its text */
    RK_MARK_RULE_Y  /* a horizontal one at y */
};

/* Colours by meaning; a theme says what they are. */
enum rk_ink {
    RK_INK_TEXT,
    RK_INK_MUTED,
    RK_INK_MAIN,
    RK_INK_ACCENT,
    RK_INK_DIVERGING,  /* cells: value from -1 over 0 to 1 */
    RK_INK_SEQUENTIAL, /* cells: value from 0 to 1 */
    RK_INK_GROUP       /* RK_INK_GROUP + k, k < RK_MAX_GROUPS: shape and colour both differ */
};
#define RK_MAX_GROUPS 8

struct rk_spot {
    double x, y, low, high, value;
    char *text; /* NULL for none */
};

struct rk_layer {
    enum rk_mark mark;
    int ink; /* enum rk_ink, or RK_INK_GROUP + k */
    bool dashed, bold, faint;
    double width, height; /* of cells, in the units of the axes */
    char *label;          /* its entry in the legend; NULL for none */
    struct rk_spot *spot;
    size_t n;
};

enum rk_axis_kind {
    RK_AXIS_NUMBER,
    RK_AXIS_PERCENT, /* fractions, shown as percentages */
    RK_AXIS_WHOLE,   /* ticks at whole numbers only */
    RK_AXIS_TIME,    /* ordinals of time_kind, shown as written */
    RK_AXIS_NAMES,   /* ticks at 0, 1, ... n - 1, labelled by names, and nowhere else */
    RK_AXIS_NONE     /* a scale without ticks */
};

struct rk_axis {
    enum rk_axis_kind kind;
    enum rk_time_kind time_kind;
    char *title;      /* NULL for none */
    double low, high; /* NaN: from the marks */
    double every;     /* ticks at multiples of it; 0: as they fit */
    char **name;      /* RK_AXIS_NAMES: n of them */
    size_t n;
};

struct rk_panel {
    char *title, *subtitle;
    struct rk_axis x, y; /* names on the y axis run from the top down */
    struct rk_layer *layer;
    size_t n_layers;
    struct rk_note { /* words in the right margin, beside y, moved apart where they touch */
        double y;
        int ink;
        char *text;
    } * note;
    size_t n_notes;
    bool led; /* where they were moved apart, thin lines lead to them from note_x, y */
    double note_x;
    char *note_title;
};

struct rk_picture {
    char *title, *subtitle, *caption;
    double width, height; /* what suits it, in pixels */
    bool same_x, same_y;  /* all panels have the range of the widest */
    struct rk_panel *panel;
    size_t n_panels;
    bool failed;
};

struct rk_picture *rk_picture_new(void); /* NULL when out of memory */
void rk_picture_free(struct rk_picture *picture);

/* Replaces one of the texts above by a copy; NULL takes it away. */
void rk_picture_set(struct rk_picture *picture, char **place, const char *text);
/* Adds a panel and returns it, or NULL. It is good until the next panel is added. */
struct rk_panel *rk_picture_panel(struct rk_picture *picture, const char *title);
/* Adds a layer on top of the others and returns it, or NULL. It is good until the panel's next
 * layer is added. panel may be NULL (after a failure). */
struct rk_layer *rk_picture_layer(struct rk_picture *picture, struct rk_panel *panel,
                                  enum rk_mark mark, int ink, const char *label);
/* Adds a spot. layer may be NULL; fields that the mark does not use are NaN or NULL. */
void rk_picture_spot(struct rk_picture *picture, struct rk_layer *layer, struct rk_spot spot);
void rk_picture_name(struct rk_picture *picture, struct rk_axis *axis, const char *name);
void rk_picture_note(struct rk_picture *picture, struct rk_panel *panel, double y, int ink,
                     const char *text);

/* A decimal as pictures show it: thousands separated by commas, a true minus sign. Other text is
 * added as it is. */
void rk_picture_add_number(struct rk_text *out, const char *decimal);

#endif
