/* What a referee asks of a regression; run from the root of the source tree. */
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"
#include "regress_run.h"
#include "repkit/regression_tests.h"

#define TOPIC "regress_referee"
#define CARS "tests/reference/data/mtcars.csv"
#define GRUNFELD "tests/reference/data/grunfeld.csv"

static double expected(const char *name, const char *what, size_t index)
{
    char full[96];

    snprintf(full, sizeof full, "%s.%s", name, what);
    return reference_at(TOPIC, full, index);
}

/* The number that a label such as c12 holds. */
static double number_in(const char *label)
{
    return strtod(label + strspn(label, "c"), NULL);
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

/* --- without the most influential cluster --------------------------------------------------- */

static void without_the_most_influential(void **state)
{
    static const struct {
        const char *name, *formula, *file, *cluster;
        size_t n_terms, first; /* columns that are tested, after the intercept */
    } cases[] = {
        {"without_physician", "scripts ~ detailing + lagged_scripts",
         "tests/reference/data/effects.csv", "physician", 2, 1},
        {"without_chick", "weight ~ Time + I(Time^2)", "tests/reference/data/chickweight.csv",
         "Chick", 2, 1},
    };

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct rk_regress_options options = RK_REGRESS_DEFAULT;
        const struct rk_table *table;
        size_t found = 0;
        struct run run;

        cluster_by(&options, cases[c].cluster);
        run = regress(cases[c].formula, cases[c].file, RK_REGRESS_INFLUENCE, options, NULL);
        table = rk_result_table(run.result, "influence");
        for (size_t i = 0; i < table->n_rows; i++) {
            size_t j = i % (cases[c].n_terms + 1);
            const char *label = rk_table_text(table, i, 0);
            char full[64];

            if (j < cases[c].first || isnan(cell(&run, "influence", "conf_low", i)))
                continue;
            found++;
            snprintf(full, sizeof full, "%s.%zu", cases[c].name, j);
            assert_close(number_in(label), reference_at(TOPIC, full, 1), 0.0);
            assert_close(fabs(cell(&run, "influence", "change", i)) /
                             cell(&run, "coef", "std_error", j),
                         reference_at(TOPIC, full, 2), 1e-8);
            assert_close(cell(&run, "influence", "conf_low", i), reference_at(TOPIC, full, 3),
                         1e-8);
            assert_close(cell(&run, "influence", "conf_high", i), reference_at(TOPIC, full, 4),
                         1e-8);
        }
        assert_int_equal(found, cases[c].n_terms);
        cluster_by(&options, NULL);
        rk_result_free(run.result);
    }
}

/* --- Hausman's question -------------------------------------------------------------------- */

static void means_together(void **state)
{
    static const struct {
        const char *name, *formula, *file, *unit;
    } cases[] = {
        {"hausman_grunfeld", "inv ~ value + capital", GRUNFELD, "firm"},
        {"hausman_effects", "scripts ~ detailing + lagged_scripts",
         "tests/reference/data/effects.csv", "physician"},
    };
    static const int vcov[] = {RK_VCOV_CR2, RK_VCOV_CLASSICAL};
    static const char *const names[] = {"cr2", "classical"};

    (void)state;
    for (size_t c = 0; c < 4; c++) {
        struct rk_regress_options options = RK_REGRESS_DEFAULT;
        const char *name = cases[c / 2].name, *kind = names[c % 2];
        struct run run;
        size_t row;

        options.vcov = vcov[c % 2];
        options.between = true;
        options.id = cases[c / 2].unit;
        run = regress(cases[c / 2].formula, cases[c / 2].file, RK_REGRESS_TESTS, options, NULL);
        row = row_of(&run, "tests", "hausman");
        assert_close(cell(&run, "tests", "statistic", row), expected(name, kind, 1), 1e-8);
        assert_close(cell(&run, "tests", "df", row), expected(name, kind, 2), 0.0);
        assert_close(cell(&run, "tests", "p_value", row), expected(name, kind, 4), 1e-8);
        rk_result_free(run.result);
    }
}

/* --- profiles ------------------------------------------------------------------------------ */

static void profiles(void **state)
{
    static const char *const columns[] = {"statistic", "p_value", "conf_low", "conf_high"};
    static const struct {
        const char *name, *formula, *file;
        int family;
        size_t n_terms;
        double conf_level, tolerance;
    } cases[] = {
        {"profile_infert", "case ~ spontaneous + age", "tests/reference/data/infert.csv",
         RK_FAMILY_BINOMIAL, 3, 0.95, 1e-8},
        {"profile_cars", "am ~ wt", CARS, RK_FAMILY_BINOMIAL, 2, 0.9, 1e-8},
        {"profile_breaks", "breaks ~ B + M + H", "tests/reference/data/warpbreaks.csv",
         RK_FAMILY_POISSON, 4, 0.95, 1e-8},
        {"profile_quine", "days ~ male + slow", "tests/reference/data/quine.csv", RK_FAMILY_NEGBIN,
         3, 0.95, 1e-6},
    };

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct rk_regress_options options = RK_REGRESS_DEFAULT;
        struct run run;
        char full[64];

        options.family = cases[c].family;
        options.vcov = RK_VCOV_PROFILE;
        options.common.conf_level = cases[c].conf_level;
        run = regress(cases[c].formula, cases[c].file, RK_REGRESS_COEF, options, NULL);
        for (size_t j = 0; j < cases[c].n_terms; j++) {
            snprintf(full, sizeof full, "%s[%zu]", cases[c].name, j + 1);
            for (size_t k = 0; k < 4; k++) {
                double value = cell(&run, "coef", columns[k], j);
                double wanted = reference_at(TOPIC, full, k + 1);

                /* p magnifies what its z lacks. */
                assert_close(value, wanted, k == 1 ? 1e-6 : cases[c].tolerance);
            }
        }
        rk_result_free(run.result);
    }
}

/* --- slopes of each unit ------------------------------------------------------------------- */

static void slopes(void **state)
{
    static const char *const columns[] = {"raw", "std_error", "estimate", "conf_low", "conf_high"};
    static const char *const names[] = {"own", "se", "estimate", "conf_low", "conf_high"};
    static const struct {
        const char *name, *formula, *file, *unit;
        size_t n_terms, n_units;
    } cases[] = {
        {"slopes_firm", "inv ~ value + capital | firm", GRUNFELD, NULL, 2, 10},
        {"slopes_chick", "weight ~ Time", "tests/reference/data/chickweight.csv", "Chick", 1, 50},
    };

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct rk_regress_options options = RK_REGRESS_DEFAULT;
        struct run run;
        size_t row = 0;

        options.id = cases[c].unit;
        run = regress(cases[c].formula, cases[c].file, RK_REGRESS_SLOPES, options, NULL);
        for (size_t j = 0; j < cases[c].n_terms; j++) {
            size_t known = 0;
            char full[64];

            snprintf(full, sizeof full, "%s.%zu", cases[c].name, j + 1);
            for (size_t g = 0; g < cases[c].n_units; g++, row++) {
                if (isnan(cell(&run, "slopes", "estimate", row))) /* of two rows, in R left out */
                    continue;
                known++;
                for (size_t k = 0; k < 5; k++)
                    assert_close(cell(&run, "slopes", columns[k], row),
                                 expected(full, names[k], known), 1e-8);
            }
            assert_true(known >= cases[c].n_units - 1);
        }
        rk_result_free(run.result);
    }
}

/* --- E-values ------------------------------------------------------------------------------ */

static void e_values(void **state)
{
    static const double ratios[] = {3.9, 0.5, 1.0, 1.02};

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_close(rk_e_value(ratios[i]), reference_at(TOPIC, "e_value.ratios", i + 1), 1e-14);
    assert_true(isnan(rk_e_value(NAN)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cluster_jackknife),
        cmocka_unit_test(without_the_most_influential),
        cmocka_unit_test(means_together),
        cmocka_unit_test(profiles),
        cmocka_unit_test(slopes),
        cmocka_unit_test(e_values),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
