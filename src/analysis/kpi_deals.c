/* Deals and what is done for them; and what customers say. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kpi_parts.h"
#include "repkit/distributions.h"
#include "repkit/survival.h"

static double level_of(const struct kpi_slice *slice)
{
    return slice->data->options->common.conf_level;
}

/* --- sales cycle ---------------------------------------------------------------------------- */

enum rk_status kpi_durations(const struct kpi_slice *slice, double **time, int **status, size_t *n)
{
    size_t n_rows, used = 0;
    const struct kpi_row *row = kpi_slice_rows(slice, RK_CRM_DEALS, &n_rows);

    *time = malloc((n_rows + 1) * sizeof **time);
    *status = malloc((n_rows + 1) * sizeof **status);
    if (*time == NULL || *status == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n_rows; i++) {
        bool closed = row[i].until != NO_DAY && row[i].end != RK_DEAL_OPEN;
        int64_t end = closed ? row[i].until : slice->data->rows[RK_CRM_DEALS].last_day;

        if (end < row[i].day || (!closed && row[i].end != RK_DEAL_OPEN))
            continue; /* closed before it was opened, or on no known day */
        (*time)[used] = (double)(end - row[i].day);
        (*status)[used++] = closed ? row[i].end : 0;
    }
    *n = used;
    return RK_OK;
}

/* As far as the curve carries: the last time at which a tenth of the deals, or five, are watched.
 */
static double horizon_of(const struct rk_survival *s)
{
    double least = fmin(fmax(5.0, 0.1 * (double)s->n), (double)s->n), tau = 0.0;

    for (size_t j = 0; j < s->n_steps; j++)
        if (s->n_risk[j] >= least)
            tau = s->time[j];
    return tau;
}

enum rk_status kpi_horizon(const struct kpi_slice *slice, double *days)
{
    double *time = NULL;
    int *ends = NULL;
    size_t n = 0;
    struct rk_survival *s = NULL;
    enum rk_status status = kpi_durations(slice, &time, &ends, &n);

    *days = NAN;
    if (status == RK_OK && n > 0)
        status = rk_survival_new(time, ends, n, level_of(slice), &s);
    if (s != NULL)
        *days = horizon_of(s);
    rk_survival_free(s);
    free(time);
    free(ends);
    return status;
}

static void cycle_of(const struct rk_survival *s, const char *definition,
                     const struct kpi_slice *slice, struct kpi_estimate *e)
{
    double conf_level = level_of(slice);
    double z = rk_qnorm((1.0 - conf_level) / 2.0, RK_UPPER_TAIL), tau;

    if (strcmp(definition, "median") == 0) {
        rk_survival_quantile(s, 0.5, &e->value, &e->low, &e->high);
        e->std_error = (e->high - e->low) / (2.0 * z);
        if (isnan(e->value))
            kpi_note(e, "fewer than half have closed: longer than %g days",
                     s->time[s->n_steps - 1]);
        else if (isnan(e->high))
            kpi_note(e, "the upper end is beyond the data");
        return;
    }
    tau = slice->days > 0.0 ? slice->days : horizon_of(s);
    rk_survival_mean(s, tau, &e->value, &e->std_error);
    e->low = e->value - z * e->std_error;
    e->high = fmin(tau, e->value + z * e->std_error);
    kpi_note(e, "of the first %g days", tau);
}

static enum rk_status mean_closed(const struct kpi_slice *slice, struct kpi_estimate *e)
{
    size_t n, used = 0;
    const struct kpi_row *row = kpi_group_rows(slice, RK_CRM_DEALS, &n);
    double *days = malloc((n + 1) * sizeof *days), open = 0.0;
    enum rk_status status;

    if (days == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        bool dated = row[i].day != NO_DAY && row[i].until != NO_DAY && row[i].until >= row[i].day;

        open += row[i].end == RK_DEAL_OPEN;
        if (dated && row[i].end != RK_DEAL_OPEN && row[i].until >= slice->first &&
            row[i].until < slice->last)
            days[used++] = (double)(row[i].until - row[i].day);
    }
    status = kpi_mean(slice, e, days, used);
    if (open > 0.0)
        kpi_note(e, "too short: %g deals are still open", open);
    free(days);
    return status;
}

enum rk_status kpi_sales_cycle(const struct kpi_slice *slice, const char *definition,
                               struct kpi_estimate *e)
{
    double days, deals, *time = NULL;
    int *ends = NULL;
    size_t n = 0;
    struct rk_survival *s = NULL;
    enum rk_status status;

    e->unit = "days";
    if (kpi_total(slice, RK_TOTAL_CYCLE_DAYS, &days) && kpi_total(slice, RK_TOTAL_DEALS, &deals)) {
        e->formula = "cycle_days / deals";
        e->value = deals > 0.0 ? days / deals : NAN;
        e->n = deals;
        kpi_note(e, deals > 0.0 ? "no interval: totals do not say how deals differ" : "no deals");
        return RK_OK;
    }
    if (!kpi_has(slice, RK_CRM_DEALS)) {
        e->missing = "--deals";
        return RK_OK;
    }
    if (strcmp(definition, "mean-closed") == 0) {
        e->formula = "sum of close - open over deals closed / deals closed";
        return mean_closed(slice, e);
    }
    e->formula = strcmp(definition, "median") == 0
                     ? "days by which half of the deals opened have closed (Kaplan-Meier)"
                     : "mean days to the close, at most those watched (Kaplan-Meier)";
    status = kpi_durations(slice, &time, &ends, &n);
    if (status == RK_OK && n > 0)
        status = rk_survival_new(time, ends, n, level_of(slice), &s);
    e->n = (double)n;
    if (s != NULL)
        cycle_of(s, definition, slice, e);
    else if (status == RK_OK)
        kpi_note(e, "no deal was opened");
    rk_survival_free(s);
    free(time);
    free(ends);
    return status;
}

/* --- win rate ------------------------------------------------------------------------------- */

static void closed_of(const struct kpi_slice *slice, double *won, double *lost)
{
    size_t n;
    const struct kpi_row *row = kpi_group_rows(slice, RK_CRM_DEALS, &n);

    *won = *lost = 0.0;
    for (size_t i = 0; i < n; i++)
        if (row[i].until != NO_DAY && row[i].until >= slice->first && row[i].until < slice->last) {
            *won += row[i].end == RK_DEAL_WON;
            *lost += row[i].end == RK_DEAL_LOST;
        }
}

static enum rk_status cohort_win_rate(const struct kpi_slice *slice, struct kpi_estimate *e)
{
    double z = rk_qnorm((1.0 - level_of(slice)) / 2.0, RK_UPPER_TAIL), *time = NULL, tau = 0.0;
    int *ends = NULL;
    size_t n = 0;
    struct rk_survival *s = NULL;
    enum rk_status status = kpi_durations(slice, &time, &ends, &n);

    e->n = (double)n;
    e->formula = "share of deals opened that are won in time, open ones still watched "
                 "(Aalen-Johansen)";
    if (status == RK_OK && n > 0)
        status = rk_survival_new(time, ends, n, level_of(slice), &s);
    if (s != NULL) {
        tau = slice->days > 0.0 ? slice->days : horizon_of(s);
        status = rk_cumulative_incidence(time, ends, n, RK_DEAL_WON, tau, &e->value, &e->std_error);
        kpi_note(e, "within %g days", tau);
    } else if (status == RK_OK) {
        kpi_note(e, "no deal was opened");
    }
    if (s != NULL && status == RK_OK && e->value > 0.0 && e->value < 1.0) {
        /* on the scale of log(-log(1 - F)), which keeps the ends between 0 and 1 */
        double left = log(1.0 - e->value), width = z * e->std_error / ((1.0 - e->value) * -left);

        e->low = 1.0 - exp(left * exp(-width));
        e->high = 1.0 - exp(left * exp(width));
    }
    rk_survival_free(s);
    free(time);
    free(ends);
    return status;
}

enum rk_status kpi_win_rate(const struct kpi_slice *slice, const char *definition,
                            struct kpi_estimate *e)
{
    double won, lost;

    e->unit = "share";
    e->formula = "won / (won + lost)";
    if (kpi_total(slice, RK_TOTAL_WON, &won) && kpi_total(slice, RK_TOTAL_LOST, &lost)) {
        kpi_share(e, won, won + lost, level_of(slice));
        return RK_OK;
    }
    if (!kpi_has(slice, RK_CRM_DEALS)) {
        e->missing = "--deals";
        return RK_OK;
    }
    if (strcmp(definition, "cohort") == 0)
        return cohort_win_rate(slice, e);
    closed_of(slice, &won, &lost);
    kpi_share(e, won, won + lost, level_of(slice));
    return RK_OK;
}

/* --- efficiency ----------------------------------------------------------------------------- */

/* Adds by rep what deals won brought (money), or their number, and the activities. */
static void efforts(const struct kpi_slice *slice, bool money, double *brought, double *done,
                    bool *seen)
{
    size_t n;
    const struct kpi_row *row = kpi_group_rows(slice, RK_CRM_DEALS, &n);

    for (size_t i = 0; i < n; i++)
        if (row[i].unit != RK_NO_CODE && row[i].end == RK_DEAL_WON && row[i].until != NO_DAY &&
            row[i].until >= slice->first && row[i].until < slice->last &&
            !(money && isnan(row[i].amount))) {
            brought[row[i].unit] += money ? row[i].amount : 1.0;
            seen[row[i].unit] = true;
        }
    row = kpi_slice_rows(slice, RK_CRM_ACTIVITIES, &n);
    for (size_t i = 0; i < n; i++)
        if (row[i].unit != RK_NO_CODE) {
            done[row[i].unit] += row[i].amount;
            seen[row[i].unit] = true;
        }
}

enum rk_status kpi_efficiency(const struct kpi_slice *slice, const char *definition,
                              struct kpi_estimate *e)
{
    bool money = strcmp(definition, "revenue") == 0;
    size_t n_reps = slice->data->rows[RK_CRM_DEALS].n_units, used = 0;
    double *brought;
    bool *seen;
    enum rk_status status;

    e->unit = money ? "money" : "deals";
    e->formula = money ? "revenue of deals won / activities" : "deals won / activities";
    if (!kpi_has(slice, RK_CRM_DEALS) || !kpi_has(slice, RK_CRM_ACTIVITIES)) {
        e->missing = "--activities and --deals";
        return RK_OK;
    }
    brought = calloc(2 * n_reps + 2, sizeof *brought);
    seen = calloc(n_reps + 1, sizeof *seen);
    if (brought == NULL || seen == NULL) {
        free(brought);
        free(seen);
        return RK_ENOMEM;
    }
    efforts(slice, money, brought, brought + n_reps + 1, seen);
    for (size_t i = 0; i < n_reps; i++)
        if (seen[i]) {
            brought[used] = brought[i];
            brought[n_reps + 1 + used++] = brought[n_reps + 1 + i];
        }
    status = kpi_ratio(slice, e, brought, brought + n_reps + 1, used);
    free(brought);
    free(seen);
    return status;
}

/* --- what customers say --------------------------------------------------------------------- */

enum { SCORE, PROMOTERS, SATISFIED };

/* The least score of a satisfied customer: as given, else 4 of 5, or 8 where scores go to 10; NaN
 * where the scale is another one. */
static double least_satisfied(const struct kpi_slice *slice)
{
    const struct kpi_rows *rows = &slice->data->rows[RK_CRM_SCORES];
    double least = 4.0;

    if (!isnan(slice->data->options->satisfied))
        return slice->data->options->satisfied;
    for (size_t i = 0; i < rows->n; i++) {
        if (rows->row[i].amount < 0.0 || rows->row[i].amount > 10.0)
            return NAN;
        if (rows->row[i].amount > 5.0)
            least = 8.0;
    }
    return least;
}

static enum rk_status of_scores(const struct kpi_slice *slice, int what, struct kpi_estimate *e)
{
    double least = least_satisfied(slice), satisfied = 0.0, *value;
    size_t n, used = 0;
    const struct kpi_row *row = kpi_slice_rows(slice, RK_CRM_SCORES, &n);
    bool of_ten = true;
    enum rk_status status = RK_OK;

    if (row == NULL) {
        e->missing = "--scores";
        return RK_OK;
    }
    value = malloc((n + 1) * sizeof *value);
    if (value == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        double score = row[i].amount;

        if (isnan(score))
            continue;
        of_ten = of_ten && score >= 0.0 && score <= 10.0;
        satisfied += score >= least;
        value[used++] = what == SCORE ? score : 100.0 * ((score >= 9.0) - (score <= 6.0));
    }
    if (what == SATISFIED && isnan(least)) {
        kpi_note(e, "scores are not all between 0 and 10: give --satisfied");
    } else if (what == SATISFIED) {
        kpi_note(e, "satisfied: %g and above", least);
        kpi_share(e, satisfied, (double)used, level_of(slice));
    } else if (what == PROMOTERS && !of_ten) {
        kpi_note(e, "scores are not all between 0 and 10");
    } else {
        status = kpi_mean(slice, e, value, used);
    }
    free(value);
    return status;
}

enum rk_status kpi_satisfaction(const struct kpi_slice *slice, const char *definition,
                                struct kpi_estimate *e)
{
    (void)definition;
    e->unit = "points";
    e->formula = "mean score";
    return of_scores(slice, SCORE, e);
}

enum rk_status kpi_nps(const struct kpi_slice *slice, const char *definition,
                       struct kpi_estimate *e)
{
    (void)definition;
    e->unit = "points";
    e->formula = "100 * (share of 9 and 10 - share of 0 to 6)";
    return of_scores(slice, PROMOTERS, e);
}

enum rk_status kpi_csat(const struct kpi_slice *slice, const char *definition,
                        struct kpi_estimate *e)
{
    (void)definition;
    e->unit = "share";
    e->formula = "share of scores of --satisfied and above";
    return of_scores(slice, SATISFIED, e);
}
