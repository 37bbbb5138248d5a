/* Formulas, parsed, printed, and made into a model frame. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "repkit/formula.h"

static void make_frame(struct rk_formula *formula)
{
    struct rk_model_frame *frame = NULL;
    struct rk_wants wants = {0};
    struct rk_error error = {0};
    struct rk_text print = {0};
    enum rk_status status;

    if ((formula->lag != NULL))
        formula->series = (struct rk_series){"rep", "week"};
    FUZZ_HOLDS(rk_formula_wants(formula, &wants) == RK_OK);
    rk_wants_free(&wants);
    rk_node_print(formula->tree, &print);
    FUZZ_HOLDS(!print.failed);
    rk_text_free(&print);
    status = rk_model_frame_new(formula, fuzz_table(), NULL, &frame, &error);
    FUZZ_HOLDS((status == RK_OK) == (frame != NULL));
    FUZZ_HOLDS(status == RK_OK || error.text[0] != '\0');
    for (size_t i = 0; frame != NULL && i < frame->n * frame->p; i++)
        FUZZ_HOLDS(isfinite(frame->X[i]));
    rk_model_frame_free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rk_formula *formula = NULL;
    struct rk_error error = {0};
    char *text = fuzz_text(data, size);
    enum rk_status status = rk_formula_parse(text, &formula, &error);

    FUZZ_HOLDS((status == RK_OK) == (formula != NULL));
    FUZZ_HOLDS(status == RK_OK || (status == RK_EUSAGE && error.text[0] != '\0'));
    if (formula != NULL)
        make_frame(formula);
    rk_formula_free(formula);
    free(text);
    return 0;
}
