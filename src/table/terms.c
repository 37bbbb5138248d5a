/* The algebra of terms: a formula's right side as a set of products of variables.
 * Source: Chambers and Hastie (1992), Statistical Models in S, chapter 2. */
#include "terms.h"

#include <stdlib.h>
#include <string.h>

#include "lexer.h"

enum { TERMS_MAX = 5000, PRODUCTS_MAX = 1000000, INDEX_FROM = 32, INDEX_SIZE = 16384 };

/* Terms are sets of variables, as bits. */
struct terms {
    uint64_t *bits; /* n_words for each term */
    size_t n;
    uint16_t
        *index; /* INDEX_SIZE places that hold a term's number and 1; NULL while they are few */
};

struct expander {
    const char *source;
    const struct rk_variables *variables;
    struct rk_error *error;
    size_t n_words;
    size_t n_products; /* made so far */
    bool intercept;
};

bool rk_is_parentheses(const struct rk_node *node)
{
    return node->kind == RK_NODE_CALL && node->n_children == 1 && strcmp(node->text, "(") == 0;
}

/* --- sets of terms ------------------------------------------------------------------------- */

static const uint64_t *term_at(const struct expander *expander, const struct terms *terms, size_t i)
{
    return terms->bits + i * expander->n_words;
}

static void terms_free(struct terms *terms)
{
    free(terms->bits);
    free(terms->index);
    *terms = (struct terms){0};
}

static bool is_term(const struct expander *expander, const struct terms *terms, size_t i,
                    const uint64_t *bits)
{
    return memcmp(term_at(expander, terms, i), bits, expander->n_words * sizeof *bits) == 0;
}

/* The place of the term in the index, or the free one where it belongs. A power of a sum of many
 * asks some million times. */
static uint16_t *place_of(const struct expander *expander, const struct terms *terms,
                          const uint64_t *bits)
{
    uint64_t hash = 0;
    size_t at;

    for (size_t w = 0; w < expander->n_words; w++)
        hash = (hash ^ bits[w] ^ bits[w] >> 32) * UINT64_C(0x9E3779B97F4A7C15);
    at = (size_t)(hash >> 50);
    while (terms->index[at] != 0 && !is_term(expander, terms, terms->index[at] - 1U, bits))
        at = (at + 1) % INDEX_SIZE;
    return &terms->index[at];
}

static size_t find_term(const struct expander *expander, const struct terms *terms,
                        const uint64_t *bits)
{
    if (terms->index != NULL) {
        uint16_t place = *place_of(expander, terms, bits);

        return place == 0 ? SIZE_MAX : place - 1U;
    }
    for (size_t i = 0; i < terms->n; i++)
        if (is_term(expander, terms, i, bits))
            return i;
    return SIZE_MAX;
}

/* The term behind the last is one, too. Without memory for the index it is found without. */
static void keep_term(const struct expander *expander, struct terms *terms)
{
    size_t first = terms->n++;

    if (terms->index == NULL && terms->n >= INDEX_FROM) {
        terms->index = calloc(INDEX_SIZE, sizeof *terms->index);
        first = 0;
    }
    for (size_t i = first; terms->index != NULL && i < terms->n; i++)
        *place_of(expander, terms, term_at(expander, terms, i)) = (uint16_t)(i + 1);
}

/* Adds the union of two terms unless it is there; b may be NULL. */
static enum rk_status add_term(struct expander *expander, struct terms *terms, const uint64_t *a,
                               const uint64_t *b)
{
    size_t n_words = expander->n_words;
    uint64_t *grown;

    if (terms->n == TERMS_MAX)
        return rk_fail(expander->error, RK_EUSAGE, "the formula expands to more than %d terms",
                       TERMS_MAX);
    grown = realloc(terms->bits, (terms->n + 1) * n_words * sizeof *grown);
    if (grown == NULL)
        return rk_fail_memory(expander->error);
    terms->bits = grown;
    for (size_t w = 0; w < n_words; w++)
        grown[terms->n * n_words + w] = a[w] | (b == NULL ? 0 : b[w]);
    if (find_term(expander, terms, grown + terms->n * n_words) == SIZE_MAX)
        keep_term(expander, terms);
    return RK_OK;
}

static enum rk_status add_terms(struct expander *expander, struct terms *terms,
                                const struct terms *more)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < more->n; i++)
        status = add_term(expander, terms, term_at(expander, more, i), NULL);
    return status;
}

static void remove_terms(struct expander *expander, struct terms *terms, const struct terms *less)
{
    size_t size = expander->n_words * sizeof *terms->bits;

    for (size_t i = 0; i < less->n; i++) {
        size_t found = find_term(expander, terms, term_at(expander, less, i));

        if (found == SIZE_MAX || terms->bits == NULL)
            continue;
        free(terms->index); /* the numbers change */
        terms->index = NULL;
        terms->n--;
        memmove(terms->bits + found * expander->n_words,
                terms->bits + (found + 1) * expander->n_words, (terms->n - found) * size);
    }
}

static enum rk_status add_products(struct expander *expander, struct terms *terms,
                                   const struct terms *a, const struct terms *b)
{
    enum rk_status status = RK_OK;

    expander->n_products += a->n * b->n;
    if (expander->n_products > PRODUCTS_MAX) /* of few terms, maybe, but again and again */
        return rk_fail(expander->error, RK_EUSAGE,
                       "the formula multiplies terms more than %d times", PRODUCTS_MAX);
    for (size_t i = 0; status == RK_OK && i < a->n; i++)
        for (size_t j = 0; status == RK_OK && j < b->n; j++)
            status = add_term(expander, terms, term_at(expander, a, i), term_at(expander, b, j));
    return status;
}

/* --- expanding ----------------------------------------------------------------------------- */

/* Adds the terms of the tree. `taken` says that they will be taken away: then -1 and +1 change
 * places. */
static enum rk_status expand(struct expander *expander, const struct rk_node *node, bool taken,
                             struct terms *terms);

static enum rk_status fail_at(const struct expander *expander, const struct rk_node *node,
                              const char *text)
{
    return rk_fail_at_character(expander->error, expander->source, node->position, "%s", text);
}

/* "'calls^2' is ...: write I(calls^2)". */
static enum rk_status fail_arithmetic(const struct expander *expander, const struct rk_node *node)
{
    struct rk_text text = {0};
    enum rk_status status;

    rk_node_print(node, &text);
    if (text.failed)
        status = rk_fail_memory(expander->error);
    else
        status = rk_fail_at_character(expander->error, expander->source, node->position,
                                      "arithmetic goes inside I(): write I(%s)", text.bytes);
    rk_text_free(&text);
    return status;
}

static enum rk_status expand_sum(struct expander *expander, const struct rk_node *node, bool taken,
                                 struct terms *terms)
{
    const struct rk_node *last = node->child[node->n_children - 1];
    bool minus = node->op == RK_OP_MINUS;
    struct terms right = {0};
    enum rk_status status = RK_OK;

    if (node->n_children == 2)
        status = expand(expander, node->child[0], taken, terms);
    if (status == RK_OK)
        status = expand(expander, last, taken != minus, &right);
    if (status == RK_OK && minus)
        remove_terms(expander, terms, &right);
    else if (status == RK_OK)
        status = add_terms(expander, terms, &right);
    terms_free(&right);
    return status;
}

static enum rk_status expand_power(struct expander *expander, const struct rk_node *node,
                                   bool taken, struct terms *terms)
{
    const struct rk_node *power = node->child[1];
    struct terms base = {0}, product = {0}, larger = {0};
    bool settled = false;
    enum rk_status status = expand(expander, node->child[0], taken, &base);

    if (status == RK_OK && base.n < 2)
        status = fail_arithmetic(expander, node);
    else if (status == RK_OK && (power->kind != RK_NODE_NUMBER || power->value < 1.0 ||
                                 power->value > 100.0 || power->value != (int)power->value))
        status = fail_at(expander, power, "expected a whole number for the highest degree");
    if (status == RK_OK)
        status = add_terms(expander, &product, &base);
    for (int degree = 1; status == RK_OK && !settled && degree < (int)power->value; degree++) {
        larger = (struct terms){0};
        status = add_terms(expander, &larger, &product);
        if (status == RK_OK)
            status = add_products(expander, &larger, &product, &base);
        settled = larger.n == product.n;
        terms_free(&product);
        product = larger;
    }
    if (status == RK_OK)
        status = add_terms(expander, terms, &product);
    terms_free(&base);
    terms_free(&product);
    return status;
}

static bool is_number(const struct rk_node *node)
{
    return node->kind == RK_NODE_NUMBER;
}

/* a:b, and a*b, which is a + b + a:b. */
static enum rk_status expand_product(struct expander *expander, const struct rk_node *node,
                                     bool taken, struct terms *terms)
{
    struct terms left = {0}, right = {0};
    enum rk_status status;

    if (is_number(node->child[0]) || is_number(node->child[1]))
        return fail_arithmetic(expander, node);
    status = expand(expander, node->child[0], taken, &left);
    if (status == RK_OK)
        status = expand(expander, node->child[1], taken, &right);
    if (status == RK_OK && node->op == RK_OP_TIMES)
        status = add_terms(expander, terms, &left);
    if (status == RK_OK && node->op == RK_OP_TIMES)
        status = add_terms(expander, terms, &right);
    if (status == RK_OK)
        status = add_products(expander, terms, &left, &right);
    terms_free(&left);
    terms_free(&right);
    return status;
}

static enum rk_status expand_operator(struct expander *expander, const struct rk_node *node,
                                      bool taken, struct terms *terms)
{
    switch (node->op) {
    case RK_OP_PLUS:
    case RK_OP_MINUS:
        return expand_sum(expander, node, taken, terms);
    case RK_OP_TIMES:
    case RK_OP_COLON:
        return expand_product(expander, node, taken, terms);
    case RK_OP_POWER:
        return expand_power(expander, node, taken, terms);
    case RK_OP_DIVIDE:
        return fail_arithmetic(expander, node);
    default:
        return rk_fail_at_character(expander->error, expander->source, node->position,
                                    "'%s' has no place here", rk_operator_text(node->op));
    }
}

/* Finds the variable's number by what it prints as. */
static enum rk_status expand_variable(struct expander *expander, const struct rk_node *node,
                                      struct terms *terms)
{
    struct rk_text label = {0};
    uint64_t *bits = calloc(expander->n_words, sizeof *bits);
    enum rk_status status;
    size_t i = 0;

    rk_node_print(node, &label);
    if (label.failed || bits == NULL) {
        status = rk_fail_memory(expander->error);
    } else {
        while (strcmp(expander->variables->label.name[i], label.bytes) != 0)
            i++;
        bits[i / 64] |= UINT64_C(1) << (i % 64);
        status = add_term(expander, terms, bits, NULL);
    }
    rk_text_free(&label);
    free(bits);
    return status;
}

static enum rk_status expand(struct expander *expander, const struct rk_node *node, bool taken,
                             struct terms *terms)
{
    switch (node->kind) {
    case RK_NODE_NUMBER:
        if (node->value != 0.0 && node->value != 1.0)
            return fail_at(expander, node, "of numbers, only 0 and 1 can be terms");
        expander->intercept = (node->value == 1.0) != taken;
        return RK_OK;
    case RK_NODE_OPERATOR:
        return expand_operator(expander, node, taken, terms);
    case RK_NODE_CALL:
        if (rk_is_parentheses(node))
            return expand(expander, node->child[0], taken, terms);
        break;
    case RK_NODE_NAME:
    case RK_NODE_TEXT:
    case RK_NODE_TIME:
    case RK_NODE_LIST:
        break;
    }
    return expand_variable(expander, node, terms);
}

static size_t degree_of(const uint64_t *bits, size_t n_words)
{
    size_t degree = 0;

    for (size_t w = 0; w < n_words; w++)
        for (uint64_t rest = bits[w]; rest != 0; rest &= rest - 1)
            degree++;
    return degree;
}

/* The terms by degree, each degree as written: R's order. */
static enum rk_status order_terms(const struct expander *expander, const struct terms *terms,
                                  struct rk_formula *formula)
{
    size_t n_variables = expander->variables->label.n;

    formula->term = calloc(terms->n + 1, sizeof *formula->term);
    if (formula->term == NULL)
        return rk_fail_memory(expander->error);
    for (size_t degree = 1; degree <= n_variables && formula->n_terms < terms->n; degree++) {
        for (size_t i = 0; i < terms->n; i++) {
            const uint64_t *bits = term_at(expander, terms, i);
            struct rk_term *term = &formula->term[formula->n_terms];

            if (degree_of(bits, expander->n_words) != degree)
                continue;
            term->variable = malloc(degree * sizeof(struct rk_node *));
            if (term->variable == NULL)
                return rk_fail_memory(expander->error);
            formula->n_terms++;
            for (size_t v = 0; v < n_variables; v++)
                if (bits[v / 64] >> (v % 64) & 1)
                    term->variable[term->n_variables++] = expander->variables->node[v];
        }
    }
    return RK_OK;
}

enum rk_status rk_terms_expand(struct rk_formula *formula, const struct rk_node *right,
                               const struct rk_variables *variables, struct rk_error *error)
{
    struct expander expander = {.source = formula->source,
                                .variables = variables,
                                .error = error,
                                .n_words = variables->label.n / 64 + 1,
                                .intercept = true};
    struct terms terms = {0};
    enum rk_status status = expand(&expander, right, false, &terms);

    if (status == RK_OK)
        status = order_terms(&expander, &terms, formula);
    formula->intercept = expander.intercept;
    terms_free(&terms);
    return status;
}
