/* Blocks are cut after the last whole record. That takes the state of the quotes, exactly: a quote
 * opens a field only where one begins. Bytes are looked at only around quotes, so the cut costs
 * little where there are few. */
#include "csv_blocks.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "csv_marks.h"

/* The fuzz targets have it small: short inputs then fill several blocks. */
#ifndef RK_CSV_BLOCK_BYTES
#define RK_CSV_BLOCK_BYTES (1 << 19)
#endif
enum { BLOCK_BYTES = RK_CSV_BLOCK_BYTES };
static const size_t longest_record = (size_t)1 << 30;

/* --- bytes -------------------------------------------------------------------------------- */

static enum rk_status grow(char **bytes, size_t *capacity, size_t wanted, struct rk_error *error)
{
    char *grown;

    if (wanted <= *capacity)
        return RK_OK;
    grown = realloc(*bytes, wanted + CSV_PADDING);
    if (grown == NULL)
        return rk_fail_memory(error);
    *bytes = grown;
    *capacity = wanted;
    return RK_OK;
}

static enum rk_status fill(struct csv_blocks *blocks, char *to, size_t size, size_t *length,
                           struct rk_error *error)
{
    enum rk_status status = csv_source_read(&blocks->source, to, size, length);

    if (status != RK_OK)
        return rk_fail(error, status, "%s", rk_status_words(status));
    blocks->at_end = *length < size;
    return RK_OK;
}

enum rk_status csv_blocks_open(struct csv_blocks *blocks, const char *path,
                               const struct rk_csv_options *options, const struct rk_ctx *ctx,
                               struct rk_error *error)
{
    enum rk_status status;

    *blocks = (struct csv_blocks){.delimiter = options->delimiter};
    status = csv_source_open(&blocks->source, path, options, ctx, error);
    if (status == RK_OK)
        status = grow(&blocks->ahead.bytes, &blocks->ahead.capacity, BLOCK_BYTES, error);
    if (status == RK_OK)
        status = fill(blocks, blocks->ahead.bytes, BLOCK_BYTES, &blocks->ahead.length, error);
    return status;
}

static enum rk_status too_long(const struct csv_blocks *blocks, struct rk_error *error)
{
    rk_fail(error, RK_EINPUT, "a record of more than 1 GB (is a quote never closed?)");
    return rk_fail_at(error, blocks->source.name, 0, NULL);
}

enum rk_status csv_blocks_all(struct csv_blocks *blocks, struct rk_error *error)
{
    struct csv_bytes *ahead = &blocks->ahead;
    enum rk_status status = RK_OK;
    size_t n = 0;

    while (status == RK_OK && !blocks->at_end) {
        if (ahead->capacity >= longest_record)
            return too_long(blocks, error);
        status = grow(&ahead->bytes, &ahead->capacity, 2 * ahead->capacity, error);
        if (status == RK_OK)
            status = fill(blocks, ahead->bytes + ahead->length, ahead->capacity - ahead->length, &n,
                          error);
        ahead->length += n;
    }
    if (status == RK_OK && blocks->source.failure.status != RK_OK) {
        *error = blocks->source.failure;
        return rk_fail_at(error, blocks->source.name, 0, NULL);
    }
    return status;
}

void csv_blocks_close(struct csv_blocks *blocks)
{
    csv_source_close(&blocks->source);
    free(blocks->ahead.bytes);
}

uint64_t csv_blocks_digest(const struct csv_blocks *blocks)
{
    return XXH3_64bits_digest(blocks->source.digest);
}

/* --- cutting ------------------------------------------------------------------------------ */

static bool ends_line(char c)
{
    return c == '\n' || c == '\r';
}

size_t csv_count_lines(const char *bytes, size_t length)
{
    size_t n = 0;

    for (size_t i = 0; i < length; i++)
        n += bytes[i] == '\n' || (bytes[i] == '\r' && (i + 1 >= length || bytes[i + 1] != '\n'));
    return n;
}

/* Where the last line that ends in from .. to - 1 has ended, or 0. A CR that is the last byte of
 * all may be half a CRLF. */
static size_t last_line_end(const char *bytes, size_t from, size_t to, size_t length)
{
    for (size_t i = to; i > from; i--)
        if (bytes[i - 1] == '\n' || (bytes[i - 1] == '\r' && i < length))
            return i;
    return 0;
}

/* The number of bytes in whole records, 0 for none. *broken is set where text goes on after a
 * closing quote. */
static size_t whole_records(const char *bytes, size_t length, char delimiter, bool *broken)
{
    enum { MANY = 64 }; /* quotes, from which on it is not worth going from one to the next */
    const char *end = bytes + length, *quote = bytes;
    size_t outside = 0; /* where the part outside quotes begins that is looked at */
    size_t whole = 0, last, n_quotes = 0;

    while ((quote = memchr(quote, '"', (size_t)(end - quote))) != NULL) {
        size_t i = (size_t)(quote - bytes);

        if (n_quotes++ == MANY && csv_whole_records(bytes, length, delimiter, &last))
            return last;
        if (i > 0 && bytes[i - 1] != delimiter && !ends_line(bytes[i - 1])) {
            quote++; /* a quote inside a field is text */
            continue;
        }
        last = last_line_end(bytes, outside, i, length);
        whole = last > 0 ? last : whole;
        do { /* doubled quotes stand for one */
            quote = memchr(quote + 1, '"', (size_t)(end - quote) - 1);
        } while (quote != NULL && quote + 1 < end && quote[1] == '"' && ++quote);
        if (quote == NULL || quote + 1 == end)
            return whole;
        outside = (size_t)(++quote - bytes);
        if (*quote != delimiter && !ends_line(*quote)) {
            *broken = true;
            return length;
        }
    }
    last = last_line_end(bytes, outside, length, length);
    return last > 0 ? last : whole;
}

/* Keeps what stands behind the block's records for the next block. */
static enum rk_status put_ahead(struct csv_blocks *blocks, const struct csv_block *block,
                                size_t length, struct rk_error *error)
{
    struct csv_bytes *ahead = &blocks->ahead;
    size_t left = length - block->length;
    enum rk_status status = grow(&ahead->bytes, &ahead->capacity, left, error);

    if (status != RK_OK)
        return status;
    memcpy(ahead->bytes, block->bytes + block->length, left);
    ahead->length = left;
    ahead->next = 0;
    return RK_OK;
}

/* The last block: all that there is, but no record that a failure has cut off. */
static void take_the_rest(struct csv_blocks *blocks, struct csv_block *block, size_t length)
{
    bool broken = false;

    block->length = length;
    if (blocks->source.failure.status == RK_OK)
        return;
    block->length = whole_records(block->bytes, length, blocks->delimiter, &broken);
    block->n_lost_lines = csv_count_lines(block->bytes + block->length, length - block->length);
}

enum rk_status csv_blocks_next(struct csv_blocks *blocks, struct csv_block *block, bool *end,
                               struct rk_error *error)
{
    struct csv_bytes *ahead = &blocks->ahead;
    size_t length = ahead->length - ahead->next, n;
    size_t wanted = length > BLOCK_BYTES ? length : BLOCK_BYTES;
    bool broken = false;

    block->length = block->n_lost_lines = 0;
    for (; block->length == 0; wanted *= 2) {
        enum rk_status status = wanted > longest_record
                                    ? too_long(blocks, error)
                                    : grow(&block->bytes, &block->capacity, wanted, error);

        if (status != RK_OK)
            return status;
        if (ahead->next < ahead->length) {
            memcpy(block->bytes, ahead->bytes + ahead->next, length);
            ahead->next = ahead->length;
        }
        if (!blocks->at_end && length < wanted) {
            status = fill(blocks, block->bytes + length, wanted - length, &n, error);
            if (status != RK_OK)
                return status;
            length += n;
        }
        if (blocks->at_end || broken) {
            take_the_rest(blocks, block, length);
            *end = true;
            return RK_OK;
        }
        block->length = whole_records(block->bytes, length, blocks->delimiter, &broken);
    }
    *end = broken;
    return put_ahead(blocks, block, length, error);
}

char csv_guess_delimiter(const struct csv_blocks *blocks)
{
    static const char candidates[] = ",;\t|";
    size_t count[sizeof candidates] = {0}, best = 0;
    bool quoted = false, any = false;

    for (size_t i = blocks->ahead.next; i < blocks->ahead.length; i++) {
        char c = blocks->ahead.bytes[i];
        const char *found;

        if (c == '"')
            quoted = !quoted;
        if (quoted || c == '\0')
            continue;
        if (ends_line(c) && any)
            break;
        any = any || !ends_line(c);
        found = strchr(candidates, c);
        if (found != NULL)
            count[found - candidates]++;
    }
    for (size_t k = 1; k < sizeof candidates - 1; k++)
        if (count[k] > count[best])
            best = k;
    return candidates[best];
}
