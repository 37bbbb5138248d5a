/* What the parts of rep-corr share. */
#ifndef REPKIT_CORR_PARTS_H
#define REPKIT_CORR_PARTS_H

#include "column_look.h"
#include "repkit/corr.h"

/* The values one pair stands on at one scope. */
struct corr_sample {
    size_t n, n_columns;
    const double **column; /* x, y, controls; all of one allocation */
    double *values;
    uint32_t *unit, *period; /* n codes; NULL where there are none */
    size_t n_units, n_periods;
    bool contrast;            /* the last column is x2 */
    size_t stands_for, taken; /* as in struct rk_correlation_data */
};

/* What came of a pair at one scope. */
struct corr_estimate {
    struct rk_correlation c;
    enum rk_status status;
    double serial; /* correlation of neighbouring periods' errors, NaN where it was not computed */
    size_t n_serial;
    enum {
        CORR_CLASSICAL,
        CORR_BCA,
        CORR_PERCENTILE,
        CORR_TOO_FEW,
        CORR_SHIFT
    } boot; /* of the interval */
};

struct corr_pair {
    size_t x, y, x2; /* columns; x2 SIZE_MAX but for a contrast of x with x2 */
    int64_t lag;     /* periods by which x leads y */
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
    double step;       /* the smallest difference of two periods; NaN with fewer than two */
    unsigned scopes;   /* bits 1 << enum rk_scope: those printed */
    size_t n_lags;     /* of each pair, side by side in `pair` */
    const char *label; /* of random streams: the group's labels */
    int64_t nearest;   /* the lag nearest 0: pooled and within are compared there */
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
/* The row of the same unit `lag` periods before row k of the order, SIZE_MAX if there is none. *at
 * goes along with k: both only forward. */
size_t corr_row_before(const struct corr_group *group, size_t k, int64_t lag, size_t *at);
/* The units' means: a sample of its own, without units. */
enum rk_status corr_sample_alloc(struct corr_sample *sample, size_t most, bool units, bool times);
enum rk_status corr_sample_means(const struct corr_sample *sample, struct corr_sample *means);
void corr_sample_free(struct corr_sample *sample);

/* --- corr_pairs.c ---------------------------------------------------------------------------- */

/* The correlation of a sample (of means, between units) at a scope: rk_correlate's. */
enum rk_status corr_at(const struct corr_sample *sample, int method, int scope, double conf_level,
                       int alternative, double *residual, struct rk_correlation *out);
/* Correlates some pairs of the group (data) at the scopes printed and at those that [pooled]
 * compares. For rk_parallel_blocks. An undefined correlation is the scope's own status. */
enum rk_status corr_pairs_block(void *data, size_t block, size_t first, size_t last);

/* How alike the errors of neighbouring periods of a unit are. */
void corr_find_serial(const struct corr_sample *sample, const double *residual,
                      struct corr_estimate *e);
/* n and n_units, also of a scope that could not be computed. */
void corr_count(const struct corr_sample *sample, size_t scope, struct corr_estimate *e);

/* Whether the pairs are Pearson's of whole columns, which are correlated as they stand: pair by
 * pair without a list of rows, or where all rows are listed; if so, correlates them. */
bool corr_is_plain(const struct corr_group *group);
enum rk_status corr_plain_pairs(struct corr_group *group, const struct rk_ctx *ctx);

/* --- corr_moments.c -------------------------------------------------------------------------- */

/* The pairs of a group from options->moments. */
enum rk_status corr_moments_pairs(struct corr_group *group);

/* --- corr_lags.c ----------------------------------------------------------------------------- */

/* Whether all pairs of a lag stand on the same rows of a panel, so that rows are found, and means
 * and effects taken out of columns, once a lag; if so, correlates them, to the same bytes. */
bool corr_is_full(const struct corr_group *group);
enum rk_status corr_full_pairs(struct corr_group *group, const struct rk_ctx *ctx);

/* --- corr_boot.c ----------------------------------------------------------------------------- */

/* Replaces interval and p-value of a defined estimate; e->boot says by what. */
enum rk_status corr_boot(const struct corr_group *group, const struct corr_sample *sample,
                         int scope, struct corr_estimate *e);
size_t corr_resamples(const struct corr_group *group);
/* Rows by item (unit, or row without units), in their order: item g's are row[start[g]] ..
 * row[start[g + 1] - 1]. Both are freed by the caller. */
enum rk_status corr_rows_by_unit(const struct corr_sample *sample, size_t n_items, size_t **row,
                                 size_t **start);

/* --- corr_shift.c ---------------------------------------------------------------------------- */

enum { CORR_FEW_UNITS = 8 }; /* from so many on units are resampled */
/* Whether fewer units have a p-value all the same: within units in time, and between units. */
bool corr_can_shift(const struct corr_group *group, const struct corr_sample *sample, int scope);
/* Sets it; there is no interval. */
enum rk_status corr_shift(const struct corr_group *group, const struct corr_sample *sample,
                          int scope, struct corr_estimate *e);

/* --- corr_words.c ---------------------------------------------------------------------------- */

struct corr_words {
    const char *x2;         /* NULL but for a contrast */
    const char *x, *y, *id; /* id NULL without units */
    const char *period;     /* "week"; "period" where the kind has no name */
    const struct rk_names *partial;
    int method, scope;
    int64_t lag;
    double conf_level;
    size_t resamples;                         /* 0 without --boot */
    bool shifted;                             /* p by shifts, or orders, of x */
    const struct rk_correlation *correlation; /* defined */
};

/* "within", "two-way" */
const char *corr_scope_name(size_t scope);
/* "calls, revenue, within, lag 2": what a row is known by. */
void corr_row_name(const char *x, const char *x2, const char *y, size_t scope, int64_t lag,
                   struct rk_text *out);
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

/* What the data look like, over all groups: see corr_data.c. */
struct corr_data {
    struct corr_columns_seen {
        size_t n_checked, n, column;
        struct column_look look;
    } heavy, cut; /* the worst column of each kind */
    struct corr_partial {
        double rows, usual; /* of the first or last period; usual 0 for none that is short */
        bool last;
    } partial;
    struct corr_missing {
        size_t n_checked, n, x, y; /* y SIZE_MAX: by unit */
        struct missing_look look;
    } missing, by_unit;
};

/* What has been seen in all groups so far, {0} at first. */
struct corr_seen {
    struct corr_data data;
    double step;    /* the largest of a group's steps, above 1 */
    size_t n_units; /* the fewest units of a pair that were resampled; 0 for none */
    struct corr_differing differing;
    struct corr_alike alike;
    struct corr_leading leading;
};

void corr_look(const struct corr_group *group, struct corr_seen *seen);
/* Adds what was seen in further groups. */
void corr_seen_add(struct corr_seen *seen, const struct corr_seen *further);
/* Warns of what was seen, and of p-values that adjustment takes back (columns from, to). */
void corr_warn(const struct rk_table *table, const struct rk_corr_options *options,
               const struct corr_seen *seen, struct rk_result *result);
void corr_warn_multiple(const struct rk_table *table, size_t from, size_t to, double alpha,
                        struct rk_result *result);

/* --- corr_data.c ----------------------------------------------------------------------------- */

enum rk_status corr_data_look(const struct corr_group *group, struct corr_data *data);
void corr_data_add(struct corr_data *data, const struct corr_data *further);
void corr_data_warn(const struct rk_table *table, const struct rk_corr_options *options,
                    const struct corr_data *data, struct rk_result *result);

/* --- corr_group.c ---------------------------------------------------------------------------- */

/* What a run over all groups keeps. */
struct corr_run {
    const struct rk_corr_options *options;
    int64_t first_lag, last_lag;
};

/* Columns by index; `column` is freed by the caller. */
struct corr_columns {
    size_t *column;
    size_t n;
};

enum rk_status corr_find_columns(const struct rk_table *table, const struct rk_names *names,
                                 const struct rk_names *others, const struct rk_names *controls,
                                 struct corr_columns *found, struct rk_error *error);
enum rk_status corr_list_pairs(struct corr_group *group, const struct corr_columns *x,
                               const struct corr_columns *y, const struct corr_run *run,
                               struct rk_error *error);
enum rk_status corr_find_rows(struct corr_group *group, const struct corr_columns *x,
                              const struct corr_columns *y, const struct corr_run *run,
                              struct rk_error *error);
enum rk_status corr_find_panel(struct corr_group *group, struct rk_error *error);

/* --- corr_matrix.c --------------------------------------------------------------------------- */

/* Adds the group's estimates to the table `matrix`: scope, lag, variable, a column an outcome. */
void corr_put_matrix(const struct corr_group *group, const struct corr_columns *x,
                     const struct corr_columns *y, struct rk_result *result);
/* Makes it the main table, once all is filled. */
void corr_matrix_first(struct rk_result *result);

#endif
