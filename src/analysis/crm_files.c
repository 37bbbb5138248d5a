/* The keys of CRM files, and what is wanted of them once their header is known. */
#include "repkit/crm_files.h"

#include <stdlib.h>
#include <string.h>

#define REP_NAMES                                                                            \
    "rep|rep_id|sales_rep|sales_agent|salesperson|agent|owner|deal_owner|opportunity_owner|" \
    "assigned_to|user"

static const struct rk_file_key activity_keys[] = {
    [RK_ACTIVITIES_REP] = {"rep", REP_NAMES, "the rep", RK_AS_LABEL, false},
    [RK_ACTIVITIES_DATE] = {"date",
                            "date|activity_date|day|timestamp|created_at|created|period|week|month",
                            "the date", RK_AS_TIME, false},
    [RK_ACTIVITIES_TYPE] = {"type", "type|activity_type|activity|kind|channel", "the type",
                            RK_AS_LABEL, true},
    [RK_ACTIVITIES_COUNT] = {"count", "count", "the count", RK_AS_NUMBER, true},
};

static const struct rk_file_key deal_keys[] = {
    [RK_DEALS_REP] = {"rep", REP_NAMES, "the rep", RK_AS_LABEL, false},
    [RK_DEALS_OPEN] = {"open",
                       "open|open_date|opened|opened_at|engage_date|create_date|created_date|"
                       "created|created_at",
                       "the day a deal was opened", RK_AS_TIME, false},
    [RK_DEALS_CLOSE] = {"close", "close|close_date|closed|closed_at|closed_date",
                        "the day it was won or lost", RK_AS_TIME, false},
    [RK_DEALS_STAGE] = {"stage", "stage|deal_stage|status|outcome", "the stage of a deal",
                        RK_AS_LABEL, false},
    [RK_DEALS_AMOUNT] = {"amount", "amount|value|deal_value|close_value|revenue",
                         "the amount of a deal", RK_AS_NUMBER, false},
};

static const struct rk_file_key roster_keys[] = {
    [RK_ROSTER_REP] = {"rep", REP_NAMES, "the rep", RK_AS_LABEL, false},
    [RK_ROSTER_HIRED] = {"hired", "hired|hire_date|hired_at|start_date|start|joined",
                         "the first day", RK_AS_TIME, true},
    [RK_ROSTER_LEFT] = {"left", "left|left_date|leave_date|end_date|end|termination_date",
                        "the last day", RK_AS_TIME, true},
};

#define CUSTOMER_NAMES "customer|customer_id|client|client_id|account|account_id|buyer"

static const struct rk_file_key customer_keys[] = {
    [RK_CUSTOMERS_ID] = {"id", "id|" CUSTOMER_NAMES "|name", "the customer", RK_AS_LABEL, false},
    [RK_CUSTOMERS_START] = {"start",
                            "start|start_date|since|signup_date|first_order|acquired|created",
                            "the day a customer began", RK_AS_TIME, false},
    [RK_CUSTOMERS_END] = {"end", "end|end_date|churn_date|churned_at|cancelled_at|cancel_date|left",
                          "the day a customer left", RK_AS_TIME, true},
};

static const struct rk_file_key order_keys[] = {
    [RK_ORDERS_CUSTOMER] = {"customer", CUSTOMER_NAMES "|id", "the customer", RK_AS_LABEL, false},
    [RK_ORDERS_DATE] = {"date", "date|order_date|purchase_date|day|invoice_date|created_at",
                        "the day of an order", RK_AS_TIME, false},
    [RK_ORDERS_AMOUNT] = {"amount", "amount|value|order_value|revenue|total|price", "its amount",
                          RK_AS_NUMBER, false},
};

static const struct rk_file_key spend_keys[] = {
    [RK_SPEND_DATE] = {"date", "date|day|month|period|week", "the date", RK_AS_TIME, false},
    [RK_SPEND_AMOUNT] = {"amount", "amount|spend|cost|value", "what was spent", RK_AS_NUMBER,
                         false},
};

static const struct rk_file_key lead_keys[] = {
    [RK_LEADS_DATE] = {"date", "date|created|created_at|lead_date|day", "the day a lead came",
                       RK_AS_TIME, false},
    [RK_LEADS_CONVERTED] = {"converted", "converted|is_converted|conversion",
                            "whether a lead became a customer", RK_AS_LABEL, true},
};

static const struct rk_file_key score_keys[] = {
    [RK_SCORES_CUSTOMER] = {"customer", CUSTOMER_NAMES "|respondent|id", "the customer",
                            RK_AS_LABEL, true},
    [RK_SCORES_DATE] = {"date", "date|survey_date|day|answered_at|created_at",
                        "the day of an answer", RK_AS_TIME, false},
    [RK_SCORES_SCORE] = {"score", "score|rating|nps|csat|answer", "the score", RK_AS_NUMBER, false},
};

#define COUNT(keys) (sizeof(keys) / sizeof *(keys))
static const struct {
    const char *option;
    const struct rk_file_key *key;
    size_t n;
} inputs[RK_CRM_INPUTS] = {
    [RK_CRM_ACTIVITIES] = {"--activities", activity_keys, COUNT(activity_keys)},
    [RK_CRM_DEALS] = {"--deals", deal_keys, COUNT(deal_keys)},
    [RK_CRM_ROSTER] = {"--roster", roster_keys, COUNT(roster_keys)},
    [RK_CRM_CUSTOMERS] = {"--customers", customer_keys, COUNT(customer_keys)},
    [RK_CRM_ORDERS] = {"--orders", order_keys, COUNT(order_keys)},
    [RK_CRM_SPEND] = {"--spend", spend_keys, COUNT(spend_keys)},
    [RK_CRM_LEADS] = {"--leads", lead_keys, COUNT(lead_keys)},
    [RK_CRM_SCORES] = {"--scores", score_keys, COUNT(score_keys)},
};

const char *rk_crm_option(enum rk_crm_input input)
{
    return inputs[input].option;
}

/* What the reader calls with the header. Attributes are text to the byte: a team 007 stays one. */
static enum rk_status choose(void *data, const struct rk_names *header, struct rk_error *error)
{
    struct rk_crm_file *file = data;
    const struct rk_file_columns *columns = &file->columns;
    enum rk_status status = rk_file_columns_find(&file->columns, header, &file->wants, error);

    if (status != RK_OK)
        return status;
    file->wants.all = file->input == RK_CRM_ACTIVITIES &&
                      columns->name[RK_ACTIVITIES_TYPE] == NULL &&
                      columns->name[RK_ACTIVITIES_COUNT] == NULL;
    if (file->group != NULL && file->input != RK_CRM_ROSTER &&
        rk_wants_maybe(&file->wants, file->group, RK_AS_LABEL) != RK_OK)
        return rk_fail_memory(error);
    for (size_t j = 0; file->input == RK_CRM_ROSTER && j < header->n; j++) {
        bool named = false;

        for (size_t k = 0; k < columns->n; k++)
            named = named ||
                    (columns->name[k] != NULL && strcmp(columns->name[k], header->name[j]) == 0);
        if (!named && rk_wants_add(&file->wants, header->name[j], RK_AS_LABEL) != RK_OK)
            return rk_fail_memory(error);
    }
    return RK_OK;
}

enum rk_status rk_crm_labels(struct rk_names *names, const char *labels, const char *option,
                             struct rk_error *error)
{
    enum rk_status status = RK_OK;

    while (status == RK_OK && labels != NULL) {
        size_t length = strcspn(labels, "|");
        char *label = rk_strndup(labels, length);
        struct rk_text snake = {0};

        rk_text_add(&snake, "");
        if (label != NULL)
            rk_text_snake(&snake, label);
        if (label == NULL || snake.failed)
            status = rk_fail_memory(error);
        else if (snake.length == 0)
            status = rk_fail(error, RK_EUSAGE, "%s: '%s' is no label", option, label);
        else if (rk_names_add(names, snake.bytes) != RK_OK)
            status = rk_fail_memory(error);
        rk_text_free(&snake);
        free(label);
        labels = labels[length] == '|' ? labels + length + 1 : NULL;
    }
    return status;
}

/* won=LABEL|LABEL or the usual ones. */
static enum rk_status take_labels(struct rk_file_spec *spec, const char *key, const char *usual,
                                  struct rk_names *names, bool *given, struct rk_error *error)
{
    char *value = rk_file_spec_take(spec, key);
    enum rk_status status = rk_crm_labels(names, value == NULL ? usual : value, "--deals", error);

    *given = value != NULL;
    free(value);
    return status;
}

static enum rk_status parse_file(struct rk_crm_file *file, enum rk_crm_input input,
                                 const char *text, const struct rk_csv_options *csv,
                                 struct rk_error *error)
{
    const char *option = inputs[input].option;
    struct rk_file_spec spec = {0};
    enum rk_status status = rk_file_spec_parse(text, false, option, &spec, error);

    file->input = input;
    file->csv = *csv;
    if (status == RK_OK)
        status = rk_file_spec_csv(&spec, option, &file->csv, error);
    if (status == RK_OK && input == RK_CRM_DEALS)
        status = take_labels(&spec, "won", "won|closed_won", &file->won, &file->won_given, error);
    if (status == RK_OK && input == RK_CRM_DEALS)
        status =
            take_labels(&spec, "lost", "lost|closed_lost", &file->lost, &file->lost_given, error);
    if (status == RK_OK)
        status = rk_file_columns_take(&file->columns, option, inputs[input].key, inputs[input].n,
                                      &spec, error);
    if (status == RK_OK) {
        file->path = spec.path;
        spec.path = NULL;
        file->wants.choose = choose;
        file->wants.choose_data = file;
    }
    rk_file_spec_free(&spec);
    return status;
}

enum rk_status rk_crm_files_parse(struct rk_crm_files *files, const char *const *specs,
                                  const struct rk_csv_options *csv, struct rk_error *error)
{
    enum rk_status status = RK_OK;
    size_t n_stdin = 0;

    *files = (struct rk_crm_files){0};
    for (size_t i = 0; status == RK_OK && i < RK_CRM_INPUTS; i++)
        if (specs[i] != NULL) {
            status = parse_file(&files->file[i], (enum rk_crm_input)i, specs[i], csv, error);
            n_stdin += status == RK_OK && strcmp(files->file[i].path, "-") == 0;
        }
    if (status == RK_OK && n_stdin > 1)
        status = rk_fail(error, RK_EUSAGE, "standard input can be read only once");
    return status;
}

void rk_crm_files_free(struct rk_crm_files *files)
{
    for (size_t i = 0; i < RK_CRM_INPUTS; i++) {
        struct rk_crm_file *file = &files->file[i];

        free(file->path);
        rk_file_columns_free(&file->columns);
        rk_wants_free(&file->wants);
        rk_names_free(&file->won);
        rk_names_free(&file->lost);
        rk_table_free(file->table);
    }
    *files = (struct rk_crm_files){0};
}
