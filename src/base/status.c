#include "repkit/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int exit_status;
    const char *words;
} statuses[RK_STATUS_COUNT] = {
    [RK_OK] = {0, ""},
    [RK_EASSERT] = {1, "assertion does not hold"},
    [RK_EUSAGE] = {2, "wrong usage"},
    [RK_EINPUT] = {3, "wrong input"},
    [RK_ENODATA] = {4, "no rows"},
    [RK_ETOOFEW] = {4, "too few values"},
    [RK_ECONSTANT] = {4, "no variation"},
    [RK_ESINGULAR] = {4, "linearly dependent"},
    [RK_EPERFECT] = {4, "perfect fit"},
    [RK_ENOCONVERGE] = {4, "no convergence"},
    [RK_EONECLUSTER] = {4, "only one cluster"},
    [RK_EDOMAIN] = {4, "undefined for these values"},
    [RK_ESTRICT] = {4, "refused by --strict"},
    [RK_EIO] = {5, "reading or writing failed"},
    [RK_ENOMEM] = {5, "out of memory"},
    [RK_EINTERRUPT] = {130, "interrupted"},
    [RK_ETERMINATE] = {143, "terminated"},
};

int rk_status_exit(enum rk_status status)
{
    return statuses[status].exit_status;
}

const char *rk_status_words(enum rk_status status)
{
    return statuses[status].words;
}

bool rk_status_is_undefined(enum rk_status status)
{
    return statuses[status].exit_status == 4;
}

enum rk_status rk_fill_error(struct rk_error *error, enum rk_status status, const char *format, ...)
{
    if (error != NULL) {
        va_list arguments;

        memset(error, 0, sizeof *error);
        error->status = status;
        va_start(arguments, format);
        vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
        /* A cell that the text quotes may have more than one line. */
        for (char *c = error->text; *c != '\0'; c++)
            *c = (char)(*c == '\n' || *c == '\r' ? ' ' : *c);
    }
    return status;
}

enum rk_status rk_fill_place(struct rk_error *error, const char *file, size_t line,
                             const char *column)
{
    if (error == NULL)
        return RK_EINPUT;
    if (file != NULL)
        snprintf(error->file, sizeof error->file, "%s", file);
    if (line != 0)
        error->line = line;
    if (column != NULL)
        snprintf(error->column, sizeof error->column, "%s", column);
    return error->status;
}
