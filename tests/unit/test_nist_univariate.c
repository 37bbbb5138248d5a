/* Means and standard deviations certified by NIST (tests/nist/SOURCE.md). */
#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/moments.h"

enum { MOST = 5000 };

static double certified(const char *name, const char *quantity)
{
    FILE *file = fopen("tests/nist/certified.tsv", "r");
    char line[256], wanted[128];
    double value = NAN;

    if (file == NULL)
        fail_msg("cannot open tests/nist/certified.tsv (tests run from the root)");
    snprintf(wanted, sizeof wanted, "%s\tunivariate\t%s\t", name, quantity);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, wanted, strlen(wanted)) == 0)
            value = strtod(line + strlen(wanted), NULL);
    fclose(file);
    assert_false(isnan(value));
    return value;
}

static size_t read_sample(const char *name, double *x)
{
    char path[128], line[64];
    FILE *file;
    size_t n = 0;

    snprintf(path, sizeof path, "tests/nist/%s.csv", name);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    while (fgets(line, sizeof line, file) != NULL && n < MOST)
        x[n++] = strtod(line, NULL);
    fclose(file);
    return n;
}

/* Correct digits, at most 15. */
static double lre(double value, double truth)
{
    return value == truth ? 15.0 : fmin(15.0, -log10(fabs(value - truth) / fabs(truth)));
}

static void test_certified_moments(void **state)
{
    /* What the stored doubles allow at best. */
    static const struct {
        const char *name;
        double sd_digits;
    } samples[] = {{"PiDigits", 14}, {"Michelso", 13}, {"NumAcc1", 15},
                   {"NumAcc2", 13},  {"NumAcc3", 9.4}, {"NumAcc4", 8.2}};
    static double x[MOST];

    (void)state;
    for (size_t s = 0; s < sizeof samples / sizeof *samples; s++) {
        struct rk_moments m = rk_moments_of(x, read_sample(samples[s].name, x));
        double mean_digits = lre(m.mean, certified(samples[s].name, "mean"));
        double sd_digits = lre(m.sd, certified(samples[s].name, "sd"));

        assert_true((double)m.n == certified(samples[s].name, "n"));
        if (mean_digits < 14.5 || sd_digits < samples[s].sd_digits)
            fail_msg("%s: mean to %.1f digits, sd to %.1f", samples[s].name, mean_digits,
                     sd_digits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_certified_moments)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
