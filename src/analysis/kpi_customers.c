/* What customers are worth, how many stay, and what they go on paying. */
#include <math.h>
#include <stdlib.h>

#include "kpi_parts.h"
#include "repkit/distributions.h"
#include "repkit/lifetime_value.h"

static const double days_a_year = 365.25;

static double level_of(const struct kpi_slice *slice)
{
    return slice->data->options->common.conf_level;
}

/* --- retention and churn -------------------------------------------------------------------- */

/* The stretch that a stock of customers is followed over: the period; without one the year to the
 * last day; with a cut as many days before it as after, at most a year, and no more than half of
 * those before it, so that there are customers when the first stretch begins. */
static void stretch(const struct kpi_slice *slice, int64_t *first, int64_t *last)
{
    const struct kpi_data *data = slice->data;

    *first = slice->first;
    *last = slice->last;
    if (slice->all && *last - *first > 365)
        *first = *last - 365;
    if (data->options->cut != NULL) {
        int64_t cut = rk_time_first_day(data->cut_kind, data->cut), days = 365;

        if (data->as_of + 1 - cut < days)
            days = data->as_of + 1 - cut;
        if ((cut - data->first_day) / 2 < days)
            days = (cut - data->first_day) / 2;
        if (days < 0)
            days = 0;
        *first = slice->last == cut ? cut - days : cut;
        *last = *first + days;
    }
}

/* Customers there when the stretch begins, and how many of them leave in it. */
static void follow(const struct kpi_slice *slice, double *at_start, double *lost,
                   struct kpi_estimate *e)
{
    int64_t first, last;
    size_t n;
    const struct kpi_row *row = kpi_group_rows(slice, RK_CRM_CUSTOMERS, &n);

    stretch(slice, &first, &last);
    *at_start = *lost = 0.0;
    for (size_t i = 0; i < n; i++) {
        bool there = row[i].day != NO_DAY && row[i].day < first &&
                     (row[i].until == NO_DAY || row[i].until >= first);

        *at_start += there;
        *lost += there && row[i].until != NO_DAY && row[i].until < last;
    }
    if (slice->all)
        kpi_note(e, "over the %lld days to the last", (long long)(last - first));
    else if (slice->data->options->cut != NULL)
        kpi_note(e, "over %lld days", (long long)(last - first));
}

static enum rk_status kept_or_lost(const struct kpi_slice *slice, bool kept, struct kpi_estimate *e)
{
    double start, end, new, lost;
    bool totals = kpi_total(slice, RK_TOTAL_START_CUSTOMERS, &start);

    e->unit = "share";
    if (totals && kept && kpi_total(slice, RK_TOTAL_END_CUSTOMERS, &end) &&
        kpi_total(slice, RK_TOTAL_NEW_CUSTOMERS, &new)) {
        e->formula = "(end_customers - new_customers) / start_customers";
        kpi_share(e, end - new, start, level_of(slice));
    } else if (totals && kpi_total(slice, RK_TOTAL_LOST_CUSTOMERS, &lost)) {
        e->formula = kept ? "(start_customers - lost_customers) / start_customers"
                          : "lost_customers / start_customers";
        kpi_share(e, kept ? start - lost : lost, start, level_of(slice));
    } else if (totals && kpi_total(slice, RK_TOTAL_END_CUSTOMERS, &end) &&
               kpi_total(slice, RK_TOTAL_NEW_CUSTOMERS, &new)) {
        e->formula = "(start_customers + new_customers - end_customers) / start_customers";
        kpi_share(e, start + new - end, start, level_of(slice));
    } else if (kpi_has(slice, RK_CRM_CUSTOMERS)) {
        e->formula = kept ? "customers of the start still there / customers at the start"
                          : "customers of the start who left / customers at the start";
        follow(slice, &start, &lost, e);
        kpi_share(e, kept ? start - lost : lost, start, level_of(slice));
    } else {
        e->missing = "--customers";
    }
    return RK_OK;
}

enum rk_status kpi_retention(const struct kpi_slice *slice, const char *definition,
                             struct kpi_estimate *e)
{
    (void)definition;
    return kept_or_lost(slice, true, e);
}

enum rk_status kpi_churn(const struct kpi_slice *slice, const char *definition,
                         struct kpi_estimate *e)
{
    (void)definition;
    return kept_or_lost(slice, false, e);
}

void kpi_constant_rate(const struct kpi_slice *slice, double *rate, double *low, double *high,
                       double *lost, double *years)
{
    double tail = (1.0 - level_of(slice)) / 2.0;
    size_t n;
    const struct kpi_row *row = kpi_group_rows(slice, RK_CRM_CUSTOMERS, &n);

    *lost = *years = 0.0;
    for (size_t i = 0; i < n; i++) {
        int64_t from = row[i].day > slice->first ? row[i].day : slice->first;
        int64_t to =
            row[i].until != NO_DAY && row[i].until < slice->last ? row[i].until : slice->last;

        if (row[i].day == NO_DAY || to <= from)
            continue;
        *years += (double)(to - from) / days_a_year;
        *lost += to == row[i].until;
    }
    *rate = *lost / *years;
    *low = *lost > 0.0 ? rk_qgamma(tail, *lost, 1.0, RK_LOWER_TAIL) / *years : 0.0;
    *high = rk_qgamma(tail, *lost + 1.0, 1.0, RK_UPPER_TAIL) / *years;
}

/* --- recurring revenue ---------------------------------------------------------------------- */

/* Revenue by customer in two stretches of the same length, one after the other. */
static enum rk_status two_stretches(const struct kpi_slice *slice, double **before, double **now,
                                    size_t *n_customers, struct kpi_estimate *e)
{
    const struct kpi_rows *rows = &slice->data->rows[RK_CRM_ORDERS];
    int64_t first, last;
    size_t n;
    const struct kpi_row *row = kpi_group_rows(slice, RK_CRM_ORDERS, &n);

    stretch(slice, &first, &last);
    *n_customers = rows->n_units;
    *before = calloc(2 * rows->n_units + 2, sizeof **before);
    if (*before == NULL)
        return RK_ENOMEM;
    *now = *before + rows->n_units + 1;
    for (size_t i = 0; i < n; i++) {
        if (row[i].unit == RK_NO_CODE || isnan(row[i].amount) || row[i].day == NO_DAY)
            continue;
        if (row[i].day >= first && row[i].day < last)
            (*now)[row[i].unit] += row[i].amount;
        else if (row[i].day >= first - (last - first) && row[i].day < first)
            (*before)[row[i].unit] += row[i].amount;
    }
    kpi_note(e, "%lld days against the %lld before", (long long)(last - first),
             (long long)(last - first));
    return RK_OK;
}

static enum rk_status net_or_gross(const struct kpi_slice *slice, bool net, struct kpi_estimate *e)
{
    double start, expansion = 0.0, contraction = 0.0, churned = 0.0, *before, *now;
    size_t n, used = 0;
    enum rk_status status;

    e->unit = "share";
    if (kpi_total(slice, RK_TOTAL_START_MRR, &start) &&
        kpi_total(slice, RK_TOTAL_CHURNED_MRR, &churned)) {
        if (!kpi_total(slice, RK_TOTAL_EXPANSION_MRR, &expansion))
            expansion = 0.0;
        if (!kpi_total(slice, RK_TOTAL_CONTRACTION_MRR, &contraction))
            contraction = 0.0;
        e->formula = net ? "(start_mrr + expansion_mrr - contraction_mrr - churned_mrr) / start_mrr"
                         : "(start_mrr - contraction_mrr - churned_mrr) / start_mrr";
        if (!(start > 0.0) || contraction + churned > start) {
            kpi_note(e, start > 0.0 ? "more was lost than there was: contraction_mrr + churned_mrr "
                                      "is above start_mrr"
                                    : "nothing was paid at the start");
            return RK_OK;
        }
        e->value = (start + (net ? expansion : 0.0) - contraction - churned) / start;
        kpi_note(e, "no interval: totals do not say how customers differ");
        return RK_OK;
    }
    if (!kpi_has(slice, RK_CRM_ORDERS)) {
        e->missing = "--orders";
        return RK_OK;
    }
    e->formula = net ? "revenue from the customers of the period before / their revenue then"
                     : "the same, each customer's at most what it was / their revenue then";
    status = two_stretches(slice, &before, &now, &n, e);
    if (status != RK_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        if (before[i] > 0.0) {
            now[used] = net ? now[i] : fmin(now[i], before[i]);
            before[used++] = before[i];
        }
    status = kpi_ratio(slice, e, now, before, used);
    free(before);
    return status;
}

enum rk_status kpi_nrr(const struct kpi_slice *slice, const char *definition,
                       struct kpi_estimate *e)
{
    (void)definition;
    return net_or_gross(slice, true, e);
}

enum rk_status kpi_grr(const struct kpi_slice *slice, const char *definition,
                       struct kpi_estimate *e)
{
    (void)definition;
    return net_or_gross(slice, false, e);
}

/* --- orders --------------------------------------------------------------------------------- */

enum { ORDER_VALUE, ORDERS_A_CUSTOMER, REPEATERS };

static enum rk_status of_orders(const struct kpi_slice *slice, int what, struct kpi_estimate *e)
{
    double *amount = NULL, *count = NULL, again = 0.0;
    size_t n, n_units;
    const struct kpi_row *row = kpi_slice_rows(slice, RK_CRM_ORDERS, &n);
    enum rk_status status;

    if (row == NULL) {
        e->missing = "--orders";
        return RK_OK;
    }
    status = kpi_sums(row, n, &slice->data->rows[RK_CRM_ORDERS], &amount, &count, &n_units);
    for (size_t i = 0; i < n_units && status == RK_OK; i++)
        again += count[i] > 1.0;
    if (status == RK_OK && what == ORDER_VALUE) {
        status = kpi_ratio(slice, e, amount, count, n_units);
        e->n = (double)n;
    } else if (status == RK_OK && what == ORDERS_A_CUSTOMER) {
        status = kpi_mean(slice, e, count, n_units);
    } else if (status == RK_OK) {
        kpi_share(e, again, (double)n_units, level_of(slice));
    }
    free(amount);
    free(count);
    return status;
}

enum rk_status kpi_avg_order(const struct kpi_slice *slice, const char *definition,
                             struct kpi_estimate *e)
{
    (void)definition;
    e->unit = "money";
    e->formula = "revenue of orders / orders";
    if (kpi_total(slice, RK_TOTAL_ORDER_VALUE, &e->value)) {
        e->formula = "order_value";
        kpi_note(e, "no interval: given as a total");
        return RK_OK;
    }
    return of_orders(slice, ORDER_VALUE, e);
}

enum rk_status kpi_frequency(const struct kpi_slice *slice, const char *definition,
                             struct kpi_estimate *e)
{
    (void)definition;
    e->unit = "orders";
    e->formula = "orders / customers who ordered";
    if (kpi_total(slice, RK_TOTAL_FREQUENCY, &e->value)) {
        e->formula = "frequency";
        kpi_note(e, "no interval: given as a total");
        return RK_OK;
    }
    return of_orders(slice, ORDERS_A_CUSTOMER, e);
}

enum rk_status kpi_repeat_rate(const struct kpi_slice *slice, const char *definition,
                               struct kpi_estimate *e)
{
    (void)definition;
    e->unit = "share";
    e->formula = "customers with two orders or more / customers who ordered";
    return of_orders(slice, REPEATERS, e);
}
