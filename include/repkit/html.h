/* Documents as HTML: one file that needs nothing else, and as Markdown. */
#ifndef REPKIT_HTML_H
#define REPKIT_HTML_H

#include "repkit/context.h"
#include "repkit/document.h"
#include "repkit/output.h"

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
