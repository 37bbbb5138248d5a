/* Results out: aligned tables for people, CSV, TSV, JSON, Markdown. Knows tables, never a test's
 * name. */
#ifndef REPKIT_RENDER_H
#define REPKIT_RENDER_H

#include "repkit/output.h"
#include "repkit/result.h"

enum rk_file_format {
    RK_FORMAT_AUTO,
    RK_FORMAT_TABLE,
    RK_FORMAT_CSV,
    RK_FORMAT_TSV,
    RK_FORMAT_JSON,
    RK_FORMAT_MD
};
#define RK_FILE_FORMATS "auto|table|csv|tsv|json|md"

/* The format that a file's suffix asks for; RK_FORMAT_AUTO if none does. */
enum rk_file_format rk_format_by_suffix(const char *path);

/* What reproduces a result. */
struct rk_meta {
    const char *tool, *version, *command;
    uint64_t seed;
    uint64_t input_digest;
    bool has_input;
};

struct rk_render_options {
    enum rk_file_format format; /* not RK_FORMAT_AUTO */
    int digits;                 /* significant digits, table and md only */
    bool color;                 /* table only */
    bool titles;                /* name each table, table and md only */
    bool explain;               /* put the explanations under the tables, table and md only */
};

/* Writes the given tables of the result (JSON: with meta and warnings). Failures are in the
 * output's status. */
void rk_render(const struct rk_result *result, const struct rk_table *const *tables,
               size_t n_tables, const struct rk_meta *meta, const struct rk_render_options *options,
               struct rk_output *output);

/* The text with control characters shown as \xNN, so that data cannot steer a terminal. */
void rk_text_add_visible(struct rk_text *text, const char *bytes);

#endif
