/* What the tests of the CSV reader share: a file that is written, read and removed. */
#ifndef REPKIT_TEST_CSV_FILE_H
#define REPKIT_TEST_CSV_FILE_H

#include "reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repkit/csv.h"

static char path[] = "/tmp/repkit-test-XXXXXX";

static inline void put_file(const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static inline enum rk_status read_with(const char *text, const struct rk_wants *wants,
                                       const struct rk_csv_options *options,
                                       struct rk_table **table, struct rk_error *error)
{
    put_file(text, strlen(text));
    return rk_csv_read(path, wants, options, NULL, table, error);
}

static inline struct rk_table *read_all(const char *text)
{
    const struct rk_wants wants = {.all = true};
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_table *table = NULL;
    struct rk_error error = {0};

    if (read_with(text, &wants, &options, &table, &error) != RK_OK)
        fail_msg("%s", error.text);
    return table;
}

static inline void refused(const char *text, const char *name, enum rk_role role, size_t line,
                           const char *words)
{
    struct rk_wants wants = {.all = name == NULL};
    const struct rk_csv_options options = RK_CSV_DEFAULT;
    struct rk_table *table = NULL;
    struct rk_error error = {0};

    if (name != NULL)
        assert_int_equal(rk_wants_add(&wants, name, role), RK_OK);
    assert_int_equal(read_with(text, &wants, &options, &table, &error), RK_EINPUT);
    assert_null(table);
    assert_int_equal(error.line, line);
    if (strstr(error.text, words) == NULL)
        fail_msg("'%s' does not say '%s'", error.text, words);
    rk_wants_free(&wants);
}

static inline enum rk_status read_file(const struct rk_csv_options *options,
                                       struct rk_table **table, struct rk_error *error)
{
    const struct rk_wants wants = {.all = true};

    return rk_csv_read(path, &wants, options, NULL, table, error);
}

static inline int make_file(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static inline int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

#endif
