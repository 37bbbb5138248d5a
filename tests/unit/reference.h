/* What unit tests share: reference values made by R, and comparison by relative error. */
#ifndef REPKIT_TEST_REFERENCE_H
#define REPKIT_TEST_REFERENCE_H

/* cmocka.h wants these four first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The value `name` of tests/reference/<topic>.csv (lines `name,value`, 17 digits, made by
 * tests/reference/<topic>.R). Elements of vectors are named name[1], name[2], ... A missing name
 * fails the test. "NA" reads as NaN. */
double reference(const char *topic, const char *name);
double reference_at(const char *topic, const char *name, size_t index_from_1);

/* Column `column` of tests/reference/data/<file>.csv as numbers, and its length; free() it. */
double *reference_data(const char *file, const char *column, size_t *n);

/* Fails unless |actual - expected| <= tolerance * |expected| (absolute when expected is 0), or both
 * are NaN, or both the same infinity. */
#define assert_close(actual, expected, tolerance) \
    assert_close_at((actual), (expected), (tolerance), #actual, __FILE__, __LINE__)
void assert_close_at(double actual, double expected, double tolerance, const char *what,
                     const char *file, int line);

#endif
