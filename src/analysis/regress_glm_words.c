/* What a coefficient of a logit or of a model with a log link means, in words: ratios of odds and
 * of means, as percentages where they are small. */
#include <math.h>

#include "regress_parts.h"

enum { DIGITS = 3 };
/* A ratio above this is said as "12 times as high", not as "1100% higher". */
static const double TIMES = 3.0;

/* "12% higher", "40% lower", "5.2 times as high" */
static void add_ratio(double coefficient, struct rk_text *out)
{
    double ratio = exp(coefficient);

    if (ratio > TIMES) {
        rk_text_rounded(out, ratio, DIGITS);
        rk_text_add(out, " times as high");
        return;
    }
    rk_text_rounded(out, 100.0 * fabs(expm1(coefficient)), DIGITS);
    rk_text_add(out, coefficient < 0.0 ? "% lower" : "% higher");
}

void regress_glm_add_subject(const struct regression *r, const char *response, struct rk_text *out)
{
    if (r->glm->family == RK_FAMILY_BINOMIAL) {
        rk_text_format(out, "the odds of %s", response);
        if (r->success != NULL)
            rk_text_format(out, " = %s", r->success);
        rk_text_add(out, " are ");
    } else {
        rk_text_format(out, "%s%s%s is ", response, r->options->exposure != NULL ? " per " : "",
                       r->options->exposure != NULL ? r->options->exposure : "");
    }
}

void regress_glm_add_difference(const struct regression *r, const struct estimate *e,
                                const char *than, struct rk_text *out)
{
    add_ratio(e->value, out);
    rk_text_format(out, "%s%s", r->glm->family == RK_FAMILY_BINOMIAL ? "" : " on average", than);
    if (isnan(e->conf_low) && isnan(e->conf_high))
        return;
    rk_text_add(out, " (");
    rk_text_rounded(out, 100.0 * r->options->common.conf_level, 4);
    rk_text_add(out, "% interval ");
    if (isnan(e->conf_low))
        rk_text_add(out, "up to ");
    else
        add_ratio(e->conf_low, out);
    if (isnan(e->conf_high))
        rk_text_add(out, " or more");
    else if (!isnan(e->conf_low))
        rk_text_add(out, " to ");
    if (!isnan(e->conf_high))
        add_ratio(e->conf_high, out);
    rk_text_add(out, ")");
}

void regress_glm_add_level(const struct regression *r, const struct estimate *e,
                           const char *response, struct rk_text *out)
{
    enum rk_family family = r->glm->family;
    double scale = family == RK_FAMILY_BINOMIAL ? 100.0 : 1.0;
    const char *unit = family == RK_FAMILY_BINOMIAL ? "%" : "";

    if (family == RK_FAMILY_BINOMIAL) {
        rk_text_format(out, "the chance of %s", response);
        if (r->success != NULL)
            rk_text_format(out, " = %s", r->success);
        rk_text_add(out, " is ");
    } else {
        regress_glm_add_subject(r, response, out);
    }
    rk_text_rounded(out, scale * rk_mean_of(family, e->value), DIGITS);
    rk_text_format(out, "%s%s", unit, family == RK_FAMILY_BINOMIAL ? "" : " on average");
    if (isnan(e->conf_low) || isnan(e->conf_high)) {
        rk_text_add(out, ".");
        return;
    }
    rk_text_add(out, " (");
    rk_text_rounded(out, 100.0 * r->options->common.conf_level, 4);
    rk_text_add(out, "% interval ");
    rk_text_rounded(out, scale * rk_mean_of(family, e->conf_low), DIGITS);
    rk_text_format(out, "%s to ", unit);
    rk_text_rounded(out, scale * rk_mean_of(family, e->conf_high), DIGITS);
    rk_text_format(out, "%s).", unit);
}

/* exp() of an end; "0" or "unbounded" where there is none. */
static void add_end(double end, const char *none, struct rk_text *out)
{
    if (isnan(end))
        rk_text_add(out, none);
    else
        rk_text_rounded(out, exp(end), DIGITS);
}

void regress_glm_add_ratio(const struct regression *r, size_t column, const struct estimate *e,
                           struct rk_text *out)
{
    if (regress_is_intercept(r, column))
        return;
    rk_text_format(out,
                   ", %s = ", r->glm->family == RK_FAMILY_BINOMIAL ? "odds ratio" : "rate ratio");
    rk_text_rounded(out, exp(e->value), DIGITS);
    if (isnan(e->conf_low) && isnan(e->conf_high))
        return;
    rk_text_add(out, " [");
    add_end(e->conf_low, "0", out);
    rk_text_add(out, ", ");
    add_end(e->conf_high, "unbounded", out);
    rk_text_add(out, "]");
}

void regress_glm_add_method(const struct regression *r, struct rk_text *out)
{
    if (r->firth) {
        rk_text_add(out, "logistic regression by Firth's penalised likelihood");
        if (r->profile != NULL)
            rk_text_add(out, " with profile intervals");
    } else if (r->options->family == RK_FAMILY_BINOMIAL) {
        rk_text_add(out, "logistic regression");
    } else if (r->options->family == RK_FAMILY_POISSON) {
        rk_text_add(out, isnan(r->glm->log_lik) ? "Poisson pseudo-maximum likelihood"
                                                : "Poisson regression");
    } else {
        rk_text_add(out, "negative binomial regression");
        if (r->glm->is_poisson) {
            rk_text_add(out, " (no overdispersion: Poisson's)");
        } else {
            rk_text_add(out, " (theta = ");
            rk_text_rounded(out, r->glm->theta, DIGITS);
            rk_text_add(out, ")");
        }
    }
    if (r->options->exposure != NULL)
        rk_text_format(out, ", exposure %s", r->options->exposure);
    if (r->options->offset != NULL)
        rk_text_format(out, ", offset %s", r->options->offset);
}
