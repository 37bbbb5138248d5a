#include "repkit/words.h"

#include <math.h>

void rk_say_number(struct rk_text *out, double value)
{
    rk_text_rounded(out, value, 4);
}

void rk_say_p(struct rk_text *out, const char *name, double p)
{
    struct rk_text text = {0};

    rk_text_p_value(&text, p);
    if (text.failed)
        out->failed = true;
    else if (text.bytes[0] == '<')
        rk_text_format(out, "%s < %s", name, text.bytes + 1);
    else
        rk_text_format(out, "%s = %s", name, text.bytes);
    rk_text_free(&text);
}

void rk_say_interval(struct rk_text *out, double conf_level, double low, double high)
{
    if (isnan(low) || isnan(high))
        return;
    rk_text_format(out, " (%.4g%% interval ", 100.0 * conf_level);
    if (isinf(low)) {
        rk_text_add(out, "at most ");
        rk_say_number(out, high);
    } else if (isinf(high)) {
        rk_text_add(out, "at least ");
        rk_say_number(out, low);
    } else {
        rk_say_number(out, low);
        rk_text_add(out, " to ");
        rk_say_number(out, high);
    }
    rk_text_add_char(out, ')');
}

void rk_say_ci(struct rk_text *out, double conf_level, double low, double high)
{
    if (isnan(low) || isnan(high))
        return;
    rk_text_format(out, ", %.4g%% CI ", 100.0 * conf_level);
    rk_text_add(out, isinf(low) ? "(-Inf" : "[");
    if (!isinf(low))
        rk_say_number(out, low);
    rk_text_add(out, ", ");
    if (!isinf(high))
        rk_say_number(out, high);
    rk_text_add(out, isinf(high) ? "Inf)" : "]");
}

void rk_explain(struct rk_result *result, struct rk_text *row, struct rk_text *manager,
                struct rk_text *paper)
{
    if (row->failed || manager->failed || paper->failed)
        result->status = RK_ENOMEM;
    else
        rk_result_explain(result, row->bytes, manager->bytes, paper->bytes);
    rk_text_free(row);
    rk_text_free(manager);
    rk_text_free(paper);
}
