/* The parts of rep-panel: the files (panel_files.c), who the reps are (panel_reps.c), which
 * activities there are (panel_activities.c), in which period each event falls (panel_events.c), the
 * sums of each cell (panel_cells.c), the rows (panel.c) and what was left out, in words
 * (panel_words.c). */
#ifndef REPKIT_PANEL_PARTS_H
#define REPKIT_PANEL_PARTS_H

#include "repkit/panel.h"

/* --- reps ----------------------------------------------------------------------------------- */

struct rep {
    const char *label;   /* borrowed from the dictionary */
    int64_t hired, left; /* first and last day; INT64_MIN and INT64_MAX where nothing bounds them */
    bool bounded;        /* the roster says when */
    bool seen;           /* in a row of activities or deals */
    bool outside;        /* had an event outside its employment */
    size_t roster_row;   /* SIZE_MAX: not in the roster */
    int32_t first, last; /* periods of its events; first > last without */
    size_t unit;
};

struct reps {
    struct rk_dict *dict;
    struct rep *rep;
    size_t n;
    uint32_t *of_code[RK_PANEL_INPUTS];   /* by a file's code: the rep */
    size_t n_duplicates, first_duplicate; /* rows of the roster that repeat a rep */
    size_t n_nameless;                    /* rows of the roster without one */
};

/* --- activities ----------------------------------------------------------------------------- */

struct activities {
    bool wide;
    struct rk_dict *names; /* of the columns, in order */
    size_t n_mapped;       /* the first of them are those of --types */
    bool *found;           /* n_mapped: whether the file has any of its labels */
    uint32_t *of;          /* by code of the type, or of a wide file by table column: which name;
                              RK_NO_CODE for none; NULL: there is one activity */
};

/* --- events --------------------------------------------------------------------------------- */

enum { NO_PERIOD = INT32_MIN };
enum stream_kind { ACTIVITIES, OPENINGS, CLOSINGS, N_STREAMS };

/* The dates of one column, a row an event. */
struct stream {
    const struct rk_crm_file *file; /* NULL: there is none */
    const uint32_t *rep_code;
    const double *time;
    enum rk_time_kind time_kind;
    const unsigned char *is_event; /* by row; NULL: all are */
    int32_t *period;               /* by row, NO_PERIOD where nothing is counted */
    size_t n;                      /* counted */
    int32_t first, last;           /* periods of those counted */
    int64_t first_day, last_day;
    unsigned weekdays;             /* bits: those on which something happened; of days only */
    size_t n_no_rep, first_no_rep; /* rows left out, and the first of each kind */
    size_t n_no_date, first_no_date;
    size_t n_outside, first_outside;
};

/* --- cells ---------------------------------------------------------------------------------- */

/* What has rows of its own: a rep, or what --level sums up. */
struct unit {
    const char *label; /* NULL: missing */
    int32_t first, last;
    size_t offset; /* of its first cell */
};

struct measure {
    double *total, *lost; /* by cell; lost is NULL for counts, which are exact */
};

/* Behind those of activities. */
enum { OPENED, WON, LOST, REVENUE, CYCLE, N_CYCLES, N_DEAL_MEASURES };

/* --event: 0 before, 1 after. */
struct cut {
    char *name;
    const char *date; /* as written; borrowed */
    enum rk_time_kind kind;
    int64_t ordinal;
};

struct panel {
    const struct rk_crm_files *files;
    const struct rk_panel_options *options;
    const struct rk_ctx *ctx;
    enum rk_time_kind kind;
    bool by_rep;         /* no --level */
    size_t level_column; /* of the roster; SIZE_MAX for rep and all */
    struct reps reps;
    struct activities activities;
    struct stream stream[N_STREAMS];
    unsigned char *outcome;     /* by deal */
    unsigned char *is_activity; /* by row: typed, and no duplicate; NULL if all are */
    size_t n_duplicates, first_duplicate, n_untyped, first_untyped;
    size_t n_empty, n_no_amount; /* missing numbers, which make sums NaN */
    size_t n_backward, first_backward;
    int32_t first, last; /* the panel's periods */
    struct cut *cut;
    size_t n_cuts;
    struct unit *unit;
    size_t n_units, n_cells;
    unsigned char *active; /* by cell: has a row */
    struct measure *measure;
    size_t n_measures;
};

const struct rk_table *rk_panel_table(const struct panel *panel, enum rk_crm_input input);
/* The index of the column that a key stands for, SIZE_MAX if the file has none. */
size_t rk_panel_column(const struct panel *panel, enum rk_crm_input input, size_t key);

/* Each fills its part of *panel; what it allocated is freed by rk_panel_clear in any case. */
enum rk_status rk_panel_reps(struct panel *panel, struct rk_error *error);
enum rk_status rk_panel_activities(struct panel *panel, struct rk_error *error);
enum rk_status rk_panel_events(struct panel *panel, struct rk_error *error);
/* Rows that count as an event, a deal once; after rk_panel_events. */
size_t rk_panel_rows_used(const struct panel *panel);
enum rk_status rk_panel_units(struct panel *panel, struct rk_error *error);
enum rk_status rk_panel_cells(struct panel *panel, struct rk_error *error);
void rk_panel_clear_reps(struct panel *panel);
void rk_panel_clear_activities(struct panel *panel);
void rk_panel_clear_events(struct panel *panel);
void rk_panel_clear_cells(struct panel *panel);

void rk_panel_warn(const struct panel *panel, struct rk_result *result);
void rk_panel_explain(const struct panel *panel, size_t n_rows, struct rk_result *result);

#endif
