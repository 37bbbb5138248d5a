/* Generalised linear models: a mean that is a function of a linear predictor, fitted by maximum
 * likelihood. Logit for shares and yes/no, Poisson and negative binomial with a log link for counts
 * and other outcomes that are never negative.
 *
 * What is fitted ends as a weighted least-squares problem (struct rk_fit), so that every covariance
 * of repkit/sandwich.h serves here too. Predictors that separate the outcome are found in the data;
 * repkit/firth.h then gives the logit's finite estimates. */
#ifndef REPKIT_GLM_H
#define REPKIT_GLM_H

#include "repkit/least_squares.h"
#include "repkit/within.h"

enum rk_family {
    RK_FAMILY_GAUSSIAN,
    RK_FAMILY_BINOMIAL, /* logit */
    RK_FAMILY_POISSON,  /* log */
    RK_FAMILY_NEGBIN,   /* log; variance mu + mu^2 / theta (NB2) */
    RK_FAMILY_COUNT
};
/* In the order of enum rk_family; what --family takes and the `family` column prints. */
#define RK_FAMILIES "gaussian|binomial|poisson|negbin"
const char *rk_family_name(enum rk_family family);

/* The mean at a linear predictor, and its first and second derivatives there: identity, logit or
 * log link. They can't fail. In R: m$family$linkinv(eta), m$family$mu.eta(eta). */
double rk_mean_of(enum rk_family family, double eta);
double rk_mean_slope(enum rk_family family, double eta);
double rk_mean_curvature(enum rk_family family, double eta);

struct rk_glm_design {
    enum rk_family family; /* not gaussian */
    /* y: 0 .. 1 for binomial (a share needs its number of trials as weight), >= 0 for poisson,
     * whole numbers >= 0 for negbin. weights: prior weights as glm's. Nothing is absorbed yet. */
    struct rk_design rows;
    const double *offset; /* optional, n: added to the linear predictor */
    /* Fixed effects to absorb, as rk_within_new takes them; poisson only. */
    const uint32_t *const *effect;
    const size_t *n_levels;
    size_t n_effects;
};

struct rk_glm {
    enum rk_family family; /* poisson where is_poisson */
    size_t n, p;           /* rows fitted: those given, less those of weight 0 and those dropped */
    size_t *row;           /* n: which of the given rows they are */
    size_t n_singletons;   /* dropped as the only row of a level of an effect */
    size_t n_zero;         /* dropped because y is 0 in a whole level of an effect */
    size_t n_separated;    /* dropped (poisson, negbin) because a combination of the columns tells
                              that y is 0 there and is constant elsewhere: fitted as 0 exactly */
    double *y, *X;         /* of the rows fitted, X n-by-p */
    double *weights;       /* n, 1 without */
    double *offset;        /* n, 0 without */
    bool has_intercept, has_weights;
    double *eta, *mu; /* n: linear predictor, offset and effects included, and mean */

    /* The weighted least-squares problem in which the iteration ended: weights W = w mu'^2 / V(mu),
     * residuals (y - mu) / mu'. sigma is 1 (the dispersion) and df_residual infinite, so that
     * covariances give z statistics; what is particular to least squares is NaN. */
    struct rk_fit *fit;
    struct rk_within *within; /* of the same, with effects; its rows and singletons are as above */
    double *z, *W;            /* n: response and weights of that problem */

    double df_residual, df_null;
    double deviance, null_deviance; /* null: an intercept (or effect) and the offset alone */
    double pearson;                 /* sum of squared Pearson residuals */
    double log_lik, aic, bic;       /* NaN for poisson where y is not whole: no likelihood */
    double auc;                     /* binomial: probability that a success ranks above a failure */
    double theta, theta_se;         /* negbin */
    double poisson_log_lik;         /* negbin: of the Poisson fit of the same model */
    bool is_poisson; /* negbin: no overdispersion, theta beyond 1e6: this is Poisson's fit */
    int iterations;
    bool converged;
    bool separated; /* binomial: the maximum lies at infinity, see repkit/firth.h */
};

/* Fits by iteratively reweighted least squares, with halved steps where the deviance would rise,
 * until the step is below 1e-10 standard errors.
 *   negbin alternates with Newton steps for theta, on the profile likelihood.
 * Effects are taken out of the working problem at each step, which equals a dummy for each level.
 * ctx  threads, cancel; NULL for one thread
 * glm  the caller's, freed by rk_glm_free; unchanged on failure
 * Returns RK_OK, with `separated` and whatever was reached where binomial has no finite maximum;
 * RK_ENODATA; RK_ETOOFEW; RK_ECONSTANT (binomial of one outcome, counts all 0); RK_ESINGULAR;
 * RK_ENOCONVERGE; RK_EDOMAIN (y outside the family's range, an offset that is not finite, effects
 * with another family than poisson); RK_ENOMEM; or what ctx's cancel says.
 * Sources: McCullagh and Nelder (1989); Correia, Guimaraes and Zylkin (2020), Stata Journal 20, for
 * the effects; Venables and Ripley (2002) for theta.
 * In R: glm(y ~ X, family, weights = w, offset = o), with epsilon = 1e-14; MASS::glm.nb; with
 * effects glm(y ~ X + factor(effect), poisson). */
enum rk_status rk_glm_new(const struct rk_glm_design *design, const struct rk_ctx *ctx,
                          struct rk_glm **glm, struct rk_error *error);
void rk_glm_free(struct rk_glm *glm);

/* What the likelihood ratio says of one coefficient, everything else at its best. */
struct rk_profile {
    double statistic;           /* sign(b) sqrt(2 (l(b) - l(0))): a z */
    double conf_low, conf_high; /* where 2 (l(b) - l) is the chi-squared quantile; NaN for none */
};

/* The profile of the likelihood, of negbin with theta at its best too.
 * glm         not separated
 * column      of the design, with a coefficient
 * conf_level  of the two-sided interval
 * Returns RK_OK, also where a side has no limit; RK_EDOMAIN (no coefficient; no likelihood, as of
 * amounts that are not whole; negbin without another column); what rk_glm_new returns for the model
 * without the column. profile unchanged on failure.
 * Source: Venzon and Moolgavkar (1988), Applied Statistics 37. In R: MASS:::confint.glm, which
 * interpolates; by hand, uniroot on deviance(glm(y ~ other, offset = b * x)). */
enum rk_status rk_glm_profile(const struct rk_glm *glm, size_t column, double conf_level,
                              const struct rk_ctx *ctx, struct rk_profile *profile,
                              struct rk_error *error);

/* The likelihood-ratio statistic of a negative binomial fit against the Poisson fit of the same
 * model, and its p-value, halved because Poisson is at the edge of theta's range.
 * RK_OK, or RK_EDOMAIN (not a negbin); outputs unchanged then.
 * In R: 2 * (logLik(glm.nb(...)) - logLik(glm(..., poisson))). */
enum rk_status rk_negbin_test(const struct rk_glm *glm, double *statistic, double *p_value);

/* Overdispersion: Pearson's X2 against chi-squared with df_residual. Poisson, and binomial where a
 * weight is above 1. ratio = X2 / df, 1 if the family's variance holds.
 * RK_OK; RK_EDOMAIN (another family, or 0/1 data); RK_ETOOFEW (no residual df). Unchanged then. */
enum rk_status rk_overdispersion_test(const struct rk_glm *glm, double *statistic, double *df,
                                      double *p_value, double *ratio);

/* The link test: z of eta^2 in a fit of y on eta (without the offset) and eta^2. A small p says
 * that the link, or the form of a predictor, is wrong.
 * Returns RK_OK, RK_EDOMAIN (absorbed effects), or what rk_glm_new does; RK_ESINGULAR where eta^2
 * is a function of eta, as with one dummy. Unchanged on failure. Source: Pregibon (1980).
 * In R: eta <- m$linear.predictors - o; summary(glm(y ~ eta + I(eta^2), family, offset = o)). */
enum rk_status rk_link_test(const struct rk_glm *glm, const struct rk_ctx *ctx, double *statistic,
                            double *p_value, struct rk_error *error);

#endif
