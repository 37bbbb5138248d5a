/* What a referee asks of a regression; run from the root of the source tree. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"
#include "regress_run.h"

#define TOPIC "regress_referee"
#define CARS "tests/reference/data/mtcars.csv"
#define GRUNFELD "tests/reference/data/grunfeld.csv"

static double expected(const char *name, const char *what, size_t index)
{
    char full[96];

    snprintf(full, sizeof full, "%s.%s", name, what);
    return reference_at(TOPIC, full, index);
}

/* --- the cluster jackknife ----------------------------------------------------------------- */

static void cluster_jackknife(void **state)
{
    static const struct {
        const char *name, *formula, *file, *cluster, *weights;
        size_t n_terms;
    } cases[] = {
        {"cr3_carb", "mpg ~ wt + hp", CARS, "carb", NULL, 3},
        {"cr3_firm", "inv ~ value + capital | firm", GRUNFELD, NULL, NULL, 2},
        {"cr3_both", "inv ~ value + capital | firm + year", GRUNFELD, "firm", NULL, 2},
        {"cr3_weighted", "mpg ~ wt + hp", CARS, "carb", "qsec", 3},
    };

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct rk_regress_options options = RK_REGRESS_DEFAULT;
        const char *name = cases[c].name;
        char full[64];
        struct run run;

        options.vcov = RK_VCOV_CR3;
        options.weights = cases[c].weights;
        cluster_by(&options, cases[c].cluster);
        run = regress(cases[c].formula, cases[c].file, RK_REGRESS_COEF, options, NULL);
        snprintf(full, sizeof full, "%s.df", name);
        for (size_t j = 0; j < cases[c].n_terms; j++) {
            assert_close(cell(&run, "coef", "std_error", j), expected(name, "se", j + 1), 1e-9);
            assert_close(cell(&run, "coef", "df", j), reference(TOPIC, full), 0.0);
            assert_close(cell(&run, "coef", "p_value", j), expected(name, "p", j + 1), 1e-9);
        }
        assert_close(cell(&run, "fit", "f_statistic", 0), expected(name, "f", 1), 1e-8);
        assert_close(cell(&run, "fit", "f_p_value", 0), expected(name, "f", 2), 1e-8);
        cluster_by(&options, NULL);
        rk_result_free(run.result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cluster_jackknife),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
