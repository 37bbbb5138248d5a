/* rep-regress with other families than gaussian, and --robust: errors of the likelihood and errors
 * clustered by rep. */
#include <gsl/gsl_randist.h>

#include "calibrate.h"
#include "repkit/regress.h"

enum {
    POISSON_CLASSICAL,
    POISSON_CLUSTER,
    POISSON_EFFECTS,
    AMOUNTS_EFFECTS,
    NEGBIN_CLUSTER,
    ZERO_CLASSICAL,
    ZERO_CLUSTER,
    LOGIT_ROWS,
    LOGIT_CLUSTER_ZERO,
    ROBUST_ROWS,
    N_CLAIMS
};

static const struct cal_claim claims[N_CLAIMS] = {
    [POISSON_CLASSICAL] = {"poisson, classical", CAL_COVERS, 0.95},
    [POISSON_CLUSTER] = {"poisson, --cluster rep", CAL_COVERS, 0.95},
    [POISSON_EFFECTS] = {"poisson, &#124; rep", CAL_COVERS, 0.95},
    [AMOUNTS_EFFECTS] = {"poisson of amounts, &#124; rep", CAL_COVERS, 0.95},
    [NEGBIN_CLUSTER] = {"negbin, --cluster rep", CAL_COVERS, 0.95},
    [ZERO_CLASSICAL] = {"poisson, classical, test of a true 0", CAL_REJECTS, 0.05},
    [ZERO_CLUSTER] = {"poisson, &#124; rep, test of a true 0", CAL_REJECTS, 0.05},
    [LOGIT_ROWS] = {"binomial, classical, rows independent", CAL_COVERS, 0.95},
    [LOGIT_CLUSTER_ZERO] = {"binomial, --cluster rep, test of a true 0", CAL_REJECTS, 0.05},
    [ROBUST_ROWS] = {"--robust, rows independent, a tenth odd", CAL_COVERS, 0.95},
};

static const struct cal_cell cells[] = {
    {"20 reps, AR 0", 20, 12, 0.0, false, 0.0},
    {"20 reps, AR 0.6", 20, 12, 0.6, false, 0.0},
    {"100 reps, AR 0", 100, 12, 0.0, false, 0.0},
    {"100 reps, AR 0.6", 100, 12, 0.6, false, 0.0},
};

static const double slope = 0.3, noise_sd = 0.5, odd = 0.1;
enum { X, COUNT, AMOUNT, ZERO, LOOSE, WON, WON_ZERO, LINE, N_COLUMNS };
static const char *const names[N_COLUMNS] = {"x",     "count", "amount",   "zero",
                                             "loose", "won",   "won_zero", "line"};

static double chance(double eta)
{
    return 1.0 / (1.0 + exp(-eta));
}

/* Counts with a mean that is a rep's own, times what x does, times an AR(1) of weeks. */
static void fill_rep(struct rk_table *table, size_t u, const struct cal_cell *cell,
                     struct cal_draw *draw, double *noise)
{
    gsl_rng rng = rk_rng_gsl(&draw->rng);
    size_t n = cell->periods;
    double level = 0.5 * rk_rng_normal(&draw->rng);
    double *x = cal_column(table, X) + u * n;

    cal_ar(&draw->rng, cell->ar, x, n);
    cal_ar(&draw->rng, cell->ar, noise, n);
    for (size_t t = 0; t < n; t++) {
        size_t row = u * n + t;
        double free = rk_rng_normal(&draw->rng), e = noise_sd * noise[t];
        double base = 4.0 * exp(level + e - noise_sd * noise_sd / 2.0), mean;

        cal_column(table, LOOSE)[row] = free;
        cal_column(table, ZERO)[row] = gsl_ran_poisson(&rng, base);
        mean = base * exp(slope * x[t]);
        cal_column(table, COUNT)[row] = gsl_ran_poisson(&rng, mean);
        cal_column(table, AMOUNT)[row] = gsl_ran_poisson(&rng, mean) * gsl_ran_exponential(&rng, 1);
        cal_column(table, WON)[row] =
            rk_rng_uniform(&draw->rng) < chance(-1.0 + slope * free) ? 1.0 : 0.0;
        cal_column(table, WON_ZERO)[row] =
            rk_rng_uniform(&draw->rng) < chance(-1.0 + 2.0 * level + e) ? 1.0 : 0.0;
        cal_column(table, LINE)[row] = rk_rng_uniform(&draw->rng) < odd
                                           ? 10.0 * rk_rng_normal(&draw->rng)
                                           : slope * free + rk_rng_normal(&draw->rng);
    }
}

struct model {
    const char *formula, *term;
    int family; /* enum rk_family */
    bool clustered, robust;
};

static enum rk_status fit(const struct rk_table *table, const struct model *model,
                          struct cal_draw *draw, struct rk_result **result)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    const struct rk_names cluster = CAL_NAME("rep");
    struct rk_formula *formula = NULL;
    enum rk_status status = rk_formula_parse(model->formula, &formula, NULL);

    options.formula = formula;
    options.family = model->family;
    options.robust = model->robust;
    if (model->clustered)
        options.cluster = cluster;
    *result = rk_result_new();
    if (status == RK_OK)
        status = *result == NULL ? RK_ENOMEM
                                 : rk_regress_run(table, &options, &draw->ctx, *result, NULL);
    rk_formula_free(formula);
    return rk_status_is_undefined(status) ? RK_OK : status;
}

static const struct model models[N_CLAIMS] = {
    [POISSON_CLASSICAL] = {"count ~ x", "x", RK_FAMILY_POISSON, false, false},
    [POISSON_CLUSTER] = {"count ~ x", "x", RK_FAMILY_POISSON, true, false},
    [POISSON_EFFECTS] = {"count ~ x | rep", "x", RK_FAMILY_POISSON, false, false},
    [AMOUNTS_EFFECTS] = {"amount ~ x | rep", "x", RK_FAMILY_POISSON, false, false},
    [NEGBIN_CLUSTER] = {"count ~ x", "x", RK_FAMILY_NEGBIN, true, false},
    [ZERO_CLASSICAL] = {"zero ~ x", "x", RK_FAMILY_POISSON, false, false},
    [ZERO_CLUSTER] = {"zero ~ x | rep", "x", RK_FAMILY_POISSON, false, false},
    [LOGIT_ROWS] = {"won ~ loose", "loose", RK_FAMILY_BINOMIAL, false, false},
    [LOGIT_CLUSTER_ZERO] = {"won_zero ~ x", "x", RK_FAMILY_BINOMIAL, true, false},
    [ROBUST_ROWS] = {"line ~ loose", "loose", RK_FAMILY_GAUSSIAN, false, true},
};

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    struct rk_table *table = cal_table(cell->units, cell->periods, names, N_COLUMNS);
    double noise[12];
    enum rk_status status = table == NULL ? RK_ENOMEM : RK_OK;

    for (size_t u = 0; u < cell->units && status == RK_OK; u++)
        fill_rep(table, u, cell, draw, noise);
    for (size_t m = 0; m < N_CLAIMS && status == RK_OK; m++) {
        struct rk_result *result = NULL;

        status = fit(table, &models[m], draw, &result);
        if (status == RK_OK)
            value[m] =
                claims[m].claim == CAL_COVERS
                    ? cal_row_covers(result, "coef", "term", models[m].term, slope)
                    : cal_rejects(cal_number(result, "coef", "term", models[m].term, "p_value"));
        rk_result_free(result);
    }
    rk_table_free(table);
    return status;
}

const struct cal_study cal_regress_family = {
    .title = "rep-regress --family and --robust",
    .simulated =
        "Twelve weeks a rep. Counts are Poisson about a rep's own mean (lognormal, sd 0.5) times "
        "exp(0.3 x) times an\nAR(1) of weeks (lognormal, sd 0.5); amounts are such counts times an "
        "exponential value; x is an AR(1)\ntoo. Tests of a true 0 have the same without x. Where "
        "rows are independent, a logit or a line has slope\n0.3 in a column of its own; for "
        "--robust a tenth of the outcomes is noise of ten times the size. Clustered\nerrors are "
        "the default, CR2.",
    .reading =
        "Classical errors of counts stand on a variance equal to the mean, which no count of sales "
        "has: the rep's\nlevel and the weeks' noise come on top. `[overdispersion]` says so; "
        "clustered errors, and effects after &#124;,\nneed neither the variance nor independent "
        "weeks.",
    .cell = cells,
    .n_cells = sizeof cells / sizeof cells[0],
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
    .fewer = 4,
};
