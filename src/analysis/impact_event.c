/* Leads and lags: how far apart the groups are in each period, against the last one before. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "impact_parts.h"
#include "repkit/distributions.h"

enum { MOST_BLOCKS = 6, DEFAULT_LEADS = 6, DEFAULT_LAGS = 12 };

/* --- pretrend of did ---------------------------------------------------------------------- */

/* The rows before the start, with a column for each block but the last. */
static enum rk_status fit_blocks(const struct impact *impact, const struct impact_panel *p,
                                 size_t n_blocks, struct rk_panel_fit *fit)
{
    size_t q = n_blocks - 1, n = 0;
    double *room = calloc(p->n * (q + 1) + 1, sizeof *room);
    uint32_t *code = malloc((2 * p->n + 1) * sizeof *code);
    struct rk_panel_design design = {.p = q, .y = room, .X = room, .unit = code};
    enum rk_status status = RK_ENOMEM;

    for (size_t k = 0; k < p->n; k++)
        n += p->period[k] < p->first_after;
    if (room != NULL && code != NULL) {
        double *y = room, *X = room + n;
        size_t i = 0;

        for (size_t k = 0; k < p->n; k++) {
            size_t block = p->period[k] * n_blocks / p->first_after;

            if (p->period[k] >= p->first_after)
                continue;
            y[i] = p->y[k];
            code[i] = p->unit[k];
            code[n + i] = p->period[k];
            if (p->treated[p->unit[k]] && block < q)
                X[block * n + i] = 1.0;
            i++;
        }
        design.n = n;
        design.X = X;
        design.period = code + n;
        design.n_units = p->n_units;
        design.n_periods = p->first_after;
        status = rk_panel_fit_new(&design, impact->ctx, fit, NULL);
    }
    free(room);
    free(code);
    return status;
}

enum rk_status impact_did_leads(const struct impact *impact, struct did_found *found)
{
    const struct impact_panel *p = found->panel;
    size_t n_blocks = p->first_after < MOST_BLOCKS ? p->first_after : MOST_BLOCKS;
    size_t index[MOST_BLOCKS];
    struct rk_panel_fit fit;
    enum rk_status status;

    while (n_blocks > 2 && 2 * n_blocks > found->units->n)
        n_blocks--;
    found->n_leads = n_blocks - 1;
    found->blocks = n_blocks < p->first_after;
    if (n_blocks < 2)
        return RK_OK;
    for (size_t j = 0; j < n_blocks; j++)
        index[j] = j;
    status = fit_blocks(impact, p, n_blocks, &fit);
    if (status == RK_OK) {
        status = rk_joint_test(&fit, index, n_blocks - 1, &found->pretrend);
        rk_panel_fit_free(&fit);
    }
    found->pretrend_status = status;
    if (status != RK_OK && !rk_status_is_undefined(status))
        return rk_fail(impact->error, status, "%s", rk_status_words(status));
    return RK_OK;
}

/* --- the window --------------------------------------------------------------------------- */

struct window {
    int64_t low, high, base; /* event times; those beyond the ends are put there */
    size_t n;                /* columns */
    int64_t *at;             /* n event times, ascending, without the base */
};

static int64_t event_time(const struct impact_panel *p, const struct window *w, size_t period)
{
    int64_t e = p->time[period] - p->time[p->first_after];

    return e < w->low ? w->low : e > w->high ? w->high : e;
}

static enum rk_status make_window(const struct impact *impact, const struct impact_panel *p,
                                  struct window *w)
{
    int64_t low = -DEFAULT_LEADS, high = DEFAULT_LAGS;

    if (impact->options->window != NULL)
        impact_read_window(impact->options->window, &low, &high);
    *w = (struct window){.low = low, .high = high};
    w->base = p->time[p->first_after - 1] - p->time[p->first_after];
    if (w->base <= w->low)
        return rk_fail(impact->error, RK_ETOOFEW, "--window: no lead before the last period, %lld",
                       (long long)w->base);
    w->at = malloc((p->n_periods + 1) * sizeof *w->at);
    if (w->at == NULL)
        return rk_fail_memory(impact->error);
    for (size_t t = 0; t < p->n_periods; t++) {
        int64_t e = event_time(p, w, t);

        if (e != w->base && (w->n == 0 || e != w->at[w->n - 1]))
            w->at[w->n++] = e;
    }
    return RK_OK;
}

static enum rk_status fit_window(const struct impact *impact, const struct impact_panel *p,
                                 const struct window *w, struct rk_panel_fit *fit)
{
    size_t columns = w->n + p->q;
    double *X = calloc(p->n * columns + 1, sizeof *X);
    struct rk_panel_design design = impact_panel_design(p, X, columns);
    enum rk_status status;

    if (X == NULL)
        return rk_fail_memory(impact->error);
    for (size_t k = 0; k < p->n; k++) {
        int64_t e = event_time(p, w, p->period[k]);

        for (size_t j = 0; j < w->n && p->treated[p->unit[k]]; j++)
            if (w->at[j] == e)
                X[j * p->n + k] = 1.0;
    }
    if (p->q > 0)
        memcpy(X + w->n * p->n, p->Z, p->n * p->q * sizeof *X);
    status = rk_panel_fit_new(&design, impact->ctx, fit, impact->error);
    free(X);
    return status;
}

/* --- the path ----------------------------------------------------------------------------- */

static double p_of(const struct rk_panel_fit *fit, size_t j)
{
    return fit->std_error[j] > 0.0
               ? rk_p_from_t(fit->coef[j] / fit->std_error[j], fit->df[j], RK_TWO_SIDED)
               : NAN;
}

static void put_path(const struct impact *impact, const struct window *w,
                     const struct rk_panel_fit *fit, double critical)
{
    size_t n_small = 0, n_outside = 0;
    bool base_put = false;

    for (size_t j = 0; j <= w->n; j++) {
        struct impact_path path = {(double)w->base, 0.0, NAN, NAN, NAN, NAN};

        if (!base_put && (j == w->n || w->at[j] > w->base)) {
            impact_put_path(impact, &path);
            base_put = true;
        }
        if (j == w->n)
            break;
        path = (struct impact_path){(double)w->at[j],
                                    fit->coef[j],
                                    fit->std_error[j],
                                    fit->coef[j] - critical * fit->std_error[j],
                                    fit->coef[j] + critical * fit->std_error[j],
                                    p_of(fit, j)};
        impact_put_path(impact, &path);
        n_small += path.p_value < 0.05;
        n_outside += path.conf_low > 0.0 || path.conf_high < 0.0;
    }
    if (n_small > 0 && n_outside == 0 && w->n > 1)
        rk_warn(
            impact->result, RK_WARN_MULTIPLE_TESTING,
            "%zu of %zu leads and lags have p < 0.05, and none lies outside the band that holds "
            "for all of them",
            n_small, w->n);
}

static enum rk_status judge(const struct impact *impact, struct did_found *found,
                            const struct window *w, const struct rk_panel_fit *fit)
{
    size_t *index = malloc((w->n + 1) * sizeof *index), n = 0, n_all = 0;
    double critical = NAN;
    enum rk_status status = index == NULL ? RK_ENOMEM : RK_OK;

    for (size_t j = 0; status == RK_OK && j < w->n; j++)
        if (fit->std_error[j] > 0.0 && w->at[j] < w->base)
            index[n++] = j;
    found->n_leads = n;
    if (status == RK_OK && n > 0)
        found->pretrend_status = rk_joint_test(fit, index, n, &found->pretrend);
    for (size_t j = 0; status == RK_OK && j < w->n; j++)
        if (fit->std_error[j] > 0.0)
            index[n_all++] = j;
    if (status == RK_OK && n_all > 0)
        status = rk_sup_t(fit, index, n_all, impact->options->common.conf_level, impact->label,
                          impact->ctx, &critical);
    free(index);
    if (status != RK_OK)
        return rk_fail(impact->error, status, "%s", rk_status_words(status));
    put_path(impact, w, fit, critical);
    return found->pretrend_status == RK_ENOMEM ? rk_fail_memory(impact->error) : RK_OK;
}

enum rk_status impact_event_path(const struct impact *impact, struct did_found *found)
{
    struct window w = {0};
    struct rk_panel_fit fit = {0};
    enum rk_status status = make_window(impact, found->panel, &w);

    if (status == RK_OK)
        status = fit_window(impact, found->panel, &w, &fit);
    if (status == RK_OK)
        status = judge(impact, found, &w, &fit);
    rk_panel_fit_free(&fit);
    free(w.at);
    return status;
}
