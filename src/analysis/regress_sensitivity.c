/* How strong something that was not measured would have to be to account for a coefficient. */
#include <math.h>

#include "regress_parts.h"
#include "repkit/regression_tests.h"

enum { DIGITS = 3 };
/* ln RR of a standardised difference, about (Chinn 2000; VanderWeele 2017). */
static const double LOG_RATIO_PER_SD = 0.91;
/* Above this share of successes odds ratios are far from ratios of risks: their roots are near. */
static const double RARE = 0.15;

/* Whether there is an estimate that something else could account for. */
static bool applies(const struct regression *r, size_t column)
{
    return r->mm == NULL && r->n_between == 0 && r->fit->errors == RK_OK &&
           !regress_is_intercept(r, column) && !isnan(r->fit->coef[column]);
}

/* Of least squares, by the classical t, as its authors have it; NaN otherwise. */
static double robustness_value(const struct regression *r, size_t column)
{
    const struct rk_fit *fit = r->fit;
    double se = fit->sigma * sqrt(fit->cov_unscaled[column * fit->p + column]);

    if (!applies(r, column) || !(se > 0.0) || !isfinite(fit->df_residual))
        return NAN;
    return rk_robustness_value(fit->coef[column] / se, fit->df_residual);
}

static bool is_yes_or_no(const struct regression *r, size_t column)
{
    const struct rk_model_frame *frame = r->frame;
    const double *x = frame->X != NULL ? frame->X + column * frame->n : frame->column[column];

    for (size_t i = 0; i < frame->n; i++)
        if (x[i] != 0.0 && x[i] != 1.0)
            return false;
    return r->options->moments == NULL;
}

static double share_of_successes(const struct rk_glm *glm)
{
    double successes = 0.0, trials = 0.0;

    for (size_t i = 0; i < glm->n; i++) {
        successes += glm->weights[i] * glm->y[i];
        trials += glm->weights[i];
    }
    return successes / trials;
}

/* What a coefficient is to be multiplied by to be, about, the logarithm of a ratio of risks: of an
 * amount, of one standard deviation of the column, or of yes against no. */
static double log_risk_per_unit(const struct regression *r, size_t column)
{
    const struct rk_fit *fit = r->fit;

    if (r->glm != NULL && r->glm->family == RK_FAMILY_BINOMIAL)
        return share_of_successes(r->glm) > RARE ? 0.5 : 1.0;
    if (r->glm != NULL)
        return 1.0;
    if (is_yes_or_no(r, column))
        return LOG_RATIO_PER_SD / sqrt(fit->tss_centred / ((double)fit->nobs - 1.0));
    return LOG_RATIO_PER_SD * sqrt(fit->column_ss[column] / fit->tss_centred);
}

/* The E-values of the estimate and of the end of the interval that is nearer to no association, 1
 * where the interval holds it; NaN where there is none. A term that is part of a curve or of a
 * product has no ratio of its own. */
static void e_values(const struct regression *r, size_t column, const struct estimate *e,
                     bool shares, double *value, double *nearer)
{
    const struct rk_term *term = NULL;
    double scale, end = e->value < 0.0 ? e->conf_high : e->conf_low;

    *value = *nearer = NAN;
    if (!applies(r, column) || shares)
        return;
    term = &r->options->formula->term[r->frame->term[column]];
    if (term->n_variables > 1 || regress_is_curve(term->variable[0]))
        return;
    scale = log_risk_per_unit(r, column);
    *value = rk_e_value(exp(scale * e->value));
    if (!isnan(end))
        *nearer = end * e->value > 0.0 ? rk_e_value(exp(scale * end)) : 1.0;
}

void regress_add_sensitivity(const struct regression *r, size_t column, const struct estimate *e,
                             bool shares, struct rk_text *out)
{
    double robustness = robustness_value(r, column), value, nearer;

    e_values(r, column, e, shares, &value, &nearer);
    if (!isfinite(value))
        return;
    rk_text_add(out, " Something unmeasured would have to ");
    if (!isnan(robustness)) {
        rk_text_add(out, "explain ");
        rk_text_rounded(out, 100.0 * robustness, 2);
        rk_text_format(out,
                       "%% of what is left of both %s and the outcome to account for all of "
                       "it.",
                       r->frame->name[column]);
        return;
    }
    rk_text_format(out, "go with both %s and the outcome by ratios of ", r->frame->name[column]);
    rk_text_rounded(out, value, DIGITS);
    rk_text_add(out, " to account for all of it");
    if (isfinite(nearer)) {
        rk_text_add(out, ", of ");
        rk_text_rounded(out, nearer, DIGITS);
        rk_text_add(out, " for the interval to reach no association");
    }
    rk_text_add(out, ".");
}

void regress_print_sensitivity(const struct regression *r, size_t column, const struct estimate *e,
                               bool shares, struct rk_text *out)
{
    double robustness = robustness_value(r, column), value, nearer;

    if (!isnan(robustness)) {
        rk_text_add(out, ", robustness value = ");
        rk_text_rounded(out, robustness, DIGITS);
    }
    e_values(r, column, e, shares, &value, &nearer);
    if (!isfinite(value))
        return;
    rk_text_add(out, ", E-value = ");
    rk_text_rounded(out, value, DIGITS);
    if (isfinite(nearer)) {
        rk_text_add(out, " (interval ");
        rk_text_rounded(out, nearer, DIGITS);
        rk_text_add(out, ")");
    }
}
