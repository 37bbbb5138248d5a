/* Doubts that data and formula raise about a linear regression: a heavy tail, neighbours that
 * resemble each other, an outcome that comes first, controls that are results, many tests. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"
#include "repkit/distributions.h"
#include "repkit/shape.h"

static const double MANY_ZEROS = 0.2, SKEWED = 2.0, LARGE_SHARE = 0.2;
static const double LEAST_SERIAL = 0.1;
static const double SUSPICIOUS_T = 2.0;
enum { MOST_LEADS = 10, MOST_LEAD_ROWS = 200000, FEWEST_LED = 20 };

/* --- the outcome ------------------------------------------------------------------------------ */

/* The response of rows that are here. */
static struct rk_response_shape shape_of(const struct regression *r, double *skewness)
{
    const double *y = r->frame->y;
    size_t n = r->frame->n;
    struct rk_moments moments = rk_moments_of(y, n);
    struct rk_response_shape shape = {.n = (double)n, .min = moments.min};
    double kurtosis;

    for (size_t i = 0; i < n; i++) {
        shape.n_zeros += y[i] == 0.0;
        shape.total += fabs(y[i]);
        shape.largest = fmax(shape.largest, fabs(y[i]));
    }
    rk_skewness_kurtosis(y, n, &moments, skewness, &kurtosis);
    return shape;
}

/* As rk_skewness_kurtosis has it. */
static double skewness_of(const struct rk_response_shape *s)
{
    return s->n < 3.0 || !(s->m2 > 0.0)
               ? NAN
               : sqrt(s->n * (s->n - 1.0)) / (s->n - 2.0) * (s->m3 / s->n) / pow(s->m2 / s->n, 1.5);
}

/* W07: many zeros, a long tail, or one row that is much of the total. */
static enum rk_status warn_heavy_tail(const struct regression *r, struct rk_result *result)
{
    struct rk_response_shape y;
    double skewness = NAN;
    struct rk_text response = {0};

    if (r->options->stream != NULL) {
        y = r->options->stream->response;
        skewness = skewness_of(&y);
    } else {
        y = shape_of(r, &skewness);
    }
    if (regress_response(r, &response) != RK_OK) {
        rk_text_free(&response);
        return RK_ENOMEM;
    }
    if (y.n_zeros > MANY_ZEROS * y.n)
        rk_warn(result, RK_WARN_HEAVY_TAIL, "%s is 0 in %.0f%% of the rows%s", response.bytes,
                100.0 * y.n_zeros / y.n,
                y.min < 0.0 ? "" : " (--family poisson suits amounts that can be 0)");
    else if (y.n > FEWEST_LED && y.total > 0.0 && y.largest > LARGE_SHARE * y.total)
        rk_warn(result, RK_WARN_HEAVY_TAIL, "One row has %.0f%% of all %s",
                100.0 * y.largest / y.total, response.bytes);
    else if (y.n > FEWEST_LED && skewness > SKEWED)
        rk_warn(result, RK_WARN_HEAVY_TAIL, "%s is skewed (skewness %.1f)", response.bytes,
                skewness);
    rk_text_free(&response);
    return RK_OK;
}

/* --- neighbours ------------------------------------------------------------------------------- */

/* Whether the row before in r->order is that of the period before, in the same unit. */
static bool follows(const struct regression *r, size_t k)
{
    size_t row = r->order[k], before = r->order[k - 1];

    return r->unit[row] == r->unit[before] && r->period[row] == r->period[before] + 1;
}

/* W06: errors that take rows as independent, though residuals of neighbours are alike. */
static void warn_autocorrelation(const struct regression *r, struct rk_result *result)
{
    const double *e = r->fit->residual;
    double products = 0.0, squares = 0.0, serial;
    size_t n = 0;

    if (rk_vcov_is_clustered(r->method) || r->method == RK_VCOV_HAC)
        return;
    for (size_t k = 1; k < r->n_ordered; k++) {
        if (!follows(r, k))
            continue;
        products += e[r->order[k]] * e[r->order[k - 1]];
        squares +=
            0.5 * (e[r->order[k]] * e[r->order[k]] + e[r->order[k - 1]] * e[r->order[k - 1]]);
        n++;
    }
    serial = squares > 0.0 ? products / squares : 0.0;
    if (n > 2 && fabs(serial) > fmax(LEAST_SERIAL, 2.0 / sqrt((double)n)))
        rk_warn(result, RK_WARN_AUTOCORRELATION,
                "Residuals of one period correlate %.2f with those of the next, which %s errors "
                "do not allow for (--vcov hac%s)",
                serial, rk_vcov_name(r->method),
                r->options->id != NULL ? ", or --cluster by the unit" : "");
}

/* --- what comes first ------------------------------------------------------------------------- */

/* A regression with one more column: the next period's value of one of its own. */
struct led {
    size_t n, p;
    double *y, *X; /* n-by-p; the lead is the last */
    uint32_t *cluster, **effect;
    size_t n_effects;
    size_t *row; /* of the frame */
};

static void led_free(struct led *led)
{
    free(led->y);
    free(led->X);
    free(led->cluster);
    free(led->row);
    for (size_t e = 0; led->effect != NULL && e < led->n_effects; e++)
        free(led->effect[e]);
    free(led->effect);
}

static size_t frame_row(const struct regression *r, size_t i)
{
    return r->within != NULL ? r->within->row[i] : i;
}

static bool led_alloc(const struct regression *r, struct led *led)
{
    const struct rk_model_frame *frame = r->frame;

    led->p = frame->p + 1;
    led->y = malloc((led->n + 1) * sizeof *led->y);
    led->X = malloc((led->n * led->p + 1) * sizeof *led->X);
    led->cluster = malloc((led->n + 1) * sizeof *led->cluster);
    led->row = malloc((led->n + 1) * sizeof *led->row);
    led->effect = calloc(frame->n_effects + 1, sizeof *led->effect);
    if (led->y == NULL || led->X == NULL || led->cluster == NULL || led->row == NULL ||
        led->effect == NULL)
        return false;
    while (led->n_effects < frame->n_effects) {
        uint32_t *code = malloc((led->n + 1) * sizeof *code);

        led->effect[led->n_effects++] = code;
        if (code == NULL)
            return false;
    }
    return true;
}

/* The rows whose unit has a next period; their lead of column j is filled later. */
static bool led_new(const struct regression *r, struct led *led)
{
    const struct rk_model_frame *frame = r->frame;
    size_t kept = 0;

    *led = (struct led){0};
    for (size_t k = 1; k < r->n_ordered; k++)
        led->n += follows(r, k);
    if (!led_alloc(r, led)) {
        led_free(led);
        return false;
    }
    for (size_t k = 1; k < r->n_ordered; k++) {
        size_t i = r->order[k - 1], row = frame_row(r, i);

        if (!follows(r, k))
            continue;
        led->row[kept] = row;
        led->y[kept] = frame->y[row];
        for (size_t j = 0; j < frame->p; j++)
            led->X[j * led->n + kept] = frame->X[j * frame->n + row];
        for (size_t e = 0; e < led->n_effects; e++)
            led->effect[e][kept] = frame->effect[e][row];
        led->cluster[kept] = r->cluster != NULL ? r->cluster[i] : 0;
        kept++;
    }
    return true;
}

static void lead_column(const struct regression *r, const struct led *led, size_t j)
{
    const double *x = r->frame->X + j * r->frame->n;
    double *lead = led->X + (led->p - 1) * led->n;
    size_t kept = 0;

    for (size_t k = 1; k < r->n_ordered; k++) {
        if (follows(r, k))
            lead[kept++] = x[frame_row(r, r->order[k])];
    }
}

/* t of the lead; NaN where it cannot be had. RK_OK or RK_ENOMEM. */
static enum rk_status t_of_lead(const struct regression *r, const struct led *led, double *t)
{
    struct rk_design design = {.n = led->n,
                               .p = led->p,
                               .y = led->y,
                               .X = led->X,
                               .has_intercept = r->frame->has_intercept};
    struct rk_clusters clusters = {.n_codes = r->n_cluster_codes};
    struct rk_covariance covariance = {0};
    struct rk_within *within = NULL;
    struct rk_fit *fit = NULL;
    uint32_t *code = NULL;
    enum rk_status status = RK_OK;

    *t = NAN;
    if (led->n_effects > 0)
        status = rk_within_new(&design, (const uint32_t *const *)led->effect, r->frame->n_levels,
                               led->n_effects, &within, NULL);
    if (status == RK_OK && within != NULL)
        design = rk_within_design(within);
    code = malloc((design.n + 1) * sizeof *code);
    if (code == NULL)
        status = RK_ENOMEM;
    for (size_t i = 0; status == RK_OK && i < design.n; i++)
        code[i] = led->cluster[within != NULL ? within->row[i] : i];
    clusters.code = code;
    clusters.df_nested = design.df_absorbed; /* few parameters: their factor is near 1 */
    if (status == RK_OK)
        status = rk_fit_new(&design, r->ctx, &fit, NULL);
    if (status == RK_OK)
        status = rk_covariance_of(fit, r->cluster != NULL ? RK_VCOV_CR2 : RK_VCOV_HC1, &clusters,
                                  &covariance, NULL);
    if (status == RK_OK)
        *t = fit->coef[led->p - 1] / covariance.std_error[led->p - 1];
    rk_covariance_free(&covariance);
    rk_fit_free(fit);
    rk_within_free(within);
    free(code);
    return status == RK_ENOMEM ? RK_ENOMEM : RK_OK;
}

/* W04: what an activity will be next period goes with the outcome of this one. */
static enum rk_status warn_reverse(const struct regression *r, struct rk_result *result)
{
    size_t first = r->frame->has_intercept ? 1 : 0, tried = 0;
    enum rk_status status = RK_OK;
    struct led led;

    if (r->weights != NULL || r->fit->n > MOST_LEAD_ROWS)
        return RK_OK;
    if (!led_new(r, &led))
        return RK_ENOMEM;
    for (size_t j = first; led.n >= FEWEST_LED && j < r->frame->p && tried < MOST_LEADS; j++) {
        const struct rk_term *term = &r->options->formula->term[r->frame->term[j]];
        double t;

        if (term->n_variables != 1 || term->variable[0]->kind != RK_NODE_NAME ||
            isnan(r->fit->coef[j]) || regress_is_between(r, j))
            continue;
        tried++;
        lead_column(r, &led, j);
        status = t_of_lead(r, &led, &t);
        if (status != RK_OK)
            break;
        if (fabs(t) > SUSPICIOUS_T)
            rk_warn(result, RK_WARN_REVERSE_CAUSALITY,
                    "The next period's %s goes with this period's outcome (t = %.1f with all terms "
                    "held)",
                    r->frame->name[j], t);
    }
    led_free(&led);
    return status;
}

/* --- the formula ------------------------------------------------------------------------------ */

/* What work in sales leads to, rather than what it consists of. */
static const char *const results[] = {
    "pipeline", "win_rate", "winrate",  "close_rate", "closerate",  "conversion", "opportunit",
    "quote",    "proposal", "forecast", "deals_won",  "deals_lost", "deals_open", "satisfaction"};

static bool is_result(const char *name)
{
    char lower[128];
    size_t length = 0;

    for (; name[length] != '\0' && length + 1 < sizeof lower; length++)
        lower[length] = name[length] == ' ' || name[length] == '-'
                            ? '_'
                            : (char)tolower((unsigned char)name[length]);
    lower[length] = '\0';
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        if (strstr(lower, results[i]) != NULL)
            return true;
    }
    return false;
}

/* W13: a control that reads like a result, beside something else. */
static enum rk_status warn_bad_control(const struct regression *r, struct rk_result *result)
{
    const struct rk_formula *formula = r->options->formula;
    struct rk_names columns = {0};
    size_t n_results = 0, which = 0;
    enum rk_status status = RK_OK;

    for (size_t t = 0; t < formula->n_terms && status == RK_OK; t++) {
        for (size_t v = 0; v < formula->term[t].n_variables && status == RK_OK; v++)
            status = rk_node_columns(formula->term[t].variable[v], &columns);
    }
    for (size_t i = 0; i < columns.n && status == RK_OK; i++) {
        if (is_result(columns.name[i])) {
            which = i;
            n_results++;
        }
    }
    if (status == RK_OK && n_results > 0 && n_results < columns.n)
        rk_warn(result, RK_WARN_BAD_CONTROL, "%s reads like a result of the work it stands beside",
                columns.name[which]);
    rk_names_free(&columns);
    return status;
}

static double p_of(const struct regression *r, size_t column)
{
    double se = r->covariance.std_error[column];

    if (r->bootstrapped)
        return r->wild.p_value[column];
    return rk_p_from_t(r->fit->coef[column] / se, r->covariance.df[column],
                       r->options->common.alternative);
}

/* W05: some slope passes alone, none when they are counted. */
static void warn_multiple(const struct regression *r, struct rk_result *result)
{
    double alpha = 1.0 - r->options->common.conf_level, least = 1.0;
    size_t n = 0, passing = 0;

    for (size_t j = 0; j < r->fit->p; j++) {
        double p;

        if (regress_is_intercept(r, j) || isnan(r->fit->coef[j]) ||
            isnan(r->covariance.std_error[j]))
            continue;
        p = p_of(r, j);
        n++;
        passing += p < alpha;
        least = p < least ? p : least;
    }
    if (n > 1 && passing > 0 && least * (double)n >= alpha) /* Holm's first step */
        rk_warn(result, RK_WARN_MULTIPLE_TESTING,
                "Of %zu slopes %zu %s p below %.3g, but none once they are counted: the smallest, "
                "adjusted by Holm, is %.2g",
                n, passing, passing == 1 ? "has" : "have", alpha, fmin(1.0, least * (double)n));
}

enum rk_status regress_doubt(const struct regression *r, struct rk_result *result)
{
    enum rk_status status = RK_OK;

    if (r->glm == NULL && r->mm == NULL)
        status = warn_heavy_tail(r, result);
    if (status == RK_OK)
        status = warn_bad_control(r, result);
    if (status != RK_OK || r->errors != RK_OK || r->glm != NULL || r->mm != NULL)
        return status;
    warn_multiple(r, result);
    if (r->order == NULL || r->frame->X == NULL)
        return RK_OK;
    status = rk_fit_keep_rows(r->fit, r->ctx);
    if (status == RK_OK)
        warn_autocorrelation(r, result);
    return status == RK_OK && r->options->id != NULL ? warn_reverse(r, result) : status;
}
