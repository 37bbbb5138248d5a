/* From a table to a picture: kinds, their numbers, and what they refuse. */
#include "../../src/analysis/plot_parts.h"
#include "plot_run.h"

#include <gsl/gsl_errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>

#define CORR "x,y,method,scope,lag,n,n_units,estimate,conf_low,conf_high,note\n"
#define COMPARE                                                                        \
    "variable,test,design,level1,level2,n1,n2,estimate,conf_low,conf_high,conf_level," \
    "effect_size,effect_type,effect_low,effect_high,note\n"
#define DRAWS "draw,total_cost,total_benefit,roi,npv\n"

/* --- which kind --------------------------------------------------------------------------- */

static void assert_guess(const char *csv, const char *kind)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    enum rk_status status;
    struct rk_table *table = read_csv(csv, &options, &status, NULL);
    const char *guess;

    assert_int_equal(status, RK_OK);
    guess = plot_guess(table);
    if (kind == NULL)
        assert_null(guess);
    else
        assert_string_equal(guess, kind);
    rk_table_free(table);
}

static void test_kind_is_guessed_by_columns(void **state)
{
    (void)state;
    assert_guess(CORR "a,b,pearson,pooled,0,9,NA,0.5,0.1,0.8,\n", "heatmap");
    assert_guess(COEF "a,1,1,1,1,1,1,1,0.95,\n", "coef");
    assert_guess(COMPARE "a,welch,independent,b,c,1,1,1,1,1,0.95,1,hedges-g,1,1,\n", "forest");
    assert_guess(CASH "0,1,1,1,1,1,1,1,1\n", "cashflow");
    assert_guess(DRAWS "1,1,1,1,1\n", "roi");
    assert_guess("id,n,raw,estimate,conf_low,conf_high,rank\na,1,1,1,1,1,1\n", "rank");
    assert_guess("id,estimate,conf_low,conf_high\na,1,1,1\n", "forest");
    assert_guess("region," DRAWS "North,1,1,1,1,1\n", "roi");
    assert_guess("rep,week,calls\na,1,2\n", NULL);
}

static void test_what_cannot_be_drawn_is_said(void **state)
{
    static const char data[] = "rep,when,calls\na,1,2\na,2,3\nb,1,4\nb,3,1\n";
    struct rk_plot_options options = RK_PLOT_DEFAULT;

    (void)state;
    assert_refused(data, &options, RK_EUSAGE, "scatter, slope, box, hist, heatmap");
    options.kind = "scater";
    assert_refused(data, &options, RK_EUSAGE, "no kind of plot 'scater'");
    options.kind = "scatter";
    assert_refused(data, &options, RK_EUSAGE, "--x");
    options.x = "when", options.y = "cals";
    assert_refused(data, &options, RK_EINPUT, "did you mean 'calls'");
    options.y = "rep";
    assert_refused(data, &options, RK_EINPUT, "number");
    options = (struct rk_plot_options)RK_PLOT_DEFAULT;
    options.kind = "slope", options.id = "rep", options.value = "calls", options.group = "when";
    assert_refused(data, &options, RK_EINPUT, "two levels, not 3");
    options = (struct rk_plot_options)RK_PLOT_DEFAULT;
    options.kind = "heatmap";
    assert_refused(data, &options, RK_EINPUT, "no column 'x'");
    options.kind = "coef";
    assert_refused(COEF "(Intercept),1,1,1,1,1,1,1,0.95,\n", &options, RK_ENODATA, "intercept");
    options.kind = "roi";
    assert_refused(DRAWS "1,1,1,NA,1\n", &options, RK_ENODATA, "no row");
}

static void test_too_many_colours_are_refused(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_text csv = {0};
    struct rk_picture *picture;

    (void)state;
    rk_text_add(&csv, "x,y,rep\n");
    for (int i = 0; i < 9; i++)
        rk_text_format(&csv, "%d,%d,r%d\n", i, i * i, i);
    options.x = "x", options.y = "y", options.color = "rep";
    assert_refused(csv.bytes, &options, RK_EUSAGE, "at most 8");
    options.color = NULL, options.id = "rep"; /* units need no colours of their own */
    picture = plot_well(csv.bytes, &options);
    assert_int_equal(find_layer(&picture->panel[0], RK_MARK_POINTS, 0)->ink, RK_INK_MAIN);
    rk_picture_free(picture);
    rk_text_free(&csv);
}

/* --- numbers ------------------------------------------------------------------------------ */

static void test_scatter_draws_rs_line_and_band(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_text csv = {0};
    struct rk_picture *picture;
    const struct rk_layer *band, *points;

    (void)state;
    rk_text_add(&csv, "x,y\n");
    for (size_t i = 1; i <= 12; i++)
        rk_text_format(&csv, "%.17g,%.17g\n", reference_at("plot", "x", i),
                       reference_at("plot", "y", i));
    options.x = "x", options.y = "y", options.common.conf_level = 0.9;
    picture = plot_well(csv.bytes, &options);
    band = find_layer(&picture->panel[0], RK_MARK_BAND, 0);
    for (size_t end = 0; end < 2; end++) {
        const struct rk_spot *spot = &band->spot[end == 0 ? 0 : band->n - 1];

        assert_close((spot->low + spot->high) / 2.0,
                     reference_at("plot", "scatter.band", 3 * end + 1), 1e-9);
        assert_close(spot->low, reference_at("plot", "scatter.band", 3 * end + 2), 1e-9);
        assert_close(spot->high, reference_at("plot", "scatter.band", 3 * end + 3), 1e-9);
    }
    points = find_layer(&picture->panel[0], RK_MARK_POINTS, 0);
    assert_int_equal(points->n, 12);
    assert_true(points->spot[4].x == reference_at("plot", "x", 5));
    assert_non_null(strstr(picture->subtitle, "slope 0.16 [0.13, 0.19] per unit of x, r = 0.95"));
    assert_non_null(strstr(picture->caption, "90%"));
    rk_picture_free(picture);
    rk_text_free(&csv);
}

static void test_scatter_without_a_line(void **state)
{
    static const char *const data[] = {"x,y\n1,2\n", "x,y\n1,2\n3,4\n", "x,y\n5,2\n5,4\n5,1\n"};
    struct rk_plot_options options = RK_PLOT_DEFAULT;

    (void)state;
    options.x = "x", options.y = "y";
    for (size_t i = 0; i < 3; i++) {
        struct rk_picture *picture = plot_well(data[i], &options);

        assert_int_equal(picture->panel[0].n_layers, 1);
        assert_int_equal(picture->panel[0].layer[0].n, i + 1);
        rk_picture_free(picture);
    }
    /* Missing values leave their row out, wherever they are. */
    assert_refused("x,y\n1,\n,2\n", &options, RK_ENODATA, "no row");
}

static void test_scatter_of_many_rows_is_a_density(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_text csv = {0};
    struct rk_picture *picture;
    const struct rk_layer *cells;
    double fullest = 0.0;

    (void)state;
    rk_text_add(&csv, "x,y\n");
    for (int i = 0; i < 20001; i++)
        rk_text_format(&csv, "%d,%d\n", i % 61, (i * 7919) % 1009);
    options.x = "x", options.y = "y";
    picture = plot_well(csv.bytes, &options);
    cells = find_layer(&picture->panel[0], RK_MARK_CELLS, 0);
    for (size_t i = 0; i < cells->n; i++) {
        assert_true(cells->spot[i].value > 0.0);
        fullest = fmax(fullest, cells->spot[i].value);
        assert_true(cells->spot[i].x > 0.0 && cells->spot[i].x < 60.0);
    }
    assert_true(fullest == 1.0);
    assert_non_null(strstr(picture->subtitle, "n = 20,001"));
    rk_picture_free(picture);
    rk_text_free(&csv);
}

static void test_slope_draws_rs_interval_of_the_change(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_text csv = {0};
    struct rk_picture *picture;
    const struct rk_layer *span;

    (void)state;
    rk_text_add(&csv, "rep,phase,sales\nonly,before,1000\n");
    for (size_t i = 1; i <= 6; i++) {
        double after = reference_at("plot", "slope.after", i);

        /* Two rows a level are one mean. */
        rk_text_format(&csv, "r%zu,after,%.17g\nr%zu,before,%.17g\nr%zu,after,%.17g\n", i,
                       after - 0.5, i, reference_at("plot", "slope.before", i), i, after + 0.5);
    }
    options = (struct rk_plot_options)RK_PLOT_DEFAULT;
    options.kind = "slope", options.id = "rep", options.group = "phase", options.value = "sales";
    picture = plot_well(csv.bytes, &options);
    span = find_layer(&picture->panel[0], RK_MARK_SPAN_Y, 0);
    assert_close(span->spot[0].low, reference_at("plot", "slope.interval", 1), 1e-12);
    assert_close(span->spot[0].high, reference_at("plot", "slope.interval", 2), 1e-12);
    assert_close(span->spot[0].y, reference_at("plot", "slope.mean", 2), 1e-12);
    assert_string_equal(picture->panel[0].x.name[0], "before");
    assert_string_equal(picture->panel[0].layer[0].label, "4 rose");
    assert_string_equal(picture->panel[0].layer[1].label, "1 fell");
    assert_string_equal(picture->panel[0].layer[2].label, "1 unchanged");
    assert_int_equal(picture->panel[0].n_notes, 6);
    assert_non_null(strstr(picture->subtitle, "6 units with both; left out: 1 with one only"));
    rk_picture_free(picture);
    rk_text_free(&csv);
}

static void test_roi_draws_rs_quantiles(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_text csv = {0};
    struct rk_picture *picture;
    const struct rk_layer *span;
    double bars = 0.0;

    (void)state;
    rk_text_add(&csv, DRAWS);
    for (size_t i = 1; i <= 11; i++)
        rk_text_format(&csv, "%zu,1,1,%.17g,1\n", i, reference_at("plot", "roi", i));
    options.common.conf_level = 0.9;
    picture = plot_well(csv.bytes, &options);
    span = find_layer(&picture->panel[0], RK_MARK_SPAN_X, 0);
    assert_close(span->spot[0].low, reference_at("plot", "roi.quantiles", 1), 1e-12);
    assert_close(find_layer(&picture->panel[0], RK_MARK_POINTS, 0)->spot[0].x,
                 reference_at("plot", "roi.quantiles", 2), 1e-12);
    assert_close(span->spot[0].high, reference_at("plot", "roi.quantiles", 3), 1e-12);
    for (size_t i = 0; i < picture->panel[0].n_layers; i++) {
        const struct rk_layer *layer = &picture->panel[0].layer[i];

        for (size_t j = 0; layer->mark == RK_MARK_BARS && j < layer->n; j++) {
            bars += layer->spot[j].y;
            assert_true((layer->spot[j].low >= 0.0) == (layer->ink == RK_INK_MAIN));
        }
    }
    assert_close(bars, 1.0, 1e-12); /* every draw is in a bar, none across zero */
    assert_non_null(strstr(picture->subtitle, "above zero in 82% of 11 draws"));
    rk_picture_free(picture);
    picture = plot_well(DRAWS "1,1,1,0.5,1\n2,1,1,0.5,1\n", &options); /* no variation */
    rk_picture_free(picture);
    rk_text_free(&csv);
}

static void test_cashflow_marks_the_payback(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture =
        plot_well(CASH "0,0,0,0,-100,0,-120,-90,-60\n1,0,0,0,-40,0,-80,-30,0\n"
                       "2,0,0,0,20,0,-40,30,60\n",
                  &options);
    const struct rk_layer *rule = find_layer(&picture->panel[0], RK_MARK_RULE_X, 0);

    (void)state;
    assert_close(rule->spot[0].x, 1.5, 1e-12);
    assert_string_equal(rule->spot[0].text, "median paid back after 1.5 months");
    assert_close(find_layer(&picture->panel[0], RK_MARK_BAND, 0)->spot[1].low, -80.0, 1e-12);
    rk_picture_free(picture);
    /* Without draws there is no band, and what is never paid back is not marked. */
    picture =
        plot_well("month,cumulative,cum_p5,cum_p50,cum_p95\n0,-100,NA,NA,NA\n1,-90,NA,NA,NA\n",
                  &(struct rk_plot_options){.common = RK_COMMON_DEFAULT, .kind = "cashflow"});
    assert_int_equal(picture->panel[0].n_layers, 2);
    assert_close(find_layer(&picture->panel[0], RK_MARK_LINE, 0)->spot[1].y, -90.0, 1e-12);
    rk_picture_free(picture);
    picture = plot_well("scenario," CASH "base,0,0,0,0,-1,0,-2,-1,0\nlow,0,0,0,0,-3,0,-4,-3,0\n",
                        &options);
    assert_int_equal(picture->n_panels, 2);
    assert_string_equal(picture->panel[1].title, "low");
    rk_picture_free(picture);
}

/* --- other tools' tables ------------------------------------------------------------------ */

static void test_heatmap_of_one_outcome_has_intervals(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture =
        plot_well(CORR "calls,revenue,pearson,pooled,0,9,NA,0.5,0.1,0.8,\n"
                       "calls,revenue,pearson,within,0,9,3,-0.25,-0.5,0.1,\n"
                       "mails,revenue,pearson,pooled,0,9,NA,NA,NA,NA,no variation\n",
                  &options);
    const struct rk_panel *panel = &picture->panel[0];

    (void)state;
    assert_int_equal(picture->n_panels, 1);
    assert_int_equal(panel->x.n, 2);
    assert_string_equal(panel->x.name[1], "within");
    assert_int_equal(panel->n_layers, 3); /* ground, estimates, intervals */
    assert_string_equal(panel->layer[1].spot[2].text, "−0.25");
    assert_string_equal(panel->layer[2].spot[2].text, "[−0.50, 0.10]");
    assert_true(panel->layer[2].spot[2].x == 1.0);
    assert_string_equal(panel->layer[2].spot[1].text, "[NA, NA]");
    assert_string_equal(picture->title, "Correlations with revenue");
    rk_picture_free(picture);
}

static void test_heatmap_has_a_panel_a_scope(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture =
        plot_well(CORR "calls,revenue,pearson,pooled,0,9,NA,0.5,0.1,0.8,\n"
                       "calls,revenue,pearson,within,0,9,3,-0.25,-0.5,0.1,\n"
                       "calls,deals,pearson,pooled,0,9,NA,0.4,0.1,0.7,\n"
                       "mails,revenue,pearson,pooled,0,9,NA,NA,NA,NA,no variation\n",
                  &options);
    const struct rk_layer *cells = find_layer(&picture->panel[0], RK_MARK_CELLS, 0);

    (void)state;
    assert_int_equal(picture->n_panels, 2);
    assert_string_equal(picture->panel[1].title, "within");
    assert_string_equal(picture->panel[1].layer[0].spot[0].text, "−0.25");
    assert_string_equal(cells->spot[2].text, "NA");
    assert_true(isnan(cells->spot[2].value));
    assert_int_equal(picture->panel[0].y.n, 2);
    assert_string_equal(picture->subtitle, "method: pearson");
    rk_picture_free(picture);
    /* All against all: every pair stands on both sides of the diagonal. */
    picture = plot_well(CORR "a,b,pearson,pooled,0,9,NA,0.5,0.1,0.8,\n"
                             "a,c,pearson,pooled,0,9,NA,0.1,0.1,0.8,\n"
                             "b,c,pearson,pooled,0,9,NA,0.2,0.1,0.8,\n",
                        &options);
    assert_int_equal(picture->panel[0].x.n, 3);
    assert_int_equal(find_layer(&picture->panel[0], RK_MARK_CELLS, 0)->n, 6);
    rk_picture_free(picture);
}

static void test_forest_names_rows_by_what_differs(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture;

    (void)state;
    options.kind = "forest";
    picture = plot_well("region," CORR "North,calls,revenue,pearson,within,0,9,3,0.5,0.1,0.8,\n"
                        "South,calls,revenue,pearson,within,0,9,3,NA,NA,NA,too few values\n",
                        &options);
    assert_string_equal(picture->panel[0].y.name[1], "South");
    assert_string_equal(picture->panel[0].note[0].text, "0.50 [0.10, 0.80]");
    assert_string_equal(picture->panel[0].note[1].text, "NA: too few values");
    assert_string_equal(picture->subtitle, "x: calls; y: revenue; method: pearson; scope: within");
    rk_picture_free(picture);
}

static void test_forest_of_several_variables_takes_effect_sizes(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture;
    static const char one[] = "revenue,welch,independent,before,after,9,9,1200,400,2000,0.9,0.8,"
                              "hedges-g,0.3,1.3,\n";
    char csv[1024];

    (void)state;
    snprintf(csv, sizeof csv, COMPARE "%s", one);
    picture = plot_well(csv, &options);
    assert_string_equal(picture->title, "Difference in revenue: after minus before");
    assert_close(find_layer(&picture->panel[0], RK_MARK_SPAN_X, 0)->spot[0].high, 2000.0, 1e-12);
    assert_string_equal(picture->panel[0].note[0].text, "1,200 [400, 2,000]");
    assert_non_null(strstr(picture->caption, "90% confidence"));
    rk_picture_free(picture);
    snprintf(csv, sizeof csv,
             COMPARE
             "%scalls,welch,independent,before,after,9,9,1,0,2,0.9,0.2,hedges-g,-0.1,0.4,\n",
             one);
    picture = plot_well(csv, &options);
    assert_close(find_layer(&picture->panel[0], RK_MARK_SPAN_X, 0)->spot[0].high, 1.3, 1e-12);
    assert_string_equal(picture->panel[0].x.title, "effect size (hedges-g)");
    rk_picture_free(picture);
}

/* Tests of all levels at once have no line unless they have something to draw, as an effect size.
 */
static void test_forest_of_three_groups_names_the_pairs(void **state)
{
    static const char *const rows =
        "v,kruskal,independent,,,,,NA,NA,NA,0.95,0.4,epsilon-squared,NA,NA,3 levels\n"
        "v,welch,independent,a,b,9,9,4,1,7,0.95,0.8,hedges-g,0.3,1.3,\n"
        "v,welch,independent,a,c,9,9,NA,NA,NA,NA,NA,,NA,NA,too few values\n";
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture;
    char csv[1024];

    (void)state;
    snprintf(csv, sizeof csv, COMPARE "%s", rows);
    picture = plot_well(csv, &options);
    assert_string_equal(picture->title, "Difference in v");
    assert_int_equal(picture->panel[0].y.n, 2);
    assert_string_equal(picture->panel[0].y.name[0], "welch, b minus a");
    assert_string_equal(picture->panel[0].y.name[1], "welch, c minus a");
    assert_string_equal(picture->panel[0].note[1].text, "NA: too few values");
    assert_non_null(strstr(picture->caption, "all levels at once: kruskal."));
    rk_picture_free(picture);
    snprintf(csv, sizeof csv, COMPARE "%su,,,,,,,NA,NA,NA,NA,NA,,NA,NA,constant\n", rows);
    picture = plot_well(csv, &options);
    assert_int_equal(picture->panel[0].y.n, 4);
    assert_string_equal(picture->panel[0].y.name[0], "v, kruskal, all levels");
    assert_string_equal(picture->panel[0].y.name[1], "v, welch, b minus a");
    assert_string_equal(picture->panel[0].note[3].text, "NA: constant");
    assert_null(strstr(picture->caption, "all levels at once"));
    rk_picture_free(picture);
}

static void test_coef_leaves_the_intercept_out(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_text csv = {0};
    struct rk_picture *picture;

    (void)state;
    rk_text_add(&csv, COEF "(Intercept),9,1,1,1,1,1,1,0.95,\n");
    for (int i = 0; i < 43; i++)
        rk_text_format(&csv, "t%d,%d,1,1,1,1,%d,%d,0.95,\n", i, i, i - 1, i + 1);
    picture = plot_well(csv.bytes, &options);
    assert_int_equal(picture->panel[0].y.n, 40);
    assert_string_equal(picture->panel[0].y.name[0], "t0");
    assert_non_null(strstr(picture->caption, "The first 40 of 43 rows"));
    rk_picture_free(picture);
    rk_text_free(&csv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kind_is_guessed_by_columns),
        cmocka_unit_test(test_what_cannot_be_drawn_is_said),
        cmocka_unit_test(test_too_many_colours_are_refused),
        cmocka_unit_test(test_scatter_draws_rs_line_and_band),
        cmocka_unit_test(test_scatter_without_a_line),
        cmocka_unit_test(test_scatter_of_many_rows_is_a_density),
        cmocka_unit_test(test_slope_draws_rs_interval_of_the_change),
        cmocka_unit_test(test_roi_draws_rs_quantiles),
        cmocka_unit_test(test_cashflow_marks_the_payback),
        cmocka_unit_test(test_heatmap_of_one_outcome_has_intervals),
        cmocka_unit_test(test_heatmap_has_a_panel_a_scope),
        cmocka_unit_test(test_forest_names_rows_by_what_differs),
        cmocka_unit_test(test_forest_of_several_variables_takes_effect_sizes),
        cmocka_unit_test(test_forest_of_three_groups_names_the_pairs),
        cmocka_unit_test(test_coef_leaves_the_intercept_out),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
