/* The parts of rep-impact its: the series and its design (impact_its_design.c), the estimates
 * (impact_its.c), the path and placebo dates (impact_its_path.c). */
#ifndef REPKIT_IMPACT_ITS_H
#define REPKIT_IMPACT_ITS_H

#include "impact_parts.h"
#include "repkit/prais_winsten.h"

enum { ITS_LEVEL = 2, ITS_SLOPE = 3, ITS_FEWEST = 6, ITS_ENOUGH = 8, ITS_DRAWS = 1999 };

struct its {
    const struct impact *impact;
    enum rk_time_kind kind;
    size_t n, n_before; /* periods; the first n_before of them are before */
    double *y;          /* n: of the value, less the control's where there is one */
    double *actual;     /* n: of the value */
    int64_t *time;
    size_t *slot;
    size_t season, waves; /* waves 0: an effect for each period of the season */
    size_t k;
    double *X; /* n-by-k: 1, t, after, after * (t - first after), the season */
    bool controlled;
    double n_rows[2]; /* rows a period, on average, before and after */
};

/* Reads the series; free it in any case. RK_OK, RK_EUSAGE, RK_EINPUT, RK_ETOOFEW, RK_ENOMEM. */
enum rk_status its_read(const struct impact *impact, const struct rk_table *table, struct its *its);
void its_free(struct its *its);

/* X for a start at period `start` of the first n periods of the series, k columns: malloc'ed. */
double *its_design_new(const struct its *its, size_t start, size_t n);

enum { ITS_TERMS = 4 };
struct its_found {
    struct rk_series_fit fit;
    struct rk_ar1_bootstrap boot; /* only of --vcov boot */
    double *a;                    /* contrasts: the four terms, then a forecast a period */
    size_t *row;
    struct rk_contrasts contrasts;
    double estimate[ITS_TERMS], std_error[ITS_TERMS], statistic[ITS_TERMS], p_value[ITS_TERMS],
        critical[ITS_TERMS];
};

/* Where the interval of contrast j reaches, in its standard errors. */
double its_critical(const struct its *its, const struct its_found *found, size_t j);

void its_put_path(const struct its *its, const struct its_found *found);
enum rk_status its_put_placebo(const struct its *its, const struct its_found *found);
void its_warn(const struct its *its, const struct its_found *found);
void its_explain(const struct its *its, const struct its_found *found);

#endif
