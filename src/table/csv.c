/* The CSV reader: blocks of whole records (csv_blocks.c), their cells by libcsv, typed columns
 * (csv_cells.c). Blocks are parsed in order here; each needs nothing of the one before but the
 * number of its first row, so that threads may take them. */
#include "repkit/csv.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "csv_blocks.h"
#include "csv_cells.h"

/* --- wants -------------------------------------------------------------------------------- */

static enum rk_status add_want(struct rk_wants *wants, const char *name, enum rk_role role,
                               bool optional)
{
    struct rk_want *grown;
    char *copy;

    for (size_t i = 0; i < wants->n; i++)
        if (wants->want[i].role == role && strcmp(wants->want[i].name, name) == 0) {
            wants->want[i].optional = wants->want[i].optional && optional;
            return RK_OK;
        }
    grown = realloc(wants->want, (wants->n + 1) * sizeof *grown);
    copy = rk_strdup(name);
    if (grown != NULL)
        wants->want = grown;
    if (grown == NULL || copy == NULL) {
        free(copy);
        return RK_ENOMEM;
    }
    wants->want[wants->n++] = (struct rk_want){copy, role, optional};
    return RK_OK;
}

enum rk_status rk_wants_add(struct rk_wants *wants, const char *name, enum rk_role role)
{
    return add_want(wants, name, role, false);
}

enum rk_status rk_wants_maybe(struct rk_wants *wants, const char *name, enum rk_role role)
{
    return add_want(wants, name, role, true);
}

enum rk_status rk_wants_names(struct rk_wants *wants, const struct rk_names *names,
                              enum rk_role role)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < names->n; i++)
        status = rk_wants_add(wants, names->name[i], role);
    return status;
}

void rk_wants_free(struct rk_wants *wants)
{
    for (size_t i = 0; i < wants->n; i++)
        free(wants->want[i].name);
    free(wants->want);
    *wants = (struct rk_wants){0};
}

/* --- one reading -------------------------------------------------------------------------- */

struct reader {
    struct csv_blocks blocks;
    struct rk_csv_options options;
    struct rk_names header;
    struct csv_target *target; /* by file column */
    size_t n_targets;
    size_t *first_target; /* of each file column; one more at the end */
    struct rk_table *table;
    struct csv_parser parser;

    /* while a block is parsed */
    bool sniffing;
    size_t n_cells; /* of the row so far */
    size_t row_line;
    enum rk_status status;
    struct rk_error *error;
};

static int no_space(unsigned char c)
{
    (void)c;
    return 0; /* libcsv would trim unquoted cells; ours are kept to the byte */
}

static void on_header_cell(void *cell, size_t length, void *data)
{
    struct reader *reader = data;
    char *name = rk_strndup(cell == NULL ? "" : cell, length);

    if (name == NULL || rk_names_add(&reader->header, name) != RK_OK)
        reader->status = rk_fail_memory(reader->error);
    free(name);
}

/* Starts the row when its first cell comes. */
static void start_row(struct reader *reader)
{
    reader->row_line = rk_table_line(reader->table, reader->table->rows_read);
    if (!reader->sniffing && rk_table_add_row(reader->table) != RK_OK)
        reader->status = rk_fail_memory(reader->error);
}

static void on_cell(void *cell, size_t length, void *data)
{
    struct reader *reader = data;
    size_t column = reader->n_cells++;

    if (reader->status != RK_OK)
        return;
    if (column == 0)
        start_row(reader);
    if (column >= reader->header.n)
        return;
    for (size_t t = reader->first_target[column];
         reader->status == RK_OK && t < reader->first_target[column + 1]; t++) {
        if (reader->sniffing)
            csv_sniff(&reader->target[t], &reader->options, cell, length);
        else
            reader->status = csv_store(&reader->target[t], &reader->options, cell, length,
                                       reader->row_line, reader->table, reader->error);
        if (reader->status != RK_OK)
            rk_fail_at(reader->error, reader->blocks.name, reader->row_line,
                       reader->header.name[column]);
    }
}

static enum rk_status ragged_row(struct reader *reader)
{
    if (reader->options.any_length)
        return rk_table_mark_ragged(reader->table, reader->table->rows_read, reader->n_cells) ==
                       RK_OK
                   ? RK_OK
                   : rk_fail_memory(reader->error);
    rk_fail(reader->error, RK_EINPUT, "%zu cell%s where the header has %zu", reader->n_cells,
            reader->n_cells == 1 ? "" : "s", reader->header.n);
    return rk_fail_at(reader->error, reader->blocks.name, reader->row_line, NULL);
}

static void on_row(int end, void *data)
{
    struct reader *reader = data;

    (void)end;
    if (reader->status == RK_OK && reader->n_cells != reader->header.n && !reader->sniffing)
        reader->status = ragged_row(reader);
    reader->n_cells = 0;
    if (reader->status == RK_OK && !reader->sniffing)
        reader->table->rows_read++;
}

static enum rk_status parse_bytes(struct reader *reader, const char *bytes, size_t length,
                                  void (*cell)(void *, size_t, void *), void (*row)(int, void *))
{
    if (csv_parse(&reader->parser, bytes, length, cell, row, reader) != length ||
        csv_fini(&reader->parser, cell, row, reader) != 0)
        return rk_fail_memory(reader->error); /* its only other failure is strict mode's */
    return reader->status;
}

/* libcsv drops blank lines: where a file has one column, each is a missing value. */
static enum rk_status parse_single_column(struct reader *reader, const struct csv_block *block)
{
    size_t position = 0, line = block->first_line;
    struct csv_record record;
    enum rk_status status = RK_OK;

    while (status == RK_OK &&
           csv_walk(block, reader->blocks.delimiter, &position, &line, &record)) {
        if (record.length > 0) {
            status =
                parse_bytes(reader, block->bytes + record.start, record.length, on_cell, on_row);
        } else if (!reader->sniffing) {
            start_row(reader);
            reader->table->rows_read++;
            status = reader->status;
        }
    }
    return status;
}

static enum rk_status parse_block(struct reader *reader, const struct csv_block *block)
{
    return reader->header.n == 1
               ? parse_single_column(reader, block)
               : parse_bytes(reader, block->bytes, block->length, on_cell, on_row);
}

/* Marks the lines of the block's rows, before they are parsed. */
static enum rk_status mark_lines(struct reader *reader, const struct csv_block *block)
{
    size_t position = 0, line = block->first_line, row = reader->table->rows_read;
    struct csv_record record;

    while (csv_walk(block, reader->blocks.delimiter, &position, &line, &record)) {
        if (record.length == 0 && reader->header.n != 1)
            continue;
        if (rk_table_mark_line(reader->table, row++, record.line) != RK_OK)
            return rk_fail_memory(reader->error);
    }
    return RK_OK;
}

/* --- the header --------------------------------------------------------------------------- */

static enum rk_status check_header(const struct reader *reader)
{
    const struct rk_names *header = &reader->header;

    for (size_t j = 0; j < header->n && !reader->options.any_names; j++) {
        if (header->name[j][0] == '\0') {
            rk_fail(reader->error, RK_EINPUT, "column %zu has no name", j + 1);
            return rk_fail_at(reader->error, reader->blocks.name, 1, NULL);
        }
        for (size_t k = 0; k < j; k++)
            if (strcmp(header->name[j], header->name[k]) == 0) {
                rk_fail(reader->error, RK_EINPUT, "two columns are named '%s'", header->name[j]);
                return rk_fail_at(reader->error, reader->blocks.name, 1, NULL);
            }
    }
    return RK_OK;
}

static enum rk_status read_header(struct reader *reader)
{
    struct csv_block block;
    enum rk_status status = RK_OK;

    do { /* blank lines before the header are skipped */
        status = csv_next_record(&reader->blocks, &block, reader->error);
        if (status == RK_OK && block.length == 0) {
            rk_fail(reader->error, RK_EINPUT, "the input is empty: a header line was expected");
            return rk_fail_at(reader->error, reader->blocks.name, 0, NULL);
        }
        if (status == RK_OK)
            status = parse_bytes(reader, block.bytes, block.length, on_header_cell, NULL);
    } while (status == RK_OK && reader->header.n == 0);
    return status == RK_OK ? check_header(reader) : status;
}

static size_t file_column(const struct reader *reader, const char *name)
{
    for (size_t j = 0; j < reader->header.n; j++)
        if (strcmp(reader->header.name[j], name) == 0)
            return j;
    return SIZE_MAX;
}

enum rk_status rk_no_column(const char *name, const struct rk_names *columns,
                            struct rk_error *error)
{
    enum { MOST_SHOWN = 12 };
    const char *nearest = rk_nearest(name, (const char *const *)columns->name, columns->n);
    struct rk_text list = {0};

    if (nearest != NULL)
        return rk_fail(error, RK_EINPUT, "no column '%s'; did you mean '%s'?", name, nearest);
    for (size_t i = 0; i < columns->n && i < MOST_SHOWN; i++)
        rk_text_format(&list, "%s%s", i > 0 ? ", " : "", columns->name[i]);
    if (columns->n > MOST_SHOWN)
        rk_text_format(&list, " and %zu more", columns->n - MOST_SHOWN);
    rk_fail(error, RK_EINPUT, "no column '%s' among %s", name, list.failed ? "" : list.bytes);
    rk_text_free(&list);
    return RK_EINPUT;
}

static enum rk_status check_wants(const struct reader *reader, const struct rk_wants *wants)
{
    for (size_t i = 0; i < wants->n; i++)
        if (!wants->want[i].optional && file_column(reader, wants->want[i].name) == SIZE_MAX) {
            rk_no_column(wants->want[i].name, &reader->header, reader->error);
            return rk_fail_at(reader->error, reader->blocks.name, 0, NULL);
        }
    return RK_OK;
}

/* Targets by file column, so that a cell finds its own at once. A column wanted by name is not
 * kept once more by `all`. */
static enum rk_status make_targets(struct reader *reader, const struct rk_wants *wants)
{
    size_t n = 0;

    reader->target = calloc(reader->header.n + wants->n, sizeof *reader->target);
    reader->first_target = calloc(reader->header.n + 1, sizeof *reader->first_target);
    if (reader->target == NULL || reader->first_target == NULL)
        return rk_fail_memory(reader->error);
    for (size_t j = 0; j < reader->header.n; j++) {
        reader->first_target[j] = n;
        for (size_t i = 0; i < wants->n; i++)
            if (strcmp(wants->want[i].name, reader->header.name[j]) == 0)
                reader->target[n++] = (struct csv_target){.file_column = j,
                                                          .role = wants->want[i].role,
                                                          .date_order = reader->options.date_order};
        if (wants->all && n == reader->first_target[j])
            reader->target[n++] = (struct csv_target){.file_column = j,
                                                      .role = wants->all_role,
                                                      .date_order = reader->options.date_order};
    }
    reader->first_target[reader->header.n] = reader->n_targets = n;
    return RK_OK;
}

static enum rk_status decide_targets(struct reader *reader)
{
    enum rk_status status = RK_OK;

    for (size_t t = 0; status == RK_OK && t < reader->n_targets; t++)
        status = csv_decide(&reader->target[t], reader->header.name[reader->target[t].file_column],
                            reader->table, reader->error);
    return status;
}

/* --- all of it ---------------------------------------------------------------------------- */

static enum rk_status read_rows(struct reader *reader)
{
    struct csv_block block;
    enum rk_status status = csv_next_block(&reader->blocks, &block, reader->error);

    if (status != RK_OK)
        return status;
    reader->sniffing = true;
    status = parse_block(reader, &block);
    reader->sniffing = false;
    if (status == RK_OK)
        status = decide_targets(reader);
    while (status == RK_OK && block.length > 0) {
        status = mark_lines(reader, &block);
        if (status == RK_OK)
            status = parse_block(reader, &block);
        if (status == RK_OK)
            status = csv_next_block(&reader->blocks, &block, reader->error);
    }
    if (status == RK_OK && reader->table->rows_read == 0 && !reader->options.header_only_ok) {
        rk_fail(reader->error, RK_EINPUT, "no rows: there is only a header");
        status = rk_fail_at(reader->error, reader->blocks.name, 0, NULL);
    }
    return status;
}

static enum rk_status read_table(struct reader *reader, const struct rk_wants *wants)
{
    enum rk_status status;

    if (csv_init(&reader->parser, 0) != 0)
        return rk_fail_memory(reader->error);
    if (reader->options.delimiter == '\0')
        reader->options.delimiter = csv_guess_delimiter(&reader->blocks);
    reader->blocks.delimiter = reader->options.delimiter;
    csv_set_delim(&reader->parser, (unsigned char)reader->options.delimiter);
    csv_set_space_func(&reader->parser, no_space);
    csv_set_blk_size(&reader->parser, 1 << 16);
    status = read_header(reader);
    if (status == RK_OK && wants->choose != NULL) {
        status = wants->choose(wants->choose_data, &reader->header, reader->error);
        if (status != RK_OK)
            rk_fail_at(reader->error, reader->blocks.name, 0, NULL);
    }
    if (status == RK_OK)
        status = check_wants(reader, wants);
    if (status == RK_OK)
        status = make_targets(reader, wants);
    if (status == RK_OK)
        status = read_rows(reader);
    csv_free(&reader->parser);
    return status;
}

enum rk_status csv_read_opened(struct csv_blocks *blocks, const struct rk_wants *wants,
                               const struct rk_csv_options *options, struct rk_table **table,
                               struct rk_error *error)
{
    struct reader reader = {.blocks = *blocks, .options = *options, .error = error};
    enum rk_status status;

    reader.table = rk_table_new(reader.blocks.name);
    status = reader.table == NULL ? rk_fail_memory(error) : read_table(&reader, wants);
    if (status == RK_OK) {
        reader.table->digest = csv_blocks_digest(&reader.blocks);
        reader.table->delimiter = reader.options.delimiter;
        *table = reader.table;
    } else {
        rk_table_free(reader.table);
    }
    *blocks = reader.blocks;
    rk_names_free(&reader.header);
    free(reader.target);
    free(reader.first_target);
    return status;
}

enum rk_status rk_csv_read(const char *path, const struct rk_wants *wants,
                           const struct rk_csv_options *options, const struct rk_ctx *ctx,
                           struct rk_table **table, struct rk_error *error)
{
    struct csv_blocks blocks;
    enum rk_status status = csv_blocks_open(&blocks, path, ctx, error);

    if (status == RK_OK)
        status = csv_read_opened(&blocks, wants, options, table, error);
    csv_blocks_close(&blocks);
    return status;
}
