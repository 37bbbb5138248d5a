/* The columns of a model frame for other rows: predictions and marginal effects. A frame keeps how
 * its columns came about (levels of factors, what poly() and ns() stand on), borrowing from its
 * formula and its table, which have to live as long. */
#ifndef REPKIT_FRAME_H
#define REPKIT_FRAME_H

#include "repkit/formula.h"

/* What the right side varies with: a column of numbers, a lag() or lead() of one, or a factor. */
struct rk_atom {
    char *label;                /* as it prints; of a factor, the column's name */
    const struct rk_node *node; /* of numbers: what to evaluate; NULL for a factor */
    size_t n_levels;            /* of a factor; the first is the reference */
    const char *const *level;
    const char *factor_label; /* of a factor: the variable as it prints, factor(month) */
};
struct rk_atoms {
    struct rk_atom *atom;
    size_t n;
};

/* The atoms in the order in which they first stand in the formula. RK_OK or RK_ENOMEM. */
enum rk_status rk_frame_atoms(const struct rk_model_frame *frame, struct rk_atoms *atoms);
void rk_atoms_free(struct rk_atoms *atoms);

/* Why a row has no columns. */
enum rk_row_state { RK_ROW_OK, RK_ROW_MISSING, RK_ROW_NEW_LEVEL };

/* The columns for rows of a table, in X (n_rows-by-p, column after column; p as the frame was
 * built); rows NULL: all of them,
 * n_rows being the table's. state (n_rows, or NULL) tells which rows have none: there X is NaN.
 * factor and level set all rows to a level of that factor's column; factor NULL for as they are.
 * RK_OK; RK_EINPUT (a column that is not there or of text); RK_ENOMEM.
 * In R: model.matrix(delete.response(terms(m)), newdata, xlev = m$xlevels). */
enum rk_status rk_frame_apply(const struct rk_model_frame *frame, const struct rk_table *table,
                              const size_t *rows, size_t n_rows, const char *factor,
                              const char *level, double *X, enum rk_row_state *state,
                              struct rk_error *error);

/* The derivative of each column by an atom of numbers, for rows as above. The failures of
 * rk_frame_apply. */
enum rk_status rk_frame_slopes(const struct rk_model_frame *frame, const struct rk_table *table,
                               const size_t *rows, size_t n_rows, const char *atom, double *X,
                               struct rk_error *error);

#endif
