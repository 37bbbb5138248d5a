/* The formula that is the first operand of some tools. */
#include <string.h>

#include "repkit/session.h"

struct rk_formula *rk_session_formula(struct rk_session *session)
{
    const char *text = session->operands.name[0];
    struct rk_formula *formula = NULL;
    struct rk_error error = {0};
    enum rk_status status;

    if (strchr(text, '~') == NULL) {
        rk_session_refuse(session,
                          "'%s' is no formula: first comes one like 'y ~ x', then the file", text);
        return NULL;
    }
    status = rk_formula_parse(text, &formula, &error);
    if (!rk_session_ok(session, status))
        rk_fail(&session->error, status, "formula: %s", error.text);
    return formula;
}
