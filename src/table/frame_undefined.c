/* Rows in which a function of the formula has no value. */
#include <math.h>
#include <stdlib.h>

#include "frame_plan.h"
#include "lag.h"

struct looking {
    const struct rk_frame_plan *plan;
    const struct rk_table *table;
    struct rk_error *error;
};

/* Why a row has no value though no column of it is missing. */
enum lack { LACKS_NOTHING, LACKS_LAG, LACKS_VALUE };

/* Marks the rows in which a lag() or lead() of the tree finds nothing. */
static enum rk_status mark_unlagged(const struct looking *l, const struct rk_node *node,
                                    double *value, bool *unlagged)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && !rk_is_lag(node) && i < node->n_children; i++)
        status = mark_unlagged(l, node->child[i], value, unlagged);
    if (!rk_is_lag(node))
        return status;
    status = rk_evaluate_series(node, l->table, &l->plan->formula->series, value, l->error);
    for (size_t i = 0; status == RK_OK && i < l->table->n_rows; i++)
        unlagged[i] = unlagged[i] || isnan(value[i]);
    return status;
}

/* Marks the rows in which the value is undefined though no column of it is missing: log(0), or no
 * row to look back to. */
static enum rk_status mark_undefined(const struct looking *l, const struct rk_node *node,
                                     const double *value, enum lack *lack)
{
    const struct rk_table *table = l->table;
    struct rk_names names = {0};
    double *work = malloc((table->n_rows + 1) * sizeof *work);
    bool *unlagged = calloc(table->n_rows + 1, sizeof *unlagged);
    enum rk_status status = rk_node_columns(node, &names);

    if (status != RK_OK || work == NULL || unlagged == NULL)
        status = rk_fail_memory(l->error);
    if (status == RK_OK)
        status = mark_unlagged(l, node, work, unlagged);
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++) {
        enum lack found = unlagged[i] ? LACKS_LAG : LACKS_VALUE;

        if (!isnan(value[i]))
            continue;
        for (size_t c = 0; found == LACKS_VALUE && c < names.n; c++)
            if (rk_table_is_missing(table, i, rk_table_find_typed(table, names.name[c], RK_NUMBER)))
                found = LACKS_NOTHING;
        lack[i] = found > lack[i] ? found : lack[i];
    }
    rk_names_free(&names);
    free(work);
    free(unlagged);
    return status;
}

enum rk_status rk_frame_plan_undefined(const struct rk_frame_plan *plan,
                                       const struct rk_table *table, const double *response,
                                       size_t *n_undefined, size_t *n_unlagged,
                                       struct rk_error *error)
{
    const struct looking l = {plan, table, error};
    enum lack *lack = calloc(table->n_rows + 1, sizeof *lack);
    enum rk_status status = RK_OK;

    if (lack == NULL)
        return rk_fail_memory(error);
    if (response != NULL)
        status = mark_undefined(&l, plan->formula->response, response, lack);
    for (size_t v = 0; status == RK_OK && v < plan->n_variables; v++) {
        const struct rk_frame_variable *variable = &plan->variable[v];

        if (!rk_frame_variable_is_factor(variable))
            status = mark_undefined(&l, variable->node, variable->number, lack);
    }
    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++) {
        *n_undefined += lack[i] == LACKS_VALUE;
        *n_unlagged += lack[i] == LACKS_LAG;
    }
    free(lack);
    return status;
}
