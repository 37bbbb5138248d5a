/* R's formula language over a table: the tree, its terms, and the model frame built from them. */
#ifndef REPKIT_FORMULA_H
#define REPKIT_FORMULA_H

#include "repkit/csv.h"
#include "repkit/expression.h"

struct rk_formula {
    char *source;             /* as it was given */
    struct rk_node *tree;     /* kept whole, so that other parts can read it */
    struct rk_node *response; /* borrowed from the tree; NULL for a one-sided formula */
    /* The expanded terms (a*b as a + b + a:b), in R's order: by degree, then as written. Each is a
     * product of variables, borrowed from the tree. */
    struct rk_term {
        struct rk_node **variable;
        size_t n_variables;
    } * term;
    size_t n_terms;
    bool intercept;
    struct rk_names fixed_effects; /* after the | */
    const struct rk_node *lag;     /* the first lag() or lead(), or NULL */
    struct rk_series series;       /* what they go by: set, borrowed, by whoever parsed */
};

/* Parses `y ~ a + b*c + I(x^2) + factor(region) - 1 | rep + week`. Terms
 * are joined by + - * : and (...)^2; other arithmetic stands inside I() or another function.
 * poly(x, 2) and ns(x, df = 3) are several columns of x; lag(x, k) and lead(x, k) need
 * formula->series. On failure the error points at the character. RK_OK, RK_EUSAGE, RK_ENOMEM. */
enum rk_status rk_formula_parse(const char *text, struct rk_formula **formula,
                                struct rk_error *error);
void rk_formula_free(struct rk_formula *formula);

/* "formula: at character 9: <text>" as RK_EUSAGE, for what is wrong with a node of the formula. */
enum rk_status rk_formula_fail(const struct rk_formula *formula, const struct rk_node *node,
                               struct rk_error *error, const char *text);

/* Adds the columns the formula needs, in the roles it needs them in: as found for variables, as
 * numbers inside arithmetic, as labels inside factor() and after the |; those of the series where
 * there is a lag(). */
enum rk_status rk_formula_wants(const struct rk_formula *formula, struct rk_wants *wants);
/* The same without the response. */
enum rk_status rk_formula_predict_wants(const struct rk_formula *formula, struct rk_wants *wants);

/* The model frame: complete rows only.
 * X is n-by-p, column after column (X[j * n + i]), the intercept first where there is one and no
 * fixed effect absorbs it. Text columns and factor() become treatment contrasts with the first
 * level in byte order as reference (full dummies for the first factor without an intercept). What
 * poly() and ns() stand on are all rows that have a value there, as in R. */
struct rk_model_frame {
    size_t n, p;
    double *y;             /* n; NULL for a one-sided formula */
    double *X;             /* n-by-p; NULL in a lean frame whose columns are the table's */
    const double **column; /* p: where each column stands; NULL for a lean frame's intercept */
    bool borrowed;         /* y and the columns are the table's, which must live as long */
    char **name;  /* p, as R prints them: (Intercept), regionNorth, I(calls^2), calls:tenure */
    size_t *term; /* p: which term a column belongs to; SIZE_MAX for the intercept */
    bool has_intercept;
    size_t *row;        /* n: the rows of the table that are in */
    size_t n_dropped;   /* rows left out for missing values */
    size_t n_undefined; /* of them, rows where a function could not take the value: log(0) */
    size_t n_unlagged;  /* of the others, rows where only a lag() or lead() finds no row */
    uint32_t **effect;  /* one array of n codes for each fixed effect, 0 .. n_levels-1 */
    size_t *n_levels;
    size_t n_effects;
    struct rk_frame_plan *plan; /* how the columns came about, for other rows (repkit/frame.h) */
};

/* Builds the frame. `extra` names further label columns that must not be missing (clusters), NULL
 * for none. RK_OK; RK_EINPUT (unknown or unusable column, unknown level, too many columns, two rows
 * of a unit at one time); RK_ENODATA; RK_ECONSTANT (a factor of one level, ns() of a constant);
 * RK_ETOOFEW (poly() of too few values); RK_EUSAGE (lag() without formula->series); RK_ENOMEM.
 * In R: model.matrix(formula, model.frame(formula, data, na.action = na.omit)). */
enum rk_status rk_model_frame_new(const struct rk_formula *formula, const struct rk_table *table,
                                  const struct rk_names *extra, struct rk_model_frame **frame,
                                  struct rk_error *error);
/* The same without a copy of the columns, where all terms are columns of numbers and no row is left
 * out; else as rk_model_frame_new. */
enum rk_status rk_model_frame_lean_new(const struct rk_formula *formula,
                                       const struct rk_table *table, const struct rk_names *extra,
                                       struct rk_model_frame **frame, struct rk_error *error);
void rk_model_frame_free(struct rk_model_frame *frame);

/* What the columns of a frame lost in rounding, where they are sums, products or whole powers of
 * numbers, as I(x^10) and x:z are: the same arithmetic in 106 bits, less X. A polynomial of a high
 * degree cannot be fitted without it.
 * frame  made from this formula and this table
 * X_low  n-by-p, the caller's to free(); NULL where no column is of that kind
 * RK_OK, RK_ENOMEM and the failures of rk_evaluate_series; *X_low unchanged on failure. */
enum rk_status rk_model_frame_low(const struct rk_formula *formula, const struct rk_table *table,
                                  const struct rk_model_frame *frame, double **X_low,
                                  struct rk_error *error);

#endif
