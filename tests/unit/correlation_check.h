/* What the tests of correlations share: the comparison with R. */
#ifndef REPKIT_TEST_CORRELATION_CHECK_H
#define REPKIT_TEST_CORRELATION_CHECK_H

#include "reference.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/correlation.h"

#define TOPIC "correlation"

static const char *const methods[] = {"pearson", "spearman", "kendall"};

static inline void check(const struct rk_correlation *c, const char *name)
{
    assert_close(c->estimate, reference_at(TOPIC, name, 1), 1e-12);
    assert_close(c->conf_low, reference_at(TOPIC, name, 2), 1e-11);
    assert_close(c->conf_high, reference_at(TOPIC, name, 3), 1e-11);
    assert_close(c->statistic, reference_at(TOPIC, name, 4), 1e-11);
    assert_close(c->df, reference_at(TOPIC, name, 5), 0.0);
    assert_close(c->p_value, reference_at(TOPIC, name, 6), 1e-10);
    assert_false(c->perfect);
}

static inline void assert_unchanged(const struct rk_correlation *c,
                                    const struct rk_correlation *before)
{
    assert_memory_equal(c, before, sizeof *c);
}

#endif
