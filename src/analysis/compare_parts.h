/* The parts of rep-compare: the design (compare_design.c), the samples of one variable
 * (compare_samples.c), the tests (compare_methods.c), the rows (compare.c) and what they mean in
 * words (compare_words.c). */
#ifndef REPKIT_COMPARE_PARTS_H
#define REPKIT_COMPARE_PARTS_H

#include "repkit/compare.h"

/* --- the design: what holds for the whole table --------------------------------------------- */

struct design {
    const struct rk_compare_options *options;
    bool paired;
    char *level[2];
    const char *per; /* the kind of --time, "" without it */
    enum rk_time_kind cut_kind;
    int64_t cut;
};

/* Fills *design; warns of periods that the cut divides. Free it in any case. RK_OK, RK_EUSAGE,
 * RK_EINPUT (no such column or level, more than two levels), RK_ETOOFEW (one level), RK_ENOMEM. */
enum rk_status rk_design_make(const struct rk_table *table,
                              const struct rk_compare_options *options, struct design *design,
                              struct rk_result *result, struct rk_error *error);
void rk_design_free(struct design *design);

enum { NO_SIDE = -1 };
/* For each row of the table (or of a group of it) 0 for the first level, 1 for the second, NO_SIDE
 * for rows of neither. Not for wide designs. */
enum rk_status rk_design_sides(const struct design *design, const struct rk_table *table,
                               signed char *side, struct rk_error *error);

/* --- the samples of one variable ------------------------------------------------------------ */

struct samples {
    const char *variable; /* borrowed */
    size_t n[2];
    double *value[2];   /* n[0] and n[1] values; of pairs as many, in the same order */
    double *difference; /* of pairs: second minus first */
    double mean[2];     /* NaN where there are none */
    size_t n_unpaired;
};

/* Fills *samples from the complete rows, and warns of what is left out. Free it in any case.
 * RK_OK, RK_ETOOFEW (an empty side, no pair), RK_EINPUT, RK_ENOMEM. */
enum rk_status rk_samples_make(const struct design *design, const struct rk_table *table,
                               const char *variable, struct samples *samples,
                               struct rk_result *result, struct rk_error *error);
void rk_samples_free(struct samples *samples);

/* --- one test ------------------------------------------------------------------------------- */

struct tested;

/* In the order of RK_COMPARE_TESTS, after `auto`. */
struct method {
    const char *name, *full_name;          /* as the option spells it; in a sentence */
    const char *effect_type, *effect_name; /* the same */
    bool paired;
    void (*run)(const struct samples *samples, const struct rk_compare_options *options,
                struct tested *out);
};
extern const struct method rk_compare_methods[];
extern const size_t rk_compare_n_methods;

struct tested {
    const struct method *method;
    bool ranks, exact;
    enum rk_status status; /* not RK_OK: no p */
    double estimate, std_error, statistic, df, p_value, conf_low, conf_high;
    double conf_level;    /* of the interval: as asked for, or what few ranks can reach */
    double conf_achieved; /* of ranks: the exact level, at least conf_level */
    double effect, effect_low, effect_high;
};

/* Runs the method; with `made` not RK_OK all is NaN and the status that. */
void rk_compare_test(const struct method *method, const struct design *design,
                     const struct samples *samples, enum rk_status made, struct tested *out);

/* Adds what the row means, for a manager and for a paper. */
void rk_compare_explain(struct rk_result *result, const struct design *design,
                        const struct samples *samples, const struct tested *tested);

#endif
