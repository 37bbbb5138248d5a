/* What a coefficient means, in words. An observational fit speaks of association, never of cause.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"

enum { DIGITS = 3, MOST_NAMED = 4 };

bool regress_is_intercept(const struct regression *r, size_t column)
{
    return r->frame->has_intercept && r->frame->term[column] == SIZE_MAX;
}

enum rk_status regress_response(const struct regression *r, struct rk_text *out)
{
    rk_node_print(r->options->formula->response, out);
    return out->failed ? RK_ENOMEM : RK_OK;
}

const char *regress_dropped_note(const struct regression *r, size_t column)
{
    if (r->within != NULL && !(r->within->share[column] > 1e-20))
        return "dropped: does not vary within the fixed effect";
    if (r->glm != NULL && r->glm->n_separated > 0)
        return "dropped: only rows where the outcome is always 0 tell its part";
    return "dropped: linearly dependent on the terms before it";
}

static enum rk_status term_columns(const struct rk_term *term, struct rk_names *names)
{
    enum rk_status status = RK_OK;

    for (size_t v = 0; v < term->n_variables && status == RK_OK; v++)
        status = rk_node_columns(term->variable[v], names);
    return status;
}

enum rk_status regress_shares_columns(const struct regression *r, size_t term, bool *shares)
{
    const struct rk_formula *formula = r->options->formula;
    struct rk_names mine = {0};
    enum rk_status status = term_columns(&formula->term[term], &mine);

    *shares = false;
    for (size_t t = 0; t < formula->n_terms && status == RK_OK; t++) {
        struct rk_names others = {0};

        if (t != term)
            status = term_columns(&formula->term[t], &others);
        for (size_t i = 0; i < others.n; i++)
            *shares = *shares || rk_names_has(&mine, others.name[i]);
        rk_names_free(&others);
    }
    rk_names_free(&mine);
    return status;
}

static void add_term(const struct rk_term *term, struct rk_text *out)
{
    for (size_t v = 0; v < term->n_variables; v++) {
        if (v > 0)
            rk_text_add_char(out, ':');
        rk_node_print(term->variable[v], out);
    }
}

/* Whether the term has a coefficient. */
static bool is_estimated(const struct regression *r, size_t term)
{
    for (size_t j = 0; j < r->fit->p; j++) {
        if (r->frame->term[j] == term && !isnan(r->fit->coef[j]))
            return true;
    }
    return false;
}

/* ", adjusted for a, b and c" */
static void add_adjusted(const struct regression *r, size_t column, struct rk_text *out)
{
    const struct rk_formula *formula = r->options->formula;
    size_t own = r->frame->term[column], n = 0, named = 0;

    for (size_t t = 0; t < formula->n_terms; t++)
        n += t != own && is_estimated(r, t);
    if (n == 0)
        return;
    rk_text_add(out, ", adjusted for ");
    if (n > MOST_NAMED) {
        rk_text_format(out, "the %zu other terms", n);
        return;
    }
    for (size_t t = 0; t < formula->n_terms; t++) {
        if (t == own || !is_estimated(r, t))
            continue;
        if (named > 0)
            rk_text_add(out, named + 1 == n ? " and " : ", ");
        add_term(&formula->term[t], out);
        named++;
    }
}

/* " (95% interval 0.15 to 0.23)", and what 0 in it means. */
static void add_interval(const struct regression *r, const struct estimate *e, struct rk_text *out)
{
    if (isnan(e->conf_low) && isnan(e->conf_high))
        return;
    rk_text_add(out, " (");
    rk_text_rounded(out, 100.0 * r->options->common.conf_level, 4);
    rk_text_add(out, "% interval ");
    if (isnan(e->conf_low))
        rk_text_add(out, "up to ");
    else
        rk_text_rounded(out, e->conf_low, DIGITS);
    if (isnan(e->conf_high))
        rk_text_add(out, " or more");
    else if (!isnan(e->conf_low))
        rk_text_add(out, " to ");
    if (!isnan(e->conf_high))
        rk_text_rounded(out, e->conf_high, DIGITS);
    rk_text_add(out, ")");
}

static bool interval_has_zero(const struct estimate *e)
{
    return !(e->conf_low > 0.0) && !(e->conf_high < 0.0) &&
           !(isnan(e->conf_low) && isnan(e->conf_high));
}

static void add_subject(const struct regression *r, const char *response, struct rk_text *out)
{
    if (r->glm != NULL)
        regress_glm_add_subject(r, response, out);
    else
        rk_text_format(out, "%s is ", response);
}

/* "0.19 higher on average (...)" */
static void add_difference(const struct regression *r, const struct estimate *e, const char *than,
                           struct rk_text *out)
{
    if (r->glm != NULL) {
        regress_glm_add_difference(r, e, than, out);
        return;
    }
    rk_text_rounded(out, fabs(e->value), DIGITS);
    rk_text_format(out, " %s on average%s", e->value < 0.0 ? "lower" : "higher", than);
    add_interval(r, e, out);
}

bool regress_is_curve(const struct rk_node *variable)
{
    return variable->kind == RK_NODE_CALL &&
           (strcmp(variable->text, "poly") == 0 || strcmp(variable->text, "ns") == 0);
}

/* "physician", "physician and month" */
static void add_effects(const struct regression *r, struct rk_text *out)
{
    const struct rk_names *effects = &r->options->formula->fixed_effects;

    for (size_t e = 0; e < effects->n; e++)
        rk_text_format(out, "%s%s",
                       e == 0               ? ""
                       : e + 1 < effects->n ? ", "
                                            : " and ",
                       effects->name[e]);
}

static void add_caveat(const struct regression *r, size_t column, const struct estimate *e,
                       bool shares, struct rk_text *out)
{
    rk_text_add(out, interval_has_zero(e) ? "; the data are also compatible with no association. "
                                          : ". ");
    if (shares)
        rk_text_add(out, "Read it together with the other terms of the same columns. ");
    rk_text_add(out, "This is an association ");
    if (r->within != NULL) {
        rk_text_add(out, "within ");
        add_effects(r, out);
    } else if (r->n_between > 0) {
        rk_text_format(out, "within %s", r->options->id);
    } else {
        rk_text_add(out, "across rows");
    }
    add_adjusted(r, column, out);
    rk_text_add(out, "; not proof of cause.");
    if (!interval_has_zero(e))
        regress_add_sensitivity(r, column, e, shares, out);
}

/* One variable: per unit, one level of a factor against the first, or a part of a curve. */
static void add_main_effect(const struct regression *r, size_t column, const struct estimate *e,
                            const char *response, struct rk_text *out)
{
    const struct rk_term *term = &r->options->formula->term[r->frame->term[column]];
    const char *name = r->frame->name[column];
    struct rk_text variable = {0};

    rk_node_print(term->variable[0], &variable);
    if (variable.failed) {
        out->failed = true;
    } else if (regress_is_curve(term->variable[0])) {
        rk_text_format(out, "%s is one part of a curve of %s; alone, its coefficient of ", name,
                       response);
        rk_text_rounded(out, e->value, DIGITS);
        add_interval(r, e, out);
        rk_text_add(out, " has no meaning (see --emit margins)");
    } else if (strcmp(name, variable.bytes) == 0) {
        rk_text_format(out, "Per unit of %s, ", name);
        add_subject(r, response, out);
        add_difference(r, e, "", out);
    } else if (strncmp(name, variable.bytes, variable.length) == 0) {
        rk_text_format(out, "Where %s is %s, ", variable.bytes, name + variable.length);
        add_subject(r, response, out);
        add_difference(r, e, " compared with its reference level", out);
    } else {
        rk_text_format(out, "Per unit of %s, ", name);
        add_subject(r, response, out);
        add_difference(r, e, "", out);
    }
    rk_text_free(&variable);
}

static void add_interaction(const struct regression *r, size_t column, const struct estimate *e,
                            const char *response, struct rk_text *out)
{
    rk_text_format(out, "The association of each part of %s with %s depends on the other: %s",
                   r->frame->name[column], response, r->glm != NULL ? "" : "by ");
    if (r->glm != NULL) {
        rk_text_add(out, "per unit of the one, what a unit of the other goes with is ");
        regress_glm_add_difference(r, e, "", out);
        return;
    }
    rk_text_rounded(out, e->value, DIGITS);
    rk_text_add(out, " per unit");
    add_interval(r, e, out);
}

/* The mean's coefficient is the slope between units less that within them. */
static void add_between(const struct regression *r, size_t column, const struct estimate *e,
                        const char *response, struct rk_text *out)
{
    const char *name = r->frame->name[column] + strlen("between("); /* and a parenthesis more */

    rk_text_format(out, "Between one %s and another, %s is ", r->options->id, response);
    rk_text_rounded(out, fabs(e->value), DIGITS);
    rk_text_format(out, " %s per unit of mean %.*s than within one and the same",
                   e->value < 0.0 ? "lower" : "higher", (int)strlen(name) - 1, name);
    add_interval(r, e, out);
    rk_text_format(out,
                   interval_has_zero(e)
                       ? "; the data are also compatible with no difference, so that who the %s "
                         "is need not matter. "
                       : ": part of what differs between them is who the %s is. ",
                   r->options->id);
    rk_text_add(out, "This is an association; not proof of cause.");
}

static void say_manager(const struct regression *r, size_t column, const struct estimate *e,
                        const char *response, bool shares, struct rk_text *out)
{
    if (isnan(e->value)) {
        rk_text_format(out, "%s has no coefficient (%s): these data cannot tell its part.",
                       r->frame->name[column], regress_dropped_note(r, column));
        return;
    }
    if (regress_is_intercept(r, column)) {
        if (r->options->formula->n_terms > 0)
            rk_text_add(out, "Where every other term is 0, ");
        if (r->glm != NULL) {
            regress_glm_add_level(r, e, response, out);
            return;
        }
        rk_text_format(out, "%s is ", response);
        rk_text_rounded(out, e->value, DIGITS);
        rk_text_add(out, " on average");
        add_interval(r, e, out);
        rk_text_add(out, ".");
        return;
    }
    if (regress_is_between(r, column)) {
        add_between(r, column, e, response, out);
        return;
    }
    if (r->options->formula->term[r->frame->term[column]].n_variables > 1)
        add_interaction(r, column, e, response, out);
    else
        add_main_effect(r, column, e, response, out);
    add_caveat(r, column, e, shares, out);
}

/* ", p and interval by the wild cluster restricted bootstrap (all 1024 patterns of signs)" */
static void add_wild(const struct regression *r, struct rk_text *out)
{
    const struct rk_wild *wild = &r->wild;
    const char *what = wild->weights == RK_WILD_WEBB ? "Webb's weights" : "signs";

    rk_text_format(out, ", p and interval by %s (", rk_vcov_description(RK_VCOV_WILD));
    if (wild->enumerated)
        rk_text_format(out, "all %zu patterns of %s)", wild->n_draws, what);
    else
        rk_text_format(out, "%zu draws of %s)", wild->n_draws, what);
}

static void add_errors(const struct regression *r, struct rk_text *out)
{
    const struct rk_covariance *c = &r->covariance;
    enum rk_vcov_method method = c->method == RK_VCOV_WILD ? RK_VCOV_CLUSTER : c->method;

    rk_text_format(out, ", %s", rk_vcov_description(method));
    if (method == RK_VCOV_HAC)
        rk_text_format(out, " (%zu lag%s)", c->lag, c->lag == 1 ? "" : "s");
    if (r->second_name != NULL)
        rk_text_format(out, " (two-way: %s and %s, %zu clusters of the fewer)", r->cluster_name,
                       r->second_name, c->n_clusters);
    else if (r->cluster_name != NULL)
        rk_text_format(out, " (%zu clusters of %s)", c->n_clusters, r->cluster_name);
    if (r->method == RK_VCOV_PROFILE)
        rk_text_format(out, ", p and interval by %s", rk_vcov_description(RK_VCOV_PROFILE));
    if (r->bootstrapped)
        add_wild(r, out);
}

static void add_method(const struct regression *r, struct rk_text *out)
{
    if (r->glm != NULL)
        regress_glm_add_method(r, out);
    else if (r->mm != NULL)
        regress_robust_add_method(r, out);
    else
        rk_text_add(out, r->weights != NULL ? "weighted least squares" : "least squares");
    if (r->within != NULL) {
        rk_text_add(out, " with fixed effects of ");
        add_effects(r, out);
    }
    if (r->n_between > 0)
        rk_text_format(out, " with means by %s (Mundlak)", r->options->id);
    if (r->errors == RK_OK && r->mm == NULL)
        add_errors(r, out);
    rk_text_format(out, ", n = %zu.", r->fit->nobs);
}

static void add_bound(double value, struct rk_text *out)
{
    if (isnan(value))
        rk_text_add(out, "unbounded");
    else
        rk_text_rounded(out, value, DIGITS);
}

static void say_paper(const struct regression *r, size_t column, const struct estimate *e,
                      bool shares, struct rk_text *out)
{
    struct rk_text p = {0};

    rk_text_format(out, "%s: ", r->frame->name[column]);
    if (isnan(e->value)) {
        rk_text_format(out, "not estimated (%s); ", regress_dropped_note(r, column));
        add_method(r, out);
        return;
    }
    rk_text_add(out, "b = ");
    rk_text_rounded(out, e->value, DIGITS);
    if (!isnan(e->std_error)) {
        rk_text_add(out, ", ");
        rk_text_rounded(out, 100.0 * r->options->common.conf_level, 4);
        rk_text_add(out, "% CI [");
        add_bound(e->conf_low, out);
        rk_text_add(out, ", ");
        add_bound(e->conf_high, out);
        rk_text_add(out, "]");
        if (r->glm != NULL)
            regress_glm_add_ratio(r, column, e, out);
        rk_text_add(out, ", SE = ");
        rk_text_rounded(out, e->std_error, DIGITS);
        if (r->bootstrapped) {
            rk_text_add(out, ", t = ");
        } else if (isinf(e->df)) {
            rk_text_add(out, ", z = ");
        } else {
            rk_text_add(out, ", t(");
            rk_text_rounded(out, e->df, 4);
            rk_text_add(out, ") = ");
        }
        rk_text_rounded(out, e->statistic, DIGITS);
        rk_text_p_value(&p, e->p_value);
        if (p.bytes != NULL)
            rk_text_format(out, p.bytes[0] == '<' ? ", p < %s" : ", p = %s",
                           p.bytes[0] == '<' ? p.bytes + 1 : p.bytes);
        out->failed = out->failed || p.failed;
        rk_text_free(&p);
    }
    if (!isnan(e->std_error))
        regress_print_sensitivity(r, column, e, shares, out);
    rk_text_add(out, "; ");
    add_method(r, out);
}

enum rk_status regress_explain(const struct regression *r, size_t column,
                               const struct estimate *estimate, struct rk_result *result)
{
    struct rk_text response = {0}, manager = {0}, paper = {0};
    bool shares = false;
    enum rk_status status = regress_response(r, &response);

    if (status == RK_OK && !regress_is_intercept(r, column))
        status = regress_shares_columns(r, r->frame->term[column], &shares);
    if (status == RK_OK) {
        say_manager(r, column, estimate, response.bytes, shares, &manager);
        say_paper(r, column, estimate, shares, &paper);
        if (manager.failed || paper.failed)
            status = RK_ENOMEM;
        else
            rk_result_explain(result, r->frame->name[column], manager.bytes, paper.bytes);
    }
    rk_text_free(&response);
    rk_text_free(&manager);
    rk_text_free(&paper);
    return status;
}
