/* The rows of a model that moments stand for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/moments_file.h"
#include "repkit/moments_units.h"

/* How far the shares of a factor's levels may be from 1 in a group, by rounding. */
static const double SHARES = 1e-9;

/* Rows whose level no column tells would pass for the reference. */
static enum rk_status check_levels(const struct rk_moments_file *file,
                                   const struct rk_moment_model *columns, struct rk_error *error)
{
    const struct rk_cross_moments *m = &file->moments;

    for (size_t f = 0; f < columns->n_factors; f++) {
        for (size_t g = 0; g < m->n_groups; g++) {
            double sum = 0.0;

            for (size_t l = 0; l < columns->factor[f].n; l++)
                sum += m->mean[g * m->k + columns->factor[f].source[l]].hi;
            if (!(fabs(sum - 1.0) <= SHARES))
                return rk_fail(
                    error, RK_EINPUT,
                    "group '%s' has rows with a level of %s that the moments do not tell",
                    rk_dict_label(file->group, (uint32_t)g), columns->factor[f].label);
        }
    }
    return RK_OK;
}

/* How many rows the groups come to at most. */
static size_t room_for(const struct rk_cross_moments *m)
{
    return m->n_groups * 2 * (m->k + 1);
}

static enum rk_status alloc(const struct rk_moments_file *file, const struct rk_formula *formula,
                            struct rk_moment_model *columns, const char *name,
                            struct rk_moments_model *model)
{
    struct rk_model_frame *frame = calloc(1, sizeof *frame);
    size_t room = room_for(&file->moments);

    if (frame == NULL)
        return RK_ENOMEM;
    model->frame = frame;
    frame->p = columns->p;
    frame->has_intercept = columns->has_intercept;
    frame->name = columns->name;
    frame->term = columns->term;
    columns->name = NULL;
    columns->term = NULL;
    frame->y = malloc((room + 1) * sizeof *frame->y);
    frame->X = malloc((room * frame->p + 1) * sizeof *frame->X);
    frame->row = malloc((room + 1) * sizeof *frame->row);
    frame->column = malloc((frame->p + 1) * sizeof *frame->column);
    frame->effect = calloc(1, sizeof *frame->effect);
    frame->n_levels = calloc(1, sizeof *frame->n_levels);
    model->weights = malloc((room + 1) * sizeof *model->weights);
    model->table = rk_table_new("moments");
    if (frame->y == NULL || frame->X == NULL || frame->row == NULL || frame->column == NULL ||
        frame->effect == NULL || frame->n_levels == NULL || model->weights == NULL ||
        model->table == NULL)
        return RK_ENOMEM;
    if (formula->fixed_effects.n > 0) {
        frame->effect[0] = malloc((room + 1) * sizeof **frame->effect);
        if (frame->effect[0] == NULL)
            return RK_ENOMEM;
        frame->n_effects = 1;
        frame->n_levels[0] = file->moments.n_groups;
    }
    return rk_table_add_column(model->table, name, RK_TEXT, RK_GENERAL);
}

/* One group's rows; X has `room` rows a column until all are there. */
static enum rk_status add_group(const struct rk_moments_file *file,
                                const struct rk_moment_model *columns, size_t g, double *points,
                                struct rk_moments_model *model)
{
    struct rk_model_frame *frame = model->frame;
    const struct rk_cross_moments *m = &file->moments;
    size_t room = room_for(m), n = 0;
    double weight = 0.0;
    enum rk_status status = rk_cross_moments_points(m, g, points, &n, &weight);

    for (size_t i = 0; status == RK_OK && i < n; i++) {
        size_t row = frame->n++;
        const double *point = points + i * m->k;

        frame->y[row] = point[columns->response];
        frame->row[row] = row;
        model->weights[row] = weight;
        if (frame->n_effects > 0)
            frame->effect[0][row] = (uint32_t)g;
        for (size_t j = 0; j < frame->p; j++)
            frame->X[j * room + row] =
                columns->source[j] == SIZE_MAX ? 1.0 : point[columns->source[j]];
        status = rk_table_add_row(model->table);
        if (status == RK_OK)
            status =
                rk_table_set_text(model->table, row, 0, rk_dict_label(file->group, (uint32_t)g));
    }
    return status;
}

static enum rk_status fill(const struct rk_moments_file *file,
                           const struct rk_moment_model *columns, struct rk_moments_model *model)
{
    struct rk_model_frame *frame = model->frame;
    size_t k = file->moments.k, room = room_for(&file->moments);
    double *points = malloc((2 * (k + 1) * k + 1) * sizeof *points);
    enum rk_status status = points == NULL ? RK_ENOMEM : RK_OK;

    for (size_t g = 0; status == RK_OK && g < file->moments.n_groups; g++)
        status = add_group(file, columns, g, points, model);
    free(points);
    for (size_t j = 0; status == RK_OK && j < frame->p; j++) {
        memmove(frame->X + j * frame->n, frame->X + j * room, frame->n * sizeof *frame->X);
        frame->column[j] = frame->X + j * frame->n;
    }
    return status;
}

/* --- further effects ------------------------------------------------------------------------- */

/* RK_OK or RK_ENOMEM. */
static enum rk_status has_levels(const struct rk_moments_file *file, const char *name, bool *has)
{
    struct rk_moments_split split;
    enum rk_status status = rk_moments_split_new(file, name, &split, NULL);

    *has = status == RK_OK && !split.complement;
    if (status == RK_OK)
        rk_moments_split_free(&split);
    return status == RK_ENOMEM ? RK_ENOMEM : RK_OK;
}

enum rk_status rk_moments_group_effect(const struct rk_moments_file *file,
                                       const struct rk_formula *formula, const char **group,
                                       struct rk_error *error)
{
    const struct rk_names *effects = &formula->fixed_effects;
    size_t n = 0;

    *group = effects->n > 0 ? effects->name[0] : NULL;
    for (size_t e = 0; effects->n > 1 && e < effects->n; e++) {
        bool has;

        if (has_levels(file, effects->name[e], &has) != RK_OK)
            return rk_fail_memory(error);
        if (has)
            continue;
        *group = effects->name[e];
        n++;
    }
    if (effects->n < 2 || n == 1)
        return RK_OK;
    return rk_fail(error, RK_EUSAGE,
                   "moments are by one kind of group: of several fixed effects one is the group, "
                   "and the others are factors in the formula of rep-moments");
}

static bool is_dummy(const struct rk_formula *formula, const struct rk_names *effects, size_t term)
{
    const struct rk_term *t = term == SIZE_MAX ? NULL : &formula->term[term];

    return t != NULL && t->n_variables == 1 && t->variable[0]->kind == RK_NODE_CALL &&
           strcmp(t->variable[0]->text, "factor") == 0 &&
           rk_names_has(effects, rk_moment_factor(t->variable[0]));
}

/* Moves the dummies behind the other columns; returns how many there are. */
static size_t move_dummies(const struct rk_formula *formula, const struct rk_names *effects,
                           struct rk_moment_model *columns)
{
    size_t n = 0;

    for (size_t j = columns->p; j-- > 0;) {
        char *name = columns->name[j];
        size_t term = columns->term[j], source = columns->source[j];

        if (!is_dummy(formula, effects, term))
            continue;
        n++;
        for (size_t i = j; i + n < columns->p; i++) {
            columns->name[i] = columns->name[i + 1];
            columns->term[i] = columns->term[i + 1];
            columns->source[i] = columns->source[i + 1];
        }
        columns->name[columns->p - n] = name;
        columns->term[columns->p - n] = term;
        columns->source[columns->p - n] = source;
    }
    return n;
}

/* The only row of a level would be left out of rows, and cannot be of moments. */
static enum rk_status check_singles(const struct rk_moments_file *file,
                                    const struct rk_moment_model *columns, size_t n_dummies,
                                    struct rk_error *error)
{
    const struct rk_cross_moments *m = &file->moments;

    for (size_t j = columns->p - n_dummies; j < columns->p; j++) {
        double n = 0.0;

        for (size_t g = 0; g < m->n_groups; g++)
            if (m->n[g] > 1.0)
                n += m->n[g] * m->mean[g * m->k + columns->source[j]].hi;
        if (round(n) == 1.0)
            return rk_fail(error, RK_EINPUT,
                           "'%s' has one row, which says nothing beside its own effect: leave it "
                           "out in rep-moments",
                           columns->name[j]);
    }
    return RK_OK;
}

/* --- all of it ------------------------------------------------------------------------------- */

static enum rk_status make(const struct rk_moments_file *file, const struct rk_formula *formula,
                           const struct rk_names *effects, const char *name,
                           struct rk_moments_model *made, struct rk_error *error)
{
    struct rk_moment_model columns = {0};
    enum rk_status status = rk_moment_model_new(formula, &file->column, &columns, error);

    if (status == RK_OK)
        status = check_levels(file, &columns, error);
    if (status == RK_OK && effects->n > 1) {
        made->n_dummies = move_dummies(formula, effects, &columns);
        status = check_singles(file, &columns, made->n_dummies, error);
    }
    if (status == RK_OK && (alloc(file, formula, &columns, name, made) != RK_OK ||
                            fill(file, &columns, made) != RK_OK))
        status = rk_fail_memory(error);
    rk_moment_model_free(&columns);
    for (size_t d = 0; status == RK_OK && d < made->n_dummies; d++)
        free(made->frame->name[--made->frame->p]);
    return status;
}

enum rk_status rk_moments_model_new(const struct rk_moments_file *file,
                                    const struct rk_formula *formula, const char *name,
                                    struct rk_moments_model *model, struct rk_error *error)
{
    struct rk_formula *with_factors = NULL;
    struct rk_moments_model made = {0};
    const char *group;
    enum rk_status status = rk_moments_group_effect(file, formula, &group, error);

    if (status == RK_OK && formula->fixed_effects.n > 1)
        status = rk_moment_formula(formula, group, &with_factors, error);
    if (status == RK_OK)
        status = make(file, with_factors != NULL ? with_factors : formula, &formula->fixed_effects,
                      name, &made, error);
    rk_formula_free(with_factors);
    if (status == RK_OK)
        *model = made;
    else
        rk_moments_model_free(&made);
    return status;
}

void rk_moments_model_free(struct rk_moments_model *model)
{
    rk_model_frame_free(model->frame);
    free(model->weights);
    rk_table_free(model->table);
    *model = (struct rk_moments_model){0};
}
