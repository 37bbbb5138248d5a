/* Formulas that expand to many terms: found by their bits, in R's order, none twice. */
#include "reference.h"

#include "repkit/formula.h"

enum { MANY = 40 };

/* (x1 + x2 + ...) of so many, `how` behind it. */
static struct rk_formula *sum_of(const char *how, const char *less)
{
    struct rk_text text = {0};
    struct rk_formula *formula = NULL;
    struct rk_error error = {0};

    rk_text_add(&text, "y ~ (");
    for (int i = 1; i <= MANY; i++)
        rk_text_format(&text, "%sx%d", i > 1 ? " + " : "", i);
    rk_text_format(&text, ")%s", how);
    for (int i = 1; less != NULL && i <= MANY; i++)
        rk_text_format(&text, " %s x%d", less, i);
    assert_false(text.failed);
    if (rk_formula_parse(text.bytes, &formula, &error) != RK_OK)
        fail_msg("%s", error.text);
    rk_text_free(&text);
    return formula;
}

static void check_degrees(const struct rk_formula *formula, size_t first, size_t n, size_t degree)
{
    for (size_t i = first; i < first + n; i++)
        assert_int_equal(formula->term[i].n_variables, degree);
}

static void test_powers(void **state)
{
    const size_t pairs = MANY * (MANY - 1) / 2;
    struct rk_formula *formula = sum_of("^2", NULL);

    (void)state;
    assert_int_equal(formula->n_terms, MANY + pairs);
    check_degrees(formula, 0, MANY, 1);
    check_degrees(formula, MANY, pairs, 2);
    rk_formula_free(formula);
    formula = sum_of("^1", NULL);
    assert_int_equal(formula->n_terms, MANY);
    rk_formula_free(formula);
}

/* Terms that are taken away, or added again, are found among the many. */
static void test_taking_away(void **state)
{
    const size_t pairs = MANY * (MANY - 1) / 2;
    struct rk_formula *formula = sum_of("^2", "-");

    (void)state;
    assert_int_equal(formula->n_terms, pairs);
    check_degrees(formula, 0, pairs, 2);
    rk_formula_free(formula);
    formula = sum_of("^2 - x1:x2 - x40:x39 - x41", "+");
    assert_int_equal(formula->n_terms, MANY + pairs - 2);
    rk_formula_free(formula);
    formula = sum_of("^2 - x1:x2 + x2:x1 + x1:x2", NULL);
    assert_int_equal(formula->n_terms, MANY + pairs);
    rk_formula_free(formula);
}

/* Some million products, which took minutes when each was looked for among all; too many in the
 * end. */
static void test_too_many(void **state)
{
    struct rk_formula *formula = NULL;
    struct rk_error error = {0};

    (void)state;
    assert_int_equal(rk_formula_parse("y ~ (a + b + c + d + e + f + g + h + i + j + k + l)^12 * "
                                      "(m + n)^2",
                                      &formula, &error),
                     RK_EUSAGE);
    assert_null(formula);
    assert_string_equal(error.text, "the formula expands to more than 5000 terms");
    assert_int_equal(
        rk_formula_parse("y ~ ((a + b + c + d + e + f + g + h + i)^9)^100", &formula, &error),
        RK_OK);
    assert_int_equal(formula->n_terms, 511);
    rk_formula_free(formula);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_powers),
        cmocka_unit_test(test_taking_away),
        cmocka_unit_test(test_too_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
