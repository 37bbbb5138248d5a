/* The kinds of plot, and how one is chosen. */
#include "repkit/plot.h"

#include <stdlib.h>
#include <string.h>

#include "plot_parts.h"

/* --- kinds -------------------------------------------------------------------------------- */

enum { MAX_COLUMNS = 6 };

struct kind {
    const char *name;
    bool is_data;                     /* takes data, not another tool's output */
    const char *columns[MAX_COLUMNS]; /* what it needs: --options of data kinds, else columns */
    const char *takes;                /* of a data kind: the other options, "color|id" */
    enum rk_status (*make)(struct plot *plot);
};

/* Without a name the first data kind is taken that needs and takes the options given; of two rows
 * of one name the first that does. */
static const struct kind kinds[] = {
    {"scatter", true, {"x", "y"}, "color|id|facet", plot_scatter},
    {"slope", true, {"id", "value", "group"}, "facet", plot_slope},
    {"box", true, {"value", "group"}, "facet", plot_box},
    {"hist", true, {"value"}, "group|color|facet", plot_hist},
    {"box", true, {"value"}, "facet", plot_box},
    {"heatmap", false, {"x", "y", "estimate"}, NULL, plot_heatmap},
    {"forest", false, {"estimate", "conf_low", "conf_high"}, NULL, plot_forest},
    {"coef", false, {"term", "estimate", "conf_low", "conf_high"}, NULL, plot_coef},
    {"band", false, {"model", "x", "predicted", "conf_low", "conf_high"}, "x|y", plot_band},
    {"trend", true, {"x", "y"}, "color|facet", plot_series},
    {"trend", false, {"variable", "time", "value", "center", "lower", "upper"}, NULL, plot_limits},
    {"tornado", false, {"low", "high", "roi_low", "roi_high"}, NULL, plot_tornado},
    {"impact",
     false,
     {"time", "actual", "predicted", "pred_low", "pred_high", "abs_effect"},
     NULL,
     plot_impact},
    {"event", false, {"event_time", "estimate", "conf_low", "conf_high"}, NULL, plot_event},
    {"roi", false, {"roi"}, NULL, plot_roi},
    {"cashflow", false, {"month", "cumulative"}, NULL, plot_cashflow},
    {"rank", false, {"id", "raw", "estimate", "conf_low", "conf_high"}, NULL, plot_rank},
    {"survival", false, {"time", "survival", "conf_low", "conf_high"}, NULL, plot_survival},
    {"cohort", false, {"cohort", "age", "n_start", "n_active", "retention"}, NULL, plot_cohort},
    {"qq", true, {"value"}, "group|facet", plot_qq},
    {"residuals", false, {"fitted", "residual", "std_residual"}, NULL, plot_residuals},
    {"funnel", false, {"stage", "n", "share", "conf_low", "conf_high"}, NULL, plot_funnel},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* Whose output a table is, by columns that no other tool's table has together; the first row that
 * fits is taken, so the general one is the last. */
static const struct {
    const char *columns[MAX_COLUMNS];
    const char *kind;
} signatures[] = {
    {{"x", "y", "method", "scope", "estimate"}, "heatmap"},               /* rep-corr */
    {{"variable", "test", "design", "estimate", "conf_low"}, "forest"},   /* rep-compare */
    {{"term", "estimate", "std_error", "conf_low", "conf_high"}, "coef"}, /* rep-regress, -impact */
    {{"cluster", "term", "estimate", "change", "conf_low"}, "coef"}, /* rep-regress influence */
    {{"model", "x", "predicted", "conf_low", "conf_high"}, "band"},  /* rep-band curve */
    {{"time", "actual", "predicted", "pred_low", "abs_effect"}, "impact"}, /* rep-impact its */
    {{"event_time", "estimate", "std_error", "conf_low"}, "event"},        /* rep-impact event */
    {{"draw", "total_cost", "total_benefit", "roi"}, "roi"},               /* rep-roi draws */
    {{"month", "net", "cumulative", "cum_p50"}, "cashflow"},               /* rep-roi cashflow */
    {{"variable", "time", "value", "center", "lower"}, "trend"},           /* rep-trend limits */
    {{"id", "raw", "estimate", "conf_low", "rank"}, "rank"},               /* rep-rank */
    {{"time", "n_risk", "survival", "conf_low"}, "survival"},              /* rep-kpi survival */
    {{"cohort", "age", "n_start", "retention"}, "cohort"},                 /* rep-kpi cohorts */
    {{"stage", "n", "share", "conf_low"}, "funnel"},                       /* rep-kpi funnel */
    {{"fitted", "residual", "std_residual", "hat"}, "residuals"},          /* rep-regress rows */
    {{"item", "roi_low", "roi_high", "swing"}, "tornado"},                 /* rep-roi tornado */
    {{"estimate", "conf_low", "conf_high"}, "forest"},                     /* rep-kpi, ... */
};

bool rk_plot_is_kind(const char *name)
{
    for (size_t i = 0; i < N_KINDS; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return true;
    return false;
}

static bool is_first_of_name(size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(kinds[i].name, kinds[index].name) == 0)
            return false;
    return true;
}

char *plot_kind_names(void)
{
    struct rk_text names = {0};

    for (size_t i = 0; i < N_KINDS; i++)
        if (is_first_of_name(i))
            rk_text_format(&names, "%s%s", i == 0 ? "" : ", ", kinds[i].name);
    return rk_text_take(&names);
}

const char *plot_guess(const struct rk_table *table)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        bool fits = true;

        for (size_t j = 0; j < MAX_COLUMNS && signatures[i].columns[j] != NULL; j++)
            fits = fits && rk_table_find(table, signatures[i].columns[j]) != SIZE_MAX;
        if (fits)
            return signatures[i].kind;
    }
    return NULL;
}

/* --- options ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    size_t offset;
    enum rk_role role;
} column_options[] = {
    {"x", offsetof(struct rk_plot_options, x), RK_AS_FOUND},
    {"y", offsetof(struct rk_plot_options, y), RK_AS_FOUND},
    {"id", offsetof(struct rk_plot_options, id), RK_AS_LABEL},
    {"value", offsetof(struct rk_plot_options, value), RK_AS_NUMBER},
    {"group", offsetof(struct rk_plot_options, group), RK_AS_LABEL},
    {"color", offsetof(struct rk_plot_options, color), RK_AS_LABEL},
    {"facet", offsetof(struct rk_plot_options, facet), RK_AS_LABEL},
};
enum { N_COLUMN_OPTIONS = sizeof column_options / sizeof *column_options };

static const char *option_value(const struct rk_plot_options *options, size_t index)
{
    const char *value;

    memcpy(&value, (const char *)options + column_options[index].offset, sizeof value);
    return value;
}

static enum rk_status fail_by_kind(const char *name, struct rk_error *error)
{
    char *names = plot_kind_names();
    const char *all[N_KINDS], *nearest;
    enum rk_status status;

    if (names == NULL)
        return rk_fail_memory(error);
    for (size_t i = 0; i < N_KINDS; i++)
        all[i] = kinds[i].name;
    nearest = name == NULL ? NULL : rk_nearest(name, all, N_KINDS);
    if (nearest != NULL)
        status = rk_fail(error, RK_EUSAGE, "no kind of plot '%.40s'; did you mean '%s'? (%s)", name,
                         nearest, names);
    else if (name != NULL)
        status = rk_fail(error, RK_EUSAGE, "no kind of plot '%.40s'; there are %s", name, names);
    else
        status = rk_fail(error, RK_EUSAGE,
                         "these columns are not another tool's output: name the kind of plot (%s)",
                         names);
    free(names);
    return status;
}

/* rep-corr's table `matrix`: variables across, neither pairs nor intervals. */
static bool is_matrix(const struct rk_table *table)
{
    return rk_table_find(table, "scope") != SIZE_MAX && rk_table_find(table, "lag") != SIZE_MAX &&
           rk_table_find(table, "variable") != SIZE_MAX &&
           rk_table_find(table, "estimate") == SIZE_MAX;
}

static bool needs_option(const struct kind *kind, const char *name)
{
    for (size_t i = 0; kind->is_data && i < MAX_COLUMNS && kind->columns[i] != NULL; i++)
        if (strcmp(kind->columns[i], name) == 0)
            return true;
    return false;
}

static enum rk_status check_options(const struct kind *kind, const struct rk_plot_options *options,
                                    struct rk_error *error)
{
    for (size_t k = 0; k < N_COLUMN_OPTIONS; k++) {
        const char *name = column_options[k].name;
        bool given = option_value(options, k) != NULL, needed = needs_option(kind, name);

        if (needed && !given)
            return rk_fail(error, RK_EUSAGE, "%s needs --%s COL", kind->name, name);
        if (given && !needed &&
            (kind->takes == NULL || rk_choice_find(kind->takes, name, strlen(name)) < 0))
            return rk_fail(error, RK_EUSAGE, "%s takes no --%s", kind->name, name);
    }
    if (options->start != NULL && kind->make != plot_impact)
        return rk_fail(error, RK_EUSAGE, "%s takes no --start", kind->name);
    return RK_OK;
}

/* Of several rows of that name the one that the options suit; else, for the error, the first where
 * options are given. */
static const struct kind *find_kind(const char *name, const struct rk_plot_options *options)
{
    const struct kind *first = NULL, *last = NULL;
    bool any = false;

    for (size_t k = 0; k < N_COLUMN_OPTIONS; k++)
        any = any || option_value(options, k) != NULL;
    for (size_t i = 0; i < N_KINDS; i++) {
        if (strcmp(kinds[i].name, name) != 0)
            continue;
        first = first == NULL ? &kinds[i] : first;
        last = &kinds[i];
        if (last->is_data && check_options(last, options, NULL) == RK_OK)
            return last;
    }
    return any ? first : last;
}

/* The kind named, else the data kind whose options are all given, else NULL. */
static const struct kind *kind_of_options(const struct rk_plot_options *options)
{
    if (options->kind != NULL)
        return find_kind(options->kind, options);
    for (size_t i = 0; i < N_KINDS; i++)
        if (kinds[i].is_data && check_options(&kinds[i], options, NULL) == RK_OK)
            return &kinds[i];
    return NULL;
}

enum rk_status rk_plot_wants(const struct rk_plot_options *options, struct rk_wants *wants,
                             struct rk_error *error)
{
    const struct kind *kind = kind_of_options(options);
    enum rk_status status = RK_OK;

    if (options->kind != NULL && kind == NULL)
        return fail_by_kind(options->kind, error);
    if (kind != NULL)
        status = check_options(kind, options, error);
    if (status != RK_OK)
        return status;
    wants->all = kind == NULL || !kind->is_data;
    for (size_t k = 0; status == RK_OK && k < N_COLUMN_OPTIONS; k++) {
        const char *name = option_value(options, k);

        if (name != NULL && kind != NULL && kind->is_data)
            status = rk_wants_add(wants, name, column_options[k].role);
    }
    return status == RK_OK ? RK_OK : rk_fail_memory(error);
}

/* --- run ---------------------------------------------------------------------------------- */

static enum rk_status check_columns(const struct plot *plot, const struct kind *kind)
{
    enum rk_status status = check_options(kind, plot->options, plot->error);
    size_t ignored;

    for (size_t k = 0; kind->is_data && status == RK_OK && k < N_COLUMN_OPTIONS; k++) {
        const char *name = option_value(plot->options, k);

        if (name != NULL)
            status = plot_column(plot, name, &ignored);
    }
    for (size_t i = 0; !kind->is_data && status == RK_OK && i < MAX_COLUMNS; i++)
        if (kind->columns[i] != NULL)
            status = plot_column(plot, kind->columns[i], &ignored);
    return status;
}

static enum rk_status make(struct plot *plot, const struct kind *kind)
{
    const char *facet = plot->options->facet;

    /* Quantiles of several groups are comparable by shape only, so that each has its own panel. */
    if (facet == NULL && kind->make == plot_qq)
        facet = plot->options->group;
    return facet == NULL ? kind->make(plot) : plot_facets(plot, facet, kind->make);
}

enum rk_status rk_plot_run(const struct rk_table *table, const struct rk_plot_options *options,
                           const struct rk_ctx *ctx, struct rk_picture **picture,
                           struct rk_error *error)
{
    struct plot plot = {
        .table = table, .whole = table, .options = options, .ctx = ctx, .error = error};
    const struct kind *kind = kind_of_options(options);
    enum rk_status status;

    if (kind == NULL && options->kind == NULL && plot_guess(table) != NULL)
        kind = find_kind(plot_guess(table), options);
    if (is_matrix(table) && (kind == NULL ? options->kind == NULL : kind->make == plot_heatmap))
        return rk_fail(error, RK_EUSAGE,
                       "this is rep-corr's --matrix; a heatmap is drawn from its rows: leave "
                       "--matrix out");
    if (kind == NULL)
        return fail_by_kind(options->kind, error);
    status = check_columns(&plot, kind);
    if (status == RK_OK && table->n_rows == 0)
        status = rk_fail(error, RK_ENODATA, "no rows to draw");
    if (status != RK_OK)
        return status;
    plot.picture = rk_picture_new();
    if (plot.picture == NULL)
        return rk_fail_memory(error);
    status = make(&plot, kind);
    /* What could not be added may be why nothing was left to draw. */
    if (plot.picture->failed && (status == RK_OK || rk_status_is_undefined(status)))
        status = rk_fail_memory(error);
    if (status == RK_OK)
        *picture = plot.picture;
    else
        rk_picture_free(plot.picture);
    return status;
}
