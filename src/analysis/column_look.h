/* What the warnings look at in a column of numbers. Private to src/analysis. */
#ifndef REPKIT_COLUMN_LOOK_H
#define REPKIT_COLUMN_LOOK_H

#include "repkit/analysis.h"

/* A long column is looked at every so many rows: it is a look, no estimate. */
struct column_look {
    size_t n;
    double zeros;  /* share of zeros; 0 if a value is negative */
    double top;    /* share of the total that the largest value has; 0 if one is negative */
    double at_max; /* share of values that equal the largest */
    double max, skewness;
    size_t distinct; /* values, counted up to ENOUGH_DISTINCT */
};
enum { ENOUGH_DISTINCT = 11 };

/* Of the values x[row[i]], of x[i] if row is NULL, without the missing ones. */
void column_look(const double *x, const size_t *row, size_t n, struct column_look *look);

/* W07 of values that are there: whether they are ten or more and their skewness, which it gives, is
 * beyond 2. In R: e1071::skewness(x, type = 2). */
bool column_is_skewed(const double *x, size_t n, double *skewness);

/* W07: from ten values of more than two kinds on, skewness beyond 2, zeros in over 20%, or one
 * value with over 20% of the total. */
bool column_is_heavy(const struct column_look *look);
/* "'revenue' (skewness 4.1)" */
void column_say_heavy(const struct column_look *look, const char *name, struct rk_text *text);

/* W08: from twenty values on, of more than ten kinds, over 10% are the largest, and that is not the
 * natural end of a share: the scale may end there, or what is larger was cut off. */
bool column_is_cut(const struct column_look *look);
/* "'days' (38% of it is 90, the largest value)" */
void column_say_cut(const struct column_look *look, const char *name, struct rk_text *text);

/* W18: whether a column is missing more often where another is low, middling or high. */
struct missing_look {
    double share;   /* missing where the other is there */
    size_t n_parts; /* of its thirds those that have rows, for ties may leave one or two empty */
    double part[3]; /* missing in each of them, from the lowest */
    double p_value; /* chi-squared; NaN where there is nothing to compare */
};
/* "in 3%, 9% and 25% of the rows where 'calls' is low, middling and high", or "in 75% and 0% of the
 * rows where 'g' is low and high"; for two or three parts. */
void column_say_missing(const struct missing_look *look, const char *by, struct rk_text *text);
enum rk_status column_missing_by(const double *x, const double *by, size_t n,
                                 struct missing_look *look);
/* The same by label (n codes below n_codes, or RK_NO_CODE), all rows; the parts are not filled. */
enum rk_status column_missing_by_label(const double *x, const uint32_t *code, size_t n_codes,
                                       size_t n, struct missing_look *look);

#endif
