/* One record: where it ends, why it cannot be read, and libcsv as it is used here. */
#include "csv_records.h"

/* The field in quotes that begins at *i; *i is put behind its closing quote. */
static bool scan_quoted(const char *bytes, size_t length, size_t *i, size_t *n_lines)
{
    size_t at = *i + 1;

    for (;; at += 2) {
        for (; at < length && bytes[at] != '"'; at++)
            *n_lines += bytes[at] == '\n' ||
                        (bytes[at] == '\r' && (at + 1 >= length || bytes[at + 1] != '\n'));
        if (at >= length)
            return false;
        if (at + 1 >= length || bytes[at + 1] != '"')
            break;
    }
    *i = at + 1;
    return true;
}

enum csv_record_end csv_scan_record(const char *bytes, size_t length, size_t start, char delimiter,
                                    size_t *end, size_t *next, size_t *n_lines)
{
    size_t i = start;
    bool at_field_start = true;

    *n_lines = 0;
    while (i < length) {
        char c = bytes[i];

        if (c == '"' && at_field_start) {
            if (!scan_quoted(bytes, length, &i, n_lines))
                return CSV_OPEN_QUOTE;
            if (i < length && bytes[i] != delimiter && bytes[i] != '\n' && bytes[i] != '\r')
                return CSV_AFTER_QUOTE;
            at_field_start = false;
        } else if (c == '\n' || c == '\r') {
            *end = i;
            *next = i + 1 + (c == '\r' && i + 1 < length && bytes[i + 1] == '\n');
            ++*n_lines;
            return CSV_RECORD;
        } else {
            at_field_start = c == delimiter;
            i++;
        }
    }
    *end = *next = length;
    return CSV_RECORD;
}

void csv_fail_invalid(unsigned char byte, struct rk_error *error)
{
    if (byte == '\0')
        rk_fail(error, RK_EINPUT, "NUL byte");
    else
        rk_fail(error, RK_EINPUT, "byte 0x%02x is not valid UTF-8 (see --encoding)", byte);
}

void csv_fail_quote(enum csv_record_end how, struct rk_error *error)
{
    rk_fail(error, RK_EINPUT,
            how == CSV_AFTER_QUOTE ? "text after a closing quote"
                                   : "a quote that begins here is never closed");
}

static int no_space(unsigned char c)
{
    (void)c;
    return 0; /* libcsv would trim unquoted cells; ours are kept to the byte */
}

enum rk_status csv_parser_start(struct csv_parser *parser, char delimiter)
{
    if (csv_init(parser, 0) != 0)
        return RK_ENOMEM;
    csv_set_delim(parser, (unsigned char)delimiter);
    csv_set_space_func(parser, no_space);
    csv_set_blk_size(parser, 1 << 16);
    return RK_OK;
}
