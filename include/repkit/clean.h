/* rep-clean: is this export usable, and what is wrong with it? */
#ifndef REPKIT_CLEAN_H
#define REPKIT_CLEAN_H

#include "repkit/analysis.h"
#include "repkit/expression.h"

enum rk_clean_ragged { RK_RAGGED_ERROR, RK_RAGGED_PAD, RK_RAGGED_DROP };
#define RK_CLEAN_RAGGED "error|pad|drop"
enum rk_clean_currency { RK_CURRENCY_ERROR, RK_CURRENCY_SPLIT };
#define RK_CLEAN_CURRENCY "error|split"
enum rk_clean_keep { RK_KEEP_FIRST, RK_KEEP_LAST };
#define RK_CLEAN_KEEP "first|last"

struct rk_clean_options {
    struct rk_common common;     /* only `explain` is looked at */
    struct rk_csv_options csv;   /* how cells are to be read: decimal, date_order, na,
                                    bad_is_missing */
    const struct rk_node *where; /* which rows to keep, over the cleaned cells; NULL for all */
    struct rk_names types;       /* COL=text|number|date */
    struct rk_names maps;        /* COL=FILE, of columns from,to */
    struct rk_names against;     /* COL=FILE:REFCOL */
    struct rk_names impute;      /* COL=mean|median|locf|zero */
    struct rk_names dedupe;      /* key columns; none: equal rows are reported only */
    int keep;                    /* enum rk_clean_keep */
    int ragged;                  /* enum rk_clean_ragged */
    int currency;                /* enum rk_clean_currency */
    bool trim, csv_safe, snake;
    bool data, findings, summary; /* which tables to make */
};
#define RK_CLEAN_DEFAULT                                                              \
    {                                                                                 \
        .common = RK_COMMON_DEFAULT, .csv = {.decimal = '.', .bad_is_missing = true } \
    }

/* What the file's reader is to be told: every cell as text, names and rows as they come. */
void rk_clean_wants(const struct rk_clean_options *options, struct rk_wants *wants,
                    struct rk_csv_options *csv);

/* Fills the tables
 *   data      the cleaned file. Columns of numbers and dates are of those types and keep how each
 *             cell is written; a cell that was canonical already is written as it stood
 *   findings  line,column,value,kind,action; a row a place, in the order of the file. What all
 *             cells of a column have in common is one row, at the header
 *   summary   column,type,n,n_missing,n_bad,n_distinct,min,max,example; a row a column of the
 *             input. n + n_missing + n_bad are the rows; cells that --impute filled are missing
 * table   read as rk_clean_wants says
 * A column is one of numbers (dates) if nine in ten of its cells that are not missing are, unless
 * `types` says otherwise; a cell of it that is not becomes empty and a finding.
 * Cleaning the cleaned file with the same options, but for `decimal`, changes no byte of it.
 * Returns RK_OK; RK_EUSAGE (an option's text); RK_EINPUT (no such column; decimal commas without
 * `decimal`, percents beside plain numbers, two currencies, dates of an order that cannot be told,
 * ragged rows, a bad cell unless bad_is_missing); RK_ENODATA (`where` keeps no row); RK_EIO (a
 * file of maps or against); RK_ENOMEM; or what ctx's cancel says.
 * An outlier is one by both rules (by the first where the MAD is 0): Tukey (1977), fences at 1.5
 * interquartile ranges beyond the quartiles (type 7), and Iglewicz and Hoaglin (1993),
 * |x - median| / (1.4826 MAD) > 3.5. In R: quantile(x), median(x), mad(x). */
enum rk_status rk_clean_run(const struct rk_table *table, const struct rk_clean_options *options,
                            const struct rk_ctx *ctx, struct rk_result *result,
                            struct rk_error *error);

#endif
