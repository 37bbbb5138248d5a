/* The report on deals: how long they take, and how many are won. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "repkit/kpi.h"
#include "report_parts.h"

static const char *const kpis[] = {"sales-cycle", "win-rate"};
enum { N_KPIS = sizeof kpis / sizeof *kpis };

static enum rk_status set_options(const struct story *story, struct rk_kpi_options *options)
{
    const struct rk_report_options *o = story->options;
    enum rk_status status = RK_OK;

    for (size_t i = 0; status == RK_OK && i < N_KPIS; i++)
        status = rk_names_add(&options->kpis, kpis[i]);
    options->cut = o->start;
    options->date_order = o->date_order;
    options->common.conf_level = o->common.conf_level;
    options->common.explain = true;
    options->survival = true;
    return status;
}

/* rep-kpi has no panel, so that nothing of how the panel is read applies. */
static void add_command(struct story *story, const char *emit)
{
    const struct rk_report_options *o = story->options;
    struct rk_text line = {0};

    report_words(&line, "rep-kpi", kpis[0], kpis[1], "--deals", o->deals, NULL);
    if (o->start != NULL)
        report_words(&line, "--cut", o->start, NULL);
    if (emit != NULL)
        report_words(&line, "--emit", emit, NULL);
    report_shared_words(story, &line);
    rk_document_append(story->document, &story->section->commands, &line);
}

static void say(struct story *story, const char *before, const char *said)
{
    struct rk_text text = {0};

    if (said == NULL)
        return;
    rk_text_add(&text, before);
    rk_text_add_char(&text, before[0] == '\0' ? said[0] : (char)tolower((unsigned char)said[0]));
    rk_text_add(&text, said + 1);
    if (story->section->lead == NULL)
        rk_document_set(story->document, &story->section->lead, text.failed ? NULL : text.bytes);
    else
        report_point(story, text.failed ? NULL : text.bytes);
    story->document->failed |= text.failed;
    rk_text_free(&text);
}

/* The whole, or before, after and their difference. */
static void say_deals(struct story *story)
{
    static const struct {
        const char *period, *words;
    } periods[] = {{"all", ""},
                   {"before", "Before the start: "},
                   {"after", "After the start: "},
                   {"difference", ""}};

    for (size_t i = 0; i < N_KPIS; i++) {
        for (size_t k = 0; k < sizeof periods / sizeof *periods; k++) {
            struct rk_text row = {0};

            rk_text_format(&row, "%s %s", kpis[i], periods[k].period);
            if (!row.failed)
                say(story, periods[k].words,
                    report_said(story->section->result, row.bytes, "manager"));
            story->document->failed |= row.failed;
            rk_text_free(&row);
        }
    }
    if (story->options->start != NULL)
        report_point(story, "Other things changed at the start, too: a difference between before "
                            "and after is no effect of the rollout by itself.");
}

enum rk_status report_deals(struct story *story)
{
    struct rk_kpi_options options = RK_KPI_DEFAULT;
    struct rk_result *result = story->section->result;
    struct rk_text alt = {0};
    enum rk_status status = set_options(story, &options);

    add_command(story, NULL);
    add_command(story, "survival");
    if (status == RK_OK)
        status = rk_kpi_run(story->options->files, &options, story->ctx, result, story->error);
    rk_names_free(&options.kpis);
    if (status != RK_OK)
        return status;
    say_deals(story);
    report_table(story, "kpi");
    report_method(story, 2 * 4);
    rk_text_add(&alt, "The share of deals that are still open by their age in days, with its "
                      "interval, and where half have closed.");
    report_alt(story, &alt);
    return report_plot(story, NULL, rk_result_table(result, "survival"), NULL);
}
