/* Predicates, parsed and evaluated, and as arithmetic with its derivative. */
#include <math.h>
#include <stdlib.h>

#include "fuzz.h"
#include "repkit/expression.h"

enum { MOST_ROWS = 32 };

static void evaluate(const struct rk_node *tree)
{
    const struct rk_table *table = fuzz_table();
    struct rk_series series = {"rep", "week"};
    struct rk_names names = {0};
    struct rk_text print = {0};
    signed char verdict[MOST_ROWS];
    double value[MOST_ROWS], slope[MOST_ROWS];

    FUZZ_HOLDS(table->n_rows <= MOST_ROWS);
    FUZZ_HOLDS(rk_node_columns(tree, &names) == RK_OK);
    rk_names_free(&names);
    if (rk_predicate(tree, table, verdict, NULL) == RK_OK)
        for (size_t i = 0; i < table->n_rows; i++)
            FUZZ_HOLDS(verdict[i] >= -1 && verdict[i] <= 1);
    if (rk_evaluate_series(tree, table, &series, value, NULL) == RK_OK)
        for (size_t i = 0; i < table->n_rows; i++)
            FUZZ_HOLDS(!isinf(value[i]));
    rk_differentiate(tree, table, &series, "calls", value, slope, NULL);
    rk_node_print(tree, &print);
    rk_text_free(&print);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);

    for (int language = RK_PREDICATE; language <= RK_FORMULA; language++) {
        struct rk_node *tree = NULL;
        struct rk_error error = {0};
        enum rk_status status =
            rk_expression_parse(text, (enum rk_language)language, &tree, &error);

        FUZZ_HOLDS((status == RK_OK) == (tree != NULL));
        FUZZ_HOLDS(status == RK_OK || (status == RK_EUSAGE && error.text[0] != '\0'));
        if (tree != NULL)
            evaluate(tree);
        rk_node_free(tree);
    }
    free(text);
    return 0;
}
