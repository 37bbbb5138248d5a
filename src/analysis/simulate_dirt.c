/* rep-simulate crm --dirty: faults in known places. Only such as can be found without guessing: a
 * cell that is no number among numbers, a date that there is not, a label that is written in
 * another way than hundreds of others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "simulate_crm.h"

/* --- what a cell becomes ------------------------------------------------------------------- */

/* Writes what becomes of a cell. */
typedef void spoil_fn(const char *clean, struct rk_rng *rng, struct rk_text *out);

static void one_of(const char *const *words, size_t n, struct rk_rng *rng, struct rk_text *out)
{
    rk_text_add(out, words[rk_rng_below(rng, n)]);
}

static void spoil_missing(const char *clean, struct rk_rng *rng, struct rk_text *out)
{
    static const char *const words[] = {"", "N/A", "NULL", "-", "#N/A"};

    (void)clean;
    one_of(words, sizeof words / sizeof *words, rng, out);
}

static void spoil_number(const char *clean, struct rk_rng *rng, struct rk_text *out)
{
    static const char *const words[] = {"tbd", "12k", "see notes", "?"};

    (void)clean;
    one_of(words, sizeof words / sizeof *words, rng, out);
}

static void spoil_decimal(const char *clean, struct rk_rng *rng, struct rk_text *out)
{
    (void)rng;
    rk_text_format(out, "%s,5", clean);
}

/* No groups of three: beside a decimal comma somewhere else they would leave doubt. */
static void spoil_currency(const char *clean, struct rk_rng *rng, struct rk_text *out)
{
    bool before = rk_rng_below(rng, 2) == 0;

    rk_text_format(out, "%s%s%s", before ? "$" : "", clean, before ? "" : " $");
}

static void spoil_outlier(const char *clean, struct rk_rng *rng, struct rk_text *out)
{
    (void)rng;
    rk_text_format(out, "%s00", clean);
}

/* A date that there is not; or, where the day cannot be a month, the day first. */
static void spoil_date(const char *clean, struct rk_rng *rng, struct rk_text *out)
{
    bool day_is_plain = strcmp(clean + 8, "12") > 0;

    if (day_is_plain && rk_rng_below(rng, 2) == 0)
        rk_text_format(out, "%.2s/%.2s/%.4s", clean + 8, clean + 5, clean);
    else if (rk_rng_below(rng, 2) == 0)
        rk_text_format(out, "%.4s-02-30", clean);
    else
        rk_text_format(out, "%.4s-13-%s", clean, clean + 8);
}

/* Other case, or in longer labels two letters that changed places. */
static void spoil_label(const char *clean, struct rk_rng *rng, struct rk_text *out)
{
    size_t n = strlen(clean);
    uint64_t way = rk_rng_below(rng, n >= 7 ? 3 : 2);

    for (size_t i = 0; i < n; i++) {
        char c = clean[way == 2 && (i == 2 || i == 3) ? 5 - i : i];

        if (way == 0 && c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        if (way == 1 && c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        rk_text_add_char(out, c);
    }
}

static void spoil_unknown(const char *clean, struct rk_rng *rng, struct rk_text *out)
{
    (void)clean;
    (void)rng;
    rk_text_add(out, "Nobody");
}

static void spoil_space(const char *clean, struct rk_rng *rng, struct rk_text *out)
{
    static const char *const spaces[] = {" ", "  ", "\302\240"};
    const char *space = spaces[rk_rng_below(rng, 3)];
    bool before = rk_rng_below(rng, 2) == 0;

    rk_text_format(out, "%s%s%s", before ? space : "", clean, before ? "" : space);
}

/* --- where --------------------------------------------------------------------------------- */

/* Each is put into one row in PER_FAULT, once at least, in the order in which they stand here, as
 * long as no more than one row in ROWS_PER_FAULT is touched. A row has one fault at most. A file's
 * column of labels has one kind of fault, so that it is clear which. */
enum { PER_FAULT = 1000, ROWS_PER_FAULT = 20 };
static const struct fault {
    const char *file, *column, *kind;
    spoil_fn *spoil; /* NULL: the row comes twice */
} faults[] = {
    {"activities", "date", "date", spoil_date},
    {"activities", "type", "label-variant", spoil_label},
    {"activities", "rep", "whitespace", spoil_space},
    {"activities", "date", "missing", spoil_missing},
    {"activities", "activity_id", "duplicate", NULL},
    {"deals", "amount", "currency", spoil_currency},
    {"deals", "amount", "bad-number", spoil_number},
    {"deals", "amount", "outlier", spoil_outlier},
    {"deals", "amount", "missing", spoil_missing},
    {"deals", "amount", "decimal-comma", spoil_decimal},
    {"deals", "open_date", "date", spoil_date},
    {"deals", "stage", "label-variant", spoil_label},
    {"deals", "rep", "unknown-label", spoil_unknown},
    {"deals", "customer", "whitespace", spoil_space},
    {"deals", "deal_id", "duplicate", NULL},
    {"roster", "team", "whitespace", spoil_space},
    {"spend", "amount", "currency", spoil_currency},
    {"spend", "channel", "label-variant", spoil_label},
    {"leads", "source", "label-variant", spoil_label},
    {"leads", "converted", "bad-number", spoil_number},
    {"leads", "date", "date", spoil_date},
    {"leads", "lead_id", "duplicate", NULL},
    {"scores", "score", "outlier", spoil_outlier},
    {"scores", "score", "bad-number", spoil_number},
    {"scores", "score", "missing", spoil_missing},
    {"scores", "customer", "whitespace", spoil_space},
    {"scores", "date", "date", spoil_date},
};
enum { N_FAULTS = sizeof faults / sizeof *faults, NO_FAULT = -1 };

/* One column loses its name. */
static const char header_file[] = "leads", header_column[] = "rep";

enum { FILE_NAME, LINE, COLUMN, VALUE, KIND };

size_t crm_declare_dirt(struct rk_result *result)
{
    static const struct rk_field fields[] = {
        [FILE_NAME] = {"file", RK_TEXT, RK_DATA}, [LINE] = {"line", RK_NUMBER, RK_DATA},
        [COLUMN] = {"column", RK_TEXT, RK_DATA},  [VALUE] = {"value", RK_TEXT, RK_DATA},
        [KIND] = {"kind", RK_TEXT, RK_DATA},
    };

    return rk_result_declare(result, "dirt", fields, sizeof fields / sizeof *fields);
}

static void list_fault(struct rk_result *result, const char *file, size_t line, const char *column,
                       const char *value, const char *kind)
{
    size_t dirt = crm_declare_dirt(result);
    struct rk_text name = {0};

    rk_text_format(&name, "%s.csv", file);
    rk_result_row(result, dirt);
    rk_put_text(result, dirt, FILE_NAME, name.failed ? NULL : name.bytes);
    rk_put(result, dirt, LINE, (double)line);
    rk_put_text(result, dirt, COLUMN, column);
    rk_put_text(result, dirt, VALUE, value == NULL || *value == '\0' ? NULL : value);
    rk_put_text(result, dirt, KIND, kind);
    if (name.failed)
        result->status = RK_ENOMEM;
    rk_text_free(&name);
}

/* Draws the row of each fault: fault[row] is its index in `faults`, or NO_FAULT. */
static void draw_faults(const struct rk_table *table, uint64_t seed, int *fault)
{
    size_t n_left = table->n_rows / ROWS_PER_FAULT;

    for (size_t row = 0; row < table->n_rows; row++)
        fault[row] = NO_FAULT;
    for (int f = 0; f < N_FAULTS && n_left > 0; f++) {
        size_t n = (table->n_rows + PER_FAULT / 2) / PER_FAULT, column;
        struct rk_rng rng;

        if (strcmp(faults[f].file, table->name) != 0)
            continue;
        column = rk_table_find(table, faults[f].column);
        rk_rng_stream(&rng, seed, "simulate faults", faults[f].file, (uint64_t)f);
        /* Some cells are taken, or empty anyway: try again, but not for ever. */
        for (size_t i = 0, tries = 0; i < (n == 0 ? 1 : n) && n_left > 0 && tries < 1000; tries++) {
            size_t row = rk_rng_below(&rng, table->n_rows);

            if (fault[row] != NO_FAULT || rk_table_is_missing(table, row, column))
                continue;
            fault[row] = f;
            tries = 0;
            n_left--;
            i++;
        }
    }
}

/* --- the table again, as text -------------------------------------------------------------- */

struct copy {
    const struct rk_table *from;
    struct rk_table *to;
    struct rk_rng rng;
    struct rk_text cell, spoilt;
    struct rk_result *result;
};

static enum rk_status copy_row(struct copy *copy, size_t row, int fault)
{
    size_t at = copy->to->n_rows, spoil_at = SIZE_MAX;
    enum rk_status status = rk_table_add_row(copy->to);

    if (fault != NO_FAULT)
        spoil_at = rk_table_find(copy->from, faults[fault].column);
    for (size_t j = 0; status == RK_OK && j < copy->from->n_columns; j++) {
        const char *text;

        rk_text_clear(&copy->cell);
        rk_text_clear(&copy->spoilt);
        rk_text_add(&copy->spoilt, "");
        text = rk_table_cell(copy->from, row, j, &copy->cell) ? copy->cell.bytes : NULL;
        if (j == spoil_at && text != NULL && !copy->cell.failed) {
            if (faults[fault].spoil != NULL)
                faults[fault].spoil(text, &copy->rng, &copy->spoilt);
            else
                rk_text_add(&copy->spoilt, text);
            text = copy->spoilt.bytes;
        }
        if (copy->cell.failed || copy->spoilt.failed)
            return RK_ENOMEM;
        if (j == spoil_at) /* the header is line 1 */
            list_fault(copy->result, copy->from->name, at + 2, copy->from->column[j].name, text,
                       faults[fault].kind);
        status = rk_table_set_text(copy->to, at, j, text == NULL || *text == '\0' ? NULL : text);
    }
    return status;
}

static enum rk_status copy_columns(struct copy *copy)
{
    const struct rk_table *from = copy->from;
    enum rk_status status = RK_OK;

    for (size_t j = 0; status == RK_OK && j < from->n_columns; j++) {
        const char *name = from->column[j].name;
        char number[32];

        if (strcmp(from->name, header_file) == 0 && strcmp(name, header_column) == 0) {
            snprintf(number, sizeof number, "column_%zu", j + 1);
            list_fault(copy->result, from->name, 1, number, "", "header");
            name = "";
        }
        status = rk_table_add_column(copy->to, name, RK_TEXT, RK_DATA);
    }
    return status;
}

/* All rows, those with the fault of coming twice twice: the second is the fault. */
static enum rk_status copy_rows(struct copy *copy, const int *fault)
{
    enum rk_status status = rk_table_reserve(copy->to, copy->from->n_rows);

    for (size_t row = 0; status == RK_OK && row < copy->from->n_rows; row++) {
        bool twice = fault[row] != NO_FAULT && faults[fault[row]].spoil == NULL;

        status = copy_row(copy, row, twice ? NO_FAULT : fault[row]);
        if (status == RK_OK && twice)
            status = copy_row(copy, row, fault[row]);
    }
    return status;
}

/* Puts a copy with faults in the table's place. */
static enum rk_status soil(struct rk_table **table, uint64_t seed, struct rk_result *result)
{
    struct copy copy = {.from = *table, .to = rk_table_new((*table)->name), .result = result};
    int *fault = malloc((copy.from->n_rows + 1) * sizeof *fault);
    enum rk_status status = copy.to == NULL || fault == NULL ? RK_ENOMEM : RK_OK;

    rk_rng_stream(&copy.rng, seed, "simulate spoilt cells", copy.from->name, 0);
    if (status == RK_OK) {
        draw_faults(copy.from, seed, fault);
        status = copy_columns(&copy);
    }
    if (status == RK_OK)
        status = copy_rows(&copy, fault);
    if (status == RK_OK) {
        rk_table_free(*table);
        *table = copy.to;
    } else {
        rk_table_free(copy.to);
    }
    rk_text_free(&copy.cell);
    rk_text_free(&copy.spoilt);
    free(fault);
    return status;
}

enum rk_status crm_put_dirt(uint64_t seed, struct rk_result *result)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < result->n_tables; i++)
        for (size_t f = 0; f < N_FAULTS; f++)
            if (strcmp(result->table[i]->name, faults[f].file) == 0) {
                status = soil(&result->table[i], seed, result);
                break;
            }
    return status == RK_OK ? result->status : status;
}
