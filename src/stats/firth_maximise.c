/* The maximum of Firth's penalised likelihood, with one coefficient held fixed or none. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "firth_parts.h"
#include "glm_parts.h"

enum { MOST_STEPS = 200, MOST_HALVINGS = 40 };

/* No linear predictor changes by more at a time. */
static const double LARGEST_STEP = 5.0;
/* Squared length of a step from which on second derivatives are worth their price, and how far
 * apart their differences are taken, both in standard errors. */
static const double NEARBY = 0.5;
static const double DIFFERENCE = 1e-4;
/* Scoring creeps where a step is more than this of the one before it (squared lengths). */
static const double CREEPING = 0.01;

static double *numbers(size_t n)
{
    return calloc(n + 1, sizeof(double));
}

void firth_free(struct firth *f)
{
    free(f->order);
    free(f->X);
    free(f->b);
    free(f->origin);
    free(f->change);
    free(f->trial);
    free(f->eta);
    free(f->W);
    free(f->e);
    rk_fit_free(f->fit);
}

enum rk_status firth_init(const struct rk_glm *glm, const struct rk_ctx *ctx, const size_t *kept,
                          size_t k, size_t last, struct firth *f)
{
    size_t next = 0;

    *f = (struct firth){
        .glm = glm, .ctx = ctx, .n = glm->n, .k = k, .n_free = k, .small_step = 1e-20};
    f->order = calloc(k + 1, sizeof *f->order);
    f->X = numbers(f->n * k);
    f->b = numbers(k);
    f->origin = numbers(k);
    f->change = numbers(k);
    f->trial = numbers(k);
    f->eta = numbers(f->n);
    f->W = numbers(f->n);
    f->e = numbers(f->n);
    if (f->order == NULL || f->X == NULL || f->b == NULL || f->origin == NULL ||
        f->change == NULL || f->trial == NULL || f->eta == NULL || f->W == NULL || f->e == NULL) {
        firth_free(f);
        return RK_ENOMEM;
    }
    for (size_t j = 0; j < k; j++) {
        if (kept[j] != last)
            f->order[next++] = kept[j];
    }
    if (next < k) {
        f->order[next] = last;
        f->n_free = k - 1;
    }
    for (size_t j = 0; j < k; j++)
        memcpy(f->X + j * f->n, glm->X + f->order[j] * f->n, f->n * sizeof *f->X);
    return RK_OK;
}

static void predict(struct firth *f, const double *b)
{
    for (size_t i = 0; i < f->n; i++) {
        double sum = f->glm->offset[i];

        for (size_t j = 0; j < f->k; j++)
            sum += b[j] * f->X[j * f->n + i];
        f->eta[i] = sum;
        f->W[i] = f->glm->weights[i] * glm_weight(f->glm, sum);
        f->e[i] = glm_residual(f->glm, f->glm->y[i], sum);
    }
}

enum rk_status firth_evaluate(struct firth *f, const double *b)
{
    struct rk_design design = {.n = f->n, .p = f->k, .y = f->e, .X = f->X, .weights = f->W};
    struct rk_fit *fit = NULL;
    double value;
    enum rk_status status;

    predict(f, b);
    design.has_intercept = f->glm->has_intercept && f->order[0] == 0;
    status = rk_fit_new(&design, f->ctx, &fit, NULL);
    if (status == RK_OK && fit->rank < f->k)
        status = RK_ENOCONVERGE;
    if (status != RK_OK) {
        rk_fit_free(fit);
        return status;
    }
    value = -0.5 * glm_deviance(f->glm, f->eta);
    for (size_t j = 0; j < f->k; j++)
        value -= log(fabs(fit->R_inverse[j * f->k + j]));
    rk_fit_free(f->fit);
    f->fit = fit;
    f->value = value;
    memmove(f->b, b, f->k * sizeof *b);
    return RK_OK;
}

/* The derivative of l* in each free direction of R^-1, whose unit is a standard error. */
static double find_score(const struct firth *f, double *score)
{
    const struct rk_fit *fit = f->fit;
    double length = 0.0;

    for (size_t j = 0; j < f->n_free; j++) {
        score[j] = 0.0;
        for (size_t i = 0; i < f->n; i++) {
            double p = rk_mean_of(RK_FAMILY_BINOMIAL, f->eta[i]);

            if (fit->root[i] > 0.0)
                score[j] += fit->Q[j * f->n + i] *
                            (fit->root[i] * f->e[i] + fit->hat[i] * (0.5 - p) / fit->root[i]);
        }
        length += score[j] * score[j];
    }
    return length;
}

/* The change of b that goes t along the free directions of R^-1. */
static void spread(const struct firth *f, const double *R_inverse, const double *t, double *change)
{
    for (size_t i = 0; i < f->k; i++) {
        change[i] = 0.0;
        for (size_t j = i; j < f->n_free; j++)
            change[i] += R_inverse[i * f->k + j] * t[j];
    }
}

/* The score at origin + a step, in the directions of `basis`: R_basis'-1 R_here' score_here. */
static enum rk_status score_nearby(struct firth *f, const double *basis, size_t direction,
                                   double step, double *score)
{
    size_t k = f->k;
    enum rk_status status;

    for (size_t i = 0; i < k; i++)
        f->trial[i] = f->origin[i] + step * basis[i * k + direction];
    status = firth_evaluate(f, f->trial);
    if (status != RK_OK)
        return status;
    find_score(f, f->trial);
    /* Raw scores by forward substitution of R_inverse' raw = score, then into the basis. */
    for (size_t j = 0; j < f->n_free; j++) {
        for (size_t i = 0; i < j; i++)
            f->trial[j] -= f->fit->R_inverse[i * k + j] * f->trial[i];
        f->trial[j] /= f->fit->R_inverse[j * k + j];
    }
    for (size_t j = 0; j < f->n_free; j++) {
        score[j] = 0.0;
        for (size_t i = 0; i <= j; i++)
            score[j] += basis[i * k + j] * f->trial[i];
    }
    return RK_OK;
}

/* The information of l* itself, by differences of its score at origin, and from it Newton's step
 * along `basis`: scoring alone creeps where the penalty bends the likelihood. *solved is false
 * where the information is not positive definite. */
static enum rk_status newton(struct firth *f, const double *basis, const double *score, double *t,
                             bool *solved)
{
    size_t m = f->n_free;
    double *work = numbers(m * (m + 2)), *H = work, *up = work + m * m, *down = up + m;
    enum rk_status status = work == NULL ? RK_ENOMEM : RK_OK;

    for (size_t j = 0; j < m && status == RK_OK; j++) {
        status = score_nearby(f, basis, j, DIFFERENCE, up);
        if (status == RK_OK)
            status = score_nearby(f, basis, j, -DIFFERENCE, down);
        for (size_t i = 0; i < m; i++)
            H[i * m + j] = (down[i] - up[i]) / (2.0 * DIFFERENCE);
    }
    *solved = status == RK_OK;
    for (size_t i = 0; i < m && *solved; i++) { /* Cholesky, and forward */
        for (size_t j = 0; j <= i; j++) {
            double value = 0.5 * (H[i * m + j] + H[j * m + i]);

            for (size_t l = 0; l < j; l++)
                value -= H[i * m + l] * H[j * m + l];
            if (j == i)
                *solved = *solved && value > 1e-6;
            H[i * m + j] = j == i ? sqrt(fmax(value, 1e-6)) : value / H[j * m + j];
        }
        t[i] = score[i];
        for (size_t l = 0; l < i; l++)
            t[i] -= H[i * m + l] * t[l];
        t[i] /= H[i * m + i];
    }
    for (size_t i = m; i-- > 0 && *solved;) {
        for (size_t l = i + 1; l < m; l++)
            t[i] -= H[l * m + i] * t[l];
        t[i] /= H[i * m + i];
    }
    free(work);
    return status == RK_ENOMEM ? status : RK_OK;
}

/* Fills the change from b, by scoring, or where that creeps by Newton's method; *length is the last
 * step's before and this one's after. */
static enum rk_status find_change(struct firth *f, double *length)
{
    size_t k = f->k;
    double *basis = numbers(k * k), *score = numbers(2 * k), *t = score + k;
    double before = *length;
    bool solved = false;
    enum rk_status status = basis == NULL || score == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK) {
        *length = find_score(f, score);
        memcpy(basis, f->fit->R_inverse, k * k * sizeof *basis);
        memcpy(f->origin, f->b, k * sizeof *f->b);
        if (*length > f->small_step && *length<NEARBY && * length> CREEPING * before) {
            status = newton(f, basis, score, t, &solved);
            if (status == RK_OK)
                status = firth_evaluate(f, f->origin);
        }
        spread(f, basis, solved ? t : score, f->change);
    }
    free(basis);
    free(score);
    return status;
}

/* The share of the change to take so that no linear predictor moves too far. */
static double bound(const struct firth *f)
{
    double largest = 0.0;

    for (size_t i = 0; i < f->n; i++) {
        double sum = 0.0;

        for (size_t j = 0; j < f->n_free; j++)
            sum += f->change[j] * f->X[j * f->n + i];
        largest = fmax(largest, fabs(sum));
    }
    return largest > LARGEST_STEP ? LARGEST_STEP / largest : 1.0;
}

enum rk_status firth_maximise(struct firth *f)
{
    double length = INFINITY;
    enum rk_status status = firth_evaluate(f, f->b);

    for (int step = 0; step < MOST_STEPS && status == RK_OK; step++) {
        double share, before = f->value;

        status = find_change(f, &length);
        if (status != RK_OK || length <= f->small_step) {
            f->steps = step;
            return status;
        }
        share = bound(f);
        for (int halving = 0; halving < MOST_HALVINGS; halving++) {
            for (size_t j = 0; j < f->k; j++)
                f->trial[j] = f->origin[j] + share * f->change[j];
            status = firth_evaluate(f, f->trial);
            if (status != RK_OK || f->value >= before - 1e-12 * (fabs(before) + 1.0))
                break;
            share *= 0.5;
        }
    }
    return status == RK_OK ? RK_ENOCONVERGE : status;
}
