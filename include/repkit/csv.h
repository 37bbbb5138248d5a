/* Reading a CSV file, standard input or a pipe into a table. */
#ifndef REPKIT_CSV_H
#define REPKIT_CSV_H

#include "repkit/context.h"
#include "repkit/table.h"

/* What a column is wanted for. */
enum rk_role {
    RK_AS_FOUND,  /* number, time or text, by what the cells are */
    RK_AS_NUMBER, /* a cell that is no number is an error (or missing, see bad_is_missing) */
    RK_AS_LABEL,  /* text to the byte: groups, units, labels */
    RK_AS_TIME,   /* one kind of calendar value or integer */
    RK_AS_NUMBER_OR_LABEL /* as number, unless nine in ten cells are none: then text */
};

/* The columns an analysis wants, each with its role. The same name may be wanted in two roles. */
struct rk_wants {
    struct rk_want {
        char *name;
        enum rk_role role;
        bool optional; /* a file without it is no error, a table without it the result */
        bool aside;    /* only looked at by the way: that it is text needs no remark */
    } * want;
    size_t n;
    struct rk_names compared; /* those of them that may be texts without their quotes */
    bool all;                 /* every column, beside those named */
    enum rk_role all_role;    /* in this role; zero is RK_AS_FOUND */
    bool numbers;             /* as found, and only if it is of numbers */
    /* For what depends on the header: called once with its names, it may add to these wants. NULL
     * for none. */
    enum rk_status (*choose)(void *data, const struct rk_names *header, struct rk_error *error);
    void *choose_data;
};
enum rk_status rk_wants_add(struct rk_wants *wants, const char *name, enum rk_role role);
/* The same for a column that may be absent. */
enum rk_status rk_wants_maybe(struct rk_wants *wants, const char *name, enum rk_role role);
enum rk_status rk_wants_names(struct rk_wants *wants, const struct rk_names *names,
                              enum rk_role role);
void rk_wants_free(struct rk_wants *wants);

/* The same for columns that only choose rows, see `aside`. */
enum rk_status rk_wants_aside(struct rk_wants *wants, const struct rk_names *names);
/* "no column 'revnue'; did you mean 'revenue'?" as RK_EINPUT. */
enum rk_status rk_no_column(const char *name, const struct rk_names *columns,
                            struct rk_error *error);
/* Adds to such an error what else may have been meant: "; a text stands in quotes: "North"". */
void rk_no_column_but_text(const char *name, struct rk_error *error);

enum { RK_ENCODING_SIZE = 40 };

struct rk_csv_options {
    char delimiter;      /* 0: detected from the header line */
    char decimal;        /* '.' or ',' */
    bool bad_is_missing; /* --on-bad na */
    enum rk_date_order date_order;
    enum rk_calendar calendar;
    struct rk_names na;              /* further missing-value words */
    bool header_only_ok;             /* a header without rows is a table without rows, no error */
    char encoding[RK_ENCODING_SIZE]; /* as iconv names it; "": UTF-8. A byte-order mark wins */
    bool any_names;                  /* empty and duplicate column names are kept, not refused */
    bool any_length;     /* ragged rows are padded or cut, and listed in table->ragged */
    double max_unpacked; /* bytes that a gzip may unpack to; 0: 1e9, or 100 times its own size */
};
#define RK_CSV_DEFAULT \
    {                  \
        .decimal = '.' \
    }

/* Whether the encoding can be read: UTF-8, or one that iconv knows. True also where there was no
 * memory to ask: reading it tells then. */
bool rk_encoding_known(const char *encoding);

/* Reads the whole input; path NULL or "-" is standard input. Only the wanted columns are kept.
 * gzip is unpacked, UTF-16 with a byte-order mark and options->encoding are converted. Blocks are
 * parsed by ctx->threads; the table does not depend on them, and an error is that of the first
 * faulty place in the file.
 * Returns RK_OK; RK_EIO (cannot open or read); RK_EINPUT with line and column (bad cell, ragged
 * row, unknown column, no rows, quotes, encoding, ...); RK_EUSAGE (an encoding that is not known);
 * RK_ENOMEM; or what ctx's cancel says. *table is unchanged on failure. */
enum rk_status rk_csv_read(const char *path, const struct rk_wants *wants,
                           const struct rk_csv_options *options, const struct rk_ctx *ctx,
                           struct rk_table **table, struct rk_error *error);

/* What is done with rows that are read block by block and not kept. */
struct rk_row_work {
    void *data;
    /* Makes a part of the rows of one block: a table of the wanted columns, which it may change and
     * which is gone afterwards. Its lines are counted in the block; that of an error is put right.
     * Called for several blocks at once; *part is NULL before. */
    enum rk_status (*make)(void *data, struct rk_table *rows, void **part, struct rk_error *error);
    /* Takes the part over and frees it, also on failure. One call at a time. */
    enum rk_status (*take)(void *data, void *part, struct rk_error *error);
    /* Frees a part that is not taken. */
    void (*drop)(void *part);
};

/* rk_csv_read without keeping the rows: memory does not grow with them. Blocks do not depend on
 * ctx->threads, and their parts are taken in the order of the input; but blocks whose times only
 * later ones explain (dates with the day or the month first, none at all) are kept, and come last.
 * Fills *about with the columns, without rows: rows_read, n_bad, delimiter and digest are the
 * input's. Returns what rk_csv_read does, or the first failure of `work`. options->any_length is
 * not for this. *about is unchanged on failure. */
enum rk_status rk_csv_each(const char *path, const struct rk_wants *wants,
                           const struct rk_csv_options *options, const struct rk_ctx *ctx,
                           const struct rk_row_work *work, struct rk_table **about,
                           struct rk_error *error);

/* The bytes of a file that can be read more than once; 0 for standard input, a pipe, or none. */
double rk_csv_size(const char *path);

#endif
