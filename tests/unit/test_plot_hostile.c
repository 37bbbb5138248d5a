/* Hostile cells, labels and titles, in every kind of plot: they are drawn, and nothing else. */
#include "../../src/analysis/plot_parts.h"
#include "plot_run.h"

#include <gsl/gsl_errno.h>
#include <locale.h>

#include "repkit/draw.h"

static const char *const hostile[] = {
    "`touch canary`",
    "$(touch canary)",
    "'; system('touch canary') #",
    "a'''`touch canary`",
    "\nEND\n! touch canary\n",
    "{/Symbol a}_{b}^2 \\frac",
    "%s%n%1.0f",
    "it's @touch canary '@GPVAL_TERM",
    "\\",
    "<script>touch</script>&amp;",
    "日本語",
};

/* As a CSV cell. */
static void add_cell(struct rk_text *csv, const char *cell)
{
    rk_text_add_char(csv, '"');
    rk_text_add(csv, cell);
    rk_text_add_char(csv, '"');
}

/* Rows of each kind's table; %1 stands for the hostile text, in options H. */
#define H ""
static const struct {
    const char *kind, *csv;
    struct rk_plot_options options;
} tables[] = {
    {"scatter", "%1,y,g\n1,2,%1\n2,3,b\n3,1,%1\n", {.x = H, .y = "y", .color = "g", .facet = "g"}},
    {"slope", "%1,v,g\na,1,%1\na,2,zz\n%1,3,zz\n%1,1,%1\n", {.id = H, .value = "v", .group = "g"}},
    {"hist", "%1,g\n1,%1\n2,b\n3.5,%1\n", {.value = H, .group = "g", .facet = "g"}},
    {"box", "%1,g\n1,%1\n2,b\n3.5,%1\n", {.value = H, .group = "g"}},
    {"box", "v,%1\n1,%1\n2,b\n3.5,%1\n", {.value = "v", .group = H, .facet = H}},
    {"trend", "%1,y,g\n1,2,%1\n2,3,b\n3,1,%1\n", {.x = H, .y = "y", .color = "g"}},
    {"trend",
     "g,variable,time,value,center,lower,upper,signal\n%1,%1,%1,1,2,0,4,%1\n",
     {.kind = NULL}},
    {"qq", "%1,g\n1,%1\n2,%1\n3.5,%1\n", {.value = H, .group = "g"}},
    {"residuals",
     "%1,fitted,residual,std_residual,note\n%1,1,2,1,%1\n%1,2,-1,2,\n%1,2,-1,0,\n",
     {.kind = NULL}},
    {"heatmap",
     "%1,x,y,method,scope,estimate\n%1,a,%1,%1,pooled,0.5\n%1,b,%1,%1,%1,NA\n",
     {.kind = NULL}},
    {"forest", "%1,estimate,conf_low,conf_high,note\n%1,1,0,2,\nb,NA,NA,NA,%1\n", {.kind = NULL}},
    {"coef", COEF "%1,1,1,1,1,1,0,2,0.95,%1\nb,NA,NA,NA,NA,NA,NA,NA,0.95,%1\n", {.kind = NULL}},
    {"band", "%1,model,x,predicted,conf_low,conf_high\n%1,%1,1,2,1,3\nb,%1,2,2,1,3\n", {.x = H}},
    {"impact",
     "time,actual,predicted,pred_low,pred_high,abs_effect,abs_low,abs_high\n%1,1,2,1,3,1,0,2\n",
     {.kind = NULL}},
    {"event",
     "%1,event_time,estimate,std_error,conf_low,conf_high\n%1,0,1,1,0,2\n",
     {.kind = NULL}},
    {"roi", "draw,total_cost,total_benefit,roi,npv\n1,1,1,0.5,1\n2,1,1,-0.5,1\n", {.kind = NULL}},
    {"cashflow", "%1," CASH "%1,0,1,1,1,-1,1,-2,-1,0\nb,1,1,1,1,2,1,0,2,3\n", {.kind = NULL}},
    {"tornado",
     "item,low,high,roi_low,roi_high,swing,variance_share,rank_correlation\n"
     "%1,1,2,0.1,0.5,0.4,0.9,0.9\nb,1,2,0.2,0.3,0.1,0.1,0.2\n",
     {.kind = NULL}},
    {"rank", "%1," RANK "%1,%1,4,5,3,7,2,1,2,0.5\n", {.kind = NULL}},
    {"survival",
     "%1,time,n_risk,survival,conf_low,conf_high\n%1,3,9,0.5,0.2,0.7\n",
     {.kind = NULL}},
    {"cohort", "cohort,age,n_start,n_active,retention\n%1,0,9,9,1\n%1,1,9,4,0.4\n", {.kind = NULL}},
    {"funnel",
     "%1,stage,n,share,conf_low,conf_high\n%1,%1,9,1,0.9,1\n%1,b,4,0.4,NA,NA\n",
     {.kind = NULL}},
};

static void fill(struct rk_text *csv, const char *template, const char *cell)
{
    for (const char *s = template; *s != '\0'; s++) {
        if (*s == '%')
            add_cell(csv, cell), s++;
        else
            rk_text_add_char(csv, *s);
    }
}

static void put_name(const char **option, const char *name)
{
    if (*option != NULL && (*option)[0] == '\0')
        *option = name;
}

static void draw_hostile(size_t k, const char *cell)
{
    struct rk_plot_options options = tables[k].options;
    struct rk_drawing drawing = {.terminal = rk_terminal_of(RK_TERMINAL_SVG)};
    struct rk_text csv = {0}, out = {0};
    struct rk_picture *picture;
    struct rk_error error;
    enum rk_status status;

    options.common = (struct rk_common)RK_COMMON_DEFAULT;
    options.kind = tables[k].kind, options.title = cell;
    put_name(&options.x, cell);
    put_name(&options.id, cell);
    put_name(&options.value, cell);
    put_name(&options.group, cell);
    put_name(&options.facet, cell);
    fill(&csv, tables[k].csv, cell);
    picture = plot_well(csv.bytes, &options);
    status = rk_draw(picture, &drawing, NULL, &out, &error);
    if (status == RK_EIO && strstr(error.text, "not installed") != NULL)
        skip();
    if (status != RK_OK)
        fail_msg("%s, %s: %s", tables[k].kind, cell, error.text);
    assert_null(strstr(out.bytes, "<script>touch"));
    if (strstr(cell, "@GPVAL_TERM") != NULL) /* the title is as it was written */
        assert_non_null(strstr(out.bytes, "@GPVAL_TERM</text>"));
    assert_int_equal(access("canary", F_OK), -1);
    rk_picture_free(picture);
    rk_text_free(&csv);
    rk_text_free(&out);
}

static void test_every_kind_has_a_hostile_table(void **state)
{
    char *names = plot_kind_names();
    char *save = NULL;

    (void)state;
    assert_non_null(names);
    for (char *name = strtok_r(names, ", ", &save); name; name = strtok_r(NULL, ", ", &save)) {
        bool found = false;

        for (size_t k = 0; k < sizeof tables / sizeof *tables; k++)
            found = found || strcmp(tables[k].kind, name) == 0;
        if (!found)
            fail_msg("%s has no hostile table", name);
    }
    free(names);
}

static void test_hostile_cells_are_only_drawn(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof tables / sizeof *tables; k++)
        for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++)
            draw_hostile(k, hostile[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind_has_a_hostile_table),
        cmocka_unit_test(test_hostile_cells_are_only_drawn),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    gsl_set_error_handler_off();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
