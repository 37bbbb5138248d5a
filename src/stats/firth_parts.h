/* What the files of Firth's logit share; private to src/stats/firth*.c. */
#ifndef REPKIT_FIRTH_PARTS_H
#define REPKIT_FIRTH_PARTS_H

#include "repkit/firth.h"

/* The columns that stand, the one that is held fixed (if any) last: then the others' part of
 * X'WX = R'R is the leading part of R. */
struct firth {
    const struct rk_glm *glm;
    const struct rk_ctx *ctx;
    size_t n, k, n_free;
    size_t *order; /* k: columns of glm */
    double *X;     /* n-by-k */
    double *b, *origin, *change, *trial;
    double *eta, *W, *e;
    struct rk_fit *fit; /* at b */
    double value;       /* l* at b, less what does not depend on it */
    int steps;
    double small_step; /* squared length, in standard errors, of a step that counts as none */
};

/* kept: k columns of glm; `last` of them is held fixed, SIZE_MAX for none. b is 0. RK_OK or
 * RK_ENOMEM. */
enum rk_status firth_init(const struct rk_glm *glm, const struct rk_ctx *ctx, const size_t *kept,
                          size_t k, size_t last, struct firth *f);
void firth_free(struct firth *f);
/* l* at b, and the basis of its information; f is unchanged on failure but for eta, W and e. */
enum rk_status firth_evaluate(struct firth *f, const double *b);
/* From f->b, over the free coefficients. */
enum rk_status firth_maximise(struct firth *f);

#endif
