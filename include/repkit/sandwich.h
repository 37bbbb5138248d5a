/* Covariances of least-squares coefficients: classical, robust to unequal variances, and robust to
 * dependence within clusters. The methods are rows of a table, which also gives their help. */
#ifndef REPKIT_SANDWICH_H
#define REPKIT_SANDWICH_H

#include "repkit/least_squares.h"

enum rk_vcov_method {
    RK_VCOV_CLASSICAL,
    RK_VCOV_HC0,
    RK_VCOV_HC1,
    RK_VCOV_HC2,
    RK_VCOV_HC3,
    RK_VCOV_HC4,
    RK_VCOV_CLUSTER, /* CR1 */
    RK_VCOV_CR2,
    RK_VCOV_COUNT
};
/* In the order of enum rk_vcov_method; what --vcov takes and the `vcov` column prints. */
#define RK_VCOVS "classical|hc0|hc1|hc2|hc3|hc4|cluster|cr2"

const char *rk_vcov_name(enum rk_vcov_method method);
/* What the method stands on, as a paper would name it: "CR2 with Satterthwaite df". */
const char *rk_vcov_description(enum rk_vcov_method method);
bool rk_vcov_is_clustered(enum rk_vcov_method method);

/* Which rows belong together. */
struct rk_clusters {
    const uint32_t *code; /* one for each row of the design, below n_codes */
    size_t n_codes;
    size_t df_nested; /* of the absorbed degrees of freedom, those nested in the clusters */
};

struct rk_covariance {
    enum rk_vcov_method method; /* what was used; it can differ from what was asked for: */
    const char *reason;         /* why it differs, one phrase; "" if it does not */
    size_t p;
    double *vcov;      /* p-by-p, NaN where a column was dropped */
    double *std_error; /* p; NaN also where the residuals of all clusters cancel */
    double *df;        /* p: degrees of freedom of t for each coefficient */
    size_t n_clusters; /* 0 where not clustered */
    /* The joint test that all slopes are 0: F = scale b'V^-1 b / q on (f_df1 = q, f_df2), with the
     * scale 1 except for CR2. NaN where V is singular (too few clusters for q). */
    double f_statistic, f_df1, f_df2;
};

/* The covariance of the coefficients of a fit, B = (X'WX)^-1.
 *   classical  sigma^2 B
 *   hc0..hc4   B (sum_i a_i e_i^2 x_i x_i') B, a_i = 1; n/(n-K); 1/(1-h); 1/(1-h)^2;
 *              (1-h)^-min(4, nh/K); t with the residual df. A leverage above 1 - 1e-10 makes it
 *              hc1, since 1/(1-h) has no meaning there.
 *   cluster    CR1: c B (sum_g X_g'u_g u_g'X_g) B, c = G/(G-1) (n-1)/(n-K), t with G-1 df;
 *              K leaves out effects nested in the clusters
 *   cr2        B (sum_g X_g'A_g u_g u_g'A_g X_g) B, A_g = (I - H_gg)^-1/2, with Satterthwaite df,
 *              F by the approximate Hotelling test. It becomes `cluster` where an absorbed effect
 *              is not nested in the clusters, and where it would cost too much.
 * clusters    required by cluster and cr2, else ignored
 * covariance  filled; freed by rk_covariance_free; unchanged on failure
 * Returns RK_OK; fit->errors; RK_EONECLUSTER; RK_EDOMAIN (no clusters
 * given); RK_ENOMEM; RK_ENOCONVERGE (an eigenvalue).
 * Sources: White (1980), MacKinnon and White (1985), Cribari-Neto (2004), Bell and McCaffrey
 * (2002), Pustejovsky and Tipton (2018).
 * In R: vcov(m); sandwich::vcovHC(m, type = "HC3"); plm::vcovHC(m, method = "arellano",
 * type = "sss"); sandwich::vcovCL(m, cluster, type = "HC1"); clubSandwich::coef_test(m, vcov =
 * "CR2", cluster, test = "Satterthwaite"), Wald_test(..., test = "HTZ"). */
enum rk_status rk_covariance_of(const struct rk_fit *fit, enum rk_vcov_method method,
                                const struct rk_clusters *clusters,
                                struct rk_covariance *covariance, struct rk_error *error);
void rk_covariance_free(struct rk_covariance *covariance);

#endif
