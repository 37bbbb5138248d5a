/* The rows of a design a chunk at a time, centred and times the roots of the weights, so that no
 * copy of them is ever held; private to src/stats. */
#ifndef REPKIT_STATS_ROWS_H
#define REPKIT_STATS_ROWS_H

#include "repkit/least_squares.h"

enum { ROWS_CHUNK = 512 };

struct centred_rows {
    const struct rk_design *design;
    const double *root; /* sqrt of the weights, or NULL */
    size_t first, k;    /* slopes are the columns first .. first + k - 1 of X; y counts as column k
                         */
    bool centred;       /* about `mean`; else about 0 */
    double *mean;       /* k + 1 */
    double total_weight;
};

struct centred_rows centred_rows_of(const struct rk_design *design, const double *root,
                                    double *mean, double total_weight);

/* sqrt(w) (x - mean) of n <= ROWS_CHUNK rows: column j at out + j * ROWS_CHUNK, k + 1 of them. */
void centred_chunk(const struct centred_rows *rows, size_t start, size_t n, double *out);

/* u -= sum_j coef[j] column j of a chunk. */
void rows_subtract(const double *chunk, const double *coef, size_t k, size_t n, double *u);

/* Sums of products in a fixed order, four lanes at a time. */
double rows_dot(const double *a, const double *b, size_t n);

/* sum of sqrt(w) a over rows start .. start + n - 1. */
double rows_root_sum(const struct centred_rows *rows, const double *a, size_t start, size_t n);

/* Q and u of n <= ROWS_CHUNK rows of a fit, whether it keeps them or not. q and u are set to where
 * they stand; buffer has room for (rank + 2) * ROWS_CHUNK numbers; column j of Q is
 * q + j * (*stride). */
struct fit_chunk {
    const double *q, *u;
    size_t stride;
};
struct fit_chunk fit_rows(const struct rk_fit *fit, size_t start, size_t n, double *buffer);

#endif
