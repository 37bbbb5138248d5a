/* What rep-corr warns of: a look at every group, then a sentence for each rule that was met. */
#include <math.h>

#include "corr_parts.h"

/* W01: the pooled number differs from the within one, or hardly any of x's variation is within. A
 * change of sign counts if it is more than noise about 0. */
static void compare(const struct corr_pair *pair, struct corr_differing *d)
{
    const struct rk_correlation *p = &pair->scope[RK_POOLED].c, *w = &pair->scope[RK_WITHIN].c;
    enum rk_status within_status = pair->scope[RK_WITHIN].status;
    bool has_within = within_status == RK_OK;
    double within = has_within ? w->estimate : NAN;
    double gap = fabs(p->estimate - (has_within ? within : 0.0));
    bool sure = p->conf_low > 0.0 || p->conf_high < 0.0 || w->conf_low > 0.0 || w->conf_high < 0.0;

    if (pair->scope[RK_POOLED].status != RK_OK || (!has_within && within_status != RK_ECONSTANT))
        return;
    d->n_compared++;
    if (!(has_within && gap > 0.2) && !(p->estimate * within < 0.0 && sure) &&
        !(pair->within_share < 0.05))
        return;
    if (d->n++ == 0 || gap > fabs(d->pooled - (isnan(d->within) ? 0.0 : d->within))) {
        d->x = pair->x;
        d->y = pair->y;
        d->pooled = p->estimate;
        d->within = within;
        d->within_share = pair->within_share;
    }
}

/* W06: neighbouring errors resemble each other by more than 0.1 and more than chance makes. */
static void check_serial(const struct corr_pair *pair, size_t scope, struct corr_alike *a)
{
    const struct corr_estimate *e = &pair->scope[scope];

    if (e->status != RK_OK || isnan(e->serial))
        return;
    a->n_checked++;
    if (!(fabs(e->serial) > fmax(0.1, 2.0 / sqrt((double)e->n_serial))))
        return;
    if (a->n++ == 0 || fabs(e->serial) > fabs(a->serial)) {
        a->x = pair->x;
        a->y = pair->y;
        a->scope = scope;
        a->serial = e->serial;
    }
}

/* The scope that says most about what follows what: the finest of those printed. */
static size_t finest(unsigned scopes)
{
    static const size_t order[] = {RK_TWO_WAY, RK_WITHIN, RK_POOLED};

    for (size_t k = 0; k < 3; k++)
        if (scopes >> order[k] & 1u)
            return order[k];
    return RK_BETWEEN;
}

/* W04, of the lags of one pair (n of them side by side): the strongest lead is more than noise and
 * as strong as the strongest lag. */
static void check_leads(const struct corr_pair *pair, size_t n, size_t scope, double alpha,
                        struct corr_leading *l)
{
    const struct corr_pair *lead = NULL, *lag = NULL;
    double lead_r, lag_r;

    for (size_t i = 0; i < n; i++) {
        const struct corr_pair **best = pair[i].lag < 0 ? &lead : &lag;

        if (pair[i].scope[scope].status == RK_OK &&
            (*best == NULL ||
             fabs(pair[i].scope[scope].c.estimate) > fabs((*best)->scope[scope].c.estimate)))
            *best = &pair[i];
    }
    if (lead == NULL || lag == NULL)
        return;
    l->n_checked++;
    lead_r = lead->scope[scope].c.estimate;
    lag_r = lag->scope[scope].c.estimate;
    if (!(lead->scope[scope].c.p_value < alpha || lead->scope[scope].c.perfect) ||
        fabs(lead_r) < fabs(lag_r))
        return;
    if (l->n++ == 0 || fabs(lead_r) > fabs(l->lead_estimate))
        *l = (struct corr_leading){l->n_checked, l->n,     lead->x, lead->y, scope,
                                   lead->lag,    lag->lag, lead_r,  lag_r};
}

void corr_look(const struct corr_group *group, struct corr_seen *seen)
{
    const struct rk_corr_options *o = group->options;
    bool whole_units = o->boot && group->id != SIZE_MAX; /* then errors may be alike */
    size_t n;

    if (group->step > 1.0 && group->n_lags > 1 && group->step > seen->step)
        seen->step = group->step;
    for (size_t i = 0; i < group->n_pairs; i++) {
        const struct corr_pair *pair = &group->pair[i];

        if (pair->x2 != SIZE_MAX)
            continue;
        if (group->id != SIZE_MAX && pair->lag == group->nearest)
            compare(pair, &seen->differing);
        if (whole_units && (seen->n_units == 0 || pair->scope[RK_POOLED].c.n_units < seen->n_units))
            seen->n_units = pair->scope[RK_POOLED].c.n_units;
        for (size_t s = 0; s < RK_SCOPE_COUNT && !whole_units; s++)
            if (group->scopes >> s & 1u)
                check_serial(pair, s, &seen->alike);
    }
    for (size_t i = 0; i < group->n_pairs; i += n) {
        n = group->n_lags;
        if (group->pair[i].x2 != SIZE_MAX)
            continue;
        check_leads(&group->pair[i], n, finest(group->scopes), 1.0 - o->common.conf_level,
                    &seen->leading);
    }
}

/* The first of equals stays, as it would group by group. */
void corr_seen_add(struct corr_seen *seen, const struct corr_seen *further)
{
    struct corr_differing d = seen->differing;
    const struct corr_differing *e = &further->differing;
    struct corr_alike a = seen->alike;
    struct corr_leading l = seen->leading;

    corr_data_add(&seen->data, &further->data);
    if (further->step > seen->step)
        seen->step = further->step;
    if (seen->n_units == 0 || (further->n_units > 0 && further->n_units < seen->n_units))
        seen->n_units = further->n_units;
    if (e->n > 0 && (d.n == 0 || fabs(e->pooled - (isnan(e->within) ? 0.0 : e->within)) >
                                     fabs(d.pooled - (isnan(d.within) ? 0.0 : d.within))))
        seen->differing = *e;
    seen->differing.n_compared = d.n_compared + e->n_compared;
    seen->differing.n = d.n + e->n;
    if (further->alike.n > 0 && (a.n == 0 || fabs(further->alike.serial) > fabs(a.serial)))
        seen->alike = further->alike;
    seen->alike.n_checked = a.n_checked + further->alike.n_checked;
    seen->alike.n = a.n + further->alike.n;
    if (further->leading.n > 0 &&
        (l.n == 0 || fabs(further->leading.lead_estimate) > fabs(l.lead_estimate)))
        seen->leading = further->leading;
    seen->leading.n_checked = l.n_checked + further->leading.n_checked;
    seen->leading.n = l.n + further->leading.n;
}

/* --- the sentences --------------------------------------------------------------------------- */

static void warn_pooled(const struct rk_table *table, const struct corr_differing *d,
                        struct rk_result *result)
{
    const char *x, *y;
    struct rk_text seen = {0};

    if (d->n == 0)
        return;
    x = table->column[d->x].name;
    y = table->column[d->y].name;
    if (d->n_compared > 1)
        rk_text_format(&seen, "For %zu of %zu pairs pooled and within differ, most for ", d->n,
                       d->n_compared);
    rk_text_format(&seen, "%s with %s: %.2f pooled, ", x, y, d->pooled);
    if (isnan(d->within))
        rk_text_format(&seen, "none within, where %s does not vary", x);
    else
        rk_text_format(&seen, "%.2f within", d->within);
    if (d->within_share < 0.05 && !isnan(d->within))
        rk_text_format(&seen, ", where only %.1f%% of the variation of %s is",
                       100.0 * d->within_share, x);
    rk_warn_text(result, RK_WARN_POOLED, &seen);
}

static void warn_alike(const struct rk_table *table, const struct rk_corr_options *options,
                       const struct corr_alike *a, struct rk_result *result)
{
    struct rk_text text = {0};

    if (a->n == 0)
        return;
    if (a->n_checked > 1)
        rk_text_format(&text, "In %zu of %zu rows, most for ", a->n, a->n_checked);
    rk_text_format(&text,
                   "%s with %s (%s)%s errors of neighbouring periods correlate by %.2f, "
                   "which intervals and p-values here do not allow for",
                   table->column[a->x].name, table->column[a->y].name, corr_scope_name(a->scope),
                   a->n_checked > 1 ? "," : "", a->serial);
    if (options->id != NULL)
        rk_text_format(&text, "; --boot resamples each %s whole", options->id);
    rk_warn_text(result, RK_WARN_AUTOCORRELATION, &text);
}

static void add_periods(struct rk_text *text, int64_t lag, const char *unit)
{
    long long n = lag < 0 ? -(long long)lag : (long long)lag;

    if (lag == 0)
        rk_text_format(text, "in the same %s", unit);
    else
        rk_text_format(text, "%lld %s%s %s", n, unit, n == 1 ? "" : "s",
                       lag < 0 ? "earlier" : "later");
}

static const char *period_name(const struct rk_table *table, const struct rk_corr_options *o)
{
    size_t column = rk_table_find_typed(table, o->time, RK_TIME);
    const char *name = column == SIZE_MAX ? "" : rk_time_kind_name(table->column[column].time_kind);

    return name[0] != '\0' ? name : "period";
}

static void warn_leading(const struct rk_table *table, const struct rk_corr_options *options,
                         const struct corr_leading *l, struct rk_result *result)
{
    const char *unit;
    struct rk_text text = {0};

    if (l->n == 0)
        return;
    unit = period_name(table, options);
    if (l->n_checked > 1)
        rk_text_format(&text, "For %zu of %zu pairs a lead is as strong as any lag, most for ",
                       l->n, l->n_checked);
    rk_text_format(&text, "%s with %s (%s): %.2f with %s ", table->column[l->x].name,
                   table->column[l->y].name, corr_scope_name(l->scope), l->lead_estimate,
                   table->column[l->y].name);
    add_periods(&text, l->lead, unit);
    rk_text_format(&text, ", %.2f ", l->lag_estimate);
    add_periods(&text, l->lag, unit);
    rk_warn_text(result, RK_WARN_REVERSE_CAUSALITY, &text);
}

void corr_warn(const struct rk_table *table, const struct rk_corr_options *options,
               const struct corr_seen *seen, struct rk_result *result)
{
    warn_pooled(table, &seen->differing, result);
    warn_alike(table, options, &seen->alike, result);
    warn_leading(table, options, &seen->leading, result);
    corr_data_warn(table, options, &seen->data, result);
    if (seen->n_units > 0 && seen->n_units < 10)
        rk_warn(result, RK_WARN_FEW_CLUSTERS, "Only %zu units of %s to resample", seen->n_units,
                options->id);
    if (seen->step > 1.0)
        rk_warn(result, RK_WARN_UNITS,
                "Periods of %s lie at least %.0f %ss apart, and --lags "
                "counts %ss",
                options->time, seen->step, period_name(table, options),
                period_name(table, options));
}

/* W05: some p-values look striking, and none does once they are adjusted. */
void corr_warn_multiple(const struct rk_table *table, size_t from, size_t to, double alpha,
                        struct rk_result *result)
{
    const double *p = table->column[from].number, *adjusted = table->column[to].number;
    size_t n_tests = 0, smallest = 0;
    struct rk_text seen = {0};

    for (size_t i = 0; i < table->n_rows; i++) {
        if (isnan(p[i]))
            continue;
        if (n_tests++ == 0 || p[i] < p[smallest])
            smallest = i;
    }
    if (n_tests < 2 || !(p[smallest] < alpha) || adjusted[smallest] < alpha)
        return;
    rk_text_format(&seen, "The smallest of %zu p-values is ", n_tests);
    rk_text_p_value(&seen, p[smallest]);
    rk_text_add(&seen, ", adjusted ");
    rk_text_p_value(&seen, adjusted[smallest]);
    rk_warn_text(result, RK_WARN_MULTIPLE_TESTING, &seen);
}
