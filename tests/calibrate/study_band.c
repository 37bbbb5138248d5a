/* rep-band: is there a turn, and where? */
#include "calibrate.h"
#include "repkit/band.h"

enum { TURN, KINK, BEND, FIELLER, FIELLER_FAR, THRESHOLD, PLATEAU, N_CLAIMS };

static const struct cal_claim claims[N_CLAIMS] = {
    [TURN] = {"a straight line: the quadratic turns (p_nonlinear)", CAL_REJECTS, 0.05},
    [KINK] = {"a straight line: a threshold (p_nonlinear)", CAL_REJECTS, 0.05},
    [BEND] = {"a straight line: the spline bends (p_nonlinear)", CAL_REJECTS, 0.05},
    [FIELLER] = {"an optimum at 5: quadratic, 95% interval", CAL_COVERS, 0.95},
    [FIELLER_FAR] = {"a flat optimum at 5: quadratic, 95% interval", CAL_COVERS, 0.95},
    [THRESHOLD] = {"a kink at 5: threshold, 95% interval", CAL_COVERS, 0.95},
    [PLATEAU] = {"a plateau from 5: plateau, 95% interval", CAL_COVERS, 0.95},
};

static const struct cal_cell cells[] = {
    {"8 reps, AR 0, skewed", 8, 12, 0.0, true, 0.0},
    {"8 reps, AR 0.6, skewed", 8, 12, 0.6, true, 0.0},
    {"20 reps, AR 0, skewed", 20, 12, 0.0, true, 0.0},
    {"20 reps, AR 0.3, skewed", 20, 12, 0.3, true, 0.0},
    {"20 reps, AR 0.6, skewed", 20, 12, 0.6, true, 0.0},
    {"20 reps, AR 0, normal", 20, 12, 0.0, false, 0.0},
    {"100 reps, AR 0, skewed", 100, 12, 0.0, true, 0.0},
    {"100 reps, AR 0.6, skewed", 100, 12, 0.6, true, 0.0},
};

/* The outcome by the activity, whose optimum, kink or end is at 5. */
enum curve { LINE, OPTIMUM, FLAT, KINKED, LEVEL, N_CURVES };
static const char *const numbers[] = {"line", "optimum", "flat", "kinked", "level", "x"};
static const double middle = 5.0;

static double height(enum curve curve, double x)
{
    double off = x - middle;

    switch (curve) {
    case LINE:
        return 0.3 * off;
    case OPTIMUM:
        return -0.2 * off * off;
    case FLAT:
        return -0.05 * off * off;
    case KINKED:
        return off < 0.0 ? off : 0.3 * off;
    default:
        return off < 0.0 ? off : 0.0;
    }
}

/* A rep has a level, and its usual activity. */
static struct rk_table *draw_table(const struct cal_cell *cell, struct cal_draw *draw)
{
    struct rk_table *table = cal_table(cell->units, cell->periods, numbers, N_CURVES + 1);

    for (size_t i = 0; table != NULL && i < cell->units; i++) {
        double *error = cal_column(table, LINE) + i * cell->periods;
        double level = rk_rng_normal(&draw->rng), usual = rk_rng_normal(&draw->rng);

        cal_ar(&draw->rng, cell->ar, error, cell->periods);
        for (size_t t = 0; t < cell->periods; t++) {
            size_t row = i * cell->periods + t;
            double x = middle + usual + 1.5 * rk_rng_normal(&draw->rng);
            double rest = level + cal_error(cell, error[t]);

            cal_column(table, N_CURVES)[row] = x;
            for (int curve = 0; curve < N_CURVES; curve++)
                cal_column(table, (size_t)curve)[row] = rest + height((enum curve)curve, x);
        }
    }
    return table;
}

static double rejects(const struct rk_result *result, const char *model)
{
    return cal_rejects(cal_number(result, "models", "model", model, "p_nonlinear"));
}

static double covers(const struct rk_result *result, const char *model)
{
    return cal_covers(cal_number(result, "models", "model", model, "optimum_low"),
                      cal_number(result, "models", "model", model, "optimum_high"), middle);
}

static enum rk_status look(const struct rk_table *table, enum curve curve, struct cal_draw *draw,
                           double *value)
{
    static const char *const formulas[N_CURVES] = {"line ~ x | rep", "optimum ~ x | rep",
                                                   "flat ~ x | rep", "kinked ~ x | rep",
                                                   "level ~ x | rep"};
    struct rk_band_options options = RK_BAND_DEFAULT;
    struct rk_result *result = rk_result_new();
    struct rk_formula *formula = NULL;
    enum rk_status status = rk_formula_parse(formulas[curve], &formula, NULL);

    options.formula = formula;
    options.common.resamples = 199;
    if (status == RK_OK)
        status =
            result == NULL ? RK_ENOMEM : rk_band_run(table, &options, &draw->ctx, result, NULL);
    if (status == RK_OK && curve == LINE) {
        value[TURN] = rejects(result, "quadratic");
        value[KINK] = rejects(result, "threshold");
        value[BEND] = rejects(result, "spline");
    } else if (status == RK_OK && curve == KINKED) {
        value[THRESHOLD] = covers(result, "threshold");
    } else if (status == RK_OK && curve == LEVEL) {
        value[PLATEAU] = covers(result, "plateau");
    } else if (status == RK_OK) {
        value[curve == OPTIMUM ? FIELLER : FIELLER_FAR] = covers(result, "quadratic");
    }
    rk_formula_free(formula);
    rk_result_free(result);
    return status;
}

static enum rk_status panel(const struct cal_cell *cell, struct cal_draw *draw, double *value)
{
    struct rk_table *table = draw_table(cell, draw);
    enum rk_status status = table == NULL ? RK_ENOMEM : RK_OK;

    for (int curve = 0; status == RK_OK && curve < N_CURVES; curve++)
        status = look(table, (enum curve)curve, draw, value);
    rk_table_free(table);
    return status;
}

const struct cal_study cal_band = {
    .title = "rep-band",
    .simulated =
        "`y ~ x | rep` over twelve months: levels of reps, an AR(1) of sd 1, normal or lognormal, "
        "and "
        "x about 5 (sd\n1.8). The outcome is 0.3 x; or has its highest point at 5 (-0.2, and "
        "flatter "
        "-0.05 times the squared\ndistance); or rises by 1 up to 5 and by 0.3, or not at all, from "
        "there. 199 resamples (the tool takes 1,999).",
    .reading =
        "The quadratic's test is one of two slopes of opposite sign, which a straight line hardly "
        "ever shows: it rejects less\noften than 5%. Where the optimum is flat and reps are few "
        "there is often no interval at all (panels without): the data\ndo not say where it is. "
        "Eight reps whose weeks resemble each other are too few for where a plateau begins.",
    .cell = cells,
    .n_cells = sizeof cells / sizeof *cells,
    .claim = claims,
    .n_claims = N_CLAIMS,
    .panel = panel,
    .fewer = 4,
};
