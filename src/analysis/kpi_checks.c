/* What no total can be. */
#include "kpi_parts.h"

/* What a total is, and so why it is not below 0; NULL where it may be. */
static const char *const below_zero[RK_TOTALS] = {
    [RK_TOTAL_NEW_CUSTOMERS] = "counts cannot be negative",
    [RK_TOTAL_START_CUSTOMERS] = "counts cannot be negative",
    [RK_TOTAL_END_CUSTOMERS] = "counts cannot be negative",
    [RK_TOTAL_LOST_CUSTOMERS] = "counts cannot be negative",
    [RK_TOTAL_MARKETING_COST] = "costs cannot be negative",
    [RK_TOTAL_SALES_COST] = "costs cannot be negative",
    [RK_TOTAL_FREQUENCY] = "counts cannot be negative",
    [RK_TOTAL_LIFETIME] = "times cannot be negative",
    [RK_TOTAL_RETENTION] = "shares cannot be negative",
    [RK_TOTAL_LEADS] = "counts cannot be negative",
    [RK_TOTAL_CONVERTED] = "counts cannot be negative",
    [RK_TOTAL_COST] = "costs cannot be negative",
    [RK_TOTAL_WON] = "counts cannot be negative",
    [RK_TOTAL_LOST] = "counts cannot be negative",
    [RK_TOTAL_DEALS] = "counts cannot be negative",
    [RK_TOTAL_CYCLE_DAYS] = "times cannot be negative",
    [RK_TOTAL_START_MRR] = "what customers pay cannot be negative",
    [RK_TOTAL_EXPANSION_MRR] = "what was gained is given as a positive number",
    [RK_TOTAL_CONTRACTION_MRR] = "what was lost is given as a positive number",
    [RK_TOTAL_CHURNED_MRR] = "what was lost is given as a positive number",
};

enum rk_status kpi_check_total(int total, double value, const char *text, struct rk_error *error)
{
    if (value < 0.0 && below_zero[total] != NULL)
        return rk_fail(error, RK_EUSAGE, "--set %s: %s", text, below_zero[total]);
    if (value > 1.0 && total == RK_TOTAL_RETENTION)
        return rk_fail(error, RK_EUSAGE, "--set %s: a share is at most 1, or 100%%", text);
    return RK_OK;
}
