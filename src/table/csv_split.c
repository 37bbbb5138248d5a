/* A record with quotes, from mark to mark. */
#include "csv_split.h"

#include <string.h>

/* Goes behind the cell in quotes that begins at `at`, the place of *mark. */
static bool pass_quoted(const struct csv_split *split, size_t at, const uint32_t **mark,
                        size_t *n_lines, struct csv_span *span)
{
    const char *bytes = split->bytes;
    const uint32_t *m = *mark + 1;

    *span = (struct csv_span){.cell = bytes + at + 1};
    for (; *m != UINT32_MAX; m++) {
        size_t i = *m;

        if (bytes[i] == '\n' ||
            (bytes[i] == '\r' && (i + 1 >= split->length || bytes[i + 1] != '\n'))) {
            ++*n_lines;
        } else if (bytes[i] == '"') {
            if (m[1] != i + 1) /* the end of the bytes is a mark, too */
                return false;
            if (bytes[i + 1] != '"') {
                span->length = i - at - 1;
                *mark = m + 1;
                return true;
            }
            span->doubled = true;
            m++;
        }
    }
    return false;
}

/* Goes to the end of the cell without quotes around it that begins at `at`. */
static void pass_plain(const struct csv_split *split, size_t at, const uint32_t **mark,
                       struct csv_span *span)
{
    while (split->bytes[**mark] == '"') /* text as it stands */
        ++*mark;
    *span = (struct csv_span){.cell = split->bytes + at, .length = **mark - at};
}

bool csv_split_record(struct csv_split *split)
{
    const char *bytes = split->bytes;
    const uint32_t *mark = split->mark;
    size_t at = split->place, n_cells = 0, n_lines = 0;

    for (;; at = (size_t)*mark++ + 1) {
        struct csv_span beyond = {0},
                        *span = n_cells < split->n_spans ? &split->span[n_cells] : &beyond;

        n_cells++;
        if (bytes[at] != '"')
            pass_plain(split, at, &mark, span);
        else if (!pass_quoted(split, at, &mark, &n_lines, span))
            return false;
        if (bytes[*mark] != split->delimiter)
            break;
    }
    at = *mark++;
    if (at < split->length) {
        bool crlf = bytes[at] == '\r' && at + 1 < split->length && bytes[at + 1] == '\n';

        at += 1 + crlf;
        mark += crlf;
        n_lines++;
    }
    split->place = at;
    split->mark = mark;
    split->n_cells = n_cells;
    split->n_lines = n_lines;
    return true;
}

size_t csv_undouble(const struct csv_span *span, char *to)
{
    const char *from = span->cell, *end = from + span->length;
    char *out = to;

    while (from < end) {
        const char *quote = memchr(from, '"', (size_t)(end - from));
        size_t n = quote == NULL ? (size_t)(end - from) : (size_t)(quote - from) + 1;

        memcpy(out, from, n);
        out += n;
        from += n + (quote != NULL);
    }
    return (size_t)(out - to);
}
