#include "repkit/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct rk_picture *rk_picture_new(void)
{
    struct rk_picture *picture = calloc(1, sizeof *picture);

    if (picture != NULL) {
        picture->width = 800.0;
        picture->height = 500.0;
    }
    return picture;
}

static void free_axis(struct rk_axis *axis)
{
    for (size_t i = 0; i < axis->n; i++)
        free(axis->name[i]);
    free(axis->name);
    free(axis->title);
}

static void free_layer(struct rk_layer *layer)
{
    for (size_t i = 0; i < layer->n; i++)
        free(layer->spot[i].text);
    free(layer->spot);
    free(layer->label);
}

static void free_panel(struct rk_panel *panel)
{
    for (size_t i = 0; i < panel->n_layers; i++)
        free_layer(&panel->layer[i]);
    for (size_t i = 0; i < panel->n_notes; i++)
        free(panel->note[i].text);
    free_axis(&panel->x);
    free_axis(&panel->y);
    free(panel->layer);
    free(panel->note);
    free(panel->note_title);
    free(panel->title);
    free(panel->subtitle);
}

void rk_picture_free(struct rk_picture *picture)
{
    if (picture == NULL)
        return;
    for (size_t i = 0; i < picture->n_panels; i++)
        free_panel(&picture->panel[i]);
    free(picture->panel);
    free(picture->title);
    free(picture->subtitle);
    free(picture->caption);
    free(picture);
}

/* A copy, or NULL with `failed` set; NULL stays NULL. */
static char *copy_text(struct rk_picture *picture, const char *text)
{
    char *copy = text == NULL ? NULL : rk_strdup(text);

    if (text != NULL && copy == NULL)
        picture->failed = true;
    return copy;
}

/* Room for one more element: the array grows at powers of two, so that no capacity need be kept. */
static void *grow(struct rk_picture *picture, void *array, size_t n, size_t size)
{
    void *grown = array;

    if (picture->failed)
        return NULL;
    if ((n & (n - 1)) == 0) /* also 0 */
        grown = realloc(array, (n == 0 ? 1 : 2 * n) * size);
    if (grown == NULL)
        picture->failed = true;
    return grown;
}

void rk_picture_set(struct rk_picture *picture, char **place, const char *text)
{
    char *copy = copy_text(picture, text);

    free(*place);
    *place = copy;
}

struct rk_panel *rk_picture_panel(struct rk_picture *picture, const char *title)
{
    struct rk_panel *grown =
        grow(picture, picture->panel, picture->n_panels, sizeof *picture->panel);
    struct rk_panel *panel;

    if (grown == NULL)
        return NULL;
    picture->panel = grown;
    panel = &grown[picture->n_panels++];
    *panel = (struct rk_panel){.x = {.low = NAN, .high = NAN}, .y = {.low = NAN, .high = NAN}};
    panel->title = copy_text(picture, title);
    return panel;
}

struct rk_layer *rk_picture_layer(struct rk_picture *picture, struct rk_panel *panel,
                                  enum rk_mark mark, int ink, const char *label)
{
    struct rk_layer *grown =
        panel == NULL ? NULL : grow(picture, panel->layer, panel->n_layers, sizeof *grown);
    struct rk_layer *layer;

    if (grown == NULL)
        return NULL;
    panel->layer = grown;
    layer = &grown[panel->n_layers++];
    *layer = (struct rk_layer){.mark = mark, .ink = ink, .width = 1.0, .height = 1.0};
    layer->label = copy_text(picture, label);
    return layer;
}

void rk_picture_spot(struct rk_picture *picture, struct rk_layer *layer, struct rk_spot spot)
{
    struct rk_spot *grown =
        layer == NULL ? NULL : grow(picture, layer->spot, layer->n, sizeof *grown);

    if (grown == NULL)
        return;
    layer->spot = grown;
    grown[layer->n] = spot;
    grown[layer->n++].text = copy_text(picture, spot.text);
}

void rk_picture_name(struct rk_picture *picture, struct rk_axis *axis, const char *name)
{
    char **grown = grow(picture, axis->name, axis->n, sizeof *grown);

    if (grown == NULL)
        return;
    axis->name = grown;
    axis->name[axis->n] = copy_text(picture, name);
    if (axis->name[axis->n] != NULL)
        axis->n++;
}

void rk_picture_note(struct rk_picture *picture, struct rk_panel *panel, double y, int ink,
                     const char *text)
{
    struct rk_note *grown =
        panel == NULL ? NULL : grow(picture, panel->note, panel->n_notes, sizeof *grown);

    if (grown == NULL)
        return;
    panel->note = grown;
    grown[panel->n_notes++] =
        (struct rk_note){.y = y, .ink = ink, .text = copy_text(picture, text)};
}

void rk_picture_add_number(struct rk_text *out, const char *decimal)
{
    const char *digits = decimal + (*decimal == '-');
    size_t whole = strspn(digits, "0123456789");
    bool is_zero = strspn(digits, "0.") == strlen(digits);

    if (digits != decimal && !is_zero)
        rk_text_add(out, "−");
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            rk_text_add_char(out, ',');
        rk_text_add_char(out, digits[i]);
    }
    rk_text_add(out, digits + whole);
}
