/* What the tests of clusters in panels with several effects share. */
#ifndef REPKIT_TEST_PANEL_CLUSTERS_H
#define REPKIT_TEST_PANEL_CLUSTERS_H

#include "panel_rows.h"

#define TOPIC "panel_inference"

static inline void check(double value, const char *name, const char *what, size_t at)
{
    char full[64];

    snprintf(full, sizeof full, "%s.%s", name, what);
    assert_close(value, at > 0 ? reference_at(TOPIC, full, at) : reference(TOPIC, full), TOLERANCE);
}

/* Clusters with which of the effects nested. */
struct clustering {
    uint32_t code[MOST];
    struct rk_clusters clusters;
    double *crossed;
};

static inline void cluster_by(struct clustering *c, const struct rk_within *within,
                              const char *file, const char *column)
{
    bool nested[MOST_EFFECTS];
    const uint32_t *code[MOST_EFFECTS];
    struct rk_absorbed effects = {.n = within->n, .code = code};
    size_t n_levels[MOST_EFFECTS];

    c->clusters = (struct rk_clusters){.code = c->code};
    c->clusters.n_codes = codes_of(file, column, c->code);
    for (size_t e = 0; e < within->n_effects; e++) {
        assert_int_equal(
            rk_is_nested(within->effect[e], within->n_levels[e], c->code, within->n, &nested[e]),
            RK_OK);
        if (!nested[e])
            continue;
        code[effects.n_effects] = within->effect[e];
        n_levels[effects.n_effects++] = within->n_levels[e];
    }
    effects.n_levels = n_levels;
    if (effects.n_effects > 0)
        assert_int_equal(rk_absorb_df(&effects, &c->clusters.df_nested), RK_OK);
    c->crossed = NULL;
    assert_int_equal(rk_within_crossed(within, nested, &c->crossed, &c->clusters.n_crossed), RK_OK);
    c->clusters.crossed = c->crossed;
    assert_int_equal(c->clusters.n_crossed, within->df - c->clusters.df_nested);
}

#endif
