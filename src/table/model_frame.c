/* The model frame: complete rows, levels, and R's coding of terms as columns. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "frame_variable.h"

enum { COLUMNS_MAX = 10000 };

/* How a factor enters a term. */
enum coding { CONTRASTS, DUMMIES };

struct builder {
    const struct rk_formula *formula;
    const struct rk_table *table;
    struct rk_error *error;
    struct rk_model_frame *frame;
    struct rk_frame_variable *variable; /* each once */
    size_t n_variables;
    double *response;        /* one a row of the table, or NULL */
    struct rk_labels *label; /* of the fixed effects, then of the extra columns */
    size_t n_labels;
    enum coding **coding; /* of each term's variables */
};

static struct rk_frame_variable *find_variable(const struct builder *builder,
                                               const struct rk_node *node)
{
    for (size_t v = 0; v < builder->n_variables; v++)
        if (builder->variable[v].node == node)
            return &builder->variable[v];
    return NULL;
}

/* --- what is read from the table ----------------------------------------------------------- */

static enum rk_status read_variables(struct builder *builder)
{
    const struct rk_formula *formula = builder->formula;
    size_t n_uses = 0;

    for (size_t t = 0; t < formula->n_terms; t++)
        n_uses += formula->term[t].n_variables;
    builder->variable = calloc(n_uses + 1, sizeof *builder->variable);
    if (builder->variable == NULL)
        return rk_fail_memory(builder->error);
    for (size_t t = 0; t < formula->n_terms; t++) {
        for (size_t v = 0; v < formula->term[t].n_variables; v++) {
            const struct rk_node *node = formula->term[t].variable[v];
            enum rk_status status;

            if (find_variable(builder, node) != NULL)
                continue;
            status = rk_frame_variable_read(
                node, builder->table, &builder->variable[builder->n_variables], builder->error);
            if (status != RK_OK)
                return status;
            builder->n_variables++;
        }
    }
    return RK_OK;
}

static enum rk_status read_labels(struct builder *builder, const struct rk_names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        enum rk_status status = rk_labels_read(builder->table, names->name[i],
                                               &builder->label[builder->n_labels], builder->error);

        if (status != RK_OK)
            return status;
        builder->n_labels++;
    }
    return RK_OK;
}

static enum rk_status read_all(struct builder *builder, const struct rk_names *extra)
{
    const struct rk_names *effects = &builder->formula->fixed_effects;
    enum rk_status status = read_variables(builder);

    if (status != RK_OK)
        return status;
    builder->label =
        calloc(effects->n + (extra == NULL ? 0 : extra->n) + 1, sizeof *builder->label);
    if (builder->label == NULL)
        return rk_fail_memory(builder->error);
    status = read_labels(builder, effects);
    if (status == RK_OK && extra != NULL)
        status = read_labels(builder, extra);
    if (status != RK_OK || builder->formula->response == NULL)
        return status;
    builder->response = malloc((builder->table->n_rows + 1) * sizeof(double));
    if (builder->response == NULL)
        return rk_fail_memory(builder->error);
    return rk_evaluate(builder->formula->response, builder->table, builder->response,
                       builder->error);
}

/* --- complete rows ------------------------------------------------------------------------- */

static bool is_complete(const struct builder *builder, size_t row)
{
    if (builder->response != NULL && isnan(builder->response[row]))
        return false;
    for (size_t v = 0; v < builder->n_variables; v++)
        if (rk_frame_variable_is_missing(&builder->variable[v], row))
            return false;
    for (size_t l = 0; l < builder->n_labels; l++)
        if (builder->label[l].code[row] == RK_NO_CODE)
            return false;
    return true;
}

/* Marks the rows in which the value is undefined though no column of it is missing: log(0). */
static enum rk_status mark_undefined(const struct builder *builder, const struct rk_node *node,
                                     const double *value, bool *undefined)
{
    const struct rk_table *table = builder->table;
    struct rk_names names = {0};
    enum rk_status status = rk_node_columns(node, &names);

    for (size_t i = 0; status == RK_OK && i < table->n_rows; i++) {
        bool missing = false;

        if (!isnan(value[i]))
            continue;
        for (size_t c = 0; !missing && c < names.n; c++)
            missing =
                rk_table_is_missing(table, i, rk_table_find_typed(table, names.name[c], RK_NUMBER));
        undefined[i] = undefined[i] || !missing;
    }
    rk_names_free(&names);
    return status == RK_OK ? RK_OK : rk_fail_memory(builder->error);
}

static enum rk_status count_undefined(struct builder *builder)
{
    size_t n_rows = builder->table->n_rows;
    bool *undefined = calloc(n_rows + 1, sizeof *undefined);
    enum rk_status status = RK_OK;

    if (undefined == NULL)
        return rk_fail_memory(builder->error);
    if (builder->response != NULL)
        status = mark_undefined(builder, builder->formula->response, builder->response, undefined);
    for (size_t v = 0; status == RK_OK && v < builder->n_variables; v++)
        if (builder->variable[v].number != NULL)
            status = mark_undefined(builder, builder->variable[v].node, builder->variable[v].number,
                                    undefined);
    for (size_t i = 0; i < n_rows; i++)
        builder->frame->n_undefined += undefined[i];
    free(undefined);
    return status;
}

static enum rk_status choose_rows(struct builder *builder)
{
    struct rk_model_frame *frame = builder->frame;
    size_t n_rows = builder->table->n_rows;

    frame->row = malloc((n_rows + 1) * sizeof *frame->row);
    if (frame->row == NULL)
        return rk_fail_memory(builder->error);
    for (size_t i = 0; i < n_rows; i++)
        if (is_complete(builder, i))
            frame->row[frame->n++] = i;
    frame->n_dropped = n_rows - frame->n;
    if (frame->n == 0)
        return rk_fail(builder->error, RK_ENODATA, "no row has values in all columns of '%.200s'",
                       builder->formula->source);
    return frame->n_dropped > 0 ? count_undefined(builder) : RK_OK;
}

/* Codes of the fixed effects among the rows of the frame, in first-seen order. */
static enum rk_status number_effects(struct builder *builder)
{
    struct rk_model_frame *frame = builder->frame;
    size_t n_effects = builder->formula->fixed_effects.n;

    frame->effect = calloc(n_effects + 1, sizeof *frame->effect);
    frame->n_levels = calloc(n_effects + 1, sizeof *frame->n_levels);
    if (frame->effect == NULL || frame->n_levels == NULL)
        return rk_fail_memory(builder->error);
    for (size_t e = 0; e < n_effects; e++) {
        const struct rk_labels *label = &builder->label[e];
        size_t n_codes = rk_dict_size(label->dict);
        uint32_t *number = malloc((n_codes + 1) * sizeof *number);

        frame->effect[e] = malloc(frame->n * sizeof **frame->effect);
        frame->n_effects++;
        if (number == NULL || frame->effect[e] == NULL) {
            free(number);
            return rk_fail_memory(builder->error);
        }
        memset(number, 0xff, (n_codes + 1) * sizeof *number);
        for (size_t i = 0; i < frame->n; i++) {
            uint32_t code = label->code[frame->row[i]];

            if (number[code] == RK_NO_CODE)
                number[code] = (uint32_t)frame->n_levels[e]++;
            frame->effect[e][i] = number[code];
        }
        free(number);
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
static enum coding code_variable(const struct rk_formula *formula, size_t t, size_t v)
{
    const struct rk_term *term = &formula->term[t];

    if (term->n_variables == 1)
        return CONTRASTS;
    for (size_t before = 0; before < t; before++)
        if (margin_is_in(term, v, &formula->term[before]))
            return CONTRASTS;
    return DUMMIES;
}

static enum rk_status code_terms(struct builder *builder)
{
    const struct rk_formula *formula = builder->formula;
    bool spans_constant = formula->intercept || formula->fixed_effects.n > 0;

    builder->coding = calloc(formula->n_terms + 1, sizeof *builder->coding);
    if (builder->coding == NULL)
        return rk_fail_memory(builder->error);
    for (size_t t = 0; t < formula->n_terms; t++) {
        const struct rk_term *term = &formula->term[t];

        builder->coding[t] = malloc(term->n_variables * sizeof **builder->coding);
        if (builder->coding[t] == NULL)
            return rk_fail_memory(builder->error);
        for (size_t v = 0; v < term->n_variables; v++) {
            builder->coding[t][v] = code_variable(formula, t, v);
            /* Without a constant, the first factor of all takes its place. */
            if (!spans_constant && find_variable(builder, term->variable[v])->number == NULL) {
                builder->coding[t][v] = DUMMIES;
                spans_constant = true;
            }
        }
    }
    return RK_OK;
}

static size_t columns_of(const struct rk_frame_variable *variable, enum coding coding)
{
    if (variable->number != NULL)
        return 1;
    return variable->n_levels - (coding == CONTRASTS);
}

static enum rk_status count_columns(struct builder *builder)
{
    const struct rk_formula *formula = builder->formula;
    struct rk_model_frame *frame = builder->frame;

    frame->p = frame->has_intercept;
    for (size_t t = 0; t < formula->n_terms; t++) {
        size_t product = 1;

        for (size_t v = 0; v < formula->term[t].n_variables; v++) {
            product *= columns_of(find_variable(builder, formula->term[t].variable[v]),
                                  builder->coding[t][v]);
            if (product > COLUMNS_MAX || frame->p + product > COLUMNS_MAX)
                return rk_fail(builder->error, RK_EINPUT,
                               "the model would have more than %d columns; a factor of many levels "
                               "can be absorbed behind '|'",
                               COLUMNS_MAX);
        }
        frame->p += product;
    }
    return RK_OK;
}

/* --- columns ------------------------------------------------------------------------------- */

/* Multiplies the values by one of the columns of a variable, and adds its name. */
static void multiply(const struct builder *builder, const struct rk_frame_variable *variable,
                     enum coding coding, size_t index, double *values, struct rk_text *name)
{
    const struct rk_model_frame *frame = builder->frame;
    size_t level = index + (coding == CONTRASTS);

    if (name->length > 0)
        rk_text_add_char(name, ':');
    rk_text_add(name, variable->label);
    if (variable->number != NULL) {
        for (size_t i = 0; i < frame->n; i++)
            values[i] *= variable->number[frame->row[i]];
        return;
    }
    rk_text_add(name, variable->level[level]);
    for (size_t i = 0; i < frame->n; i++)
        if (variable->level_of[variable->labels.code[frame->row[i]]] != level)
            values[i] = 0.0;
}

/* Fills the columns of a term from column j on, its first variable going fastest. Returns the
 * column after them. */
static size_t fill_term(const struct builder *builder, size_t t, size_t j)
{
    const struct rk_term *term = &builder->formula->term[t];
    struct rk_model_frame *frame = builder->frame;
    size_t n_columns = 1;

    for (size_t v = 0; v < term->n_variables; v++)
        n_columns *= columns_of(find_variable(builder, term->variable[v]), builder->coding[t][v]);
    for (size_t c = 0; c < n_columns; c++, j++) {
        struct rk_text name = {0};
        double *values = frame->X + j * frame->n;
        size_t rest = c;

        for (size_t i = 0; i < frame->n; i++)
            values[i] = 1.0;
        for (size_t v = 0; v < term->n_variables; v++) {
            const struct rk_frame_variable *variable = find_variable(builder, term->variable[v]);
            size_t n = columns_of(variable, builder->coding[t][v]);

            multiply(builder, variable, builder->coding[t][v], rest % n, values, &name);
            rest /= n;
        }
        frame->name[j] = rk_text_take(&name);
        frame->term[j] = t;
    }
    return j;
}

static enum rk_status fill_frame(struct builder *builder)
{
    struct rk_model_frame *frame = builder->frame;
    size_t j = 0;

    frame->X = malloc((frame->p * frame->n + 1) * sizeof *frame->X);
    frame->name = calloc(frame->p + 1, sizeof *frame->name);
    frame->term = malloc((frame->p + 1) * sizeof *frame->term);
    if (builder->response != NULL)
        frame->y = malloc(frame->n * sizeof *frame->y);
    if (frame->X == NULL || frame->name == NULL || frame->term == NULL ||
        (builder->response != NULL && frame->y == NULL))
        return rk_fail_memory(builder->error);
    for (size_t i = 0; builder->response != NULL && i < frame->n; i++)
        frame->y[i] = builder->response[frame->row[i]];
    if (frame->has_intercept) {
        for (size_t i = 0; i < frame->n; i++)
            frame->X[i] = 1.0;
        frame->name[j] = rk_strdup("(Intercept)");
        frame->term[j++] = SIZE_MAX;
    }
    for (size_t t = 0; t < builder->formula->n_terms; t++)
        j = fill_term(builder, t, j);
    while (j > 0)
        if (frame->name[--j] == NULL)
            return rk_fail_memory(builder->error);
    return RK_OK;
}

/* --- the frame ----------------------------------------------------------------------------- */

void rk_model_frame_free(struct rk_model_frame *frame)
{
    if (frame == NULL)
        return;
    for (size_t j = 0; frame->name != NULL && j < frame->p; j++)
        free(frame->name[j]);
    for (size_t e = 0; e < frame->n_effects; e++)
        free(frame->effect[e]);
    free(frame->y);
    free(frame->X);
    free(frame->name);
    free(frame->term);
    free(frame->row);
    free(frame->effect);
    free(frame->n_levels);
    free(frame);
}

static void free_builder(struct builder *builder)
{
    for (size_t v = 0; v < builder->n_variables; v++)
        rk_frame_variable_free(&builder->variable[v]);
    for (size_t l = 0; l < builder->n_labels; l++)
        rk_labels_free(&builder->label[l]);
    for (size_t t = 0; builder->coding != NULL && t < builder->formula->n_terms; t++)
        free(builder->coding[t]);
    free(builder->variable);
    free(builder->label);
    free(builder->coding);
    free(builder->response);
}

enum rk_status rk_model_frame_new(const struct rk_formula *formula, const struct rk_table *table,
                                  const struct rk_names *extra, struct rk_model_frame **frame,
                                  struct rk_error *error)
{
    struct builder builder = {.formula = formula, .table = table, .error = error};
    enum rk_status status;

    builder.frame = calloc(1, sizeof *builder.frame);
    if (builder.frame == NULL)
        return rk_fail_memory(error);
    builder.frame->has_intercept = formula->intercept && formula->fixed_effects.n == 0;
    status = read_all(&builder, extra);
    if (status == RK_OK)
        status = choose_rows(&builder);
    for (size_t v = 0; status == RK_OK && v < builder.n_variables; v++)
        if (builder.variable[v].number == NULL)
            status = rk_frame_variable_levels(&builder.variable[v], builder.frame->row,
                                              builder.frame->n, error);
    if (status == RK_OK)
        status = number_effects(&builder);
    if (status == RK_OK)
        status = code_terms(&builder);
    if (status == RK_OK)
        status = count_columns(&builder);
    if (status == RK_OK)
        status = fill_frame(&builder);
    free_builder(&builder);
    if (status != RK_OK) {
        rk_model_frame_free(builder.frame);
        return status;
    }
    *frame = builder.frame;
    return RK_OK;
}
