/* The option parser, an argument a line, and what reads the texts of options. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "repkit/file_spec.h"
#include "repkit/options.h"

enum { MOST_ARGUMENTS = 16 };

struct bound {
    bool flag;
    const char *text, *maybe;
    double number;
    size_t count;
    struct rk_names names, repeat;
    int choice, action;
    unsigned choices;
};

static void parse_command_line(char **argument, int n)
{
    struct bound to = {.number = 0.5, .count = 3};
    const struct rk_option options[] = {
        RK_HEADING("All kinds"),
        {RK_OPTION_FLAG, 'q', "quiet", &to.flag, NULL, "flag", 0, 0},
        {RK_OPTION_TEXT, 't', "text", &to.text, "TEXT", "text", 0, 0},
        {RK_OPTION_NUMBER, 'n', "number", &to.number, "X", "number", 0, 1},
        {RK_OPTION_COUNT, 'c', "count", &to.count, "N", "count", 1, 100},
        {RK_OPTION_NAMES, 'l', "names", &to.names, "COLS", "names", 0, 0},
        {RK_OPTION_CHOICE, 'f', "format", &to.choice, "auto|table|csv", "choice", 0, 0},
        {RK_OPTION_CHOICES, 0, "formats", &to.choices, "auto|table|csv", "choices", 0, 0},
        {RK_OPTION_REPEAT, 'r', "repeat", &to.repeat, "X", "repeat", 0, 0},
        {RK_OPTION_MAYBE, 0, "strict", &to.maybe, "CODES", "maybe", 0, 0},
        {RK_OPTION_ACTION, 'h', "help", &to.action, NULL, "action", 1, 0},
        RK_OPTIONS_END,
    };
    struct rk_names operands = {0};
    struct rk_error error = {0};
    enum rk_status status = rk_options_parse(options, n, argument, &operands, &error);

    FUZZ_HOLDS(status == RK_OK || (status == RK_EUSAGE && error.text[0] != '\0'));
    FUZZ_HOLDS(to.number >= 0.0 && to.number <= 1.0 && to.count >= 1 && to.count <= 100);
    FUZZ_HOLDS(to.choice >= 0 && to.choice <= 2 && to.choices < 8);
    rk_names_free(&operands);
    rk_names_free(&to.names);
    rk_names_free(&to.repeat);
}

static void parse_value(const char *text)
{
    struct rk_file_spec spec = {0};
    struct rk_csv_options csv = RK_CSV_DEFAULT;
    struct rk_names names = {0};

    for (int named = 0; named < 2; named++)
        if (rk_file_spec_parse(text, named == 1, "--effect", &spec, NULL) == RK_OK) {
            FUZZ_HOLDS(spec.path != NULL && spec.key.n == spec.value.n);
            rk_file_spec_csv(&spec, "--effect", &csv, NULL);
            free(rk_file_spec_take(&spec, "use"));
            FUZZ_HOLDS(spec.key.n == spec.value.n);
            rk_file_spec_free(&spec);
            memset(&spec, 0, sizeof spec);
        }
    rk_names_parse(text, &names, NULL);
    rk_names_free(&names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char tool[] = "rep-fuzz";
    char *text = fuzz_text(data, size), *argument[MOST_ARGUMENTS + 1] = {tool};
    int n = 1;

    for (char *line = text; line != NULL && n < MOST_ARGUMENTS;) {
        char *end = strchr(line, '\n');

        if (end != NULL)
            *end++ = '\0';
        argument[n++] = line;
        parse_value(line);
        line = end;
    }
    parse_command_line(argument, n);
    free(text);
    return 0;
}
