/* Distinct texts: labels one behind another in a few large pieces of memory that never move, found
 * through open addressing over their hashes. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "repkit/table.h"

/* The hash beside the code tells most labels apart without a look at them, and lets the slots grow
 * without one. */
struct slot {
    uint32_t code, hash; /* RK_NO_CODE where free */
};

/* Memory for labels; each piece is larger than the one before it. */
struct piece {
    struct piece *before;
    size_t used, size;
    char bytes[];
};

struct rk_dict {
    struct piece *piece; /* the last one */
    const char **label;
    uint32_t *length;
    uint32_t size, capacity;
    struct slot *slot;
    uint32_t n_slots; /* a power of two, at least twice the size */
    size_t n_further; /* owners beside the first */
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
    if (dict->n_further > 0) {
        dict->n_further--;
        return;
    }
    while (dict->piece != NULL) {
        struct piece *before = dict->piece->before;

        free(dict->piece);
        dict->piece = before;
    }
    free(dict->label);
    free(dict->length);
    free(dict->slot);
    free(dict);
}

struct rk_dict *rk_dict_share(struct rk_dict *dict)
{
    dict->n_further++;
    return dict;
}

size_t rk_dict_size(const struct rk_dict *dict)
{
    return dict->size;
}

const char *rk_dict_label(const struct rk_dict *dict, uint32_t code)
{
    return dict->label[code];
}

size_t rk_dict_length(const struct rk_dict *dict, uint32_t code)
{
    return dict->length[code];
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
    const char **label = realloc(dict->label, capacity * sizeof *label);
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

/* A copy of the text with a NUL behind it, or NULL. */
static const char *keep_label(struct rk_dict *dict, const char *text, size_t length)
{
    enum { FIRST = 256, LARGEST = 1 << 18 };
    struct piece *piece = dict->piece;
    char *label;

    if (piece == NULL || piece->size - piece->used <= length) {
        size_t size = piece == NULL ? FIRST : piece->size < LARGEST ? 2 * piece->size : LARGEST;

        size = length < size ? size : length + 1;
        piece = malloc(sizeof *piece + size);
        if (piece == NULL)
            return NULL;
        *piece = (struct piece){.before = dict->piece, .size = size};
        dict->piece = piece;
    }
    label = piece->bytes + piece->used;
    memcpy(label, text, length);
    label[length] = '\0';
    piece->used += length + 1;
    return label;
}

static uint32_t add_hashed(struct rk_dict *dict, const char *text, size_t length, uint32_t hash)
{
    uint32_t slot = find_slot(dict, text, length, hash);
    const char *label;

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
    label = keep_label(dict, text, length);
    if (label == NULL)
        return RK_NO_CODE;
    dict->label[dict->size] = label;
    dict->length[dict->size] = (uint32_t)length;
    dict->slot[slot] = (struct slot){dict->size, hash};
    return dict->size++;
}

uint32_t rk_dict_code(struct rk_dict *dict, const char *text, size_t length)
{
    return add_hashed(dict, text, length, hash_of(text, length));
}

/* Slots of a large dictionary are far from the processor: those of several labels are sent for
 * before the first is looked at. */
enum rk_status rk_dict_join(struct rk_dict *dict, const struct rk_dict *from, uint32_t *code)
{
    enum { AHEAD = 16 };
    uint32_t hash[AHEAD];

    for (uint32_t first = 0; first < from->size; first += AHEAD) {
        uint32_t n = from->size - first < AHEAD ? from->size - first : AHEAD;

        for (uint32_t k = 0; k < n; k++) {
            hash[k] = hash_of(from->label[first + k], from->length[first + k]);
            __builtin_prefetch(&dict->slot[hash[k] & (dict->n_slots - 1)]);
        }
        for (uint32_t k = 0; k < n; k++) {
            code[first + k] =
                add_hashed(dict, from->label[first + k], from->length[first + k], hash[k]);
            if (code[first + k] == RK_NO_CODE)
                return RK_ENOMEM;
        }
    }
    return RK_OK;
}
