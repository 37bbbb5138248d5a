/* --between: the means by unit beside the columns themselves, so that slopes within units and
 * between them stand next to each other (Mundlak 1978). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"

/* A column whose variation within units is below this share of its square does not vary there. */
static const double CONSTANT = 1e-20;

struct units {
    const struct regression *r;
    const uint32_t *code; /* of the table's rows */
    size_t n_codes;
    double *weight, *sum; /* of each code */
};

static double weight_of(const struct units *units, size_t i)
{
    return units->r->weights != NULL ? units->r->weights[i] : 1.0;
}

static uint32_t code_of(const struct units *units, size_t i)
{
    return units->code[units->r->frame->row[i]];
}

/* Fills `mean` with the means by unit of x; whether x varies within units. */
static bool take_means(const struct units *units, const double *x, double *mean)
{
    size_t n = units->r->frame->n;
    double within = 0.0, raw = 0.0;

    memset(units->weight, 0, units->n_codes * sizeof *units->weight);
    memset(units->sum, 0, units->n_codes * sizeof *units->sum);
    for (size_t i = 0; i < n; i++) {
        units->weight[code_of(units, i)] += weight_of(units, i);
        units->sum[code_of(units, i)] += weight_of(units, i) * x[i];
    }
    for (size_t i = 0; i < n; i++) {
        mean[i] = units->sum[code_of(units, i)] / units->weight[code_of(units, i)];
        within += (x[i] - mean[i]) * (x[i] - mean[i]);
        raw += x[i] * x[i];
    }
    return within > CONSTANT * raw;
}

/* Room for p more columns. RK_OK or RK_ENOMEM. */
static enum rk_status widen(struct rk_model_frame *frame, size_t p)
{
    double *X = realloc(frame->X, ((frame->p + p) * frame->n + 1) * sizeof *X);
    char **name;
    size_t *term;

    if (X == NULL)
        return RK_ENOMEM;
    frame->X = X;
    name = realloc(frame->name, (frame->p + p + 1) * sizeof *name);
    if (name == NULL)
        return RK_ENOMEM;
    frame->name = name;
    term = realloc(frame->term, (frame->p + p + 1) * sizeof *term);
    if (term == NULL)
        return RK_ENOMEM;
    frame->term = term;
    return RK_OK;
}

static enum rk_status add_columns(struct regression *r, const struct units *units)
{
    struct rk_model_frame *frame = r->frame;
    size_t first = frame->has_intercept ? 1 : 0, given = frame->p;
    enum rk_status status = widen(frame, given - first);

    for (size_t j = first; j < given && status == RK_OK; j++) {
        struct rk_text name = {0};

        if (!take_means(units, frame->X + j * frame->n, frame->X + frame->p * frame->n))
            continue;
        rk_text_format(&name, "between(%s)", frame->name[j]);
        frame->name[frame->p] = rk_text_take(&name);
        frame->term[frame->p] = frame->term[j];
        if (frame->name[frame->p] == NULL)
            status = RK_ENOMEM;
        else
            frame->p++;
    }
    r->n_between = frame->p - given;
    return status;
}

enum rk_status regress_add_between(struct regression *r, struct rk_error *error)
{
    struct units units = {.r = r};
    size_t column = 0;
    enum rk_status status = rk_column_index(r->table, r->options->id, RK_TEXT, &column, error);

    if (status != RK_OK)
        return status;
    units.code = r->table->column[column].code;
    units.n_codes = rk_dict_size(r->table->column[column].dict);
    units.weight = malloc((units.n_codes + 1) * sizeof *units.weight);
    units.sum = malloc((units.n_codes + 1) * sizeof *units.sum);
    if (units.weight == NULL || units.sum == NULL || add_columns(r, &units) != RK_OK)
        status = rk_fail_memory(error);
    free(units.weight);
    free(units.sum);
    return status;
}

bool regress_is_between(const struct regression *r, size_t column)
{
    return column >= r->frame->p - r->n_between;
}
