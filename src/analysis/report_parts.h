/* What the sections of the report share. */
#ifndef REPKIT_ANALYSIS_REPORT_PARTS_H
#define REPKIT_ANALYSIS_REPORT_PARTS_H

#include "repkit/plot.h"
#include "repkit/regress.h"
#include "repkit/report.h"

struct story {
    const struct rk_report_options *options;
    const struct rk_table *table, *model;
    const struct rk_ctx *ctx;
    struct rk_document *document;
    struct rk_section *section; /* the one being told, with a result of its own */
    struct rk_error *error;
    char *formula;    /* outcome ~ activities | unit + period */
    size_t n_units;   /* of --id, once the data are told; 0 without it */
    bool has_repeats; /* several rows of a unit, or one unit: rows may be alike */
    size_t strongest; /* of the activities, once the regression is told */
    /* The report's own estimate of the rollout, once that is told. */
    bool has_effect;
    double estimate, std_error, df, low, high, months;
    char *per, *note;
    /* What the model's sections need of each other. */
    bool has_worth;
    double npv, npv_without, pv_cost, pv_benefit, irr;
    struct rk_text worth; /* how sure the model is, in words */
};

/* One a section, in the order of the story. Each fills story->section and its result; returns RK_OK
 * or a status, which is a section that says why where rk_status_is_undefined() holds. */
enum rk_status report_data(struct story *story);
enum rk_status report_describe(struct story *story);
enum rk_status report_corr(struct story *story);
enum rk_status report_regress(struct story *story);
enum rk_status report_groups(struct story *story);
enum rk_status report_band(struct story *story);
enum rk_status report_deals(struct story *story);
enum rk_status report_impact(struct story *story);
enum rk_status report_roi(struct story *story);
enum rk_status report_sure(struct story *story);
enum rk_status report_change(struct story *story);
enum rk_status report_next(struct story *story);

/* --- commands ------------------------------------------------------------------------------ */

/* Adds words as a shell needs them, up to a NULL. */
void report_words(struct rk_text *line, ...);
/* Adds `option name,name`, escaped as a list needs it; nothing for an empty list. */
void report_list(struct rk_text *line, const char *option, const struct rk_names *names);
/* Adds --id and --time, those that there are. */
void report_panel_words(const struct story *story, struct rk_text *line);
/* Adds --conf and --seed where they are not the defaults. */
void report_shared_words(const struct story *story, struct rk_text *line);
/* Ends the line with the panel and how it is read, and adds it to the section's commands. */
void report_command(struct story *story, struct rk_text *line);

/* The rep-describe command for outcome and activities. */
void report_describe_command(struct story *story);

/* --- what the sections are made of ---------------------------------------------------------- */

/* A column's name as a formula takes it. */
void report_name(struct rk_text *out, const char *name);
/* y ~ x1 + x2 | unit + period, the last where `periods`; free() it. NULL when out of memory. */
char *report_formula(const struct story *story, const struct rk_names *terms, bool periods);
/* The column of numbers of that name; SIZE_MAX if there is none. */
size_t report_number_column(const struct story *story, const char *name);

/* The manager's (or the paper's) sentence of a row of the result's explanations, or NULL. */
const char *report_said(const struct rk_result *result, const char *row, const char *column);
/* Adds the paper's sentences of all rows, at most `most`, to the section's method. */
void report_method(struct story *story, size_t most);
/* A number of a table of the result, NaN where it is missing. */
double report_number(const struct rk_result *result, const char *table, size_t row,
                     const char *column);
/* The row in which a column of text has that value; SIZE_MAX if none has. */
size_t report_row(const struct rk_result *result, const char *table, const char *column,
                  const char *value);
/* Shows a table of the section's result. */
void report_table(struct story *story, const char *name);
/* Draws a table as that kind of plot (NULL: its own); a band with the `others` of its result. A
 * table that cannot be drawn leaves the section without a picture. */
enum rk_status report_plot(struct story *story, const char *kind, const struct rk_table *table,
                           const struct rk_result *others);
/* The same with all options; conf_level is the report's. */
enum rk_status report_draw(struct story *story, struct rk_plot_options *options,
                           const struct rk_table *table);
/* Adds a sentence or several to the points, without what the section has said already. */
void report_point(struct story *story, const char *text);
/* Runs a regression as all sections do: listwise, lean, explained. */
enum rk_status report_run_regress(struct story *story, const char *text,
                                  struct rk_regress_options *options, struct rk_result *result);
/* The same of a formula with errors clustered by a column (NULL: none), and adds its command. NULL
 * where the data do not allow it, which is RK_OK, and on failure; the caller frees *result. */
enum rk_status report_clustered(struct story *story, const struct rk_text *formula,
                                const char *cluster, struct rk_result **result);
/* rep-impact DESIGN --value ... --start DATE, without the panel. */
void report_impact_words(const struct story *story, const char *design, struct rk_text *line);
/* The section of that id that was told before, NULL for none. */
const struct rk_section *report_find(const struct story *story, const char *id);
/* A cell of rep-roi's metrics. */
double report_metric(const struct rk_result *result, const char *name, const char *column);
/* Runs the model, all its effects multiplied by `share`, and then without uncertainty unless it is
 * 1; with more than one draw it makes all tables that are shown. */
enum rk_status report_run_model(const struct story *story, double share, size_t draws,
                                struct rk_result *result);
/* Adds the rep-roi command that prints that table. */
void report_roi_command(struct story *story, const char *emit);
/* Sets the picture's words, which are freed. */
void report_alt(struct story *story, struct rk_text *alt);

#endif
