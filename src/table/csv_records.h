/* One record of a CSV file. Private to src/table. */
#ifndef REPKIT_CSV_RECORDS_H
#define REPKIT_CSV_RECORDS_H

#include <csv.h>
#include <stddef.h>

#include "repkit/status.h"

/* Finds the end of the record that begins at `start`: *end is where its line end begins, *next the
 * byte after that, *n_lines the line ends passed. */
enum csv_record_end { CSV_RECORD, CSV_OPEN_QUOTE, CSV_AFTER_QUOTE };
enum csv_record_end csv_scan_record(const char *bytes, size_t length, size_t start, char delimiter,
                                    size_t *end, size_t *next, size_t *n_lines);

/* Fills *error with the words; its place is the caller's to add. */
void csv_fail_invalid(unsigned char byte, struct rk_error *error);
void csv_fail_quote(enum csv_record_end how, struct rk_error *error);

/* A libcsv parser that keeps cells to the byte. RK_OK or RK_ENOMEM. */
enum rk_status csv_parser_start(struct csv_parser *parser, char delimiter);

#endif
