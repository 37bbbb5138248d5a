/* The parts of rep-trend. */
#ifndef TREND_PARTS_H
#define TREND_PARTS_H

#include "repkit/time_series.h"
#include "repkit/trend.h"

/* One column over time, in the order of time, rows of the same time made one. */
struct trend_series {
    const char *name;
    enum rk_time_kind kind;
    size_t n, season;
    double *x, *t;
    double *adjusted; /* x less its season's median; x itself without seasons */
    double *count;    /* rows of each time */
    size_t *slot;
    size_t n_dropped;         /* rows of the table that are not used */
    size_t n_rows, n_missing; /* rows with a time: those used, and those without a value */
    size_t n_missing_early;   /* of the missing ones, those in the earlier half of the rows */
    size_t uneven;
};

/* Reads the series of one column from the table. rows, n_rows: those used. */
enum rk_status trend_series_read(const struct rk_table *table, size_t time, size_t value,
                                 const size_t *rows, size_t n_rows,
                                 const struct rk_trend_options *options,
                                 struct trend_series *series, struct rk_error *error);
void trend_series_free(struct trend_series *series);

/* What the tests found. */
struct trend_found {
    struct rk_kendall kendall;
    struct rk_kendall_test test, plain; /* plain: periods taken as independent */
    double inflation;
    enum rk_status sen_status;
    double slope, slope_low, slope_high;
    struct rk_pettitt pettitt;
    bool dated; /* the change is clear, and these are the ends of its interval */
    size_t change_low, change_high;
    double lag1, lag1_low, lag1_high, lag1_z, lag1_p;
    double residual_lag1; /* once trend and season are out */
    double
        residual_season; /* the same at the distance of `natural` periods; NaN if not looked at */
    size_t natural;      /* periods a year that the kind of time suggests; 0 for none */
};

/* "week", "month", ...; "period" where the times are integers. */
const char *trend_period(const struct trend_series *series);

/* "95% interval of the date: 1895 to 1903", of a change that is dated. */
void trend_say_dates(const struct trend_series *series, const struct trend_found *found,
                     const struct rk_common *common, struct rk_text *out);
void trend_explain(const struct trend_series *series, const struct trend_found *found,
                   const struct rk_common *common, struct rk_result *result);
void trend_explain_limits(const struct trend_series *series, double center, double sd,
                          size_t n_signals, struct rk_result *result);

/* The table of control limits: declared after that of the tests, and one series' rows. */
void trend_declare_limits(struct rk_result *result);
void trend_put_limits(const struct trend_series *series, const struct rk_common *common,
                      struct rk_result *result);

/* The warnings about one series. */
void trend_warn(const struct trend_series *series, const struct trend_found *found,
                const struct rk_trend_options *options, struct rk_result *result);
/* [multiple-testing], over the rows of mann-kendall or seasonal-kendall of the result. */
enum rk_status trend_warn_multiple(double *p, size_t n, double alpha, struct rk_result *result);

#endif
