/* The kinds of plot that came after the first: their numbers against R. */
#include "plot_run.h"

#include <gsl/gsl_errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>

#include "repkit/draw.h"

static const char *const samples[] = {"few", "many"};
static const size_t sizes[] = {11, 33};

static double sample_at(size_t sample, const char *what, size_t i)
{
    char name[64];

    snprintf(name, sizeof name, "%s.%s", samples[sample], what);
    return reference_at("plot", name, i);
}

/* The sample as a column v, for --conf 90. */
static struct rk_picture *plot_sample(size_t sample, const char *kind)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_text csv = {0};
    struct rk_picture *picture;

    rk_text_add(&csv, "v,other\n");
    for (size_t i = 1; i <= sizes[sample]; i++)
        rk_text_format(&csv, "%.17g,1\n", sample_at(sample, "value", i));
    options.kind = kind, options.value = "v", options.common.conf_level = 0.9;
    picture = plot_well(csv.bytes, &options);
    rk_text_free(&csv);
    return picture;
}

static void assert_mean(size_t sample, const struct rk_spot *mean, const struct rk_spot *span)
{
    assert_close(mean->x, sample_at(sample, "mean", 1), 1e-9);
    assert_close(span->low, sample_at(sample, "mean", 2), 1e-9);
    assert_close(span->high, sample_at(sample, "mean", 3), 1e-9);
}

/* --- numbers ------------------------------------------------------------------------------ */

static void test_hist_draws_all_rows_and_rs_interval(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct rk_picture *picture = plot_sample(s, "hist");
        const struct rk_panel *panel = &picture->panel[0];
        const struct rk_layer *bars = find_layer(panel, RK_MARK_BARS, 0);
        double total = 0.0;

        for (size_t i = 0; i < bars->n; i++) {
            total += bars->spot[i].y;
            assert_true(bars->spot[i].high > bars->spot[i].low);
        }
        assert_close(total, 1.0, 1e-12);
        assert_mean(s, find_layer(panel, RK_MARK_POINTS, 0)->spot,
                    find_layer(panel, RK_MARK_SPAN_X, 0)->spot);
        assert_non_null(strstr(picture->caption, "90%"));
        rk_picture_free(picture);
    }
}

static void test_hist_stands_around_whole_numbers(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture;
    const struct rk_layer *bars;

    (void)state;
    options.kind = "hist", options.value = "v";
    picture = plot_well("v\n1\n1\n2\n4\n", &options);
    bars = find_layer(&picture->panel[0], RK_MARK_BARS, 0);
    assert_int_equal(bars->n, 3);
    assert_true(bars->spot[0].low == 0.5 && bars->spot[0].high == 1.5 && bars->spot[0].y == 0.5);
    assert_true(bars->spot[2].low == 3.5 && bars->spot[2].y == 0.25);
    rk_picture_free(picture);
}

static void test_box_draws_rs_quartiles_and_interval(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct rk_picture *picture = plot_sample(s, "box");
        const struct rk_panel *panel = &picture->panel[0];
        const struct rk_spot *box = find_layer(panel, RK_MARK_BOXES, 0)->spot;
        const struct rk_layer *whiskers = find_layer(panel, RK_MARK_SPAN_X, 0);

        assert_close(box->low, sample_at(s, "box", 1), 1e-12);
        assert_close(find_layer(panel, RK_MARK_SPAN_Y, 0)->spot->x, sample_at(s, "box", 2), 1e-12);
        assert_close(box->high, sample_at(s, "box", 3), 1e-12);
        assert_true(whiskers->spot[0].low == sample_at(s, "box", 4));
        assert_true(whiskers->spot[1].high == sample_at(s, "box", 5));
        assert_true((double)find_layer(panel, RK_MARK_POINTS, 1)->n == sample_at(s, "box", 6));
        assert_mean(s, find_layer(panel, RK_MARK_POINTS, 0)->spot,
                    find_layer(panel, RK_MARK_SPAN_X, 1)->spot);
        rk_picture_free(picture);
    }
}

static void test_qq_draws_rs_quantiles_and_band(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct rk_picture *picture = plot_sample(s, "qq");
        const struct rk_layer *points = find_layer(&picture->panel[0], RK_MARK_POINTS, 0);
        const struct rk_layer *band = find_layer(&picture->panel[0], RK_MARK_BAND, 0);

        assert_int_equal(points->n, sizes[s]);
        assert_int_equal(band->n, sizes[s]);
        for (size_t i = 0; i < sizes[s]; i++) {
            assert_true(fabs(points->spot[i].x - sample_at(s, "qq.x", i + 1)) < 1e-12);
            assert_close(band->spot[i].low, sample_at(s, "qq.low", i + 1), 1e-9);
            assert_close(band->spot[i].high, sample_at(s, "qq.high", i + 1), 1e-9);
        }
        rk_picture_free(picture);
    }
}

static void test_trend_draws_means_and_rs_intervals(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture;
    const struct rk_layer *line, *band;

    (void)state;
    options.kind = "trend", options.x = "year", options.y = "v";
    picture = plot_well(
        "year,v\n2002,6\n2001,4\n2003,3\n2001,5\n2003,2\n2001,7\n2003,4.5\n2002,9\n", &options);
    line = find_layer(&picture->panel[0], RK_MARK_LINE, 0);
    band = find_layer(&picture->panel[0], RK_MARK_BAND, 0);
    assert_int_equal(line->n, 3);
    for (size_t t = 0; t < 3; t++) {
        char name[16];

        snprintf(name, sizeof name, "trend.%zu", 2001 + t);
        assert_true(line->spot[t].x == 2001.0 + (double)t);
        assert_close(line->spot[t].y, reference_at("plot", name, 1), 1e-9);
        assert_close(band->spot[t].low, reference_at("plot", name, 2), 1e-9);
        assert_close(band->spot[t].high, reference_at("plot", name, 3), 1e-9);
    }
    rk_picture_free(picture);
}

static void test_cohorts_of_an_age_are_taken_together(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture =
        plot_well("cohort,age,n_start,n_active,retention,conf_low,conf_high\n"
                  "2024-01,0,60,60,1,1,1\n2024-01,1,60,41,0.68,0.6,0.7\n"
                  "2024-02,0,25,25,1,1,1\n2024-02,1,25,17,0.68,0.5,0.8\n"
                  "2024-03,0,10,10,1,1,1\n",
                  &options);
    const struct rk_spot *spot = &find_layer(&picture->panel[1], RK_MARK_BAND, 0)->spot[1];

    (void)state;
    assert_int_equal(find_layer(&picture->panel[0], RK_MARK_CELLS, 0)->n, 5);
    assert_close(spot->y, reference_at("plot", "cohort.1", 1), 1e-9);
    assert_close(spot->low, reference_at("plot", "cohort.1", 2), 1e-9);
    assert_close(spot->high, reference_at("plot", "cohort.1", 3), 1e-9);
    rk_picture_free(picture);
}

static void test_rank_finds_the_common_mean(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    /* (1 - 0.5) 4 + 0.5 * 6 = 5 and (1 - 0.25) 10 + 0.25 * 6 = 9 */
    struct rk_picture *picture =
        plot_well(RANK "b,4,5,3,7,2,1,2,0.5\na,10,9,8,10,1,1,2,0.25\n", &options);
    const struct rk_panel *panel = &picture->panel[0];

    (void)state;
    assert_close(find_layer(panel, RK_MARK_RULE_X, 0)->spot->x, 6.0, 1e-12);
    assert_string_equal(panel->y.name[0], "a");
    assert_string_equal(panel->note[0].text, "9.0 [8.0, 10.0]; 1 to 2");
    rk_picture_free(picture);
    /* Means of their own: there is no common one to draw. */
    picture = plot_well(RANK "b,4,5,3,7,2,1,2,0.5\na,10,7,6,8,1,1,2,0.25\n", &options);
    assert_int_equal(find_layer(&picture->panel[0], RK_MARK_RULE_X, 0)->n, 0);
    rk_picture_free(picture);
}

static void test_rank_draws_the_ends_of_a_long_list(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_text csv = {0};
    struct rk_picture *picture;

    (void)state;
    rk_text_add(&csv, RANK);
    for (int i = 0; i < 100; i++)
        rk_text_format(&csv, "u%d,%d,%d,%d,%d,%d,1,9,0\n", i, i, i, i - 1, i + 1, 100 - i);
    picture = plot_well(csv.bytes, &options);
    assert_int_equal(picture->panel[0].y.n, 40);
    assert_string_equal(picture->panel[0].y.name[19], "u80");
    assert_string_equal(picture->panel[0].y.name[20], "u19");
    assert_non_null(strstr(picture->caption, "first and last 20 of 100"));
    rk_picture_free(picture);
    rk_text_free(&csv);
}

static void test_survival_is_steps(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture =
        plot_well("time,n_risk,n_event,n_censored,survival,conf_low,conf_high\n"
                  "5,10,2,0,0.8,0.5,0.9\n9,8,4,1,0.4,0.2,0.6\n",
                  &options);
    const struct rk_layer *line = find_layer(&picture->panel[0], RK_MARK_LINE, 0);
    static const double x[] = {0, 5, 5, 9, 9}, y[] = {1, 1, 0.8, 0.8, 0.4};

    (void)state;
    assert_int_equal(line->n, 5);
    for (size_t i = 0; i < 5; i++)
        assert_true(line->spot[i].x == x[i] && line->spot[i].y == y[i]);
    assert_int_equal(find_layer(&picture->panel[0], RK_MARK_POINTS, 0)->n, 1);
    assert_string_equal(find_layer(&picture->panel[0], RK_MARK_TEXT, 0)->spot->text, "half by 9");
    assert_true(find_layer(&picture->panel[0], RK_MARK_TEXT, 0)->spot->x == 9);
    rk_picture_free(picture);
}

static void test_curves_without_models_all_have_their_interval(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture = plot_well("model,x,predicted,conf_low,conf_high\n"
                                           "a,1,2,1,3\na,2,3,2,4\nb,1,5,4,6\nb,2,4,3,5\n",
                                           &options);
    const struct rk_panel *panel = &picture->panel[0];

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        assert_int_equal(find_layer(panel, RK_MARK_BAND, k)->n, 2);
        assert_int_equal(find_layer(panel, RK_MARK_LINE, k)->n, 2);
    }
    assert_true(find_layer(panel, RK_MARK_BAND, 1)->spot[1].low == 3.0);
    assert_string_equal(find_layer(panel, RK_MARK_LINE, 1)->label, "b");
    rk_picture_free(picture);
}

/* Five bands, one over the other, say nothing. */
static void test_many_curves_have_a_panel_each(void **state)
{
    static const char *const names[] = {"a", "b", "c"};
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture;

    (void)state;
    options.kind = "band", options.x = "calls", options.y = "revenue";
    picture = plot_well("model,x,predicted,conf_low,conf_high\na,1,2,1,3\na,2,3,2,4\n"
                        "b,1,5,4,6\nb,2,4,3,5\nc,1,7,6,8\nc,2,8,7,9\n",
                        &options);
    assert_int_equal(picture->n_panels, 3);
    assert_true(picture->same_y);
    assert_string_equal(picture->title, "revenue over calls");
    for (size_t p = 0; p < 3; p++) {
        const struct rk_panel *panel = &picture->panel[p];
        const struct rk_layer *band = find_layer(panel, RK_MARK_BAND, 0);
        const struct rk_layer *line = find_layer(panel, RK_MARK_LINE, 2);
        size_t n_bands = 0;

        for (size_t i = 0; i < panel->n_layers; i++)
            n_bands += panel->layer[i].mark == RK_MARK_BAND;
        assert_int_equal(n_bands, 1);
        assert_string_equal(panel->title, names[p]);
        assert_int_equal(line->n, 2);
        assert_true(line->bold && find_layer(panel, RK_MARK_LINE, 0)->dashed);
        assert_true(band->spot[0].y == line->spot[0].y && band->spot[0].low < line->spot[0].y);
    }
    assert_true(find_layer(&picture->panel[1], RK_MARK_BAND, 0)->spot[0].low == 4.0);
    rk_picture_free(picture);
}

static void test_bands_lie_under_all_lines(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture;
    bool line = false;

    (void)state;
    options.kind = "trend", options.x = "t", options.y = "v", options.color = "g";
    picture =
        plot_well("t,v,g\n1,2,a\n1,3,a\n2,4,a\n2,5,a\n1,1,b\n1,2,b\n2,3,b\n2,2,b\n", &options);
    for (size_t i = 0; i < picture->panel[0].n_layers; i++) {
        line = line || picture->panel[0].layer[i].mark == RK_MARK_LINE;
        assert_false(line && picture->panel[0].layer[i].mark == RK_MARK_BAND);
    }
    assert_true(line);
    rk_picture_free(picture);
}

static void test_shares_near_the_ends_are_not_rounded_to_them(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_text csv = {0};
    struct rk_picture *picture;

    (void)state;
    rk_text_add(&csv, "draw,total_cost,total_benefit,roi,npv\n");
    for (int i = 0; i < 250; i++)
        rk_text_format(&csv, "%d,1,1,%d,1\n", i, i);
    picture = plot_well(csv.bytes, &options);
    assert_non_null(strstr(picture->subtitle, "above zero in 99.6% of 250 draws"));
    rk_picture_free(picture);
    rk_text_free(&csv);
}

/* The labels of the x axis of a trend over these times. */
static void assert_ticks(const char *first, const char *last, const char *const *expected, size_t n)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_drawing drawing = {.terminal = rk_terminal_of(RK_TERMINAL_SVG)};
    struct rk_text csv = {0}, program = {0}, list = {0};
    struct rk_picture *picture;
    struct rk_error error;

    options.kind = "trend", options.x = "t", options.y = "v";
    rk_text_format(&csv, "t,v\n%s,1\n%s,2\n", first, last);
    picture = plot_well(csv.bytes, &options);
    assert_int_equal(rk_draw_program(picture, &drawing, &program, &error), RK_OK);
    for (size_t i = 0; i < n; i++) {
        rk_text_clear(&list);
        rk_text_format(&list, "'%s' ", expected[i]);
        if (strstr(program.bytes, list.bytes) == NULL)
            fail_msg("no tick %s from %s to %s", expected[i], first, last);
    }
    rk_picture_free(picture);
    rk_text_free(&csv);
    rk_text_free(&program);
    rk_text_free(&list);
}

static void test_times_are_ticked_where_a_calendar_is(void **state)
{
    (void)state;
    assert_ticks("2024-W02", "2025-W50", (const char *[]){"2024-W27", "2025-W01", "2025-W27"}, 3);
    assert_ticks("2020-W50", "2021-W10", (const char *[]){"2021-W01", "2021-W09"}, 2);
    assert_ticks("2020-W01", "2031-W10", (const char *[]){"2022-W01", "2030-W01"}, 2);
    assert_ticks("2024-01-15", "2024-06-20", (const char *[]){"2024-03-01", "2024-05-01"}, 2);
    assert_ticks("2024-01-15", "2024-01-31", (const char *[]){"2024-01-15", "2024-01-29"}, 2);
    assert_ticks("2018-03-02", "2025-06-20", (const char *[]){"2020-01-01", "2024-01-01"}, 2);
    assert_ticks("1969-02", "1972-11", (const char *[]){"1970-01", "1972-01"}, 2);
    assert_ticks("2019-Q2", "2025-Q3", (const char *[]){"2020-Q1", "2024-Q1"}, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hist_draws_all_rows_and_rs_interval),
        cmocka_unit_test(test_hist_stands_around_whole_numbers),
        cmocka_unit_test(test_box_draws_rs_quartiles_and_interval),
        cmocka_unit_test(test_qq_draws_rs_quantiles_and_band),
        cmocka_unit_test(test_trend_draws_means_and_rs_intervals),
        cmocka_unit_test(test_cohorts_of_an_age_are_taken_together),
        cmocka_unit_test(test_rank_finds_the_common_mean),
        cmocka_unit_test(test_rank_draws_the_ends_of_a_long_list),
        cmocka_unit_test(test_survival_is_steps),
        cmocka_unit_test(test_curves_without_models_all_have_their_interval),
        cmocka_unit_test(test_many_curves_have_a_panel_each),
        cmocka_unit_test(test_bands_lie_under_all_lines),
        cmocka_unit_test(test_shares_near_the_ends_are_not_rounded_to_them),
        cmocka_unit_test(test_times_are_ticked_where_a_calendar_is),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
