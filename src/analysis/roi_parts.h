/* What the parts of rep-roi share. Private to src/analysis. */
#ifndef REPKIT_ROI_PARTS_H
#define REPKIT_ROI_PARTS_H

#include "repkit/roi.h"

/* The file's side of an item. Texts are borrowed from the table. */
struct roi_line {
    const char *name, *category;    /* category NULL where there is none */
    const struct rk_effect *effect; /* NULL where there is none */
    double attribution;
    bool has_hours, has_attribution;
};

struct roi_parts {
    struct rk_roi_model model;
    const char *scenario; /* NULL where there are none */
    struct rk_roi_item *item;
    struct rk_roi_source *source; /* of items, of effects: each once */
    char **label;                 /* n_sources; of the sources */
    struct roi_line *line;        /* n_items */
    struct rk_names missing;      /* lines without an amount */
    size_t n_adjusted_twice;      /* items with a range and a risk adjustment */
    double *factor;               /* of --rho; NULL for none */
    double rho_change;            /* the largest that made the correlations possible */
    struct rk_roi_profile *profile;
    struct rk_roi_values point;
    struct rk_roi_draws *draws;
};

/* Reads the model off the table. Free the parts whatever is returned. */
enum rk_status roi_read_items(const struct rk_table *table, const struct rk_roi_options *options,
                              const struct rk_roi_scenario *scenario, bool adjusted,
                              struct roi_parts *parts, struct rk_error *error);
void roi_parts_free(struct roi_parts *parts);

/* Columns of the model that are not among those known, as RK_EINPUT. */
enum rk_status roi_check_columns(const struct rk_table *table, struct rk_error *error);

/* What a column of draws says. Values that are NaN are undefined and left out; infinite ones count
 * as larger than any. A percentile among those is NaN. */
enum { ROI_LOW, ROI_P5, ROI_P50, ROI_P95, ROI_HIGH, ROI_QUANTILES };
struct roi_summary {
    size_t n, n_undefined, n_infinite;
    double quantile[ROI_QUANTILES];
    double spread[ROI_QUANTILES]; /* how a quantile moves with its probability, for errors */
    double error[ROI_QUANTILES];  /* Monte Carlo standard errors; NaN unless asked for */
    double positive;              /* share of those defined that are above 0 and finite */
    double positive_error;
};
/* x (n values) is left with the finite ones first. RK_OK or RK_ENOMEM. */
enum rk_status roi_summarise(double *x, size_t n, double conf_level, struct roi_summary *summary);
/* The errors, from the draws in their order: blocks of RK_DRAWS_PER_STREAM are independent
 * replicates, and where there are fewer than ten whole ones, draws are taken as independent. */
void roi_add_errors(const double *x, size_t n, double conf_level, struct roi_summary *summary);

/* Sums over sources of coefficient x amount; and the roi of given amounts, NaN where undefined. */
double roi_sum(const struct roi_parts *parts, const double *coefficient, const double *amount);
double roi_at(const struct roi_parts *parts, const double *amount);
/* What an input is called: its item, or the effect that several items share. */
const char *roi_source_name(const struct roi_parts *parts, size_t source);
bool roi_is_uncertain(const struct roi_parts *parts, size_t source);
/* The draws of an uncertain source. */
const double *roi_source_draws(const struct roi_parts *parts, size_t source);
/* Fills amount (n_sources) with the point estimates, or with medians of what is uncertain. */
void roi_points(const struct roi_parts *parts, double *amount);
void roi_medians(const struct roi_parts *parts, double *amount);

/* The further tables. */
enum rk_status roi_put_categories(const struct roi_parts *parts, double conf_level,
                                  struct rk_result *result);
enum rk_status roi_put_cashflow(const struct roi_parts *parts, const struct rk_ctx *ctx,
                                struct rk_result *result);
void roi_put_draws(const struct roi_parts *parts, struct rk_result *result);
enum rk_status roi_put_tornado(const struct roi_parts *parts, const struct rk_roi_options *options,
                               const struct rk_ctx *ctx, struct rk_result *result);
enum rk_status roi_put_breakeven(const struct roi_parts *parts,
                                 const struct rk_roi_options *options, struct rk_result *result);
enum rk_status roi_put_information(const struct roi_parts *parts,
                                   const struct rk_roi_options *options, struct rk_result *result);
enum rk_status roi_put_sobol(const struct roi_parts *parts, const struct rk_roi_options *options,
                             const struct rk_ctx *ctx, struct rk_result *result);

/* The sentences for a manager and for a paper. */
void roi_explain(const struct roi_parts *parts, const struct rk_roi_options *options,
                 const struct roi_summary *summary, uint64_t seed, struct rk_result *result);
void roi_explain_tables(const struct roi_parts *parts, const struct rk_roi_options *options,
                        struct rk_result *result);

void roi_put_warnings(const struct roi_parts *parts, const struct roi_summary *summary,
                      struct rk_result *result);

/* --- scenarios, risk adjustments and correlations, roi_scenario.c --- */

/* The values of one line that a scenario gives instead of the model's: by column (roi_column_names,
 * n of them) the cell, NULL where the model's stands. */
struct roi_overrides {
    const struct rk_roi_scenario *scenario; /* NULL: none */
    const char *const *columns;
    const bool *is_number;
    size_t n_columns;
};
const char *roi_override(const struct roi_overrides *overrides, const char *item, size_t column,
                         size_t *row);
/* Whether every row is of an item of the model, of a column that an item has, and, in columns of
 * numbers, a number or empty. */
enum rk_status roi_check_overrides(const struct roi_overrides *overrides,
                                   const struct rk_table *model, struct rk_error *error);
/* What the risk adjustment makes of the scale of an item: 1 - factor for benefits, 1 + factor for
 * costs, 1 where it has none. */
double roi_risk_scale(const struct rk_table *risk, const char *item, enum rk_roi_kind kind);
enum rk_status roi_check_risk(const struct rk_table *risk, const struct rk_table *model,
                              struct rk_error *error);
/* Fills parts->factor and rho_change. */
enum rk_status roi_read_rho(const struct rk_table *rho, struct roi_parts *parts,
                            struct rk_error *error);

/* --- delta method and Fieller, roi_approximate.c --- */

/* An interval of each metric and what its note says of it. */
struct roi_approximation {
    double low, high, p5, p50, p95, positive, df;
    const char *note;
};
enum rk_status roi_approximate(const struct roi_parts *parts, int method, double conf_level,
                               struct roi_approximation *out);

#endif
