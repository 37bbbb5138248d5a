/* What the tests of plots share: a picture made from text, and its layers. */
#ifndef REPKIT_TEST_PLOT_RUN_H
#define REPKIT_TEST_PLOT_RUN_H

#include "reference.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repkit/plot.h"

/* Headers of other tools' tables. */
#define COEF "term,estimate,std_error,statistic,df,p_value,conf_low,conf_high,conf_level,note\n"
#define CASH "month,cost,benefit,net,cumulative,discounted_cumulative,cum_p5,cum_p50,cum_p95\n"
#define RANK "id,raw,estimate,conf_low,conf_high,rank,rank_low,rank_high,shrinkage\n"
#define SLOPES "cluster,term,n,raw,std_error,estimate,conf_low,conf_high,shrinkage,note\n"
#define INFLUENCE "cluster,term,estimate,change,conf_low,conf_high,note\n"

static inline struct rk_table *read_csv(const char *csv, const struct rk_plot_options *options,
                                        enum rk_status *status, struct rk_error *error)
{
    char path[] = "/tmp/repkit-plot-XXXXXX";
    int fd = mkstemp(path);
    struct rk_csv_options how = RK_CSV_DEFAULT;
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;

    assert_true(fd >= 0);
    assert_int_equal(write(fd, csv, strlen(csv)), (int)strlen(csv));
    close(fd);
    *status = rk_plot_wants(options, &wants, error);
    if (*status == RK_OK)
        *status = rk_csv_read(path, &wants, &how, NULL, &table, error);
    unlink(path);
    rk_wants_free(&wants);
    return table;
}

static inline enum rk_status plot(const char *csv, const struct rk_plot_options *options,
                                  struct rk_picture **picture, struct rk_error *error)
{
    enum rk_status status;
    struct rk_table *table = read_csv(csv, options, &status, error);

    if (status == RK_OK)
        status = rk_plot_run(table, options, NULL, picture, error);
    rk_table_free(table);
    return status;
}

static inline struct rk_picture *plot_well(const char *csv, const struct rk_plot_options *options)
{
    struct rk_picture *picture = NULL;
    struct rk_error error = {0};

    if (plot(csv, options, &picture, &error) != RK_OK)
        fail_msg("%s", error.text);
    return picture;
}

static inline void assert_refused(const char *csv, const struct rk_plot_options *options,
                                  enum rk_status expected, const char *words)
{
    struct rk_picture *picture = NULL;
    struct rk_error error = {0};

    assert_int_equal(plot(csv, options, &picture, &error), expected);
    assert_null(picture);
    if (strstr(error.text, words) == NULL)
        fail_msg("'%s' does not say '%s'", error.text, words);
}

/* The k-th layer of that mark in a panel. */
static inline const struct rk_layer *find_layer(const struct rk_panel *panel, enum rk_mark mark,
                                                size_t k)
{
    for (size_t i = 0; i < panel->n_layers; i++)
        if (panel->layer[i].mark == mark && k-- == 0)
            return &panel->layer[i];
    fail_msg("no layer of mark %d", (int)mark);
    return NULL;
}

#endif
