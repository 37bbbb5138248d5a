/* How long things take when some are not finished yet: Kaplan-Meier and Aalen-Johansen. */
#ifndef REPKIT_SURVIVAL_H
#define REPKIT_SURVIVAL_H

#include <stddef.h>

#include "repkit/status.h"

/* A step for each distinct time, censored ones too. */
struct rk_survival {
    size_t n, n_events, n_steps;
    double *time;
    double *n_risk;               /* just before the time */
    double *n_event;              /* at it */
    double *n_censored;           /* at it, counted as at risk there */
    double *survival;             /* share for which it has not happened by then */
    double *std_error;            /* of survival, Greenwood's; NaN where survival is 0 */
    double *conf_low, *conf_high; /* log-log; NaN where survival is 0 */
};

/* The Kaplan-Meier curve.
 *   S(t) = product of 1 - d_j/n_j,  var = S^2 sum of d_j/(n_j (n_j - d_j)),
 *   interval S^exp(-+ z se(log S) / log S)
 * time   n durations, finite, not negative;  status  n: not 0 where it happened at that time, 0
 *        where it had not yet happened when watching ended;  0 < conf_level < 1
 * Returns RK_OK; RK_ENODATA (n = 0); RK_EDOMAIN; RK_ENOMEM; *survival unchanged on failure.
 * In R: survfit(Surv(time, status != 0) ~ 1, conf.type = "log-log"). */
enum rk_status rk_survival_new(const double *time, const int *status, size_t n, double conf_level,
                               struct rk_survival **survival);
void rk_survival_free(struct rk_survival *survival);

/* The time by which it has happened to a share p of all, and its interval: where the curve, and
 * its limits, reach 1 - p; the middle of a step that lies exactly there. NaN where they never do.
 * In R: quantile(fit, p). */
void rk_survival_quantile(const struct rk_survival *survival, double p, double *value,
                          double *conf_low, double *conf_high);

/* The restricted mean: the area under the curve up to tau, and its standard error.
 *   var = sum over t_j < tau of A_j^2 d_j/(n_j (n_j - d_j)), A_j the area from t_j to tau
 * tau  positive. This function can't fail.
 * In R: summary(fit, rmean = tau)$table[c("rmean", "se(rmean)")]. */
void rk_survival_mean(const struct rk_survival *survival, double tau, double *mean,
                      double *std_error);

/* The share for which one of several ends has come by the time `horizon`, the other ends competing
 * with it (Aalen-Johansen).
 *   F(t) = sum of S(t_j-) d_kj/n_j, S with all ends counted
 * status   n: 0 where watching ended first, else which end came
 * which    the end asked for
 * share, std_error   the error from the influence of each observation (infinitesimal jackknife)
 * Returns as rk_survival_new; outputs unchanged on failure.
 * In R: survfit(Surv(time, factor(status)) ~ 1), at that time. */
enum rk_status rk_cumulative_incidence(const double *time, const int *status, size_t n, int which,
                                       double horizon, double *share, double *std_error);

/* The log-rank test that two curves are one: chi-squared with 1 df.
 * first, second  observations as above
 * Returns RK_OK; RK_ENODATA (a group is empty); RK_ECONSTANT (no event says anything); RK_EDOMAIN;
 * RK_ENOMEM. In R: survdiff(Surv(time, status) ~ group)$chisq. */
struct rk_durations {
    const double *time;
    const int *status;
    size_t n;
};
enum rk_status rk_log_rank(const struct rk_durations *first, const struct rk_durations *second,
                           double *chi_squared, double *p_value);

/* How many times as fast it happens in the second group as in the first, as a logarithm, by Cox's
 * partial likelihood with Efron's way with ties; and its standard error.
 * Returns RK_OK; RK_ENODATA (a group is empty); RK_ECONSTANT (no event says anything);
 * RK_ENOCONVERGE (no finite ratio: one group has all the events that say anything); RK_EDOMAIN;
 * RK_ENOMEM; outputs unchanged on failure. Source: Cox (1972), J. R. Statist. Soc. B 34; Efron
 * (1977), J. Am. Statist. Ass. 72.
 * In R: coef(coxph(Surv(time, status) ~ group)). */
enum rk_status rk_hazard_ratio(const struct rk_durations *first, const struct rk_durations *second,
                               double *log_ratio, double *std_error);

#endif
