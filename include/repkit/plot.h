/* Pictures of data and of what the other tools print: from a table to a struct rk_picture. */
#ifndef REPKIT_PLOT_H
#define REPKIT_PLOT_H

#include "repkit/analysis.h"
#include "repkit/picture.h"

/* The options of rep-plot that choose what is drawn. Texts are borrowed; NULL where not given. */
struct rk_plot_options {
    struct rk_common common; /* conf_level: of the intervals computed here, from data and draws */
    const char *kind;  /* NULL: by the options below (x and y: scatter), else by the columns */
    const char *title; /* NULL: one made from the columns' names */
    const char *x, *y, *id, *value, *group, *color, *facet;
    const char *start;             /* impact: the first period that is after, a date of any kind */
    enum rk_date_order date_order; /* of start */
    const struct rk_table *models, *bins; /* band: the tool's other tables; NULL where not given */
};
#define RK_PLOT_DEFAULT             \
    {                               \
        .common = RK_COMMON_DEFAULT \
    }

/* Whether there is a kind of that name. */
bool rk_plot_is_kind(const char *name);

/* The columns to read: those named in the options, and all of them, as found, for a kind that takes
 * the output of another tool. RK_OK, RK_EUSAGE (unknown kind, an option the kind needs is missing),
 * RK_ENOMEM. */
enum rk_status rk_plot_wants(const struct rk_plot_options *options, struct rk_wants *wants,
                             struct rk_error *error);

/* Makes the picture; rk_picture_free() it.
 * Returns RK_OK; RK_EUSAGE (as rk_plot_wants, or no kind given and none can be guessed); RK_EINPUT
 * (a column is missing, the nearest named; two levels needed); RK_ENODATA, RK_ETOOFEW (nothing to
 * draw); RK_ENOMEM. *picture is unchanged on failure. */
enum rk_status rk_plot_run(const struct rk_table *table, const struct rk_plot_options *options,
                           const struct rk_ctx *ctx, struct rk_picture **picture,
                           struct rk_error *error);

#endif
