#include "theme.h"

#include <math.h>

#include "repkit/draw.h"

static const struct theme themes[] = {
    [RK_THEME_LIGHT] = {.ground = 0xFFFFFF,
                        .text = 0x1B1F24,
                        .muted = 0x5B636D,
                        .grid = 0xE3E6EA,
                        .main = 0x0072B2,
                        .accent = 0xD55E00,
                        .group = {0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9,
                                  0x000000, 0xB8A800},
                        .low = 0xC65102,
                        .middle = 0xF7F7F7,
                        .high = 0x0069A6,
                        .few = 0xE4F0F8,
                        .many = 0x3288BD,
                        .missing = 0xD9DCE0,
                        .line_width = 2.0,
                        .band = 0.20,
                        .faint = 0.6},
    [RK_THEME_DARK] = {.ground = 0x14181D,
                       .text = 0xECEFF2,
                       .muted = 0xA3ACB6,
                       .grid = 0x2C333B,
                       .main = 0x56B4E9,
                       .accent = 0xE69F00,
                       .group = {0x56B4E9, 0xE69F00, 0x1FC29A, 0xE59CC4, 0xF0E442, 0xF27F3D,
                                 0xFFFFFF, 0x4C8DFF},
                       .low = 0xE8711A,
                       .middle = 0x2A3038,
                       .high = 0x3FA2DC,
                       .few = 0x1D3242,
                       .many = 0x4F9CCB,
                       .missing = 0x424A54,
                       .line_width = 2.0,
                       .band = 0.28,
                       .faint = 0.65},
    [RK_THEME_PRINT] = {.ground = 0xFFFFFF,
                        .text = 0x000000,
                        .muted = 0x404040,
                        .grid = 0xD8D8D8,
                        .main = 0x000000,
                        .accent = 0x6E6E6E,
                        .group = {0x000000, 0x8C8C8C, 0x3A3A3A, 0xA8A8A8, 0x555555, 0x777777,
                                  0x1E1E1E, 0x999999},
                        .low = 0xE08A4A,
                        .middle = 0xFFFFFF,
                        .high = 0x6FAED6,
                        .few = 0xEEEEEE,
                        .many = 0x909090,
                        .missing = 0xCCCCCC,
                        .line_width = 2.0,
                        .band = 0.18,
                        .faint = 0.55},
};

const struct theme *theme_of(int theme)
{
    return &themes[theme];
}

unsigned theme_ink(const struct theme *theme, int ink)
{
    switch (ink) {
    case RK_INK_TEXT:
        return theme->text;
    case RK_INK_MUTED:
        return theme->muted;
    case RK_INK_ACCENT:
        return theme->accent;
    case RK_INK_MAIN:
    case RK_INK_DIVERGING:
    case RK_INK_SEQUENTIAL:
        return theme->main;
    default:
        return theme->group[(ink - RK_INK_GROUP) % RK_MAX_GROUPS];
    }
}

/* Each channel on its own, in sRGB: steps of equal value look about equal. */
static unsigned mix(unsigned from, unsigned to, double share)
{
    unsigned mixed = 0;

    for (int shift = 0; shift <= 16; shift += 8) {
        double a = (double)(from >> shift & 0xFF), b = (double)(to >> shift & 0xFF);

        mixed |= (unsigned)lround(a + share * (b - a)) << shift;
    }
    return mixed;
}

unsigned theme_value(const struct theme *theme, int ink, double value)
{
    if (isnan(value))
        return theme->missing;
    if (ink == RK_INK_SEQUENTIAL)
        return mix(theme->few, theme->many, fmin(fmax(value, 0.0), 1.0));
    return mix(theme->middle, value < 0 ? theme->low : theme->high, fmin(fabs(value), 1.0));
}

/* Relative luminance and the contrast threshold are those of WCAG 2.1. */
unsigned theme_text_on(unsigned ground)
{
    static const double weight[] = {0.0722, 0.7152, 0.2126}; /* blue, green, red */
    double luminance = 0.0;

    for (int i = 0; i < 3; i++) {
        double c = (double)(ground >> (8 * i) & 0xFF) / 255.0;

        luminance += weight[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return luminance > 0.179 ? 0x111111 : 0xFFFFFF;
}
