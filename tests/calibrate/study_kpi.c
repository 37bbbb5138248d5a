/* rep-kpi: intervals of figures that come from the files of a CRM. */
#include <gsl/gsl_randist.h>
#include <string.h>

#include "calibrate.h"
#include "repkit/kpi.h"

enum { WON_ALIKE, WON_DIFFER, CYCLE, NRR, AVERAGE, N_CLAIMS };

static const struct cal_claim claims[N_CLAIMS] = {
    [WON_ALIKE] = {"win-rate, reps alike", CAL_COVERS, 0.95},
    [WON_DIFFER] = {"win-rate, reps who differ", CAL_COVERS, 0.95},
    [CYCLE] = {"sales-cycle, median", CAL_COVERS, 0.95},
    [NRR] = {"nrr", CAL_COVERS, 0.95},
    [AVERAGE] = {"avg-order", CAL_COVERS, 0.95},
};

/* periods: deals a rep; extra: customers. */
static const struct cal_cell cells[] = {
    {"8 reps, 40 customers", 8, 12, 0.0, true, 40},
    {"20 reps, 100 customers", 20, 12, 0.0, true, 100},
    {"100 reps, 500 customers", 100, 12, 0.0, true, 500},
};

enum { YEAR_BEFORE = 19358, YEAR = 19723, DAYS = 365 }; /* 1 January 2023 and 2024, since 1970 */
enum { REP, OPEN, CLOSE, STAGE, AMOUNT, DEAL_COLUMNS };
static const double won_share = 8.0 / 28.0, median_days = 60.0, mean_amount = 100.0;
static const double orders_before = 3.0, orders_now = 2.4;

struct column {
    const char *name;
    enum rk_type type;
};
static const struct column deal_columns[DEAL_COLUMNS] = {{"rep", RK_TEXT},
                                                         {"open", RK_TIME},
                                                         {"close", RK_TIME},
                                                         {"stage", RK_TEXT},
                                                         {"amount", RK_NUMBER}};
static const struct column order_columns[] = {
    {"customer", RK_TEXT}, {"date", RK_TIME}, {"amount", RK_NUMBER}};

static struct rk_table *new_table(const struct column *columns, size_t n)
{
    struct rk_table *table = rk_table_new("file");
    enum rk_status status = table == NULL ? RK_ENOMEM : RK_OK;

    for (size_t k = 0; status == RK_OK && k < n; k++) {
        status = rk_table_add_column(table, columns[k].name, columns[k].type, RK_GENERAL);
        if (status == RK_OK && columns[k].type == RK_TIME)
            table->column[k].time_kind = RK_TIME_DAY;
    }
    if (status == RK_OK)
        return table;
    rk_table_free(table);
    return NULL;
}

static enum rk_status add_deal(struct rk_table *table, size_t rep, double rate, struct rk_rng *rng)
{
    double opened = floor((double)YEAR + DAYS * rk_rng_uniform(rng));
    double days = ceil((median_days - 0.5) * exp(cal_log_sd * rk_rng_normal(rng)));
    bool won = rk_rng_uniform(rng) < rate, closed = opened + days < YEAR + DAYS;
    size_t row = table->n_rows;
    char name[CAL_REP_SIZE];
    enum rk_status status = rk_table_add_row(table);

    cal_rep_name(rep, name);
    if (status == RK_OK)
        status = rk_table_set_text(table, row, REP, name);
    if (status == RK_OK)
        status = rk_table_set_text(table, row, STAGE, !closed ? "Open" : won ? "Won" : "Lost");
    if (status != RK_OK)
        return status;
    rk_table_set_number(table, row, OPEN, opened);
    if (closed)
        rk_table_set_number(table, row, CLOSE, opened + days);
    rk_table_set_number(table, row, AMOUNT, mean_amount);
    return RK_OK;
}

/* Deals opened over a year, most of them closed in it. Reps win at one rate, or each at its own. */
static enum rk_status fill_deals(struct rk_table *table, const struct cal_cell *cell, bool differ,
                                 struct rk_rng *rng)
{
    gsl_rng drawn = rk_rng_gsl(rng);
    enum rk_status status = RK_OK;

    for (size_t rep = 0; rep < cell->units; rep++) {
        double rate = differ ? gsl_ran_beta(&drawn, 8.0, 20.0) : won_share;

        for (size_t i = 0; status == RK_OK && i < cell->periods; i++)
            status = add_deal(table, rep, rate, rng);
    }
    return status;
}

/* A customer's orders of two years: at least one in the first; amounts about a level of its own. */
static enum rk_status add_orders(struct rk_table *table, size_t customer, struct rk_rng *rng)
{
    gsl_rng drawn = rk_rng_gsl(rng);
    double level = mean_amount * exp(0.5 * rk_rng_normal(rng) - 0.125);
    unsigned before = 1 + gsl_ran_poisson(&drawn, orders_before - 1.0);
    unsigned now = gsl_ran_poisson(&drawn, orders_now);
    char name[CAL_REP_SIZE];
    enum rk_status status = RK_OK;

    cal_rep_name(customer, name);
    for (unsigned i = 0; status == RK_OK && i < before + now; i++) {
        double half = cal_log_sd * cal_log_sd / 2.0;
        size_t row = table->n_rows;

        status = rk_table_add_row(table);
        if (status == RK_OK)
            status = rk_table_set_text(table, row, 0, name);
        if (status != RK_OK)
            break;
        rk_table_set_number(table, row, 1,
                            floor((i < before ? YEAR_BEFORE : YEAR) + DAYS * rk_rng_uniform(rng)));
        rk_table_set_number(table, row, 2, level * exp(cal_log_sd * rk_rng_normal(rng) - half));
    }
    return status;
}

/* One KPI of one file, which the files take. A period is named, or "all". */
static enum rk_status kpi_covers(struct rk_table *table, enum rk_crm_input input, const char *kpi,
                                 const char *period, double truth, double *value)
{
    const struct rk_csv_options csv = RK_CSV_DEFAULT;
    const char *specs[RK_CRM_INPUTS] = {NULL};
    struct rk_kpi_options options = RK_KPI_DEFAULT;
    struct rk_result *result = rk_result_new();
    struct rk_crm_files files;
    enum rk_status status;

    specs[input] = input == RK_CRM_DEALS
                       ? "-:rep=rep,open=open,close=close,stage=stage,amount=amount"
                       : "-:customer=customer,date=date,amount=amount";
    status = rk_crm_files_parse(&files, specs, &csv, NULL);
    files.file[input].table = table;
    options.kpis = (struct rk_names){.name = (char *[]){(char *)(uintptr_t)kpi}, .n = 1};
    options.period = strcmp(period, "all") == 0 ? -1 : 4; /* years */
    options.as_of = "2024-12-30";
    if (status == RK_OK)
        status = result == NULL ? RK_ENOMEM : rk_kpi_run(&files, &options, NULL, result, NULL);
    if (status == RK_OK)
        *value = cal_row_covers(result, "kpi", "period", period, truth);
    files.file[input].table = NULL;
    rk_crm_files_free(&files);
    rk_result_free(result);
    /* not a deal won: no answer */
    return rk_status_is_undefined(status) || status == RK_EINPUT ? RK_OK : status;
}

static enum rk_status of_deals(const struct cal_cell *cell, bool differ, struct cal_draw *draw,
                               double *value)
{
    struct rk_table *table = new_table(deal_columns, DEAL_COLUMNS);
    enum rk_status status = table == NULL ? RK_ENOMEM : fill_deals(table, cell, differ, &draw->rng);

    if (status == RK_OK)
        status = kpi_covers(table, RK_CRM_DEALS, "win-rate", "all", won_share,
                            &value[differ ? WON_DIFFER : WON_ALIKE]);
    if (status == RK_OK && !differ)
        status = kpi_covers(table, RK_CRM_DEALS, "sales-cycle", "all", median_days, &value[CYCLE]);
    rk_table_free(table);
    return status;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    struct rk_table *orders =
        new_table(order_columns, sizeof order_columns / sizeof *order_columns);
    enum rk_status status = orders == NULL ? RK_ENOMEM : RK_OK;

    for (size_t i = 0; status == RK_OK && i < (size_t)cell->extra; i++)
        status = add_orders(orders, i, &draw->rng);
    if (status == RK_OK)
        status = kpi_covers(orders, RK_CRM_ORDERS, "nrr", "2024", orders_now / orders_before,
                            &value[NRR]);
    if (status == RK_OK)
        status =
            kpi_covers(orders, RK_CRM_ORDERS, "avg-order", "2024", mean_amount, &value[AVERAGE]);
    if (status == RK_OK)
        status = of_deals(cell, false, draw, value);
    if (status == RK_OK)
        status = of_deals(cell, true, draw, value);
    rk_table_free(orders);
    return status;
}

const struct cal_study cal_kpi = {
    .title = "rep-kpi",
    .simulated = "Twelve deals a rep, opened over a year, won or lost after a lognormal number of "
                 "days (median "
                 "60), open if the\nyear ends before; 8 of 28 are won, by all reps alike or by "
                 "rates that are "
                 "Beta(8, 20). Customers order three\ntimes in one year and 2.4 times in the next "
                 "(Poisson), "
                 "lognormal amounts about a lognormal level of the\ncustomer. Does the interval "
                 "hold the win "
                 "rate, the median, 2.4 / 3, the mean amount?",
    .reading =
        "Wilson's interval takes deals as independent, which deals of one rep are not quite: where "
        "reps differ it is a\nlittle too narrow (see rep-rank). A mean of skewed amounts is "
        "itself skewed where customers are\nfew, which a symmetrical interval does not know: for "
        "that of avg-order it takes some hundreds of customers.",
    .cell = cells,
    .n_cells = sizeof cells / sizeof *cells,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
};
