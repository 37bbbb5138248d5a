/* The command line, read by the option table. */
#include "repkit/options.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum rk_status rk_option_names(const char *option, const char *value, struct rk_names *names,
                               struct rk_error *error)
{
    struct rk_error found = {0};
    enum rk_status status = rk_names_parse(value, names, &found);

    if (status == RK_OK)
        return RK_OK;
    return rk_fail(error, status, "--%s: %s", option, found.text);
}

/* --- choices ------------------------------------------------------------------------------ */

static enum rk_status no_choice(const struct rk_option *option, const char *value,
                                struct rk_error *error)
{
    char what[64];

    snprintf(what, sizeof what, "--%s: no", option->name);
    return rk_choice_fail(option->argument, value, what, RK_EUSAGE, error);
}

static enum rk_status read_choices(const struct rk_option *option, const char *value,
                                   struct rk_error *error)
{
    struct rk_names names = {0};
    enum rk_status status = rk_option_names(option->name, value, &names, error);
    unsigned bits = 0;

    for (size_t i = 0; status == RK_OK && i < names.n; i++) {
        int index = rk_choice_find(option->argument, names.name[i], strlen(names.name[i]));

        if (index < 0)
            status = no_choice(option, names.name[i], error);
        else
            bits |= 1u << index;
    }
    rk_names_free(&names);
    if (status == RK_OK)
        *(unsigned *)option->value = bits;
    return status;
}

/* A column that is named twice would be computed twice, and counted as a comparison of its own. */
static enum rk_status read_columns(const struct rk_option *option, const char *value,
                                   struct rk_error *error)
{
    struct rk_names names = {0}, seen = {0}, *columns = option->value;
    enum rk_status status = rk_option_names(option->name, value, &names, error);

    for (size_t i = 0; status == RK_OK && i < names.n; i++) {
        if (rk_names_has(&seen, names.name[i]))
            status = rk_fail(error, RK_EUSAGE, "--%s: '%.80s' is given twice", option->name,
                             names.name[i]);
        else if (rk_names_add(&seen, names.name[i]) != RK_OK)
            status = rk_fail_memory(error);
    }
    if (status == RK_OK) {
        rk_names_free(columns);
        *columns = names;
    } else {
        rk_names_free(&names);
    }
    rk_names_free(&seen);
    return status;
}

/* --- values ------------------------------------------------------------------------------- */

static enum rk_status check_range(const struct rk_option *option, const char *text, double value,
                                  struct rk_error *error)
{
    if (!isfinite(value))
        return rk_fail(error, RK_EUSAGE, "--%s: '%s' is not a number", option->name, text);
    if ((option->low != 0 || option->high != 0) && !(value >= option->low && value <= option->high))
        return rk_fail(error, RK_EUSAGE, "--%s: %s is not between %g and %g", option->name, text,
                       option->low, option->high);
    return RK_OK;
}

static enum rk_status read_number(const struct rk_option *option, const char *text,
                                  struct rk_error *error)
{
    char *end;
    double value = strtod(text, &end);
    enum rk_status status;

    if (end == text || *end != '\0')
        value = NAN;
    status = check_range(option, text, value, error);
    if (status == RK_OK)
        *(double *)option->value = value;
    return status;
}

static enum rk_status read_count(const struct rk_option *option, const char *text,
                                 struct rk_error *error)
{
    char *end;
    unsigned long long value;
    enum rk_status status;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value > SIZE_MAX)
        return rk_fail(error, RK_EUSAGE, "--%s: '%s' is not a whole number", option->name, text);
    status = check_range(option, text, (double)value, error);
    if (status == RK_OK)
        *(size_t *)option->value = (size_t)value;
    return status;
}

static enum rk_status set_option(const struct rk_option *option, const char *value,
                                 struct rk_error *error)
{
    int index;

    switch (option->kind) {
    case RK_OPTION_FLAG:
        *(bool *)option->value = true;
        return RK_OK;
    case RK_OPTION_ACTION:
        *(int *)option->value = (int)option->low;
        return RK_OK;
    case RK_OPTION_MAYBE:
        *(const char **)option->value = value == NULL ? "" : value;
        return RK_OK;
    case RK_OPTION_TEXT:
        *(const char **)option->value = value;
        return RK_OK;
    case RK_OPTION_NUMBER:
        return read_number(option, value, error);
    case RK_OPTION_COUNT:
        return read_count(option, value, error);
    case RK_OPTION_NAMES:
        return rk_option_names(option->name, value, option->value, error);
    case RK_OPTION_COLUMNS:
        return read_columns(option, value, error);
    case RK_OPTION_REPEAT:
        return rk_names_add(option->value, value) == RK_OK ? RK_OK : rk_fail_memory(error);
    case RK_OPTION_CHOICES:
        return read_choices(option, value, error);
    case RK_OPTION_CHOICE:
        index = rk_choice_find(option->argument, value, strlen(value));
        if (index < 0)
            return no_choice(option, value, error);
        *(int *)option->value = index;
        return RK_OK;
    case RK_OPTION_END:
    case RK_OPTION_HEADING:
        break;
    }
    return RK_OK;
}

/* --- the line ----------------------------------------------------------------------------- */

static bool takes_value(const struct rk_option *option)
{
    return option->kind != RK_OPTION_FLAG && option->kind != RK_OPTION_ACTION &&
           option->kind != RK_OPTION_MAYBE;
}

static const struct rk_option *find_letter(const struct rk_option *options, char letter)
{
    for (; options->kind != RK_OPTION_END; options++)
        if (options->kind != RK_OPTION_HEADING && options->letter == letter)
            return options;
    return NULL;
}

static const struct rk_option *find_name(const struct rk_option *options, const char *name,
                                         size_t length)
{
    for (; options->kind != RK_OPTION_END; options++)
        if (options->kind != RK_OPTION_HEADING && options->name != NULL &&
            strlen(options->name) == length && memcmp(options->name, name, length) == 0)
            return options;
    return NULL;
}

static enum rk_status unknown_option(const struct rk_option *options, const char *name,
                                     size_t length, struct rk_error *error)
{
    const char *names[128];
    size_t n = 0;
    char *copy = rk_strndup(name, length);
    const char *nearest;
    enum rk_status status;

    if (copy == NULL)
        return rk_fail_memory(error);
    for (; options->kind != RK_OPTION_END && n < sizeof names / sizeof *names; options++)
        if (options->kind != RK_OPTION_HEADING && options->name != NULL)
            names[n++] = options->name;
    nearest = rk_nearest(copy, names, n);
    if (nearest != NULL)
        status = rk_fail(error, RK_EUSAGE, "no option --%s; did you mean --%s?", copy, nearest);
    else
        status = rk_fail(error, RK_EUSAGE, "no option --%s (see --help)", copy);
    free(copy);
    return status;
}

struct line {
    const struct rk_option *options;
    int argc, next;
    char **argv;
    struct rk_error *error;
};

static enum rk_status read_long(struct line *line, const char *argument)
{
    const char *name = argument + 2;
    size_t length = strcspn(name, "=");
    const struct rk_option *option = find_name(line->options, name, length);
    const char *value = name[length] == '=' ? name + length + 1 : NULL;

    if (option == NULL)
        return unknown_option(line->options, name, length, line->error);
    if (value != NULL && !takes_value(option) && option->kind != RK_OPTION_MAYBE)
        return rk_fail(line->error, RK_EUSAGE, "--%s takes no value", option->name);
    if (value == NULL && takes_value(option)) {
        if (line->next == line->argc)
            return rk_fail(line->error, RK_EUSAGE, "--%s needs a value (%s)", option->name,
                           option->argument);
        value = line->argv[line->next++];
    }
    return set_option(option, value, line->error);
}

static enum rk_status read_letters(struct line *line, const char *argument)
{
    enum rk_status status = RK_OK;

    for (const char *c = argument + 1; status == RK_OK && *c != '\0'; c++) {
        const struct rk_option *option = find_letter(line->options, *c);
        const char *value = NULL;

        if (option == NULL)
            return rk_fail(line->error, RK_EUSAGE, "no option -%c (see --help)", *c);
        if (takes_value(option)) {
            if (c[1] == '\0' && line->next == line->argc)
                return rk_fail(line->error, RK_EUSAGE, "-%c needs a value (%s)", *c,
                               option->argument);
            value = c[1] != '\0' ? c + 1 : line->argv[line->next++];
            return set_option(option, value, line->error);
        }
        status = set_option(option, value, line->error);
    }
    return status;
}

enum rk_status rk_options_parse(const struct rk_option *options, int argc, char **argv,
                                struct rk_names *operands, struct rk_error *error)
{
    struct line line = {options, argc, 1, argv, error};
    bool only_operands = false;
    enum rk_status status = RK_OK;

    while (status == RK_OK && line.next < argc) {
        const char *argument = argv[line.next++];

        if (only_operands || argument[0] != '-' || argument[1] == '\0')
            status = rk_names_add(operands, argument) == RK_OK ? RK_OK : rk_fail_memory(error);
        else if (strcmp(argument, "--") == 0)
            only_operands = true;
        else if (argument[1] == '-')
            status = read_long(&line, argument);
        else
            status = read_letters(&line, argument);
    }
    return status;
}
