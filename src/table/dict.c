/* Distinct texts: labels in one array, found through open addressing over their hashes. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "repkit/table.h"

struct rk_dict {
    char **label;
    uint32_t *length;
    uint32_t size, capacity;
    uint32_t *slot;   /* codes, RK_NO_CODE where free */
    uint32_t n_slots; /* a power of two, at least twice the size */
};

enum { FIRST_SLOTS = 64 };

struct rk_dict *rk_dict_new(void)
{
    struct rk_dict *dict = calloc(1, sizeof *dict);

    if (dict == NULL)
        return NULL;
    dict->n_slots = FIRST_SLOTS;
    dict->slot = malloc(dict->n_slots * sizeof *dict->slot);
    if (dict->slot == NULL) {
        free(dict);
        return NULL;
    }
    memset(dict->slot, 0xff, dict->n_slots * sizeof *dict->slot);
    return dict;
}

void rk_dict_free(struct rk_dict *dict)
{
    if (dict == NULL)
        return;
    for (uint32_t i = 0; i < dict->size; i++)
        free(dict->label[i]);
    free(dict->label);
    free(dict->length);
    free(dict->slot);
    free(dict);
}

size_t rk_dict_size(const struct rk_dict *dict)
{
    return dict->size;
}

const char *rk_dict_label(const struct rk_dict *dict, uint32_t code)
{
    return dict->label[code];
}

/* The slot that holds the text, or the free one where it belongs. */
static uint32_t find_slot(const struct rk_dict *dict, const char *text, size_t length)
{
    uint32_t mask = dict->n_slots - 1;
    uint32_t slot = (uint32_t)XXH3_64bits(text, length) & mask;

    while (dict->slot[slot] != RK_NO_CODE) {
        uint32_t code = dict->slot[slot];

        if (dict->length[code] == length && memcmp(dict->label[code], text, length) == 0)
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

uint32_t rk_dict_find(const struct rk_dict *dict, const char *text, size_t length)
{
    return dict->slot[find_slot(dict, text, length)];
}

static bool grow_slots(struct rk_dict *dict)
{
    uint32_t n_slots = dict->n_slots * 2;
    uint32_t *slot = malloc(n_slots * sizeof *slot);

    if (slot == NULL)
        return false;
    memset(slot, 0xff, n_slots * sizeof *slot);
    free(dict->slot);
    dict->slot = slot;
    dict->n_slots = n_slots;
    for (uint32_t code = 0; code < dict->size; code++)
        slot[find_slot(dict, dict->label[code], dict->length[code])] = code;
    return true;
}

static bool grow_labels(struct rk_dict *dict)
{
    uint32_t capacity = dict->capacity == 0 ? 16 : dict->capacity * 2;
    char **label = realloc(dict->label, capacity * sizeof *label);
    uint32_t *length;

    if (label == NULL)
        return false;
    dict->label = label;
    length = realloc(dict->length, capacity * sizeof *length);
    if (length == NULL)
        return false;
    dict->length = length;
    dict->capacity = capacity;
    return true;
}

uint32_t rk_dict_code(struct rk_dict *dict, const char *text, size_t length)
{
    uint32_t slot = find_slot(dict, text, length);
    char *label;

    if (dict->slot[slot] != RK_NO_CODE)
        return dict->slot[slot];
    if (length >= UINT32_MAX || dict->size >= UINT32_MAX / 4)
        return RK_NO_CODE;
    if (dict->size == dict->capacity && !grow_labels(dict))
        return RK_NO_CODE;
    if (2 * (dict->size + 1) > dict->n_slots) {
        if (!grow_slots(dict))
            return RK_NO_CODE;
        slot = find_slot(dict, text, length);
    }
    label = rk_strndup(text, length);
    if (label == NULL)
        return RK_NO_CODE;
    dict->label[dict->size] = label;
    dict->length[dict->size] = (uint32_t)length;
    dict->slot[slot] = dict->size;
    return dict->size++;
}
