/* rep-moments: how do I do this on a billion rows? */
#include <string.h>

#include "repkit/moments_file.h"
#include "repkit/session.h"
#include "repkit/sql.h"

static const char *const examples[] = {
    "rep-moments 'scripts ~ detailing' datasets/detailing.csv",
    "rep-moments 'scripts ~ detailing' datasets/detailing.csv --cluster physician > A.csv",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-moments",
    .question = "How do I do this on a billion rows?",
    .synopsis = "[OPTIONS] FORMULA [FILE] | --merge FILE...",
    .about = "Prints sufficient statistics: for each group (cluster) the number of rows, the means "
             "and the centred cross-products of all columns of the model. Those of parts of the "
             "data are merged without loss. --from-moments of rep-regress, rep-describe, rep-corr, "
             "rep-compare, rep-rank and rep-impact did finishes from them.",
    .examples = examples,
    .tables = "moments",
};

struct request {
    const char *cluster, *table, *filter, *weights, *levels, *id, *time;
    bool merge, list_levels;
    int dialect; /* enum rk_sql_dialect; -1 for none */
};

/* The cluster asked for, else the first fixed effect of the formula; NULL for neither. */
static const char *group_of(const struct request *request, const struct rk_formula *formula)
{
    return request->cluster != NULL       ? request->cluster
           : formula->fixed_effects.n > 0 ? formula->fixed_effects.name[0]
                                          : NULL;
}

/* The formula, further fixed effects being factors; NULL on failure. */
static struct rk_formula *read_formula(struct rk_session *session, const struct request *request)
{
    struct rk_formula *given = rk_session_formula(session), *formula = NULL;
    const struct rk_names *effects;

    if (given == NULL)
        return NULL;
    effects = &given->fixed_effects;
    given->series = (struct rk_series){request->id, request->time};
    if (effects->n == 0)
        return given;
    if (!rk_names_has(effects, group_of(request, given)))
        rk_session_refuse(session,
                          "moments are by one kind of group: a fixed effect has to be the "
                          "cluster (leave out | %s)",
                          effects->name[effects->n - 1]);
    else if (effects->n == 1)
        return given;
    else
        rk_session_ok(
            session, rk_moment_formula(given, group_of(request, given), &formula, &session->error));
    rk_formula_free(given);
    return formula;
}

static void from_rows(struct rk_session *session, const struct request *request)
{
    struct rk_formula *formula = read_formula(session, request);
    struct rk_moments_stream stream = {.formula = formula};
    const struct rk_row_work work = rk_moments_work(&stream);
    struct rk_wants wants = {0};
    struct rk_table *about = NULL;

    if (formula != NULL &&
        rk_session_ok(session, rk_moment_columns_check(formula, true, &session->error)))
        stream.cluster = group_of(request, formula);
    if (session->status == RK_OK &&
        rk_session_ok(session, rk_moments_wants(formula, stream.cluster, &wants)))
        about = rk_session_each(session, rk_session_file(session, 1), &wants, &work);
    if (about != NULL) {
        rk_session_took(session, about, stream.n_rows);
        if (stream.file.group == NULL)
            rk_session_ok(session, rk_fail(&session->error, RK_ENODATA, "no row has all values"));
        else
            rk_moments_print(&stream.file, session->result);
        if (session->result->rows_used < stream.n_rows)
            rk_warn(session->result, RK_WARN_DROPPED,
                    "Rows left out for missing values: %zu of %zu",
                    stream.n_rows - session->result->rows_used, stream.n_rows);
    }
    rk_table_free(about);
    rk_moments_stream_free(&stream);
    rk_wants_free(&wants);
    rk_formula_free(formula);
}

static void print_query(struct rk_session *session, const struct request *request)
{
    struct rk_formula *formula = read_formula(session, request);
    struct rk_sql_plan plan = {.dialect = (enum rk_sql_dialect)request->dialect,
                               .table = request->table,
                               .filter = request->filter,
                               .weights = request->weights};
    struct rk_text query = {0};

    if (session->shared->where != NULL)
        rk_session_refuse(session, "--where is of rows here: in a query it is --filter SQL");
    if (formula != NULL)
        plan.cluster = group_of(request, formula);
    if (session->status == RK_OK && request->levels != NULL)
        rk_session_ok(session, rk_sql_levels_read(request->levels, &session->csv, &session->ctx,
                                                  &plan.levels, &session->error));
    if (session->status == RK_OK &&
        rk_session_ok(session, request->list_levels
                                   ? rk_sql_list_levels(formula, &plan, &query, &session->error)
                                   : rk_sql_moments(formula, &plan, &query, &session->error)))
        rk_session_print(session, &query);
    rk_sql_levels_free(&plan.levels);
    rk_text_free(&query);
    rk_formula_free(formula);
}

static void check_request(struct rk_session *session, const struct request *request)
{
    const char *wrong = NULL;

    if (request->merge && (request->cluster != NULL || request->dialect >= 0))
        wrong = "--merge reads moments, which have their groups: leave out --cluster and --sql";
    else if (request->dialect >= 0 && request->table == NULL)
        wrong = "--sql needs --table NAME: of which table?";
    else if (request->dialect < 0 &&
             (request->table != NULL || request->filter != NULL || request->weights != NULL ||
              request->levels != NULL || request->list_levels || request->id != NULL ||
              request->time != NULL))
        wrong = "--table, --filter, --weights, --levels, --list-levels, --id and --time are of "
                "--sql";
    if (wrong != NULL)
        rk_session_refuse(session, "%s", wrong);
}

static void merge(struct rk_session *session)
{
    struct rk_moments_file file = {0};

    for (size_t i = 0; i < session->operands.n && session->status == RK_OK; i++) {
        struct rk_moments_file part = {0};

        if (!rk_session_ok(session, rk_moments_read(session->operands.name[i], &session->csv,
                                                    &session->ctx, &part, &session->error)))
            break;
        if (i == 0) {
            file = part;
            continue;
        }
        if (!rk_session_ok(session, rk_moments_join(&file, &part, &session->error)))
            rk_fail_at(&session->error, session->operands.name[i], 0, NULL);
        rk_moments_free(&part);
    }
    if (session->status == RK_OK)
        rk_moments_print(&file, session->result);
    rk_moments_free(&file);
}

int main(int argc, char **argv)
{
    struct request request = {.dialect = -1};
    struct rk_common common = RK_COMMON_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    const struct rk_option table_of_options[] = {
        {RK_OPTION_HEADING, 0, NULL, NULL, NULL, "Moments", 0, 0},
        {RK_OPTION_TEXT, 0, "cluster", &request.cluster, "COL",
         "a group for each of its values (the fixed effect after |, else one)", 0, 0},
        {RK_OPTION_FLAG, 0, "merge", &request.merge, NULL,
         "the files are moments of parts: add them up", 0, 0},
        {RK_OPTION_CHOICE, 0, "sql", &request.dialect, RK_SQL_DIALECTS,
         "print the query that makes them in a database", 0, 0},
        {RK_OPTION_TEXT, 0, "table", &request.table, "NAME", "of the database, one name;", 0, 0},
        {RK_OPTION_TEXT, 0, "filter", &request.filter, "SQL", "+a condition on its rows", 0, 0},
        {RK_OPTION_TEXT, 0, "levels", &request.levels, "FILE",
         "levels of factors: factor,level, a row a level", 0, 0},
        {RK_OPTION_FLAG, 0, "list-levels", &request.list_levels, NULL,
         "print the query that makes this file", 0, 0},
        {RK_OPTION_TEXT, 0, "weights", &request.weights, "COL",
         "a row counts so often, a whole number", 0, 0},
        {RK_OPTION_TEXT, 0, "id", &request.id, "COL", "of lag() and lead(): the units", 0, 0},
        {RK_OPTION_TEXT, 0, "time", &request.time, "COL", "and their periods, whole numbers", 0, 0},
        RK_RANDOM_OPTIONS(shared),
        RK_TABLE_OPTIONS(shared),
        RK_OUTPUT_OPTIONS(shared),
        {RK_OPTION_END, 0, NULL, NULL, NULL, NULL, 0, 0},
    };
    struct rk_session session;

    shared.common = &common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    check_request(&session, &request);
    if (request.merge) {
        if (rk_session_operands(&session, 1, 100000))
            merge(&session);
    } else if (request.dialect >= 0) {
        if (rk_session_operands(&session, 1, 1))
            print_query(&session, &request);
    } else if (rk_session_operands(&session, 1, 2)) {
        from_rows(&session, &request);
    }
    return rk_session_close(&session);
}
