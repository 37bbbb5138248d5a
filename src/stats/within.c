#include "repkit/within.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"

static void *array(size_t n, size_t size)
{
    return calloc(n + 1, size);
}

static struct rk_within *within_alloc(size_t n, size_t p, size_t n_effects, bool weighted)
{
    struct rk_within *within = calloc(1, sizeof *within);
    bool complete;

    if (within == NULL)
        return NULL;
    within->n = n;
    within->p = p;
    within->row = array(n, sizeof *within->row);
    within->y = malloc((n + 1) * sizeof *within->y);
    within->X = malloc((n * p + 1) * sizeof *within->X);
    within->norm = array(p, sizeof *within->norm);
    within->share = array(p, sizeof *within->share);
    within->effect = array(n_effects, sizeof *within->effect);
    within->n_levels = array(n_effects, sizeof *within->n_levels);
    if (weighted)
        within->weights = array(n, sizeof *within->weights);
    complete = within->row != NULL && within->y != NULL && within->X != NULL &&
               within->norm != NULL && within->share != NULL && within->effect != NULL &&
               within->n_levels != NULL && (!weighted || within->weights != NULL);
    while (complete && within->n_effects < n_effects) {
        uint32_t *code = malloc((n + 1) * sizeof *code);

        within->effect[within->n_effects++] = code;
        complete = code != NULL;
    }
    if (!complete) {
        rk_within_free(within);
        return NULL;
    }
    return within;
}

void rk_within_free(struct rk_within *within)
{
    if (within == NULL)
        return;
    for (size_t e = 0; within->effect != NULL && e < within->n_effects; e++)
        free(within->effect[e]);
    free(within->effect);
    free(within->n_levels);
    free(within->row);
    free(within->y);
    free(within->X);
    free(within->weights);
    free(within->norm);
    free(within->hat);
    free(within->share);
    free(within);
}

/* --- rows ----------------------------------------------------------------------------------- */

/* Flags the rows that are alone in a level, of those not flagged yet. count: room for the levels.
 */
static size_t flag_singletons(const struct rk_absorbed *effects, size_t e, bool *alone,
                              size_t *count)
{
    const uint32_t *code = effects->code[e];
    size_t flagged = 0;

    memset(count, 0, effects->n_levels[e] * sizeof *count);
    for (size_t i = 0; i < effects->n; i++)
        count[code[i]] += !alone[i];
    for (size_t i = 0; i < effects->n; i++) {
        if (!alone[i] && count[code[i]] == 1) {
            alone[i] = true;
            flagged++;
        }
    }
    return flagged;
}

/* A row that goes may leave another alone. RK_OK or RK_ENOMEM. */
static enum rk_status find_singletons(const struct rk_absorbed *effects, bool *alone,
                                      size_t *n_left)
{
    size_t most = 0, flagged = 0, quiet = 0, *count;

    for (size_t e = 0; e < effects->n_effects; e++)
        most = effects->n_levels[e] > most ? effects->n_levels[e] : most;
    count = array(most, sizeof *count);
    if (count == NULL)
        return RK_ENOMEM;
    for (size_t e = 0; quiet < effects->n_effects; e = (e + 1) % effects->n_effects) {
        size_t found = flag_singletons(effects, e, alone, count);

        flagged += found;
        quiet = found > 0 ? 1 : quiet + 1;
    }
    free(count);
    *n_left = effects->n - flagged;
    return RK_OK;
}

/* Takes over the rows that stay; levels are renumbered as they come. RK_OK or RK_ENOMEM. */
static enum rk_status take_rows(struct rk_within *within, const struct rk_design *design,
                                const struct rk_absorbed *effects, const bool *alone)
{
    size_t kept = 0;

    for (size_t i = 0; i < design->n; i++) {
        if (alone[i])
            continue;
        within->row[kept] = i;
        if (within->weights != NULL)
            within->weights[kept] = design->weights[i];
        kept++;
    }
    for (size_t e = 0; e < effects->n_effects; e++) {
        uint32_t *number = array(effects->n_levels[e], sizeof *number);
        size_t used = 0;

        if (number == NULL)
            return RK_ENOMEM;
        for (size_t k = 0; k < within->n; k++) {
            uint32_t code = effects->code[e][within->row[k]];

            if (number[code] == 0)
                number[code] = (uint32_t)++used; /* from 1: 0 means not seen */
            within->effect[e][k] = number[code] - 1;
        }
        within->n_levels[e] = used;
        free(number);
    }
    return RK_OK;
}

/* --- columns --------------------------------------------------------------------------------- */

/* The columns of X, then y. */
struct columns {
    const struct rk_design *design;
    const struct rk_within *within;
    double **column; /* p + 1 */
    double *total;   /* p + 1: sum of squares about the mean, before */
    double *raw;     /* p + 1: about 0, before */
    double *left;    /* p + 1: about 0, after */
};

static double weight_of(const struct rk_within *within, size_t i)
{
    return within->weights != NULL ? within->weights[i] : 1.0;
}

static enum rk_status copy_columns(void *data, size_t block, size_t first, size_t last)
{
    const struct columns *c = data;
    const struct rk_within *within = c->within;

    (void)block;
    for (size_t j = first; j < last; j++) {
        const double *from = j == within->p ? c->design->y : rk_design_column(c->design, j);
        double *x = c->column[j], weight = 0.0, sum = 0.0, squares = 0.0, off = 0.0;

        for (size_t i = 0; i < within->n; i++) {
            double w = weight_of(within, i);

            x[i] = from[within->row[i]];
            weight += w;
            sum += w * x[i];
            c->raw[j] += w * x[i] * x[i];
        }
        for (size_t i = 0; i < within->n; i++) {
            double d = x[i] - sum / weight;

            squares += weight_of(within, i) * d * d;
            off += weight_of(within, i) * d; /* the rounding of the mean */
        }
        c->total[j] = fmax(0.0, squares - off * off / weight);
    }
    return RK_OK;
}

static enum rk_status measure_columns(void *data, size_t block, size_t first, size_t last)
{
    const struct columns *c = data;

    (void)block;
    for (size_t j = first; j < last; j++) {
        for (size_t i = 0; i < c->within->n; i++)
            c->left[j] += weight_of(c->within, i) * c->column[j][i] * c->column[j][i];
    }
    return RK_OK;
}

static struct rk_absorbed effects_of(const struct rk_within *within)
{
    return (struct rk_absorbed){.n = within->n,
                                .n_effects = within->n_effects,
                                .code = (const uint32_t *const *)within->effect,
                                .n_levels = within->n_levels,
                                .weights = within->weights};
}

static enum rk_status transform(struct rk_within *within, struct columns *c,
                                const struct rk_ctx *ctx)
{
    struct rk_absorbed effects = effects_of(within);
    struct rk_ctx quiet = RK_CTX_DEFAULT;
    size_t p = within->p;
    enum rk_status status;

    if (ctx != NULL)
        quiet = *ctx;
    quiet.progress = NULL;
    status = rk_parallel_blocks(&quiet, p + 1, 1, copy_columns, c);
    if (status == RK_OK)
        status = rk_absorb(&effects, c->column, p + 1, ctx);
    if (status == RK_OK)
        status = rk_parallel_blocks(&quiet, p, 1, measure_columns, c);
    within->tss = c->total[p];
    within->y_norm = sqrt(c->raw[p]);
    for (size_t j = 0; j < p; j++) {
        within->norm[j] = sqrt(c->raw[j]);
        within->share[j] = c->total[j] > 0.0 ? fmin(1.0, c->left[j] / c->total[j]) : NAN;
    }
    return status;
}

static enum rk_status fill_columns(struct rk_within *within, const struct rk_design *design,
                                   const struct rk_ctx *ctx)
{
    size_t p = within->p;
    double *sums = array(3 * (p + 1), sizeof *sums);
    struct columns c = {.design = design, .within = within};
    enum rk_status status = RK_ENOMEM;

    c.column = array(p + 1, sizeof *c.column);
    if (sums != NULL && c.column != NULL) {
        c.total = sums;
        c.raw = sums + p + 1;
        c.left = sums + 2 * (p + 1);
        for (size_t j = 0; j < p; j++)
            c.column[j] = within->X + j * within->n;
        c.column[p] = within->y;
        status = transform(within, &c, ctx);
    }
    free(sums);
    free(c.column);
    return status;
}

/* --- the transformation ---------------------------------------------------------------------- */

static enum rk_status check(const struct rk_design *design, size_t n_effects,
                            struct rk_error *error)
{
    if (n_effects == 0)
        return rk_fail(error, RK_EDOMAIN, "there is no fixed effect to absorb");
    if (design->n == 0)
        return rk_fail(error, RK_ENODATA, "no rows to fit");
    for (size_t i = 0; design->weights != NULL && i < design->n; i++) {
        if (!(design->weights[i] > 0.0) || !isfinite(design->weights[i]))
            return rk_fail(error, RK_EDOMAIN, "a weight is not positive");
    }
    return RK_OK;
}

static enum rk_status fill(struct rk_within *within, const struct rk_design *design,
                           const struct rk_absorbed *effects, const bool *alone, bool leverage,
                           const struct rk_ctx *ctx)
{
    enum rk_status status = take_rows(within, design, effects, alone);
    struct rk_absorbed mine = effects_of(within);

    if (status == RK_OK)
        status = rk_absorb_df(&mine, &within->df);
    if (status == RK_OK)
        status = fill_columns(within, design, ctx);
    if (status != RK_OK || !leverage)
        return status;
    within->hat = array(within->n, sizeof *within->hat);
    return within->hat == NULL ? RK_ENOMEM : rk_absorb_leverage(&mine, within->hat);
}

enum rk_status rk_within_absorb(const struct rk_design *design, const struct rk_absorbed *effects,
                                bool leverage, const struct rk_ctx *ctx, struct rk_within **within,
                                struct rk_error *error)
{
    struct rk_within *made = NULL;
    size_t n = 0;
    bool *alone;
    enum rk_status status = check(design, effects->n_effects, error);

    if (status != RK_OK)
        return status;
    alone = array(design->n, sizeof *alone);
    status = alone == NULL ? RK_ENOMEM : find_singletons(effects, alone, &n);
    if (status == RK_OK && n == 0) {
        free(alone);
        return rk_fail(error, RK_ETOOFEW, "every level of %s has a single row",
                       effects->n_effects == 1 ? "the fixed effect" : "one of the fixed effects");
    }
    if (status == RK_OK)
        made = within_alloc(n, design->p, effects->n_effects, design->weights != NULL);
    if (made == NULL)
        status = RK_ENOMEM;
    else
        status = fill(made, design, effects, alone, leverage, ctx);
    free(alone);
    if (status != RK_OK) {
        rk_within_free(made);
        return rk_fail(error, status, "%s", rk_status_words(status));
    }
    made->n_singletons = design->n - n;
    *within = made;
    return RK_OK;
}

enum rk_status rk_within_new(const struct rk_design *design, const uint32_t *const *effect,
                             const size_t *n_levels, size_t n_effects, struct rk_within **within,
                             struct rk_error *error)
{
    struct rk_absorbed effects = {
        .n = design->n, .n_effects = n_effects, .code = effect, .n_levels = n_levels};

    return rk_within_absorb(design, &effects, true, NULL, within, error);
}

struct rk_design rk_within_design(const struct rk_within *within)
{
    return (struct rk_design){.n = within->n,
                              .p = within->p,
                              .y = within->y,
                              .X = within->X,
                              .weights = within->weights,
                              .df_absorbed = within->df,
                              .tss_absorbed = within->tss,
                              .y_norm = within->y_norm,
                              .norm = within->norm,
                              .hat_absorbed = within->hat};
}
