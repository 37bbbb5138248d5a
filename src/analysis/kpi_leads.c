/* What leads cost, bring, and become. */
#include <math.h>

#include "kpi_parts.h"
#include "repkit/sum.h"

static double level_of(const struct kpi_slice *slice)
{
    return slice->data->options->common.conf_level;
}

double kpi_sum_of(const struct kpi_slice *slice, enum rk_crm_input input, size_t *n)
{
    const struct kpi_row *row = kpi_slice_rows(slice, input, n);
    struct rk_sum sum = {0};

    for (size_t i = 0; i < *n; i++)
        if (!isnan(row[i].amount))
            rk_sum_add(&sum, row[i].amount);
    return rk_sum_value(&sum);
}

/* Leads of the period: a total, or the rows of the file. */
static bool leads_of(const struct kpi_slice *slice, double *leads)
{
    size_t n;

    if (kpi_total(slice, RK_TOTAL_LEADS, leads))
        return true;
    kpi_slice_rows(slice, RK_CRM_LEADS, &n);
    *leads = (double)n;
    return kpi_has(slice, RK_CRM_LEADS);
}

/* Revenue of the period and the sum of its squares: orders, else deals won by their close. */
static bool revenue_of(const struct kpi_slice *slice, double *revenue, double *squares)
{
    struct rk_sum sum = {0}, square = {0};
    bool orders = kpi_has(slice, RK_CRM_ORDERS);
    enum rk_crm_input input = orders ? RK_CRM_ORDERS : RK_CRM_DEALS;
    size_t n;
    const struct kpi_row *row = kpi_group_rows(slice, input, &n);

    for (size_t i = 0; i < n; i++) {
        int64_t day = orders ? row[i].day : row[i].until;

        if (isnan(row[i].amount) || day == NO_DAY || day < slice->first || day >= slice->last ||
            (!orders && row[i].end != RK_DEAL_WON))
            continue;
        rk_sum_add(&sum, row[i].amount);
        rk_sum_add(&square, row[i].amount * row[i].amount);
    }
    *revenue = rk_sum_value(&sum);
    *squares = rk_sum_value(&square);
    return row != NULL;
}

enum rk_status kpi_revenue_per_lead(const struct kpi_slice *slice, const char *definition,
                                    struct kpi_estimate *e)
{
    double leads, revenue, squares = NAN;
    bool known = leads_of(slice, &leads);

    (void)definition;
    e->unit = "money";
    e->formula = "revenue / leads";
    known =
        (kpi_total(slice, RK_TOTAL_REVENUE, &revenue) || revenue_of(slice, &revenue, &squares)) &&
        known;
    if (!known) {
        e->missing = "--leads, and --orders or --deals";
        return RK_OK;
    }
    e->n = leads;
    if (leads == 0.0) {
        kpi_note(e, "no leads");
        return RK_OK;
    }
    if (isnan(squares)) {
        e->value = revenue / leads;
        kpi_note(e, "no interval: totals do not say how sales differ");
    } else if (leads != floor(leads)) {
        e->value = revenue / leads;
        kpi_note(e, "no interval: the denominator is no count");
    } else if (revenue > 0.0) { /* sales and leads as compound Poisson counts */
        kpi_relative(e, revenue / leads, sqrt(squares / revenue / revenue + 1.0 / leads),
                     level_of(slice));
    } else {
        e->value = revenue / leads;
        kpi_note(e, "no interval: no revenue");
    }
    return RK_OK;
}

enum rk_status kpi_cost_per_lead(const struct kpi_slice *slice, const char *definition,
                                 struct kpi_estimate *e)
{
    double leads, cost;
    bool known = leads_of(slice, &leads);
    size_t n;

    (void)definition;
    e->unit = "money";
    e->formula = "cost / leads";
    if (!kpi_total(slice, RK_TOTAL_COST, &cost) &&
        !kpi_total(slice, RK_TOTAL_MARKETING_COST, &cost)) {
        cost = kpi_sum_of(slice, RK_CRM_SPEND, &n);
        known = known && kpi_has(slice, RK_CRM_SPEND);
    }
    if (!known)
        e->missing = "--spend and --leads";
    else
        kpi_per_count(e, cost, leads, level_of(slice));
    return RK_OK;
}

enum rk_status kpi_conversion(const struct kpi_slice *slice, const char *definition,
                              struct kpi_estimate *e)
{
    double leads, converted = 0.0;
    size_t n;
    const struct kpi_row *row = kpi_slice_rows(slice, RK_CRM_LEADS, &n);

    (void)definition;
    e->unit = "share";
    e->formula = "converted leads / leads";
    if (kpi_total(slice, RK_TOTAL_LEADS, &leads) &&
        kpi_total(slice, RK_TOTAL_CONVERTED, &converted)) {
        kpi_share(e, converted, leads, level_of(slice));
    } else if (row != NULL) {
        converted = 0.0;
        for (size_t i = 0; i < n; i++)
            converted += row[i].end;
        kpi_share(e, converted, (double)n, level_of(slice));
    } else {
        e->missing = "--leads";
    }
    return RK_OK;
}
