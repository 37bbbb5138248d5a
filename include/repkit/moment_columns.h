/* The columns that a formula's moments are taken of, and how a model's columns are found among
 * them.
 *
 * They are the response and, for each term, the product of its variables' columns. A factor has one
 * column for each level, `region=North`, so that parts of the data whose levels differ can be
 * merged: a level that a part does not have is 0 in all its rows. There is no column for the
 * intercept, whose products are n and the means. */
#ifndef REPKIT_MOMENT_COLUMNS_H
#define REPKIT_MOMENT_COLUMNS_H

#include "repkit/formula.h"

struct rk_moment_columns {
    struct rk_names name; /* the response first, where the formula has one */
    size_t n;             /* complete rows */
    size_t n_undefined; /* of the others, rows where a function could not take the value: log(0) */
    size_t *row;        /* n: which of the table's */
    double *X;          /* n-by-name.n, column after column */
};

/* The columns of a table's complete rows, none where there is no such row; `cluster` names a label
 * column that must not be missing, or NULL. poly() and ns(), which stand on all rows at once, and
 * lag() are refused. RK_OK; RK_EINPUT (a column); RK_EUSAGE; RK_ENOMEM. */
enum rk_status rk_moment_columns_new(const struct rk_formula *formula, const struct rk_table *table,
                                     const char *cluster, struct rk_moment_columns *columns,
                                     struct rk_error *error);
void rk_moment_columns_free(struct rk_moment_columns *columns);

/* Whether the formula can be told by moments: no poly(), ns(), lag() and lead(). RK_OK, RK_EUSAGE.
 */
enum rk_status rk_moment_columns_check(const struct rk_formula *formula, struct rk_error *error);

/* One column of moments as a product: of each variable of a term its node and, for a factor, a
 * level. */
struct rk_moment_part {
    const struct rk_node *node;
    const char *level; /* NULL for numbers */
};
/* Adds its name to the text: calls:region=North. */
void rk_moment_name(const struct rk_moment_part *part, size_t n, struct rk_text *out);
/* Whether the column is another column of the moments times something: `region=North:calls`. This
 * function can't fail. */
bool rk_moment_is_product(const struct rk_names *columns, const char *column);
/* The column a factor's levels are of: what stands in factor(), else the name. */
const char *rk_moment_factor(const struct rk_node *node);

/* A model's columns among those of moments, coded and named as R does. */
struct rk_moment_model {
    bool has_intercept;
    size_t response; /* index among the columns of moments */
    size_t p;
    char **name;    /* p; the intercept first where there is one */
    size_t *term;   /* p: as in struct rk_model_frame */
    size_t *source; /* p: index among the columns of moments; SIZE_MAX for the intercept */
    /* The levels of each factor: columns source, one after another, n of them. */
    struct rk_moment_factor {
        char *label;
        size_t *source, n;
    } * factor;
    size_t n_factors;
};

/* Finds the columns of the formula among `columns`. RK_OK; RK_EINPUT (a column that the moments do
 * not have); RK_EUSAGE; RK_ECONSTANT (a factor of one level); RK_ENOMEM. */
enum rk_status rk_moment_model_new(const struct rk_formula *formula, const struct rk_names *columns,
                                   struct rk_moment_model *model, struct rk_error *error);
void rk_moment_model_free(struct rk_moment_model *model);

#endif
