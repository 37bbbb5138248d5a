/* What could make the effect look other than it is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "column_look.h"
#include "impact_parts.h"
#include "repkit/distributions.h"
#include "repkit/moments.h"
#include "repkit/quantile.h"
#include "repkit/t_test.h"

/* --- missing cells ------------------------------------------------------------------------ */

/* Whether shares of k groups differ: the chi-squared test's p. */
static double differ(const double *missing, const double *cells, size_t k)
{
    double all = 0.0, gone = 0.0, chi2 = 0.0;

    for (size_t i = 0; i < k; i++) {
        all += cells[i];
        gone += missing[i];
    }
    for (size_t i = 0; i < k; i++) {
        double expected = cells[i] * gone / all, off = missing[i] - expected;

        if (!(expected > 0.0) || !(gone < all))
            return 1.0;
        chi2 += off * off / expected + off * off / (cells[i] - expected);
    }
    return rk_pchisq(chi2, (double)k - 1.0, RK_UPPER_TAIL);
}

/* Units in thirds by their mean outcome: their cells, and those missing. */
static enum rk_status thirds(const struct impact_panel *p, double *missing, double *cells)
{
    double *mean = malloc((2 * p->n_units + 1) * sizeof *mean), cut[2];
    static const double at[] = {1.0 / 3.0, 2.0 / 3.0};
    size_t n = 0;

    if (mean == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < p->n_units; i++)
        mean[i] = NAN;
    for (size_t first = 0, end; first < p->n; first = end) {
        for (end = first; end < p->n && p->unit[end] == p->unit[first];)
            end++;
        mean[p->unit[first]] = rk_moments_of(p->y + first, end - first).mean;
        mean[p->n_units + n++] = mean[p->unit[first]];
    }
    if (rk_quantiles(mean + p->n_units, n, at, 2, 7, cut) == RK_OK) {
        for (size_t i = 0; i < p->n_units; i++) {
            size_t third = mean[i] <= cut[0] ? 0 : mean[i] <= cut[1] ? 1 : 2;

            if (isnan(mean[i]))
                continue;
            missing[third] += (double)p->unit_missing[i];
            cells[third] += (double)p->unit_cells[i];
        }
    }
    free(mean);
    return RK_OK;
}

void impact_warn_missing(const struct impact *impact, const struct impact_panel *p)
{
    double missing[4] = {0}, cells[4] = {0}, all = 0.0, gone = 0.0;

    for (size_t i = 0; i < p->n_units; i++) {
        all += (double)p->unit_cells[i];
        gone += (double)p->unit_missing[i];
    }
    if (gone <= 0.05 * all)
        return;
    for (size_t k = 0; k < 4; k++) {
        size_t treated = k / 2, after = k % 2;

        missing[k] = (double)p->missing[treated][after];
        cells[k] = (double)p->cells[treated][after];
    }
    if (impact->options->treated != NULL && differ(missing, cells, 4) < 0.01) {
        rk_warn(impact->result, RK_WARN_MISSING_NOT_RANDOM,
                "%.0f%% of the rows of treated units are missing before and %.0f%% after, of the "
                "others %.0f%% and %.0f%%",
                100.0 * missing[2] / cells[2], 100.0 * missing[3] / cells[3],
                100.0 * missing[0] / cells[0], 100.0 * missing[1] / cells[1]);
        return;
    }
    memset(missing, 0, sizeof missing);
    memset(cells, 0, sizeof cells);
    if (thirds(p, missing, cells) != RK_OK)
        impact->result->status = RK_ENOMEM;
    else if (differ(missing, cells, 3) < 0.01)
        rk_warn(impact->result, RK_WARN_MISSING_NOT_RANDOM,
                "of the third of units with the lowest '%s' %.0f%% of the rows are missing, of the "
                "highest %.0f%%",
                impact->options->value, 100.0 * missing[0] / cells[0],
                100.0 * missing[2] / cells[2]);
}

/* --- the groups before the start ---------------------------------------------------------- */

/* Those treated began lower (or higher) than the others; among the others, what begins low rises.
 */
static void warn_regression(const struct impact *impact, const struct did_found *f)
{
    const struct impact_units *u = f->units;
    double *side = calloc(3 * u->n + 1, sizeof *side), *of[2], *change, slope, fall, cross = 0.0;
    size_t n[2] = {0};
    struct rk_moments m[2], mc;
    struct rk_t_test t;

    if (side == NULL) {
        impact->result->status = RK_ENOMEM;
        return;
    }
    of[0] = side;
    of[1] = side + u->n;
    change = side + 2 * u->n;
    for (size_t i = 0; i < u->n; i++) {
        if (!u->treated[i])
            change[n[0]] = u->change[i];
        of[u->treated[i]][n[u->treated[i]]++] = u->before[i];
    }
    for (size_t k = 0; k < 2; k++)
        m[k] = rk_moments_of(of[k], n[k]);
    mc = rk_moments_of(change, n[0]);
    for (size_t i = 0; i < n[0]; i++)
        cross += (of[0][i] - m[0].mean) * (change[i] - mc.mean);
    slope = cross / ((double)(n[0] - 1) * m[0].var);
    fall = fmin(0.0, fmax(slope, -1.0)) * (m[1].mean - m[0].mean);
    if (fall != 0.0 && fabs(m[1].mean - m[0].mean) > 0.5 * m[0].sd &&
        rk_welch_t_test(of[0], n[0], of[1], n[1], 0.0, RK_TWO_SIDED, 0.95, &t) == RK_OK &&
        t.p_value < 0.05)
        rk_warn(impact->result, RK_WARN_REGRESSION_TO_MEAN,
                "before the start those treated averaged %s and the others %s; by what the "
                "others show, %s of the effect of %s is a return to the mean",
                impact_number(m[1].mean).text, impact_number(m[0].mean).text,
                impact_number(fall).text, impact_number(f->att.estimate).text);
    free(side);
}

static void warn_pretrend(const struct impact *impact, const struct did_found *f)
{
    bool joint = f->pretrend_status == RK_OK && f->pretrend.p_value < 0.10;
    bool slope = f->slope_status == RK_OK && f->slope.p_value < 0.10 &&
                 fabs(f->continued) > 0.5 * fabs(f->att.estimate);

    if (joint)
        rk_warn(impact->result, RK_WARN_PRE_TREND,
                "before the start the difference of the groups varies more than chance would have "
                "it (p = %.2g)",
                f->pretrend.p_value);
    else if (slope)
        rk_warn(impact->result, RK_WARN_PRE_TREND,
                "before the start the groups part by %s a %s (p = %.2g); gone on, that makes %s "
                "of the effect of %s",
                impact_number(f->slope.estimate).text, impact_period_name(f->panel->kind),
                f->slope.p_value, impact_number(f->continued).text,
                impact_number(f->att.estimate).text);
}

/* --- units -------------------------------------------------------------------------------- */

static void warn_units(const struct impact *impact, const struct did_found *f)
{
    const struct impact_units *u = f->units;
    size_t gone = u->n_one_side[0] + u->n_one_side[1], nt = u->n_treated, nc = u->n - nt;

    if (gone > 0)
        rk_warn(impact->result, RK_WARN_UNPAIRED,
                "%zu of %zu units have '%s' on one side of the start only and are left out: %s%s",
                gone, gone + u->n, impact->options->value, u->names.bytes, gone > 5 ? ", ..." : "");
    if ((double)gone > 0.1 * (double)(gone + u->n))
        rk_warn(impact->result, RK_WARN_SURVIVORS,
                "%zu units are seen only before the start and %zu only after, %.0f%% of all",
                u->n_one_side[0], u->n_one_side[1], 100.0 * (double)gone / (double)(gone + u->n));
    if (nt < 5 || nc < 5 || u->n < 10)
        rk_warn(
            impact->result, RK_WARN_FEW_CLUSTERS,
            "%zu treated units and %zu others; of the p-values that of att_permutation asks the "
            "least of so few",
            nt, nc);
}

static void warn_tails(const struct impact *impact, const struct did_found *f)
{
    const struct impact_units *u = f->units;
    double *change = malloc((u->n + 1) * sizeof *change);

    for (int side = 0; change != NULL && side < 2; side++) {
        size_t n = 0;
        double skew;

        for (size_t i = 0; i < u->n; i++)
            if (u->treated[i] == (side == 1))
                change[n++] = u->change[i];
        if (column_is_skewed(change, n, &skew))
            rk_warn(impact->result, RK_WARN_HEAVY_TAIL,
                    "changes of '%s' are skewed among %s (skewness %.2f)", impact->options->value,
                    side == 1 ? "those treated" : "the others", skew);
    }
    if (change == NULL)
        impact->result->status = RK_ENOMEM;
    free(change);
}

/* --- covariates --------------------------------------------------------------------------- */

/* A covariate that itself changes with the treatment. */
static void warn_controls(const struct impact *impact, const struct did_found *f)
{
    struct impact_panel shadow = *f->panel;

    for (size_t j = 0; j < f->panel->q; j++) {
        struct impact_units u;
        struct rk_did d;

        shadow.y = f->panel->Z + j * f->panel->n;
        if (impact_units_make(&shadow, shadow.first_after, shadow.n_periods, &u) != RK_OK)
            impact->result->status = RK_ENOMEM;
        else if (rk_did_collapsed(u.before, u.after, u.treated, u.n, 0.95, &d) == RK_OK &&
                 d.p_value < 0.05)
            rk_warn(impact->result, RK_WARN_BAD_CONTROL,
                    "'%s' itself changes with the treatment, by %s (p = %.2g)",
                    impact->options->covariates.name[j], impact_number(d.estimate).text, d.p_value);
        impact_units_free(&u);
    }
}

void impact_warn_did(const struct impact *impact, const struct did_found *f)
{
    warn_pretrend(impact, f);
    warn_regression(impact, f);
    warn_units(impact, f);
    warn_controls(impact, f);
    warn_tails(impact, f);
    impact_warn_missing(impact, f->panel);
}

/* --- over groups -------------------------------------------------------------------------- */

enum rk_status impact_warn_multiple(struct rk_result *result, const struct rk_common *common,
                                    const char *term)
{
    const struct rk_table *t = rk_result_table(result, "effects");
    size_t terms = rk_table_find(t, "term"), ps = rk_table_find(t, "p_value"), n = 0, below = 0;
    double *p = calloc(2 * t->n_rows + 1, sizeof *p), least = 1.0;
    enum rk_status status = p == NULL ? RK_ENOMEM : RK_OK;

    (void)common;
    for (size_t i = 0; p != NULL && i < t->n_rows; i++) {
        const char *name = rk_table_text(t, i, terms);
        double value = t->column[ps].number[i];

        if (name != NULL && strcmp(name, term) == 0 && !isnan(value)) {
            p[n++] = value;
            below += value < 0.05;
        }
    }
    if (status == RK_OK && below > 0 && n > 1)
        status = rk_p_adjust(p, n, RK_ADJUST_HOLM, p + n);
    for (size_t i = 0; status == RK_OK && below > 0 && n > 1 && i < n; i++)
        least = fmin(least, p[n + i]);
    if (status == RK_OK && below > 0 && n > 1 && least >= 0.05)
        rk_warn(result, RK_WARN_MULTIPLE_TESTING,
                "%zu of %zu groups have p < 0.05 for '%s', and none after Holm's adjustment", below,
                n, term);
    free(p);
    return status;
}
