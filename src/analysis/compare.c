/* rep-compare: is before/after, or A/B, a real difference? */
#include "repkit/compare.h"

#include <math.h>
#include <stdlib.h>

#include "compare_parts.h"
#include "repkit/moments.h"
#include "repkit/sum.h"

enum {
    VARIABLE,
    TEST,
    DESIGN,
    LEVEL1,
    LEVEL2,
    N1,
    N2,
    MEAN1,
    MEAN2,
    ESTIMATE,
    STD_ERROR,
    STATISTIC,
    DF,
    P_VALUE,
    P_ADJUSTED,
    CONF_LOW,
    CONF_HIGH,
    CONF_LEVEL,
    ALTERNATIVE,
    EFFECT_SIZE,
    EFFECT_TYPE,
    EFFECT_LOW,
    EFFECT_HIGH,
    N_UNPAIRED,
    PER,
    NOTE,
    N_FIELDS
};

static const struct rk_field fields[N_FIELDS] = {
    [VARIABLE] = {"variable", RK_TEXT, RK_GENERAL},
    [TEST] = {"test", RK_TEXT, RK_GENERAL},
    [DESIGN] = {"design", RK_TEXT, RK_GENERAL},
    [LEVEL1] = {"level1", RK_TEXT, RK_GENERAL},
    [LEVEL2] = {"level2", RK_TEXT, RK_GENERAL},
    [N1] = {"n1", RK_NUMBER, RK_COUNT},
    [N2] = {"n2", RK_NUMBER, RK_COUNT},
    [MEAN1] = {"mean1", RK_NUMBER, RK_GENERAL},
    [MEAN2] = {"mean2", RK_NUMBER, RK_GENERAL},
    [ESTIMATE] = {"estimate", RK_NUMBER, RK_GENERAL},
    [STD_ERROR] = {"std_error", RK_NUMBER, RK_GENERAL},
    [STATISTIC] = {"statistic", RK_NUMBER, RK_GENERAL},
    [DF] = {"df", RK_NUMBER, RK_GENERAL},
    [P_VALUE] = {"p_value", RK_NUMBER, RK_P_VALUE},
    [P_ADJUSTED] = {"p_adjusted", RK_NUMBER, RK_P_VALUE},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [CONF_LEVEL] = {"conf_level", RK_NUMBER, RK_LEVEL},
    [ALTERNATIVE] = {"alternative", RK_TEXT, RK_GENERAL},
    [EFFECT_SIZE] = {"effect_size", RK_NUMBER, RK_GENERAL},
    [EFFECT_TYPE] = {"effect_type", RK_TEXT, RK_GENERAL},
    [EFFECT_LOW] = {"effect_low", RK_NUMBER, RK_GENERAL},
    [EFFECT_HIGH] = {"effect_high", RK_NUMBER, RK_GENERAL},
    [N_UNPAIRED] = {"n_unpaired", RK_NUMBER, RK_COUNT},
    [PER] = {"per", RK_TEXT, RK_GENERAL},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

enum { AUTO = 1 }; /* the bit of `auto` in options->tests */

/* --- a row ---------------------------------------------------------------------------------- */

static void add_note(struct rk_text *note, const char *words)
{
    rk_text_format(note, "%s%s", note->length > 0 ? "; " : "", words);
}

/* Why cells are NA, and what the reader of the p-value and the interval should know. */
static void write_note(const struct design *design, const struct tested *t, struct rk_text *note)
{
    const struct rk_common *common = &design->options->common;

    rk_text_add(note, "");
    if (t->status == RK_ECONSTANT && t->estimate != design->options->mu)
        add_note(note, design->paired ? "the same difference everywhere: no p-value"
                                      : rk_status_words(t->status));
    else if (t->status != RK_OK)
        add_note(note, rk_status_words(t->status));
    if (t->status != RK_OK)
        return;
    if (t->ranks)
        add_note(note, t->exact ? "exact ranks" : "ranks by normal approximation");
    if (common->alternative != RK_TWO_SIDED)
        add_note(note, "one-sided interval");
    if (t->ranks && isnan(t->conf_low))
        add_note(note, "no interval");
    else if (t->conf_level != common->conf_level)
        rk_text_format(note, "; too few: p cannot be below %.3g, the interval holds %.4g%%",
                       1.0 - t->conf_level, 100.0 * t->conf_level);
    if (fabs(t->effect) == 1.0)
        add_note(note, "no effect interval at the limit");
    else if (isnan(t->effect))
        add_note(note, "no effect size");
}

static void put_row(struct rk_result *result, const struct design *design, const struct samples *s,
                    const struct tested *t)
{
    static const char *const alternatives[] = {"two-sided", "less", "greater"};
    const struct rk_common *common = &design->options->common;
    const double numbers[][2] = {
        {N1, (double)s->n[0]},         {N2, (double)s->n[1]},
        {MEAN1, s->mean[0]},           {MEAN2, s->mean[1]},
        {ESTIMATE, t->estimate},       {STD_ERROR, t->std_error},
        {STATISTIC, t->statistic},     {DF, t->df},
        {P_VALUE, t->p_value},         {CONF_LOW, t->conf_low},
        {CONF_HIGH, t->conf_high},     {CONF_LEVEL, t->conf_level},
        {EFFECT_SIZE, t->effect},      {EFFECT_LOW, t->effect_low},
        {EFFECT_HIGH, t->effect_high}, {N_UNPAIRED, (double)s->n_unpaired}};
    struct rk_text note = {0};

    rk_result_row(result, 0);
    rk_put_text(result, 0, VARIABLE, s->variable);
    rk_put_text(result, 0, TEST, t->method->name);
    rk_put_text(result, 0, DESIGN, design->paired ? "paired" : "independent");
    rk_put_text(result, 0, LEVEL1, design->level[0]);
    rk_put_text(result, 0, LEVEL2, design->level[1]);
    rk_put_text(result, 0, ALTERNATIVE, alternatives[common->alternative]);
    rk_put_text(result, 0, EFFECT_TYPE, t->method->effect_type);
    rk_put_text(result, 0, PER, design->per[0] == '\0' ? NULL : design->per);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        rk_put(result, 0, (size_t)numbers[i][0], numbers[i][1]);
    write_note(design, t, &note);
    if (note.failed)
        result->status = RK_ENOMEM;
    else
        rk_put_text(result, 0, NOTE, note.length > 0 ? note.bytes : NULL);
    rk_text_free(&note);
}

/* --- warnings ------------------------------------------------------------------------------- */

/* The mean cubed deviation in standard deviations (R: e1071::skewness type 3). */
static double skewness(const double *x, size_t n)
{
    struct rk_moments m = rk_moments_of(x, n);
    struct rk_sum sum = {0.0, 0.0};

    for (size_t i = 0; i < n; i++) {
        double z = (x[i] - m.mean) / m.sd;

        rk_sum_add(&sum, z * z * z);
    }
    return rk_sum_value(&sum) / (double)n;
}

static void warn_heavy_tail(const struct design *design, const struct samples *s,
                            struct rk_result *result)
{
    enum { FEWEST = 10 };

    for (size_t k = 0; k < 2; k++) {
        double skew = s->n[k] < FEWEST
                          ? 0.0
                          : skewness(design->paired ? s->difference : s->value[k], s->n[k]);

        if (!(fabs(skew) > 2.0))
            continue;
        if (design->paired)
            rk_warn(result, RK_WARN_HEAVY_TAIL,
                    "the differences of '%s' are skewed (skewness %.2f)", s->variable, skew);
        else
            rk_warn(result, RK_WARN_HEAVY_TAIL, "'%s' is skewed in '%s' (skewness %.2f)",
                    s->variable, design->level[k], skew);
        if (design->paired)
            return;
    }
}

/* --- a group -------------------------------------------------------------------------------- */

/* What the groups share: the design, and whether anything could be computed. */
struct run {
    const struct design *design;
    bool any;
    enum rk_status undefined; /* why the last row without a p-value has none */
};

static bool is_wanted(const struct design *design, size_t method)
{
    unsigned tests = design->options->tests;

    return rk_compare_methods[method].paired == design->paired &&
           (tests == 0 || (tests & (AUTO | 2U << method)) != 0);
}

/* All tests of one variable. What these samples do not allow is a row of NA, with *error saying
 * why; a failure of the machine or of the input is returned. */
static enum rk_status compare_variable(struct run *run, const struct rk_table *table,
                                       const char *variable, struct rk_result *result,
                                       struct rk_error *error)
{
    const struct design *design = run->design;
    struct samples samples;
    struct tested tested;
    enum rk_status made = rk_samples_make(design, table, variable, &samples, result, error);
    enum rk_status status = rk_status_is_undefined(made) ? RK_OK : made;

    for (size_t i = 0; status == RK_OK && i < rk_compare_n_methods; i++) {
        if (!is_wanted(design, i))
            continue;
        rk_compare_test(&rk_compare_methods[i], design, &samples, made, &tested);
        if (tested.status == RK_ENOMEM) {
            status = rk_fail_memory(error);
            break;
        }
        put_row(result, design, &samples, &tested);
        if (tested.status == RK_OK)
            run->any = true;
        else if (made == RK_OK)
            rk_fail(error, tested.status, "'%s': %s", variable, rk_status_words(tested.status));
        if (tested.status != RK_OK)
            run->undefined = tested.status;
        else if (design->options->common.explain)
            rk_compare_explain(result, design, &samples, &tested);
    }
    if (status == RK_OK && made == RK_OK)
        warn_heavy_tail(design, &samples, result);
    rk_samples_free(&samples);
    return status;
}

static enum rk_status compare_group(const struct rk_table *table, const void *data,
                                    const struct rk_ctx *ctx, struct rk_result *result,
                                    struct rk_error *error)
{
    struct run *run = *(struct run *const *)data;
    const struct rk_names *values = &run->design->options->values;
    enum rk_status status = RK_OK;

    if (values->n == 0)
        return compare_variable(run, table, run->design->options->after, result, error);
    for (size_t i = 0; status == RK_OK && i < values->n; i++) {
        status = rk_cancelled(ctx);
        if (status == RK_OK)
            status = compare_variable(run, table, values->name[i], result, error);
    }
    return status;
}

static void declare(struct rk_result *result, const void *data)
{
    (void)data;
    rk_result_declare(result, "compare", fields, N_FIELDS);
}

enum rk_status rk_compare_run(const struct rk_table *table,
                              const struct rk_compare_options *options, const struct rk_ctx *ctx,
                              struct rk_result *result, struct rk_error *error)
{
    struct design design;
    struct run run = {.design = &design, .undefined = RK_ENODATA}, *data = &run;
    enum rk_status status = rk_design_make(table, options, &design, result, error);

    result->rows_used = 0;
    if (status == RK_OK)
        status = rk_run_groups(table, &options->common, declare, compare_group, &data, ctx, result,
                               error);
    if (status == RK_OK && !run.any)
        status = run.undefined;
    if (status == RK_OK)
        status =
            rk_adjust_column(rk_result_table(result, "compare"), rk_result_column(result, P_VALUE),
                             rk_result_column(result, P_ADJUSTED), options->common.p_adjust);
    rk_design_free(&design);
    return status;
}
