/* Linear least squares: one entry point, which chooses from the data how to solve.
 *
 * Small or ill-conditioned problems are orthogonalised in double-double arithmetic (106 bits),
 * where R's lm would lose digits or a column; large well-conditioned ones go through centred
 * cross-products. Covariances of the coefficients are in repkit/sandwich.h, fixed effects in
 * repkit/within.h. */
#ifndef REPKIT_LEAST_SQUARES_H
#define REPKIT_LEAST_SQUARES_H

#include "repkit/context.h"

/* What is fitted: y on the columns of X. Everything is borrowed; NULL where optional. */
struct rk_design {
    size_t n, p;
    const double *y;             /* n, finite */
    const double *X;             /* n-by-p, column after column (X[j * n + i]), finite */
    const double *const *column; /* optional: where each column stands, in the place of X, which is
                                    then NULL; the intercept's is not read */
    const double *X_low;   /* optional, n-by-p: what the columns of X lost in rounding (powers) */
    const double *weights; /* optional, n, >= 0: precision weights as lm's; 0 leaves the row out */
    bool has_intercept;    /* column 0 of X is all ones */
    size_t stands_for;     /* rows of data that the weighted rows are in the place of, see
                              repkit/cross_moments.h; 0: they are data themselves */

    /* Set when fixed effects have been taken out of y and X (see repkit/within.h). */
    size_t df_absorbed;         /* degrees of freedom they took; 0 for none */
    double tss_absorbed;        /* sum of squares of y about its mean before they were taken out */
    double y_norm;              /* Euclidean norm of y before */
    const double *norm;         /* optional, p: Euclidean norms of the columns before */
    const double *hat_absorbed; /* optional, n: the leverage of each row that is theirs */
};

static inline const double *rk_design_column(const struct rk_design *design, size_t j)
{
    return design->column != NULL ? design->column[j] : design->X + j * design->n;
}

struct rk_fit {
    size_t n;    /* rows of the design */
    size_t nobs; /* of them, with a positive weight; what the design stands for, where it does */
    size_t p, rank;
    size_t *kept;         /* rank: the columns that stand; the others are NaN in coef */
    double *coef;         /* p, in units of y per unit of the column */
    double *cov_unscaled; /* p-by-p: (X'WX)^-1, NaN where a column was dropped */
    /* n, in the unit of y; absorbed effects not added back. NULL where rows are not kept. */
    double *fitted, *residual;
    /* n: leverage, that of absorbed effects included; 0 where weight is 0; NaN where that of the
     * absorbed effects is not known. NULL where rows are not kept. */
    double *hat;
    double *column_ss;     /* p: weighted sum of squares of each column about its mean */
    double *column_ss_raw; /* p: the same about 0 */

    /* What sandwich estimators stand on: sqrt(W) X = Q R with orthonormal columns, and
     * u = sqrt(W) residual. Q is n-by-rank, column after column; R_inverse is rank-by-rank, upper
     * triangular, row after row; effects = Q' sqrt(W) y, rank of them. Q and u are NULL where rows
     * are not kept; they can be had again as long as the arrays of `design` live. */
    double *Q, *R_inverse, *u, *effects;
    double *root;            /* n: sqrt of the weights; NULL without weights */
    struct rk_design design; /* as it was given, borrowed */
    double *own_X;           /* its columns copied side by side, where a method needs them so */
    double *mean;            /* of the slopes' columns, then of y; used where rows are not kept */
    double total_weight;

    size_t df_absorbed;
    bool has_intercept;
    double df_model,
        df_residual;    /* slopes (columns beside the intercept); nobs less all parameters */
    double rss, tss;    /* tss: about the mean where there is an intercept or an absorbed effect */
    double tss_within;  /* of what was fitted: after effects were absorbed; else as tss */
    double tss_centred; /* of what was fitted, about its mean in any case */
    double sigma, r_squared, adj_r_squared, r_squared_within; /* the last: NaN without effects */
    double f_statistic; /* of all slopes, on df_model and df_residual; NaN without slopes */
    double log_lik, aic, bic;
    enum rk_status errors; /* RK_OK, or why coefficients have no standard errors: RK_ETOOFEW (no
                              residual degrees of freedom), RK_ECONSTANT (y does not vary),
                              RK_EPERFECT */
};

/* Fits y = X b by (weighted) least squares.
 *   b = argmin sum_i w_i (y_i - x_i'b)^2,   sigma^2 = RSS / df_residual,
 *   log L = (sum log w_i - n (log(2 pi) + 1 - log n + log RSS)) / 2
 * A column is dropped, as in R, when those before it leave less than 1e-7 of its norm, and the
 * projection in 106 bits also leaves less than 1e-13: R's rule alone loses a coefficient of NIST's
 * Filip. The fit is perfect when RSS <= 1e-20 TSS, or when RSS / df is below 1e-30 of the mean
 * square of y (R's warning): then RSS counts as 0 and `errors` is RK_EPERFECT. A y that is constant
 * (within the absorbed effects) is RK_ECONSTANT, with r_squared NaN.
 * ctx  threads, cancel; NULL for one thread
 * fit  the caller's, freed by rk_fit_free; unchanged on failure
 * Returns RK_OK; RK_ENODATA (no row with a positive weight); RK_ESINGULAR (no column left);
 * RK_EDOMAIN (a value that is not finite, a negative weight, y or a column of X whose largest value
 * is beyond 1e140 or below 1e-140); RK_ENOMEM; or what ctx's cancel says.
 * Source: Bjorck (1996), Numerical Methods for Least Squares Problems.
 * In R: m <- lm(y ~ X, weights = w); summary(m); hatvalues(m); logLik(m); AIC(m); BIC(m);
 * with absorbed effects, the same of lm(y ~ X + factor(effect)). */
enum rk_status rk_fit_new(const struct rk_design *design, const struct rk_ctx *ctx,
                          struct rk_fit **fit, struct rk_error *error);
void rk_fit_free(struct rk_fit *fit);

/* The same without what has a value a row, where centred cross-products do: memory then does not
 * grow with the rows. The design's arrays must live as long as the fit. Fits that need an
 * orthogonal method keep their rows. The covariances of repkit/sandwich.h take both kinds, but for
 * those that read leverages (HC2 to HC4). */
enum rk_status rk_fit_lean_new(const struct rk_design *design, const struct rk_ctx *ctx,
                               struct rk_fit **fit, struct rk_error *error);

/* Gives a fit its rows, if it has none. RK_OK; RK_ENOMEM; what ctx's cancel says. */
enum rk_status rk_fit_keep_rows(struct rk_fit *fit, const struct rk_ctx *ctx);

/* Variance inflation of column j: (X'X)^-1_jj times the column's sum of squares, about the mean
 * where there is an intercept or an absorbed effect. NaN for the intercept and dropped columns.
 * This function can't fail. In R: car::vif(m) for columns that are terms of their own. */
double rk_vif(const struct rk_fit *fit, size_t j);

/* The slope in standard deviations of y per standard deviation of the column: b sd(x) / sd(y), of
 * the values that were fitted, so within units where effects were absorbed. NaN for the intercept,
 * dropped columns and a constant y. This function can't fail.
 * In R: coef(lm(scale(y) ~ scale(x))). */
double rk_std_coef(const struct rk_fit *fit, size_t j);

#endif
