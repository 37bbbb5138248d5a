/* What the files of rep-regress share; private to src/analysis/regress*.c. */
#ifndef REPKIT_REGRESS_PARTS_H
#define REPKIT_REGRESS_PARTS_H

#include "repkit/firth.h"
#include "repkit/frame.h"
#include "repkit/regress.h"
#include "repkit/robust_mm.h"
#include "repkit/within.h"

/* One regression, from its rows to its errors. */
struct regression {
    const struct rk_regress_options *options;
    const struct rk_ctx *ctx;
    const struct rk_table *given; /* the group's rows */
    const struct rk_table *table; /* those with a usable weight */
    struct rk_table *own_table;   /* the same, where rows had to go; else NULL */
    size_t *given_row;            /* then, of each of its rows the one of the given */
    struct rk_model_frame *frame;
    double *X_low;            /* what its columns lost in rounding; NULL where nothing, or unused */
    double *weights;          /* of the frame's rows; NULL without */
    struct rk_within *within; /* NULL without a fixed effect */
    struct rk_design design;  /* what was fitted */
    struct rk_fit *fit;

    enum rk_vcov_method method; /* asked for, or by default */
    const char *cluster_name;   /* NULL where errors are not clustered */
    uint32_t *cluster;          /* of the fitted rows */
    size_t n_cluster_codes, largest_cluster;
    const char *second_name; /* the second kind of clusters, likewise */
    uint32_t *second_cluster;
    size_t n_second_codes;
    const char *fewer_clusters; /* the name of the kind of which there are fewer */
    struct rk_covariance covariance;
    enum rk_status errors; /* why there are no standard errors, or RK_OK */

    /* p-values and intervals of the wild bootstrap where `bootstrapped`; else why it was not to be
     * had, though it was asked for, or "". */
    bool bootstrapped;
    struct rk_wild wild;
    const char *wild_reason;
    char *label; /* of random streams: the group */

    /* The fitted rows by unit, then by time, where both are known; NULL without. */
    size_t *order;
    uint32_t *unit;
    int64_t *period;
    size_t n_ordered; /* rows of `order`: those with a unit and a time */

    size_t n_between; /* columns of the frame that --between added, the last ones */
    /* Of another family than gaussian; `fit` and `within` are then the glm's. */
    struct rk_glm *glm;
    bool firth;                 /* the estimates are Firth's */
    struct rk_profile *profile; /* of each column then, where errors are classical */
    double *offset;             /* of the frame's rows; NULL without */
    const char *success;        /* the level of a text response that counts as 1 */
    size_t n_unexposed;         /* rows left out for an offset or exposure missing or 0 */

    struct rk_table *points; /* of moments: the groups of the rows in their place */

    struct rk_mm *mm; /* of --robust; `fit` and `covariance` hold its numbers */

    size_t n_rows;       /* of the group, before anything was left out */
    size_t n_weightless; /* rows left out because the weight is missing or 0 */
};

/* What is printed of one coefficient; NaN where undefined. */
struct estimate {
    double value, std_error, statistic, df, p_value, conf_low, conf_high;
};

/* A table that rep-regress can print. */
struct regress_table {
    const char *name;
    const struct rk_field *fields;
    size_t n_fields;
    /* Adds the rows of one regression; `table` is where the result declares it. RK_OK or why not.
     */
    enum rk_status (*fill)(const struct regression *r, size_t table, struct rk_result *result,
                           struct rk_error *error);
    bool lean; /* reads nothing that has a value a row (hat, residual ...) from the fit */
};
extern const struct regress_table regress_coef_table, regress_fit_table; /* regress_tables.c */
extern const struct regress_table regress_tests_table, regress_rows_table, regress_influence_table,
    regress_importance_table, regress_margins_table, regress_slopes_table,
    regress_predictions_table;
/* Whose slopes the table `slopes` has: the column of clusters, the fixed effect, or --id; or NULL.
 */
const char *regress_slopes_units(const struct rk_regress_options *options);

/* Makes r->table a copy of some of its rows. */
enum rk_status regress_own_rows(struct regression *r, const size_t *rows, size_t n,
                                struct rk_error *error);

/* --- tables that repeat rows of data before their own columns (regress_data.c) -------------- */

/* Declares the table: the columns of `data` but those of the groups, then its own; data NULL: its
 * own only. */
void regress_declare_data(struct rk_result *result, const struct regress_table *table,
                          const struct rk_table *data, const struct rk_names *by);
/* Whether the data have no column of a name that the table adds. RK_OK or RK_EINPUT. */
enum rk_status regress_check_data(const struct regress_table *table, const struct rk_table *data,
                                  struct rk_error *error);
/* Starts a row with the cells of a row of data. Returns the field of the table's first own column.
 */
size_t regress_put_data(struct rk_result *result, size_t table, const struct rk_table *data,
                        size_t row, const struct rk_names *by);

/* --- what tables have in common --------------------------------------------------------------- */

/* The row of r->frame that row i of the fit is. */
size_t regress_frame_row(const struct regression *r, size_t i);
/* One coefficient with its errors; any number with an error; a row like those of the table coef
 * (regress_tables.c). */
struct estimate regress_estimate(const struct regression *r, size_t column);
struct estimate regress_estimate_from(const struct rk_common *common, double value,
                                      double std_error, double df);
void regress_put_estimate(const struct regression *r, const char *term, const struct estimate *e,
                          const char *vcov, size_t table, struct rk_result *result);
enum { REGRESS_COEF_FIELDS = 13 };
extern const struct rk_field regress_coef_fields[REGRESS_COEF_FIELDS];

/* From the rows of r->table to coefficients and errors, by r->options, r->method and
 * r->cluster_name (regress_fit.c). What it fills is freed by regress_free, also on failure.
 * RK_OK, or what rk_regress_run returns for a group. */
enum rk_status regress_fit(struct regression *r, struct rk_error *error);
void regress_free(struct regression *r);

/* The row of r->table that row i of the fit is. */
size_t regress_row(const struct regression *r, size_t i);
/* From the fit to standard errors and, where they are due, the wild bootstrap (regress_errors.c).
 * RK_OK with r->errors filled, or what ends the run. */
enum rk_status regress_errors(struct regression *r, struct rk_error *error);
/* The covariance of another fit of the same rows, once r has its errors. */
enum rk_status regress_covariance(const struct regression *r, struct rk_fit *fit,
                                  struct rk_covariance *covariance, struct rk_error *error);
/* What the vcov column says: "cr2", "cr2+wild", "wild". */
const char *regress_vcov_name(const struct regression *r);
/* Adds the columns of --between to the frame (regress_between.c). RK_OK, RK_EINPUT, RK_ENOMEM. */
enum rk_status regress_add_between(struct regression *r, struct rk_error *error);
/* Whether a column of the frame is one that --between added. */
bool regress_is_between(const struct regression *r, size_t column);
/* The coefficients of r's columns in the same regression of the rows that are not of a cluster; NaN
 * where there is none (regress_without.c). estimate: r->fit->p, filled. RK_OK, also where nothing
 * can be fitted; RK_EINPUT, RK_ENOMEM, what ctx's cancel says. */
enum rk_status regress_without(const struct regression *r, const char *cluster,
                               struct estimate *estimate, struct rk_error *error);
/* The parts of the above that other families need (regress_glm.c): the options, the rows, the fit
 * from r->design and r->frame, the estimate of one coefficient by its profile, the warnings. */
enum rk_status regress_glm_check(const struct rk_regress_options *options, struct rk_error *error);
enum rk_status regress_glm_wants(const struct rk_regress_options *options, struct rk_wants *wants);
enum rk_status regress_glm_rows(struct regression *r, struct rk_error *error);
enum rk_status regress_glm_fit(struct regression *r, struct rk_error *error);
void regress_glm_free(struct regression *r);
void regress_glm_estimate(const struct regression *r, size_t column, struct estimate *e);
void regress_glm_warn(const struct regression *r, struct rk_result *result);
/* How much larger errors are than classical ones by the spread of Pearson's residuals; at least 1.
 */
double regress_glm_scale(const struct rk_glm *glm);
/* The slopes of counts within clusters, and their errors at that scale; NaN where there is none,
 * and for other families. p each. RK_OK or RK_ENOMEM. */
enum rk_status regress_glm_within_slopes(const struct regression *r, double *coef,
                                         double *std_error);

/* --from-moments (regress_moments.c): the options; the frame and its weights; the rows of the
 * largest cluster. */
enum rk_status regress_moments_check(const struct rk_regress_options *options,
                                     enum rk_vcov_method method, struct rk_error *error);
enum rk_status regress_moments_frame(struct regression *r, struct rk_error *error);
void regress_moments_largest(struct regression *r);

/* --robust (regress_robust.c): the options; the fit and its errors from r->design; the method. */
enum rk_status regress_robust_check(const struct rk_regress_options *options,
                                    struct rk_error *error);
enum rk_status regress_robust_fit(struct regression *r, struct rk_error *error);
void regress_robust_add_method(const struct regression *r, struct rk_text *out);

/* The parts of sentences that other families say in their own way (regress_glm_words.c): "the odds
 * of y are ", "12% higher (95% interval ...)", a whole clause about the intercept, ", odds ratio =
 * 1.12 [...]" and the method. */
void regress_glm_add_subject(const struct regression *r, const char *response, struct rk_text *out);
void regress_glm_add_difference(const struct regression *r, const struct estimate *e,
                                const char *than, struct rk_text *out);
void regress_glm_add_level(const struct regression *r, const struct estimate *e,
                           const char *response, struct rk_text *out);
void regress_glm_add_ratio(const struct regression *r, size_t column, const struct estimate *e,
                           struct rk_text *out);
void regress_glm_add_method(const struct regression *r, struct rk_text *out);

/* Fixed effects in rows to predict (regress_levels.c). A combination of levels, one a fixed effect,
 * adds `value`, whose variance is that of centre'b, `centre` being a mean of the columns, and of
 * sigma^2 leverage beside it, independently. */
struct regress_levels {
    const struct regression *r;
    const struct rk_table *table;
    enum rk_row_state *state;
    struct regress_effect *effect;
    size_t n_effects;
    size_t *combination; /* of each row to predict; SIZE_MAX for one with an unknown level */
    size_t *first;       /* n_combinations: a row that has it */
    size_t n_combinations;
    double *centre;   /* n_combinations-by-p */
    double *leverage; /* n_combinations; NaN where it would take too long, infinite where there is
                         no value */
};

/* Reads the levels of the rows of `table`, and marks in `state` those without one. What it fills is
 * freed by regress_levels_free, also on failure. RK_OK, RK_EINPUT, RK_ENOCONVERGE, RK_ENOMEM, or
 * what ctx's cancel says. */
enum rk_status regress_levels_read(const struct regression *r, const struct rk_table *table,
                                   enum rk_row_state *state, struct regress_levels *levels,
                                   struct rk_error *error);
void regress_levels_free(struct regress_levels *levels);
/* Why the effects are not known in row i, or NULL; what they add there. */
const char *regress_levels_why_not(const struct regress_levels *levels, size_t i,
                                   struct rk_text *note);
double regress_levels_value(const struct regress_levels *levels, size_t i);

/* Whether a column of the frame is the intercept. */
bool regress_is_intercept(const struct regression *r, size_t column);
/* Whether another term of the formula uses one of the columns that this one uses, as in
 * x + I(x^2): then neither can be read alone. RK_OK or RK_ENOMEM. */
enum rk_status regress_shares_columns(const struct regression *r, size_t term, bool *shares);
/* The response as R prints it. */
enum rk_status regress_response(const struct regression *r, struct rk_text *out);
/* Why a column has no coefficient. */
const char *regress_dropped_note(const struct regression *r, size_t column);

/* poly() and ns(): columns that mean something only together. */
bool regress_is_curve(const struct rk_node *variable);
/* How strong something unmeasured would have to be to account for an estimate: a manager's
 * sentence, with a space before it, and a paper's ", robustness value = 0.3, E-value = 2.1 (1.4)";
 * nothing where they have no value (regress_sensitivity.c). `shares`: other terms use its columns
 * too. */
void regress_add_sensitivity(const struct regression *r, size_t column, const struct estimate *e,
                             bool shares, struct rk_text *out);
void regress_print_sensitivity(const struct regression *r, size_t column, const struct estimate *e,
                               bool shares, struct rk_text *out);

/* The sentences about one coefficient (regress_words.c). RK_OK or RK_ENOMEM. */
enum rk_status regress_explain(const struct regression *r, size_t column,
                               const struct estimate *estimate, struct rk_result *result);
/* The doubts that the outcome, the order of rows and the formula raise (regress_doubts.c). RK_OK,
 * RK_ENOMEM, what ctx's cancel says. */
enum rk_status regress_doubt(const struct regression *r, struct rk_result *result);
/* The warnings about the whole regression (regress_warnings.c). */
enum rk_status regress_warn(const struct regression *r, struct rk_result *result,
                            struct rk_error *error);

#endif
