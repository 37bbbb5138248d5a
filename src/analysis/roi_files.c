#include "repkit/roi_files.h"

#include <stdlib.h>
#include <string.h>

#include "repkit/file_spec.h"

struct wanted {
    const char *name;
    enum rk_role role;
};

/* What all files share. */
struct reading {
    struct rk_csv_options csv;
    const struct rk_ctx *ctx;
    bool stdin_taken;
    struct rk_error *error;
};

static enum rk_status read_table(struct reading *reading, struct rk_file_spec *spec,
                                 const char *option, const struct wanted *wanted, char *decimal,
                                 struct rk_table **table)
{
    struct rk_csv_options csv = reading->csv;
    struct rk_error *error = reading->error;
    struct rk_wants wants = {0};
    bool is_stdin = strcmp(spec->path, "-") == 0;
    enum rk_status status = rk_file_spec_csv(spec, option, &csv, error);

    if (status == RK_OK && spec->key.n > 0)
        status = rk_fail(error, RK_EUSAGE, "%s: no key '%.80s'", option, spec->key.name[0]);
    if (status == RK_OK && is_stdin && reading->stdin_taken)
        status = rk_fail(error, RK_EUSAGE, "%s: standard input can be read only once", option);
    reading->stdin_taken = reading->stdin_taken || is_stdin;
    for (size_t k = 0; status == RK_OK && k < 3 && wanted[k].name != NULL; k++)
        if (rk_wants_add(&wants, wanted[k].name, wanted[k].role) != RK_OK)
            status = rk_fail_memory(error);
    if (status == RK_OK)
        status = rk_csv_read(spec->path, &wants, &csv, reading->ctx, table, error);
    rk_wants_free(&wants);
    *decimal = csv.decimal;
    return status;
}

static enum rk_status check_name(const struct rk_roi_files *files, const char *name,
                                 struct rk_error *error)
{
    if (strcmp(name, "base") == 0)
        return rk_fail(error, RK_EUSAGE, "--scenario: 'base' is the model as it stands");
    for (size_t i = 0; i < files->n_scenarios; i++)
        if (strcmp(files->scenario[i].name, name) == 0)
            return rk_fail(error, RK_EUSAGE, "--scenario: '%.80s' is given twice", name);
    return RK_OK;
}

static enum rk_status read_scenario(struct reading *reading, const char *text,
                                    struct rk_roi_files *files)
{
    static const struct wanted wanted[3] = {
        {"item", RK_AS_LABEL}, {"column", RK_AS_LABEL}, {"value", RK_AS_LABEL}};
    struct rk_roi_scenario *grown =
        realloc(files->scenario, (files->n_scenarios + 1) * sizeof *grown);
    struct rk_file_spec spec = {0};
    enum rk_status status;

    if (grown == NULL)
        return rk_fail_memory(reading->error);
    files->scenario = grown;
    status = rk_file_spec_parse(text, true, "--scenario", &spec, reading->error);
    if (status == RK_OK)
        status = check_name(files, spec.name, reading->error);
    if (status == RK_OK) {
        struct rk_roi_scenario *added = &grown[files->n_scenarios++];

        *added = (struct rk_roi_scenario){.name = spec.name};
        spec.name = NULL;
        status = read_table(reading, &spec, "--scenario", wanted, &added->decimal, &added->table);
    }
    rk_file_spec_free(&spec);
    return status;
}

static enum rk_status read_other(struct reading *reading, const char *text, const char *option,
                                 const struct wanted *wanted, struct rk_table **table)
{
    struct rk_file_spec spec = {0};
    enum rk_status status;
    char decimal;

    if (text == NULL)
        return RK_OK;
    status = rk_file_spec_parse(text, false, option, &spec, reading->error);
    if (status == RK_OK)
        status = read_table(reading, &spec, option, wanted, &decimal, table);
    rk_file_spec_free(&spec);
    return status;
}

enum rk_status rk_roi_files_read(const struct rk_names *scenarios, const char *risk,
                                 const char *rho, bool stdin_taken,
                                 const struct rk_csv_options *csv, const struct rk_ctx *ctx,
                                 struct rk_roi_files *files, struct rk_error *error)
{
    static const struct wanted factors[3] = {{"item", RK_AS_LABEL}, {"factor", RK_AS_NUMBER}};
    static const struct wanted pairs[3] = {
        {"item1", RK_AS_LABEL}, {"item2", RK_AS_LABEL}, {"rho", RK_AS_NUMBER}};
    struct reading reading = {*csv, ctx, stdin_taken, error};
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < scenarios->n; i++)
        status = read_scenario(&reading, scenarios->name[i], files);
    if (status == RK_OK)
        status = read_other(&reading, risk, "--risk-adjust", factors, &files->risk);
    if (status == RK_OK)
        status = read_other(&reading, rho, "--rho", pairs, &files->rho);
    return status;
}

void rk_roi_files_free(struct rk_roi_files *files)
{
    for (size_t i = 0; i < files->n_scenarios; i++) {
        free(files->scenario[i].name);
        rk_table_free(files->scenario[i].table);
    }
    free(files->scenario);
    rk_table_free(files->risk);
    rk_table_free(files->rho);
    *files = (struct rk_roi_files){0};
}
