/* The variables and the terms of a formula's right side. */
#ifndef REPKIT_TABLE_TERMS_H
#define REPKIT_TABLE_TERMS_H

#include "repkit/formula.h"

/* Each variable once, by what it prints as, in the order of first appearance. */
struct rk_variables {
    struct rk_node **node; /* borrowed from the tree */
    struct rk_names label;
};

/* Expands the right side, whose variables have been collected, into formula->term and
 * formula->intercept. RK_OK, RK_EUSAGE (at a character), RK_ENOMEM. */
enum rk_status rk_terms_expand(struct rk_formula *formula, const struct rk_node *right,
                               const struct rk_variables *variables, struct rk_error *error);

/* Whether the node is a pair of parentheses. This function can't fail. */
bool rk_is_parentheses(const struct rk_node *node);

#endif
