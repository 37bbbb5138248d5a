/* What a customer costs and is worth. */
#include <math.h>
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
    *e = (struct kpi_estimate){
        .value = NAN, .std_error = NAN, .low = NAN, .high = NAN, .n = NAN, .correlation = NAN};
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

    *r = (struct kpi_estimate){
        .value = NAN, .std_error = NAN, .low = NAN, .high = NAN, .n = NAN, .correlation = NAN};
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

/* What a contract pays, and for how long at most. */
struct terms {
    double margin, rate, periods;
    bool advance, limited;
};
static const char limited_end[] =
    "margin * sum of (retention / (1 + discount_rate))^t, t = 1 .. lifetime";
static const char limited_advance[] =
    "margin * sum of (retention / (1 + discount_rate))^t, t = 0 .. lifetime - 1";

static double contract_value(const struct terms *t, double retention, double *slope)
{
    if (t->limited)
        return rk_clv_contract_for(t->margin, retention, t->rate, t->periods, t->advance, slope);
    return t->advance ? rk_clv_contract_advance(t->margin, retention, t->rate, slope)
                      : rk_clv_contract(t->margin, retention, t->rate, slope);
}

static enum rk_status clv_contract(const struct kpi_slice *slice, bool advance,
                                   struct kpi_estimate *e)
{
    double margin, rate, slope;
    struct kpi_estimate r;
    struct terms terms = {.advance = advance};

    terms.limited = kpi_constant(slice, RK_TOTAL_LIFETIME, &terms.periods);
    e->formula = terms.limited ? advance ? limited_advance : limited_end
                 : advance     ? "margin * (1 + discount_rate) / (1 + discount_rate - retention)"
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
    terms.margin = margin;
    terms.rate = rate;
    e->value = contract_value(&terms, r.value, &slope);
    if (isnan(e->value)) {
        kpi_note(e, "%s",
                 isnan(r.value) ? r.note : "customers who never leave have no finite value");
        return RK_OK;
    }
    e->std_error = fabs(slope) * r.std_error;
    /* who costs money costs the more the longer they stay */
    e->low = contract_value(&terms, margin < 0.0 ? r.high : r.low, NULL);
    e->high = contract_value(&terms, margin < 0.0 ? r.low : r.high, NULL);
    if (isnan(r.low))
        kpi_note(e, "no interval: retention was given without one");
    return RK_OK;
}

/* --- all of them -----------------------------------------------------------------------------*/

enum rk_status kpi_clv(const struct kpi_slice *slice, const char *definition,
                       struct kpi_estimate *e)
{
    e->unit = "money";
    if (strcmp(definition, "simple") == 0)
        return clv_simple(slice, e);
    if (strcmp(definition, "bgnbd") == 0)
        return kpi_clv_bgnbd(slice, e);
    return clv_contract(slice, strcmp(definition, "contract-advance") == 0, e);
}

/* --- both ----------------------------------------------------------------------------------- */

/* One value over another, each with its own error; they are taken as independent. none is the note
 * where the denominator is not above 0. */
static void quotient(const struct kpi_slice *slice, const struct kpi_estimate *over,
                     const struct kpi_estimate *under, const char *none, struct kpi_estimate *e)
{
    double a = over->std_error / over->value, b = under->std_error / under->value;

    e->n = under->n;
    if (under->value <= 0.0) {
        kpi_note(e, "%s", none);
        return;
    }
    kpi_relative(e, over->value / under->value,
                 isnan(a) && isnan(b) ? NAN : hypot(isnan(a) ? 0.0 : a, isnan(b) ? 0.0 : b),
                 level_of(slice));
    if (isnan(e->value))
        kpi_note(e, "%s", isnan(under->value) ? under->note : over->note);
    else if (!(e->value > 0.0))
        kpi_note(e, "no interval: the value is not above 0");
    else if (isnan(a) != isnan(b))
        kpi_note(e, "the interval is that of one side: the other is given without one");
}

static struct kpi_estimate blank(void)
{
    return (struct kpi_estimate){
        .value = NAN, .std_error = NAN, .low = NAN, .high = NAN, .n = NAN, .correlation = NAN};
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
    e->correlation = clv.correlation;
    if (status == RK_OK && e->missing == NULL)
        quotient(slice, &clv, &cac, "customers cost nothing", e);
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
    quotient(slice, &cac, &monthly, "a customer earns nothing to pay it back with", e);
    e->n = cac.n;
    return RK_OK;
}
