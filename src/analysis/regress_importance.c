/* The table `importance`: what each term brings to R-squared, on average over all orders. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"
#include "repkit/importance.h"
#include "repkit/resample.h"
#include "repkit/words.h"

enum { TERM, LMG, SHARE, CONF_LOW, CONF_HIGH, NOTE };

static const struct rk_field fields[] = {
    [TERM] = {"term", RK_TEXT, RK_GENERAL},
    [LMG] = {"lmg", RK_NUMBER, RK_GENERAL},
    [SHARE] = {"share", RK_NUMBER, RK_GENERAL},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

enum { DRAWS = 1999 };
static const double MOST_PRODUCTS = 5e7; /* numbers that the bootstrap keeps: 400 MB */

/* The products of items (rows or clusters): of the columns, y and, last, a constant. */
struct importance {
    const struct regression *r;
    size_t n_columns, n_terms; /* columns that have a coefficient, terms that have one */
    size_t *column, *term;     /* of each column: its number in the design; its term, renumbered */
    size_t *formula_term;      /* of each term */
    size_t n_items, size;      /* size: of one lower triangle, row after row */
    double *products;          /* n_items triangles, or NULL */
    double *centre;            /* n_columns + 1: subtracted first, against cancellation */
    bool constant;             /* take means out */
    double *lmg, r_squared;
    /* By the bootstrap, n_terms each; NaN where there is none: the interval, and the share of
     * resamples in which the term brings most. */
    double *low, *high, *first;
};

/* --- columns and terms --------------------------------------------------------------------- */

static enum rk_status choose_columns(struct importance *m)
{
    const struct regression *r = m->r;
    size_t p = r->fit->p, n_terms = r->options->formula->n_terms;

    m->column = malloc((p + 1) * sizeof *m->column);
    m->term = malloc((p + 1) * sizeof *m->term);
    m->formula_term = malloc((n_terms + 1) * sizeof *m->formula_term);
    m->lmg = malloc((n_terms + 1) * sizeof *m->lmg);
    m->low = malloc((n_terms + 1) * sizeof *m->low);
    m->high = malloc((n_terms + 1) * sizeof *m->high);
    m->first = malloc((n_terms + 1) * sizeof *m->first);
    m->centre = calloc(p + 2, sizeof *m->centre);
    if (m->column == NULL || m->term == NULL || m->formula_term == NULL || m->lmg == NULL ||
        m->low == NULL || m->high == NULL || m->first == NULL || m->centre == NULL)
        return RK_ENOMEM;
    for (size_t j = 0; j < p; j++) {
        size_t term = r->frame->term[j], at = 0;

        if (term == SIZE_MAX || isnan(r->fit->coef[j]))
            continue;
        while (at < m->n_terms && m->formula_term[at] != term)
            at++;
        if (at == m->n_terms)
            m->formula_term[m->n_terms++] = term;
        m->column[m->n_columns] = j;
        m->term[m->n_columns++] = at;
    }
    m->constant = r->design.has_intercept;
    m->size = (m->n_columns + 2) * (m->n_columns + 3) / 2;
    return RK_OK;
}

static double value_at(const struct importance *m, size_t i, size_t c)
{
    const struct rk_design *design = &m->r->design;

    if (c == m->n_columns + 1)
        return 1.0;
    if (c == m->n_columns)
        return design->y[i] - m->centre[c];
    return design->X[m->column[c] * design->n + i] - m->centre[c];
}

static void find_centre(struct importance *m)
{
    const struct rk_design *design = &m->r->design;
    double total = 0.0;

    for (size_t i = 0; m->constant && i < design->n; i++) {
        double w = design->weights == NULL ? 1.0 : design->weights[i];

        total += w;
        for (size_t c = 0; c <= m->n_columns; c++)
            m->centre[c] += w / total * value_at(m, i, c);
    }
}

static void add_row(const struct importance *m, size_t i, double *products)
{
    const struct rk_design *design = &m->r->design;
    double w = design->weights == NULL ? 1.0 : design->weights[i];
    size_t side = m->n_columns + 2;

    for (size_t a = 0; a < side; a++) {
        double x = w * value_at(m, i, a);

        for (size_t b = 0; b <= a; b++)
            *products++ += x * value_at(m, i, b);
    }
}

/* --- LMG from products --------------------------------------------------------------------- */

static enum rk_status lmg_of(const struct importance *m, const double *products, double *lmg,
                             double *r_squared)
{
    size_t last = m->n_columns + 1;
    const double *sums = products + last * (last + 1) / 2; /* the last row: of the constant */
    double *cross = malloc(last * last * sizeof *cross);
    struct rk_products of = {.n_columns = m->n_columns, .term = m->term, .cross = cross};
    enum rk_status status;

    if (cross == NULL)
        return RK_ENOMEM;
    for (size_t a = 0; a < last; a++) {
        for (size_t b = 0; b <= a; b++) {
            double x = *products++;

            if (m->constant)
                x -= sums[a] * sums[b] / sums[last];
            cross[a * last + b] = cross[b * last + a] = x;
        }
    }
    status = rk_importance_lmg(&of, m->n_terms, lmg, r_squared);
    free(cross);
    return status;
}

static enum rk_status estimate(struct importance *m)
{
    double *products = calloc(m->size, sizeof *products);
    enum rk_status status = products == NULL ? RK_ENOMEM : RK_OK;

    for (size_t i = 0; status == RK_OK && i < m->r->design.n; i++)
        add_row(m, i, products);
    if (status == RK_OK)
        status = lmg_of(m, products, m->lmg, &m->r_squared);
    free(products);
    return status;
}

/* --- the bootstrap ------------------------------------------------------------------------- */

/* Of each term its part of R-squared, then of each whether it is the largest. */
static enum rk_status shares_of_resample(const void *data, const uint32_t *count, double *value)
{
    const struct importance *m = data;
    double *products = calloc(m->size, sizeof *products), r_squared;
    size_t most = 0;
    enum rk_status status = products == NULL ? RK_ENOMEM : RK_OK;

    for (size_t g = 0; status == RK_OK && g < m->n_items; g++) {
        const double *of = m->products + g * m->size, times = count[g];

        for (size_t k = 0; count[g] > 0 && k < m->size; k++)
            products[k] += times * of[k];
    }
    if (status == RK_OK)
        status = lmg_of(m, products, value, &r_squared);
    for (size_t t = 0; status == RK_OK && t < m->n_terms; t++) {
        value[m->n_terms + t] = 0.0;
        most = value[t] > value[most] ? t : most;
    }
    if (status == RK_OK)
        value[m->n_terms + most] = 1.0;
    free(products);
    return status;
}

/* Whole clusters, or else levels of the fixed effect, or else rows are drawn. */
static enum rk_status gather_items(struct importance *m)
{
    const struct regression *r = m->r;
    const uint32_t *code = r->cluster != NULL  ? r->cluster
                           : r->within != NULL ? r->within->effect[0]
                                               : NULL;
    size_t n_codes = r->cluster != NULL  ? r->n_cluster_codes
                     : r->within != NULL ? r->within->n_levels[0]
                                         : r->design.n;
    size_t *item = malloc((n_codes + 1) * sizeof *item);

    if (item == NULL)
        return RK_ENOMEM;
    memset(item, 0xff, (n_codes + 1) * sizeof *item);
    for (size_t i = 0; i < r->design.n; i++) {
        size_t c = code == NULL ? i : code[i];

        if (item[c] == SIZE_MAX)
            item[c] = m->n_items++;
    }
    if ((double)m->n_items * (double)m->size <= MOST_PRODUCTS) {
        m->products = calloc(m->n_items * m->size + 1, sizeof *m->products);
        for (size_t i = 0; m->products != NULL && i < r->design.n; i++)
            add_row(m, i, m->products + item[code == NULL ? i : code[i]] * m->size);
        if (m->products == NULL) {
            free(item);
            return RK_ENOMEM;
        }
    }
    free(item);
    return RK_OK;
}

static enum rk_status find_intervals(struct importance *m)
{
    const struct rk_common *common = &m->r->options->common;
    struct rk_resample plan = {.n = m->n_items,
                               .draws = common->resamples > 0 ? common->resamples : DRAWS,
                               .label = "importance"};
    struct rk_boot *boot[2 * RK_IMPORTANCE_MOST] = {NULL};
    enum rk_status status = RK_OK;

    if (m->products != NULL)
        status = rk_boot_several_new(&plan, shares_of_resample, m, 2 * m->n_terms, m->r->ctx, boot);
    for (size_t t = 0; t < m->n_terms; t++) {
        const struct rk_boot *of = boot[t], *largest = boot[m->n_terms + t];

        m->low[t] = m->high[t] = m->first[t] = NAN;
        if (of == NULL || largest == NULL)
            continue;
        rk_boot_interval(of, common->conf_level, RK_TWO_SIDED, &m->low[t], &m->high[t]);
        m->first[t] = 0.0;
        for (size_t b = 0; b < largest->n_draws; b++)
            m->first[t] += largest->draw[b] / (double)largest->n_draws;
    }
    for (size_t v = 0; v < 2 * m->n_terms; v++)
        rk_boot_free(boot[v]);
    return rk_status_is_undefined(status) ? RK_OK : status;
}

/* --- the table ----------------------------------------------------------------------------- */

static void add_label(const struct regression *r, size_t term, struct rk_text *out)
{
    const struct rk_term *of = &r->options->formula->term[term];

    for (size_t v = 0; v < of->n_variables; v++) {
        if (v > 0)
            rk_text_add_char(out, ':');
        rk_node_print(of->variable[v], out);
    }
}

static const char *resampled(const struct importance *m)
{
    return m->r->cluster != NULL || m->r->within != NULL ? "whole clusters" : "rows";
}

static void explain(const struct importance *m, size_t t, const char *label,
                    struct rk_result *result)
{
    const struct regression *r = m->r;
    struct rk_text row = {0}, manager = {0}, paper = {0}, response = {0};

    if (regress_response(r, &response) != RK_OK)
        result->status = RK_ENOMEM;
    rk_text_format(&row, "importance %s", label);
    rk_text_format(&manager,
                   "Of the variation of %s%s, %.3g%% goes with the terms of this model, "
                   "and %.3g points of that with %s",
                   response.bytes, r->within != NULL ? " within units" : "", 100.0 * m->r_squared,
                   100.0 * m->lmg[t], label);
    rk_say_interval(&manager, r->options->common.conf_level, 100.0 * m->low[t], 100.0 * m->high[t]);
    if (!isnan(m->first[t]) && m->n_terms > 1)
        rk_text_format(&manager, "; it brings most of all terms in %.0f%% of resamples",
                       100.0 * m->first[t]);
    rk_text_add(&manager, ". It is a share of what varies in these data, not of what could be "
                          "changed, and no proof of cause.");
    rk_text_format(&paper, "%s: LMG = ", label);
    rk_say_number(&paper, m->lmg[t]);
    rk_say_ci(&paper, r->options->common.conf_level, m->low[t], m->high[t]);
    rk_text_add(&paper, " of R-squared = ");
    rk_say_number(&paper, m->r_squared);
    rk_text_format(&paper, ", averaged over all orders of %zu terms; BCa bootstrap of %s.",
                   m->n_terms, resampled(m));
    rk_explain(result, &row, &manager, &paper);
    rk_text_free(&response);
}

static enum rk_status put_term(const struct importance *m, size_t t, size_t table,
                               struct rk_result *result)
{
    struct rk_text label = {0};

    add_label(m->r, m->formula_term[t], &label);
    if (label.failed) {
        rk_text_free(&label);
        return RK_ENOMEM;
    }
    rk_result_row(result, table);
    rk_put_text(result, table, TERM, label.bytes);
    rk_put(result, table, LMG, m->lmg[t]);
    rk_put(result, table, SHARE, m->lmg[t] / m->r_squared);
    rk_put(result, table, CONF_LOW, m->low[t]);
    rk_put(result, table, CONF_HIGH, m->high[t]);
    if (isnan(m->low[t]))
        rk_put_text(result, table, NOTE,
                    m->products == NULL ? "no interval: the bootstrap would take too much memory"
                                        : "no interval: too few resamples have a value");
    if (m->r->options->common.explain)
        explain(m, t, label.bytes, result);
    rk_text_free(&label);
    return RK_OK;
}

/* Rows without a number, for a model that cannot be taken apart. */
static void put_reason(const struct importance *m, enum rk_status why, size_t table,
                       struct rk_result *result)
{
    struct rk_text note = {0};

    if (why == RK_EDOMAIN && m->n_terms > 0)
        rk_text_format(&note, "more than %d terms: their orders are too many", RK_IMPORTANCE_MOST);
    else
        rk_text_add(&note, why == RK_EDOMAIN ? "there is no term" : rk_status_words(why));
    rk_result_row(result, table);
    if (note.failed)
        result->status = RK_ENOMEM;
    else
        rk_put_text(result, table, NOTE, note.bytes);
    rk_text_free(&note);
}

static enum rk_status fill(const struct regression *r, size_t table, struct rk_result *result,
                           struct rk_error *error)
{
    struct importance m = {.r = r};
    enum rk_status status = choose_columns(&m);

    result->random = true;
    if (status == RK_OK) {
        find_centre(&m);
        status = estimate(&m);
        if (rk_status_is_undefined(status)) {
            put_reason(&m, status, table, result);
            m.n_terms = 0;
            status = RK_OK;
        } else if (status == RK_OK) {
            status = gather_items(&m);
            if (status == RK_OK)
                status = find_intervals(&m);
        }
    }
    for (size_t t = 0; status == RK_OK && t < m.n_terms; t++)
        status = put_term(&m, t, table, result);
    free(m.column);
    free(m.term);
    free(m.formula_term);
    free(m.lmg);
    free(m.low);
    free(m.high);
    free(m.first);
    free(m.centre);
    free(m.products);
    return status == RK_ENOMEM ? rk_fail_memory(error) : status;
}

const struct regress_table regress_importance_table = {
    "importance", fields, sizeof fields / sizeof fields[0], fill, false};
