/* The table `tests`: what the residuals say against the model. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"
#include "repkit/distributions.h"
#include "repkit/regression_tests.h"
#include "repkit/words.h"

enum { TEST, STATISTIC, DF, P_VALUE, NOTE };

static const struct rk_field fields[] = {
    [TEST] = {"test", RK_TEXT, RK_GENERAL}, [STATISTIC] = {"statistic", RK_NUMBER, RK_GENERAL},
    [DF] = {"df", RK_NUMBER, RK_GENERAL},   [P_VALUE] = {"p_value", RK_NUMBER, RK_P_VALUE},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

/* The rows that the tests stand on, as they were before effects were taken out. */
struct testing {
    const struct regression *r;
    struct rk_tested tested;
    double *y, *X;
    size_t *before;
    bool has_series; /* by --time; else rows as they come */
    bool twice;      /* two rows of a unit at one time: nothing follows on anything */
    struct rk_test test;
    struct rk_text note;
};

/* --- rows ---------------------------------------------------------------------------------- */

/* Finds for each row the one a period before it of its unit; a gap, and another unit, is none. */
static void chain_by_time(struct testing *t)
{
    const struct regression *r = t->r;

    for (size_t k = 1; k < r->n_ordered; k++) {
        size_t before = r->order[k - 1], row = r->order[k];

        if (r->unit[row] != r->unit[before])
            continue;
        t->twice = t->twice || r->period[row] == r->period[before];
        if (r->period[row] == r->period[before] + 1)
            t->before[row] = before;
    }
}

static enum rk_status take_rows(struct testing *t, struct rk_error *error)
{
    const struct regression *r = t->r;
    const struct rk_model_frame *frame = r->frame;
    size_t n = r->fit->n;

    t->y = malloc((n + 1) * sizeof *t->y);
    t->X = malloc((n * frame->p + 1) * sizeof *t->X);
    t->before = malloc((n + 1) * sizeof *t->before);
    if (t->y == NULL || t->X == NULL || t->before == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < n; i++) {
        size_t row = regress_frame_row(r, i);

        t->y[i] = frame->y[row];
        for (size_t j = 0; j < frame->p; j++)
            t->X[j * n + i] = frame->X[j * frame->n + row];
        t->before[i] = r->options->time != NULL || i == 0 ? SIZE_MAX : i - 1;
    }
    t->tested = (struct rk_tested){.design = {.n = n,
                                              .p = frame->p,
                                              .y = t->y,
                                              .X = t->X,
                                              .weights = r->design.weights,
                                              .has_intercept = frame->has_intercept},
                                   .residual = r->fit->residual,
                                   .ctx = r->ctx};
    if (r->within != NULL) {
        t->tested.effect = (const uint32_t *const *)r->within->effect;
        t->tested.n_levels = r->within->n_levels;
        t->tested.n_effects = r->within->n_effects;
    }
    t->has_series = r->options->time != NULL;
    if (t->has_series)
        chain_by_time(t);
    return RK_OK;
}

/* --- the tests ----------------------------------------------------------------------------- */

static enum rk_status breusch_pagan(struct testing *t, struct rk_error *error)
{
    enum rk_status status = rk_breusch_pagan(&t->tested, &t->test, error);

    if (status == RK_OK && t->r->within != NULL)
        rk_text_add(&t->note, "studentised, of the terms, not of the fixed effects");
    else if (status == RK_OK)
        rk_text_add(&t->note, "studentised");
    return status;
}

static enum rk_status reset(struct testing *t, struct rk_error *error)
{
    enum rk_status status = rk_reset_test(&t->tested, &t->test, error);

    if (status == RK_OK)
        rk_text_format(&t->note, "F on %.0f and %.0f df", t->test.df, t->test.df2);
    return status;
}

static enum rk_status jarque_bera(struct testing *t, struct rk_error *error)
{
    (void)error;
    return rk_jarque_bera(&t->tested, &t->test);
}

static enum rk_status check_order(const struct testing *t, struct rk_error *error)
{
    if (!t->twice)
        return RK_OK;
    return rk_fail(error, RK_EDOMAIN,
                   t->r->options->id != NULL ? "a unit has several rows at one time"
                                             : "there are several rows at one time: give --id");
}

/* Which rows count as neighbours. */
static void add_order(struct testing *t)
{
    const struct rk_regress_options *options = t->r->options;

    if (t->note.length > 0)
        rk_text_add(&t->note, "; ");
    if (!t->has_series)
        rk_text_add(&t->note, "rows in the order they come");
    else if (options->id != NULL)
        rk_text_format(&t->note, "within %s by %s, over no gap", options->id, options->time);
    else
        rk_text_format(&t->note, "by %s, over no gap", options->time);
}

static enum rk_status durbin_watson(struct testing *t, struct rk_error *error)
{
    const struct rk_chain chain = {t->before};
    bool exact = false;
    enum rk_status status = check_order(t, error);

    if (status == RK_OK)
        status = rk_durbin_watson(&t->tested, &chain, t->r->fit, &t->test, &exact, error);

    if (status != RK_OK)
        return status;
    rk_text_add(&t->note, isnan(t->test.p_value) ? "p is not known here, see breusch-godfrey"
                          : exact                ? "two-sided, exact"
                                                 : "two-sided, normal approximation");
    add_order(t);
    return RK_OK;
}

static enum rk_status breusch_godfrey(struct testing *t, struct rk_error *error)
{
    const struct rk_chain chain = {t->before};
    enum rk_status status = check_order(t, error);

    if (status == RK_OK)
        status = rk_breusch_godfrey(&t->tested, &chain, &t->test, error);
    if (status == RK_OK) {
        rk_text_add(&t->note, "one period back");
        add_order(t);
    }
    return status;
}

/* b' V^-1 b / q of the q means' slopes; NaN where V is singular. RK_OK or RK_ENOMEM. */
static enum rk_status wald_of_means(const struct regression *r, size_t *q, double *f)
{
    size_t p = r->fit->p, first = p - r->n_between;
    double *L = malloc((r->n_between * (r->n_between + 1) + 1) * sizeof *L);
    double *z = L == NULL ? NULL : L + r->n_between * r->n_between;

    if (L == NULL)
        return RK_ENOMEM;
    *q = 0;
    *f = 0.0;
    for (size_t j = first; j < p; j++) {
        size_t n = *q, i = 0;

        if (isnan(r->fit->coef[j]))
            continue;
        z[n] = r->fit->coef[j];
        for (size_t k = first; k <= j; k++) { /* a row of the Cholesky factor, and forward */
            if (isnan(r->fit->coef[k]))
                continue;
            L[n * r->n_between + i] = r->covariance.vcov[j * p + k];
            for (size_t l = 0; l < i; l++)
                L[n * r->n_between + i] -= L[n * r->n_between + l] * L[i * r->n_between + l];
            if (k < j)
                L[n * r->n_between + i] /= L[i * r->n_between + i];
            if (k < j)
                z[n] -= L[n * r->n_between + i] * z[i];
            i++;
        }
        L[n * r->n_between + n] = L[n * r->n_between + n] > 1e-12 * r->covariance.vcov[j * p + j]
                                      ? sqrt(L[n * r->n_between + n])
                                      : NAN;
        z[n] /= L[n * r->n_between + n];
        *f += z[n] * z[n];
        (*q)++;
    }
    *f /= (double)*q;
    free(L);
    return RK_OK;
}

/* Hausman's question, whether slopes within units differ from those over all, by Mundlak's
 * regression and the errors of --vcov. */
static enum rk_status hausman(struct testing *t, struct rk_error *error)
{
    const struct regression *r = t->r;
    double df2 = r->cluster_name != NULL ? (double)r->covariance.n_clusters - 1.0
                                         : r->fit->df_residual,
           f = NAN;
    size_t q = 0;

    if (r->errors != RK_OK)
        return rk_fail(error, r->errors, "%s", rk_status_words(r->errors));
    if (wald_of_means(r, &q, &f) != RK_OK)
        return rk_fail_memory(error);
    if (q == 0 || isnan(f))
        return rk_fail(error, RK_ESINGULAR, "the means' slopes have no joint error");
    t->test.df = (double)q;
    t->test.df2 = isinf(df2) ? NAN : df2;
    t->test.statistic = isinf(df2) ? (double)q * f : f;
    t->test.p_value = rk_pf(f, t->test.df, df2, RK_UPPER_TAIL);
    if (isinf(df2))
        rk_text_add(&t->note, "chi-squared");
    else
        rk_text_format(&t->note, "F on %zu and %.0f df", q, df2);
    rk_text_format(&t->note, " of the means by %s, %s errors", r->options->id,
                   rk_vcov_name(r->covariance.method));
    return RK_OK;
}

/* A negative binomial has estimated it: the test is against Poisson. */
static enum rk_status theta(struct testing *t, struct rk_error *error)
{
    const struct rk_glm *glm = t->r->glm;
    enum rk_status status = rk_negbin_test(glm, &t->test.statistic, &t->test.p_value);

    (void)error;
    if (status != RK_OK)
        return status;
    t->test.df = 1.0;
    if (glm->is_poisson)
        rk_text_add(&t->note, "none: theta has no estimate");
    else
        rk_text_format(&t->note, "likelihood ratio against poisson; theta %.4g, std_error %.4g",
                       glm->theta, glm->theta_se);
    return RK_OK;
}

static enum rk_status overdispersion(struct testing *t, struct rk_error *error)
{
    double ratio = NAN;
    enum rk_status status = rk_overdispersion_test(t->r->glm, &t->test.statistic, &t->test.df,
                                                   &t->test.p_value, &ratio);

    (void)error;
    if (status == RK_OK)
        rk_text_format(&t->note, "Pearson's X2, %.3g times its df", ratio);
    else if (status == RK_EDOMAIN)
        rk_text_add(&t->note, "0/1 outcomes cannot be overdispersed");
    return status;
}

static enum rk_status link(struct testing *t, struct rk_error *error)
{
    enum rk_status status =
        rk_link_test(t->r->glm, t->r->ctx, &t->test.statistic, &t->test.p_value, error);

    if (status == RK_OK)
        rk_text_add(&t->note, "z of the squared linear predictor");
    else if (status == RK_EDOMAIN && t->r->within != NULL)
        rk_text_add(&t->note, "not with a fixed effect");
    return status;
}

/* One row a test: what it finds, what is said of a small and of another p. */
static const struct {
    const char *name;
    enum { SQUARES, ANY_FAMILY, WITHOUT_THETA, WITH_THETA, WITH_MEANS } of; /* which fits have it */
    enum rk_status (*run)(struct testing *t, struct rk_error *error);
    const char *against, *found, *advice;
} tests[] = {
    {"breusch-pagan", SQUARES, breusch_pagan, "equal scatter of the residuals",
     "The scatter around the fit is not the same everywhere",
     "take errors that allow for it: --vcov hc3, or --cluster"},
    {"reset", SQUARES, reset, "a linear form", "The straight form misses a bend or an interaction",
     "plot the residuals; try I(x^2), log(x) or a product of terms"},
    {"jarque-bera", SQUARES, jarque_bera, "normal residuals", "The residuals are not normal",
     "with many rows that matters little for the coefficients; it does for prediction intervals"},
    {"durbin-watson", SQUARES, durbin_watson, "independence of successive residuals",
     "Rows that follow on each other resemble each other, or alternate",
     "do not read classical errors; cluster them, or take --vcov hac"},
    {"breusch-godfrey", SQUARES, breusch_godfrey, "independence of successive residuals",
     "Rows that follow on each other resemble each other, or alternate",
     "do not read classical errors; cluster them, or take --vcov hac"},
    {"overdispersion", WITHOUT_THETA, overdispersion, "the family's variance",
     "The outcome varies more than the family says",
     "take --vcov hc3 or --cluster, or --family negbin"},
    {"overdispersion", WITH_THETA, theta, "Poisson's variance",
     "The outcome varies more than poisson would allow",
     "negbin allows for that, as long as its own variance, mean + mean^2/theta, is the right one"},
    {"link", ANY_FAMILY, link, "the link and the form of the terms",
     "The form of a term, or the link, is wrong somewhere",
     "try I(x^2), log(x) or a product of terms"},
    {"hausman", WITH_MEANS, hausman, "equal slopes within units and between them",
     "Slopes between units are not those within them: who the unit is matters",
     "read the slopes within, or take the units as fixed effects after |"},
};

static bool applies(size_t k, const struct regression *r)
{
    bool theta_estimated = r->options->family == RK_FAMILY_NEGBIN;

    if (tests[k].of == WITH_MEANS)
        return r->n_between > 0;
    if (r->glm == NULL)
        return tests[k].of == SQUARES;
    return tests[k].of == ANY_FAMILY ||
           tests[k].of == (theta_estimated ? WITH_THETA : WITHOUT_THETA);
}

static void explain(const struct testing *t, size_t k, struct rk_result *result)
{
    const double SMALL = 1.0 - t->r->options->common.conf_level;
    struct rk_text row = {0}, manager = {0}, paper = {0};

    rk_text_add(&row, tests[k].name);
    if (isnan(t->test.p_value))
        rk_text_format(&manager, "No p-value could be computed against %s.", tests[k].against);
    else if (t->test.p_value < SMALL)
        rk_text_format(&manager, "%s: %s.", tests[k].found, tests[k].advice);
    else
        rk_text_format(&manager, "These data show nothing against %s, which does not prove it.",
                       tests[k].against);
    rk_text_format(&paper, "Against %s (%s): ", tests[k].against, tests[k].name);
    if (!isnan(t->test.df2))
        rk_text_format(&paper, "F(%.0f, %.0f) = ", t->test.df, t->test.df2);
    else if (!isnan(t->test.df))
        rk_text_format(&paper, "chi-squared(%.0f) = ", t->test.df);
    else
        rk_text_add(&paper, t->r->glm != NULL ? "z = " : "d = ");
    rk_say_number(&paper, t->test.statistic);
    if (!isnan(t->test.p_value))
        rk_say_p(&paper, ", p", t->test.p_value);
    if (t->note.length > 0 && isnan(t->test.df2))
        rk_text_format(&paper, " (%s)", t->note.bytes);
    rk_text_add_char(&paper, '.');
    rk_explain(result, &row, &manager, &paper);
}

static enum rk_status put_test(struct testing *t, size_t k, size_t table, struct rk_result *result,
                               struct rk_error *error)
{
    struct rk_error own = {0};
    enum rk_status status;

    rk_text_clear(&t->note);
    t->test = (struct rk_test){NAN, NAN, NAN, NAN};
    status =
        t->r->glm == NULL && t->r->fit->errors != RK_OK ? t->r->fit->errors : tests[k].run(t, &own);
    if (status != RK_OK && !rk_status_is_undefined(status)) {
        *error = own;
        return status;
    }
    rk_result_row(result, table);
    rk_put_text(result, table, TEST, tests[k].name);
    rk_put(result, table, STATISTIC, t->test.statistic);
    rk_put(result, table, DF, t->test.df);
    rk_put(result, table, P_VALUE, t->test.p_value);
    if (status != RK_OK && t->note.length == 0)
        rk_text_add(&t->note, own.text[0] != '\0' ? own.text : rk_status_words(status));
    if (t->note.length > 0)
        rk_put_text(result, table, NOTE, t->note.bytes);
    if (t->note.failed)
        return rk_fail_memory(error);
    if (status == RK_OK && t->r->options->common.explain)
        explain(t, k, result);
    return RK_OK;
}

static enum rk_status fill(const struct regression *r, size_t table, struct rk_result *result,
                           struct rk_error *error)
{
    struct testing t = {.r = r};
    struct rk_error own = {0};
    enum rk_status status = r->glm != NULL ? RK_OK : take_rows(&t, &own);

    for (size_t k = 0; status == RK_OK && k < sizeof tests / sizeof tests[0]; k++)
        if (applies(k, r))
            status = put_test(&t, k, table, result, &own);
    free(t.y);
    free(t.X);
    free(t.before);
    rk_text_free(&t.note);
    if (status != RK_OK && error != NULL)
        *error = own;
    return status;
}

const struct regress_table regress_tests_table = {"tests", fields, sizeof fields / sizeof fields[0],
                                                  fill, false};
