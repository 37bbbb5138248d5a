/* What a row of rep-corr means, in words. */
#ifndef REPKIT_CORR_WORDS_H
#define REPKIT_CORR_WORDS_H

#include "repkit/corr.h"

struct corr_words {
    const char *x, *y, *id; /* id NULL without units */
    int method, scope;
    double conf_level;
    const struct rk_correlation *correlation; /* defined */
};

/* Adds the row's explanation. Association only: no sentence says that x makes y. */
void corr_explain(const struct corr_words *words, struct rk_result *result);

#endif
