/* --from-moments: a regression whose rows are elsewhere. */
#include <math.h>
#include <string.h>

#include "regress_parts.h"

static bool is_told(enum rk_vcov_method method)
{
    return method == RK_VCOV_CLASSICAL || method == RK_VCOV_CLUSTER || method == RK_VCOV_CR2 ||
           method == RK_VCOV_CR3 || method == RK_VCOV_WILD;
}

enum rk_status regress_moments_check(const struct rk_regress_options *options,
                                     enum rk_vcov_method method, struct rk_error *error)
{
    static const struct {
        enum rk_regress_table table;
        const char *name;
    } of_rows[] = {
        {RK_REGRESS_TESTS, "--emit tests"},         {RK_REGRESS_ROWS, "--emit rows"},
        {RK_REGRESS_INFLUENCE, "--emit influence"}, {RK_REGRESS_IMPORTANCE, "--emit importance"},
        {RK_REGRESS_MARGINS, "--emit margins"},     {RK_REGRESS_SLOPES, "--emit slopes"},
        {RK_REGRESS_PREDICTIONS, "--predict"}};
    const struct rk_names *effects = &options->formula->fixed_effects;
    const char *what = options->robust                         ? "--robust"
                       : options->family != RK_FAMILY_GAUSSIAN ? "a --family but gaussian"
                       : options->weights != NULL              ? "--weights"
                       : options->between                      ? "--between"
                       : options->id != NULL                   ? "--id"
                       : options->time != NULL                 ? "--time"
                                                               : NULL;

    for (size_t i = 0; i < sizeof of_rows / sizeof of_rows[0] && what == NULL; i++)
        if (options->makes[of_rows[i].table])
            what = of_rows[i].name;
    if (what != NULL)
        return rk_fail(error, RK_EUSAGE,
                       "--from-moments: %s needs the values of single rows, which sums of squares "
                       "and products do not keep",
                       what);
    if (!is_told(method))
        return rk_fail(
            error, RK_EUSAGE,
            "--from-moments: --vcov %s needs the residual of every row, which moments do "
            "not keep: take classical, cluster, cr2 or cr3",
            rk_vcov_name(method));
    if (options->cluster.n > 1 || (effects->n == 1 && options->cluster.n == 1 &&
                                   strcmp(effects->name[0], options->cluster.name[0]) != 0))
        return rk_fail(error, RK_EUSAGE,
                       "--from-moments: moments are by one kind of group, which is the cluster and "
                       "the fixed effect");
    return rk_moment_columns_check(options->formula, false, error);
}

enum rk_status regress_moments_frame(struct regression *r, struct rk_error *error)
{
    const struct rk_names *effects = &r->options->formula->fixed_effects;
    const char *name = r->cluster_name != NULL ? r->cluster_name
                       : effects->n > 0        ? effects->name[0]
                                               : "group";
    struct rk_moments_model model = {0};
    const char *group;
    enum rk_status status =
        rk_moments_group_effect(r->options->moments, r->options->formula, &group, error);

    if (status == RK_OK && group != NULL && r->cluster_name != NULL &&
        strcmp(group, r->cluster_name) != 0)
        status = rk_fail(error, RK_EUSAGE,
                         "--from-moments: errors are clustered by the groups of the moments, "
                         "'%s', not by '%s'",
                         group, r->cluster_name);
    if (status == RK_OK)
        status =
            rk_moments_model_new(r->options->moments, r->options->formula, name, &model, error);
    if (status != RK_OK)
        return status;
    r->n_dummies = model.n_dummies;
    r->frame = model.frame;
    r->weights = model.weights;
    r->table = r->given = r->points = model.table;
    r->n_rows = (size_t)rk_moments_total(r->options->moments);
    return RK_OK;
}

void regress_moments_largest(struct regression *r)
{
    double largest = 0.0;

    for (size_t first = 0, last; first < r->fit->n; first = last) {
        double sum = 0.0;

        /* The rows of a group stand together. */
        for (last = first; last < r->fit->n && r->cluster[last] == r->cluster[first]; last++)
            sum += r->weights[regress_frame_row(r, last)];
        largest = fmax(largest, sum);
    }
    r->largest_cluster = (size_t)(largest + 0.5);
}
