/* The alternative of a test: which departures from the null hypothesis count against it. */
#ifndef REPKIT_ALTERNATIVE_H
#define REPKIT_ALTERNATIVE_H

enum rk_alternative { RK_TWO_SIDED, RK_LESS, RK_GREATER };
#define RK_ALTERNATIVES "two-sided|less|greater"

#endif
