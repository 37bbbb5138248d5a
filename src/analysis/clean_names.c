/* Columns' names: unique, none empty, in snake case where that is asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clean_parts.h"

enum { HEADER_LINE = 1 };

/* Names given so far, and all that the header asks for: what stands there keeps its name, and those
 * made up do not take it away. */
struct names {
    struct rk_dict *given, *wanted;
};

/* The name, or name_2, name_3, ... */
static enum rk_status give_name(struct names *names, const char *wanted, char **name)
{
    struct rk_text text = {0};
    size_t k = 1;

    rk_text_add(&text, wanted);
    while (!text.failed &&
           (rk_dict_find(names->given, text.bytes, text.length) != RK_NO_CODE ||
            (k > 1 && rk_dict_find(names->wanted, text.bytes, text.length) != RK_NO_CODE))) {
        rk_text_clear(&text);
        rk_text_format(&text, "%s_%zu", wanted, ++k);
    }
    if (!text.failed && rk_dict_code(names->given, text.bytes, text.length) == RK_NO_CODE)
        text.failed = true;
    *name = rk_text_take(&text);
    return *name == NULL ? RK_ENOMEM : RK_OK;
}

/* What the options make of a name: "" where nothing is left of it. */
static char *transformed(const struct rk_clean_options *options, const char *name)
{
    struct rk_text text = {0};
    const char *start = name;
    size_t length = strlen(name);

    clean_trim(&start, &length);
    rk_text_add(&text, "");
    if (options->snake)
        rk_text_snake(&text, name);
    else if (options->trim || length == 0)
        rk_text_add_bytes(&text, start, length);
    else
        rk_text_add(&text, name);
    if (options->csv_safe && !text.failed && clean_is_formula(text.bytes, text.length)) {
        struct rk_text safe = {0};

        rk_text_add_char(&safe, '\'');
        rk_text_add(&safe, text.bytes);
        rk_text_free(&text);
        text = safe;
    }
    return rk_text_take(&text);
}

/* Names for all columns into `name`. options NULL keeps them as they are. */
static enum rk_status name_all(const struct rk_table *table, const struct rk_clean_options *options,
                               char **name)
{
    static const struct rk_clean_options as_is = RK_CLEAN_DEFAULT;
    struct names names = {rk_dict_new(), rk_dict_new()};
    char **wanted = calloc(table->n_columns + 1, sizeof *wanted);
    enum rk_status status =
        names.given == NULL || names.wanted == NULL || wanted == NULL ? RK_ENOMEM : RK_OK;

    for (size_t j = 0; status == RK_OK && j < table->n_columns; j++) {
        wanted[j] = transformed(options == NULL ? &as_is : options, table->column[j].name);
        if (wanted[j] == NULL ||
            (wanted[j][0] != '\0' &&
             rk_dict_code(names.wanted, wanted[j], strlen(wanted[j])) == RK_NO_CODE))
            status = RK_ENOMEM;
    }
    for (size_t j = 0; status == RK_OK && j < table->n_columns; j++) {
        char made[32];
        int n = snprintf(made, sizeof made, "column_%zu", j + 1);

        status = n < 0 ? RK_ENOMEM
                       : give_name(&names, wanted[j][0] == '\0' ? made : wanted[j], &name[j]);
    }
    for (size_t j = 0; wanted != NULL && j < table->n_columns; j++)
        free(wanted[j]);
    free(wanted);
    rk_dict_free(names.given);
    rk_dict_free(names.wanted);
    return status;
}

static void report_name(struct clean *clean, uint32_t j)
{
    const char *was = clean->table->column[j].name, *is = clean->column[j].out_name, *start = was;
    size_t length = strlen(was);

    clean_trim(&start, &length);
    if (strcmp(was, is) != 0)
        clean_find(clean, CLEAN_HEADER, HEADER_LINE, j, was, strlen(was), "named '%s'", is);
    else if (length != strlen(was))
        clean_find(clean, CLEAN_HEADER, HEADER_LINE, j, was, strlen(was),
                   "kept: white space around it (see --trim)");
}

enum rk_status clean_name_columns(struct clean *clean)
{
    size_t n = clean->table->n_columns;
    char **name = calloc(2 * n + 1, sizeof *name);
    enum rk_status status = name == NULL ? RK_ENOMEM : RK_OK;

    clean->column = calloc(n + 1, sizeof *clean->column);
    if (clean->column == NULL)
        status = RK_ENOMEM;
    if (status == RK_OK)
        status = name_all(clean->table, NULL, name);
    if (status == RK_OK)
        status = name_all(clean->table, clean->options, name + n);
    if (clean->column != NULL) {
        clean->n_columns = n;
        for (size_t j = 0; j < n; j++)
            clean->column[j] = (struct clean_column){.raw = &clean->table->column[j],
                                                     .name = name == NULL ? NULL : name[j],
                                                     .out_name = name == NULL ? NULL : name[n + j],
                                                     .out_currency = SIZE_MAX,
                                                     .out_imputed = SIZE_MAX};
    }
    free(name);
    for (size_t j = 0; status == RK_OK && j < n; j++)
        report_name(clean, (uint32_t)j);
    return status == RK_OK ? clean->status : rk_fail_memory(clean->error);
}

enum rk_status clean_find_column(const struct clean *clean, const char *name, size_t *index)
{
    struct rk_names names = {0};
    enum rk_status status = RK_OK;

    for (int of_output = 0; of_output < 2; of_output++)
        for (size_t j = 0; j < clean->n_columns; j++)
            if (strcmp(of_output ? clean->column[j].out_name : clean->column[j].name, name) == 0) {
                *index = j;
                return RK_OK;
            }
    for (size_t j = 0; status == RK_OK && j < clean->n_columns; j++)
        status = rk_names_add(&names, clean->column[j].name);
    status =
        status == RK_OK ? rk_no_column(name, &names, clean->error) : rk_fail_memory(clean->error);
    rk_names_free(&names);
    rk_fail_at(clean->error, clean->table->name, 0, NULL);
    return status;
}

bool clean_has_name(const struct clean *clean, const char *name)
{
    for (size_t j = 0; j < clean->n_columns; j++)
        if (strcmp(clean->column[j].out_name, name) == 0)
            return true;
    return false;
}
