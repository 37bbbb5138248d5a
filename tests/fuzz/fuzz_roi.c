/* The model of rep-roi, with few draws. */
#include <gsl/gsl_errno.h>

#include "fuzz.h"
#include "repkit/roi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct rk_csv_options csv = RK_CSV_DEFAULT;
    const struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_roi_options options = RK_ROI_DEFAULT;
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;
    struct rk_error error = {0};
    struct rk_result *result = rk_result_new();
    char name[] = "uplift", none[] = "";
    struct rk_effect effect = {.name = name, .file = none, .per = none, .note = none};
    const struct rk_effects effects = {&effect, 1};

    gsl_set_error_handler_off();
    FUZZ_HOLDS(rk_uncertain_estimate(0.08, 0.03, 20.0, &effect.amount, NULL) == RK_OK);
    effect.relative = size % 2 == 0;
    options.effects = &effects;
    options.draws = 20;
    options.cashflow = options.categories = options.each_draw = options.common.explain = true;
    FUZZ_HOLDS(result != NULL && rk_roi_wants(&options, &wants) == RK_OK);
    if (rk_csv_read(fuzz_file(data, size), &wants, &csv, &ctx, &table, &error) == RK_OK) {
        enum rk_status status = rk_roi_run(table, &options, &ctx, result, &error);

        FUZZ_HOLDS(status == RK_OK || error.text[0] != '\0');
        FUZZ_HOLDS(status != RK_ENOMEM);
    }
    rk_table_free(table);
    rk_wants_free(&wants);
    rk_result_free(result);
    return 0;
}
