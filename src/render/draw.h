/* Between the page (draw.c) and its panels (draw_panel.c). */
#ifndef REPKIT_RENDER_DRAW_H
#define REPKIT_RENDER_DRAW_H

#include "layout.h"
#include "theme.h"

struct pen {
    const struct layout *layout;
    const struct rk_terminal *terminal;
    const struct theme *theme;
    struct rk_text *out;
};

void pen_number(const struct pen *pen, double value);
void pen_screen(const struct pen *pen, double x, double y); /* from pixels */
void pen_color(const struct pen *pen, unsigned color, double opaque);
void pen_font(const struct pen *pen, double size, bool bold);
double pen_line_width(const struct pen *pen, bool bold);
/* What a layer's points and lines look like: ` pt 7 ps 1 lc ...`. */
void pen_point(const struct pen *pen, const struct rk_layer *layer, double size);
/* The character that a layer is made of on the text terminal. */
char pen_letter(const struct rk_layer *layer);
void pen_line(const struct pen *pen, const struct rk_layer *layer);

/* The panel's numbers as data blocks, and its plot. */
void draw_data(const struct pen *pen, const struct rk_panel *panel, size_t index);
void draw_panel(const struct pen *pen, const struct rk_panel *panel,
                const struct panel_layout *place, size_t index);

#endif
