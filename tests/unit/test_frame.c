#include "repkit/frame.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_rows.h"
#include "repkit/basis.h"

/* The rows that have no missing value at all. */
static void keep_complete(struct rk_table *table)
{
    bool *keep = calloc(table->n_rows, sizeof *keep);

    for (size_t i = 0; i < table->n_rows; i++) {
        keep[i] = true;
        for (size_t j = 0; j < table->n_columns; j++)
            keep[i] = keep[i] && !rk_table_is_missing(table, i, j);
    }
    assert_int_equal(rk_table_keep(table, keep), RK_OK);
    free(keep);
}

static struct rk_model_frame *framed(const struct rk_formula *formula, const struct rk_table *table)
{
    struct rk_model_frame *frame = NULL;
    struct rk_error error = {0};

    if (rk_model_frame_new(formula, table, NULL, &frame, &error) != RK_OK)
        fail_msg("'%s': %s", formula->source, error.text);
    return frame;
}

/* The rows of tests/reference/frame.R. */
static struct rk_table *other_rows(void)
{
    static const struct {
        const char *name;
        double value[3];
    } numbers[] = {{"calls", {3, 20, 40}},
                   {"emails", {10, 36, 60}},
                   {"tenure", {0.5, 4, 12}},
                   {"spend", {2, 150, 900}}};
    static const char *const regions[] = {"South", "North", "east"};
    static const char *const teams[] = {"Red", "Blue", "Red"};
    struct rk_table *table = rk_table_new("other");

    for (size_t i = 0; i < 3; i++)
        assert_int_equal(rk_table_add_row(table), RK_OK);
    for (size_t j = 0; j < 4; j++) {
        assert_int_equal(rk_table_add_column(table, numbers[j].name, RK_NUMBER, RK_GENERAL), RK_OK);
        for (size_t i = 0; i < 3; i++)
            rk_table_set_number(table, i, j, numbers[j].value[i]);
    }
    assert_int_equal(rk_table_add_column(table, "region", RK_TEXT, RK_GENERAL), RK_OK);
    assert_int_equal(rk_table_add_column(table, "team", RK_TEXT, RK_GENERAL), RK_OK);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(rk_table_set_text(table, i, 4, regions[i]), RK_OK);
        assert_int_equal(rk_table_set_text(table, i, 5, teams[i]), RK_OK);
    }
    return table;
}

static void columns_of_other_rows_are_those_of_R(void **state)
{
    static const char *const cases[][2] = {
        {"poly", "~ poly(emails, 3)"},
        {"ns", "~ ns(emails, df = 4)"},
        {"ns2", "~ ns(log(spend), df = 2)*team"},
        {"factors", "~ region*team + poly(tenure, 2):region"},
        {"mixed", "~ I(calls^2) + calls:emails + sqrt(spend)"},
    };
    struct rk_table *table = read_table(), *other = other_rows();

    (void)state;
    keep_complete(table);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct rk_formula *formula = parsed(cases[k][1]);
        struct rk_model_frame *frame = framed(formula, table);
        enum rk_row_state states[3];
        double *X = malloc(3 * frame->p * sizeof *X);

        assert_int_equal(rk_frame_apply(frame, other, NULL, 3, NULL, NULL, X, states, NULL), RK_OK);
        for (size_t i = 0; i < 3 * frame->p; i++) {
            double expected = reference_at("frame", cases[k][0], i + 1);

            assert_close(X[i] + 1.0, expected + 1.0, 1e-11);
        }
        assert_int_equal(states[2], RK_ROW_OK);
        free(X);
        rk_model_frame_free(frame);
        rk_formula_free(formula);
    }
    rk_table_free(table);
    rk_table_free(other);
}

/* Derivatives beside central differences of the columns. */
static void slopes_are_those_of_differences(void **state)
{
    static const char *const texts[] = {
        "~ emails",
        "~ I(emails^2)*team + log(emails):calls",
        "~ poly(emails, 3)*region",
        "~ ns(emails, df = 4):team",
        "~ poly(log(emails), 2):ns(emails, df = 2)",
        "~ sqrt(emails) + exp(emails/50) + log2(emails) + log10(emails) + log1p(emails)",
        "~ expm1(emails/99) + abs(emails - 35.5) + I(-emails/calls + +emails - 2^(emails/9))",
        "~ I((emails + calls)^1.5/emails) + I(calls^emails/1e40) + lag(emails, 1)"};
    struct rk_table *table = read_table();
    size_t emails = rk_table_find(table, "emails"), n;

    (void)state;
    keep_complete(table);
    n = table->n_rows;
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        struct rk_formula *formula = parsed(texts[k]);
        struct rk_model_frame *frame = framed(formula, table);
        double *slope = malloc(3 * n * frame->p * sizeof *slope), h = 1e-5;
        double *above = slope + n * frame->p, *below = above + n * frame->p;

        assert_int_equal(rk_frame_slopes(frame, table, NULL, n, "emails", slope, NULL), RK_OK);
        for (size_t i = 0; i < n; i++)
            table->column[emails].number[i] += h;
        assert_int_equal(rk_frame_apply(frame, table, NULL, n, NULL, NULL, above, NULL, NULL),
                         RK_OK);
        for (size_t i = 0; i < n; i++)
            table->column[emails].number[i] -= 2.0 * h;
        assert_int_equal(rk_frame_apply(frame, table, NULL, n, NULL, NULL, below, NULL, NULL),
                         RK_OK);
        for (size_t i = 0; i < n; i++)
            table->column[emails].number[i] += h;
        for (size_t i = 0; i < n * frame->p; i++) {
            double expected = (above[i] - below[i]) / (2.0 * h);

            if (strncmp(frame->name[i / n], "lag", 3) == 0)
                assert_true(slope[i] == 0.0 || isnan(slope[i]));
            else if (fabs(slope[i] - expected) > 1e-6 * fmax(1.0, fabs(expected)))
                fail_msg("'%s': %s has slope %.10g, by differences %.10g", texts[k],
                         frame->name[i / n], slope[i], expected);
        }
        free(slope);
        rk_model_frame_free(frame);
        rk_formula_free(formula);
    }
    rk_table_free(table);
}

static void rows_without_columns(void **state)
{
    struct rk_table *table = read_table(), *other = other_rows();
    struct rk_formula *formula = parsed("~ calls + region + factor(team, ref = \"Red\")");
    struct rk_model_frame *frame = framed(formula, table);
    struct rk_atoms atoms = {0};
    enum rk_row_state states[3];
    double X[3 * 5];

    (void)state;
    assert_int_equal(frame->p, 5);
    rk_table_set_number(other, 0, rk_table_find(other, "calls"), NAN);
    assert_int_equal(rk_table_set_text(other, 1, rk_table_find(other, "region"), "West"), RK_OK);
    assert_int_equal(rk_frame_apply(frame, other, NULL, 3, NULL, NULL, X, states, NULL), RK_OK);
    assert_int_equal(states[0], RK_ROW_MISSING);
    assert_int_equal(states[1], RK_ROW_NEW_LEVEL);
    assert_int_equal(states[2], RK_ROW_OK);
    assert_true(isnan(X[0]) && isnan(X[3 * 4 + 1]) && X[2] == 1.0 && X[3 * 4 + 2] == 0.0);
    /* All rows of one level, whatever they are. */
    assert_int_equal(rk_frame_apply(frame, other, NULL, 3, "region", "South", X, states, NULL),
                     RK_OK);
    assert_int_equal(states[1], RK_ROW_OK);
    for (size_t i = 0; i < 3; i++)
        assert_true(i == 0 ? isnan(X[3 * 2]) : X[3 * 2 + i] == 1.0);
    assert_int_equal(rk_frame_atoms(frame, &atoms), RK_OK);
    assert_int_equal(atoms.n, 3);
    assert_string_equal(atoms.atom[0].label, "calls");
    assert_int_equal(atoms.atom[1].n_levels, 3);
    assert_string_equal(atoms.atom[2].label, "team");
    assert_string_equal(atoms.atom[2].level[0], "Red");
    assert_string_equal(atoms.atom[2].factor_label, "factor(team, ref = \"Red\")");
    rk_atoms_free(&atoms);
    rk_model_frame_free(frame);
    rk_formula_free(formula);
    rk_table_free(table);
    rk_table_free(other);
}

static void lags(void **state)
{
    struct rk_table *table = read_table();
    struct rk_formula *formula = parsed("~ lag(calls, 1) + emails");
    struct rk_model_frame *frame = framed(formula, table);
    struct rk_error error = {0};
    size_t week = rk_table_find(table, "week");

    (void)state;
    /* Of 24 rows 3 reps' first weeks and those behind two gaps have no week before. */
    assert_int_equal(frame->n_unlagged, 9);
    assert_int_equal(frame->n_undefined, 0);
    assert_int_equal(frame->n, 15);
    rk_model_frame_free(frame);
    frame = NULL;
    rk_table_set_number(table, 0, week, table->column[week].number[3]);
    assert_int_equal(rk_model_frame_new(formula, table, NULL, &frame, &error), RK_EINPUT);
    assert_string_equal(error.text, "rep 'a' has two rows at week 9");
    formula->series = (struct rk_series){NULL, "week"};
    assert_int_equal(rk_model_frame_new(formula, table, NULL, &frame, &error), RK_EINPUT);
    assert_string_equal(error.text, "there are two rows at week 1, and no column of units");
    formula->series = (struct rk_series){"rep", "weak"};
    assert_int_equal(rk_model_frame_new(formula, table, NULL, &frame, &error), RK_EINPUT);
    assert_string_equal(error.text, "no column 'weak'; did you mean 'week'?");
    formula->series = (struct rk_series){NULL, NULL};
    assert_int_equal(rk_model_frame_new(formula, table, NULL, &frame, &error), RK_EUSAGE);
    assert_null(frame);
    rk_formula_free(formula);
    rk_table_free(table);
}

static void degenerate_bases(void **state)
{
    static const double ties[] = {1, 1, 2, 2, 2, 3}, same[] = {4, 4, 4},
                        tied[] = {0, 0, 0, 0, 0, 1};
    static const double large[] = {1e200, 2e200, 4e200};
    struct rk_basis *basis = NULL;
    double value[5], slope[5];

    (void)state;
    assert_int_equal(rk_basis_poly(ties, 0, 1, &basis), RK_ETOOFEW);
    assert_int_equal(rk_basis_poly(ties, 6, 3, &basis), RK_ETOOFEW);
    assert_int_equal(rk_basis_poly(same, 3, 1, &basis), RK_ETOOFEW);
    assert_int_equal(rk_basis_poly(ties, 6, 0, &basis), RK_EDOMAIN);
    assert_int_equal(rk_basis_poly(large, 3, 2, &basis), RK_EDOMAIN);
    assert_int_equal(rk_basis_spline(same, 3, 2, &basis), RK_ECONSTANT);
    assert_int_equal(rk_basis_spline(ties, 1, 2, &basis), RK_ETOOFEW);
    assert_int_equal(rk_basis_spline(ties, 6, 0, &basis), RK_EDOMAIN);
    assert_null(basis);
    /* Knots that fall together leave columns without a value nowhere. */
    assert_int_equal(rk_basis_spline(tied, 6, 5, &basis), RK_OK);
    assert_int_equal(rk_basis_columns(basis), 5);
    for (double x = -0.5; x <= 1.5; x += 0.25) {
        rk_basis_at(basis, x, value, slope);
        for (size_t c = 0; c < 5; c++)
            assert_true(isfinite(value[c]) && isfinite(slope[c]));
    }
    rk_basis_at(basis, NAN, value, slope);
    assert_true(isnan(value[4]) && isnan(slope[4]));
    rk_basis_free(basis);
    rk_basis_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_of_other_rows_are_those_of_R),
        cmocka_unit_test(slopes_are_those_of_differences),
        cmocka_unit_test(rows_without_columns),
        cmocka_unit_test(lags),
        cmocka_unit_test(degenerate_bases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
