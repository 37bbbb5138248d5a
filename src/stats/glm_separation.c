/* Whether a combination of the columns tells the outcome: then the likelihood has no maximum.
 *
 * The proof is in the data: a direction d of the linear predictors with, for a logit, d_i >= 0
 * where y is 1, d_i <= 0 where it is 0 and d_i = 0 where it is between; for a log link, d_i = 0
 * where y > 0 and d_i <= 0 where it is 0. Along it the likelihood rises for ever. Newton's steps
 * tend to such a direction if there is one: each makes separated rows better by about 1, while
 * those of the other rows die out. */
#include <math.h>

#include "glm_parts.h"

static const double NO_CHANGE = 1e-6; /* relative to the largest */
static const double CHANGE = 1e-2;

/* What is to be gained by the row: above 0 better, below 0 worse; where nothing can be, the loss.
 */
static double gain(const struct rk_glm *glm, size_t i, double change)
{
    double y = glm->y[i];

    if (glm->family == RK_FAMILY_BINOMIAL && y >= 1.0)
        return change;
    if (y <= 0.0)
        return -change;
    return -fabs(change);
}

bool glm_separates(struct glm_work *work, const double *change)
{
    const struct rk_glm *glm = work->glm;
    double largest = 0.0;
    size_t n = 0;

    for (size_t i = 0; i < glm->n; i++)
        largest = fmax(largest, fabs(change[i]));
    for (size_t i = 0; i < glm->n; i++) {
        double better = gain(glm, i, change[i]);

        if (better < -NO_CHANGE * largest)
            return false;
        work->separated[i] = better > CHANGE * largest;
        n += work->separated[i];
    }
    work->n_separated = n;
    return n > 0;
}
