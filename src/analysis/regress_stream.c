/* Whether a regression of rows that were not kept can stand on their moments. */
#include <math.h>
#include <stdlib.h>

#include "regress_parts.h"

/* The share of its variation that the columns before leave a column, and that all leave the
 * response: below these, sums of products have fewer than twelve digits for what is left. */
static const double LEFT_OF_COLUMN = 1e-4, LEFT_OF_RESPONSE = 1e-6;
/* Squares of the largest mean, in standard deviations: the rows in the place of a group's are
 * rounded as the values are, not as their deviations. */
static const double FARTHEST_MEAN = 1e8;

struct sums {
    const struct rk_cross_moments *m;
    size_t n, *source; /* columns of moments: those of the model, the response last */
    double total;      /* rows */
    double *mean, *G;  /* n; n-by-n: products about what the model takes out */
};

/* What is taken out: the groups' means with a fixed effect, the mean of all with an intercept. */
static void add_up(struct sums *s, bool within, bool intercept)
{
    const struct rk_cross_moments *m = s->m;
    size_t all = m->k * (m->k + 1) / 2, n = s->n;

    for (size_t g = 0; g < m->n_groups; g++) {
        s->total += m->n[g];
        for (size_t i = 0; i < n; i++)
            s->mean[i] += (m->mean[g * m->k + s->source[i]].hi - s->mean[i]) * m->n[g] / s->total;
    }
    for (size_t g = 0; g < m->n_groups; g++) {
        for (size_t i = 0; i < n; i++) {
            double d = m->mean[g * m->k + s->source[i]].hi - (intercept ? s->mean[i] : 0.0);

            for (size_t j = 0; j <= i; j++) {
                double e = m->mean[g * m->k + s->source[j]].hi - (intercept ? s->mean[j] : 0.0);

                s->G[i * n + j] +=
                    m->C[g * all + rk_cross_moments_at(s->source[i], s->source[j])].hi +
                    (within ? 0.0 : m->n[g] * d * e);
            }
        }
    }
}

/* Cholesky's factor in the place of G, as long as enough is left of each column. */
static bool is_safe(struct sums *s)
{
    size_t n = s->n;

    for (size_t i = 0; i < n; i++) {
        double square = s->G[i * n + i], least = i + 1 < n ? LEFT_OF_COLUMN : LEFT_OF_RESPONSE;

        if (!(square > 0.0) || !(s->total * s->mean[i] * s->mean[i] <= FARTHEST_MEAN * square))
            return false;
        for (size_t j = 0; j <= i; j++) {
            double sum = s->G[i * n + j];

            for (size_t l = 0; l < j; l++)
                sum -= s->G[i * n + l] * s->G[j * n + l];
            if (i == j && !(sum >= least * square))
                return false;
            s->G[i * n + j] = i == j ? sqrt(sum) : sum / s->G[j * n + j];
        }
    }
    return true;
}

static enum rk_status look(const struct rk_moments_stream *stream,
                           const struct rk_moment_model *model, bool *safe)
{
    struct sums s = {.m = &stream->file.moments};
    size_t most = model->p + 1;
    bool within = stream->formula->fixed_effects.n > 0, fine;

    s.source = malloc(most * sizeof *s.source);
    s.mean = calloc(most, sizeof *s.mean);
    s.G = calloc(most * most, sizeof *s.G);
    fine = s.source != NULL && s.mean != NULL && s.G != NULL;
    if (fine) {
        for (size_t j = 0; j < model->p; j++)
            if (model->source[j] != SIZE_MAX)
                s.source[s.n++] = model->source[j];
        s.source[s.n++] = model->response;
        add_up(&s, within, within || model->has_intercept);
        *safe = is_safe(&s);
    }
    free(s.source);
    free(s.mean);
    free(s.G);
    return fine ? RK_OK : RK_ENOMEM;
}

enum rk_status rk_regress_stream_serves(const struct rk_moments_stream *stream, bool *serves)
{
    struct rk_moment_model model = {0};
    struct rk_error ignored = {0};
    enum rk_status status;

    *serves = false;
    if (stream->file.group == NULL ||
        2 * stream->file.moments.k * stream->file.moments.n_groups >= stream->n_rows)
        return RK_OK;
    status = rk_moment_model_new(stream->formula, &stream->file.column, &model, &ignored);
    if (status == RK_OK)
        status = look(stream, &model, serves);
    rk_moment_model_free(&model);
    return status == RK_ENOMEM ? RK_ENOMEM : RK_OK;
}
