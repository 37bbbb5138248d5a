/* One run of a tool, from the command line to the exit status. The steps are sticky: after a
 * failure the later ones do nothing, so a main reads as open, read, run, close. */
#ifndef REPKIT_SESSION_H
#define REPKIT_SESSION_H

#include "repkit/analysis.h"
#include "repkit/crm_files.h"
#include "repkit/expression.h"
#include "repkit/formula.h"
#include "repkit/moments_units.h"
#include "repkit/options.h"
#include "repkit/render.h"

/* What the shared options fill. */
struct rk_shared {
    struct rk_common *common; /* the analysis' own options; NULL where there are none */
    /* input */
    const char *delimiter, *decimal, *encoding, *na, *where;
    int on_bad, date_order, calendar;
    double max_unpacked; /* in units of 1e9 bytes */
    /* statistics */
    size_t seed, threads;
    double max_memory; /* in units of 1e9 bytes; 0 for no bound */
    /* output */
    const char *output, *emit, *rows, *assert_all, *assert_any, *strict;
    int format;
    size_t digits;
    bool quiet, explain;
    int action;
    const char *completion;
};
#define RK_SHARED_DEFAULT      \
    {                          \
        .seed = 1, .digits = 4 \
    }

/* Rows of the option table that tools share; `s` is a struct rk_shared, `c` the struct rk_common
 * of the tool's options. A tool takes those that make sense for it, in this order. */
#define RK_INPUT_OPTIONS(s, c)                                                       \
    RK_TABLE_OPTIONS(s),                                                             \
        {RK_OPTION_CHOICE,                                                           \
         0,                                                                          \
         "missing",                                                                  \
         &(c).missing,                                                               \
         RK_MISSINGS,                                                                \
         "rows with missing cells in the columns used",                              \
         0,                                                                          \
         0},                                                                         \
    {                                                                                \
        RK_OPTION_COLUMNS, 0, "by", &(c).by, "COLS", "run once for each group", 0, 0 \
    }
/* For tools whose input is a table but no data set: a model, another tool's output. */
#define RK_TABLE_OPTIONS(s) RK_TABLE_OPTIONS_BAD(s, "error")
/* The same for a tool with another default of --on-bad, which is a literal. */
#define RK_TABLE_OPTIONS_BAD(s, bad)                                                         \
    RK_HEADING("Input"),                                                                     \
        {RK_OPTION_TEXT,                                                                     \
         0,                                                                                  \
         "where",                                                                            \
         &(s).where,                                                                         \
         "EXPR",                                                                             \
         "keep rows: 'region == \"North\" && calls > 0'",                                    \
         0,                                                                                  \
         0},                                                                                 \
        {RK_OPTION_TEXT,                                                                     \
         'd',                                                                                \
         "delimiter",                                                                        \
         &(s).delimiter,                                                                     \
         "C",                                                                                \
         "field separator: , ; tab | (detected)",                                            \
         0,                                                                                  \
         0},                                                                                 \
        {RK_OPTION_TEXT, 0, "decimal", &(s).decimal, "C", "decimal mark, . or , (.)", 0, 0}, \
        {RK_OPTION_TEXT, 0, "na", &(s).na, "LIST", "further missing-value words", 0, 0},     \
        {RK_OPTION_CHOICE,                                                                   \
         0,                                                                                  \
         "on-bad",                                                                           \
         &(s).on_bad,                                                                        \
         "error|na",                                                                         \
         "a cell that is no number (" bad ")",                                               \
         0,                                                                                  \
         0},                                                                                 \
        {RK_OPTION_CHOICE,                                                                   \
         0,                                                                                  \
         "date-order",                                                                       \
         &(s).date_order,                                                                    \
         "auto|dmy|mdy|ymd",                                                                 \
         "how 03/04/2024 is meant",                                                          \
         0,                                                                                  \
         0},                                                                                 \
        {RK_OPTION_CHOICE,                                                                   \
         0,                                                                                  \
         "calendar",                                                                         \
         &(s).calendar,                                                                      \
         RK_CALENDARS,                                                                       \
         "in which dates are written",                                                       \
         0,                                                                                  \
         0},                                                                                 \
        {RK_OPTION_TEXT,                                                                     \
         0,                                                                                  \
         "encoding",                                                                         \
         &(s).encoding,                                                                      \
         "NAME",                                                                             \
         "such as GBK, Windows-1252 (UTF-8, or by its mark)",                                \
         0,                                                                                  \
         0},                                                                                 \
    {                                                                                        \
        RK_OPTION_NUMBER, 0, "max-unpacked", &(s).max_unpacked, "GB",                        \
            "gzip: most bytes / 1e9 (1, or 100 times its size)", 0, 1e9                      \
    }
#define RK_CONF_OPTION(c)                                                                        \
    {                                                                                            \
        RK_OPTION_NUMBER, 0, "conf", &(c).conf_level, "LEVEL", "confidence level (0.95)", 0, 100 \
    }
#define RK_ALTERNATIVE_OPTION(c)                                               \
    {                                                                          \
        RK_OPTION_CHOICE, 0, "alternative", &(c).alternative, RK_ALTERNATIVES, \
            "what the p-value is against", 0, 0                                \
    }
#define RK_ADJUST_OPTION(c)                                         \
    {                                                               \
        RK_OPTION_CHOICE, 0, "p-adjust", &(c).p_adjust, RK_ADJUSTS, \
            "adjust p over all rows (holm)", 0, 0                   \
    }
#define RK_RANDOM_OPTIONS(s)                                                                    \
    {RK_OPTION_COUNT, 0, "seed", &(s).seed, "N", "of everything random (1);", 0, 0},            \
        {RK_OPTION_NUMBER,                                                                      \
         0,                                                                                     \
         "max-memory",                                                                          \
         &(s).max_memory,                                                                       \
         "GB",                                                                                  \
         "+take no more memory (no bound)",                                                     \
         0.01,                                                                                  \
         1e6},                                                                                  \
    {                                                                                           \
        RK_OPTION_COUNT, 'j', "threads", &(s).threads, "N", "at most N at once (all cores)", 0, \
            4096                                                                                \
    }
#define RK_OUTPUT_OPTIONS(s)                                                                         \
    RK_HEADING("Output"),                                                                            \
        {RK_OPTION_CHOICE,                                                                           \
         'f',                                                                                        \
         "format",                                                                                   \
         &(s).format,                                                                                \
         RK_FILE_FORMATS,                                                                            \
         "auto: a table on a terminal, else CSV, or by -o's suffix",                                 \
         0,                                                                                          \
         0},                                                                                         \
        {RK_OPTION_TEXT,                                                                             \
         'o',                                                                                        \
         "output",                                                                                   \
         &(s).output,                                                                                \
         "FILE",                                                                                     \
         "write there, as a whole or not at all",                                                    \
         0,                                                                                          \
         0},                                                                                         \
        {RK_OPTION_TEXT, 0, "emit", &(s).emit, "TABLES", "tables to print, or NAME=FILE,...", 0, 0}, \
        {RK_OPTION_TEXT,                                                                             \
         0,                                                                                          \
         "rows",                                                                                     \
         &(s).rows,                                                                                  \
         "EXPR",                                                                                     \
         "print only these rows: 'p_value < 0.05'",                                                  \
         0,                                                                                          \
         0},                                                                                         \
        {RK_OPTION_COUNT,                                                                            \
         0,                                                                                          \
         "digits",                                                                                   \
         &(s).digits,                                                                                \
         "N",                                                                                        \
         "significant digits for people (4)",                                                        \
         1,                                                                                          \
         17},                                                                                        \
        {RK_OPTION_FLAG,                                                                             \
         0,                                                                                          \
         "explain",                                                                                  \
         &(s).explain,                                                                               \
         NULL,                                                                                       \
         "say in words what each row means",                                                         \
         0,                                                                                          \
         0},                                                                                         \
        {RK_OPTION_TEXT,                                                                             \
         0,                                                                                          \
         "assert",                                                                                   \
         &(s).assert_all,                                                                            \
         "EXPR",                                                                                     \
         "exit 1 unless it holds for every row printed",                                             \
         0,                                                                                          \
         0},                                                                                         \
        {RK_OPTION_TEXT,                                                                             \
         0,                                                                                          \
         "assert-any",                                                                               \
         &(s).assert_any,                                                                            \
         "EXPR",                                                                                     \
         "the same for at least one row",                                                            \
         0,                                                                                          \
         0},                                                                                         \
        {RK_OPTION_MAYBE,                                                                            \
         0,                                                                                          \
         "strict",                                                                                   \
         &(s).strict,                                                                                \
         "CODES",                                                                                    \
         "refuse (exit 4) where there are warnings",                                                 \
         0,                                                                                          \
         0},                                                                                         \
        {RK_OPTION_FLAG, 'q', "quiet", &(s).quiet, NULL, "no warnings", 0, 0}, RK_HELP_OPTIONS(s)
#define RK_HELP_OPTIONS(s)                                                                           \
    {RK_OPTION_ACTION, 'h', "help", &(s).action, NULL, "this text", RK_ACTION_HELP, 0},              \
        {RK_OPTION_ACTION,  0, "version", &(s).action, NULL, "+and the version",                     \
         RK_ACTION_VERSION, 0},                                                                      \
        {RK_OPTION_ACTION, 0, "man", &(s).action, NULL, "the manual page (mdoc)", RK_ACTION_MAN, 0}, \
    {                                                                                                \
        RK_OPTION_TEXT, 0, "completion", &(s).completion, "SHELL",                                   \
            "completion for bash, zsh or fish", 0, 0                                                 \
    }
enum { RK_ACTION_NONE, RK_ACTION_HELP, RK_ACTION_VERSION, RK_ACTION_MAN };

/* Where one emitted table goes: file NULL is -o or standard output. */
struct rk_emit {
    char *table, *file;
};

struct rk_session {
    const struct rk_tool *tool;
    struct rk_shared *shared;
    struct rk_names operands;
    struct rk_csv_options csv; /* made of the shared input options */
    struct rk_ctx ctx;
    struct rk_moments_file moments; /* of --from-moments, once they are read */
    struct rk_result *result;
    struct rk_emit *emit;
    size_t n_emits;
    struct rk_node *where, *rows, *assert_all, *assert_any;
    struct rk_names strict;     /* the codes of --strict; none: all */
    enum rk_file_format format; /* of the main output, decided */
    struct rk_meta meta;
    struct rk_text command;
    bool stop; /* --help and its kin: printed, nothing more to do */
    bool progress_shown;
    int progress_percent;
    double progress_start;
    enum rk_status status;
    struct rk_error error;
};

/* Reads the command line, answers --help and its kin, checks the shared options. Returns true if
 * there is work to do. */
bool rk_session_open(struct rk_session *session, const struct rk_tool *tool,
                     const struct rk_option *options, struct rk_shared *shared, int argc,
                     char **argv);

/* Keeps a status (the first failure stays). Returns true if all is well so far. */
bool rk_session_ok(struct rk_session *session, enum rk_status status);

/* Refuses what was asked for (RK_EUSAGE), in words; after an earlier failure that one stays. */
void rk_session_refuse(struct rk_session *session, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Refuses more than `most` operands, naming the first that is too many. */
bool rk_session_operands(struct rk_session *session, size_t least, size_t most);

/* The index of the first operand in "a|b|c", for tools whose first word says what to do; -1 after a
 * failure, which names the nearest. `what` is "no design". */
int rk_session_choice(struct rk_session *session, const char *what, const char *choices);

/* The operand of that index, or NULL (standard input) if there is none. */
const char *rk_session_file(const struct rk_session *session, size_t operand);

/* Reads a file operand (NULL: standard input) into a table that the caller frees: the wanted
 * columns, --by's and --where's; drops the rows that --where does not keep. NULL on failure. */
struct rk_table *rk_session_read(struct rk_session *session, const char *path,
                                 struct rk_wants *wants);

/* A file beside that of the tool's data, read as `csv` says: --by and --where are not about it.
 * NULL on failure, or if there is none (path NULL). */
struct rk_table *rk_session_read_beside(struct rk_session *session, const char *path,
                                        const struct rk_csv_options *csv,
                                        const struct rk_wants *wants);

/* The same as rk_session_read block by block, without keeping the rows, see rk_csv_each: `work` is
 * given the rows that --where keeps. Returns what rk_csv_each fills, the caller's to free; NULL on
 * failure. The result does not know of the input yet. */
struct rk_table *rk_session_each(struct rk_session *session, const char *path,
                                 struct rk_wants *wants, const struct rk_row_work *work);

/* Tells the result about the input that the table is of, and how many of its rows are left. */
void rk_session_took(struct rk_session *session, const struct rk_table *table, size_t n_rows);

/* The same of what rep-moments wrote: a row for each of its groups, which are called `group`. The
 * moments themselves are in the session's `moments`. */
struct rk_table *rk_session_read_moments(struct rk_session *session, const char *path,
                                         const char *group);

/* Reads the CRM files that are given into their tables. --where is about events: the roster keeps
 * all its rows. The session's error says what failed. */
void rk_session_read_files(struct rk_session *session, struct rk_crm_files *files);

/* The first operand as a formula, which the caller frees; NULL on failure: an operand without ~ is
 * told that the formula comes before the file. There must be an operand. */
struct rk_formula *rk_session_formula(struct rk_session *session);

/* Whether --emit names the table. Expensive tables are made only then. */
bool rk_session_emits(const struct rk_session *session, const char *table);

/* Whether the table is printed if it is there: --emit names it, or names none in a format that has
 * room for more than one. Cheap tables are made then. */
bool rk_session_shows(const struct rk_session *session, const char *table);

/* Adds a table to those that --emit names: to a file, or NULL for the main output. RK_OK or
 * RK_ENOMEM. */
enum rk_status rk_session_emit(struct rk_session *session, const char *table, const char *file);

/* Writes a file (NULL: standard output) as a whole or not at all. */
void rk_session_write(struct rk_session *session, const char *path, const struct rk_text *text);

/* Prints plain text instead of a result: nothing else is rendered. */
void rk_session_print(struct rk_session *session, const struct rk_text *text);

/* Judges the warnings, for a tool that writes its output itself: false, with the session's error
 * set, where --strict refuses one or one got no memory. rk_session_close asks it, too. */
bool rk_session_strict(struct rk_session *session);

/* Renders the result, prints warnings and the error, judges --strict and --assert, frees all that
 * the session owns. Returns the exit status. */
int rk_session_close(struct rk_session *session);

#endif
