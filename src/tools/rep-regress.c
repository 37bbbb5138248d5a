/* rep-regress: how much outcome per unit of activity, other things equal? */
#include <string.h>

#include "repkit/regress.h"
#include "repkit/session.h"

static const char *const examples[] = {
    "rep-regress 'scripts ~ detailing' datasets/detailing.csv",
    "rep-regress 'scripts ~ detailing | physician' datasets/detailing.csv --explain -f table",
    "rep-regress 'scripts ~ detailing + specialist' datasets/detailing.csv --cluster physician",
    "rep-regress 'Sales ~ Time + Share + log(Accounts)' datasets/cravens.csv --vcov hc3 --emit fit",
    NULL,
};

static const struct rk_tool tool = {
    .name = "rep-regress",
    .question = "How much outcome per unit of activity, other things equal?",
    .synopsis = "[OPTIONS] FORMULA [FILE]",
    .about = "Fits a linear model by least squares, or a logit, Poisson or negative binomial model "
             "by maximum likelihood. The formula is R's: y ~ a + b*c + I(a^2) + "
             "log(d) + factor(e) - 1 | rep, where the column after the bar is a fixed effect, each "
             "of whose levels keeps its own mean. Columns of text become factors. With a fixed "
             "effect or --cluster the errors are clustered.",
    .examples = examples,
    /* In the order of enum rk_regress_table. */
    .tables = "coef|fit|tests|rows|influence|importance|margins|slopes|predictions",
};

/* Cheap tables are made in any case, the others where they are asked for. */
static void choose_tables(struct rk_session *session, struct rk_regress_options *options,
                          const char *predict)
{
    bool predicts = rk_session_emits(session, "predictions"), named = false;

    if (predicts && predict == NULL)
        rk_session_refuse(session,
                          "--emit predictions needs --predict FILE, the rows to predict for");
    if (predict != NULL && session->n_emits > 0 && !predicts &&
        !rk_session_emits(session, "explain"))
        rk_session_refuse(session, "--predict prints the table predictions: name it in --emit, "
                                   "or leave --emit out");
    if (predict != NULL && session->n_emits == 0 &&
        rk_session_emit(session, "predictions", NULL) != RK_OK)
        rk_session_ok(session, rk_fail_memory(&session->error));
    memset(options->makes, 0, sizeof options->makes);
    for (size_t i = 0; i < session->n_emits; i++) {
        const char *name = session->emit[i].table;
        int table = rk_choice_find(tool.tables, name, strlen(name));

        if (table < 0) /* explain */
            continue;
        options->makes[table] = named = true;
        options->lean = options->lean && table <= RK_REGRESS_FIT;
    }
    for (size_t i = 0; i <= RK_REGRESS_FIT; i++)
        options->makes[i] = options->makes[i] || !named;
    if (predict != NULL) {
        options->makes[RK_REGRESS_PREDICTIONS] = true;
        options->lean = false;
    }
}

/* --robust alone is mm. */
static void choose_robust(struct rk_session *session, const char *kind,
                          struct rk_regress_options *options)
{
    int choice = kind == NULL      ? -1
                 : kind[0] == '\0' ? 0
                                   : rk_choice_find(RK_ROBUSTS, kind, strlen(kind));

    if (kind != NULL && choice < 0)
        rk_session_ok(session,
                      rk_choice_fail(RK_ROBUSTS, kind, "--robust: no", RK_EUSAGE, &session->error));
    options->robust = choice + 1;
}

static struct rk_table *read_predict(struct rk_session *session,
                                     const struct rk_regress_options *options, const char *path)
{
    struct rk_wants wants = {0};
    struct rk_table *table = NULL;

    if (rk_session_ok(session, rk_regress_predict_wants(options, &wants)))
        table = rk_session_read_beside(session, path, &session->csv, &wants);
    rk_wants_free(&wants);
    return table;
}

/* Moments are read in the place of rows; what they cannot carry is refused before. */
static void regress_moments(struct rk_session *session, struct rk_regress_options *options)
{
    struct rk_table *none = NULL;

    options->moments = &session->moments;
    if (options->formula->lag != NULL) /* they were for the query */
        options->id = options->time = NULL;
    if (session->shared->where != NULL || options->common.by.n > 0)
        rk_session_refuse(session,
                          "--from-moments has no rows for --%s: choose them in rep-moments",
                          session->shared->where != NULL ? "where" : "by");
    if (session->status == RK_OK &&
        rk_session_ok(session, rk_regress_check(options, &session->error)) &&
        rk_session_ok(session,
                      rk_moments_read(rk_session_file(session, 1), &session->csv, &session->ctx,
                                      &session->moments, &session->error))) {
        none = rk_table_new("moments");
        rk_session_ok(session, none == NULL ? rk_fail_memory(&session->error)
                                            : rk_regress_run(none, options, &session->ctx,
                                                             session->result, &session->error));
        session->result->rows_read = (size_t)rk_moments_total(&session->moments);
    }
    rk_table_free(none);
}

/* From what a stream has read: its moments, or else the rows, if it kept them. False if the rows
 * are to be read after all. */
static bool run_stream(struct rk_session *session, struct rk_regress_options *options,
                       const struct rk_moments_stream *stream, const struct rk_table *about)
{
    bool serves = false;

    if ((double)about->n_bytes >= RK_REGRESS_STREAMED &&
        rk_regress_stream_serves(stream, &serves) != RK_OK) {
        rk_session_ok(session, rk_fail_memory(&session->error));
        return true;
    }
    if (!serves && !stream->keeps)
        return false;
    rk_session_took(session, about, stream->n_rows);
    if (serves) {
        options->moments = &stream->file;
        options->stream = stream;
    }
    rk_session_ok(session,
                  rk_regress_run(serves || stream->rows == NULL ? about : stream->rows, options,
                                 &session->ctx, session->result, &session->error));
    return true;
}

/* Reads an input block by block, for its moments: what is printed must not depend on where the
 * bytes come from, so that of one that cannot be read twice the rows are kept besides. False if it
 * is to be read again. */
static bool regress_stream(struct rk_session *session, struct rk_regress_options *options)
{
    const char *path = rk_session_file(session, 1);
    double size = rk_csv_size(path);
    struct rk_moments_stream stream;
    struct rk_row_work work;
    struct rk_wants wants = {0};
    struct rk_table *about = NULL;
    bool done;

    if (session->status != RK_OK || !rk_regress_streams(options) ||
        (size > 0.0 && size < RK_REGRESS_STREAMED))
        return false;
    stream = rk_regress_stream(options);
    stream.keeps = !(size > 0.0);
    work = rk_moments_work(&stream);
    if (rk_session_ok(session, rk_regress_wants(options, &wants)))
        about = rk_session_each(session, path, &wants, &work);
    if (stream.given_up && session->status == RK_EDOMAIN) {
        session->status = RK_OK;
        session->error = (struct rk_error){0};
    }
    done = session->status != RK_OK;
    if (about != NULL)
        done = run_stream(session, options, &stream, about);
    rk_moments_stream_free(&stream);
    rk_table_free(about);
    rk_wants_free(&wants);
    return done;
}

static void regress(struct rk_session *session, struct rk_regress_options *options,
                    const char *predict, bool from_moments)
{
    struct rk_formula *formula = rk_session_formula(session);
    struct rk_wants wants = {0};
    struct rk_table *table = NULL, *rows = NULL;

    options->formula = formula;
    if (formula != NULL) {
        formula->series = (struct rk_series){options->id, options->time};
        choose_tables(session, options, predict);
        if (from_moments)
            regress_moments(session, options);
        else
            rk_session_ok(session, rk_regress_check(options, &session->error));
    }
    if (from_moments || regress_stream(session, options)) {
        rk_formula_free(formula);
        return;
    }
    if (session->status == RK_OK && predict != NULL)
        options->predict = rows = read_predict(session, options, predict);
    if (session->status == RK_OK && rk_session_ok(session, rk_regress_wants(options, &wants)))
        table = rk_session_read(session, rk_session_file(session, 1), &wants);
    if (table != NULL)
        rk_session_ok(session, rk_regress_run(table, options, &session->ctx, session->result,
                                              &session->error));
    rk_table_free(table);
    rk_table_free(rows);
    rk_wants_free(&wants);
    rk_formula_free(formula);
}

int main(int argc, char **argv)
{
    struct rk_regress_options options = RK_REGRESS_DEFAULT;
    struct rk_shared shared = RK_SHARED_DEFAULT;
    const char *predict = NULL, *robust = NULL;
    bool from_moments = false;
    const struct rk_option table_of_options[] = {
        RK_HEADING("Model"),
        {RK_OPTION_CHOICE, 0, "family", &options.family, RK_FAMILIES, "what the outcome is", 0, 0},
        {RK_OPTION_MAYBE, 0, "robust", &robust, RK_ROBUSTS,
         "estimates that odd rows cannot bend (mm), or bend less", 0, 0},
        {RK_OPTION_TEXT, 0, "exposure", &options.exposure, "COL",
         "what counts are relative to, as days worked: its log is added", 0, 0},
        {RK_OPTION_TEXT, 0, "offset", &options.offset, "COL",
         "added to the linear predictor as it is", 0, 0},
        {RK_OPTION_TEXT, 'w', "weights", &options.weights, "COL",
         "precision weights, as lm's; of shares, the number of trials", 0, 0},
        {RK_OPTION_TEXT, 0, "id", &options.id, "COL", "the unit a row belongs to", 0, 0},
        {RK_OPTION_TEXT, 0, "time", &options.time, "COL", "+and its period", 0, 0},
        {RK_OPTION_FLAG, 0, "between", &options.between, NULL,
         "add each term's mean by --id: slopes within and between units", 0, 0},
        {RK_OPTION_FLAG, 0, "from-moments", &from_moments, NULL, "FILE is rep-moments'", 0, 0},
        {RK_OPTION_TEXT, 0, "predict", &predict, "FILE", "what to expect of these rows", 0, 0},
        RK_HEADING("Standard errors"),
        {RK_OPTION_CHOICE, 0, "vcov", &options.vcov, RK_VCOVS, "kind", 0, 0},
        {RK_OPTION_COLUMNS, 0, "cluster", &options.cluster, "COL[,COL]",
         "rows with the same value belong together (the first fixed effect)", 0, 0},
        {RK_OPTION_COUNT, 0, "hac-lag", &options.hac_lag, "N",
         "periods that --vcov hac reaches (4 (T/100)^(2/9))", 0, 100000},
        {RK_OPTION_COUNT, 0, "resamples", &options.common.resamples, "N",
         "draws of bootstraps (wild 9999, importance 1999)", 99, 10000000},
        {RK_OPTION_CHOICE, 0, "wild-weights", &options.wild_weights, RK_WILD_WEIGHTS,
         "of its draws", 0, 0},
        RK_CONF_OPTION(options.common),
        RK_ALTERNATIVE_OPTION(options.common),
        RK_RANDOM_OPTIONS(shared),
        RK_INPUT_OPTIONS(shared, options.common),
        RK_OUTPUT_OPTIONS(shared),
        RK_OPTIONS_END,
    };
    struct rk_session session;

    shared.common = &options.common;
    rk_session_open(&session, &tool, table_of_options, &shared, argc, argv);
    options.lean = true;
    choose_robust(&session, robust, &options);
    if (rk_session_operands(&session, 1, 2))
        regress(&session, &options, predict, from_moments);
    rk_names_free(&options.cluster);
    return rk_session_close(&session);
}
