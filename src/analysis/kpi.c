/* rep-kpi: CAC, CLV, retention, churn, sales cycle, win rate, per-lead figures. */
#include "repkit/kpi.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kpi_parts.h"

const struct kpi kpi_table[] = {
    {"cac", "", "A new customer cost @", kpi_cac},
    {"clv", "simple|contract|contract-advance|bgnbd", "A customer is worth @", kpi_clv},
    {"ltv-cac", "simple|contract|contract-advance|bgnbd",
     "A customer is worth @ times what it costs to win one", kpi_ltv_cac},
    {"cac-payback", "", "What it costs to win a customer is earned back in @", kpi_cac_payback},
    {"retention", "", "@ of the customers at the start stayed", kpi_retention},
    {"churn", "", "@ of the customers at the start left", kpi_churn},
    {"nrr", "", "The customers of before now pay @ of what they paid then, growth included",
     kpi_nrr},
    {"grr", "", "The customers of before now pay @ of what they paid then, growth not counted",
     kpi_grr},
    {"avg-order", "", "An order is worth @ on average", kpi_avg_order},
    {"frequency", "", "A customer who orders places @ on average", kpi_frequency},
    {"repeat-rate", "", "@ of those who ordered came back to order again", kpi_repeat_rate},
    {"revenue-per-lead", "", "For each lead there was revenue of @", kpi_revenue_per_lead},
    {"cost-per-lead", "", "A lead cost @", kpi_cost_per_lead},
    {"conversion", "", "@ of the leads became customers", kpi_conversion},
    {"sales-cycle", "median|rmst|mean-closed",
     "Half of the deals have closed after @|A deal stays open for @ #|A deal that closed was open "
     "for @",
     kpi_sales_cycle},
    {"win-rate", "closed|cohort",
     "@ of the deals that closed were won|@ of the deals opened are won #", kpi_win_rate},
    {"velocity", "", "The deals opened bring @", kpi_velocity},
    {"efficiency", "revenue|won",
     "For each activity there was revenue of @|For each activity there were @ won", kpi_efficiency},
    {"satisfaction", "", "The mean score is @", kpi_satisfaction},
    {"nps", "", "The net promoter score, promoters less detractors, is @", kpi_nps},
    {"csat", "", "@ of the scores are those of satisfied customers", kpi_csat},
};
const size_t kpi_table_size = sizeof kpi_table / sizeof *kpi_table;

/* The definition that --definition names for the KPI, else its first. */
static const char *definition_of(const struct rk_kpi_options *options, const struct kpi *kpi,
                                 char out[40])
{
    size_t length = strcspn(kpi->definitions, "|");

    memcpy(out, kpi->definitions, length);
    out[length] = '\0';
    for (size_t i = 0; i < options->definitions.n; i++) {
        const char *name = options->definitions.name[i];

        if (rk_choice_find(kpi->definitions, name, strlen(name)) >= 0 && strlen(name) < 40)
            memcpy(out, name, strlen(name) + 1);
    }
    return out;
}

/* --- what the options ask for --------------------------------------------------------------- */

static const struct kpi *find(const char *name)
{
    for (size_t i = 0; i < kpi_table_size; i++)
        if (strcmp(kpi_table[i].name, name) == 0)
            return &kpi_table[i];
    return NULL;
}

static enum rk_status unknown_kpi(const char *name, struct rk_error *error)
{
    const char *names[sizeof kpi_table / sizeof *kpi_table + 1] = {"all"}, *nearest;

    for (size_t i = 0; i < kpi_table_size; i++)
        names[i + 1] = kpi_table[i].name;
    nearest = rk_nearest(name, names, kpi_table_size + 1);
    if (nearest == NULL)
        return rk_fail(error, RK_EUSAGE, "no KPI '%s'; rep-kpi --man lists them", name);
    return rk_fail(error, RK_EUSAGE, "no KPI '%s'; did you mean '%s'?", name, nearest);
}

static enum rk_status check_definitions(const struct rk_kpi_options *options,
                                        struct rk_error *error)
{
    for (size_t i = 0; i < options->definitions.n; i++) {
        const char *name = options->definitions.name[i];
        bool known = false;

        for (size_t k = 0; k < kpi_table_size; k++)
            known = known || (kpi_table[k].definitions[0] != '\0' &&
                              rk_choice_find(kpi_table[k].definitions, name, strlen(name)) >= 0);
        if (!known)
            return rk_fail(error, RK_EUSAGE,
                           "--definition: no '%s'; there are simple, contract, contract-advance, "
                           "bgnbd (clv), median, rmst, mean-closed (sales-cycle), closed, cohort "
                           "(win-rate), revenue, won (efficiency)",
                           name);
    }
    return RK_OK;
}

enum rk_status rk_kpi_check(const struct rk_kpi_options *options, const struct rk_crm_files *files,
                            struct rk_error *error)
{
    bool any_file = false;

    for (int i = 0; i < RK_CRM_INPUTS; i++)
        any_file = any_file || (files->file[i].path != NULL && i != RK_CRM_ROSTER);
    for (size_t i = 0; i < options->kpis.n; i++)
        if (strcmp(options->kpis.name[i], "all") != 0 && find(options->kpis.name[i]) == NULL)
            return unknown_kpi(options->kpis.name[i], error);
    if (!any_file && options->totals.n == 0)
        return rk_fail(error, RK_EUSAGE,
                       "from what? --set NAME=VALUE, or files: --customers, --orders, --deals, "
                       "--spend, --leads, --activities, --scores");
    if (!any_file && (options->period >= 0 || options->cut != NULL || options->by != NULL))
        return rk_fail(error, RK_EUSAGE, "--period, --cut and --by need files with dates");
    if (options->period >= 0 && options->cut != NULL)
        return rk_fail(error, RK_EUSAGE, "--period or --cut, not both");
    return check_definitions(options, error);
}

/* --- rows ----------------------------------------------------------------------------------- */

enum {
    KPI,
    PERIOD,
    ESTIMATE,
    STD_ERROR,
    CONF_LOW,
    CONF_HIGH,
    CONF_LEVEL,
    N,
    UNIT,
    DEFINITION,
    FORMULA,
    NOTE,
    KPI_FIELDS
};
static const struct rk_field kpi_fields[KPI_FIELDS] = {
    [KPI] = {"kpi", RK_TEXT, RK_GENERAL},
    [PERIOD] = {"period", RK_TEXT, RK_GENERAL},
    [ESTIMATE] = {"estimate", RK_NUMBER, RK_GENERAL},
    [STD_ERROR] = {"std_error", RK_NUMBER, RK_GENERAL},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [CONF_LEVEL] = {"conf_level", RK_NUMBER, RK_LEVEL},
    [N] = {"n", RK_NUMBER, RK_GENERAL},
    [UNIT] = {"unit", RK_TEXT, RK_GENERAL},
    [DEFINITION] = {"definition", RK_TEXT, RK_GENERAL},
    [FORMULA] = {"formula", RK_TEXT, RK_GENERAL},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

static void put(const struct kpi_slice *slice, const struct kpi *kpi, const char *period,
                const struct kpi_estimate *e, struct rk_result *result)
{
    const struct rk_common *common = &slice->data->options->common;

    rk_result_row(result, KPI_TABLE);
    rk_put_text(result, KPI_TABLE, KPI, kpi->name);
    rk_put_text(result, KPI_TABLE, PERIOD, period);
    rk_put(result, KPI_TABLE, ESTIMATE, e->value);
    rk_put(result, KPI_TABLE, STD_ERROR, e->std_error);
    rk_put(result, KPI_TABLE, CONF_LOW, e->low);
    rk_put(result, KPI_TABLE, CONF_HIGH, e->high);
    rk_put(result, KPI_TABLE, CONF_LEVEL, common->conf_level);
    rk_put(result, KPI_TABLE, N, e->n);
    if (e->unit != NULL)
        rk_put_text(result, KPI_TABLE, UNIT, e->unit);
    if (e->definition != NULL && e->definition[0] != '\0')
        rk_put_text(result, KPI_TABLE, DEFINITION, e->definition);
    if (e->formula != NULL)
        rk_put_text(result, KPI_TABLE, FORMULA, e->formula);
    if (e->note[0] != '\0')
        rk_put_text(result, KPI_TABLE, NOTE, e->note);
    if (common->explain)
        kpi_explain(kpi, e, period, common->conf_level, result);
}

/* --- one KPI -------------------------------------------------------------------------------- */

static enum rk_status compute(const struct kpi_slice *slice, const struct kpi *kpi,
                              const char *definition, struct kpi_estimate *e)
{
    char label[160];
    struct kpi_slice labelled = *slice;

    snprintf(label, sizeof label, "%.100s,%s,%lld",
             rk_dict_label(slice->data->groups, (uint32_t)slice->group), kpi->name,
             (long long)slice->first);
    labelled.label = label;
    *e = (struct kpi_estimate){.value = NAN,
                               .std_error = NAN,
                               .low = NAN,
                               .high = NAN,
                               .n = NAN,
                               .correlation = NAN,
                               .definition = definition};
    return kpi->compute(&labelled, definition, e);
}

/* Every period from the first day to the last that counts. */
static enum rk_status by_period(struct kpi_slice *slice, const struct kpi *kpi,
                                const char *definition, struct rk_result *result,
                                struct kpi_estimate *e)
{
    static const enum rk_time_kind kinds[] = {RK_TIME_DAY, RK_TIME_WEEK, RK_TIME_MONTH,
                                              RK_TIME_QUARTER, RK_TIME_YEAR};
    const struct kpi_data *data = slice->data;
    enum rk_time_kind kind = kinds[data->options->period];
    int64_t first = rk_time_of_day(kind, data->first_day), last = rk_time_of_day(kind, data->as_of);
    enum rk_status status = RK_OK;

    for (int64_t t = first; t <= last && status == RK_OK; t++) {
        char label[32];

        rk_time_format(kind, t, label);
        slice->first = rk_time_first_day(kind, t);
        slice->last = rk_time_first_day(kind, t + 1);
        if (slice->last > data->as_of + 1)
            slice->last = data->as_of + 1;
        status = compute(slice, kpi, definition, e);
        if (status == RK_OK && e->missing != NULL)
            return RK_OK;
        if (t == last && slice->last < rk_time_first_day(kind, t + 1))
            kpi_note(e, "to day %lld of its %lld", (long long)(slice->last - slice->first),
                     (long long)(rk_time_first_day(kind, t + 1) - slice->first));
        if (status == RK_OK)
            put(slice, kpi, label, e, result);
    }
    return status;
}

/* Curves of deals are compared as far as both sides carry. */
static enum rk_status two_slices(const struct kpi_slice *slice, struct kpi_slice side[2])
{
    const struct kpi_data *data = slice->data;
    double days[2] = {NAN, NAN};
    int64_t cut;
    enum rk_status status = RK_OK;

    side[0] = side[1] = *slice;
    side[0].days = side[1].days = 0.0;
    side[0].first = data->first_day;
    side[1].last = data->as_of + 1;
    cut = rk_time_first_day(data->cut_kind, data->cut);
    if (cut > side[1].last) /* days without data are no days of either side */
        cut = side[1].last;
    if (cut < data->first_day)
        cut = data->first_day;
    side[0].last = side[1].first = cut;
    for (int k = 0; k < 2 && status == RK_OK && kpi_has(slice, RK_CRM_DEALS); k++)
        status = kpi_horizon(&side[k], &days[k]);
    if (days[0] > 0.0 && days[1] > 0.0)
        side[0].days = side[1].days = fmin(days[0], days[1]);
    return status;
}

static enum rk_status before_and_after(struct kpi_slice *slice, const struct kpi *kpi,
                                       const char *definition, struct rk_result *result,
                                       struct kpi_estimate *e)
{
    struct kpi_slice of[2];
    struct kpi_estimate side[2] = {{0}};
    enum rk_status status = two_slices(slice, of);

    for (int k = 0; k < 2 && status == RK_OK; k++)
        status = compute(&of[k], kpi, definition, &side[k]);
    *e = side[0];
    if (status != RK_OK || side[0].missing != NULL)
        return status;
    put(slice, kpi, "before", &side[0], result);
    put(slice, kpi, "after", &side[1], result);
    kpi_difference(&side[0], &side[1], e);
    if (kpi->compute == kpi_velocity && of[0].last - of[0].first != of[1].last - of[1].first) {
        e->value = e->std_error = e->low = e->high = NAN;
        kpi_note(e, "sides of %lld and %lld days hold different numbers of deals: not compared",
                 (long long)(of[0].last - of[0].first), (long long)(of[1].last - of[1].first));
    }
    rk_result_measured(result, RK_TIME_DAY, of[1].first, slice->data->as_of);
    put(slice, kpi, "difference", e, result);
    return RK_OK;
}

static enum rk_status run_kpi(struct kpi_slice *slice, const struct kpi *kpi, bool named,
                              struct rk_result *result, struct rk_error *error)
{
    const struct rk_kpi_options *options = slice->data->options;
    char definition[40];
    struct kpi_estimate e = {0};
    enum rk_status status;

    definition_of(options, kpi, definition);
    slice->all = options->period < 0 && options->cut == NULL;
    if (options->cut != NULL) {
        status = before_and_after(slice, kpi, definition, result, &e);
    } else if (options->period >= 0) {
        status = by_period(slice, kpi, definition, result, &e);
    } else {
        slice->first = slice->data->first_day;
        slice->last = slice->data->as_of + 1;
        status = compute(slice, kpi, definition, &e);
        if (status == RK_OK && e.missing == NULL)
            put(slice, kpi, "all", &e, result);
    }
    if (status != RK_OK)
        return rk_fail_memory(error);
    if (e.missing != NULL && named)
        return rk_fail(error, RK_EUSAGE, "%s needs %s", kpi->name, e.missing);
    if (e.missing == NULL)
        kpi_warn(slice, kpi, &e, result);
    return RK_OK;
}

/* --- the run -------------------------------------------------------------------------------- */

static enum rk_status run_group(struct kpi_slice *slice, struct rk_result *result,
                                struct rk_error *error)
{
    const struct rk_kpi_options *options = slice->data->options;
    enum rk_status status = RK_OK;
    bool all = options->kpis.n == 0;

    for (size_t i = 0; i < options->kpis.n; i++)
        all = all || strcmp(options->kpis.name[i], "all") == 0;
    for (size_t i = 0; i < kpi_table_size && status == RK_OK; i++)
        if (all || rk_names_has(&options->kpis, kpi_table[i].name))
            status = run_kpi(slice, &kpi_table[i], rk_names_has(&options->kpis, kpi_table[i].name),
                             result, error);
    slice->first = slice->data->first_day;
    slice->last = slice->data->as_of + 1;
    if (status == RK_OK && options->survival)
        status = kpi_put_survival(slice, result, error);
    if (status == RK_OK && options->cohorts)
        status = kpi_put_cohorts(slice, result, error);
    if (status == RK_OK && options->funnel)
        status = kpi_put_funnel(slice, result, error);
    if (status == RK_OK && options->tests) {
        struct kpi_slice side[2];

        status = two_slices(slice, side) != RK_OK
                     ? rk_fail_memory(error)
                     : kpi_put_tests(&side[0], &side[1], result, error);
    }
    return status;
}

static enum rk_status run_groups(const struct kpi_data *data, struct rk_result *result,
                                 struct rk_error *error)
{
    struct kpi_slice slice = {.data = data};
    enum rk_status status = RK_OK;

    for (uint32_t g = 0; g < data->n_groups && status == RK_OK; g++) {
        if (data->options->by != NULL) {
            rk_names_free(&result->group_labels);
            if (rk_names_add(&result->group_labels, rk_dict_label(data->groups, g)) != RK_OK)
                return rk_fail_memory(error);
        }
        slice.group = g;
        status = run_group(&slice, result, error);
    }
    return status;
}

enum rk_status rk_kpi_run(const struct rk_crm_files *files, const struct rk_kpi_options *options,
                          const struct rk_ctx *ctx, struct rk_result *result,
                          struct rk_error *error)
{
    const struct rk_ctx alone = RK_CTX_DEFAULT;
    struct kpi_data data = {.ctx = ctx == NULL ? &alone : ctx};
    struct rk_names by = {0};
    enum rk_status status = rk_kpi_check(options, files, error);

    if (status != RK_OK)
        return status;
    status = kpi_data_read(files, options, &data, error);
    if (status == RK_OK && options->by != NULL) {
        if (rk_names_add(&by, options->by) != RK_OK)
            status = rk_fail_memory(error);
        else
            rk_result_group_by(result, &by);
        if (result->status != RK_OK)
            status = rk_fail_memory(error);
        if (status == RK_OK && data.n_groups == 0)
            status = rk_fail(error, RK_EINPUT, "--by: no file has a column '%s'", options->by);
    }
    if (status == RK_OK) {
        rk_result_declare(result, "kpi", kpi_fields, KPI_FIELDS);
        kpi_declare_more(options, result);
        if (result->status != RK_OK)
            status = rk_fail_memory(error);
    }
    if (status == RK_OK) {
        result->rows_used = 0;
        for (int i = 0; i < RK_CRM_INPUTS; i++)
            result->rows_used += data.rows[i].n;
        result->random = options->common.resamples > 0;
        result->conf_level = options->common.conf_level;
        kpi_warn_data(&data, result);
        status = run_groups(&data, result, error);
    }
    if (status == RK_OK && result->status == RK_OK && rk_result_table(result, "kpi")->n_rows == 0 &&
        options->kpis.n > 0 && !options->survival && !options->cohorts && !options->funnel &&
        !options->tests)
        status = rk_fail(error, RK_EDOMAIN, "no KPI has what it needs; name one to be told");
    rk_names_free(&by);
    kpi_data_free(&data);
    return status;
}
