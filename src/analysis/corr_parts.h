/* What the parts of rep-corr share. */
#ifndef REPKIT_CORR_PARTS_H
#define REPKIT_CORR_PARTS_H

#include "repkit/corr.h"

/* The values one pair stands on at one scope. */
struct corr_sample {
    size_t n, n_columns;
    const double **column; /* x, y, controls; all of one allocation */
    double *values;
    uint32_t *unit, *period; /* n codes; NULL where there are none */
    size_t n_units, n_periods;
};

/* What came of a pair at one scope. */
struct corr_estimate {
    struct rk_correlation c;
    enum rk_status status;
    double serial; /* correlation of neighbouring periods' errors, NaN where it was not computed */
    size_t n_serial;
};

struct corr_pair {
    size_t x, y; /* columns */
    int64_t lag; /* periods by which x leads y */
    struct corr_estimate scope[RK_SCOPE_COUNT];
    double within_share; /* of x's variation; NaN where it was not computed */
};

/* What the pairs of one group share. */
struct corr_group {
    const struct rk_table *table;
    const struct rk_corr_options *options;
    const struct rk_ctx *ctx;
    size_t id, time; /* columns, SIZE_MAX for none */
    size_t n_codes;  /* of the id column */
    size_t *control; /* columns held fixed */
    size_t n_controls;
    size_t *row; /* rows that may be used; by unit and time where there is a time */
    size_t n_rows;
    uint32_t *period; /* of each row of the table; NULL without --time */
    size_t n_periods;
    double step;     /* the smallest difference of two periods; NaN with fewer than two */
    unsigned scopes; /* bits 1 << enum rk_scope: those printed */
    size_t n_lags;   /* of each pair, side by side in `pair` */
    int64_t nearest; /* the lag nearest 0: pooled and within are compared there */
    struct corr_pair *pair;
    size_t n_pairs;
};

/* --- corr_sample.c --------------------------------------------------------------------------- */

/* Sorts the group's rows by unit and time and numbers the periods. RK_EINPUT if `unique` and a
 * unit has two rows in one period. */
enum rk_status corr_order(struct corr_group *group, bool unique, struct rk_error *error);
/* The rows of a pair where all it needs is there, x taken `lag` periods before y in the same unit.
 * Freed by corr_sample_free, also after a failure. */
enum rk_status corr_sample_take(const struct corr_group *group, const struct corr_pair *pair,
                                struct corr_sample *sample);
/* The units' means: a sample of its own, without units. */
enum rk_status corr_sample_means(const struct corr_sample *sample, struct corr_sample *means);
void corr_sample_free(struct corr_sample *sample);

/* --- corr_pairs.c ---------------------------------------------------------------------------- */

/* Correlates some pairs of the group (data) at the scopes printed and at those that [pooled]
 * compares. For rk_parallel_blocks. An undefined correlation is the scope's own status. */
enum rk_status corr_pairs_block(void *data, size_t block, size_t first, size_t last);

/* --- corr_words.c ---------------------------------------------------------------------------- */

struct corr_words {
    const char *x, *y, *id; /* id NULL without units */
    const char *period;     /* "week"; "period" where the kind has no name */
    const struct rk_names *partial;
    int method, scope;
    int64_t lag;
    double conf_level;
    const struct rk_correlation *correlation; /* defined */
};

/* "within", "two-way" */
const char *corr_scope_name(size_t scope);
/* "calls, revenue, within, lag 2": what a row is known by. */
void corr_row_name(const char *x, const char *y, size_t scope, int64_t lag, struct rk_text *out);
/* Adds the row's explanation. Association only: no sentence says that x makes y. */
void corr_explain(const struct corr_words *words, struct rk_result *result);

/* --- corr_warnings.c ------------------------------------------------------------------------- */

/* The pair whose pooled and within correlation differ most, over all groups. */
struct corr_differing {
    size_t n_compared, n, x, y;
    double pooled, within; /* within NaN where x has no variation there */
    double within_share;
};

/* The correlation with the most alike errors. */
struct corr_alike {
    size_t n_checked, n, x, y, scope;
    double serial;
};

/* The pair whose lead is strongest against its lags. */
struct corr_leading {
    size_t n_checked, n, x, y, scope;
    int64_t lead, lag;
    double lead_estimate, lag_estimate;
};

/* What has been seen in all groups so far, {0} at first. */
struct corr_seen {
    double step; /* the largest of a group's steps, above 1 */
    struct corr_differing differing;
    struct corr_alike alike;
    struct corr_leading leading;
};

void corr_look(const struct corr_group *group, struct corr_seen *seen);
/* Warns of what was seen, and of p-values that adjustment takes back (columns from, to). */
void corr_warn(const struct rk_table *table, const struct rk_corr_options *options,
               const struct corr_seen *seen, struct rk_result *result);
void corr_warn_multiple(const struct rk_table *table, size_t from, size_t to, double alpha,
                        struct rk_result *result);

#endif
