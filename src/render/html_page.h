/* What is the same in every page. Private to src/render. */
#ifndef REPKIT_RENDER_HTML_PAGE_H
#define REPKIT_RENDER_HTML_PAGE_H

extern const char *const html_style;
/* Sorts tables by a click on a heading, and opens what is folded before it is printed. The page
 * says all it has to say without it. */
extern const char *const html_script;
/* Of the script's bytes: the only script that a page may run. */
extern const char *const html_script_digest;

#endif
