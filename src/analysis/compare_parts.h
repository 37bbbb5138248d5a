/* The parts of rep-compare: what the options may say (compare_check.c), the design
 * (compare_design.c), the samples of one variable (compare_samples.c, from compare_rows.c), the
 * tests (compare_methods.c, compare_counts.c, compare_chance.c, compare_levels.c), the rows
 * (compare.c), what they may mislead to (compare_warnings.c), what they mean in words
 * (compare_words.c), and what they could have shown (compare_sensitivity.c). */
#ifndef REPKIT_COMPARE_PARTS_H
#define REPKIT_COMPARE_PARTS_H

#include "repkit/compare.h"
#include "repkit/moments.h"

/* --- the design: what holds for the whole table --------------------------------------------- */

struct design {
    const struct rk_compare_options *options;
    const struct rk_ctx *ctx;
    bool paired;
    struct rk_names levels; /* all, in their order; of wide designs the two columns */
    size_t at[2];           /* which of them are compared now */
    const char *level[2];   /* their names */
    const char *per;        /* the kind of --time, "" without it */
    enum rk_time_kind cut_kind;
    int64_t cut;
    const char *label; /* of random streams: the group */
};

/* What cannot be told from moments. RK_OK or RK_EUSAGE. */
enum rk_status rk_compare_check_moments(const struct rk_compare_options *options,
                                        struct rk_error *error);
bool rk_compare_is_wide(const struct rk_compare_options *options);
/* Reads --cut. RK_OK or RK_EUSAGE. */
enum rk_status rk_compare_read_cut(const struct rk_compare_options *options,
                                   enum rk_time_kind *kind, int64_t *cut, struct rk_error *error);

/* Fills *design, its first two levels being compared; warns of periods that the cut divides. Free
 * it in any case. RK_OK, RK_EUSAGE, RK_EINPUT (no such column or level, too many levels),
 * RK_ETOOFEW (one level), RK_ENOMEM. */
enum rk_status rk_design_make(const struct rk_table *table,
                              const struct rk_compare_options *options, const struct rk_ctx *ctx,
                              struct design *design, struct rk_result *result,
                              struct rk_error *error);
void rk_design_free(struct design *design);
/* Compares these two levels from now on. */
void rk_design_pair(struct design *design, size_t first, size_t second);

enum { NO_LEVEL = -1 };
/* For each row of the table (or of a group of it) the index of its level, or NO_LEVEL. Not for
 * wide designs. */
enum rk_status rk_design_levels(const struct design *design, const struct rk_table *table,
                                int *level, struct rk_error *error);

/* --- the rows of a long design --------------------------------------------------------------- */

/* The column of trials or exposure, or NULL. */
const char *rk_rows_size_column(const struct rk_compare_options *options);

/* The columns of a long design, SIZE_MAX where there is none. */
struct columns {
    size_t value, size, id, block, level;
};
enum rk_status rk_rows_columns(const struct design *design, const struct rk_table *table,
                               const char *variable, struct columns *c, struct rk_error *error);
/* Sets the level of rows that do not count, having missing cells, to NO_LEVEL; the others' sizes
 * are fit, else RK_EINPUT. *n_dropped: rows of a wanted level that are left out. */
enum rk_status rk_rows_complete(const struct design *design, const struct rk_table *table,
                                const struct columns *c, int *level, size_t *n_dropped,
                                struct rk_error *error);
/* The mean of a unit's rows at a level: of shares and rates the ratio of their sums. NaN without
 * rows (or trials). `buffer` has room for the rows. */
double rk_rows_unit_mean(const struct rk_table *table, const struct columns *c, const int *level,
                         const struct rk_groups *units, size_t g, int wanted, double *buffer);

/* --- the samples of one variable ------------------------------------------------------------ */

struct samples {
    const char *variable; /* borrowed */
    size_t n[2];
    double *value[2]; /* n[0] and n[1] values; of pairs as many, in the same order; NULL where
                         moments are all that is known */
    struct rk_moments m[2], change; /* of the values; of pairs, of the differences */
    double covariance;              /* of pairs: of the two */
    double *size[2]; /* what rows of value are of: trials, exposure; NULL: each of one */
    uint32_t *block[2];
    size_t n_blocks;
    double *difference; /* of pairs: second minus first */
    double mean[2];     /* NaN where there are none; of rates the ratio of sums */
    size_t n_unpaired, n_rows;
    size_t n_missing[2], n_present[2]; /* rows of either level without and with a value */
};

/* Fills *samples from the complete rows, and warns of what is left out. Free it in any case.
 * RK_OK, RK_ETOOFEW (an empty side, no pair), RK_EINPUT, RK_ENOMEM. */
enum rk_status rk_samples_make(const struct design *design, const struct rk_table *table,
                               const char *variable, struct samples *samples,
                               struct rk_result *result, struct rk_error *error);
void rk_samples_free(struct samples *samples);
/* The samples from options->moments (compare_moments.c). RK_OK, RK_EINPUT. */
enum rk_status rk_samples_from_moments(const struct design *design, const struct rk_table *table,
                                       struct samples *samples, struct rk_error *error);
/* A row for each unit and level, with the unit's means. RK_OK, RK_EINPUT, RK_ENOMEM. */
enum rk_status rk_compare_units_new(const struct rk_compare_options *options,
                                    struct rk_table **units, struct rk_error *error);
/* Whether all values are 0 or 1, and both are there. */
bool rk_samples_binary(const struct samples *samples);

/* The samples of all levels; of pairs a row a unit that is seen at every level. */
struct level_samples {
    const char *variable;
    size_t n_levels, n_total; /* n_total: values, or units */
    size_t n_rows;            /* of the input */
    double **value;           /* by level; NULL of pairs and of moments */
    struct rk_moments *m;     /* by level; NULL of pairs */
    size_t *n;
    double *unit; /* of pairs: n_total rows of n_levels means */
    size_t n_unpaired;
};
enum rk_status rk_level_samples_make(const struct design *design, const struct rk_table *table,
                                     const char *variable, struct level_samples *samples,
                                     struct rk_error *error);
enum rk_status rk_level_samples_from_moments(const struct design *design,
                                             const struct rk_table *table,
                                             struct level_samples *samples, struct rk_error *error);
void rk_level_samples_free(struct level_samples *samples);

/* --- one test ------------------------------------------------------------------------------- */

struct tested;

/* What the estimate of a test is, and so how it is said. */
enum estimand { OF_MEANS, OF_RANKS, OF_SIGNS, OF_SHARES, OF_ODDS, OF_RATES, OF_SHAPES, OF_LEVELS };

enum {
    FITS_INDEPENDENT = 1,
    FITS_PAIRS = 2,
    FITS_LEVELS = 4, /* all levels at once */
    TAKES_MU = 8,
    TAKES_RELATIVE = 16,
    OF_PROPORTIONS = 32, /* of 0/1 values, or --successes and --trials */
    BY_MOMENTS = 64      /* reads sizes, means and variances only */
};

/* In the order of RK_COMPARE_TESTS, after `auto`. */
struct method {
    const char *name, *full_name; /* as the option spells it; in a sentence */
    const char *effect[2];        /* effect_type of independent samples, of pairs; NULL none */
    unsigned is;                  /* of the flags above */
    enum estimand of;
    void (*run)(const struct samples *samples, const struct design *design, struct tested *out);
    void (*run_levels)(const struct level_samples *samples, const struct design *design,
                       struct tested *out);
};
extern const struct method rk_compare_methods[];
extern const size_t rk_compare_n_methods;
enum { RK_COMPARE_AUTO = 1 };                /* the bit of `auto` in options->tests */
unsigned rk_compare_bit(const char *method); /* the bit of a test */
const struct method *rk_compare_method(const char *name);
const char *rk_compare_effect_name(const char *effect_type); /* in a sentence */

struct tested {
    const struct method *method;
    bool exact, ratio;     /* ratio: estimate and interval are against 1 */
    enum rk_status status; /* not RK_OK: no p */
    double n[2];
    double estimate, std_error, statistic, df, p_value, conf_low, conf_high;
    double df_first;      /* of an F: the other degrees of freedom */
    double conf_level;    /* of the interval: as asked for, or what few ranks can reach */
    double conf_achieved; /* of ranks: the exact level, at least conf_level */
    double effect, effect_low, effect_high;
    char note[160]; /* what the reader should know, "" for nothing */
};

/* The null hypothesis: options->mu, of ratios 1 where it is 0. */
double rk_compare_null(const struct rk_compare_options *options, bool ratio);

/* Runs the method; with `made` not RK_OK all is NaN and the status that. */
void rk_compare_test(const struct method *method, const struct design *design,
                     const struct samples *samples, enum rk_status made, struct tested *out);
void rk_compare_test_levels(const struct method *method, const struct design *design,
                            const struct level_samples *samples, enum rk_status made,
                            struct tested *out);
/* The effect of means that stands beside a test of them. */
void rk_compare_mean_effect(const struct samples *samples, const struct design *design,
                            struct tested *out);

/* compare_counts.c, compare_chance.c, compare_levels.c */
void rk_compare_prop(const struct samples *s, const struct design *d, struct tested *out);
void rk_compare_fisher(const struct samples *s, const struct design *d, struct tested *out);
void rk_compare_mcnemar(const struct samples *s, const struct design *d, struct tested *out);
void rk_compare_poisson(const struct samples *s, const struct design *d, struct tested *out);
void rk_compare_permutation(const struct samples *s, const struct design *d, struct tested *out);
void rk_compare_bootstrap(const struct samples *s, const struct design *d, struct tested *out);
void rk_compare_anova(const struct level_samples *s, const struct design *d, struct tested *out);
void rk_compare_welch_anova(const struct level_samples *s, const struct design *d,
                            struct tested *out);
void rk_compare_kruskal(const struct level_samples *s, const struct design *d, struct tested *out);
void rk_compare_friedman(const struct level_samples *s, const struct design *d, struct tested *out);
/* Whether the values are what a test of proportions or counts needs. RK_OK or RK_EINPUT. */
enum rk_status rk_compare_fits(const struct method *method, const struct design *design,
                               const struct samples *samples, struct rk_error *error);

/* --- what the rows may mislead to, mean, and could have shown ------------------------------- */

/* `poisson`: the overdispersion of counts matters. */
void rk_compare_warn(const struct design *design, const struct samples *samples, bool poisson,
                     struct rk_result *result);
/* Of a series before and after a cut, without units: whether neighbours resemble each other. */
enum rk_status rk_compare_warn_series(const struct design *design, const struct rk_table *table,
                                      const char *variable, struct rk_result *result,
                                      struct rk_error *error);
/* Of all p-values of the table `compare`, once they are adjusted. */
void rk_compare_warn_many(const struct rk_compare_options *options, size_t n_comparisons,
                          struct rk_result *result);

/* Adds what the row means, for a manager and for a paper. */
void rk_compare_explain(struct rk_result *result, const struct design *design,
                        const struct samples *samples, const struct tested *tested);
void rk_compare_explain_levels(struct rk_result *result, const struct design *design,
                               const struct level_samples *samples, const struct tested *tested);

void rk_sensitivity_declare(struct rk_result *result);
void rk_sensitivity_row(struct rk_result *result, const struct design *design,
                        const struct samples *samples, const struct method *method,
                        enum rk_status made);

#endif
