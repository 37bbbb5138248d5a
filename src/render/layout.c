#include "layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/text.h"

/* The width of an average character, and of a bold one, in ems: measured on DejaVu Sans, among the
 * wider of common typefaces. */
static const double CHARACTER = 0.58, BOLD = 1.12;
enum { TEXT_COLUMN = 8, TEXT_ROW = 16 };

double layout_width(const struct layout *layout, const char *text, double size)
{
    double columns = text == NULL ? 0.0 : (double)rk_display_width(text);

    return columns * (layout->is_text ? TEXT_COLUMN : CHARACTER * size);
}

size_t layout_columns(const struct layout *layout, double pixels, double size)
{
    double columns = pixels / (layout->is_text ? TEXT_COLUMN : CHARACTER * size);

    return columns < 1.0 ? 1 : (size_t)columns;
}

/* Adds a line whose text is already clean, or that is cleaned when it is written. */
void layout_words(struct layout *layout, struct words words, const char *text)
{
    struct words *grown = realloc(layout->words, (layout->n_words + 1) * sizeof *grown);

    if (grown != NULL)
        layout->words = grown;
    words.text = grown == NULL ? NULL : rk_strdup(text);
    if (words.text == NULL)
        layout->failed = true;
    else
        layout->words[layout->n_words++] = words;
}

/* The bytes of the longest start of text that fits into so many columns and ends at a word. */
static size_t line_length(struct layout *layout, const char *text, size_t columns)
{
    size_t length = strlen(text), fits = 0;
    struct rk_text start = {0};

    if (rk_display_width(text) <= columns)
        return length;
    for (size_t i = 1; i < length; i++) {
        if (text[i] != ' ')
            continue;
        rk_text_clear(&start);
        rk_text_add_bytes(&start, text, i);
        if (start.failed || rk_display_width(start.bytes) > columns)
            break;
        fits = i;
    }
    layout->failed |= start.failed;
    rk_text_free(&start);
    return fits == 0 ? length : fits;
}

/* Sets a paragraph of at most `most` lines from y down; returns where the next begins. */
static double add_paragraph(struct layout *layout, const char *text, struct words words, double y,
                            size_t most)
{
    double leading = layout->is_text ? TEXT_ROW : 1.35 * words.size;
    double room = layout->width - 2.0 * words.x;
    struct rk_text clean = {0};
    const char *rest;

    words.columns = layout_columns(layout, words.bold ? room / BOLD : room, words.size);
    rk_gnuplot_clean(&clean, text, most * words.columns);
    rest = clean.failed ? "" : clean.bytes;
    layout->failed |= clean.failed;
    for (size_t line = 1; *rest != '\0'; line++) {
        size_t length = line == most ? strlen(rest) : line_length(layout, rest, words.columns);
        char *part = rk_strndup(rest, length);

        words.y = y + leading / 2.0;
        layout_words(layout, words, part == NULL ? "" : part);
        layout->failed |= part == NULL;
        free(part);
        y += leading;
        rest += length;
        rest += strspn(rest, " ");
    }
    rk_text_free(&clean);
    return y;
}

/* Entries run from left to right and wrap. */
static double add_legend(struct layout *layout, double x, double y)
{
    double leading = layout->is_text ? TEXT_ROW : 1.5 * layout->em;
    double sample = 2.0 * layout->em, left = x;
    bool any = false;

    for (size_t p = 0; p < layout->picture->n_panels && p < 1; p++) {
        for (size_t i = 0; i < layout->picture->panel[p].n_layers; i++) {
            const struct rk_layer *layer = &layout->picture->panel[p].layer[i];
            size_t columns = layout_columns(layout, 0.4 * layout->width, layout->em);
            struct key *grown = realloc(layout->key, (layout->n_keys + 1) * sizeof *grown);
            double width = sample + 0.4 * layout->em;

            if (grown != NULL)
                layout->key = grown;
            layout->failed |= grown == NULL;
            if (grown == NULL || layer->label == NULL)
                continue;
            width += fmin(layout_width(layout, layer->label, layout->em), 0.4 * layout->width);
            if (any && x + width > layout->width - left) {
                x = left;
                y += leading;
            }
            layout->key[layout->n_keys++] = (struct key){x, y + leading / 2.0, layer};
            layout_words(
                layout,
                (struct words){.x = x + sample + (layout->is_text ? 0.0 : 0.3 * layout->em),
                               .y = y + leading / 2.0,
                               .size = layout->em,
                               .columns = columns},
                layer->label);
            x += width + layout->em;
            any = true;
        }
    }
    return any ? y + leading : y;
}

static void set_sizes(struct layout *layout, const struct rk_drawing *drawing)
{
    const struct rk_picture *picture = layout->picture;
    double em;

    layout->is_text = drawing->terminal->kind == RK_TERMINAL_TEXT;
    layout->width = drawing->width > 0.0 ? drawing->width : picture->width;
    layout->height = drawing->height > 0.0 ? drawing->height : picture->height;
    if (layout->is_text) { /* whole rows and columns */
        layout->width = TEXT_COLUMN * floor(layout->width / TEXT_COLUMN);
        layout->height = TEXT_ROW * floor(layout->height / TEXT_ROW);
    }
    /* Type grows slower than the picture, and never so far that few words fit. */
    em = 16.7 * pow(layout->width * layout->height / (800.0 * 500.0), 0.25);
    em = fmin(em, fmin(layout->width / 46.0, layout->height / 15.0));
    layout->em = layout->is_text ? TEXT_ROW : fmin(fmax(em, 9.0), 60.0);
    layout->small = layout->is_text ? TEXT_ROW : 0.85 * layout->em;
    layout->big = layout->is_text ? TEXT_ROW : 1.25 * layout->em;
}

bool layout_make(const struct rk_picture *picture, const struct rk_drawing *drawing,
                 struct layout *layout)
{
    double margin, top, bottom;
    size_t first_of_caption;

    *layout = (struct layout){.picture = picture};
    layout->panel = calloc(picture->n_panels + 1, sizeof *layout->panel);
    if (layout->panel == NULL)
        return false;
    set_sizes(layout, drawing);
    margin = layout->is_text ? TEXT_COLUMN : layout->em;
    top = layout->is_text ? 0.0 : 0.8 * layout->em;
    if (picture->title != NULL)
        top = add_paragraph(layout, picture->title,
                            (struct words){.x = margin, .size = layout->big, .bold = true}, top, 2);
    if (picture->subtitle != NULL)
        top = add_paragraph(layout, picture->subtitle,
                            (struct words){.x = margin, .size = layout->em, .ink = RK_INK_MUTED},
                            top, 3);
    top = add_legend(layout, margin, top + (layout->is_text ? 0.0 : 0.2 * layout->em));
    /* The caption is set from 0 down, then moved to the foot. */
    first_of_caption = layout->n_words;
    bottom = layout->height - (layout->is_text ? 0.0 : 0.5 * layout->em);
    if (picture->caption != NULL) {
        double height = add_paragraph(
            layout, picture->caption,
            (struct words){.x = margin, .size = layout->small, .ink = RK_INK_MUTED}, 0.0, 3);

        bottom -= height + (layout->is_text ? 0.0 : 0.5 * layout->em);
        for (size_t i = first_of_caption; i < layout->n_words; i++)
            layout->words[i].y +=
                layout->height - height - (layout->is_text ? 0.0 : 0.5 * layout->em);
    }
    layout_panels(layout, top + (layout->is_text ? 0.0 : 0.4 * layout->em), bottom);
    return !layout->failed;
}

void layout_free(struct layout *layout)
{
    for (size_t i = 0; layout->panel != NULL && i < layout->picture->n_panels; i++) {
        scale_free(&layout->panel[i].x);
        scale_free(&layout->panel[i].y);
    }
    for (size_t i = 0; i < layout->n_words; i++)
        free(layout->words[i].text);
    free(layout->words);
    free(layout->key);
    free(layout->leader);
    free(layout->panel);
    *layout = (struct layout){0};
}
