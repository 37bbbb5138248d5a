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

/* A quoted JSON string. */
void rk_json_string(struct rk_text *out, const char *text);

#endif
