/* What every analysis shares: the options all have, the loop over groups, complete rows, warnings.
 *
 * One file a tool in src/analysis; each offers, in a header of its own name,
 *   struct rk_X_options               what the tool's options fill
 *   rk_X_wants(options, wants)        the columns it needs, in their roles
 *   rk_X_run(table, options, ctx, result, error)
 * so that tools and reports call it alike. */
#ifndef REPKIT_ANALYSIS_H
#define REPKIT_ANALYSIS_H

#include "repkit/adjust.h"
#include "repkit/alternative.h"
#include "repkit/context.h"
#include "repkit/csv.h"
#include "repkit/result.h"

enum rk_missing { RK_MISSING_LISTWISE, RK_MISSING_PAIRWISE, RK_MISSING_ERROR };
#define RK_MISSINGS "listwise|pairwise|error"

/* Embedded as `common` in every rk_X_options. */
struct rk_common {
    double conf_level;  /* 0 < conf_level < 1 */
    int alternative;    /* enum rk_alternative */
    int p_adjust;       /* enum rk_adjust */
    int missing;        /* enum rk_missing */
    size_t resamples;   /* 0: the method's default */
    bool explain;       /* write explanations */
    struct rk_names by; /* group columns, empty for none */
};
#define RK_COMMON_DEFAULT                              \
    {                                                  \
        .conf_level = 0.95, .p_adjust = RK_ADJUST_HOLM \
    }

/* One group's part of an analysis. `table` has the group's rows only. A status for which
 * rk_status_is_undefined() holds makes a row of NA with its words; others end the run. */
typedef enum rk_status (*rk_group_fn)(const struct rk_table *table, const void *options,
                                      const struct rk_ctx *ctx, struct rk_result *result,
                                      struct rk_error *error);

/* Calls the function for the whole table, or once for each group of common->by. Tables must have
 * been declared (rk_result_declare) after rk_result_group_by, which this function calls first when
 * `declare` is given. `run` raises result->rows_used to the most rows that one of the group's
 * results stands on; those of the groups that succeed are added up. Returns the status of the only
 * group, or RK_OK if at least one group succeeded, or that of the last failing one. */
enum rk_status rk_run_groups(const struct rk_table *table, const struct rk_common *common,
                             void (*declare)(struct rk_result *result, const void *options),
                             rk_group_fn run, const void *options, const struct rk_ctx *ctx,
                             struct rk_result *result, struct rk_error *error);

/* An analysis whose groups may be run side by side: `run` writes to its result and to
 * result->tally, and to nothing else. */
struct rk_group_work {
    void (*declare)(struct rk_result *result, const void *options);
    rk_group_fn run;
    const void *options;
    /* What is counted over all groups: tally_size bytes, the caller's, zero at first. Some groups
     * are counted apart, in result->tally, and `add` then adds that to the whole, in the order of
     * the groups. NULL, 0 and NULL where nothing is; `add` may be NULL for what only saves work. */
    void *tally;
    size_t tally_size;
    void (*add)(void *tally, const void *further);
};

/* rk_run_groups, with several groups at once on the threads of ctx. Rows, warnings, the tally and
 * the error are those of one group after another. */
enum rk_status rk_run_groups_apart(const struct rk_table *table, const struct rk_common *common,
                                   const struct rk_group_work *work, const struct rk_ctx *ctx,
                                   struct rk_result *result, struct rk_error *error);

/* The rows in which none of the columns is missing: fills *rows (free() it) and *n_rows. With
 * missing == RK_MISSING_ERROR an incomplete row is RK_EINPUT with its line and column. */
enum rk_status rk_complete_rows(const struct rk_table *table, const size_t *columns,
                                size_t n_columns, int missing, size_t **rows, size_t *n_rows,
                                struct rk_error *error);

/* The index of a wanted column that the reader has kept: never fails for a name that was wanted in
 * that role; RK_EINPUT with the nearest name otherwise (tables made in process). */
enum rk_status rk_column_index(const struct rk_table *table, const char *name, enum rk_type type,
                               size_t *index, struct rk_error *error);

/* The indexes of all number columns, in order: what "all numeric columns" means. free() it. */
enum rk_status rk_number_columns(const struct rk_table *table, size_t **columns, size_t *n);

/* Fills the column `to` of a result table with the adjusted values of `from`; NaN stays. */
enum rk_status rk_adjust_column(struct rk_table *table, size_t from, size_t to, int method);

/* --- warnings ------------------------------------------------------------------------------ */

/* The stable codes; src/analysis/warnings.c has one row for each, with the advice. */
enum rk_warning_code {
    RK_WARN_POOLED,
    RK_WARN_REGRESSION_TO_MEAN,
    RK_WARN_FEW_CLUSTERS,
    RK_WARN_REVERSE_CAUSALITY,
    RK_WARN_MULTIPLE_TESTING,
    RK_WARN_AUTOCORRELATION,
    RK_WARN_HEAVY_TAIL,
    RK_WARN_CENSORING,
    RK_WARN_PRE_TREND,
    RK_WARN_SURVIVORS,
    RK_WARN_DOUBLE_COUNTING,
    RK_WARN_FIXED_INPUTS,
    RK_WARN_BAD_CONTROL,
    RK_WARN_MEAN_OF_RATIOS,
    RK_WARN_EXTRAPOLATION,
    RK_WARN_COLLINEAR,
    RK_WARN_SEPARATION,
    RK_WARN_MISSING_NOT_RANDOM,
    RK_WARN_NORMALITY_SWITCH,
    RK_WARN_UNITS,
    RK_WARN_MISSING_ITEMS,
    RK_WARN_STRADDLE,
    RK_WARN_DROPPED,
    RK_WARN_UNPAIRED,
    RK_WARN_BAD_CELLS,
    RK_WARN_NO_DIFFERENCES,
    RK_WARN_FINDINGS,
    RK_WARN_OVERDISPERSION,
    RK_WARN_NOT_INDEPENDENT,
    RK_WARN_NOT_COMPARED,
    RK_WARN_IMPOSSIBLE_CORRELATIONS,
    RK_WARN_NO_PICTURES,
    RK_WARN_FONTS,
    RK_WARN_COUNT
};

/* Adds the warning: the group, what was seen (formatted), then the code's advice. */
void rk_warn(struct rk_result *result, enum rk_warning_code code, const char *seen, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with a text, which is freed. Where memory did not suffice for it, the result's status
 * says so. */
void rk_warn_text(struct rk_result *result, enum rk_warning_code code, struct rk_text *seen);
/* Whether every one is the code of a warning ("pooled"). RK_OK; RK_EUSAGE, saying `what` ("no
 * warning"), the first that is not and the nearest code; RK_ENOMEM. */
enum rk_status rk_warning_codes_check(const struct rk_names *codes, const char *what,
                                      struct rk_error *error);

#endif
