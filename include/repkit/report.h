/* rep-report: give me something to send. */
#ifndef REPKIT_REPORT_H
#define REPKIT_REPORT_H

#include "repkit/analysis.h"
#include "repkit/document.h"

struct rk_effects;   /* repkit/effect.h */
struct rk_crm_files; /* repkit/crm_files.h */

/* Texts are borrowed; NULL where not given. */
struct rk_report_options {
    struct rk_common common; /* conf_level, by, missing, resamples (0: the report's own) */
    char *outcome;           /* owned: found in the header where not given; so are the others */
    struct rk_names activities;
    char *id, *time;
    const char *start, *treated, *title;
    enum rk_date_order date_order;
    /* of the model */
    size_t horizon; /* months */
    double rate;    /* yearly */
    const struct rk_effects *effects;
    struct rk_names effect_words; /* as they were given, for the commands */
    /* of the deals: read, NULL for none; how the file was given, for the commands */
    const struct rk_crm_files *files;
    const char *deals;
    /* for the commands: the files, and how they are read */
    const char *panel_path, *model_path;
    struct rk_names reading; /* further words, such as --decimal , */
    const char *version;
    /* filled by rk_report_wants' reader */
    struct rk_wants *wants;
};
#define RK_REPORT_DEFAULT                                         \
    {                                                             \
        .common = RK_COMMON_DEFAULT, .horizon = 36, .rate = 0.10, \
    }

/* Whether the options fit together. RK_OK or RK_EUSAGE. */
enum rk_status rk_report_check(const struct rk_report_options *options, struct rk_error *error);

/* Asks for the columns; once the header is known, what was not named is found there: the outcome
 * `revenue`, the activities that rep-panel knows by name, the unit `rep` and the time `period`.
 * Then the reader returns RK_EUSAGE where there is no outcome or no activity. */
enum rk_status rk_report_wants(struct rk_report_options *options, struct rk_wants *wants);
void rk_report_options_free(struct rk_report_options *options);

/* Tells the story of a panel, section after section (src/analysis/report.c has one row for each).
 * model  costs and benefits as rep-roi reads them; NULL for none
 * A section whose numbers do not allow it says so and the story goes on.
 * result  gets one warning of each code that the sections gave
 * Returns RK_OK; RK_EUSAGE, RK_EINPUT as the analyses; RK_ENOMEM; what ctx's cancel says. */
enum rk_status rk_report_run(const struct rk_table *table, const struct rk_table *model,
                             const struct rk_report_options *options, const struct rk_ctx *ctx,
                             struct rk_document *document, struct rk_error *error);

#endif
