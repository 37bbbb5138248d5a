/* The tests of rep-compare that take all levels at once. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "compare_parts.h"
#include "repkit/anova.h"

/* Values by level, in the table's order. */
static enum rk_status gather_levels(const struct rk_table *table, const struct columns *c,
                                    const int *level, struct level_samples *s)
{
    for (size_t i = 0; i < table->n_rows; i++)
        if (level[i] != NO_LEVEL)
            s->n[level[i]]++;
    for (size_t k = 0; k < s->n_levels; k++) {
        s->value[k] = malloc((s->n[k] + 1) * sizeof **s->value);
        if (s->value[k] == NULL)
            return RK_ENOMEM;
        s->n_total += s->n[k];
        s->n[k] = 0;
    }
    for (size_t i = 0; i < table->n_rows; i++)
        if (level[i] != NO_LEVEL)
            s->value[level[i]][s->n[level[i]]++] = table->column[c->value].number[i];
    for (size_t k = 0; k < s->n_levels; k++)
        s->m[k] = rk_moments_of(s->value[k], s->n[k]);
    return RK_OK;
}

/* A row a unit that is seen at every level. */
static enum rk_status gather_units(const struct rk_table *table, const struct columns *c,
                                   const int *level, double *buffer, struct level_samples *s)
{
    struct rk_groups units = {0};

    if (rk_groups_by(table, &c->id, 1, &units) != RK_OK)
        return RK_ENOMEM;
    s->unit = malloc((units.n_groups * s->n_levels + 1) * sizeof *s->unit);
    for (size_t g = 0; s->unit != NULL && g < units.n_groups; g++) {
        double *row = s->unit + s->n_total * s->n_levels;
        size_t known = 0;

        for (size_t k = 0; k < s->n_levels; k++) {
            row[k] = rk_rows_unit_mean(table, c, level, &units, g, (int)k, buffer);
            known += !isnan(row[k]);
        }
        s->n_total += known == s->n_levels;
        s->n_unpaired += known > 0 && known < s->n_levels;
    }
    rk_groups_free(&units);
    return s->unit == NULL ? RK_ENOMEM : RK_OK;
}

enum rk_status rk_level_samples_make(const struct design *design, const struct rk_table *table,
                                     const char *variable, struct level_samples *samples,
                                     struct rk_error *error)
{
    int *level = malloc((table->n_rows + 1) * sizeof *level);
    double *buffer = malloc((table->n_rows + 1) * sizeof *buffer);
    struct columns c;
    size_t n_dropped, k = design->levels.n;
    enum rk_status status;

    *samples = (struct level_samples){.variable = variable, .n_levels = k};
    samples->value = calloc(k, sizeof *samples->value);
    samples->n = calloc(k, sizeof *samples->n);
    samples->m = calloc(k, sizeof *samples->m);
    status = level == NULL || buffer == NULL || samples->value == NULL || samples->n == NULL ||
                     samples->m == NULL
                 ? rk_fail_memory(error)
                 : rk_rows_columns(design, table, variable, &c, error);
    if (status == RK_OK && design->options->moments != NULL) {
        free(level);
        free(buffer);
        return rk_level_samples_from_moments(design, table, samples, error);
    }
    if (status == RK_OK)
        status = rk_design_levels(design, table, level, error);
    if (status == RK_OK)
        status = rk_rows_complete(design, table, &c, level, &n_dropped, error);
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++)
        samples->n_rows += level[i] != NO_LEVEL;
    if (status == RK_OK)
        status = design->paired ? gather_units(table, &c, level, buffer, samples)
                                : gather_levels(table, &c, level, samples);
    if (status == RK_ENOMEM)
        rk_fail_memory(error);
    free(level);
    free(buffer);
    return status;
}

void rk_level_samples_free(struct level_samples *samples)
{
    for (size_t k = 0; samples->value != NULL && k < samples->n_levels; k++)
        free(samples->value[k]);
    free(samples->value);
    free(samples->n);
    free(samples->m);
    free(samples->unit);
    *samples = (struct level_samples){0};
}

/* --- the tests ------------------------------------------------------------------------------ */

static void take(const struct rk_anova *t, enum rk_status status, const struct level_samples *s,
                 struct tested *out)
{
    out->status = status;
    if (status != RK_OK)
        return;
    out->statistic = t->statistic;
    out->p_value = t->p_value;
    out->df = isfinite(t->df_error) ? t->df_error : t->df;
    if (isfinite(t->df_error)) {
        out->df_first = t->df;
        snprintf(out->note, sizeof out->note, "%zu levels; F on %g and %.4g df", s->n_levels, t->df,
                 t->df_error);
    } else {
        snprintf(out->note, sizeof out->note, "%zu levels; by chi-squared", s->n_levels);
    }
}

static void take_eta(const struct rk_anova *t, const struct design *d, struct tested *out)
{
    struct rk_effect_size e;

    if (out->status != RK_OK || rk_eta_squared(t, d->options->common.conf_level, &e) != RK_OK)
        return;
    out->effect = e.estimate;
    out->effect_low = e.conf_low;
    out->effect_high = e.conf_high;
}

void rk_compare_anova(const struct level_samples *s, const struct design *d, struct tested *out)
{
    struct rk_anova t = {0};

    take(&t, rk_anova_of(s->m, s->n_levels, &t), s, out);
    take_eta(&t, d, out);
}

void rk_compare_welch_anova(const struct level_samples *s, const struct design *d,
                            struct tested *out)
{
    struct rk_anova t = {0};

    take(&t, rk_welch_anova_of(s->m, s->n_levels, &t), s, out);
    take_eta(&t, d, out);
}

void rk_compare_kruskal(const struct level_samples *s, const struct design *d, struct tested *out)
{
    struct rk_anova t = {0};

    (void)d;
    take(&t, rk_kruskal((const double *const *)s->value, s->n, s->n_levels, &t), s, out);
    if (out->status == RK_OK)
        out->effect = t.statistic / ((double)s->n_total - 1.0);
}

void rk_compare_friedman(const struct level_samples *s, const struct design *d, struct tested *out)
{
    struct rk_anova t = {0};

    (void)d;
    take(&t, rk_friedman(s->unit, s->n_total, s->n_levels, &t), s, out);
    if (out->status == RK_OK && s->n_unpaired > 0) {
        size_t n = 0;

        while (out->note[n] != '\0')
            n++;
        snprintf(out->note + n, sizeof out->note - n, "; %zu units not seen at every level",
                 s->n_unpaired);
    }
}
