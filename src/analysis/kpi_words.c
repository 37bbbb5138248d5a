/* What a KPI means, in words, and what may mislead about it. */
#include <math.h>
#include <string.h>

#include "kpi_parts.h"
#include "repkit/sum.h"
#include "repkit/words.h"

/* The KPI's sentence for the definition, into length bytes. */
static const char *sentence_of(const struct kpi *kpi, const char *definition, size_t *length)
{
    int which =
        definition == NULL ? -1 : rk_choice_find(kpi->definitions, definition, strlen(definition));
    const char *from = kpi->says;

    for (const char *next; which > 0 && (next = strchr(from, '|')) != NULL; which--)
        from = next + 1;
    if (which > 0) /* one for all */
        from = kpi->says;
    *length = strcspn(from, "|");
    return from;
}

/* "54.9% (95% interval 53.4 to 56.3)", "12 orders (...)": shares are said in percent. */
static void say_value(struct rk_text *out, const struct kpi_estimate *e, double conf_level)
{
    const char *unit = e->unit == NULL ? "" : e->unit;
    bool share = strcmp(unit, "share") == 0;
    double scale = share ? 100.0 : 1.0;

    rk_say_number(out, scale * e->value);
    if (share)
        rk_text_add_char(out, '%');
    else if (strcmp(unit, "money/day") == 0)
        rk_text_add(out, " a day");
    else if (strcmp(unit, "money") != 0 && strcmp(unit, "ratio") != 0)
        rk_text_format(out, " %s", unit);
    rk_say_interval(out, conf_level, scale * e->low, scale * e->high);
}

/* A difference over time is no effect, and the sentence does not make it one. */
static void say_difference(const struct kpi *kpi, const struct kpi_estimate *e, double conf_level,
                           struct rk_text *out)
{
    const char *unit = e->unit == NULL ? "" : e->unit;
    bool share = strcmp(unit, "share") == 0;
    bool named = !share && strncmp(unit, "money", 5) != 0 && strcmp(unit, "ratio") != 0;
    bool lasts = strcmp(unit, "days") == 0 || strcmp(unit, "months") == 0;
    const char *fewer = lasts ? "shorter" : "lower", *more = lasts ? "longer" : "higher";
    double scale = share ? 100.0 : 1.0;

    if (e->value == 0.0) {
        rk_text_format(out, "After the date %s is what it was before", kpi->name);
    } else {
        rk_text_format(out, "After the date %s is ", kpi->name);
        rk_say_number(out, fabs(scale * e->value));
        rk_text_format(out, "%s%s%s %s than before", share ? " points" : "", named ? " " : "",
                       named ? unit : "", e->value < 0.0 ? fewer : more);
    }
    rk_say_interval(out, conf_level, scale * e->low, scale * e->high);
    rk_text_add_char(out, '.');
    if (e->low <= 0.0 && e->high >= 0.0)
        rk_text_add(out, " No difference at all fits these data too.");
}

static void write_manager(const struct kpi *kpi, const struct kpi_estimate *e, const char *period,
                          double conf_level, struct rk_text *out)
{
    size_t length;
    const char *sentence = sentence_of(kpi, e->definition, &length);

    if (isnan(e->value)) {
        rk_text_format(out, "%s cannot be said for '%s'%s%s.", kpi->name, period,
                       e->note[0] == '\0' ? "" : ": ", e->note);
        return;
    }
    if (strcmp(period, "difference") == 0) {
        say_difference(kpi, e, conf_level, out);
    } else {
        for (size_t i = 0; i < length; i++) {
            if (sentence[i] == '@')
                say_value(out, e, conf_level);
            else if (sentence[i] == '#')
                rk_text_add(out, e->note);
            else
                rk_text_add_char(out, sentence[i]);
        }
        rk_text_add_char(out, '.');
    }
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

void kpi_warn(const struct kpi_slice *slice, const struct kpi *kpi, const struct kpi_estimate *e,
              struct rk_result *result)
{
    const char *definition = e->definition;
    bool deals = kpi_has(slice, RK_CRM_DEALS), orders = kpi_has(slice, RK_CRM_ORDERS);

    if (strcmp(kpi->name, "velocity") == 0 || strcmp(definition, "mean-closed") == 0 ||
        strcmp(definition, "closed") == 0)
        warn_open(slice, kpi, result);
    if (strcmp(kpi->name, "avg-order") == 0 && orders)
        warn_largest(slice, kpi, RK_CRM_ORDERS, result);
    if (strcmp(kpi->name, "revenue-per-lead") == 0 && (orders || deals))
        warn_largest(slice, kpi, orders ? RK_CRM_ORDERS : RK_CRM_DEALS, result);
    if (strcmp(kpi->name, "efficiency") == 0 && strcmp(definition, "revenue") == 0)
        warn_largest(slice, kpi, RK_CRM_DEALS, result);
    if (fabs(e->correlation) > 0.3)
        rk_warn(result, RK_WARN_NOT_INDEPENDENT,
                "%s: how much customers spend goes with how often they order (r = %.2f)", kpi->name,
                e->correlation);
    if (strcmp(definition, "bgnbd") == 0) {
        double years = (double)(slice->data->as_of - slice->data->first_day) / 365.25;
        double ahead = 1.0;

        if (kpi_constant(slice, RK_TOTAL_LIFETIME, &ahead) && ahead > years)
            rk_warn(result, RK_WARN_EXTRAPOLATION,
                    "%s looks %.3g years ahead from %.3g years of orders", kpi->name, ahead, years);
    }
}
