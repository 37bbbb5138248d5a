/* What no total and no row of a file can be, and what the reader is told of it. */
#include <math.h>
#include <stdlib.h>

#include "kpi_parts.h"

/* --- totals --------------------------------------------------------------------------------- */

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

/* --- rows ----------------------------------------------------------------------------------- */

static void add_odd(struct kpi_odd *odd, size_t source)
{
    if (odd->n == 0 || source < odd->first)
        odd->first = source;
    odd->n++;
}

static void check_each(const struct kpi_data *data, enum rk_crm_input input, struct kpi_rows *rows)
{
    for (size_t i = 0; i < rows->n; i++) {
        const struct kpi_row *row = &rows->row[i];
        bool counts = row->day != NO_DAY && row->day <= data->as_of;

        if (counts && row->backward && !(input == RK_CRM_DEALS && row->end == RK_DEAL_OPEN))
            add_odd(&rows->backward, row->source);
        if (counts && input == RK_CRM_ACTIVITIES && row->amount < 0.0)
            add_odd(&rows->below, row->source);
    }
}

/* One stay of a customer; row is its index. */
struct stay {
    uint32_t group, unit;
    int64_t first, last;
    size_t row;
};

static int by_customer_and_day(const void *a, const void *b)
{
    const struct stay *x = a, *y = b;

    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->unit != y->unit)
        return x->unit < y->unit ? -1 : 1;
    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    return x->row < y->row ? -1 : x->row > y->row;
}

/* Says which rows give a stay once more, of stays by customer and day. */
static void find_repeated(const struct stay *stay, size_t n, struct kpi_rows *rows, bool *again)
{
    const struct stay *before = NULL; /* the last that counts */
    int64_t until = NO_DAY;           /* how long the customer stays by all rows so far */

    for (size_t i = 0; i < n; i++) {
        const struct stay *s = &stay[i];
        size_t source = rows->row[s->row].source;
        bool same = before != NULL && before->group == s->group && before->unit == s->unit;

        if (same && before->first == s->first) {
            add_odd(before->last == s->last ? &rows->repeated : &rows->unlike, source);
            again[s->row] = true;
            continue;
        }
        if (same && until > s->first)
            add_odd(&rows->overlap, source);
        if (!same || s->last > until)
            until = s->last;
        before = s;
    }
}

static enum rk_status leave_out_repeated(const struct kpi_data *data, struct kpi_rows *rows)
{
    struct stay *stay = malloc((rows->n + 1) * sizeof *stay);
    bool *again = calloc(rows->n + 1, sizeof *again);
    size_t n = 0, kept = 0;

    if (stay == NULL || again == NULL) {
        free(stay);
        free(again);
        return RK_ENOMEM;
    }
    for (size_t i = 0; i < rows->n; i++) {
        const struct kpi_row *row = &rows->row[i];

        if (row->unit != RK_NO_CODE && row->day != NO_DAY && row->day <= data->as_of)
            stay[n++] = (struct stay){.group = row->group,
                                      .unit = row->unit,
                                      .first = row->day,
                                      .last = row->until == NO_DAY ? INT64_MAX : row->until,
                                      .row = i};
    }
    qsort(stay, n, sizeof *stay, by_customer_and_day);
    find_repeated(stay, n, rows, again);
    for (size_t i = 0; i < rows->n; i++)
        if (!again[i])
            rows->row[kept++] = rows->row[i];
    rows->n = kept;
    free(stay);
    free(again);
    return RK_OK;
}

enum rk_status kpi_check_rows(struct kpi_data *data, enum rk_crm_input input)
{
    struct kpi_rows *rows = &data->rows[input];
    enum rk_status status = input == RK_CRM_CUSTOMERS ? leave_out_repeated(data, rows) : RK_OK;

    if (status == RK_OK)
        check_each(data, input, rows);
    return status;
}

/* --- what is said of them ------------------------------------------------------------------- */

static const char *s_if_many(size_t n)
{
    return n == 1 ? "" : "s";
}

static const char *s_if_one(size_t n)
{
    return n == 1 ? "s" : "";
}

static void warn_customers(const struct kpi_rows *rows, struct rk_result *result)
{
    const struct kpi_odd *odd = &rows->repeated;

    if (odd->n > 0)
        rk_warn(result, RK_WARN_UNITS,
                "%zu row%s of --customers repeat%s a customer with the same start and end (first: "
                "line %zu): such a customer counts once",
                odd->n, s_if_many(odd->n), s_if_one(odd->n),
                rk_table_line(rows->table, odd->first));
    odd = &rows->unlike;
    if (odd->n > 0)
        rk_warn(result, RK_WARN_UNITS,
                "%zu row%s of --customers repeat%s a customer and start with another end (first: "
                "line %zu): the first of each counts",
                odd->n, s_if_many(odd->n), s_if_one(odd->n),
                rk_table_line(rows->table, odd->first));
    odd = &rows->overlap;
    if (odd->n > 0)
        rk_warn(result, RK_WARN_UNITS,
                "%zu row%s of --customers start%s a customer who has not left yet (first: line "
                "%zu): each row counts as a customer",
                odd->n, s_if_many(odd->n), s_if_one(odd->n),
                rk_table_line(rows->table, odd->first));
    odd = &rows->backward;
    if (odd->n > 0)
        rk_warn(result, RK_WARN_UNITS,
                "%zu customer%s leave%s before %s came (first: line %zu): new then, but in no "
                "retention, churn or lifetime",
                odd->n, s_if_many(odd->n), s_if_one(odd->n), odd->n == 1 ? "it" : "they",
                rk_table_line(rows->table, odd->first));
}

static void warn_odd(const struct kpi_data *data, struct rk_result *result)
{
    const struct kpi_rows *rows = &data->rows[RK_CRM_DEALS];
    const struct kpi_odd *odd = &rows->backward;

    if (odd->n > 0)
        rk_warn(result, RK_WARN_UNITS,
                "%zu deal%s close%s before %s opened (first: line %zu): not in sales-cycle, "
                "velocity, the win-rate of cohorts and curves",
                odd->n, s_if_many(odd->n), s_if_one(odd->n), odd->n == 1 ? "it is" : "they are",
                rk_table_line(rows->table, odd->first));
    rows = &data->rows[RK_CRM_ACTIVITIES];
    odd = &rows->below;
    if (odd->n > 0)
        rk_warn(result, RK_WARN_UNITS,
                "%zu row%s of --activities count%s below 0 (first: line %zu): taken off the others",
                odd->n, s_if_many(odd->n), s_if_one(odd->n),
                rk_table_line(rows->table, odd->first));
    warn_customers(&data->rows[RK_CRM_CUSTOMERS], result);
}

void kpi_warn_data(const struct kpi_data *data, struct rk_result *result)
{
    for (int i = 0; i < RK_CRM_INPUTS; i++) {
        const struct kpi_rows *rows = &data->rows[i];

        if (rows->given && !rows->grouped)
            rk_warn(result, RK_WARN_DROPPED, "%s has no column '%s', nor have its %s: left out",
                    rk_crm_option((enum rk_crm_input)i), data->options->by,
                    i == RK_CRM_DEALS || i == RK_CRM_ACTIVITIES ? "reps in --roster"
                                                                : "customers in --customers");
        if (rows->n_undated > 0 && i != RK_CRM_DEALS && data->n_straddling == 0)
            rk_warn(result, RK_WARN_DROPPED, "%zu row%s of %s without a date: left out",
                    rows->n_undated, s_if_many(rows->n_undated),
                    rk_crm_option((enum rk_crm_input)i));
    }
    if (data->n_straddling > 0)
        rk_warn(result, RK_WARN_STRADDLE,
                "%zu row%s of a period that contains the cut %s: left out", data->n_straddling,
                s_if_many(data->n_straddling), data->options->cut);
    warn_odd(data, result);
}
