/* Distinct texts: labels in one array, found through open addressing over their hashes. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "repkit/table.h"

/* The hash beside the code tells most labels apart without a look at them, and lets the slots grow
 * without one. */
struct slot {
    uint32_t code, hash; /* RK_NO_CODE where free */
};

struct rk_dict {
    char **label;
    uint32_t *length;
    uint32_t size, capacity;
    struct slot *slot;
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

static uint32_t hash_of(const char *text, size_t length)
{
    return (uint32_t)XXH3_64bits(text, length);
}

/* The slot that holds the text, or the free one where it belongs. */
static uint32_t find_slot(const struct rk_dict *dict, const char *text, size_t length,
                          uint32_t hash)
{
    uint32_t mask = dict->n_slots - 1, slot = hash & mask;

    while (dict->slot[slot].code != RK_NO_CODE) {
        uint32_t code = dict->slot[slot].code;

        if (dict->slot[slot].hash == hash && dict->length[code] == length &&
            memcmp(dict->label[code], text, length) == 0)
            break;
        slot = (slot + 1) & mask;
    }
    return slot;
}

uint32_t rk_dict_find(const struct rk_dict *dict, const char *text, size_t length)
{
    return dict->slot[find_slot(dict, text, length, hash_of(text, length))].code;
}

static bool grow_slots(struct rk_dict *dict)
{
    uint32_t n_slots = dict->n_slots * 2, mask = n_slots - 1;
    struct slot *slot = malloc(n_slots * sizeof *slot);

    if (slot == NULL)
        return false;
    memset(slot, 0xff, n_slots * sizeof *slot);
    for (uint32_t i = 0; i < dict->n_slots; i++) {
        uint32_t at = dict->slot[i].hash & mask;

        if (dict->slot[i].code == RK_NO_CODE)
            continue;
        while (slot[at].code != RK_NO_CODE)
            at = (at + 1) & mask;
        slot[at] = dict->slot[i];
    }
    free(dict->slot);
    dict->slot = slot;
    dict->n_slots = n_slots;
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
    uint32_t hash = hash_of(text, length);
    uint32_t slot = find_slot(dict, text, length, hash);
    char *label;

    if (dict->slot[slot].code != RK_NO_CODE)
        return dict->slot[slot].code;
    if (length >= UINT32_MAX || dict->size >= UINT32_MAX / 4)
        return RK_NO_CODE;
    if (dict->size == dict->capacity && !grow_labels(dict))
        return RK_NO_CODE;
    if (2 * (dict->size + 1) > dict->n_slots) {
        if (!grow_slots(dict))
            return RK_NO_CODE;
        slot = find_slot(dict, text, length, hash);
    }
    label = rk_strndup(text, length);
    if (label == NULL)
        return RK_NO_CODE;
    dict->label[dict->size] = label;
    dict->length[dict->size] = (uint32_t)length;
    dict->slot[slot] = (struct slot){dict->size, hash};
    return dict->size++;
}
