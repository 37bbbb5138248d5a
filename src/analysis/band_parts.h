/* What the files of rep-band share; private to src/analysis/band*.c. */
#ifndef REPKIT_BAND_PARTS_H
#define REPKIT_BAND_PARTS_H

#include "repkit/band.h"
#include "repkit/band_stats.h"
#include "repkit/within.h"

enum { BAND_LINEAR, BAND_QUADRATIC, BAND_THRESHOLD, BAND_PLATEAU, BAND_SPLINE, BAND_MODELS };
enum { BAND_MOST_COLUMNS = RK_MOST_KNOTS }; /* of a curve, with that of a knot's own error */

/* One regression of y on some columns, the controls and the effects. */
struct band_fit {
    struct rk_within *within;
    struct rk_fit *fit;
    struct rk_covariance covariance;
    enum rk_status errors; /* why there are no standard errors, or RK_OK */
    size_t first, r;       /* the columns are coefficients first .. first + r - 1 */
};

/* One number with its error; NaN where undefined. */
struct band_number {
    double value, se, df, low, high, p; /* p: two-sided */
};

/* One way of finding the optimum's interval: a row of the table `optimum`. */
struct band_interval {
    const char *method; /* NULL: not to be had for this model */
    double value, se, low, high;
    const char *note;
};
enum { BAND_MOST_INTERVALS = 3 };

struct band_model {
    int kind;
    const char *problem; /* why there is none; NULL if it was fitted */
    struct band_fit fit;
    struct band_fit working; /* knots: with the column that carries the knot's error */
    size_t r;                /* columns of the curve */
    double coef[BAND_MOST_COLUMNS];
    double knot; /* scaled; NaN without */
    bool edge;   /* the knot is at the end of where it was looked for */
    double aicc, bic, weight;
    const char *shape;
    double optimum, low, high, band_low, band_high, gain, p;
    bool beyond;           /* the optimum lies outside the data */
    bool peak;             /* it is a highest point, or where a rise ends */
    const char *unbounded; /* why there is no interval */
    struct band_interval interval[BAND_MOST_INTERVALS];
    struct rk_turn turn; /* quadratic */
};

/* One group, from its rows to its curves. */
struct band {
    const struct rk_band_options *options;
    const struct rk_ctx *ctx;
    const struct rk_table *table; /* the group's rows with a usable weight */
    struct rk_table *own_table;
    struct rk_model_frame *frame;
    struct rk_text activity, response, label; /* label: of random streams */

    size_t n, q; /* rows; controls beside the intercept */
    bool intercept;
    size_t *row; /* of the table */
    double *y, *x, *u, *Z, *weights;
    double centre, scale; /* u = (x - centre) / scale */
    uint32_t **effect;
    size_t *n_levels, n_effects;
    bool *nested;     /* of each effect: within clusters */
    size_t df_nested; /* of those together */
    double *crossed;  /* n-by-n_crossed: what the others span (see rk_within_crossed) */
    size_t n_crossed;
    size_t n_rows, n_weightless, n_singletons;

    enum rk_vcov_method method;
    const char *cluster_name; /* NULL where rows are independent */
    uint32_t *cluster;
    size_t n_cluster_codes, n_clusters, largest_cluster;
    uint32_t *item; /* what is resampled */
    size_t n_items;

    double *distinct; /* values of x, ascending */
    size_t n_distinct;
    double low, high, q05, q95; /* of x */
    double y_mean;

    double *node; /* where knots are looked for, scaled */
    size_t m;
    bool thinned;               /* some values between the first and the last node are no nodes */
    double knot[RK_MOST_KNOTS]; /* of the spline, scaled */
    size_t n_knots;
    struct rk_curve_sums *sums;
    struct band_model model[BAND_MODELS];
    int best; /* the model with the least AICc */
};

/* --- band_sample.c ---------------------------------------------------------------------------- */

enum rk_status band_sample(struct band *b, struct rk_error *error);
void band_free(struct band *b);
/* What resampling stands on, effects taken out and multiplied by the roots of weights: Z (n-by-q:
 * what crossed effects span, the intercept, the controls), then u, then r columns that `fill`
 * writes for a row; y after them. One allocation, the caller's to free(). */
struct band_columns {
    double *Z, *u, *further, *y;
    size_t q;
};
typedef void (*band_fill_fn)(const struct band *b, const void *data, size_t row, double *out);
enum rk_status band_columns_new(const struct band *b, size_t r, band_fill_fn fill, const void *data,
                                struct band_columns *out, struct rk_error *error);
/* Fits y on r columns and the controls. rows NULL: all. A model that cannot be fitted is a status
 * for which rk_status_is_undefined() holds. */
enum rk_status band_fit_new(const struct band *b, const double *columns, size_t r,
                            const size_t *rows, size_t n_rows, struct band_fit *out,
                            struct rk_error *error);
void band_fit_free(struct band_fit *fit);
/* Coefficient j of the columns, times `unit`. */
struct band_number band_coefficient(const struct band *b, const struct band_fit *f, size_t j,
                                    double unit);
/* The critical value of two-sided intervals. */
double band_critical(const struct band *b, double df);
/* The joint test that columns from .. from + q - 1 have no part. *p is NaN where it has no value.
 * RK_OK or RK_ENOMEM. */
enum rk_status band_joint_p(const struct band_fit *f, size_t from, size_t q, double *p);
/* The smallest df of the columns. */
double band_smallest_df(const struct band_fit *f);

/* --- band_models.c, band_optimum.c, band_shape.c
 * ------------------------------------------------------------- */

const char *band_model_name(int kind);
enum rk_status band_models(struct band *b, struct rk_error *error);
/* The columns of the curve at x (unscaled); for knots the working column follows. */
void band_curve_at(const struct band *b, const struct band_model *m, double x, double *out);
double band_value(const struct band *b, const struct band_model *m, double x);
enum rk_status band_optimum(struct band *b, struct band_model *m, struct rk_error *error);
/* The slope of the quadratic at x, with an error and df of its own. */
enum rk_status band_slope_at(const struct band *b, double x, struct band_number *slope,
                             struct rk_error *error);
/* The share of the residual variation that effects across items take; draws of a test. */
double band_lost(const struct band *b);
size_t band_test_draws(const struct band *b);
void band_shape(const struct band *b, struct band_model *m);

/* --- band_tables.c ---------------------------------------------------------------------------- */

struct band_tables {
    size_t models, optimum, bins, claim, curve;
};
struct band_tables band_declare(struct rk_result *result, const struct rk_band_options *options);
enum rk_status band_put_models(const struct band *b, struct rk_result *result);
enum rk_status band_put_curve(const struct band *b, struct rk_result *result);
enum rk_status band_put_bins(const struct band *b, struct rk_result *result,
                             struct rk_error *error);

/* --- band_claim.c, band_verdict.c ------------------------------------------------------------- */

enum band_verdict { BAND_SUPPORTED, BAND_COMPATIBLE, BAND_CONTRADICTED, BAND_NOT_IDENTIFIED };

/* low .. high, with an end that is infinite for open claims. */
struct band_claim {
    const char *text;
    double low, high;
    bool open;      /* one end */
    bool upper;     /* the claim holds above its cut */
    bool inclusive; /* the cut itself belongs to the upper side */
    double cut;
};

enum { BAND_MOST_CONTRASTS = 6 };
struct band_contrast {
    const char *name;
    double estimate, low, high, p;
    const char *note;
};

struct band_judgement {
    struct band_claim claim;
    enum band_verdict verdict;
    const char *why;
    struct band_contrast contrast[BAND_MOST_CONTRASTS];
    size_t n;
    double p, p_adjusted; /* of what would support it */
    bool worse, located, contradicted, overlaps, levels, testable;
};

enum rk_status band_claim_read(const char *text, struct band_claim *claim, struct rk_error *error);
bool band_holds(const struct band_claim *claim, double x);
const char *band_verdict_name(enum band_verdict verdict);
enum rk_status band_judge(const struct band *b, struct rk_result *result, struct rk_error *error);
enum rk_status band_range_claim(const struct band *b, struct band_judgement *j,
                                struct rk_error *error);
enum rk_status band_open_claim(const struct band *b, struct band_judgement *j,
                               struct rk_error *error);

/* --- band_words.c, band_warnings.c ------------------------------------------------------------ */

enum rk_status band_explain_models(const struct band *b, struct rk_result *result);
void band_explain_intervals(const struct band *b, struct rk_result *result);
void band_explain_curve(const struct band *b, struct rk_result *result);
void band_explain_claim(const struct band *b, const struct band_judgement *j,
                        struct rk_result *result);
void band_explain_bins(const struct band *b, size_t n_bins, struct rk_result *result);
/* Those that need the order of periods (band_time.c). */
enum rk_status band_warn_time(const struct band *b, struct rk_result *result,
                              struct rk_error *error);
enum rk_status band_warn(const struct band *b, struct rk_result *result, struct rk_error *error);

#endif
