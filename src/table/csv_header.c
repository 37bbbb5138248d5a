#include "csv_header.h"

#include <stdlib.h>
#include <string.h>

#include "csv_marks.h"

struct header_reader {
    struct csv_header *header;
    const struct csv_blocks *blocks;
    const struct rk_csv_options *options;
    struct rk_error *error;
};

static enum rk_status fail_at(struct header_reader *reader, size_t line, const char *column)
{
    return rk_fail_at(reader->error, reader->blocks->source.name, line, column);
}

static void on_header_cell(void *cell, size_t length, void *data)
{
    struct header_reader *reader = data;
    char *name = rk_strndup(cell == NULL ? "" : cell, length);

    if (name == NULL || rk_names_add(&reader->header->names, name) != RK_OK)
        rk_fail_memory(reader->error);
    free(name);
}

static enum rk_status check_name(struct header_reader *reader, size_t column, size_t line)
{
    const char *name = reader->header->names.name[column];
    size_t length = strlen(name), n_before = rk_dict_size(reader->header->index);
    uint32_t code;

    if (name[0] == '\0' && !reader->options->any_names) {
        rk_fail(reader->error, RK_EINPUT, "column %zu has no name", column + 1);
        return fail_at(reader, line, NULL);
    }
    code = rk_dict_code(reader->header->index, name, length);
    if (code == RK_NO_CODE)
        return rk_fail_memory(reader->error);
    if (code < n_before && !reader->options->any_names) {
        rk_fail(reader->error, RK_EINPUT, "two columns are named '%s'", name);
        return fail_at(reader, line, NULL);
    }
    if (code == n_before)
        reader->header->place[code] = column;
    return RK_OK;
}

static enum rk_status check_header(struct header_reader *reader, size_t line)
{
    enum rk_status status = RK_OK;

    reader->header->index = rk_dict_new();
    reader->header->place = malloc((reader->header->names.n + 1) * sizeof *reader->header->place);
    if (reader->header->index == NULL || reader->header->place == NULL)
        return rk_fail_memory(reader->error);
    for (size_t j = 0; status == RK_OK && j < reader->header->names.n; j++)
        status = check_name(reader, j, line);
    return status;
}

static enum rk_status parse_header(struct header_reader *reader, const char *bytes, size_t length)
{
    struct csv_parser parser;

    reader->error->status = RK_OK;
    if (csv_parser_start(&parser, reader->options->delimiter) != RK_OK)
        return rk_fail_memory(reader->error);
    if (csv_parse(&parser, bytes, length, on_header_cell, NULL, reader) != length ||
        csv_fini(&parser, on_header_cell, NULL, reader) != 0)
        rk_fail_memory(reader->error);
    csv_free(&parser);
    return reader->error->status;
}

/* Nothing to read, or nothing that could be read. */
static enum rk_status fail_empty(struct header_reader *reader)
{
    if (reader->blocks->source.failure.status != RK_OK) {
        *reader->error = reader->blocks->source.failure;
        return fail_at(reader, reader->blocks->source.failed_behind ? 1 : 0, NULL);
    }
    rk_fail(reader->error, RK_EINPUT, "the input is empty: a header line was expected");
    return fail_at(reader, 0, NULL);
}

/* What is wrong with the bytes of the header's record, if anything is. */
static enum rk_status check_bytes(struct header_reader *reader, const char *bytes, size_t length,
                                  size_t line)
{
    size_t invalid = csv_first_invalid(bytes, length);

    if (invalid == length)
        return RK_OK;
    csv_fail_invalid((unsigned char)bytes[invalid], reader->error);
    return fail_at(reader, line + csv_count_lines(bytes, invalid), NULL);
}

enum rk_status csv_header_read(struct csv_header *header, const struct csv_blocks *blocks,
                               struct csv_rows *rows, const struct rk_csv_options *options,
                               struct rk_error *error)
{
    struct header_reader reader = {header, blocks, options, error};
    const struct csv_block *block = &rows->block;
    size_t start = 0, end = 0, next = 0, line = 1, n_lines;
    enum csv_record_end how = CSV_RECORD;
    enum rk_status status;

    for (; start < block->length; start = next, line += n_lines) {
        how = csv_scan_record(block->bytes, block->length, start, options->delimiter, &end, &next,
                              &n_lines);
        if (how != CSV_RECORD || end > start)
            break;
    }
    if (start == block->length)
        return fail_empty(&reader);
    end = how == CSV_RECORD ? end : block->length;
    status = check_bytes(&reader, block->bytes + start, end - start, line);
    if (status == RK_OK && how != CSV_RECORD) {
        csv_fail_quote(how, error);
        return fail_at(&reader, line + (how == CSV_AFTER_QUOTE ? n_lines : 0), NULL);
    }
    if (status == RK_OK)
        status = parse_header(&reader, block->bytes + start, end - start);
    rows->start = next;
    rows->start_line = line + n_lines;
    return status == RK_OK ? check_header(&reader, line) : status;
}

void csv_header_free(struct csv_header *header)
{
    rk_dict_free(header->index);
    free(header->place);
    rk_names_free(&header->names);
}

size_t csv_header_find(const struct csv_header *header, const char *name)
{
    uint32_t code = rk_dict_find(header->index, name, strlen(name));

    return code == RK_NO_CODE ? SIZE_MAX : header->place[code];
}
