/* forest: an estimate with its interval a row, whatever tool printed it. coef: the same for a
 * regression's coefficients, the intercept left out, which has another unit. What a regression says
 * of each cluster (slopes, influence) has a panel a term. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_parts.h"

enum { MAX_ROWS = 40 };

struct forest {
    size_t estimate, low, high;
    size_t *labels;
    size_t n_labels; /* columns that tell rows apart */
    size_t *row;
    size_t n_rows; /* rows drawn */
    size_t n_left_out;
    size_t level[2];         /* the columns level1, level2; PLOT_NO_COLUMN if rows do not differ */
    struct rk_names overall; /* tests of all levels at once that have nothing to draw */
    bool is_correlation, is_effect_size;
    size_t change;              /* of influence: the column; what a cluster's leaving changes */
    size_t term;                /* of slopes and influence: the column */
    struct rk_groups panels;    /* of those, by term; else all rows */
    size_t most_rows, n_panels; /* of a panel, and those drawn */
};

/* --- which columns, which rows ------------------------------------------------------------ */

/* Estimates of several variables have several units and share no axis: their effect sizes do. */
static void choose_columns(const struct plot *plot, struct forest *forest)
{
    size_t size = rk_table_find(plot->table, "effect_size");
    size_t variable = rk_table_find(plot->table, "variable");
    size_t one = 1;

    forest->estimate = rk_table_find(plot->table, "estimate");
    forest->low = rk_table_find(plot->table, "conf_low");
    forest->high = rk_table_find(plot->table, "conf_high");
    forest->change = rk_table_find(plot->table, "change");
    /* A column of that name may also be the user's, after --by. */
    forest->term =
        rk_table_find(plot->table, "cluster") == SIZE_MAX ||
                (forest->change == SIZE_MAX && rk_table_find(plot->table, "shrinkage") == SIZE_MAX)
            ? SIZE_MAX
            : rk_table_find(plot->table, "term");
    forest->is_correlation = rk_table_find(plot->table, "x") != SIZE_MAX &&
                             rk_table_find(plot->table, "y") != SIZE_MAX &&
                             rk_table_find(plot->table, "scope") != SIZE_MAX;
    if (size == SIZE_MAX || variable == SIZE_MAX)
        return;
    plot_split_constant(plot, &variable, &one, NULL);
    if (one == 0)
        return;
    forest->is_effect_size = true;
    forest->estimate = size;
    forest->low = rk_table_find(plot->table, "effect_low");
    forest->high = rk_table_find(plot->table, "effect_high");
}

static void choose_levels(const struct plot *plot, struct forest *forest)
{
    size_t found[2] = {rk_table_find(plot->table, "level1"), rk_table_find(plot->table, "level2")};
    size_t varying[2] = {found[0], found[1]}, n = 2;
    bool both = found[0] != SIZE_MAX && found[1] != SIZE_MAX;

    if (both)
        plot_split_constant(plot, varying, &n, NULL);
    for (int k = 0; k < 2; k++)
        forest->level[k] = both && n > 0 ? found[k] : PLOT_NO_COLUMN;
}

/* The name of a test of all levels at once, NULL for another row. */
static const char *overall_test(const struct plot *plot, const struct forest *forest, size_t row)
{
    size_t test = rk_table_find(plot->table, "test");

    if (forest->level[0] == PLOT_NO_COLUMN || test == SIZE_MAX ||
        !rk_table_is_missing(plot->table, row, forest->level[0]) ||
        rk_table_is_missing(plot->table, row, test))
        return NULL;
    return rk_table_text(plot->table, row, test);
}

/* A test of all levels at once estimates no difference: nothing of it can be drawn. */
static bool leave_overall(struct plot *plot, struct forest *forest, size_t row)
{
    const char *test = overall_test(plot, forest, row);

    if (test == NULL || isfinite(plot_number(plot, row, forest->estimate)))
        return false;
    if (!rk_names_has(&forest->overall, test))
        plot->picture->failed |= rk_names_add(&forest->overall, test) != RK_OK;
    return true;
}

/* The rows of a panel. */
static void choose_rows(struct plot *plot, struct forest *forest, size_t panel,
                        bool without_intercept)
{
    const struct rk_groups *panels = &forest->panels;
    size_t term = rk_table_find(plot->table, "term"), n = 0;

    for (size_t k = panels->start[panel]; k < panels->start[panel + 1]; k++) {
        size_t row = panels->rows[k];
        const char *name = term == SIZE_MAX ? NULL : rk_table_text(plot->table, row, term);

        if (!(without_intercept && name != NULL && strcmp(name, "(Intercept)") == 0) &&
            !leave_overall(plot, forest, row))
            forest->row[n++] = row;
    }
    forest->n_left_out = n > MAX_ROWS ? n - MAX_ROWS : 0;
    forest->n_rows = n - forest->n_left_out;
}

/* --- words -------------------------------------------------------------------------------- */

/* "after minus before" */
static void add_difference(struct rk_text *out, const struct plot *plot, size_t row, size_t level1,
                           size_t level2)
{
    plot_add_cell(out, plot, row, level2);
    rk_text_add(out, " minus ");
    plot_add_cell(out, plot, row, level1);
}

/* "calls – revenue, within", "welch, b minus a": what tells this row from the others. */
static void add_row_name(struct rk_text *out, const struct plot *plot, const struct forest *forest,
                         size_t row)
{
    for (size_t k = 0; k < forest->n_labels; k++) {
        size_t column = forest->labels[k];
        bool is_pair =
            forest->is_correlation && k > 0 && strcmp(plot->table->column[column].name, "y") == 0;

        if (k > 0)
            rk_text_add(out, is_pair ? " – " : ", ");
        if (forest->is_correlation && strcmp(plot->table->column[column].name, "lag") == 0)
            rk_text_add(out, "lag ");
        plot_add_cell(out, plot, row, column);
    }
    if (forest->level[0] == PLOT_NO_COLUMN)
        return;
    if (overall_test(plot, forest, row) != NULL)
        rk_text_add(out, forest->n_labels > 0 ? ", all levels" : "all levels");
    if (rk_table_is_missing(plot->table, row, forest->level[0]))
        return;
    rk_text_add(out, forest->n_labels > 0 ? ", " : "");
    add_difference(out, plot, row, forest->level[0], forest->level[1]);
}

/* ": after minus before", if all rows are of these two levels. */
static void add_levels(struct rk_text *out, const struct plot *plot, const struct forest *forest)
{
    size_t level[2] = {rk_table_find(plot->table, "level1"), rk_table_find(plot->table, "level2")};

    if (level[0] == SIZE_MAX || level[1] == SIZE_MAX || forest->level[0] != PLOT_NO_COLUMN ||
        rk_table_is_missing(plot->table, 0, level[0]))
        return;
    rk_text_add(out, ": ");
    add_difference(out, plot, 0, level[0], level[1]);
}

/* "Slopes of calls by cluster", of several terms "Slopes by cluster". */
static void add_cluster_title(struct rk_text *out, const struct plot *plot,
                              const struct forest *forest)
{
    bool influence = forest->change != SIZE_MAX;

    rk_text_add(out, !influence              ? "Slopes"
                     : forest->n_panels == 1 ? "Coefficient"
                                             : "Coefficients");
    if (forest->n_panels == 1) {
        rk_text_add(out, " of ");
        plot_add_cell(out, plot, forest->row[0], forest->term);
    }
    rk_text_add(out, influence ? " with each cluster left out" : " by cluster");
}

static void add_title(struct plot *plot, const struct forest *forest)
{
    size_t variable = rk_table_find(plot->table, "variable");
    struct rk_text title = {0};

    if (forest->is_correlation) {
        rk_text_add(&title, "Correlations");
    } else if (forest->is_effect_size) {
        rk_text_add(&title, "Effect sizes");
        add_levels(&title, plot, forest);
    } else if (variable != SIZE_MAX && rk_table_find(plot->table, "level1") != SIZE_MAX) {
        rk_text_add(&title, "Difference in ");
        plot_add_cell(&title, plot, 0, variable);
        add_levels(&title, plot, forest);
    } else if (forest->term != SIZE_MAX) {
        add_cluster_title(&title, plot, forest);
    } else if (rk_table_find(plot->table, "term") != SIZE_MAX) {
        rk_text_add(&title, "Coefficients");
    } else {
        rk_text_add(&title, "Estimates");
    }
    plot_title(plot, &title);
    rk_text_free(&title);
}

/* "95% ", or "87.5% to 95% " where rows differ (exact tests reach other levels); nothing where the
 * table does not say. */
static void add_conf_level(struct rk_text *out, const struct plot *plot,
                           const struct forest *forest)
{
    size_t column = rk_table_find(plot->table, "conf_level");
    double low = INFINITY, high = -INFINITY;

    for (size_t i = 0; column != SIZE_MAX && i < forest->n_rows; i++) {
        low = fmin(low, plot_number(plot, forest->row[i], column));
        high = fmax(high, plot_number(plot, forest->row[i], column));
    }
    if (!(low <= high))
        return;
    plot_add_level(out, low);
    if (low < high) {
        rk_text_add(out, " to ");
        plot_add_level(out, high);
    }
    rk_text_add_char(out, ' ');
}

static void add_caption(struct plot *plot, const struct forest *forest)
{
    struct rk_text caption = {0};

    if (forest->term != SIZE_MAX && forest->change != SIZE_MAX) {
        rk_text_add(&caption, "Points: the estimate without that cluster. Dashed: with all of "
                              "them. Line: interval without the cluster that moves it most.");
    } else {
        rk_text_add(&caption, forest->term != SIZE_MAX
                                  ? "Points: estimates, moved towards the mean of all the more, "
                                    "the less is known. Lines: "
                                  : "Points: estimates. Lines: ");
        add_conf_level(&caption, plot, forest);
        rk_text_add(&caption, "confidence intervals.");
    }
    if (forest->n_left_out > 0)
        rk_text_format(&caption, " The first %zu of %zu %s are drawn.", forest->n_rows,
                       forest->n_rows + forest->n_left_out,
                       forest->term != SIZE_MAX ? "clusters" : "rows");
    if (forest->n_panels < forest->panels.n_groups && forest->n_panels == PLOT_MAX_PANELS)
        rk_text_format(&caption, " The first %d terms are drawn.", PLOT_MAX_PANELS);
    for (size_t i = 0; i < forest->overall.n; i++)
        rk_text_format(&caption, "%s%s",
                       i == 0 ? " Not drawn, as they test all levels at once: " : ", ",
                       forest->overall.name[i]);
    rk_text_add(&caption, forest->overall.n > 0 ? "." : "");
    plot_set(plot, &plot->picture->caption, &caption);
    rk_text_free(&caption);
}

/* --- marks -------------------------------------------------------------------------------- */

static void add_rows(struct plot *plot, struct rk_panel *panel, const struct forest *forest)
{
    struct rk_layer *spans =
        rk_picture_layer(plot->picture, panel, RK_MARK_SPAN_X, RK_INK_MAIN, NULL);
    size_t note = rk_table_find(plot->table, "note");
    struct rk_layer *points;
    struct rk_text text = {0};

    for (size_t i = 0; i < forest->n_rows; i++) {
        struct rk_spot spot = plot_spot(NAN, (double)i);

        spot.low = plot_number(plot, forest->row[i], forest->low);
        spot.high = plot_number(plot, forest->row[i], forest->high);
        rk_picture_spot(plot->picture, spans, spot);
    }
    points = rk_picture_layer(plot->picture, panel, RK_MARK_POINTS, RK_INK_MAIN, NULL);
    for (size_t i = 0; i < forest->n_rows; i++) {
        size_t row = forest->row[i];
        double estimate = plot_number(plot, row, forest->estimate);

        rk_picture_spot(plot->picture, points, plot_spot(estimate, (double)i));
        rk_text_clear(&text);
        add_row_name(&text, plot, forest, row);
        rk_picture_name(plot->picture, &panel->y, plot_words(plot, &text));
        rk_text_clear(&text);
        if (isnan(estimate) && note != SIZE_MAX && !rk_table_is_missing(plot->table, row, note)) {
            rk_text_add(&text, "NA: ");
            plot_add_cell(&text, plot, row, note);
        } else {
            plot_add_interval(&text, estimate, plot_number(plot, row, forest->low),
                              plot_number(plot, row, forest->high), false);
        }
        rk_picture_note(plot->picture, panel, (double)i, RK_INK_TEXT, plot_words(plot, &text));
    }
    rk_text_free(&text);
}

/* "effect size (hedges-g, cliffs-delta)", "correlation", "estimate". */
static void set_axis_title(struct plot *plot, struct rk_panel *panel, const struct forest *forest)
{
    size_t type = rk_table_find(plot->table, "effect_type");
    struct rk_names types = {0};
    struct rk_text title = {0};

    rk_text_add(&title, forest->is_correlation   ? "correlation"
                        : forest->is_effect_size ? "effect size"
                                                 : "estimate");
    for (size_t i = 0; forest->is_effect_size && type != SIZE_MAX && i < forest->n_rows; i++) {
        const char *name = rk_table_text(plot->table, forest->row[i], type);

        if (name == NULL || rk_names_has(&types, name))
            continue;
        rk_text_format(&title, "%s%s", types.n == 0 ? " (" : ", ", name);
        plot->picture->failed |= rk_names_add(&types, name) != RK_OK;
    }
    rk_text_add(&title, types.n > 0 ? ")" : "");
    plot_set(plot, &panel->x.title, &title);
    rk_names_free(&types);
    rk_text_free(&title);
}

/* Zero, and the estimate with all clusters, from which leaving one out is a change. */
static void add_rules(struct plot *plot, struct rk_panel *panel, const struct forest *forest)
{
    struct rk_layer *rule =
        rk_picture_layer(plot->picture, panel, RK_MARK_RULE_X, RK_INK_MUTED, NULL);

    rk_picture_spot(plot->picture, rule, plot_spot(0.0, NAN));
    if (forest->term == SIZE_MAX || forest->change == SIZE_MAX)
        return;
    for (size_t i = 0; i < forest->n_rows; i++) {
        double all = plot_number(plot, forest->row[i], forest->estimate) -
                     plot_number(plot, forest->row[i], forest->change);

        if (!isfinite(all))
            continue;
        rule = rk_picture_layer(plot->picture, panel, RK_MARK_RULE_X, RK_INK_TEXT, NULL);
        if (rule != NULL)
            rule->dashed = true;
        rk_picture_spot(plot->picture, rule, plot_spot(all, NAN));
        return;
    }
}

static void draw_panel(struct plot *plot, struct forest *forest)
{
    struct rk_panel *panel = rk_picture_panel(plot->picture, NULL);
    struct rk_text title = {0};

    if (panel == NULL)
        return;
    add_rules(plot, panel, forest);
    panel->y.kind = RK_AXIS_NAMES;
    add_rows(plot, panel, forest);
    rk_picture_set(plot->picture, &panel->note_title, "estimate [interval]");
    set_axis_title(plot, panel, forest);
    if (forest->term != SIZE_MAX) {
        plot_add_cell(&title, plot, forest->row[0], forest->term);
        plot_set(plot, &panel->title, &title);
    }
    forest->n_panels++;
    if (forest->n_rows > forest->most_rows)
        forest->most_rows = forest->n_rows;
    rk_text_free(&title);
}

static enum rk_status draw(struct plot *plot, struct forest *forest, bool without_intercept)
{
    for (size_t g = 0; g < forest->panels.n_groups && forest->n_panels < PLOT_MAX_PANELS; g++) {
        choose_rows(plot, forest, g, without_intercept);
        if (forest->n_rows > 0)
            draw_panel(plot, forest);
    }
    if (forest->n_panels == 0)
        return rk_fail(plot->error, RK_ENODATA, "no row to draw beside the intercept");
    if (forest->n_panels == 1 && plot->options->title == NULL) /* the title says it */
        rk_picture_set(plot->picture, &plot->picture->panel[0].title, NULL);
    plot_set_size(plot, forest->n_panels);
    plot->picture->height = 90.0 + (100.0 + 26.0 * (double)forest->most_rows) *
                                       (double)plot_panels_down(forest->n_panels);
    add_title(plot, forest);
    add_caption(plot, forest);
    return RK_OK;
}

/* Columns that tell rows apart; what all have in common goes into the subtitle. */
static enum rk_status choose_labels(struct plot *plot, struct forest *forest)
{
    /* Levels are in the title or at the end of each name; of one variable the title says which,
     * of clusters the title or the panel which term. */
    const char *said_elsewhere[] = {"design", "level1", "level2", NULL, NULL};
    size_t all;
    struct rk_text same = {0};

    if (forest->term != SIZE_MAX)
        said_elsewhere[3] = "term";
    else if (!forest->is_effect_size && rk_table_find(plot->table, "level1") != SIZE_MAX)
        said_elsewhere[3] = "variable";
    forest->labels = plot_label_columns(plot, rk_table_find(plot->table, "estimate"),
                                        said_elsewhere, &forest->n_labels);
    if (forest->labels == NULL)
        return rk_fail_memory(plot->error);
    all = forest->n_labels;
    if (plot->table->n_rows > 1)
        plot_split_constant(plot, forest->labels, &forest->n_labels, &same);
    /* Rows that nothing tells apart keep what names them. */
    if (forest->n_labels == 0 && forest->level[0] == PLOT_NO_COLUMN)
        forest->n_labels = all;
    plot_set(plot, &plot->picture->subtitle, &same);
    rk_text_free(&same);
    return RK_OK;
}

static enum rk_status make(struct plot *plot, bool without_intercept)
{
    struct forest forest = {0};
    enum rk_status status;

    choose_columns(plot, &forest);
    choose_levels(plot, &forest);
    status = choose_labels(plot, &forest);
    forest.row = malloc((plot->table->n_rows + 1) * sizeof *forest.row);
    if (forest.row == NULL ||
        rk_groups_by(plot->table, &forest.term, forest.term != SIZE_MAX, &forest.panels) != RK_OK)
        status = rk_fail_memory(plot->error);
    if (status == RK_OK)
        status = draw(plot, &forest, without_intercept);
    rk_groups_free(&forest.panels);
    rk_names_free(&forest.overall);
    free(forest.labels);
    free(forest.row);
    return status;
}

enum rk_status plot_forest(struct plot *plot)
{
    return make(plot, false);
}

enum rk_status plot_coef(struct plot *plot)
{
    return make(plot, true);
}
