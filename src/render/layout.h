/* Where everything stands: sizes of type, margins for the labels there are, lines of text, the
 * legend, one rectangle a panel. All in pixels from the top left corner. */
#ifndef REPKIT_RENDER_LAYOUT_H
#define REPKIT_RENDER_LAYOUT_H

#include "repkit/draw.h"
#include "scale.h"

enum align { ALIGN_LEFT, ALIGN_CENTER, ALIGN_RIGHT };

/* A line of text; y is its middle. */
struct words {
    double x, y, size;
    enum align align;
    int ink;
    bool bold;
    size_t columns; /* what is longer ends in "…" */
    char *text;
};

struct key { /* an entry of the legend; its text is among the words */
    double x, y;
    const struct rk_layer *layer;
};

struct leader { /* a thin line from a mark to its words */
    double x, y, to_x, to_y;
    int ink;
};

struct panel_layout {
    double left, right, top, bottom; /* of the plot itself */
    struct scale x, y;
    bool names_shown;            /* of the y axis */
    size_t y_columns, x_columns; /* the longest tick's label */
    double y_size, x_size;       /* of the ticks' type */
    bool turned;                 /* ticks of the x axis stand at an angle */
};

struct layout {
    const struct rk_picture *picture;
    bool is_text; /* the text terminal: one size of type, no angles */
    double width, height;
    double em, small, big; /* sizes of type */
    struct words *words;
    size_t n_words;
    struct key *key;
    size_t n_keys;
    struct leader *leader;
    size_t n_leaders;
    struct panel_layout *panel; /* one a panel of the picture */
    bool failed;
};

/* Fills *layout. False when out of memory; layout_free is due in any case. */
bool layout_make(const struct rk_picture *picture, const struct rk_drawing *drawing,
                 struct layout *layout);
void layout_free(struct layout *layout);

/* --- between the parts of the layout --- */

/* Pixels that a text takes in this size of type, and columns that fit into pixels. */
double layout_width(const struct layout *layout, const char *text, double size);
size_t layout_columns(const struct layout *layout, double pixels, double size);
void layout_words(struct layout *layout, struct words words, const char *text);
/* Places the panels between top and bottom. */
void layout_panels(struct layout *layout, double top, double bottom);

#endif
