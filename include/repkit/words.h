/* What explanations are made of: numbers, intervals and p-values in sentences, said alike by every
 * analysis. */
#ifndef REPKIT_WORDS_H
#define REPKIT_WORDS_H

#include "repkit/result.h"

/* Four significant digits; whole numbers as they are. */
void rk_say_number(struct rk_text *out, double value);
/* "p = 0.034", "p < 0.0001". */
void rk_say_p(struct rk_text *out, const char *name, double p);
/* " (95% interval 1 to 2)", for managers; an infinite end is "at least 1" or "at most 2". Nothing
 * if an end is NaN. */
void rk_say_interval(struct rk_text *out, double conf_level, double low, double high);
/* ", 95% CI [1, 2]", for papers; an infinite end as in mathematics. Nothing if an end is NaN. */
void rk_say_ci(struct rk_text *out, double conf_level, double low, double high);

/* Adds the explanation and frees all three texts. */
void rk_explain(struct rk_result *result, struct rk_text *row, struct rk_text *manager,
                struct rk_text *paper);

#endif
