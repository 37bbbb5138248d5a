/* repkit: lists the tools, says what to do first, and runs them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "repkit/doctor.h"
#include "repkit/session.h"
#include "tools.h"

enum { N_TOOLS = sizeof rk_tools / sizeof *rk_tools };

static const char *const examples[] = {
    "repkit",
    "repkit describe datasets/detailing.csv",
    "repkit doctor",
    NULL,
};

static const struct rk_tool tool = {
    .name = "repkit",
    .question = "Do the activities a CRM tracks drive sales, and what is it worth?",
    .synopsis = "[NAME [ARGUMENTS] | doctor]",
    .about = "Without an argument lists the tools and says what to do first. With a name, such as "
             "describe or rep-describe, runs that tool with the arguments that follow. The word "
             "doctor checks what is needed at run time and says how to get what is missing.",
    .examples = examples,
};

static void list_tools(struct rk_text *out)
{
    rk_text_format(out, "repkit %s: %s\n\nTools:\n", RK_VERSION, tool.question);
    for (size_t i = 0; i < N_TOOLS; i++)
        rk_text_format(out, "  %-14s%s\n", rk_tools[i].name, rk_tools[i].question);
    rk_text_add(
        out, "\nWhat to do first with an export of a CRM:\n"
             "  rep-clean export.csv --emit findings\n"
             "  rep-panel --period week --activities activities.csv --deals deals.csv > panel.csv\n"
             "and with a panel, a row for each rep and period:\n"
             "  rep-describe panel.csv\n"
             "  rep-corr panel.csv -y revenue -x calls,meetings --id rep\n"
             "  rep-regress 'revenue ~ calls + meetings | rep' panel.csv\n"
             "  rep-report panel.csv -o report.html\n"
             "No data at hand: rep-simulate panel > panel.csv\n"
             "Every tool shows its options and examples with --help; repkit doctor checks what "
             "plots need.\n");
}

/* "describe" and "rep-describe" alike. */
static const char *find_tool(const char *name)
{
    for (size_t i = 0; i < N_TOOLS; i++)
        if (strcmp(rk_tools[i].name, name) == 0 ||
            strcmp(rk_tools[i].name + strlen("rep-"), name) == 0)
            return rk_tools[i].name;
    return NULL;
}

static int unknown_tool(const char *name)
{
    const char *names[2 * N_TOOLS + 1] = {"doctor"};
    const char *nearest;
    struct rk_text line = {0};

    for (size_t i = 0; i < N_TOOLS; i++) {
        names[1 + i] = rk_tools[i].name + strlen("rep-");
        names[1 + N_TOOLS + i] = rk_tools[i].name;
    }
    nearest = rk_nearest(name, names, 2 * N_TOOLS + 1);
    rk_text_add(&line, "repkit: no tool '");
    rk_text_add_visible(&line, name);
    if (nearest != NULL)
        rk_text_format(&line, "'; did you mean '%s'?\n", nearest);
    else
        rk_text_add(&line, "' (repkit alone lists them)\n");
    fputs(line.failed ? "repkit: no such tool\n" : line.bytes, stderr);
    rk_text_free(&line);
    return rk_status_exit(RK_EUSAGE);
}

/* Becomes the sibling: the one in the same folder, else the one in the PATH. */
static int run_tool(const char *self, const char *name, char **argv)
{
    const char *slash = strrchr(self, '/');
    struct rk_text path = {0};

    if (slash != NULL) {
        rk_text_add_bytes(&path, self, (size_t)(slash - self) + 1);
        rk_text_add(&path, name);
        if (!path.failed)
            execv(path.bytes, argv);
        rk_text_free(&path);
    }
    execvp(name, argv);
    fprintf(stderr, "repkit: cannot run %s: %s\n", name, strerror(errno));
    return rk_status_exit(RK_EIO);
}

int main(int argc, char **argv)
{
    struct rk_shared shared = RK_SHARED_DEFAULT;
    const struct rk_option options[] = {RK_HEADING("Options"), RK_HELP_OPTIONS(shared),
                                        RK_OPTIONS_END};
    struct rk_session session;
    struct rk_text text = {0};
    enum rk_status status = RK_OK;

    if (argc > 1 && argv[1][0] != '-' && strcmp(argv[1], "doctor") != 0) {
        const char *name = find_tool(argv[1]);

        return name == NULL ? unknown_tool(argv[1]) : run_tool(argv[0], name, argv + 1);
    }
    if (rk_session_open(&session, &tool, options, &shared, argc, argv) &&
        rk_session_operands(&session, 0, 1)) {
        if (session.operands.n == 1)
            status = rk_doctor(&session.ctx, &text, &session.error);
        else
            list_tools(&text);
        rk_session_print(&session, &text);
        rk_session_ok(&session, status);
    }
    rk_text_free(&text);
    return rk_session_close(&session);
}
