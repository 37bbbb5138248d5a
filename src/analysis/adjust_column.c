/* The column of adjusted p-values of a result table. */
#include "repkit/analysis.h"

enum rk_status rk_adjust_column(struct rk_table *table, size_t from, size_t to, int method)
{
    return rk_p_adjust(table->column[from].number, table->n_rows, method, table->column[to].number);
}
