/* What the kinds of plot share. */
#ifndef REPKIT_ANALYSIS_PLOT_PARTS_H
#define REPKIT_ANALYSIS_PLOT_PARTS_H

#include "repkit/analysis.h"
#include "repkit/plot.h"

struct plot {
    const struct rk_table *table;
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
enum rk_status plot_tornado(struct plot *plot);
enum rk_status plot_impact(struct plot *plot);
enum rk_status plot_event(struct plot *plot);

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
/* Sets one of the picture's texts and empties the buffer. */
void plot_set(struct plot *plot, char **place, struct rk_text *text);
/* x, y and the rest NaN. */
struct rk_spot plot_spot(double x, double y);

/* The indexes of the columns before `stop` that say what a row is (none of counts and means),
 * apart from `but` (NULL-terminated); free() it, NULL when out of memory. */
size_t *plot_label_columns(const struct plot *plot, size_t stop, const char *const *but, size_t *n);
/* Keeps those in which rows differ, and adds the others to `same` as "name: value", if `same` is
 * given and the value says something. */
void plot_split_constant(const struct plot *plot, size_t *columns, size_t *n, struct rk_text *same);

/* The rows of `table` with a number in each of these columns; free() it. RK_ENODATA if there is
 * none. */
enum rk_status plot_rows(const struct plot *plot, const size_t *columns, size_t n_columns,
                         size_t **rows, size_t *n);

#endif
