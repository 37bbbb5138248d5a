/* The query that makes the table of rep-moments inside a database. */
#ifndef REPKIT_SQL_H
#define REPKIT_SQL_H

#include "repkit/moment_columns.h"

enum rk_sql_dialect { RK_SQL_POSTGRES, RK_SQL_DUCKDB, RK_SQL_SQLITE };
#define RK_SQL_DIALECTS "postgres|duckdb|sqlite"

struct rk_sql_plan {
    enum rk_sql_dialect dialect;
    const char *table;   /* one name, to the byte */
    const char *filter;  /* SQL of the dialect, as it is; NULL for none */
    const char *cluster; /* NULL for one group */
};

/* Adds the query to the text. Columns are numbers: a factor, poly(), ns() and lag(), powers by an
 * expression and functions that the dialect does not have are refused with the reason. RK_OK,
 * RK_EUSAGE, RK_ENOMEM. */
enum rk_status rk_sql_moments(const struct rk_formula *formula, const struct rk_sql_plan *plan,
                              struct rk_text *out, struct rk_error *error);

/* --- its parts (sql_expression.c) --- */

/* Adds the name, or the text, in quotes. */
void rk_sql_name(const char *name, struct rk_text *out);
void rk_sql_text(const char *text, struct rk_text *out);
/* Adds arithmetic of a formula; NULL where it has no value. RK_OK, RK_EUSAGE. */
enum rk_status rk_sql_expression(const struct rk_formula *formula, const struct rk_node *node,
                                 enum rk_sql_dialect dialect, struct rk_text *out,
                                 struct rk_error *error);
/* How the dialect calls its types. */
const char *rk_sql_text_type(enum rk_sql_dialect dialect);
/* What begins or ends a number that is to be printed with all its digits. */
void rk_sql_print(enum rk_sql_dialect dialect, bool end, struct rk_text *out);

#endif
