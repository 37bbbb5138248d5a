/* The variables of a model frame: numbers, or factors with their levels. */
#ifndef REPKIT_TABLE_FRAME_VARIABLE_H
#define REPKIT_TABLE_FRAME_VARIABLE_H

#include "repkit/basis.h"
#include "repkit/formula.h"

/* Codes of a column's texts; a column of numbers or times is written out. */
struct rk_labels {
    const struct rk_dict *dict;
    const uint32_t *code;       /* one a row of the table, RK_NO_CODE where missing */
    struct rk_dict *owned_dict; /* what was made for it, NULL for a text column */
    uint32_t *owned_code;
};

struct rk_frame_variable {
    const struct rk_node *node;
    char *label;             /* as R prints it */
    double *number;          /* one a row of the table, of poly() and ns() what stands in it; NULL
                                for a factor */
    bool borrowed;           /* number is a column of the table */
    double *slope;           /* its derivative, where that was asked for */
    struct rk_basis *basis;  /* of poly() and ns(), once fitted */
    double *column;          /* of a basis: its columns, n_columns of them for each row */
    struct rk_labels labels; /* of a factor */
    const char *reference;   /* the level asked for by ref =, or NULL */
    uint32_t *level_of;      /* of each code: its level, once levels are known */
    const char **level;      /* n_levels, the reference first */
    size_t n_levels;
    bool follows; /* level and basis are another's */
};

/* The labels of a column. RK_OK, RK_EINPUT (no such column) or RK_ENOMEM. */
enum rk_status rk_labels_read(const struct rk_table *table, const char *name,
                              struct rk_labels *labels, struct rk_error *error);
void rk_labels_free(struct rk_labels *labels);

/* Evaluates the variable for all rows of the table; levels and bases are not known yet. `like` is
 * the same variable of another table, whose kind it takes on; NULL for none. */
enum rk_status rk_frame_variable_read(const struct rk_node *node, const struct rk_table *table,
                                      const struct rk_series *series,
                                      const struct rk_frame_variable *like,
                                      struct rk_frame_variable *variable, struct rk_error *error);
void rk_frame_variable_free(struct rk_frame_variable *variable);

bool rk_frame_variable_is_factor(const struct rk_frame_variable *variable);

/* How many columns poly() or ns() asks for; 0 if its arguments are wrong. */
size_t rk_basis_size(const struct rk_node *call);

/* Whether the variable has no value in a row. This function can't fail. */
bool rk_frame_variable_is_missing(const struct rk_frame_variable *variable, size_t row);

/* Finds the levels of a factor among the rows, in byte order but for the reference; the basis of
 * poly() and ns() from all n_table rows that have a value, and its columns; nothing for others.
 * RK_OK, RK_ECONSTANT (one level or value), RK_ETOOFEW (poly() of too few values), RK_EINPUT (no
 * such reference level), RK_ENOMEM. */
enum rk_status rk_frame_variable_settle(struct rk_frame_variable *variable, const size_t *rows,
                                        size_t n_rows, size_t n_table, struct rk_error *error);

/* Takes the levels and the basis of the same variable of another table, whose they stay; levels it
 * does not know are RK_NO_CODE in level_of. RK_OK or RK_ENOMEM. */
enum rk_status rk_frame_variable_follow(struct rk_frame_variable *variable,
                                        const struct rk_frame_variable *of, size_t n_table);

#endif
