/* The declarative option table of a tool: one table gives parsing, --help, --man and the
 * completions. */
#ifndef REPKIT_OPTIONS_H
#define REPKIT_OPTIONS_H

#include "repkit/status.h"
#include "repkit/text.h"

enum rk_option_kind {
    RK_OPTION_END = 0,
    RK_OPTION_HEADING, /* help: the heading of the rows that follow */
    RK_OPTION_FLAG,    /* bool * */
    RK_OPTION_TEXT,    /* const char **; borrowed from argv */
    RK_OPTION_NUMBER,  /* double *; low..high */
    RK_OPTION_COUNT,   /* size_t *; low..high; whole */
    RK_OPTION_NAMES,   /* struct rk_names *: a comma-separated list */
    RK_OPTION_COLUMNS, /* struct rk_names *: the same, of columns: each once */
    RK_OPTION_CHOICE,  /* int *: index into the choices, "a|b|c" */
    RK_OPTION_CHOICES, /* unsigned *: a set of bits, a comma-separated list of the choices */
    RK_OPTION_REPEAT,  /* struct rk_names *: may be given several times, each kept whole */
    RK_OPTION_MAYBE,   /* const char **: --strict or --strict=CODES; "" without a value */
    RK_OPTION_ACTION   /* int *: set to `low`; --help, --version, --man */
};

struct rk_option {
    enum rk_option_kind kind;
    char letter;          /* 0 for none */
    const char *name;     /* without the dashes */
    void *value;          /* the variable it is bound to; its initial value is the default */
    const char *argument; /* COLS, FILE, 0.95 ...; the choices "a|b|c"; NULL for flags */
    const char *help;     /* one phrase, with the default in parentheses; where it begins with '+'
                             --help shows the option on the line of the one before it */
    double low, high;     /* both 0: no bounds */
};

/* Two rows that every table has. */
#define RK_HEADING(text)                                   \
    {                                                      \
        RK_OPTION_HEADING, 0, NULL, NULL, NULL, text, 0, 0 \
    }
#define RK_OPTIONS_END                                 \
    {                                                  \
        RK_OPTION_END, 0, NULL, NULL, NULL, NULL, 0, 0 \
    }

/* Reads the command line. Options may come anywhere, bundled letters (-qf csv), --name=value,
 * --name value, and -- ends them; operands are collected in order. An unknown option names the
 * nearest. Returns RK_OK, RK_EUSAGE, RK_ENOMEM. */
enum rk_status rk_options_parse(const struct rk_option *options, int argc, char **argv,
                                struct rk_names *operands, struct rk_error *error);

/* A tool, as its help, manual page and the list of tools show it. */
struct rk_tool {
    const char *name;            /* rep-describe */
    const char *question;        /* the question it answers, one line */
    const char *synopsis;        /* [OPTIONS] [FILE] */
    const char *about;           /* a short paragraph for the manual page */
    const char *const *examples; /* NULL-terminated: shown first, and run as tests, from the root
                                    of the source tree */
    const char *tables;          /* what --emit names, as "coef|fit", the default first */
};

void rk_help_print(const struct rk_tool *tool, const struct rk_option *options,
                   struct rk_text *out);
void rk_man_print(const struct rk_tool *tool, const struct rk_option *options, struct rk_text *out);
/* shell is bash, zsh or fish; the caller has checked. */
void rk_completion_print(const struct rk_tool *tool, const struct rk_option *options,
                         const char *shell, struct rk_text *out);

/* rk_names_parse of what an option was given; a failure begins with "--option: ". */
enum rk_status rk_option_names(const char *option, const char *value, struct rk_names *names,
                               struct rk_error *error);

#endif
