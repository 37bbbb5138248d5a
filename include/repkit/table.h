/* Tables: typed columns in memory. Inputs, results and the input of plots are all of this type, so
 * predicates, groups and rendering have one mechanism.
 *
 * The law of the project: inputs are const and borrowed; what a function named _new or _read
 * returns is the caller's and is freed by the matching _free, which accepts NULL; nothing else is
 * the caller's to free. */
#ifndef REPKIT_TABLE_H
#define REPKIT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "repkit/status.h"
#include "repkit/text.h"
#include "repkit/time.h"

/* --- dictionaries -------------------------------------------------------------------------- */

/* Distinct texts, numbered 0, 1, ... in the order they were first added. */
struct rk_dict;
#define RK_NO_CODE UINT32_MAX /* a missing text */

struct rk_dict *rk_dict_new(void); /* NULL when out of memory */
void rk_dict_free(struct rk_dict *dict);
size_t rk_dict_size(const struct rk_dict *dict);
const char *rk_dict_label(const struct rk_dict *dict, uint32_t code); /* NUL-terminated */
size_t rk_dict_length(const struct rk_dict *dict, uint32_t code);
/* The code of a text, added if it is new. RK_NO_CODE when out of memory. */
uint32_t rk_dict_code(struct rk_dict *dict, const char *text, size_t length);
/* The code of a text, or RK_NO_CODE if it is not there. */
uint32_t rk_dict_find(const struct rk_dict *dict, const char *text, size_t length);
/* Adds all labels of `from` in their order; code[k] gets the code of label k. RK_OK or RK_ENOMEM.
 */
enum rk_status rk_dict_join(struct rk_dict *dict, const struct rk_dict *from, uint32_t *code);
/* The same dictionary once more, for a second owner: rk_dict_free frees it when the last one has.
 * Labels that one owner adds the other has, too. Owners are of one thread. */
struct rk_dict *rk_dict_share(struct rk_dict *dict);

/* --- columns and tables -------------------------------------------------------------------- */

enum rk_type { RK_NUMBER, RK_TEXT, RK_TIME };

/* How people are shown a column of numbers; machine formats always carry full precision. */
enum rk_format {
    RK_GENERAL, /* rounded to --digits significant digits */
    RK_COUNT,   /* a whole number, all digits */
    RK_P_VALUE, /* <0.0001 */
    RK_LEVEL,   /* a confidence level or probability given by the user: as it is */
    RK_PEOPLE,  /* text that only people are shown: no column of CSV, TSV or JSON */
    RK_DATA,    /* a cell of data, no result: as it is; in CSV empty, not NA, where missing */
};

struct rk_column {
    char *name;
    enum rk_type type;
    enum rk_format format;
    enum rk_time_kind time_kind; /* of RK_TIME */
    double *number;              /* RK_NUMBER, RK_TIME (ordinals): one a row, NaN where missing */
    uint32_t *code;              /* RK_TEXT: one a row, RK_NO_CODE where missing */
    struct rk_dict *dict;        /* RK_TEXT; each column owns its own */
    /* Numbers and times may have both, too: then a cell with a code is written as its label says
     * (1.50, 007), not as its number would be. See rk_table_keep_written. */
};

struct rk_table {
    char *name; /* of the file as it was given, or of the result table */
    size_t n_rows, n_columns, capacity;
    struct rk_column *column;
    /* Where each row stood in the file: rows from line_map[i].row on stand at
     * line_map[i].line + (row - line_map[i].row). Empty for results. */
    struct rk_line_mark {
        size_t row, line;
    } * line_map;
    size_t n_line_marks;
    /* Rows that had more or fewer cells than the header, by their place in the file. */
    struct rk_ragged {
        size_t row, n_cells;
    } * ragged;
    size_t n_ragged;
    char delimiter;        /* of the file; 0 for results */
    size_t rows_read;      /* data rows in the file, before --where */
    size_t n_bad;          /* cells that --on-bad na made missing */
    struct rk_names mixed; /* of columns read as text though half of the cells are numbers: what
                              was seen, "column 'quota' is text: 34 of 40 cells ..." */
    uint64_t digest;       /* XXH3 of the input's bytes */
    uint64_t n_bytes;      /* of the input, before it was unpacked */
};

struct rk_table *rk_table_new(const char *name); /* NULL when out of memory */
void rk_table_free(struct rk_table *table);

/* Adds a column, of missing values if there are rows. RK_OK or RK_ENOMEM. Pointers to columns
 * do not survive it. */
enum rk_status rk_table_add_column(struct rk_table *table, const char *name, enum rk_type type,
                                   enum rk_format format);
/* Lets the cells of a number or time column say how they are written: each has no code at first.
 * RK_OK or RK_ENOMEM. */
enum rk_status rk_table_keep_written(struct rk_table *table, size_t column);
/* Room for that many rows, without adding any. RK_OK or RK_ENOMEM. */
enum rk_status rk_table_reserve(struct rk_table *table, size_t n_rows);
/* Adds a row of missing values, or several. RK_OK or RK_ENOMEM. */
enum rk_status rk_table_add_row(struct rk_table *table);
enum rk_status rk_table_add_rows(struct rk_table *table, size_t n_rows);
void rk_table_set_number(struct rk_table *table, size_t row, size_t column, double value);
/* text may be NULL for missing. RK_OK or RK_ENOMEM. */
enum rk_status rk_table_set_text(struct rk_table *table, size_t row, size_t column,
                                 const char *text);

/* The index of the first column of that name, or SIZE_MAX. */
size_t rk_table_find(const struct rk_table *table, const char *name);
/* The same for one type: a file's column may have been read both as text and as number. A time
 * column also answers to RK_NUMBER (its ordinals). */
size_t rk_table_find_typed(const struct rk_table *table, const char *name, enum rk_type type);
/* The text of a cell, or NULL where it is missing or no text. */
const char *rk_table_text(const struct rk_table *table, size_t row, size_t column);
bool rk_table_is_missing(const struct rk_table *table, size_t row, size_t column);
/* The line of the file on which a row begins, or 0. */
size_t rk_table_line(const struct rk_table *table, size_t row);

/* Says that a row begins on a line; rows in ascending order, those between follow line by line.
 * RK_OK or RK_ENOMEM. */
enum rk_status rk_table_mark_line(struct rk_table *table, size_t row, size_t line);

/* Says that a row of the file has that many cells. RK_OK or RK_ENOMEM. */
enum rk_status rk_table_mark_ragged(struct rk_table *table, size_t row, size_t n_cells);

/* Keeps the rows whose flag is set (keep has n_rows flags), in order. RK_OK or RK_ENOMEM (the table
 * unchanged). */
enum rk_status rk_table_keep(struct rk_table *table, const bool *keep);
/* Adds the rows of another table that has the same columns in the same order; `further` is only
 * looked at, and where its rows stood in a file is not taken over. RK_OK or RK_ENOMEM (the table
 * may then know further labels, but has no further rows). */
enum rk_status rk_table_append(struct rk_table *table, const struct rk_table *further);
/* A copy of the given rows, all columns. NULL when out of memory. */
struct rk_table *rk_table_rows(const struct rk_table *table, const size_t *rows, size_t n_rows);
/* The same for several lists that follow one another: list k, rows[start[k]] .. rows[start[k+1]-1],
 * fills copy[k]. Their rows often lie side by side, so that a column is gone through but once.
 * RK_OK or RK_ENOMEM (copy unchanged). */
enum rk_status rk_table_parts(const struct rk_table *table, const size_t *rows, const size_t *start,
                              size_t n_parts, struct rk_table **copy);

/* The cell as the machine formats write it: text as it is, numbers in full precision, times as
 * written (numbers, too, where the column keeps that), nothing (and false) where it is missing. */
bool rk_table_cell(const struct rk_table *table, size_t row, size_t column, struct rk_text *out);

/* --- groups -------------------------------------------------------------------------------- */

/* Rows by the distinct values of some columns, numbered in first-seen order. */
struct rk_groups {
    size_t n_groups;
    uint32_t *group;   /* one a row */
    size_t *first_row; /* one a group: where it was first seen */
    size_t *start;     /* n_groups + 1: group g's rows are rows[start[g]] .. rows[start[g+1]-1] */
    size_t *rows;      /* all rows, by group, in the table's order */
};

/* A missing value is a value of its own. RK_OK or RK_ENOMEM; *groups unchanged on failure. */
enum rk_status rk_groups_by(const struct rk_table *table, const size_t *columns, size_t n_columns,
                            struct rk_groups *groups);
void rk_groups_free(struct rk_groups *groups);

/* The levels of a text column in the order INTERFACE fixes for two levels: numbers and dates
 * ascending; before/after, pre/post, control/treated, no/yes, off/on, false/true as they are;
 * other text by byte order. Fills order (rk_dict_size codes, only those present in the rows of
 * the table) and *n. */
enum rk_status rk_level_order(const struct rk_table *table, size_t column, uint32_t **order,
                              size_t *n);

#endif
