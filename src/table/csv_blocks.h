/* Blocks of whole records from an input: the byte side of the CSV reader. Private to src/table. */
#ifndef REPKIT_CSV_BLOCKS_H
#define REPKIT_CSV_BLOCKS_H

#include "csv_source.h"

struct csv_blocks {
    struct csv_source source;
    char delimiter;         /* set before the first block is cut */
    struct csv_bytes ahead; /* read, and not yet in a block: from ahead.next on */
    bool at_end;
};

/* A run of whole records. Behind its bytes there is room for CSV_PADDING more. */
enum { CSV_PADDING = 64 };
struct csv_block {
    char *bytes;
    size_t length, capacity;
    size_t n_lost_lines; /* line ends in an unfinished record behind it, if the input has failed */
};

/* Opens the input (NULL or "-": standard input) and reads the first bytes. Close it whatever is
 * returned. */
enum rk_status csv_blocks_open(struct csv_blocks *blocks, const char *path,
                               const struct rk_csv_options *options, const struct rk_ctx *ctx,
                               struct rk_error *error);
void csv_blocks_close(struct csv_blocks *blocks);

/* rk_csv_read of an input that is open already (csv.c). */
enum rk_status csv_read_opened(struct csv_blocks *blocks, const struct rk_wants *wants,
                               const struct rk_csv_options *options, const struct rk_ctx *ctx,
                               struct rk_table **table, struct rk_error *error);

/* Reads on until all of the input is ahead. */
enum rk_status csv_blocks_all(struct csv_blocks *blocks, struct rk_error *error);

/* XXH3 of all bytes read so far: as they are in the file, or unpacked where it is gzip. */
uint64_t csv_blocks_digest(const struct csv_blocks *blocks);

/* Fills the block with as many whole records as fit, in a larger buffer where one does not; *end is
 * set with the last block, which may be empty. A quote that is never closed, or after which text
 * goes on, ends the blocks with the record it stands in; the records' reader will find it. So does
 * a failure of the source; it is left there, without the record it cut off. */
enum rk_status csv_blocks_next(struct csv_blocks *blocks, struct csv_block *block, bool *end,
                               struct rk_error *error);

/* The delimiter that is most frequent in the header line outside quotes: comma, semicolon, tab or
 * bar. */
char csv_guess_delimiter(const struct csv_blocks *blocks);

/* Line ends in bytes that are not followed by a LF. */
size_t csv_count_lines(const char *bytes, size_t length);

#endif
