/* The regression without one cluster, from its rows anew. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "regress_parts.h"

/* The rows of the group that are not of the cluster. */
static enum rk_status other_rows(const struct regression *r, const char *cluster, size_t **rows,
                                 size_t *n, struct rk_error *error)
{
    const struct rk_table *given = r->given;
    size_t column = 0;
    uint32_t code;
    enum rk_status status = rk_column_index(given, r->cluster_name, RK_TEXT, &column, error);

    if (status != RK_OK)
        return status;
    code = rk_dict_find(given->column[column].dict, cluster, strlen(cluster));
    *rows = malloc((given->n_rows + 1) * sizeof **rows);
    if (*rows == NULL)
        return rk_fail_memory(error);
    *n = 0;
    for (size_t i = 0; i < given->n_rows; i++)
        if (given->column[column].code[i] != code)
            (*rows)[(*n)++] = i;
    return RK_OK;
}

enum rk_status regress_without(const struct regression *r, const char *cluster,
                               struct estimate *estimate, struct rk_error *error)
{
    struct regression others = {.options = r->options,
                                .ctx = r->ctx,
                                .table = r->given,
                                .given = r->given,
                                .method = r->method,
                                .cluster_name = r->cluster_name,
                                .second_name = r->second_name,
                                .wild_reason = "",
                                .label = rk_strdup(r->label)};
    size_t *rows = NULL, n = 0;
    enum rk_status status =
        others.label == NULL ? rk_fail_memory(error) : other_rows(r, cluster, &rows, &n, error);

    if (status == RK_OK)
        status = regress_own_rows(&others, rows, n, error);
    if (status == RK_OK)
        status = regress_fit(&others, error);
    for (size_t j = 0; j < r->fit->p; j++) {
        estimate[j] = (struct estimate){NAN, NAN, NAN, NAN, NAN, NAN, NAN};
        for (size_t k = 0; status == RK_OK && k < others.fit->p; k++)
            if (strcmp(others.frame->name[k], r->frame->name[j]) == 0)
                estimate[j] = regress_estimate(&others, k);
    }
    regress_free(&others);
    free(rows);
    return rk_status_is_undefined(status) ? RK_OK : status;
}
