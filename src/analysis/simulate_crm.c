/* What happens in a simulated CRM: people come, are on holiday and leave; the counts of each of
 * their weeks are spread over its days; deals are closed by as many as the model says. */
#include "simulate_crm.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/parallel.h"

static const size_t record_size[CRM_KINDS] = {
    [CRM_ACTIVITIES] = sizeof(struct crm_activity),
    [CRM_DEALS] = sizeof(struct crm_deal),
    [CRM_LEADS] = sizeof(struct crm_lead),
    [CRM_SCORES] = sizeof(struct crm_score),
};

/* --- the model ----------------------------------------------------------------------------- */

enum { WORKING_DAYS = 5, YEAR = 52 /* weeks */, CLOSED_WEEK = 32, LONGEST_CYCLE = 26 /* weeks */ };
static const double weeks_off = 5.0 / 52.0, win_rate = 0.45, new_customers = 0.6;
static const double leads_per_week = 12.0, conversion = 0.3, response = 0.5;
/* Weeks from opening to closing have probabilities proportional to w exp(-w / cycle_scale). */
static const double cycle_scale = 2.3;
/* An amount is deal_size (amount_least + amount_each (u1 + u2)): mean deal_size, within 60% of it,
 * so that no amount is an outlier unless --dirty makes one. */
static const double amount_least = 0.4, amount_each = 0.6;
/* Leads come from the web, by referral, from events and from calls. */
static const double source_share[] = {0.4, 0.25, 0.2, 0.15};
enum { N_SOURCES = sizeof source_share / sizeof *source_share };
/* In 25, from 4 to 10; as with amounts, none is an outlier. */
static const unsigned score_weight[] = {1, 2, 3, 5, 6, 5, 3};
enum { N_SCORES = sizeof score_weight / sizeof *score_weight, FIRST_SCORE = 4, SCORE_WEIGHTS = 25 };

static double cycle_weight(size_t weeks)
{
    return (double)weeks * exp(-(double)weeks / cycle_scale);
}

/* The smallest number of days by which half of the deals are closed. A deal that takes w weeks is
 * closed 7 w days after it was opened, give or take the difference of two days of the week. */
static double median_cycle(double total_weight)
{
    double below = 0.0;

    for (int days = 1; days < 7 * LONGEST_CYCLE; days++) {
        for (int w = 1; w <= LONGEST_CYCLE; w++) {
            int difference = abs(days - 7 * w);

            if (difference < WORKING_DAYS)
                below += cycle_weight((size_t)w) / total_weight * (WORKING_DAYS - difference) /
                         (WORKING_DAYS * WORKING_DAYS);
        }
        if (below >= 0.5)
            return days;
    }
    return NAN;
}

void crm_truth(struct crm_truth *truth)
{
    double total = 0.0, weeks = 0.0, scores = 0.0, nps = 0.0;

    for (size_t w = 1; w <= LONGEST_CYCLE; w++) {
        total += cycle_weight(w);
        weeks += (double)w * cycle_weight(w);
    }
    for (int i = 0; i < N_SCORES; i++) {
        int score = FIRST_SCORE + i;

        scores += score * (double)score_weight[i];
        nps += (score >= 9 ? 100.0 : score <= 6 ? -100.0 : 0.0) * score_weight[i];
    }
    *truth = (struct crm_truth){
        .win_rate = win_rate,
        .conversion = conversion,
        .leads_per_week = leads_per_week,
        .holidays = weeks_off,
        .new_customers = new_customers,
        .response = response,
        .cycle_mean = 7.0 * weeks / total,
        .cycle_median = median_cycle(total),
        .score_mean = scores / SCORE_WEIGHTS,
        .nps = nps / SCORE_WEIGHTS,
        .amount_cv = amount_each / sqrt(6.0), /* the variance of u1 + u2 is 1/6 */
    };
}

/* --- one rep ------------------------------------------------------------------------------- */

/* What one rep's records are made with. */
struct work {
    const struct crm *crm;
    uint32_t rep;
    struct crm_life life;
    struct simulate_rep state;
    struct rk_rng holidays, days, pipeline, leads, scores;
    double cycle[LONGEST_CYCLE + 1]; /* cumulated probabilities of weeks */
    uint32_t n_customers;
    struct crm_list *list; /* one a kind */
    bool failed;
};

/* What block work leaves of a rep beside the records. */
struct tally {
    struct crm_list list[CRM_KINDS];
    double gain;
    size_t n_after, n_floored, n_off;
};

static void add_record(struct work *work, enum crm_kind kind, const void *record)
{
    struct crm_list *list = &work->list[kind];

    if (list->n == list->capacity) {
        size_t capacity = list->capacity == 0 ? 64 : 2 * list->capacity;
        void *grown = realloc(list->item, capacity * record_size[kind]);

        if (grown == NULL) {
            work->failed = true;
            return;
        }
        list->item = grown;
        list->capacity = capacity;
    }
    memcpy((char *)list->item + list->n++ * record_size[kind], record, record_size[kind]);
}

/* Whether and when a rep comes and leaves. The first rep is always there: no week of any file is
 * empty, whatever happens to the others. */
static struct crm_life draw_life(const struct crm *crm, size_t rep)
{
    const struct rk_simulate_options *options = crm->model.options;
    double leaving = log1p(-options->churn) / YEAR, weeks; /* log P(staying another week) */
    struct crm_life life = {.first = 1, .last = options->periods};
    struct rk_rng rng;
    bool late;
    size_t when, before;

    rk_rng_stream(&rng, crm->model.seed, "simulate employment", "", rep);
    late = rk_rng_uniform(&rng) < options->hires && rep > 0;
    when = 2 + rk_rng_below(&rng, YEAR - 1);
    before = rk_rng_below(&rng, 5 * YEAR);
    weeks = log(rk_rng_uniform(&rng));
    weeks = options->churn > 0.0 ? floor(weeks / leaving) : INFINITY;
    if (late)
        life.first = when;
    life.hired = crm->start + 7 * (late ? (int32_t)(when - 1) : -(int32_t)before);
    if (rep > 0 && weeks < (double)options->periods &&
        life.first + (size_t)weeks < options->periods) {
        life.last = life.first + (size_t)weeks;
        life.left = true;
    }
    return life;
}

/* A week off for the rep, or for all. Everybody works in the first and in the last period, so that
 * the files cover both. */
static bool draw_holiday(struct work *work, size_t period)
{
    bool own = rk_rng_uniform(&work->holidays) < weeks_off;

    if (period == 1 || period == work->crm->model.options->periods)
        return false;
    return own || period % YEAR == CLOSED_WEEK;
}

/* The first day of a period from 1. */
static int32_t monday(const struct crm *crm, size_t period)
{
    return crm->start + 7 * (int32_t)(period - 1);
}

static void spread_activities(struct work *work, const struct simulate_week *week, size_t period)
{
    for (uint32_t type = 0; type < SIMULATE_ACTIVITIES; type++)
        for (size_t i = 0; i < (size_t)week->count[type]; i++) {
            struct crm_activity activity = {.rep = work->rep, .type = type};

            activity.day =
                monday(work->crm, period) + (int32_t)rk_rng_below(&work->days, WORKING_DAYS);
            add_record(work, CRM_ACTIVITIES, &activity);
        }
}

static void draw_leads(struct work *work, size_t period)
{
    gsl_rng rng = rk_rng_gsl(&work->leads);

    for (unsigned n = gsl_ran_poisson(&rng, leads_per_week); n > 0; n--) {
        struct crm_lead lead = {.rep = work->rep};
        double u = rk_rng_uniform(&work->leads);

        lead.day = monday(work->crm, period) + (int32_t)rk_rng_below(&work->leads, 7);
        while (lead.source + 1 < N_SOURCES && u >= source_share[lead.source])
            u -= source_share[lead.source++];
        lead.converted = rk_rng_uniform(&work->leads) < conversion;
        add_record(work, CRM_LEADS, &lead);
    }
}

/* What a customer says some time after a won deal, if anything, and if that is before the end. */
static void draw_score(struct work *work, const struct crm_deal *deal)
{
    bool answers = rk_rng_uniform(&work->scores) < response;
    struct crm_score score = {.rep = deal->rep, .customer = deal->customer};
    unsigned weight = (unsigned)rk_rng_below(&work->scores, SCORE_WEIGHTS);

    score.day = deal->close + 7 + (int32_t)rk_rng_below(&work->scores, 14);
    score.score = FIRST_SCORE;
    for (size_t i = 0; weight >= score_weight[i]; i++, score.score++)
        weight -= score_weight[i];
    if (answers && score.day <= work->crm->end)
        add_record(work, CRM_SCORES, &score);
}

/* The stage of a deal that the end of the data finds open. */
static uint32_t open_stage(const struct crm *crm, const struct crm_deal *deal)
{
    int32_t elapsed = crm->end - deal->open, cycle = deal->close - deal->open;

    return 3 * elapsed < cycle       ? CRM_QUALIFIED
           : 3 * elapsed < 2 * cycle ? CRM_PROPOSAL
                                     : CRM_NEGOTIATION;
}

/* A deal that closes in the period. It belongs to the rep if it was opened while the rep was there;
 * once the rep has left, the house account has it. What was opened before is the rep's, too, but
 * only until then, and when it was opened is not known: so the deals with an opening are all that
 * were opened since, whatever they took. */
static void draw_deal(struct work *work, size_t period, bool won)
{
    const struct crm *crm = work->crm;
    struct rk_rng *rng = &work->pipeline;
    struct crm_deal deal = {
        .rep = work->rep, .owner = work->rep, .stage = won ? CRM_WON : CRM_LOST};
    double u = rk_rng_uniform(rng), size;
    int32_t opened_on, weeks = 1;
    bool is_new, after = period > work->life.last;
    uint64_t who;

    while (weeks < LONGEST_CYCLE && u >= work->cycle[weeks])
        weeks++;
    opened_on = (int32_t)rk_rng_below(rng, WORKING_DAYS);
    deal.close = monday(crm, period) + (int32_t)rk_rng_below(rng, WORKING_DAYS);
    size = rk_rng_uniform(rng);
    size = amount_least + amount_each * (size + rk_rng_uniform(rng));
    deal.amount = fmax(round(crm->model.options->deal_size * size), 1.0);
    is_new = rk_rng_uniform(rng) < new_customers || work->n_customers == 0;
    who = rk_rng_below(rng, work->n_customers == 0 ? 1 : work->n_customers);
    deal.open = monday(crm, period) - 7 * weeks + opened_on;
    if (deal.open >= monday(crm, work->life.last + 1))
        return;
    if (deal.open < monday(crm, work->life.first)) {
        if (after)
            return;
        deal.open = CRM_NO_DAY;
    }
    deal.customer = is_new ? work->n_customers++ : (uint32_t)who;
    deal.owner = after && work->life.left ? CRM_HOUSE : work->rep;
    deal.day = deal.open == CRM_NO_DAY ? crm->start - 1 : deal.open;
    if (period > crm->model.options->periods) {
        deal.stage = open_stage(crm, &deal);
        deal.close = CRM_NO_DAY;
    } else if (won) {
        draw_score(work, &deal);
    }
    add_record(work, CRM_DEALS, &deal);
}

/* Deals are lost in proportion to what would be won without the uplift and without steps: both
 * close more of them. */
static void draw_deals(struct work *work, const struct simulate_week *week, size_t period)
{
    double usual = week->revenue - week->gain - week->step;
    double base = usual / work->crm->model.options->deal_size;
    gsl_rng rng = rk_rng_gsl(&work->pipeline);
    unsigned n_lost = gsl_ran_poisson(&rng, fmax(base, 0.0) * (1.0 - win_rate) / win_rate);

    for (size_t i = 0; i < (size_t)week->deals_won; i++)
        draw_deal(work, period, true);
    for (; n_lost > 0; n_lost--)
        draw_deal(work, period, false);
}

static void start_work(struct work *work)
{
    uint64_t seed = work->crm->model.seed;
    double total = 0.0;

    simulate_rep_start(&work->crm->model, work->rep, &work->state);
    rk_rng_stream(&work->holidays, seed, "simulate holidays", "", work->rep);
    rk_rng_stream(&work->days, seed, "simulate days", "", work->rep);
    rk_rng_stream(&work->pipeline, seed, "simulate pipeline", "", work->rep);
    rk_rng_stream(&work->leads, seed, "simulate leads", "", work->rep);
    rk_rng_stream(&work->scores, seed, "simulate scores", "", work->rep);
    for (size_t w = 1; w <= LONGEST_CYCLE; w++)
        work->cycle[w] = total += cycle_weight(w);
    for (size_t w = 1; w <= LONGEST_CYCLE; w++)
        work->cycle[w] /= total;
}

/* Goes on after the rep's time as long as deals opened in it may close. */
static void simulate_rep(struct work *work, struct tally *tally)
{
    struct simulate_week week;

    start_work(work);
    for (size_t period = 1; period <= work->life.last + LONGEST_CYCLE; period++) {
        bool off = draw_holiday(work, period);

        simulate_rep_week(&work->crm->model, &work->state, off, &week);
        if (period < work->life.first)
            continue;
        if (period <= work->life.last) {
            tally->n_off += off;
            tally->n_floored += week.floored;
            tally->n_after += week.after;
            tally->gain += week.gain;
            spread_activities(work, &week, period);
            draw_leads(work, period);
        }
        draw_deals(work, &week, period);
    }
}

/* --- all reps ------------------------------------------------------------------------------ */

struct job {
    struct crm *crm;
    struct tally *tally; /* one a rep */
};

static enum rk_status simulate_block(void *data, size_t block, size_t first, size_t last)
{
    const struct job *job = data;
    bool failed = false;

    (void)block;
    for (size_t rep = first; rep < last && !failed; rep++) {
        struct work work = {.crm = job->crm, .rep = (uint32_t)rep, .list = job->tally[rep].list};

        work.life = job->crm->life[rep] = draw_life(job->crm, rep);
        if (work.life.first <= job->crm->model.options->periods)
            simulate_rep(&work, &job->tally[rep]);
        failed = work.failed;
    }
    return failed ? RK_ENOMEM : RK_OK;
}

/* The place of a record's day among all days: the first may be the day before the start. */
static size_t day_of(const struct crm *crm, const char *record)
{
    int32_t day;

    memcpy(&day, record, sizeof day);
    return (size_t)(day - crm->start + 1);
}

/* Puts the records of one kind together, by day and, within a day, by rep: a counting sort. */
static enum rk_status gather(struct crm *crm, const struct tally *tally, enum crm_kind kind)
{
    size_t size = record_size[kind], n_days = (size_t)(crm->end - crm->start) + 2, n = 0;
    size_t n_reps = crm->model.options->reps;
    size_t *next = calloc(n_days + 1, sizeof *next);
    char *all = NULL;

    for (size_t rep = 0; rep < n_reps; rep++)
        n += tally[rep].list[kind].n;
    if (next != NULL)
        all = malloc(n * size + 1);
    if (all == NULL) {
        free(next);
        return RK_ENOMEM;
    }
    for (size_t rep = 0; rep < n_reps; rep++)
        for (size_t i = 0; i < tally[rep].list[kind].n; i++)
            next[day_of(crm, (const char *)tally[rep].list[kind].item + i * size) + 1]++;
    for (size_t day = 1; day <= n_days; day++)
        next[day] += next[day - 1];
    for (size_t rep = 0; rep < n_reps; rep++)
        for (size_t i = 0; i < tally[rep].list[kind].n; i++) {
            const char *record = (const char *)tally[rep].list[kind].item + i * size;

            memcpy(all + next[day_of(crm, record)]++ * size, record, size);
        }
    crm->list[kind] = (struct crm_list){.item = all, .n = n, .capacity = n};
    free(next);
    return RK_OK;
}

/* The numbers of those who came, and of their weeks. Returns the number of floored ones. */
static size_t count_reps(struct crm *crm, const struct tally *tally)
{
    size_t n_floored = 0, n_after = 0;
    double gain = 0.0;

    for (size_t rep = 0; rep < crm->model.options->reps; rep++) {
        const struct crm_life *life = &crm->life[rep];
        bool treated = simulate_is_treated(&crm->model, rep);

        if (life->first > crm->model.options->periods)
            continue;
        crm->n_reps++;
        crm->n_treated += treated;
        crm->n_left += life->left;
        crm->n_hired += life->hired > crm->start;
        crm->n_weeks += life->last - life->first + 1;
        crm->n_weeks_off += tally[rep].n_off;
        n_floored += tally[rep].n_floored;
        n_after += treated ? tally[rep].n_after : 0;
        gain += tally[rep].gain;
    }
    crm->gain = n_after > 0 ? gain / (double)n_after : NAN;
    return n_floored;
}

enum rk_status crm_draw(const struct rk_simulate_options *options, const struct rk_ctx *ctx,
                        struct crm *crm, struct rk_error *error)
{
    enum { REPS_IN_BLOCK = 4 };
    struct job job = {.crm = crm};
    enum rk_time_kind kind;
    int64_t first_week;
    enum rk_status status;

    *crm = (struct crm){0};
    status = simulate_model_read(options, ctx->seed, &crm->model, error);
    if (status != RK_OK)
        return status;
    rk_time_read(SIMULATE_FIRST_WEEK, strlen(SIMULATE_FIRST_WEEK), RK_ORDER_UNKNOWN, &kind,
                 &first_week);
    crm->start = (int32_t)rk_time_first_day(kind, first_week);
    crm->end = monday(crm, options->periods + 1) - 1;
    crm->life = calloc(options->reps, sizeof *crm->life);
    job.tally = calloc(options->reps, sizeof *job.tally);
    status = crm->life == NULL || job.tally == NULL ? RK_ENOMEM : RK_OK;
    if (status == RK_OK)
        status = rk_parallel_blocks(ctx, options->reps, REPS_IN_BLOCK, simulate_block, &job);
    for (int k = 0; status == RK_OK && k < CRM_KINDS; k++)
        status = gather(crm, job.tally, (enum crm_kind)k);
    if (status == RK_ENOMEM)
        rk_fail_memory(error);
    if (status == RK_OK) {
        size_t n_floored = count_reps(crm, job.tally);

        status = simulate_check_floor(n_floored, crm->n_weeks, error);
    }
    for (size_t rep = 0; job.tally != NULL && rep < options->reps; rep++)
        for (int k = 0; k < CRM_KINDS; k++)
            free(job.tally[rep].list[k].item);
    free(job.tally);
    return status;
}

void crm_free(struct crm *crm)
{
    for (int k = 0; k < CRM_KINDS; k++)
        free(crm->list[k].item);
    free(crm->life);
}
