/* Where cells end: the bytes of a block that mean something. Private to src/table. */
#ifndef REPKIT_CSV_MARKS_H
#define REPKIT_CSV_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Writes the places of all delimiters, CR, LF and double quotes in bytes[0 .. length-1] to mark,
 * which has room for length + 64. At least 64 bytes behind the last may be read, whatever they are.
 * *odd says whether any byte is NUL or beyond ASCII. Returns the number of places. */
size_t csv_find_marks(const char *bytes, size_t length, char delimiter, uint32_t *mark, bool *odd);

/* Finds the number of bytes in whole records, up to the last line end outside quotes (0 for none; a
 * CR that is the last byte may be half a line end and is none). False if a quote stands where it
 * neither opens nor closes a field: then a slower look has to tell what it is. As above, 64 bytes
 * behind the last may be read. */
bool csv_whole_records(const char *bytes, size_t length, char delimiter, size_t *whole);

/* The same on any processor: what the tests compare them with. */
size_t csv_find_marks_portably(const char *bytes, size_t length, char delimiter, uint32_t *mark,
                               bool *odd);
bool csv_whole_records_portably(const char *bytes, size_t length, char delimiter, size_t *whole);

/* The place of the first byte that is NUL or no part of valid UTF-8 (RFC 3629), or length. */
size_t csv_first_invalid(const char *bytes, size_t length);

#endif
