/* The rows that a model of a formula stands on; shared by the files of src/analysis. */
#ifndef REPKIT_MODEL_ROWS_H
#define REPKIT_MODEL_ROWS_H

#include "repkit/analysis.h"
#include "repkit/formula.h"

/* The rows whose weight is neither missing nor 0: fills *rows (free() it) and *n. RK_OK; RK_EINPUT
 * (no such column; with its line a negative weight or, with missing == RK_MISSING_ERROR, one that
 * is missing); RK_ENOMEM. Unchanged on failure. */
enum rk_status model_weighted_rows(const struct rk_table *table, const char *weights, int missing,
                                   size_t **rows, size_t *n, struct rk_error *error);

/* The model frame; with missing == RK_MISSING_ERROR a missing cell of the formula's columns, or of
 * the `extra` ones, is RK_EINPUT with its line, and an undefined value is RK_EINPUT. `lean` is for
 * rk_model_frame_lean_new. The failures of rk_model_frame_new. */
enum rk_status model_rows_frame(const struct rk_formula *formula, const struct rk_table *table,
                                const struct rk_names *extra, int missing, bool lean,
                                struct rk_model_frame **frame, struct rk_error *error);

#endif
