/* What the studies draw with. */
#include <stdio.h>
#include <string.h>

#include "calibrate.h"

enum { PERIODS = 12 };

const struct cal_cell cal_panel_cells[CAL_PANEL_CELLS] = {
    {"20 reps, AR 0, normal", 20, PERIODS, 0.0, false, 0.0},
    {"20 reps, AR 0, skewed", 20, PERIODS, 0.0, true, 0.0},
    {"20 reps, AR 0.6, normal", 20, PERIODS, 0.6, false, 0.0},
    {"20 reps, AR 0.6, skewed", 20, PERIODS, 0.6, true, 0.0},
    {"100 reps, AR 0, normal", 100, PERIODS, 0.0, false, 0.0},
    {"100 reps, AR 0, skewed", 100, PERIODS, 0.0, true, 0.0},
    {"100 reps, AR 0.6, normal", 100, PERIODS, 0.6, false, 0.0},
    {"100 reps, AR 0.6, skewed", 100, PERIODS, 0.6, true, 0.0},
};

void cal_ar(struct rk_rng *rng, double ar, double *out, size_t n)
{
    double innovation = sqrt(1.0 - ar * ar);

    for (size_t i = 0; i < n; i++)
        out[i] = i == 0 ? rk_rng_normal(rng) : ar * out[i - 1] + innovation * rk_rng_normal(rng);
}

const double cal_log_sd = 0.6;

double cal_skewed(double z)
{
    double half = cal_log_sd * cal_log_sd / 2.0;

    return (exp(cal_log_sd * z - half) - 1.0) / sqrt(expm1(2.0 * half));
}

double cal_skewed_correlation(double rho)
{
    return expm1(cal_log_sd * cal_log_sd * rho) / expm1(cal_log_sd * cal_log_sd);
}

double cal_error(const struct cal_cell *cell, double z)
{
    return cell->skewed ? cal_skewed(z) : z;
}

void cal_rep_name(size_t unit, char out[CAL_REP_SIZE])
{
    snprintf(out, CAL_REP_SIZE, "R%03zu", unit + 1);
}

static enum rk_status fill_keys(struct rk_table *table, size_t units, size_t periods)
{
    enum rk_status status = RK_OK;

    table->column[1].time_kind = RK_TIME_INTEGER;
    for (size_t u = 0; status == RK_OK && u < units; u++) {
        char name[CAL_REP_SIZE];

        cal_rep_name(u, name);
        for (size_t t = 0; status == RK_OK && t < periods; t++) {
            status = rk_table_add_row(table);
            if (status == RK_OK)
                status = rk_table_set_text(table, u * periods + t, 0, name);
            if (status == RK_OK)
                rk_table_set_number(table, u * periods + t, 1, (double)t);
        }
    }
    return status;
}

struct rk_table *cal_table(size_t units, size_t periods, const char *const *numbers,
                           size_t n_numbers)
{
    struct rk_table *table = rk_table_new("panel");
    enum rk_status status = table == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK)
        status = rk_table_add_column(table, "rep", RK_TEXT, RK_GENERAL);
    if (status == RK_OK)
        status = rk_table_add_column(table, "period", RK_TIME, RK_GENERAL);
    for (size_t k = 0; status == RK_OK && k < n_numbers; k++)
        status = rk_table_add_column(table, numbers[k], RK_NUMBER, RK_GENERAL);
    if (status == RK_OK)
        status = fill_keys(table, units, periods);
    if (status == RK_OK)
        return table;
    rk_table_free(table);
    return NULL;
}

double *cal_column(struct rk_table *table, size_t k)
{
    return table->column[2 + k].number;
}

/* --- pairs ------------------------------------------------------------------------------------ */

struct rk_table *cal_pairs(const struct cal_cell *cell, struct cal_draw *draw, double levels,
                           double between, double within)
{
    static const char *const names[] = {"x", "y"};
    struct rk_table *table = cal_table(cell->units, cell->periods, names, 2);
    size_t n = cell->periods;

    for (size_t u = 0; table != NULL && u < cell->units; u++) {
        double *x = cal_column(table, 0) + u * n, *y = cal_column(table, 1) + u * n;
        double a = rk_rng_normal(&draw->rng);
        double b = between * a + sqrt(1.0 - between * between) * rk_rng_normal(&draw->rng);

        cal_ar(&draw->rng, cell->ar, x, n);
        cal_ar(&draw->rng, cell->ar, y, n);
        for (size_t t = 0; t < n; t++) {
            double z = within * x[t] + sqrt(1.0 - within * within) * y[t];

            x[t] = levels * cal_error(cell, a) + cal_error(cell, x[t]);
            y[t] = levels * cal_error(cell, b) + cal_error(cell, z);
        }
    }
    return table;
}

static double correlation_of(const struct cal_cell *cell, double rho)
{
    return cell->skewed ? cal_skewed_correlation(rho) : rho;
}

struct cal_scopes cal_pairs_truth(const struct cal_cell *cell, double levels, double between,
                                  double within)
{
    double var_mean = 0.0, cov_mean = 0.0, n = (double)cell->periods, l2 = levels * levels;
    double cov_levels = l2 * correlation_of(cell, between);

    /* Of the means of a rep's weeks: lag by lag. */
    for (size_t lag = 0; lag < cell->periods; lag++) {
        double pairs = (lag == 0 ? 1.0 : 2.0) * (n - (double)lag) / (n * n);
        double near = pow(cell->ar, (double)lag);

        var_mean += pairs * correlation_of(cell, near);
        cov_mean += pairs * correlation_of(cell, within * near);
    }
    return (struct cal_scopes){.pooled = (cov_levels + correlation_of(cell, within)) / (l2 + 1.0),
                               .between = (cov_levels + cov_mean) / (l2 + var_mean),
                               .within =
                                   (correlation_of(cell, within) - cov_mean) / (1.0 - var_mean)};
}

/* --- judging ---------------------------------------------------------------------------------- */

double cal_number(const struct rk_result *result, const char *table, const char *key,
                  const char *label, const char *column)
{
    const struct rk_table *found = rk_result_table(result, table);
    size_t by = found == NULL ? SIZE_MAX : rk_table_find(found, key);
    size_t of = found == NULL ? SIZE_MAX : rk_table_find(found, column);

    if (by == SIZE_MAX || of == SIZE_MAX)
        return NAN;
    for (size_t i = 0; i < found->n_rows; i++) {
        const char *text = rk_table_text(found, i, by);

        if (text != NULL && strcmp(text, label) == 0)
            return found->column[of].number[i];
    }
    return NAN;
}

double cal_covers(double low, double high, double truth)
{
    if (isnan(low) || isnan(high))
        return NAN;
    return low <= truth && truth <= high ? 1.0 : 0.0;
}

double cal_row_covers(const struct rk_result *result, const char *table, const char *key,
                      const char *label, double truth)
{
    return cal_covers(cal_number(result, table, key, label, "conf_low"),
                      cal_number(result, table, key, label, "conf_high"), truth);
}

double cal_rejects(double p)
{
    return isnan(p) ? NAN : p < 0.05 ? 1.0 : 0.0;
}

double cal_row_rejects(const struct rk_result *result, const char *table, const char *key,
                       const char *label)
{
    return cal_rejects(cal_number(result, table, key, label, "p_value"));
}

void cal_ranks_cover(const struct rk_result *result, const double *level, size_t n_units,
                     double *levels, double *ranks)
{
    double level_held = 0.0, rank_held = 0.0;

    for (size_t u = 0; u < n_units; u++) {
        double rank = 1.0;
        char name[CAL_REP_SIZE];

        cal_rep_name(u, name);
        for (size_t other = 0; other < n_units; other++)
            rank += level[other] > level[u];
        level_held += cal_row_covers(result, "rank", "id", name, level[u]);
        rank_held += cal_covers(cal_number(result, "rank", "id", name, "rank_low"),
                                cal_number(result, "rank", "id", name, "rank_high"), rank);
    }
    *levels = level_held / (double)n_units;
    *ranks = rank_held / (double)n_units;
}
