/* What the tests of panels share: a folder of files, and the panel made from them. */
#ifndef REPKIT_TEST_PANEL_FILES_H
#define REPKIT_TEST_PANEL_FILES_H

#include "reference.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crm_read.h"
#include "repkit/panel.h"

static char folder[] = "/tmp/repkit-test-XXXXXX";

/* Writes a file of the folder and returns "path" or "path:keys"; free() it. */
static inline char *put_file(const char *name, const char *text, const char *keys)
{
    char path[128];
    struct rk_text spec = {0};
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
    rk_text_format(&spec, "%s%s%s", path, keys[0] == '\0' ? "" : ":", keys);
    return rk_text_take(&spec);
}

/* Reads the files and counts. */
static inline enum rk_status run(const char *activities, const char *deals, const char *roster,
                                 const struct rk_panel_options *options, struct rk_result *result,
                                 struct rk_error *error)
{
    const char *const specs[RK_CRM_INPUTS] = {
        [RK_CRM_ACTIVITIES] = activities, [RK_CRM_DEALS] = deals, [RK_CRM_ROSTER] = roster};
    struct rk_crm_files files;
    enum rk_status status = read_crm(specs, &files, error);

    if (status == RK_OK)
        status = rk_panel_run(&files, options, NULL, result, error);
    rk_crm_files_free(&files);
    return status;
}

static inline int make_folder(void **state)
{
    (void)state;
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        setlocale(LC_CTYPE, "en_US.UTF-8");
    return mkdtemp(folder) == NULL;
}

static inline int remove_folder(void **state)
{
    static const char *const names[] = {"a.csv", "d.csv", "r.csv", "x.csv"};
    char path[128];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    return rmdir(folder);
}

/* The same of texts, NULL where there is no file. */
static inline struct rk_result *panel_of(const char *activities, const char *deals,
                                         const char *roster, const struct rk_panel_options *options)
{
    char *a = activities == NULL ? NULL : put_file("a.csv", activities, "");
    char *d = deals == NULL ? NULL : put_file("d.csv", deals, "");
    char *r = roster == NULL ? NULL : put_file("r.csv", roster, "");
    struct rk_result *result = rk_result_new();
    struct rk_error error = {0};

    assert_non_null(result);
    if (run(a, d, r, options, result, &error) != RK_OK)
        fail_msg("%s", error.text);
    assert_int_equal(result->status, RK_OK);
    free(a);
    free(d);
    free(r);
    return result;
}

/* Three small files, written as people do. */
static const char activities[] = "Owner;Activity Date;Type\n"
                                 "Bo;2024-01-03;Appel sortant\n"
                                 "Ann;2024-01-02;Call\n"
                                 "Ann;2024-01-02 10:30;call\n"
                                 "Ann;2024-01-17;E-Mail\n"
                                 "Bo;2024-01-10;Meeting\n" /* the day after he left */
                                 "Ann;2024-01-18;Call\n"
                                 ";2024-01-18;Call\n"
                                 "Ann;;Call\n"
                                 "Ann;2024-01-18;\n"
                                 "Cy;2024-01-19;Note\n";
static const char deals[] = "owner,created,closed,status,value\n"
                            "Ann,2024-01-02,2024-01-12,Won,100.10\n"
                            "Ann,2024-01-03,2024-01-17,lost,50\n"
                            "Ann,2024-01-03,2024-01-18,Won,200.20\n"
                            "Bo,2024-01-04,2024-02-20,Negotiation,70\n" /* expected to close */
                            "Bo,2024-01-05,2024-01-05,Closed Won,\n"
                            "Bo,2023-12-30,2024-01-04,Won,10\n"; /* opened before he came */
static const char roster[] = "rep,hired,left,region,team\n"
                             "Ann,2023-01-01,,North,007\n"
                             "Bo,2024-01-01,2024-01-09,South,008\n"
                             "Cy,2024-01-15,,,009\n"
                             "Di,2024-01-15,2024-01-17,North,007\n"
                             "Ann,2020-01-01,,East,001\n";

#endif
