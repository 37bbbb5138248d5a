/* What the files of rep-moments share; private to src/analysis/moments*.c. */
#ifndef REPKIT_MOMENTS_PARTS_H
#define REPKIT_MOMENTS_PARTS_H

#include "repkit/moments_file.h"

/* Whether the column is of a factor's level, which may be absent where the level is. */
bool moments_is_of_level(const char *name);

/* The moments by group of the columns that rk_moment_columns_new has made of a table. RK_OK or
 * RK_ENOMEM; *file is unchanged on failure. */
enum rk_status moments_of_columns(const struct rk_table *table, const char *cluster,
                                  const struct rk_moment_columns *columns,
                                  struct rk_moments_file *file, struct rk_error *error);

#endif
