/* What pages are made of: what is the same in every one, words and pictures. Private to
 * src/render. */
#ifndef REPKIT_RENDER_HTML_PAGE_H
#define REPKIT_RENDER_HTML_PAGE_H

#include "repkit/text.h"

extern const char *const html_style;
/* Sorts tables by a click on a heading, and opens what is folded before it is printed. The page
 * says all it has to say without it. */
extern const char *const html_script;
/* Of the script's bytes: the only script that a page may run. */
extern const char *const html_script_digest;

/* Adds the text so that a browser shows it as it is, between tags and inside quoted attributes:
 * & < > " ' as references, control characters as \xNN. This function can't fail (out->failed). */
void html_add(struct rk_text *out, const char *text);

/* Adds gnuplot's SVG so that it can stand inside a page: without its prologue, title and size, its
 * ids begun with `prefix` (in [a-z0-9-]), so that pictures of one page do not meet.
 * Returns RK_OK; RK_EINPUT if there is anything in it that draws nothing (an element that is not
 * known, an attribute that runs or loads something); RK_ENOMEM. *out is unchanged on failure. */
enum rk_status html_svg(const char *svg, const char *prefix, struct rk_text *out,
                        struct rk_error *error);

#endif
