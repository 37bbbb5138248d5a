/* rep-panel: what did each rep do and earn per week or month? */
#ifndef REPKIT_PANEL_H
#define REPKIT_PANEL_H

#include "repkit/compare.h"
#include "repkit/file_columns.h"

/* --- the files ------------------------------------------------------------------------------ */

/* Their keys, in the order of `name` in struct rk_file_columns. */
enum { RK_ACTIVITIES_REP, RK_ACTIVITIES_DATE, RK_ACTIVITIES_TYPE, RK_ACTIVITIES_COUNT };
enum { RK_DEALS_REP, RK_DEALS_OPEN, RK_DEALS_CLOSE, RK_DEALS_STAGE, RK_DEALS_AMOUNT };
enum { RK_ROSTER_REP, RK_ROSTER_HIRED, RK_ROSTER_LEFT };

enum rk_panel_input { RK_PANEL_ACTIVITIES, RK_PANEL_DEALS, RK_PANEL_ROSTER, RK_PANEL_INPUTS };

/* One file, how to read it, and what was read. */
struct rk_panel_file {
    enum rk_panel_input input;
    char *path;                     /* NULL: not given */
    struct rk_csv_options csv;      /* its list of missing-value words is borrowed */
    struct rk_file_columns columns; /* complete once the wants have seen the header */
    struct rk_wants wants;
    struct rk_names won, lost; /* deals: their labels in snake case */
    bool won_given, lost_given;
    struct rk_table *table; /* to be read by the caller, with `csv` and `wants` */
};

struct rk_panel_files {
    struct rk_panel_file file[RK_PANEL_INPUTS];
};

/* Reads the three specs FILE[:key=value,...] (NULL where not given).
 *   activities  rep, date, type, count; without type and count each column of numbers is an
 * activity deals       rep, open, close, stage, amount; won, lost (labels of stage, separated by |)
 *   roster      rep, hired, left; all other columns are attributes
 *   csv         how files are read whose keys say nothing else
 * The wants point into *files: it may not be moved. RK_OK, RK_EUSAGE, RK_ENOMEM; free it in any
 * case. */
enum rk_status rk_panel_files_parse(struct rk_panel_files *files, const char *activities,
                                    const char *deals, const char *roster,
                                    const struct rk_csv_options *csv, struct rk_error *error);
void rk_panel_files_free(struct rk_panel_files *files);

/* --- the panel ------------------------------------------------------------------------------ */

#define RK_PANEL_PERIODS "day|week|month|quarter"
enum rk_panel_fill { RK_FILL_ACTIVE, RK_FILL_ALL, RK_FILL_NONE };
#define RK_PANEL_FILLS "active|all|none"

struct rk_panel_options {
    int period;                    /* index into RK_PANEL_PERIODS; -1: not given */
    int fill;                      /* enum rk_panel_fill */
    int straddle;                  /* enum rk_straddle, of the events */
    struct rk_names types;         /* NAME=LABEL|LABEL|... */
    struct rk_names events;        /* NAME=DATE */
    const char *level;             /* NULL or "rep", "all", or a column of the roster */
    enum rk_date_order date_order; /* of the dates in `events` */
};
#define RK_PANEL_DEFAULT \
    {                    \
        .period = -1     \
    }

/* Whether the options fit each other and the files. RK_OK or RK_EUSAGE. */
enum rk_status rk_panel_check(const struct rk_panel_files *files,
                              const struct rk_panel_options *options, struct rk_error *error);

/* Fills the table `panel`, a row a rep (or what `level` sums up) and period, in that order:
 *   rep,period,<attributes>,<events>,<activities>,deals_opened,deals_won,deals_lost,deals_closed,
 *   revenue,win_rate,avg_deal,cycle_days
 * Activities are those of --types in its order, then the others by byte order (of a wide file, in
 * its order). A deal is opened in the period of its open date, and won or lost in that of its close
 * date; revenue is the sum of what was won, win_rate won / closed, avg_deal revenue / won,
 * cycle_days the mean of close - open over the deals closed: ratios of sums at every level.
 * A rep has rows from the first to the last event, or while employed if the roster says when;
 * `fill` all: in every period, none: where there is an event. Sums are 0 in a row without events,
 * ratios NaN without a denominator, sums over a missing number NaN.
 * Rows without rep, date or type, events outside employment, and all but the first of duplicate
 * keys (reps of the roster; rep and date of wide activities) are left out, with a warning. Periods
 * that the events cover only in part are warned of.
 * Returns RK_OK; RK_EUSAGE; RK_EINPUT with file, line and column; RK_ENODATA; RK_ENOMEM; or what
 * ctx's cancel says.
 * In R: aggregate() by rep and period of each file, merged with expand.grid() of the spans. */
enum rk_status rk_panel_run(const struct rk_panel_files *files,
                            const struct rk_panel_options *options, const struct rk_ctx *ctx,
                            struct rk_result *result, struct rk_error *error);

#endif
