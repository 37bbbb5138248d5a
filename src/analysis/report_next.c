/* The report's advice: what to measure next, by what was missing and what was warned of. */
#include <string.h>

#include "report_parts.h"

/* What a warning asks for; with a table, that of a section that has it. */
static const struct {
    const char *code, *advice, *table;
} by_warning[] = {
    {"pre-trend",
     "Find out why the groups parted before the start; a lot-drawn second wave would "
     "settle it (rep-impact rollout).",
     NULL},
    {"few-clusters",
     "More units: with so few, intervals themselves are uncertain. rep-power says "
     "how many.",
     NULL},
    {"missing-not-random", "Close the gaps in the data: those missing are not like the others.",
     NULL},
    {"dropped", "Fill the missing cells at the source, or find out why they are empty.", NULL},
    {"bad-cells", "Clean the export first: some cells are no numbers (rep-clean).", NULL},
    {"autocorrelation",
     "More units rather than more periods: neighbouring periods repeat each "
     "other.",
     NULL},
    {"heavy-tail", "Look at the few largest values one by one; they carry the means.", NULL},
    {"collinear",
     "Vary activities separately: some always go together, so their shares cannot be "
     "told.",
     NULL},
    {"extrapolation", "Try amounts of activity that nobody has tried yet, in a small group first.",
     "models"},
    {"extrapolation",
     "Measure the effect again later: the model takes it to last longer than anyone has seen.",
     "metrics"},
    {"reverse-causality",
     "Record when each activity came relative to the sale; the order is not "
     "clear here.",
     NULL},
    {"fixed-inputs", "Ask for a low and a high value of every item of the model that is a guess.",
     NULL},
    {"missing-items", "Complete the model: items without amounts count as zero.", NULL},
    {"double-counting", "Check margins and attribution of the model, so that no euro counts twice.",
     NULL},
    {"units", "Check the units and periods of the model and of its effect.", NULL},
};

static bool was_warned(const struct rk_document *document, const char *code, const char *table)
{
    for (size_t i = 0; i < document->n_sections; i++) {
        const struct rk_result *result = document->section[i].result;

        for (size_t k = 0; result != NULL && k < result->n_warnings; k++)
            if (strcmp(result->warning[k].code, code) == 0 &&
                (table == NULL || rk_result_table(result, table) != NULL))
                return true;
    }
    return false;
}

enum rk_status report_next(struct story *story)
{
    const struct rk_report_options *o = story->options;
    struct rk_document *document = story->document;
    struct rk_names *points = &story->section->points;

    if (o->treated == NULL)
        rk_document_set(document, &story->section->lead,
                        "Give the next change to half of the reps first, picked by lot: it is the "
                        "only way to turn a link into a cause. rep-impact rollout draws the plan, "
                        "rep-power says how long it takes to see.");
    else
        rk_document_set(document, &story->section->lead,
                        "Keep the groups apart a while longer and measure again: every further "
                        "period makes the interval narrower. rep-power says by how much.");
    if (o->id == NULL || o->time == NULL)
        rk_document_add(document, points,
                        "Record who and when: with --id and --time each unit can be compared with "
                        "itself.");
    for (size_t i = 0; i < sizeof by_warning / sizeof *by_warning; i++)
        if (was_warned(document, by_warning[i].code, by_warning[i].table))
            rk_document_add(document, points, by_warning[i].advice);
    if (story->model == NULL)
        rk_document_add(document, points,
                        "Write down costs and benefits (rep-roi --template) and give them with "
                        "--model: then this report says what it is worth.");
    return RK_OK;
}
