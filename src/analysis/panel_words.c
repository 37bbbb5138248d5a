/* What was left out or is in doubt, and what the panel is, in words. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "panel_parts.h"
#include "repkit/words.h"

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

static size_t line_of(const struct panel *panel, enum rk_crm_input input, size_t row)
{
    return rk_table_line(rk_panel_table(panel, input), row);
}

/* What the streams' events are called, the file they stand in, what they are missing from. */
static const struct {
    const char *option, *row, *date, *events, *lacking;
} words[N_STREAMS] = {
    [ACTIVITIES] = {"--activities", "row", "date", "activities", "any period"},
    [OPENINGS] = {"--deals", "deal", "open date", "openings", "deals_opened or cycle_days"},
    [CLOSINGS] = {"--deals", "won or lost deal", "close date", "closings",
                  "deals_closed or revenue"},
};

/* --- rows that are left out ------------------------------------------------------------------- */

static void warn_dropped(const struct panel *panel, struct rk_result *result)
{
    for (size_t s = 0; s < N_STREAMS; s++) {
        const struct stream *stream = &panel->stream[s];

        if (stream->n_no_rep > 0 && s != CLOSINGS) /* the same rows as of the openings */
            rk_warn(result, RK_WARN_DROPPED, "%zu row%s of %s ha%s no rep (first: line %zu)",
                    stream->n_no_rep, plural(stream->n_no_rep), words[s].option,
                    stream->n_no_rep == 1 ? "s" : "ve",
                    rk_table_line(stream->file->table, stream->first_no_rep));
        if (stream->n_no_date > 0)
            rk_warn(result, RK_WARN_DROPPED,
                    "%zu %s%s of %s ha%s no %s (first: line %zu): not in %s", stream->n_no_date,
                    words[s].row, plural(stream->n_no_date), words[s].option,
                    stream->n_no_date == 1 ? "s" : "ve", words[s].date,
                    rk_table_line(stream->file->table, stream->first_no_date), words[s].lacking);
    }
    if (panel->n_untyped > 0)
        rk_warn(result, RK_WARN_DROPPED, "%zu row%s of --activities ha%s no type (first: line %zu)",
                panel->n_untyped, plural(panel->n_untyped), panel->n_untyped == 1 ? "s" : "ve",
                line_of(panel, RK_CRM_ACTIVITIES, panel->first_untyped));
    if (panel->reps.n_nameless > 0)
        rk_warn(result, RK_WARN_DROPPED, "%zu row%s of --roster ha%s no rep",
                panel->reps.n_nameless, plural(panel->reps.n_nameless),
                panel->reps.n_nameless == 1 ? "s" : "ve");
}

/* "left on 2024-04-30", "began on 2024-02-01" */
static void say_bound(const struct rep *rep, int64_t day, char *out, size_t size)
{
    char date[32];
    bool early = day < rep->hired;

    rk_time_format(RK_TIME_DAY, early ? rep->hired : rep->left, date);
    snprintf(out, size, "%s on %s", early ? "was hired" : "left", date);
}

static void warn_outside(const struct panel *panel, struct rk_result *result)
{
    size_t n_reps = 0;

    for (size_t r = 0; r < panel->reps.n; r++)
        n_reps += panel->reps.rep[r].outside;
    for (size_t s = 0; s < N_STREAMS; s++) {
        const struct stream *stream = &panel->stream[s];
        size_t row = stream->first_outside;
        char name[RK_SHORT_SIZE], date[32], bound[64];
        const struct rep *rep;
        int64_t day;

        if (stream->n_outside == 0)
            continue;
        rep = &panel->reps.rep[panel->reps.of_code[stream->file->input][stream->rep_code[row]]];
        day = rk_time_first_day(stream->time_kind, (int64_t)stream->time[row]);
        rk_time_format(stream->time_kind, (int64_t)stream->time[row], date);
        say_bound(rep, day, bound, sizeof bound);
        rk_warn(result, RK_WARN_UNITS,
                "%zu of the %s in %s lie%s outside the rep's employment and %s left out (first: "
                "line %zu, %s on %s, who %s; %zu rep%s in all)",
                stream->n_outside, words[s].events, words[s].option,
                stream->n_outside == 1 ? "s" : "", stream->n_outside == 1 ? "is" : "are",
                rk_table_line(stream->file->table, row), rk_short_label(rep->label, name), date,
                bound, n_reps, plural(n_reps));
    }
}

static void warn_duplicates(const struct panel *panel, struct rk_result *result)
{
    const struct reps *reps = &panel->reps;

    if (reps->n_duplicates > 0)
        rk_warn(result, RK_WARN_UNITS,
                "%zu row%s of --roster repeat%s a rep (first: line %zu): the first of a rep counts",
                reps->n_duplicates, plural(reps->n_duplicates), reps->n_duplicates == 1 ? "s" : "",
                line_of(panel, RK_CRM_ROSTER, reps->first_duplicate));
    if (panel->n_duplicates > 0)
        rk_warn(result, RK_WARN_UNITS,
                "%zu row%s of --activities repeat%s a rep and date (first: line %zu): the first of "
                "each counts, the others are left out",
                panel->n_duplicates, plural(panel->n_duplicates),
                panel->n_duplicates == 1 ? "s" : "",
                line_of(panel, RK_CRM_ACTIVITIES, panel->first_duplicate));
}

/* --- reps ------------------------------------------------------------------------------------- */

/* The first few reps of a kind: those seen in no row, or those the roster lacks. */
static size_t list_reps(const struct panel *panel, bool in_roster, struct rk_text *list)
{
    enum { MOST_SHOWN = 5 };
    size_t n = 0;

    for (size_t r = 0; r < panel->reps.n; r++) {
        const struct rep *rep = &panel->reps.rep[r];
        char name[RK_SHORT_SIZE];

        if (in_roster ? rep->roster_row == SIZE_MAX || rep->bounded || rep->seen
                      : rep->roster_row != SIZE_MAX || !rep->seen)
            continue;
        if (n < MOST_SHOWN)
            rk_text_format(list, "%s%s", n > 0 ? ", " : "", rk_short_label(rep->label, name));
        else if (n == MOST_SHOWN)
            rk_text_add(list, ", ...");
        n++;
    }
    return n;
}

static void warn_reps(const struct panel *panel, struct rk_result *result)
{
    struct rk_text list = {0};
    size_t n;

    if (rk_panel_table(panel, RK_CRM_ROSTER) == NULL)
        return;
    n = list_reps(panel, false, &list);
    if (n > 0 && !list.failed)
        rk_warn(result, RK_WARN_UNITS, "%zu rep%s not in --roster: %s", n, n == 1 ? " is" : "s are",
                list.bytes);
    rk_text_clear(&list);
    n = list_reps(panel, true, &list);
    if (n > 0 && !list.failed && panel->options->fill != RK_FILL_ALL)
        rk_warn(result, RK_WARN_DROPPED,
                "%zu rep%s of --roster ha%s neither dates nor events and no row: %s (--fill all "
                "gives zeros)",
                n, plural(n), n == 1 ? "s" : "ve", list.bytes);
    if (list.failed)
        result->status = RK_ENOMEM;
    rk_text_free(&list);
}

/* --- numbers ---------------------------------------------------------------------------------- */

static void warn_numbers(const struct panel *panel, struct rk_result *result)
{
    const struct activities *activities = &panel->activities;

    for (uint32_t m = 0; m < activities->n_mapped; m++) {
        char name[RK_SHORT_SIZE];

        if (!activities->found[m])
            rk_warn(result, RK_WARN_MISSING_ITEMS,
                    "no row of --activities has a label that --types gives to '%s'",
                    rk_short_label(rk_dict_label(activities->names, m), name));
    }
    if (panel->n_empty > 0)
        rk_warn(result, RK_WARN_BAD_CELLS,
                "%zu number%s of --activities %s missing: the sums that need %s are NA",
                panel->n_empty, plural(panel->n_empty), panel->n_empty == 1 ? "is" : "are",
                panel->n_empty == 1 ? "it" : "them");
    if (panel->n_no_amount > 0)
        rk_warn(result, RK_WARN_BAD_CELLS,
                "%zu won deal%s ha%s no amount: revenue and avg_deal are NA there",
                panel->n_no_amount, plural(panel->n_no_amount),
                panel->n_no_amount == 1 ? "s" : "ve");
    if (panel->n_backward > 0)
        rk_warn(result, RK_WARN_UNITS,
                "%zu deal%s close%s before %s opened (first: line %zu): not in cycle_days",
                panel->n_backward, plural(panel->n_backward), panel->n_backward == 1 ? "s" : "",
                panel->n_backward == 1 ? "it is" : "they are",
                line_of(panel, RK_CRM_DEALS, panel->first_backward));
}

/* --- what is cut off -------------------------------------------------------------------------- */

/* Whether there may have been events on one of the days, from `first` on, before `end`: not on
 * weekdays on which nothing ever happens. */
static bool may_miss(int64_t first, int64_t end, unsigned weekdays)
{
    for (int64_t day = first; day < end; day++)
        if ((weekdays >> ((day % 7 + 7) % 7) & 1u) != 0)
            return true;
    return false;
}

static void warn_partial(const struct panel *panel, struct rk_result *result)
{
    int64_t first_day = INT64_MAX, last_day = INT64_MIN;
    unsigned weekdays = 0;
    char period[32], date[32];

    for (size_t s = 0; s < N_STREAMS; s++) {
        const struct stream *stream = &panel->stream[s];

        if (stream->n == 0)
            continue;
        first_day = stream->first_day < first_day ? stream->first_day : first_day;
        last_day = stream->last_day > last_day ? stream->last_day : last_day;
        weekdays |= stream->weekdays;
    }
    if (may_miss(rk_time_first_day(panel->kind, panel->first), first_day, weekdays)) {
        rk_time_format(panel->kind, panel->first, period);
        rk_time_format(RK_TIME_DAY, first_day, date);
        rk_warn(result, RK_WARN_CENSORING,
                "the first period, %s, may be covered only in part: the first event is on %s",
                period, date);
    }
    if (may_miss(last_day + 1, rk_time_first_day(panel->kind, (int64_t)panel->last + 1),
                 weekdays)) {
        rk_time_format(panel->kind, panel->last, period);
        rk_time_format(RK_TIME_DAY, last_day, date);
        rk_warn(result, RK_WARN_CENSORING,
                "the last period, %s, may be covered only in part: the last event is on %s", period,
                date);
    }
}

/* Activities, openings and closings should cover the same time: a column that begins later has
 * zeros before that are those of the export. */
static void warn_uneven(const struct panel *panel, struct rk_result *result)
{
    enum { FEW = 1 };
    static const char *const nothing[N_STREAMS] = {"no activity is", "no deal is opened",
                                                   "no deal is won or lost"};

    for (size_t s = 0; panel->kind != RK_TIME_DAY && s < N_STREAMS; s++) {
        const struct stream *stream = &panel->stream[s];
        int64_t before = (int64_t)stream->first - panel->first;
        int64_t after = (int64_t)panel->last - stream->last;
        char period[32];

        if (stream->n == 0)
            continue;
        if (before > FEW) {
            rk_time_format(panel->kind, stream->first, period);
            rk_warn(result, RK_WARN_CENSORING,
                    "%s before %s, %lld periods after the panel's first: the zeros there may be "
                    "the export's",
                    nothing[s], period, (long long)before);
        }
        if (after > FEW) {
            rk_time_format(panel->kind, stream->last, period);
            rk_warn(result, RK_WARN_CENSORING,
                    "%s after %s, %lld periods before the panel's last: the zeros there may be the "
                    "export's",
                    nothing[s], period, (long long)after);
        }
    }
}

static void warn_open(const struct panel *panel, struct rk_result *result)
{
    const struct rk_table *deals = rk_panel_table(panel, RK_CRM_DEALS);
    size_t n = 0;

    if (deals == NULL)
        return;
    for (size_t row = 0; row < deals->n_rows; row++)
        n += panel->outcome[row] == RK_DEAL_OPEN;
    if (10 * n > deals->n_rows)
        rk_warn(result, RK_WARN_CENSORING,
                "%zu of %zu deals (%.0f%%) are neither won nor lost: win_rate and cycle_days are "
                "of the others",
                n, deals->n_rows, 100.0 * (double)n / (double)deals->n_rows);
}

static void warn_cuts(const struct panel *panel, struct rk_result *result)
{
    for (size_t i = 0; i < panel->n_cuts; i++) {
        const struct cut *cut = &panel->cut[i];
        int64_t day = rk_time_first_day(cut->kind, cut->ordinal);
        int64_t period = rk_time_of_day(panel->kind, day);
        char name[RK_SHORT_SIZE], date[RK_SHORT_SIZE], written[32];

        rk_short_label(cut->name, name);
        rk_short_label(cut->date, date);
        rk_time_format(panel->kind, period, written);
        if (rk_time_side(panel->kind, panel->first, cut->kind, cut->ordinal) == RK_AFTER ||
            rk_time_side(panel->kind, panel->last, cut->kind, cut->ordinal) == RK_BEFORE)
            rk_warn(result, RK_WARN_UNITS,
                    "--event %s=%s: all periods of the panel are on one side of it", name, date);
        else if (panel->options->straddle == RK_STRADDLE_DROP &&
                 rk_time_side(panel->kind, period, cut->kind, cut->ordinal) == RK_STRADDLE)
            rk_warn(result, RK_WARN_STRADDLE,
                    "%s contains the date of --event %s=%s: %s is NA there", written, name, date,
                    name);
    }
}

void rk_panel_warn(const struct panel *panel, struct rk_result *result)
{
    warn_duplicates(panel, result);
    warn_outside(panel, result);
    warn_reps(panel, result);
    warn_dropped(panel, result);
    warn_numbers(panel, result);
    warn_partial(panel, result);
    warn_uneven(panel, result);
    warn_open(panel, result);
    warn_cuts(panel, result);
}

/* --- explanation ------------------------------------------------------------------------------ */

static double sum_of(const struct panel *panel, size_t measure)
{
    const struct measure *m = &panel->measure[panel->n_measures - N_DEAL_MEASURES + measure];
    double sum = 0.0;

    for (size_t cell = 0; cell < panel->n_cells; cell++)
        sum += m->total[cell] + (m->lost == NULL ? 0.0 : m->lost[cell]);
    return sum;
}

static void say_deals(const struct panel *panel, struct rk_text *out)
{
    double won = sum_of(panel, WON), lost = sum_of(panel, LOST), revenue = sum_of(panel, REVENUE);

    rk_text_format(out, " %.0f deals were opened, %.0f won and %.0f lost", sum_of(panel, OPENED),
                   won, lost);
    if (!isnan(revenue)) {
        rk_text_add(out, "; revenue ");
        rk_say_number(out, revenue);
    }
    rk_text_add_char(out, '.');
}

/* "12 months, 2024-01 to 2024-12" */
static void say_periods(const struct panel *panel, struct rk_text *out)
{
    long long n = (long long)panel->last - panel->first + 1;
    char period[32];

    rk_time_format(panel->kind, panel->first, period);
    rk_text_format(out, "%lld %s%s, %s", n, rk_time_kind_name(panel->kind), n == 1 ? "" : "s",
                   period);
    rk_time_format(panel->kind, panel->last, period);
    if (n > 1)
        rk_text_format(out, " to %s", period);
}

void rk_panel_explain(const struct panel *panel, size_t n_rows, struct rk_result *result)
{
    struct rk_text row = {0}, manager = {0}, paper = {0};
    size_t n_reps = 0, n_events = 0;

    for (size_t r = 0; r < panel->reps.n; r++)
        n_reps += panel->reps.rep[r].first <= panel->reps.rep[r].last;
    for (size_t s = 0; s < N_STREAMS; s++)
        n_events += panel->stream[s].n;
    rk_text_add(&row, "panel");
    rk_text_format(&manager, "%zu rep%s over ", n_reps, plural(n_reps));
    say_periods(panel, &manager);
    rk_text_add_char(&manager, '.');
    if (rk_panel_table(panel, RK_CRM_DEALS) != NULL)
        say_deals(panel, &manager);
    rk_text_format(&paper, "Panel of %zu rep%s over ", n_reps, plural(n_reps));
    say_periods(panel, &paper);
    rk_text_format(&paper, ": %zu row%s, counted from %zu events.", n_rows, plural(n_rows),
                   n_events);
    rk_explain(result, &row, &manager, &paper);
}
