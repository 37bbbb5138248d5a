/* Pictures of other tools' tables that hold several groups or a start: what stands where. */
#include "plot_run.h"

#include <gsl/gsl_errno.h>

/* Ranks hold within a group: its units stand together, against the mean of the group. */
static void test_rank_of_groups_stands_by_group(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_text csv = {0};
    struct rk_picture *picture =
        plot_well("region," RANK "N,b,4,5,3,7,2,1,2,0.5\nN,a,10,9,8,10,1,1,2,0.25\n"
                  "S,c,20,19,18,20,1,1,1,0.5\n7,,NA,NA,NA,NA,NA,NA,NA,NA\n",
                  &options);
    const struct rk_panel *panel = &picture->panel[0];
    const struct rk_layer *means = find_layer(panel, RK_MARK_LINE, 0);

    (void)state;
    assert_int_equal(panel->y.n, 4);
    assert_string_equal(panel->y.name[0], "N: a");
    assert_string_equal(panel->y.name[1], "N: b");
    assert_string_equal(panel->y.name[2], "");
    assert_string_equal(panel->y.name[3], "S: c");
    assert_close(find_layer(panel, RK_MARK_SPAN_X, 0)->spot[2].y, 3.0, 1e-12);
    assert_close(means->spot[0].x, 6.0, 1e-12);
    assert_close(means->spot[1].y, 1.4, 1e-12);
    assert_close(means->spot[3].x, 18.0, 1e-12);
    assert_string_equal(picture->subtitle, "3 units in 2 groups, each ranked within its own");
    assert_non_null(strstr(picture->caption, "Left out: region 7."));
    rk_picture_free(picture);
    /* Of 13 large groups the first 12, of each the ends. */
    rk_text_add(&csv, "team," RANK);
    for (int i = 0; i < 130; i++)
        rk_text_format(&csv, "%d,u%d,%d,%d,%d,%d,1,9,9,0\n", i / 10, i, -i, -i, -i - 1, 1 - i);
    picture = plot_well(csv.bytes, &options);
    assert_int_equal(picture->panel[0].y.n, 12 * 6 + 11);
    assert_string_equal(picture->panel[0].y.name[2], "team 0: u2");
    assert_string_equal(picture->panel[0].y.name[3], "team 0: u7");
    assert_non_null(strstr(picture->caption, "The first 12 of 13 groups are drawn."));
    rk_picture_free(picture);
    /* One group is named once. */
    picture = plot_well("region," RANK "N,b,4,5,3,7,2,1,2,0.5\n", &options);
    assert_string_equal(picture->panel[0].y.name[0], "b");
    assert_string_equal(picture->subtitle, "region: N; 1 units, common mean 6");
    rk_picture_free(picture);
    rk_text_free(&csv);
}

/* What rep-regress says of each cluster: a name is the cluster alone, a term has its panel. */
static void test_coef_of_clusters_has_a_panel_a_term(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture = plot_well(SLOPES "R1,calls,46,3.76,11.2,7.4,-14.1,29,0.3,\n"
                                                  "R2,calls,49,9.11,13.9,11,-12.2,35,0.3,\n",
                                           &options);

    (void)state;
    assert_string_equal(picture->title, "Slopes of calls by cluster");
    assert_int_equal(picture->n_panels, 1);
    assert_null(picture->subtitle);
    assert_null(picture->panel[0].title);
    assert_string_equal(picture->panel[0].y.name[0], "R1");
    assert_string_equal(picture->panel[0].y.name[1], "R2");
    rk_picture_free(picture);
    options.title = "Mine";
    picture = plot_well(INFLUENCE "R1,(Intercept),3490,1937,1031,5352,moves it most\n"
                                  "R1,calls,40,-10,11,53,moves it most\n"
                                  "R1,emails,NA,NA,NA,NA,too few\n"
                                  "R2,(Intercept),1100,-452,NA,NA,\n"
                                  "R2,calls,58,8,NA,NA,\nR2,emails,3,-0.5,NA,NA,\n",
                        &options);
    assert_int_equal(picture->n_panels, 2);
    assert_string_equal(picture->title, "Mine");
    assert_string_equal(picture->panel[0].title, "calls");
    assert_string_equal(picture->panel[1].title, "emails");
    assert_string_equal(picture->panel[0].y.name[1], "R2");
    assert_int_equal(picture->panel[0].y.n, 2);
    assert_close(find_layer(&picture->panel[0], RK_MARK_RULE_X, 0)->spot->x, 0.0, 1e-12);
    assert_close(find_layer(&picture->panel[0], RK_MARK_RULE_X, 1)->spot->x, 50.0, 1e-12);
    assert_close(find_layer(&picture->panel[1], RK_MARK_RULE_X, 1)->spot->x, 3.5, 1e-12);
    assert_string_equal(picture->panel[1].note[0].text, "NA: too few");
    rk_picture_free(picture);
    options.title = NULL;
    picture = plot_well(INFLUENCE "R1,calls,40,-10,11,53,\n", &options);
    assert_string_equal(picture->title, "Coefficient of calls with each cluster left out");
    rk_picture_free(picture);
    picture = plot_well("cluster," COEF "N,calls,1,1,1,1,1,0,2,0.95,\n", &options);
    assert_string_equal(picture->title, "Coefficients");
    rk_picture_free(picture);
    assert_refused(INFLUENCE "R1,(Intercept),40,-10,11,53,\n", &options, RK_ENODATA, "intercept");
}

static void test_impact_marks_the_start(void **state)
{
#define PATH "time,actual,predicted,pred_low,pred_high,abs_effect,abs_low,abs_high\n"
    static const char *const weeks =
        PATH "2024-W01,1,1,0,2,0,-1,1\n2024-W02,1,1,0,2,0,-1,1\n2024-W05,3,1,0,2,2,1,3\n";
    static const char *const numbers = PATH "1999,1,1,0,2,0,-1,1\n2000,3,1,0,2,2,1,3\n";
    static const char *const words = PATH "a,1,1,0,2,0,-1,1\nb,3,1,0,2,2,1,3\n";
    /* Whole weeks after a day count from the next; the rule stands halfway. */
    static const struct {
        const char *start;
        double weeks;
    } starts[] = {{"2024-W05", 2.5}, {"2024-01-10", 2.5}, {"2024-W02", 0.5}, {"2024-01-08", 0.5}};
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture = plot_well(weeks, &options);
    double first = find_layer(&picture->panel[0], RK_MARK_LINE, 0)->spot[0].x;

    (void)state;
    assert_non_null(strstr(picture->caption, "--start marks"));
    rk_picture_free(picture);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        options.start = starts[i].start;
        picture = plot_well(weeks, &options);
        for (size_t p = 0; p < 2; p++) {
            const struct rk_layer *rule = find_layer(&picture->panel[p], RK_MARK_RULE_X, 0);

            assert_true(rule->dashed);
            assert_close(rule->spot->x - first, starts[i].weeks, 1e-12);
            assert_string_equal(rule->spot->text, "start");
        }
        assert_null(strstr(picture->caption, "--start"));
        rk_picture_free(picture);
    }
    options.start = "2000";
    picture = plot_well(numbers, &options);
    assert_close(find_layer(&picture->panel[1], RK_MARK_RULE_X, 0)->spot->x, 1999.5, 1e-12);
    rk_picture_free(picture);
    assert_refused(weeks, &options, RK_EINPUT, "has no period before");
    options.start = "2024-W06";
    assert_refused(weeks, &options, RK_EINPUT, "has no period on or after");
    assert_refused(numbers, &options, RK_EINPUT, "another kind of time");
    assert_refused(words, &options, RK_EINPUT, "another kind of time");
    options.start = "soon";
    assert_refused(weeks, &options, RK_EUSAGE, "is no date");
    assert_refused(RANK "b,4,5,3,7,2,1,2,0.5\n", &options, RK_EUSAGE, "rank takes no --start");
#undef PATH
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rank_of_groups_stands_by_group),
        cmocka_unit_test(test_coef_of_clusters_has_a_panel_a_term),
        cmocka_unit_test(test_impact_marks_the_start),
    };

    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
