/* The CSV reader. The last byte says how to read; what is before it is the file, which is read as a
 * whole and, where that is asked of no odd rows, block by block: the same rows, or a refusal. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "repkit/csv.h"

/* Rows, whatever their order: blocks whose dates only later ones explain come last. */
struct rows {
    size_t n;
    uint64_t sum; /* of what is in each row */
};

static uint64_t mixed(uint64_t h, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        h = (h ^ ((const unsigned char *)bytes)[i]) * 0x100000001B3U; /* FNV-1a */
    return h;
}

static void add_rows(struct rows *rows, const struct rk_table *table)
{
    for (size_t i = 0; i < table->n_rows; i++) {
        uint64_t h = 0xCBF29CE484222325U;

        for (size_t j = 0; j < table->n_columns; j++) {
            const struct rk_column *column = &table->column[j];
            const char *text = rk_table_text(table, i, j);

            h = mixed(h, &j, sizeof j);
            if (rk_table_is_missing(table, i, j))
                continue;
            if (column->type == RK_TEXT)
                h = mixed(h, text, strlen(text));
            else
                h = mixed(h, &column->number[i], sizeof column->number[i]);
        }
        rows->sum += h;
    }
    rows->n += table->n_rows;
}

static enum rk_status make(void *data, struct rk_table *table, void **part, struct rk_error *error)
{
    struct rows *rows = calloc(1, sizeof *rows);

    (void)data;
    (void)error;
    FUZZ_HOLDS(rows != NULL);
    add_rows(rows, table);
    *part = rows;
    return RK_OK;
}

static enum rk_status take(void *data, void *part, struct rk_error *error)
{
    struct rows *all = data, *rows = part;

    (void)error;
    all->n += rows->n;
    all->sum += rows->sum;
    free(rows);
    return RK_OK;
}

/* `table` is NULL where the file was refused. */
static void check_blocks(const char *file, const struct rk_wants *wants,
                         const struct rk_csv_options *options, const struct rk_table *table)
{
    struct rows whole = {0}, parts = {0};
    const struct rk_row_work work = {&parts, make, take, free};
    struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_table *about = NULL;
    struct rk_error error = {0};
    enum rk_status status;

    ctx.threads = 1;
    status = rk_csv_each(file, wants, options, &ctx, &work, &about, &error);
    FUZZ_HOLDS((status == RK_OK) == (about != NULL));
    FUZZ_HOLDS((status == RK_OK) == (table != NULL));
    FUZZ_HOLDS(status == RK_OK || (status == error.status && error.text[0] != '\0'));
    FUZZ_HOLDS(status == RK_OK || strchr(error.text, '\n') == NULL);
    if (about != NULL && table != NULL) {
        add_rows(&whole, table);
        FUZZ_HOLDS(parts.n == whole.n && parts.sum == whole.sum);
        FUZZ_HOLDS(about->n_rows == 0 && about->rows_read == table->rows_read);
        FUZZ_HOLDS(about->n_bad == table->n_bad && about->digest == table->digest);
    }
    rk_table_free(about);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char delimiters[] = {0, ',', ';', '\t'};
    static const char *const encodings[] = {"", "", "windows-1252", "UTF-16LE"};
    unsigned how = size == 0 ? 0 : data[size - 1];
    struct rk_csv_options options = {
        .delimiter = delimiters[how & 3],
        .decimal = how & 4 ? ',' : '.',
        .bad_is_missing = (how & 8) != 0,
        .any_names = (how & 16) != 0,
        .any_length = (how & 16) != 0,
        .date_order = (enum rk_date_order)(how >> 5 & 3),
        .calendar = how & 128 ? RK_JALALI : RK_GREGORIAN,
        .max_unpacked = 1e6,
    };
    struct rk_wants wants = {.all = true};
    const struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_table *table = NULL;
    struct rk_error error = {0};
    const char *file;
    enum rk_status status;

    memcpy(options.encoding, encodings[how >> 6 & 3], strlen(encodings[how >> 6 & 3]) + 1);
    if (size > 1 && data[0] == 't')
        wants.all_role = RK_AS_LABEL;
    if (size > 1 && data[0] == 'n')
        wants.all_role = RK_AS_NUMBER_OR_LABEL;
    file = fuzz_file(data, size == 0 ? 0 : size - 1);
    status = rk_csv_read(file, &wants, &options, &ctx, &table, &error);
    FUZZ_HOLDS((status == RK_OK) == (table != NULL));
    FUZZ_HOLDS(status == RK_OK || (status == error.status && error.text[0] != '\0'));
    FUZZ_HOLDS(status == RK_OK || strchr(error.text, '\n') == NULL);
    FUZZ_HOLDS(status == RK_OK || status == RK_EINPUT || status == RK_EIO || status == RK_ENODATA);
    if (!options.any_length)
        check_blocks(file, &wants, &options, table);
    rk_table_free(table);
    return 0;
}
