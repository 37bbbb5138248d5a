/* The table `rows`: what the regression makes of each row. */
#include <math.h>
#include <stdlib.h>

#include "regress_parts.h"
#include "repkit/words.h"

enum { FITTED, RESIDUAL, STD_RESIDUAL, HAT, COOKS_D, NOTE };

static const struct rk_field fields[] = {
    [FITTED] = {"fitted", RK_NUMBER, RK_GENERAL},
    [RESIDUAL] = {"residual", RK_NUMBER, RK_GENERAL},
    [STD_RESIDUAL] = {"std_residual", RK_NUMBER, RK_GENERAL},
    [HAT] = {"hat", RK_NUMBER, RK_GENERAL},
    [COOKS_D] = {"cooks_d", RK_NUMBER, RK_GENERAL},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

/* A leverage of 1 leaves a residual of 0 by construction. Of another family the fit is the weighted
 * least-squares problem in which it ended: its residuals, times the roots of its weights, are
 * Pearson's. */
static const double FULL_LEVERAGE = 1.0 - 1e-10;

static double std_residual(const struct regression *r, size_t i)
{
    const struct rk_fit *fit = r->fit;
    double root = fit->root == NULL ? 1.0 : fit->root[i];

    if (r->mm != NULL)
        return fit->residual[i] / fit->sigma;
    if ((r->glm == NULL && fit->errors != RK_OK) || !(fit->hat[i] < FULL_LEVERAGE))
        return NAN;
    return root * fit->residual[i] / (fit->sigma * sqrt(1.0 - fit->hat[i]));
}

/* y less what is expected of it. */
static double residual(const struct regression *r, size_t i)
{
    return r->glm != NULL ? r->frame->y[regress_frame_row(r, i)] - r->glm->mu[i]
                          : r->fit->residual[i];
}

static double cooks_d(const struct regression *r, size_t i)
{
    const struct rk_fit *fit = r->fit;
    double z = std_residual(r, i), h = fit->hat[i];

    return z * z * h / (1.0 - h) / (double)(fit->rank + fit->df_absorbed);
}

/* Why a row has no place in the fit. */
static const size_t INCOMPLETE = SIZE_MAX, NOT_FITTED = SIZE_MAX - 1;

static size_t given_row(const struct regression *r, size_t row)
{
    return r->given_row == NULL ? row : r->given_row[row];
}

/* The rows of the fit by rows of the given table, or why a row was left out. */
static size_t *places(const struct regression *r)
{
    size_t *place = malloc((r->given->n_rows + 1) * sizeof *place);

    for (size_t i = 0; place != NULL && i < r->given->n_rows; i++)
        place[i] = INCOMPLETE;
    for (size_t i = 0; place != NULL && i < r->frame->n; i++)
        place[given_row(r, r->frame->row[i])] = NOT_FITTED;
    for (size_t i = 0; place != NULL && i < r->fit->n; i++)
        place[given_row(r, regress_row(r, i))] = i;
    return place;
}

static void put_row(const struct regression *r, size_t i, size_t table, size_t field,
                    struct rk_result *result)
{
    const struct rk_fit *fit = r->fit;
    double y = r->frame->y[regress_frame_row(r, i)];

    rk_put(result, table, field + FITTED, y - residual(r, i));
    rk_put(result, table, field + RESIDUAL, residual(r, i));
    rk_put(result, table, field + STD_RESIDUAL, std_residual(r, i));
    if (r->mm != NULL) {
        rk_put_text(result, table, field + NOTE, "robust estimates have no leverage");
        return;
    }
    rk_put(result, table, field + HAT, fit->hat[i]);
    rk_put(result, table, field + COOKS_D, cooks_d(r, i));
    if (r->glm == NULL && fit->errors != RK_OK)
        rk_put_text(result, table, field + NOTE, rk_status_words(fit->errors));
    else if (!(fit->hat[i] < FULL_LEVERAGE))
        rk_put_text(result, table, field + NOTE,
                    isnan(fit->hat[i]) ? "the leverage of several fixed effects is not computed"
                                       : "the fit goes through this row");
}

/* The row that moves the fit most, in words. */
static void explain(const struct regression *r, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};
    size_t most = SIZE_MAX, n_far = 0;
    double largest = 0.0, limit = 4.0 / (double)r->fit->nobs;

    for (size_t i = 0; i < r->fit->n; i++) {
        double d = cooks_d(r, i);

        n_far += d > limit;
        if (d > largest) {
            largest = d;
            most = i;
        }
    }
    if (most == SIZE_MAX)
        return;
    rk_text_add(&row, "rows");
    rk_text_format(&manager,
                   "Of %zu rows, the one that moves the result most is on line %zu of the input: ",
                   r->fit->nobs, rk_table_line(r->table, regress_row(r, most)));
    rk_say_number(&manager, r->frame->y[regress_frame_row(r, most)]);
    rk_text_add(&manager, " where ");
    rk_say_number(&manager, r->frame->y[regress_frame_row(r, most)] - residual(r, most));
    rk_text_add(&manager, largest > 1.0
                              ? " was expected. Look at it: without it the numbers change a lot."
                              : " was expected. No single row decides the result.");
    rk_text_add(&paper, "Cook's distance is largest at ");
    rk_say_number(&paper, largest);
    rk_text_add(&paper, " (standardised residual ");
    rk_say_number(&paper, std_residual(r, most));
    rk_text_add(&paper, ", leverage ");
    rk_say_number(&paper, r->fit->hat[most]);
    rk_text_format(&paper, "); %zu of %zu rows exceed 4/n.", n_far, r->fit->nobs);
    rk_explain(result, &row, &manager, &paper);
}

static enum rk_status fill(const struct regression *r, size_t table, struct rk_result *result,
                           struct rk_error *error)
{
    const struct rk_names *by = &r->options->common.by;
    size_t *place = places(r);

    if (place == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < r->given->n_rows; i++) {
        size_t field = regress_put_data(result, table, r->given, i, by);

        if (place[i] < NOT_FITTED)
            put_row(r, place[i], table, field, result);
        else if (place[i] == NOT_FITTED)
            rk_put_text(result, table, field + NOTE,
                        r->glm != NULL ? "left out: its outcome is certain, or it is alone"
                                       : "left out: the only row of its fixed effect");
        else
            rk_put_text(result, table, field + NOTE, "left out: a value or weight is missing");
    }
    free(place);
    if (r->options->common.explain && r->mm == NULL)
        explain(r, result);
    return RK_OK;
}

const struct regress_table regress_rows_table = {"rows", fields, sizeof fields / sizeof fields[0],
                                                 fill, false};
