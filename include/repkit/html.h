/* Documents as HTML: one file that needs nothing else, and as Markdown. */
#ifndef REPKIT_HTML_H
#define REPKIT_HTML_H

#include "repkit/context.h"
#include "repkit/document.h"
#include "repkit/output.h"

/* Adds the text so that a browser shows it as it is, between tags and inside quoted attributes:
 * & < > " ' as references, control characters as \xNN. This function can't fail (out->failed). */
void rk_html_add(struct rk_text *out, const char *text);

/* Adds gnuplot's SVG so that it can stand inside a page: without its prologue, title and size, its
 * ids begun with `prefix` (in [a-z0-9-]), so that pictures of one page do not meet.
 * Returns RK_OK; RK_EINPUT if there is anything in it that draws nothing (an element that is not
 * known, an attribute that runs or loads something); RK_ENOMEM. *out is unchanged on failure. */
enum rk_status rk_html_svg(const char *svg, const char *prefix, struct rk_text *out,
                           struct rk_error *error);

/* Draws the document's pictures by gnuplot: as SVG on light and on dark ground, or as characters.
 * Returns RK_OK; RK_EIO (no gnuplot, or it failed: what was drawn until then stays); what ctx's
 * cancel says; RK_ENOMEM. */
enum rk_status rk_document_draw(struct rk_document *document, bool as_text,
                                const struct rk_ctx *ctx, struct rk_error *error);

/* Writes the document; `digits` significant digits in tables. Failures are in the output's status.
 */
void rk_html_render(const struct rk_document *document, int digits, struct rk_output *output);
void rk_markdown_render(const struct rk_document *document, int digits, struct rk_output *output);

#endif
