#include "repkit/survival.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/distributions.h"
#include "repkit/sum.h"

struct duration {
    double time;
    int status;
    int group;
};

static int by_time(const void *a, const void *b)
{
    const struct duration *x = a, *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->status < y->status ? -1 : x->status > y->status;
}

static enum rk_status check(const double *time, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(time[i]) || time[i] < 0.0)
            return RK_EDOMAIN;
    return n > 0 ? RK_OK : RK_ENODATA;
}

/* The observations in the order of time; NULL when out of memory. */
static struct duration *sorted(const double *time, const int *status, size_t n)
{
    struct duration *all = malloc((n + 1) * sizeof *all);

    if (all == NULL)
        return NULL;
    for (size_t i = 0; i < n; i++)
        all[i] = (struct duration){time[i], status[i], 0};
    qsort(all, n, sizeof *all, by_time);
    return all;
}

/* --- Kaplan-Meier --------------------------------------------------------------------------- */

static struct rk_survival *allocate(size_t n)
{
    struct rk_survival *s = calloc(1, sizeof *s);
    double *block = malloc((8 * n + 1) * sizeof *block);

    if (s == NULL || block == NULL) {
        free(s);
        free(block);
        return NULL;
    }
    s->time = block;
    s->n_risk = block + n;
    s->n_event = block + 2 * n;
    s->n_censored = block + 3 * n;
    s->survival = block + 4 * n;
    s->std_error = block + 5 * n;
    s->conf_low = block + 6 * n;
    s->conf_high = block + 7 * n;
    return s;
}

void rk_survival_free(struct rk_survival *survival)
{
    if (survival == NULL)
        return;
    free(survival->time);
    free(survival);
}

/* The log-log interval of one step; greenwood is the variance of log S. */
static void put_interval(struct rk_survival *s, size_t j, double greenwood, double z)
{
    double value = s->survival[j], width;

    if (value == 0.0) {
        s->std_error[j] = s->conf_low[j] = s->conf_high[j] = NAN;
        return;
    }
    s->std_error[j] = value * sqrt(greenwood);
    if (value == 1.0) {
        s->conf_low[j] = s->conf_high[j] = 1.0;
        return;
    }
    width = z * sqrt(greenwood) / fabs(log(value));
    s->conf_low[j] = pow(value, exp(width));
    s->conf_high[j] = pow(value, exp(-width));
}

enum rk_status rk_survival_new(const double *time, const int *status, size_t n, double conf_level,
                               struct rk_survival **survival)
{
    enum rk_status checked = check(time, n);
    struct duration *all = checked == RK_OK ? sorted(time, status, n) : NULL;
    struct rk_survival *s = checked == RK_OK ? allocate(n) : NULL;
    double z = rk_qnorm((1.0 - conf_level) / 2.0, RK_UPPER_TAIL), value = 1.0;
    struct rk_sum greenwood = {0};

    if (checked != RK_OK || all == NULL || s == NULL) {
        free(all);
        rk_survival_free(s);
        return checked != RK_OK ? checked : RK_ENOMEM;
    }
    s->n = n;
    for (size_t first = 0, end; first < n; first = end) {
        size_t j = s->n_steps++;
        double at_risk = (double)(n - first), events = 0.0;

        for (end = first; end < n && all[end].time == all[first].time; end++)
            events += all[end].status != 0;
        s->time[j] = all[first].time;
        s->n_risk[j] = at_risk;
        s->n_event[j] = events;
        s->n_censored[j] = (double)(end - first) - events;
        s->n_events += (size_t)events;
        value *= (at_risk - events) / at_risk;
        if (events < at_risk)
            rk_sum_add(&greenwood, events / (at_risk * (at_risk - events)));
        s->survival[j] = value;
        put_interval(s, j, rk_sum_value(&greenwood), z);
    }
    free(all);
    *survival = s;
    return RK_OK;
}

/* Where a falling curve reaches the level: the time at which it falls to it or below, or the middle
 * of the stretch on which it lies exactly there. */
static double reaches(const struct rk_survival *s, const double *curve, double level)
{
    const double near = 1e-10; /* products of shares are not exact */

    for (size_t j = 0; j < s->n_steps; j++) {
        size_t next = j + 1;

        if (isnan(curve[j]))
            return curve == s->conf_high ? NAN : s->time[j]; /* the curve itself is 0 here */
        if (curve[j] > level + near)
            continue;
        if (curve[j] < level - near)
            return s->time[j];
        while (next < s->n_steps && curve[next] >= level - near)
            next++;
        return next < s->n_steps ? (s->time[j] + s->time[next]) / 2.0 : s->time[j];
    }
    return NAN;
}

void rk_survival_quantile(const struct rk_survival *survival, double p, double *value,
                          double *conf_low, double *conf_high)
{
    *value = reaches(survival, survival->survival, 1.0 - p);
    *conf_low = reaches(survival, survival->conf_low, 1.0 - p);
    *conf_high = reaches(survival, survival->conf_high, 1.0 - p);
}

void rk_survival_mean(const struct rk_survival *s, double tau, double *mean, double *std_error)
{
    struct rk_sum area = {0}, variance = {0};
    double from = 0.0, level = 1.0, left;

    for (size_t j = 0; j < s->n_steps && s->time[j] < tau; j++) {
        rk_sum_add(&area, level * (s->time[j] - from));
        from = s->time[j];
        level = s->survival[j];
    }
    rk_sum_add(&area, level * (tau - from));
    *mean = rk_sum_value(&area);
    from = 0.0;
    level = 1.0;
    left = *mean;
    for (size_t j = 0; j < s->n_steps && s->time[j] < tau; j++) {
        double remaining = s->n_risk[j] - s->n_event[j];

        left -= level * (s->time[j] - from);
        from = s->time[j];
        level = s->survival[j];
        if (remaining > 0.0)
            rk_sum_add(&variance, left * left * s->n_event[j] / (s->n_risk[j] * remaining));
    }
    *std_error = sqrt(rk_sum_value(&variance));
}

/* --- Aalen-Johansen ------------------------------------------------------------------------- */

/* What is known at a step, and what one observation adds to it. The derivatives are those of an
 * observation that is still at risk: the same for all of them. */
struct path {
    double survival, incidence;
    double d_survival, d_incidence;
};

/* Moves an observation's derivatives across one step: its own hazards of any end and of the one
 * asked for are own_all and own_which, 0 or 1. */
static void step(struct path *path, double at_risk, double all, double which, double own_all,
                 double own_which)
{
    double hazard = all / at_risk, part = which / at_risk;
    double d_hazard = (own_all - hazard) / at_risk, d_part = (own_which - part) / at_risk;

    path->d_incidence += path->d_survival * part + path->survival * d_part;
    path->d_survival = path->d_survival * (1.0 - hazard) - path->survival * d_hazard;
    path->incidence += path->survival * part;
    path->survival *= 1.0 - hazard;
}

/* What an observation that left on the path `at` has changed of the incidence in the end. */
static double final_change(const struct path *at, const struct path *end)
{
    if (at->survival == 0.0)
        return at->d_incidence;
    return at->d_incidence + at->d_survival / at->survival * (end->incidence - at->incidence);
}

/* Walks the steps up to the horizon. With `end` NULL it only fills *path; else it also adds up the
 * squared changes that the observations make. */
static double walk(const struct duration *all, size_t n, int which, double horizon,
                   const struct path *end, struct path *path)
{
    struct rk_sum squares = {0};
    size_t first = 0, last;

    *path = (struct path){.survival = 1.0};
    for (; first < n && all[first].time <= horizon; first = last) {
        double at_risk = (double)(n - first), events = 0.0, wanted = 0.0;
        struct path before = *path, gone;
        double change;

        for (last = first; last < n && all[last].time == all[first].time; last++) {
            events += all[last].status != 0;
            wanted += all[last].status == which;
        }
        step(path, at_risk, events, wanted, 0.0, 0.0);
        if (end == NULL)
            continue;
        change = final_change(path, end); /* of those who were censored here */
        rk_sum_add(&squares, ((double)(last - first) - events) * change * change);
        for (int own = 0; own < 2; own++) {
            gone = before;
            step(&gone, at_risk, events, wanted, 1.0, own);
            change = final_change(&gone, end);
            rk_sum_add(&squares, (own ? wanted : events - wanted) * change * change);
        }
    }
    if (end != NULL) /* those still at risk after the horizon */
        rk_sum_add(&squares, (double)(n - first) * path->d_incidence * path->d_incidence);
    return rk_sum_value(&squares);
}

enum rk_status rk_cumulative_incidence(const double *time, const int *status, size_t n, int which,
                                       double horizon, double *share, double *std_error)
{
    enum rk_status checked = check(time, n);
    struct duration *all;
    struct path end, path;

    if (checked != RK_OK)
        return checked;
    all = sorted(time, status, n);
    if (all == NULL)
        return RK_ENOMEM;
    walk(all, n, which, horizon, NULL, &end);
    *share = end.incidence;
    *std_error = sqrt(walk(all, n, which, horizon, &end, &path));
    free(all);
    return RK_OK;
}

/* --- two curves ----------------------------------------------------------------------------- */

/* Both, in the order of time; group 1 is the second. RK_OK, RK_ENODATA, RK_EDOMAIN, RK_ENOMEM. */
static enum rk_status merge(const struct rk_durations *first, const struct rk_durations *second,
                            struct duration **merged)
{
    size_t n = first->n + second->n;
    enum rk_status checked = check(first->time, first->n);
    struct duration *all;

    if (checked == RK_OK)
        checked = check(second->time, second->n);
    if (checked != RK_OK)
        return checked;
    all = malloc(n * sizeof *all);
    if (all == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        const struct rk_durations *from = i < first->n ? first : second;
        size_t k = i < first->n ? i : i - first->n;

        all[i] = (struct duration){from->time[k], from->status[k] != 0, i >= first->n};
    }
    qsort(all, n, sizeof *all, by_time);
    *merged = all;
    return RK_OK;
}

/* Who is at risk and what happens at one time. */
struct moment {
    double risk[2], events[2]; /* by group */
};

/* The moment that begins at all[start], given those still at risk; returns where the next begins
 * and takes those who left off the risk. */
static size_t moment_at(const struct duration *all, size_t n, size_t start, double risk[2],
                        struct moment *moment)
{
    size_t end = start;

    *moment = (struct moment){.risk = {risk[0], risk[1]}};
    for (; end < n && all[end].time == all[start].time; end++) {
        moment->events[all[end].group] += all[end].status;
        risk[all[end].group] -= 1.0;
    }
    return end;
}

enum rk_status rk_log_rank(const struct rk_durations *first, const struct rk_durations *second,
                           double *chi_squared, double *p_value)
{
    size_t n = first->n + second->n;
    double at_risk[2] = {(double)first->n, (double)second->n};
    struct rk_sum excess = {0}, variance = {0};
    struct duration *all;
    struct moment m;
    enum rk_status status = merge(first, second, &all);

    if (status != RK_OK)
        return status;
    for (size_t start = 0; start < n;) {
        double risk, events, share;

        start = moment_at(all, n, start, at_risk, &m);
        risk = m.risk[0] + m.risk[1];
        events = m.events[0] + m.events[1];
        share = m.risk[0] / risk;
        rk_sum_add(&excess, m.events[0] - events * share);
        if (risk > 1.0)
            rk_sum_add(&variance, events * share * (1.0 - share) * (risk - events) / (risk - 1.0));
    }
    free(all);
    if (!(rk_sum_value(&variance) > 0.0))
        return RK_ECONSTANT;
    *chi_squared = rk_sum_value(&excess) * rk_sum_value(&excess) / rk_sum_value(&variance);
    *p_value = rk_pchisq(*chi_squared, 1.0, RK_UPPER_TAIL);
    return RK_OK;
}

/* The slope of the log partial likelihood at b, and its information. Of tied events each in turn is
 * taken to come first (Efron). */
static void partial_likelihood(const struct duration *all, size_t n, double n_first, double b,
                               double *slope, double *information)
{
    double at_risk[2] = {n_first, (double)n - n_first}, w = exp(b);
    struct rk_sum u = {0}, v = {0};
    struct moment m;

    for (size_t start = 0; start < n;) {
        size_t events;

        start = moment_at(all, n, start, at_risk, &m);
        events = (size_t)(m.events[0] + m.events[1]);
        rk_sum_add(&u, m.events[1]);
        for (size_t l = 0; l < events; l++) {
            double gone = (double)l / (double)events;
            double second = w * (m.risk[1] - gone * m.events[1]);
            double share = second / (second + m.risk[0] - gone * m.events[0]);

            rk_sum_add(&u, -share);
            rk_sum_add(&v, share * (1.0 - share));
        }
    }
    *slope = rk_sum_value(&u);
    *information = rk_sum_value(&v);
}

enum rk_status rk_hazard_ratio(const struct rk_durations *first, const struct rk_durations *second,
                               double *log_ratio, double *std_error)
{
    enum { MOST_STEPS = 60 };
    const double farthest = 12.0; /* beyond, one side has no event where the other has its own */
    size_t n = first->n + second->n, steps = 0;
    double b = 0.0, step = 1.0, slope = 0.0, information = 0.0;
    struct duration *all;
    enum rk_status status = merge(first, second, &all);

    if (status != RK_OK)
        return status;
    while (fabs(step) > 1e-12 && fabs(b) < farthest && steps++ < MOST_STEPS) {
        partial_likelihood(all, n, (double)first->n, b, &slope, &information);
        if (!(information > 0.0))
            break;
        step = fmax(-2.0, fmin(2.0, slope / information));
        b += step;
    }
    partial_likelihood(all, n, (double)first->n, b, &slope, &information);
    free(all);
    if (b == 0.0 && !(information > 0.0))
        return RK_ECONSTANT;
    if (!(information > 0.0) || fabs(b) >= farthest || steps > MOST_STEPS)
        return RK_ENOCONVERGE;
    *log_ratio = b;
    *std_error = 1.0 / sqrt(information);
    return RK_OK;
}
