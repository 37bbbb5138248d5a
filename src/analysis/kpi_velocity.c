/* Sales velocity: what a team's deals bring in a day. Its four parts go together (large deals take
 * long), so its error is that of the whole, deal by deal, and not of parts taken as independent. */
#include <math.h>
#include <stdlib.h>

#include "kpi_parts.h"
#include "repkit/resample.h"
#include "repkit/sum.h"

/* One deal opened: 0 where it is still open. */
struct outcome {
    double closed, won, money, days;
};

struct sums {
    double opened, closed, won, money, days;
};

static double velocity(const struct sums *s)
{
    return s->opened * (s->won / s->closed) * (s->money / s->won) / (s->days / s->closed);
}

struct deals {
    struct outcome *outcome;
    size_t n;
};

static struct sums add_up(const struct deals *deals, const uint32_t *count)
{
    struct sums s = {.opened = (double)deals->n};
    struct rk_sum money = {0}, days = {0};

    for (size_t i = 0; i < deals->n; i++) {
        const struct outcome *o = &deals->outcome[i];
        double times = count == NULL ? 1.0 : count[i];

        s.closed += times * o->closed;
        s.won += times * o->won;
        rk_sum_add(&money, times * o->money);
        rk_sum_add(&days, times * o->days);
    }
    s.money = rk_sum_value(&money);
    s.days = rk_sum_value(&days);
    return s;
}

static enum rk_status of_resample(const void *data, const uint32_t *count, double *value)
{
    struct sums s = add_up(data, count);

    *value = s.won > 0.0 && s.days > 0.0 ? velocity(&s) : NAN;
    return RK_OK;
}

/* Deals opened in the slice, open ones and those of known days and amount. */
static enum rk_status read_deals(const struct kpi_slice *slice, struct deals *deals)
{
    size_t n;
    const struct kpi_row *row = kpi_slice_rows(slice, RK_CRM_DEALS, &n);

    deals->outcome = calloc(n + 1, sizeof *deals->outcome);
    if (deals->outcome == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        struct outcome *o = &deals->outcome[deals->n];
        bool open = row[i].end == RK_DEAL_OPEN, won = row[i].end == RK_DEAL_WON;

        if (!open && (row[i].until == NO_DAY || row[i].until < row[i].day))
            continue;
        if (won && isnan(row[i].amount))
            continue;
        deals->n++;
        if (open)
            continue;
        o->closed = 1.0;
        o->won = won;
        o->money = won ? row[i].amount : 0.0;
        o->days = (double)(row[i].until - row[i].day);
    }
    return RK_OK;
}

/* Each deal's part in the relative error; the number of deals is a Poisson count. */
static double relative_error(const struct deals *deals, const struct sums *s)
{
    struct rk_sum squares = {0};

    for (size_t i = 0; i < deals->n; i++) {
        const struct outcome *o = &deals->outcome[i];
        double part = 1.0 / s->opened + o->money / s->money - o->days / s->days;

        rk_sum_add(&squares, part * part);
    }
    return sqrt(rk_sum_value(&squares));
}

static enum rk_status resample(const struct kpi_slice *slice, const struct deals *deals,
                               struct kpi_estimate *e)
{
    const struct rk_common *common = &slice->data->options->common;
    const struct rk_resample plan = {
        .n = deals->n, .draws = common->resamples, .label = slice->label};
    struct rk_boot *boot = NULL;
    enum rk_status status = rk_boot_new(&plan, of_resample, deals, slice->data->ctx, &boot);

    if (status == RK_OK) {
        rk_boot_interval(boot, common->conf_level, RK_TWO_SIDED, &e->low, &e->high);
        kpi_note(e, "BCa interval of %zu resamples of deals, their number as it was",
                 boot->n_draws);
        rk_boot_free(boot);
    }
    return rk_status_is_undefined(status) ? RK_OK : status;
}

enum rk_status kpi_velocity(const struct kpi_slice *slice, const char *definition,
                            struct kpi_estimate *e)
{
    struct deals deals = {0};
    struct sums s;
    enum rk_status status;

    (void)definition;
    e->unit = "money/day";
    e->formula = "deals opened * won / closed * average deal won / average days to the close";
    if (!kpi_has(slice, RK_CRM_DEALS)) {
        e->missing = "--deals";
        return RK_OK;
    }
    status = read_deals(slice, &deals);
    if (status == RK_OK) {
        s = add_up(&deals, NULL);
        kpi_note(e, "deals opened in %lld days", (long long)(slice->last - slice->first));
        e->n = (double)deals.n;
        if (!(s.won > 0.0) || !(s.money > 0.0) || !(s.days > 0.0))
            kpi_note(e, "no deal won, or none that took a day");
        else
            kpi_relative(e, velocity(&s), relative_error(&deals, &s),
                         slice->data->options->common.conf_level);
        if (!isnan(e->value) && slice->data->options->common.resamples > 0)
            status = resample(slice, &deals, e);
    }
    free(deals.outcome);
    return status;
}
