/* What becomes of a cell. What is canonical stays as it stands; what is rewritten keeps its digits.
 */
#include <math.h>
#include <string.h>

#include "clean_parts.h"

/* --- numbers ---------------------------------------------------------------------------------- */

static size_t count_digits(const char *p, const char *end)
{
    size_t n = 0;

    while (p + n < end && p[n] >= '0' && p[n] <= '9')
        n++;
    return n;
}

/* -12.50, 007, 1e5: what every program reads alike. */
static bool is_canonical_number(const char *p, size_t length, char decimal)
{
    const char *end = p + length;
    size_t n;

    p += p < end && *p == '-';
    n = count_digits(p, end);
    if (n == 0)
        return false;
    p += n;
    if (p < end && *p == '.' && decimal == '.') {
        p++;
        n = count_digits(p, end);
        if (n == 0)
            return false;
        p += n;
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '-' || *p == '+');
        n = count_digits(p, end);
        if (n == 0)
            return false;
        p += n;
    }
    return p == end;
}

/* The parts of a number that is known to be one. */
struct digits {
    struct rk_text whole, fraction, exponent;
};

static char ascii_digit(uint32_t point)
{
    if (point >= '0' && point <= '9')
        return (char)point;
    if (point >= 0x6f0 && point <= 0x6f9) /* Persian */
        return (char)('0' + (point - 0x6f0));
    if (point >= 0x660 && point <= 0x669) /* Arabic-Indic */
        return (char)('0' + (point - 0x660));
    return '\0';
}

/* Keeps digits, the mark and the exponent; drops signs, separators and currencies. */
static void split_digits(const struct clean_label *label, char decimal, struct digits *digits)
{
    const char *p = label->text, *end = p + label->length;
    struct rk_text *part = &digits->whole;
    bool any = false;

    while (p < end) {
        uint32_t point = clean_decode(&p, end);
        char digit = ascii_digit(point);

        if (digit != '\0') {
            any = true;
            rk_text_add_char(part, digit);
        } else if (part == &digits->whole && (point == (uint32_t)decimal || point == 0x66b)) {
            part = &digits->fraction;
        } else if (any && (point == 'e' || point == 'E') && p < end &&
                   (ascii_digit((unsigned char)*p) != '\0' || *p == '-' || *p == '+')) {
            part = &digits->exponent;
            if (*p == '-')
                rk_text_add_char(part, '-');
        }
    }
}

/* Moves the decimal mark two digits to the left and drops the zeros at the end. */
static void divide_by_100(struct digits *digits)
{
    struct rk_text all = {0}, *whole = &digits->whole, *fraction = &digits->fraction;
    size_t n_whole, skip = 0;

    rk_text_add(&all, "00");
    rk_text_add(&all, whole->bytes == NULL ? "" : whole->bytes);
    n_whole = all.failed ? 0 : all.length - 2;
    rk_text_add(&all, fraction->bytes == NULL ? "" : fraction->bytes);
    while (!all.failed && all.length > n_whole && all.length > 0 &&
           all.bytes[all.length - 1] == '0')
        all.length--;
    while (skip + 1 < n_whole && all.bytes[skip] == '0')
        skip++;
    rk_text_clear(whole);
    rk_text_clear(fraction);
    whole->failed = whole->failed || all.failed;
    if (!all.failed) {
        rk_text_add_bytes(whole, all.bytes + skip, n_whole - skip);
        rk_text_add_bytes(fraction, all.bytes + n_whole, all.length - n_whole);
    }
    rk_text_free(&all);
}

/* The number with the digits it was written with. */
static void rewrite_number(const struct clean_label *label, char decimal, bool percent,
                           struct rk_text *out)
{
    struct digits digits = {0};
    size_t before = out->length;
    double again = NAN;

    split_digits(label, decimal, &digits);
    if (percent && digits.exponent.length == 0)
        divide_by_100(&digits);
    rk_text_add(out, signbit(label->value) ? "-" : "");
    rk_text_add(out, digits.whole.length == 0 ? "0" : digits.whole.bytes);
    if (digits.fraction.length > 0)
        rk_text_format(out, ".%s", digits.fraction.bytes);
    if (digits.exponent.length > 0)
        rk_text_format(out, "e%s", digits.exponent.bytes);
    out->failed =
        out->failed || digits.whole.failed || digits.fraction.failed || digits.exponent.failed;
    /* Whatever is unforeseen in what people write: the value decides. */
    if (!out->failed && (rk_number_read(out->bytes + before, out->length - before, '.', &again,
                                        NULL) != RK_READ_OK ||
                         again != label->value)) {
        out->length = before;
        rk_text_number(out, label->value);
    }
    rk_text_free(&digits.whole);
    rk_text_free(&digits.fraction);
    rk_text_free(&digits.exponent);
}

static void number_cell(const struct clean *clean, struct clean_column *column,
                        struct clean_label *label, struct rk_text *out)
{
    char decimal = clean->options->csv.decimal;
    struct rk_number_marks marks;
    enum clean_reading reading = clean_read_number(clean, label, &label->value, &marks);

    if (reading == READ_MISSING) {
        label->flags |= LABEL_MISSING;
    } else if (reading != READ_NUMBER) {
        label->flags |= LABEL_BAD | (reading == READ_COMMA ? LABEL_COMMA : 0u);
    } else {
        if (marks.currency[0] != '\0') {
            label->flags |= LABEL_CURRENCY;
            label->currency =
                rk_dict_code(column->currency, marks.currency, strlen(marks.currency));
            out->failed = out->failed || label->currency == RK_NO_CODE;
        }
        if (is_canonical_number(label->text, label->length, decimal))
            rk_text_add_bytes(out, label->text, label->length);
        else
            rewrite_number(label, decimal, marks.percent, out);
    }
}

/* --- dates -------------------------------------------------------------------------------------
 */

static bool is_count(enum rk_time_kind kind)
{
    return kind == RK_TIME_YEAR || kind == RK_TIME_INTEGER;
}

/* The length of the date before its clock. */
static size_t without_clock(const char *text, size_t length)
{
    size_t n = 0;

    while (n < length && strchr("T ,\t", text[n]) == NULL)
        n++;
    return n;
}

static void date_cell(const struct clean *clean, const struct clean_column *column,
                      struct clean_label *label, struct rk_text *out)
{
    enum rk_time_kind kind = RK_TIME_NONE;
    const char *start = label->text;
    size_t length = label->length, n_date, n_iso;
    int64_t ordinal = 0;
    char iso[32];
    enum rk_reading reading = clean_read_time(clean, label, column->order, &kind, &ordinal);

    if (reading == RK_READ_MISSING || clean_is_na(clean, label)) {
        label->flags |= LABEL_MISSING;
        return;
    }
    if (reading == RK_READ_BAD ||
        (kind != column->kind && !(is_count(kind) && is_count(column->kind)))) {
        label->flags |= LABEL_BAD;
        return;
    }
    label->value = (double)ordinal;
    clean_trim(&start, &length);
    n_date = kind == RK_TIME_DAY ? without_clock(start, length) : length;
    n_iso = rk_time_format(kind, ordinal, iso);
    if (is_count(kind) && is_canonical_number(start, length, '.')) { /* 2024, 007 */
        rk_text_add_bytes(out, start, length);
        return;
    }
    if (n_date != n_iso || memcmp(start, iso, n_iso) != 0)
        label->flags |= LABEL_REWRITTEN;
    rk_text_add_bytes(out, iso, n_iso);
    rk_text_add_bytes(out, start + n_date, length - n_date); /* the clock, as it stands */
}

/* --- text --------------------------------------------------------------------------------------
 */

static void text_cell(const struct clean *clean, struct clean_label *label, struct rk_text *out)
{
    struct rk_text ignored = {0};

    if (label->length == 0 || clean_is_na(clean, label)) {
        label->flags |= LABEL_MISSING;
        return;
    }
    if (clean_is_misread(label->text, label->length, &ignored))
        label->flags |= LABEL_ENCODING;
    rk_text_free(&ignored);
    if (clean->options->csv_safe && clean_is_formula(label->text, label->length))
        rk_text_add_char(out, '\'');
    rk_text_add_bytes(out, label->text, label->length);
}

void clean_label_cell(const struct clean *clean, struct clean_column *column,
                      struct clean_label *label, struct rk_text *out)
{
    label->value = NAN;
    rk_text_clear(out);
    rk_text_add(out, "");
    if (column->type == CLEAN_TEXT)
        text_cell(clean, label, out);
    else if (column->type == CLEAN_NUMBER)
        number_cell(clean, column, label, out);
    else
        date_cell(clean, column, label, out);
}
