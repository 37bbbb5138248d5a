/* The sentences and warnings of rep-rank. */
#include <math.h>

#include "ranking_parts.h"
#include "repkit/words.h"

bool ranking_alike(const struct rk_units *prior, double conf_level)
{
    return !(prior->p_value < 1.0 - conf_level);
}

static bool is_point(const struct ranking_found *f)
{
    return f->options->value != NULL ? f->prior->tau2 == 0.0 : isinf(f->prior->a);
}

/* Units whose rank may be on either side of the middle. */
static size_t in_the_middle(const struct ranking_found *f, struct rk_text *list)
{
    enum { MOST_NAMED = 12 };
    double middle = ((double)f->units->k + 1.0) / 2.0;
    size_t count = 0;

    for (size_t place = 0; place < f->units->k; place++) {
        size_t u = f->order[place];

        if (f->ranks[u].low > middle || f->ranks[u].high < middle)
            continue;
        if (count++ < MOST_NAMED)
            rk_text_format(list, "%s%s", count > 1 ? ", " : "", f->units->name[u]);
    }
    if (count > MOST_NAMED)
        rk_text_format(list, " and %zu more", count - MOST_NAMED);
    return count;
}

static void explain_all(const struct ranking_found *f, struct rk_result *result)
{
    const struct rk_units *p = f->prior;
    struct rk_text row = {0}, manager = {0}, paper = {0}, list = {0};
    size_t count = in_the_middle(f, &list);

    rk_text_format(&row, "all %s", f->options->id);
    if (ranking_alike(p, f->options->common.conf_level))
        rk_text_add(&manager, "The data show no differences beyond luck: do not reward or blame by "
                              "this order. ");
    else
        rk_text_add(&manager, "There are differences beyond luck. ");
    if (list.failed)
        result->status = RK_ENOMEM;
    else if (count > 0)
        rk_text_format(&manager, "Not to be told from the middle (%zu of %zu): %s.", count,
                       f->units->k, list.bytes);
    else
        rk_text_add(&manager, "Each can be told from the middle.");
    rk_text_free(&list);

    if (f->options->value != NULL) {
        rk_text_format(&paper, "Empirical Bayes for means of %s (Paule-Mandel, Morris%s): mu = ",
                       f->options->value,
                       f->units->own_variance ? "" : ", variance pooled within units");
        rk_say_number(&paper, p->mean);
        rk_text_add(&paper, ", tau2 = ");
        rk_say_number(&paper, p->tau2);
    } else {
        rk_text_format(&paper,
                       "Beta-binomial empirical Bayes for %s of %s: mean = ", f->options->successes,
                       f->options->trials);
        rk_say_number(&paper, p->mean);
        if (isinf(p->a)) {
            rk_text_add(&paper, ", no overdispersion");
        } else {
            rk_text_add(&paper, ", a = ");
            rk_say_number(&paper, p->a);
            rk_text_add(&paper, ", b = ");
            rk_say_number(&paper, p->b);
        }
        if (p->separated)
            rk_text_add(&paper, " (at the bound a + b = 1: every unit always or never)");
    }
    rk_text_format(&paper, "; homogeneity chi2(%zu) = ", p->df);
    rk_text_rounded(&paper, p->statistic, 3);
    rk_text_add(&paper, ", ");
    rk_say_p(&paper, "p", p->p_value);
    rk_text_format(&paper, ", %zu units", f->units->k);
    if (f->posterior[0].n_mixture > 0)
        rk_text_format(&paper, "; intervals by a type III bootstrap of the prior (%zu draws)",
                       f->posterior[0].n_mixture);
    rk_text_format(&paper, "; ranks from %d posterior draws.", RK_RANK_DRAWS);
    rk_explain(result, &row, &manager, &paper);
}

static void explain_unit(const struct ranking_found *f, size_t u, struct rk_result *result)
{
    const struct rk_common *common = &f->options->common;
    const struct rk_ranks *r = &f->ranks[u];
    struct rk_text row = {0}, manager = {0}, paper = {0};
    double low, high;

    rk_posterior_interval(&f->posterior[u], common->conf_level, &low, &high);
    rk_text_add(&row, f->units->name[u]);
    rk_text_format(&manager, "%s: ", f->units->name[u]);
    rk_say_number(&manager, f->posterior[u].estimate);
    rk_text_add(&manager, " once luck is allowed for");
    rk_say_interval(&manager, common->conf_level, low, high);
    rk_text_add(&manager, "; as counted ");
    rk_say_number(&manager, f->units->raw[u]);
    rk_text_add(&manager, ". The rank ");
    if (r->low == r->high)
        rk_text_format(&manager, "is %.0f", r->low);
    else
        rk_text_format(&manager, "may be anything from %.0f to %.0f", r->low, r->high);
    rk_text_format(&manager,
                   " of %zu; the chance to be among the top %zu is %.0f%%, among the bottom %zu "
                   "%.0f%%.",
                   f->units->k, f->options->top, 100.0 * r->prob_top, f->options->top,
                   100.0 * r->prob_bottom);

    rk_text_format(&paper, "%s: n = %.0f, shrunken estimate ", f->units->name[u], f->units->n[u]);
    rk_say_number(&paper, f->posterior[u].estimate);
    rk_say_ci(&paper, common->conf_level, low, high);
    rk_text_add(&paper, " (raw ");
    rk_say_number(&paper, f->units->raw[u]);
    rk_text_format(&paper, ", shrinkage %.2f), expected rank %.1f, rank %.0f to %.0f.",
                   f->posterior[u].shrinkage, r->expected, r->low, r->high);
    rk_explain(result, &row, &manager, &paper);
}

void ranking_explain(const struct ranking_found *found, struct rk_result *result)
{
    explain_all(found, result);
    for (size_t place = 0; place < found->units->k; place++)
        explain_unit(found, found->order[place], result);
}

void ranking_warn(const struct ranking_found *f, struct rk_result *result)
{
    const struct ranking_units *u = f->units;
    const char *what = f->options->value != NULL ? f->options->value : f->options->successes;
    double n = (double)u->n_rows;

    if (ranking_alike(f->prior, f->options->common.conf_level))
        rk_warn(result, RK_WARN_NO_DIFFERENCES,
                "The data show no differences in '%s' beyond luck (homogeneity chi2 %.4g, df %zu, "
                "p %.2g)%s",
                what, f->prior->statistic, f->prior->df, f->prior->p_value,
                is_point(f) ? ", and all estimates are the common one" : "");
    if (f->prior->separated)
        rk_warn(result, RK_WARN_SEPARATION,
                "Every one of the %zu units has '%s' always or never, which does not tell how far "
                "units differ; each is judged nearly by its own trials (a prior worth one trial)",
                u->k, what);
    if (u->n_no_trials > 0)
        rk_warn(result, RK_WARN_DROPPED, "%zu of %zu units have no trials and are left out",
                u->n_no_trials, u->n_no_trials + u->k);
    if (u->missing_share > 0.05 && u->missing_p < 0.05)
        rk_warn(result, RK_WARN_MISSING_NOT_RANDOM,
                "'%s' is missing in %.0f%% of the rows, more often for some units than for others",
                what, 100.0 * u->missing_share);
    if (f->options->value == NULL)
        return;
    if (n >= 20.0 && u->lag1 > 2.0 / sqrt(n))
        rk_warn(result, RK_WARN_AUTOCORRELATION,
                "Rows of a unit that follow one another have alike values of '%s' (correlation "
                "%.2f, in the order of the file), so that intervals are too narrow and shrinkage "
                "is too small",
                what, u->lag1);
    if (n >= 10.0 && u->largest_share > 0.2)
        rk_warn(result, RK_WARN_HEAVY_TAIL, "One row has %.0f%% of all '%s'",
                100.0 * u->largest_share, what);
    else if (fabs(u->skewness) > 2.0)
        rk_warn(result, RK_WARN_HEAVY_TAIL, "'%s' is skewed within units (skewness %.1f)", what,
                u->skewness);
}
