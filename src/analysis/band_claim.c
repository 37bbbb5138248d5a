/* Rules of thumb: read, tested one by one, judged together. Their numbers are the user's; none is
 * ever chosen from the data. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "band_parts.h"
#include "repkit/number.h"

enum claim_field { CLAIM, VERDICT, CONTRAST, ESTIMATE, CONF_LOW, CONF_HIGH, P_VALUE, NOTE };

/* --- reading --------------------------------------------------------------------------------- */

static bool read_number(const char *text, size_t length, double *value)
{
    return rk_number_read(text, length, '.', value, NULL) == RK_READ_OK;
}

static bool read_range(const char *text, struct band_claim *claim)
{
    const char *colon = strchr(text, ':');

    return colon != NULL && read_number(text, (size_t)(colon - text), &claim->low) &&
           read_number(colon + 1, strlen(colon + 1), &claim->high) && claim->low <= claim->high;
}

static bool read_open(const char *text, struct band_claim *claim)
{
    bool equal = text[0] != '\0' && text[1] == '=';

    if (text[0] != '>' && text[0] != '<')
        return false;
    claim->open = true;
    claim->upper = text[0] == '>';
    claim->inclusive = claim->upper == equal;
    text += equal ? 2 : 1;
    if (!read_number(text, strlen(text), &claim->cut))
        return false;
    claim->low = claim->upper ? claim->cut : -INFINITY;
    claim->high = claim->upper ? INFINITY : claim->cut;
    return true;
}

enum rk_status band_claim_read(const char *text, struct band_claim *claim, struct rk_error *error)
{
    struct band_claim made = {.text = text};

    while (*text == ' ')
        text++;
    if (!read_open(text, &made) && !read_range(text, &made))
        return rk_fail(error, RK_EUSAGE,
                       "--claim: '%s' is no rule: write 100:125, '>=5', '>5', '<=5' or '<5'", text);
    *claim = made;
    return RK_OK;
}

/* Whether x is on the side of an open claim's cut that is counted as above it. */
static bool is_above(const struct band_claim *claim, double x)
{
    return claim->inclusive ? x >= claim->cut : x > claim->cut;
}

bool band_holds(const struct band_claim *claim, double x)
{
    if (!claim->open)
        return x >= claim->low && x <= claim->high;
    return is_above(claim, x) == claim->upper;
}

const char *band_verdict_name(enum band_verdict verdict)
{
    static const char *const names[] = {
        [BAND_SUPPORTED] = "SUPPORTED",
        [BAND_COMPATIBLE] = "COMPATIBLE",
        [BAND_CONTRADICTED] = "CONTRADICTED",
        [BAND_NOT_IDENTIFIED] = "NOT-IDENTIFIED",
    };

    return names[verdict];
}

/* --- verdicts -------------------------------------------------------------------------------- */

static void set(struct band_judgement *j, enum band_verdict verdict, const char *why)
{
    j->verdict = verdict;
    j->why = why;
}

static void judge_range(struct band_judgement *j, bool supported)
{
    if (!j->testable)
        set(j, BAND_NOT_IDENTIFIED, "too few rows inside, below or above the band");
    else if (supported && !j->contradicted)
        set(j, BAND_SUPPORTED,
            j->located ? "the curve has a highest point, and its interval lies inside the band"
                       : "the band does better than what lies below and than what lies above");
    else if (j->contradicted)
        set(j, BAND_CONTRADICTED, "the highest point lies outside the band");
    else if (j->levels)
        set(j, BAND_COMPATIBLE,
            "the curve levels off inside the band: less is too little, more is no worse");
    else if (j->overlaps)
        set(j, BAND_COMPATIBLE, "the interval of the highest point includes part of the band");
    else
        set(j, BAND_NOT_IDENTIFIED, "no highest point is shown");
}

static void judge_open(struct band_judgement *j, bool supported, bool margin)
{
    if (!j->testable)
        set(j, BAND_NOT_IDENTIFIED, "too few rows on one side of the cut");
    else if (j->worse)
        set(j, BAND_CONTRADICTED,
            margin ? "keeping to the rule comes with less than the margin"
                   : "keeping to the rule comes with less");
    else if (supported && j->located)
        set(j, BAND_SUPPORTED, "the rule comes with more, and the curve changes at its cut");
    else if (supported)
        set(j, BAND_COMPATIBLE,
            "the rule comes with more, but nothing marks its cut: others would do as well");
    else
        set(j, BAND_NOT_IDENTIFIED, "no difference is shown");
}

/* --- the table ------------------------------------------------------------------------------- */

static void put(const struct band *b, const struct band_judgement *j, double p_adjusted,
                struct rk_result *result)
{
    size_t table = band_declare(result, b->options).claim;

    for (size_t k = 0; k < j->n; k++) {
        const struct band_contrast *c = &j->contrast[k];
        struct rk_text note = {0};

        rk_result_row(result, table);
        rk_put_text(result, table, CLAIM, j->claim.text);
        rk_put_text(result, table, VERDICT, band_verdict_name(j->verdict));
        rk_put_text(result, table, CONTRAST, c->name);
        rk_put(result, table, ESTIMATE, c->estimate);
        rk_put(result, table, CONF_LOW, c->low);
        rk_put(result, table, CONF_HIGH, c->high);
        rk_put(result, table, P_VALUE, c->p);
        if (k == 0)
            rk_text_add(&note, j->why);
        if (k == 0 && b->options->claims.n > 1 && !isnan(p_adjusted)) {
            rk_text_add(&note, "; p_adjusted ");
            rk_text_rounded(&note, p_adjusted, 3);
        }
        if (c->note != NULL)
            rk_text_format(&note, "%s%s", note.length > 0 ? "; " : "", c->note);
        if (note.length > 0)
            rk_put_text(result, table, NOTE, note.bytes);
        if (note.failed)
            result->status = RK_ENOMEM;
        rk_text_free(&note);
    }
}

/* What would support each claim, adjusted for how many there are; then the verdicts. */
static enum rk_status conclude(const struct band *b, struct band_judgement *j, size_t n,
                               struct rk_result *result)
{
    double *p = malloc(n * sizeof *p);
    double alpha = 1.0 - b->options->common.conf_level;

    if (p == NULL)
        return RK_ENOMEM;
    for (size_t k = 0; k < n; k++)
        p[k] = j[k].p;
    if (rk_p_adjust(p, n, b->options->common.p_adjust, p) != RK_OK) {
        free(p);
        return RK_ENOMEM;
    }
    for (size_t k = 0; k < n; k++) {
        j[k].p_adjusted = p[k];
        if (j[k].claim.open)
            judge_open(&j[k], p[k]<alpha, b->options->margin> 0.0);
        else
            judge_range(&j[k], p[k] < alpha);
        put(b, &j[k], p[k], result);
        if (b->options->common.explain)
            band_explain_claim(b, &j[k], result);
    }
    free(p);
    return result->status;
}

enum rk_status band_judge(const struct band *b, struct rk_result *result, struct rk_error *error)
{
    size_t n = b->options->claims.n;
    struct band_judgement *judgement = calloc(n + 1, sizeof *judgement);
    enum rk_status status = judgement == NULL ? rk_fail_memory(error) : RK_OK;

    for (size_t k = 0; k < n && status == RK_OK; k++) {
        struct band_judgement *j = &judgement[k];

        status = band_claim_read(b->options->claims.name[k], &j->claim, error);
        j->p = NAN;
        if (status == RK_OK)
            status = j->claim.open ? band_open_claim(b, j, error) : band_range_claim(b, j, error);
    }
    if (status == RK_OK && n > 0 && conclude(b, judgement, n, result) != RK_OK)
        status = rk_fail_memory(error);
    free(judgement);
    return status;
}
