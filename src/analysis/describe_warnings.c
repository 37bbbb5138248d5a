/* What rep-describe warns of. */
#include <math.h>
#include <stdlib.h>

#include "column_look.h"
#include "describe_parts.h"

enum { MOST_NAMED = 3, MOST_COMPARED = 1000 };

static void warn_list(struct rk_result *result, enum rk_warning_code code, size_t n,
                      size_t n_columns, const char *one, const char *several, struct rk_text *list)
{
    struct rk_text text = {0};

    if (n > 0) {
        if (n_columns > 1)
            rk_text_format(&text, "%zu of %zu columns %s: ", n, n_columns, n == 1 ? one : several);
        rk_text_add(&text, list->bytes);
        if (n > MOST_NAMED)
            rk_text_format(&text, " and %zu more", n - MOST_NAMED);
        text.failed |= list->failed;
        rk_warn_text(result, code, &text);
    }
    rk_text_free(list);
}

/* Starts the next of a list, "" beyond those that are named; false there. */
static bool name_next(struct rk_text *list, size_t n)
{
    if (n > 1 && n <= MOST_NAMED)
        rk_text_add(list, ", ");
    return n <= MOST_NAMED;
}

static void warn_tails(const struct describe_seen *seen, size_t n, struct rk_result *result)
{
    struct rk_text heavy = {0}, cut = {0};
    size_t n_heavy = 0, n_cut = 0;

    rk_text_add(&heavy, "");
    rk_text_add(&cut, "");
    for (size_t j = 0; j < n; j++) {
        if (column_is_heavy(&seen[j].look) && name_next(&heavy, ++n_heavy))
            column_say_heavy(&seen[j].look, seen[j].name, &heavy);
        if (column_is_cut(&seen[j].look) && name_next(&cut, ++n_cut))
            column_say_cut(&seen[j].look, seen[j].name, &cut);
    }
    warn_list(result, RK_WARN_HEAVY_TAIL, n_heavy, n, "has a long tail or many zeros",
              "have a long tail or many zeros", &heavy);
    warn_list(result, RK_WARN_CENSORING, n_cut, n, "may be cut off", "may be cut off", &cut);
}

static void warn_missing(const struct describe_seen *seen, const struct describe_seen *by,
                         const struct missing_look *look, struct rk_result *result)
{
    struct rk_text text = {0};

    rk_text_format(&text, "'%s' is missing in %.0f%% of the rows: ", seen->name,
                   100.0 * look->share);
    column_say_missing(look, by->name, &text);
    rk_warn_text(result, RK_WARN_MISSING_NOT_RANDOM, &text);
}

/* The column by whose thirds it is most plain that cells are not missing at random. */
static enum rk_status look_at_missing(const struct rk_table *table,
                                      const struct describe_seen *seen, size_t n, size_t j,
                                      struct rk_result *result)
{
    double compared = (double)(n - 1) * (double)n, smallest = INFINITY;
    struct missing_look look, best = {0};
    size_t by = SIZE_MAX;

    for (size_t k = 0; k < n; k++) {
        const double *x = table->column[seen[j].column].number;

        if (k == j)
            continue;
        if (column_missing_by(x, table->column[seen[k].column].number, table->n_rows, &look) !=
            RK_OK)
            return RK_ENOMEM;
        if (look.share > 0.05 && look.p_value < smallest) {
            smallest = look.p_value;
            best = look;
            by = k;
        }
    }
    if (by != SIZE_MAX && smallest < 0.05 / compared)
        warn_missing(&seen[j], &seen[by], &best, result);
    return RK_OK;
}

enum rk_status rk_describe_warn(const struct rk_table *table, const struct describe_seen *seen,
                                size_t n, struct rk_result *result)
{
    enum rk_status status = RK_OK;
    size_t compared = 0;

    warn_tails(seen, n, result);
    for (size_t j = 0; status == RK_OK && j < n && compared < MOST_COMPARED; j++) {
        if (!(seen[j].n_missing * 20 > table->n_rows) || seen[j].n_missing < 5)
            continue;
        status = look_at_missing(table, seen, n, j, result);
        compared += n;
    }
    return status;
}
