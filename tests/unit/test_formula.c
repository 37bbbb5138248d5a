#include "repkit/formula.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model_rows.h"

/* The terms, as "a b a:b". */
static void expect_terms(const char *text, const char *expected, bool intercept)
{
    struct rk_formula *formula = parsed(text);
    struct rk_text terms = {0};

    for (size_t t = 0; t < formula->n_terms; t++) {
        for (size_t v = 0; v < formula->term[t].n_variables; v++) {
            rk_text_add(&terms, v > 0 ? ":" : t > 0 ? " " : "");
            rk_node_print(formula->term[t].variable[v], &terms);
        }
    }
    rk_text_add(&terms, "");
    if (strcmp(terms.bytes, expected) != 0 || formula->intercept != intercept)
        fail_msg("'%s' expands to '%s' (intercept %d), expected '%s'", text, terms.bytes,
                 formula->intercept, expected);
    rk_text_free(&terms);
    rk_formula_free(formula);
}

static void expands_terms(void **state)
{
    (void)state;
    expect_terms("y ~ a", "a", true);
    expect_terms("~ a + b", "a b", true);
    expect_terms("y ~ 1", "", true);
    expect_terms("y ~ 0", "", false);
    expect_terms("y ~ -1", "", false);
    expect_terms("y ~ a - (b - 1) + b", "a b", true);
    expect_terms("y ~ a - (1 + a)", "", false);
    expect_terms("y ~ a*b", "a b a:b", true);
    expect_terms("y ~ a:b + a", "a a:b", true);
    expect_terms("y ~ b + a:b + a", "b a b:a", true);
    expect_terms("y ~ a*b*c", "a b c a:b a:c b:c a:b:c", true);
    expect_terms("y ~ (a + b + c)^2", "a b c a:b a:c b:c", true);
    expect_terms("y ~ (a + b)^100 - a", "b a:b", true);
    expect_terms("y ~ a + a + I(a) + I( a )", "a I(a)", true);
    expect_terms("y ~ ((a))", "a", true);
    expect_terms("y ~ a:a", "a", true);
    expect_terms("y ~ -a + b", "b", true);
    expect_terms("y ~ x | rep + week", "x", true);
}

static void fixed_effects_and_wants(void **state)
{
    struct rk_formula *formula =
        parsed("log(y) ~ a + I(a^2/b) + factor(c, ref = \"x\") + d | rep + week + rep");
    static const struct {
        const char *name;
        enum rk_role role;
    } expected[] = {{"y", RK_AS_NUMBER},  {"a", RK_AS_FOUND},   {"a", RK_AS_NUMBER},
                    {"b", RK_AS_NUMBER},  {"c", RK_AS_LABEL},   {"d", RK_AS_FOUND},
                    {"rep", RK_AS_LABEL}, {"week", RK_AS_LABEL}};
    struct rk_wants wants = {0};

    (void)state;
    assert_int_equal(formula->fixed_effects.n, 2);
    assert_string_equal(formula->fixed_effects.name[1], "week");
    assert_int_equal(rk_formula_wants(formula, &wants), RK_OK);
    assert_int_equal(wants.n, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < wants.n; i++) {
        assert_string_equal(wants.want[i].name, expected[i].name);
        assert_int_equal(wants.want[i].role, expected[i].role);
    }
    rk_wants_free(&wants);
    rk_formula_free(formula);
}

static void expect_error(const char *text, const char *expected)
{
    struct rk_formula *formula = NULL;
    struct rk_error error = {0};

    if (rk_formula_parse(text, &formula, &error) != RK_EUSAGE || formula != NULL)
        fail_msg("'%s' should not parse", text);
    if (strcmp(error.text, expected) != 0)
        fail_msg("'%s' says '%s', expected '%s'", text, error.text, expected);
}

static void errors_point_at_the_character(void **state)
{
    (void)state;
    expect_error("revenue", "'revenue' is no formula: it has no '~'");
    expect_error("y ~ calls^2", "at character 10: arithmetic goes inside I(): write I(calls^2)");
    expect_error("y ~ a/b", "at character 6: arithmetic goes inside I(): write I(a/b)");
    expect_error("y ~ 2*a", "at character 6: arithmetic goes inside I(): write I(2 * a)");
    expect_error("y ~ a + 2", "at character 9: of numbers, only 0 and 1 can be terms");
    expect_error("y ~ (a + b)^c",
                 "at character 13: expected a whole number for the highest degree");
    expect_error("y ~ lgo(a)", "at character 5: unknown function 'lgo'; did you mean 'log'?");
    expect_error("y ~ a + ploy(a, 2)",
                 "at character 9: unknown function 'ploy'; did you mean 'poly'?");
    expect_error(
        "y ~ a + spline(a, 2)",
        "at character 9: unknown function 'spline'; there are log, log2, log10, log1p, exp, "
        "expm1, sqrt, abs, I, factor, poly, ns, lag, lead");
    expect_error("y ~ I(fctor(a))", "at character 7: unknown function 'fctor'; did you mean "
                                    "'factor'?");
    expect_error("y ~ I(factor(a))", "at character 7: factor() has no place in arithmetic");
    expect_error("y ~ I(a:b)", "at character 8: ':' has no place in arithmetic");
    expect_error("y ~ log(a, 2)", "at character 5: log() takes one argument");
    expect_error("y ~ log(base = 2)", "at character 9: '=' has no place in arithmetic");
    expect_error("y ~ I('a')",
                 "at character 7: a text in quotes is no number (columns: back-ticks)");
    expect_error("y ~ 'a'",
                 "at character 5: a column's name stands without quotes or in back-ticks");
    expect_error("y ~ .", "at character 5: '.' is not understood: name the columns");
    expect_error("y ~ factor(log(a))",
                 "at character 5: factor() takes a column and perhaps ref = \"LEVEL\"");
    expect_error("y ~ factor(a, rfe = 'x')",
                 "at character 15: factor() takes ref = \"LEVEL\" and nothing else");
    expect_error("y ~ factor(a, 'x')",
                 "at character 15: factor() takes ref = \"LEVEL\" and nothing else");
    expect_error("y ~ a + y", "at character 9: the response cannot explain itself");
    expect_error("log(y) ~ log( y )", "at character 10: the response cannot explain itself");
    expect_error("y ~ a | rep*week", "at character 12: behind '|' stand columns' names, joined by "
                                     "'+'");
    expect_error("y ~ a | b | c", "at character 7: '|' has no place here");
    expect_error("y ~ a ~ b", "at character 3: '~' has no place in arithmetic");
    expect_error("y ~ (a ~ b)", "at character 8: '~' has no place here");
    expect_error("y:z ~ a", "at character 2: ':' has no place in arithmetic");
    expect_error(
        "y ~ `(`(a, b)",
        "at character 5: unknown function '('; there are log, log2, log10, log1p, exp, expm1, "
        "sqrt, abs, I, factor, poly, ns, lag, lead");
    expect_error("y ~ a*b*c*d*e*f*g*h*i*j*k*l*m", "the formula expands to more than 5000 terms");
}

static void errors_in_calls_that_make_columns(void **state)
{
    (void)state;
    expect_error("y ~ poly(a, b)", "at character 13: poly() takes a column and a degree from 1 to "
                                   "100: poly(x, 2)");
    expect_error("y ~ poly(a, 2.5)", "at character 13: poly() takes a column and a degree from 1 "
                                     "to 100: poly(x, 2)");
    expect_error("y ~ poly()", "at character 5: poly() takes a column and a degree from 1 to 100: "
                               "poly(x, 2)");
    expect_error("y ~ poly(region == 1, 2)", "at character 17: '==' has no place in a formula");
    expect_error("y ~ b + ns(a, knots = 2)", "at character 15: ns() takes a column and degrees of "
                                             "freedom from 1 to 100: ns(x, df = 3)");
    expect_error("y ~ I(poly(a, 2))", "at character 7: poly() has no place in arithmetic");
    expect_error("y ~ poly(poly(a, 2), 2)", "at character 10: poly() has no place in arithmetic");
    expect_error("ns(y, 2) ~ a", "at character 1: ns() has no place in arithmetic");
    expect_error("y ~ lag(a, -1)",
                 "at character 12: lag() takes a column and a whole number of periods");
    expect_error("y ~ lag(a, 1, 2)",
                 "at character 5: lag() takes a column and a whole number of periods");
    expect_error("y ~ lead(a, b)",
                 "at character 13: lead() takes a column and a whole number of periods");
    expect_error("y ~ lag(factor(a))", "at character 9: factor() has no place in arithmetic");
}

static void arbitrary_formulas(void **state)
{
    static const char *const parts[] = {
        "a",     "b", "y", "~",    "+",      "-",      "*",    ":",     "^",    "2",    "1",
        "0",     "(", ")", "|",    "I",      "factor", "(",    ",ref=", "'x'",  "log",  ")",
        "`c d`", ".", "/", "\xff", "poly(a", ",2",     ",df=", "ns(",   "lag(", "lead("};
    uint32_t x = 2463534242u;
    int n_parsed = 0;

    (void)state;
    for (int i = 0; i < 200000; i++) {
        struct rk_text text = {0};
        struct rk_formula *formula = NULL;

        rk_text_add(&text, i % 2 ? "y ~ a" : "");
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        for (uint32_t n = x % 8; n > 0; n--) {
            x ^= x << 13, x ^= x >> 17, x ^= x << 5;
            rk_text_add(&text, parts[x % (sizeof parts / sizeof *parts)]);
        }
        if (rk_formula_parse(text.bytes == NULL ? "" : text.bytes, &formula, NULL) == RK_OK) {
            struct rk_wants wants = {0};

            n_parsed++;
            assert_int_equal(rk_formula_wants(formula, &wants), RK_OK);
            rk_wants_free(&wants);
            rk_formula_free(formula);
        } else {
            assert_null(formula);
        }
        rk_text_free(&text);
    }
    assert_true(n_parsed > 1000);
}

/* --- model frames -------------------------------------------------------------------------- */

static struct rk_model_frame *framed(const struct rk_table *table, const char *text,
                                     const struct rk_names *extra)
{
    struct rk_formula *formula = parsed(text);
    struct rk_model_frame *frame = NULL;
    struct rk_error error = {0};

    if (rk_model_frame_new(formula, table, extra, &frame, &error) != RK_OK)
        fail_msg("'%s': %s", text, error.text);
    rk_formula_free(formula);
    return frame;
}

/* Compares the tab-separated values with those of C. R builds its bases through a QR decomposition
 * of powers, which costs digits: columns of norm 1 differ by less than 1e-11. */
static void expect_values(const char *formula, char *values, const double *actual, size_t n)
{
    bool basis = strstr(formula, "poly(") != NULL || strstr(formula, "ns(") != NULL;
    size_t i = 0;

    for (char *value = strtok(values, "\t"); value != NULL; value = strtok(NULL, "\t"), i++) {
        assert_true(i < n);
        if (fabs(actual[i] - strtod(value, NULL)) >
            1e-14 * fabs(actual[i]) + (basis ? 1e-11 * fmax(1.0, fabs(actual[i])) : 0.0))
            fail_msg("'%s': value %zu is %.17g, R: %s", formula, i, actual[i], value);
    }
    assert_int_equal(i, n);
}

static void frames_are_those_of_R(void **state)
{
    FILE *stream = fopen("tests/reference/data/model_frame.txt", "r");
    struct rk_table *table = read_table();
    struct rk_model_frame *frame = NULL;
    char line[4096], formula[4096] = "";
    size_t j = 0, n_formulas = 0;

    (void)state;
    assert_non_null(stream);
    while (fgets(line, sizeof line, stream) != NULL) {
        char *rest = line + 2;

        line[strcspn(line, "\n")] = '\0';
        if (line[0] == 'F') {
            assert_true(frame == NULL || j == frame->p);
            rk_model_frame_free(frame);
            snprintf(formula, sizeof formula, "%s", rest);
            frame = framed(table, formula, NULL);
            j = 0;
            n_formulas++;
        } else if (line[0] == 'R') {
            double rows[64];

            for (size_t i = 0; i < frame->n; i++)
                rows[i] = (double)(frame->row[i] + 1);
            assert_int_equal(frame->n_dropped, table->n_rows - frame->n);
            assert_int_equal(frame->n_undefined, 0);
            expect_values(formula, rest, rows, frame->n);
        } else if (line[0] == 'Y') {
            expect_values(formula, rest, frame->y, frame->n);
        } else {
            char *name = strchr(rest, '\t') + 1, *values = strchr(name, '\t') + 1;

            values[-1] = '\0';
            assert_true(j < frame->p);
            if (strcmp(name, frame->name[j]) != 0)
                fail_msg("'%s': column %zu is '%s', R: '%s'", formula, j, frame->name[j], name);
            assert_int_equal(frame->term[j] + 1, strtoul(rest, NULL, 10));
            expect_values(formula, values, frame->X + j * frame->n, frame->n);
            j++;
        }
    }
    assert_true(j == frame->p && n_formulas > 35);
    rk_model_frame_free(frame);
    rk_table_free(table);
    fclose(stream);
}

static void fixed_effects_absorb_the_intercept(void **state)
{
    struct rk_table *table = read_table();
    struct rk_model_frame *frame = framed(table, "revenue ~ calls + region | team + code", NULL);

    (void)state;
    assert_false(frame->has_intercept);
    assert_int_equal(frame->p, 3);
    assert_string_equal(frame->name[0], "calls");
    assert_string_equal(frame->name[1], "regionSouth");
    assert_int_equal(frame->n, 22);
    assert_int_equal(frame->n_effects, 2);
    assert_int_equal(frame->n_levels[0], 2);
    assert_int_equal(frame->n_levels[1], 3);
    for (size_t e = 0; e < 2; e++)
        for (size_t i = 0; i < frame->n; i++) {
            size_t column = rk_table_find(table, e == 0 ? "team" : "code");

            assert_true(frame->effect[e][i] < frame->n_levels[e]);
            for (size_t k = 0; k < i; k++)
                if (e == 0)
                    assert_int_equal(frame->effect[e][i] == frame->effect[e][k],
                                     table->column[column].code[frame->row[i]] ==
                                         table->column[column].code[frame->row[k]]);
                else
                    assert_int_equal(frame->effect[e][i] == frame->effect[e][k],
                                     table->column[column].number[frame->row[i]] ==
                                         table->column[column].number[frame->row[k]]);
        }
    rk_model_frame_free(frame);
    rk_table_free(table);
}

static void missing_and_undefined_rows(void **state)
{
    struct rk_table *table = read_table();
    struct rk_names extra = {0};
    struct rk_model_frame *frame;
    size_t emails = rk_table_find(table, "emails");

    (void)state;
    rk_table_set_number(table, 0, emails, 0.0);  /* log(0) */
    rk_table_set_number(table, 1, emails, NAN);  /* missing */
    rk_table_set_number(table, 2, emails, -1.0); /* log(-1), where calls is missing, too */
    frame = framed(table, "revenue ~ log(emails) + calls", NULL);
    assert_int_equal(frame->n, 21);
    assert_int_equal(frame->n_dropped, 3);
    assert_int_equal(frame->n_undefined, 2);
    rk_model_frame_free(frame);
    assert_int_equal(rk_names_add(&extra, "region"), RK_OK);
    frame = framed(table, "revenue ~ emails", &extra);
    assert_int_equal(frame->n, 22);
    assert_int_equal(frame->n_undefined, 0);
    rk_model_frame_free(frame);
    rk_names_free(&extra);
    rk_table_free(table);
}

static void expect_failure(const struct rk_table *table, const char *text, const char *extra,
                           enum rk_status expected, const char *message)
{
    struct rk_formula *formula = parsed(text);
    struct rk_names names = {0};
    struct rk_model_frame *frame = NULL;
    struct rk_error error = {0};

    if (extra != NULL)
        assert_int_equal(rk_names_add(&names, extra), RK_OK);
    assert_int_equal(rk_model_frame_new(formula, table, &names, &frame, &error), expected);
    assert_null(frame);
    assert_string_equal(error.text, message);
    rk_names_free(&names);
    rk_formula_free(formula);
}

static void failures(void **state)
{
    struct rk_table *table = read_table();
    bool *keep = calloc(table->n_rows, sizeof *keep);

    (void)state;
    expect_failure(table, "revenue ~ cals", NULL, RK_EINPUT,
                   "no column 'cals'; did you mean 'calls'?");
    expect_failure(table, "revenue ~ calls | tema", NULL, RK_EINPUT,
                   "no column 'tema'; did you mean 'team'?");
    expect_failure(table, "revenue ~ calls", "tema", RK_EINPUT,
                   "no column 'tema'; did you mean 'team'?");
    expect_failure(table, "region ~ calls", NULL, RK_EINPUT,
                   "column 'region' holds text where numbers are needed");
    expect_failure(table, "revenue ~ log(region)", NULL, RK_EINPUT,
                   "column 'region' holds text where numbers are needed");
    expect_failure(table, "revenue ~ factor(region, ref = 'Nort')", NULL, RK_EINPUT,
                   "factor(region, ref = \"Nort\"): no level 'Nort'; did you mean 'North'?");
    expect_failure(table, "revenue ~ factor(region, ref = 'zzzz')", NULL, RK_EINPUT,
                   "factor(region, ref = \"zzzz\"): no level 'zzzz'; the first is 'North'");
    keep[0] = keep[3] = true; /* South in both */
    assert_int_equal(rk_table_keep(table, keep), RK_OK);
    expect_failure(table, "revenue ~ region", NULL, RK_ECONSTANT,
                   "region has one level only: 'South'");
    keep[0] = keep[1] = false;
    assert_int_equal(rk_table_keep(table, keep), RK_OK);
    expect_failure(table, "revenue ~ calls + region", NULL, RK_ENODATA,
                   "no row has values in all columns of 'revenue ~ calls + region'");
    free(keep);
    rk_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expands_terms),
        cmocka_unit_test(fixed_effects_and_wants),
        cmocka_unit_test(errors_point_at_the_character),
        cmocka_unit_test(errors_in_calls_that_make_columns),
        cmocka_unit_test(arbitrary_formulas),
        cmocka_unit_test(frames_are_those_of_R),
        cmocka_unit_test(fixed_effects_absorb_the_intercept),
        cmocka_unit_test(missing_and_undefined_rows),
        cmocka_unit_test(failures),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
