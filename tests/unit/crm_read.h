/* What the tests of CRM exports share: reading the files that are named. */
#ifndef REPKIT_TEST_CRM_READ_H
#define REPKIT_TEST_CRM_READ_H

#include "repkit/crm_files.h"
#include "repkit/csv.h"

/* Whatever is returned, rk_crm_files_free. */
static inline enum rk_status read_crm(const char *const *specs, struct rk_crm_files *files,
                                      struct rk_error *error)
{
    const struct rk_csv_options csv = RK_CSV_DEFAULT;
    enum rk_status status = rk_crm_files_parse(files, specs, &csv, error);

    for (size_t i = 0; status == RK_OK && i < RK_CRM_INPUTS; i++)
        if (files->file[i].path != NULL)
            status = rk_csv_read(files->file[i].path, &files->file[i].wants, &files->file[i].csv,
                                 NULL, &files->file[i].table, error);
    return status;
}

#endif
