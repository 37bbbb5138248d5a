/* How terms become columns: which variables enter with contrasts, and the products of columns. */
#include "frame_plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 10000 };

void rk_frame_plan_free(struct rk_frame_plan *plan)
{
    if (plan == NULL)
        return;
    for (size_t v = 0; v < plan->n_variables; v++)
        rk_frame_variable_free(&plan->variable[v]);
    for (size_t t = 0; plan->coding != NULL && t < plan->n_terms; t++)
        free(plan->coding[t]);
    free(plan->variable);
    free(plan->coding);
    free(plan);
}

size_t rk_frame_plan_find(const struct rk_frame_plan *plan, const struct rk_node *node)
{
    size_t v = 0;

    while (v < plan->n_variables && plan->variable[v].node != node)
        v++;
    return v;
}

enum rk_status rk_frame_plan_read(struct rk_frame_plan *plan, const struct rk_table *table,
                                  const struct rk_frame_plan *like, struct rk_error *error)
{
    const struct rk_formula *formula = plan->formula;
    size_t n_uses = 0;

    for (size_t t = 0; t < formula->n_terms; t++)
        n_uses += formula->term[t].n_variables;
    plan->variable = calloc(n_uses + 1, sizeof *plan->variable);
    if (plan->variable == NULL)
        return rk_fail_memory(error);
    for (size_t t = 0; t < formula->n_terms; t++) {
        for (size_t v = 0; v < formula->term[t].n_variables; v++) {
            const struct rk_node *node = formula->term[t].variable[v];
            enum rk_status status;

            if (rk_frame_plan_find(plan, node) < plan->n_variables)
                continue;
            status =
                rk_frame_variable_read(node, table, &formula->series,
                                       like == NULL ? NULL : &like->variable[plan->n_variables],
                                       &plan->variable[plan->n_variables], error);
            if (status != RK_OK)
                return status;
            plan->n_variables++;
        }
    }
    return RK_OK;
}

/* --- coding -------------------------------------------------------------------------------- */

/* Whether all variables of a term but the one at `without` are in another term. */
static bool margin_is_in(const struct rk_term *term, size_t without, const struct rk_term *other)
{
    for (size_t v = 0; v < term->n_variables; v++) {
        bool found = v == without;

        for (size_t w = 0; !found && w < other->n_variables; w++)
            found = other->variable[w] == term->variable[v];
        if (!found)
            return false;
    }
    return true;
}

/* R's rule (TermCode in model.c): contrasts if the rest of the term is empty or in a term before
 * it, else one column for each level. */
static enum rk_coding code_variable(const struct rk_formula *formula, size_t t, size_t v)
{
    const struct rk_term *term = &formula->term[t];

    if (term->n_variables == 1)
        return RK_CONTRASTS;
    for (size_t before = 0; before < t; before++)
        if (margin_is_in(term, v, &formula->term[before]))
            return RK_CONTRASTS;
    return RK_DUMMIES;
}

static enum rk_status code_terms(struct rk_frame_plan *plan, struct rk_error *error)
{
    const struct rk_formula *formula = plan->formula;
    bool spans_constant = formula->intercept || formula->fixed_effects.n > 0;

    plan->n_terms = formula->n_terms;
    plan->coding = calloc(formula->n_terms + 1, sizeof *plan->coding);
    if (plan->coding == NULL)
        return rk_fail_memory(error);
    for (size_t t = 0; t < formula->n_terms; t++) {
        const struct rk_term *term = &formula->term[t];

        plan->coding[t] = malloc(term->n_variables * sizeof **plan->coding);
        if (plan->coding[t] == NULL)
            return rk_fail_memory(error);
        for (size_t v = 0; v < term->n_variables; v++) {
            size_t found = rk_frame_plan_find(plan, term->variable[v]);

            plan->coding[t][v] = code_variable(formula, t, v);
            /* Without a constant, the first factor of all takes its place. */
            if (!spans_constant && rk_frame_variable_is_factor(&plan->variable[found])) {
                plan->coding[t][v] = RK_DUMMIES;
                spans_constant = true;
            }
        }
    }
    return RK_OK;
}

static size_t columns_of(const struct rk_frame_variable *variable, enum rk_coding coding)
{
    if (variable->basis != NULL)
        return rk_basis_columns(variable->basis);
    if (!rk_frame_variable_is_factor(variable))
        return 1;
    return variable->n_levels - (coding == RK_CONTRASTS);
}

static size_t columns_in_term(const struct rk_frame_plan *plan, size_t t)
{
    const struct rk_term *term = &plan->formula->term[t];
    size_t product = 1;

    for (size_t v = 0; v < term->n_variables && product <= COLUMNS_MAX; v++)
        product *= columns_of(&plan->variable[rk_frame_plan_find(plan, term->variable[v])],
                              plan->coding[t][v]);
    return product;
}

enum rk_status rk_frame_plan_code(struct rk_frame_plan *plan, struct rk_error *error)
{
    enum rk_status status = code_terms(plan, error);

    if (status != RK_OK)
        return status;
    plan->p = plan->has_intercept;
    for (size_t t = 0; t < plan->formula->n_terms; t++) {
        plan->p += columns_in_term(plan, t);
        if (plan->p > COLUMNS_MAX)
            return rk_fail(error, RK_EINPUT,
                           "the model would have more than %d columns; a factor of many levels can "
                           "be absorbed behind '|'",
                           COLUMNS_MAX);
    }
    return RK_OK;
}

/* --- columns ------------------------------------------------------------------------------- */

/* One of the columns of a variable in one row of its table; its derivative. */
static double value_of(const struct rk_frame_variable *variable, enum rk_coding coding,
                       size_t index, size_t row)
{
    uint32_t code;

    if (variable->basis != NULL)
        return variable->column[row * rk_basis_columns(variable->basis) + index];
    if (!rk_frame_variable_is_factor(variable))
        return variable->number[row];
    code = variable->labels.code[row];
    if (code == RK_NO_CODE || variable->level_of[code] == RK_NO_CODE)
        return NAN;
    return variable->level_of[code] == index + (coding == RK_CONTRASTS) ? 1.0 : 0.0;
}

/* Fills values with the derivative of one of the columns. RK_OK or RK_ENOMEM. */
static enum rk_status slopes_of(const struct rk_frame_variable *variable, size_t index,
                                const size_t *rows, size_t n, double *values)
{
    size_t n_columns = variable->basis == NULL ? 1 : rk_basis_columns(variable->basis);
    double *work = malloc(2 * n_columns * sizeof *work);

    if (work == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        size_t row = rows == NULL ? i : rows[i];

        work[n_columns + index] = 1.0;
        if (variable->slope != NULL && variable->basis != NULL)
            rk_basis_at(variable->basis, variable->number[row], work, work + n_columns);
        values[i] = variable->slope == NULL ? 0.0 : variable->slope[row] * work[n_columns + index];
    }
    free(work);
    return RK_OK;
}

/* Multiplies the values by one of the columns of a variable. */
static void multiply(const struct rk_frame_variable *variable, enum rk_coding coding, size_t index,
                     const size_t *rows, size_t n, double *values)
{
    for (size_t i = 0; i < n; i++)
        values[i] *= value_of(variable, coding, index, rows == NULL ? i : rows[i]);
}

/* Column c of a term, its first variable going fastest. With slopes, what is differentiated is one
 * variable after the other, the rest staying as they are. */
struct column {
    const struct rk_frame_plan *plan;
    const struct rk_frame_variable *variable;
    const size_t *rows;
    size_t n, t, c;
};

static void fill_product(const struct column *column, size_t but, double *values)
{
    const struct rk_term *term = &column->plan->formula->term[column->t];
    size_t rest = column->c;

    for (size_t v = 0; v < term->n_variables; v++) {
        const struct rk_frame_variable *variable =
            &column->variable[rk_frame_plan_find(column->plan, term->variable[v])];
        enum rk_coding coding = column->plan->coding[column->t][v];
        size_t n_columns = columns_of(variable, coding);

        if (v != but)
            multiply(variable, coding, rest % n_columns, column->rows, column->n, values);
        rest /= n_columns;
    }
}

/* A term that is one variable of numbers is copied; false for others. */
static bool copy_numbers(const struct column *column, double *values)
{
    const struct rk_term *term = &column->plan->formula->term[column->t];
    const struct rk_frame_variable *variable =
        &column->variable[rk_frame_plan_find(column->plan, term->variable[0])];

    if (term->n_variables != 1 || variable->basis != NULL || variable->number == NULL)
        return false;
    for (size_t i = 0; i < column->n; i++)
        values[i] = variable->number[column->rows == NULL ? i : column->rows[i]];
    return true;
}

static enum rk_status fill_slopes(const struct column *column, double *values, double *work)
{
    const struct rk_term *term = &column->plan->formula->term[column->t];
    size_t rest = column->c;

    for (size_t i = 0; i < column->n; i++)
        values[i] = 0.0;
    for (size_t v = 0; v < term->n_variables; v++) {
        const struct rk_frame_variable *variable =
            &column->variable[rk_frame_plan_find(column->plan, term->variable[v])];
        size_t n_columns = columns_of(variable, column->plan->coding[column->t][v]);

        if (variable->slope != NULL) {
            enum rk_status status =
                slopes_of(variable, rest % n_columns, column->rows, column->n, work);

            if (status != RK_OK)
                return status;
            fill_product(column, v, work);
            for (size_t i = 0; i < column->n; i++)
                values[i] += work[i];
        }
        rest /= n_columns;
    }
    return RK_OK;
}

enum rk_status rk_frame_plan_fill(const struct rk_frame_plan *plan,
                                  const struct rk_frame_variable *variable, const size_t *rows,
                                  size_t n, bool slopes, double *X)
{
    struct column column = {.plan = plan, .variable = variable, .rows = rows, .n = n};
    double *work = slopes ? malloc((n + 1) * sizeof *work) : NULL;
    enum rk_status status = slopes && work == NULL ? RK_ENOMEM : RK_OK;
    size_t j = 0;

    for (size_t i = 0; plan->has_intercept && i < n; i++)
        X[i] = slopes ? 0.0 : 1.0;
    j += plan->has_intercept;
    for (column.t = 0; column.t < plan->formula->n_terms; column.t++) {
        size_t n_columns = columns_in_term(plan, column.t);

        for (column.c = 0; status == RK_OK && column.c < n_columns; column.c++, j++) {
            double *values = X + j * n;

            if (slopes) {
                status = fill_slopes(&column, values, work);
                continue;
            }
            if (!copy_numbers(&column, values)) {
                for (size_t i = 0; i < n; i++)
                    values[i] = 1.0;
                fill_product(&column, SIZE_MAX, values);
            }
        }
    }
    free(work);
    return status;
}

/* --- names --------------------------------------------------------------------------------- */

static char *name_column(const struct rk_frame_plan *plan, size_t t, size_t c)
{
    const struct rk_term *term = &plan->formula->term[t];
    struct rk_text name = {0};
    size_t rest = c;

    for (size_t v = 0; v < term->n_variables; v++) {
        const struct rk_frame_variable *variable =
            &plan->variable[rk_frame_plan_find(plan, term->variable[v])];
        size_t n_columns = columns_of(variable, plan->coding[t][v]), index = rest % n_columns;

        if (v > 0)
            rk_text_add_char(&name, ':');
        rk_text_add(&name, variable->label);
        if (rk_frame_variable_is_factor(variable))
            rk_text_add(&name, variable->level[index + (plan->coding[t][v] == RK_CONTRASTS)]);
        else if (n_columns > 1)
            rk_text_format(&name, "%zu", index + 1);
        rest /= n_columns;
    }
    return rk_text_take(&name);
}

enum rk_status rk_frame_plan_name(const struct rk_frame_plan *plan, char **name, size_t *term)
{
    size_t j = 0;

    if (plan->has_intercept) {
        name[j] = rk_strdup("(Intercept)");
        term[j++] = SIZE_MAX;
    }
    for (size_t t = 0; t < plan->formula->n_terms; t++) {
        size_t n_columns = columns_in_term(plan, t);

        for (size_t c = 0; c < n_columns; c++, j++) {
            name[j] = name_column(plan, t, c);
            term[j] = t;
        }
    }
    while (j > 0)
        if (name[--j] == NULL)
            return RK_ENOMEM;
    return RK_OK;
}
