/* How a formula's terms become columns: R's coding. */
#ifndef REPKIT_TABLE_FRAME_PLAN_H
#define REPKIT_TABLE_FRAME_PLAN_H

#include "frame_variable.h"

/* How a factor enters a term. */
enum rk_coding { RK_CONTRASTS, RK_DUMMIES };

struct rk_frame_plan {
    const struct rk_formula *formula;   /* borrowed */
    struct rk_frame_variable *variable; /* each once, in the order in which terms name them */
    size_t n_variables;
    enum rk_coding **coding; /* of each term's variables */
    bool has_intercept;
    size_t n_terms, p; /* of the formula; columns */
};

void rk_frame_plan_free(struct rk_frame_plan *plan);

/* The index of the variable of that node, n_variables if there is none. */
size_t rk_frame_plan_find(const struct rk_frame_plan *plan, const struct rk_node *node);

/* Reads the variables from the table; levels and bases are not known yet. Fills plan->variable,
 * like those of another plan or, for NULL, as the table has them. */
enum rk_status rk_frame_plan_read(struct rk_frame_plan *plan, const struct rk_table *table,
                                  const struct rk_frame_plan *like, struct rk_error *error);

/* Decides the coding of settled variables and counts the columns. */
enum rk_status rk_frame_plan_code(struct rk_frame_plan *plan, struct rk_error *error);

/* The columns for n rows of the table that `variable` was read from (rows NULL: the first n).
 * `variable` is plan->variable or what follows it, one by one. With slopes, their derivatives:
 * those of variables without a slope are 0. RK_OK or RK_ENOMEM. */
enum rk_status rk_frame_plan_fill(const struct rk_frame_plan *plan,
                                  const struct rk_frame_variable *variable, const size_t *rows,
                                  size_t n, bool slopes, double *X);

/* The name and the term of each column: p places each. RK_OK or RK_ENOMEM. */
enum rk_status rk_frame_plan_name(const struct rk_frame_plan *plan, char **name, size_t *term);

/* Counts the rows of the table in which a variable or the response (one a row; NULL for none) is
 * undefined though no column of it is missing: log(0), or where only a lag() or lead() finds no
 * row. Adds to both counts; unchanged on failure. RK_OK, RK_ENOMEM, the failures of
 * rk_evaluate_series.
 */
enum rk_status rk_frame_plan_undefined(const struct rk_frame_plan *plan,
                                       const struct rk_table *table, const double *response,
                                       size_t *n_undefined, size_t *n_unlagged,
                                       struct rk_error *error);

#endif
