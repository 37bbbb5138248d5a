/* Arithmetic of a formula in a database's words. */
#include <math.h>
#include <string.h>

#include "lag.h"
#include "repkit/sql.h"

/* A dialect: `number` is a column, quoted, as a number of 53 bits, whose type is double_type; every
 * %s is the column. `fail` stands around a text and is an error when it is reached. */
static const struct {
    const char *text_type, *double_type, *number_if, *number_before, *number_after, *print_before,
        *print_after, *fail_before, *fail_after;
} dialects[] = {
    [RK_SQL_POSTGRES] = {"text", "double precision", NULL, "CAST(", " AS double precision)", "", "",
                         "CAST(", " AS double precision)"},
    [RK_SQL_DUCKDB] = {"VARCHAR", "DOUBLE", NULL, "CAST(", " AS DOUBLE)", "", "", "CAST(",
                       " AS DOUBLE)"},
    /* SQLite's own cast makes 0 of what is no number, and it prints 15 digits. */
    [RK_SQL_SQLITE] = {"TEXT", "REAL", " GLOB '*[0-9]*' AND ", "CAST(", " AS REAL) END",
                       "printf('%!.17g', ", ")", "json(", ")"},
};

/* x stands for the argument; NULL where the function has no value. */
static const struct {
    const char *name, *before, *between, *after; /* before x between x after */
} functions[] = {
    {"log", "CASE WHEN ", " > 0 THEN ln(", ") END"},
    {"log2", "CASE WHEN ", " > 0 THEN ln(", ") / 0.69314718055994529 END"},
    {"log10", "CASE WHEN ", " > 0 THEN ln(", ") / 2.3025850929940459 END"},
    {"sqrt", "CASE WHEN ", " >= 0 THEN sqrt(", ") END"},
    {"exp", NULL, NULL, "exp"},
    {"abs", NULL, NULL, "abs"},
};

const char *rk_sql_text_type(enum rk_sql_dialect dialect)
{
    return dialects[dialect].text_type;
}

const char *rk_sql_double_type(enum rk_sql_dialect dialect)
{
    return dialects[dialect].double_type;
}

void rk_sql_print(enum rk_sql_dialect dialect, bool end, struct rk_text *out)
{
    rk_text_add(out, end ? dialects[dialect].print_after : dialects[dialect].print_before);
}

static void quote(const char *text, char mark, struct rk_text *out)
{
    rk_text_add_char(out, mark);
    for (; *text != '\0'; text++) {
        rk_text_add_char(out, *text);
        if (*text == mark)
            rk_text_add_char(out, mark);
    }
    rk_text_add_char(out, mark);
}

void rk_sql_name(const char *name, struct rk_text *out)
{
    quote(name, '"', out);
}

void rk_sql_text(const char *text, struct rk_text *out)
{
    quote(text, '\'', out);
}

void rk_sql_number(const char *name, enum rk_sql_dialect dialect, struct rk_text *out)
{
    if (dialects[dialect].number_if != NULL) {
        rk_text_add(out, "CASE WHEN ");
        rk_sql_name(name, out);
        rk_text_add(out, dialects[dialect].number_if);
        rk_sql_name(name, out);
        rk_text_add(out, " NOT GLOB '*[^-+.0-9eE]*' THEN ");
    }
    rk_text_add(out, dialects[dialect].number_before);
    rk_sql_name(name, out);
    rk_text_add(out, dialects[dialect].number_after);
}

void rk_sql_label(const char *name, enum rk_sql_dialect dialect, struct rk_text *out)
{
    rk_text_add(out, "CAST(");
    rk_sql_name(name, out);
    rk_text_format(out, " AS %s)", dialects[dialect].text_type);
}

struct writing {
    const struct rk_formula *formula;
    enum rk_sql_dialect dialect;
    struct rk_text *out;
    struct rk_error *error;
    bool in_lag;
};

static enum rk_status write_node(const struct writing *w, const struct rk_node *node);

/* Of the unit's row so many periods before or after: the frame is the rows at that very time, so
 * that a gap leaves it empty. */
static void write_window(const struct writing *w, double periods)
{
    const struct rk_series *series = &w->formula->series;
    const char *side = periods > 0.0 ? "PRECEDING" : "FOLLOWING";

    rk_text_add(w->out, " OVER (");
    if (series->id != NULL) {
        rk_text_add(w->out, "PARTITION BY ");
        rk_sql_name(series->id, w->out);
        rk_text_add_char(w->out, ' ');
    }
    rk_text_add(w->out, "ORDER BY ");
    rk_sql_number(series->time, w->dialect, w->out);
    rk_text_add(w->out, " RANGE BETWEEN ");
    for (int end = 0; end < 2; end++)
        rk_text_format(w->out, "%sCAST(%.0f AS %s) %s", end > 0 ? " AND " : "", fabs(periods),
                       dialects[w->dialect].double_type, side);
    rk_text_add_char(w->out, ')');
}

static enum rk_status write_lag(const struct writing *w, const struct rk_node *node)
{
    const struct rk_series *series = &w->formula->series;
    struct writing inner = *w;
    double periods = 0.0;
    enum rk_status status = rk_lag_periods(node, w->formula->source, &periods, w->error);

    if (status != RK_OK)
        return status;
    if (series->time == NULL)
        return rk_formula_fail(w->formula, node, w->error,
                               "what comes before what? --time COL, and --id COL for units");
    if (w->in_lag)
        return rk_formula_fail(w->formula, node, w->error,
                               "SQL has no lag() within a lag(): add their periods");
    rk_text_add(w->out, "CASE WHEN ");
    if (series->id != NULL) {
        rk_sql_name(series->id, w->out);
        rk_text_add(w->out, " IS NOT NULL AND ");
    }
    rk_sql_number(series->time, w->dialect, w->out);
    rk_text_add(w->out, " IS NOT NULL THEN CASE WHEN COUNT(*)");
    write_window(w, periods);
    rk_text_format(w->out, " > 1 THEN %s'two rows of a unit at one time: ' || ",
                   dialects[w->dialect].fail_before);
    rk_sql_label(series->time, w->dialect, w->out);
    rk_text_format(w->out, "%s ELSE FIRST_VALUE(", dialects[w->dialect].fail_after);
    inner.in_lag = true;
    status = write_node(&inner, node->child[0]);
    rk_text_add_char(w->out, ')');
    write_window(w, periods);
    rk_text_add(w->out, " END END");
    return status;
}

static enum rk_status write_call(const struct writing *w, const struct rk_node *node)
{
    enum rk_status status = RK_OK;

    if (rk_is_lag(node))
        return write_lag(w, node);
    if (strcmp(node->text, "I") == 0 || strcmp(node->text, "(") == 0)
        return write_node(w, node->child[0]);
    for (size_t f = 0; f < sizeof functions / sizeof functions[0]; f++) {
        if (strcmp(node->text, functions[f].name) != 0)
            continue;
        rk_text_format(w->out, "(%s",
                       functions[f].before != NULL ? functions[f].before : functions[f].after);
        if (functions[f].before == NULL)
            rk_text_add_char(w->out, '(');
        status = write_node(w, node->child[0]);
        if (status == RK_OK && functions[f].before != NULL) {
            rk_text_add(w->out, functions[f].between);
            status = write_node(w, node->child[0]);
        }
        rk_text_add(w->out, functions[f].before != NULL ? functions[f].after : ")");
        rk_text_add_char(w->out, ')');
        return status;
    }
    return rk_formula_fail(w->formula, node, w->error,
                           "SQL has no function that keeps this one's digits: add the column "
                           "before");
}

/* Whole powers as products, which no dialect lacks. */
static enum rk_status write_power(const struct writing *w, const struct rk_node *node)
{
    const struct rk_node *power = node->child[1];
    enum rk_status status = RK_OK;

    if (power->kind != RK_NODE_NUMBER || power->value < 1.0 || power->value > 16.0 ||
        power->value != floor(power->value))
        return rk_formula_fail(w->formula, power, w->error,
                               "--sql takes whole powers from 1 to 16; sqrt() and / may serve");
    rk_text_add_char(w->out, '(');
    for (int i = 0; i < (int)power->value && status == RK_OK; i++) {
        rk_text_add(w->out, i > 0 ? " * " : "");
        status = write_node(w, node->child[0]);
    }
    rk_text_add_char(w->out, ')');
    return status;
}

static enum rk_status write_operator(const struct writing *w, const struct rk_node *node)
{
    const char *word = node->op == RK_OP_PLUS     ? "+"
                       : node->op == RK_OP_MINUS  ? "-"
                       : node->op == RK_OP_TIMES  ? "*"
                       : node->op == RK_OP_DIVIDE ? "/"
                                                  : NULL;
    enum rk_status status = RK_OK;

    if (node->op == RK_OP_POWER)
        return write_power(w, node);
    if (word == NULL)
        return rk_formula_fail(w->formula, node, w->error, "--sql knows + - * / ^ here");
    rk_text_add_char(w->out, '(');
    if (node->n_children == 2)
        status = write_node(w, node->child[0]);
    if (status != RK_OK)
        return status;
    rk_text_format(w->out, " %s ", word);
    if (node->op == RK_OP_DIVIDE)
        rk_text_add(w->out, "NULLIF(");
    status = write_node(w, node->child[node->n_children - 1]);
    rk_text_add(w->out, node->op == RK_OP_DIVIDE ? ", 0))" : ")");
    return status;
}

static enum rk_status write_node(const struct writing *w, const struct rk_node *node)
{
    switch (node->kind) {
    case RK_NODE_NUMBER:
        /* With an exponent it is no whole number, which would divide as such, nor a decimal. */
        rk_text_format(w->out, "%.17e", node->value);
        return RK_OK;
    case RK_NODE_NAME:
        rk_sql_number(node->text, w->dialect, w->out);
        return RK_OK;
    case RK_NODE_CALL:
        return write_call(w, node);
    case RK_NODE_OPERATOR:
        return write_operator(w, node);
    default:
        return rk_formula_fail(w->formula, node, w->error, "--sql knows numbers and columns here");
    }
}

enum rk_status rk_sql_expression(const struct rk_formula *formula, const struct rk_node *node,
                                 enum rk_sql_dialect dialect, struct rk_text *out,
                                 struct rk_error *error)
{
    const struct writing writing = {formula, dialect, out, error, false};

    return write_node(&writing, node);
}
