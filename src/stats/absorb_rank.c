/* How many degrees of freedom effects take, and from which rows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "absorb.h"

/* Products that elimination may take: about a second. */
static const double MOST_PRODUCTS = 5e8;
static const double DEPENDENT = 1e-9;

/* --- connected parts ------------------------------------------------------------------------- */

static uint32_t root_of(uint32_t *parent, uint32_t k)
{
    while (parent[k] != k) {
        parent[k] = parent[parent[k]];
        k = parent[k];
    }
    return k;
}

/* Levels of two effects in use less their connected parts. */
static enum rk_status joined_levels(const struct rk_absorbed *effects, size_t *joined)
{
    size_t n_first = effects->n_levels[0], n_nodes = n_first + effects->n_levels[1];
    uint32_t *parent = malloc((n_nodes + 1) * sizeof *parent);

    if (parent == NULL)
        return RK_ENOMEM;
    for (size_t k = 0; k < n_nodes; k++)
        parent[k] = (uint32_t)k;
    *joined = 0;
    for (size_t i = 0; i < effects->n; i++) {
        uint32_t a = root_of(parent, effects->code[0][i]);
        uint32_t b = root_of(parent, (uint32_t)n_first + effects->code[1][i]);

        if (a != b) {
            parent[b] = a;
            (*joined)++;
        }
    }
    free(parent);
    return RK_OK;
}

/* --- elimination ----------------------------------------------------------------------------- */

/* With the main effect's means taken out, the others' dummies have the cross-products
 *   S = D'WD - sum_g c_g c_g' / W_g,  c_g = D_g'w_g, over the levels g of the main effect.
 * Its rank is their degrees of freedom, and with any S^- the leverage of a row is
 *   w (1 / W_g + z'S^- z),  z = d - c_g / W_g. */
struct schur {
    struct absorb_levels levels;
    size_t m;            /* levels of the others */
    size_t *start, *row; /* rows by level of the main effect */
    double *S;           /* m-by-m, then its Cholesky factor's inverse times itself: S^- */
    double *c, *v;       /* m: of the level at hand; c is 0 where `touched` has not been */
    size_t *touched, n_touched;
    size_t rank;
};

static bool is_cheap(const struct rk_absorbed *effects, const struct absorb_levels *levels)
{
    double m = (double)levels->n_others, others = (double)levels->n_other_effects;
    double a_level = fmin(m, others * (double)effects->n / fmax(1.0, (double)levels->n_main));

    return m * m * m + (double)levels->n_main * a_level * (a_level + m) +
               (double)effects->n * others * others <=
           MOST_PRODUCTS;
}

static enum rk_status sort_rows(struct schur *s)
{
    const struct rk_absorbed *effects = s->levels.effects;
    const uint32_t *code = effects->code[s->levels.main];
    size_t *next = calloc(s->levels.n_main + 1, sizeof *next);

    if (next == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < effects->n; i++)
        s->start[code[i] + 1]++;
    for (size_t g = 0; g < s->levels.n_main; g++) {
        s->start[g + 1] += s->start[g];
        next[g] = s->start[g];
    }
    for (size_t i = 0; i < effects->n; i++)
        s->row[next[code[i]]++] = i;
    free(next);
    return RK_OK;
}

/* The sums c of a level of the main effect, and which of them are not 0. */
static void sum_level(struct schur *s, size_t g)
{
    const struct absorb_levels *levels = &s->levels;

    for (size_t t = 0; t < s->n_touched; t++)
        s->c[s->touched[t]] = 0.0;
    s->n_touched = 0;
    for (size_t r = s->start[g]; r < s->start[g + 1]; r++) {
        for (size_t o = 0; o < levels->n_other_effects; o++) {
            size_t k = levels->offset[o] + levels->other[o][s->row[r]];

            if (s->c[k] == 0.0)
                s->touched[s->n_touched++] = k;
            s->c[k] += absorb_weight(levels->effects, s->row[r]);
        }
    }
}

static void build(struct schur *s)
{
    const struct absorb_levels *levels = &s->levels;
    size_t others = levels->n_other_effects, m = s->m;

    for (size_t i = 0; i < levels->effects->n; i++) {
        for (size_t a = 0; a < others; a++) {
            size_t j = levels->offset[a] + levels->other[a][i];

            for (size_t b = 0; b < others; b++)
                s->S[j * m + levels->offset[b] + levels->other[b][i]] +=
                    absorb_weight(levels->effects, i);
        }
    }
    for (size_t g = 0; g < levels->n_main; g++) {
        sum_level(s, g);
        for (size_t a = 0; a < s->n_touched; a++) {
            double share = s->c[s->touched[a]] / levels->total[g];

            for (size_t b = 0; b < s->n_touched; b++)
                s->S[s->touched[a] * m + s->touched[b]] -= share * s->c[s->touched[b]];
        }
    }
}

/* Sweeps the pivots that are left: S becomes S^- on them, 0 elsewhere. */
static enum rk_status invert(struct schur *s)
{
    size_t m = s->m;
    double *diagonal = malloc((m + 1) * sizeof *diagonal);
    bool *kept = calloc(m + 1, sizeof *kept);

    if (diagonal == NULL || kept == NULL) {
        free(diagonal);
        free(kept);
        return RK_ENOMEM;
    }
    for (size_t k = 0; k < m; k++)
        diagonal[k] = s->levels.total[s->levels.n_main + k];
    for (size_t k = 0; k < m; k++) {
        double pivot = s->S[k * m + k];

        if (!(pivot > DEPENDENT * diagonal[k]))
            continue;
        kept[k] = true;
        s->rank++;
        for (size_t i = 0; i < m; i++) {
            double factor = s->S[i * m + k] / pivot;

            if (i == k || factor == 0.0)
                continue;
            for (size_t j = 0; j < m; j++)
                s->S[i * m + j] -= j == k ? 0.0 : factor * s->S[k * m + j];
            s->S[i * m + k] = -factor;
        }
        for (size_t j = 0; j < m; j++)
            s->S[k * m + j] = j == k ? 1.0 / pivot : s->S[k * m + j] / pivot;
    }
    for (size_t i = 0; i < m * m; i++)
        s->S[i] = kept[i / m] && kept[i % m] ? s->S[i] : 0.0;
    free(diagonal);
    free(kept);
    return RK_OK;
}

static void schur_free(struct schur *s)
{
    absorb_levels_free(&s->levels);
    free(s->start);
    free(s->row);
    free(s->S);
    free(s->c);
    free(s->v);
    free(s->touched);
}

/* *cheap is false, and there is nothing to free, where elimination would take too long. */
static enum rk_status schur_new(const struct rk_absorbed *effects, struct schur *s, bool *cheap)
{
    enum rk_status status;

    *s = (struct schur){0};
    status = absorb_levels_new(effects, &s->levels);
    if (status != RK_OK)
        return status;
    *cheap = is_cheap(effects, &s->levels);
    if (!*cheap) {
        absorb_levels_free(&s->levels);
        return RK_OK;
    }
    s->m = s->levels.n_others;
    s->start = calloc(s->levels.n_main + 2, sizeof *s->start);
    s->row = malloc((effects->n + 1) * sizeof *s->row);
    s->S = calloc(s->m * s->m + 1, sizeof *s->S);
    s->c = calloc(s->m + 1, sizeof *s->c);
    s->v = calloc(s->m + 1, sizeof *s->v);
    s->touched = calloc(s->m + 1, sizeof *s->touched);
    if (s->start == NULL || s->row == NULL || s->S == NULL || s->c == NULL || s->v == NULL ||
        s->touched == NULL)
        status = RK_ENOMEM;
    if (status == RK_OK)
        status = sort_rows(s);
    if (status == RK_OK) {
        build(s);
        status = invert(s);
    }
    if (status != RK_OK)
        schur_free(s);
    return status;
}

/* --- what is asked --------------------------------------------------------------------------- */

static size_t levels_in_use(const struct absorb_levels *levels, size_t first, size_t n)
{
    size_t used = 0;

    for (size_t k = first; k < first + n; k++)
        used += levels->total[k] > 0.0;
    return used;
}

static enum rk_status count_levels(const struct rk_absorbed *effects, size_t *used)
{
    struct absorb_levels levels;
    enum rk_status status = absorb_levels_new(effects, &levels);

    if (status != RK_OK)
        return status;
    *used = levels_in_use(&levels, 0, levels.n_main + levels.n_others);
    absorb_levels_free(&levels);
    return RK_OK;
}

/* By elimination; *cheap says whether it was. */
static enum rk_status eliminated_rank(const struct rk_absorbed *effects, size_t *df, bool *cheap)
{
    struct schur s;
    enum rk_status status = schur_new(effects, &s, cheap);

    if (status == RK_OK && *cheap) {
        *df = levels_in_use(&s.levels, 0, s.levels.n_main) + s.rank;
        schur_free(&s);
    }
    return status;
}

enum rk_status rk_absorb_df(const struct rk_absorbed *effects, size_t *df)
{
    bool cheap = false;
    size_t first_two = 0;
    struct rk_absorbed rest = *effects;
    enum rk_status status;

    if (effects->n_effects == 1)
        return count_levels(effects, df);
    if (effects->n_effects == 2)
        return joined_levels(effects, df);
    status = eliminated_rank(effects, df, &cheap);
    if (status != RK_OK || cheap)
        return status;
    status = joined_levels(effects, &first_two);
    rest.n_effects -= 2;
    rest.code += 2;
    rest.n_levels += 2;
    if (status == RK_OK)
        status = count_levels(&rest, df);
    if (status == RK_OK)
        *df += first_two - rest.n_effects;
    return status;
}

static void level_leverage(struct schur *s, size_t g, double *hat)
{
    const struct absorb_levels *levels = &s->levels;
    double W = levels->total[g], q = 0.0;
    size_t m = s->m;

    sum_level(s, g);
    memset(s->v, 0, m * sizeof *s->v);
    for (size_t t = 0; t < s->n_touched; t++) {
        const double *row = s->S + s->touched[t] * m;

        for (size_t k = 0; k < m; k++)
            s->v[k] += s->c[s->touched[t]] / W * row[k];
    }
    for (size_t t = 0; t < s->n_touched; t++)
        q += s->c[s->touched[t]] / W * s->v[s->touched[t]];
    for (size_t r = s->start[g]; r < s->start[g + 1]; r++) {
        size_t i = s->row[r];
        double h = 1.0 / W + q;

        for (size_t a = 0; a < levels->n_other_effects; a++) {
            size_t k = levels->offset[a] + levels->other[a][i];

            h -= 2.0 * s->v[k];
            for (size_t b = 0; b < levels->n_other_effects; b++)
                h += s->S[k * m + levels->offset[b] + levels->other[b][i]];
        }
        hat[i] = absorb_weight(levels->effects, i) * h;
    }
}

enum rk_status rk_absorb_leverage(const struct rk_absorbed *effects, double *hat)
{
    struct schur s;
    bool cheap = false;
    enum rk_status status = schur_new(effects, &s, &cheap);

    if (status != RK_OK)
        return status;
    for (size_t i = 0; i < effects->n && !cheap; i++)
        hat[i] = NAN;
    if (!cheap)
        return RK_OK;
    for (size_t g = 0; g < s.levels.n_main; g++)
        level_leverage(&s, g, hat);
    schur_free(&s);
    return RK_OK;
}
