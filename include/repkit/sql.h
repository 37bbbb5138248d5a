/* The query that makes the table of rep-moments inside a database. */
#ifndef REPKIT_SQL_H
#define REPKIT_SQL_H

#include "repkit/moment_columns.h"

enum rk_sql_dialect { RK_SQL_POSTGRES, RK_SQL_DUCKDB, RK_SQL_SQLITE };
#define RK_SQL_DIALECTS "postgres|duckdb|sqlite"

/* The levels of factors, which a query does not know before it runs. */
struct rk_sql_levels {
    struct rk_names factor; /* names of columns */
    struct rk_names *level; /* of each, in byte order */
};

struct rk_sql_plan {
    enum rk_sql_dialect dialect;
    const char *table;   /* one name, to the byte */
    const char *filter;  /* SQL of the dialect, as it is; NULL for none */
    const char *cluster; /* NULL for one group */
    const char *weights; /* a column that says how often a row counts; NULL: once */
    struct rk_sql_levels levels;
};

/* Reads a table factor,level, a row a level. RK_OK; the failures of rk_csv_read; RK_EINPUT (a level
 * twice, an empty cell). *levels is unchanged on failure. */
enum rk_status rk_sql_levels_read(const char *path, const struct rk_csv_options *csv,
                                  const struct rk_ctx *ctx, struct rk_sql_levels *levels,
                                  struct rk_error *error);
void rk_sql_levels_free(struct rk_sql_levels *levels);

/* Adds the query whose answer rk_sql_levels_read reads: the levels of all factor() of the formula.
 * RK_OK, RK_EUSAGE (there is none), RK_ENOMEM. */
enum rk_status rk_sql_list_levels(const struct rk_formula *formula, const struct rk_sql_plan *plan,
                                  struct rk_text *out, struct rk_error *error);

/* Adds the query to the text. Columns are numbers, or factors if plan->levels has them; lag() and
 * lead() go by formula->series, whose time counts periods as whole numbers. poly() and ns(), powers
 * by an expression, functions that the dialect does not have and factors of unknown levels are
 * refused with the reason. RK_OK, RK_EUSAGE, RK_ENOMEM. */
enum rk_status rk_sql_moments(const struct rk_formula *formula, const struct rk_sql_plan *plan,
                              struct rk_text *out, struct rk_error *error);

/* --- its parts --- */

/* The columns of the moments, in the order of rep-moments on rows (sql_columns.c). */
struct rk_sql_column {
    char *name;
    struct rk_moment_part *part; /* levels are borrowed from the plan */
    size_t n;
};
struct rk_sql_columns {
    struct rk_sql_column *column;
    size_t n;
};
/* RK_OK, RK_EUSAGE (a factor without levels, too many columns), RK_ENOMEM. */
enum rk_status rk_sql_columns_new(const struct rk_formula *formula, const struct rk_sql_plan *plan,
                                  struct rk_sql_columns *columns, struct rk_error *error);
void rk_sql_columns_free(struct rk_sql_columns *columns);

/* The rest is of sql_expression.c. Adds the name, or the text, in quotes. */
void rk_sql_name(const char *name, struct rk_text *out);
void rk_sql_text(const char *text, struct rk_text *out);
/* Adds a column as a number of 53 bits, and as text. */
void rk_sql_number(const char *name, enum rk_sql_dialect dialect, struct rk_text *out);
void rk_sql_label(const char *name, enum rk_sql_dialect dialect, struct rk_text *out);
/* Adds arithmetic of a formula; NULL where it has no value. RK_OK, RK_EUSAGE. */
enum rk_status rk_sql_expression(const struct rk_formula *formula, const struct rk_node *node,
                                 enum rk_sql_dialect dialect, struct rk_text *out,
                                 struct rk_error *error);
/* How the dialect calls its types. */
const char *rk_sql_text_type(enum rk_sql_dialect dialect);
const char *rk_sql_double_type(enum rk_sql_dialect dialect);
/* What begins or ends a number that is to be printed with all its digits. */
void rk_sql_print(enum rk_sql_dialect dialect, bool end, struct rk_text *out);

#endif
