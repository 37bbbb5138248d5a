/* The CSV reader: blocks of whole records (csv_blocks.c), parsed on as many threads as there are
 * (csv_rows.c), their rows appended in the order of the blocks. */
#include "repkit/csv.h"

#include <stdlib.h>
#include <string.h>

#include "csv_each.h"
#include "csv_header.h"
#include "repkit/parallel.h"

struct reader {
    struct csv_blocks *blocks;
    struct rk_csv_options options;
    const struct rk_ctx *ctx;
    struct csv_header header;
    struct csv_layout layout;
    struct csv_memory *memory; /* of each target, over all blocks taken */
    struct rk_table *table;
    struct csv_each each; /* where each.work is given, rows go there and not into the table */

    struct csv_rows *rows; /* one a slot */
    size_t n_slots;
    bool first_ended; /* the first block, read for the header, is also the last */
    size_t n_read;
    size_t n_lines; /* in the blocks taken */
    uint32_t *code; /* a block's codes as the table's */
    size_t n_codes;
    struct rk_error *error;
    struct rk_error read_error; /* of reading ahead, which goes on beside the rest */
};

static enum rk_status fail_at(struct reader *reader, size_t line, const char *column)
{
    return rk_fail_at(reader->error, reader->blocks->source.name, line, column);
}

/* --- targets ------------------------------------------------------------------------------ */

static int by_file_column(const void *a, const void *b)
{
    const struct csv_target *x = a, *y = b;

    if (x->file_column != y->file_column)
        return x->file_column < y->file_column ? -1 : 1;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* Where the targets of each file column begin. */
static void index_targets(struct csv_layout *layout)
{
    size_t t = 0;

    for (size_t j = 0; j <= layout->n_columns; j++) {
        while (t < layout->n_targets && layout->target[t].file_column < j)
            t++;
        layout->first_target[j] = t;
    }
}

/* Targets by file column, so that a cell finds its own at once. A column wanted by name is not
 * kept once more by `all`. */
static enum rk_status make_targets(struct reader *reader, const struct rk_wants *wants)
{
    struct csv_layout *layout = &reader->layout;
    size_t n_columns = reader->header.names.n, n = 0;
    bool *named = calloc(n_columns + 1, sizeof *named);

    layout->options = &reader->options;
    layout->n_columns = n_columns;
    layout->target = calloc(n_columns + wants->n + 1, sizeof *layout->target);
    layout->first_target = calloc(n_columns + 1, sizeof *layout->first_target);
    if (named == NULL || layout->target == NULL || layout->first_target == NULL) {
        free(named);
        return rk_fail_memory(reader->error);
    }
    for (size_t i = 0; i < wants->n; i++) {
        size_t j = csv_header_find(&reader->header, wants->want[i].name);

        if (j == SIZE_MAX && !wants->want[i].optional) {
            free(named);
            if (rk_no_column(wants->want[i].name, &reader->header.names, reader->error) ==
                RK_ENOMEM)
                return RK_ENOMEM;
            if (rk_names_has(&wants->compared, wants->want[i].name))
                rk_no_column_but_text(wants->want[i].name, reader->error);
            return fail_at(reader, 0, NULL);
        }
        if (j == SIZE_MAX)
            continue;
        named[j] = true;
        layout->target[n] = (struct csv_target){.file_column = j,
                                                .order = n,
                                                .role = wants->want[i].role,
                                                .asked = wants->want[i].role == RK_AS_FOUND &&
                                                         !wants->want[i].aside};
        n++;
    }
    for (size_t j = 0; wants->all && j < n_columns; j++)
        if (!named[j]) {
            layout->target[n] = (struct csv_target){.file_column = j,
                                                    .order = n,
                                                    .role = wants->all_role,
                                                    .only_numbers = wants->numbers};
            n++;
        }
    free(named);
    layout->n_targets = n;
    qsort(layout->target, n, sizeof *layout->target, by_file_column);
    index_targets(layout);
    return RK_OK;
}

/* What a column of text that is mostly numbers looked like. */
static enum rk_status note_mixed(struct reader *reader, const struct csv_target *target)
{
    struct rk_text text = {0};
    enum rk_status status = RK_ENOMEM;

    rk_text_format(
        &text,
        "column '%s' is taken as text: %zu of %s%zu cells are numbers, '%s' (line %zu) is not",
        reader->header.names.name[target->file_column], target->n_numbers,
        reader->first_ended ? "" : "the first ", target->n_seen, target->other.text,
        reader->n_lines + target->other.line);
    if (!text.failed)
        status = rk_names_add(&reader->table->mixed, text.bytes);
    rk_text_free(&text);
    return status;
}

/* Decides what the columns are, and adds them to the table. */
static enum rk_status decide_targets(struct reader *reader)
{
    struct csv_layout *layout = &reader->layout;
    size_t n = 0;
    bool undecided = false;

    for (size_t t = 0; t < layout->n_targets; t++)
        undecided = undecided || csv_is_open(&layout->target[t]);
    if (undecided)
        csv_rows_sniff(&reader->rows[0], layout);
    if (undecided && reader->rows[0].status == RK_ENOMEM)
        return rk_fail_memory(reader->error);
    for (size_t t = 0; t < layout->n_targets; t++) {
        struct csv_target target = layout->target[t];

        if (!csv_decide(&target))
            continue;
        target.table_column = reader->table->n_columns;
        if (rk_table_add_column(reader->table, reader->header.names.name[target.file_column],
                                csv_type(&target), RK_GENERAL) != RK_OK)
            return rk_fail_memory(reader->error);
        if (csv_is_mixed(&target) && note_mixed(reader, &target) != RK_OK)
            return rk_fail_memory(reader->error);
        layout->target[n++] = target;
    }
    layout->n_targets = n;
    index_targets(layout);
    reader->memory = calloc(n + 1, sizeof *reader->memory);
    return reader->memory == NULL ? rk_fail_memory(reader->error) : RK_OK;
}

/* --- appending ---------------------------------------------------------------------------- */

static enum rk_status append_texts(struct reader *reader, const struct csv_cells *cells,
                                   size_t n_rows, struct rk_column *column)
{
    size_t n = rk_dict_size(cells->dict);
    uint32_t *to;

    if (n_rows == 0) /* there may be no column yet to point into */
        return RK_OK;
    to = column->code + reader->table->n_rows;
    if (n > reader->n_codes) {
        free(reader->code);
        reader->code = malloc(n * sizeof *reader->code);
        reader->n_codes = reader->code == NULL ? 0 : n;
        if (reader->code == NULL)
            return RK_ENOMEM;
    }
    if (rk_dict_join(column->dict, cells->dict, reader->code) != RK_OK)
        return RK_ENOMEM;
    for (size_t i = 0; i < n_rows; i++)
        to[i] = cells->code[i] == RK_NO_CODE ? RK_NO_CODE : reader->code[cells->code[i]];
    return RK_OK;
}

static enum rk_status append_rows(struct reader *reader, const struct csv_rows *rows)
{
    struct rk_table *table = reader->table;
    enum rk_status status = rk_table_reserve(table, table->n_rows + rows->n_rows);

    for (size_t t = 0; status == RK_OK && t < rows->n_targets; t++) {
        struct rk_column *column = &table->column[reader->layout.target[t].table_column];

        if (column->type == RK_TEXT)
            status = append_texts(reader, &rows->cells[t], rows->n_rows, column);
        else if (rows->n_rows > 0)
            memcpy(column->number + table->n_rows, rows->cells[t].number,
                   rows->n_rows * sizeof *column->number);
    }
    for (size_t k = 0; status == RK_OK && k < rows->n_line_marks; k++)
        status = rk_table_mark_line(table, table->n_rows + rows->line_mark[k].row,
                                    reader->n_lines + rows->line_mark[k].line);
    for (size_t k = 0; status == RK_OK && k < rows->n_ragged; k++)
        status = rk_table_mark_ragged(table, table->n_rows + rows->ragged[k].row,
                                      rows->ragged[k].n_cells);
    if (status != RK_OK)
        return rk_fail_memory(reader->error);
    table->n_rows += rows->n_rows;
    return RK_OK;
}

/* The first fault of the block: one that its parser has found, or cells that do not go with those
 * before. */
static enum rk_status first_fault(struct reader *reader, const struct csv_rows *rows)
{
    size_t line = rows->status == RK_OK ? SIZE_MAX : rows->error.line;
    size_t place = rows->error_column; /* in the line; 0 for a fault of the row */
    const char *name = NULL;
    struct rk_error found;

    if (rows->status != RK_OK) {
        *reader->error = rows->error;
        name = place > 0 ? reader->header.names.name[place - 1] : NULL;
    }
    for (size_t t = 0; t < rows->n_targets; t++) {
        size_t at =
            csv_conflict(&reader->memory[t], &rows->cells[t].memory, reader->n_lines, &found);
        size_t column = reader->layout.target[t].file_column;

        if (at == 0 || at > line || (at == line && place <= column))
            continue;
        *reader->error = found;
        line = at;
        place = column + 1;
        name = reader->header.names.name[column];
    }
    if (line == SIZE_MAX)
        return RK_OK;
    return fail_at(reader, line > 0 ? reader->n_lines + line : 0, name);
}

/* --- the stream of blocks ------------------------------------------------------------------- */

static enum rk_status read_block(void *data, size_t slot, bool *end)
{
    struct reader *reader = data;
    struct csv_rows *rows = &reader->rows[slot];

    if (reader->n_read++ == 0) { /* it is there already */
        *end = reader->first_ended;
        return RK_OK;
    }
    rows->start = 0;
    rows->start_line = 1;
    return csv_blocks_next(reader->blocks, &rows->block, end, &reader->read_error);
}

static void parse_block(void *data, size_t slot)
{
    struct reader *reader = data;

    csv_rows_parse(&reader->rows[slot], &reader->layout);
    if (reader->each.work != NULL)
        csv_each_make(&reader->each, slot, &reader->rows[slot]);
}

static enum rk_status take_block(void *data, size_t slot)
{
    struct reader *reader = data;
    struct csv_rows *rows = &reader->rows[slot];
    enum rk_status status = first_fault(reader, rows);

    for (size_t t = 0; status == RK_OK && t < rows->n_targets; t++)
        csv_remember(&reader->memory[t], &rows->cells[t].memory, reader->n_lines);
    if (status == RK_OK)
        status = reader->each.work != NULL
                     ? csv_each_take(&reader->each, slot, rows, reader->n_lines, reader->error)
                     : append_rows(reader, rows);
    if (status == RK_OK) {
        reader->table->rows_read += rows->n_rows;
        reader->n_lines += rows->n_lines;
    }
    reader->n_lines += rows->block.n_lost_lines;
    return status;
}

/* --- all of it ---------------------------------------------------------------------------- */

static enum rk_status finish_table(struct reader *reader)
{
    struct rk_table *table = reader->table;
    const struct rk_error *failure = &reader->blocks->source.failure;
    enum rk_status status = RK_OK;

    if (failure->status != RK_OK) {
        *reader->error = *failure;
        return fail_at(reader, reader->blocks->source.failed_behind ? reader->n_lines + 1 : 0,
                       NULL);
    }
    if (table->rows_read == 0 && !reader->options.header_only_ok) {
        rk_fail(reader->error, RK_EINPUT, "no rows: there is only a header");
        return fail_at(reader, 0, NULL);
    }
    for (size_t t = 0; status == RK_OK && t < reader->layout.n_targets; t++) {
        struct rk_column *column = &table->column[reader->layout.target[t].table_column];

        table->n_bad += reader->memory[t].n_bad;
        if (column->type == RK_TIME)
            status = csv_finish_times(&reader->memory[t], &reader->options, table->n_rows, column,
                                      reader->error);
        if (status != RK_OK)
            fail_at(reader, 0, column->name);
    }
    table->delimiter = reader->options.delimiter;
    table->digest = csv_blocks_digest(reader->blocks);
    table->n_bytes = reader->blocks->source.n_raw;
    if (status == RK_OK && reader->each.work != NULL)
        status = csv_each_finish(&reader->each, reader->memory, reader->error);
    return status;
}

static enum rk_status read_rows(struct reader *reader)
{
    const struct rk_stream stream = {.data = reader,
                                     .n_slots = reader->n_slots,
                                     .read = read_block,
                                     .work = parse_block,
                                     .take = take_block};
    enum rk_status status;

    reader->error->status = RK_OK;
    status = rk_parallel_stream(reader->ctx, &stream);
    if (status != RK_OK && reader->error->status == RK_OK) {
        if (reader->read_error.status != status)
            rk_fail(&reader->read_error, status, "%s", rk_status_words(status));
        *reader->error = reader->read_error;
    }
    return status == RK_OK ? finish_table(reader) : status;
}

/* The header may fill the first block alone, where a long record follows: what the columns are is
 * told by the next. */
static enum rk_status first_rows(struct reader *reader)
{
    struct csv_rows *rows = &reader->rows[0];

    if (reader->first_ended || rows->start < rows->block.length)
        return RK_OK;
    reader->n_lines = rows->start_line - 1;
    rows->start = 0;
    rows->start_line = 1;
    return csv_blocks_next(reader->blocks, &rows->block, &reader->first_ended, reader->error);
}

static enum rk_status read_table(struct reader *reader, const struct rk_wants *wants)
{
    enum rk_status status;

    if (reader->options.delimiter == '\0')
        reader->options.delimiter = csv_guess_delimiter(reader->blocks);
    reader->blocks->delimiter = reader->options.delimiter;
    status = csv_blocks_next(reader->blocks, &reader->rows[0].block, &reader->first_ended,
                             reader->error);
    if (status == RK_OK)
        status = csv_header_read(&reader->header, reader->blocks, &reader->rows[0],
                                 &reader->options, reader->error);
    if (status == RK_OK && wants->choose != NULL) {
        status = wants->choose(wants->choose_data, &reader->header.names, reader->error);
        if (status != RK_OK)
            fail_at(reader, 0, NULL);
    }
    if (status == RK_OK)
        status = first_rows(reader);
    if (status == RK_OK)
        status = make_targets(reader, wants);
    if (status == RK_OK)
        status = decide_targets(reader);
    return status == RK_OK ? read_rows(reader) : status;
}

static void free_reader(struct reader *reader)
{
    for (size_t i = 0; reader->rows != NULL && i < reader->n_slots; i++)
        csv_rows_free(&reader->rows[i]);
    free(reader->rows);
    csv_each_free(&reader->each);
    free(reader->memory);
    free(reader->code);
    free(reader->layout.target);
    free(reader->layout.first_target);
    csv_header_free(&reader->header);
}

static enum rk_status read_opened(struct csv_blocks *blocks, const struct rk_wants *wants,
                                  const struct rk_csv_options *options, const struct rk_ctx *ctx,
                                  const struct rk_row_work *work, struct rk_table **table,
                                  struct rk_error *error)
{
    enum { MOST_SLOTS = 16 };
    struct rk_error ignored = {0};
    struct reader reader = {.blocks = blocks,
                            .options = *options,
                            .ctx = ctx,
                            .n_slots = ctx == NULL || ctx->threads < 2 ? 1
                                       : ctx->threads < MOST_SLOTS     ? ctx->threads + 1
                                                                       : MOST_SLOTS,
                            .error = error == NULL ? &ignored : error};
    enum rk_status status = RK_OK;

    reader.rows = calloc(reader.n_slots, sizeof *reader.rows);
    reader.table = rk_table_new(blocks->source.name);
    reader.each = (struct csv_each){.work = work, .layout = &reader.layout, .like = reader.table};
    if (work != NULL)
        status = csv_each_start(&reader.each, reader.n_slots);
    status = status != RK_OK || reader.table == NULL || reader.rows == NULL
                 ? rk_fail_memory(reader.error)
                 : read_table(&reader, wants);
    if (status == RK_OK)
        *table = reader.table;
    else
        rk_table_free(reader.table);
    free_reader(&reader);
    return status;
}

enum rk_status csv_read_opened(struct csv_blocks *blocks, const struct rk_wants *wants,
                               const struct rk_csv_options *options, const struct rk_ctx *ctx,
                               struct rk_table **table, struct rk_error *error)
{
    return read_opened(blocks, wants, options, ctx, NULL, table, error);
}

static enum rk_status read_path(const char *path, const struct rk_wants *wants,
                                const struct rk_csv_options *options, const struct rk_ctx *ctx,
                                const struct rk_row_work *work, struct rk_table **table,
                                struct rk_error *error)
{
    struct csv_blocks blocks;
    enum rk_status status = csv_blocks_open(&blocks, path, options, ctx, error);

    if (status == RK_OK)
        status = read_opened(&blocks, wants, options, ctx, work, table, error);
    csv_blocks_close(&blocks);
    return status;
}

enum rk_status rk_csv_read(const char *path, const struct rk_wants *wants,
                           const struct rk_csv_options *options, const struct rk_ctx *ctx,
                           struct rk_table **table, struct rk_error *error)
{
    return read_path(path, wants, options, ctx, NULL, table, error);
}

enum rk_status rk_csv_each(const char *path, const struct rk_wants *wants,
                           const struct rk_csv_options *options, const struct rk_ctx *ctx,
                           const struct rk_row_work *work, struct rk_table **about,
                           struct rk_error *error)
{
    return read_path(path, wants, options, ctx, work, about, error);
}
