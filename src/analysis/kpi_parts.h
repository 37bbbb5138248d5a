/* The parts of rep-kpi. */
#ifndef KPI_PARTS_H
#define KPI_PARTS_H

#include "repkit/kpi.h"

/* --- the data (kpi_data.c) ------------------------------------------------------------------ */

enum { NO_GROUP = UINT32_MAX }; /* a row whose group is not known */
#define NO_DAY INT64_MIN

/* One row of a file, as the KPIs use it; days since 1970-01-01. */
struct kpi_row {
    int64_t day;   /* of the event; deals: opened; customers: began. NO_DAY where missing */
    int64_t until; /* deals: closed; customers: left. NO_DAY where it has not happened */
    double amount; /* or count, or score; NaN where missing */
    uint32_t unit; /* customer or rep; RK_NO_CODE where there is none */
    uint32_t group;
    unsigned char end; /* deals: enum rk_deal_stage; leads: whether it was converted */
    bool backward;     /* it ended before it began */
    size_t source;     /* row of the table */
};

/* Rows that are odd: how many, and the row of the table that the first of them is. */
struct kpi_odd {
    size_t n, first;
};

struct kpi_rows {
    bool given;
    bool grouped; /* whether its rows could be told apart by --by */
    size_t n;
    struct kpi_row *row; /* by group, then by day, rows without a day first */
    size_t *start;       /* n_groups + 1: where each group begins */
    size_t n_units;      /* codes of `unit` are below it */
    int64_t last_day;    /* the latest in the file; --as-of where it is given */
    size_t n_undated;    /* left out: rows without the day they need */
    const struct rk_table *table;
    struct kpi_odd backward; /* deals, customers: the end is before the beginning */
    struct kpi_odd repeated; /* customers, left out: the same start and end again */
    struct kpi_odd unlike;   /* customers, left out: the same start with another end */
    struct kpi_odd overlap;  /* customers: another start before the end */
    struct kpi_odd below;    /* activities: counts below 0 */
};

struct kpi_data {
    const struct rk_kpi_options *options;
    const struct rk_ctx *ctx;
    double total[RK_TOTALS]; /* NaN where not given */
    struct kpi_rows rows[RK_CRM_INPUTS];
    struct rk_dict *groups; /* labels of --by; one, "", without */
    size_t n_groups;
    struct rk_dict *reps, *customers; /* over all files */
    int64_t first_day, as_of;         /* of everything; as_of is the last day that counts */
    bool as_of_given;
    enum rk_time_kind cut_kind;
    int64_t cut;         /* the first day after it; of options->cut */
    size_t n_straddling; /* rows of a period that contains the cut */
};

enum rk_status kpi_data_read(const struct rk_crm_files *files, const struct rk_kpi_options *options,
                             struct kpi_data *data, struct rk_error *error);
void kpi_data_free(struct kpi_data *data);

/* --- what data may be (kpi_checks.c) -------------------------------------------------------- */

/* Whether the total may have the value: no count is below 0. text is what was given. RK_OK or
 * RK_EUSAGE. */
enum rk_status kpi_check_total(int total, double value, const char *text, struct rk_error *error);
/* Counts the rows of a file that are odd, and leaves out those that give a customer again. Rows are
 * as they were read, not yet sorted. RK_OK or RK_ENOMEM. */
enum rk_status kpi_check_rows(struct kpi_data *data, enum rk_crm_input input);
/* Warns of what was read and could not be used, or is odd. */
void kpi_warn_data(const struct kpi_data *data, struct rk_result *result);

/* --- one estimate (kpi_estimates.c) --------------------------------------------------------- */

struct kpi_estimate {
    double value, std_error, low, high;
    double n;
    double correlation; /* of what a model takes as independent; NaN where there is none */
    const char *unit, *definition, *formula;
    const char *missing; /* what would have to be given; NULL where nothing is missing */
    char note[200];
};

/* One group in one period. Days first .. last - 1. */
struct kpi_slice {
    const struct kpi_data *data;
    size_t group;
    int64_t first, last;
    bool all;          /* no period: the totals of --set may be used */
    const char *label; /* of random streams: group, KPI and period */
    double days;       /* how far curves of deals are followed; 0: as far as they carry */
};

/* Rows of a file in the slice's group whose day lies in the period: a run of the sorted rows. */
const struct kpi_row *kpi_slice_rows(const struct kpi_slice *slice, enum rk_crm_input input,
                                     size_t *n);
/* All rows of the group. */
const struct kpi_row *kpi_group_rows(const struct kpi_slice *slice, enum rk_crm_input input,
                                     size_t *n);
bool kpi_has(const struct kpi_slice *slice, enum rk_crm_input input);
/* A total, where the slice may use it. */
bool kpi_total(const struct kpi_slice *slice, int total, double *value);
/* The same for a constant such as a margin, which holds in every period. */
bool kpi_constant(const struct kpi_slice *slice, int total, double *value);

/* Sum of the amounts of a file in the slice's period, and how many rows there are. */
double kpi_sum_of(const struct kpi_slice *slice, enum rk_crm_input input, size_t *n);

void kpi_note(struct kpi_estimate *e, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* k of n: Wilson's interval; without one where k and n are no counts. No value where k is below 0.
 */
void kpi_share(struct kpi_estimate *e, double k, double n, double conf_level);
/* amount / count, the count as Poisson: exact interval. No value where the amount is below 0. */
void kpi_per_count(struct kpi_estimate *e, double amount, double count, double conf_level);
/* sum of y / sum of x over n units: linearised, or Fieller's where the denominator is unsure; BCa
 * of the units with --resamples. RK_OK or RK_ENOMEM. */
enum rk_status kpi_ratio(const struct kpi_slice *slice, struct kpi_estimate *e, const double *y,
                         const double *x, size_t n);
/* The mean of n values, likewise. */
enum rk_status kpi_mean(const struct kpi_slice *slice, struct kpi_estimate *e, const double *x,
                        size_t n);
/* value with a relative error: a lognormal interval. */
void kpi_relative(struct kpi_estimate *e, double value, double relative_error, double conf_level);
/* after less before, each with its interval (MOVER). */
void kpi_difference(const struct kpi_estimate *before, const struct kpi_estimate *after,
                    struct kpi_estimate *e);

/* Sums by unit (customer, rep) of the rows given: n_units values each, in a buffer to be freed by
 * the caller (count may be NULL). Rows without a unit are one of their own. */
enum rk_status kpi_sums(const struct kpi_row *row, size_t n, const struct kpi_rows *rows,
                        double **amount, double **count, size_t *n_units);

/* --- the KPIs ------------------------------------------------------------------------------- */

struct kpi {
    const char *name;
    const char *definitions; /* "a|b", the default first; "" where there is one */
    /* the manager's sentence, @ where the number stands, # where the note
     * does: one for all definitions, or one each */
    const char *says;
    /* Fills the estimate; e->missing says what is not there. RK_OK or RK_ENOMEM. */
    enum rk_status (*compute)(const struct kpi_slice *slice, const char *definition,
                              struct kpi_estimate *e);
};
extern const struct kpi kpi_table[];
extern const size_t kpi_table_size;

#define KPI_COMPUTE(name)                                                      \
    enum rk_status name(const struct kpi_slice *slice, const char *definition, \
                        struct kpi_estimate *e)
KPI_COMPUTE(kpi_cac);
KPI_COMPUTE(kpi_clv);
KPI_COMPUTE(kpi_ltv_cac);
KPI_COMPUTE(kpi_cac_payback);
KPI_COMPUTE(kpi_retention);
KPI_COMPUTE(kpi_churn);
KPI_COMPUTE(kpi_nrr);
KPI_COMPUTE(kpi_grr);
KPI_COMPUTE(kpi_avg_order);
KPI_COMPUTE(kpi_frequency);
KPI_COMPUTE(kpi_repeat_rate);
KPI_COMPUTE(kpi_revenue_per_lead);
KPI_COMPUTE(kpi_cost_per_lead);
KPI_COMPUTE(kpi_conversion);
KPI_COMPUTE(kpi_sales_cycle);
KPI_COMPUTE(kpi_win_rate);
KPI_COMPUTE(kpi_velocity);
KPI_COMPUTE(kpi_efficiency);
KPI_COMPUTE(kpi_satisfaction);
KPI_COMPUTE(kpi_nps);
KPI_COMPUTE(kpi_csat);

/* clv by how customers have bought, of the orders. */
enum rk_status kpi_clv_bgnbd(const struct kpi_slice *slice, struct kpi_estimate *e);

/* The rate a year at which customers left in the period, lost / years watched, with the exact
 * interval of a Poisson count. If it stays so, a share exp(-rate) is kept a year, and a lifetime is
 * 1 / rate years. */
void kpi_constant_rate(const struct kpi_slice *slice, double *rate, double *low, double *high,
                       double *lost, double *years);

/* Durations of the deals opened in the slice's period, in days, watched until as_of: to be freed by
 * the caller. status: enum rk_deal_stage. */
enum rk_status kpi_durations(const struct kpi_slice *slice, double **time, int **status, size_t *n);

/* As far as the curve of these deals carries: the last day on which a tenth of them, or five, are
 * watched; NaN where there are none. RK_OK or RK_ENOMEM. */
enum rk_status kpi_horizon(const struct kpi_slice *slice, double *days);

/* --- tables and words ----------------------------------------------------------------------- */

enum { KPI_TABLE };
/* Declares the tables beside `kpi` that the options ask for. */
void kpi_declare_tests(struct rk_result *result);
void kpi_declare_more(const struct rk_kpi_options *options, struct rk_result *result);
enum rk_status kpi_put_survival(const struct kpi_slice *slice, struct rk_result *result,
                                struct rk_error *error);
enum rk_status kpi_put_cohorts(const struct kpi_slice *slice, struct rk_result *result,
                               struct rk_error *error);
enum rk_status kpi_put_funnel(const struct kpi_slice *slice, struct rk_result *result,
                              struct rk_error *error);
/* How fast deals close before and after the cut, compared: the table `tests`. */
enum rk_status kpi_put_tests(const struct kpi_slice *before, const struct kpi_slice *after,
                             struct rk_result *result, struct rk_error *error);
void kpi_explain(const struct kpi *kpi, const struct kpi_estimate *e, const char *period,
                 double conf_level, struct rk_result *result);
/* What a reader of this KPI may be misled by. */
void kpi_warn(const struct kpi_slice *slice, const struct kpi *kpi, const struct kpi_estimate *e,
              struct rk_result *result);

#endif
