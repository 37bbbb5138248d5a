/* The levels of fixed effects in rows to predict: what they add, and how sure that is.
 *
 * With D the dummies of the effects, d those of a row to predict and v = (D'WD)^- d, the effects
 * add q'(y - X b) there, q = W D v. So what is expected is q'y + (x - X'q)'b, whose parts are
 * independent: its variance is sigma^2 d'v + (x - X'q)' V (x - X'q). For one effect q is a mean
 * over the rows of the level. For several, an indicator of one more row with these levels, less
 * the effects, is rho: D v = -rho / rho_0 in the rows of the data and d'v = (1 - rho_0) / rho_0. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"
#include "repkit/absorb.h"

enum { SWEEPS_MOST = 100000 };
static const double MOST_WORK = 1e8;  /* combinations times rows */
static const double UNJOINED = 1e-10; /* rho_0 where the levels are not connected */

/* One effect: what each of its levels adds, and which level the rows to predict have. */
struct regress_effect {
    const char *name;
    double *value;  /* n_levels; NaN for levels without rows */
    double *weight; /* n_levels: the sum of weights */
    size_t n_levels;
    size_t *level; /* one a row to predict; SIZE_MAX for one that is not known */
};

/* --- effects ------------------------------------------------------------------------------- */

/* y less X b and the residual: what the effects add in row i of the fit. */
static double effects_in_row(const struct regression *r, size_t i)
{
    size_t row = regress_frame_row(r, i);
    double sum = r->glm != NULL ? r->glm->eta[i] - r->glm->offset[i]
                                : r->frame->y[row] - r->fit->residual[i];

    for (size_t j = 0; j < r->fit->p; j++)
        if (!isnan(r->fit->coef[j]))
            sum -= r->fit->coef[j] * r->frame->X[j * r->frame->n + row];
    return sum;
}

static double weight_of(const struct regression *r, size_t i)
{
    return r->within->weights == NULL ? 1.0 : r->within->weights[i];
}

/* Gives each level of effect e the mean of what the others leave. Returns the largest change. */
static double sweep(const struct regress_levels *p, size_t e, const double *sum, double *mean)
{
    const struct regression *r = p->r;
    struct regress_effect *effect = &p->effect[e];
    double change = 0.0;

    memset(mean, 0, effect->n_levels * sizeof *mean);
    for (size_t i = 0; i < r->fit->n; i++) {
        double rest = sum[i];

        for (size_t o = 0; o < p->n_effects; o++)
            if (o != e)
                rest -= p->effect[o].value[r->within->effect[o][i]];
        mean[r->within->effect[e][i]] += weight_of(r, i) * rest;
    }
    for (size_t g = 0; g < effect->n_levels; g++) {
        mean[g] /= effect->weight[g];
        change = fmax(change, fabs(mean[g] - effect->value[g]));
        effect->value[g] = mean[g];
    }
    return change;
}

/* Splits what the effects add between them, by turns. */
static enum rk_status solve_effects(struct regress_levels *p, struct rk_error *error)
{
    const struct regression *r = p->r;
    size_t most = 0;
    double *sum, *mean, change = INFINITY, scale = 0.0;

    for (size_t e = 0; e < p->n_effects; e++)
        most = p->effect[e].n_levels > most ? p->effect[e].n_levels : most;
    sum = calloc(r->fit->n + 1, sizeof *sum);
    mean = malloc((most + 1) * sizeof *mean);
    if (sum == NULL || mean == NULL) {
        free(sum);
        free(mean);
        return rk_fail_memory(error);
    }
    for (size_t i = 0; i < r->fit->n; i++) {
        sum[i] = effects_in_row(r, i);
        scale = fmax(scale, fabs(sum[i]));
    }
    for (size_t turn = 0; change > 1e-13 * scale && turn < SWEEPS_MOST; turn++) {
        change = 0.0;
        for (size_t e = 0; e < p->n_effects; e++)
            change = fmax(change, sweep(p, e, sum, mean));
        if (p->n_effects == 1)
            break;
    }
    free(sum);
    free(mean);
    return RK_OK;
}

/* Finds the level of each row to predict by its label. */
static enum rk_status find_levels(struct regress_levels *p, size_t e, struct rk_error *error)
{
    const struct regression *r = p->r;
    struct regress_effect *effect = &p->effect[e];
    size_t mine = 0, theirs = 0, *level_of;
    const struct rk_dict *dict;
    enum rk_status status = rk_column_index(r->table, effect->name, RK_TEXT, &mine, error);

    if (status == RK_OK)
        status = rk_column_index(p->table, effect->name, RK_TEXT, &theirs, error);
    if (status != RK_OK)
        return status;
    dict = r->table->column[mine].dict;
    level_of = malloc((rk_dict_size(dict) + 1) * sizeof *level_of);
    if (level_of == NULL)
        return rk_fail_memory(error);
    for (size_t c = 0; c < rk_dict_size(dict); c++)
        level_of[c] = SIZE_MAX;
    for (size_t i = 0; i < r->fit->n; i++)
        level_of[r->table->column[mine].code[regress_row(r, i)]] = r->within->effect[e][i];
    for (size_t i = 0; i < p->table->n_rows; i++) {
        const char *label = rk_table_text(p->table, i, theirs);
        uint32_t code = label == NULL ? RK_NO_CODE : rk_dict_find(dict, label, strlen(label));

        effect->level[i] = code == RK_NO_CODE ? SIZE_MAX : level_of[code];
        if (label == NULL)
            p->state[i] = RK_ROW_MISSING;
    }
    free(level_of);
    return RK_OK;
}

static enum rk_status read_effects(struct regress_levels *p, struct rk_error *error)
{
    const struct regression *r = p->r;
    enum rk_status status = RK_OK;

    p->effect = calloc(r->within->n_effects, sizeof *p->effect);
    if (p->effect == NULL)
        return rk_fail_memory(error);
    p->n_effects = r->within->n_effects;
    for (size_t e = 0; status == RK_OK && e < p->n_effects; e++) {
        struct regress_effect *effect = &p->effect[e];

        effect->name = r->options->formula->fixed_effects.name[e];
        effect->n_levels = r->within->n_levels[e];
        effect->value = calloc(effect->n_levels + 1, sizeof *effect->value);
        effect->weight = calloc(effect->n_levels + 1, sizeof *effect->weight);
        effect->level = calloc(p->table->n_rows + 1, sizeof *effect->level);
        if (effect->value == NULL || effect->weight == NULL || effect->level == NULL)
            return rk_fail_memory(error);
        for (size_t i = 0; i < r->fit->n; i++)
            effect->weight[r->within->effect[e][i]] += weight_of(r, i);
        status = find_levels(p, e, error);
    }
    return status == RK_OK ? solve_effects(p, error) : status;
}

/* --- combinations of levels ------------------------------------------------------------------ */

static bool same_levels(const struct regress_levels *p, size_t a, size_t b)
{
    for (size_t e = 0; e < p->n_effects; e++)
        if (p->effect[e].level[a] != p->effect[e].level[b])
            return false;
    return true;
}

/* The first row with the same levels stands for its combination. */
static size_t *slot_of(const struct regress_levels *p, size_t *table, size_t size, size_t i)
{
    size_t hash = 0;

    for (size_t e = 0; e < p->n_effects; e++)
        hash = (hash + p->effect[e].level[i] + 1) * 0x9e3779b97f4a7c15u;
    for (size_t at = hash >> 7;; at++) {
        size_t *slot = &table[at & (size - 1)];

        if (*slot == SIZE_MAX || same_levels(p, *slot, i))
            return slot;
    }
}

static bool is_known(const struct regress_levels *p, size_t i)
{
    for (size_t e = 0; e < p->n_effects; e++)
        if (p->effect[e].level[i] == SIZE_MAX)
            return false;
    return true;
}

static enum rk_status find_combinations(struct regress_levels *p)
{
    size_t n = p->table->n_rows, size = 4, *table;

    while (size < 2 * n)
        size *= 2;
    table = malloc(size * sizeof *table);
    p->combination = malloc((n + 1) * sizeof *p->combination);
    p->first = calloc(n + 1, sizeof *p->first);
    if (table == NULL || p->combination == NULL || p->first == NULL) {
        free(table);
        return RK_ENOMEM;
    }
    memset(table, 0xff, size * sizeof *table);
    for (size_t i = 0; i < n; i++) {
        size_t *slot;

        p->combination[i] = SIZE_MAX;
        if (!is_known(p, i))
            continue;
        slot = slot_of(p, table, size, i);
        if (*slot == SIZE_MAX) {
            *slot = i;
            p->combination[i] = p->n_combinations;
            p->first[p->n_combinations++] = i;
        }
        p->combination[i] = p->combination[*slot];
    }
    free(table);
    return RK_OK;
}

/* --- how sure it is -------------------------------------------------------------------------- */

/* Means over the rows of the level of the single effect. */
static enum rk_status centre_on_level(struct regress_levels *p)
{
    const struct regression *r = p->r;
    const struct regress_effect *effect = &p->effect[0];
    size_t columns = r->fit->p, *of = malloc((effect->n_levels + 1) * sizeof *of);

    if (of == NULL)
        return RK_ENOMEM;
    memset(of, 0xff, (effect->n_levels + 1) * sizeof *of);
    for (size_t c = 0; c < p->n_combinations; c++) {
        of[effect->level[p->first[c]]] = c;
        p->leverage[c] = 1.0 / effect->weight[effect->level[p->first[c]]];
    }
    for (size_t i = 0; i < r->fit->n; i++) {
        size_t c = of[r->within->effect[0][i]];

        for (size_t j = 0; c != SIZE_MAX && j < columns; j++)
            p->centre[c * columns + j] += weight_of(r, i) * p->leverage[c] *
                                          r->frame->X[j * r->frame->n + regress_frame_row(r, i)];
    }
    free(of);
    return RK_OK;
}

/* The data and one more row with the levels of a combination. */
struct longer {
    uint32_t **code;
    double *weights, *rho;
};

static void longer_free(const struct regress_levels *p, struct longer *l)
{
    for (size_t e = 0; l->code != NULL && e < p->n_effects; e++)
        free(l->code[e]);
    free(l->code);
    free(l->weights);
    free(l->rho);
}

static enum rk_status longer_new(const struct regress_levels *p, struct longer *l)
{
    size_t n = p->r->fit->n;

    l->code = calloc(p->n_effects, sizeof *l->code);
    l->weights = malloc((n + 1) * sizeof *l->weights);
    l->rho = malloc((n + 1) * sizeof *l->rho);
    if (l->code == NULL || l->weights == NULL || l->rho == NULL)
        return RK_ENOMEM;
    for (size_t e = 0; e < p->n_effects; e++) {
        l->code[e] = malloc((n + 1) * sizeof *l->code[e]);
        if (l->code[e] == NULL)
            return RK_ENOMEM;
        memcpy(l->code[e], p->r->within->effect[e], n * sizeof *l->code[e]);
    }
    for (size_t i = 0; i < n; i++)
        l->weights[i] = weight_of(p->r, i);
    l->weights[n] = 1.0;
    return RK_OK;
}

static enum rk_status centre_on_combination(struct regress_levels *p, size_t c, struct longer *l)
{
    const struct regression *r = p->r;
    size_t n = r->fit->n, columns = r->fit->p;
    struct rk_absorbed absorbed = {.n = n + 1,
                                   .n_effects = p->n_effects,
                                   .code = (const uint32_t *const *)l->code,
                                   .n_levels = r->within->n_levels,
                                   .weights = l->weights};
    enum rk_status status;

    for (size_t e = 0; e < p->n_effects; e++)
        l->code[e][n] = (uint32_t)p->effect[e].level[p->first[c]];
    memset(l->rho, 0, n * sizeof *l->rho);
    l->rho[n] = 1.0;
    status = rk_absorb(&absorbed, &l->rho, 1, r->ctx);
    if (status != RK_OK)
        return status;
    p->leverage[c] = l->rho[n] < UNJOINED ? INFINITY : (1.0 - l->rho[n]) / l->rho[n];
    for (size_t i = 0; i < n; i++) {
        double q = -weight_of(r, i) * l->rho[i] / l->rho[n];

        for (size_t j = 0; j < columns; j++)
            p->centre[c * columns + j] +=
                q * r->frame->X[j * r->frame->n + regress_frame_row(r, i)];
    }
    return RK_OK;
}

static enum rk_status centre_on_combinations(struct regress_levels *p)
{
    struct longer l = {0};
    bool too_many = (double)p->n_combinations * (double)p->r->fit->n > MOST_WORK;
    enum rk_status status = longer_new(p, &l);

    for (size_t c = 0; c < p->n_combinations && status == RK_OK; c++) {
        p->leverage[c] = NAN;
        if (!too_many)
            status = centre_on_combination(p, c, &l);
    }
    longer_free(p, &l);
    return status;
}

/* --- all of it ------------------------------------------------------------------------------- */

enum rk_status regress_levels_read(const struct regression *r, const struct rk_table *table,
                                   enum rk_row_state *state, struct regress_levels *p,
                                   struct rk_error *error)
{
    enum rk_status status;

    *p = (struct regress_levels){.r = r, .table = table, .state = state};
    status = read_effects(p, error);
    if (status != RK_OK)
        return status;
    status = find_combinations(p);
    p->leverage = malloc((p->n_combinations + 1) * sizeof *p->leverage);
    p->centre = calloc(p->n_combinations * r->fit->p + 1, sizeof *p->centre);
    if (status == RK_OK && (p->leverage == NULL || p->centre == NULL))
        status = RK_ENOMEM;
    if (status == RK_OK)
        status = p->n_effects == 1 ? centre_on_level(p) : centre_on_combinations(p);
    return status == RK_OK ? RK_OK : rk_fail(error, status, "%s", rk_status_words(status));
}

void regress_levels_free(struct regress_levels *p)
{
    for (size_t e = 0; e < p->n_effects; e++) {
        free(p->effect[e].value);
        free(p->effect[e].weight);
        free(p->effect[e].level);
    }
    free(p->effect);
    free(p->combination);
    free(p->first);
    free(p->leverage);
    free(p->centre);
}

const char *regress_levels_why_not(const struct regress_levels *p, size_t i, struct rk_text *note)
{
    for (size_t e = 0; e < p->n_effects; e++) {
        if (p->effect[e].level[i] != SIZE_MAX)
            continue;
        rk_text_format(note, "the data do not have this %s", p->effect[e].name);
        return note->bytes;
    }
    return isinf(p->leverage[p->combination[i]])
               ? "no chain of rows joins these levels, so their effects cannot be added"
               : NULL;
}

double regress_levels_value(const struct regress_levels *p, size_t i)
{
    double sum = 0.0;

    for (size_t e = 0; e < p->n_effects; e++)
        sum += p->effect[e].value[p->effect[e].level[i]];
    return sum;
}
