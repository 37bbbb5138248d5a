/* The profile of a model: its dates, and the flows of one unit of each source. */
#include "repkit/roi_model.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

static int period_months(enum rk_roi_per per)
{
    switch (per) {
    case RK_PER_QUARTER:
        return 3;
    case RK_PER_YEAR:
        return 12;
    default: /* a week's payments come with the month */
        return 1;
    }
}

/* --- the payments of an item ------------------------------------------------------------- */

struct payment {
    int month;       /* when it is paid */
    int half_months; /* when it is discounted from: twice the month, half a period less for mid */
    double factor;   /* of the item's full amount */
};

/* The mean of min(1, t / ramp) over the months t of a period that ends `last` months from start. */
static double ramp_factor(double ramp, int last, int period)
{
    double sum = 0.0;

    for (int t = last - period + 1; t <= last; t++)
        sum += t < ramp ? t / ramp : 1.0;
    return sum / period;
}

/* The payment after `previous` (NULL: the first) within the horizon, if there is one. */
static bool next_payment(const struct rk_roi_item *item, const struct rk_roi_model *model,
                         const struct payment *previous, struct payment *next)
{
    int period = period_months(item->per), age, years;

    if (item->per == RK_PER_ONCE) {
        if (previous != NULL || item->start > model->horizon)
            return false;
        *next = (struct payment){item->start, 2 * item->start, 1.0};
        return true;
    }
    age = (previous == NULL ? 0 : previous->month - item->start) + period;
    if (item->start > model->horizon - age || item->start > item->end - age)
        return false;
    next->month = item->start + age;
    next->half_months = 2 * next->month - (model->timing == RK_TIMING_MID ? period : 0);
    years = (age - 1) / 12;
    next->factor = pow(1.0 + item->growth, years) * ramp_factor(item->ramp, age, period);
    if (item->per == RK_PER_WEEK)
        next->factor *= RK_WEEKS_A_MONTH;
    return true;
}

/* --- checks ------------------------------------------------------------------------------ */

enum rk_status rk_roi_check_item(const struct rk_roi_item *item, struct rk_error *error)
{
    if (item->start < RK_ROI_FIRST_START)
        return rk_fail(error, RK_EINPUT, "start %d is before month %d", item->start,
                       RK_ROI_FIRST_START);
    if (item->per != RK_PER_ONCE && item->end < item->start)
        return rk_fail(error, RK_EINPUT, "end %d is before start %d", item->end, item->start);
    if (!(item->growth > -1.0) || !isfinite(item->growth))
        return rk_fail(error, RK_EINPUT, "growth %.10g is not above -1", item->growth);
    if (!(item->ramp >= 0.0) || !isfinite(item->ramp))
        return rk_fail(error, RK_EINPUT, "ramp %.10g is below 0", item->ramp);
    if (!isfinite(item->scale))
        return rk_fail(error, RK_EINPUT, "quantity x hours x margin x attribution is too large");
    return RK_OK;
}

static enum rk_status check_model(const struct rk_roi_model *model, struct rk_error *error)
{
    const double rates[] = {model->rate, model->finance_rate, model->reinvest_rate};

    if (model->horizon < 1 || model->horizon > RK_ROI_MAX_HORIZON)
        return rk_fail(error, RK_EINPUT, "horizon %d is not within 1 .. %d months", model->horizon,
                       RK_ROI_MAX_HORIZON);
    for (size_t i = 0; i < 3; i++)
        if (!(rates[i] > -1.0) || !isfinite(rates[i]))
            return rk_fail(error, RK_EINPUT, "rate %.10g is not above -1", rates[i]);
    for (size_t i = 0; i < model->n_items; i++) {
        enum rk_status status = rk_roi_check_item(&model->item[i], error);

        if (status == RK_OK && model->item[i].source >= model->n_sources)
            status = rk_fail(error, RK_EINPUT, "an item without a source");
        if (status != RK_OK)
            return status;
    }
    return RK_OK;
}

/* --- the profile --------------------------------------------------------------------------- */

static int gcd(int a, int b)
{
    while (b != 0) {
        int rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* The first month, and the widest equal steps that all discount dates fall on: a yearly model's
 * polynomial has a few terms, not hundreds. */
static void find_steps(const struct rk_roi_model *model, struct rk_roi_profile *profile)
{
    int first = INT_MAX, last = INT_MIN, step = 0;
    struct payment payment;

    for (size_t i = 0; i < model->n_items; i++) {
        const struct payment *previous = NULL;

        while (next_payment(&model->item[i], model, previous, &payment)) {
            previous = &payment;
            if (payment.month < profile->first_month)
                profile->first_month = payment.month;
            if (first == INT_MAX)
                first = last = payment.half_months;
            step = gcd(step, abs(payment.half_months - first));
            first = payment.half_months < first ? payment.half_months : first;
            last = payment.half_months > last ? payment.half_months : last;
        }
    }
    if (first == INT_MAX)
        first = last = 0;
    profile->n_steps = step == 0 ? 1 : (size_t)((last - first) / step) + 1;
    profile->step_months = step == 0 ? 1.0 : 0.5 * step;
    profile->first_step = 0.5 * first;
}

static bool allocate(struct rk_roi_profile *p)
{
    size_t by_month = p->n_sources * p->n_months, by_step = p->n_sources * p->n_steps;
    double *next =
        calloc(2 * p->n_items + 4 * p->n_sources + 3 * by_month + by_step + 2 * p->n_steps + 1,
               sizeof *next);

    p->memory = next;
    p->is_date = calloc(p->n_months, sizeof *p->is_date);
    if (p->memory == NULL || p->is_date == NULL)
        return false;
    p->item_total = next, next += p->n_items;
    p->item_pv = next, next += p->n_items;
    p->total_cost = next, next += p->n_sources;
    p->total_benefit = next, next += p->n_sources;
    p->pv_cost = next, next += p->n_sources;
    p->pv_benefit = next, next += p->n_sources;
    p->cost = next, next += by_month;
    p->benefit = next, next += by_month;
    p->discounted = next, next += by_month;
    p->step_flow = next, next += by_step;
    p->pv_weight = next, next += p->n_steps;
    p->fv_weight = next;
    return true;
}

static void add_item(const struct rk_roi_model *model, size_t i, struct rk_roi_profile *p)
{
    const struct rk_roi_item *item = &model->item[i];
    const struct payment *previous = NULL;
    struct payment payment;
    bool is_cost = item->kind == RK_ROI_COST;
    double sign = is_cost ? -1.0 : 1.0, *by_month = is_cost ? p->cost : p->benefit;

    while (next_payment(item, model, previous, &payment)) {
        size_t month = (size_t)(payment.month - p->first_month);
        size_t at = item->source * p->n_months + month;
        double when = 0.5 * payment.half_months, flow = item->scale * payment.factor;
        double pv = flow * rk_discount_factor(model->rate, when);
        size_t step = (size_t)((when - p->first_step) / p->step_months + 0.5);

        previous = &payment;
        p->is_date[month] = true;
        p->item_total[i] += flow;
        p->item_pv[i] += pv;
        by_month[at] += flow;
        p->discounted[at] += sign * pv;
        p->step_flow[item->source * p->n_steps + step] += sign * flow;
    }
    (is_cost ? p->total_cost : p->total_benefit)[item->source] += p->item_total[i];
    (is_cost ? p->pv_cost : p->pv_benefit)[item->source] += p->item_pv[i];
}

static void fill(const struct rk_roi_model *model, struct rk_roi_profile *p)
{
    double begin = p->first_step < 0.0 ? p->first_step : 0.0;

    for (size_t i = 0; i < model->n_items; i++)
        add_item(model, i, p);
    p->life_months = p->horizon - begin;
    for (size_t g = 0; g < p->n_steps; g++) {
        double when = p->first_step + (double)g * p->step_months;

        p->pv_weight[g] = rk_discount_factor(model->finance_rate, when - begin);
        p->fv_weight[g] = rk_discount_factor(model->reinvest_rate, when - p->horizon);
    }
}

enum rk_status rk_roi_profile_new(const struct rk_roi_model *model, struct rk_roi_profile **profile,
                                  struct rk_error *error)
{
    enum rk_status status = check_model(model, error);
    struct rk_roi_profile *made;

    if (status != RK_OK)
        return status;
    made = calloc(1, sizeof *made);
    if (made == NULL)
        return rk_fail_memory(error);
    made->n_items = model->n_items;
    made->n_sources = model->n_sources;
    made->horizon = model->horizon;
    find_steps(model, made);
    made->n_months = (size_t)(model->horizon - made->first_month) + 1;
    if (!allocate(made)) {
        rk_roi_profile_free(made);
        return rk_fail_memory(error);
    }
    fill(model, made);
    *profile = made;
    return RK_OK;
}

void rk_roi_profile_free(struct rk_roi_profile *profile)
{
    if (profile == NULL)
        return;
    free(profile->is_date);
    free(profile->memory);
    free(profile);
}

/* --- the metrics at given amounts ---------------------------------------------------------- */

static const char *const metric_names[RK_ROI_METRICS] = {
    "total_cost",
    "total_benefit",
    "net_benefit",
    "roi",
    "roi_annual",
    "pv_cost",
    "pv_benefit",
    "npv",
    "roi_pv",
    "bcr",
    "irr",
    "mirr",
    "payback_months",
    "discounted_payback_months",
};

const char *rk_roi_metric_name(enum rk_roi_metric metric)
{
    return metric_names[metric];
}

/* sum over sources of amount[s] x by_source[s * stride] */
static double add_up(const struct rk_roi_profile *p, const double *by_source, size_t stride,
                     const double *amount)
{
    double sum = 0.0;

    for (size_t s = 0; s < p->n_sources; s++)
        sum += amount[s] * by_source[s * stride];
    return sum;
}

static enum rk_status evaluate_payback(const struct rk_roi_profile *p, const double *amount,
                                       struct rk_roi_values *out)
{
    double *months = malloc(3 * p->n_months * sizeof *months), *net, *discounted;
    enum rk_status status;
    size_t n = 0;

    if (months == NULL)
        return RK_ENOMEM;
    net = months + p->n_months;
    discounted = net + p->n_months;
    for (size_t m = 0; m < p->n_months; m++) {
        if (!p->is_date[m])
            continue;
        months[n] = p->first_month + (double)m;
        net[n] = add_up(p, p->benefit + m, p->n_months, amount) -
                 add_up(p, p->cost + m, p->n_months, amount);
        discounted[n++] = add_up(p, p->discounted + m, p->n_months, amount);
    }
    status = rk_payback(months, net, n, &out->payback);
    if (status == RK_OK)
        status = rk_payback(months, discounted, n, &out->discounted_payback);
    free(months);
    if (status == RK_OK && out->payback.reached)
        out->value[RK_ROI_PAYBACK] = out->payback.months;
    if (status == RK_OK && out->discounted_payback.reached)
        out->value[RK_ROI_DISCOUNTED_PAYBACK] = out->discounted_payback.months;
    return status;
}

static enum rk_status evaluate_rates(const struct rk_roi_profile *p, const double *amount,
                                     struct rk_roi_values *out)
{
    double *flow = calloc(p->n_steps, sizeof *flow), paid = 0.0, received = 0.0;
    enum rk_status status;

    if (flow == NULL)
        return RK_ENOMEM;
    for (size_t g = 0; g < p->n_steps; g++) {
        flow[g] = add_up(p, p->step_flow + g, p->n_steps, amount);
        if (flow[g] < 0.0)
            paid -= flow[g] * p->pv_weight[g];
        else
            received += flow[g] * p->fv_weight[g];
    }
    status = rk_irr(flow, p->n_steps, p->step_months, &out->irr);
    free(flow);
    if (status == RK_OK && out->irr.n_rates == 1)
        out->value[RK_ROI_IRR] = out->irr.rate[0];
    if (paid > 0.0 && received > 0.0)
        out->value[RK_ROI_MIRR] = expm1(log(received / paid) * (12.0 / p->life_months));
    return status;
}

static double ratio(double a, double b)
{
    return b > 0.0 ? a / b : NAN;
}

enum rk_status rk_roi_evaluate(const struct rk_roi_profile *profile, const double *amount,
                               struct rk_roi_values *out)
{
    struct rk_roi_values result;
    double *v = result.value;
    enum rk_status status;

    v[RK_ROI_TOTAL_COST] = add_up(profile, profile->total_cost, 1, amount);
    v[RK_ROI_TOTAL_BENEFIT] = add_up(profile, profile->total_benefit, 1, amount);
    v[RK_ROI_NET_BENEFIT] = v[RK_ROI_TOTAL_BENEFIT] - v[RK_ROI_TOTAL_COST];
    v[RK_ROI_ROI] = ratio(v[RK_ROI_NET_BENEFIT], v[RK_ROI_TOTAL_COST]);
    v[RK_ROI_ROI_ANNUAL] = v[RK_ROI_ROI] * (12.0 / profile->horizon);
    v[RK_ROI_PV_COST] = add_up(profile, profile->pv_cost, 1, amount);
    v[RK_ROI_PV_BENEFIT] = add_up(profile, profile->pv_benefit, 1, amount);
    v[RK_ROI_NPV] = v[RK_ROI_PV_BENEFIT] - v[RK_ROI_PV_COST];
    v[RK_ROI_ROI_PV] = ratio(v[RK_ROI_NPV], v[RK_ROI_PV_COST]);
    v[RK_ROI_BCR] = ratio(v[RK_ROI_PV_BENEFIT], v[RK_ROI_PV_COST]);
    v[RK_ROI_IRR] = v[RK_ROI_MIRR] = NAN;
    v[RK_ROI_PAYBACK] = v[RK_ROI_DISCOUNTED_PAYBACK] = INFINITY;
    result.payback = result.discounted_payback =
        (struct rk_payback){.months = NAN, .last_months = NAN};
    status = evaluate_rates(profile, amount, &result);
    if (status == RK_OK)
        status = evaluate_payback(profile, amount, &result);
    if (status == RK_ENODATA) /* no item pays within the horizon */
        status = RK_OK;
    if (status == RK_OK)
        *out = result;
    return status;
}
