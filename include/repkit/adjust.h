/* Adjusting p-values for the number of tests. */
#ifndef REPKIT_ADJUST_H
#define REPKIT_ADJUST_H

#include <stddef.h>

#include "repkit/status.h"

enum rk_adjust {
    RK_ADJUST_NONE,
    RK_ADJUST_HOLM,
    RK_ADJUST_HOCHBERG,
    RK_ADJUST_BONFERRONI,
    RK_ADJUST_BH,
    RK_ADJUST_BY
};
#define RK_ADJUSTS "none|holm|hochberg|bonferroni|bh|by"

/* Adjusted p-values. With the m values that are not NaN in ascending order p(1) .. p(m):
 *   bonferroni  min(1, m p)
 *   holm        min(1, max of (m - j + 1) p(j) over j <= i)
 *   hochberg    min over j >= i of (m - j + 1) p(j)
 *   bh          min over j >= i of m / j p(j)
 *   by          bh times 1 + 1/2 + ... + 1/m, at most 1
 * p, n    between 0 and 1; NaN (no test) stays NaN and does not count
 * method  enum rk_adjust
 * out     n values; may be p itself
 * Returns RK_OK; RK_EDOMAIN (a value outside 0 .. 1, an unknown method); RK_ENOMEM. out unchanged
 * on failure.
 * Source: Holm (1979), Scand. J. Statist. 6; Hochberg (1988), Biometrika 75; Benjamini and
 * Hochberg (1995), J. R. Statist. Soc. B 57; Benjamini and Yekutieli (2001), Ann. Statist. 29.
 * In R: p.adjust(p, method). */
enum rk_status rk_p_adjust(const double *p, size_t n, int method, double *out);

#endif
