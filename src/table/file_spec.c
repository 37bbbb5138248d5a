#include "repkit/file_spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads up to an unescaped byte of `ends` (or the end) into *out and returns where it stands. */
static const char *read_part(const char *text, const char *ends, struct rk_text *out)
{
    rk_text_clear(out);
    rk_text_add(out, "");
    for (; *text != '\0' && strchr(ends, *text) == NULL; text++) {
        if (*text == '\\' && text[1] != '\0' && strchr(":,=\\", text[1]) != NULL)
            text++;
        rk_text_add_char(out, *text);
    }
    return text;
}

static enum rk_status read_keys(const char *text, const char *option, struct rk_file_spec *spec,
                                struct rk_error *error)
{
    struct rk_text part = {0};
    enum rk_status status = RK_OK;

    while (status == RK_OK) {
        const char *rest = read_part(text, ",=", &part);

        if (!part.failed && (*rest != '=' || part.length == 0)) {
            status = rk_fail(error, RK_EUSAGE, "%s: '%s' is not key=value", option, text);
            break;
        }
        status = part.failed ? RK_ENOMEM : rk_names_add(&spec->key, part.bytes);
        if (status != RK_OK) {
            rk_fail_memory(error);
            break;
        }
        text = read_part(rest + 1, ",", &part);
        status = part.failed ? RK_ENOMEM : rk_names_add(&spec->value, part.bytes);
        if (status == RK_ENOMEM)
            rk_fail_memory(error);
        if (*text++ == '\0')
            break;
    }
    rk_text_free(&part);
    return status;
}

enum rk_status rk_file_spec_parse(const char *text, bool named, const char *option,
                                  struct rk_file_spec *spec, struct rk_error *error)
{
    struct rk_file_spec parsed = {0};
    struct rk_text part = {0};
    enum rk_status status = RK_OK;
    const char *rest = text;

    if (named) {
        rest = read_part(rest, "=", &part);
        if (part.failed)
            status = rk_fail_memory(error);
        else if (*rest != '=' || part.length == 0)
            status = rk_fail(error, RK_EUSAGE, "%s: '%s' is not NAME=FILE", option, text);
        else
            parsed.name = rk_text_take(&part);
        rest += *rest == '=';
    }
    if (status == RK_OK) {
        rest = read_part(rest, ":", &part);
        parsed.path = rk_text_take(&part);
        if (parsed.path == NULL || (named && parsed.name == NULL))
            status = rk_fail_memory(error);
        else if (parsed.path[0] == '\0')
            status = rk_fail(error, RK_EUSAGE, "%s: '%s' names no file", option, text);
    }
    if (status == RK_OK && *rest == ':')
        status = read_keys(rest + 1, option, &parsed, error);
    rk_text_free(&part);
    if (status == RK_OK)
        *spec = parsed;
    else
        rk_file_spec_free(&parsed);
    return status;
}

void rk_file_spec_free(struct rk_file_spec *spec)
{
    free(spec->name);
    free(spec->path);
    rk_names_free(&spec->key);
    rk_names_free(&spec->value);
    *spec = (struct rk_file_spec){0};
}

char *rk_file_spec_take(struct rk_file_spec *spec, const char *key)
{
    for (size_t i = 0; i < spec->key.n; i++) {
        char *value = spec->value.name[i];

        if (strcmp(spec->key.name[i], key) != 0)
            continue;
        free(spec->key.name[i]);
        for (spec->key.n--, spec->value.n--; i < spec->key.n; i++) {
            spec->key.name[i] = spec->key.name[i + 1];
            spec->value.name[i] = spec->value.name[i + 1];
        }
        return value;
    }
    return NULL;
}

static bool read_delimiter(const char *value, char *delimiter)
{
    if (strcmp(value, "tab") == 0 || strcmp(value, "\\t") == 0)
        *delimiter = '\t';
    else if (value[0] != '\0' && value[1] == '\0' && strchr(",;\t|", value[0]) != NULL)
        *delimiter = value[0];
    else
        return false;
    return true;
}

static bool read_date_order(const char *value, enum rk_date_order *order)
{
    static const char *const names[] = {"auto", "dmy", "mdy", "ymd"};
    static const enum rk_date_order orders[] = {RK_ORDER_UNKNOWN, RK_ORDER_DMY, RK_ORDER_MDY,
                                                RK_ORDER_YMD};

    for (size_t i = 0; i < 4; i++)
        if (strcmp(value, names[i]) == 0) {
            *order = orders[i];
            return true;
        }
    return false;
}

static bool read_calendar(const char *value, enum rk_calendar *calendar)
{
    int found = rk_choice_find(RK_CALENDARS, value, strlen(value));

    if (found >= 0)
        *calendar = found == 1 ? RK_JALALI : RK_GREGORIAN;
    return found >= 0;
}

enum rk_status rk_file_spec_csv(struct rk_file_spec *spec, const char *option,
                                struct rk_csv_options *csv, struct rk_error *error)
{
    char *delimiter = rk_file_spec_take(spec, "delimiter");
    char *decimal = rk_file_spec_take(spec, "decimal");
    char *order = rk_file_spec_take(spec, "date-order");
    char *calendar = rk_file_spec_take(spec, "calendar");
    char *encoding = rk_file_spec_take(spec, "encoding");
    struct rk_csv_options changed = *csv;
    enum rk_status status = RK_OK;

    if (delimiter != NULL && !read_delimiter(delimiter, &changed.delimiter))
        status = rk_fail(error, RK_EUSAGE, "%s: delimiter is , ; tab or | and not '%s'", option,
                         delimiter);
    if (decimal != NULL && strcmp(decimal, ".") != 0 && strcmp(decimal, ",") != 0)
        status = rk_fail(error, RK_EUSAGE, "%s: decimal is . or , and not '%s'", option, decimal);
    else if (decimal != NULL)
        changed.decimal = decimal[0];
    if (order != NULL && !read_date_order(order, &changed.date_order))
        status = rk_fail(error, RK_EUSAGE, "%s: date-order is auto, dmy, mdy or ymd and not '%s'",
                         option, order);
    if (calendar != NULL && !read_calendar(calendar, &changed.calendar))
        status = rk_fail(error, RK_EUSAGE, "%s: calendar is gregorian or jalali and not '%s'",
                         option, calendar);
    if (encoding != NULL && !rk_encoding_known(encoding))
        status = rk_fail(error, RK_EUSAGE, "%s: encoding '%s' is not known (iconv -l lists them)",
                         option, encoding);
    else if (encoding != NULL)
        snprintf(changed.encoding, sizeof changed.encoding, "%s", encoding);
    if (status == RK_OK)
        *csv = changed;
    free(calendar);
    free(encoding);
    free(delimiter);
    free(decimal);
    free(order);
    return status;
}
