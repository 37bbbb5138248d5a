/* The page that `make calibrate` writes. */
#include "calibrate.h"

struct cal_rate cal_rate_of(const double *values, size_t n, size_t n_claims, size_t claim)
{
    struct cal_rate r = {.rate = NAN, .se = NAN};
    double sum = 0.0, squares = 0.0;

    for (size_t i = 0; i < n; i++) {
        double value = values[i * n_claims + claim];

        if (isnan(value)) {
            r.n_undefined++;
            continue;
        }
        r.n++;
        sum += value;
    }
    if (r.n == 0)
        return r;
    r.rate = sum / (double)r.n;
    for (size_t i = 0; i < n; i++) {
        double value = values[i * n_claims + claim];

        squares += isnan(value) ? 0.0 : (value - r.rate) * (value - r.rate);
    }
    r.se = sqrt(squares) / (double)r.n;
    return r;
}

enum cal_verdict cal_judge(const struct cal_claim *claim, const struct cal_rate *rate)
{
    double beyond =
        claim->claim == CAL_COVERS ? claim->nominal - rate->rate : rate->rate - claim->nominal;
    double se = rate->se;

    /* Of panels that all say the same: as if the nominal rate were true. */
    if (se == 0.0)
        se = sqrt(claim->nominal * (1.0 - claim->nominal) / (double)rate->n);
    if (beyond > 3.0 * se)
        return CAL_SHORT;
    return beyond < -3.0 * se ? CAL_CAUTIOUS : CAL_HOLDS;
}

static void add_rate(const struct cal_claim *claim, const struct cal_rate *rate,
                     struct rk_text *out)
{
    enum cal_verdict verdict = cal_judge(claim, rate);

    if (rate->n == 0) {
        rk_text_add(out, " | none");
        return;
    }
    rk_text_format(out,
                   verdict == CAL_SHORT      ? " | **%.1f ±%.1f short**"
                   : verdict == CAL_CAUTIOUS ? " | %.1f ±%.1f cautious"
                                             : " | %.1f ±%.1f",
                   100.0 * rate->rate, 100.0 * rate->se);
    if (rate->n_undefined > 0)
        rk_text_format(out, " (%zu without)", rate->n_undefined);
}

static void add_study(const struct cal_run *run, struct rk_text *out)
{
    const struct cal_study *s = run->study;

    rk_text_format(out, "\n## %s\n\n%s\n\n%zu panels a cell; in percent.\n\n| claim | nominal",
                   s->title, s->simulated, run->n_panels);
    for (size_t c = 0; c < s->n_cells; c++)
        rk_text_format(out, " | %s", s->cell[c].name);
    rk_text_add(out, " |\n|---|--:");
    rk_text_repeat(out, "|--:", s->n_cells);
    rk_text_add(out, "|\n");
    for (size_t k = 0; k < s->n_claims; k++) {
        rk_text_format(out, "| %s | %g", s->claim[k].name, 100.0 * s->claim[k].nominal);
        for (size_t c = 0; c < s->n_cells; c++)
            add_rate(&s->claim[k], &run->rate[k * s->n_cells + c], out);
        rk_text_add(out, " |\n");
    }
    rk_text_format(out, "\n%s\n", s->reading);
}

static void add_summary(const struct cal_run *run, struct rk_text *out)
{
    const struct cal_study *s = run->study;
    size_t count[3] = {0};

    for (size_t k = 0; k < s->n_claims; k++)
        for (size_t c = 0; c < s->n_cells; c++)
            if (run->rate[k * s->n_cells + c].n > 0)
                count[cal_judge(&s->claim[k], &run->rate[k * s->n_cells + c])]++;
    rk_text_format(out, "| %s | %zu | %zu | %zu | %zu |\n", s->title,
                   count[CAL_HOLDS] + count[CAL_SHORT] + count[CAL_CAUTIOUS], count[CAL_HOLDS],
                   count[CAL_SHORT], count[CAL_CAUTIOUS]);
}

void cal_page(const struct cal_run *run, size_t n, size_t panels, uint64_t seed,
              struct rk_text *out)
{
    rk_text_format(
        out,
        "# Calibration\n\n"
        "Does a 95%% interval hold the truth in 95 of 100 panels, and does a 5%% test of what is "
        "not there\nreject in 5? Each cell below is as many simulated panels, with a known "
        "truth, put through the\ntools' own code. `make calibrate PANELS=%zu SEED=%llu` makes "
        "this page, to the byte.\n\n"
        "±: the Monte Carlo standard error. **short**: more than three of them on the wrong side "
        "(an interval\nholds the truth too seldom, a test rejects too often). cautious: more than "
        "three on the other side.\n(k without): panels without an answer, left out.\n\n"
        "| study | cells | hold | short | cautious |\n|---|--:|--:|--:|--:|\n",
        panels, (unsigned long long)seed);
    for (size_t i = 0; i < n; i++)
        add_summary(&run[i], out);
    for (size_t i = 0; i < n; i++)
        add_study(&run[i], out);
}
