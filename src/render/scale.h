/* Axes: the range of the marks, and ticks that a person would have chosen. */
#ifndef REPKIT_RENDER_SCALE_H
#define REPKIT_RENDER_SCALE_H

#include "repkit/picture.h"
#include "repkit/text.h"

struct scale {
    double low, high;
    struct tick {
        double at;
        char *text;
    } * tick;
    size_t n_ticks;
};

/* The range of an axis over the panel's marks, with a margin where marks need one. */
void scale_range(const struct rk_panel *panel, bool is_x, struct scale *scale);
/* Replaces the ticks by at most about n_wanted. False when out of memory. */
bool scale_ticks(const struct rk_axis *axis, size_t n_wanted, struct scale *scale);
void scale_free(struct scale *scale);

/* Whether a calendar has ticks of its own for that kind, and those, at most about n. */
bool calendar_knows(enum rk_time_kind kind);
bool calendar_ticks(const struct rk_axis *axis, double n, struct scale *scale);

#endif
