/* --effect: the keys stand in the first line, then comes the file, CSV or JSON. */
#include <gsl/gsl_errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "repkit/effect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
    size_t keys = end == NULL ? size : (size_t)(end - data);
    char *key = fuzz_text(data, keys);
    const struct rk_csv_options csv = RK_CSV_DEFAULT;
    const struct rk_ctx ctx = RK_CTX_DEFAULT;
    struct rk_effects effects = {0};
    struct rk_names specs = {0};
    struct rk_text spec = {0};
    struct rk_error error = {0};
    struct rk_result *result = rk_result_new();
    enum rk_status status;

    gsl_set_error_handler_off();
    rk_text_format(&spec, "up=%s",
                   end == NULL ? fuzz_file(data, 0) : fuzz_file(end + 1, size - keys - 1));
    if (key[0] != '\0')
        rk_text_format(&spec, ":%s", key);
    FUZZ_HOLDS(!spec.failed && result != NULL && rk_names_add(&specs, spec.bytes) == RK_OK);
    status = rk_effects_read(&specs, &csv, true, &ctx, result, &effects, &error);
    FUZZ_HOLDS(status == RK_OK || error.text[0] != '\0');
    FUZZ_HOLDS(status != RK_ENOMEM);
    FUZZ_HOLDS((status == RK_OK) == (rk_effects_find(&effects, "up") != NULL));
    rk_effects_free(&effects);
    rk_names_free(&specs);
    rk_text_free(&spec);
    rk_result_free(result);
    free(key);
    return 0;
}
