#include <math.h>

#include "repkit/band_stats.h"
#include "repkit/distributions.h"

enum rk_status rk_turn_test(double slope_low, double se_low, double df_low, double slope_high,
                            double se_high, double df_high, struct rk_turn *out)
{
    struct rk_turn made;

    if (!isfinite(slope_low) || !isfinite(slope_high) || !(se_low > 0.0) || !(se_high > 0.0) ||
        !(df_low > 0.0) || !(df_high > 0.0))
        return RK_EDOMAIN;
    made.t_low = slope_low / se_low;
    made.t_high = slope_high / se_high;
    made.peak = slope_low > slope_high;
    made.p_value = fmax(rk_pt(made.t_low, df_low, made.peak ? RK_UPPER_TAIL : RK_LOWER_TAIL),
                        rk_pt(made.t_high, df_high, made.peak ? RK_LOWER_TAIL : RK_UPPER_TAIL));
    *out = made;
    return RK_OK;
}
