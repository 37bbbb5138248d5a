/* Layers, each taking its bytes from the one before: read() in pieces (never mmap: a file that
 * shrinks would kill the process), gzip, encoding. */
#include "csv_source.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>
#include <zlib.h>

#ifndef RK_CSV_PIECE /* smaller in the fuzz targets */
#define RK_CSV_PIECE (1 << 16)
#endif
enum { PIECE = RK_CSV_PIECE };

static void fail(struct csv_source *source, enum rk_status status, const char *text,
                 const char *detail)
{
    if (source->failure.status == RK_OK)
        rk_fail(&source->failure, status, "%s%s", text, detail);
}

static bool allocate(struct csv_bytes *bytes, size_t capacity)
{
    bytes->bytes = malloc(capacity);
    bytes->capacity = bytes->bytes == NULL ? 0 : capacity;
    return bytes->bytes != NULL;
}

/* --- bytes as they are ---------------------------------------------------------------------- */

/* Waits until there is something to read, and asks now and then whether to stop. */
static enum rk_status wait_for_bytes(const struct csv_source *source)
{
    struct pollfd wanted = {.fd = source->fd, .events = POLLIN};
    enum rk_status status;

    do
        status = rk_cancelled(source->ctx);
    while (status == RK_OK && source->may_wait && poll(&wanted, 1, 100) <= 0);
    return status;
}

/* Its last record would be taken for whole, with half a number in it. */
static void check_size(struct csv_source *source)
{
    struct stat about;

    if (fstat(source->fd, &about) == 0 && about.st_size < source->size)
        fail(source, RK_EIO, "the file became shorter while it was read", "");
}

static enum rk_status read_raw(struct csv_source *source, char *to, size_t size, size_t *length)
{
    *length = 0;
    while (!source->raw_end && source->failure.status == RK_OK) {
        enum rk_status status = wait_for_bytes(source);
        ssize_t n;

        if (status != RK_OK)
            return status;
        n = read(source->fd, to, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail(source, RK_EIO, "cannot read: ", strerror(errno));
        source->raw_end = n == 0;
        if (n == 0)
            check_size(source);
        *length = n > 0 ? (size_t)n : 0;
        source->n_raw += *length;
        break;
    }
    return RK_OK;
}

/* --- gzip ----------------------------------------------------------------------------------- */

static enum rk_status refill_raw(struct csv_source *source)
{
    source->raw.next = 0;
    return read_raw(source, source->raw.bytes, source->raw.capacity, &source->raw.length);
}

/* Between members there may be another, zeros that pad a tape's block, or the end. */
static void start_member(struct csv_source *source)
{
    struct csv_bytes *raw = &source->raw;

    while (raw->next < raw->length && raw->bytes[raw->next] == '\0')
        raw->next++;
    if (raw->next == raw->length)
        return;
    if ((unsigned char)raw->bytes[raw->next] != 0x1f)
        fail(source, RK_EINPUT, "bytes that are no gzip follow the compressed data", "");
    else if (inflateReset(source->inflating) == Z_OK)
        source->in_member = true;
}

/* A small file can unpack to more than the machine holds: unless told otherwise, more than 1 GB is
 * taken only from a file that is not packed more than a hundredfold. */
static void check_bound(struct csv_source *source)
{
    if (source->most_unpacked > 0.0
            ? (double)source->n_unpacked > source->most_unpacked
            : source->n_unpacked > 1000000000 && source->n_unpacked / 100 > source->n_raw)
        fail(source, RK_EINPUT, "unpacks to more than is taken from a file of this size",
             " (see --max-unpacked)");
}

static void inflate_raw(struct csv_source *source, char *to, size_t size, size_t *length)
{
    z_stream *stream = source->inflating;
    struct csv_bytes *raw = &source->raw;
    int how;

    stream->next_in = (unsigned char *)raw->bytes + raw->next;
    stream->avail_in = (uInt)(raw->length - raw->next);
    stream->next_out = (unsigned char *)to;
    stream->avail_out = (uInt)size;
    how = inflate(stream, Z_NO_FLUSH);
    raw->next = raw->length - stream->avail_in;
    *length = size - stream->avail_out;
    source->n_unpacked += *length;
    if (how == Z_STREAM_END)
        source->in_member = false;
    else if (how != Z_OK && how != Z_BUF_ERROR)
        fail(source, RK_EINPUT, "the compressed data are damaged",
             stream->msg == NULL ? "" : " (checksum or structure)");
    check_bound(source);
}

static enum rk_status read_gzip(struct csv_source *source, char *to, size_t size, size_t *length)
{
    enum rk_status status = RK_OK;

    *length = 0;
    while (status == RK_OK && *length == 0 && source->failure.status == RK_OK) {
        if (source->raw.next == source->raw.length) {
            status = refill_raw(source);
            if (status != RK_OK || source->failure.status != RK_OK)
                break;
            if (source->raw_end && source->in_member)
                fail(source, RK_EINPUT, "the compressed data end too early", "");
            if (source->raw_end)
                break;
        }
        if (!source->in_member)
            start_member(source);
        if (source->in_member)
            inflate_raw(source, to, size < (1U << 30) ? size : (1U << 30), length);
    }
    return status;
}

static bool start_gzip(struct csv_source *source)
{
    z_stream *stream = calloc(1, sizeof *stream);

    source->inflating = stream;
    source->in_member = true;
    return stream != NULL && inflateInit2(stream, 15 + 16) == Z_OK;
}

/* --- unpacked bytes ------------------------------------------------------------------------- */

static enum rk_status read_unpacked(struct csv_source *source, char *to, size_t size,
                                    size_t *length)
{
    struct csv_bytes *head = &source->head;
    enum rk_status status;

    if (head->next < head->length) {
        size_t left = head->length - head->next;

        *length = left < size ? left : size;
        memcpy(to, head->bytes + head->next, *length);
        head->next += *length;
        return RK_OK;
    }
    status = source->inflating != NULL ? read_gzip(source, to, size, length)
                                       : read_raw(source, to, size, length);
    XXH3_64bits_update(source->digest, to, *length);
    return status;
}

/* --- encodings ------------------------------------------------------------------------------ */

static bool is_utf8(const char *encoding)
{
    return encoding[0] == '\0' || strcasecmp(encoding, "utf-8") == 0 ||
           strcasecmp(encoding, "utf8") == 0;
}

/* A slash would let iconv drop or replace what it cannot read. RK_OK; RK_EUSAGE; RK_ENOMEM. glibc
 * also says that an encoding is not known where it had no memory to look: it is asked twice, and
 * then whether there is some. */
static enum rk_status open_converter(const char *encoding, iconv_t *converter)
{
    char *probe;

    if (strchr(encoding, '/') != NULL)
        return RK_EUSAGE;
    errno = 0;
    for (int attempt = 0; attempt < 2; attempt++) {
        *converter = iconv_open("UTF-8", encoding);
        if (*converter != (iconv_t)-1)
            return RK_OK;
    }
    probe = errno == ENOMEM ? NULL : malloc(PIECE);
    if (probe == NULL)
        return RK_ENOMEM;
    free(probe);
    return RK_EUSAGE;
}

bool rk_encoding_known(const char *encoding)
{
    iconv_t converter;
    enum rk_status status;

    if (strlen(encoding) >= RK_ENCODING_SIZE)
        return false;
    if (is_utf8(encoding))
        return true;
    status = open_converter(encoding, &converter);
    if (status == RK_OK)
        iconv_close(converter);
    return status != RK_EUSAGE; /* reading will tell of memory */
}

static void convert(struct csv_source *source)
{
    struct csv_bytes *packed = &source->packed, *text = &source->text;
    char *in = packed->bytes + packed->next, *out = text->bytes;
    size_t in_left = packed->length - packed->next, out_left = text->capacity;
    size_t done = iconv(source->converter, &in, &in_left, &out, &out_left);
    int why = errno;
    char words[64];

    packed->next = packed->length - in_left;
    text->next = 0;
    text->length = text->capacity - out_left;
    if (done != (size_t)-1 || why == E2BIG || text->length > 0)
        return;
    if (why == EINVAL && !source->packed_end)
        return; /* half a character: the rest is to come */
    if (why == EINVAL)
        snprintf(words, sizeof words, "the text ends inside a character of ");
    else
        snprintf(words, sizeof words, "byte 0x%02x is not valid ", (unsigned char)*in);
    fail(source, RK_EINPUT, words, source->encoding);
    source->failed_behind = true;
}

static enum rk_status refill_packed(struct csv_source *source)
{
    struct csv_bytes *packed = &source->packed;
    size_t left = packed->length - packed->next, n;
    enum rk_status status;

    memmove(packed->bytes, packed->bytes + packed->next, left);
    packed->next = 0;
    packed->length = left;
    status = read_unpacked(source, packed->bytes + left, packed->capacity - left, &n);
    packed->length += n;
    source->packed_end = status == RK_OK && n == 0;
    return status;
}

static enum rk_status read_converted(struct csv_source *source, char *to, size_t size,
                                     size_t *length)
{
    struct csv_bytes *packed = &source->packed, *text = &source->text;
    enum rk_status status = RK_OK;

    while (status == RK_OK && text->next == text->length && source->failure.status == RK_OK) {
        size_t before = packed->next;

        if (packed->next < packed->length)
            convert(source);
        if (packed->next == before && source->failure.status == RK_OK) {
            if (source->packed_end)
                break;
            status = refill_packed(source);
        }
    }
    *length = text->length - text->next < size ? text->length - text->next : size;
    memcpy(to, text->bytes + text->next, *length);
    text->next += *length;
    return status;
}

/* A mark says what the text is, whatever the option says. */
static enum rk_status choose_encoding(struct csv_source *source, const char *encoding,
                                      struct rk_error *error)
{
    static const struct {
        const char *bytes, *encoding;
    } marks[] = {{"\xef\xbb\xbf", "UTF-8"}, {"\xff\xfe", "UTF-16LE"}, {"\xfe\xff", "UTF-16BE"}};
    struct csv_bytes *head = &source->head;
    enum rk_status status;

    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        size_t n = strlen(marks[i].bytes);

        if (head->length >= n && memcmp(head->bytes, marks[i].bytes, n) == 0) {
            encoding = marks[i].encoding;
            head->next = n;
            break;
        }
    }
    if (is_utf8(encoding))
        return RK_OK;
    snprintf(source->encoding, sizeof source->encoding, "%s", encoding);
    status = open_converter(encoding, &source->converter);
    if (status != RK_OK) {
        source->converter = NULL;
        if (status == RK_ENOMEM)
            return rk_fail_memory(error);
        return rk_fail(error, RK_EUSAGE, "--encoding: '%s' is not known (iconv -l lists them)",
                       encoding);
    }
    return allocate(&source->packed, PIECE) && allocate(&source->text, 4 * PIECE)
               ? RK_OK
               : rk_fail_memory(error);
}

/* --- all of it ------------------------------------------------------------------------------ */

/* Reads until there are as many bytes as a mark has, or the end. */
static enum rk_status look_at_first_bytes(struct csv_source *source, struct rk_error *error)
{
    struct csv_bytes *raw = &source->raw, *head = &source->head;
    enum rk_status status = RK_OK;
    size_t n = 1;

    while (status == RK_OK && raw->length < 4 && n > 0) {
        status = read_raw(source, raw->bytes + raw->length, raw->capacity - raw->length, &n);
        raw->length += n;
    }
    if (raw->length >= 3 && memcmp(raw->bytes, "\x1f\x8b\x08", 3) == 0) {
        if (!start_gzip(source) || !allocate(head, PIECE))
            return rk_fail_memory(error);
        for (n = 1; status == RK_OK && head->length < 4 && n > 0; head->length += n)
            status =
                read_gzip(source, head->bytes + head->length, head->capacity - head->length, &n);
    } else {
        *head = *raw;
        *raw = (struct csv_bytes){0};
    }
    XXH3_64bits_update(source->digest, head->bytes, head->length);
    if (status != RK_OK)
        rk_fail(error, status, "%s", rk_status_words(status));
    return status;
}

enum rk_status csv_source_open(struct csv_source *source, const char *path,
                               const struct rk_csv_options *options, const struct rk_ctx *ctx,
                               struct rk_error *error)
{
    bool is_stdin = path == NULL || strcmp(path, "-") == 0;
    struct stat about;
    enum rk_status status;

    *source = (struct csv_source){.name = is_stdin ? "standard input" : path,
                                  .ctx = ctx,
                                  .fd = -1,
                                  .most_unpacked = options->max_unpacked};
    source->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0) {
        rk_fail(error, RK_EIO, "cannot open: %s", strerror(errno));
        return rk_fail_at(error, source->name, 0, NULL);
    }
    if (fstat(source->fd, &about) == 0) {
        source->may_wait = !S_ISREG(about.st_mode);
        source->size = source->may_wait ? 0 : about.st_size;
    }
    source->digest = XXH3_createState();
    if (source->digest == NULL || !allocate(&source->raw, PIECE))
        return rk_fail_memory(error);
    XXH3_64bits_reset(source->digest);
    status = look_at_first_bytes(source, error);
    return status == RK_OK ? choose_encoding(source, options->encoding, error) : status;
}

void csv_source_close(struct csv_source *source)
{
    if (source->fd > STDIN_FILENO)
        close(source->fd);
    if (source->inflating != NULL)
        inflateEnd(source->inflating);
    free(source->inflating);
    if (source->converter != NULL)
        iconv_close(source->converter);
    XXH3_freeState(source->digest);
    free(source->raw.bytes);
    free(source->head.bytes);
    free(source->packed.bytes);
    free(source->text.bytes);
}

enum rk_status csv_source_read(struct csv_source *source, char *to, size_t size, size_t *length)
{
    enum rk_status status = RK_OK;
    size_t n = 1;

    for (*length = 0; status == RK_OK && *length < size && n > 0; *length += n)
        status = source->converter != NULL
                     ? read_converted(source, to + *length, size - *length, &n)
                     : read_unpacked(source, to + *length, size - *length, &n);
    return status;
}

double rk_csv_size(const char *path)
{
    struct stat about;

    if (path == NULL || strcmp(path, "-") == 0 || stat(path, &about) != 0 ||
        !S_ISREG(about.st_mode))
        return 0.0;
    return (double)about.st_size;
}
