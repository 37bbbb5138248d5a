/* The tables beside the KPIs: the curve of deals, cohorts of customers, the funnel. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kpi_parts.h"
#include "repkit/proportions.h"
#include "repkit/survival.h"
#include "repkit/words.h"

static const struct rk_field survival_fields[] = {
    {"time", RK_NUMBER, RK_GENERAL},      {"n_risk", RK_NUMBER, RK_COUNT},
    {"n_event", RK_NUMBER, RK_COUNT},     {"n_censored", RK_NUMBER, RK_COUNT},
    {"survival", RK_NUMBER, RK_GENERAL},  {"conf_low", RK_NUMBER, RK_GENERAL},
    {"conf_high", RK_NUMBER, RK_GENERAL},
};
static const struct rk_field cohort_fields[] = {
    {"cohort", RK_TEXT, RK_GENERAL},      {"age", RK_NUMBER, RK_COUNT},
    {"n_start", RK_NUMBER, RK_COUNT},     {"n_active", RK_NUMBER, RK_COUNT},
    {"retention", RK_NUMBER, RK_GENERAL}, {"conf_low", RK_NUMBER, RK_GENERAL},
    {"conf_high", RK_NUMBER, RK_GENERAL},
};
static const struct rk_field funnel_fields[] = {
    {"stage", RK_TEXT, RK_GENERAL},       {"n", RK_NUMBER, RK_COUNT},
    {"share", RK_NUMBER, RK_GENERAL},     {"conf_low", RK_NUMBER, RK_GENERAL},
    {"conf_high", RK_NUMBER, RK_GENERAL},
};
#define COUNT(fields) (sizeof(fields) / sizeof *(fields))

void kpi_declare_more(const struct rk_kpi_options *options, struct rk_result *result)
{
    if (options->survival)
        rk_result_declare(result, "survival", survival_fields, COUNT(survival_fields));
    if (options->cohorts)
        rk_result_declare(result, "cohorts", cohort_fields, COUNT(cohort_fields));
    if (options->funnel)
        rk_result_declare(result, "funnel", funnel_fields, COUNT(funnel_fields));
    if (options->tests)
        kpi_declare_tests(result);
}

static double level_of(const struct kpi_slice *slice)
{
    return slice->data->options->common.conf_level;
}

/* --- how long deals stay open --------------------------------------------------------------- */

/* Of the whole curve: when half have closed, and how many are open at its end. */
static void explain_survival(const struct rk_survival *s, double conf_level,
                             struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};
    double median, low, high, last = s->time[s->n_steps - 1];

    rk_survival_quantile(s, 0.5, &median, &low, &high);
    rk_text_add(&row, "survival");
    rk_text_format(&paper, "Kaplan-Meier of %zu deals, %zu closed; median ", s->n, s->n_events);
    if (isnan(median)) {
        rk_text_format(&manager, "Fewer than half of the deals have closed after %g days", last);
        rk_text_add(&paper, "not reached");
    } else {
        rk_text_format(&manager, "Half of the deals have closed after %g days", median);
        rk_text_format(&paper, "%g days", median);
        rk_say_ci(&paper, conf_level, low, high);
    }
    rk_text_add(&manager, "; after ");
    rk_text_format(&manager, "%g, as far as anyone has looked, ", last);
    rk_say_number(&manager, 100.0 * s->survival[s->n_steps - 1]);
    rk_text_add(&manager, "% are still open.");
    rk_text_format(&paper, "; S(%g) = ", last);
    rk_say_number(&paper, s->survival[s->n_steps - 1]);
    rk_text_add_char(&paper, '.');
    rk_explain(result, &row, &manager, &paper);
}

enum rk_status kpi_put_survival(const struct kpi_slice *slice, struct rk_result *result,
                                struct rk_error *error)
{
    size_t table = rk_result_declare(result, "survival", survival_fields, COUNT(survival_fields));
    double *time = NULL;
    int *ends = NULL;
    size_t n = 0;
    struct rk_survival *s = NULL;
    enum rk_status status;

    if (!kpi_has(slice, RK_CRM_DEALS))
        return rk_fail(error, RK_EUSAGE, "--emit survival needs --deals");
    status = kpi_durations(slice, &time, &ends, &n);
    if (status == RK_OK && n > 0)
        status = rk_survival_new(time, ends, n, level_of(slice), &s);
    for (size_t j = 0; s != NULL && j < s->n_steps; j++) {
        const double cell[] = {s->time[j],     s->n_risk[j],   s->n_event[j],  s->n_censored[j],
                               s->survival[j], s->conf_low[j], s->conf_high[j]};

        rk_result_row(result, table);
        for (size_t k = 0; k < COUNT(survival_fields); k++)
            rk_put(result, table, k, cell[k]);
    }
    if (s != NULL && slice->data->options->common.explain)
        explain_survival(s, level_of(slice), result);
    rk_survival_free(s);
    free(time);
    free(ends);
    return status == RK_OK ? RK_OK : rk_fail_memory(error);
}

/* --- cohorts -------------------------------------------------------------------------------- */

/* How many of the rows are still customers on the day. */
static double still_there(const struct kpi_row *row, size_t n, int64_t day)
{
    double there = 0.0;

    for (size_t i = 0; i < n; i++)
        there += row[i].until == NO_DAY || row[i].until > day;
    return there;
}

/* Where a cohort stands at its last whole period. */
static void explain_cohort(const char *label, const char *period, double age, double there,
                           double n, double conf_level, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};
    double low, high;

    rk_wilson((uint64_t)there, (uint64_t)n, RK_TWO_SIDED, conf_level, &low, &high);
    rk_text_format(&row, "cohorts %s", label);
    rk_text_format(&manager, "Of the %g customers who came in %s, ", n, label);
    rk_say_number(&manager, 100.0 * there / n);
    rk_text_add_char(&manager, '%');
    rk_say_interval(&manager, conf_level, 100.0 * low, 100.0 * high);
    if (age > 0.0)
        rk_text_format(&manager, " are still there %g %s%s later.", age, period,
                       age == 1.0 ? "" : "s");
    else
        rk_text_format(&manager, " are still there at the end of that %s.", period);
    rk_text_format(&paper, "Cohort %s: %g of %g retained at age %g, ", label, there, n, age);
    rk_say_number(&paper, there / n);
    rk_say_ci(&paper, conf_level, low, high);
    rk_text_add_char(&paper, '.');
    rk_explain(result, &row, &manager, &paper);
}

static void put_cohort(const struct kpi_slice *slice, const struct kpi_row *row, size_t n,
                       enum rk_time_kind kind, int64_t cohort, size_t table,
                       struct rk_result *result)
{
    char label[32];
    int64_t last = rk_time_of_day(kind, slice->data->as_of + 1) - 1; /* the last whole period */

    rk_time_format(kind, cohort, label);
    for (int64_t t = cohort; t <= last; t++) {
        double there = still_there(row, n, rk_time_first_day(kind, t + 1) - 1), low, high;

        rk_wilson((uint64_t)there, (uint64_t)n, RK_TWO_SIDED, level_of(slice), &low, &high);
        rk_result_row(result, table);
        rk_put_text(result, table, 0, label);
        rk_put(result, table, 1, (double)(t - cohort));
        rk_put(result, table, 2, (double)n);
        rk_put(result, table, 3, there);
        rk_put(result, table, 4, there / (double)n);
        rk_put(result, table, 5, low);
        rk_put(result, table, 6, high);
        if (t == last && slice->data->options->common.explain)
            explain_cohort(label, rk_time_kind_name(kind), (double)(t - cohort), there, (double)n,
                           level_of(slice), result);
    }
}

enum rk_status kpi_put_cohorts(const struct kpi_slice *slice, struct rk_result *result,
                               struct rk_error *error)
{
    static const enum rk_time_kind kinds[] = {RK_TIME_DAY, RK_TIME_WEEK, RK_TIME_MONTH,
                                              RK_TIME_QUARTER, RK_TIME_YEAR};
    int period = slice->data->options->period;
    enum rk_time_kind kind = period < 0 ? RK_TIME_MONTH : kinds[period];
    size_t table = rk_result_declare(result, "cohorts", cohort_fields, COUNT(cohort_fields));
    size_t n, first = 0;
    const struct kpi_row *row = kpi_group_rows(slice, RK_CRM_CUSTOMERS, &n);

    if (row == NULL)
        return rk_fail(error, RK_EUSAGE, "--emit cohorts needs --customers");
    while (first < n && row[first].day == NO_DAY)
        first++;
    while (first < n) {
        int64_t cohort = rk_time_of_day(kind, row[first].day);
        size_t end = first;

        while (end < n && rk_time_of_day(kind, row[end].day) == cohort)
            end++;
        put_cohort(slice, row + first, end - first, kind, cohort, table, result);
        first = end;
    }
    return RK_OK;
}

/* --- the funnel ----------------------------------------------------------------------------- */

static const struct {
    const char *stage, *said;
} stages[] = {
    {"leads", "leads came in"},     {"converted", "leads became customers"},
    {"deals", "deals were opened"}, {"closed", "deals have closed"},
    {"won", "deals were won"},
};

static void explain_stage(const char *stage, double n, double of, double low, double high,
                          double conf_level, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};
    size_t k = 0;

    while (strcmp(stages[k].stage, stage) != 0)
        k++;
    rk_text_format(&row, "funnel %s", stage);
    rk_text_format(&manager, "%g %s", n, stages[k].said);
    rk_text_format(&paper, "%s: %g", stage, n);
    if (of > 0.0) {
        rk_text_add(&manager, ": ");
        rk_say_number(&manager, 100.0 * n / of);
        rk_text_add(&manager, "% of what the funnel begins with");
        rk_say_interval(&manager, conf_level, 100.0 * low, 100.0 * high);
        rk_text_format(&paper, " of %g, ", of);
        rk_say_number(&paper, n / of);
        rk_say_ci(&paper, conf_level, low, high);
    }
    rk_text_add_char(&manager, '.');
    rk_text_add_char(&paper, '.');
    rk_explain(result, &row, &manager, &paper);
}

static void put_stage(const struct kpi_slice *slice, const char *stage, double n, double of,
                      bool part, size_t table, struct rk_result *result)
{
    double low = NAN, high = NAN;

    rk_result_row(result, table);
    rk_put_text(result, table, 0, stage);
    rk_put(result, table, 1, n);
    if (of > 0.0) {
        if (part) /* leads and deals are not cases of one another */
            rk_wilson((uint64_t)n, (uint64_t)of, RK_TWO_SIDED, level_of(slice), &low, &high);
        rk_put(result, table, 2, n / of);
        rk_put(result, table, 3, low);
        rk_put(result, table, 4, high);
    }
    if (slice->data->options->common.explain)
        explain_stage(stage, n, of, low, high, level_of(slice), result);
}

enum rk_status kpi_put_funnel(const struct kpi_slice *slice, struct rk_result *result,
                              struct rk_error *error)
{
    size_t table = rk_result_declare(result, "funnel", funnel_fields, COUNT(funnel_fields));
    double leads = 0.0, converted = 0.0, opened = 0.0, closed = 0.0, won = 0.0, first;
    bool has_leads = kpi_has(slice, RK_CRM_LEADS), has_deals = kpi_has(slice, RK_CRM_DEALS);
    size_t n;
    const struct kpi_row *row = kpi_slice_rows(slice, RK_CRM_LEADS, &n);

    if (!has_leads && !has_deals)
        return rk_fail(error, RK_EUSAGE, "--emit funnel needs --leads or --deals");
    leads = (double)n;
    for (size_t i = 0; i < n; i++)
        converted += row[i].end;
    row = kpi_group_rows(slice, RK_CRM_DEALS, &n);
    for (size_t i = 0; i < n; i++) {
        opened += 1.0;
        closed += row[i].end != RK_DEAL_OPEN;
        won += row[i].end == RK_DEAL_WON;
    }
    first = has_leads ? leads : opened;
    if (has_leads) {
        put_stage(slice, "leads", leads, first, true, table, result);
        put_stage(slice, "converted", converted, first, true, table, result);
    }
    if (has_deals) {
        put_stage(slice, "deals", opened, first, !has_leads, table, result);
        put_stage(slice, "closed", closed, first, !has_leads, table, result);
        put_stage(slice, "won", won, first, !has_leads, table, result);
    }
    return RK_OK;
}
