/* Moments of rows read block by block, against those of all rows at once. */
#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repkit/moments_file.h"
#include "repkit/shape.h"

static char path[] = "/tmp/repkit-test-XXXXXX";

enum { ROWS = 40000, REPS = 150 };

/* Repeatable numbers from 0 to 1. */
static double next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* Missing cells, calls of 0 (whose logarithm is undefined), an offset, a skewed response, and a
 * region that comes late. */
static void write_file(void)
{
    FILE *file = fopen(path, "wb");
    uint64_t state = 7;

    assert_non_null(file);
    fputs("rep,region,calls,year,y\n", file);
    for (size_t i = 0; i < ROWS; i++) {
        const char *region = i > ROWS - 90 ? "West" : i % 3 == 0 ? "North" : "South";
        size_t rep = (size_t)(next(&state) * REPS);
        double calls = floor(40.0 * next(&state)), u = next(&state);

        fprintf(file, "rep%zu,%s,", rep, i % 501 == 0 ? "" : region);
        if (i % 97 == 3)
            fprintf(file, ",");
        else
            fprintf(file, "%.0f,", calls);
        fprintf(file, "%.3f,", 1e6 + 3.0 * next(&state));
        if (i % 89 == 4)
            fprintf(file, "\n");
        else
            fprintf(file, "%.4f\n",
                    i % 50 == 0 ? 0.0 : 2.0 * calls - 5.0 * log(1.0 - u) - (double)(rep % 7));
    }
    assert_int_equal(fclose(file), 0);
}

static struct rk_formula *formula_of(const char *text)
{
    struct rk_formula *formula = NULL;
    struct rk_error error = {0};

    if (rk_formula_parse(text, &formula, &error) != RK_OK)
        fail_msg("%s", error.text);
    return formula;
}

static struct rk_moments_stream stream_of(const struct rk_formula *formula, const char *cluster,
                                          unsigned threads)
{
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_moments_stream stream = {.formula = formula, .cluster = cluster};
    const struct rk_row_work work = rk_moments_work(&stream);
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_wants wants = {0};
    struct rk_table *about = NULL;
    struct rk_error error = {0};

    ctx.threads = threads;
    assert_int_equal(rk_moments_wants(formula, cluster, &wants), RK_OK);
    if (rk_csv_each(path, &wants, &options, &ctx, &work, &about, &error) != RK_OK)
        fail_msg("%s", error.text);
    assert_int_equal(stream.n_rows, about->rows_read);
    rk_table_free(about);
    rk_wants_free(&wants);
    return stream;
}

static struct rk_table *read_all(const struct rk_formula *formula, const char *cluster)
{
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;

    assert_int_equal(rk_moments_wants(formula, cluster, &wants), RK_OK);
    assert_int_equal(rk_csv_read(path, &wants, &options, NULL, &table, NULL), RK_OK);
    rk_wants_free(&wants);
    return table;
}

/* The same work on all rows as one block. */
static struct rk_moments_stream whole_of(const struct rk_formula *formula, const char *cluster,
                                         struct rk_table *table)
{
    struct rk_moments_stream stream = {.formula = formula, .cluster = cluster};
    const struct rk_row_work work = rk_moments_work(&stream);
    struct rk_error error = {0};
    void *part = NULL;

    assert_int_equal(work.make(work.data, table, &part, &error), RK_OK);
    assert_int_equal(work.take(work.data, part, &error), RK_OK);
    return stream;
}

static size_t place_of(const struct rk_names *names, const char *name)
{
    size_t i = 0;

    while (i < names->n && strcmp(names->name[i], name) != 0)
        i++;
    return i;
}

/* Relative to what the columns vary with. */
static void check_group(const struct rk_moments_file *a, size_t g, const struct rk_moments_file *b)
{
    const char *label = rk_dict_label(a->group, (uint32_t)g);
    size_t h = rk_dict_find(b->group, label, strlen(label)), k = a->moments.k,
           all = k * (k + 1) / 2;
    const struct dd *A = a->moments.C + g * all, *B = b->moments.C + h * all;

    assert_true(a->moments.n[g] == b->moments.n[h]);
    for (size_t i = 0; i < k; i++) {
        size_t p = place_of(&b->column, a->column.name[i]);

        assert_true(p < k);
        assert_close(a->moments.mean[g * k + i].hi, b->moments.mean[h * k + p].hi, 2e-16);
        for (size_t j = 0; j <= i; j++) {
            size_t q = place_of(&b->column, a->column.name[j]);
            double scale = sqrt(A[rk_cross_moments_at(i, i)].hi * A[rk_cross_moments_at(j, j)].hi);

            assert_true(fabs(A[rk_cross_moments_at(i, j)].hi - B[rk_cross_moments_at(p, q)].hi) <=
                        2e-14 * scale);
        }
    }
}

static void check(const char *text, const char *cluster, size_t n_undefined)
{
    struct rk_formula *formula = formula_of(text);
    struct rk_table *table = read_all(formula, cluster);
    struct rk_moments_stream whole = whole_of(formula, cluster, table);
    struct rk_moments_stream one = stream_of(formula, cluster, 1);
    struct rk_moments_stream three = stream_of(formula, cluster, 3);
    const struct rk_cross_moments *a = &one.file.moments, *b = &three.file.moments;
    size_t k = a->k, G = a->n_groups;

    assert_int_equal(whole.file.moments.n_groups, G);
    assert_int_equal(whole.file.moments.k, k);
    assert_int_equal(whole.n_rows, one.n_rows);
    assert_int_equal(whole.n_undefined, one.n_undefined);
    assert_int_equal(one.n_undefined, n_undefined);
    for (size_t g = 0; g < G; g++)
        check_group(&whole.file, g, &one.file);
    /* Threads leave no trace. */
    assert_int_equal(b->n_groups, G);
    assert_memory_equal(a->n, b->n, G * sizeof *a->n);
    assert_memory_equal(a->mean, b->mean, G * k * sizeof *a->mean);
    assert_memory_equal(a->C, b->C, G * (k * (k + 1) / 2) * sizeof *a->C);
    assert_memory_equal(&one.response, &three.response, sizeof one.response);
    rk_moments_stream_free(&whole);
    rk_moments_stream_free(&one);
    rk_moments_stream_free(&three);
    rk_table_free(table);
    rk_formula_free(formula);
}

static size_t zero_calls(void)
{
    struct rk_formula *formula = formula_of("y ~ calls");
    struct rk_table *table = read_all(formula, NULL);
    size_t at = rk_table_find(table, "calls"), n = 0;

    for (size_t i = 0; i < table->n_rows; i++)
        n += table->column[at].number[i] == 0.0;
    rk_table_free(table);
    rk_formula_free(formula);
    return n;
}

static void test_same_moments(void **state)
{
    (void)state;
    check("y ~ calls + year", NULL, 0);
    check("y ~ calls + year", "rep", 0);
    check("y ~ calls*region | rep", "rep", 0);
    check("y ~ log(calls) + I(calls^2)", "rep", zero_calls());
}

/* What doubts about the response stand on. */
static void test_response(void **state)
{
    struct rk_formula *formula = formula_of("y ~ calls");
    struct rk_table *table = read_all(formula, NULL);
    struct rk_moments_stream stream = stream_of(formula, NULL, 2);
    const struct rk_response_shape *s = &stream.response;
    double *y = malloc((table->n_rows + 1) * sizeof *y), skewness, kurtosis, total = 0.0;
    size_t n = 0, n_zeros = 0, of_y = rk_table_find(table, "y");
    struct rk_moments m;

    (void)state;
    assert_non_null(y);
    for (size_t i = 0; i < table->n_rows; i++) {
        double value = table->column[of_y].number[i];

        if (isnan(value) || rk_table_is_missing(table, i, rk_table_find(table, "calls")))
            continue;
        y[n++] = value;
        n_zeros += value == 0.0;
        total += fabs(value);
    }
    m = rk_moments_of(y, n);
    rk_skewness_kurtosis(y, n, &m, &skewness, &kurtosis);
    assert_true(s->n == (double)n && s->n_zeros == (double)n_zeros);
    assert_close(s->mean, m.mean, 1e-13);
    assert_close(s->m2 / (s->n - 1.0), m.var, 1e-12);
    assert_close(sqrt(s->n * (s->n - 1.0)) / (s->n - 2.0) * (s->m3 / s->n) / pow(s->m2 / s->n, 1.5),
                 skewness, 1e-10);
    assert_close(s->total, total, 1e-12);
    assert_true(s->min == m.min && s->largest == fmax(m.max, -m.min));
    free(y);
    rk_moments_stream_free(&stream);
    rk_table_free(table);
    rk_formula_free(formula);
}

/* Blocks in which no row is complete say nothing; a file of them has no columns. */
static void test_no_complete_row(void **state)
{
    struct rk_formula *formula = formula_of("y ~ calls");
    FILE *file = fopen(path, "wb");
    struct rk_moments_stream stream;

    (void)state;
    assert_non_null(file);
    fputs("y,calls\n", file);
    for (size_t i = 0; i < ROWS * 4; i++)
        fputs(i == ROWS * 3 ? "1,2\n" : "1.25,\n", file);
    assert_int_equal(fclose(file), 0);
    stream = stream_of(formula, NULL, 2);
    assert_int_equal(stream.n_rows, ROWS * 4);
    assert_int_equal(stream.file.moments.n_groups, 1);
    assert_true(stream.file.moments.n[0] == 1.0);
    rk_moments_stream_free(&stream);
    file = fopen(path, "wb");
    assert_non_null(file);
    fputs("y,calls\n1,\n,2\n", file);
    assert_int_equal(fclose(file), 0);
    stream = stream_of(formula, NULL, 2);
    assert_int_equal(stream.n_rows, 2);
    assert_null(stream.file.group);
    rk_moments_stream_free(&stream);
    rk_formula_free(formula);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_moments),
        cmocka_unit_test(test_response),
        cmocka_unit_test(test_no_complete_row),
    };
    int file = mkstemp(path), failed;

    if (file < 0)
        return 1;
    close(file);
    write_file();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
