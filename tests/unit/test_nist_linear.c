/* The eleven linear least-squares problems of NIST StRD; see tests/nist/SOURCE.md. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "nist_certified.h"
#include "repkit/least_squares.h"

enum { MOST_ROWS = 100, MOST_COLUMNS = 11 };

struct problem {
    const char *name;
    int degree; /* of the polynomial; 0: all columns as they are */
    bool intercept;
    double digits; /* LRE that every coefficient and standard error must reach */
};

/* Rows of numbers, the response first. */
static size_t read_data(const char *name, double table[MOST_ROWS][MOST_COLUMNS], size_t *n_columns)
{
    char path[64], line[512];
    size_t n = 0;
    FILE *file;

    snprintf(path, sizeof path, "tests/nist/%s.csv", name);
    file = fopen(path, "r");
    if (file == NULL || fgets(line, sizeof line, file) == NULL)
        fail_msg("cannot read %s", path);
    while (n < MOST_ROWS && fgets(line, sizeof line, file) != NULL) {
        char *at = line;

        for (*n_columns = 0; *at != '\0' && *at != '\n'; (*n_columns)++) {
            table[n][*n_columns] = strtod(at, &at);
            at += *at == ',';
        }
        n++;
    }
    fclose(file);
    return n;
}

/* x^k as the sum of two doubles: with x^k rounded to one, Filip's data are not Filip's. */
static void power(double x, int k, double *high, double *low)
{
    double h = 1.0, l = 0.0;

    for (int i = 0; i < k; i++) {
        double p = h * x, rest = fma(h, x, -p) + l * x;

        h = p + rest;
        l = rest - (h - p);
    }
    *high = h;
    *low = l;
}

static void build(const struct problem *problem, double table[MOST_ROWS][MOST_COLUMNS], size_t n,
                  size_t n_columns, double *X, double *X_low, size_t *p)
{
    size_t slopes = problem->degree > 0 ? (size_t)problem->degree : n_columns - 1;
    size_t first = problem->intercept ? 1 : 0;

    *p = slopes + first;
    for (size_t i = 0; i < n; i++) {
        if (problem->intercept)
            X[i] = 1.0;
        for (size_t j = 0; j < slopes; j++) {
            size_t at = (first + j) * n + i;

            if (problem->degree > 0)
                power(table[i][1], (int)j + 1, &X[at], &X_low[at]);
            else
                X[at] = table[i][j + 1];
        }
    }
}

static double worst_digits(const struct rk_fit *fit, const struct problem *problem)
{
    double worst = 15.0;

    for (size_t j = 0; j < fit->p; j++) {
        char coefficient[16], error[24];
        size_t number = problem->intercept ? j : j + 1;

        snprintf(coefficient, sizeof coefficient, "B%zu", number);
        snprintf(error, sizeof error, "se_B%zu", number);
        worst = fmin(worst, lre(fit->coef[j], certified(problem->name, coefficient)));
        worst = fmin(worst, lre(fit->sigma * sqrt(fit->cov_unscaled[j * fit->p + j]),
                                certified(problem->name, error)));
    }
    worst = fmin(worst, lre(fit->sigma, certified(problem->name, "residual_sd")));
    worst = fmin(worst, lre(fit->r_squared, certified(problem->name, "r_squared")));
    worst = fmin(worst, lre(fit->rss, certified(problem->name, "res_ss")));
    if (fit->errors == RK_OK)
        worst = fmin(worst, lre(fit->f_statistic, certified(problem->name, "F")));
    return worst;
}

static void check_problem(const struct problem *problem)
{
    static double table[MOST_ROWS][MOST_COLUMNS];
    static double y[MOST_ROWS], X[MOST_ROWS * MOST_COLUMNS], X_low[MOST_ROWS * MOST_COLUMNS];
    struct rk_design design = {.y = y, .X = X, .X_low = X_low};
    struct rk_fit *fit = NULL;
    size_t n_columns = 0;
    double digits;

    memset(X_low, 0, sizeof X_low);
    design.n = read_data(problem->name, table, &n_columns);
    design.has_intercept = problem->intercept;
    build(problem, table, design.n, n_columns, X, X_low, &design.p);
    for (size_t i = 0; i < design.n; i++)
        y[i] = table[i][0];
    assert_int_equal(rk_fit_new(&design, NULL, &fit, NULL), RK_OK);
    assert_int_equal(fit->rank, design.p);
    digits = worst_digits(fit, problem);
    if (!(digits >= problem->digits))
        fail_msg("%s: %.1f digits, not %.1f", problem->name, digits, problem->digits);
    rk_fit_free(fit);
}

/* Thirteen digits is what the data as stored in doubles allow at best on some of them. */
static void reaches_the_certified_digits(void **state)
{
    static const struct problem problems[] = {
        {"Norris", 1, true, 13.0},   {"Pontius", 2, true, 13.0},  {"NoInt1", 1, false, 13.0},
        {"NoInt2", 1, false, 13.0},  {"Filip", 10, true, 13.0},   {"Longley", 0, true, 13.0},
        {"Wampler1", 5, true, 13.0}, {"Wampler2", 5, true, 13.0}, {"Wampler3", 5, true, 13.0},
        {"Wampler4", 5, true, 13.0}, {"Wampler5", 5, true, 13.0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++)
        check_problem(&problems[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reaches_the_certified_digits)};

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
