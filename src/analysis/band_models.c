/* The five curves: their columns, their knots, their fit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "band_parts.h"
#include "repkit/quantile.h"

/* Knots are looked for between these quantiles of the activity. */
static const double first_place = 0.1, last_place = 0.9;
enum { MOST_NODES = 60, MOST_NUMBERS = 20000000, FEWEST_NODES = 8, ZOOMS = 6 };

static const struct {
    const char *name;
    size_t columns;  /* of the curve; the spline's depend on its knots */
    size_t distinct; /* values of the activity that it needs */
    bool has_knot;
} kinds[BAND_MODELS] = {
    [BAND_LINEAR] = {"linear", 1, 2, false},      [BAND_QUADRATIC] = {"quadratic", 2, 3, false},
    [BAND_THRESHOLD] = {"threshold", 2, 4, true}, [BAND_PLATEAU] = {"plateau", 1, 4, true},
    [BAND_SPLINE] = {"spline", 0, 4, false},
};

const char *band_model_name(int kind)
{
    return kinds[kind].name;
}

/* --- columns of a curve ---------------------------------------------------------------------- */

void band_curve_at(const struct band *b, const struct band_model *m, double x, double *out)
{
    double u = (x - b->centre) / b->scale, above = u - m->knot;

    out[0] = u;
    switch (m->kind) {
    case BAND_QUADRATIC:
        out[1] = u * u;
        break;
    case BAND_THRESHOLD:
        out[1] = fmax(above, 0.0);
        out[2] = above > 0.0 ? -1.0 : 0.0; /* times gamma = slope change x error of the knot */
        break;
    case BAND_PLATEAU:
        out[0] = fmin(u, m->knot);
        out[1] = above > 0.0 ? 1.0 : 0.0;
        break;
    case BAND_SPLINE:
        rk_rcs_basis(u, b->knot, b->n_knots, out + 1);
        break;
    default:
        break;
    }
}

double band_value(const struct band *b, const struct band_model *m, double x)
{
    double column[BAND_MOST_COLUMNS] = {0}, sum = 0.0;

    band_curve_at(b, m, x, column);
    for (size_t j = 0; j < m->r; j++)
        sum += m->coef[j] * column[j];
    return sum;
}

/* n-by-r columns of all rows; the caller's. */
static double *all_columns(const struct band *b, const struct band_model *m, size_t r)
{
    double *columns = malloc((b->n * r + 1) * sizeof *columns), at[BAND_MOST_COLUMNS] = {0};

    for (size_t i = 0; columns != NULL && i < b->n; i++) {
        band_curve_at(b, m, b->x[i], at);
        for (size_t j = 0; j < r; j++)
            columns[j * b->n + i] = at[j];
    }
    return columns;
}

/* --- where knots are looked for -------------------------------------------------------------- */

/* At most `most` of the distinct values from low to high (unscaled), evenly by rank. */
static enum rk_status place_nodes(struct band *b, double low, double high, size_t most)
{
    size_t first = 0, last = b->n_distinct, n;

    while (first < last && b->distinct[first] < low)
        first++;
    while (last > first && b->distinct[last - 1] > high)
        last--;
    n = last - first;
    b->thinned = n > most;
    b->m = n < most ? n : most;
    free(b->node);
    b->node = malloc((b->m + 1) * sizeof *b->node);
    if (b->node == NULL)
        return RK_ENOMEM;
    for (size_t j = 0; j < b->m; j++) {
        size_t at =
            n <= most ? j : (size_t)((double)j * (double)(n - 1) / (double)(most - 1) + 0.5);

        b->node[j] = (b->distinct[first + at] - b->centre) / b->scale;
    }
    return RK_OK;
}

static size_t most_nodes(const struct band *b)
{
    size_t fit = MOST_NUMBERS / b->n;

    return fit < FEWEST_NODES ? FEWEST_NODES : fit < MOST_NODES ? fit : MOST_NODES;
}

/* u^2, the spline's columns, then a segment for each node. */
static void fill_curves(const struct band *b, const void *data, size_t row, double *out)
{
    size_t s = *(const size_t *)data;
    double u = b->u[row];

    out[0] = u * u;
    if (s > 1)
        rk_rcs_basis(u, b->knot, b->n_knots, out + 1);
    for (size_t j = 0; j < b->m; j++)
        out[s + j] = fmax(u - b->node[j], 0.0);
}

static enum rk_status sum_up(struct band *b, bool by_item, struct rk_curve_sums **sums,
                             struct rk_error *error)
{
    size_t s = b->n_knots >= 3 ? b->n_knots - 1 : 1;
    struct band_columns c;
    enum rk_status status = band_columns_new(b, s + b->m, fill_curves, &s, &c, error);

    if (status == RK_OK) {
        struct rk_curve_data data = {.n = b->n,
                                     .Z = c.Z,
                                     .q = c.q,
                                     .x = c.u,
                                     .extra = c.further,
                                     .s = s,
                                     .y = c.y,
                                     .node = b->node,
                                     .segment = c.further + s * b->n,
                                     .m = b->m,
                                     .item = by_item ? b->item : NULL,
                                     .n_items = b->n_items};

        if (rk_curve_sums_new(&data, sums) != RK_OK)
            status = rk_fail_memory(error);
        free(c.Z);
    }
    return status;
}

/* The best knot; where the nodes leave out values of the activity, among those near the best. */
static enum rk_status find_knot(struct band *b, struct band_model *m, struct rk_error *error)
{
    enum rk_knot_kind kind = m->kind == BAND_PLATEAU ? RK_KNOT_PLATEAU : RK_KNOT_KINK;
    size_t n_nodes = b->m;
    double *nodes = b->node;
    bool thinned = b->thinned;
    struct rk_knot knot;
    enum rk_status status = rk_curve_knot(b->sums, NULL, kind, &knot);

    if (status != RK_OK)
        return status;
    m->knot = knot.at;
    m->edge = knot.edge;
    b->node = NULL;
    for (int zoom = 0; zoom < ZOOMS && status == RK_OK && thinned; zoom++) {
        const double *from = b->node != NULL ? b->node : nodes;
        size_t last = b->m - 1;
        double low = from[knot.near > 0 ? knot.near - 1 : 0] - 1e-9; /* nodes are scaled */
        double high = from[knot.near + 2 < last ? knot.near + 2 : last] + 1e-9;
        struct rk_curve_sums *sums = NULL;

        status =
            place_nodes(b, low * b->scale + b->centre, high * b->scale + b->centre, most_nodes(b));
        if (status == RK_OK && b->m >= 2)
            status = sum_up(b, false, &sums, error);
        if (status == RK_OK && sums != NULL)
            status = rk_curve_knot(sums, NULL, kind, &knot);
        rk_curve_sums_free(sums);
        if (status == RK_OK)
            m->knot = knot.at;
        if (!b->thinned || b->m < 2)
            break;
    }
    free(b->node);
    b->node = nodes;
    b->m = n_nodes;
    b->thinned = thinned;
    return status;
}

/* --- fitting --------------------------------------------------------------------------------- */

/* AICc and BIC, the knot counted as a parameter. */
static void judge_fit(struct band_model *m)
{
    const struct rk_fit *f = m->fit.fit;
    double n = (double)f->nobs, extra = kinds[m->kind].has_knot ? 1.0 : 0.0;
    double k = (double)(f->rank + f->df_absorbed) + 1.0 + extra;

    m->bic = f->bic + log(n) * extra;
    m->aicc = n > k + 1.0 ? f->aic + 2.0 * extra + 2.0 * k * (k + 1.0) / (n - k - 1.0) : NAN;
    if (!isfinite(f->aic))
        m->aicc = m->bic = NAN;
}

static const char *dropped(const struct band_model *m)
{
    for (size_t j = 0; j < m->r; j++)
        if (isnan(m->fit.fit->coef[m->fit.first + j]))
            return "the activity varies too little to tell this shape";
    return NULL;
}

/* The same regression with the column that carries the knot's error, where there is room for it. */
static enum rk_status fit_working(const struct band *b, struct band_model *m,
                                  struct rk_error *error)
{
    double *columns = all_columns(b, m, m->r + 1);
    struct band_fit fit = {0};
    struct rk_error ignored = {0};
    enum rk_status status;

    if (columns == NULL)
        return rk_fail_memory(error);
    status = band_fit_new(b, columns, m->r + 1, NULL, 0, &fit, &ignored);
    m->working = fit;
    free(columns);
    for (size_t j = 0; status == RK_OK && j <= m->r; j++) {
        if (isnan(m->working.fit->coef[m->working.first + j])) {
            band_fit_free(&m->working);
            break;
        }
    }
    if (rk_status_is_undefined(status))
        return RK_OK;
    if (status != RK_OK && error != NULL)
        *error = ignored;
    return status;
}

static enum rk_status fit_model(struct band *b, struct band_model *m, struct rk_error *error)
{
    struct band_fit fit = {0};
    double *columns;
    enum rk_status status = RK_OK;

    if (kinds[m->kind].has_knot)
        status = b->sums != NULL ? find_knot(b, m, error) : RK_ETOOFEW;
    if (status == RK_ETOOFEW || status == RK_ESINGULAR) {
        m->problem = "too few distinct values of the activity";
        return RK_OK;
    }
    if (status != RK_OK)
        return status;
    columns = all_columns(b, m, m->r);
    if (columns == NULL)
        return rk_fail_memory(error);
    status = band_fit_new(b, columns, m->r, NULL, 0, &fit, error);
    m->fit = fit;
    free(columns);
    if (rk_status_is_undefined(status) && m->kind != BAND_LINEAR) {
        m->problem = rk_status_words(status);
        return RK_OK;
    }
    if (status != RK_OK)
        return status;
    m->problem = dropped(m);
    for (size_t j = 0; j < m->r; j++)
        m->coef[j] = m->fit.fit->coef[m->fit.first + j];
    if (m->problem != NULL && m->kind == BAND_LINEAR)
        return rk_fail(error, RK_ECONSTANT, "%s has no variation of its own", b->activity.bytes);
    if (m->fit.fit->errors == RK_ECONSTANT)
        return rk_fail(error, RK_ECONSTANT, "%s does not vary%s", b->response.bytes,
                       b->n_effects > 0 ? " within the fixed effect" : "");
    if (m->problem != NULL)
        return RK_OK;
    judge_fit(m);
    if (kinds[m->kind].has_knot && m->fit.errors == RK_OK)
        status = fit_working(b, m, error);
    return status;
}

/* Whether a curve leaves nothing: then there is nothing to weigh either. */
static bool is_perfect(const struct band_model *m)
{
    return m->problem == NULL && m->fit.fit->errors == RK_EPERFECT;
}

/* Akaike's weights, and the model that has the most. */
static void weigh(struct band *b)
{
    double least = INFINITY, sum = 0.0;

    for (int k = 0; k < BAND_MODELS; k++)
        if (is_perfect(&b->model[k]))
            return;
    for (int k = 0; k < BAND_MODELS; k++) {
        if (b->model[k].problem == NULL && b->model[k].aicc < least) {
            least = b->model[k].aicc;
            b->best = k;
        }
    }
    for (int k = 0; k < BAND_MODELS; k++) {
        struct band_model *m = &b->model[k];

        m->weight = m->problem == NULL ? exp(-0.5 * (m->aicc - least)) : NAN;
        if (isfinite(m->weight))
            sum += m->weight;
    }
    for (int k = 0; k < BAND_MODELS; k++)
        b->model[k].weight /= sum;
}

static enum rk_status prepare(struct band *b, struct rk_error *error)
{
    size_t wanted = b->n < 30 ? 3 : b->options->knots;
    enum rk_status status = rk_rcs_knots(b->u, b->n, wanted, b->knot, &b->n_knots);
    double places[] = {first_place, last_place}, at[2];

    if (status == RK_OK)
        status = rk_quantiles_of(b->x, b->n, places, 2, 7, at);
    if (status == RK_OK)
        status = place_nodes(b, at[0], at[1], most_nodes(b));
    if (status != RK_OK)
        return rk_fail_memory(error);
    return sum_up(b, true, &b->sums, error);
}

enum rk_status band_models(struct band *b, struct rk_error *error)
{
    enum rk_status status = prepare(b, error);

    for (int k = 0; k < BAND_MODELS && status == RK_OK; k++) {
        struct band_model *m = &b->model[k];

        *m = (struct band_model){.kind = k, .knot = NAN, .aicc = NAN, .bic = NAN, .weight = NAN};
        m->optimum = m->low = m->high = m->band_low = m->band_high = m->gain = m->p = NAN;
        m->r = k == BAND_SPLINE ? b->n_knots - 1 : kinds[k].columns;
        if (b->n_distinct < kinds[k].distinct || (k == BAND_SPLINE && b->n_knots < 3))
            m->problem = "too few distinct values of the activity";
        else if (k > BAND_LINEAR && is_perfect(&b->model[BAND_LINEAR]))
            m->problem = "a straight line fits perfectly";
        else
            status = fit_model(b, m, error);
        if (status == RK_OK && m->problem == NULL)
            status = band_optimum(b, m, error);
        if (status == RK_OK && m->problem == NULL)
            band_shape(b, m);
        if (status == RK_OK)
            status = rk_cancelled(b->ctx);
    }
    if (status == RK_OK)
        weigh(b);
    return status;
}
