/* Which characters of a picture's words are looked for in fonts. */
#include "reference.h"

#include <stdio.h>

#include "repkit/fonts.h"

static size_t count(const struct rk_font_needs *needs)
{
    size_t n = 0;

    for (size_t i = 0; i < RK_FONT_SCRIPTS; i++)
        n += needs->n[i];
    return n;
}

static bool has(const struct rk_font_needs *needs, unsigned long c)
{
    for (size_t i = 0; i < RK_FONT_SCRIPTS; i++)
        for (size_t k = 0; k < needs->n[i]; k++)
            if (needs->character[i][k] == c)
                return true;
    return false;
}

static void test_latin_and_signs_ask_for_nothing(void **state)
{
    struct rk_font_needs needs = {0};

    (void)state;
    rk_font_needs_text(&needs, NULL);
    rk_font_needs_text(&needs, "");
    rk_font_needs_text(&needs, "plain, \xC5\x81\xC3\xB3\x64\xC5\xBA, na\xC3\xAFve, \xE1\xBB\x87");
    rk_font_needs_text(&needs, "\xE2\x88\x92"
                               "1 \xE2\x80\x93 2\xE2\x80\xA6 \xE2\x82\xAC \xFF\xC3");
    assert_int_equal(count(&needs), 0);
}

static void test_a_character_is_asked_for_once(void **state)
{
    struct rk_font_needs needs = {0};

    (void)state;
    rk_font_needs_text(&needs, "\xED\x95\x9C\xEA\xB5\xAD \xED\x95\x9C"); /* U+D55C U+AD6D */
    rk_font_needs_text(&needs, "\xD7\x90 \xF4\x8F\xBF\xBD");             /* U+05D0 U+10FFFD */
    assert_int_equal(count(&needs), 4);
    assert_true(has(&needs, 0xD55C) && has(&needs, 0xAD6D));
    assert_true(has(&needs, 0x5D0) && has(&needs, 0x10FFFD));
}

static void test_a_sample_of_a_script_is_enough(void **state)
{
    struct rk_font_needs needs = {0};

    (void)state;
    for (unsigned i = 0; i < 64; i++) {
        char text[4] = {'\xE4', (char)(0xB8 + i / 64), (char)(0x80 + i), '\0'}; /* from U+4E00 */

        rk_font_needs_text(&needs, text);
    }
    assert_int_equal(count(&needs), RK_FONT_SAMPLE);
    assert_true(has(&needs, 0x4E00) && !has(&needs, 0x4E00 + RK_FONT_SAMPLE));
}

/* Greek letters, one at each place that words stand in. */
static void test_all_words_of_a_picture_count(void **state)
{
    struct rk_picture *picture = rk_picture_new();
    struct rk_font_needs needs = {0};
    struct rk_panel *panel;
    struct rk_layer *layer;

    (void)state;
    assert_non_null(picture);
    rk_picture_set(picture, &picture->title, "\xCE\xB1");
    rk_picture_set(picture, &picture->subtitle, "\xCE\xB2");
    rk_picture_set(picture, &picture->caption, "\xCE\xB3");
    panel = rk_picture_panel(picture, "\xCE\xB4");
    assert_non_null(panel);
    rk_picture_set(picture, &panel->subtitle, "\xCE\xB5");
    rk_picture_set(picture, &panel->note_title, "\xCE\xB6");
    rk_picture_set(picture, &panel->x.title, "\xCE\xB7");
    rk_picture_set(picture, &panel->y.title, "\xCE\xB8");
    rk_picture_name(picture, &panel->y, "\xCE\xB9");
    rk_picture_note(picture, panel, 0.0, RK_INK_TEXT, "\xCE\xBA");
    layer = rk_picture_layer(picture, panel, RK_MARK_TEXT, RK_INK_TEXT, "\xCE\xBB");
    assert_non_null(layer);
    rk_picture_spot(picture, layer, (struct rk_spot){.text = (char[]){"\xCE\xBC"}});
    assert_false(picture->failed);
    rk_font_needs_picture(&needs, picture);
    assert_int_equal(count(&needs), 12);
    for (unsigned long c = 0x3B1; c <= 0x3BC; c++)
        assert_true(has(&needs, c));
    rk_picture_free(picture);
}

static void test_what_is_missing_becomes_a_question_mark(void **state)
{
    struct rk_picture *picture = rk_picture_new();
    struct rk_font_needs needs = {0};

    (void)state;
    assert_non_null(picture);
    rk_picture_set(picture, &picture->title, "a\xCE\xB1\xCE\xB2 \xED\x95\x9C\xEA\xB5\xADz");
    rk_font_needs_text(&needs, "\xCE\xB1\xCE\xB2 \xED\x95\x9C");
    for (size_t i = 0; i < RK_FONT_SCRIPTS; i++)
        for (size_t k = 0; k < needs.n[i]; k++)
            needs.missing[i][k] = needs.character[i][k] == 0x3B1 || needs.character[i][k] == 0xD55C;
    rk_fonts_hide(&needs, picture); /* U+AD6D was not asked for, but none of its script is there */
    assert_string_equal(picture->title, "a?\xCE\xB2 ??z");
    rk_picture_free(picture);
}

static void test_nothing_needed_is_not_missing(void **state)
{
    struct rk_font_needs needs = {0};
    struct rk_text missing = {0};

    (void)state;
    assert_int_equal(rk_fonts_missing(&needs, NULL, &missing), RK_OK);
    assert_int_equal(missing.length, 0);
    rk_text_free(&missing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_latin_and_signs_ask_for_nothing),
        cmocka_unit_test(test_a_character_is_asked_for_once),
        cmocka_unit_test(test_a_sample_of_a_script_is_enough),
        cmocka_unit_test(test_all_words_of_a_picture_count),
        cmocka_unit_test(test_what_is_missing_becomes_a_question_mark),
        cmocka_unit_test(test_nothing_needed_is_not_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
