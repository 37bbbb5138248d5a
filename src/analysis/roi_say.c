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
    bool over; /* whether it is said over how many months */
} metric_words[RK_ROI_METRICS] = {
    [RK_ROI_TOTAL_COST] = {"it costs", "", 1.0, true},
    [RK_ROI_TOTAL_BENEFIT] = {"it brings", "", 1.0, true},
    [RK_ROI_NET_BENEFIT] = {"it brings more than it costs by", "", 1.0, true},
    [RK_ROI_ROI_ANNUAL] = {"each 100 put in earns, spread evenly,", " a year", 100.0, true},
    [RK_ROI_PV_COST] = {"the costs are, in today's money,", "", 1.0, true},
    [RK_ROI_PV_BENEFIT] = {"the benefits are, in today's money,", "", 1.0, true},
    [RK_ROI_NPV] = {"it is worth, in today's money,", "", 1.0, true},
    [RK_ROI_ROI_PV] = {"each 100 put in earns, in today's money,", "", 100.0, true},
    [RK_ROI_BCR] = {"each 1.00 put in brings back, in today's money,", "", 1.0, true},
    [RK_ROI_IRR] = {"it earns as much as money lent at", "% a year", 100.0, true},
    [RK_ROI_MIRR] = {"with all that it brings put to use at the reinvestment rate, it earns",
                     "% a year", 100.0, true},
    [RK_ROI_PAYBACK] = {"The money is back after", " months", 1.0, false},
    [RK_ROI_DISCOUNTED_PAYBACK] = {"With interest counted the money is back after", " months", 1.0,
                                   false},
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
    if (metric_words[metric].over)
        rk_text_format(&row->manager, "Over %d months ", row->horizon);
    if (metric == RK_ROI_NET_BENEFIT && value < 0.0)
        rk_text_add(&row->manager, "it brings less than it costs: ");
    else
        rk_text_format(&row->manager, "%s ", metric_words[metric].before);
    rk_say_number(&row->manager, scale * value);
    rk_text_add(&row->manager, metric_words[metric].after);
    rk_say_interval(&row->manager, row->conf_level, scale * low, scale * high);
    rk_text_add(&row->manager, ", if the model is right.");
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

/* A probability as people say it. */
static void say_chance(struct rk_text *text, double p)
{
    if (p > 0.99)
        rk_text_add(text, "above 99%");
    else if (p < 0.01)
        rk_text_add(text, "below 1%");
    else
        rk_text_format(text, "%.0f%%", 100.0 * p);
}

static void explain_category(struct row *row)
{
    const char *name = text(row, "category");
    double share = number(row, "prob_positive"), cost = number(row, "total_cost");
    double benefit = number(row, "total_benefit");

    name = name[0] == '\0' ? "(no category)" : name;
    rk_text_format(&row->name, "category %s", name);
    rk_text_format(&row->manager, "'%s' ", name);
    if (cost == 0.0 || benefit == 0.0) {
        rk_text_add(&row->manager, cost == 0.0 ? "brings " : "costs ");
        rk_say_number(&row->manager, cost == 0.0 ? benefit : cost);
        rk_text_format(&row->manager, " and has no %s of its own.",
                       cost == 0.0 ? "costs" : "benefits");
    } else {
        rk_text_add(&row->manager, "costs ");
        rk_say_number(&row->manager, cost);
        rk_text_add(&row->manager, " and brings ");
        rk_say_number(&row->manager, benefit);
        rk_text_add(&row->manager, "; the probability that it brings more than it costs is ");
        say_chance(&row->manager, share);
        rk_text_add(&row->manager, ", if the model's amounts and ranges are right.");
    }
    rk_text_format(&row->paper, "%s: net benefit = ", name);
    rk_say_number(&row->paper, number(row, "net_benefit"));
    rk_text_format(&row->paper, ", P(> 0) = %.3g", share);
    if (!isnan(number(row, "roi"))) {
        rk_text_add(&row->paper, ", ROI = ");
        rk_say_number(&row->paper, number(row, "roi"));
        if (!isnan(number(row, "conf_low")) && !isnan(number(row, "conf_high"))) {
            rk_text_format(&row->paper, ", %g%% uncertainty interval ", 100.0 * row->conf_level);
            rk_say_number(&row->paper, number(row, "conf_low"));
            rk_text_add(&row->paper, " to ");
            rk_say_number(&row->paper, number(row, "conf_high"));
        }
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

/* The manager's sentence: of multiples of the whole, of what may as well bring nothing, of what
 * cannot save it, and of all else. */
static void say_breakeven(struct rk_text *out, const char *item, double central, double at,
                          double safety)
{
    static const char undiscounted[] = " (roi = 0)";
    size_t length = strlen(item), tail = sizeof undiscounted - 1;
    bool plain = length > tail && strcmp(item + length - tail, undiscounted) == 0;
    int n = (int)(plain ? length - tail : length);
    bool all = strncmp(item, "all benefits", 12) == 0 || strcmp(item, "all costs") == 0;

    if (at < 0.0 && safety > 0.0) {
        rk_text_format(out, "It pays even if '%.*s' brings nothing", n, item);
    } else if (at < 0.0) {
        rk_text_format(out, "It does not pay even if '%.*s' costs nothing", n, item);
    } else {
        rk_text_format(
            out, all ? "It only just pays with %.*s at " : "It only just pays with '%.*s' at ", n,
            item);
        rk_say_number(out, all ? 100.0 * at : at);
        if (all) {
            rk_text_add(out, "% of what the model says");
        } else {
            rk_text_add(out, " instead of ");
            rk_say_number(out, central);
        }
    }
    rk_text_format(out, "%s, all else as in the model.", plain ? " (interest not counted)" : "");
}

static void explain_breakeven(struct row *row)
{
    const char *item = text(row, "item");
    double central = number(row, "central"), at = number(row, "break_even");
    double safety = number(row, "margin_of_safety");

    rk_text_format(&row->name, "breakeven %s", item);
    if (isnan(at)) {
        rk_text_format(&row->manager, "'%s' moves nothing within the horizon.", item);
        rk_text_format(&row->paper, "%s: no break-even value.", item);
        return;
    }
    say_breakeven(&row->manager, item, central, at, safety);
    rk_text_format(&row->paper, "%s: break-even value ", item);
    rk_say_number(&row->paper, at);
    rk_text_add(&row->paper, " (");
    rk_say_number(&row->paper, central);
    rk_text_add(&row->paper, " in the model)");
    if (!isnan(safety)) {
        rk_text_add(&row->paper, ", margin of safety ");
        rk_say_number(&row->paper, 100.0 * safety);
        rk_text_add_char(&row->paper, '%');
    }
    rk_text_add_char(&row->paper, '.');
}

/* The manager's sentences of quantities that are known by name; @ where the number stands. */
static const struct {
    const char *quantity, *below, *above; /* of values below 0, and of others */
    double scale;
} quantities[] = {
    {"expected_npv", "On average over all that may happen it loses @ in today's money.",
     "On average over all that may happen it is worth @ in today's money.", 1.0},
    {"prob_loss", "", "The probability that it loses money, interest counted, is @%.", 100.0},
    {"expected_loss", "", "Losses come to @ on average, cases without a loss counted as 0.", 1.0},
    {"evpi", "", "A study that told beforehand how it turns out would be worth at most @.", 1.0},
    {"pilot_cost", "", "The pilot costs @.", 1.0},
    {"evpi_less_pilot", "The pilot cannot pay: at the very best it is worth @ less than it costs.",
     "At the very best the pilot is worth @ more than it costs.", 1.0},
};

static void say_quantity(struct rk_text *out, const char *sentence, double value)
{
    for (; *sentence != '\0'; sentence++) {
        if (*sentence == '@')
            rk_say_number(out, fabs(value));
        else
            rk_text_add_char(out, *sentence);
    }
}

static void explain_information(struct row *row)
{
    const char *quantity = text(row, "quantity"), *item = strchr(quantity, ' ');
    double value = number(row, "value");

    rk_text_format(&row->name, "information %s", quantity);
    for (size_t k = 0; k < sizeof quantities / sizeof *quantities; k++)
        if (strcmp(quantities[k].quantity, quantity) == 0)
            say_quantity(&row->manager, value < 0.0 ? quantities[k].below : quantities[k].above,
                         quantities[k].scale * value);
    item = item == NULL ? quantity : item + 1;
    if (row->manager.length == 0 && value == 0.0) {
        rk_text_format(&row->manager, "Knowing '%s' beforehand would not change the decision.",
                       item);
    } else if (row->manager.length == 0) {
        rk_text_format(&row->manager, "Knowing '%s' beforehand would be worth at most ", item);
        rk_say_number(&row->manager, value);
        rk_text_add_char(&row->manager, '.');
    }
    rk_text_format(&row->paper, "%s = ", quantity);
    rk_say_number(&row->paper, value);
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
    rk_say_interval(&row->manager, row->conf_level, fmax(100.0 * number(row, "first_low"), 0.0),
                    fmax(100.0 * number(row, "first_high"), 0.0));
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
    if (row->name.length > 0 || row->name.failed)
        rk_explain(row->result, &row->name, &row->manager, &row->paper);
    rk_text_free(&row->manager);
    rk_text_free(&row->paper);
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
