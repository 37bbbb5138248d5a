/* Where a curve is best, how sure that is, and whether there is such a place at all. */
#include <math.h>
#include <stdlib.h>

#include "band_parts.h"
#include "repkit/distributions.h"
#include "repkit/fieller.h"
#include "repkit/moments.h"
#include "repkit/quantile.h"
#include "repkit/resample.h"

static const size_t interval_draws = 1999, test_draws = 999;

static const char unbounded[] = "the interval has no end: the curve may be straight";

/* --- resampling whole items ---------------------------------------------------------------- */

struct statistic {
    const struct band *b;
    const struct band_model *m;
};

static enum rk_status optimum_of(const void *data, const uint32_t *count, double *value)
{
    const struct statistic *t = data;
    const struct band *b = t->b;
    double coef[RK_MOST_KNOTS];
    struct rk_knot knot;
    enum rk_status status;

    if (t->m->kind == BAND_QUADRATIC) {
        status = rk_curve_fit(b->sums, count, 0, 1, coef);
        if (status == RK_OK)
            *value = -coef[0] / (2.0 * coef[1]);
    } else if (t->m->kind == BAND_SPLINE) {
        status = rk_curve_fit(b->sums, count, 1, b->n_knots - 2, coef);
        if (status == RK_OK)
            *value = rk_rcs_highest(coef, b->knot, b->n_knots, (b->low - b->centre) / b->scale,
                                    (b->high - b->centre) / b->scale);
    } else {
        status = rk_curve_knot(b->sums, count,
                               t->m->kind == BAND_PLATEAU ? RK_KNOT_PLATEAU : RK_KNOT_KINK, &knot);
        if (status == RK_OK)
            *value = knot.at;
    }
    return status == RK_OK && !isfinite(*value) ? RK_EDOMAIN : status;
}

/* The percentile interval, of type 6: a knot's draws pile up, which BCa does not bear. */
static enum rk_status bootstrap(const struct band *b, const struct band_model *m,
                                struct band_interval *out, struct rk_error *error)
{
    const struct rk_common *common = &b->options->common;
    struct statistic data = {b, m};
    struct rk_resample plan = {.n = b->n_items,
                               .draws = common->resamples > 0 ? common->resamples : interval_draws,
                               .label = b->label.bytes};
    struct rk_boot *boot = NULL;
    double tail = (1.0 - common->conf_level) / 2.0;
    struct rk_ctx quiet = b->ctx != NULL ? *b->ctx : (struct rk_ctx)RK_CTX_DEFAULT;
    enum rk_status status;

    quiet.progress = NULL;
    *out = (struct band_interval){"bootstrap", m->optimum, NAN, NAN, NAN, NULL};
    status = rk_boot_new(&plan, optimum_of, &data, &quiet, &boot);
    if (rk_status_is_undefined(status)) {
        out->note = "too few resamples have such a place";
        return RK_OK;
    }
    if (status != RK_OK)
        return status == RK_ENOMEM ? rk_fail_memory(error)
                                   : rk_fail(error, status, "%s", rk_status_words(status));
    out->se = rk_moments_of(boot->draw, boot->n_draws).sd * b->scale;
    out->low = rk_quantile_sorted(boot->draw, boot->n_draws, tail, 6) * b->scale + b->centre;
    out->high = rk_quantile_sorted(boot->draw, boot->n_draws, 1.0 - tail, 6) * b->scale + b->centre;
    rk_boot_free(boot);
    return RK_OK;
}

/* --- the quadratic ------------------------------------------------------------------------- */

/* The slope at x with its own df: the coefficient of u - c beside (u - c)^2. */
enum rk_status band_slope_at(const struct band *b, double x, struct band_number *slope,
                             struct rk_error *error)
{
    double c = (x - b->centre) / b->scale, *columns = malloc((2 * b->n + 1) * sizeof *columns);
    struct band_fit fit = {0};
    enum rk_status status;

    if (columns == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < b->n; i++) {
        columns[i] = b->u[i] - c;
        columns[b->n + i] = columns[i] * columns[i];
    }
    status = band_fit_new(b, columns, 2, NULL, 0, &fit, error);
    if (status == RK_OK)
        *slope = band_coefficient(b, &fit, 0, 1.0 / b->scale);
    band_fit_free(&fit);
    free(columns);
    return status;
}

static enum rk_status test_turn(const struct band *b, struct band_model *m, struct rk_error *error)
{
    struct band_number low, high;
    enum rk_status status = band_slope_at(b, b->low, &low, error);

    if (status == RK_OK)
        status = band_slope_at(b, b->high, &high, error);
    if (status != RK_OK)
        return status;
    if (rk_turn_test(low.value, low.se, low.df, high.value, high.se, high.df, &m->turn) == RK_OK)
        m->p = m->turn.p_value;
    return RK_OK;
}

/* Fieller's set and the delta method's interval, in units of x. */
static void quadratic_intervals(const struct band *b, struct band_model *m)
{
    const struct rk_covariance *v = &m->fit.covariance;
    size_t p = m->fit.fit->p, i = m->fit.first, j = i + 1;
    double b1 = m->coef[0], b2 = m->coef[1], t = band_critical(b, v->df[j]);
    double v11 = v->vcov[i * p + i], v12 = v->vcov[i * p + j], v22 = v->vcov[j * p + j];
    double g1 = -1.0 / (2.0 * b2), g2 = b1 / (2.0 * b2 * b2), se;
    struct rk_fieller set;

    m->interval[0] = (struct band_interval){"fieller", m->optimum, NAN, NAN, NAN, unbounded};
    if (rk_fieller_vertex(b1, b2, v11, v12, v22, t, &set) == RK_OK &&
        set.kind == RK_FIELLER_INTERVAL) {
        m->interval[0].low = set.low * b->scale + b->centre;
        m->interval[0].high = set.high * b->scale + b->centre;
        m->interval[0].note = NULL;
    }
    se = sqrt(g1 * g1 * v11 + 2.0 * g1 * g2 * v12 + g2 * g2 * v22) * b->scale;
    m->interval[1] = (struct band_interval){
        "delta", m->optimum, se, m->optimum - t * se, m->optimum + t * se, NULL};
}

static enum rk_status quadratic(struct band *b, struct band_model *m, struct rk_error *error)
{
    enum rk_status status = RK_OK;

    m->optimum = -m->coef[0] / (2.0 * m->coef[1]) * b->scale + b->centre;
    if (m->fit.errors != RK_OK || isnan(m->fit.covariance.std_error[m->fit.first + 1]))
        return RK_OK;
    quadratic_intervals(b, m);
    m->unbounded = m->interval[0].note;
    m->low = m->interval[0].low;
    m->high = m->interval[0].high;
    status = bootstrap(b, m, &m->interval[2], error);
    return status == RK_OK ? test_turn(b, m, error) : status;
}

/* --- knots --------------------------------------------------------------------------------- */

/* The knot's error from the working regression: its last coefficient is the error of the knot times
 * the change of the slope. */
static void delta_interval(const struct band *b, struct band_model *m)
{
    size_t last = m->working.fit != NULL ? m->working.first + m->r : 0;
    double se, t, change = m->coef[m->r - 1]; /* of a plateau: its only slope, which ends */

    if (m->working.fit == NULL || m->working.errors != RK_OK)
        return;
    se = m->working.covariance.std_error[last] / fabs(change) * b->scale;
    if (!isfinite(se))
        return;
    t = band_critical(b, m->working.covariance.df[last]);
    m->interval[1] = (struct band_interval){
        "delta", m->optimum, se, m->optimum - t * se, m->optimum + t * se, NULL};
}

static void fill_segments(const struct band *b, const void *data, size_t row, double *out)
{
    (void)data;
    for (size_t j = 0; j < b->m; j++)
        out[j] = fmax(b->u[row] - b->node[j], 0.0);
}

static enum rk_status test_knot(const struct band *b, struct band_model *m, struct rk_error *error)
{
    struct band_columns c;
    struct rk_sup sup;
    enum rk_status status = band_columns_new(b, b->m, fill_segments, NULL, &c, error);

    if (status == RK_OK) {
        struct rk_sup_data data = {.n = b->n,
                                   .Z = c.Z,
                                   .q = c.q,
                                   .x = c.u,
                                   .y = c.y,
                                   .column = c.further,
                                   .m = b->m,
                                   .block = 1,
                                   .plateau = m->kind == BAND_PLATEAU,
                                   .item = b->item,
                                   .n_items = b->n_items,
                                   .lost = band_lost(b),
                                   .df = m->fit.fit->df_residual - 1.0,
                                   .draws = band_test_draws(b),
                                   .label = b->label.bytes};

        status = rk_sup_test(&data, b->ctx, NULL, &sup);
        free(c.Z);
        if (status == RK_OK)
            m->p = sup.p_value;
        else if (rk_status_is_undefined(status))
            status = RK_OK;
        else if (status == RK_ENOMEM)
            rk_fail_memory(error);
    }
    return status;
}

double band_lost(const struct band *b)
{
    size_t df = b->model[BAND_LINEAR].fit.fit->df_absorbed, known = b->df_nested + b->n_crossed;

    return known < df ? fmin(0.9, (double)(df - known) / (double)b->n) : 0.0;
}

size_t band_test_draws(const struct band *b)
{
    return b->options->common.resamples > 0 ? b->options->common.resamples : test_draws;
}

static enum rk_status knot(struct band *b, struct band_model *m, struct rk_error *error)
{
    enum rk_status status;

    m->optimum = m->knot * b->scale + b->centre;
    if (m->fit.errors != RK_OK)
        return RK_OK;
    status = bootstrap(b, m, &m->interval[0], error);
    delta_interval(b, m);
    m->low = m->interval[0].low;
    m->high = m->interval[0].high;
    m->unbounded = m->interval[0].note;
    return status == RK_OK ? test_knot(b, m, error) : status;
}

/* --- the spline ---------------------------------------------------------------------------- */

static enum rk_status spline(struct band *b, struct band_model *m, struct rk_error *error)
{
    double at = rk_rcs_highest(m->coef, b->knot, b->n_knots, (b->low - b->centre) / b->scale,
                               (b->high - b->centre) / b->scale);
    enum rk_status status = RK_OK;

    m->optimum = at * b->scale + b->centre;
    if (m->fit.errors == RK_OK) {
        status = bootstrap(b, m, &m->interval[0], error);
        m->low = m->interval[0].low;
        m->high = m->interval[0].high;
        m->unbounded = m->interval[0].note;
        if (status == RK_OK && band_joint_p(&m->fit, 1, m->r - 1, &m->p) != RK_OK)
            status = rk_fail_memory(error);
    }
    return status;
}

enum rk_status band_optimum(struct band *b, struct band_model *m, struct rk_error *error)
{
    switch (m->kind) {
    case BAND_QUADRATIC:
        return quadratic(b, m, error);
    case BAND_THRESHOLD:
    case BAND_PLATEAU:
        return knot(b, m, error);
    case BAND_SPLINE:
        return spline(b, m, error);
    default:
        return RK_OK;
    }
}
