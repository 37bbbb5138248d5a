/* The further files of a model: scenarios, risk adjustments, rank correlations. */
#ifndef REPKIT_ROI_FILES_H
#define REPKIT_ROI_FILES_H

#include "repkit/csv.h"

struct rk_roi_scenario {
    char *name;
    char decimal;           /* of the values */
    struct rk_table *table; /* item,column,value as text */
};

struct rk_roi_files {
    struct rk_roi_scenario *scenario;
    size_t n_scenarios;
    struct rk_table *risk; /* item,factor; NULL for none */
    struct rk_table *rho;  /* item1,item2,rho; NULL for none */
};

/* Reads --scenario NAME=FILE, one or more, --risk-adjust FILE and --rho FILE (NULL for none), each
 * with its own keys as rk_file_spec_csv takes them.
 * stdin_taken  whether `-` is something else's already
 * Returns RK_OK; RK_EUSAGE (a spec that is none; a NAME given twice, or `base`; standard input
 * taken twice); or as rk_csv_read. Free the files whatever is returned. */
enum rk_status rk_roi_files_read(const struct rk_names *scenarios, const char *risk,
                                 const char *rho, bool stdin_taken,
                                 const struct rk_csv_options *csv, const struct rk_ctx *ctx,
                                 struct rk_roi_files *files, struct rk_error *error);
void rk_roi_files_free(struct rk_roi_files *files);

#endif
