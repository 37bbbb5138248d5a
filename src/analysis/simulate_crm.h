/* What happens in a simulated CRM, before it is put into tables. Private to src/analysis. */
#ifndef REPKIT_SIMULATE_CRM_H
#define REPKIT_SIMULATE_CRM_H

#include "simulate_parts.h"

/* Days since 1970-01-01. Every record begins with the day that its file is sorted by. */
struct crm_activity {
    int32_t day;
    uint32_t rep, type;
};
struct crm_deal {
    int32_t day;            /* opened, or the day before the first where that is not known */
    int32_t open, close;    /* CRM_NO_DAY where not known, or not yet */
    uint32_t owner;         /* a rep, or CRM_HOUSE */
    uint32_t rep, customer; /* the rep who found the customer, and its number with that rep */
    uint32_t stage;
    double amount;
};
struct crm_lead {
    int32_t day;
    uint32_t rep, source;
    bool converted;
};
struct crm_score {
    int32_t day;
    uint32_t rep, customer, score;
};
#define CRM_NO_DAY INT32_MIN
#define CRM_HOUSE UINT32_MAX

enum { CRM_WON, CRM_LOST, CRM_QUALIFIED, CRM_PROPOSAL, CRM_NEGOTIATION };

enum crm_kind { CRM_ACTIVITIES, CRM_DEALS, CRM_LEADS, CRM_SCORES, CRM_KINDS };

struct crm_list {
    void *item; /* struct crm_activity[], struct crm_deal[], ... by kind */
    size_t n, capacity;
};

/* A rep's time: periods from 1, both included. */
struct crm_life {
    size_t first, last; /* first is after the last period for a rep who never came */
    bool left;          /* at the end of the period `last`; else that is the last there is */
    int32_t hired;
};

struct crm {
    struct simulate_model model;
    int32_t start, end;                        /* the first Monday and the last Sunday */
    struct crm_life *life;                     /* one a rep */
    struct crm_list list[CRM_KINDS];           /* of all reps, by day */
    size_t n_reps, n_treated, n_left, n_hired; /* of those who came */
    size_t n_weeks, n_weeks_off;               /* of reps */
    double gain; /* what the uplift added a week and treated rep, or NaN */
};

/* Draws everything. Free it whatever is returned. RK_OK, RK_EUSAGE, RK_ENOMEM, or what ctx's cancel
 * says. */
enum rk_status crm_draw(const struct rk_simulate_options *options, const struct rk_ctx *ctx,
                        struct crm *crm, struct rk_error *error);
void crm_free(struct crm *crm);

/* What drew it. */
struct crm_truth {
    double win_rate, conversion, leads_per_week, holidays, new_customers, response;
    double cycle_mean, cycle_median; /* days */
    double score_mean, nps;          /* NPS in points, -100 to 100 */
    double amount_cv;
};
void crm_truth(struct crm_truth *truth);

/* --- tables -------------------------------------------------------------------------------- */

const struct crm_deal *crm_deals(const struct crm *crm, size_t *n);
/* Whether the rep is in the files: came before the end. */
bool crm_came(const struct crm *crm, size_t rep);
/* Deals of reps who left are on a house account, which is in the files if there are any. */
bool crm_has_house(const struct crm *crm);
/* Written into out, SIMULATE_NAME bytes; for CRM_HOUSE out is not used. */
const char *crm_rep_name(uint32_t rep, char *out);
const char *crm_team(size_t rep);

/* Adds the files as tables; failures are in the result's status. Returns the sum of spend. */
double crm_put_files(const struct crm *crm, struct rk_result *result);

/* Puts faults into the tables of the files, and lists them in the table `dirt`.
 * RK_OK or RK_ENOMEM. */
enum rk_status crm_put_dirt(uint64_t seed, struct rk_result *result);
size_t crm_declare_dirt(struct rk_result *result);

#endif
