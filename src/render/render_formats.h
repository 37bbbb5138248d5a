/* The formats' parts. Private to src/render. */
#ifndef REPKIT_RENDER_FORMATS_H
#define REPKIT_RENDER_FORMATS_H

#include "repkit/render.h"

/* An aligned table or a Markdown one; a blank line first where it is not the first. */
void rk_render_for_people(const struct rk_table *table, const struct rk_render_options *options,
                          bool blank_line_first, struct rk_output *output);

/* The table of explanations as paragraphs. */
void rk_render_explanations(const struct rk_table *table, const struct rk_render_options *options,
                            struct rk_output *output);

/* A cell as people are shown it: rounded, p-values, control characters visible. */
void rk_people_cell(const struct rk_table *table, size_t row, size_t column, int digits,
                    struct rk_text *out);
/* Whether people are shown the column: any row has something in it. */
bool rk_people_column(const struct rk_table *table, size_t column);
/* Adds the text with what Markdown would take for its own escaped. */
void rk_markdown_add(struct rk_text *out, const char *text);

/* A quoted JSON string. */
void rk_json_string(struct rk_text *out, const char *text);

#endif
