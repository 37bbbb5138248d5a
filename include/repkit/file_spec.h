/* A file named on the command line with its own reading: FILE:key=value,... or
 * NAME=FILE:key=value,... */
#ifndef REPKIT_FILE_SPEC_H
#define REPKIT_FILE_SPEC_H

#include "repkit/csv.h"

struct rk_file_spec {
    char *name;                 /* NULL without one */
    char *path;                 /* "-" is standard input */
    struct rk_names key, value; /* in order; keys may come twice */
};

/* Reads it. `\:` `\,` `\=` stand for themselves; after the first `=` of a key and the first `:`
 * further ones are as they are.
 * named   whether NAME= comes first
 * option  for messages: "--effect"
 * Returns RK_OK, RK_EUSAGE, RK_ENOMEM; *spec is unchanged on failure. */
enum rk_status rk_file_spec_parse(const char *text, bool named, const char *option,
                                  struct rk_file_spec *spec, struct rk_error *error);
void rk_file_spec_free(struct rk_file_spec *spec);

/* Takes the keys out that say how to read the file (delimiter, decimal, date-order,
 * calendar, encoding) and puts them into *csv. Returns RK_OK or RK_EUSAGE. */
enum rk_status rk_file_spec_csv(struct rk_file_spec *spec, const char *option,
                                struct rk_csv_options *csv, struct rk_error *error);

/* Takes a key out: its value, the caller's to free, or NULL if it is not there. */
char *rk_file_spec_take(struct rk_file_spec *spec, const char *key);

#endif
