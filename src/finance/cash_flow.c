#include "repkit/cash_flow.h"

#include <math.h>

double rk_discount_factor(double rate, double months)
{
    return rate > -1.0 ? exp(-log1p(rate) * (months / 12.0)) : NAN;
}

static enum rk_status check_flows(const double *months, const double *flow, size_t n)
{
    if (n == 0)
        return RK_ENODATA;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(months[i]) || !isfinite(flow[i]))
            return RK_EDOMAIN;
    return RK_OK;
}

enum rk_status rk_npv(const double *months, const double *flow, size_t n, double rate, double *npv)
{
    enum rk_status status = check_flows(months, flow, n);
    double sum = 0.0;

    if (status != RK_OK)
        return status;
    for (size_t i = 0; i < n; i++)
        sum += flow[i] * rk_discount_factor(rate, months[i]);
    if (!isfinite(sum))
        return RK_EDOMAIN;
    *npv = sum;
    return RK_OK;
}

enum rk_status rk_mirr(const double *months, const double *flow, size_t n, double begin, double end,
                       double finance_rate, double reinvest_rate, double *mirr)
{
    enum rk_status status = check_flows(months, flow, n);
    double paid = 0.0, received = 0.0, value;

    if (status != RK_OK)
        return status;
    for (size_t i = 0; i < n; i++) {
        if (flow[i] < 0.0)
            paid -= flow[i] * rk_discount_factor(finance_rate, months[i] - begin);
        else
            received += flow[i] * rk_discount_factor(reinvest_rate, months[i] - end);
    }
    if (!(paid > 0.0) || !(received > 0.0) || !(end > begin))
        return RK_EDOMAIN;
    value = expm1(log(received / paid) * (12.0 / (end - begin)));
    if (!isfinite(value))
        return RK_EDOMAIN;
    *mirr = value;
    return RK_OK;
}

enum rk_status rk_payback(const double *months, const double *flow, size_t n,
                          struct rk_payback *out)
{
    struct rk_payback result = {.months = NAN, .last_months = NAN};
    enum rk_status status = check_flows(months, flow, n);
    double before = 0.0, sum = 0.0;
    bool was_red = false;

    if (status != RK_OK)
        return status;
    for (size_t i = 0; i < n; i++) {
        bool first = !result.reached;

        if (i > 0 && !(months[i] > months[i - 1]))
            return RK_EDOMAIN;
        before = sum;
        sum += flow[i];
        if (sum >= 0.0 && (was_red || i == 0)) {
            /* Money that comes before any is spent: nothing has to be paid back. */
            result.last_months =
                i == 0 ? 0.0
                       : months[i - 1] + (months[i] - months[i - 1]) * (before / (before - sum));
            if (first)
                result.months = result.last_months;
            result.reached = true;
        }
        was_red = sum < 0.0;
    }
    if (was_red)
        result.last_months = NAN;
    *out = result;
    return RK_OK;
}
