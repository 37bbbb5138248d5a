/* rep-regress: how much outcome per unit of activity, other things equal. */
#ifndef REPKIT_REGRESS_H
#define REPKIT_REGRESS_H

#include "repkit/analysis.h"
#include "repkit/formula.h"
#include "repkit/glm.h"
#include "repkit/moments_file.h"
#include "repkit/sandwich.h"
#include "repkit/wild.h"

/* The tables, as --emit names them. The first two are made in any case, and explained where asked
 * for. */
enum rk_regress_table {
    RK_REGRESS_COEF,
    RK_REGRESS_FIT,
    RK_REGRESS_TESTS,
    RK_REGRESS_ROWS,
    RK_REGRESS_INFLUENCE,
    RK_REGRESS_IMPORTANCE,
    RK_REGRESS_MARGINS,
    RK_REGRESS_SLOPES,
    RK_REGRESS_PREDICTIONS,
    RK_REGRESS_TABLES
};

enum rk_regress_robust { RK_ROBUST_NONE, RK_ROBUST_MM, RK_ROBUST_HUBER };
/* What --robust=KIND takes: enum rk_regress_robust less 1. */
#define RK_ROBUSTS "mm|huber"

struct rk_regress_options {
    struct rk_common common;
    const struct rk_formula *formula; /* borrowed */
    int vcov;                         /* enum rk_vcov_method, or RK_VCOV_DEFAULT */
    struct rk_names cluster; /* one or two columns that errors are clustered by; none: the first
                                fixed effect */
    const char *weights;     /* precision weights, or a family's prior weights; NULL for none */
    const char *id, *time;   /* which rows follow each other; NULL for none */
    bool between;            /* add the means by id of all columns that vary within (Mundlak) */
    size_t hac_lag;          /* RK_LAG_DEFAULT: by the number of periods */
    int wild_weights;        /* enum rk_wild_weights */
    bool lean;               /* no table but coef and fit will be read: rows need not be kept */
    int family;              /* enum rk_family */
    /* Columns added to the linear predictor, as it is and by its logarithm; NULL for none. */
    const char *offset, *exposure;
    int robust;                    /* enum rk_regress_robust: instead of least squares */
    bool makes[RK_REGRESS_TABLES]; /* which tables to make */
    /* Moments in the place of rows, borrowed; NULL for none. The table is then not read. */
    const struct rk_moments_file *moments;
    /* Where they are those of rows that were read but not kept; borrowed, NULL else. */
    const struct rk_moments_stream *stream;
    const struct rk_table *predict; /* rows to predict for, borrowed; NULL for none */
};
/* cr2 with a fixed effect, one cluster column or between, cluster with two columns, else classical.
 * Under RK_WILD_BELOW clusters the wild bootstrap then gives p-values and intervals beside cr2. */
enum { RK_VCOV_DEFAULT = -1, RK_WILD_BELOW = 12 };
#define RK_REGRESS_DEFAULT                                                               \
    {                                                                                    \
        .common = RK_COMMON_DEFAULT, .vcov = RK_VCOV_DEFAULT, .hac_lag = RK_LAG_DEFAULT, \
        .makes = {                                                                       \
            true,                                                                        \
            true                                                                         \
        }                                                                                \
    }

/* Whether the options fit together; rk_regress_run asks it too. RK_OK or RK_EUSAGE. */
enum rk_status rk_regress_check(const struct rk_regress_options *options, struct rk_error *error);

/* Adds the columns the regression needs. RK_OK or RK_ENOMEM. */
enum rk_status rk_regress_wants(const struct rk_regress_options *options, struct rk_wants *wants);

/* Adds the columns that options->predict needs: all, those of the formula's right side in their
 * roles. RK_OK or RK_ENOMEM. */
enum rk_status rk_regress_predict_wants(const struct rk_regress_options *options,
                                        struct rk_wants *wants);

/* Fits the formula, by least squares or as the family asks, once a group, and fills the tables that
 * options->makes names, `coef` and `fit` in any case, the result's warnings and, if asked for, its
 * explanations. Returns RK_OK;
 * RK_EUSAGE; RK_EINPUT (a column, a negative weight, an outcome outside the family's range, a
 * missing cell under --missing error); RK_ENODATA, RK_ETOOFEW (no more rows than coefficients),
 * RK_ESINGULAR, RK_ECONSTANT, RK_ENOCONVERGE where no group can be fitted; RK_ENOMEM. */
enum rk_status rk_regress_run(const struct rk_table *table,
                              const struct rk_regress_options *options, const struct rk_ctx *ctx,
                              struct rk_result *result, struct rk_error *error);

/* --- rows that are not kept ------------------------------------------------------------------- */

/* Bytes from which on an input's rows are not read into a table, see below. */
#define RK_REGRESS_STREAMED 8e6

/* Whether all that the options ask for is told by moments of the groups (see rep-moments): least
 * squares without weights, of one kind of groups, the tables coef and fit. */
bool rk_regress_streams(const struct rk_regress_options *options);

/* The stream to read such rows into; it borrows from the options. */
struct rk_moments_stream rk_regress_stream(const struct rk_regress_options *options);

/* Whether the moments say as much as the rows, in less room: columns that leave each other and the
 * response enough of their variation, means that are not far from 0, groups of several rows. Then
 * options->moments and options->stream are theirs, and rk_regress_run does without a table; else
 * the rows are to be read. Returns RK_OK or RK_ENOMEM (*serves is false then). */
enum rk_status rk_regress_stream_serves(const struct rk_moments_stream *stream, bool *serves);

#endif
