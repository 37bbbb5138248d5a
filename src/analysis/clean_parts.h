/* What the parts of rep-clean share. Private to src/analysis.
 *
 * Cells are looked at once for each distinct text of a column (a label), not once a row. */
#ifndef REPKIT_CLEAN_PARTS_H
#define REPKIT_CLEAN_PARTS_H

#include "repkit/clean.h"
#include "repkit/number.h"

enum clean_type { CLEAN_TEXT, CLEAN_NUMBER, CLEAN_DATE };
#define CLEAN_TYPES "text|number|date"

/* In the order of the sorted findings of one cell. */
enum clean_kind {
    CLEAN_HEADER,
    CLEAN_RAGGED,
    CLEAN_DUPLICATE,
    CLEAN_MISSING,
    CLEAN_BAD_NUMBER,
    CLEAN_DECIMAL_COMMA,
    CLEAN_MIXED,
    CLEAN_DATES,
    CLEAN_CURRENCY,
    CLEAN_WHITESPACE,
    CLEAN_ENCODING,
    CLEAN_LABEL_VARIANT,
    CLEAN_UNKNOWN_LABEL,
    CLEAN_OUTLIER,
    CLEAN_KINDS
};

/* What is to be said of a label. */
enum {
    LABEL_MISSING = 1 << 0,   /* no value */
    LABEL_BAD = 1 << 1,       /* no number or date: emptied */
    LABEL_COMMA = 1 << 2,     /* with LABEL_BAD: because of a decimal comma */
    LABEL_SPACE = 1 << 3,     /* white space around it */
    LABEL_MAPPED = 1 << 4,    /* replaced by --map */
    LABEL_REWRITTEN = 1 << 5, /* a date that was written in another way */
    LABEL_CURRENCY = 1 << 6,  /* a number with a currency */
    LABEL_ENCODING = 1 << 7   /* text that was read in a wrong encoding once */
};

struct clean_label {
    const char *text; /* after --map and --trim; not NUL-terminated */
    double value;     /* of numbers and dates */
    uint32_t length, count;
    uint32_t out;      /* its code in the column of `out` */
    uint32_t currency; /* its code among the column's currencies */
    unsigned flags;
};

enum clean_impute { IMPUTE_NONE, IMPUTE_MEAN, IMPUTE_MEDIAN, IMPUTE_LOCF, IMPUTE_ZERO };
#define CLEAN_IMPUTES "mean|median|locf|zero" /* from IMPUTE_MEAN on */

struct clean_column {
    const struct rk_column *raw;
    char *name, *out_name; /* unique, of the input and of the output */
    struct clean_label *label;
    size_t n_labels;
    bool type_given;
    enum clean_type type;
    enum rk_time_kind kind; /* of dates */
    enum rk_date_order order;
    struct rk_dict *currency; /* those met */
    int impute;               /* enum clean_impute */
    /* Of text, the cells with a value and the numbers among them, and the first label that is none;
     * n_numbers is 0 where they are fewer than half, or where --types says so. */
    size_t n_seen, n_numbers, first_other;
    struct rk_table *map;  /* from, to; NULL for none */
    struct rk_table *list; /* --against: one column; NULL for none */
    char *list_name;
    size_t out, out_currency, out_imputed; /* columns of `out`; SIZE_MAX where there is none */
};

struct clean_finding {
    size_t line;
    uint32_t column; /* index of the column, or UINT32_MAX for the whole row */
    uint32_t value, action;
    uint32_t kind;
    size_t order;
};

struct clean {
    const struct rk_table *table;
    const struct rk_clean_options *options;
    const struct rk_ctx *ctx;
    struct rk_result *result;
    struct rk_error *error;
    struct clean_column *column;
    size_t n_columns;
    size_t *row; /* the rows of `table` that are kept, one a row of `out` */
    size_t n_rows;
    struct rk_table *out;
    struct clean_finding *finding;
    size_t n_findings, capacity;
    struct rk_dict *words; /* values and actions of findings */
    size_t n_found[CLEAN_KINDS];
    struct rk_text skipped; /* columns whose labels were too many to compare */
    size_t n_skipped;
    enum rk_status status; /* the first failure of what returns nothing */
};

/* --- text (clean_text.c) --------------------------------------------------------------------- */

/* The code point at *p, which it moves on. The bytes are valid UTF-8. */
uint32_t clean_decode(const char **p, const char *end);
void clean_encode(uint32_t point, struct rk_text *out);
/* Takes white space of any kind off both ends. */
void clean_trim(const char **text, size_t *length);
/* Whether the text shows that it was read in a wrong encoding once; `right` gets what it was
 * before, or nothing where that cannot be told. */
bool clean_is_misread(const char *text, size_t length, struct rk_text *right);
/* Whether a spreadsheet may take the text for a formula. */
bool clean_is_formula(const char *text, size_t length);
/* The beginning of a text, for messages. */
void clean_shorten(const char *text, size_t length, struct rk_text *out);

/* --- columns' names (clean_names.c) ------------------------------------------------------------
 */

/* Makes the columns with their names and reports those that change. */
enum rk_status clean_name_columns(struct clean *clean);
/* The column of that name, in the input or the output; RK_EINPUT with the nearest. */
enum rk_status clean_find_column(const struct clean *clean, const char *name, size_t *index);
/* Whether a column of the output has that name already. */
bool clean_has_name(const struct clean *clean, const char *name);

/* --- options that name columns (clean_options.c) ------------------------------------------------
 */

enum rk_status clean_read_options(struct clean *clean);

/* --- types (clean_types.c) ---------------------------------------------------------------------
 */

enum clean_reading { READ_NUMBER, READ_COMMA, READ_MISSING, READ_BAD };
enum clean_reading clean_read_number(const struct clean *clean, const struct clean_label *label,
                                     double *value, struct rk_number_marks *marks);
enum rk_reading clean_read_time(const struct clean *clean, const struct clean_label *label,
                                enum rk_date_order order, enum rk_time_kind *kind,
                                int64_t *ordinal);
/* Whether the label is one of the missing-value words of --na. */
bool clean_is_na(const struct clean *clean, const struct clean_label *label);
/* The line on which a label of a column stands first. */
size_t clean_first_line(const struct clean *clean, const struct clean_column *column, size_t label);
/* Decides what the column is, and refuses what cannot be read without guessing. */
enum rk_status clean_judge(struct clean *clean, struct clean_column *column);

/* --- cells (clean_cells.c, clean_columns.c) ------------------------------------------------------
 */

/* Decides what becomes of one label: its flags and value, and what is written, into *out. */
void clean_label_cell(const struct clean *clean, struct clean_column *column,
                      struct clean_label *label, struct rk_text *out);
/* Counts the labels of all columns over the rows kept. */
void clean_count_labels(struct clean *clean);
/* Whether the cells of a column of the output are told apart by what is written and not by their
 * numbers: text, dates (which may have clocks), and numbers of more digits than a double has. */
bool clean_is_by_text(const struct clean_column *column);
/* Makes `out` with all its columns and cells. */
enum rk_status clean_make_columns(struct clean *clean);

/* --- rows (clean_rows.c) ------------------------------------------------------------------------
 */

/* The rows to begin with: all but the ragged ones that are dropped. */
enum rk_status clean_start_rows(struct clean *clean);
enum rk_status clean_keep_where(struct clean *clean);
/* Drops or reports duplicates. */
enum rk_status clean_duplicates(struct clean *clean);

/* --- values (clean_values.c) ---------------------------------------------------------------------
 */

enum rk_status clean_impute(struct clean *clean, struct clean_column *column);
enum rk_status clean_outliers(struct clean *clean, size_t column);
enum rk_status clean_summary(struct clean *clean, size_t table);

/* --- labels (clean_labels.c, clean_distance.c, clean_words.c)
 * -------------------------------------- */

/* Reports the labels that are not in the list of --against, or that look like others. */
enum rk_status clean_check_labels(struct clean *clean, size_t column);

/* A label as it is compared: in lower case, without the marks that people leave out. */
enum { CLEAN_MOST_POINTS = 64 };
struct clean_form {
    uint32_t point[CLEAN_MOST_POINTS];
    size_t n;        /* 0: too long to be a label, or nothing in it */
    uint64_t mask;   /* which points are in it, hashed */
    uint64_t digits; /* a hash of its runs of digits */
};
void clean_form_of(const char *text, size_t length, struct clean_form *form);
/* Whether the forms are as near as a slip of the keyboard leaves them: the edit distance, or
 * SIZE_MAX. `rare` allows for a slip in four letters. */
size_t clean_distance(const struct clean_form *a, const struct clean_form *b, bool rare);
/* Whether the words in which two texts differ are each near enough. */
bool clean_words_are_near(const char *a, size_t n_a, const char *b, size_t n_b, bool rare);

/* Lists of words that columns often consist of: NULL behind the last. Words stand between bars. */
const char *clean_known_words(size_t list);

/* --- findings (clean_findings.c)
 * ------------------------------------------------------------------ */

/* Adds a finding; value may be NULL. column is an index, or UINT32_MAX for the whole row. */
void clean_find(struct clean *clean, enum clean_kind kind, size_t line, uint32_t column,
                const char *value, size_t length, const char *action, ...)
    __attribute__((format(printf, 7, 8)));
/* Reports what the labels' flags say, cell by cell. */
void clean_find_cells(struct clean *clean, uint32_t column);
/* Sorts the findings into the result's table. */
enum rk_status clean_put_findings(struct clean *clean, size_t table);
const char *clean_kind_name(enum clean_kind kind);

#endif
