/* The CSV reader. The last byte says how to read; what is before it is the file. */
#include <string.h>

#include "fuzz.h"
#include "repkit/csv.h"

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
    enum rk_status status;

    memcpy(options.encoding, encodings[how >> 6 & 3], strlen(encodings[how >> 6 & 3]) + 1);
    if (size > 1 && data[0] == 't')
        wants.all_role = RK_AS_LABEL;
    if (size > 1 && data[0] == 'n')
        wants.all_role = RK_AS_NUMBER_OR_LABEL;
    status = rk_csv_read(fuzz_file(data, size == 0 ? 0 : size - 1), &wants, &options, &ctx, &table,
                         &error);
    FUZZ_HOLDS((status == RK_OK) == (table != NULL));
    FUZZ_HOLDS(status == RK_OK || (status == error.status && error.text[0] != '\0'));
    FUZZ_HOLDS(status == RK_OK || strchr(error.text, '\n') == NULL);
    FUZZ_HOLDS(status == RK_OK || status == RK_EINPUT || status == RK_EIO || status == RK_ENODATA);
    rk_table_free(table);
    return 0;
}
