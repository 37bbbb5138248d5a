/* cohort: rep-kpi's retention by cohort and age, and over all cohorts with its interval. funnel:
 * what is left at each stage. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "plot_parts.h"
#include "repkit/proportions.h"

/* --- cohort --------------------------------------------------------------------------------- */

enum { MOST_COHORTS = 40, MOST_AGES = 36 };

struct cohorts {
    size_t cohort, age, n_start, n_active, retention;
    struct rk_groups groups; /* by cohort */
    size_t first;            /* the first cohort drawn: of too many the last */
    size_t n_ages;           /* from 0 */
};

static enum rk_status read(struct plot *plot, struct cohorts *c)
{
    const struct rk_table *t = plot->table;
    double oldest = 0.0;

    c->cohort = rk_table_find(t, "cohort");
    c->age = rk_table_find(t, "age");
    c->n_start = rk_table_find(t, "n_start");
    c->n_active = rk_table_find(t, "n_active");
    c->retention = rk_table_find(t, "retention");
    if (rk_groups_by(t, &c->cohort, 1, &c->groups) != RK_OK)
        return rk_fail_memory(plot->error);
    for (size_t i = 0; i < t->n_rows; i++)
        oldest = fmax(oldest, plot_number(plot, i, c->age)); /* NaN is passed over */
    if (c->groups.n_groups > MOST_COHORTS)
        c->first = c->groups.n_groups - MOST_COHORTS;
    c->n_ages = (size_t)fmin(oldest, MOST_AGES - 1) + 1;
    return RK_OK;
}

static void add_cell(struct plot *plot, struct rk_layer *cells, double age, double down,
                     double share)
{
    struct rk_spot spot = plot_spot(age, down);
    struct rk_text text = {0};

    spot.value = share;
    if (isfinite(share) && fabs(share) < 1e6)
        rk_text_format(&text, "%.0f", 100.0 * share);
    else
        rk_text_add(&text, "NA");
    spot.text = text.bytes;
    plot->picture->failed |= text.failed;
    rk_picture_spot(plot->picture, cells, spot);
    rk_text_free(&text);
}

static void add_matrix(struct plot *plot, const struct cohorts *c)
{
    struct rk_panel *panel = rk_picture_panel(plot->picture, "Each cohort, %");
    struct rk_layer *cells =
        rk_picture_layer(plot->picture, panel, RK_MARK_CELLS, RK_INK_SEQUENTIAL, NULL);
    struct rk_text name = {0};

    if (cells == NULL)
        return;
    cells->width = cells->height = 0.96;
    panel->x.kind = RK_AXIS_WHOLE;
    panel->x.low = -0.5;
    panel->x.high = (double)c->n_ages - 0.5;
    panel->y.kind = RK_AXIS_NAMES;
    rk_picture_set(plot->picture, &panel->x.title, "age in periods");
    for (size_t g = c->first; g < c->groups.n_groups; g++) {
        rk_text_clear(&name);
        plot_add_cell(&name, plot, c->groups.first_row[g], c->cohort);
        rk_text_add(&name, " (");
        plot_add_value(&name, plot_number(plot, c->groups.first_row[g], c->n_start));
        rk_text_add(&name, ")");
        rk_picture_name(plot->picture, &panel->y, plot_words(plot, &name));
        for (size_t k = c->groups.start[g]; k < c->groups.start[g + 1]; k++) {
            double age = plot_number(plot, c->groups.rows[k], c->age);

            if (age >= 0.0 && age < (double)c->n_ages)
                add_cell(plot, cells, age, (double)(g - c->first),
                         plot_number(plot, c->groups.rows[k], c->retention));
        }
    }
    rk_text_free(&name);
}

/* The cohorts that have reached an age, taken together. */
static bool pool(const struct plot *plot, const struct cohorts *c, size_t age, struct rk_spot *spot)
{
    double started = 0.0, active = 0.0;

    for (size_t i = 0; i < plot->table->n_rows; i++) {
        double start = plot_number(plot, i, c->n_start), left = plot_number(plot, i, c->n_active);

        if (plot_number(plot, i, c->age) != (double)age || !(start > 0.0) || !(left >= 0.0) ||
            !(left <= start) || !(start < 1e15))
            continue;
        started += floor(start);
        active += floor(left);
    }
    if (!(started > 0.0))
        return false;
    *spot = plot_spot((double)age, active / started);
    rk_wilson((uint64_t)active, (uint64_t)started, RK_TWO_SIDED, plot->options->common.conf_level,
              &spot->low, &spot->high);
    return true;
}

static void add_pooled(struct plot *plot, const struct cohorts *c)
{
    struct rk_panel *panel = rk_picture_panel(plot->picture, "All cohorts that reached the age");

    for (int pass = 0; pass < 3; pass++) {
        static const enum rk_mark marks[] = {RK_MARK_BAND, RK_MARK_LINE, RK_MARK_POINTS};
        struct rk_layer *layer =
            rk_picture_layer(plot->picture, panel, marks[pass], RK_INK_MAIN, NULL);

        if (layer != NULL)
            layer->bold = pass == 1;
        for (size_t age = 0; age < c->n_ages; age++) {
            struct rk_spot spot;

            if (pool(plot, c, age, &spot))
                rk_picture_spot(plot->picture, layer, spot);
        }
    }
    if (panel == NULL)
        return;
    panel->x.kind = RK_AXIS_WHOLE;
    panel->y.kind = RK_AXIS_PERCENT;
    panel->y.low = 0.0;
    panel->y.high = 1.02;
    rk_picture_set(plot->picture, &panel->x.title, "age in periods");
}

enum rk_status plot_cohort(struct plot *plot)
{
    struct cohorts c = {0};
    struct rk_text text = {0};
    enum rk_status status = read(plot, &c);

    if (status == RK_OK) {
        add_matrix(plot, &c);
        add_pooled(plot, &c);
        rk_text_add(&text, "Who stays, by when they came");
        plot_title(plot, &text);
        rk_text_add(&text, "Left: share of each cohort still active, its size in brackets. Right: "
                           "all together, with the ");
        plot_add_level(&text, plot->options->common.conf_level);
        rk_text_add(&text, " interval (Wilson) as a band.");
        if (c.first > 0)
            rk_text_format(&text, " The last %d of %zu cohorts.", MOST_COHORTS, c.groups.n_groups);
        plot_set(plot, &plot->picture->caption, &text);
        plot->picture->width = fmin(fmax(1100.0, 300.0 + 100.0 * (double)c.n_ages), 1800.0);
        plot->picture->height = fmax(500.0, 200.0 + 34.0 * (double)(c.groups.n_groups - c.first));
    }
    rk_text_free(&text);
    rk_groups_free(&c.groups);
    return status;
}

/* --- funnel --------------------------------------------------------------------------------- */

struct funnel {
    size_t stage, n, share, low, high;
    size_t *label, n_labels;
};

/* "23 (45% [40%, 50%])" */
static void add_stage_note(struct plot *plot, struct rk_panel *panel, const struct funnel *f,
                           size_t row, size_t place)
{
    double n = plot_number(plot, row, f->n), share = plot_number(plot, row, f->share);
    struct rk_text text = {0};

    if (n >= 0.0 && n < 1e15)
        plot_add_count(&text, (size_t)n);
    else
        rk_text_add(&text, "NA");
    if (isfinite(share)) {
        rk_text_add(&text, ", ");
        plot_add_interval(&text, share, plot_number(plot, row, f->low),
                          plot_number(plot, row, f->high), true);
    }
    rk_picture_note(plot->picture, panel, (double)place, RK_INK_TEXT, plot_words(plot, &text));
    rk_text_free(&text);
}

static void add_stages(struct plot *plot, struct rk_panel *panel, const struct funnel *f,
                       const size_t *rows, size_t n)
{
    struct rk_text name = {0};

    for (int pass = 0; pass < 2; pass++) {
        struct rk_layer *layer =
            rk_picture_layer(plot->picture, panel, pass == 0 ? RK_MARK_BOXES : RK_MARK_SPAN_X,
                             pass == 0 ? RK_INK_MAIN : RK_INK_TEXT, NULL);

        if (layer == NULL)
            return;
        layer->height = 0.62;
        layer->bold = pass == 1;
        for (size_t i = 0; i < n; i++) {
            struct rk_spot spot = plot_spot(NAN, (double)i);

            spot.low = pass == 0 ? 0.0 : plot_number(plot, rows[i], f->low);
            spot.high = plot_number(plot, rows[i], pass == 0 ? f->share : f->high);
            rk_picture_spot(plot->picture, layer, spot);
        }
    }
    for (size_t i = 0; i < n; i++) {
        rk_text_clear(&name);
        plot_add_cell(&name, plot, rows[i], f->stage);
        rk_picture_name(plot->picture, &panel->y, plot_words(plot, &name));
        add_stage_note(plot, panel, f, rows[i], i);
    }
    rk_text_free(&name);
    panel->x.kind = RK_AXIS_PERCENT;
    panel->x.low = 0.0;
    panel->y.kind = RK_AXIS_NAMES;
    rk_picture_set(plot->picture, &panel->x.title, "share of the first stage");
    rk_picture_set(plot->picture, &panel->note_title, "n, share [interval]");
}

static void draw_funnels(struct plot *plot, const struct funnel *f, const struct rk_groups *groups)
{
    size_t most = 0;
    struct rk_text text = {0};

    for (size_t g = 0; g < groups->n_groups && g < PLOT_MAX_PANELS; g++) {
        struct rk_panel *panel = rk_picture_panel(plot->picture, NULL);
        size_t n = groups->start[g + 1] - groups->start[g];

        if (panel == NULL)
            break;
        add_stages(plot, panel, f, groups->rows + groups->start[g], n);
        plot_add_group(&text, plot, groups->first_row[g], f->label, f->n_labels);
        plot_set(plot, &panel->title, &text);
        most = n > most ? n : most;
    }
    rk_text_add(&text, "What is left at each stage");
    plot_title(plot, &text);
    rk_text_add(&text, "Bars: share of the first stage; lines: intervals, where a stage is made of "
                       "cases of the first.");
    if (groups->n_groups > PLOT_MAX_PANELS)
        rk_text_format(&text, " The first %d of %zu groups.", PLOT_MAX_PANELS, groups->n_groups);
    plot_set(plot, &plot->picture->caption, &text);
    plot_set_size(plot, plot->picture->n_panels);
    plot->picture->same_x = true;
    if (plot->picture->n_panels == 1)
        plot->picture->height = 190.0 + 46.0 * (double)most;
    rk_text_free(&text);
}

enum rk_status plot_funnel(struct plot *plot)
{
    const struct rk_table *t = plot->table;
    struct funnel f = {.stage = rk_table_find(t, "stage"),
                       .n = rk_table_find(t, "n"),
                       .share = rk_table_find(t, "share"),
                       .low = rk_table_find(t, "conf_low"),
                       .high = rk_table_find(t, "conf_high")};
    struct rk_groups groups = {0};
    enum rk_status status = plot_label_groups(plot, f.stage, &f.label, &f.n_labels, &groups);

    if (status == RK_OK)
        draw_funnels(plot, &f, &groups);
    rk_groups_free(&groups);
    free(f.label);
    return status;
}
