/* rollout: who gets it first, by lot, alike in every stratum. */
#include <stdlib.h>
#include <string.h>

#include "impact_parts.h"
#include "repkit/random.h"

enum { ID, STRATUM, GROUP };

struct lot {
    const struct impact *impact;
    const struct rk_table *table;
    size_t id, *strata, n_strata;
    size_t *unit; /* first rows of the units */
    size_t n_units;
    size_t *group; /* one a unit, from 1 */
};

static enum rk_status find_columns(struct lot *lot)
{
    const struct rk_impact_options *o = lot->impact->options;
    enum rk_status status =
        rk_column_index(lot->table, o->id, RK_TEXT, &lot->id, lot->impact->error);

    lot->n_strata = o->stratify.n;
    lot->strata = malloc((o->stratify.n + 1) * sizeof *lot->strata);
    if (lot->strata == NULL)
        return rk_fail_memory(lot->impact->error);
    for (size_t j = 0; status == RK_OK && j < o->stratify.n; j++)
        status = rk_column_index(lot->table, o->stratify.name[j], RK_TEXT, &lot->strata[j],
                                 lot->impact->error);
    return status;
}

/* Units in the order they come; all rows of one are of one stratum. */
static enum rk_status find_units(struct lot *lot)
{
    struct rk_groups units = {0};
    enum rk_status status = rk_groups_by(lot->table, &lot->id, 1, &units) == RK_OK
                                ? RK_OK
                                : rk_fail_memory(lot->impact->error);

    lot->unit = calloc(units.n_groups + 1, sizeof *lot->unit);
    lot->group = calloc(units.n_groups + 1, sizeof *lot->group);
    if (status == RK_OK && (lot->unit == NULL || lot->group == NULL))
        status = rk_fail_memory(lot->impact->error);
    for (size_t g = 0; status == RK_OK && g < units.n_groups; g++) {
        size_t first = units.first_row[g];

        if (rk_table_is_missing(lot->table, first, lot->id))
            continue;
        lot->unit[lot->n_units++] = first;
        for (size_t k = units.start[g]; status == RK_OK && k < units.start[g + 1]; k++)
            for (size_t j = 0; j < lot->n_strata; j++) {
                const struct rk_column *c = &lot->table->column[lot->strata[j]];

                if (c->code[units.rows[k]] == c->code[first])
                    continue;
                rk_fail(lot->impact->error, RK_EINPUT, "'%s' is in two strata",
                        rk_table_text(lot->table, first, lot->id));
                status = rk_fail_at(lot->impact->error, lot->table->name,
                                    rk_table_line(lot->table, units.rows[k]), c->name);
                break;
            }
    }
    rk_groups_free(&units);
    if (status == RK_OK && lot->n_units < lot->impact->options->groups)
        status = rk_fail(lot->impact->error, RK_ETOOFEW, "%zu units for %zu groups", lot->n_units,
                         lot->impact->options->groups);
    return status;
}

/* Each stratum is shuffled and dealt out; the deal goes on from one to the next where the last
 * ended, so that groups are of one size but for one unit, and which group begins is drawn, too. */
static enum rk_status draw(struct lot *lot)
{
    struct rk_table *units = rk_table_rows(lot->table, lot->unit, lot->n_units);
    struct rk_groups strata = {0};
    struct rk_rng rng;
    size_t n_groups = lot->impact->options->groups, next, *order;
    enum rk_status status = RK_OK;

    order = malloc((lot->n_units + n_groups + 1) * sizeof *order);
    if (units == NULL || order == NULL ||
        rk_groups_by(units, lot->strata, lot->n_strata, &strata) != RK_OK)
        status = rk_fail_memory(lot->impact->error);
    rk_rng_stream(&rng, lot->impact->ctx->seed, "rollout", lot->impact->label, 0);
    for (size_t g = 0; status == RK_OK && g < n_groups; g++)
        order[lot->n_units + g] = g + 1;
    for (size_t g = n_groups; status == RK_OK && g > 1; g--) {
        size_t *label = order + lot->n_units, other = rk_rng_below(&rng, g), kept = label[g - 1];

        label[g - 1] = label[other];
        label[other] = kept;
    }
    next = 0;
    for (size_t s = 0; status == RK_OK && s < strata.n_groups; s++) {
        size_t *rows = strata.rows + strata.start[s], n = strata.start[s + 1] - strata.start[s];

        memcpy(order, rows, n * sizeof *order);
        for (size_t k = 0; k < n && n_groups > 0; k++) {
            size_t other = k + rk_rng_below(&rng, n - k), unit = order[other];

            order[other] = order[k];
            lot->group[unit] = order[lot->n_units + next];
            next = (next + 1) % n_groups;
        }
    }
    rk_groups_free(&strata);
    rk_table_free(units);
    free(order);
    return status;
}

static void put_plan(const struct lot *lot)
{
    struct rk_result *result = lot->impact->result;
    struct rk_text stratum = {0};

    for (size_t i = 0; i < lot->n_units; i++) {
        rk_text_clear(&stratum);
        for (size_t j = 0; j < lot->n_strata; j++) {
            const char *label = rk_table_text(lot->table, lot->unit[i], lot->strata[j]);

            rk_text_format(&stratum, "%s%s", j > 0 ? ", " : "", label == NULL ? "" : label);
        }
        rk_result_row(result, 0);
        rk_put_text(result, 0, ID, rk_table_text(lot->table, lot->unit[i], lot->id));
        if (stratum.length > 0)
            rk_put_text(result, 0, STRATUM, stratum.bytes);
        rk_put(result, 0, GROUP, (double)lot->group[i]);
    }
    if (stratum.failed)
        result->status = RK_ENOMEM;
    rk_text_free(&stratum);
}

static void explain(const struct lot *lot)
{
    struct rk_text manager = {0}, paper = {0};
    size_t groups = lot->impact->options->groups;

    rk_text_format(&manager,
                   "%zu units were put into %zu groups by lot%s; give it to group 1 first (and so "
                   "on), keep to the plan, and what then differs is what it did.",
                   lot->n_units, groups, lot->n_strata > 0 ? ", alike in every stratum" : "");
    rk_text_format(&paper, "%zu units were randomised to %zu groups%s (seed %llu).", lot->n_units,
                   groups, lot->n_strata > 0 ? " within strata" : "",
                   (unsigned long long)lot->impact->ctx->seed);
    impact_explain(lot->impact, "plan", &manager, &paper);
}

enum rk_status impact_rollout(const struct impact *impact, const struct rk_table *table)
{
    struct lot lot = {.impact = impact, .table = table};
    enum rk_status status = find_columns(&lot);

    if (status == RK_OK)
        status = find_units(&lot);
    if (status == RK_OK)
        status = draw(&lot);
    if (status == RK_OK) {
        put_plan(&lot);
        if (table->n_rows > impact->result->rows_used)
            impact->result->rows_used = table->n_rows;
        if (2 * impact->options->groups > lot.n_units)
            rk_warn(impact->result, RK_WARN_FEW_CLUSTERS, "%zu units for %zu groups", lot.n_units,
                    impact->options->groups);
        if (impact->options->common.explain)
            explain(&lot);
    }
    free(lot.strata);
    free(lot.unit);
    free(lot.group);
    return status;
}
