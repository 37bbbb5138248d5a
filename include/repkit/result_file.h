/* Reading back what a tool of the project printed: CSV, or JSON with its warnings. */
#ifndef REPKIT_RESULT_FILE_H
#define REPKIT_RESULT_FILE_H

#include "repkit/csv.h"
#include "repkit/result.h"

struct rk_result_file {
    struct rk_table *table;
    struct rk_warning *warning; /* JSON only */
    size_t n_warnings;
    double months_measured; /* of JSON's meta; NaN where it says none */
};

/* Reads a file, standard input (NULL or "-") or a pipe; it is JSON if it begins with a brace, else
 * CSV with all columns as found.
 * column   of JSON's tables, the first that has this column is taken; NULL: the first
 * Numbers of JSON become numbers, null is missing, a column with any string is text.
 * Returns RK_OK; RK_EIO; RK_EINPUT (as rk_csv_read; JSON that is broken, or not of this project);
 * RK_ENOMEM. *file is unchanged on failure. */
enum rk_status rk_result_file_read(const char *path, const char *column,
                                   const struct rk_csv_options *csv, const struct rk_ctx *ctx,
                                   struct rk_result_file *file, struct rk_error *error);
void rk_result_file_free(struct rk_result_file *file);

#endif
