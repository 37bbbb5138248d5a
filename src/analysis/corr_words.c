#include <math.h>

#include "corr_parts.h"
#include "repkit/words.h"

/* The sizes of Cohen (1988): .1 small, .3 medium, .5 large. */
static const char *strength(double r)
{
    static const struct {
        double from;
        const char *words;
    } sizes[] = {{0.5, "a strong link"}, {0.3, "a moderate link"}, {0.1, "a weak link"}};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        if (fabs(r) >= sizes[i].from)
            return sizes[i].words;
    return "a very weak link";
}

static void add_interval(const struct corr_words *w, const char *open, const char *between,
                         const char *close, struct rk_text *out)
{
    rk_text_format(out, "%g%%", 100.0 * w->conf_level);
    rk_text_add(out, open);
    rk_text_rounded(out, w->correlation->conf_low, 3);
    rk_text_add(out, between);
    rk_text_rounded(out, w->correlation->conf_high, 3);
    rk_text_add(out, close);
}

/* " 2 weeks later", what y is beside x. */
static void add_lag(const struct corr_words *w, struct rk_text *out)
{
    long long n = w->lag < 0 ? -(long long)w->lag : (long long)w->lag;

    if (w->lag != 0)
        rk_text_format(out, " %lld %s%s %s", n, w->period, n == 1 ? "" : "s",
                       w->lag < 0 ? "earlier" : "later");
}

/* ", with price and tenure held fixed" */
static void add_held(const struct corr_words *w, const char *before, const char *after,
                     struct rk_text *out)
{
    for (size_t j = 0; j < w->partial->n; j++)
        rk_text_format(out, "%s%s",
                       j == 0                  ? before
                       : j + 1 < w->partial->n ? ", "
                                               : " and ",
                       w->partial->name[j]);
    if (w->partial->n > 0)
        rk_text_add(out, after);
}

/* A unit beside what is usual for it: "with calls higher than usual for the same rep, revenue 1
 * week later tends to be higher than usual, too". */
static bool is_usual(const struct corr_words *w)
{
    return w->scope == RK_TWO_WAY || (w->scope == RK_WITHIN && w->method != RK_KENDALL);
}

static void add_usual(const struct corr_words *w, struct rk_text *out)
{
    bool rises = w->correlation->estimate > 0.0;

    if (w->scope == RK_TWO_WAY)
        rk_text_format(out, "Beyond what all share in a %s, with ", w->period);
    else
        rk_text_add(out, "With ");
    rk_text_format(out, "%s higher than usual for the same %s, %s", w->x, w->id, w->y);
    add_lag(w, out);
    rk_text_format(out, " tends to be %s than usual%s", rises ? "higher" : "lower",
                   rises ? ", too" : "");
}

/* What the correlation is one of: the comparison that the scope makes. */
static void add_tendency(const struct corr_words *w, struct rk_text *out)
{
    const char *direction = w->correlation->estimate > 0.0 ? "higher" : "lower";

    if (w->scope == RK_WITHIN && w->method == RK_KENDALL)
        rk_text_format(out, "From one row of a %s to another, the higher the %s, the %s the %s",
                       w->id, w->x, direction, w->y);
    else if (is_usual(w))
        add_usual(w, out);
    else if (w->scope == RK_BETWEEN)
        rk_text_format(out,
                       "From one %s to another, the higher the average %s, the %s the average "
                       "%s",
                       w->id, w->x, direction, w->y);
    else
        rk_text_format(out, "Across rows, the higher the %s, the %s the %s", w->x, direction, w->y);
    if (!is_usual(w))
        add_lag(w, out);
    add_held(w, ", with ", " held fixed", out);
}

static void add_comparison(const struct corr_words *w, struct rk_text *out)
{
    if (w->scope == RK_TWO_WAY)
        rk_text_format(out, " within one %s, beyond what all share in a %s", w->id, w->period);
    else if (w->scope == RK_WITHIN)
        rk_text_format(out, " within one %s", w->id);
    else if (w->scope == RK_BETWEEN)
        rk_text_format(out, " from one %s to another", w->id);
    else
        rk_text_add(out, " across rows");
    add_held(w, ", with ", " held fixed", out);
}

static void manager_contrast(const struct corr_words *w, struct rk_text *out)
{
    const struct rk_correlation *c = w->correlation;
    bool sure = c->conf_low > 0.0 || c->conf_high < 0.0;

    rk_text_format(out, "%s", sure ? "" : "It is not clear whether ");
    rk_text_format(out, "%s goes with %s", w->x, w->y);
    add_lag(w, out);
    rk_text_format(out, " %s %s does",
                   !sure               ? "more or less closely than"
                   : c->estimate > 0.0 ? "more closely than"
                                       : "less closely, or more against it, than",
                   w->x2);
    add_comparison(w, out);
    rk_text_add(out, ": the difference of their correlations is ");
    rk_text_rounded(out, c->estimate, 3);
    rk_say_interval(out, w->conf_level, c->conf_low, c->conf_high);
    rk_text_add(out, ".");
}

static void manager(const struct corr_words *w, struct rk_text *out)
{
    const struct rk_correlation *c = w->correlation;
    bool known = !isnan(c->conf_low);

    if (w->x2 != NULL) {
        manager_contrast(w, out);
        return;
    }
    if (known && c->conf_low <= 0.0 && c->conf_high >= 0.0) {
        rk_text_format(out, "No clear link of %s with %s", w->x, w->y);
        add_lag(w, out);
        add_comparison(w, out);
        rk_text_add(out, ": the correlation is ");
        rk_text_rounded(out, c->estimate, 3);
        rk_text_add(out, ", and its ");
        add_interval(w, " interval (", " to ", ") includes 0.", out);
        return;
    }
    if (!known && c->p_value >= 1.0 - w->conf_level) {
        rk_text_format(out, "No clear link of %s with %s", w->x, w->y);
        add_lag(w, out);
        add_comparison(w, out);
        rk_text_add(out, ": the correlation is ");
        rk_text_rounded(out, c->estimate, 3);
        rk_text_add(out, ", ");
        rk_say_p(out, "p", c->p_value);
        rk_text_add(out, ".");
        return;
    }
    add_tendency(w, out);
    rk_text_format(out, ": %s (correlation ", c->perfect ? "in lockstep" : strength(c->estimate));
    rk_text_rounded(out, c->estimate, 3);
    if (known && !c->perfect) {
        rk_text_add(out, ", ");
        add_interval(w, " interval ", " to ", "", out);
    }
    rk_text_add(out, ")");
    if (!known && isnan(c->p_value) && !c->perfect)
        rk_text_add(out, ", how sure cannot be said of so few");
    rk_text_add(out, ". This is a link, not a cause: it does not show that changing one "
                     "changes the other.");
    if (w->scope == RK_POOLED && w->id != NULL)
        rk_text_format(out, " This mixes which %s it is with what that %s does.", w->id, w->id);
}

static void paper(const struct corr_words *w, struct rk_text *out)
{
    static const char *const symbols[] = {"r", "r_s", "tau_b"};
    const struct rk_correlation *c = w->correlation;

    rk_text_format(out, "%s%s%s and %s", w->x, w->x2 != NULL ? " less " : "",
                   w->x2 != NULL ? w->x2 : "", w->y);
    if (w->scope == RK_WITHIN)
        rk_text_format(out, ", repeated measures within %s", w->id);
    else if (w->scope == RK_TWO_WAY)
        rk_text_format(out, ", repeated measures within %s and %s (two-way)", w->id, w->period);
    else if (w->scope == RK_BETWEEN)
        rk_text_format(out, ", means by %s", w->id);
    if (w->lag != 0)
        rk_text_format(out, ", lag %lld", (long long)w->lag);
    add_held(w, ", partial given ", "", out);
    rk_text_format(out, ": %s%s", w->x2 != NULL ? "difference of " : "", symbols[w->method]);
    if (w->scope >= RK_WITHIN && w->method != RK_KENDALL)
        rk_text_add(out, w->method == RK_SPEARMAN ? ",rm" : "_rm");
    if (!isnan(c->df))
        rk_text_format(out, "(%.0f)", c->df);
    rk_text_add(out, " = ");
    rk_text_rounded(out, c->estimate, 3);
    if (!isnan(c->conf_low) && !c->perfect) {
        rk_text_add(out, ", ");
        add_interval(w, " CI [", ", ", "]", out);
    }
    if (c->exact)
        rk_text_format(out, ", %s = %.0f", w->method == RK_KENDALL ? "T" : "S", c->statistic);
    else if (w->method == RK_KENDALL && !isnan(c->statistic))
        rk_text_format(out, ", z = %.2f", c->statistic);
    if (!isnan(c->p_value)) {
        rk_text_add(out, ", ");
        rk_say_p(out, "p", c->p_value);
        rk_text_add(out, c->exact ? " (exact)" : "");
    }
    if (w->shifted)
        rk_text_add(out, w->scope == RK_BETWEEN ? " (permutation of the units' means)"
                                                : " (circular shifts within units)");
    if (w->resamples > 0)
        rk_text_format(out, " (BCa bootstrap of %s%s, %zu resamples)",
                       w->id != NULL ? "each whole " : "rows", w->id != NULL ? w->id : "",
                       w->resamples);
    rk_text_format(out, ", n = %zu", c->n);
    if (w->scope >= RK_WITHIN)
        rk_text_format(out, " in %zu units", c->n_units);
    rk_text_add(out, ".");
}

const char *corr_scope_name(size_t scope)
{
    static const char *const names[RK_SCOPE_COUNT] = {"pooled", "between", "within", "two-way"};

    return names[scope];
}

void corr_row_name(const char *x, const char *x2, const char *y, size_t scope, int64_t lag,
                   struct rk_text *out)
{
    rk_text_format(out, "%s%s%s, %s, %s", x, x2 != NULL ? " - " : "", x2 != NULL ? x2 : "", y,
                   corr_scope_name(scope));
    if (lag != 0)
        rk_text_format(out, ", lag %lld", (long long)lag);
}

void corr_explain(const struct corr_words *words, struct rk_result *result)
{
    struct rk_text row = {0}, in_short = {0}, in_print = {0};

    corr_row_name(words->x, words->x2, words->y, (size_t)words->scope, words->lag, &row);
    manager(words, &in_short);
    paper(words, &in_print);
    rk_explain(result, &row, &in_short, &in_print);
}
