/* What the options of rep-compare may say together, and which columns they want. */
#include <string.h>

#include "compare_parts.h"

bool rk_compare_is_wide(const struct rk_compare_options *options)
{
    return options->before != NULL || options->after != NULL;
}

static bool asks(const struct rk_compare_options *options, const char *method)
{
    return (options->tests & rk_compare_bit(method)) != 0;
}

static bool is_proportions(const struct rk_compare_options *options)
{
    return options->successes != NULL || options->trials != NULL;
}

/* --- tests ---------------------------------------------------------------------------------- */

static enum rk_status wrong_design(const struct method *method, bool paired, struct rk_error *error)
{
    if (paired)
        return rk_fail(error, RK_EUSAGE,
                       "--test %s is for independent samples, and these are pairs: paired-t, "
                       "wilcoxon, sign, permutation, bootstrap, tost, mcnemar or friedman",
                       method->name);
    return rk_fail(error, RK_EUSAGE, "--test %s needs pairs: --id COL%s", method->name,
                   (method->is & FITS_LEVELS) != 0 ? "" : ", or --before and --after");
}

static enum rk_status check_test(const struct rk_compare_options *options,
                                 const struct method *method, bool paired, struct rk_error *error)
{
    bool rates = !paired && (is_proportions(options) || options->exposure != NULL);

    if ((method->is & (paired ? FITS_PAIRS : FITS_INDEPENDENT)) == 0)
        return wrong_design(method, paired, error);
    if ((method->is & FITS_LEVELS) != 0 && rk_compare_is_wide(options))
        return rk_fail(error, RK_EUSAGE,
                       "--test %s compares the levels of --group; --before and --after are two "
                       "columns",
                       method->name);
    if (options->relative && (method->is & TAKES_RELATIVE) == 0)
        return rk_fail(error, RK_EUSAGE,
                       "--relative is a ratio of means, and --test %s has no such thing",
                       method->name);
    if (options->mu != 0.0 && (method->is & TAKES_MU) == 0)
        return rk_fail(error, RK_EUSAGE, "--test %s takes no --mu", method->name);
    if (rates && options->exposure != NULL && method->of != OF_RATES)
        return rk_fail(error, RK_EUSAGE,
                       "--exposure is for --test poisson (with --id COL: each unit's rate), not "
                       "for %s",
                       method->name);
    if (rates && is_proportions(options) && method->of != OF_SHARES && method->of != OF_ODDS)
        return rk_fail(error, RK_EUSAGE,
                       "--successes and --trials are for --test prop or fisher (with --id COL: "
                       "each unit's share), not for %s",
                       method->name);
    if (paired && is_proportions(options) && method->of == OF_SHARES)
        return rk_fail(error, RK_EUSAGE, "--test mcnemar takes a 0/1 --value, not --successes");
    return RK_OK;
}

static enum rk_status check_tests(const struct rk_compare_options *options, bool paired,
                                  struct rk_error *error)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < rk_compare_n_methods; i++)
        if ((options->tests & (2U << i)) != 0)
            status = check_test(options, &rk_compare_methods[i], paired, error);
    if (status != RK_OK)
        return status;
    if (asks(options, "tost") != (options->margin != 0.0))
        return rk_fail(error, RK_EUSAGE,
                       options->margin != 0.0
                           ? "--margin belongs to --test tost"
                           : "--test tost needs --margin M: differences within -M and M count as "
                             "none");
    if (options->margin < 0.0)
        return rk_fail(error, RK_EUSAGE, "--margin is above 0");
    if (options->block != NULL && (paired || !asks(options, "permutation")))
        return rk_fail(error, RK_EUSAGE,
                       paired ? "--block is for independent samples: a pair is a block already"
                              : "--block belongs to --test permutation");
    return RK_OK;
}

/* --- designs -------------------------------------------------------------------------------- */

enum rk_status rk_compare_read_cut(const struct rk_compare_options *options,
                                   enum rk_time_kind *kind, int64_t *cut, struct rk_error *error)
{
    if (rk_time_read(options->cut, strlen(options->cut), options->date_order, kind, cut) !=
        RK_READ_OK)
        return rk_fail(error, RK_EUSAGE,
                       "--cut: '%s' is no date (2024-03-15, 2024-W11, 2024-03, 2024-Q1, 2024) and "
                       "no whole number",
                       options->cut);
    return RK_OK;
}

static enum rk_status check_outcome(const struct rk_compare_options *options,
                                    struct rk_error *error)
{
    if ((options->successes != NULL) != (options->trials != NULL))
        return rk_fail(error, RK_EUSAGE, "--successes COL and --trials COL belong together");
    if (is_proportions(options) && (options->values.n > 0 || options->exposure != NULL))
        return rk_fail(error, RK_EUSAGE,
                       "--successes and --trials stand for --value: they take no --value and no "
                       "--exposure");
    if (options->values.n == 0 && !is_proportions(options))
        return rk_fail(error, RK_EUSAGE,
                       "what is to be compared? --value COLS with --group COL or with --time COL "
                       "--cut DATE; or --before COL --after COL");
    return RK_OK;
}

static enum rk_status check_long(const struct rk_compare_options *options, struct rk_error *error)
{
    enum rk_time_kind kind;
    int64_t cut;
    enum rk_status status = check_outcome(options, error);

    if (status != RK_OK)
        return status;
    if ((options->time != NULL) != (options->cut != NULL))
        return rk_fail(error, RK_EUSAGE, "--time COL and --cut DATE belong together");
    if ((options->group != NULL) == (options->time != NULL))
        return rk_fail(error, RK_EUSAGE,
                       options->group == NULL
                           ? "between what? --group COL, or --time COL --cut DATE"
                           : "--group or --time with --cut, not both (--where and --by select)");
    return options->cut == NULL ? RK_OK : rk_compare_read_cut(options, &kind, &cut, error);
}

static enum rk_status check_levels(const struct rk_compare_options *options, struct rk_error *error)
{
    if (options->levels.n == 1)
        return rk_fail(error, RK_EUSAGE, "--levels takes two or more: FIRST,SECOND");
    for (size_t i = 0; i < options->levels.n; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(options->levels.name[i], options->levels.name[j]) == 0)
                return rk_fail(error, RK_EUSAGE, "--levels takes different ones");
    return RK_OK;
}

enum rk_status rk_compare_check(const struct rk_compare_options *options, struct rk_error *error)
{
    bool wide = rk_compare_is_wide(options);
    enum rk_status status = rk_compare_check_moments(options, error);

    if (status != RK_OK)
        return status;
    if (!wide)
        status = check_long(options, error);
    else if (options->before == NULL || options->after == NULL)
        return rk_fail(error, RK_EUSAGE, "--before COL and --after COL belong together");
    else if (options->values.n > 0 || options->group != NULL || options->id != NULL ||
             options->time != NULL || options->cut != NULL || options->levels.n > 0 ||
             is_proportions(options) || options->exposure != NULL)
        return rk_fail(error, RK_EUSAGE,
                       "--before and --after are columns of one row: they take no --value, "
                       "--group, --id, --time, --cut or --levels");
    if (status == RK_OK)
        status = check_levels(options, error);
    if (status == RK_OK)
        status = check_tests(options, wide || options->id != NULL, error);
    return status;
}

enum rk_status rk_compare_wants(const struct rk_compare_options *options, struct rk_wants *wants)
{
    const struct {
        const char *name;
        enum rk_role role;
    } columns[] = {{options->group, RK_AS_LABEL},      {options->id, RK_AS_LABEL},
                   {options->block, RK_AS_LABEL},      {options->time, RK_AS_TIME},
                   {options->before, RK_AS_NUMBER},    {options->after, RK_AS_NUMBER},
                   {options->successes, RK_AS_NUMBER}, {options->trials, RK_AS_NUMBER},
                   {options->exposure, RK_AS_NUMBER}};
    enum rk_status status = rk_wants_names(wants, &options->values, RK_AS_NUMBER);

    for (size_t i = 0; status == RK_OK && i < sizeof columns / sizeof *columns; i++)
        if (columns[i].name != NULL)
            status = rk_wants_add(wants, columns[i].name, columns[i].role);
    return status;
}
