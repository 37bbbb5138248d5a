/* The files that a CRM exports: which columns of each are meant, and what was read. */
#ifndef REPKIT_CRM_FILES_H
#define REPKIT_CRM_FILES_H

#include "repkit/file_columns.h"

enum rk_crm_input {
    RK_CRM_ACTIVITIES,
    RK_CRM_DEALS,
    RK_CRM_ROSTER,
    RK_CRM_CUSTOMERS,
    RK_CRM_ORDERS,
    RK_CRM_SPEND,
    RK_CRM_LEADS,
    RK_CRM_SCORES,
    RK_CRM_INPUTS
};

/* Their keys, in the order of `name` in struct rk_file_columns. */
enum { RK_ACTIVITIES_REP, RK_ACTIVITIES_DATE, RK_ACTIVITIES_TYPE, RK_ACTIVITIES_COUNT };
enum { RK_DEALS_REP, RK_DEALS_OPEN, RK_DEALS_CLOSE, RK_DEALS_STAGE, RK_DEALS_AMOUNT };
enum { RK_ROSTER_REP, RK_ROSTER_HIRED, RK_ROSTER_LEFT };
enum { RK_CUSTOMERS_ID, RK_CUSTOMERS_START, RK_CUSTOMERS_END };
enum { RK_ORDERS_CUSTOMER, RK_ORDERS_DATE, RK_ORDERS_AMOUNT };
enum { RK_SPEND_DATE, RK_SPEND_AMOUNT };
enum { RK_LEADS_DATE, RK_LEADS_CONVERTED };
enum { RK_SCORES_CUSTOMER, RK_SCORES_DATE, RK_SCORES_SCORE };

/* One file, how to read it, and what was read. */
struct rk_crm_file {
    enum rk_crm_input input;
    char *path;                     /* NULL: not given */
    struct rk_csv_options csv;      /* its list of missing-value words is borrowed */
    struct rk_file_columns columns; /* complete once the wants have seen the header */
    struct rk_wants wants;
    struct rk_names won, lost; /* deals: their labels in snake case */
    bool won_given, lost_given;
    const char *group; /* a column wanted as labels if the file has it; NULL for none; borrowed */
    struct rk_table *table; /* to be read by the caller, with `csv` and `wants` */
};

struct rk_crm_files {
    struct rk_crm_file file[RK_CRM_INPUTS];
};

/* The option that names the file: "--deals". */
const char *rk_crm_option(enum rk_crm_input input);

/* Reads the specs FILE[:key=value,...], RK_CRM_INPUTS of them, NULL where not given.
 *   activities  rep, date, type, count; without type and count each column of numbers is an
 *               activity
 *   deals       rep, open, close, stage, amount; won, lost (labels of stage, separated by |)
 *   roster      rep, hired, left; all other columns are attributes
 *   customers   id, start, end          orders  customer, date, amount
 *   spend       date, amount            leads   date, converted
 *   scores      customer, date, score
 *   csv         how files are read whose keys say nothing else
 * The wants point into *files: it may not be moved. RK_OK, RK_EUSAGE, RK_ENOMEM; free it in any
 * case. */
enum rk_status rk_crm_files_parse(struct rk_crm_files *files, const char *const *specs,
                                  const struct rk_csv_options *csv, struct rk_error *error);
void rk_crm_files_free(struct rk_crm_files *files);

/* Labels separated by |, in snake case, added to names. option is for messages. RK_OK, RK_EUSAGE,
 * RK_ENOMEM. */
enum rk_status rk_crm_labels(struct rk_names *names, const char *labels, const char *option,
                             struct rk_error *error);

/* What the stage of each deal means, by the file's labels of won and lost: one of these a row of
 * file->table, to be freed by the caller.
 * RK_OK; RK_EINPUT (a label that was given is not there, or none of the usual ones); RK_ENOMEM. */
enum rk_deal_stage { RK_DEAL_OPEN, RK_DEAL_WON, RK_DEAL_LOST };
enum rk_status rk_crm_outcomes(const struct rk_crm_file *file, unsigned char **outcome,
                               struct rk_error *error);

/* A label cut to what a message has room for, whole characters. Returns out. */
enum { RK_SHORT_SIZE = 64 };
const char *rk_short_label(const char *label, char out[RK_SHORT_SIZE]);

#endif
