/* What a customer costs and is worth. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kpi_parts.h"
#include "repkit/distributions.h"
#include "repkit/lifetime_value.h"
#include "repkit/sum.h"

static const double days_a_year = 365.25;

static double level_of(const struct kpi_slice *slice)
{
    return slice->data->options->common.conf_level;
}

/* --- CAC ------------------------------------------------------------------------------------ */

enum rk_status kpi_cac(const struct kpi_slice *slice, const char *definition,
                       struct kpi_estimate *e)
{
    double marketing = 0.0, sales = 0.0, cost, customers;
    bool costs = kpi_total(slice, RK_TOTAL_MARKETING_COST, &marketing);
    size_t n;

    (void)definition;
    e->unit = "money";
    costs = kpi_total(slice, RK_TOTAL_SALES_COST, &sales) || costs;
    cost = (isnan(marketing) ? 0.0 : marketing) + (isnan(sales) ? 0.0 : sales);
    e->formula = "(marketing_cost + sales_cost) / new_customers";
    if (!costs) {
        cost = kpi_sum_of(slice, RK_CRM_SPEND, &n);
        e->formula = "spend / new_customers";
        costs = kpi_has(slice, RK_CRM_SPEND);
    }
    if (!kpi_total(slice, RK_TOTAL_NEW_CUSTOMERS, &customers)) {
        kpi_slice_rows(slice, RK_CRM_CUSTOMERS, &n);
        customers = (double)n;
        costs = costs && kpi_has(slice, RK_CRM_CUSTOMERS);
    }
    if (!costs) {
        e->missing = "--spend and --customers";
        return RK_OK;
    }
    kpi_per_count(e, cost, customers, level_of(slice));
    return RK_OK;
}

/* --- CLV ------------------------------------------------------------------------------------ */

/* A number given as a total, or estimated from the files. */
static enum rk_status given_or(const struct kpi_slice *slice, int total,
                               enum rk_status (*compute)(const struct kpi_slice *, const char *,
                                                         struct kpi_estimate *),
                               struct kpi_estimate *e)
{
    *e = (struct kpi_estimate){.value = NAN, .std_error = NAN, .low = NAN, .high = NAN, .n = NAN};
    if (kpi_constant(slice, total, &e->value)) {
        e->std_error = 0.0;
        return RK_OK;
    }
    return compute(slice, "", e);
}

/* Orders a customer places in a year. */
static enum rk_status orders_a_year(const struct kpi_slice *slice, const char *definition,
                                    struct kpi_estimate *e)
{
    double years = (double)(slice->last - slice->first) / days_a_year;
    enum rk_status status = kpi_frequency(slice, definition, e);

    e->value /= years;
    e->std_error /= years;
    return status;
}

/* Years a customer stays, if all leave at one rate. */
static enum rk_status years_stayed(const struct kpi_slice *slice, const char *definition,
                                   struct kpi_estimate *e)
{
    double rate, low, high, lost, years;

    (void)definition;
    if (!kpi_has(slice, RK_CRM_CUSTOMERS)) {
        e->missing = "--customers";
        return RK_OK;
    }
    kpi_constant_rate(slice, &rate, &low, &high, &lost, &years);
    if (lost == 0.0) {
        kpi_note(e, "no customer left: the lifetime is at least %.4g years", 1.0 / high);
        return RK_OK;
    }
    e->value = 1.0 / rate;
    e->std_error = e->value / sqrt(lost);
    e->n = lost;
    return RK_OK;
}

static enum rk_status clv_simple(const struct kpi_slice *slice, struct kpi_estimate *e)
{
    struct kpi_estimate part[3];
    double margin, value = 1.0, squares = 0.0;
    bool with_margin = kpi_constant(slice, RK_TOTAL_MARGIN, &margin), given = true;
    enum rk_status status = given_or(slice, RK_TOTAL_ORDER_VALUE, kpi_avg_order, &part[0]);

    if (status == RK_OK)
        status = given_or(slice, RK_TOTAL_FREQUENCY, orders_a_year, &part[1]);
    if (status == RK_OK)
        status = given_or(slice, RK_TOTAL_LIFETIME, years_stayed, &part[2]);
    e->formula = with_margin ? "order_value * frequency * lifetime * margin"
                             : "order_value * frequency * lifetime";
    for (size_t i = 0; i < 3 && status == RK_OK; i++) {
        double relative = part[i].std_error / part[i].value;

        if (part[i].missing != NULL)
            e->missing = part[i].missing;
        if (isnan(part[i].value) && part[i].note[0] != '\0')
            kpi_note(e, "%s", part[i].note);
        given = given && part[i].std_error == 0.0;
        value *= part[i].value;
        squares += relative * relative;
        if (!isnan(part[i].n) && !(part[i].n > e->n))
            e->n = part[i].n;
    }
    value *= with_margin ? margin : 1.0;
    kpi_relative(e, value, given ? NAN : sqrt(squares), level_of(slice));
    if (given)
        kpi_note(e, "no interval: totals do not say how customers differ");
    return status;
}

/* Yearly retention: given, or a share of counts, or of customers that leave at one rate. */
static void retention_of(const struct kpi_slice *slice, struct kpi_estimate *r)
{
    double lost, years, low, high;

    *r = (struct kpi_estimate){.value = NAN, .std_error = NAN, .low = NAN, .high = NAN, .n = NAN};
    if (kpi_constant(slice, RK_TOTAL_RETENTION, &r->value))
        return;
    if (kpi_constant(slice, RK_TOTAL_START_CUSTOMERS, &lost) || !kpi_has(slice, RK_CRM_CUSTOMERS)) {
        kpi_retention(slice, "", r);
        return;
    }
    kpi_constant_rate(slice, &r->value, &low, &high, &lost, &years);
    r->value = exp(-r->value);
    r->low = exp(-high);
    r->high = exp(-low);
    r->std_error = r->value * sqrt(lost) / years;
    r->n = lost;
}

static enum rk_status clv_contract(const struct kpi_slice *slice, bool advance,
                                   struct kpi_estimate *e)
{
    double (*formula)(double, double, double, double *) =
        advance ? rk_clv_contract_advance : rk_clv_contract;
    double margin, rate, slope;
    struct kpi_estimate r;

    e->formula = advance ? "margin * (1 + discount_rate) / (1 + discount_rate - retention)"
                         : "margin * retention / (1 + discount_rate - retention)";
    retention_of(slice, &r);
    if (r.missing != NULL || !kpi_constant(slice, RK_TOTAL_MARGIN, &margin)) {
        e->missing = "--set margin= and retention=, or --customers";
        return RK_OK;
    }
    if (!kpi_constant(slice, RK_TOTAL_DISCOUNT_RATE, &rate)) {
        rate = 0.1;
        kpi_note(e, "discount_rate 0.1");
    }
    e->n = r.n;
    e->value = formula(margin, r.value, rate, &slope);
    if (isnan(e->value)) {
        kpi_note(e, "customers who never leave have no finite value");
        return RK_OK;
    }
    e->std_error = slope * r.std_error;
    e->low = formula(margin, r.low, rate, NULL);
    e->high = formula(margin, r.high, rate, NULL);
    if (isnan(r.low))
        kpi_note(e, "no interval: retention was given without one");
    return RK_OK;
}

/* --- BG/NBD with Gamma-Gamma ---------------------------------------------------------------- */

/* Orders as buying histories, in weeks, at the end of the slice. */
static enum rk_status histories(const struct kpi_slice *slice, struct rk_buyer **buyers,
                                size_t *n_buyers)
{
    const struct kpi_rows *rows = &slice->data->rows[RK_CRM_ORDERS];
    size_t n, kept = 0;
    const struct kpi_row *row = kpi_group_rows(slice, RK_CRM_ORDERS, &n);
    struct rk_buyer *b = calloc(rows->n_units + 1, sizeof *b);
    double *first = malloc((rows->n_units + 1) * sizeof *first);

    if (b == NULL || first == NULL) {
        free(b);
        free(first);
        return RK_ENOMEM;
    }
    for (size_t i = 0; i < rows->n_units; i++)
        first[i] = NAN;
    for (size_t i = 0; i < n && row[i].day < slice->last; i++) { /* by day */
        uint32_t u = row[i].unit;
        double week = (double)row[i].day / 7.0;

        if (u == RK_NO_CODE || row[i].day == NO_DAY)
            continue;
        if (isnan(first[u])) {
            first[u] = week;
            b[u].age = (double)(slice->last - 1) / 7.0 - week;
        } else if (week - first[u] > b[u].recency || b[u].repeats > 0.0) {
            if (week - first[u] > b[u].recency) /* orders of one day are one purchase */
                b[u].repeats += 1.0;
            b[u].recency = week - first[u];
            b[u].mean_amount += isnan(row[i].amount) ? 0.0 : row[i].amount;
        }
    }
    for (size_t u = 0; u < rows->n_units; u++)
        if (!isnan(first[u])) {
            b[kept] = b[u];
            if (b[kept].repeats > 0.0)
                b[kept].mean_amount /= b[kept].repeats;
            kept++;
        }
    free(first);
    *buyers = b;
    *n_buyers = kept;
    return RK_OK;
}

struct worth {
    const struct rk_buyer *buyer;
    size_t n;
    double weeks, rate; /* horizon, discount a year */
};

/* The mean over customers of what they are expected to spend over the horizon, discounted by
 * quarters of a year; parameters are the logarithms of r, alpha, a, b, p, q, v. */
static double mean_worth(const struct worth *w, const double *parameter)
{
    struct rk_bgnbd fit = {.r = exp(parameter[0]),
                           .alpha = exp(parameter[1]),
                           .a = exp(parameter[2]),
                           .b = exp(parameter[3])};
    struct rk_gamma_gamma spend = {
        .p = exp(parameter[4]), .q = exp(parameter[5]), .v = exp(parameter[6])};
    struct rk_sum sum = {0};
    const double step = 13.0;

    for (size_t i = 0; i < w->n; i++) {
        double before = 0.0, value = 0.0;

        for (double t = 0.0; t < w->weeks; t += step) {
            double end = fmin(t + step, w->weeks), middle = (t + end) / 2.0 / 52.1775;
            double so_far = rk_bgnbd_expected(&fit, &w->buyer[i], end);

            value += (so_far - before) / pow(1.0 + w->rate, middle);
            before = so_far;
        }
        rk_sum_add(&sum, value * rk_gamma_gamma_mean(&spend, &w->buyer[i]));
    }
    return rk_sum_value(&sum) / (double)w->n;
}

/* The variance of the mean worth by the delta method, its gradient by central differences. */
static double variance_of(const struct worth *w, const double *parameter,
                          const struct rk_bgnbd *fit, const struct rk_gamma_gamma *spend)
{
    double gradient[7], moved[7], variance = 0.0;
    const double h = 1e-4;

    memcpy(moved, parameter, sizeof moved);
    for (size_t i = 0; i < 7; i++) {
        moved[i] = parameter[i] + h;
        gradient[i] = mean_worth(w, moved);
        moved[i] = parameter[i] - h;
        gradient[i] = (gradient[i] - mean_worth(w, moved)) / (2.0 * h);
        moved[i] = parameter[i];
    }
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < 4; j++)
            variance += gradient[i] * gradient[j] * fit->covariance[4 * i + j];
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 3; j++)
            variance += gradient[4 + i] * gradient[4 + j] * spend->covariance[3 * i + j];
    return variance;
}

static void say_model(const struct rk_bgnbd *fit, const struct rk_gamma_gamma *spend,
                      const struct worth *w, struct kpi_estimate *e)
{
    kpi_note(e, "r %.4g, alpha %.4g weeks, a %.4g, b %.4g; p %.4g, q %.4g, v %.4g; %.4g years",
             fit->r, fit->alpha, fit->a, fit->b, spend->p, spend->q, spend->v, w->weeks / 52.1775);
    if (fabs(spend->correlation) > 0.3)
        kpi_note(e, "amounts go with frequency (r = %.2f): the model takes them as independent",
                 spend->correlation);
}

static enum rk_status clv_bgnbd(const struct kpi_slice *slice, struct kpi_estimate *e)
{
    struct rk_buyer *buyers = NULL;
    struct rk_bgnbd fit;
    struct rk_gamma_gamma spend;
    struct worth w = {.weeks = 52.1775, .rate = 0.0};
    double margin = 1.0, years;
    enum rk_status status;

    e->formula =
        "mean over customers of expected purchases * expected amount (BG/NBD, Gamma-Gamma)";
    if (!kpi_has(slice, RK_CRM_ORDERS)) {
        e->missing = "--orders";
        return RK_OK;
    }
    status = histories(slice, &buyers, &w.n);
    if (status != RK_OK)
        return status;
    w.buyer = buyers;
    if (kpi_constant(slice, RK_TOTAL_LIFETIME, &years))
        w.weeks = years * 52.1775;
    if (!kpi_constant(slice, RK_TOTAL_DISCOUNT_RATE, &w.rate))
        w.rate = 0.0;
    if (!kpi_constant(slice, RK_TOTAL_MARGIN, &margin))
        margin = 1.0;
    e->n = (double)w.n;
    status = rk_bgnbd_fit(buyers, w.n, &fit);
    if (status == RK_OK)
        status = rk_gamma_gamma_fit(buyers, w.n, &spend);
    if (status == RK_OK && spend.q > 1.0) {
        double parameter[] = {log(fit.r),   log(fit.alpha), log(fit.a),  log(fit.b),
                              log(spend.p), log(spend.q),   log(spend.v)};
        double value = mean_worth(&w, parameter);

        kpi_relative(e, margin * value, sqrt(variance_of(&w, parameter, &fit, &spend)) / value,
                     level_of(slice));
        say_model(&fit, &spend, &w, e);
    } else {
        kpi_note(e, status == RK_ETOOFEW ? "fewer than 100 customers, or 10 who came again"
                                         : "the model does not fit these orders");
    }
    free(buyers);
    return RK_OK;
}

enum rk_status kpi_clv(const struct kpi_slice *slice, const char *definition,
                       struct kpi_estimate *e)
{
    e->unit = "money";
    if (strcmp(definition, "simple") == 0)
        return clv_simple(slice, e);
    if (strcmp(definition, "bgnbd") == 0)
        return clv_bgnbd(slice, e);
    return clv_contract(slice, strcmp(definition, "contract-advance") == 0, e);
}

/* --- both ----------------------------------------------------------------------------------- */

/* value_of / cost, each with its own error; they are taken as independent. */
static void quotient(const struct kpi_slice *slice, const struct kpi_estimate *over,
                     const struct kpi_estimate *under, struct kpi_estimate *e)
{
    double a = over->std_error / over->value, b = under->std_error / under->value;

    e->n = under->n;
    kpi_relative(e, over->value / under->value,
                 isnan(a) && isnan(b) ? NAN : hypot(isnan(a) ? 0.0 : a, isnan(b) ? 0.0 : b),
                 level_of(slice));
    if (isnan(e->value))
        kpi_note(e, "%s", over->note[0] != '\0' ? over->note : under->note);
    else if (isnan(a) != isnan(b))
        kpi_note(e, "the interval is that of one side: the other is given without one");
}

static struct kpi_estimate blank(void)
{
    return (struct kpi_estimate){.value = NAN, .std_error = NAN, .low = NAN, .high = NAN, .n = NAN};
}

enum rk_status kpi_ltv_cac(const struct kpi_slice *slice, const char *definition,
                           struct kpi_estimate *e)
{
    struct kpi_estimate clv = blank(), cac = blank();
    enum rk_status status = kpi_clv(slice, definition, &clv);

    e->unit = "ratio";
    e->formula = "clv / cac";
    if (status == RK_OK)
        status = kpi_cac(slice, "", &cac);
    e->missing = clv.missing != NULL ? clv.missing : cac.missing;
    if (status == RK_OK && e->missing == NULL)
        quotient(slice, &clv, &cac, e);
    return status;
}

enum rk_status kpi_cac_payback(const struct kpi_slice *slice, const char *definition,
                               struct kpi_estimate *e)
{
    struct kpi_estimate cac = blank(), value, often, monthly = blank();
    double margin;
    enum rk_status status = kpi_cac(slice, definition, &cac);

    e->unit = "months";
    e->formula = "cac / (order_value * frequency * margin / 12)";
    if (status == RK_OK)
        status = given_or(slice, RK_TOTAL_ORDER_VALUE, kpi_avg_order, &value);
    if (status == RK_OK)
        status = given_or(slice, RK_TOTAL_FREQUENCY, orders_a_year, &often);
    if (status != RK_OK)
        return status;
    e->missing = cac.missing != NULL     ? cac.missing
                 : value.missing != NULL ? value.missing
                                         : often.missing;
    if (e->missing == NULL && !kpi_constant(slice, RK_TOTAL_MARGIN, &margin))
        e->missing = "--set margin=";
    if (e->missing != NULL)
        return RK_OK;
    monthly.value = value.value * often.value * margin / 12.0;
    monthly.std_error =
        monthly.value * hypot(value.std_error / value.value, often.std_error / often.value);
    monthly.n = cac.n;
    quotient(slice, &cac, &monthly, e);
    e->n = cac.n;
    return RK_OK;
}
