/* Where a record ends that may have line ends in quotes, and whether its quotes are right: libcsv
 * neither counts lines nor tells `ab"c` (text as it stands) from `"ab"c` (an error). */
#include "csv_rows.h"

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
