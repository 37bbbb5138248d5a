/* The warnings' stable codes and what to do about each. What was seen is the caller's sentence;
 * the advice is the same wherever the code appears. */
#include "repkit/analysis.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *code;
    const char *advice;
} warnings[RK_WARN_COUNT] = {
    [RK_WARN_POOLED] = {"pooled", "The pooled number mixes who the rep is with what the rep does; "
                                  "read it beside the within one."},
    [RK_WARN_REGRESSION_TO_MEAN] = {"regression-to-mean",
                                    "Units picked for a low start rise without any help; compare "
                                    "with a control group."},
    [RK_WARN_FEW_CLUSTERS] = {"few-clusters", "With few clusters errors are uncertain themselves; "
                                              "treat the interval as a minimum."},
    [RK_WARN_REVERSE_CAUSALITY] = {"reverse-causality",
                                   "The outcome may come before the activity; check with lags."},
    [RK_WARN_MULTIPLE_TESTING] = {"multiple-testing",
                                  "Among many tests some look striking by luck; judge by p-values "
                                  "adjusted for their number."},
    [RK_WARN_AUTOCORRELATION] = {"autocorrelation",
                                 "Neighbouring periods resemble each other, so there is less "
                                 "information than rows; use errors and tests that allow "
                                 "for it."},
    [RK_WARN_HEAVY_TAIL] = {"heavy-tail", "A few values carry the mean; read the rank test or the "
                                          "median beside it."},
    [RK_WARN_CENSORING] = {"censoring",
                           "What is unfinished is not the same as what is short; compare "
                           "what is complete."},
    [RK_WARN_PRE_TREND] = {"pre-trend", "The groups moved apart before the start already; the "
                                        "difference is not all effect."},
    [RK_WARN_SURVIVORS] = {"survivors", "Those who stayed may differ from those who left; compare "
                                        "both."},
    [RK_WARN_DOUBLE_COUNTING] = {"double-counting",
                                 "One euro may be counted twice; check margins and attribution."},
    [RK_WARN_FIXED_INPUTS] = {"fixed-inputs", "An interval is only as honest as its inputs; give "
                                              "low and high to the items you are unsure of."},
    [RK_WARN_BAD_CONTROL] = {"bad-control", "A control that the activity itself changes hides part "
                                            "of its effect; leave it out."},
    [RK_WARN_MEAN_OF_RATIOS] = {"mean-of-ratios",
                                "Small denominators rule a mean of ratios; use the ratio of sums."},
    [RK_WARN_EXTRAPOLATION] = {"extrapolation", "No data lie there; do not act on that part."},
    [RK_WARN_COLLINEAR] = {"collinear", "The data cannot tell these terms apart; drop or combine "
                                        "one."},
    [RK_WARN_SEPARATION] = {"separation", "A term predicts the outcome perfectly in these data; "
                                          "of its likelihood there is no finite maximum."},
    [RK_WARN_MISSING_NOT_RANDOM] = {"missing-not-random",
                                    "Rows with missing cells differ from the others; find out why "
                                    "they are missing."},
    [RK_WARN_NORMALITY_SWITCH] =
        {"normality-switch", "Choosing a test by a pre-test spoils its error rate; read both."},
    [RK_WARN_UNITS] = {"units", "Check that the columns are in the units and periods you mean."},
    [RK_WARN_MISSING_ITEMS] = {"missing-items", "What is left out counts as zero; fill it in or "
                                                "say that it is zero."},
    [RK_WARN_STRADDLE] = {"straddle", "Choose where it belongs with --straddle before|after."},
    [RK_WARN_DROPPED] = {"dropped", "Check that what was left out is not what matters."},
    [RK_WARN_UNPAIRED] = {"unpaired", "Only units seen on both sides are compared."},
    [RK_WARN_BAD_CELLS] = {"bad-cells", "Look at them before you trust the numbers."},
    [RK_WARN_NO_DIFFERENCES] = {"no-differences",
                                "Do not reward or blame by this order; gather more data."},
    [RK_WARN_FINDINGS] = {"findings", "See where with --emit findings."},
    [RK_WARN_OVERDISPERSION] = {"overdispersion",
                                "Classical errors are too small then; take --vcov hc3 or "
                                "--cluster, or for counts --family negbin."},
    [RK_WARN_IMPOSSIBLE_CORRELATIONS] =
        {"impossible-correlations", "The nearest possible ones were used; check what you know."},
    [RK_WARN_NOT_INDEPENDENT] = {"not-independent",
                                 "The model takes them as independent; read another definition "
                                 "beside it."},
    [RK_WARN_NOT_COMPARED] = {"not-compared", "Too many differ; check such a column with "
                                              "--against."},
    [RK_WARN_NO_PICTURES] = {"no-pictures", "Sections stand without them; install gnuplot and "
                                            "run it again."},
    [RK_WARN_FONTS] = {"fonts", "Install one and run it again; repkit doctor lists what is there."},
};

void rk_warn_text(struct rk_result *result, enum rk_warning_code code, struct rk_text *seen)
{
    struct rk_text text = {0};

    for (size_t i = 0; i < result->group_labels.n; i++)
        rk_text_format(&text, "%s=%s%s", result->group_columns.name[i],
                       result->group_labels.name[i], i + 1 < result->group_labels.n ? ", " : ": ");
    rk_text_add_bytes(&text, seen->bytes, seen->length);
    rk_text_add(&text, ". ");
    rk_text_add(&text, warnings[code].advice);
    if (text.failed || seen->failed)
        result->status = RK_ENOMEM;
    else
        rk_result_warn(result, warnings[code].code, text.bytes);
    rk_text_free(&text);
    rk_text_free(seen);
}

void rk_warn(struct rk_result *result, enum rk_warning_code code, const char *seen, ...)
{
    struct rk_text text = {0};
    char buffer[1024];
    va_list arguments;

    va_start(arguments, seen);
    vsnprintf(buffer, sizeof buffer, seen, arguments);
    va_end(arguments);
    rk_text_add(&text, buffer);
    rk_warn_text(result, code, &text);
}

static bool is_code(const char *name)
{
    for (size_t i = 0; i < RK_WARN_COUNT; i++)
        if (strcmp(warnings[i].code, name) == 0)
            return true;
    return false;
}

enum rk_status rk_warning_codes_check(const struct rk_names *codes, const char *what,
                                      struct rk_error *error)
{
    struct rk_text all = {0};
    enum rk_status status = RK_OK;

    for (size_t k = 0; k < codes->n && status == RK_OK; k++) {
        if (is_code(codes->name[k]))
            continue;
        for (size_t i = 0; i < RK_WARN_COUNT; i++)
            rk_text_format(&all, "%s%s", i == 0 ? "" : "|", warnings[i].code);
        status = all.failed ? rk_fail_memory(error)
                            : rk_choice_fail(all.bytes, codes->name[k], what, RK_EUSAGE, error);
    }
    rk_text_free(&all);
    return status;
}
