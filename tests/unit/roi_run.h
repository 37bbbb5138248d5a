/* What the tests of rep-roi share: a run from the model's file to its tables. */
#ifndef REPKIT_TEST_ROI_RUN_H
#define REPKIT_TEST_ROI_RUN_H

#include "reference.h"

#include "repkit/roi.h"

/* effect   NAME=FILE..., or NULL where the model has none */
static inline struct rk_result *run_model(const char *model, const char *effect, unsigned threads,
                                          struct rk_roi_options *options)
{
    const struct rk_csv_options csv = RK_CSV_DEFAULT;
    const struct rk_ctx ctx = {.threads = threads, .seed = 1};
    struct rk_result *result = rk_result_new();
    struct rk_effects effects = {0};
    struct rk_names specs = {0};
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;
    struct rk_error error = {0};

    if (effect != NULL) {
        assert_int_equal(rk_names_add(&specs, effect), RK_OK);
        assert_int_equal(rk_effects_read(&specs, &csv, false, &ctx, result, &effects, &error),
                         RK_OK);
    }
    options->effects = &effects;
    assert_int_equal(rk_roi_wants(options, &wants), RK_OK);
    assert_int_equal(rk_csv_read(model, &wants, &csv, &ctx, &table, &error), RK_OK);
    assert_int_equal(rk_roi_run(table, options, &ctx, result, &error), RK_OK);
    rk_table_free(table);
    rk_wants_free(&wants);
    rk_effects_free(&effects);
    rk_names_free(&specs);
    return result;
}

#endif
