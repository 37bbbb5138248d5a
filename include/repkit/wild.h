/* The wild cluster restricted bootstrap: p-values and intervals that hold with few clusters. */
#ifndef REPKIT_WILD_H
#define REPKIT_WILD_H

#include "repkit/alternative.h"
#include "repkit/sandwich.h"

enum rk_wild_weights { RK_WILD_AUTO, RK_WILD_RADEMACHER, RK_WILD_WEBB };
#define RK_WILD_WEIGHTS "auto|rademacher|webb"

struct rk_wild_plan {
    size_t draws;      /* 9999 by custom */
    int weights;       /* enum rk_wild_weights. auto: Rademacher's where there are at least 1,000
                          patterns of them (10 clusters), else Webb's */
    const char *label; /* of the random stream: the group, "" for none */
    double conf_level;
    int alternative; /* enum rk_alternative */
};

struct rk_wild {
    size_t p;
    double *p_value;              /* p; NaN where a column was dropped */
    double *conf_low, *conf_high; /* p; NaN where there is no bound on that side */
    size_t n_clusters;
    size_t n_draws;  /* all patterns where they were enumerated */
    bool enumerated; /* then p-values have no error of simulation */
    int weights;     /* Rademacher's or Webb's */
    double least_p;  /* the smallest two-sided p-value there can be */
};

/* Tests each coefficient against 0, and inverts the test for its interval.
 *   With b_j = beta imposed, u the restricted residuals and v_g a weight for each cluster,
 *   y* = X b + v_g u,  t* = (b*_j - beta) / se(b*_j),  p = share of |t*| >= |t|.
 *   v is -1 or 1 (Rademacher), or one of -+sqrt(3/2), -+1, -+sqrt(1/2) (Webb). All patterns are
 *   taken where there are at most draws + 1; else p = (1 + #) / (draws + 1).
 *   The interval has the beta whose p exceeds 1 - conf_level, its ends found by bisection to 1e-6
 *   standard errors.
 * Absorbed effects that are not nested in the clusters must be given as clusters->crossed.
 * Scores by cluster are all that is read of the rows: a draw costs clusters x coefficients.
 * Streams: purpose "wild"; threads change nothing.
 * wild  filled; freed by rk_wild_free; unchanged on failure
 * Returns RK_OK; fit->errors; RK_EONECLUSTER; RK_EDOMAIN (two kinds of clusters, or crossed effects
 * not given); RK_ENOMEM; what ctx's cancel says.
 * Sources: Cameron, Gelbach and Miller (2008), Rev. Econ. Stat. 90; Webb (2023), Can. J. Econ. 56;
 * Roodman, Nielsen, MacKinnon and Webb (2019), Stata Journal 19.
 * In R: fwildclusterboot::boottest(m, param = "x", clustid = "rep", B = 9999). */
enum rk_status rk_wild_new(const struct rk_fit *fit, const struct rk_clusters *clusters,
                           const struct rk_wild_plan *plan, const struct rk_ctx *ctx,
                           struct rk_wild *wild, struct rk_error *error);
void rk_wild_free(struct rk_wild *wild);

#endif
