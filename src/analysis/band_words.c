/* What curves and claims mean, in words: of association, never of cause. */
#include <math.h>
#include <string.h>

#include "band_parts.h"
#include "repkit/words.h"

/* " within rep", and what was held equal. */
static void add_scope(const struct band *b, struct rk_text *out)
{
    if (b->n_effects > 0)
        rk_text_format(out, " within %s", b->options->formula->fixed_effects.name[0]);
    if (b->q > 0)
        rk_text_format(out, ", %s held equal", b->q == 1 ? "the other term" : "the other terms");
}

static void add_caveat(struct rk_text *out)
{
    rk_text_add(out, " This is an association, not proof of cause.");
}

static void add_method(const struct band *b, const struct band_model *m, struct rk_text *out)
{
    rk_text_add(out, "; least squares");
    if (b->n_effects > 0)
        rk_text_format(out, " with fixed effects of %s",
                       b->options->formula->fixed_effects.name[0]);
    if (m->fit.errors == RK_OK) {
        rk_text_format(out, ", %s", rk_vcov_description(m->fit.covariance.method));
        if (b->cluster_name != NULL)
            rk_text_format(out, " (%zu clusters of %s)", b->n_clusters, b->cluster_name);
    }
    rk_text_format(out, ", n = %zu.", b->n);
}

/* --- models ---------------------------------------------------------------------------------- */

static const char *shape_words(const struct band_model *m)
{
    static const struct {
        const char *shape, *words;
    } table[] = {
        {"inverted-u", "rises to a highest point and falls after it"},
        {"u", "falls to a lowest point and rises after it"},
        {"plateau", "rises and then stays level"},
        {"floor", "falls and then stays level"},
        {"rising", "rises throughout"},
        {"falling", "falls throughout"},
        {"diminishing", "rises throughout, but less and less"},
        {"accelerating", "rises throughout, and more and more"},
        {"wavy", "goes up and down more than once"},
        {"flat", "is flat"},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].shape, m->shape) == 0)
            return table[i].words;
    return m->shape;
}

static void say_linear(const struct band *b, const struct band_model *m, struct rk_text *out)
{
    struct band_number slope = band_coefficient(b, &m->fit, 0, 1.0 / b->scale);

    rk_text_format(out, "As a straight line, %s is ", b->response.bytes);
    rk_say_number(out, fabs(slope.value));
    rk_text_format(out, " %s per unit of %s%s", slope.value < 0.0 ? "lower" : "higher",
                   b->activity.bytes, b->n_effects > 0 ? " within " : "");
    if (b->n_effects > 0)
        rk_text_add(out, b->options->formula->fixed_effects.name[0]);
    rk_say_interval(out, b->options->common.conf_level, slope.low, slope.high);
    rk_text_add(out, ".");
    add_caveat(out);
}

/* What the optimum of the model is called. */
static const char *place(const struct band_model *m)
{
    if (m->kind == BAND_THRESHOLD && !m->peak)
        return "The slope changes at ";
    if (m->kind == BAND_PLATEAU)
        return m->peak ? "It stops rising at " : "It stops falling at ";
    return m->peak ? "It is highest at " : "It is lowest at ";
}

static void say_place(const struct band *b, const struct band_model *m, struct rk_text *out)
{
    if (m->edge) {
        rk_text_add(out, "Its bend lies at the end of where bends are looked for: none is seen. ");
        return;
    }
    rk_text_add(out, place(m));
    rk_say_number(out, m->optimum);
    rk_text_format(out, " %s", b->activity.bytes);
    rk_say_interval(out, b->options->common.conf_level, m->low, m->high);
    if (m->beyond)
        rk_text_add(out, ", where there are no data");
    rk_text_add(out, ". ");
    if (!isnan(m->band_low) && !isnan(m->band_high)) {
        rk_text_add(out, "From ");
        rk_say_number(out, m->band_low);
        rk_text_add(out, " to ");
        rk_say_number(out, m->band_high);
        rk_text_add(out, " it is nearly as good. ");
    } else if (!isnan(m->band_low)) {
        rk_text_add(out, "From ");
        rk_say_number(out, m->band_low);
        rk_text_add(out, " on it is nearly as good. ");
    }
}

static void say_curve(const struct band *b, const struct band_model *m, struct rk_text *out)
{
    static const char *const as[] = {
        [BAND_QUADRATIC] = "a parabola",
        [BAND_THRESHOLD] = "two straight lines",
        [BAND_PLATEAU] = "a line that levels off",
        [BAND_SPLINE] = "a smooth curve",
    };
    double alpha = 1.0 - b->options->common.conf_level;

    rk_text_format(out, "As %s: with more %s", as[m->kind], b->activity.bytes);
    add_scope(b, out);
    rk_text_format(out, ", %s %s. ", b->response.bytes, shape_words(m));
    if (!isnan(m->optimum))
        say_place(b, m, out);
    if (isnan(m->p))
        rk_text_add(out, "Whether it bends at all could not be tested.");
    else if (m->kind == BAND_QUADRATIC)
        rk_text_format(out, m->p < alpha ? "The data show that it turns ("
                                         : "But the data do not "
                                           "show that it turns (");
    else
        rk_text_format(out, m->p < alpha ? "The data show that it is no straight line ("
                                         : "But a straight line is not ruled out (");
    if (!isnan(m->p)) {
        rk_say_p(out, "p", m->p);
        rk_text_add(out, ").");
    }
    add_caveat(out);
}

static void say_paper(const struct band *b, const struct band_model *m, struct rk_text *out)
{
    static const char *const tests[] = {
        [BAND_QUADRATIC] = "Lind-Mehlum",
        [BAND_THRESHOLD] = "sup-F, wild bootstrap,",
        [BAND_PLATEAU] = "sup-F, wild bootstrap,",
        [BAND_SPLINE] = "F of the nonlinear terms",
    };

    rk_text_format(out, "%s: %s, AICc = ", band_model_name(m->kind), m->shape);
    rk_say_number(out, m->aicc);
    rk_text_add(out, " (weight ");
    rk_say_number(out, m->weight);
    rk_text_add(out, ")");
    if (!isnan(m->optimum)) {
        rk_text_format(out, ", %s at ",
                       m->kind == BAND_QUADRATIC ? "vertex"
                       : m->kind == BAND_SPLINE  ? "maximum"
                                                 : "knot");
        rk_say_number(out, m->optimum);
        rk_say_ci(out, b->options->common.conf_level, m->low, m->high);
        if (!isnan(m->low))
            rk_text_add(out, m->kind == BAND_QUADRATIC ? " (Fieller)" : " (bootstrap)");
    }
    if (!isnan(m->p)) {
        rk_text_format(out, ", %s ", tests[m->kind]);
        rk_say_p(out, "p", m->p);
    }
    add_method(b, m, out);
}

enum rk_status band_explain_models(const struct band *b, struct rk_result *result)
{
    for (int k = 0; k < BAND_MODELS; k++) {
        const struct band_model *m = &b->model[k];
        struct rk_text row = {0}, manager = {0}, paper = {0};

        rk_text_add(&row, band_model_name(k));
        if (m->problem != NULL) {
            rk_text_format(&manager, "No such curve could be fitted: %s.", m->problem);
            rk_text_format(&paper, "%s: not fitted (%s), n = %zu.", band_model_name(k), m->problem,
                           b->n);
        } else {
            if (k == BAND_LINEAR)
                say_linear(b, m, &manager);
            else
                say_curve(b, m, &manager);
            say_paper(b, m, &paper);
        }
        rk_explain(result, &row, &manager, &paper);
    }
    return result->status;
}

/* --- intervals and curves -------------------------------------------------------------------- */

static void explain_interval(const struct band *b, const struct band_model *m,
                             const struct band_interval *way, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};
    const char *place = m->kind == BAND_QUADRATIC ? "turns at "
                        : m->kind == BAND_SPLINE  ? "is highest at "
                                                  : "bends at ";
    bool resampled = strcmp(way->method, "bootstrap") == 0;

    rk_text_format(&row, "%s %s", band_model_name(m->kind), way->method);
    rk_text_format(&manager, "The %s curve %s", band_model_name(m->kind), place);
    rk_say_number(&manager, way->value);
    rk_text_format(&manager, " %s", b->activity.bytes);
    rk_say_interval(&manager, b->options->common.conf_level, way->low, way->high);
    if (isnan(way->low))
        rk_text_add(&manager, ", with an interval that has no end");
    if (resampled)
        rk_text_format(&manager, ", looked for anew in resamples%s%s%s",
                       b->cluster_name != NULL ? " (each " : "",
                       b->cluster_name != NULL ? b->cluster_name : " of the rows",
                       b->cluster_name != NULL ? " as a whole)" : "");
    rk_text_add(&manager, ". Whether it does so at all is another question: see p_nonlinear.");
    rk_text_format(&paper, "%s, %s: ", band_model_name(m->kind), way->method);
    rk_say_number(&paper, way->value);
    rk_say_ci(&paper, b->options->common.conf_level, way->low, way->high);
    if (!isnan(way->se)) {
        rk_text_add(&paper, ", SE = ");
        rk_say_number(&paper, way->se);
    }
    add_method(b, m, &paper);
    rk_explain(result, &row, &manager, &paper);
}

void band_explain_intervals(const struct band *b, struct rk_result *result)
{
    for (int k = 0; k < BAND_MODELS; k++)
        for (size_t i = 0; i < BAND_MOST_INTERVALS && b->model[k].problem == NULL; i++)
            if (b->model[k].interval[i].method != NULL)
                explain_interval(b, &b->model[k], &b->model[k].interval[i], result);
}

void band_explain_curve(const struct band *b, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};

    rk_text_add(&row, "curve");
    rk_text_format(&manager,
                   "What each curve expects of %s at so much %s, everything else as it is on "
                   "average. Between ",
                   b->response.bytes, b->activity.bytes);
    rk_say_number(&manager, b->low);
    rk_text_add(&manager, " and ");
    rk_say_number(&manager, b->high);
    rk_text_add(&manager, " there are data; it says nothing of what lies beyond, nor of cause.");
    rk_text_format(&paper, "Fitted %s over %s with pointwise %.4g%% intervals%s; n = %zu.",
                   b->response.bytes, b->activity.bytes, 100.0 * b->options->common.conf_level,
                   b->n_effects > 0 ? " of the difference from the mean row" : "", b->n);
    rk_explain(result, &row, &manager, &paper);
}

/* --- bins ------------------------------------------------------------------------------------ */

void band_explain_bins(const struct band *b, size_t n_bins, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};

    if (!b->options->common.explain)
        return;
    rk_text_add(&row, "bins");
    rk_text_format(
        &manager,
        "Mean %s in %zu groups of rows with about as many each, from the least %s to the "
        "most. Do not pick the best one: some bin is always highest, by luck.",
        b->response.bytes, n_bins, b->activity.bytes);
    rk_text_format(&paper,
                   "Means of %s by quantile bins of %s%s, %g%% intervals, not adjusted for "
                   "their number; n = %zu.",
                   b->response.bytes, b->activity.bytes,
                   b->n_effects > 0 || b->q > 0 ? ", adjusted for the other terms" : "",
                   100.0 * b->options->common.conf_level, b->n);
    rk_explain(result, &row, &manager, &paper);
}

/* --- claims ---------------------------------------------------------------------------------- */

static void say_claim(const struct band *b, const struct band_judgement *j, struct rk_text *out)
{
    const char *what = j->claim.open ? "is the rule to keep to" : "is best";

    switch (j->verdict) {
    case BAND_SUPPORTED:
        rk_text_format(out, "These data support that %s %s %s: ", b->activity.bytes, j->claim.text,
                       what);
        break;
    case BAND_COMPATIBLE:
        rk_text_format(out, "These data do not speak against %s %s, nor clearly for it: ",
                       b->activity.bytes, j->claim.text);
        break;
    case BAND_CONTRADICTED:
        rk_text_format(out, "These data speak against %s %s: ", b->activity.bytes, j->claim.text);
        break;
    default:
        rk_text_format(out, "These data cannot tell whether %s %s %s: ", b->activity.bytes,
                       j->claim.text, what);
    }
    rk_text_format(out, "%s.", j->why);
    if (j->verdict == BAND_NOT_IDENTIFIED)
        rk_text_add(out, " That is no evidence against it, either.");
    add_caveat(out);
}

static void say_contrast(const struct band *b, const struct band_judgement *j,
                         const struct band_contrast *c, struct rk_text *out)
{
    static const struct {
        const char *contrast, *words;
    } table[] = {
        {"optimum", "The parabola turns at "},
        {"spline-optimum", "The smooth curve is highest at "},
        {"inside-below", "Inside the band the outcome differs from below it by "},
        {"inside-above", "Inside the band the outcome differs from above it by "},
        {"slope-low", "At the lower end of the band one more goes with "},
        {"slope-high", "At the upper end of the band one more goes with "},
        {"inside-outside", "Where the rule is kept the outcome differs by "},
        {"step", "At the cut the outcome jumps by "},
        {"slope-below", "Below the cut one more goes with "},
        {"slope-above", "Above the cut one more goes with "},
        {"change", "Whether a jump or a bend at the cut adds to a straight line: "},
        {"best-cut", "Left to choose, the data would put the cut at "},
    };

    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].contrast, c->name) == 0)
            rk_text_add(out, table[i].words);
    if (strcmp(c->name, "change") == 0) {
        rk_text_add(out, isnan(c->p)                                  ? "not known"
                         : c->p < 1.0 - b->options->common.conf_level ? "it does"
                                                                      : "it is not shown");
    } else if (isnan(c->estimate)) {
        rk_text_add(out, "what these data cannot tell");
    } else {
        rk_say_number(out, c->estimate);
        rk_say_interval(out, b->options->common.conf_level, c->low, c->high);
    }
    rk_text_add(out, ".");
    if (c == &j->contrast[0]) {
        rk_text_add(out, " ");
        say_claim(b, j, out);
    }
}

void band_explain_claim(const struct band *b, const struct band_judgement *j,
                        struct rk_result *result)
{
    for (size_t k = 0; k < j->n; k++) {
        const struct band_contrast *c = &j->contrast[k];
        struct rk_text row = {0}, manager = {0}, paper = {0};

        rk_text_format(&row, "%s %s", j->claim.text, c->name);
        say_contrast(b, j, c, &manager);
        rk_text_format(&paper, "%s, %s: ", j->claim.text, c->name);
        if (isnan(c->estimate) && isnan(c->p)) {
            rk_text_add(&paper, "not estimated");
        } else {
            rk_say_number(&paper, c->estimate);
            rk_say_ci(&paper, b->options->common.conf_level, c->low, c->high);
            if (!isnan(c->p)) {
                rk_text_add(&paper, ", ");
                rk_say_p(&paper, "p", c->p);
            }
        }
        if (k == 0)
            rk_text_format(&paper, "; verdict %s", band_verdict_name(j->verdict));
        add_method(b, &b->model[BAND_LINEAR], &paper);
        rk_explain(result, &row, &manager, &paper);
    }
}
