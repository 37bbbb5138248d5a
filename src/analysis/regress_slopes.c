/* The table `slopes`: the regression of each unit by itself, and what its slope is believed to be
 * once the slopes of the others are known too (empirical Bayes, as rep-rank has it for means). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"
#include "repkit/shrink.h"
#include "repkit/words.h"

enum { CLUSTER, TERM, N, RAW, STD_ERROR, ESTIMATE, CONF_LOW, CONF_HIGH, SHRINKAGE, NOTE };

static const struct rk_field fields[] = {
    [CLUSTER] = {"cluster", RK_TEXT, RK_GENERAL},
    [TERM] = {"term", RK_TEXT, RK_GENERAL},
    [N] = {"n", RK_NUMBER, RK_COUNT},
    [RAW] = {"raw", RK_NUMBER, RK_GENERAL},
    [STD_ERROR] = {"std_error", RK_NUMBER, RK_GENERAL},
    [ESTIMATE] = {"estimate", RK_NUMBER, RK_GENERAL},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [SHRINKAGE] = {"shrinkage", RK_NUMBER, RK_GENERAL},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

/* Below this a unit's own error is too uncertain to weigh its slope by. */
static const double LEAST_DF = 4.0;

struct slopes {
    const struct regression *r;
    const char *name;        /* of the column of units */
    size_t column, n_units;  /* in the order they are first seen */
    size_t *start, *row;     /* rows of the frame by unit */
    size_t p;                /* terms: the frame's columns but the intercept and means */
    size_t first;            /* the frame's column of the first of them */
    double *raw, *std_error; /* units-by-p; NaN where the unit has none */
    const char **why;        /* of each unit, or NULL */
    /* Of one term: the units that tell something, and what they make of each other. */
    size_t *used, n_used;
    double *y, *v;
    struct rk_posterior *posterior;
    struct rk_units units;
    bool shrunk;
};

const char *regress_slopes_units(const struct rk_regress_options *options)
{
    if (options->cluster.n > 0)
        return options->cluster.name[0];
    return options->formula->fixed_effects.n > 0 ? options->formula->fixed_effects.name[0]
                                                 : options->id;
}

/* --- rows ---------------------------------------------------------------------------------- */

static uint32_t code_of(const struct slopes *s, size_t i)
{
    return s->r->table->column[s->column].code[s->r->frame->row[i]];
}

static enum rk_status sort_rows(struct slopes *s)
{
    size_t n = s->r->frame->n;
    size_t n_codes = rk_dict_size(s->r->table->column[s->column].dict);
    size_t *place = malloc((n_codes + 1) * sizeof *place);

    s->start = calloc(n_codes + 2, sizeof *s->start);
    s->row = calloc(n + 1, sizeof *s->row);
    if (place == NULL || s->start == NULL || s->row == NULL) {
        free(place);
        return RK_ENOMEM;
    }
    memset(place, 0xff, (n_codes + 1) * sizeof *place);
    for (size_t i = 0; i < n; i++) {
        uint32_t code = code_of(s, i);

        if (code == RK_NO_CODE)
            continue;
        if (place[code] == SIZE_MAX)
            place[code] = s->n_units++;
        s->start[place[code] + 1]++;
    }
    for (size_t g = 0; g < s->n_units; g++)
        s->start[g + 1] += s->start[g];
    for (size_t i = n; i-- > 0;) {
        uint32_t code = code_of(s, i);

        if (code != RK_NO_CODE)
            s->row[--s->start[place[code] + 1]] = i;
    }
    memmove(s->start, s->start + 1, s->n_units * sizeof *s->start);
    free(place);
    return RK_OK;
}

static enum rk_status prepare(struct slopes *s)
{
    const struct rk_model_frame *frame = s->r->frame;
    enum rk_status status;

    s->first = frame->has_intercept ? 1 : 0;
    s->p = frame->p - s->first - s->r->n_between;
    status = sort_rows(s);
    if (status != RK_OK)
        return status;
    /* The units' rows end where the next one's begin. */
    s->start[s->n_units] = 0;
    for (size_t i = 0; i < frame->n; i++)
        s->start[s->n_units] += code_of(s, i) != RK_NO_CODE;
    s->raw = malloc((s->n_units * s->p + 1) * sizeof *s->raw);
    s->std_error = malloc((s->n_units * s->p + 1) * sizeof *s->std_error);
    s->why = calloc(s->n_units + 1, sizeof *s->why);
    s->used = calloc(s->n_units + 1, sizeof *s->used);
    s->y = malloc((s->n_units + 1) * sizeof *s->y);
    s->v = malloc((s->n_units + 1) * sizeof *s->v);
    s->posterior = malloc((s->n_units + 1) * sizeof *s->posterior);
    return s->raw == NULL || s->std_error == NULL || s->why == NULL || s->used == NULL ||
                   s->y == NULL || s->v == NULL || s->posterior == NULL
               ? RK_ENOMEM
               : RK_OK;
}

static void free_slopes(struct slopes *s)
{
    free(s->start);
    free(s->row);
    free(s->raw);
    free(s->std_error);
    free(s->why);
    free(s->used);
    free(s->y);
    free(s->v);
    free(s->posterior);
}

/* --- each unit by itself -------------------------------------------------------------------- */

static const char *reason(const struct rk_fit *fit)
{
    if (fit->errors != RK_OK)
        return rk_status_words(fit->errors);
    return fit->df_residual < LEAST_DF ? "fewer than 4 residual degrees of freedom: not used"
                                       : NULL;
}

static void take_slopes(struct slopes *s, size_t g, const struct rk_fit *fit)
{
    s->why[g] = reason(fit);
    for (size_t j = 0; j < s->p; j++) {
        size_t c = j + 1;

        s->raw[g * s->p + j] = fit->coef[c];
        if (fit->errors == RK_OK)
            s->std_error[g * s->p + j] = fit->sigma * sqrt(fit->cov_unscaled[c * fit->p + c]);
    }
}

/* An intercept of its own, and the terms. */
static enum rk_status fit_unit(struct slopes *s, size_t g, struct rk_error *error)
{
    const struct rk_model_frame *frame = s->r->frame;
    size_t n = s->start[g + 1] - s->start[g];
    double *work = malloc((n * (s->p + 3) + 1) * sizeof *work);
    struct rk_design design = {.n = n, .p = s->p + 1, .y = work, .has_intercept = true};
    struct rk_fit *fit = NULL;
    enum rk_status status;

    for (size_t j = 0; j < s->p; j++)
        s->raw[g * s->p + j] = s->std_error[g * s->p + j] = NAN;
    if (work == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < n; i++) {
        size_t row = s->row[s->start[g] + i];

        work[i] = frame->y[row];
        work[n + i] = s->r->weights == NULL ? 1.0 : s->r->weights[row];
        work[2 * n + i] = 1.0;
        for (size_t j = 0; j < s->p; j++)
            work[(j + 3) * n + i] = frame->X[(s->first + j) * frame->n + row];
    }
    design.weights = s->r->weights == NULL ? NULL : work + n;
    design.X = work + 2 * n;
    status = rk_fit_new(&design, NULL, &fit, error);
    if (status == RK_OK)
        take_slopes(s, g, fit);
    else if (rk_status_is_undefined(status))
        s->why[g] = rk_status_words(status);
    rk_fit_free(fit);
    free(work);
    return rk_status_is_undefined(status) ? RK_OK : status;
}

/* --- all of them together ------------------------------------------------------------------- */

static enum rk_status shrink(struct slopes *s, size_t j)
{
    struct rk_units units;
    enum rk_status status;

    s->n_used = 0;
    for (size_t g = 0; g < s->n_units; g++) {
        double se = s->std_error[g * s->p + j];

        if (s->why[g] != NULL || !(se > 0.0))
            continue;
        s->y[s->n_used] = s->raw[g * s->p + j];
        s->v[s->n_used] = se * se;
        s->used[s->n_used++] = g;
    }
    status = rk_shrink_means(s->y, s->v, s->n_used, 1, &units, s->posterior);
    if (status == RK_OK)
        s->units = units;
    s->shrunk = status == RK_OK;
    return rk_status_is_undefined(status) ? RK_OK : status;
}

static void put_unit(const struct slopes *s, size_t g, size_t j, const struct rk_posterior *belief,
                     size_t table, struct rk_result *result)
{
    const struct regression *r = s->r;
    double low, high;

    rk_result_row(result, table);
    rk_put_text(result, table, CLUSTER,
                rk_table_text(r->table, r->frame->row[s->row[s->start[g]]], s->column));
    rk_put_text(result, table, TERM, r->frame->name[s->first + j]);
    rk_put(result, table, N, (double)(s->start[g + 1] - s->start[g]));
    rk_put(result, table, RAW, s->raw[g * s->p + j]);
    rk_put(result, table, STD_ERROR, s->std_error[g * s->p + j]);
    if (belief != NULL) {
        rk_posterior_interval(belief, r->options->common.conf_level, &low, &high);
        rk_put(result, table, ESTIMATE, belief->estimate);
        rk_put(result, table, CONF_LOW, low);
        rk_put(result, table, CONF_HIGH, high);
        rk_put(result, table, SHRINKAGE, belief->shrinkage);
    } else {
        rk_put_text(result, table, NOTE,
                    s->why[g] != NULL                     ? s->why[g]
                    : isnan(s->raw[g * s->p + j])         ? "the term does not vary here by itself"
                    : !(s->std_error[g * s->p + j] > 0.0) ? rk_status_words(RK_EPERFECT)
                                                          : "fewer than 4 slopes to compare");
    }
}

static const char *label_of(const struct slopes *s, size_t k)
{
    const struct regression *r = s->r;

    return rk_table_text(r->table, r->frame->row[s->row[s->start[s->used[k]]]], s->column);
}

static void explain(const struct slopes *s, size_t j, struct rk_result *result)
{
    const struct regression *r = s->r;
    const char *term = r->frame->name[s->first + j];
    struct rk_text row = {0}, manager = {0}, paper = {0};
    size_t most = 0, least = 0;

    if (!s->shrunk)
        return;
    for (size_t k = 0; k < s->n_used; k++) {
        most = s->posterior[k].estimate > s->posterior[most].estimate ? k : most;
        least = s->posterior[k].estimate < s->posterior[least].estimate ? k : least;
    }
    rk_text_format(&row, "slopes %s", term);
    if (s->units.tau2 > 0.0) {
        if (s->units.p_value < 1.0 - r->options->common.conf_level)
            rk_text_format(&manager,
                           "What goes with a unit of %s differs from one %s to another: from ",
                           term, s->name);
        else
            rk_text_format(&manager,
                           "That what goes with a unit of %s differs from one %s to another is not "
                           "shown; the best guesses go from ",
                           term, s->name);
        rk_say_number(&manager, s->posterior[least].estimate);
        rk_text_format(&manager, " (%s) to ", label_of(s, least));
        rk_say_number(&manager, s->posterior[most].estimate);
        rk_text_format(&manager, " (%s), each slope moved towards the mean of ", label_of(s, most));
        rk_say_number(&manager, s->units.mean);
        rk_text_add(&manager,
                    " by as much as it is uncertain. These are associations; not proof of "
                    "cause.");
    } else {
        rk_text_format(&manager,
                       "The slopes of %s differ between %s by no more than chance makes "
                       "them: ",
                       term, s->name);
        rk_say_number(&manager, s->units.mean);
        rk_text_add(&manager, " is the best guess for each. This is an association; not proof of "
                              "cause.");
    }
    rk_text_format(&paper, "Slopes of %s by %s: mean ", term, s->name);
    rk_say_number(&paper, s->units.mean);
    rk_text_add(&paper, ", between-unit SD ");
    rk_say_number(&paper, sqrt(s->units.tau2));
    rk_text_format(&paper, ", homogeneity chi-squared(%zu) = ", s->units.df);
    rk_say_number(&paper, s->units.statistic);
    rk_say_p(&paper, ", p", s->units.p_value);
    rk_text_format(&paper,
                   "; least squares of each of %zu units, Paule-Mandel variance, Morris's "
                   "shrinkage.",
                   s->n_used);
    rk_explain(result, &row, &manager, &paper);
}

static enum rk_status put_term(struct slopes *s, size_t j, size_t table, struct rk_result *result)
{
    enum rk_status status = shrink(s, j);
    size_t k = 0;

    if (status != RK_OK)
        return status;
    for (size_t g = 0; g < s->n_units; g++) {
        bool used = k < s->n_used && s->used[k] == g;

        put_unit(s, g, j, used && s->shrunk ? &s->posterior[k] : NULL, table, result);
        k += used;
    }
    if (s->r->options->common.explain)
        explain(s, j, result);
    return RK_OK;
}

static enum rk_status fill(const struct regression *r, size_t table, struct rk_result *result,
                           struct rk_error *error)
{
    struct slopes s = {.r = r, .name = regress_slopes_units(r->options)};
    enum rk_status status = rk_column_index(r->table, s.name, RK_TEXT, &s.column, error);

    if (status == RK_OK && prepare(&s) != RK_OK)
        status = rk_fail_memory(error);
    for (size_t g = 0; status == RK_OK && g < s.n_units; g++) {
        status = fit_unit(&s, g, error);
        if (status == RK_OK)
            status = rk_cancelled(r->ctx);
    }
    for (size_t j = 0; status == RK_OK && j < s.p; j++) {
        status = put_term(&s, j, table, result);
        if (status != RK_OK)
            rk_fail(error, status, "%s", rk_status_words(status));
    }
    free_slopes(&s);
    return status;
}

const struct regress_table regress_slopes_table = {"slopes", fields,
                                                   sizeof fields / sizeof fields[0], fill, false};
