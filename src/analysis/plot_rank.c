/* rank: rep-rank's units in their order, each with what was seen, what is estimated and how sure
 * that is, against the common mean. */
#include <math.h>
#include <stdlib.h>

#include "plot_parts.h"

enum { MOST_ROWS = 40 };

struct ranks {
    size_t id, raw, estimate, low, high, rank_low, rank_high, shrinkage;
    struct place {
        double estimate;
        size_t row;
    } * place; /* by estimate, the highest first */
    size_t n, n_drawn;
    double mean; /* NaN if units have means of their own */
};

static int by_estimate(const void *a, const void *b)
{
    const struct place *p = a, *q = b;

    if (p->estimate != q->estimate)
        return p->estimate > q->estimate ? -1 : 1;
    return p->row < q->row ? -1 : p->row > q->row;
}

/* estimate = (1 - s) raw + s mean holds the mean that estimates are drawn to. It is one for all
 * units unless they were adjusted for something. */
static double common_mean(const struct plot *plot, const struct ranks *r)
{
    double low = INFINITY, high = -INFINITY, scale = 0.0;

    for (size_t i = 0; r->shrinkage != SIZE_MAX && i < r->n; i++) {
        size_t row = r->place[i].row;
        double s = plot_number(plot, row, r->shrinkage), raw = plot_number(plot, row, r->raw);
        double mean = raw + (r->place[i].estimate - raw) / s;

        if (!(s > 1e-6) || !isfinite(mean))
            continue;
        low = fmin(low, mean);
        high = fmax(high, mean);
        scale = fmax(scale, fabs(raw));
    }
    return low <= high && high - low <= 1e-6 * scale ? low + (high - low) / 2.0 : NAN;
}

static enum rk_status read(struct plot *plot, struct ranks *r)
{
    const struct rk_table *t = plot->table;
    size_t *rows = NULL;
    enum rk_status status;

    r->id = rk_table_find(t, "id");
    r->raw = rk_table_find(t, "raw");
    r->estimate = rk_table_find(t, "estimate");
    r->low = rk_table_find(t, "conf_low");
    r->high = rk_table_find(t, "conf_high");
    r->rank_low = rk_table_find(t, "rank_low");
    r->rank_high = rk_table_find(t, "rank_high");
    r->shrinkage = rk_table_find(t, "shrinkage");
    status = plot_rows(plot, &r->estimate, 1, &rows, &r->n);
    if (status != RK_OK)
        return status;
    r->place = calloc(r->n + 1, sizeof *r->place);
    for (size_t i = 0; r->place != NULL && i < r->n; i++)
        r->place[i] = (struct place){plot_number(plot, rows[i], r->estimate), rows[i]};
    free(rows);
    if (r->place == NULL)
        return rk_fail_memory(plot->error);
    qsort(r->place, r->n, sizeof *r->place, by_estimate);
    r->mean = common_mean(plot, r);
    r->n_drawn = r->n < MOST_ROWS ? r->n : MOST_ROWS;
    return RK_OK;
}

/* The row at place i of the picture: of too many units the first and the last. */
static size_t row_of(const struct ranks *r, size_t i)
{
    size_t place = i < r->n_drawn / 2 ? i : r->n - r->n_drawn + i;

    return r->place[place].row;
}

/* --- marks ---------------------------------------------------------------------------------- */

static void add_mean(struct plot *plot, struct rk_panel *panel, const struct ranks *r)
{
    struct rk_layer *rule =
        rk_picture_layer(plot->picture, panel, RK_MARK_RULE_X, RK_INK_MUTED, NULL);

    if (rule != NULL)
        rule->dashed = true;
    if (isfinite(r->mean))
        rk_picture_spot(plot->picture, rule, plot_spot(r->mean, NAN));
    if (r->n_drawn == r->n)
        return;
    rule = rk_picture_layer(plot->picture, panel, RK_MARK_RULE_Y, RK_INK_MUTED, NULL);
    rk_picture_spot(plot->picture, rule, plot_spot(NAN, floor((double)r->n_drawn / 2.0) - 0.5));
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
        for (size_t i = 0; i < r->n_drawn; i++) {
            size_t row = row_of(r, i);
            struct rk_spot spot =
                plot_spot(plot_number(plot, row, k == 1 ? r->raw : r->estimate), (double)i);

            spot.low = plot_number(plot, row, r->low);
            spot.high = plot_number(plot, row, r->high);
            rk_picture_spot(plot->picture, layer, spot);
        }
    }
}

/* "4,120 [3,900, 4,340]  rank 1 to 3" */
static void add_names(struct plot *plot, struct rk_panel *panel, const struct ranks *r)
{
    struct rk_text text = {0};

    for (size_t i = 0; i < r->n_drawn; i++) {
        size_t row = row_of(r, i);
        double low = r->rank_low == SIZE_MAX ? NAN : plot_number(plot, row, r->rank_low);
        double high = r->rank_high == SIZE_MAX ? NAN : plot_number(plot, row, r->rank_high);

        rk_text_clear(&text);
        plot_add_cell(&text, plot, row, r->id);
        rk_picture_name(plot->picture, &panel->y, plot_words(plot, &text));
        rk_text_clear(&text);
        plot_add_interval(&text, plot_number(plot, row, r->estimate),
                          plot_number(plot, row, r->low), plot_number(plot, row, r->high), false);
        if (isfinite(low) && low == high)
            rk_text_format(&text, "; %.4g", low);
        else if (isfinite(low) && isfinite(high))
            rk_text_format(&text, "; %.4g to %.4g", low, high);
        rk_picture_note(plot->picture, panel, (double)i, RK_INK_TEXT, plot_words(plot, &text));
    }
    rk_picture_set(plot->picture, &panel->note_title,
                   r->rank_low == SIZE_MAX ? "estimate [interval]" : "estimate [interval]; rank");
    rk_text_free(&text);
}

static void set_words(struct plot *plot, const struct ranks *r)
{
    struct rk_text text = {0};

    rk_text_add(&text, "Who is how good, given the noise");
    plot_title(plot, &text);
    plot_add_count(&text, r->n);
    rk_text_add(&text, " units");
    if (isfinite(r->mean)) {
        rk_text_add(&text, ", common mean ");
        plot_add_value(&text, r->mean);
    }
    plot_set(plot, &plot->picture->subtitle, &text);
    rk_text_add(&text, "Points and lines: estimates, drawn to the common mean the more the less is "
                       "known, and their intervals. ");
    if (isfinite(r->mean))
        rk_text_add(&text, "Dashed: the common mean. ");
    rk_text_add(&text, "Units whose intervals overlap may well stand in another order.");
    if (r->n_drawn < r->n)
        rk_text_format(&text, " The first and last %d of %zu.", MOST_ROWS / 2, r->n);
    plot_set(plot, &plot->picture->caption, &text);
    plot->picture->height = 210.0 + 26.0 * (double)r->n_drawn;
    rk_text_free(&text);
}

enum rk_status plot_rank(struct plot *plot)
{
    struct ranks r = {0};
    enum rk_status status = read(plot, &r);
    struct rk_panel *panel = status == RK_OK ? rk_picture_panel(plot->picture, NULL) : NULL;

    if (panel != NULL) {
        panel->y.kind = RK_AXIS_NAMES;
        add_mean(plot, panel, &r);
        add_marks(plot, panel, &r);
        add_names(plot, panel, &r);
        set_words(plot, &r);
    }
    free(r.place);
    return status;
}
