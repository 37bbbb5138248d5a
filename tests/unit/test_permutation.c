/* Permutation tests and the bootstrap of means against R (tests/reference/compare_tests.R). */
#include "two_sample.h"

#include "repkit/moments.h"
#include "repkit/permutation.h"
#include "repkit/resample.h"

#undef TOPIC
#define TOPIC "compare_tests"

static const struct rk_permutation_plan two = {
    .alternative = RK_TWO_SIDED, .draws = 999, .label = ""};
static const struct rk_permutation_plan less = {.alternative = RK_LESS, .draws = 999, .label = ""};
static const struct rk_permutation_plan greater = {
    .alternative = RK_GREATER, .draws = 999, .label = ""};

static void test_all_labels(void **state)
{
    struct pair sleep = columns("sleep", "first", "second");
    struct rk_permutation p;
    double x[40], y[40];
    size_t nx = (size_t)reference_at(TOPIC, "labels_gears_n", 1),
           ny = (size_t)reference_at(TOPIC, "labels_gears_n", 2);

    (void)state;
    assert_int_equal(rk_permute_labels(sleep.x, 10, NULL, sleep.y, 10, NULL, 1, &two, NULL, &p),
                     RK_OK);
    assert_true(p.exact);
    assert_int_equal(p.n, 184756);
    assert_close(p.estimate, reference_at(TOPIC, "labels_sleep", 1), TOLERANCE);
    assert_close(p.p_value, reference_at(TOPIC, "labels_sleep", 2), TOLERANCE);
    assert_close(p.p_value, reference(TOPIC, "labels_sleep_coin"), TOLERANCE);
    assert_close(p.p_value, reference(TOPIC, "labels_sleep_exact"), TOLERANCE);
    assert_int_equal(rk_permute_labels(sleep.x, 10, NULL, sleep.y, 10, NULL, 1, &less, NULL, &p),
                     RK_OK);
    assert_close(p.p_value, reference_at(TOPIC, "labels_sleep", 3), TOLERANCE);
    assert_int_equal(rk_permute_labels(sleep.x, 10, NULL, sleep.y, 10, NULL, 1, &greater, NULL, &p),
                     RK_OK);
    assert_close(p.p_value, reference_at(TOPIC, "labels_sleep", 4), TOLERANCE);
    for (size_t i = 0; i < nx + ny; i++)
        *(i < nx ? &x[i] : &y[i - nx]) = reference_at(TOPIC, "labels_gears", i + 1);
    assert_int_equal(rk_permute_labels(x, nx, NULL, y, ny, NULL, 1, &two, NULL, &p), RK_OK);
    assert_close(p.p_value, reference_at(TOPIC, "labels_gears_p", 1), TOLERANCE);
    assert_int_equal(rk_permute_labels(x, nx, NULL, y, ny, NULL, 1, &less, NULL, &p), RK_OK);
    assert_close(p.p_value, reference_at(TOPIC, "labels_gears_p", 2), TOLERANCE);
    release(&sleep);
}

/* Exchange within doses: 70^3 permutations; the estimate is the coefficient of R's lm. */
static void test_blocks(void **state)
{
    size_t n;
    double *len = reference_data("tooth_blocks", "len", &n);
    double *dose = reference_data("tooth_blocks", "dose", &n);
    double x[12], y[12];
    uint32_t x_block[12], y_block[12];
    struct rk_permutation p;

    (void)state;
    assert_int_equal(n, 24);
    for (size_t i = 0; i < 12; i++) { /* the first half is OJ */
        x[i] = len[i], y[i] = len[12 + i];
        x_block[i] = (uint32_t)dose[i], y_block[i] = (uint32_t)dose[12 + i]; /* 0, 1, 2 */
    }
    assert_int_equal(rk_permute_labels(x, 12, x_block, y, 12, y_block, 3, &two, NULL, &p), RK_OK);
    assert_int_equal(p.n, (size_t)reference_at(TOPIC, "blocks_tooth", 3));
    assert_close(p.estimate, reference_at(TOPIC, "blocks_tooth", 1), TOLERANCE);
    assert_close(p.p_value, reference_at(TOPIC, "blocks_tooth", 2), TOLERANCE);
    /* a block with one sample only says nothing */
    x_block[0] = 5;
    assert_int_equal(rk_permute_labels(x, 1, x_block, y, 12, y_block, 6, &two, NULL, &p),
                     RK_ETOOFEW);
    free(len);
    free(dose);
}

static void test_all_signs(void **state)
{
    struct pair sleep = differences("sleep", "first", "second");
    double d[9];
    struct rk_permutation p;

    (void)state;
    assert_int_equal(rk_permute_signs(sleep.y, sleep.ny, &two, NULL, &p), RK_OK);
    assert_close(p.p_value, reference(TOPIC, "signs_sleep"), TOLERANCE);
    assert_close(p.p_value, reference(TOPIC, "signs_sleep_exact"), TOLERANCE);
    assert_close(p.estimate, 1.58, TOLERANCE);
    assert_int_equal(rk_permute_signs(sleep.y, sleep.ny, &greater, NULL, &p), RK_OK);
    assert_close(p.p_value, 0.001953125, TOLERANCE);
    for (size_t i = 0; i < 9; i++)
        d[i] = reference_at(TOPIC, "depression", i + 1);
    assert_int_equal(rk_permute_signs(d, 9, &two, NULL, &p), RK_OK);
    assert_int_equal(p.n, 512);
    assert_close(p.p_value, reference(TOPIC, "signs_depression"), TOLERANCE);
    release(&sleep);
}

/* Random permutations: the p of counting all of them, within the Monte Carlo error; the same
 * whatever the threads. Unequal sizes take every way of picking. */
static void test_random(void **state)
{
    struct pair cars = split("mtcars_am", "mpg", "am");
    struct pair all = columns("long_two", "value", "value");
    struct rk_permutation_plan plan = {.alternative = RK_TWO_SIDED, .draws = 100000, .label = ""};
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_permutation p, again;
    double x[400], y[400];

    (void)state;
    assert_int_equal(
        rk_permute_labels(cars.x, cars.nx, NULL, cars.y, cars.ny, NULL, 1, &plan, &ctx, &p), RK_OK);
    assert_false(p.exact);
    assert_true(p.p_value < 0.0006 && p.p_value > 0.0001); /* perm.test: 0.000286 */
    ctx.threads = 3;
    assert_int_equal(
        rk_permute_labels(cars.x, cars.nx, NULL, cars.y, cars.ny, NULL, 1, &plan, &ctx, &again),
        RK_OK);
    assert_true(p.p_value == again.p_value);
    /* of n values the p of any split is that of the normal approximation, nearly */
    for (size_t ny = 4; ny <= 196; ny += 48) {
        struct rk_moments m, all_m = rk_moments_of(all.x, 200);
        double z, expected;

        for (size_t i = 0; i < 200; i++)
            *(i < ny ? &y[i] : &x[i - ny]) = all.x[i];
        m = rk_moments_of(y, ny);
        z = (m.mean - all_m.mean) / (all_m.sd * sqrt((1.0 - (double)ny / 200.0) / (double)ny));
        expected = erfc(fabs(z) / sqrt(2.0));
        assert_int_equal(rk_permute_labels(x, 200 - ny, NULL, y, ny, NULL, 1, &plan, NULL, &p),
                         RK_OK);
        assert_true(fabs(p.p_value - expected) < 0.01 + 0.1 * expected);
    }
    plan.draws = 20000;
    assert_int_equal(rk_permute_signs(all.x, 60, &plan, NULL, &p), RK_OK);
    assert_false(p.exact);
    assert_true(p.p_value > 1.0 / 20001 && p.p_value <= 1.0);
    release(&cars);
    release(&all);
}

static void test_degenerate(void **state)
{
    const double same[3] = {2, 2, 2}, nan[2] = {1, NAN}, x[2] = {1, 2};
    struct rk_permutation p = {.p_value = -1};

    (void)state;
    assert_int_equal(rk_permute_labels(same, 3, NULL, same, 3, NULL, 1, &two, NULL, &p),
                     RK_ECONSTANT);
    assert_int_equal(rk_permute_labels(x, 0, NULL, x, 2, NULL, 1, &two, NULL, &p), RK_ETOOFEW);
    assert_int_equal(rk_permute_labels(x, 2, NULL, nan, 2, NULL, 1, &two, NULL, &p), RK_EDOMAIN);
    assert_int_equal(rk_permute_signs(nan, 2, &two, NULL, &p), RK_EDOMAIN);
    assert_int_equal(rk_permute_signs(x, 0, &two, NULL, &p), RK_ETOOFEW);
    assert_true(p.p_value == -1);
    /* of one value each both labels are as far */
    assert_int_equal(rk_permute_labels(x, 1, NULL, x + 1, 1, NULL, 1, &two, NULL, &p), RK_OK);
    assert_close(p.p_value, 1.0, 1e-15);
    assert_int_equal(rk_permute_labels(x, 1, NULL, x + 1, 1, NULL, 1, &greater, NULL, &p), RK_OK);
    assert_close(p.p_value, 0.5, 1e-15);
}

static void test_boot_means(void **state)
{
    struct pair sleep = columns("sleep", "first", "second");
    struct pair cars = split("mtcars_am", "mpg", "am");
    struct rk_boot_means m = {.x = sleep.x,
                              .y = sleep.y,
                              .nx = 10,
                              .ny = 10,
                              .paired = true,
                              .draws = 99999,
                              .label = ""};
    struct rk_ctx ctx = {.threads = 3, .seed = 1};
    struct rk_boot *boot = NULL, *again = NULL;
    double low, high;

    (void)state;
    assert_int_equal(rk_boot_means_new(&m, NULL, &boot), RK_OK);
    rk_boot_interval(boot, 0.95, RK_TWO_SIDED, &low, &high);
    assert_close(boot->estimate, reference_at(TOPIC, "boot_sleep", 1), TOLERANCE);
    assert_close(boot->acceleration, reference(TOPIC, "boot_sleep_a"), 1e-9);
    assert_true(fabs(low - reference_at(TOPIC, "boot_sleep", 2)) < 0.04);
    assert_true(fabs(high - reference_at(TOPIC, "boot_sleep", 3)) < 0.06);
    assert_int_equal(rk_boot_means_new(&m, &ctx, &again), RK_OK);
    for (size_t i = 0; i < m.draws; i += 777)
        assert_true(boot->draw[i] == again->draw[i]);
    rk_boot_free(boot);
    rk_boot_free(again);

    m = (struct rk_boot_means){
        .x = cars.x, .y = cars.y, .nx = cars.nx, .ny = cars.ny, .draws = 99999, .label = ""};
    assert_int_equal(rk_boot_means_new(&m, NULL, &boot), RK_OK);
    boot->bca = false; /* percentiles, as R's here */
    rk_boot_interval(boot, 0.95, RK_TWO_SIDED, &low, &high);
    assert_close(boot->estimate, reference_at(TOPIC, "boot_mtcars", 1), TOLERANCE);
    assert_true(fabs(low - reference_at(TOPIC, "boot_mtcars", 2)) < 0.08);
    assert_true(fabs(high - reference_at(TOPIC, "boot_mtcars", 3)) < 0.08);
    assert_close(rk_moments_of(boot->draw, boot->n_draws).sd, reference_at(TOPIC, "boot_mtcars", 4),
                 0.01);
    rk_boot_free(boot);
    m.ratio = true;
    assert_int_equal(rk_boot_means_new(&m, NULL, &boot), RK_OK);
    assert_close(boot->estimate,
                 rk_moments_of(cars.y, cars.ny).mean / rk_moments_of(cars.x, cars.nx).mean, 1e-12);
    rk_boot_free(boot);
    boot = NULL;
    m.nx = 1;
    assert_int_equal(rk_boot_means_new(&m, NULL, &boot), RK_ETOOFEW);
    assert_null(boot);
    release(&sleep);
    release(&cars);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_labels), cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_all_signs),  cmocka_unit_test(test_random),
        cmocka_unit_test(test_degenerate), cmocka_unit_test(test_boot_means),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests_name("permutation", tests, NULL, NULL);
}
