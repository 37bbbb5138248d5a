/* Which columns of a file are meant: those its keys name (FILE:rep=Owner), else those that have one
 * of the names such columns usually have. */
#ifndef REPKIT_FILE_COLUMNS_H
#define REPKIT_FILE_COLUMNS_H

#include "repkit/file_spec.h"

/* One key of a file option; a static table of them says what the option can read. */
struct rk_file_key {
    const char *key;   /* "open" */
    const char *usual; /* "open|open_date|created": in snake case, the best first */
    const char *what;  /* for messages: "the day a deal was opened" */
    enum rk_role role;
    bool optional; /* a file may lack it */
};

struct rk_file_columns {
    const char *option; /* for messages: "--deals"; borrowed */
    const struct rk_file_key *key;
    size_t n;
    char **name; /* by key: the column; NULL if there is none, or if it is not known yet */
};

/* Takes the keys out of the spec. What is left in it then is no key: RK_EUSAGE with the nearest.
 * RK_OK, RK_EUSAGE, RK_ENOMEM; *columns is unchanged on failure. */
enum rk_status rk_file_columns_take(struct rk_file_columns *columns, const char *option,
                                    const struct rk_file_key *keys, size_t n,
                                    struct rk_file_spec *spec, struct rk_error *error);

/* Finds the columns that no key named, by the header, and adds all of them to the wants in their
 * roles: what a wants' `choose` calls. A header matches a usual name if it is that name in snake
 * case; a column is taken for one key only, and the first key that fits takes it.
 * RK_OK; RK_EINPUT (none fits: the key to give is named); RK_ENOMEM. */
enum rk_status rk_file_columns_find(struct rk_file_columns *columns, const struct rk_names *header,
                                    struct rk_wants *wants, struct rk_error *error);
void rk_file_columns_free(struct rk_file_columns *columns);

#endif
