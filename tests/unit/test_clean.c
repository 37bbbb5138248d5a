/* rep-clean: nothing canonical changes, cleaning twice changes nothing, outliers as in R, labels
 * compared within bounds. */
#include "reference.h"

#include <gsl/gsl_errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "repkit/clean.h"
#include "repkit/random.h"
#include "repkit/render.h"

static char path[] = "/tmp/repkit-test-XXXXXX";

static int make_file(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    gsl_set_error_handler_off();
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        setlocale(LC_CTYPE, "en_US.UTF-8");
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

/* A run over a text; the caller frees what it leaves. */
struct run {
    struct rk_clean_options options;
    struct rk_table *table;
    struct rk_result *result;
    struct rk_error error;
    enum rk_status status;
};

static void clean_text(struct run *run, const char *text, size_t length)
{
    struct rk_wants wants;
    struct rk_csv_options csv;
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    run->options.data = run->options.findings = run->options.summary = true;
    rk_clean_wants(&run->options, &wants, &csv);
    run->table = NULL;
    run->result = rk_result_new();
    run->error = (struct rk_error){.status = RK_OK};
    run->status = rk_csv_read(path, &wants, &csv, NULL, &run->table, &run->error);
    if (run->status == RK_OK)
        run->status = rk_clean_run(run->table, &run->options, NULL, run->result, &run->error);
}

static void free_run(struct run *run)
{
    rk_table_free(run->table);
    rk_result_free(run->result);
    run->table = NULL;
    run->result = NULL;
}

static void clean_ok(struct run *run, const char *text)
{
    clean_text(run, text, strlen(text));
    if (run->status != RK_OK)
        fail_msg("line %zu, column '%s': %s", run->error.line, run->error.column, run->error.text);
}

static const struct rk_table *table_of(const struct run *run, const char *name)
{
    const struct rk_table *table = rk_result_table(run->result, name);

    assert_non_null(table);
    return table;
}

/* The data as rep-clean prints them. */
static char *written(const struct run *run)
{
    struct rk_output output;
    struct rk_error error;
    const struct rk_table *table = table_of(run, "data");
    const struct rk_render_options render = {.format = RK_FORMAT_CSV};
    const struct rk_meta meta = {.tool = "rep-clean", .version = "", .command = ""};
    struct rk_text text = {0};
    char bytes[4096];
    size_t n;
    FILE *file;

    assert_int_equal(rk_output_open(&output, path, &error), RK_OK);
    rk_render(run->result, &table, 1, &meta, &render, &output);
    assert_int_equal(rk_output_close(&output, true), RK_OK);
    file = fopen(path, "rb");
    assert_non_null(file);
    while ((n = fread(bytes, 1, sizeof bytes, file)) > 0)
        rk_text_add_bytes(&text, bytes, n);
    assert_int_equal(fclose(file), 0);
    assert_false(text.failed);
    return rk_text_take(&text);
}

/* Whether a finding of that kind (NULL: of any) stands there. */
static bool found(const struct run *run, size_t line, const char *column, const char *kind)
{
    const struct rk_table *t = table_of(run, "findings");

    for (size_t i = 0; i < t->n_rows; i++) {
        const char *there = rk_table_text(t, i, 1);

        if (t->column[0].number[i] == (double)line &&
            (column == NULL ? there == NULL : there != NULL && strcmp(there, column) == 0) &&
            (kind == NULL || strcmp(rk_table_text(t, i, 3), kind) == 0))
            return true;
    }
    return false;
}

static size_t count_kind(const struct run *run, const char *kind)
{
    const struct rk_table *t = table_of(run, "findings");
    size_t n = 0;

    for (size_t i = 0; i < t->n_rows; i++)
        n += strcmp(rk_table_text(t, i, 3), kind) == 0;
    return n;
}

/* --- properties ------------------------------------------------------------------------------- */

/* A cell of column j: canonical, or one that people write. */
static const char *random_cell(struct rk_rng *rng, size_t j, bool *canonical, char out[64])
{
    static const char *const canonical_numbers[] = {"7",    "-12.50", "007",     "1e5",
                                                    "0.10", "-0",     "3.14159", "1E-3"};
    static const char *const other_numbers[] = {"1'234.50", "(300)", " 8 ", "+5",       "9-",
                                                "1 234",    "$12.0", "€ 1", "n/a",      "12k",
                                                ".5",       "NULL",  "٣٤",  "1,000,000"};
    static const char *const canonical_dates[] = {"2024-01-14", "2023-12-31", "2024-02-29T10:30",
                                                  "2024-06-01 08:00:00"};
    static const char *const other_dates[] = {
        "14/01/2024", "2024/7/8", "2024年5月6日", "13.02.2024 9:30", "-", "soon", "2024-13-01"};
    static const char *const texts[] = {"call", "Call", " call",   "meeting",    "meetng",
                                        "=1+1", "NA",   "a \"q\"", "two\nlines", "x;y",
                                        "",     "  ",   "Ã©tÃ©"};
    uint64_t pick = rk_rng_below(rng, 1000);

    *canonical = j == 2 || rk_rng_below(rng, 20) > 0;
    if (j == 0 && *canonical)
        return canonical_numbers[pick % 8];
    if (j == 0) {
        const char *cell = other_numbers[pick % 14];

        snprintf(out, 64, "%s", cell);
        return out;
    }
    if (j == 1)
        return *canonical ? canonical_dates[pick % 4] : other_dates[pick % 7];
    return texts[pick % 13];
}

static void add_quoted(struct rk_text *out, const char *cell)
{
    rk_text_add_char(out, '"');
    for (; *cell != '\0'; cell++) {
        if (*cell == '"')
            rk_text_add_char(out, '"');
        rk_text_add_char(out, *cell);
    }
    rk_text_add_char(out, '"');
}

enum { N_ROWS = 300, N_COLUMNS = 3 };
static const char *const names[N_COLUMNS] = {"Amount", "Closed on", "Type"};

struct sample {
    struct rk_text text;
    char cell[N_ROWS][N_COLUMNS][64];
    bool canonical[N_ROWS][N_COLUMNS];
};

static void make_sample(struct sample *sample, uint64_t seed)
{
    struct rk_rng rng;

    rk_rng_stream(&rng, seed, "clean", "", 0);
    rk_text_clear(&sample->text);
    rk_text_add(&sample->text, "Amount,Closed on,Type\n");
    for (size_t i = 0; i < N_ROWS; i++)
        for (size_t j = 0; j < N_COLUMNS; j++) {
            char buffer[64];

            snprintf(sample->cell[i][j], 64, "%s",
                     random_cell(&rng, j, &sample->canonical[i][j], buffer));
            add_quoted(&sample->text, sample->cell[i][j]);
            rk_text_add_char(&sample->text, j + 1 < N_COLUMNS ? ',' : '\n');
        }
    assert_false(sample->text.failed);
}

/* Every change of a cell has a finding, but for numbers that are only written otherwise; no
 * canonical cell changes. */
static void check_cells(const struct run *run, const struct sample *sample)
{
    const struct rk_table *data = table_of(run, "data");
    struct rk_text cell = {0};

    assert_int_equal(data->n_rows, N_ROWS);
    for (size_t i = 0; i < N_ROWS; i++)
        for (size_t j = 0; j < N_COLUMNS; j++) {
            size_t column = rk_table_find(data, names[j]);

            assert_true(column != SIZE_MAX);
            rk_text_clear(&cell);
            rk_text_add(&cell, "");
            rk_table_cell(data, i, column, &cell);
            if (strcmp(cell.bytes, sample->cell[i][j]) == 0)
                continue;
            if (sample->canonical[i][j])
                fail_msg("'%s' became '%s'", sample->cell[i][j], cell.bytes);
            if (j == 1 || cell.length == 0)
                assert_true(found(run, rk_table_line(run->table, i), names[j], NULL));
        }
    rk_text_free(&cell);
}

static void test_nothing_canonical_changes(void **state)
{
    struct sample *sample = calloc(1, sizeof *sample);

    (void)state;
    assert_non_null(sample);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct run run = {.options = RK_CLEAN_DEFAULT};

        run.options.currency = RK_CURRENCY_SPLIT;
        make_sample(sample, seed);
        clean_ok(&run, sample->text.bytes);
        check_cells(&run, sample);
        free_run(&run);
    }
    rk_text_free(&sample->text);
    free(sample);
}

/* Whether the summary knows the column: one of the input, not one that was added. NULL is a row. */
static bool is_column_of(const struct run *run, const char *name)
{
    const struct rk_table *t = table_of(run, "summary");

    for (size_t i = 0; name != NULL && i < t->n_rows; i++)
        if (strcmp(rk_table_text(t, i, 0), name) == 0)
            return true;
    return name == NULL;
}

/* Cleaning what was cleaned: the same bytes, and nothing found where nothing was found before. */
static void check_twice(struct run *run, const char *text)
{
    struct run again = {.options = run->options};
    char *once, *twice;

    clean_ok(run, text);
    once = written(run);
    clean_ok(&again, once);
    twice = written(&again);
    assert_string_equal(twice, once);
    assert_int_equal(count_kind(&again, "bad-number") + count_kind(&again, "decimal-comma") +
                         count_kind(&again, "date") + count_kind(&again, "currency") +
                         count_kind(&again, "header") + count_kind(&again, "ragged"),
                     0);
    if (run->options.dedupe.n == 0) { /* the lines are the same */
        const struct rk_table *t = table_of(&again, "findings");

        for (size_t i = 0; i < t->n_rows; i++)
            if (is_column_of(run, rk_table_text(t, i, 1)) &&
                !found(run, (size_t)t->column[0].number[i], rk_table_text(t, i, 1), NULL))
                fail_msg("new: line %g, column %s, %s", t->column[0].number[i],
                         rk_table_text(t, i, 1), rk_table_text(t, i, 3));
    }
    free(once);
    free(twice);
    free_run(run);
    free_run(&again);
}

static void test_twice_is_once(void **state)
{
    struct sample *sample = calloc(1, sizeof *sample);

    (void)state;
    assert_non_null(sample);
    for (uint64_t seed = 1; seed <= 16; seed++) {
        struct run run = {.options = RK_CLEAN_DEFAULT};

        make_sample(sample, seed);
        run.options.currency = RK_CURRENCY_SPLIT;
        run.options.trim = seed & 1;
        run.options.csv_safe = seed & 2;
        run.options.snake = seed & 4;
        if (seed & 8)
            assert_int_equal(
                rk_names_add(&run.options.dedupe, seed & 4 ? "closed_on" : "Closed on"), RK_OK);
        check_twice(&run, sample->text.bytes);
        rk_names_free(&run.options.dedupe);
    }
    rk_text_free(&sample->text);
    free(sample);
}

static void test_filled_twice_is_once(void **state)
{
    struct run run = {.options = RK_CLEAN_DEFAULT};

    (void)state;
    assert_int_equal(rk_names_add(&run.options.impute, "a=median"), RK_OK);
    assert_int_equal(rk_names_add(&run.options.impute, "b=locf"), RK_OK);
    check_twice(&run, "a,b,b,\n1,x,,1\n,,y,2\n3,z,,3\n100,z,,4\n2,,,5\n3,q,,6\n");
    rk_names_free(&run.options.impute);
}

/* --- values and labels --------------------------------------------------------------------------
 */

static void test_outliers_as_in_r(void **state)
{
    struct run run = {.options = RK_CLEAN_DEFAULT};
    struct rk_text text = {0};
    size_t n, n_flagged = (size_t)reference("clean", "rivers.n");
    double *x = reference_data("outliers", "length", &n);

    (void)state;
    rk_text_add(&text, "length\n");
    for (size_t i = 0; i < n; i++) {
        rk_text_number(&text, x[i]);
        rk_text_add_char(&text, '\n');
    }
    clean_ok(&run, text.bytes);
    assert_int_equal(count_kind(&run, "outlier"), n_flagged);
    for (size_t k = 1; k <= n_flagged; k++) /* line 1 is the header */
        assert_true(found(&run, (size_t)reference_at("clean", "rivers.flagged", k) + 1, "length",
                          "outlier"));
    free_run(&run);
    rk_text_free(&text);
    free(x);
}

static void test_no_outliers_without_spread(void **state)
{
    static const char *const texts[] = {"x\n1\n1\n1\n1\n1\n1\n", "x\n0\n0\n0\n0\n0\n0\n0\n9\n",
                                        "x\n1\n2\n3\n900\n", "x\n1\n", "x\n\n\n"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct run run = {.options = RK_CLEAN_DEFAULT};

        clean_ok(&run, texts[i]);
        assert_int_equal(count_kind(&run, "outlier"), 0);
        free_run(&run);
    }
}

static void test_label_variants(void **state)
{
    static const struct {
        const char *one, *other;
        bool near;
    } pairs[] = {
        {"technology", "technolgy", true},
        {"North", "Norht", true},
        {"GTX Pro", "GTXPro", true},
        {"Acme Inc", "ACME Inc.", true},
        {"M\xc3\xbcller GmbH", "M\xc3\x9cLLER GmbH", true}, /* u and U with dots */
        {"telecommunications", "telecomunicatoins", true},
        {"Region A", "Region B", false},
        {"Rep 11", "Rep 12", false},
        {"1-2", "12", false},
        {"A-", "A", false},
        {"qualified", "unqualified", false},
        {"east", "west", false},
        {"Anna Smith", "Anne Smith", false},
        {"Gambia", "Zambia", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct run run = {.options = RK_CLEAN_DEFAULT};
        struct rk_text text = {0};

        rk_text_format(&text, "id,label\n1,%s\n2,%s\n3,%s\n", pairs[i].one, pairs[i].other,
                       pairs[i].one);
        clean_ok(&run, text.bytes);
        if (found(&run, 3, "label", "label-variant") != pairs[i].near ||
            count_kind(&run, "label-variant") != pairs[i].near)
            fail_msg("'%s' and '%s'", pairs[i].one, pairs[i].other);
        free_run(&run);
        rk_text_free(&text);
    }
}

/* Two labels that many rows have are two labels, however alike. */
static void test_established_labels(void **state)
{
    struct run run = {.options = RK_CLEAN_DEFAULT};
    struct rk_text text = {0};

    (void)state;
    rk_text_add(&text, "id,name\n");
    for (int i = 0; i < 40; i++)
        rk_text_format(&text, "%d,%s\n", i, i % 2 ? "Hansen" : "Jansen");
    rk_text_add(&text, "40,Hansne\n");
    clean_ok(&run, text.bytes);
    assert_int_equal(count_kind(&run, "label-variant"), 1);
    assert_true(found(&run, 42, "name", "label-variant"));
    free_run(&run);
    rk_text_free(&text);
}

/* Labels of random letters, two of them but for one letter the same. */
static void add_labels(struct rk_text *text, size_t n)
{
    struct rk_rng rng;

    rk_rng_stream(&rng, 7, "labels", "", 0);
    rk_text_add(text, "id,label\n1,qwertyuiopasdf\n2,qwertyuiopasdx\n");
    for (size_t i = 0; i < n; i++) {
        rk_text_format(text, "%zu,", i + 3);
        for (int k = 0; k < 14; k++)
            rk_text_add_char(text, (char)('a' + rk_rng_below(&rng, 26)));
        rk_text_add_char(text, '\n');
    }
}

static void test_many_labels(void **state)
{
    struct run run = {.options = RK_CLEAN_DEFAULT};
    struct rk_text text = {0};
    clock_t start = clock();

    (void)state;
    add_labels(&text, 10000);
    clean_ok(&run, text.bytes);
    assert_int_equal(count_kind(&run, "label-variant"), 1);
    assert_true(found(&run, 3, "label", "label-variant"));
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 30.0); /* quadratic would be hours */
    free_run(&run);

    rk_text_clear(&text);
    add_labels(&text, 25000); /* beyond the bound: said, not done */
    clean_ok(&run, text.bytes);
    assert_int_equal(count_kind(&run, "label-variant"), 0);
    assert_int_equal(run.result->n_warnings, 1);
    assert_string_equal(run.result->warning[0].code, "not-compared");
    assert_non_null(strstr(run.result->warning[0].text, "'label'"));
    free_run(&run);
    rk_text_free(&text);
}

/* --- failures
 * -------------------------------------------------------------------------------------- */

static void test_refusals(void **state)
{
    static const struct {
        const char *text;
        size_t line;
        const char *says;
    } cases[] = {
        {"x;y\n2;a\n1,5;b\n", 3, "--decimal"},
        {"x\n5%\n\n3\n", 4, "percents (line 2) and plain numbers (line 4)"},
        {"x\n$5\n\xe2\x82\xac"
         "3\n",
         3, "two currencies"},
        {"x\n03/04/2024\n", 2, "--date-order"},
        {"x,y\n1,2\n3\n", 3, "--ragged"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct run run = {.options = RK_CLEAN_DEFAULT};

        clean_text(&run, cases[i].text, strlen(cases[i].text));
        assert_int_equal(run.status, RK_EINPUT);
        assert_int_equal(run.error.line, cases[i].line);
        assert_non_null(strstr(run.error.text, cases[i].says));
        free_run(&run);
    }
}

/* Cells of a megabyte, ten thousand columns. */
static void test_extremes(void **state)
{
    struct run run = {.options = RK_CLEAN_DEFAULT};
    struct rk_text text = {0};

    (void)state;
    rk_text_add(&text, "a,b\n1,");
    rk_text_repeat(&text, "abcdefgh", 1 << 17);
    rk_text_add(&text, "\n2,c\n");
    check_twice(&run, text.bytes);
    rk_text_clear(&text);
    for (int row = 0; row < 3; row++)
        for (int j = 0; j < 10000; j++)
            rk_text_format(&text, "%s%d%s", row == 0 ? "c" : "", j % 5000, j < 9999 ? "," : "\n");
    check_twice(&run, text.bytes);
    rk_text_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_canonical_changes),
        cmocka_unit_test(test_twice_is_once),
        cmocka_unit_test(test_filled_twice_is_once),
        cmocka_unit_test(test_outliers_as_in_r),
        cmocka_unit_test(test_no_outliers_without_spread),
        cmocka_unit_test(test_label_variants),
        cmocka_unit_test(test_established_labels),
        cmocka_unit_test(test_many_labels),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_extremes),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
