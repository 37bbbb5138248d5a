/* The contrasts that claims are judged by. */
#include <math.h>
#include <stdlib.h>

#include "band_parts.h"
#include "repkit/distributions.h"
#include "repkit/quantile.h"

/* A side with fewer rows than this says nothing. */
enum { FEWEST_ROWS = 5 };

static struct band_contrast *add(struct band_judgement *j, const char *name)
{
    struct band_contrast *c = &j->contrast[j->n++];

    *c = (struct band_contrast){name, NAN, NAN, NAN, NAN, NULL};
    return c;
}

static void fill(struct band_contrast *c, const struct band_number *e, int alternative)
{
    c->estimate = e->value;
    c->low = e->low;
    c->high = e->high;
    c->p = isnan(e->se) ? NAN : rk_p_from_t(e->value / e->se, e->df, alternative);
}

static struct band_number negative(struct band_number e)
{
    double low = e.low;

    e.value = -e.value;
    e.low = -e.high;
    e.high = -low;
    return e;
}

/* What a number's note says, or why there is none. */
static const char *note_or(const struct band_contrast *c, const char *note, bool testable)
{
    if (!isnan(c->estimate))
        return note;
    return testable ? "not to be told apart from the controls" : "too few rows";
}

/* Fits columns made by the caller; a fit that is not to be had leaves NaN. */
static enum rk_status fit(const struct band *b, const double *columns, size_t r,
                          struct band_fit *out, struct rk_error *error)
{
    struct rk_error ignored = {0};
    enum rk_status status = band_fit_new(b, columns, r, NULL, 0, out, &ignored);

    if (rk_status_is_undefined(status))
        return RK_OK;
    if (status != RK_OK && error != NULL)
        *error = ignored;
    return status;
}

static double *columns_for(const struct band *b, size_t r)
{
    return calloc(b->n * r + 1, sizeof(double));
}

/* --- 100:125 --------------------------------------------------------------------------------- */

/* Mean inside less mean below, and less mean above, other things equal. */
static enum rk_status sides(const struct band *b, struct band_judgement *j, double *p_both,
                            struct rk_error *error)
{
    struct band_contrast *below = add(j, "inside-below"), *above = add(j, "inside-above");
    double *columns = columns_for(b, 2);
    size_t n_below = 0, n_above = 0;
    struct band_fit f = {0};
    enum rk_status status;

    if (columns == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < b->n; i++) {
        n_below += b->x[i] < j->claim.low;
        n_above += b->x[i] > j->claim.high;
        columns[i] = b->x[i] < j->claim.low;
        columns[b->n + i] = b->x[i] > j->claim.high;
    }
    j->testable =
        n_below >= FEWEST_ROWS && n_above >= FEWEST_ROWS && b->n - n_below - n_above >= FEWEST_ROWS;
    status = j->testable ? fit(b, columns, 2, &f, error) : RK_OK;
    if (status == RK_OK && f.fit != NULL) {
        struct band_number one = negative(band_coefficient(b, &f, 0, 1.0));
        struct band_number two = negative(band_coefficient(b, &f, 1, 1.0));

        fill(below, &one, RK_GREATER);
        fill(above, &two, RK_GREATER);
        *p_both = fmax(below->p, above->p);
        if (isnan(below->p) || isnan(above->p))
            *p_both = NAN;
    }
    below->note = n_below < FEWEST_ROWS ? "too few rows below the band"
                                        : note_or(below, "one-sided p", j->testable);
    above->note = n_above < FEWEST_ROWS ? "too few rows above the band"
                                        : note_or(above, "one-sided p", j->testable);
    band_fit_free(&f);
    free(columns);
    return status;
}

static void put_optima(const struct band *b, struct band_judgement *j)
{
    const struct band_model *q = &b->model[BAND_QUADRATIC], *s = &b->model[BAND_SPLINE];
    struct band_contrast *c = add(j, "optimum");

    c->estimate = q->optimum;
    c->low = q->low;
    c->high = q->high;
    c->p = q->p;
    c->note = q->problem != NULL ? q->problem
              : !q->peak         ? "the quadratic's lowest point, not an optimum"
                                 : q->unbounded;
    c = add(j, "spline-optimum");
    c->estimate = s->interval[0].value;
    c->low = s->interval[0].low;
    c->high = s->interval[0].high;
    c->p = s->p;
    if (s->problem != NULL) {
        c->estimate = c->low = c->high = c->p = NAN;
        c->note = s->problem;
    } else if (!s->peak) {
        c->note = "highest at an end of the data";
    } else if (isnan(c->p)) {
        c->note = "the curve has no test";
    }
}

/* Where the spline is highest, ends of the data included: -1 below the band, 1 above, 0 inside or
 * not known. */
static int spline_side(const struct band *b, const struct band_claim *claim)
{
    const struct band_model *s = &b->model[BAND_SPLINE];

    if (s->problem != NULL || isnan(s->interval[0].value))
        return 0;
    return s->interval[0].value < claim->low ? -1 : s->interval[0].value > claim->high ? 1 : 0;
}

/* The slopes of the quadratic at the band's ends: still rising at the upper one, or falling already
 * at the lower one, and the best is elsewhere. */
static enum rk_status end_slopes(const struct band *b, struct band_judgement *j, bool *rising,
                                 bool *falling, struct rk_error *error)
{
    struct band_contrast *low = add(j, "slope-low"), *high = add(j, "slope-high");
    struct band_number at_low, at_high;
    enum rk_status status;

    *rising = *falling = false;
    low->note = high->note = b->model[BAND_QUADRATIC].problem;
    if (low->note != NULL)
        return RK_OK;
    status = band_slope_at(b, j->claim.low, &at_low, error);
    if (status == RK_OK)
        status = band_slope_at(b, j->claim.high, &at_high, error);
    if (status != RK_OK)
        return status;
    fill(low, &at_low, RK_TWO_SIDED);
    fill(high, &at_high, RK_TWO_SIDED);
    low->note = note_or(low, NULL, true);
    high->note = note_or(high, NULL, true);
    *falling = low->high < 0.0;
    *rising = high->low > 0.0;
    return RK_OK;
}

/* Whether the data favour a curve that levels off, inside the band, over one that turns and over
 * one that goes on: then more than the band is no worse, whatever the parabola says. */
static bool levels_inside(const struct band *b, const struct band_claim *claim)
{
    static const double much = 2.0; /* of AICc */
    const struct band_model *flat = &b->model[BAND_PLATEAU];

    if (flat->problem != NULL || !flat->peak || flat->edge || isnan(flat->low) ||
        !(flat->p < 1.0 - b->options->common.conf_level))
        return false;
    return flat->aicc + much < b->model[BAND_QUADRATIC].aicc &&
           flat->aicc + much < b->model[BAND_LINEAR].aicc &&
           flat->aicc < b->model[BAND_THRESHOLD].aicc + much && flat->low <= claim->high &&
           flat->high >= claim->low;
}

/* A curve is against the band where the quadratic's interval excludes it, or its slope at an end
 * leads out of it, and the spline, which need not be symmetric, is highest on that side, too. */
enum rk_status band_range_claim(const struct band *b, struct band_judgement *j,
                                struct rk_error *error)
{
    const struct band_model *q = &b->model[BAND_QUADRATIC];
    double p_both = NAN, alpha = 1.0 - b->options->common.conf_level;
    int side = spline_side(b, &j->claim);
    bool rising = false, falling = false, bounded, inside;
    enum rk_status status;

    put_optima(b, j);
    status = sides(b, j, &p_both, error);
    if (status == RK_OK)
        status = end_slopes(b, j, &rising, &falling, error);
    bounded = q->problem == NULL && q->peak && !isnan(q->low);
    inside = bounded && q->low >= j->claim.low && q->high <= j->claim.high;
    j->contradicted = (side > 0 && ((bounded && q->low > j->claim.high) || rising)) ||
                      (side < 0 && ((bounded && q->high < j->claim.low) || falling));
    j->levels = levels_inside(b, &j->claim);
    j->contradicted = j->contradicted && !j->levels;
    j->overlaps = bounded && q->low <= j->claim.high && q->high >= j->claim.low;
    /* A claim without rows on both sides may still be located by the curve. */
    j->testable = j->testable || inside || j->contradicted || j->overlaps || j->levels;
    j->located = inside && q->p < alpha;
    j->p = inside && !(q->p > p_both) ? q->p : p_both;
    return status;
}

/* --- >=5 ------------------------------------------------------------------------------------- */

static bool above(const struct band_claim *claim, double x)
{
    return band_holds(claim, x) == claim->upper;
}

static enum rk_status difference(const struct band *b, struct band_judgement *j,
                                 struct rk_error *error)
{
    struct band_contrast *c = add(j, "inside-outside");
    double *column = columns_for(b, 1);
    size_t n_inside = 0;
    struct band_fit f = {0};
    enum rk_status status;

    if (column == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < b->n; i++)
        n_inside += band_holds(&j->claim, b->x[i]);
    for (size_t i = 0; i < b->n; i++)
        column[i] = band_holds(&j->claim, b->x[i]);
    j->testable = n_inside >= FEWEST_ROWS && b->n - n_inside >= FEWEST_ROWS;
    status = j->testable ? fit(b, column, 1, &f, error) : RK_OK;
    if (status == RK_OK && f.fit != NULL) {
        struct band_number e = band_coefficient(b, &f, 0, 1.0);

        fill(c, &e, RK_GREATER);
        j->worse = c->high < b->options->margin;
    }
    c->note = j->testable ? note_or(c, "one-sided p", true) : NULL; /* the verdict says why */
    j->p = c->p;
    band_fit_free(&f);
    free(column);
    return status;
}

/* A line on either side of the cut and a step at it. */
static enum rk_status broken_lines(const struct band *b, struct band_judgement *j,
                                   struct rk_error *error)
{
    static const char *const names[] = {"step", "slope-below", "slope-above"};
    double cut = (j->claim.cut - b->centre) / b->scale, *columns = columns_for(b, 3);
    struct band_fit f = {0};
    enum rk_status status;

    if (columns == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < b->n; i++) {
        columns[i] = above(&j->claim, b->x[i]);
        columns[b->n + i] = fmin(b->u[i] - cut, 0.0);
        columns[2 * b->n + i] = fmax(b->u[i] - cut, 0.0);
    }
    status = j->testable ? fit(b, columns, 3, &f, error) : RK_OK;
    for (size_t k = 0; k < 3; k++) {
        struct band_contrast *c = add(j, names[k]);
        struct band_number e = band_coefficient(b, &f, k, k == 0 ? 1.0 : 1.0 / b->scale);

        fill(c, &e, RK_TWO_SIDED);
        c->note = note_or(c, NULL, j->testable);
    }
    band_fit_free(&f);
    free(columns);
    return status;
}

/* Whether step and change of slope at the cut, prespecified as it is, add to a straight line. */
static enum rk_status change(const struct band *b, struct band_judgement *j, struct rk_error *error)
{
    double cut = (j->claim.cut - b->centre) / b->scale, *columns = columns_for(b, 3);
    struct band_contrast *c = add(j, "change");
    struct band_fit f = {0};
    enum rk_status status;

    if (columns == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < b->n; i++) {
        columns[i] = b->u[i];
        columns[b->n + i] = above(&j->claim, b->x[i]);
        columns[2 * b->n + i] = fmax(b->u[i] - cut, 0.0);
    }
    status = j->testable ? fit(b, columns, 3, &f, error) : RK_OK;
    if (status == RK_OK && f.fit != NULL)
        status = band_joint_p(&f, 1, 2, &c->p);
    if (status == RK_ENOMEM)
        rk_fail_memory(error);
    c->note = isnan(c->p) ? note_or(c, NULL, j->testable)
                          : "F test of step and change of slope at the cut";
    band_fit_free(&f);
    free(columns);
    return status;
}

/* --- which cut would the data choose? ------------------------------------------------------- */

/* Candidates: distinct values between two quantiles, at most so many; each is the last of the lower
 * side. */
enum { MOST_CUTS = 60 };
static const double first_cut = 0.15, last_cut = 0.85;

static enum rk_status candidates(const struct band *b, double *cut, size_t *m)
{
    const double places[] = {first_cut, last_cut};
    double at[2];
    size_t first = 0, last = b->n_distinct - 1, n; /* above the highest value there is nothing */

    if (rk_quantiles_of(b->x, b->n, places, 2, 7, at) != RK_OK)
        return RK_ENOMEM;
    while (first < last && b->distinct[first] < at[0])
        first++;
    while (last > first && b->distinct[last - 1] > at[1])
        last--;
    n = last - first;
    *m = n < MOST_CUTS ? n : MOST_CUTS;
    for (size_t k = 0; k < *m; k++)
        cut[k] = b->distinct[first + (n <= MOST_CUTS ? k : k * (n - 1) / (MOST_CUTS - 1))];
    return RK_OK;
}

struct cuts {
    double at[MOST_CUTS], rss[MOST_CUTS];
    size_t m;
};

/* For each candidate a step and a change of slope. */
static void fill_cuts(const struct band *b, const void *data, size_t row, double *out)
{
    const struct cuts *cuts = data;

    for (size_t k = 0; k < cuts->m; k++) {
        double side = b->x[row] > cuts->at[k];

        out[2 * k] = side;
        out[2 * k + 1] = side * (b->u[row] - (cuts->at[k] - b->centre) / b->scale);
    }
}

/* The step's variance, robust to dependence, in units of the classical one: what a likelihood
 * ratio is to be divided by (Hansen 2000). */
static enum rk_status inflation(const struct band *b, double cut, double *ratio,
                                struct rk_error *error)
{
    double *columns = columns_for(b, 3);
    struct band_fit f = {0};
    enum rk_status status;

    *ratio = 1.0;
    if (columns == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < b->n; i++) {
        double side = b->x[i] > cut;

        columns[i] = side;
        columns[b->n + i] = b->u[i];
        columns[2 * b->n + i] = side * (b->u[i] - (cut - b->centre) / b->scale);
    }
    status = fit(b, columns, 3, &f, error);
    if (status == RK_OK && f.fit != NULL && f.errors == RK_OK) {
        size_t p = f.fit->p, j = f.first;
        double classical = f.fit->sigma * f.fit->sigma * f.fit->cov_unscaled[j * p + j];

        if (f.covariance.vcov[j * p + j] > classical)
            *ratio = f.covariance.vcov[j * p + j] / classical;
    }
    band_fit_free(&f);
    free(columns);
    return status;
}

/* Named as the claim is: the lowest value of the upper side for >=, the highest of the lower side
 * for >. */
static double cut_as_said(const struct band *b, const struct band_claim *claim, double cut)
{
    size_t k = 0;

    if (!claim->inclusive)
        return cut;
    while (k + 1 < b->n_distinct && b->distinct[k] <= cut)
        k++;
    return b->distinct[k];
}

/* Hansen's set: all cuts that are not much worse than the best one. */
static void locate(const struct band *b, struct band_judgement *j, struct band_contrast *c,
                   const double *cut, const double *rss, size_t m, size_t best, double ratio)
{
    double most = -2.0 * log1p(-sqrt(b->options->common.conf_level)) * ratio;
    double below = -INFINITY;

    for (size_t i = 0; i < b->n_distinct; i++) /* the last value on the lower side of the claim */
        if (!above(&j->claim, b->distinct[i]))
            below = b->distinct[i];
    c->estimate = cut_as_said(b, &j->claim, cut[best]);
    for (size_t k = 0; k < m; k++) {
        double said = cut_as_said(b, &j->claim, cut[k]);

        if (!((double)b->n * (rss[k] - rss[best]) / rss[best] <= most))
            continue;
        c->low = isnan(c->low) ? said : fmin(c->low, said);
        c->high = isnan(c->high) ? said : fmax(c->high, said);
    }
    below = cut_as_said(b, &j->claim, below);
    j->located = j->located && below >= c->low && below <= c->high;
}

static enum rk_status test_cuts(const struct band *b, struct cuts *cuts, struct rk_sup *sup,
                                struct rk_error *error)
{
    struct band_columns c;
    enum rk_status status = band_columns_new(b, 2 * cuts->m, fill_cuts, cuts, &c, error);

    if (status == RK_OK) {
        struct rk_sup_data data = {.n = b->n,
                                   .Z = c.Z,
                                   .q = c.q,
                                   .x = c.u,
                                   .y = c.y,
                                   .column = c.further,
                                   .m = cuts->m,
                                   .block = 2,
                                   .item = b->item,
                                   .n_items = b->n_items,
                                   .lost = band_lost(b),
                                   .df = b->model[BAND_LINEAR].fit.fit->df_residual - 2.0,
                                   .draws = band_test_draws(b),
                                   .label = b->label.bytes};

        status = rk_sup_test(&data, b->ctx, cuts->rss, sup);
        free(c.Z);
        if (status == RK_ENOMEM)
            rk_fail_memory(error);
    }
    return status;
}

static enum rk_status best_cut(const struct band *b, struct band_judgement *j,
                               struct rk_error *error)
{
    struct cuts cuts;
    struct band_contrast *c = add(j, "best-cut");
    struct rk_sup sup = {NAN, 0, NAN};
    double ratio = 1.0;
    enum rk_status status = candidates(b, cuts.at, &cuts.m);

    c->note = "which cut the data would choose; p allows for the choice";
    if (status != RK_OK)
        return rk_fail_memory(error);
    if (cuts.m < 2)
        return RK_OK;
    status = test_cuts(b, &cuts, &sup, error);
    if (rk_status_is_undefined(status))
        return RK_OK;
    if (status == RK_OK)
        status = inflation(b, cuts.at[sup.best], &ratio, error);
    c->p = sup.p_value;
    if (status == RK_OK)
        locate(b, j, c, cuts.at, cuts.rss, cuts.m, sup.best, ratio);
    return status;
}

enum rk_status band_open_claim(const struct band *b, struct band_judgement *j,
                               struct rk_error *error)
{
    enum rk_status status = difference(b, j, error);

    if (status == RK_OK)
        status = broken_lines(b, j, error);
    if (status == RK_OK)
        status = change(b, j, error);
    j->located = j->contrast[j->n - 1].p < 1.0 - b->options->common.conf_level;
    return status == RK_OK && j->testable ? best_cut(b, j, error) : status;
}
