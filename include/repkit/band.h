/* rep-band: how much activity is enough, and when is it too much? */
#ifndef REPKIT_BAND_H
#define REPKIT_BAND_H

#include "repkit/analysis.h"
#include "repkit/formula.h"
#include "repkit/sandwich.h"

struct rk_band_options {
    struct rk_common common;
    const struct rk_formula *formula; /* borrowed; its first term is the activity */
    int vcov;                         /* enum rk_vcov_method up to cr2, or RK_BAND_VCOV */
    const char *cluster; /* what is resampled as a whole; NULL: the first fixed effect, or rows */
    const char *weights; /* precision weights; NULL for none */
    const char *time;    /* periods, to look at the week before; NULL for none */
    struct rk_names claims; /* 100:125, >=5, >5, <=5, <5 */
    double margin;          /* >= 0: the smallest difference that would matter to an open claim */
    double enough;          /* 0 < enough < 1: the share of the curve's height that is enough */
    size_t knots;           /* of the spline: 3 to 5 */
    size_t bins;            /* of the table `bins`, equally full */
    bool curve;             /* fill the table `curve` */
};
/* cr2 with a fixed effect or a cluster column, else classical. */
enum { RK_BAND_VCOV = -1 };
/* The first of RK_VCOVS: what a curve has a covariance by. */
#define RK_BAND_VCOVS "classical|hc0|hc1|hc2|hc3|hc4|cluster|cr2"
#define RK_BAND_DEFAULT                                                                           \
    {                                                                                             \
        .common = RK_COMMON_DEFAULT, .vcov = RK_BAND_VCOV, .enough = 0.95, .knots = 4, .bins = 10 \
    }

/* Whether the options fit together; rk_band_run asks it too. RK_OK or RK_EUSAGE. */
enum rk_status rk_band_check(const struct rk_band_options *options, struct rk_error *error);

/* Adds the columns it needs. RK_OK or RK_ENOMEM. */
enum rk_status rk_band_wants(const struct rk_band_options *options, struct rk_wants *wants);

/* Fits five curves of the outcome over the activity, once a group, and fills the tables `models`,
 * `optimum`, `bins`, `claim` (first, where there are claims), `curve` if asked for, the warnings
 * and the explanations.
 * Returns RK_OK; RK_EUSAGE; RK_EINPUT (a column, an activity that is no number, a period that
 * repeats within a unit, a negative weight, a missing cell under --missing error); RK_ENODATA,
 * RK_ETOOFEW, RK_ECONSTANT, RK_ESINGULAR where no group can be fitted; RK_ENOMEM; or what ctx's
 * cancel says. */
enum rk_status rk_band_run(const struct rk_table *table, const struct rk_band_options *options,
                           const struct rk_ctx *ctx, struct rk_result *result,
                           struct rk_error *error);

#endif
