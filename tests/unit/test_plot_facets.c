/* Facets, which agree on levels and axes, and what a kind of plot refuses. */
#include "plot_run.h"

#include <gsl/gsl_errno.h>
#include <locale.h>
#include <math.h>

static void test_facets_agree_on_levels(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture;

    (void)state;
    options.kind = "scatter", options.x = "x", options.y = "y";
    options.color = "c", options.facet = "f";
    /* The first row of A is of the second level: each panel has codes of its own. */
    picture = plot_well("f,c,x,y\nA,1,1,2\nB,0,4,2\nA,0,3,1\nB,0,2,2\nA,1,5,4\n", &options);
    assert_int_equal(picture->n_panels, 2);
    assert_string_equal(picture->panel[0].title, "A");
    for (size_t p = 0; p < 2; p++) {
        assert_string_equal(find_layer(&picture->panel[p], RK_MARK_POINTS, 0)->label, "c 0");
        assert_string_equal(find_layer(&picture->panel[p], RK_MARK_POINTS, 1)->label, "c 1");
    }
    assert_int_equal(find_layer(&picture->panel[0], RK_MARK_POINTS, 0)->n, 1);
    assert_int_equal(find_layer(&picture->panel[0], RK_MARK_POINTS, 1)->n, 2);
    assert_int_equal(find_layer(&picture->panel[1], RK_MARK_POINTS, 0)->n, 2);
    assert_int_equal(find_layer(&picture->panel[1], RK_MARK_POINTS, 1)->n, 0);
    assert_true(picture->same_x && picture->same_y);
    rk_picture_free(picture);
}

static void test_facets_without_numbers_are_named(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;
    struct rk_picture *picture;

    (void)state;
    options.kind = "hist", options.value = "v", options.facet = "f";
    picture = plot_well("f,v\nA,1\nB,\nA,3\nC,2\n", &options);
    assert_int_equal(picture->n_panels, 2);
    assert_non_null(strstr(picture->caption, "Left out: B."));
    rk_picture_free(picture);
}

static void test_what_a_kind_takes_not_is_said(void **state)
{
    struct rk_plot_options options = RK_PLOT_DEFAULT;

    (void)state;
    options.kind = "slope", options.id = "a", options.value = "b", options.group = "c";
    options.color = "a";
    assert_refused("a,b,c\n1,2,3\n", &options, RK_EUSAGE, "slope takes no --color");
    options = (struct rk_plot_options)RK_PLOT_DEFAULT;
    options.kind = "rank", options.facet = "a";
    assert_refused(RANK "b,4,5,3,7,2,1,2,0.5\n", &options, RK_EUSAGE, "rank takes no --facet");
    options.kind = "trend", options.facet = NULL, options.x = "a";
    assert_refused("a,b\n1,2\n", &options, RK_EUSAGE, "trend needs --y");
    options.kind = "qq", options.x = NULL, options.value = "a";
    assert_refused("a\n1\n1\n1\n", &options, RK_ECONSTANT, "do not vary");
    assert_refused("a\n1\n2\n", &options, RK_ETOOFEW, "three");
    options.kind = "hist";
    assert_refused("a\nx\ny\n", &options, RK_EINPUT, "number");
}

static void test_one_row_is_drawn(void **state)
{
    static const char *const kinds[] = {"hist", "box"};
    struct rk_plot_options options = RK_PLOT_DEFAULT;

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct rk_picture *picture;

        options.kind = kinds[k], options.value = "v";
        picture = plot_well("v\n7\n", &options);
        assert_true(isnan(find_layer(&picture->panel[0], RK_MARK_SPAN_X, k)->spot->low));
        rk_picture_free(picture);
    }
    options.value = NULL, options.kind = "trend", options.x = "a", options.y = "b";
    rk_picture_free(plot_well("a,b\n1,2\n", &options));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facets_agree_on_levels),
        cmocka_unit_test(test_facets_without_numbers_are_named),
        cmocka_unit_test(test_what_a_kind_takes_not_is_said),
        cmocka_unit_test(test_one_row_is_drawn),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
