/* What a customer is worth: formulas for contracts, and models of repeat buying. */
#ifndef REPKIT_LIFETIME_VALUE_H
#define REPKIT_LIFETIME_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "repkit/status.h"

/* The value of a customer who pays a margin each period while retained.
 *   at the end of each period   m r / (1 + d - r)
 *   in advance                  m (1 + d) / (1 + d - r)
 * margin     a period, money;  retention  a period, 0 to 1;  rate  discount a period, above -1
 * derivative by retention, for its error; NULL if it is not wanted
 * Returns NaN where 1 + rate <= retention: the sum has no end.
 * Source: Gupta and Lehmann (2003), Journal of Interactive Marketing 17. */
double rk_clv_contract(double margin, double retention, double rate, double *derivative);
double rk_clv_contract_advance(double margin, double retention, double rate, double *derivative);

/* The same over so many periods at most, paid at their ends or in advance:
 *   m sum of (r / (1 + d))^t, t = 1 .. periods, or 0 .. periods - 1
 * periods above 0; between whole ones by the closed form of the sum. NaN unless rate is above -1.
 * In R: margin * sum((r / (1 + d))^(1:periods)). */
double rk_clv_contract_for(double margin, double retention, double rate, double periods,
                           bool advance, double *derivative);

/* A customer's buying: repeat purchases after the first, when the last came, and how long ago the
 * first was; times in one unit, from the first purchase. */
struct rk_buyer {
    double repeats;     /* x: whole */
    double recency;     /* t_x: 0 where x is 0 */
    double age;         /* T */
    double mean_amount; /* of repeat purchases; ignored where x is 0 */
};

/* BG/NBD: buying at a rate that varies by a gamma (r, alpha) over customers, leaving after a
 * purchase with a probability that varies by a beta (a, b). */
struct rk_bgnbd {
    double r, alpha, a, b;
    double log_lik;
    double covariance[16]; /* of the logarithms of r, alpha, a, b */
};

/* Fits by maximum likelihood over the logarithms.
 * Returns RK_OK; RK_ETOOFEW (fewer than 100 customers); RK_EDOMAIN (times that do not fit);
 * RK_ENOCONVERGE (no maximum, or a parameter beyond 10,000); RK_ENOMEM; *fit unchanged on failure.
 * Source: Fader, Hardie and Lee (2005), Marketing Science 24.
 * In R: BTYD::bgnbd.EstimateParameters. */
enum rk_status rk_bgnbd_fit(const struct rk_buyer *buyer, size_t n, struct rk_bgnbd *fit);
/* The same, searched for only about another fit: for resampled customers. */
enum rk_status rk_bgnbd_refit(const struct rk_buyer *buyer, size_t n, const struct rk_bgnbd *near,
                              struct rk_bgnbd *fit);
/* What one customer adds to the slope of the log-likelihood at the fit, by the logarithms of the
 * parameters: times the covariance, how much the customer moves the fit. Can't fail. */
void rk_bgnbd_score(const struct rk_bgnbd *fit, const struct rk_buyer *buyer, double score[4]);
/* How many purchases the customer will make in the time t from now on. */
double rk_bgnbd_expected(const struct rk_bgnbd *fit, const struct rk_buyer *buyer, double t);
/* The probability that the customer has not left; 1 by construction without a repeat purchase. */
double rk_bgnbd_alive(const struct rk_bgnbd *fit, const struct rk_buyer *buyer);

/* Gamma-Gamma: amounts vary about a customer's mean, which varies over customers. */
struct rk_gamma_gamma {
    double p, q, v;
    double log_lik;
    size_t n;             /* customers with a repeat purchase of a positive amount */
    double correlation;   /* of repeats and mean amount: the model wants about 0 */
    double covariance[9]; /* of the logarithms of p, q, v */
};

/* Fits it to the customers with repeats and a positive mean amount. As rk_bgnbd_fit, from 10 such
 * customers on. Source: Fader and Hardie (2013). In R: BTYD::spend.EstimateParameters. */
enum rk_status rk_gamma_gamma_fit(const struct rk_buyer *buyer, size_t n,
                                  struct rk_gamma_gamma *fit);
enum rk_status rk_gamma_gamma_refit(const struct rk_buyer *buyer, size_t n,
                                    const struct rk_gamma_gamma *near, struct rk_gamma_gamma *fit);
void rk_gamma_gamma_score(const struct rk_gamma_gamma *fit, const struct rk_buyer *buyer,
                          double score[3]);
/* What the customer's purchases are expected to average; NaN where q <= 1. */
double rk_gamma_gamma_mean(const struct rk_gamma_gamma *fit, const struct rk_buyer *buyer);

#endif
