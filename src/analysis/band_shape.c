/* What a curve looks like over the data, and from where to where it is nearly at its best. */
#include <math.h>

#include "band_parts.h"

enum { STEPS = 400 };

/* A slope that has changed by more than this is another slope. */
static const double much = 2.0;

static double mean_value(const struct band *b, const struct band_model *m)
{
    double mean = 0.0, total = 0.0;

    for (size_t i = 0; i < b->n; i++) {
        double w = b->weights != NULL ? b->weights[i] : 1.0;

        total += w;
        mean += w * (band_value(b, m, b->x[i]) - mean) / total;
    }
    return mean;
}

static double at_step(const struct band *b, int step)
{
    return b->low + (b->high - b->low) * (double)step / STEPS;
}

/* The word for the way a curve goes: what it does in order, steps too small to count left out. */
static const char *word(const struct band *b, const struct band_model *m)
{
    double value[STEPS + 1], least = INFINITY, most = -INFINITY, start, end;
    int turns = 0, direction = 0, first = 0;

    for (int i = 0; i <= STEPS; i++) {
        value[i] = band_value(b, m, at_step(b, i));
        least = fmin(least, value[i]);
        most = fmax(most, value[i]);
    }
    for (int i = 1; i <= STEPS; i++) {
        double step = value[i] - value[i - 1];
        int now = fabs(step) < 1e-9 * (most - least) ? 0 : step > 0.0 ? 1 : -1;

        if (now == 0 || now == direction)
            continue;
        first = first == 0 ? now : first;
        turns += direction != 0;
        direction = now;
    }
    if (first == 0)
        return "flat";
    if (turns > 1)
        return "wavy";
    if (turns == 1)
        return first > 0 ? "inverted-u" : "u";
    if (m->kind == BAND_PLATEAU)
        return first > 0 ? "plateau" : "floor";
    if (first < 0)
        return "falling";
    start = value[STEPS / 20] - value[0];
    end = value[STEPS] - value[STEPS - STEPS / 20];
    return end * much < start ? "diminishing" : start * much < end ? "accelerating" : "rising";
}

/* From the optimum in steps of the given sign to where the curve falls below `least`; NaN if it
 * does not within the data. */
static double leaves(const struct band *b, const struct band_model *m, double least, int sign)
{
    double step = (b->high - b->low) / STEPS * sign, inside = m->optimum, outside;

    for (int i = 0; i < STEPS; i++) {
        outside = inside + step;
        if (outside < b->low || outside > b->high)
            outside = sign < 0 ? b->low : b->high;
        if (band_value(b, m, outside) < least)
            break;
        if (outside == b->low || outside == b->high)
            return NAN;
        inside = outside;
    }
    for (int i = 0; i < 200 && inside != outside; i++) {
        double middle = 0.5 * (inside + outside);

        if (middle == inside || middle == outside)
            break;
        if (band_value(b, m, middle) < least)
            outside = middle;
        else
            inside = middle;
    }
    return inside;
}

static void find_band(const struct band *b, struct band_model *m)
{
    double top = band_value(b, m, m->optimum), bottom = top, least;

    for (int i = 0; i <= STEPS; i++) {
        double x = b->q05 + (b->q95 - b->q05) * (double)i / STEPS;

        bottom = fmin(bottom, band_value(b, m, x));
    }
    if (!(top > bottom))
        return;
    least = top - (1.0 - b->options->enough) * (top - bottom);
    m->band_low = leaves(b, m, least, -1);
    m->band_high = leaves(b, m, least, 1);
}

void band_shape(const struct band *b, struct band_model *m)
{
    bool inside;

    m->shape = word(b, m);
    if (isnan(m->optimum))
        return;
    inside = m->optimum >= b->low && m->optimum <= b->high;
    m->beyond = !inside;
    if (m->kind == BAND_SPLINE) {
        m->peak = m->optimum > b->low && m->optimum < b->high;
        if (!m->peak) /* no highest point, only an end of the data */
            m->optimum = m->low = m->high = NAN;
    } else if (m->kind == BAND_QUADRATIC) {
        m->peak = m->coef[1] < 0.0;
    } else {
        double before = m->coef[0], after = m->kind == BAND_PLATEAU ? 0.0 : before + m->coef[1];

        m->peak = !m->edge && before > 0.0 && after <= 0.0;
        if (m->edge) /* no bend is seen, only an end of the search */
            m->low = m->high = NAN;
    }
    if (!inside || !m->peak)
        return;
    m->gain = band_value(b, m, m->optimum) - mean_value(b, m);
    find_band(b, m);
}
