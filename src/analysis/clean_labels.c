/* Labels that are not in a list, or that look like another one of the column: suggested, never
 * merged. The work is bounded: forms are compared with all others of like length up to a number. */
#include <stdlib.h>
#include <string.h>

#include "clean_parts.h"

enum {
    MOST_LABELS = 100000,     /* of a column, or it is not looked at */
    MOST_COMPARED = 20000,    /* labels whose forms are compared pair by pair */
    MOST_DISTANCES = 4000000, /* edit distances computed for one column: about a second */
    MOST_NEAREST = 1000000,   /* names looked at for labels that are not in a list */
    ESTABLISHED = 10          /* rows that make a label one of its own beside another */
};

/* A label of a column and what it may be meant to be. */
struct variant {
    const struct clean_form *form;
    const char *text;
    uint32_t length, code, count;
    uint32_t total;       /* rows of all labels of its form */
    uint32_t known;       /* bits: lists of words that have its form */
    const char *meant;    /* NULL: nothing */
    uint32_t meant_count; /* rows of that label; 0 where it is none of the column */
    size_t distance;
};

struct labels {
    struct clean *clean;
    size_t column;
    struct variant *item;
    size_t n, n_forms; /* once joined, the first n_forms have each another form */
    struct clean_form *form;
};

/* --- the labels of a column ----------------------------------------------------------------------
 */

/* The rows that each code of the output has. NULL when out of memory. */
static uint32_t *count_codes(const struct clean *clean, const struct rk_column *out)
{
    uint32_t *count = calloc(rk_dict_size(out->dict) + 1, sizeof *count);

    for (size_t i = 0; count != NULL && i < clean->n_rows; i++)
        if (out->code[i] != RK_NO_CODE)
            count[out->code[i]]++;
    return count;
}

/* Counts them, and lists them unless they are more than `most`. */
static enum rk_status list_labels(struct labels *labels, size_t most)
{
    const struct rk_column *out =
        &labels->clean->out->column[labels->clean->column[labels->column].out];
    size_t n_codes = rk_dict_size(out->dict);
    uint32_t *count = count_codes(labels->clean, out);

    for (size_t code = 0; count != NULL && code < n_codes; code++)
        labels->n += count[code] > 0;
    if (count != NULL && labels->n <= most)
        labels->item = malloc((labels->n + 1) * sizeof *labels->item);
    if (count == NULL || (labels->n <= most && labels->item == NULL)) {
        free(count);
        return RK_ENOMEM;
    }
    for (uint32_t code = 0, n = 0; labels->item != NULL && code < n_codes; code++) {
        struct variant *item = &labels->item[n];

        if (count[code] == 0)
            continue;
        n++;
        *item = (struct variant){.text = rk_dict_label(out->dict, code),
                                 .code = code,
                                 .count = count[code],
                                 .total = count[code],
                                 .distance = SIZE_MAX};
        item->length = (uint32_t)rk_dict_length(out->dict, code);
    }
    free(count);
    return RK_OK;
}

/* The code of a form: its points as bytes. */
static uint32_t code_of_form(struct rk_dict *dict, const struct clean_form *form, bool add)
{
    char bytes[CLEAN_MOST_POINTS * sizeof *form->point];
    size_t length = form->n * sizeof *form->point;

    memcpy(bytes, form->point, length);
    return add ? rk_dict_code(dict, bytes, length) : rk_dict_find(dict, bytes, length);
}

/* More rows first; where they are as many, what comes first in the file. */
static bool outranks(const struct variant *a, const struct variant *b)
{
    return a->total != b->total ? a->total > b->total : a->code < b->code;
}

/* Puts an item of a form that was met before where it belongs: the label that most rows have stands
 * for the form, others go to the end of the list. */
static void join(struct variant *best, struct variant item, struct variant *other)
{
    best->total = item.total = best->total + item.count;
    *other = item;
    if (item.count > best->count) {
        *other = *best;
        *best = item;
    }
}

/* One item a form, then the variants of those. Labels without a form (free text) are dropped. */
static enum rk_status join_forms(struct labels *labels)
{
    struct rk_dict *forms = rk_dict_new();
    struct variant *sorted = calloc(labels->n + 1, sizeof *sorted);
    size_t n_forms = 0, end = labels->n;
    enum rk_status status = forms == NULL || sorted == NULL ? RK_ENOMEM : RK_OK;

    labels->form = malloc((labels->n + 1) * sizeof *labels->form);
    if (labels->form == NULL)
        status = RK_ENOMEM;
    for (size_t i = 0; status == RK_OK && i < labels->n; i++) {
        struct variant item = labels->item[i];
        uint32_t form;

        clean_form_of(item.text, item.length, &labels->form[i]);
        item.form = &labels->form[i];
        if (item.form->n == 0)
            continue;
        form = code_of_form(forms, item.form, true);
        if (form == RK_NO_CODE)
            status = RK_ENOMEM;
        else if (form == n_forms)
            sorted[n_forms++] = item;
        else
            join(&sorted[form], item, &sorted[--end]);
    }
    for (size_t i = end; status == RK_OK && i < labels->n; i++) {
        const struct variant *best = &sorted[code_of_form(forms, sorted[i].form, false)];

        sorted[i].meant = best->text;
        sorted[i].meant_count = best->count;
        sorted[i].distance = 0;
    }
    if (status == RK_OK) {
        memmove(sorted + n_forms, sorted + end, (labels->n - end) * sizeof *sorted);
        labels->n = n_forms + (labels->n - end);
        labels->n_forms = n_forms;
        free(labels->item);
        labels->item = sorted;
        sorted = NULL;
    }
    free(sorted);
    rk_dict_free(forms);
    return status;
}

/* --- lists that everybody knows
 * -------------------------------------------------------------------- */

struct word {
    const char *text; /* up to a bar, or the end */
    struct clean_form form;
};

/* The words of a list. NULL when out of memory. */
static struct word *known_words(const char *list, size_t *n)
{
    struct word *word;
    const char *text = list;

    *n = 1;
    for (const char *p = list; *p != '\0'; p++)
        *n += *p == '|';
    word = malloc(*n * sizeof *word);
    for (size_t w = 0; word != NULL && w < *n; w++) {
        size_t length = strcspn(text, "|");

        word[w].text = text;
        clean_form_of(text, length, &word[w].form);
        text += length + 1;
    }
    return word;
}

/* Looks for the word that an item may be meant as. */
static void compare_with_words(struct variant *item, const struct word *word, size_t n_words)
{
    for (size_t w = 0; w < n_words; w++) {
        size_t distance = clean_distance(item->form, &word[w].form, false);

        if (distance < item->distance &&
            clean_words_are_near(item->text, item->length, word[w].text, strcspn(word[w].text, "|"),
                                 false)) {
            item->distance = distance;
            item->meant = word[w].text;
        }
    }
}

/* Where at least half of a column's labels (and three) are in a list, one that is not but is near a
 * word of it may be meant as that. */
static enum rk_status compare_with_list(struct labels *labels, size_t list)
{
    struct rk_dict *forms = rk_dict_new();
    size_t n_words, n_known = 0;
    struct word *word = known_words(clean_known_words(list), &n_words);
    enum rk_status status = forms == NULL || word == NULL ? RK_ENOMEM : RK_OK;

    for (size_t w = 0; status == RK_OK && w < n_words; w++)
        if (code_of_form(forms, &word[w].form, true) == RK_NO_CODE)
            status = RK_ENOMEM;
    for (size_t i = 0; status == RK_OK && i < labels->n_forms; i++) {
        if (code_of_form(forms, labels->item[i].form, false) == RK_NO_CODE)
            continue;
        labels->item[i].known |= 1u << list;
        n_known++;
    }
    if (status == RK_OK && n_known >= 3 && 2 * n_known >= labels->n_forms)
        for (size_t i = 0; i < labels->n_forms; i++)
            if (labels->item[i].known == 0)
                compare_with_words(&labels->item[i], word, n_words);
    free(word);
    rk_dict_free(forms);
    return status;
}

static enum rk_status compare_with_lists(struct labels *labels)
{
    enum { MOST_FORMS = 2000 }; /* more than any list has words */
    enum rk_status status = RK_OK;

    for (size_t list = 0;
         status == RK_OK && labels->n_forms <= MOST_FORMS && clean_known_words(list) != NULL;
         list++)
        status = compare_with_list(labels, list);
    return status;
}

/* --- with each other
 * ---------------------------------------------------------------------------------- */

static void note_skipped(struct labels *labels)
{
    struct clean *clean = labels->clean;

    rk_text_format(&clean->skipped, "%s'%s' (%zu labels)", clean->n_skipped++ > 0 ? ", " : "",
                   clean->column[labels->column].out_name, labels->n);
}

/* Notes that the lower of two near labels may be meant as the other. */
static void note_near(struct variant *a, struct variant *b)
{
    struct variant *main = outranks(a, b) ? a : b, *lower = main == a ? b : a;
    bool rare = main->total >= 20 * (uint64_t)lower->total;
    size_t distance;

    if ((a->known & b->known) != 0 || lower->known != 0)
        return; /* Gambia, Zambia */
    if (lower->total >= ESTABLISHED && 5 * (uint64_t)lower->total > main->total)
        return; /* two that are both in use */
    distance = clean_distance(a->form, b->form, rare);
    if (distance > lower->distance || (distance == lower->distance &&
                                       (distance == SIZE_MAX || main->count <= lower->meant_count)))
        return;
    if (!clean_words_are_near(a->text, a->length, b->text, b->length, rare))
        return;
    lower->distance = distance;
    lower->meant = main->text;
    lower->meant_count = main->count;
}

/* What decides most pairs, close together in memory. */
struct key {
    uint64_t mask, digits;
    uint32_t n, item;
};

static int by_length(const void *one, const void *other)
{
    const struct key *a = one, *b = other;

    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    return a->item < b->item ? -1 : a->item > b->item;
}

/* No more than two slips, each of which changes at most two letters of the set. */
static bool may_be_near(const struct key *a, const struct key *b)
{
    uint64_t differ = a->mask ^ b->mask;

    for (int k = 0; k < 4; k++)
        differ &= differ - 1;
    return differ == 0 && a->digits == b->digits;
}

/* Compares forms of like length. Returns whether the work was within bounds. */
static bool compare_pairs(struct labels *labels, const struct key *key)
{
    size_t n = labels->n_forms, budget = MOST_DISTANCES;

    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n && key[j].n <= key[i].n + 2; j++) {
            if (!may_be_near(&key[i], &key[j]))
                continue;
            if (budget-- == 0)
                return false;
            note_near(&labels->item[key[i].item], &labels->item[key[j].item]);
        }
    }
    return true;
}

static enum rk_status compare_all(struct labels *labels)
{
    struct key *key = malloc((labels->n_forms + 1) * sizeof *key);

    if (key == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < labels->n_forms; i++) {
        const struct clean_form *form = labels->item[i].form;

        key[i] = (struct key){form->mask, form->digits, (uint32_t)form->n, (uint32_t)i};
    }
    if (labels->n_forms > 1)
        qsort(key, labels->n_forms, sizeof *key, by_length);
    if (labels->n_forms > MOST_COMPARED || !compare_pairs(labels, key))
        note_skipped(labels);
    free(key);
    return RK_OK;
}

/* --- lists of --against
 * ---------------------------------------------------------------------------------- */

/* The label of the list that is meant, if any: one of the same form, or the nearest name. */
static const char *nearest_in_list(const struct rk_dict *list, const struct variant *item,
                                   const char *const *names)
{
    struct clean_form form, other;

    clean_form_of(item->text, item->length, &form);
    for (uint32_t code = 0; form.n > 0 && code < rk_dict_size(list); code++) {
        clean_form_of(names[code], strlen(names[code]), &other);
        if (form.n == other.n && memcmp(form.point, other.point, form.n * sizeof *form.point) == 0)
            return names[code];
    }
    return rk_nearest(item->text, names, rk_dict_size(list));
}

static enum rk_status compare_with_against(struct labels *labels)
{
    const struct rk_table *table = labels->clean->column[labels->column].list;
    const struct rk_dict *list = table->column[0].dict;
    size_t n = rk_dict_size(list), n_unknown = 0;
    const char **names = malloc((n + 1) * sizeof *names);

    if (names == NULL)
        return RK_ENOMEM;
    for (uint32_t code = 0; code < n; code++)
        names[code] = rk_dict_label(list, code);
    for (size_t i = 0; i < labels->n; i++) {
        struct variant *item = &labels->item[i];

        if (rk_dict_find(list, item->text, item->length) != RK_NO_CODE)
            continue;
        item->distance = 0; /* to be reported */
        if (++n_unknown * n <= MOST_NEAREST)
            item->meant = nearest_in_list(list, item, names);
    }
    free(names);
    return RK_OK;
}

/* Whether only the white space around it tells the label from what is meant: said already. */
static bool is_padded(const struct variant *item)
{
    const char *text = item->text;
    size_t length = item->length;

    clean_trim(&text, &length);
    return length < item->length && item->meant != NULL && strlen(item->meant) == length &&
           memcmp(text, item->meant, length) == 0;
}

/* --- reporting
 * ------------------------------------------------------------------------------------------- */

static void describe(const struct labels *labels, const struct variant *item, bool against,
                     struct rk_text *action)
{
    rk_text_add(action, "kept: ");
    if (against)
        rk_text_format(action, "not in %s", labels->clean->column[labels->column].list_name);
    if (item->meant == NULL)
        return;
    rk_text_add(action, against ? "; like '" : "like '");
    clean_shorten(item->meant, strcspn(item->meant, item->meant_count == 0 && !against ? "|" : ""),
                  action);
    rk_text_add_char(action, '\'');
    if (item->meant_count > 0)
        rk_text_format(action, " (%u row%s)", item->meant_count, item->meant_count == 1 ? "" : "s");
}

static enum rk_status report(struct labels *labels, bool against)
{
    struct clean *clean = labels->clean;
    const struct rk_column *out = &clean->out->column[clean->column[labels->column].out];
    const struct variant **of_code = calloc(rk_dict_size(out->dict) + 1, sizeof *of_code);
    struct rk_text action = {0};

    if (of_code == NULL)
        return RK_ENOMEM;
    for (size_t i = 0; i < labels->n; i++)
        if (labels->item[i].distance != SIZE_MAX && (against || !is_padded(&labels->item[i])))
            of_code[labels->item[i].code] = &labels->item[i];
    for (size_t i = 0; i < clean->n_rows && clean->status == RK_OK; i++) {
        const struct variant *item = out->code[i] == RK_NO_CODE ? NULL : of_code[out->code[i]];

        if (item == NULL)
            continue;
        rk_text_clear(&action);
        describe(labels, item, against, &action);
        if (action.failed)
            clean->status = RK_ENOMEM;
        else
            clean_find(clean, against ? CLEAN_UNKNOWN_LABEL : CLEAN_LABEL_VARIANT,
                       rk_table_line(clean->table, clean->row[i]), (uint32_t)labels->column,
                       item->text, item->length, "%s", action.bytes);
    }
    rk_text_free(&action);
    free(of_code);
    return clean->status;
}

enum rk_status clean_check_labels(struct clean *clean, size_t column)
{
    struct labels labels = {.clean = clean, .column = column};
    bool against = clean->column[column].list != NULL;
    enum rk_status status = RK_OK;

    if (!against && clean->column[column].type != CLEAN_TEXT)
        return RK_OK;
    status = list_labels(&labels, against ? SIZE_MAX : MOST_LABELS);
    if (status == RK_OK && against) {
        status = compare_with_against(&labels);
    } else if (status == RK_OK && labels.n > MOST_LABELS) {
        note_skipped(&labels);
        labels.n = 0;
    } else if (status == RK_OK) {
        status = join_forms(&labels);
        if (status == RK_OK)
            status = compare_with_lists(&labels);
        if (status == RK_OK)
            status = compare_all(&labels);
    }
    if (status == RK_OK)
        status = report(&labels, against);
    free(labels.item);
    free(labels.form);
    return status == RK_OK ? RK_OK : rk_fail_memory(clean->error);
}
