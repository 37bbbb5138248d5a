/* Calibration: do 95% intervals hold the truth in 95 of 100 panels, and do 5% tests reject in 5?
 *
 * A study is one file, study_TOPIC.c, which defines `const struct cal_study cal_TOPIC`; the
 * Makefile finds it. Its panel function draws one panel of a cell, analyses it, and says of each
 * claim whether it held. Panels have random streams of their own, so that the page is the same
 * whatever the number of threads, and whatever else is run. */
#ifndef CALIBRATE_H
#define CALIBRATE_H

#include <math.h>

#include "repkit/context.h"
#include "repkit/impact.h"
#include "repkit/random.h"
#include "repkit/result.h"

enum { CAL_MOST_CLAIMS = 64 };

/* One column of the study's table: a design. What it says beyond `name` is for the panel function.
 */
struct cal_cell {
    const char *name; /* "20 reps, AR 0.6, skewed": unique within the study */
    size_t units, periods;
    double ar;   /* correlation of neighbouring periods' errors */
    bool skewed; /* errors as cal_skewed makes them, else normal */
    double extra;
};
/* The eight cells of most studies: 20 and 100 reps, AR 0 and 0.6, normal and skewed. */
enum { CAL_PANEL_CELLS = 8 };
extern const struct cal_cell cal_panel_cells[CAL_PANEL_CELLS];

/* One row of the table. */
struct cal_claim {
    const char *name;                       /* "mean, 95% interval" */
    enum { CAL_COVERS, CAL_REJECTS } claim; /* falls short below, or above, the nominal rate */
    double nominal;                         /* 0.95, 0.05 */
};

/* What one panel has to draw with. */
struct cal_draw {
    struct rk_rng rng;
    struct rk_ctx ctx; /* one thread and a seed of its own, for bootstraps within */
    size_t panel;      /* its number in the cell, from 0 */
};

/* Draws a panel and sets value[claim] of each claim: 1 where it covers (or rejects), 0 where it
 * does not, a share where a panel has several of them, NaN (as it is before) where it has no
 * answer. A status that is not RK_OK ends the run. Called from several threads at once. */
typedef enum rk_status (*cal_panel_fn)(const struct cal_cell *cell, struct cal_draw *draw,
                                       double *value);

struct cal_study {
    const char *title;     /* "Correlation" */
    const char *simulated; /* what is drawn and what is claimed; Markdown */
    const char *reading;   /* why what falls short does, and what to do; Markdown */
    const struct cal_cell *cell;
    size_t n_cells;
    const struct cal_claim *claim;
    size_t n_claims; /* at most CAL_MOST_CLAIMS */
    cal_panel_fn panel;
    size_t fewer; /* panels are a k-th of those asked for, where each is slow; 0 is 1 */
};

/* --- drawing, simulate.c ---------------------------------------------------------------------- */

/* n values of a stationary AR(1) with normal margins, mean 0 and variance 1. */
void cal_ar(struct rk_rng *rng, double ar, double *out, size_t n);
/* Of a standard normal z a value of mean 0 and variance 1, as skewed as amounts of money are:
 * lognormal, the sd of its logarithm 0.6, skewness 2.26. Ranks are those of z.
 *   (exp(s z - s^2 / 2) - 1) / sqrt(exp(s^2) - 1) */
extern const double cal_log_sd;
double cal_skewed(double z);
/* The correlation of two such values made of standard normals with correlation rho. */
double cal_skewed_correlation(double rho);
/* z, or what cal_skewed makes of it, as the cell says. */
double cal_error(const struct cal_cell *cell, double z);

/* The name of the k-th rep: R001. */
enum { CAL_REP_SIZE = 32 };
void cal_rep_name(size_t unit, char out[CAL_REP_SIZE]);

/* A table `rep`, `period` (integers from 0) and columns of numbers, missing at first: rows by rep,
 * then period. NULL when out of memory; freed by rk_table_free. */
struct rk_table *cal_table(size_t units, size_t periods, const char *const *numbers,
                           size_t n_numbers);
/* The values of the k-th column of numbers. */
double *cal_column(struct rk_table *table, size_t k);

/* A panel with x and y: a level of the rep (times `levels`; 0: reps are alike) and an AR(1) of its
 * weeks. Of the normals they are made of, levels correlate by `between`, weeks by `within`. */
struct rk_table *cal_pairs(const struct cal_cell *cell, struct cal_draw *draw, double levels,
                           double between, double within);
/* What the correlations of ever more such reps tend to. */
struct cal_scopes {
    double pooled, between, within;
};
struct cal_scopes cal_pairs_truth(const struct cal_cell *cell, double levels, double between,
                                  double within);

/* --- judging ---------------------------------------------------------------------------------- */

/* A list of one name, for options: `.values = CAL_NAME("y")`. It lives as long as the block. */
#define CAL_NAME(text)                             \
    {                                              \
        .name = (char *[]){(char[]){text}}, .n = 1 \
    }

/* The number in `column` of the first row of a result table whose `key` is `label`; NaN if there is
 * none. */
double cal_number(const struct rk_result *result, const char *table, const char *key,
                  const char *label, const char *column);
/* Whether the interval holds the truth; NaN where it has no end. */
double cal_covers(double low, double high, double truth);
/* The same for conf_low and conf_high of such a row. */
double cal_row_covers(const struct rk_result *result, const char *table, const char *key,
                      const char *label, double truth);
/* Whether p < 0.05; NaN for NaN. */
double cal_rejects(double p);
/* The same of the p_value of such a row. */
double cal_row_rejects(const struct rk_result *result, const char *table, const char *key,
                       const char *label);

/* Of the table `rank` for reps in the order of cal_table: the shares of units whose true level, and
 * whose true rank, the intervals hold. */
void cal_ranks_cover(const struct rk_result *result, const double *level, size_t n_units,
                     double *levels, double *ranks);

/* --- rep-impact, impact.c --------------------------------------------------------------------- */

/* rk_impact_run with a result of its own, to be freed in any case. */
enum rk_status cal_impact(const struct rk_table *table, const struct rk_impact_options *options,
                          const struct rk_ctx *ctx, struct rk_result **result);
/* Of a row of `effects`. */
double cal_effect_rejects(const struct rk_result *result, const char *term);
double cal_effect_covers(const struct rk_result *result, const char *term, double truth);
/* Whether the band of `path` holds 0 at every lead and lag. */
double cal_band_covers(const struct rk_result *result);
/* Adds columns of text that say "1" of the first `treated` units, and of the second half of the
 * periods: what cal_table made, at the columns of these names. RK_OK or RK_ENOMEM. */
enum rk_status cal_rollout(struct rk_table *table, size_t units, size_t periods, size_t treated,
                           const char *who, const char *when);

/* --- the page, report.c ----------------------------------------------------------------------- */

/* What the panels of one cell said of one claim. */
struct cal_rate {
    size_t n, n_undefined;
    double rate, se; /* its Monte Carlo standard error */
};
enum cal_verdict { CAL_HOLDS, CAL_SHORT, CAL_CAUTIOUS };
/* Beyond three standard errors on the wrong side, or on the safe side. */
enum cal_verdict cal_judge(const struct cal_claim *claim, const struct cal_rate *rate);
/* values: of n panels, one for each claim, panel after panel. */
struct cal_rate cal_rate_of(const double *values, size_t n, size_t n_claims, size_t claim);

struct cal_run {
    const struct cal_study *study;
    size_t n_panels;
    struct cal_rate *rate; /* n_claims by n_cells */
};
void cal_page(const struct cal_run *run, size_t n, size_t panels, uint64_t seed,
              struct rk_text *out);

#endif
