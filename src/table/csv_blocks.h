/* Blocks of whole records from a file or standard input: the byte side of the CSV reader. Private
 * to src/table. */
#ifndef REPKIT_CSV_BLOCKS_H
#define REPKIT_CSV_BLOCKS_H

#include "repkit/csv.h"

struct csv_blocks {
    const char *name; /* for messages */
    const struct rk_ctx *ctx;
    int fd;
    bool at_end;
    char delimiter;
    char *bytes;
    size_t length, capacity;
    size_t next;  /* where the next block begins */
    size_t line;  /* the line on which it begins, from 1 */
    void *digest; /* XXH3_state_t */
};

/* A run of whole records, borrowed until the next call. */
struct csv_block {
    const char *bytes;
    size_t length;
    size_t first_line;
};

/* Opens the input (NULL or "-": standard input), reads the first bytes and skips a byte-order
 * mark. Close it whatever is returned. */
enum rk_status csv_blocks_open(struct csv_blocks *blocks, const char *path,
                               const struct rk_ctx *ctx, struct rk_error *error);
void csv_blocks_close(struct csv_blocks *blocks);

/* rk_csv_read of an input that is open already (csv.c). */
enum rk_status csv_read_opened(struct csv_blocks *blocks, const struct rk_wants *wants,
                               const struct rk_csv_options *options, struct rk_table **table,
                               struct rk_error *error);

/* Reads on until all of the input is in `bytes`, from `next`. */
enum rk_status csv_blocks_all(struct csv_blocks *blocks, struct rk_error *error);

/* XXH3 of all bytes read so far. */
uint64_t csv_blocks_digest(const struct csv_blocks *blocks);

/* The next record (one) or the next block (as many as fit); length 0 at the end. Refuses NUL bytes,
 * invalid UTF-8, text after a closing quote and a quote that is never closed. */
enum rk_status csv_next_record(struct csv_blocks *blocks, struct csv_block *block,
                               struct rk_error *error);
enum rk_status csv_next_block(struct csv_blocks *blocks, struct csv_block *block,
                              struct rk_error *error);

/* The delimiter that is most frequent in the header line outside quotes: comma, semicolon, tab or
 * bar. */
char csv_guess_delimiter(const struct csv_blocks *blocks);

/* Walks the records of a block: the bytes and line of each, blank ones with length 0 (the line end
 * is not part of it). Start with *position = 0 and *line = the block's first line. Returns false
 * at the end. */
struct csv_record {
    size_t start, length, line;
};
bool csv_walk(const struct csv_block *block, char delimiter, size_t *position, size_t *line,
              struct csv_record *record);

#endif
