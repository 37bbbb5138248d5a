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
    struct rk_roi_item *item;
    struct rk_roi_source *source; /* of items, of effects: each once */
    char **label;                 /* n_sources; of the sources */
    struct roi_line *line;        /* n_items */
    struct rk_names missing;      /* lines without an amount */
    struct rk_roi_profile *profile;
    struct rk_roi_values point;
    struct rk_roi_draws *draws;
};

/* Reads the model off the table. Free the parts whatever is returned. */
enum rk_status roi_read_items(const struct rk_table *table, const struct rk_roi_options *options,
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
    double positive; /* share of those defined that are above 0 and finite */
};
/* x (n values) is reordered. */
void roi_summarise(double *x, size_t n, double conf_level, struct roi_summary *summary);

/* The further tables. */
enum rk_status roi_put_categories(const struct roi_parts *parts, double conf_level,
                                  struct rk_result *result);
enum rk_status roi_put_cashflow(const struct roi_parts *parts, const struct rk_ctx *ctx,
                                struct rk_result *result);
void roi_put_draws(const struct roi_parts *parts, struct rk_result *result);

/* The sentences for a manager and for a paper. */
void roi_explain(const struct roi_parts *parts, const struct rk_roi_options *options,
                 const struct roi_summary *summary, uint64_t seed, struct rk_result *result);

/* [missing-items], [fixed-inputs], [double-counting]. */
void roi_put_warnings(const struct roi_parts *parts, struct rk_result *result);

#endif
