/* rep-regress with another family than gaussian: what the options must say, the rows, the fit, and
 * what is to be known of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"
#include "repkit/distributions.h"
#include "repkit/parallel.h"

static const double OVERDISPERSED = 1.5;

/* --- what the options ask for --------------------------------------------------------------- */

enum rk_status regress_glm_check(const struct rk_regress_options *options, struct rk_error *error)
{
    const struct rk_names *effects = &options->formula->fixed_effects;
    bool log_link = options->family == RK_FAMILY_POISSON || options->family == RK_FAMILY_NEGBIN;

    if (options->exposure != NULL && !log_link)
        return rk_fail(error, RK_EUSAGE,
                       "--exposure is for counts: --family poisson or --family negbin");
    if (options->offset != NULL && options->family == RK_FAMILY_GAUSSIAN)
        return rk_fail(error, RK_EUSAGE,
                       "--offset is for --family binomial, poisson or negbin: with gaussian "
                       "subtract it from the outcome");
    if (effects->n > 0 &&
        (options->family == RK_FAMILY_BINOMIAL || options->family == RK_FAMILY_NEGBIN))
        return rk_fail(error, RK_EUSAGE,
                       options->family == RK_FAMILY_BINOMIAL
                           ? "--family binomial: effects after | are refused, as a logit with one "
                             "for each %s is biased where a %s has few rows; with many rows each "
                             "write factor(%s), else take --family gaussian"
                           : "--family negbin: effects after | are refused, as theta is biased by "
                             "one for each %s where a %s has few rows; with many rows each write "
                             "factor(%s), else take --family poisson",
                       effects->name[0], effects->name[0], effects->name[0]);
    return RK_OK;
}

enum rk_status regress_glm_wants(const struct rk_regress_options *options, struct rk_wants *wants)
{
    const struct rk_node *response = options->formula->response;
    enum rk_status status = RK_OK;

    /* The outcome of a logit may be a column of two texts. */
    for (size_t i = 0; i < wants->n && options->family == RK_FAMILY_BINOMIAL; i++) {
        if (response->kind == RK_NODE_NAME && wants->want[i].role == RK_AS_NUMBER &&
            strcmp(wants->want[i].name, response->text) == 0)
            wants->want[i].role = RK_AS_FOUND;
    }
    if (options->offset != NULL)
        status = rk_wants_add(wants, options->offset, RK_AS_NUMBER);
    if (status == RK_OK && options->exposure != NULL)
        status = rk_wants_add(wants, options->exposure, RK_AS_NUMBER);
    return status;
}

/* --- rows ----------------------------------------------------------------------------------- */

static enum rk_status refuse_cell(const struct regression *r, size_t row, const char *column,
                                  const char *why, struct rk_error *error)
{
    rk_fail(error, RK_EINPUT, "%s", why);
    return rk_fail_at(error, r->table->name, rk_table_line(r->table, row), column);
}

/* Leaves out the rows where the column is missing or, of an exposure, 0. */
static enum rk_status take_present(struct regression *r, const char *name, bool positive,
                                   struct rk_error *error)
{
    size_t column = 0, n = 0, before = r->table->n_rows, *rows;
    enum rk_status status = rk_column_index(r->table, name, RK_NUMBER, &column, error);

    if (status != RK_OK)
        return status;
    rows = malloc((before + 1) * sizeof *rows);
    if (rows == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < before && status == RK_OK; i++) {
        double value = r->table->column[column].number[i];

        if (isnan(value) && r->options->common.missing == RK_MISSING_ERROR)
            status = refuse_cell(r, i, name, "the value is missing (--missing error)", error);
        else if (positive && value < 0.0)
            status = refuse_cell(r, i, name, "an exposure is negative", error);
        else if (positive ? value > 0.0 : !isnan(value))
            rows[n++] = i;
    }
    if (status == RK_OK && n < before) {
        r->n_unexposed += before - n;
        status = regress_own_rows(r, rows, n, error);
    }
    free(rows);
    return status;
}

/* Text of two levels becomes 0 and 1, in the order that all tools give two levels. */
static enum rk_status number_levels(struct regression *r, size_t column, struct rk_error *error)
{
    struct rk_column *cells = &r->own_table->column[column];
    uint32_t *order = NULL;
    size_t n = 0;
    enum rk_status status = rk_level_order(r->table, column, &order, &n);

    if (status != RK_OK)
        return rk_fail_memory(error);
    if (n < 2)
        status = rk_fail(error, RK_ECONSTANT, "the outcome is the same in every row");
    if (n > 2) {
        status = rk_fail(error, RK_EINPUT, "%zu different texts: binomial has two outcomes", n);
        rk_fail_at(error, r->table->name, 0, cells->name);
    }
    cells->number = status == RK_OK ? malloc((r->table->n_rows + 1) * sizeof(double)) : NULL;
    if (status == RK_OK && cells->number == NULL)
        status = rk_fail_memory(error);
    for (size_t i = 0; status == RK_OK && i < r->table->n_rows; i++)
        cells->number[i] = cells->code[i] == RK_NO_CODE ? NAN : cells->code[i] == order[1];
    if (status == RK_OK) {
        cells->type = RK_NUMBER;
        r->success = rk_dict_label(cells->dict, order[1]);
    }
    free(order);
    return status;
}

static enum rk_status take_outcome(struct regression *r, struct rk_error *error)
{
    const struct rk_node *response = r->options->formula->response;
    size_t column, *rows;
    enum rk_status status;

    if (r->options->family != RK_FAMILY_BINOMIAL || response->kind != RK_NODE_NAME)
        return RK_OK;
    column = rk_table_find(r->table, response->text);
    if (column == SIZE_MAX || r->table->column[column].type != RK_TEXT)
        return RK_OK;
    rows = malloc((r->table->n_rows + 1) * sizeof *rows);
    if (rows == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < r->table->n_rows; i++)
        rows[i] = i;
    status = regress_own_rows(r, rows, r->table->n_rows, error);
    free(rows);
    return status == RK_OK ? number_levels(r, column, error) : status;
}

enum rk_status regress_glm_rows(struct regression *r, struct rk_error *error)
{
    enum rk_status status = RK_OK;

    if (r->options->offset != NULL)
        status = take_present(r, r->options->offset, false, error);
    if (status == RK_OK && r->options->exposure != NULL)
        status = take_present(r, r->options->exposure, true, error);
    /* Last, as r->success stands in the table that is ours then. */
    return status == RK_OK ? take_outcome(r, error) : status;
}

/* --- the fit -------------------------------------------------------------------------------- */

static const char *refusal(const struct regression *r, double y, double w)
{
    switch (r->options->family) {
    case RK_FAMILY_BINOMIAL:
        if (y < 0.0 || y > 1.0)
            return "binomial takes 0 and 1, shares from 0 to 1, or a column of two texts";
        if (fabs(w * y - round(w * y)) > 1e-3)
            return "a share needs -w with the number of trials behind it";
        return NULL;
    case RK_FAMILY_NEGBIN:
        if (y < 0.0 || y != round(y))
            return "negbin takes counts, whole and not negative: poisson takes any amount";
        return NULL;
    default:
        return y < 0.0 ? "poisson takes outcomes that are not negative" : NULL;
    }
}

static enum rk_status check_outcomes(const struct regression *r, struct rk_error *error)
{
    for (size_t i = 0; i < r->frame->n; i++) {
        const char *why = refusal(r, r->frame->y[i], r->weights != NULL ? r->weights[i] : 1.0);

        if (why != NULL) {
            struct rk_text response = {0};

            if (regress_response(r, &response) == RK_OK)
                refuse_cell(r, r->frame->row[i], response.bytes, why, error);
            else
                rk_fail_memory(error);
            rk_text_free(&response);
            return error != NULL ? error->status : RK_EINPUT;
        }
    }
    return RK_OK;
}

static enum rk_status gather_offset(struct regression *r, struct rk_error *error)
{
    size_t offset = 0, exposure = 0;
    enum rk_status status = RK_OK;

    if (r->options->offset != NULL)
        status = rk_column_index(r->table, r->options->offset, RK_NUMBER, &offset, error);
    if (status == RK_OK && r->options->exposure != NULL)
        status = rk_column_index(r->table, r->options->exposure, RK_NUMBER, &exposure, error);
    if (status != RK_OK)
        return status;
    r->offset = calloc(r->frame->n + 1, sizeof *r->offset);
    if (r->offset == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < r->frame->n; i++) {
        if (r->options->offset != NULL)
            r->offset[i] += r->table->column[offset].number[r->frame->row[i]];
        if (r->options->exposure != NULL)
            r->offset[i] += log(r->table->column[exposure].number[r->frame->row[i]]);
    }
    return RK_OK;
}

/* Columns' profiles, which several threads work on. */
struct profiling {
    struct regression *r;
    struct rk_ctx ctx; /* of one thread */
    double level;
};

static enum rk_status profile_column(void *data, size_t block, size_t first, size_t last)
{
    struct profiling *work = data;
    struct regression *r = work->r;
    struct rk_profile *profile = &r->profile[first];
    enum rk_status status = RK_OK;

    (void)block, (void)last;
    *profile = (struct rk_profile){NAN, NAN, NAN};
    if (isnan(r->fit->coef[first]))
        return RK_OK;
    status = (r->firth ? rk_firth_profile : rk_glm_profile)(r->glm, first, work->level, &work->ctx,
                                                            profile, NULL);
    /* Where limits lie beyond all bounds, or a column is alone: NA. */
    return rk_status_is_undefined(status) || status == RK_EDOMAIN ? RK_OK : status;
}

static enum rk_status take_profiles(struct regression *r, struct rk_error *error)
{
    const struct rk_common *common = &r->options->common;
    struct profiling work = {.r = r, .ctx = RK_CTX_DEFAULT};
    enum rk_status status;

    work.level =
        common->alternative == RK_TWO_SIDED ? common->conf_level : 2.0 * common->conf_level - 1.0;
    if (r->ctx != NULL) {
        work.ctx = *r->ctx;
        work.ctx.threads = 1;
    }
    if (!(work.level > 0.0))
        return RK_OK;
    r->profile = calloc(r->glm->p + 1, sizeof *r->profile);
    if (r->profile == NULL)
        return rk_fail_memory(error);
    status = rk_parallel_blocks(r->ctx, r->glm->p, 1, profile_column, &work);
    return status == RK_OK ? RK_OK : rk_fail(error, status, "%s", rk_status_words(status));
}

/* The penalised likelihood, with profiles where errors are the likelihood's own. */
static enum rk_status take_firth(struct regression *r, struct rk_error *error)
{
    enum rk_status status = rk_firth(r->glm, r->ctx, error);

    r->firth = true;
    r->fit = r->glm->fit;
    if (status != RK_OK || (r->method != RK_VCOV_CLASSICAL && r->method != RK_VCOV_PROFILE))
        return status;
    return take_profiles(r, error);
}

enum rk_status regress_glm_fit(struct regression *r, struct rk_error *error)
{
    struct rk_glm_design design = {.family = (enum rk_family)r->options->family,
                                   .rows = r->design,
                                   .effect = (const uint32_t *const *)r->frame->effect,
                                   .n_levels = r->frame->n_levels,
                                   .n_effects = r->frame->n_effects};
    enum rk_status status = check_outcomes(r, error);

    if (status == RK_OK && (r->options->offset != NULL || r->options->exposure != NULL))
        status = gather_offset(r, error);
    design.offset = r->offset;
    if (status == RK_OK)
        status = rk_glm_new(&design, r->ctx, &r->glm, error);
    if (status != RK_OK)
        return status;
    r->fit = r->glm->fit;
    r->within = r->glm->within;
    if (r->glm->separated)
        return take_firth(r, error);
    if (r->method != RK_VCOV_PROFILE)
        return RK_OK;
    if (isnan(r->glm->log_lik))
        return rk_fail(error, RK_EINPUT,
                       "--vcov profile: amounts that are not whole have no likelihood, take hc3");
    return take_profiles(r, error);
}

void regress_glm_free(struct regression *r)
{
    rk_glm_free(r->glm);
    free(r->offset);
    free(r->profile);
}

void regress_glm_estimate(const struct regression *r, size_t column, struct estimate *e)
{
    const struct rk_profile *profile = &r->profile[column];
    int alternative = r->options->common.alternative;

    e->statistic = profile->statistic;
    e->p_value = rk_p_from_z(e->statistic, alternative);
    e->conf_low = alternative == RK_LESS ? NAN : profile->conf_low;
    e->conf_high = alternative == RK_GREATER ? NAN : profile->conf_high;
}

double regress_glm_scale(const struct rk_glm *glm)
{
    return glm->df_residual > 0.0 ? sqrt(fmax(1.0, glm->pearson / glm->df_residual)) : 1.0;
}

enum rk_status regress_glm_within_slopes(const struct regression *r, double *coef,
                                         double *std_error)
{
    const struct rk_glm *glm = r->glm;
    size_t first = glm->has_intercept ? 1 : 0;
    const uint32_t *effect[] = {r->cluster};
    struct rk_glm_design design = {.family = RK_FAMILY_POISSON,
                                   .rows = {.n = glm->n,
                                            .p = glm->p - first,
                                            .y = glm->y,
                                            .X = glm->X + first * glm->n,
                                            .weights = glm->weights},
                                   .offset = glm->offset,
                                   .effect = effect,
                                   .n_levels = &r->n_cluster_codes,
                                   .n_effects = 1};
    struct rk_glm *within = NULL;
    enum rk_status status = RK_OK;

    for (size_t j = 0; j < glm->p; j++)
        coef[j] = std_error[j] = NAN;
    if (glm->family != RK_FAMILY_BINOMIAL)
        status = rk_glm_new(&design, r->ctx, &within, NULL);
    for (size_t j = first; within != NULL && j < glm->p; j++) {
        size_t k = j - first;

        coef[j] = within->fit->coef[k];
        std_error[j] =
            regress_glm_scale(within) * sqrt(within->fit->cov_unscaled[k * within->p + k]);
    }
    rk_glm_free(within);
    return rk_status_is_undefined(status) ? RK_OK : status;
}

/* --- warnings ------------------------------------------------------------------------------- */

/* Whether the column alone tells the outcomes apart, but for ties at one value. */
static bool separates_alone(const struct rk_glm *glm, size_t column)
{
    const double *x = glm->X + column * glm->n;
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};

    for (size_t i = 0; i < glm->n; i++) {
        for (int outcome = 0; outcome < 2; outcome++) {
            if (outcome == 1 ? glm->y[i] <= 0.0 : glm->y[i] >= 1.0)
                continue;
            low[outcome] = fmin(low[outcome], x[i]);
            high[outcome] = fmax(high[outcome], x[i]);
        }
    }
    return low[0] < high[1] && low[1] < high[0] ? false : low[0] != high[1] || low[1] != high[0];
}

static void warn_firth(const struct regression *r, struct rk_result *result)
{
    struct rk_text list = {0};

    for (size_t j = 0; j < r->glm->p; j++) {
        if (regress_is_intercept(r, j) || isnan(r->fit->coef[j]) || !separates_alone(r->glm, j))
            continue;
        rk_text_format(&list, "%s%s", list.length > 0 ? ", " : "", r->frame->name[j]);
    }
    if (list.failed)
        result->status = RK_ENOMEM;
    else if (list.length > 0)
        rk_warn(result, RK_WARN_SEPARATION,
                "In some rows the outcome can be told from %s alone, so the estimates are Firth's "
                "(penalised likelihood)",
                list.bytes);
    else
        rk_warn(result, RK_WARN_SEPARATION,
                "The terms together tell the outcome in some rows, so the estimates are Firth's "
                "(penalised likelihood)");
    rk_text_free(&list);
}

void regress_glm_warn(const struct regression *r, struct rk_result *result)
{
    double statistic, df, p, ratio;

    if (r->n_unexposed > 0)
        rk_warn(result, RK_WARN_DROPPED, "Rows left out where %s is missing%s: %zu of %zu",
                r->options->exposure != NULL ? r->options->exposure : r->options->offset,
                r->options->exposure != NULL ? " or 0" : "", r->n_unexposed, r->n_rows);
    if (r->glm->n_zero > 0)
        rk_warn(result, RK_WARN_DROPPED,
                "Rows left out because the outcome is always 0 in their level of the fixed "
                "effect: %zu of %zu",
                r->glm->n_zero, r->n_rows);
    if (r->glm->n_separated > 0)
        rk_warn(result, RK_WARN_SEPARATION,
                "Rows left out because the terms tell that the outcome is 0 there: %zu of %zu",
                r->glm->n_separated, r->n_rows);
    if (r->firth)
        warn_firth(r, result);
    if (r->covariance.method == RK_VCOV_CLASSICAL && r->errors == RK_OK &&
        rk_overdispersion_test(r->glm, &statistic, &df, &p, &ratio) == RK_OK &&
        ratio > OVERDISPERSED)
        rk_warn(result, RK_WARN_OVERDISPERSION,
                "The outcome varies %.3g times as much as %s allows", ratio,
                rk_family_name(r->glm->family));
}
