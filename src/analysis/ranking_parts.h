/* The parts of rep-rank. */
#ifndef RANKING_PARTS_H
#define RANKING_PARTS_H

#include "repkit/formula.h"
#include "repkit/ranking.h"
#include "repkit/shrink.h"

/* The units of one group, in first-seen order. */
struct ranking_units {
    size_t k;
    const char **name;   /* borrowed from the table */
    double *n;           /* rows, or trials */
    double *raw;         /* mean as it is, or rate */
    double *mean, *var;  /* means: after --adjust, with its variance; rates: successes, trials */
    size_t n_rows;       /* used */
    size_t n_parameters; /* what the means have in common: 1, or more after --adjust */
    size_t n_no_trials;  /* rates: units left out */
    bool own_variance;   /* means: each unit's own */

    /* What the warnings look at, of deviations from the units' means. */
    double lag1, skewness, largest_share;
    double missing_share, missing_p; /* of cells; whether units differ in it */
};

enum rk_status ranking_means(const struct rk_table *table, const struct rk_ranking_options *options,
                             const struct rk_ctx *ctx, struct ranking_units *units,
                             struct rk_error *error);
enum rk_status ranking_rates(const struct rk_table *table, const struct rk_ranking_options *options,
                             struct ranking_units *units, struct rk_error *error);
/* Either, from options->moments (ranking_moments.c). */
enum rk_status ranking_from_moments(const struct rk_table *table,
                                    const struct rk_ranking_options *options,
                                    const struct rk_ctx *ctx, struct ranking_units *units,
                                    struct rk_error *error);
/* Arrays for k units. RK_OK or RK_ENOMEM. */
enum rk_status ranking_units_room(struct ranking_units *units, size_t k);
/* Leaves out units without trials: of n and mean, trials and successes, makes the rest. */
void ranking_drop_empty(struct ranking_units *units);
/* Of sums of squares about the units' means, in `var`, makes the variances of the means. all: their
 * sum, on df degrees of freedom. */
void ranking_variances(struct ranking_units *units, int which, double all, double df);
void ranking_units_free(struct ranking_units *units);

/* The formula, one-sided, `~` added where it is left out. */
enum rk_status ranking_formula(const char *text, struct rk_formula **formula,
                               struct rk_error *error);
/* The rank of the intercept and the columns that are the units' own, as in `parameters` below. X:
 * room for k by p + 1 and k more; column j has the units' values of it. RK_OK or a status. */
enum rk_status ranking_unit_rank(double *X, size_t p, size_t k, size_t *parameters);
/* Its model frame over the table. */
enum rk_status ranking_frame(const struct rk_table *table, const char *formula, int missing,
                             struct rk_model_frame **frame, struct rk_error *error);
/* Takes the frame's columns out of y, a value for each of its rows: what is left, on the level of
 * y's mean. parameters: 1 and one for each independent column that is the same in all rows of a
 * unit. unit: of each row, 0 .. k - 1. */
enum rk_status ranking_adjust(const struct rk_model_frame *frame, const size_t *unit, size_t k,
                              double *y, const struct rk_ctx *ctx, size_t *parameters,
                              struct rk_error *error);

/* Says who, how sure, and whether there is anything to rank. */
struct ranking_found {
    const struct ranking_units *units;
    const struct rk_units *prior;
    const struct rk_posterior *posterior;
    const struct rk_ranks *ranks;
    const double *rank;  /* of the estimates */
    const size_t *order; /* best first */
    const struct rk_ranking_options *options;
};
/* Whether the data leave open that all units are alike. */
bool ranking_alike(const struct rk_units *prior, double conf_level);
void ranking_explain(const struct ranking_found *found, struct rk_result *result);
void ranking_warn(const struct ranking_found *found, struct rk_result *result);

#endif
