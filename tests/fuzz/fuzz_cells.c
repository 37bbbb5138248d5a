/* The readers of numbers and times: whatever they accept reads back from what is written of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "repkit/number.h"
#include "repkit/text.h"
#include "repkit/time.h"

static void read_number(const char *cell, size_t length, char decimal)
{
    struct rk_number_marks marks;
    double value = NAN, again = NAN;

    if (rk_number_read(cell, length, decimal, &value, &marks) != RK_READ_OK) {
        FUZZ_HOLDS(isnan(value));
        return;
    }
    char out[64];
    size_t n = rk_number_format(value, out);

    FUZZ_HOLDS(isfinite(value) && n == strlen(out));
    FUZZ_HOLDS(rk_number_read(out, n, '.', &again, NULL) == RK_READ_OK && again == value);
    FUZZ_HOLDS(memchr(marks.currency, '\0', sizeof marks.currency) != NULL);
}

static void read_time(const char *cell, size_t length, enum rk_calendar calendar,
                      enum rk_date_order order)
{
    enum rk_time_kind kind = RK_TIME_NONE, kind_again;
    int64_t ordinal = 0, again;
    char out[32];
    size_t n;

    if (rk_time_read_in(calendar, cell, length, order, &kind, &ordinal) != RK_READ_OK) {
        FUZZ_HOLDS(kind == RK_TIME_NONE && ordinal == 0);
        return;
    }
    FUZZ_HOLDS(kind != RK_TIME_NONE);
    n = rk_time_format(kind, ordinal, out);
    FUZZ_HOLDS(n == strlen(out));
    FUZZ_HOLDS(rk_time_read(out, n, RK_ORDER_UNKNOWN, &kind_again, &again) == RK_READ_OK);
    /* A calendar of its own reads 2024 as a whole number. */
    FUZZ_HOLDS(again == ordinal && (kind_again == kind || kind == RK_TIME_INTEGER));
    FUZZ_HOLDS(rk_time_of_day(kind, rk_time_first_day(kind, ordinal)) == ordinal);
    if (kind == RK_TIME_DAY && rk_date_order_shown(cell, length) == RK_ORDER_UNKNOWN)
        rk_time_side(kind, ordinal, RK_TIME_WEEK, 100);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *cell = malloc(size + 1); /* without a final NUL, as cells are */

    FUZZ_HOLDS(cell != NULL);
    if (size > 0)
        memcpy(cell + 1, data, size);
    read_number(cell + 1, size, '.');
    read_number(cell + 1, size, ',');
    rk_is_missing_word(cell + 1, size);
    for (int order = RK_ORDER_UNKNOWN; order <= RK_ORDER_YMD; order++) {
        read_time(cell + 1, size, RK_GREGORIAN, (enum rk_date_order)order);
        read_time(cell + 1, size, RK_JALALI, (enum rk_date_order)order);
    }
    free(cell);
    return 0;
}
