/* What the kinds of plot share. */
#ifndef REPKIT_ANALYSIS_PLOT_PARTS_H
#define REPKIT_ANALYSIS_PLOT_PARTS_H

#include "repkit/analysis.h"
#include "repkit/plot.h"

struct plot {
    const struct rk_table *table; /* the rows to draw: of a facet, where there are facets */
    const struct rk_table *whole; /* all rows, so that facets agree on levels */
    const struct rk_plot_options *options;
    const struct rk_ctx *ctx;
    struct rk_picture *picture;
    struct rk_error *error;
};

/* One a kind; the row of kinds in plot.c has made sure that the columns it lists are there. */
enum rk_status plot_scatter(struct plot *plot);
enum rk_status plot_heatmap(struct plot *plot);
enum rk_status plot_forest(struct plot *plot);
enum rk_status plot_coef(struct plot *plot);
enum rk_status plot_slope(struct plot *plot);
enum rk_status plot_roi(struct plot *plot);
enum rk_status plot_cashflow(struct plot *plot);
enum rk_status plot_band(struct plot *plot);
enum rk_status plot_tornado(struct plot *plot);
enum rk_status plot_impact(struct plot *plot);
enum rk_status plot_event(struct plot *plot);
enum rk_status plot_hist(struct plot *plot);
enum rk_status plot_box(struct plot *plot);
enum rk_status plot_qq(struct plot *plot);
enum rk_status plot_residuals(struct plot *plot);
enum rk_status plot_series(struct plot *plot);
enum rk_status plot_limits(struct plot *plot);
enum rk_status plot_rank(struct plot *plot);
enum rk_status plot_survival(struct plot *plot);
enum rk_status plot_cohort(struct plot *plot);
enum rk_status plot_funnel(struct plot *plot);

/* The names of all kinds, "scatter, slope, ...": for messages. free() it; NULL when out of memory.
 */
char *plot_kind_names(void);
/* The kind whose signature the table's columns have, or NULL: rep-corr gives heatmap, rep-compare
 * forest, and so on; the first row of the table of signatures that matches. */
const char *plot_guess(const struct rk_table *table);

/* More points than this are drawn as a density. */
enum { PLOT_MAX_POINTS = 20000, PLOT_MAX_PANELS = 12 };

/* Draws a data kind once for each level of --facet. */
enum rk_status plot_facets(struct plot *plot, const char *facet,
                           enum rk_status (*make)(struct plot *plot));

#define PLOT_NO_COLUMN SIZE_MAX
#define PLOT_NO_SPOT                  \
    {                                 \
        NAN, NAN, NAN, NAN, NAN, NULL \
    }

/* The index of a column, of whatever type; RK_EINPUT with the nearest name. */
enum rk_status plot_column(const struct plot *plot, const char *name, size_t *index);
/* The same for one of the user's columns, which the reader may have kept twice: as text where there
 * is one. */
enum rk_status plot_text_column(const struct plot *plot, const char *name, size_t *index);
/* The value of a cell, NaN for text, a missing value or a column that is not there. */
double plot_number(const struct plot *plot, size_t row, size_t column);
/* The cell as it is written; empty where it is missing. */
void plot_add_cell(struct rk_text *out, const struct plot *plot, size_t row, size_t column);
/* 1,234 */
void plot_add_count(struct rk_text *out, size_t count);
/* A level as a reader understands it away from its column: "North", but "month 12". */
void plot_add_level_name(struct rk_text *out, const char *column, const char *level);
/* 12,346 or 0.0123: three digits at least, thousands separated. */
void plot_add_value(struct rk_text *out, double value);
void plot_add_percent(struct rk_text *out, double fraction);
/* "95%" */
void plot_add_level(struct rk_text *out, double conf_level);
/* "12.3 [10.1, 14.5]", all three with the same decimals; the interval only where it is known. With
 * percent, of fractions. */
void plot_add_interval(struct rk_text *out, double estimate, double low, double high, bool percent);

/* The title given by the user, else the one made here, which is emptied. */
void plot_title(struct plot *plot, struct rk_text *made);
/* The buffer's text, which may be empty; where it got no memory the picture is marked as failed. */
const char *plot_words(const struct plot *plot, const struct rk_text *text);
/* Sets one of the picture's texts and empties the buffer. */
void plot_set(struct plot *plot, char **place, struct rk_text *text);
/* x, y and the rest NaN. */
struct rk_spot plot_spot(double x, double y);

/* The indexes of the columns before `stop` that say what a row is (none of counts and means),
 * apart from `but` (NULL-terminated); free() it, NULL when out of memory. */
size_t *plot_label_columns(const struct plot *plot, size_t stop, const char *const *but, size_t *n);
/* These columns, and the rows in groups by them. RK_OK, RK_ENOMEM; in any case free(*columns) and
 * rk_groups_free(). */
enum rk_status plot_label_groups(const struct plot *plot, size_t stop, size_t **columns, size_t *n,
                                 struct rk_groups *groups);
/* Keeps those in which rows differ, and adds the others to `same` as "name: value", if `same` is
 * given and the value says something. */
void plot_split_constant(const struct plot *plot, size_t *columns, size_t *n, struct rk_text *same);

/* The rows of `table` with a number in each of these columns; free() it. RK_ENODATA if there is
 * none. */
enum rk_status plot_rows(const struct plot *plot, const size_t *columns, size_t n_columns,
                         size_t **rows, size_t *n);

/* The numbers of a column the user named, in the table's order, with their rows; free() both.
 * RK_EINPUT (no such column, or text), RK_ENODATA. */
enum rk_status plot_values(const struct plot *plot, const char *name, size_t **rows,
                           double **values, size_t *n);

/* The levels of a column the user named, those of all facets. */
struct plot_levels {
    const char *name;
    size_t column;
    const struct rk_dict *names; /* of all facets */
    uint32_t *order;             /* their codes in names */
    uint32_t *code;              /* those in the rows to draw; RK_NO_CODE: not among them */
    size_t n;                    /* 0: no levels, all rows alike */
};
/* RK_EUSAGE names the option if there are more than `most`. plot_levels_free() in any case. */
enum rk_status plot_levels(const struct plot *plot, const char *option, const char *name,
                           size_t most, struct plot_levels *levels);
void plot_levels_free(struct plot_levels *levels);
/* Whether the row is of level k; where there are no levels, it is. */
bool plot_is_level(const struct plot *plot, const struct plot_levels *levels, size_t k, size_t row);
void plot_add_level_of(struct rk_text *out, const struct plot_levels *levels, size_t k);
/* A layer for level k with its entry in the legend; where there are no levels, in that ink. */
struct rk_layer *plot_level_layer(struct plot *plot, struct rk_panel *panel, enum rk_mark mark,
                                  int ink, const struct plot_levels *levels, size_t k);

/* The axis of a column: its name as title, dates as dates. */
void plot_set_axis(struct plot *plot, struct rk_axis *axis, const char *name);
/* An axis of time, of a column of numbers or times: years without a comma. */
void plot_set_time(struct plot *plot, struct rk_axis *axis, size_t column);
/* How many rows of panels so many make, and the size that suits panels of data. */
size_t plot_panels_down(size_t n_panels);
void plot_set_size(struct plot *plot, size_t n_panels);
/* "North, month 12": what a group of rows is, by the cells of one of them. */
void plot_add_group(struct rk_text *out, const struct plot *plot, size_t row, const size_t *columns,
                    size_t n);

/* Cells of a grid, stronger where more rows are; *fullest is the most in one. */
enum rk_status plot_add_density(struct plot *plot, struct rk_panel *panel, const double *x,
                                const double *y, size_t n, size_t *fullest);
/* A sentence that says so; nothing for 0. */
void plot_add_fullest(struct rk_text *out, size_t fullest);

/* Bins of a histogram over values in ascending order: of the width of Freedman and Diaconis (1981)
 * with an edge at zero; around whole numbers, if the values are few of those. */
struct plot_bins {
    double left, width;
    size_t n;
    bool cut; /* half a percent of a long tail on either side is not in them */
};
struct plot_bins plot_bins_of(const double *sorted, size_t n);
/* The bin of a value, or SIZE_MAX. */
size_t plot_bin(const struct plot_bins *bins, double value);

/* The normal quantile-quantile points of values in ascending order, with the pointwise band. */
enum rk_status plot_add_normal(struct plot *plot, struct rk_panel *panel, const double *sorted,
                               size_t n, double mean, double sd);

#endif
