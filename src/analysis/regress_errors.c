/* From a fit to its standard errors: clusters, neighbours in time, the wild bootstrap. */
#include <math.h>
#include <stdlib.h>

#include "regress_parts.h"

enum { DRAWS = 9999 };

/* --- clusters --------------------------------------------------------------------------------- */

/* The codes of a text column in the fitted rows. */
static enum rk_status gather_codes(const struct regression *r, const char *name, uint32_t **code,
                                   size_t *n_codes, struct rk_error *error)
{
    size_t column = 0;
    enum rk_status status = rk_column_index(r->table, name, RK_TEXT, &column, error);

    if (status != RK_OK)
        return status;
    *n_codes = rk_dict_size(r->table->column[column].dict);
    *code = malloc((r->fit->n + 1) * sizeof **code);
    if (*code == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < r->fit->n; i++)
        (*code)[i] = r->table->column[column].code[regress_row(r, i)];
    return RK_OK;
}

static enum rk_status find_largest(struct regression *r, struct rk_error *error)
{
    size_t *count = calloc(r->n_cluster_codes + 1, sizeof *count);

    if (count == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < r->fit->n; i++) {
        if (++count[r->cluster[i]] > r->largest_cluster)
            r->largest_cluster = count[r->cluster[i]];
    }
    free(count);
    if (r->options->moments != NULL)
        regress_moments_largest(r);
    return RK_OK;
}

static size_t codes_in_use(const uint32_t *code, size_t n_codes, size_t n)
{
    bool *used = calloc(n_codes + 1, sizeof *used);
    size_t count = 0;

    for (size_t i = 0; used != NULL && i < n; i++) {
        count += !used[code[i]];
        used[code[i]] = true;
    }
    free(used);
    return count;
}

static enum rk_status gather_second(struct regression *r, struct rk_error *error)
{
    size_t n = r->fit->n;
    enum rk_status status =
        gather_codes(r, r->second_name, &r->second_cluster, &r->n_second_codes, error);

    if (status == RK_OK && codes_in_use(r->second_cluster, r->n_second_codes, n) <
                               codes_in_use(r->cluster, r->n_cluster_codes, n))
        r->fewer_clusters = r->second_name;
    return status;
}

/* Whether the effect lies within the clusters of either kind. RK_OK or RK_ENOMEM. */
static enum rk_status is_nested(const struct regression *r, size_t effect, bool *nested)
{
    const uint32_t *code = r->within->effect[effect];
    size_t n_levels = r->within->n_levels[effect];
    enum rk_status status = rk_is_nested(code, n_levels, r->cluster, r->fit->n, nested);

    if (status == RK_OK && !*nested && r->second_cluster != NULL)
        status = rk_is_nested(code, n_levels, r->second_cluster, r->fit->n, nested);
    return status;
}

/* Degrees of freedom of the nested effects, and what the others span where that is to be used. */
static enum rk_status sort_effects(const struct regression *r, bool *nested, bool crossed,
                                   struct rk_clusters *clusters, double **basis)
{
    const struct rk_within *within = r->within;
    const uint32_t **code = malloc((within->n_effects + 1) * sizeof *code);
    size_t *n_levels = malloc((within->n_effects + 1) * sizeof *n_levels);
    struct rk_absorbed inner = {.n = within->n, .code = code, .n_levels = n_levels};
    enum rk_status status = code == NULL || n_levels == NULL ? RK_ENOMEM : RK_OK;

    for (size_t e = 0; e < within->n_effects && status == RK_OK; e++) {
        status = is_nested(r, e, &nested[e]);
        if (status == RK_OK && nested[e]) {
            code[inner.n_effects] = within->effect[e];
            n_levels[inner.n_effects++] = within->n_levels[e];
        }
    }
    if (status == RK_OK && inner.n_effects > 0)
        status = rk_absorb_df(&inner, &clusters->df_nested);
    if (status == RK_OK && crossed && inner.n_effects < within->n_effects)
        status = rk_within_crossed(within, nested, basis, &clusters->n_crossed);
    if (status == RK_EDOMAIN)
        status = RK_OK; /* too large: done without */
    clusters->crossed = *basis;
    free(code);
    free(n_levels);
    return status;
}

static enum rk_status gather_clusters(struct regression *r, struct rk_error *error)
{
    enum rk_status status =
        gather_codes(r, r->cluster_name, &r->cluster, &r->n_cluster_codes, error);

    if (status == RK_OK)
        status = find_largest(r, error);
    r->fewer_clusters = r->cluster_name;
    if (status == RK_OK && r->second_name != NULL)
        status = gather_second(r, error);
    return status;
}

/* Which rows belong together, the codes being gathered. The basis is the caller's to free(). */
static enum rk_status describe_clusters(const struct regression *r, struct rk_clusters *clusters,
                                        double **basis)
{
    bool crossed = r->second_name == NULL && r->method != RK_VCOV_CLUSTER, *nested;
    enum rk_status status;

    *clusters = (struct rk_clusters){.code = r->cluster,
                                     .n_codes = r->n_cluster_codes,
                                     .second = r->second_cluster,
                                     .n_second = r->n_second_codes};
    if (r->within == NULL)
        return RK_OK;
    nested = calloc(r->within->n_effects + 1, sizeof *nested);
    status = nested == NULL ? RK_ENOMEM : sort_effects(r, nested, crossed, clusters, basis);
    free(nested);
    return status;
}

/* --- neighbours in time ----------------------------------------------------------------------- */

struct place {
    uint32_t unit;
    int64_t period;
    size_t row;
};

static int by_unit_and_period(const void *a, const void *b)
{
    const struct place *x = a, *y = b;

    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    if (x->period != y->period)
        return x->period < y->period ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Two rows of one unit and period have no order. */
static enum rk_status refuse_twins(const struct regression *r, const struct place *place, size_t n,
                                   struct rk_error *error)
{
    for (size_t i = 1; i < n; i++) {
        if (place[i].unit != place[i - 1].unit || place[i].period != place[i - 1].period)
            continue;
        rk_fail(error, RK_EINPUT, "another row has the same %s%s%s", r->options->time,
                r->options->id != NULL ? " and " : "",
                r->options->id != NULL ? r->options->id : "");
        return rk_fail_at(error, r->table->name,
                          rk_table_line(r->table, regress_row(r, place[i].row)), r->options->time);
    }
    return RK_OK;
}

/* Rows by unit and period. Rows without either stay out, so `n` may be less than the fit's. */
static enum rk_status sort_places(struct regression *r, size_t id, size_t time, struct place *place,
                                  size_t *n, struct rk_error *error)
{
    *n = 0;
    for (size_t i = 0; i < r->fit->n; i++) {
        size_t row = regress_row(r, i);
        double period = r->table->column[time].number[row];
        uint32_t unit = id == SIZE_MAX ? 0 : r->table->column[id].code[row];

        r->unit[i] = unit;
        r->period[i] = isnan(period) ? 0 : (int64_t)period;
        if (!isnan(period) && unit != RK_NO_CODE)
            place[(*n)++] = (struct place){unit, r->period[i], i};
    }
    qsort(place, *n, sizeof *place, by_unit_and_period);
    for (size_t i = 0; i < *n; i++)
        r->order[i] = place[i].row;
    return r->method == RK_VCOV_HAC ? refuse_twins(r, place, *n, error) : RK_OK;
}

static enum rk_status gather_series(struct regression *r, struct rk_error *error)
{
    size_t id = SIZE_MAX, time = 0, n = 0;
    struct place *place;
    enum rk_status status = rk_column_index(r->table, r->options->time, RK_TIME, &time, error);

    if (status == RK_OK && r->options->id != NULL)
        status = rk_column_index(r->table, r->options->id, RK_TEXT, &id, error);
    if (status != RK_OK)
        return status;
    place = malloc((r->fit->n + 1) * sizeof *place);
    r->order = malloc((r->fit->n + 1) * sizeof *r->order);
    r->unit = malloc((r->fit->n + 1) * sizeof *r->unit);
    r->period = malloc((r->fit->n + 1) * sizeof *r->period);
    if (place == NULL || r->order == NULL || r->unit == NULL || r->period == NULL)
        status = rk_fail_memory(error);
    else
        status = sort_places(r, id, time, place, &n, error);
    r->n_ordered = n;
    free(place);
    return status;
}

/* --- the wild bootstrap ----------------------------------------------------------------------- */

static bool wants_wild(const struct regression *r)
{
    if (r->method == RK_VCOV_WILD)
        return true;
    if (r->glm != NULL)
        return false; /* its scores are not linear in the coefficients */
    return r->options->vcov == RK_VCOV_DEFAULT && r->method == RK_VCOV_CR2 &&
           r->covariance.n_clusters < RK_WILD_BELOW;
}

static enum rk_status bootstrap(struct regression *r, const struct rk_clusters *clusters,
                                struct rk_error *error)
{
    const struct rk_common *common = &r->options->common;
    struct rk_wild_plan plan = {.draws = common->resamples > 0 ? common->resamples : DRAWS,
                                .weights = r->options->wild_weights,
                                .label = r->label,
                                .conf_level = common->conf_level,
                                .alternative = common->alternative};
    enum rk_status status = rk_wild_new(r->fit, clusters, &plan, r->ctx, &r->wild, error);

    r->bootstrapped = status == RK_OK;
    if (status != RK_EDOMAIN)
        return status;
    r->wild_reason =
        "it would take too long with so many levels that are not nested in the clusters";
    return RK_OK;
}

/* --- all of it -------------------------------------------------------------------------------- */

const char *regress_vcov_name(const struct regression *r)
{
    if (r->mm != NULL)
        return "robust";
    if (r->method == RK_VCOV_PROFILE)
        return rk_vcov_name(RK_VCOV_PROFILE);
    if (r->bootstrapped && r->covariance.method == RK_VCOV_CR2)
        return "cr2+wild";
    if (r->bootstrapped && r->covariance.method == RK_VCOV_CLUSTER)
        return "cluster+wild";
    return rk_vcov_name(r->method == RK_VCOV_WILD && !r->bootstrapped ? RK_VCOV_CLUSTER
                                                                      : r->covariance.method);
}

/* What rk_covariance_new is told, the clusters and neighbours being gathered. The basis is the
 * caller's to free(). */
static enum rk_status make_plan(const struct regression *r, struct rk_covariance_plan *plan,
                                double **basis, struct rk_error *error)
{
    enum rk_status status = RK_OK;

    *plan = (struct rk_covariance_plan){
        .method = r->method == RK_VCOV_PROFILE ? RK_VCOV_CLASSICAL : r->method,
        .series = {
            .lag = r->options->hac_lag, .order = r->order, .unit = r->unit, .time = r->period}};
    if (r->cluster != NULL)
        status = describe_clusters(r, &plan->clusters, basis);
    return status == RK_OK ? RK_OK : rk_fail(error, status, "%s", rk_status_words(status));
}

enum rk_status regress_covariance(const struct regression *r, struct rk_fit *fit,
                                  struct rk_covariance *covariance, struct rk_error *error)
{
    struct rk_covariance_plan plan;
    double *basis = NULL;
    enum rk_status status = make_plan(r, &plan, &basis, error);

    if (status == RK_OK)
        status = rk_covariance_new(fit, &plan, r->ctx, covariance, error);
    free(basis);
    return status;
}

enum rk_status regress_errors(struct regression *r, struct rk_error *error)
{
    struct rk_covariance_plan plan;
    double *basis = NULL;
    enum rk_status status = RK_OK;

    if (r->cluster_name != NULL)
        status = gather_clusters(r, error);
    if (status == RK_OK && r->options->time != NULL)
        status = gather_series(r, error);
    if (status == RK_OK)
        status = make_plan(r, &plan, &basis, error);
    if (status == RK_OK)
        status = rk_covariance_new(r->fit, &plan, r->ctx, &r->covariance, error);
    if (status == RK_OK && wants_wild(r))
        status = bootstrap(r, &plan.clusters, error);
    free(basis);
    r->errors = RK_OK;
    if (rk_status_is_undefined(status)) {
        r->errors = status; /* the coefficients stand without their errors */
        status = RK_OK;
    }
    return status;
}
