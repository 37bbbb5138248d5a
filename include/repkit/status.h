/* What a repkit call can come to: one status, one error record, one table of words.
 *
 * The library returns enum rk_status, fills an optional struct rk_error and never prints or exits.
 * src/base/status.c holds, for each status, the exit status of a tool and the words of the `note`
 * column, so that the two cannot drift apart. */
#ifndef REPKIT_STATUS_H
#define REPKIT_STATUS_H

#include <stdbool.h>
#include <stddef.h>

enum rk_status {
    RK_OK = 0,
    RK_EASSERT,     /* an --assert does not hold */
    RK_EUSAGE,      /* the command line is wrong */
    RK_EINPUT,      /* the input is wrong: column, cell, row, encoding */
    RK_ENODATA,     /* no rows left */
    RK_ETOOFEW,     /* too few values for the method */
    RK_ECONSTANT,   /* no variation */
    RK_ESINGULAR,   /* no column is linearly independent */
    RK_EPERFECT,    /* residuals vanish: estimates stand, their errors do not */
    RK_ENOCONVERGE, /* an iteration did not settle */
    RK_EONECLUSTER, /* clustered errors need at least two clusters */
    RK_EDOMAIN,     /* undefined for these values */
    RK_ESTRICT,     /* a warning under --strict */
    RK_EIO,         /* reading or writing failed */
    RK_ENOMEM,      /* out of memory */
    RK_EINTERRUPT,  /* SIGINT */
    RK_ETERMINATE,  /* SIGTERM */
    RK_STATUS_COUNT
};

/* Where and why a call failed. Text is one line without the tool's name and without a newline;
 * file and column are empty and line is 0 where they do not apply. */
struct rk_error {
    enum rk_status status;
    char file[256];
    size_t line;
    char column[128];
    char text[640];
};

/* The exit status of a tool that ends with this status. This function can't fail. */
int rk_status_exit(enum rk_status status);

/* The words of the `note` column for an undefined number, e.g. "no variation". "" for RK_OK. */
const char *rk_status_words(enum rk_status status);

/* Whether the status says that the numbers do not allow the analysis (exit 4), as against a wrong
 * command, wrong input or a failing machine: such a group becomes a row of NA. */
bool rk_status_is_undefined(enum rk_status status);

/* status, which is that of a failure. To say so here, in each file that fails, keeps compilers and
 * analyzers, which see one file at a time, from following paths on which a failure succeeds. */
static inline enum rk_status rk_failure(enum rk_status status)
{
    return status != RK_OK ? status : RK_EINPUT;
}

/* Fills *error (which may be NULL) with the status, which is not RK_OK, and the formatted text,
 * clears its place, and returns the status, so that a caller can write
 * `return rk_fail(error, RK_EINPUT, "...")`. */
#define rk_fail(...) rk_failure(rk_fill_error(__VA_ARGS__))
enum rk_status rk_fill_error(struct rk_error *error, enum rk_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds the place to an error already filled; NULL or 0 leave a part as it is. Returns its status;
 * RK_EINPUT if error is NULL, for it is input that has places. */
#define rk_fail_at(...) rk_failure(rk_fill_place(__VA_ARGS__))
enum rk_status rk_fill_place(struct rk_error *error, const char *file, size_t line,
                             const char *column);

/* rk_fail with RK_ENOMEM and the words for it. */
static inline enum rk_status rk_fail_memory(struct rk_error *error)
{
    rk_fill_error(error, RK_ENOMEM, "out of memory");
    return RK_ENOMEM;
}

#endif
