/* The one result type: several named tables, warnings, explanations and meta. Every analysis fills
 * it and every format is rendered from it. */
#ifndef REPKIT_RESULT_H
#define REPKIT_RESULT_H

#include "repkit/table.h"

/* One column of a result table, as an analysis declares it. */
struct rk_field {
    const char *name;
    enum rk_type type;
    enum rk_format format;
};

struct rk_warning {
    char *code;  /* stable, e.g. "pooled" */
    char *text;  /* one sentence that says what to do */
    size_t more; /* how many of that code came after it and were only counted */
};

struct rk_result {
    struct rk_table **table; /* in the order they were declared; the first is the main one */
    size_t n_tables;
    struct rk_warning *warning; /* each code and text once */
    size_t n_warnings;

    /* meta */
    bool random;                 /* whether the seed matters */
    size_t rows_read, rows_used; /* rows_used: those the analyses stood on, see rk_run_groups */
    double conf_level;           /* NaN where there is none */
    double months_measured;      /* what estimates of an effect stand on; NaN where not known */

    /* The group that rows are being added for: its columns come first in every table. */
    struct rk_names group_columns;
    struct rk_names group_labels; /* "" stands for missing */
    void *tally; /* what an analysis counts beside its rows, see rk_group_work; not the result's */

    enum rk_status status; /* the first failed allocation; further calls do nothing */
};

struct rk_result *rk_result_new(void); /* NULL when out of memory */
void rk_result_free(struct rk_result *result);

/* Declares the group columns; before any table. */
void rk_result_group_by(struct rk_result *result, const struct rk_names *columns);

/* Declares a table with these fields (after the group columns), or finds it if it is there.
 * Returns its index, good for ever; 0 if memory failed (result->status says so). */
size_t rk_result_declare(struct rk_result *result, const char *name, const struct rk_field *fields,
                         size_t n_fields);

/* Starts a new row of a declared table, of missing values, with the group's labels filled in.
 * The setters below write to the last row; `field` indexes the declared fields. */
void rk_result_row(struct rk_result *result, size_t table);
void rk_put(struct rk_result *result, size_t table, size_t field, double value);
void rk_put_text(struct rk_result *result, size_t table, size_t field, const char *text);

/* Says that an effect was measured over the periods first .. last of a kind: sets months_measured,
 * unless it is longer already. Plain integers and RK_TIME_NONE say nothing of months. */
void rk_result_measured(struct rk_result *result, enum rk_time_kind kind, int64_t first,
                        int64_t last);

/* The declared table of that name, or NULL. */
struct rk_table *rk_result_table(const struct rk_result *result, const char *name);
/* The column index of a declared field (after the group columns). */
size_t rk_result_column(const struct rk_result *result, size_t field);

/* Adds one row to the main table with nothing but the group and the status' words in its `note`. */
void rk_result_fail_row(struct rk_result *result, enum rk_status status);

/* Adds a sentence for a manager and one as a paper would print it, to the table `explain`
 * (row,manager,paper), which is declared on first use. */
void rk_result_explain(struct rk_result *result, const char *row, const char *manager,
                       const char *paper);

/* Adds a warning unless the same code and text are there already; of one code at most five, further
 * ones are counted (a run over 2,000 groups is not to print 2,000 lines). Analyses go through
 * analysis/warnings.h, which knows the codes. */
void rk_result_warn(struct rk_result *result, const char *code, const char *text);

/* Adds the rows and warnings of a result that was filled apart, for further groups of the same
 * columns, as if they had been added here one after another. `part` is only looked at. */
void rk_result_append(struct rk_result *result, const struct rk_result *part);

#endif
