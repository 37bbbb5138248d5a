/* From the files to rows that all KPIs can use: days, amounts, who, which group. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "kpi_parts.h"
#include "repkit/number.h"

/* Where the parts of a row stand in a file, as indexes of its keys; -1 where it has none. */
static const struct {
    int day, until, amount, unit;
    bool unit_is_rep;
} layouts[RK_CRM_INPUTS] = {
    [RK_CRM_ACTIVITIES] = {RK_ACTIVITIES_DATE, -1, RK_ACTIVITIES_COUNT, RK_ACTIVITIES_REP, true},
    [RK_CRM_DEALS] = {RK_DEALS_OPEN, RK_DEALS_CLOSE, RK_DEALS_AMOUNT, RK_DEALS_REP, true},
    [RK_CRM_ROSTER] = {-1, -1, -1, RK_ROSTER_REP, true},
    [RK_CRM_CUSTOMERS] = {RK_CUSTOMERS_START, RK_CUSTOMERS_END, -1, RK_CUSTOMERS_ID, false},
    [RK_CRM_ORDERS] = {RK_ORDERS_DATE, -1, RK_ORDERS_AMOUNT, RK_ORDERS_CUSTOMER, false},
    [RK_CRM_SPEND] = {RK_SPEND_DATE, -1, RK_SPEND_AMOUNT, -1, false},
    [RK_CRM_LEADS] = {RK_LEADS_DATE, -1, -1, -1, false},
    [RK_CRM_SCORES] = {RK_SCORES_DATE, -1, RK_SCORES_SCORE, RK_SCORES_CUSTOMER, false},
};

/* The column that a key names, in a type; NULL where there is none. */
static const struct rk_column *column_of(const struct rk_crm_file *file, int key, enum rk_type type)
{
    size_t index;

    if (key < 0 || file->columns.name[key] == NULL)
        return NULL;
    index = rk_table_find_typed(file->table, file->columns.name[key], type);
    return index == SIZE_MAX ? NULL : &file->table->column[index];
}

/* --- groups --------------------------------------------------------------------------------- */

/* Where the groups of a file's rows come from: a column of its own, or another file by unit. */
struct grouping {
    const struct rk_column *own;
    const uint32_t *by_unit; /* group of each rep, or of each customer */
};

/* The group of each unit of a file that has the column: NO_GROUP where it is not listed. */
static enum rk_status group_units(const struct rk_crm_file *file, struct kpi_data *data,
                                  struct rk_dict *units, uint32_t **group)
{
    enum rk_crm_input input = file->input;
    const struct rk_column *unit = column_of(file, layouts[input].unit, RK_TEXT);
    size_t by = rk_table_find_typed(file->table, data->options->by, RK_TEXT);

    if (unit == NULL || by == SIZE_MAX)
        return RK_OK;
    *group = malloc((rk_dict_size(units) + 1) * sizeof **group);
    if (*group == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < rk_dict_size(units); i++)
        (*group)[i] = NO_GROUP;
    for (size_t row = 0; row < file->table->n_rows; row++) {
        const char *label = rk_table_text(file->table, row, by);
        const char *name =
            unit->code[row] == RK_NO_CODE ? NULL : rk_dict_label(unit->dict, unit->code[row]);
        uint32_t code = name == NULL ? RK_NO_CODE : rk_dict_find(units, name, strlen(name));

        if (code == RK_NO_CODE || (*group)[code] != NO_GROUP)
            continue;
        (*group)[code] = rk_dict_code(data->groups, label == NULL ? "" : label,
                                      label == NULL ? 0 : strlen(label));
        if ((*group)[code] == RK_NO_CODE)
            return RK_ENOMEM;
    }
    return RK_OK;
}

/* --- rows ----------------------------------------------------------------------------------- */

static int by_group_and_day(const void *a, const void *b)
{
    const struct kpi_row *x = a, *y = b;

    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    return x->day < y->day ? -1 : x->day > y->day;
}

/* The day on which a period begins, or the last one of it. */
static int64_t day_of(const struct rk_column *time, size_t row, bool last)
{
    int64_t ordinal;

    if (time == NULL || isnan(time->number[row]))
        return NO_DAY;
    ordinal = (int64_t)time->number[row];
    return last ? rk_time_first_day(time->time_kind, ordinal + 1) - 1
                : rk_time_first_day(time->time_kind, ordinal);
}

/* Whether a cell says yes: anything but nothing, 0, no, false and open. A date is a yes. */
static bool says_yes(const char *text)
{
    static const char *const no[] = {"", "0", "no", "n", "false", "f", "open", "not converted"};
    bool yes = text != NULL;

    for (size_t i = 0; i < sizeof no / sizeof *no && yes; i++)
        yes = strcasecmp(text, no[i]) != 0;
    return yes;
}

/* The number of activities in a row: its count, 1 where a row is one, or the sum of a wide row. */
static double activities_of(const struct rk_crm_file *file, const struct rk_column *count,
                            size_t row)
{
    double sum = 0.0;

    if (count != NULL)
        return isnan(count->number[row]) ? 0.0 : count->number[row];
    if (file->columns.name[RK_ACTIVITIES_TYPE] != NULL)
        return 1.0;
    for (size_t j = 0; j < file->table->n_columns; j++)
        if (file->table->column[j].type == RK_NUMBER && !isnan(file->table->column[j].number[row]))
            sum += file->table->column[j].number[row];
    return sum;
}

struct reading {
    const struct rk_crm_file *file;
    const struct rk_column *day, *until, *amount, *unit, *converted;
    unsigned char *outcome; /* of deals */
    struct grouping grouping;
    struct rk_dict *units;
};

static uint32_t unit_of(const struct reading *r, size_t row)
{
    const char *name;

    if (r->unit == NULL || r->unit->code[row] == RK_NO_CODE)
        return RK_NO_CODE;
    name = rk_dict_label(r->unit->dict, r->unit->code[row]);
    return rk_dict_code(r->units, name, strlen(name));
}

static uint32_t group_of(const struct reading *r, const struct kpi_data *data, size_t row,
                         uint32_t unit)
{
    const struct rk_column *own = r->grouping.own;

    if (data->options->by == NULL)
        return 0;
    if (own != NULL) {
        const char *label =
            own->code[row] == RK_NO_CODE ? "" : rk_dict_label(own->dict, own->code[row]);

        return rk_dict_code(data->groups, label, strlen(label));
    }
    return r->grouping.by_unit != NULL && unit != RK_NO_CODE ? r->grouping.by_unit[unit] : NO_GROUP;
}

static struct kpi_row read_row(const struct reading *r, struct kpi_data *data, size_t row)
{
    struct kpi_row out = {.day = day_of(r->day, row, false),
                          .until = day_of(r->until, row, false),
                          .amount = r->amount == NULL ? NAN : r->amount->number[row],
                          .unit = unit_of(r, row),
                          .source = row};

    if (out.until != NO_DAY && out.until < out.day) {
        out.backward = day_of(r->until, row, true) < out.day;
        if (!out.backward) /* a month, say, that holds the day on which it began */
            out.until = out.day;
    }
    if (r->file->input == RK_CRM_ACTIVITIES)
        out.amount = activities_of(r->file, r->amount, row);
    if (r->file->input == RK_CRM_LEADS)
        out.end = r->converted != NULL && r->converted->code[row] != RK_NO_CODE &&
                  says_yes(rk_dict_label(r->converted->dict, r->converted->code[row]));
    if (r->outcome != NULL)
        out.end = r->outcome[row];
    if (data->options->cut != NULL && r->day != NULL && out.day != NO_DAY &&
        rk_time_side(r->day->time_kind, (int64_t)r->day->number[row], data->cut_kind, data->cut) ==
            RK_STRADDLE) {
        if (data->options->straddle == RK_STRADDLE_DROP) {
            data->n_straddling++;
            out.day = NO_DAY;
        } else if (data->options->straddle == RK_STRADDLE_AFTER) {
            out.day = rk_time_first_day(data->cut_kind, data->cut);
        }
    }
    out.group = group_of(r, data, row, out.unit);
    return out;
}

/* Widens the days that the data span. */
static void span(const struct reading *r, struct kpi_data *data, struct kpi_rows *rows, size_t row)
{
    int64_t first = day_of(r->day, row, false), last = day_of(r->day, row, true);
    int64_t until = day_of(r->until, row, true);

    if (first != NO_DAY && first < data->first_day)
        data->first_day = first;
    if (until != NO_DAY && until < data->first_day)
        data->first_day = until;
    if (data->as_of_given)
        return;
    if (until > last)
        last = until; /* NO_DAY is before all others */
    if (last > rows->last_day)
        rows->last_day = last;
    if (last > data->as_of)
        data->as_of = last;
}

static enum rk_status read_rows(const struct rk_crm_file *file, struct kpi_data *data,
                                const uint32_t *rep_group, const uint32_t *customer_group,
                                struct rk_error *error)
{
    enum rk_crm_input input = file->input;
    struct kpi_rows *rows = &data->rows[input];
    bool of_reps = layouts[input].unit_is_rep;
    struct reading r = {.file = file,
                        .day = column_of(file, layouts[input].day, RK_TIME),
                        .until = column_of(file, layouts[input].until, RK_TIME),
                        .amount = column_of(file, layouts[input].amount, RK_NUMBER),
                        .unit = column_of(file, layouts[input].unit, RK_TEXT),
                        .units = of_reps ? data->reps : data->customers};
    enum rk_status status = RK_OK;

    if (data->options->by != NULL) {
        size_t by = rk_table_find_typed(file->table, data->options->by, RK_TEXT);

        r.grouping.own = by == SIZE_MAX ? NULL : &file->table->column[by];
        r.grouping.by_unit = of_reps ? rep_group : customer_group;
    }
    rows->grouped = data->options->by == NULL || r.grouping.own != NULL ||
                    (r.grouping.by_unit != NULL && r.unit != NULL);
    if (input == RK_CRM_LEADS)
        r.converted = column_of(file, RK_LEADS_CONVERTED, RK_TEXT);
    if (input == RK_CRM_DEALS)
        status = rk_crm_outcomes(file, &r.outcome, error);
    rows->last_day = data->as_of_given ? data->as_of : INT64_MIN;
    rows->row = malloc((file->table->n_rows + 1) * sizeof *rows->row);
    if (status == RK_OK && rows->row == NULL)
        status = rk_fail_memory(error);
    for (size_t row = 0; row < file->table->n_rows && status == RK_OK; row++) {
        rows->row[rows->n] = read_row(&r, data, row);
        span(&r, data, rows, row);
        rows->n_undated += rows->row[rows->n].day == NO_DAY;
        rows->n += rows->row[rows->n].group != NO_GROUP;
    }
    rows->given = true;
    rows->table = file->table;
    free(r.outcome);
    return status;
}

/* Sorts the rows, and forgets what came after as_of. */
static enum rk_status sort_rows(struct kpi_data *data, struct kpi_rows *rows)
{
    size_t kept = 0;

    rows->start = calloc(data->n_groups + 2, sizeof *rows->start);
    if (rows->start == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < rows->n; i++) {
        struct kpi_row *row = &rows->row[i];

        if (row->until != NO_DAY && row->until > data->as_of) {
            row->until = NO_DAY;
            row->end = RK_DEAL_OPEN;
        }
        if (row->day == NO_DAY || row->day <= data->as_of)
            rows->row[kept++] = *row;
    }
    rows->n = kept;
    qsort(rows->row, rows->n, sizeof *rows->row, by_group_and_day);
    for (size_t i = 0; i < rows->n; i++)
        rows->start[rows->row[i].group + 1]++;
    for (size_t g = 0; g < data->n_groups; g++)
        rows->start[g + 1] += rows->start[g];
    return RK_OK;
}

/* --- options that are data ------------------------------------------------------------------ */

static enum rk_status read_totals(const struct rk_kpi_options *options, struct kpi_data *data,
                                  struct rk_error *error)
{
    for (size_t i = 0; i < RK_TOTALS; i++)
        data->total[i] = NAN;
    for (size_t i = 0; i < options->totals.n; i++) {
        const char *text = options->totals.name[i];
        size_t length = strcspn(text, "=");
        int total = rk_choice_find(RK_KPI_TOTALS, text, length);
        struct rk_number_marks marks;

        if (total < 0)
            return rk_fail(error, RK_EUSAGE, "--set: no total '%.*s'; there are %s", (int)length,
                           text, RK_KPI_TOTALS);
        if (text[length] == '\0' || rk_number_read(text + length + 1, strlen(text + length + 1),
                                                   '.', &data->total[total], &marks) != RK_READ_OK)
            return rk_fail(error, RK_EUSAGE, "--set: '%s' is not NAME=NUMBER", text);
        if (kpi_check_total(total, data->total[total], text, error) != RK_OK)
            return RK_EUSAGE;
    }
    return RK_OK;
}

static enum rk_status read_day(const char *option, const char *text,
                               const struct rk_kpi_options *options, enum rk_time_kind *kind,
                               int64_t *ordinal, struct rk_error *error)
{
    if (rk_time_read(text, strlen(text), options->date_order, kind, ordinal) != RK_READ_OK ||
        *kind == RK_TIME_INTEGER)
        return rk_fail(error, RK_EUSAGE,
                       "--%s: '%s' is no date (2024-03-15, 2024-W11, 2024-03, 2024-Q1, 2024)",
                       option, text);
    return RK_OK;
}

static enum rk_status read_dates(const struct rk_kpi_options *options, struct kpi_data *data,
                                 struct rk_error *error)
{
    enum rk_time_kind kind;
    int64_t ordinal;
    enum rk_status status = RK_OK;

    data->first_day = INT64_MAX;
    data->as_of = INT64_MIN;
    if (options->as_of != NULL) {
        status = read_day("as-of", options->as_of, options, &kind, &ordinal, error);
        if (status == RK_OK)
            data->as_of = rk_time_first_day(kind, ordinal + 1) - 1;
        data->as_of_given = true;
    }
    if (status == RK_OK && options->cut != NULL) {
        status = read_day("cut", options->cut, options, &data->cut_kind, &ordinal, error);
        data->cut = ordinal;
    }
    return status;
}

/* Numbers the reps and customers of all files alike. */
static enum rk_status number_units(const struct rk_crm_files *files, struct kpi_data *data)
{
    for (int i = 0; i < RK_CRM_INPUTS; i++) {
        const struct rk_crm_file *file = &files->file[i];
        struct rk_dict *units = layouts[i].unit_is_rep ? data->reps : data->customers;
        const struct rk_column *unit =
            file->table == NULL ? NULL : column_of(file, layouts[i].unit, RK_TEXT);

        for (uint32_t code = 0; unit != NULL && code < rk_dict_size(unit->dict); code++) {
            const char *label = rk_dict_label(unit->dict, code);

            if (rk_dict_code(units, label, strlen(label)) == RK_NO_CODE)
                return RK_ENOMEM;
        }
    }
    return RK_OK;
}

static enum rk_status settle_span(struct kpi_data *data, struct rk_error *error)
{
    char first[32];

    if (data->first_day == INT64_MAX) /* no file, or none with a date */
        data->first_day = data->as_of_given ? data->as_of : 0;
    if (data->as_of == INT64_MIN)
        data->as_of = data->first_day;
    if (data->as_of >= data->first_day)
        return RK_OK;
    rk_time_format(RK_TIME_DAY, data->first_day, first);
    return rk_fail(error, RK_ENODATA, "--as-of %s is before the first row, of %s",
                   data->options->as_of, first);
}

enum rk_status kpi_data_read(const struct rk_crm_files *files, const struct rk_kpi_options *options,
                             struct kpi_data *data, struct rk_error *error)
{
    uint32_t *rep_group = NULL, *customer_group = NULL;
    enum rk_status status = read_totals(options, data, error);

    data->options = options;
    if (status == RK_OK)
        status = read_dates(options, data, error);
    data->groups = rk_dict_new();
    data->reps = rk_dict_new();
    data->customers = rk_dict_new();
    if (status == RK_OK &&
        (data->groups == NULL || data->reps == NULL || data->customers == NULL ||
         number_units(files, data) != RK_OK ||
         (options->by == NULL && rk_dict_code(data->groups, "", 0) == RK_NO_CODE)))
        status = rk_fail_memory(error);
    if (status == RK_OK && options->by != NULL) {
        const struct rk_crm_file *roster = &files->file[RK_CRM_ROSTER];
        const struct rk_crm_file *customers = &files->file[RK_CRM_CUSTOMERS];

        if ((roster->table != NULL && group_units(roster, data, data->reps, &rep_group) != RK_OK) ||
            (customers->table != NULL &&
             group_units(customers, data, data->customers, &customer_group) != RK_OK))
            status = rk_fail_memory(error);
    }
    for (int i = 0; i < RK_CRM_INPUTS && status == RK_OK; i++)
        if (files->file[i].table != NULL && i != RK_CRM_ROSTER)
            status = read_rows(&files->file[i], data, rep_group, customer_group, error);
    if (status == RK_OK)
        status = settle_span(data, error);
    data->n_groups = status == RK_OK ? rk_dict_size(data->groups) : 0;
    for (int i = 0; i < RK_CRM_INPUTS && status == RK_OK; i++) {
        data->rows[i].n_units = rk_dict_size(layouts[i].unit_is_rep ? data->reps : data->customers);
        if (data->rows[i].given && (kpi_check_rows(data, (enum rk_crm_input)i) != RK_OK ||
                                    sort_rows(data, &data->rows[i]) != RK_OK))
            status = rk_fail_memory(error);
    }
    free(rep_group);
    free(customer_group);
    return status;
}

void kpi_data_free(struct kpi_data *data)
{
    for (int i = 0; i < RK_CRM_INPUTS; i++) {
        free(data->rows[i].row);
        free(data->rows[i].start);
    }
    rk_dict_free(data->groups);
    rk_dict_free(data->reps);
    rk_dict_free(data->customers);
}
