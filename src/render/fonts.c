#include "repkit/fonts.h"

#include <ctype.h>
#include <string.h>

/* What stands in none of the ranges is of the last script. */
static const struct script {
    const char *name, *package;
    struct {
        unsigned long first, last;
    } range[5];
    const char *listed; /* what repkit doctor looks for; NULL: it does not */
} scripts[] = {
    {"Greek", "fonts-dejavu-core", {{0x370, 0x3FF}, {0x1F00, 0x1FFF}}, "\u03a9\u03bb"},
    {"Cyrillic", "fonts-dejavu-core", {{0x400, 0x52F}}, "\u0416\u044f"},
    {"Armenian", "fonts-dejavu-core", {{0x530, 0x58F}}, NULL},
    {"Hebrew", "fonts-dejavu-core", {{0x590, 0x5FF}, {0xFB1D, 0xFB4F}}, "\u05d0\u05e9"},
    {"Arabic",
     "fonts-dejavu-core",
     {{0x600, 0x77F}, {0xFB50, 0xFDFF}, {0xFE70, 0xFEFE}},
     "\u0639\u0634"},
    {"Persian", "fonts-dejavu-core", {{0}}, "\u067e\u06cc"}, /* letters of the range above */
    {"Indic", "fonts-noto-core", {{0x900, 0xDFF}}, "\u0915\u0939"},
    {"Thai", "fonts-noto-core", {{0xE00, 0xE7F}}, "\u0e01\u0e17"},
    {"Georgian", "fonts-dejavu-core", {{0x10A0, 0x10FF}, {0x1C90, 0x1CBF}}, NULL},
    {"Korean",
     "fonts-noto-cjk",
     {{0x1100, 0x11FF}, {0x3130, 0x318F}, {0xA960, 0xA97F}, {0xAC00, 0xD7FF}},
     "\ud55c\uad6d"},
    {"Japanese",
     "fonts-noto-cjk",
     {{0x3040, 0x30FF}, {0x31F0, 0x31FF}, {0xFF66, 0xFF9F}},
     "\u3042\u30a2"},
    {"Chinese",
     "fonts-noto-cjk",
     {{0x2E80, 0x303F}, {0x3100, 0x312F}, {0x3190, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x3FFFF}},
     "\u4e2d\u56fd"},
    {"emoji", "fonts-noto-color-emoji", {{0x1F000, 0x1FAFF}}, NULL},
    {"another script", "fonts-noto-core", {{0}}, NULL},
};
enum { N_SCRIPTS = sizeof scripts / sizeof *scripts };
_Static_assert((int)N_SCRIPTS <= (int)RK_FONT_SCRIPTS, "a script without room");

/* Latin letters, marks put on them and signs, which what gnuplot itself needs brings along, and
 * characters that are not seen. */
static bool is_taken_as_there(unsigned long c)
{
    return c < 0x370 || (c >= 0x1E00 && c < 0x1F00) || (c >= 0x2000 && c < 0x2C00) ||
           (c >= 0xFB00 && c < 0xFB10) || (c >= 0xFE00 && c < 0xFE70) || c == 0xFEFF ||
           (c >= 0xFFE0 && c <= 0xFFFF) || (c >= 0xE0000 && c < 0xE1000);
}

static size_t script_of(unsigned long c)
{
    for (size_t i = 0; i < N_SCRIPTS; i++)
        for (size_t k = 0; k < sizeof scripts[i].range / sizeof *scripts[i].range; k++)
            if (c >= scripts[i].range[k].first && c <= scripts[i].range[k].last)
                return i;
    return N_SCRIPTS - 1;
}

/* --- what is needed ------------------------------------------------------------------------ */

static void add_character(struct rk_font_needs *needs, unsigned long c)
{
    size_t script = script_of(c);

    for (size_t i = 0; i < needs->n[script]; i++)
        if (needs->character[script][i] == c)
            return;
    if (needs->n[script] < RK_FONT_SAMPLE)
        needs->character[script][needs->n[script]++] = c;
}

void rk_font_needs_text(struct rk_font_needs *needs, const char *text)
{
    for (const char *at = text == NULL ? "" : text; *at != '\0';) {
        unsigned long c;

        at += rk_gnuplot_character(at, &c);
        if (!is_taken_as_there(c))
            add_character(needs, c);
    }
}

static void see_text(struct rk_font_needs *needs, char *text)
{
    rk_font_needs_text(needs, text);
}

static void visit_axis(struct rk_font_needs *needs, const struct rk_axis *axis,
                       void (*visit)(struct rk_font_needs *, char *))
{
    visit(needs, axis->title);
    for (size_t i = 0; i < axis->n; i++)
        visit(needs, axis->name[i]);
}

static void visit_panel(struct rk_font_needs *needs, const struct rk_panel *panel,
                        void (*visit)(struct rk_font_needs *, char *))
{
    visit(needs, panel->title);
    visit(needs, panel->subtitle);
    visit(needs, panel->note_title);
    visit_axis(needs, &panel->x, visit);
    visit_axis(needs, &panel->y, visit);
    for (size_t i = 0; i < panel->n_notes; i++)
        visit(needs, panel->note[i].text);
    for (size_t i = 0; i < panel->n_layers; i++) {
        visit(needs, panel->layer[i].label);
        for (size_t k = 0; k < panel->layer[i].n; k++)
            visit(needs, panel->layer[i].spot[k].text);
    }
}

static void visit_picture(struct rk_font_needs *needs, const struct rk_picture *picture,
                          void (*visit)(struct rk_font_needs *, char *))
{
    visit(needs, picture->title);
    visit(needs, picture->subtitle);
    visit(needs, picture->caption);
    for (size_t i = 0; i < picture->n_panels; i++)
        visit_panel(needs, &picture->panel[i], visit);
}

void rk_font_needs_picture(struct rk_font_needs *needs, const struct rk_picture *picture)
{
    visit_picture(needs, picture, see_text);
}

/* --- what is not there --------------------------------------------------------------------- */

/* Whether it was found missing, or stands for a script of which nothing was found. */
static bool is_missing(const struct rk_font_needs *needs, unsigned long c)
{
    size_t script = script_of(c), n_missing = 0;

    for (size_t i = 0; i < needs->n[script]; i++) {
        if (needs->character[script][i] == c)
            return needs->missing[script][i];
        n_missing += needs->missing[script][i];
    }
    return n_missing > 0 && n_missing == needs->n[script];
}

static void hide_in_text(struct rk_font_needs *needs, char *text)
{
    char *to = text;

    for (const char *at = text; at != NULL && *at != '\0';) {
        unsigned long c;
        size_t length = rk_gnuplot_character(at, &c);

        if (!is_taken_as_there(c) && is_missing(needs, c)) {
            *to++ = '?';
        } else {
            memmove(to, at, length);
            to += length;
        }
        at += length;
    }
    if (to != NULL)
        *to = '\0';
}

void rk_fonts_hide(struct rk_font_needs *needs, struct rk_picture *picture)
{
    visit_picture(needs, picture, hide_in_text);
}

/* --- what is there ------------------------------------------------------------------------- */

/* Marks the characters that no font has. Most often one font has them all. */
static enum rk_status find_missing(const unsigned long *character, size_t n,
                                   const struct rk_ctx *ctx, bool *missing)
{
    bool have = true;
    enum rk_status status = n == 0 ? RK_OK : rk_fonts_have(character, n, ctx, &have);

    for (size_t i = 0; status == RK_OK && i < n; i++) {
        bool one = have;

        if (!have && n > 1)
            status = rk_fonts_have(character + i, 1, ctx, &one);
        missing[i] = !one;
    }
    return status;
}

enum rk_status rk_fonts_missing(struct rk_font_needs *needs, const struct rk_ctx *ctx,
                                struct rk_text *missing)
{
    size_t start = missing->length;

    for (size_t i = 0; i < N_SCRIPTS; i++) {
        const unsigned long *character = needs->character[i];
        enum rk_status status = find_missing(character, needs->n[i], ctx, needs->missing[i]);
        size_t first = 0;

        if (status != RK_OK)
            return status == RK_EIO ? RK_OK : status;
        while (first < needs->n[i] && !needs->missing[i][first])
            first++;
        if (first < needs->n[i])
            rk_text_format(missing, "%sU+%04lX (%s; Debian, Ubuntu: %s)",
                           missing->length > start ? ", " : "", character[first], scripts[i].name,
                           scripts[i].package);
    }
    return missing->failed ? RK_ENOMEM : RK_OK;
}

static enum rk_status list_one(const char *name, const char *letters, const char *package,
                               const struct rk_ctx *ctx, struct rk_text *out)
{
    unsigned long character[RK_FONT_SAMPLE] = {0};
    bool missing[RK_FONT_SAMPLE], all = true;
    size_t n = 0;
    enum rk_status status;

    while (*letters != '\0' && n < RK_FONT_SAMPLE)
        letters += rk_gnuplot_character(letters, &character[n++]);
    status = find_missing(character, n, ctx, missing);
    if (status != RK_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        all = all && !missing[i];
    rk_text_format(out, "%c%-8s", tolower((unsigned char)name[0]), name + 1);
    if (all)
        rk_text_add(out, "ok\n");
    else
        rk_text_format(out, "no font for such labels (Debian, Ubuntu: %s)\n", package);
    return RK_OK;
}

enum rk_status rk_fonts_list(const struct rk_ctx *ctx, struct rk_text *out)
{
    enum rk_status status =
        list_one("accents", "\u0105\u00e9\u0151", "fonts-dejavu-core", ctx, out);

    for (size_t i = 0; status == RK_OK && i < N_SCRIPTS; i++)
        if (scripts[i].listed != NULL)
            status = list_one(scripts[i].name, scripts[i].listed, scripts[i].package, ctx, out);
    if (status == RK_EIO) {
        rk_text_add(out, "fonts    unknown: fc-list (package fontconfig) is not there\n");
        return RK_OK;
    }
    return status;
}
