/* A simulated CRM as the tables that it would export. */
#include <math.h>
#include <stdio.h>

#include "simulate_crm.h"

static const char *const type_names[SIMULATE_ACTIVITIES] = {"Call", "Email", "Meeting", "Note",
                                                            "Task"};
static const char *const stage_names[] = {[CRM_WON] = "Won",
                                          [CRM_LOST] = "Lost",
                                          [CRM_QUALIFIED] = "Qualified",
                                          [CRM_PROPOSAL] = "Proposal",
                                          [CRM_NEGOTIATION] = "Negotiation"};
static const char *const source_names[] = {"Website", "Referral", "Event", "Cold call"};
static const char *const team_names[] = {"Key accounts", "Field", "Inside"};
enum { N_TEAMS = sizeof team_names / sizeof *team_names };
static const char house_name[] = "House";

/* A month of marketing, for each rep. */
static const struct {
    const char *channel;
    double amount;
} channels[] = {{"Advertising", 400}, {"Events", 300}, {"Content", 200}, {"Partners", 100}};
enum { N_CHANNELS = sizeof channels / sizeof *channels };

const struct crm_deal *crm_deals(const struct crm *crm, size_t *n)
{
    *n = crm->list[CRM_DEALS].n;
    return crm->list[CRM_DEALS].item;
}

/* Deals of reps who left are on a house account, which is in the files if there are any. */
bool crm_has_house(const struct crm *crm)
{
    size_t n;
    const struct crm_deal *deal = crm_deals(crm, &n);

    while (n > 0 && deal[n - 1].owner != CRM_HOUSE)
        n--;
    return n > 0;
}

bool crm_came(const struct crm *crm, size_t rep)
{
    return crm->life[rep].first <= crm->model.options->periods;
}

const char *crm_rep_name(uint32_t rep, char *out)
{
    if (rep == CRM_HOUSE)
        return house_name;
    simulate_rep_name(rep, out);
    return out;
}

const char *crm_team(size_t rep)
{
    return team_names[rep / 8 % N_TEAMS];
}

/* Customers are numbered by the rep who found them. */
static const char *customer_name(uint32_t rep, uint32_t customer, char *out, size_t size)
{
    snprintf(out, size, "C%03u-%03u", rep + 1, customer + 1);
    return out;
}

/* --- files --------------------------------------------------------------------------------- */

static size_t declare(struct rk_result *result, const char *name, const struct rk_field *fields,
                      size_t n_fields)
{
    size_t table = rk_result_declare(result, name, fields, n_fields);

    for (size_t j = 0; result->status == RK_OK && j < n_fields; j++)
        if (fields[j].type == RK_TIME)
            result->table[table]->column[j].time_kind = RK_TIME_DAY;
    return table;
}

static void put_day(struct rk_result *result, size_t table, size_t field, int32_t day)
{
    if (day != CRM_NO_DAY)
        rk_put(result, table, field, day);
}

static void put_activities(const struct crm *crm, struct rk_result *result)
{
    enum { ID, REP, DATE, TYPE };
    static const struct rk_field fields[] = {
        [ID] = {"activity_id", RK_NUMBER, RK_DATA},
        [REP] = {"rep", RK_TEXT, RK_DATA},
        [DATE] = {"date", RK_TIME, RK_DATA},
        [TYPE] = {"type", RK_TEXT, RK_DATA},
    };
    size_t table = declare(result, "activities", fields, sizeof fields / sizeof *fields);
    const struct crm_activity *activity = crm->list[CRM_ACTIVITIES].item;
    char name[SIMULATE_NAME];

    for (size_t i = 0; result->status == RK_OK && i < crm->list[CRM_ACTIVITIES].n; i++) {
        rk_result_row(result, table);
        rk_put(result, table, ID, (double)i + 1.0);
        rk_put_text(result, table, REP, crm_rep_name(activity[i].rep, name));
        put_day(result, table, DATE, activity[i].day);
        rk_put_text(result, table, TYPE, type_names[activity[i].type]);
    }
}

static void put_deals(const struct crm *crm, struct rk_result *result)
{
    enum { ID, REP, CUSTOMER, OPEN, CLOSE, STAGE, AMOUNT };
    static const struct rk_field fields[] = {
        [ID] = {"deal_id", RK_NUMBER, RK_DATA},      [REP] = {"rep", RK_TEXT, RK_DATA},
        [CUSTOMER] = {"customer", RK_TEXT, RK_DATA}, [OPEN] = {"open_date", RK_TIME, RK_DATA},
        [CLOSE] = {"close_date", RK_TIME, RK_DATA},  [STAGE] = {"stage", RK_TEXT, RK_DATA},
        [AMOUNT] = {"amount", RK_NUMBER, RK_DATA},
    };
    size_t table = declare(result, "deals", fields, sizeof fields / sizeof *fields), n;
    const struct crm_deal *deal = crm_deals(crm, &n);
    char name[2 * SIMULATE_NAME];

    for (size_t i = 0; result->status == RK_OK && i < n; i++) {
        rk_result_row(result, table);
        rk_put(result, table, ID, (double)i + 1.0);
        rk_put_text(result, table, REP, crm_rep_name(deal[i].owner, name));
        rk_put_text(result, table, CUSTOMER,
                    customer_name(deal[i].rep, deal[i].customer, name, sizeof name));
        put_day(result, table, OPEN, deal[i].open);
        put_day(result, table, CLOSE, deal[i].close);
        rk_put_text(result, table, STAGE, stage_names[deal[i].stage]);
        rk_put(result, table, AMOUNT, deal[i].amount);
    }
}

/* The house account has neither region nor team, and no lot in the rollout. */
static void put_roster(const struct crm *crm, struct rk_result *result)
{
    enum { REP, HIRED, LEFT, REGION, TEAM, TREATED };
    static const struct rk_field fields[] = {
        [REP] = {"rep", RK_TEXT, RK_DATA},   [HIRED] = {"hired", RK_TIME, RK_DATA},
        [LEFT] = {"left", RK_TIME, RK_DATA}, [REGION] = {"region", RK_TEXT, RK_DATA},
        [TEAM] = {"team", RK_TEXT, RK_DATA}, [TREATED] = {"treated", RK_NUMBER, RK_DATA},
    };
    size_t table = declare(result, "roster", fields, sizeof fields / sizeof *fields);
    char name[SIMULATE_NAME];

    for (size_t rep = 0; result->status == RK_OK && rep < crm->model.options->reps; rep++) {
        const struct crm_life *life = &crm->life[rep];

        if (!crm_came(crm, rep))
            continue;
        rk_result_row(result, table);
        rk_put_text(result, table, REP, crm_rep_name((uint32_t)rep, name));
        put_day(result, table, HIRED, life->hired);
        put_day(result, table, LEFT,
                life->left ? crm->start + 7 * (int32_t)life->last - 1 : CRM_NO_DAY);
        rk_put_text(result, table, REGION, simulate_region(rep));
        rk_put_text(result, table, TEAM, crm_team(rep));
        rk_put(result, table, TREATED, simulate_is_treated(&crm->model, rep));
    }
    if (crm_has_house(crm)) {
        rk_result_row(result, table);
        rk_put_text(result, table, REP, house_name);
        put_day(result, table, HIRED, crm->start);
    }
}

static void put_leads(const struct crm *crm, struct rk_result *result)
{
    enum { ID, DATE, SOURCE, REP, CONVERTED };
    static const struct rk_field fields[] = {
        [ID] = {"lead_id", RK_NUMBER, RK_DATA},          [DATE] = {"date", RK_TIME, RK_DATA},
        [SOURCE] = {"source", RK_TEXT, RK_DATA},         [REP] = {"rep", RK_TEXT, RK_DATA},
        [CONVERTED] = {"converted", RK_NUMBER, RK_DATA},
    };
    size_t table = declare(result, "leads", fields, sizeof fields / sizeof *fields);
    const struct crm_lead *lead = crm->list[CRM_LEADS].item;
    char name[SIMULATE_NAME];

    for (size_t i = 0; result->status == RK_OK && i < crm->list[CRM_LEADS].n; i++) {
        rk_result_row(result, table);
        rk_put(result, table, ID, (double)i + 1.0);
        put_day(result, table, DATE, lead[i].day);
        rk_put_text(result, table, SOURCE, source_names[lead[i].source]);
        rk_put_text(result, table, REP, crm_rep_name(lead[i].rep, name));
        rk_put(result, table, CONVERTED, lead[i].converted);
    }
}

static void put_scores(const struct crm *crm, struct rk_result *result)
{
    enum { ID, CUSTOMER, DATE, SCORE };
    static const struct rk_field fields[] = {
        [ID] = {"response_id", RK_NUMBER, RK_DATA},
        [CUSTOMER] = {"customer", RK_TEXT, RK_DATA},
        [DATE] = {"date", RK_TIME, RK_DATA},
        [SCORE] = {"score", RK_NUMBER, RK_DATA},
    };
    size_t table = declare(result, "scores", fields, sizeof fields / sizeof *fields);
    const struct crm_score *score = crm->list[CRM_SCORES].item;
    char name[2 * SIMULATE_NAME];

    for (size_t i = 0; result->status == RK_OK && i < crm->list[CRM_SCORES].n; i++) {
        rk_result_row(result, table);
        rk_put(result, table, ID, (double)i + 1.0);
        rk_put_text(result, table, CUSTOMER,
                    customer_name(score[i].rep, score[i].customer, name, sizeof name));
        put_day(result, table, DATE, score[i].day);
        rk_put(result, table, SCORE, score[i].score);
    }
}

/* A bill a channel and month, on the first, from the month of the first day to that of the last;
 * within 15% of what is usual. Returns the sum. */
static double put_spend(const struct crm *crm, struct rk_result *result)
{
    enum { DATE, CHANNEL, AMOUNT };
    static const struct rk_field fields[] = {
        [DATE] = {"date", RK_TIME, RK_DATA},
        [CHANNEL] = {"channel", RK_TEXT, RK_DATA},
        [AMOUNT] = {"amount", RK_NUMBER, RK_DATA},
    };
    size_t table = declare(result, "spend", fields, sizeof fields / sizeof *fields);
    double sum = 0.0;
    int64_t year, first;
    int month, day;

    rk_civil_from_days(crm->start, &year, &month, &day);
    while (result->status == RK_OK && (first = rk_days_from_civil(year, month, 1)) <= crm->end) {
        for (size_t c = 0; c < N_CHANNELS; c++) {
            struct rk_rng rng;
            double amount;

            rk_rng_stream(&rng, crm->model.seed, "simulate spend", channels[c].channel,
                          (uint64_t)first);
            amount = round(channels[c].amount * (double)crm->model.options->reps *
                           (0.85 + 0.3 * rk_rng_uniform(&rng)));
            sum += amount;
            rk_result_row(result, table);
            put_day(result, table, DATE, (int32_t)first);
            rk_put_text(result, table, CHANNEL, channels[c].channel);
            rk_put(result, table, AMOUNT, amount);
        }
        year += month == 12;
        month = month % 12 + 1;
    }
    return sum;
}

double crm_put_files(const struct crm *crm, struct rk_result *result)
{
    double spend;

    put_activities(crm, result);
    put_deals(crm, result);
    put_roster(crm, result);
    spend = put_spend(crm, result);
    put_leads(crm, result);
    put_scores(crm, result);
    return spend;
}
