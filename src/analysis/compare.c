/* rep-compare: is before/after, or A/B, a real difference? */
#include "repkit/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compare_parts.h"

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

/* --- a row ---------------------------------------------------------------------------------- */

static void add_note(struct rk_text *note, const char *words)
{
    rk_text_format(note, "%s%s", note->length > 0 ? "; " : "", words);
}

static bool is_of_ranks(const struct tested *t)
{
    return t->method->of == OF_RANKS || t->method->of == OF_SIGNS;
}

/* Whether one-sided alternatives mean something to the test. */
static int alternative_of(const struct tested *t, const struct rk_compare_options *options)
{
    return t->method->of == OF_LEVELS || strcmp(t->method->name, "tost") == 0
               ? RK_TWO_SIDED
               : options->common.alternative;
}

static void note_failure(const struct design *design, const struct tested *t, struct rk_text *note)
{
    if (t->status == RK_ECONSTANT && t->method->of == OF_MEANS && !t->ratio &&
        t->estimate != design->options->mu)
        add_note(note, design->paired ? "the same difference everywhere: no p-value"
                                      : rk_status_words(t->status));
    else if (t->status == RK_EDOMAIN && design->options->relative)
        add_note(note, is_of_ranks(t) ? "a ratio of ranks needs values above 0"
                                      : "no ratio to a mean of 0");
    else if (t->status == RK_ETOOFEW && t->method->of == OF_RATES)
        add_note(note, "no event on either side");
    else
        add_note(note, rk_status_words(t->status));
}

/* Why cells are NA, and what the reader of the p-value and the interval should know. */
static void write_note(const struct design *design, const struct tested *t, struct rk_text *note)
{
    const struct rk_common *common = &design->options->common;

    rk_text_add(note, "");
    if (t->status != RK_OK) {
        note_failure(design, t, note);
        return;
    }
    if (design->options->relative && t->ratio)
        add_note(note, t->method->of == OF_RANKS   ? "ratio, by ranks of logarithms"
                       : t->method->of == OF_SIGNS ? "median ratio"
                                                   : "ratio of means");
    if (t->method->of == OF_RANKS)
        add_note(note, t->exact ? "exact ranks" : "ranks by normal approximation");
    if (t->note[0] != '\0')
        add_note(note, t->note);
    if (alternative_of(t, design->options) != RK_TWO_SIDED &&
        (!isnan(t->conf_low) || !isnan(t->conf_high)))
        add_note(note, "one-sided interval");
    if (is_of_ranks(t) && isnan(t->conf_low))
        add_note(note, "no interval");
    else if (is_of_ranks(t) && t->conf_level != common->conf_level)
        rk_text_format(note, "; too few: p cannot be below %.3g, the interval holds %.4g%%",
                       1.0 - t->conf_level, 100.0 * t->conf_level);
    if (t->method->of == OF_RANKS && fabs(t->effect) == 1.0)
        add_note(note, "no effect interval at the limit");
    else if (isnan(t->effect) && t->method->effect[design->paired] != NULL &&
             t->method->of != OF_ODDS)
        add_note(note, "no effect size");
}

/* What rows of two levels and of all levels share. */
static void put_tested(struct rk_result *result, const struct design *design, const char *variable,
                       const struct tested *t)
{
    static const char *const alternatives[] = {"two-sided", "less", "greater"};
    const double numbers[][2] = {{N1, t->n[0]},
                                 {N2, t->n[1]},
                                 {ESTIMATE, t->estimate},
                                 {STD_ERROR, t->std_error},
                                 {STATISTIC, t->statistic},
                                 {DF, t->df},
                                 {P_VALUE, t->p_value},
                                 {CONF_LOW, t->conf_low},
                                 {CONF_HIGH, t->conf_high},
                                 {CONF_LEVEL, t->conf_level},
                                 {EFFECT_SIZE, t->effect},
                                 {EFFECT_LOW, t->effect_low},
                                 {EFFECT_HIGH, t->effect_high}};
    struct rk_text note = {0};

    rk_result_row(result, 0);
    rk_put_text(result, 0, VARIABLE, variable);
    rk_put_text(result, 0, TEST, t->method->name);
    rk_put_text(result, 0, DESIGN, design->paired ? "paired" : "independent");
    rk_put_text(result, 0, ALTERNATIVE, alternatives[alternative_of(t, design->options)]);
    rk_put_text(result, 0, EFFECT_TYPE, t->method->effect[design->paired]);
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

static void put_row(struct rk_result *result, const struct design *design, const struct samples *s,
                    const struct tested *t)
{
    put_tested(result, design, s->variable, t);
    rk_put_text(result, 0, LEVEL1, design->level[0]);
    rk_put_text(result, 0, LEVEL2, design->level[1]);
    rk_put(result, 0, MEAN1, s->mean[0]);
    rk_put(result, 0, MEAN2, s->mean[1]);
    rk_put(result, 0, N_UNPAIRED, (double)s->n_unpaired);
}

static void put_levels(struct rk_result *result, const struct design *design,
                       const struct level_samples *s, const struct tested *t)
{
    put_tested(result, design, s->variable, t);
    rk_put(result, 0, N_UNPAIRED, (double)s->n_unpaired);
}

/* --- which tests ---------------------------------------------------------------------------- */

/* What the groups share: the design, and whether anything could be computed. */
struct run {
    struct design *design;
    const struct rk_ctx *ctx;
    bool *binary; /* for each variable whether `auto` takes it for proportions */
    size_t n_comparisons;
    bool any;
    enum rk_status undefined; /* why the last row without a p-value has none */
};

/* The tests that `auto` stands for: that of means and that of ranks; of proportions and counts
 * what they have; of more levels those of all levels before the pairs. */
static unsigned automatic(const struct design *design, bool binary)
{
    const struct rk_compare_options *o = design->options;
    unsigned tests = 0;

    if (!design->paired && o->exposure != NULL)
        return rk_compare_bit("poisson");
    if (!design->paired && (o->trials != NULL || binary))
        return rk_compare_bit("prop") | rk_compare_bit("fisher");
    if (design->paired && binary)
        return rk_compare_bit("mcnemar");
    if (design->levels.n > 2)
        tests = design->paired ? rk_compare_bit("friedman")
                               : rk_compare_bit("welch-anova") | rk_compare_bit("kruskal");
    return tests | (design->paired ? rk_compare_bit("paired-t") | rk_compare_bit("wilcoxon")
                                   : rk_compare_bit("welch") | rk_compare_bit("mann-whitney"));
}

static unsigned bits_of(unsigned flag)
{
    unsigned bits = 0;

    for (size_t i = 0; i < rk_compare_n_methods; i++)
        if ((rk_compare_methods[i].is & flag) != 0)
            bits |= 2U << i;
    return bits;
}

static unsigned tests_of(const struct design *design, bool binary)
{
    unsigned asked = design->options->tests;

    if (asked == 0 || (asked & RK_COMPARE_AUTO) != 0)
        asked = (asked & ~(unsigned)RK_COMPARE_AUTO) | automatic(design, binary);
    return design->options->moments == NULL ? asked : asked & bits_of(BY_MOMENTS);
}

/* Whether all values of a column are 0 or 1: what is cheap to see before units are made. */
static bool column_is_binary(const struct rk_table *table, const char *name)
{
    size_t column = rk_table_find_typed(table, name, RK_NUMBER);

    if (column == SIZE_MAX)
        return false;
    for (size_t i = 0; i < table->n_rows; i++) {
        double x = table->column[column].number[i];

        if (!isnan(x) && x != 0.0 && x != 1.0)
            return false;
    }
    return true;
}

/* Whether the whole table's values of a variable are 0 and 1 only, of pairs also the units' means:
 * so all groups have the same tests. */
static enum rk_status find_binary(struct run *run, const struct rk_table *table, size_t variable,
                                  const char *name, struct rk_error *error)
{
    struct design *design = run->design;
    struct samples samples;
    struct rk_result *aside = rk_result_new();
    bool all = design->options->moments == NULL && !design->options->relative &&
               design->options->trials == NULL && design->options->exposure == NULL &&
               column_is_binary(table, name);
    enum rk_status status = aside == NULL ? rk_fail_memory(error) : RK_OK;

    for (size_t k = 0; all && status == RK_OK && k + 1 < design->levels.n; k++) {
        rk_design_pair(design, k, k + 1);
        status = rk_samples_make(design, table, name, &samples, aside, error);
        all = status == RK_OK && rk_samples_binary(&samples);
        rk_samples_free(&samples);
    }
    rk_design_pair(design, 0, 1);
    rk_result_free(aside);
    run->binary[variable] = all;
    return rk_status_is_undefined(status) ? RK_OK : status;
}

/* --- a group -------------------------------------------------------------------------------- */

static void note_tested(struct run *run, const struct tested *t, const char *variable,
                        enum rk_status made, struct rk_error *error)
{
    if (t->status == RK_OK)
        run->any = true;
    else if (made == RK_OK)
        rk_fail(error, t->status, "'%s': %s", variable, rk_status_words(t->status));
    if (t->status != RK_OK)
        run->undefined = t->status;
}

/* The two-level tests of one variable, at the two levels that the design compares. What these
 * samples do not allow is a row of NA, with *error saying why; a failure of the machine or of the
 * input is returned. */
static enum rk_status compare_pair(struct run *run, const struct rk_table *table,
                                   const char *variable, unsigned tests, struct rk_result *result,
                                   struct rk_error *error)
{
    const struct design *design = run->design;
    struct samples samples;
    enum rk_status made = rk_samples_make(design, table, variable, &samples, result, error);
    enum rk_status status = rk_status_is_undefined(made) ? RK_OK : made;

    for (size_t i = 0; status == RK_OK && i < rk_compare_n_methods; i++) {
        const struct method *method = &rk_compare_methods[i];
        struct tested t;

        if ((tests & 2U << i) == 0 || (method->is & FITS_LEVELS) != 0)
            continue;
        if (made == RK_OK)
            status = rk_compare_fits(method, design, &samples, error);
        if (status != RK_OK)
            break;
        rk_compare_test(method, design, &samples, made, &t);
        if (t.status != RK_OK && !rk_status_is_undefined(t.status)) {
            status = t.status == RK_ENOMEM ? rk_fail_memory(error) : t.status;
            break;
        }
        put_row(result, design, &samples, &t);
        note_tested(run, &t, variable, made, error);
        if (t.status == RK_OK && design->options->common.explain)
            rk_compare_explain(result, design, &samples, &t);
        if (design->options->sensitivity)
            rk_sensitivity_row(result, design, &samples, method, made);
    }
    if (status == RK_OK && made == RK_OK)
        rk_compare_warn(design, &samples, (tests & rk_compare_bit("poisson")) != 0, result);
    rk_samples_free(&samples);
    run->n_comparisons++;
    return status;
}

static enum rk_status compare_levels(struct run *run, const struct rk_table *table,
                                     const char *variable, unsigned tests, struct rk_result *result,
                                     struct rk_error *error)
{
    const struct design *design = run->design;
    struct level_samples samples;
    enum rk_status status = rk_level_samples_make(design, table, variable, &samples, error);

    for (size_t i = 0; status == RK_OK && i < rk_compare_n_methods; i++) {
        const struct method *method = &rk_compare_methods[i];
        struct tested t;

        if ((tests & 2U << i) == 0 || (method->is & FITS_LEVELS) == 0)
            continue;
        rk_compare_test_levels(method, design, &samples, RK_OK, &t);
        if (t.status == RK_ENOMEM) {
            status = rk_fail_memory(error);
            break;
        }
        put_levels(result, design, &samples, &t);
        note_tested(run, &t, variable, RK_OK, error);
        if (t.status == RK_OK && design->options->common.explain)
            rk_compare_explain_levels(result, design, &samples, &t);
    }
    if (status == RK_OK && samples.n_rows > result->rows_used)
        result->rows_used = samples.n_rows;
    rk_level_samples_free(&samples);
    return status;
}

static enum rk_status compare_variable(struct run *run, const struct rk_table *table,
                                       size_t variable, const char *name, struct rk_result *result,
                                       struct rk_error *error)
{
    struct design *design = run->design;
    unsigned tests = tests_of(design, run->binary[variable]), levels = bits_of(FITS_LEVELS);
    enum rk_status status = RK_OK;

    if ((tests & levels) != 0) {
        status = compare_levels(run, table, name, tests, result, error);
        run->n_comparisons += (tests & ~levels) == 0;
    }
    for (size_t j = 1; (tests & ~levels) != 0 && j < design->levels.n; j++)
        for (size_t i = 0; status == RK_OK && i < j; i++) {
            status = rk_cancelled(run->ctx);
            rk_design_pair(design, i, j);
            if (status == RK_OK)
                status = compare_pair(run, table, name, tests, result, error);
        }
    rk_design_pair(design, 0, 1);
    if (status == RK_OK)
        status = rk_compare_warn_series(design, table, name, result, error);
    return status;
}

/* The group's labels, what random streams are told apart by. */
static void write_label(const struct rk_result *result, struct rk_text *label)
{
    rk_text_add(label, "");
    for (size_t i = 0; i < result->group_labels.n; i++)
        rk_text_format(label, "%s%c", result->group_labels.name[i], '\x1f');
}

static size_t n_variables(const struct rk_compare_options *options)
{
    return options->values.n > 0 ? options->values.n : 1;
}

static const char *variable_at(const struct rk_compare_options *options, size_t i)
{
    return options->values.n > 0        ? options->values.name[i]
           : options->successes != NULL ? options->successes
                                        : options->after;
}

static enum rk_status compare_group(const struct rk_table *table, const void *data,
                                    const struct rk_ctx *ctx, struct rk_result *result,
                                    struct rk_error *error)
{
    struct run *run = *(struct run *const *)data;
    const struct rk_compare_options *options = run->design->options;
    struct rk_text label = {0};
    enum rk_status status;

    run->ctx = ctx;
    write_label(result, &label);
    status = label.failed ? rk_fail_memory(error) : RK_OK;
    run->design->label = label.failed ? "" : label.bytes;
    for (size_t i = 0; status == RK_OK && i < n_variables(options); i++)
        status = compare_variable(run, table, i, variable_at(options, i), result, error);
    run->design->label = "";
    rk_text_free(&label);
    return status;
}

static void declare(struct rk_result *result, const void *data)
{
    const struct run *run = *(struct run *const *)data;

    rk_result_declare(result, "compare", fields, N_FIELDS);
    if (run->design->options->sensitivity)
        rk_sensitivity_declare(result);
}

static enum rk_status run_table(const struct rk_table *table,
                                const struct rk_compare_options *options, const struct rk_ctx *ctx,
                                struct rk_result *result, struct rk_error *error)
{
    struct design design;
    struct run run = {.design = &design, .undefined = RK_ENODATA}, *data = &run;
    enum rk_status status = rk_design_make(table, options, ctx, &design, result, error);

    result->rows_used = 0;
    result->random =
        (options->tests & (rk_compare_bit("permutation") | rk_compare_bit("bootstrap"))) != 0;
    run.binary = calloc(n_variables(options), sizeof *run.binary);
    if (status == RK_OK && run.binary == NULL)
        status = rk_fail_memory(error);
    for (size_t i = 0; status == RK_OK && i < n_variables(options); i++)
        if (options->tests == 0 || (options->tests & RK_COMPARE_AUTO) != 0)
            status = find_binary(&run, table, i, variable_at(options, i), error);
    if (status == RK_OK)
        status = rk_run_groups(table, &options->common, declare, compare_group, &data, ctx, result,
                               error);
    if (status == RK_OK && !run.any)
        status = run.undefined;
    if (status == RK_OK)
        status =
            rk_adjust_column(rk_result_table(result, "compare"), rk_result_column(result, P_VALUE),
                             rk_result_column(result, P_ADJUSTED), options->common.p_adjust);
    if (status == RK_OK)
        rk_compare_warn_many(options, run.n_comparisons, result);
    free(run.binary);
    rk_design_free(&design);
    return status;
}

enum rk_status rk_compare_run(const struct rk_table *table,
                              const struct rk_compare_options *options, const struct rk_ctx *ctx,
                              struct rk_result *result, struct rk_error *error)
{
    struct rk_compare_options of_units = *options;
    struct rk_table *units = NULL;
    enum rk_status status;

    if (options->moments == NULL || options->id == NULL)
        return run_table(table, options, ctx, result, error);
    /* Units' means are all that pairs stand on: rows of their own. */
    status = rk_compare_check(options, error);
    if (status == RK_OK)
        status = rk_compare_units_new(options, &units, error);
    of_units.moments = NULL;
    /* Ranks hang on ties, which units' means from moments only have to rounding. */
    if (options->tests == 0 || (options->tests & RK_COMPARE_AUTO) != 0)
        of_units.tests = (options->tests & ~(unsigned)RK_COMPARE_AUTO) | rk_compare_bit("paired-t");
    if (status == RK_OK)
        status = run_table(units, &of_units, ctx, result, error);
    rk_table_free(units);
    return status;
}
