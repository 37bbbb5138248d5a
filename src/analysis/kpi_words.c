/* What a KPI means, in words, and what may mislead about it. */
#include <math.h>
#include <string.h>

#include "kpi_parts.h"
#include "repkit/sum.h"
#include "repkit/words.h"

/* Shares are said in percent. */
static void say(struct rk_text *out, const struct kpi_estimate *e, double value)
{
    bool share = e->unit != NULL && strcmp(e->unit, "share") == 0;

    rk_say_number(out, share ? 100.0 * value : value);
    if (share)
        rk_text_add(out, "%");
}

static void write_manager(const struct kpi *kpi, const struct kpi_estimate *e, const char *period,
                          double conf_level, struct rk_text *out)
{
    bool difference = strcmp(period, "difference") == 0;
    bool share = e->unit != NULL && strcmp(e->unit, "share") == 0;
    bool named =
        e->unit != NULL && !share && strcmp(e->unit, "money") != 0 && strcmp(e->unit, "ratio") != 0;
    double scale = share ? 100.0 : 1.0;

    if (isnan(e->value)) {
        rk_text_format(out, "%s cannot be said for '%s'.", kpi->name, period);
        return;
    }
    if (difference) {
        rk_text_format(out, "%s is after the date ", kpi->name);
        rk_say_number(out, fabs(scale * e->value));
        rk_text_format(out, "%s%s%s %s than before", share ? " points" : "", named ? " " : "",
                       named ? e->unit : "", e->value < 0.0 ? "lower" : "higher");
    } else {
        rk_text_format(out, "%s ", kpi->says);
        say(out, e, e->value);
        rk_text_format(out, "%s%s", named ? " " : "", named ? e->unit : "");
    }
    rk_say_interval(out, conf_level, scale * e->low, scale * e->high);
    rk_text_add(out, ".");
    if (difference && e->low <= 0.0 && e->high >= 0.0)
        rk_text_add(out, " No difference at all fits these data too.");
    if (isnan(e->low) && isnan(e->high))
        rk_text_add(out, " How sure that is cannot be told from these numbers.");
}

static void write_paper(const struct kpi *kpi, const struct kpi_estimate *e, const char *period,
                        double conf_level, struct rk_text *out)
{
    rk_text_add(out, kpi->name);
    if (e->definition != NULL && e->definition[0] != '\0')
        rk_text_format(out, " (%s)", e->definition);
    if (strcmp(period, "all") != 0)
        rk_text_format(out, ", %s", period);
    rk_text_add(out, ": ");
    rk_say_number(out, e->value);
    rk_say_ci(out, conf_level, e->low, e->high);
    if (!isnan(e->n)) {
        rk_text_add(out, ", n = ");
        rk_say_number(out, e->n);
    }
    if (e->formula != NULL)
        rk_text_format(out, "; %s", e->formula);
    if (e->note[0] != '\0')
        rk_text_format(out, " (%s)", e->note);
    rk_text_add(out, ".");
}

void kpi_explain(const struct kpi *kpi, const struct kpi_estimate *e, const char *period,
                 double conf_level, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};

    rk_text_format(&row, "%s %s", kpi->name, period);
    write_manager(kpi, e, period, conf_level, &manager);
    write_paper(kpi, e, period, conf_level, &paper);
    rk_explain(result, &row, &manager, &paper);
}

/* --- warnings ------------------------------------------------------------------------------- */

/* Many deals are still open: what has closed is not what will have. */
static void warn_open(const struct kpi_slice *slice, const struct kpi *kpi,
                      struct rk_result *result)
{
    size_t n, open = 0;
    const struct kpi_row *row = kpi_group_rows(slice, RK_CRM_DEALS, &n);

    for (size_t i = 0; i < n; i++)
        open += row[i].end == RK_DEAL_OPEN;
    if (n > 0 && open * 10 > n)
        rk_warn(result, RK_WARN_CENSORING,
                "%zu of %zu deals are still open, and %s counts only those closed", open, n,
                kpi->name);
}

/* One amount that carries a fifth of all. */
static void warn_largest(const struct kpi_slice *slice, const struct kpi *kpi,
                         enum rk_crm_input input, struct rk_result *result)
{
    struct rk_sum sum = {0};
    double most = 0.0;
    size_t n;
    const struct kpi_row *row = kpi_group_rows(slice, input, &n);

    for (size_t i = 0; i < n; i++)
        if (row[i].amount > 0.0 && (input != RK_CRM_DEALS || row[i].end == RK_DEAL_WON)) {
            rk_sum_add(&sum, row[i].amount);
            most = fmax(most, row[i].amount);
        }
    if (n >= 5 && most > 0.2 * rk_sum_value(&sum))
        rk_warn(result, RK_WARN_HEAVY_TAIL, "%s: one %s is %.0f%% of all revenue", kpi->name,
                input == RK_CRM_DEALS ? "deal" : "order", 100.0 * most / rk_sum_value(&sum));
}

void kpi_warn(const struct kpi_slice *slice, const struct kpi *kpi, const char *definition,
              struct rk_result *result)
{
    bool deals = kpi_has(slice, RK_CRM_DEALS), orders = kpi_has(slice, RK_CRM_ORDERS);

    if (strcmp(definition, "mean-closed") == 0 || strcmp(definition, "closed") == 0)
        warn_open(slice, kpi, result);
    if (strcmp(kpi->name, "avg-order") == 0 && orders)
        warn_largest(slice, kpi, RK_CRM_ORDERS, result);
    if (strcmp(kpi->name, "revenue-per-lead") == 0 && (orders || deals))
        warn_largest(slice, kpi, orders ? RK_CRM_ORDERS : RK_CRM_DEALS, result);
    if (strcmp(kpi->name, "efficiency") == 0 && strcmp(definition, "revenue") == 0)
        warn_largest(slice, kpi, RK_CRM_DEALS, result);
    if (strcmp(definition, "bgnbd") == 0) {
        double years = (double)(slice->data->as_of - slice->data->first_day) / 365.25;
        double ahead = 1.0;

        if (kpi_constant(slice, RK_TOTAL_LIFETIME, &ahead) && ahead > years)
            rk_warn(result, RK_WARN_EXTRAPOLATION,
                    "%s looks %.3g years ahead from %.3g years of orders", kpi->name, ahead, years);
    }
}
