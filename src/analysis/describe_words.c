/* The sentences of rep-describe. */
#include <math.h>

#include "describe_parts.h"
#include "repkit/normality.h"
#include "repkit/shape.h"
#include "repkit/words.h"

void rk_describe_explain(const struct describe_row *d, double conf_level,
                         const struct rk_text *further, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};
    const struct rk_moments *m = d->moments;

    rk_text_add(&row, d->name);
    rk_text_format(&manager, "The average of %s is ", d->name);
    rk_say_number(&manager, m->mean);
    rk_say_interval(&manager, conf_level, d->low, d->high);
    if (d->quartile != NULL) {
        rk_text_add(&manager, "; the middle half lies between ");
        rk_say_number(&manager, d->quartile[0]);
        rk_text_add(&manager, " and ");
        rk_say_number(&manager, d->quartile[2]);
    }
    rk_text_add(&manager, ".");

    rk_text_format(&paper, "%s: n = %zu, M = ", d->name, m->n);
    rk_say_number(&paper, m->mean);
    rk_text_add(&paper, ", SD = ");
    rk_say_number(&paper, m->sd);
    rk_say_ci(&paper, conf_level, d->low, d->high);
    if (d->quartile != NULL) {
        rk_text_add(&paper, ", Mdn = ");
        rk_say_number(&paper, d->quartile[1]);
    }
    if (further->length > 0)
        rk_text_add(&paper, further->bytes);
    rk_text_add(&paper, ".");
    if (further->failed)
        paper.failed = true;
    rk_explain(result, &row, &manager, &paper);
}

static void say_full(const double *sorted, size_t n, const struct rk_describe_options *options,
                     double *spare, struct rk_text *out)
{
    double low, high, se = rk_trimmed_mean_se(sorted, n, options->trim, spare);

    rk_median_interval(sorted, n, options->common.conf_level, &low, &high);
    if (!isnan(low))
        rk_say_ci(out, options->common.conf_level, low, high);
    rk_text_format(out, ", %g%% trimmed M = ", 100.0 * options->trim);
    rk_say_number(out, rk_trimmed_mean(sorted, n, options->trim));
    if (!isnan(se)) {
        rk_text_add(out, " (SE = ");
        rk_say_number(out, se);
        rk_text_add(out, ", Yuen)");
    }
}

void rk_describe_say_ordered(const double *sorted, size_t n, const struct rk_moments *moments,
                             const struct rk_describe_options *options, double *spare,
                             struct rk_text *out)
{
    double statistic, p;

    if (options->full)
        say_full(sorted, n, options, spare, out);
    if (options->normality && rk_shapiro_wilk(sorted, n, spare, &statistic, &p) == RK_OK) {
        rk_text_add(out, ", Shapiro-Wilk W = ");
        rk_text_rounded(out, statistic, 3);
        rk_text_add(out, ", ");
        rk_say_p(out, "p", p);
    }
    if (options->normality &&
        rk_anderson_darling(sorted, n, moments->mean, moments->sd, &statistic, &p) == RK_OK) {
        rk_text_add(out, ", Anderson-Darling A = ");
        rk_text_rounded(out, statistic, 3);
        rk_text_add(out, ", ");
        rk_say_p(out, "p", p);
    }
}

void rk_describe_explain_levels(const char *name, const struct describe_level *level,
                                size_t n_levels, size_t total, struct rk_result *result)
{
    enum { MOST_NAMED = 5 };
    struct rk_text row = {0}, manager = {0}, paper = {0};
    size_t named = n_levels < MOST_NAMED ? n_levels : MOST_NAMED;

    rk_text_add(&row, name);
    rk_text_format(&manager, "%s has %zu level%s; ", name, n_levels, n_levels == 1 ? "" : "s");
    if (n_levels > 1 && level[0].n == level[1].n)
        rk_text_format(&manager, "none is alone the most frequent, %s and %s have %zu of %zu each.",
                       level[0].label, level[1].label, level[0].n, total);
    else
        rk_text_format(&manager, "%s is the most frequent (%zu of %zu, %.0f%%).", level[0].label,
                       level[0].n, total, 100.0 * (double)level[0].n / (double)total);
    rk_text_format(&paper, "%s: n = %zu, ", name, total);
    for (size_t k = 0; k < named; k++)
        rk_text_format(&paper, "%s%s %zu (%.1f%%)", k > 0 ? ", " : "", level[k].label, level[k].n,
                       100.0 * (double)level[k].n / (double)total);
    if (n_levels > named)
        rk_text_format(&paper, " and %zu further levels", n_levels - named);
    rk_text_add(&paper, ".");
    rk_explain(result, &row, &manager, &paper);
}
