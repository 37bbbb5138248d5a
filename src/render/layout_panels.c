/* Panels stand side by side, three at most; more make further rows. Of panels that share the names
 * on their y axis only the first of a row shows them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"

enum { MAX_ACROSS = 3 };

static double widest_tick(const struct layout *layout, const struct scale *scale, double size)
{
    double widest = 0.0;

    for (size_t i = 0; i < scale->n_ticks; i++)
        widest = fmax(widest, layout_width(layout, scale->tick[i].text, size));
    return widest;
}

static bool same_names(const struct rk_axis *a, const struct rk_axis *b)
{
    if (a->kind != RK_AXIS_NAMES || b->kind != RK_AXIS_NAMES || a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (strcmp(a->name[i], b->name[i]) != 0)
            return false;
    return true;
}

/* --- margins ------------------------------------------------------------------------------ */

/* Type small enough for the rows of names. */
static double row_size(const struct layout *layout, const struct rk_panel *panel,
                       const struct panel_layout *place)
{
    double rows = panel->y.kind == RK_AXIS_NAMES ? (double)panel->y.n : 1.0;
    double row = (place->bottom - place->top) / fmax(rows, 1.0);

    return layout->is_text ? layout->em : fmin(layout->em, fmax(row / 1.25, 6.0));
}

static void set_left_margin(struct layout *layout, const struct rk_panel *panel,
                            struct panel_layout *place, bool names_shown)
{
    double room = place->right - place->left;
    size_t n = (size_t)fmin(fmax((place->bottom - place->top) / (2.4 * layout->em), 2.0), 8.0);
    double labels;

    place->y_size = row_size(layout, panel, place);
    place->names_shown = names_shown;
    if (!scale_ticks(&panel->y, n, &place->y))
        layout->failed = true;
    labels = fmin(widest_tick(layout, &place->y, place->y_size), 0.42 * room);
    place->y_columns = layout_columns(layout, labels + 1.0, place->y_size);
    if (names_shown && labels > 0.0)
        place->left += labels + 0.9 * layout->em;
}

static void set_right_margin(struct layout *layout, const struct rk_panel *panel,
                             struct panel_layout *place)
{
    double room = place->right - place->left, widest = 0.0;

    for (size_t i = 0; i < panel->n_notes; i++)
        widest = fmax(widest, layout_width(layout, panel->note[i].text, place->y_size));
    if (panel->note_title != NULL)
        widest = fmax(widest, layout_width(layout, panel->note_title, layout->em));
    widest = fmin(widest, 0.55 * room);
    if (widest > 0.0)
        place->right -= widest + 0.8 * layout->em;
}

/* How far two ticks are apart, as a share of the axis. */
static double tick_step(const struct scale *scale)
{
    if (scale->n_ticks < 2)
        return 1.0;
    return (scale->tick[1].at - scale->tick[0].at) / (scale->high - scale->low);
}

/* Ticks of the x axis: as many as stand side by side; names that do not are turned. */
static void set_bottom_margin(struct layout *layout, const struct rk_panel *panel,
                              struct panel_layout *place)
{
    double room = place->right - place->left, widest, gap;
    size_t n = 8;

    place->x_size = layout->em;
    do {
        if (!scale_ticks(&panel->x, n, &place->x))
            layout->failed = true;
        widest = widest_tick(layout, &place->x, layout->em);
        /* Half of the last label will stand beyond the axis, which makes the axis shorter. */
        gap = (room - fmin(widest / 2.0, 3.0 * layout->em)) * tick_step(&place->x);
    } while (panel->x.kind != RK_AXIS_NAMES && n-- > 2 && 1.12 * widest + 0.5 * layout->em > gap);
    if (place->x.n_ticks == 0)
        return;
    if (panel->x.kind == RK_AXIS_NAMES) {
        double slot = room / (double)place->x.n_ticks - 0.3 * layout->em;

        place->turned = !layout->is_text && widest > slot;
        if (place->turned) {
            place->x_size = fmin(layout->em, fmax(slot, 7.0));
            widest = fmin(widest_tick(layout, &place->x, place->x_size),
                          0.38 * (place->bottom - place->top));
        } else {
            widest = fmin(widest, fmax(slot, layout->em));
        }
    }
    place->x_columns = layout_columns(layout, widest + 1.0, place->x_size);
    place->bottom -= place->turned ? 0.77 * widest + 1.2 * place->x_size : 2.0 * layout->em;
    /* Half of the last label stands beyond the axis. */
    if (panel->n_notes == 0 && panel->x.kind != RK_AXIS_NAMES)
        place->right -= fmin(widest / 2.0, 3.0 * layout->em);
}

/* --- words around a panel ----------------------------------------------------------------- */

static double line_height(const struct layout *layout)
{
    return layout->is_text ? layout->em : 1.35 * layout->em;
}

/* The panel's title stands over the plot, that of the y axis over its labels. */
static void add_heading(struct layout *layout, const struct rk_panel *panel,
                        const struct panel_layout *place, double left, double top, bool titles,
                        bool subtitles)
{
    double line = line_height(layout);
    struct words words = {.x = place->left, .y = top + line / 2.0, .size = layout->em};

    words.columns = layout_columns(layout, (place->right - place->left) / 1.12, layout->em);
    words.bold = true;
    if (titles && panel->title != NULL)
        layout_words(layout, words, panel->title);
    words.bold = false;
    words.ink = RK_INK_MUTED;
    if (subtitles && panel->subtitle != NULL) {
        words.y += line;
        words.size = layout->small;
        words.columns = layout_columns(layout, place->right - place->left, layout->small);
        layout_words(layout, words, panel->subtitle);
        words.y -= line;
        words.size = layout->em;
    }
    words.y += subtitles ? line : 0.0;
    words.x = left;
    words.columns = layout_columns(layout, 0.6 * (layout->width - left), layout->em);
    if (titles)
        words.y += line;
    if (panel->y.title != NULL)
        layout_words(layout, words, panel->y.title);
    if (panel->note_title != NULL) {
        words.x = place->right + 0.6 * layout->em;
        words.columns = layout_columns(layout, layout->width - place->right, layout->em);
        layout_words(layout, words, panel->note_title);
    }
}

static void add_x_title(struct layout *layout, const struct rk_panel *panel,
                        struct panel_layout *place)
{
    struct words words = {.size = layout->em, .align = ALIGN_CENTER, .ink = RK_INK_MUTED};
    double line = layout->is_text ? layout->em : 1.3 * layout->em;

    if (panel->x.title == NULL)
        return;
    words.x = (place->left + place->right) / 2.0;
    words.y = place->bottom - line / 2.0;
    words.columns = layout_columns(layout, place->right - place->left, layout->em);
    layout_words(layout, words, panel->x.title);
    place->bottom -= line;
}

/* --- notes -------------------------------------------------------------------------------- */

struct placed_note {
    double y;
    size_t index;
};

static int by_height(const void *a, const void *b)
{
    const struct placed_note *x = a, *y = b;

    if (x->y != y->y)
        return x->y < y->y ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

static double y_pixel(const struct rk_panel *panel, const struct panel_layout *place, double y)
{
    double share = (y - place->y.low) / (place->y.high - place->y.low);

    if (panel->y.kind == RK_AXIS_NAMES) /* from the top down */
        share = 1.0 - share;
    return place->bottom - share * (place->bottom - place->top);
}

static void add_leader(struct layout *layout, struct leader leader)
{
    struct leader *grown = realloc(layout->leader, (layout->n_leaders + 1) * sizeof *grown);

    layout->failed |= grown == NULL;
    if (grown == NULL)
        return;
    layout->leader = grown;
    layout->leader[layout->n_leaders++] = leader;
}

/* Where one note was moved all have a leader, so that none is mistaken. Characters are too coarse
 * for them. */
static void add_leaders(struct layout *layout, const struct rk_panel *panel,
                        const struct panel_layout *place, const struct placed_note *notes,
                        double gap)
{
    double x = place->left + (panel->note_x - place->x.low) / (place->x.high - place->x.low) *
                                 (place->right - place->left);
    bool moved = false;

    for (size_t i = 0; i < panel->n_notes; i++)
        moved = moved || fabs(notes[i].y - y_pixel(panel, place, panel->note[notes[i].index].y)) >
                             0.35 * gap;
    for (size_t i = 0; moved && panel->led && !layout->is_text && i < panel->n_notes; i++) {
        const struct rk_note *note = &panel->note[notes[i].index];

        add_leader(layout, (struct leader){x + 0.3 * layout->em, y_pixel(panel, place, note->y),
                                           place->right + 0.3 * layout->em, notes[i].y, note->ink});
    }
}

/* Notes beside their y; where they would touch they are pushed down, then, from the foot, up. */
static void add_notes(struct layout *layout, const struct rk_panel *panel,
                      const struct panel_layout *place)
{
    struct placed_note *notes = calloc(panel->n_notes + 1, sizeof *notes);
    double gap = layout->is_text ? layout->em : 1.12 * place->y_size;
    double limit = place->bottom;
    size_t n = panel->n_notes;

    layout->failed |= notes == NULL;
    for (size_t i = 0; notes != NULL && i < n; i++)
        notes[i] = (struct placed_note){y_pixel(panel, place, panel->note[i].y), i};
    if (notes != NULL)
        qsort(notes, n, sizeof *notes, by_height);
    for (size_t i = 1; notes != NULL && i < n; i++)
        notes[i].y = fmax(notes[i].y, notes[i - 1].y + gap);
    for (size_t i = n; notes != NULL && i-- > 0;) {
        notes[i].y = fmin(notes[i].y, limit);
        limit = notes[i].y - gap;
    }
    if (notes != NULL)
        add_leaders(layout, panel, place, notes, gap);
    for (size_t i = 0; notes != NULL && i < n; i++) {
        const struct rk_note *note = &panel->note[notes[i].index];
        double room = layout->width - place->right;

        layout_words(layout,
                     (struct words){.x = place->right + 0.6 * layout->em,
                                    .y = notes[i].y,
                                    .size = place->y_size,
                                    .ink = note->ink,
                                    .columns = layout_columns(layout, room, place->y_size)},
                     note->text == NULL ? "" : note->text);
    }
    free(notes);
}

/* --- all ---------------------------------------------------------------------------------- */

static void place_panel(struct layout *layout, size_t index, bool names_shown)
{
    const struct rk_picture *picture = layout->picture;
    const struct rk_panel *panel = &picture->panel[index];
    struct panel_layout *place = &layout->panel[index];
    double left = place->left, top = place->top;
    bool titles = false, subtitles = false, axis_titles = false;

    for (size_t i = 0; i < picture->n_panels; i++) {
        titles = titles || picture->panel[i].title != NULL;
        subtitles = subtitles || picture->panel[i].subtitle != NULL;
        axis_titles = axis_titles || picture->panel[i].y.title != NULL ||
                      picture->panel[i].note_title != NULL;
    }
    if (titles)
        place->top += line_height(layout);
    if (subtitles)
        place->top += line_height(layout);
    if (axis_titles)
        place->top += line_height(layout);
    place->top += layout->is_text ? 0.0 : 0.4 * layout->em;
    add_x_title(layout, panel, place);
    set_left_margin(layout, panel, place, names_shown);
    set_right_margin(layout, panel, place);
    set_bottom_margin(layout, panel, place);
    add_heading(layout, panel, place, left, top, titles, subtitles);
    if (panel->y.kind != RK_AXIS_NAMES) /* else they are ticks, see draw_panel.c */
        add_notes(layout, panel, place);
}

static void share_range(const struct scale *one, struct scale *all)
{
    all->low = fmin(all->low, one->low);
    all->high = fmax(all->high, one->high);
}

static void set_ranges(struct layout *layout)
{
    const struct rk_picture *picture = layout->picture;
    struct scale x = {.low = INFINITY, .high = -INFINITY}, y = x;

    for (size_t i = 0; i < picture->n_panels; i++) {
        scale_range(&picture->panel[i], true, &layout->panel[i].x);
        scale_range(&picture->panel[i], false, &layout->panel[i].y);
        share_range(&layout->panel[i].x, &x);
        share_range(&layout->panel[i].y, &y);
    }
    for (size_t i = 0; i < picture->n_panels; i++) {
        if (picture->same_x && picture->panel[i].x.kind != RK_AXIS_NAMES)
            share_range(&x, &layout->panel[i].x);
        if (picture->same_y && picture->panel[i].y.kind != RK_AXIS_NAMES)
            share_range(&y, &layout->panel[i].y);
    }
}

void layout_panels(struct layout *layout, double top, double bottom)
{
    const struct rk_picture *picture = layout->picture;
    size_t n = picture->n_panels == 0 ? 1 : picture->n_panels;
    size_t across = n < MAX_ACROSS ? n : n == 4 ? 2 : MAX_ACROSS, down = (n - 1) / across + 1;
    double margin = layout->is_text ? 8.0 : layout->em, gap = 1.5 * layout->em;
    double wide = layout->width - 2.0 * margin, high = (bottom - top) / (double)down;
    double names = 0.0; /* room that the first of a row has for the names that others share */
    bool shared = picture->n_panels > 1;

    for (size_t i = 1; i < picture->n_panels; i++)
        shared = shared && same_names(&picture->panel[0].y, &picture->panel[i].y);
    if (shared) {
        for (size_t i = 0; i < picture->panel[0].y.n; i++)
            names = fmax(names, layout_width(layout, picture->panel[0].y.name[i], layout->em));
        names = fmin(names, 0.42 * wide / (double)across) + 0.6 * layout->em;
    }
    set_ranges(layout);
    wide = (wide - names - gap * (double)(across - 1)) / (double)across;
    for (size_t i = 0; i < picture->n_panels; i++) {
        struct panel_layout *place = &layout->panel[i];
        size_t column = i % across, row = i / across;

        place->left = margin + (double)column * (wide + gap) + (column > 0 ? names : 0.0);
        place->right = place->left + wide + (column > 0 ? 0.0 : names);
        place->top = top + (double)row * high;
        place->bottom = place->top + high - (down > 1 ? 0.5 * layout->em : 0.0);
        place_panel(layout, i, !shared || column == 0);
    }
}
