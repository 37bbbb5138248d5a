/* A formula whose further fixed effects are factors. */
#include <string.h>

#include "repkit/moment_columns.h"

static void add_name(const char *name, struct rk_text *out)
{
    const struct rk_node node = {.kind = RK_NODE_NAME, .text = (char *)(uintptr_t)name};

    rk_node_print(&node, out);
}

enum rk_status rk_moment_formula(const struct rk_formula *formula, const char *group,
                                 struct rk_formula **with_factors, struct rk_error *error)
{
    const struct rk_names *effects = &formula->fixed_effects;
    struct rk_formula *made = NULL;
    struct rk_text text = {0};
    enum rk_status status;

    if (formula->response != NULL)
        rk_node_print(formula->response, &text);
    rk_text_add(&text, formula->intercept ? " ~ 1" : " ~ 0");
    for (size_t t = 0; t < formula->n_terms; t++)
        for (size_t v = 0; v < formula->term[t].n_variables; v++) {
            rk_text_add(&text, v == 0 ? " + " : ":");
            rk_node_print(formula->term[t].variable[v], &text);
        }
    for (size_t e = 0; e < effects->n; e++)
        if (strcmp(effects->name[e], group) != 0) {
            rk_text_add(&text, " + factor(");
            add_name(effects->name[e], &text);
            rk_text_add_char(&text, ')');
        }
    if (rk_names_has(effects, group)) {
        rk_text_add(&text, " | ");
        add_name(group, &text);
    }
    status = text.failed ? rk_fail_memory(error) : rk_formula_parse(text.bytes, &made, error);
    rk_text_free(&text);
    if (status != RK_OK)
        return status;
    made->series = formula->series;
    *with_factors = made;
    return RK_OK;
}
