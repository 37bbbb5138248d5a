/* The text of an input as bytes of UTF-8: a file, standard input or a pipe; unpacked where it is
 * gzip, converted where it has another encoding, without byte-order mark. Private to src/table. */
#ifndef REPKIT_CSV_SOURCE_H
#define REPKIT_CSV_SOURCE_H

#include "repkit/csv.h"

/* Bytes that have been read and not yet been taken. */
struct csv_bytes {
    char *bytes;
    size_t length, capacity, next;
};

struct csv_source {
    const char *name; /* for messages */
    const struct rk_ctx *ctx;
    int fd;
    bool may_wait;        /* no regular file: a read may wait for ever */
    struct csv_bytes raw; /* as read */
    bool raw_end;
    uint64_t n_raw;
    int64_t size; /* of the file when it was opened */

    void *inflating; /* z_stream, NULL unless the input is gzip */
    bool in_member;
    uint64_t n_unpacked;
    double most_unpacked; /* 0: the default bound */

    struct csv_bytes head;           /* the first bytes unpacked, looked at for a mark */
    void *digest;                    /* XXH3_state_t */
    void *converter;                 /* iconv_t, NULL for UTF-8 */
    char encoding[RK_ENCODING_SIZE]; /* its name, for messages */
    struct csv_bytes packed, text;   /* before and after conversion */
    bool packed_end;

    /* Why no more bytes come though the input has not ended. */
    struct rk_error failure;
    bool failed_behind; /* its place is behind the last byte */
};

/* Opens the input (NULL or "-": standard input) and looks at its first bytes. Close it whatever is
 * returned. RK_EUSAGE for an encoding that is not known. */
enum rk_status csv_source_open(struct csv_source *source, const char *path,
                               const struct rk_csv_options *options, const struct rk_ctx *ctx,
                               struct rk_error *error);
void csv_source_close(struct csv_source *source);

/* Reads `size` bytes; fewer are read only where the input ends or has failed (source->failure).
 * Returns RK_OK, or what ctx's cancel says. */
enum rk_status csv_source_read(struct csv_source *source, char *to, size_t size, size_t *length);

#endif
