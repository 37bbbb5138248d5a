/* The parts of rep-impact: options and rows (impact.c), the panel (impact_panel.c), its units
 * before and after (impact_units.c), one file a design, warnings (impact_warnings.c) and words
 * (impact_words.c). */
#ifndef REPKIT_IMPACT_PARTS_H
#define REPKIT_IMPACT_PARTS_H

#include "repkit/did.h"
#include "repkit/impact.h"
#include "repkit/panel_fit.h"

/* --- what a group's run is told -------------------------------------------------------------- */

struct impact {
    const struct rk_impact_options *options;
    const struct rk_ctx *ctx;
    struct rk_result *result;
    struct rk_error *error;
    char label[128]; /* of random streams: the group */
};

/* A number as sentences say it: four digits, no exponent where people would write none. */
struct impact_number {
    char text[RK_ROUNDED_LENGTH];
};
struct impact_number impact_number(double value);
/* The same with a plus sign. */
struct impact_number impact_signed(double value);

/* --- rows of the table effects --------------------------------------------------------------- */

struct effect {
    const char *term, *method;
    double estimate, std_error, statistic, df, p_value, conf_low, conf_high;
    double rel_effect, rel_low, rel_high;
    size_t n, n_units, n_clusters; /* 0: none */
    const char *per;
    struct rk_text note; /* freed by impact_put */
};
/* All numbers NaN, no text. */
struct effect impact_effect(const char *term, const char *method);
void impact_note(struct effect *effect, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void impact_put(const struct impact *impact, struct effect *effect);

enum { IMPACT_EFFECTS }; /* the table effects is the first */
/* The index of a table that the design declares. */
size_t impact_table(const struct impact *impact, const char *name);

struct impact_path {
    double event_time, estimate, std_error, conf_low, conf_high, p_value;
};
void impact_put_path(const struct impact *impact, const struct impact_path *path);

/* Reads --season: 0 and 0 for NULL, waves 0 where none are named. Whether it is one. */
bool impact_read_season(const char *text, size_t *season, size_t *waves);

/* Reads --window A:B, A of -2 or less and B of 0 or more. Whether it is one; unchanged if not. */
bool impact_read_window(const char *text, int64_t *low, int64_t *high);

/* --- the panel ------------------------------------------------------------------------------- */

/* Rows that count, by unit, then period. */
struct impact_panel {
    const struct rk_table *table;
    enum rk_time_kind kind;
    size_t n;
    double *y; /* n */
    double *Z; /* n-by-q: covariates, column after column */
    size_t q;
    uint32_t *unit, *period; /* n codes */
    size_t n_units, n_periods;
    int64_t *time;      /* n_periods, ascending */
    bool *after;        /* n_periods */
    bool *treated;      /* n_units; of staggered: whether it ever starts */
    size_t *first;      /* n_units: of staggered, the period it starts in, or RK_NEVER */
    const char **name;  /* n_units: labels, borrowed from the table */
    char *level[2];     /* of --treated: not treated, treated; owned */
    size_t first_after; /* the first period after */
    size_t n_dropped;   /* rows without a value they need */
    /* Rows with unit and period, and how many of them lack a value: by treated and after, and of
     * each unit. */
    size_t cells[2][2], missing[2][2];
    size_t *unit_cells, *unit_missing;
};

/* Reads the panel; warns of rows left out, and of periods that the start divides. Free it in any
 * case. RK_OK, RK_EUSAGE, RK_EINPUT, RK_ENODATA, RK_ETOOFEW, RK_ENOMEM. */
enum rk_status impact_panel_read(const struct impact *impact, const struct rk_table *table,
                                 struct impact_panel *panel);
void impact_panel_free(struct impact_panel *panel);
/* The panel's outcome on k columns X (n-by-k), with effects of units and periods. */
struct rk_panel_design impact_panel_design(const struct impact_panel *panel, const double *X,
                                           size_t k);

/* Reads --start and fits it to the kind of the column. RK_OK, RK_EUSAGE. */
enum rk_status impact_read_start(const struct impact *impact, const struct rk_table *table,
                                 size_t time, enum rk_time_kind *kind, int64_t *start);
/* -1 before, 1 after, 0 left out. */
int impact_side(const struct impact *impact, enum rk_time_kind kind, int64_t ordinal,
                enum rk_time_kind start_kind, int64_t start);
/* Warns that n rows of a period that the start divides are left out. */
void impact_warn_straddle(const struct impact *impact, enum rk_time_kind kind, int64_t period,
                          size_t n);
/* "week", or "period" where the time has no name. */
const char *impact_period_name(enum rk_time_kind kind);

/* --- units before and after ------------------------------------------------------------------ */

struct impact_units {
    size_t n; /* with both sides */
    double *before, *after, *change;
    double *Z;    /* n-by-q: covariates' means before */
    double *both; /* n-by-(q + 1): the mean before, then Z */
    bool *treated;
    size_t n_treated;
    size_t n_one_side[2]; /* units seen only before, only after */
    struct rk_text names; /* of the first few */
    double mean_time[2];  /* of the treated's rows before and after, in periods */
    /* each unit's least-squares slope over the periods before; units with two of them */
    double *slope;
    bool *slope_treated;
    size_t n_slopes;
};

/* start: the first period that counts as after; last: periods from there on do not count. Free it
 * in any case. RK_OK or RK_ENOMEM. */
enum rk_status impact_units_make(const struct impact_panel *panel, size_t start, size_t last,
                                 struct impact_units *units);
void impact_units_free(struct impact_units *units);

/* --- designs: a group each ------------------------------------------------------------------- */

/* did and event share everything but the leads that pretrend tests, and the path. */
enum rk_status impact_did(const struct impact *impact, const struct rk_table *table);
enum rk_status impact_staggered(const struct impact *impact, const struct rk_table *table);
enum rk_status impact_its(const struct impact *impact, const struct rk_table *table);
enum rk_status impact_rollout(const struct impact *impact, const struct rk_table *table);

/* The panel of options->moments, before and after as two periods of each unit, and the options that
 * are told of its columns (impact_moments.c). RK_OK; RK_EINPUT (columns, a unit that is both
 * treated and not); RK_ENOMEM. */
enum rk_status impact_moments_table(const struct rk_impact_options *options,
                                    struct rk_impact_options *of_units, struct rk_table **units,
                                    struct rk_error *error);
enum rk_status impact_moments_check(const struct rk_impact_options *options,
                                    struct rk_error *error);

/* What did found, for warnings and words. */
struct did_found {
    const struct impact_panel *panel;
    const struct impact_units *units;
    struct rk_did att, ancova, slope;
    struct rk_permutation permutation;
    enum rk_status slope_status, ancova_status, twfe_status, pretrend_status;
    struct rk_panel_fit twfe;
    struct rk_joint_test pretrend;
    size_t n_rows;    /* that the panel is of */
    size_t n_leads;   /* that pretrend tests */
    double continued; /* slope times the distance of the mean periods before and after */
    double slope_mde; /* the slope that would be seen with 80% power */
    bool blocks;      /* the leads are blocks of periods */
};

/* The pre-trend test of did: blocks of periods before the start. Fills found->pretrend and its
 * status. */
enum rk_status impact_did_leads(const struct impact *impact, struct did_found *found);
/* The leads and lags of event: rows of the path, and pretrend. */
enum rk_status impact_event_path(const struct impact *impact, struct did_found *found);
enum rk_status impact_did_placebo(const struct impact *impact, const struct did_found *found);

/* What is found if the start is taken to be another one. */
struct impact_placebo {
    size_t start;          /* a period */
    double estimate, t, p; /* t without its sign */
    size_t rank;           /* by t; set by impact_put_placebos */
};
/* Ranks n starts by t and puts them by time, time[start] being of `kind`. The last of them in time
 * is the real one, of which the explanation is. Reorders `all`. */
void impact_put_placebos(const struct impact *impact, struct impact_placebo *all, size_t n,
                         enum rk_time_kind kind, const int64_t *time);

void impact_warn_did(const struct impact *impact, const struct did_found *found);
/* [multiple-testing] over the groups' rows of a term of the result. */
enum rk_status impact_warn_multiple(struct rk_result *result, const struct rk_common *common,
                                    const char *term);
void impact_warn_missing(const struct impact *impact, const struct impact_panel *panel);

/* --- words ----------------------------------------------------------------------------------- */

/* Adds "term: ..." explanations. `what` is the manager's first clause after the number. */
void impact_explain_did(const struct impact *impact, const struct did_found *found);
/* The tables path, att and placebo, as a whole; rank and n of the real start among all. */
void impact_explain_path(const struct impact *impact);
void impact_explain_att(const struct impact *impact);
void impact_explain_placebo(const struct impact *impact, size_t rank, size_t n);
void impact_explain(const struct impact *impact, const char *row, struct rk_text *manager,
                    struct rk_text *paper);

#endif
