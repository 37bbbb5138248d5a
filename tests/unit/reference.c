#include "reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_BYTES = 4096 };

static FILE *open_reference(const char *folder, const char *file)
{
    char path[512];
    FILE *stream;

    snprintf(path, sizeof path, "tests/reference/%s%s.csv", folder, file);
    stream = fopen(path, "r");
    if (stream == NULL)
        fail_msg("cannot open %s (tests run from the root of the source tree)", path);
    return stream;
}

static double to_number(const char *text)
{
    return strncmp(text, "NA", 2) == 0 ? NAN : strtod(text, NULL);
}

double reference(const char *topic, const char *name)
{
    FILE *stream = open_reference("", topic);
    char line[LINE_MAX_BYTES];
    size_t length = strlen(name);

    while (fgets(line, sizeof line, stream) != NULL) {
        if (strncmp(line, name, length) == 0 && line[length] == ',') {
            fclose(stream);
            return to_number(line + length + 1);
        }
    }
    fclose(stream);
    fail_msg("no value '%s' in tests/reference/%s.csv", name, topic);
    return NAN;
}

double reference_at(const char *topic, const char *name, size_t index_from_1)
{
    char full[256];

    snprintf(full, sizeof full, "%s[%zu]", name, index_from_1);
    return reference(topic, full);
}

/* The field `index` of a line of plain CSV (no quotes), in place. */
static char *field_of(char *line, size_t index)
{
    char *field = line;

    line[strcspn(line, "\r\n")] = '\0';
    while (index-- > 0 && field != NULL) {
        field = strchr(field, ',');
        field = field == NULL ? NULL : field + 1;
    }
    if (field != NULL)
        field[strcspn(field, ",")] = '\0';
    return field;
}

double *reference_data(const char *file, const char *column, size_t *n)
{
    FILE *stream = open_reference("data/", file);
    char line[LINE_MAX_BYTES], copy[LINE_MAX_BYTES];
    double *values = NULL;
    size_t index = 0;
    const char *field;

    *n = 0;
    if (fgets(line, sizeof line, stream) == NULL)
        fail_msg("tests/reference/data/%s.csv is empty", file);
    do {
        memcpy(copy, line, sizeof line);
        field = field_of(copy, index++);
    } while (field != NULL && strcmp(field, column) != 0);
    if (field == NULL)
        fail_msg("no column '%s' in tests/reference/data/%s.csv", column, file);
    while (fgets(line, sizeof line, stream) != NULL) {
        values = realloc(values, (*n + 1) * sizeof *values);
        values[(*n)++] = to_number(field_of(line, index - 1));
    }
    fclose(stream);
    return values;
}

void assert_close_at(double actual, double expected, double tolerance, const char *what,
                     const char *file, int line)
{
    double scale = expected == 0.0 ? 1.0 : fabs(expected);

    if ((isnan(actual) && isnan(expected)) || actual == expected)
        return;
    if (!(fabs(actual - expected) <= tolerance * scale)) {
        print_error("%s is %.17g, expected %.17g (relative error %.3g, allowed %.3g)\n", what,
                    actual, expected, fabs(actual - expected) / scale, tolerance);
        _fail(file, line);
    }
}
