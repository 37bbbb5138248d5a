/* Colours. Groups are those of Okabe and Ito (2008), which the colour-blind tell apart; order and
 * lightness fit the ground they stand on. */
#ifndef REPKIT_RENDER_THEME_H
#define REPKIT_RENDER_THEME_H

#include "repkit/picture.h"

struct theme {
    unsigned ground, text, muted, grid, main, accent; /* 0xRRGGBB */
    unsigned group[RK_MAX_GROUPS];
    unsigned low, middle, high; /* of the diverging scale */
    unsigned few, many;         /* of the sequential one */
    unsigned missing;
    double line_width;  /* in pixels, at the usual size */
    double band, faint; /* how opaque bands and faint marks are */
};

const struct theme *theme_of(int theme);

/* The colour of an ink that is no scale. */
unsigned theme_ink(const struct theme *theme, int ink);
/* The colour of a value on one of the scales. */
unsigned theme_value(const struct theme *theme, int ink, double value);
/* Text that can be read on a ground of this colour: nearly black or white. */
unsigned theme_text_on(unsigned ground);

#endif
