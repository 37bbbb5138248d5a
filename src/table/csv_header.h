/* The header of a CSV file. Private to src/table. */
#ifndef REPKIT_CSV_HEADER_H
#define REPKIT_CSV_HEADER_H

#include "csv_rows.h"

struct csv_header {
    struct rk_names names;
    struct rk_dict *index; /* of the names */
    size_t *place;         /* of each, where it comes first */
};

/* Reads the header, the first record of the first block that is not blank, and puts the place
 * behind it into rows. RK_OK; RK_EINPUT or RK_ENOMEM, with the place. Free it whatever is returned.
 */
enum rk_status csv_header_read(struct csv_header *header, const struct csv_blocks *blocks,
                               struct csv_rows *rows, const struct rk_csv_options *options,
                               struct rk_error *error);
void csv_header_free(struct csv_header *header);

/* The place of a name, or SIZE_MAX. */
size_t csv_header_find(const struct csv_header *header, const char *name);

#endif
