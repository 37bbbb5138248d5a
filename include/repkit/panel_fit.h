/* A regression on a panel with unit and period effects, errors clustered by unit, and what is asked
 * of several coefficients at once: a joint test, and bands that hold for all of them. */
#ifndef REPKIT_PANEL_FIT_H
#define REPKIT_PANEL_FIT_H

#include "repkit/sandwich.h"

struct rk_panel_design {
    size_t n, p;
    const double *y;        /* n, finite */
    const double *X;        /* n-by-p, column after column: what is asked about, and covariates */
    const uint32_t *unit;   /* n codes below n_units */
    const uint32_t *period; /* n codes below n_periods */
    size_t n_units, n_periods;
    /* The wild cluster bootstrap of the first coefficient, where there are few units: draws, 0 for
     * none, level of its interval, label of its stream. */
    size_t wild_draws;
    double conf_level;
    const char *label;
};
enum { RK_PANEL_WILD_BELOW = 12 };

struct rk_panel_fit {
    size_t p;
    double *coef;      /* p; NaN where the effects leave nothing of a column */
    double *vcov;      /* p-by-p */
    double *std_error; /* p */
    double *df;        /* p: of t */
    size_t n;          /* rows used: units seen in one period only are left out */
    size_t n_units;    /* = clusters */
    enum rk_vcov_method method;
    const char *reason; /* why it is not cr2, one phrase; "" if it is */
    bool wild;          /* whether the first coefficient has these: */
    double wild_p, wild_low, wild_high;
    size_t wild_draws;
};

/* Fits y_it = a_i + d_t + x_it'b by least squares; errors clustered by unit.
 *   CR2 with Satterthwaite df, for which the periods are columns like others; CR1 where that would
 *   cost too much
 * fit  freed by rk_panel_fit_free; unchanged on failure
 * Returns RK_OK; RK_ENODATA, RK_ETOOFEW (no unit with two periods), RK_ESINGULAR (the effects leave
 * nothing), RK_ECONSTANT, RK_EPERFECT, RK_EONECLUSTER, RK_EDOMAIN, RK_ENOCONVERGE, RK_ENOMEM.
 * In R: m <- lm(y ~ X + factor(unit) + factor(period)); clubSandwich::coef_test(m, "CR2", unit). */
enum rk_status rk_panel_fit_new(const struct rk_panel_design *design, const struct rk_ctx *ctx,
                                struct rk_panel_fit *fit, struct rk_error *error);
void rk_panel_fit_free(struct rk_panel_fit *fit);

struct rk_joint_test {
    double statistic, df1, df2, p_value;
};

/* Whether the coefficients at `index` are all 0.
 *   F = (eta - q + 1) / (eta q) b'V^-1 b on (q, eta - q + 1), eta the least of their df
 * which is Hotelling's T squared: for one coefficient the t test, and for two balanced groups
 * clubSandwich's approximate Hotelling test.
 * index, q  q >= 1 of them, below fit->p
 * Returns RK_OK; RK_ETOOFEW (eta < q); RK_ESINGULAR; RK_ENOMEM; *out unchanged on failure.
 * Source: Pustejovsky and Tipton (2018), J. Business and Economic Statistics 36.
 * In R: clubSandwich::Wald_test(m, constraints, vcov = "CR2", cluster = unit, test = "HTZ"). */
enum rk_status rk_joint_test(const struct rk_panel_fit *fit, const size_t *index, size_t q,
                             struct rk_joint_test *out);

/* How many standard errors a band reaches that holds for all the coefficients at once.
 *   the conf_level quantile of max_j |t_j|, t multivariate t with their correlations and the least
 *   of their df, by 100,000 draws; without correlations where V is singular (more coefficients
 *   than units to learn them from), which is an upper bound
 * Returns RK_OK; RK_ENOMEM; what ctx's cancel says. *critical unchanged on failure.
 * Source: Montiel Olea and Plagborg-Moller (2019), J. Applied Econometrics 34.
 * In R: mvtnorm::qmvt(conf_level, tail = "both", df = df, corr = cov2cor(V))$quantile. */
enum rk_status rk_sup_t(const struct rk_panel_fit *fit, const size_t *index, size_t q,
                        double conf_level, const char *label, const struct rk_ctx *ctx,
                        double *critical);

#endif
