/* rep-panel: what did each rep do and earn per week or month? */
#ifndef REPKIT_PANEL_H
#define REPKIT_PANEL_H

#include "repkit/compare.h"
#include "repkit/crm_files.h"

/* The first files of enum rk_crm_input are those of a panel: activities, deals, roster. */
enum { RK_PANEL_INPUTS = RK_CRM_ROSTER + 1 };

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
enum rk_status rk_panel_check(const struct rk_crm_files *files,
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
enum rk_status rk_panel_run(const struct rk_crm_files *files,
                            const struct rk_panel_options *options, const struct rk_ctx *ctx,
                            struct rk_result *result, struct rk_error *error);

#endif
