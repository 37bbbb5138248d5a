/* Covariances of least-squares coefficients: classical, robust to unequal variances, to dependence
 * within one or two kinds of clusters, and to dependence between neighbours in time. The methods
 * are rows of a table, which also gives their help. */
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
    RK_VCOV_CR3, /* the cluster jackknife, CV3 */
    RK_VCOV_HAC,
    RK_VCOV_WILD,    /* the covariance is CR1's; p and intervals are those of repkit/wild.h */
    RK_VCOV_PROFILE, /* as classical; p and intervals are those of rk_glm_profile */
    RK_VCOV_COUNT
};
/* In the order of enum rk_vcov_method; what --vcov takes and the `vcov` column prints. */
#define RK_VCOVS "classical|hc0|hc1|hc2|hc3|hc4|cluster|cr2|cr3|hac|wild|profile"

const char *rk_vcov_name(enum rk_vcov_method method);
/* What the method stands on, as a paper would name it: "CR2 with Satterthwaite df". */
const char *rk_vcov_description(enum rk_vcov_method method);
bool rk_vcov_is_clustered(enum rk_vcov_method method);

/* Which rows belong together. */
struct rk_clusters {
    const uint32_t *code; /* one for each row of the design, below n_codes */
    size_t n_codes;
    size_t df_nested; /* of the absorbed degrees of freedom, those nested in the clusters */

    /* Optional: a second kind of clusters, n codes below n_second; df_nested then counts effects
     * nested in either. */
    const uint32_t *second;
    size_t n_second;

    /* Optional: what absorbed effects that are not nested span (see rk_within_crossed), n-by-
     * n_crossed. CR2, CR3 and the wild bootstrap need it where there are such effects.
     */
    const double *crossed;
    size_t n_crossed;
};

/* Which rows follow each other. */
struct rk_sequence {
    const size_t *order;  /* the rows of the design by unit, then by time; NULL: as they come */
    const uint32_t *unit; /* of each row; NULL: one unit */
    const int64_t *time;  /* of each row, in periods, distinct within a unit; NULL: 0, 1, 2, ... */
    size_t lag;           /* how many periods neighbours reach; RK_LAG_DEFAULT: by n below */
};
#define RK_LAG_DEFAULT SIZE_MAX

/* What a covariance is made from. */
struct rk_covariance_plan {
    enum rk_vcov_method method;
    struct rk_clusters clusters; /* code is required by cluster, cr2 and wild, else ignored */
    struct rk_sequence series;   /* of hac */
};

struct rk_covariance {
    enum rk_vcov_method method; /* what was used; it can differ from what was asked for: */
    const char *reason;         /* why it differs, one phrase; "" if it does not */
    bool repaired;              /* two-way: negative eigenvalues of the covariance were set to 0 */
    size_t p;
    double *vcov;      /* p-by-p, NaN where a column was dropped */
    double *std_error; /* p; NaN also where the residuals of all clusters cancel */
    double *df;        /* p: degrees of freedom of t for each coefficient */
    size_t n_clusters; /* 0 where not clustered; the smaller number of two kinds */
    size_t lag;        /* of hac */
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
 *              Two kinds of clusters: V1 + V2 - V12, the last by clusters of both, each with its
 *              factor; negative eigenvalues are set to 0; t with min(G1, G2) - 1 df
 *   cr2        B (sum_g X_g'A_g u_g u_g'A_g X_g) B, A_g = (I - H_gg)^-1/2, with Satterthwaite df,
 *              F by the approximate Hotelling test. It becomes `cluster` where an absorbed effect
 *              is neither nested in the clusters nor given in clusters->crossed, and where it would
 *              cost too much (clusters x terms^3 beyond 1e8).
 *   cr3        the jackknife, (G-1)/G sum_g d_g d_g' with d_g = b_(-g) - b, which is cr2 with
 *              A_g = (I - H_gg)^-1; what a cluster alone determines counts as unchanged without
 *              it; t with G-1 df. It becomes `cluster` where cr2 would.
 *   hac        n/(n-K) B (G_0 + sum_l w_l (G_l + G_l')) B over lags l = 1 .. L, where G_l sums
 *              x_t u_t u_s x_s' over rows of one unit that lie l periods apart, w_l = 1 - l/(L+1);
 *              L = floor(4 (n/100)^(2/9)) with n rows of the longest unit; t with the residual df
 *   wild       as `cluster`, for one kind of clusters
 *   profile    as `classical`
 * covariance  filled; freed by rk_covariance_free; unchanged on failure
 * Returns RK_OK; fit->errors; RK_EONECLUSTER; RK_EDOMAIN (no clusters
 * given; leverages of a fit without rows); RK_ENOMEM; RK_ENOCONVERGE (an eigenvalue); what ctx's
 * cancel says.
 * Sources: White (1980), MacKinnon and White (1985), Cribari-Neto (2004), Bell and McCaffrey
 * (2002), Pustejovsky and Tipton (2018), MacKinnon, Nielsen and Webb (2023), Cameron, Gelbach and
 * Miller (2011), Newey and West (1987).
 * In R: vcov(m); sandwich::vcovHC(m, type = "HC3"); plm::vcovHC(m, method = "arellano",
 * type = "sss"); sandwich::vcovCL(m, cluster, type = "HC1", fix = TRUE); clubSandwich::coef_test(m,
 * vcov = "CR2", cluster, test = "Satterthwaite"), Wald_test(..., test = "HTZ");
 * (G - 1) / G * clubSandwich::vcovCR(m, cluster, type = "CR3");
 * sandwich::NeweyWest(m, lag = L, prewhite = FALSE, adjust = TRUE); plm::vcovNW(m, maxlag = L). */
enum rk_status rk_covariance_new(const struct rk_fit *fit, const struct rk_covariance_plan *plan,
                                 const struct rk_ctx *ctx, struct rk_covariance *covariance,
                                 struct rk_error *error);

/* The same by method and clusters (NULL for none), on one thread. */
enum rk_status rk_covariance_of(const struct rk_fit *fit, enum rk_vcov_method method,
                                const struct rk_clusters *clusters,
                                struct rk_covariance *covariance, struct rk_error *error);
void rk_covariance_free(struct rk_covariance *covariance);

#endif
