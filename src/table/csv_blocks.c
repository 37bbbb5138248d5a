/* The byte side of the CSV reader: fixed blocks by read(), never mmap (a file that shrinks would
 * kill the process), cut after the last whole record. libcsv neither counts lines nor tells
 * `ab"c` (text as it stands) from `"ab"c` (an error), so a small scan of the quotes goes first. */
#include "csv_blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

enum { BLOCK_BYTES = 1 << 20 };
static const size_t longest_record = (size_t)1 << 30;

/* --- bytes -------------------------------------------------------------------------------- */

/* Reads until the buffer is full or the input ends. */
static enum rk_status fill(struct csv_blocks *blocks, struct rk_error *error)
{
    while (!blocks->at_end && blocks->length < blocks->capacity) {
        ssize_t n =
            read(blocks->fd, blocks->bytes + blocks->length, blocks->capacity - blocks->length);
        enum rk_status status = rk_cancelled(blocks->ctx);

        if (status != RK_OK)
            return rk_fail(error, status, "%s", rk_status_words(status));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            rk_fail(error, RK_EIO, "cannot read: %s", strerror(errno));
            return rk_fail_at(error, blocks->name, 0, NULL);
        }
        blocks->at_end = n == 0;
        XXH3_64bits_update(blocks->digest, blocks->bytes + blocks->length, (size_t)n);
        blocks->length += (size_t)n;
    }
    return RK_OK;
}

/* Moves what is left to the front and reads more, into a larger buffer if it was full. */
static enum rk_status refill(struct csv_blocks *blocks, struct rk_error *error)
{
    size_t left = blocks->length - blocks->next;

    if (blocks->next == 0 && blocks->length == blocks->capacity) {
        char *grown;

        if (blocks->capacity >= longest_record) {
            rk_fail(error, RK_EINPUT, "a record of more than 1 GB (is a quote never closed?)");
            return rk_fail_at(error, blocks->name, blocks->line, NULL);
        }
        grown = realloc(blocks->bytes, 2 * blocks->capacity);
        if (grown == NULL)
            return rk_fail_memory(error);
        blocks->bytes = grown;
        blocks->capacity *= 2;
    } else {
        memmove(blocks->bytes, blocks->bytes + blocks->next, left);
        blocks->length = left;
        blocks->next = 0;
    }
    return fill(blocks, error);
}

static enum rk_status refuse_other_encodings(const struct csv_blocks *blocks,
                                             struct rk_error *error)
{
    const char *b = blocks->bytes;

    if (blocks->length >= 2 && (memcmp(b, "\xff\xfe", 2) == 0 || memcmp(b, "\xfe\xff", 2) == 0))
        rk_fail(error, RK_EINPUT, "the file is UTF-16; save it as UTF-8 CSV");
    else if (blocks->length >= 2 && memcmp(b, "\x1f\x8b", 2) == 0)
        rk_fail(error, RK_EINPUT, "the file is compressed; unpack it first (gzip -dc FILE | ...)");
    else
        return RK_OK;
    return rk_fail_at(error, blocks->name, 0, NULL);
}

enum rk_status csv_blocks_open(struct csv_blocks *blocks, const char *path,
                               const struct rk_ctx *ctx, struct rk_error *error)
{
    bool is_stdin = path == NULL || strcmp(path, "-") == 0;
    enum rk_status status;

    *blocks = (struct csv_blocks){.name = is_stdin ? "standard input" : path,
                                  .ctx = ctx,
                                  .fd = -1,
                                  .line = 1,
                                  .capacity = BLOCK_BYTES};
    blocks->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (blocks->fd < 0) {
        rk_fail(error, RK_EIO, "cannot open: %s", strerror(errno));
        return rk_fail_at(error, blocks->name, 0, NULL);
    }
    blocks->bytes = malloc(blocks->capacity);
    blocks->digest = XXH3_createState();
    if (blocks->bytes == NULL || blocks->digest == NULL)
        return rk_fail_memory(error);
    XXH3_64bits_reset(blocks->digest);
    status = fill(blocks, error);
    if (status == RK_OK)
        status = refuse_other_encodings(blocks, error);
    if (blocks->length >= 3 && memcmp(blocks->bytes, "\xef\xbb\xbf", 3) == 0)
        blocks->next = 3;
    return status;
}

enum rk_status csv_blocks_all(struct csv_blocks *blocks, struct rk_error *error)
{
    enum rk_status status = RK_OK;

    while (status == RK_OK && !blocks->at_end)
        status = refill(blocks, error);
    return status;
}

void csv_blocks_close(struct csv_blocks *blocks)
{
    if (blocks->fd > STDIN_FILENO)
        close(blocks->fd);
    free(blocks->bytes);
    XXH3_freeState(blocks->digest);
}

/* --- records ------------------------------------------------------------------------------ */

enum scan_end { SCAN_RECORD, SCAN_OUT_OF_BYTES, SCAN_OPEN_QUOTE, SCAN_AFTER_QUOTE };

/* Finds the end of the record that begins at `start`: *end is where its line end begins, *next the
 * byte after that, *n_lines the line ends passed. A CR that is the last byte may be half a CRLF:
 * the caller says whether more bytes may come. */
static enum scan_end scan_record(const char *bytes, size_t length, size_t start, char delimiter,
                                 size_t *end, size_t *next, size_t *n_lines)
{
    size_t i = start;
    bool at_field_start = true;

    *n_lines = 0;
    while (i < length) {
        char c = bytes[i];

        if (c == '"' && at_field_start) {
            for (i++;; i += 2) {
                for (; i < length && bytes[i] != '"'; i++)
                    *n_lines += bytes[i] == '\n' ||
                                (bytes[i] == '\r' && (i + 1 >= length || bytes[i + 1] != '\n'));
                if (i >= length)
                    return SCAN_OPEN_QUOTE;
                if (i + 1 >= length || bytes[i + 1] != '"')
                    break;
            }
            i++;
            if (i < length && bytes[i] != delimiter && bytes[i] != '\n' && bytes[i] != '\r')
                return SCAN_AFTER_QUOTE;
            at_field_start = false;
        } else if (c == '\n' || c == '\r') {
            *end = i;
            *next = i + 1 + (c == '\r' && i + 1 < length && bytes[i + 1] == '\n');
            ++*n_lines;
            return SCAN_RECORD;
        } else {
            at_field_start = c == delimiter;
            i++;
        }
    }
    *end = *next = length;
    return SCAN_OUT_OF_BYTES;
}

bool csv_walk(const struct csv_block *block, char delimiter, size_t *position, size_t *line,
              struct csv_record *record)
{
    size_t end, next, n_lines;

    if (*position >= block->length)
        return false;
    scan_record(block->bytes, block->length, *position, delimiter, &end, &next, &n_lines);
    *record = (struct csv_record){*position, end - *position, *line};
    *position = next;
    *line += n_lines;
    return true;
}

/* The number of bytes of the UTF-8 sequence at p, or 0 if it is not valid (RFC 3629). */
static size_t utf8_length(const unsigned char *p, size_t left)
{
    size_t n = p[0] < 0x80   ? 1
               : p[0] < 0xc2 ? 0
               : p[0] < 0xe0 ? 2
               : p[0] < 0xf0 ? 3
               : p[0] < 0xf5 ? 4
                             : 0;

    if (n == 0 || n > left)
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

static size_t count_lines(const char *bytes, size_t length)
{
    size_t n = 0;

    for (size_t i = 0; i < length; i++)
        n += bytes[i] == '\n' || (bytes[i] == '\r' && (i + 1 >= length || bytes[i + 1] != '\n'));
    return n;
}

static enum rk_status check_bytes(const struct csv_blocks *blocks, const struct csv_block *block,
                                  struct rk_error *error)
{
    const unsigned char *p = (const unsigned char *)block->bytes;
    size_t i = 0;

    while (i < block->length) {
        uint64_t word;
        size_t n;

        /* Eight bytes of ASCII without NUL at a time: the usual case. */
        if (block->length - i >= sizeof word) {
            memcpy(&word, p + i, sizeof word);
            if ((word & 0x8080808080808080u) == 0 &&
                ((word - 0x0101010101010101u) & ~word & 0x8080808080808080u) == 0) {
                i += sizeof word;
                continue;
            }
        }
        n = p[i] == '\0' ? 0 : utf8_length(p + i, block->length - i);
        if (n == 0) {
            rk_fail(error, RK_EINPUT, p[i] == '\0' ? "NUL byte" : "byte 0x%02x is not valid UTF-8",
                    p[i]);
            return rk_fail_at(error, blocks->name, block->first_line + count_lines(block->bytes, i),
                              NULL);
        }
        i += n;
    }
    return RK_OK;
}

/* Cuts one record, or as many as there are, off the front of the buffer. */
static enum rk_status cut(struct csv_blocks *blocks, bool only_one, struct csv_block *block,
                          struct rk_error *error)
{
    enum rk_status status;

    for (;;) {
        size_t position = blocks->next, line = blocks->line;
        enum scan_end how = SCAN_RECORD;

        while (position < blocks->length && how == SCAN_RECORD) {
            size_t end, next, n_lines;

            how = scan_record(blocks->bytes, blocks->length, position, blocks->delimiter, &end,
                              &next, &n_lines);
            if (how == SCAN_AFTER_QUOTE) {
                rk_fail(error, RK_EINPUT, "text after a closing quote");
                return rk_fail_at(error, blocks->name, line + n_lines, NULL);
            }
            if (how == SCAN_OPEN_QUOTE && blocks->at_end) {
                rk_fail(error, RK_EINPUT, "a quote that begins here is never closed");
                return rk_fail_at(error, blocks->name, line, NULL);
            }
            /* A record at the very end of the buffer may go on in the next bytes. */
            if (how == SCAN_OPEN_QUOTE || (next == blocks->length && !blocks->at_end))
                break;
            position = next;
            line += n_lines;
            if (only_one)
                break;
        }
        if (position > blocks->next || blocks->at_end) {
            *block = (struct csv_block){blocks->bytes + blocks->next, position - blocks->next,
                                        blocks->line};
            blocks->next = position;
            blocks->line = line;
            return check_bytes(blocks, block, error);
        }
        status = refill(blocks, error);
        if (status != RK_OK)
            return status;
    }
}

enum rk_status csv_next_record(struct csv_blocks *blocks, struct csv_block *block,
                               struct rk_error *error)
{
    return cut(blocks, true, block, error);
}

enum rk_status csv_next_block(struct csv_blocks *blocks, struct csv_block *block,
                              struct rk_error *error)
{
    return cut(blocks, false, block, error);
}

char csv_guess_delimiter(const struct csv_blocks *blocks)
{
    static const char candidates[] = ",;\t|";
    size_t count[sizeof candidates] = {0}, best = 0;
    bool quoted = false;

    for (size_t i = blocks->next; i < blocks->length; i++) {
        char c = blocks->bytes[i];
        const char *found;

        if (c == '"')
            quoted = !quoted;
        if (quoted || c == '\0')
            continue;
        if (c == '\n' || c == '\r')
            break;
        found = strchr(candidates, c);
        if (found != NULL)
            count[found - candidates]++;
    }
    for (size_t k = 1; k < sizeof candidates - 1; k++)
        if (count[k] > count[best])
            best = k;
    return candidates[best];
}

uint64_t csv_blocks_digest(const struct csv_blocks *blocks)
{
    return XXH3_64bits_digest(blocks->digest);
}
