/* rank: rep-rank's units in their order, each with what was seen, what is estimated and how sure
 * that is, against the common mean. Units that were ranked group by group stand so. */
#include <math.h>
#include <stdlib.h>

#include "plot_parts.h"

/* Of too many units the first and the last are drawn; of each of several groups some at least. */
enum { MOST_ROWS = 40, LEAST_OF_GROUP = 6, MOST_GROUPS = 12 };

static const size_t NOTHING = SIZE_MAX;

struct set {               /* the units that were ranked together */
    size_t from, n;        /* their places */
    size_t first, n_drawn; /* their lines in the picture */
    double mean;           /* NaN if units have means of their own */
};

struct ranks {
    size_t id, raw, estimate, low, high, rank_low, rank_high, shrinkage;
    size_t *label, n_labels; /* the columns of the groups; those that are the same are not kept */
    struct place {
        size_t set;
        double estimate;
        size_t row;
    } * place; /* by set and estimate, the highest first */
    size_t n;
    struct set set[MOST_GROUPS];
    size_t n_sets, n_groups; /* those drawn, and those with units */
    size_t n_lines;
    size_t *row; /* n_lines: from the top down; NOTHING between groups */
    struct rk_text left_out, same;
};

static int by_estimate(const void *a, const void *b)
{
    const struct place *p = a, *q = b;

    if (p->set != q->set)
        return p->set < q->set ? -1 : 1;
    if (p->estimate != q->estimate)
        return p->estimate > q->estimate ? -1 : 1;
    return p->row < q->row ? -1 : p->row > q->row;
}

/* estimate = (1 - s) raw + s mean holds the mean that estimates are drawn to. It is one for all
 * units of a set unless they were adjusted for something. */
static double common_mean(const struct plot *plot, const struct ranks *r, const struct set *set)
{
    double low = INFINITY, high = -INFINITY, scale = 0.0;

    for (size_t i = 0; r->shrinkage != SIZE_MAX && i < set->n; i++) {
        size_t row = r->place[set->from + i].row;
        double s = plot_number(plot, row, r->shrinkage), raw = plot_number(plot, row, r->raw);
        double mean = raw + (r->place[set->from + i].estimate - raw) / s;

        if (!(s > 1e-6) || !isfinite(mean))
            continue;
        low = fmin(low, mean);
        high = fmax(high, mean);
        scale = fmax(scale, fabs(raw));
    }
    return low <= high && high - low <= 1e-6 * scale ? low + (high - low) / 2.0 : NAN;
}

static void find_columns(const struct plot *plot, struct ranks *r)
{
    const struct rk_table *t = plot->table;

    r->id = rk_table_find(t, "id");
    r->raw = rk_table_find(t, "raw");
    r->estimate = rk_table_find(t, "estimate");
    r->low = rk_table_find(t, "conf_low");
    r->high = rk_table_find(t, "conf_high");
    r->rank_low = rk_table_find(t, "rank_low");
    r->rank_high = rk_table_find(t, "rank_high");
    r->shrinkage = rk_table_find(t, "shrinkage");
}

/* A group none of whose units has an estimate is named. */
static void name_left_out(const struct plot *plot, struct ranks *r, const struct rk_groups *groups)
{
    for (size_t g = 0; g < groups->n_groups; g++) {
        bool any = false;

        for (size_t k = groups->start[g]; k < groups->start[g + 1]; k++)
            any = any || isfinite(plot_number(plot, groups->rows[k], r->estimate));
        if (any)
            continue;
        rk_text_add(&r->left_out, r->left_out.length == 0 ? " Left out: " : ", ");
        plot_add_group(&r->left_out, plot, groups->first_row[g], r->label, r->n_labels);
    }
    rk_text_add(&r->left_out, r->left_out.length > 0 ? "." : "");
}

static enum rk_status collect_places(struct plot *plot, struct ranks *r)
{
    struct rk_groups groups = {0};
    size_t *rows = NULL;
    enum rk_status status = plot_rows(plot, &r->estimate, 1, &rows, &r->n);

    if (status != RK_OK)
        return status;
    r->label = plot_label_columns(plot, r->id, NULL, &r->n_labels);
    if (r->label != NULL)
        plot_split_constant(plot, r->label, &r->n_labels, &r->same);
    r->place = calloc(r->n + 1, sizeof *r->place);
    r->row = calloc(r->n + MOST_GROUPS, sizeof *r->row);
    if (r->label == NULL || r->place == NULL || r->row == NULL ||
        rk_groups_by(plot->table, r->label, r->n_labels, &groups) != RK_OK) {
        free(rows);
        return rk_fail_memory(plot->error);
    }
    for (size_t i = 0; i < r->n; i++)
        r->place[i] =
            (struct place){groups.group[rows[i]], plot_number(plot, rows[i], r->estimate), rows[i]};
    qsort(r->place, r->n, sizeof *r->place, by_estimate);
    name_left_out(plot, r, &groups);
    rk_groups_free(&groups);
    free(rows);
    return RK_OK;
}

static void divide(const struct plot *plot, struct ranks *r)
{
    for (size_t i = 0; i < r->n; i++) {
        if (i == 0 || r->place[i].set != r->place[i - 1].set) {
            if (r->n_groups < MOST_GROUPS)
                r->set[r->n_sets++].from = i;
            r->n_groups++;
        }
        if (r->n_groups == r->n_sets)
            r->set[r->n_sets - 1].n++;
    }
    for (size_t k = 0; k < r->n_sets; k++) {
        struct set *set = &r->set[k];
        size_t most = MOST_ROWS / r->n_sets / 2 * 2;

        most = most < LEAST_OF_GROUP ? LEAST_OF_GROUP : most;
        set->mean = common_mean(plot, r, set);
        if (k > 0)
            r->row[r->n_lines++] = NOTHING;
        set->first = r->n_lines;
        set->n_drawn = set->n < most ? set->n : most;
        for (size_t i = 0; i < set->n_drawn; i++)
            r->row[r->n_lines++] =
                r->place[set->from + (i < set->n_drawn / 2 ? i : set->n - set->n_drawn + i)].row;
    }
}

/* --- marks ---------------------------------------------------------------------------------- */

/* The mean of one set goes over the whole height, those of several beside their units. */
static void add_means(struct plot *plot, struct rk_panel *panel, const struct ranks *r)
{
    enum rk_mark mark = r->n_sets == 1 ? RK_MARK_RULE_X : RK_MARK_LINE;
    struct rk_layer *layer = rk_picture_layer(plot->picture, panel, mark, RK_INK_MUTED, NULL);

    if (layer != NULL)
        layer->dashed = true;
    for (size_t k = 0; k < r->n_sets; k++) {
        const struct set *set = &r->set[k];

        if (!isfinite(set->mean))
            continue;
        rk_picture_spot(plot->picture, layer, plot_spot(set->mean, (double)set->first - 0.4));
        if (r->n_sets == 1)
            continue;
        rk_picture_spot(plot->picture, layer,
                        plot_spot(set->mean, (double)(set->first + set->n_drawn) - 0.6));
        rk_picture_spot(plot->picture, layer, plot_spot(NAN, NAN));
    }
}

/* A line where units are left out. */
static void add_cuts(struct plot *plot, struct rk_panel *panel, const struct ranks *r)
{
    for (size_t k = 0; k < r->n_sets; k++) {
        const struct set *set = &r->set[k];
        double at = (double)set->first + floor((double)set->n_drawn / 2.0) - 0.5;

        if (set->n_drawn < set->n)
            rk_picture_spot(
                plot->picture,
                rk_picture_layer(plot->picture, panel, RK_MARK_RULE_Y, RK_INK_MUTED, NULL),
                plot_spot(NAN, at));
    }
}

static void add_marks(struct plot *plot, struct rk_panel *panel, const struct ranks *r)
{
    static const struct {
        enum rk_mark mark;
        int ink;
        const char *label;
    } looks[] = {{RK_MARK_SPAN_X, RK_INK_MAIN, NULL},
                 {RK_MARK_POINTS, RK_INK_MUTED, "as seen"},
                 {RK_MARK_POINTS, RK_INK_MAIN, "estimate"}};

    for (size_t k = 0; k < sizeof looks / sizeof *looks; k++) {
        struct rk_layer *layer =
            rk_picture_layer(plot->picture, panel, looks[k].mark, looks[k].ink, looks[k].label);

        if (layer != NULL)
            layer->faint = k == 1;
        for (size_t i = 0; i < r->n_lines; i++) {
            size_t row = r->row[i];
            struct rk_spot spot;

            if (row == NOTHING)
                continue;
            spot = plot_spot(plot_number(plot, row, k == 1 ? r->raw : r->estimate), (double)i);
            spot.low = plot_number(plot, row, r->low);
            spot.high = plot_number(plot, row, r->high);
            rk_picture_spot(plot->picture, layer, spot);
        }
    }
}

/* "4,120 [3,900, 4,340]; 1 to 3" */
static void add_note(const struct plot *plot, const struct ranks *r, size_t row,
                     struct rk_text *out)
{
    double low = plot_number(plot, row, r->rank_low), high = plot_number(plot, row, r->rank_high);

    plot_add_interval(out, plot_number(plot, row, r->estimate), plot_number(plot, row, r->low),
                      plot_number(plot, row, r->high), false);
    if (isfinite(low) && low == high)
        rk_text_format(out, "; %.4g", low);
    else if (isfinite(low) && isfinite(high))
        rk_text_format(out, "; %.4g to %.4g", low, high);
}

static void add_names(struct plot *plot, struct rk_panel *panel, const struct ranks *r)
{
    struct rk_text text = {0};

    for (size_t i = 0; i < r->n_lines; i++) {
        size_t row = r->row[i];

        if (row == NOTHING) {
            rk_picture_name(plot->picture, &panel->y, "");
            continue;
        }
        rk_text_clear(&text);
        plot_add_group(&text, plot, row, r->label, r->n_labels);
        rk_text_add(&text, r->n_labels > 0 ? ": " : "");
        plot_add_cell(&text, plot, row, r->id);
        rk_picture_name(plot->picture, &panel->y, plot_words(plot, &text));
        rk_text_clear(&text);
        add_note(plot, r, row, &text);
        rk_picture_note(plot->picture, panel, (double)i, RK_INK_TEXT, plot_words(plot, &text));
    }
    rk_picture_set(plot->picture, &panel->note_title,
                   r->rank_low == SIZE_MAX ? "estimate [interval]" : "estimate [interval]; rank");
    rk_text_free(&text);
}

static void set_subtitle(struct plot *plot, const struct ranks *r)
{
    struct rk_text text = {0};

    if (r->same.length > 0)
        rk_text_format(&text, "%s; ", plot_words(plot, &r->same));
    plot_add_count(&text, r->n);
    rk_text_add(&text, " units");
    if (r->n_groups > 1) {
        rk_text_format(&text, " in %zu groups, each ranked within its own", r->n_groups);
    } else if (isfinite(r->set[0].mean)) {
        rk_text_add(&text, ", common mean ");
        plot_add_value(&text, r->set[0].mean);
    }
    plot_set(plot, &plot->picture->subtitle, &text);
    rk_text_free(&text);
}

static void set_words(struct plot *plot, const struct ranks *r)
{
    const char *mean = r->n_sets > 1 ? "the group's common mean" : "the common mean";
    bool any_mean = false, any_cut = false;
    struct rk_text text = {0};

    for (size_t k = 0; k < r->n_sets; k++) {
        any_mean = any_mean || isfinite(r->set[k].mean);
        any_cut = any_cut || r->set[k].n_drawn < r->set[k].n;
    }
    rk_text_add(&text, "Who is how good, given the noise");
    plot_title(plot, &text);
    set_subtitle(plot, r);
    rk_text_format(&text,
                   "Points and lines: estimates, drawn to %s the more the less is known, and their "
                   "intervals. ",
                   mean);
    if (any_mean)
        rk_text_format(&text, "Dashed: %s. ", mean);
    rk_text_add(&text, "Units whose intervals overlap may well stand in another order.");
    if (any_cut && r->n_sets == 1)
        rk_text_format(&text, " The first and last %d of %zu.", MOST_ROWS / 2, r->n);
    else if (any_cut)
        rk_text_add(&text, " Of a large group the first and the last.");
    if (r->n_sets < r->n_groups)
        rk_text_format(&text, " The first %zu of %zu groups are drawn.", r->n_sets, r->n_groups);
    rk_text_add(&text, plot_words(plot, &r->left_out));
    plot_set(plot, &plot->picture->caption, &text);
    plot->picture->height = 210.0 + 26.0 * (double)r->n_lines;
    rk_text_free(&text);
}

enum rk_status plot_rank(struct plot *plot)
{
    struct ranks r = {0};
    struct rk_panel *panel = NULL;
    enum rk_status status;

    find_columns(plot, &r);
    status = collect_places(plot, &r);
    if (status == RK_OK) {
        divide(plot, &r);
        panel = rk_picture_panel(plot->picture, NULL);
    }
    if (panel != NULL) {
        panel->y.kind = RK_AXIS_NAMES;
        add_means(plot, panel, &r);
        add_cuts(plot, panel, &r);
        add_marks(plot, panel, &r);
        add_names(plot, panel, &r);
        set_words(plot, &r);
    }
    rk_text_free(&r.left_out);
    rk_text_free(&r.same);
    free(r.label);
    free(r.place);
    free(r.row);
    return status;
}
