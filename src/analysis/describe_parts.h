/* The parts of rep-describe. Private to src/analysis. */
#ifndef REPKIT_DESCRIBE_PARTS_H
#define REPKIT_DESCRIBE_PARTS_H

#include "column_look.h"
#include "repkit/describe.h"
#include "repkit/moments.h"

enum {
    VARIABLE,
    N,
    N_MISSING,
    MEAN,
    SD,
    SE,
    CONF_LOW,
    CONF_HIGH,
    MIN,
    P25,
    MEDIAN,
    P75,
    MAX,
    N_BASIC /* what may follow: full, quantiles, normality; then histogram and note */
};
enum { N_FULL = 14, N_NORMALITY = 4, MOST_QUANTILES = 64 };
enum { MOST_FIELDS = N_BASIC + N_FULL + MOST_QUANTILES + N_NORMALITY + 2 };

/* Where the parts of a row stand, by the options. */
struct describe_layout {
    size_t full, quantiles, normality, histogram, note, n;
};
struct describe_layout rk_describe_layout(const struct rk_describe_options *options);

extern const struct rk_field rk_describe_full_fields[N_FULL];
extern const struct rk_field rk_describe_normality_fields[N_NORMALITY];

/* Fill the last row of table 0 from ascending values; spare has room for n numbers. */
void rk_describe_put_full(struct rk_result *result, size_t first, const double *sorted, size_t n,
                          const struct rk_moments *moments,
                          const struct rk_describe_options *options, double *spare);
void rk_describe_put_normality(struct rk_result *result, size_t first, const double *sorted,
                               size_t n, const struct rk_moments *moments, double *spare);

/* sum, var and cv, which need no order. */
void rk_describe_put_sums(struct rk_result *result, size_t first, const struct rk_moments *moments);

/* The rows of table 0 from moments (describe_moments.c): all of the table's groups together. */
enum rk_status rk_describe_moments(const struct rk_table *table, const size_t *columns,
                                   size_t n_columns, const struct rk_describe_options *options,
                                   struct rk_result *result);
/* Fill the last row of table 0. */
void rk_describe_put_mean(struct rk_result *result, const struct rk_moments *m, double low,
                          double high);
void rk_describe_put_note(struct rk_result *result, size_t note, const struct rk_moments *m);

/* --- describe_words.c --- */

/* What is said of a variable. */
struct describe_row {
    const char *name;
    const struct rk_moments *moments;
    double low, high;       /* of the mean */
    const double *quartile; /* three; NULL where they are not known */
};
/* Adds its explanation; `further` goes to the end of the paper's sentence. */
void rk_describe_explain(const struct describe_row *row, double conf_level,
                         const struct rk_text *further, struct rk_result *result);
/* That end, of ascending values: with options->full the median's interval and the trimmed mean with
 * Yuen's error, with options->normality the tests. spare has room for n numbers. */
void rk_describe_say_ordered(const double *sorted, size_t n, const struct rk_moments *moments,
                             const struct rk_describe_options *options, double *spare,
                             struct rk_text *out);

struct describe_level {
    const char *label;
    uint32_t code;
    size_t n;
};
/* Of a column's levels, the most frequent first; total: of n. */
void rk_describe_explain_levels(const char *name, const struct describe_level *level,
                                size_t n_levels, size_t total, struct rk_result *result);

/* Eight blocks as high as the share of values in each eighth of the range, into text (at least
 * 32 bytes); "" where there is no range. */
void rk_describe_histogram(const double *x, size_t n, const struct rk_moments *moments, char *text);

/* A variable as the warnings see it. */
struct describe_seen {
    const char *name;
    size_t column, n_missing; /* rows of the table */
    struct column_look look;
};
/* Warns of long tails, of values cut off, and of cells that are not missing at random. */
enum rk_status rk_describe_warn(const struct rk_table *table, const struct describe_seen *seen,
                                size_t n, struct rk_result *result);

/* The table of levels of one group; declares nothing. */
enum rk_status rk_describe_freq(const struct rk_table *table,
                                const struct rk_describe_options *options, struct rk_result *result,
                                struct rk_error *error);
void rk_describe_declare_freq(struct rk_result *result);

/* A named column: of numbers, or of text, of which little can be said. */
enum rk_status rk_describe_column(const struct rk_table *table, const char *name, size_t *column,
                                  struct rk_error *error);
/* The row of a text column in table 0: how many cells have a value, and where more is said. */
void rk_describe_put_text(struct rk_result *result, const char *name, size_t n, size_t n_missing,
                          const struct rk_describe_options *options);

/* How often each row counts: 1, or its weight. free() it. RK_EINPUT (a weight is no whole number or
 * missing), RK_EDOMAIN (more than a thousand million in all), RK_ENOMEM. */
enum rk_status rk_describe_weights(const struct rk_table *table,
                                   const struct rk_describe_options *options, size_t **weights,
                                   size_t *total, struct rk_error *error);

#endif
