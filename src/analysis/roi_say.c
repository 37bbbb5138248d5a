/* What the rows of rep-roi's tables mean, in words, read off the tables themselves. */
#include <math.h>
#include <string.h>

#include "repkit/words.h"
#include "roi_parts.h"

struct row {
    struct rk_result *result;
    const struct rk_table *table;
    size_t index;
    double conf_level;
    int horizon;
    const char *method; /* "percentiles of 100000 draws" */
    struct rk_text name, manager, paper;
};

static double number(const struct row *row, const char *column)
{
    return row->table->column[rk_table_find(row->table, column)].number[row->index];
}

static const char *text(const struct row *row, const char *column)
{
    const char *cell = rk_table_text(row->table, row->index, rk_table_find(row->table, column));

    return cell == NULL ? "" : cell;
}

/* --- metrics ------------------------------------------------------------------------------ */

/* Roi has sentences of its own. */
static const struct {
    const char *before, *after;
    double scale;
} metric_words[RK_ROI_METRICS] = {
    [RK_ROI_TOTAL_COST] = {"What it costs comes to", "", 1.0},
    [RK_ROI_TOTAL_BENEFIT] = {"What it brings comes to", "", 1.0},
    [RK_ROI_NET_BENEFIT] = {"What it brings less what it costs comes to", "", 1.0},
    [RK_ROI_ROI_ANNUAL] = {"Spread evenly, each 100 put in earn", " a year", 100.0},
    [RK_ROI_PV_COST] = {"In today's money the costs are", "", 1.0},
    [RK_ROI_PV_BENEFIT] = {"In today's money the benefits are", "", 1.0},
    [RK_ROI_NPV] = {"In today's money it is worth", "", 1.0},
    [RK_ROI_ROI_PV] = {"In today's money each 100 put in earn", "", 100.0},
    [RK_ROI_BCR] = {"In today's money each 1.00 put in brings back", "", 1.0},
    [RK_ROI_IRR] = {"It earns as much as money lent at", "% a year", 100.0},
    [RK_ROI_MIRR] = {"With all that it brings put to use at the reinvestment rate, it earns",
                     "% a year", 100.0},
    [RK_ROI_PAYBACK] = {"The money is back after", " months", 1.0},
    [RK_ROI_DISCOUNTED_PAYBACK] = {"With interest counted the money is back after", " months", 1.0},
};

static void explain_metric(struct row *row)
{
    enum rk_roi_metric metric = (enum rk_roi_metric)(row->index % RK_ROI_METRICS);
    double scale = metric_words[metric].scale, value = number(row, "value");
    double low = number(row, "conf_low"), high = number(row, "conf_high");

    if (metric_words[metric].before == NULL)
        return;
    if ((metric == RK_ROI_PAYBACK || metric == RK_ROI_DISCOUNTED_PAYBACK) && isnan(high))
        high = INFINITY;
    rk_text_add(&row->name, text(row, "metric"));
    if (isnan(value)) {
        const char *why = text(row, "note"), *errors = strstr(why, "; Monte Carlo SE");
        int length = (int)(errors == NULL ? strlen(why) : (size_t)(errors - why));

        rk_text_format(&row->manager, "There is no %s: %.*s.", text(row, "metric"), length, why);
        rk_text_format(&row->paper, "%s is undefined (%.*s).", text(row, "metric"), length, why);
        return;
    }
    rk_text_format(&row->manager, "%s ", metric_words[metric].before);
    rk_say_number(&row->manager, scale * value);
    rk_text_add(&row->manager, metric_words[metric].after);
    rk_say_interval(&row->manager, row->conf_level, scale * low, scale * high);
    rk_text_format(&row->manager, ", over %d months and if the model is right.", row->horizon);
    rk_text_format(&row->paper, "%s = ", text(row, "metric"));
    rk_say_number(&row->paper, value);
    if (!isnan(low) && !isnan(high)) {
        rk_text_format(&row->paper, ", %g%% uncertainty interval ", 100.0 * row->conf_level);
        rk_say_number(&row->paper, low);
        rk_text_add(&row->paper, " to ");
        if (isinf(high))
            rk_text_add(&row->paper, "beyond the horizon");
        else
            rk_say_number(&row->paper, high);
        rk_text_format(&row->paper, " by %s", row->method);
    }
    rk_text_add_char(&row->paper, '.');
}

/* --- categories, cash flow, draws --------------------------------------------------------- */

static void explain_category(struct row *row)
{
    const char *name = text(row, "category");
    double share = number(row, "prob_positive");

    name = name[0] == '\0' ? "(no category)" : name;
    rk_text_format(&row->name, "category %s", name);
    rk_text_format(&row->manager, "'%s' costs ", name);
    rk_say_number(&row->manager, number(row, "total_cost"));
    rk_text_add(&row->manager, " and brings ");
    rk_say_number(&row->manager, number(row, "total_benefit"));
    rk_text_format(&row->manager,
                   "; the probability that it brings more than it costs is %.3g%%, if the model's "
                   "amounts and ranges are right.",
                   100.0 * share);
    rk_text_format(&row->paper, "%s: net benefit = ", name);
    rk_say_number(&row->paper, number(row, "net_benefit"));
    rk_text_format(&row->paper, ", P(> 0) = %.3g", share);
    if (!isnan(number(row, "roi"))) {
        rk_text_add(&row->paper, ", ROI = ");
        rk_say_number(&row->paper, number(row, "roi"));
        rk_say_ci(&row->paper, row->conf_level, number(row, "conf_low"), number(row, "conf_high"));
    }
    rk_text_add_char(&row->paper, '.');
}

/* One for all months: where the cumulative flow is lowest, and where it ends. */
static void explain_cashflow(struct row *row, size_t first)
{
    size_t last = row->table->n_rows - 1, deepest = first;

    row->index = first;
    for (size_t i = first; i <= last; i++) {
        struct row at = *row, best = *row;

        at.index = i;
        best.index = deepest;
        if (number(&at, "cumulative") < number(&best, "cumulative"))
            deepest = i;
    }
    rk_text_add(&row->name, "cashflow");
    row->index = deepest;
    rk_text_format(&row->manager, "The account is lowest in month %g, at ", number(row, "month"));
    rk_say_number(&row->manager, number(row, "cumulative"));
    rk_text_format(&row->paper, "Cumulative net flow has its minimum in month %g (",
                   number(row, "month"));
    rk_say_number(&row->paper, number(row, "cumulative"));
    row->index = last;
    rk_text_format(&row->manager, ", and stands at ");
    rk_say_number(&row->manager, number(row, "cumulative"));
    rk_text_format(&row->manager, " in month %g.", number(row, "month"));
    rk_text_add(&row->paper, ") and ends at ");
    rk_say_number(&row->paper, number(row, "cumulative"));
    rk_text_add(&row->paper, " (90% of draws between ");
    rk_say_number(&row->paper, number(row, "cum_p5"));
    rk_text_add(&row->paper, " and ");
    rk_say_number(&row->paper, number(row, "cum_p95"));
    rk_text_add(&row->paper, ").");
}

static void explain_draws(struct row *row, size_t first)
{
    rk_text_add(&row->name, "draws");
    rk_text_format(&row->manager, "Each line is one of %zu ways in which it may turn out.",
                   row->table->n_rows - first);
    rk_text_add(&row->paper, "Monte Carlo draws of the model's amounts, in Latin hypercubes of "
                             "1024.");
}

/* --- what matters ------------------------------------------------------------------------- */

static void explain_tornado(struct row *row)
{
    const char *item = text(row, "item");

    rk_text_format(&row->name, "tornado %s", item);
    rk_text_format(&row->manager, "With '%s' at ", item);
    rk_say_number(&row->manager, number(row, "low"));
    rk_text_add(&row->manager, " each 1.00 put in earns ");
    rk_say_number(&row->manager, number(row, "roi_low"));
    rk_text_add(&row->manager, ", with ");
    rk_say_number(&row->manager, number(row, "high"));
    rk_text_add(&row->manager, " it earns ");
    rk_say_number(&row->manager, number(row, "roi_high"));
    rk_text_add(&row->manager, ", all else in the middle of its range.");
    rk_text_format(&row->paper,
                   "ROI at the 10%% and 90%% quantile of %s, others at medians: ", item);
    rk_say_number(&row->paper, number(row, "roi_low"));
    rk_text_add(&row->paper, " and ");
    rk_say_number(&row->paper, number(row, "roi_high"));
    if (!isnan(number(row, "rank_correlation")))
        rk_text_format(&row->paper, "; rank correlation with ROI %.3f",
                       number(row, "rank_correlation"));
    if (!isnan(number(row, "variance_share")))
        rk_text_format(&row->paper, ", r^2 = %.3f", number(row, "variance_share"));
    rk_text_add_char(&row->paper, '.');
}

static void explain_breakeven(struct row *row)
{
    const char *item = text(row, "item");
    double central = number(row, "central"), at = number(row, "break_even");

    rk_text_format(&row->name, "breakeven %s", item);
    if (isnan(at)) {
        rk_text_format(&row->manager, "'%s' moves nothing within the horizon.", item);
        rk_text_format(&row->paper, "%s: no break-even value.", item);
        return;
    }
    rk_text_format(&row->manager, "It only just pays with '%s' at ", item);
    rk_say_number(&row->manager, at);
    rk_text_add(&row->manager, " instead of ");
    rk_say_number(&row->manager, central);
    rk_text_add(&row->manager, ", all else as in the model.");
    rk_text_format(&row->paper, "%s: break-even value ", item);
    rk_say_number(&row->paper, at);
    rk_text_add(&row->paper, " (");
    rk_say_number(&row->paper, central);
    rk_text_add(&row->paper, " in the model)");
    if (!isnan(number(row, "margin_of_safety")))
        rk_text_format(&row->paper, ", margin of safety %.3g%%",
                       100.0 * number(row, "margin_of_safety"));
    rk_text_add_char(&row->paper, '.');
}

static void explain_information(struct row *row)
{
    static const struct {
        const char *quantity, *manager;
    } known[] = {
        {"expected_npv", "On average over all that may happen it is worth this in today's money"},
        {"prob_loss", "The probability that it loses money, in today's money"},
        {"expected_loss", "The loss to be expected on average, gains counted as no loss"},
        {"evpi", "More than this no study is worth that would tell how it turns out"},
        {"pilot_cost", "The pilot costs this"},
        {"evpi_less_pilot", "At the very best the pilot is worth this much more than it costs"},
    };
    const char *quantity = text(row, "quantity");
    double value = number(row, "value");

    rk_text_format(&row->name, "information %s", quantity);
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (strcmp(known[k].quantity, quantity) == 0)
            rk_text_add(&row->manager, known[k].manager);
    if (row->manager.length == 0)
        rk_text_format(&row->manager, "More than this it is not worth to know '%s' alone",
                       strchr(quantity, ' ') == NULL ? quantity : strchr(quantity, ' ') + 1);
    rk_text_add(&row->manager, ": ");
    rk_text_format(&row->paper, "%s = ", quantity);
    rk_say_number(&row->manager, value);
    rk_say_number(&row->paper, value);
    rk_text_add_char(&row->manager, '.');
    rk_text_add(&row->paper, ", given the model.");
}

static void explain_sobol(struct row *row)
{
    const char *item = text(row, "item");
    double first = number(row, "first_order"), total = number(row, "total");

    rk_text_format(&row->name, "sobol %s", item);
    if (isnan(first)) {
        rk_text_format(&row->manager, "The share of '%s' in the uncertainty cannot be said.", item);
        rk_text_format(&row->paper, "%s: no variance to share.", item);
        return;
    }
    rk_text_format(&row->manager,
                   "Of the uncertainty in the return %.3g%% would go if '%s' were "
                   "known",
                   fmax(100.0 * first, 0.0), item);
    rk_say_interval(&row->manager, row->conf_level, 100.0 * number(row, "first_low"),
                    100.0 * number(row, "first_high"));
    rk_text_add_char(&row->manager, '.');
    rk_text_format(&row->paper, "%s: first-order share of var(ROI) %.3f", item, first);
    rk_say_ci(&row->paper, row->conf_level, number(row, "first_low"), number(row, "first_high"));
    if (!isnan(total)) {
        rk_text_format(&row->paper, ", total %.3f", total);
        rk_say_ci(&row->paper, row->conf_level, number(row, "total_low"),
                  number(row, "total_high"));
    }
    rk_text_add_char(&row->paper, '.');
}

/* --- all ---------------------------------------------------------------------------------- */

/* The first row of the scenario that is being run. */
static size_t first_row(const struct rk_result *result, const struct rk_table *table)
{
    size_t first = 0;

    while (result->group_labels.n > 0 && first < table->n_rows &&
           strcmp(rk_table_text(table, first, 0), result->group_labels.name[0]) != 0)
        first++;
    return first;
}

static void finish(struct row *row)
{
    if (row->name.length > 0)
        rk_explain(row->result, &row->name, &row->manager, &row->paper);
}

void roi_explain_tables(const struct roi_parts *parts, const struct rk_roi_options *options,
                        struct rk_result *result)
{
    static const struct {
        const char *table;
        void (*explain)(struct row *row);                   /* each row */
        void (*explain_all)(struct row *row, size_t first); /* or all of them */
    } tables[] = {
        {"metrics", explain_metric, NULL},      {"categories", explain_category, NULL},
        {"cashflow", NULL, explain_cashflow},   {"tornado", explain_tornado, NULL},
        {"breakeven", explain_breakeven, NULL}, {"information", explain_information, NULL},
        {"sobol", explain_sobol, NULL},         {"draws", NULL, explain_draws},
    };
    struct row row = {.result = result,
                      .conf_level = options->common.conf_level,
                      .horizon = parts->model.horizon,
                      .method = options->method == RK_ROI_MONTECARLO ? "Monte Carlo percentiles"
                                : options->method == RK_ROI_DELTA
                                    ? "the delta method"
                                    : "Fieller's method (ratios) and the delta method"};

    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        size_t first;

        row.table = rk_result_table(result, tables[t].table);
        if (row.table == NULL || (tables[t].explain == explain_metric && !options->explain_metrics))
            continue;
        first = first_row(result, row.table);
        if (tables[t].explain_all != NULL && first < row.table->n_rows) {
            tables[t].explain_all(&row, first);
            finish(&row);
        }
        for (size_t i = first; tables[t].explain != NULL && i < row.table->n_rows; i++) {
            row.index = i;
            tables[t].explain(&row);
            finish(&row);
        }
    }
}
