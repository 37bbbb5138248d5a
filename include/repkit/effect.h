/* Effects that other tools have estimated, as amounts of a model. */
#ifndef REPKIT_EFFECT_H
#define REPKIT_EFFECT_H

#include "repkit/csv.h"
#include "repkit/result.h"
#include "repkit/uncertain.h"

struct rk_effect {
    char *name;
    char *file;    /* as it was given */
    char *per;     /* the unit of time of the estimate, "" if it says none */
    char *note;    /* the row's note, "" if none */
    bool relative; /* use=rel_effect: to be multiplied by an item's amount */
    double months; /* what it was measured over; NaN, or 0, where that is not known */
    struct rk_uncertain amount;
};

struct rk_effects {
    struct rk_effect *effect;
    size_t n;
};

/* Reads --effect NAME=FILE[:key=value,...], one or more.
 * The keys name columns of the file and the values their cells: exactly one row must remain (of
 * several, the only one whose `term` is `att` is taken by itself). `use=rel_effect` takes that
 * column and its rel_low, rel_high; else `estimate` with `std_error` and `df`, or with conf_low,
 * conf_high and conf_level where there is no standard error. `months=` says over how many months
 * the effect was measured, where JSON's meta does not, or otherwise.
 * stdin_taken  whether `-` is something else's already
 * result   gets the warnings that JSON input carries
 * Returns RK_OK; RK_EUSAGE (a spec that is none, a NAME given twice, standard input taken twice);
 * RK_EINPUT (no row or several remain, with the candidates; an estimate that is missing); or as
 * rk_result_file_read. */
enum rk_status rk_effects_read(const struct rk_names *specs, const struct rk_csv_options *csv,
                               bool stdin_taken, const struct rk_ctx *ctx, struct rk_result *result,
                               struct rk_effects *effects, struct rk_error *error);
void rk_effects_free(struct rk_effects *effects);

/* The effect of that name, or NULL. */
const struct rk_effect *rk_effects_find(const struct rk_effects *effects, const char *name);

#endif
