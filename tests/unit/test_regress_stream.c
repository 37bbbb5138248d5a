/* A regression of rows that are not kept, against the same of rows that are. */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repkit/regress.h"

static char path[] = "/tmp/repkit-test-XXXXXX";

enum { ROWS = 30000 };

static double next(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* Reps of unequal size, one with a single row; missing cells; calls of 0; a column that nearly
 * repeats calls, one that does, and one far from 0. */
static void write_file(void)
{
    FILE *file = fopen(path, "wb");
    uint64_t state = 11;

    assert_non_null(file);
    fputs("rep,team,region,calls,meetings,near,same,far,revenue,exact\n", file);
    for (size_t i = 0; i < ROWS; i++) {
        double u = next(&state);
        size_t rep = (size_t)(60.0 * u * u);
        double calls = floor(30.0 * next(&state)) + (double)(rep % 9),
               meetings = 10.0 * next(&state);
        double noise = next(&state) + next(&state) + next(&state) + next(&state) - 2.0;

        if (i == ROWS / 2)
            rep = 999;
        fprintf(file, i % 401 == 7 ? ",t%zu," : "rep%zu,t%zu,", i % 401 == 7 ? rep % 5 : rep,
                rep % 5);
        fprintf(file, "%s,",
                i % 211 == 9 ? ""
                : i % 4 == 1 ? "North"
                : i % 4 == 2 ? "East"
                             : "South");
        fprintf(file, i % 97 == 5 ? "%s" : "%s%.0f", "", calls);
        fprintf(file, ",%.3f,%.6f,%.0f,%.3f,", meetings, calls + 1e-4 * next(&state), 2.0 * calls,
                1.7e9 + 1000.0 * meetings);
        if (i % 89 == 2)
            fprintf(file, ",%.4f\n", 3.0 + 2.0 * calls);
        else
            fprintf(file, "%.4f,%.4f\n",
                    40.0 + 2.5 * calls + 0.3 * meetings * meetings + (double)(rep % 13) +
                        25.0 * noise,
                    3.0 + 2.0 * calls);
    }
    assert_int_equal(fclose(file), 0);
}

struct run {
    struct rk_formula *formula;
    struct rk_regress_options options;
    struct rk_result *result;
    struct rk_moments_stream stream;
    enum rk_status status;
};

static void run_open(struct run *run, const char *text, const char *cluster, int vcov)
{
    struct rk_error error = {0};

    *run = (struct run){.options = RK_REGRESS_DEFAULT, .result = rk_result_new()};
    assert_non_null(run->result);
    if (rk_formula_parse(text, &run->formula, &error) != RK_OK)
        fail_msg("%s", error.text);
    run->options.formula = run->formula;
    run->options.vcov = vcov;
    run->options.lean = true;
    run->options.common.explain = true;
    if (cluster != NULL)
        assert_int_equal(rk_names_add(&run->options.cluster, cluster), RK_OK);
}

static void run_close(struct run *run)
{
    rk_moments_stream_free(&run->stream);
    rk_names_free(&run->options.cluster);
    rk_formula_free(run->formula);
    rk_result_free(run->result);
}

static void keep_rows(struct run *run)
{
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;
    struct rk_error error = {0};

    assert_int_equal(rk_regress_wants(&run->options, &wants), RK_OK);
    assert_int_equal(rk_csv_read(path, &wants, &options, NULL, &table, &error), RK_OK);
    run->status = rk_regress_run(table, &run->options, NULL, run->result, &error);
    rk_table_free(table);
    rk_wants_free(&wants);
}

/* Whether the rows could go. */
static bool stream_rows(struct run *run, unsigned threads)
{
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_wants wants = {0};
    struct rk_table *about = NULL;
    struct rk_error error = {0};
    struct rk_row_work work;
    bool serves;

    ctx.threads = threads;
    assert_true(rk_regress_streams(&run->options));
    run->stream = rk_regress_stream(&run->options);
    work = rk_moments_work(&run->stream);
    assert_int_equal(rk_regress_wants(&run->options, &wants), RK_OK);
    assert_int_equal(rk_csv_each(path, &wants, &options, &ctx, &work, &about, &error), RK_OK);
    assert_int_equal(rk_regress_stream_serves(&run->stream, &serves), RK_OK);
    if (serves) {
        run->options.moments = &run->stream.file;
        run->options.stream = &run->stream;
        run->status = rk_regress_run(about, &run->options, &ctx, run->result, &error);
    }
    rk_table_free(about);
    rk_wants_free(&wants);
    return serves;
}

static void same_table(const struct rk_table *a, const struct rk_table *b)
{
    assert_int_equal(a->n_rows, b->n_rows);
    assert_int_equal(a->n_columns, b->n_columns);
    for (size_t j = 0; j < a->n_columns; j++) {
        for (size_t i = 0; i < a->n_rows; i++) {
            const char *x = rk_table_text(a, i, j), *y = rk_table_text(b, i, j);

            if (a->column[j].type != RK_TEXT)
                assert_close(b->column[j].number[i], a->column[j].number[i], 1e-12);
            else
                assert_string_equal(x == NULL ? "" : x, y == NULL ? "" : y);
        }
    }
}

static void same_results(const struct run *kept, const struct run *streamed)
{
    const struct rk_result *a = kept->result, *b = streamed->result;

    assert_int_equal(kept->status, streamed->status);
    assert_int_equal(a->rows_used, b->rows_used);
    assert_int_equal(a->n_tables, b->n_tables);
    for (size_t t = 0; t < a->n_tables; t++)
        same_table(a->table[t], b->table[t]);
    assert_int_equal(a->n_warnings, b->n_warnings);
    for (size_t i = 0; i < a->n_warnings; i++)
        assert_string_equal(a->warning[i].text, b->warning[i].text);
}

static void check(const char *text, const char *cluster, int vcov)
{
    struct run kept;

    run_open(&kept, text, cluster, vcov);
    keep_rows(&kept);
    for (unsigned threads = 1; threads <= 3; threads += 2) {
        struct run streamed;

        run_open(&streamed, text, cluster, vcov);
        if (!stream_rows(&streamed, threads))
            fail_msg("%s is not told by moments", text);
        same_results(&kept, &streamed);
        run_close(&streamed);
    }
    run_close(&kept);
}

static void test_same_answers(void **state)
{
    (void)state;
    check("revenue ~ calls + meetings", NULL, RK_VCOV_DEFAULT);
    check("revenue ~ calls + meetings", "rep", RK_VCOV_DEFAULT);
    check("revenue ~ calls + meetings", "rep", RK_VCOV_CLUSTER);
    check("revenue ~ calls + I(meetings^2) | rep", NULL, RK_VCOV_DEFAULT);
    check("revenue ~ calls + meetings | rep", NULL, RK_VCOV_CLASSICAL);
    check("revenue ~ calls*region + log(calls)", "rep", RK_VCOV_DEFAULT);
    check("revenue ~ calls + meetings - 1", "rep", RK_VCOV_CLUSTER);
    check("log(revenue) ~ factor(team, ref=\"t2\") + calls:meetings", NULL, RK_VCOV_DEFAULT);
    check("revenue ~ 1", "team", RK_VCOV_CLUSTER);
    /* Five clusters: the wild bootstrap has a say. */
    check("revenue ~ calls + meetings", "team", RK_VCOV_DEFAULT);
}

static void check_refused(const char *text)
{
    struct run run;

    run_open(&run, text, NULL, RK_VCOV_DEFAULT);
    assert_false(stream_rows(&run, 2));
    run_close(&run);
}

/* Where products lose digits, rows are read after all. */
static void test_unsafe(void **state)
{
    (void)state;
    check_refused("revenue ~ calls + near");
    check_refused("revenue ~ calls + same");
    check_refused("revenue ~ far");
    check_refused("exact ~ calls");
    check_refused("calls ~ factor(calls)");
    check_refused("revenue ~ calls | near"); /* groups of one row */
}

static bool streams(struct run *run)
{
    bool answer = rk_regress_streams(&run->options);

    run_close(run);
    return answer;
}

/* What needs the rows is known before. */
static void test_needs_rows(void **state)
{
    struct run run;

    (void)state;
    run_open(&run, "revenue ~ calls", NULL, RK_VCOV_DEFAULT);
    assert_true(streams(&run));
    run_open(&run, "revenue ~ calls", NULL, RK_VCOV_HC3);
    assert_false(streams(&run));
    run_open(&run, "revenue ~ calls | rep + team", NULL, RK_VCOV_DEFAULT);
    assert_false(streams(&run));
    run_open(&run, "revenue ~ calls | rep", "team", RK_VCOV_DEFAULT);
    assert_false(streams(&run));
    run_open(&run, "revenue ~ poly(calls, 2)", NULL, RK_VCOV_DEFAULT);
    assert_false(streams(&run));
    run_open(&run, "revenue ~ calls", NULL, RK_VCOV_DEFAULT);
    run.options.weights = "meetings";
    assert_false(streams(&run));
    run_open(&run, "revenue ~ calls", NULL, RK_VCOV_DEFAULT);
    run.options.time = "meetings";
    assert_false(streams(&run));
    run_open(&run, "revenue ~ calls", NULL, RK_VCOV_DEFAULT);
    run.options.lean = false;
    assert_false(streams(&run));
    run_open(&run, "revenue ~ calls", NULL, RK_VCOV_DEFAULT);
    run.options.common.missing = RK_MISSING_ERROR;
    assert_false(streams(&run));
    run_open(&run, "revenue ~ calls", NULL, RK_VCOV_DEFAULT);
    run.options.family = RK_FAMILY_POISSON;
    assert_false(streams(&run));
}

/* Groups about as many as the rows end the reading, or the moments alone where rows are kept. */
static void test_given_up(void **state)
{
    const struct rk_csv_options options = RK_CSV_DEFAULT;

    (void)state;
    for (int keeps = 0; keeps < 2; keeps++) {
        struct rk_wants wants = {0};
        struct rk_table *about = NULL;
        struct rk_error error = {0};
        struct rk_row_work work;
        struct run run;
        bool serves = true;

        run_open(&run, "revenue ~ calls", "meetings", RK_VCOV_DEFAULT);
        run.stream = rk_regress_stream(&run.options);
        run.stream.most_bytes = 1000.0;
        run.stream.keeps = keeps == 1;
        work = rk_moments_work(&run.stream);
        assert_int_equal(rk_regress_wants(&run.options, &wants), RK_OK);
        assert_int_equal(rk_csv_each(path, &wants, &options, NULL, &work, &about, &error),
                         keeps ? RK_OK : RK_EDOMAIN);
        assert_true(run.stream.given_up);
        assert_int_equal(rk_regress_stream_serves(&run.stream, &serves), RK_OK);
        assert_false(serves);
        assert_int_equal(keeps ? run.stream.rows->n_rows : 0, keeps ? ROWS : 0);
        rk_table_free(about);
        rk_wants_free(&wants);
        run_close(&run);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_answers),
        cmocka_unit_test(test_unsafe),
        cmocka_unit_test(test_needs_rows),
        cmocka_unit_test(test_given_up),
    };
    int file = mkstemp(path), failed;

    if (file < 0)
        return 1;
    close(file);
    gsl_set_error_handler_off();
    write_file();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
