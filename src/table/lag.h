/* Values of the same unit so many periods before or after. */
#ifndef REPKIT_TABLE_LAG_H
#define REPKIT_TABLE_LAG_H

#include "repkit/expression.h"

/* Whether the node is a call of lag() or lead(). This function can't fail. */
bool rk_is_lag(const struct rk_node *node);

/* By how many periods the call looks back (ahead: negative); 1 unless a second argument says so.
 * RK_OK; RK_EUSAGE (the arguments; at the character if source is not NULL). */
enum rk_status rk_lag_periods(const struct rk_node *call, const char *source, double *periods,
                              struct rk_error *error);

/* For each row the value of the row of its unit that is `periods` before it, NaN where there is
 * none. values and out are n_rows long and apart.
 * RK_OK; RK_EINPUT (no such column; two rows of one unit at one time); RK_ENOMEM. */
enum rk_status rk_lag_values(const struct rk_table *table, const struct rk_series *series,
                             double periods, const double *values, double *out,
                             struct rk_error *error);

#endif
