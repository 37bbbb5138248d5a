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
             "data are merged without loss, and rep-regress --from-moments finishes from them.",
    .examples = examples,
    .tables = "moments",
};

struct request {
    const char *cluster, *table, *filter;
    bool merge;
    int dialect; /* enum rk_sql_dialect; -1 for none */
};

/* The cluster asked for, else the fixed effect of the formula; NULL for neither. */
static const char *group_of(struct rk_session *session, const struct request *request,
                            const struct rk_formula *formula)
{
    const struct rk_names *effects = &formula->fixed_effects;

    if (effects->n > 1 || (effects->n == 1 && request->cluster != NULL &&
                           strcmp(effects->name[0], request->cluster) != 0)) {
        rk_session_ok(session,
                      rk_fail(&session->error, RK_EUSAGE,
                              "moments are by one kind of group: a fixed effect has to be the "
                              "cluster (leave out | %s)",
                              effects->name[effects->n - 1]));
        return NULL;
    }
    return effects->n == 1 ? effects->name[0] : request->cluster;
}

static void from_rows(struct rk_session *session, const struct request *request)
{
    struct rk_formula *formula = rk_session_formula(session);
    struct rk_moments_stream stream = {.formula = formula};
    const struct rk_row_work work = rk_moments_work(&stream);
    struct rk_wants wants = {0};

    if (formula != NULL &&
        rk_session_ok(session, rk_moment_columns_check(formula, &session->error)))
        stream.cluster = group_of(session, request, formula);
    if (session->status == RK_OK &&
        rk_session_ok(session, rk_moments_wants(formula, stream.cluster, &wants)) &&
        rk_session_each(session, rk_session_file(session, 1), &wants, &work)) {
        if (stream.file.group == NULL)
            rk_session_ok(session, rk_fail(&session->error, RK_ENODATA, "no row has all values"));
        else
            rk_moments_print(&stream.file, session->result);
        if (session->result->rows_used < stream.n_rows)
            rk_warn(session->result, RK_WARN_DROPPED,
                    "Rows left out for missing values: %zu of %zu",
                    stream.n_rows - session->result->rows_used, stream.n_rows);
    }
    rk_moments_stream_free(&stream);
    rk_wants_free(&wants);
    rk_formula_free(formula);
}

static void print_query(struct rk_session *session, const struct request *request)
{
    struct rk_formula *formula = rk_session_formula(session);
    struct rk_sql_plan plan = {.dialect = (enum rk_sql_dialect)request->dialect,
                               .table = request->table,
                               .filter = request->filter};
    struct rk_text query = {0};

    if (session->shared->where != NULL)
        rk_session_ok(session, rk_fail(&session->error, RK_EUSAGE,
                                       "--where is of rows here: in a query it is --filter SQL"));
    if (formula != NULL)
        plan.cluster = group_of(session, request, formula);
    if (session->status == RK_OK &&
        rk_session_ok(session, rk_sql_moments(formula, &plan, &query, &session->error)))
        rk_session_print(session, &query);
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
    else if (request->dialect < 0 && (request->table != NULL || request->filter != NULL))
        wrong = "--table and --filter are of --sql";
    if (wrong != NULL)
        rk_session_ok(session, rk_fail(&session->error, RK_EUSAGE, "%s", wrong));
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
        {RK_OPTION_TEXT, 0, "table", &request.table, "NAME", "of the database, one name", 0, 0},
        {RK_OPTION_TEXT, 0, "filter", &request.filter, "SQL", "a condition on its rows", 0, 0},
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
