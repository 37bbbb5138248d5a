/* Nothing that comes from data or from gnuplot may run in a browser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/render/html_page.h"
#include "repkit/html.h"

static void text_is_escaped(void **state)
{
    struct rk_text out = {0};

    (void)state;
    html_add(&out, "<a href=\"x\" id='y'>&\x01</a>");
    assert_false(out.failed);
    assert_string_equal(out.bytes,
                        "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;\\x01&lt;/a&gt;");
    rk_text_clear(&out);
    html_add(&out, NULL);
    assert_int_equal(out.length, 0);
    rk_text_free(&out);
}

static void svg_is_taken_over(void **state)
{
    struct rk_text out = {0};
    struct rk_error error;

    (void)state;
    assert_int_equal(
        html_svg("<?xml version=\"1.0\"?>\n<!DOCTYPE svg>\n<svg width=\"9\" viewBox=\"0 0 9 9\">"
                 "<title>t</title><desc>d</desc><!-- c --><defs><path id='a' d='M0,0'/></defs>"
                 "<use xlink:href='#a' style='fill:url(#b)'/><text>x &lt; y</text></svg>",
                 "p1-", &out, &error),
        RK_OK);
    assert_string_equal(
        out.bytes, "<svg aria-hidden=\"true\" focusable=\"false\" viewBox=\"0 0 9 9\">"
                   "<defs><path id=\"p1-a\" d=\"M0,0\"/></defs>"
                   "<use href=\"#p1-a\" style=\"fill:url(#p1-b)\"/><text>x &lt; y</text></svg>");
    rk_text_free(&out);
}

static void svg_that_does_more_is_refused(void **state)
{
    static const char *const bad[] = {
        "<svg><script>alert(1)</script></svg>",
        "<svg><foreignObject/></svg>",
        "<svg><SCRIPT/></svg>",
        "<svg><a href='x'/></svg>",
        "<svg><g onload=\"alert(1)\"/></svg>",
        "<svg><g ONclick='alert(1)'/></svg>",
        "<svg><use href=\"http://example.org/x.svg\"/></svg>",
        "<svg><use xlink:href='javascript:alert(1)'/></svg>",
        "<svg><g id=a/></svg>",
        "<svg><g id=\"a",
        "<svg><g checked/></svg>",
        "<svg><g title=\"<b>\"/></svg>",
        "<svg><",
    };
    struct rk_text out = {0};
    struct rk_error error;

    (void)state;
    rk_text_add(&out, "before");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(html_svg(bad[i], "p-", &out, &error), RK_EINPUT);
        assert_string_equal(out.bytes, "before");
    }
    rk_text_free(&out);
}

static void document_renders(void **state)
{
    struct rk_document *document = rk_document_new();
    struct rk_section *section;
    struct rk_output output = {.fd = -1};

    (void)state;
    assert_non_null(document);
    rk_document_set(document, &document->title, "a < b");
    section = rk_document_section(document, "one", "Is <i>?");
    assert_non_null(section);
    rk_document_set(document, &section->lead, "Yes & no.");
    rk_document_sum_up(document, "one", section->lead);
    rk_document_fact(document, "Seed", "1");
    assert_false(document->failed);
    rk_html_render(document, 4, &output);
    assert_non_null(strstr(output.text.bytes, "<title>a &lt; b</title>"));
    assert_non_null(strstr(output.text.bytes, "<h2 id=\"one-title\">Is &lt;i&gt;?</h2>"));
    assert_non_null(strstr(output.text.bytes, "<li>Yes &amp; no. <a href=\"#one\">"));
    rk_text_clear(&output.text);
    rk_markdown_render(document, 4, &output);
    assert_non_null(strstr(output.text.bytes, "## Is \\<i\\>?\n\n**Yes \\& no.**"));
    rk_text_free(&output.text);
    rk_document_free(document);
    rk_document_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped),
        cmocka_unit_test(svg_is_taken_over),
        cmocka_unit_test(svg_that_does_more_is_refused),
        cmocka_unit_test(document_renders),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
