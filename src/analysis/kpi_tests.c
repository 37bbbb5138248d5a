/* Deals before and after the cut: how fast they close, compared. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "kpi_parts.h"
#include "repkit/distributions.h"
#include "repkit/survival.h"
#include "repkit/words.h"

enum {
    TEST,
    ESTIMATE,
    STD_ERROR,
    STATISTIC,
    DF,
    P_VALUE,
    CONF_LOW,
    CONF_HIGH,
    CONF_LEVEL,
    N,
    UNIT,
    NOTE,
    N_FIELDS
};
static const struct rk_field fields[N_FIELDS] = {
    [TEST] = {"test", RK_TEXT, RK_GENERAL},
    [ESTIMATE] = {"estimate", RK_NUMBER, RK_GENERAL},
    [STD_ERROR] = {"std_error", RK_NUMBER, RK_GENERAL},
    [STATISTIC] = {"statistic", RK_NUMBER, RK_GENERAL},
    [DF] = {"df", RK_NUMBER, RK_GENERAL},
    [P_VALUE] = {"p_value", RK_NUMBER, RK_P_VALUE},
    [CONF_LOW] = {"conf_low", RK_NUMBER, RK_GENERAL},
    [CONF_HIGH] = {"conf_high", RK_NUMBER, RK_GENERAL},
    [CONF_LEVEL] = {"conf_level", RK_NUMBER, RK_LEVEL},
    [N] = {"n", RK_NUMBER, RK_COUNT},
    [UNIT] = {"unit", RK_TEXT, RK_GENERAL},
    [NOTE] = {"note", RK_TEXT, RK_GENERAL},
};

void kpi_declare_tests(struct rk_result *result)
{
    rk_result_declare(result, "tests", fields, N_FIELDS);
}

/* One row. */
struct test {
    const char *name;
    double estimate, std_error, statistic, df, p_value, low, high;
    const char *unit;
    char note[80];
};

struct sides {
    struct rk_durations of[2]; /* before, after */
    double *time[2];
    int *status[2];
    double days; /* how far both are followed */
    double conf_level;
    struct rk_result *result;
    bool explain;
};

static void put(const struct sides *s, const struct test *t)
{
    size_t table = rk_result_declare(s->result, "tests", fields, N_FIELDS);

    rk_result_row(s->result, table);
    rk_put_text(s->result, table, TEST, t->name);
    rk_put(s->result, table, ESTIMATE, t->estimate);
    rk_put(s->result, table, STD_ERROR, t->std_error);
    rk_put(s->result, table, STATISTIC, t->statistic);
    rk_put(s->result, table, DF, t->df);
    rk_put(s->result, table, P_VALUE, t->p_value);
    rk_put(s->result, table, CONF_LOW, t->low);
    rk_put(s->result, table, CONF_HIGH, t->high);
    rk_put(s->result, table, CONF_LEVEL, s->conf_level);
    rk_put(s->result, table, N, (double)(s->of[0].n + s->of[1].n));
    rk_put_text(s->result, table, UNIT, t->unit);
    if (t->note[0] != '\0')
        rk_put_text(s->result, table, NOTE, t->note);
}

/* That it came after the date says nothing of why. */
static const char no_cause[] = " What else changed then is in it too.";

static struct test blank(const char *name, const char *unit)
{
    return (struct test){name, NAN, NAN, NAN, NAN, NAN, NAN, NAN, unit, ""};
}

/* --- log-rank ------------------------------------------------------------------------------- */

static enum rk_status put_log_rank(const struct sides *s)
{
    struct test t = blank("log-rank", "chi-squared");
    struct rk_text row = {0}, manager = {0}, paper = {0};
    enum rk_status status = rk_log_rank(&s->of[0], &s->of[1], &t.statistic, &t.p_value);

    if (status == RK_ENOMEM)
        return status;
    if (status == RK_OK)
        t.df = 1.0;
    else
        snprintf(t.note, sizeof t.note, "%s", rk_status_words(status));
    put(s, &t);
    if (!s->explain)
        return RK_OK;
    rk_text_add(&row, "tests log-rank");
    if (status != RK_OK) {
        rk_text_add(&manager, "Nothing closed that could tell before from after.");
        rk_text_add(&paper, "Log-rank test: undefined.");
    } else {
        rk_text_add(&manager, t.p_value < 1.0 - s->conf_level
                                  ? "Deals closed at another pace after the date than before it"
                                  : "Deals may well have closed at one pace before and after the "
                                    "date");
        rk_say_p(&manager, " (p", t.p_value);
        rk_text_add(&manager, ").");
        rk_text_add(&manager, t.p_value < 1.0 - s->conf_level ? no_cause : "");
        rk_text_add(&paper, "Log-rank test: chi-squared(1) = ");
        rk_say_number(&paper, t.statistic);
        rk_say_p(&paper, ", p", t.p_value);
        rk_text_add_char(&paper, '.');
    }
    rk_explain(s->result, &row, &manager, &paper);
    return RK_OK;
}

/* --- hazard ratio --------------------------------------------------------------------------- */

static void explain_ratio(const struct sides *s, const struct test *t)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};

    rk_text_add(&row, "tests hazard-ratio");
    if (isnan(t->estimate)) {
        rk_text_add(&manager, "How much faster or slower deals close cannot be said.");
        rk_text_format(&paper, "Hazard ratio: undefined (%s).", t->note);
    } else {
        rk_text_add(&manager, "On any day an open deal of after the date is ");
        rk_say_number(&manager, t->estimate);
        rk_text_add(&manager, " times as likely to close as one of before it");
        rk_say_interval(&manager, s->conf_level, t->low, t->high);
        rk_text_add(&manager, t->low <= 1.0 && t->high >= 1.0
                                  ? ". No difference at all fits these data too."
                                  : ".");
        rk_text_add(&manager, t->low <= 1.0 && t->high >= 1.0 ? "" : no_cause);
        rk_text_add(&paper, "Hazard ratio of closing, after against before: ");
        rk_say_number(&paper, t->estimate);
        rk_say_ci(&paper, s->conf_level, t->low, t->high);
        rk_say_p(&paper, ", p", t->p_value);
        rk_text_add(&paper, " (Cox, ties by Efron).");
    }
    rk_explain(s->result, &row, &manager, &paper);
}

static enum rk_status put_ratio(const struct sides *s)
{
    struct test t = blank("hazard-ratio", "ratio");
    double log_ratio, z = rk_qnorm((1.0 - s->conf_level) / 2.0, RK_UPPER_TAIL);
    enum rk_status status = rk_hazard_ratio(&s->of[0], &s->of[1], &log_ratio, &t.std_error);

    if (status == RK_ENOMEM)
        return status;
    if (status == RK_OK) {
        t.estimate = exp(log_ratio);
        t.statistic = log_ratio / t.std_error;
        t.p_value = 2.0 * rk_pnorm(fabs(t.statistic), RK_UPPER_TAIL);
        t.low = exp(log_ratio - z * t.std_error);
        t.high = exp(log_ratio + z * t.std_error);
        snprintf(t.note, sizeof t.note, "std_error is that of the logarithm");
    } else {
        snprintf(t.note, sizeof t.note, "%s",
                 status == RK_ENOCONVERGE ? "all that closed closed on one side first"
                                          : rk_status_words(status));
    }
    put(s, &t);
    if (s->explain)
        explain_ratio(s, &t);
    return RK_OK;
}

/* --- restricted means ----------------------------------------------------------------------- */

static void explain_means(const struct sides *s, const struct test *t)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};
    bool clear = t->low > 0.0 || t->high < 0.0;

    rk_text_add(&row, "tests rmst-difference");
    rk_text_format(&manager, "Of its first %g days a deal of after the date stays open for ",
                   s->days);
    rk_say_number(&manager, fabs(t->estimate));
    rk_text_format(&manager, " %s than one of before it", t->estimate < 0.0 ? "fewer" : "more");
    rk_say_interval(&manager, s->conf_level, t->low, t->high);
    rk_text_add(&manager, clear ? "." : ". No difference at all fits these data too.");
    rk_text_add(&manager, clear ? no_cause : "");
    rk_text_format(&paper, "Difference of restricted means to %g days: ", s->days);
    rk_say_number(&paper, t->estimate);
    rk_say_ci(&paper, s->conf_level, t->low, t->high);
    rk_say_p(&paper, ", p", t->p_value);
    rk_text_add_char(&paper, '.');
    rk_explain(s->result, &row, &manager, &paper);
}

static enum rk_status put_means(const struct sides *s)
{
    struct test t = blank("rmst-difference", "days");
    double mean[2], std_error[2], z = rk_qnorm((1.0 - s->conf_level) / 2.0, RK_UPPER_TAIL);

    for (size_t k = 0; k < 2; k++) {
        struct rk_survival *curve = NULL;
        enum rk_status status =
            rk_survival_new(s->of[k].time, s->of[k].status, s->of[k].n, s->conf_level, &curve);

        if (status != RK_OK)
            return status;
        rk_survival_mean(curve, s->days, &mean[k], &std_error[k]);
        rk_survival_free(curve);
    }
    t.estimate = mean[1] - mean[0];
    t.std_error = hypot(std_error[0], std_error[1]);
    if (t.std_error > 0.0) {
        t.statistic = t.estimate / t.std_error;
        t.p_value = 2.0 * rk_pnorm(fabs(t.statistic), RK_UPPER_TAIL);
        t.low = t.estimate - z * t.std_error;
        t.high = t.estimate + z * t.std_error;
    }
    snprintf(t.note, sizeof t.note, "of the first %g days%s", s->days,
             t.std_error > 0.0 ? "" : ", in which no deal closed");
    put(s, &t);
    if (s->explain && !isnan(t.low))
        explain_means(s, &t);
    return RK_OK;
}

enum rk_status kpi_put_tests(const struct kpi_slice *before, const struct kpi_slice *after,
                             struct rk_result *result, struct rk_error *error)
{
    const struct kpi_slice *slice[2] = {before, after};
    struct sides s = {.days = after->days,
                      .conf_level = after->data->options->common.conf_level,
                      .result = result,
                      .explain = after->data->options->common.explain};
    enum rk_status status = RK_OK;

    if (!kpi_has(after, RK_CRM_DEALS) || after->data->options->cut == NULL)
        return rk_fail(error, RK_EUSAGE, "--emit tests needs --deals and --cut");
    for (size_t k = 0; k < 2 && status == RK_OK; k++) {
        status = kpi_durations(slice[k], &s.time[k], &s.status[k], &s.of[k].n);
        s.of[k].time = s.time[k];
        s.of[k].status = s.status[k];
    }
    if (status == RK_OK && s.of[0].n > 0 && s.of[1].n > 0) {
        status = put_log_rank(&s);
        if (status == RK_OK)
            status = put_ratio(&s);
        if (status == RK_OK && s.days > 0.0)
            status = put_means(&s);
    }
    for (size_t k = 0; k < 2; k++) {
        free(s.time[k]);
        free(s.status[k]);
    }
    return status == RK_OK ? RK_OK : rk_fail_memory(error);
}
