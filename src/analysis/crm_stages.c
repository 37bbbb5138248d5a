/* What the labels of stages mean, and how labels are shown. */
#include <stdlib.h>
#include <string.h>

#include "repkit/crm_files.h"

const char *rk_short_label(const char *label, char out[RK_SHORT_SIZE])
{
    size_t length = strlen(label), shown = length < RK_SHORT_SIZE - 4 ? length : RK_SHORT_SIZE - 4;

    while (shown < length && shown > 0 && ((unsigned char)label[shown] & 0xc0) == 0x80)
        shown--; /* not in the middle of a character */
    memcpy(out, label, shown);
    memcpy(out + shown, shown < length ? "..." : "", shown < length ? 4 : 1);
    return out;
}

/* "Prospecting, Engaging, ..." */
static void list_stages(const struct rk_dict *dict, struct rk_text *list)
{
    enum { MOST_SHOWN = 8 };
    char label[RK_SHORT_SIZE];

    for (uint32_t code = 0; code < rk_dict_size(dict) && code < MOST_SHOWN; code++)
        rk_text_format(list, "%s%s", code > 0 ? ", " : "",
                       rk_short_label(rk_dict_label(dict, code), label));
    if (rk_dict_size(dict) > MOST_SHOWN)
        rk_text_add(list, ", ...");
}

/* A label that was given must be there, and of the usual ones one. */
static enum rk_status check_stages(const struct rk_crm_file *file, const struct rk_column *stage,
                                   bool any_won, bool any_lost, struct rk_error *error)
{
    struct rk_text list = {0};

    if ((any_won || !file->won_given) && (any_lost || !file->lost_given) && (any_won || any_lost))
        return RK_OK;
    list_stages(stage->dict, &list);
    rk_fail(error, RK_EINPUT, "no deal is %s; the stages are %s (see won=LABEL, lost=LABEL)",
            any_won    ? "lost"
            : any_lost ? "won"
                       : "won or lost",
            list.failed || list.length == 0 ? "empty" : list.bytes);
    rk_text_free(&list);
    return rk_fail_at(error, file->table->name, 0, stage->name);
}

enum rk_status rk_crm_outcomes(const struct rk_crm_file *file, unsigned char **outcome,
                               struct rk_error *error)
{
    const char *name = file->columns.name[RK_DEALS_STAGE];
    const struct rk_column *stage =
        &file->table->column[rk_table_find_typed(file->table, name, RK_TEXT)];
    size_t n = rk_dict_size(stage->dict), n_rows = file->table->n_rows;
    unsigned char *of = calloc(n + 1, 1), *found = malloc(n_rows + 1);
    struct rk_text snake = {0};
    bool any[3] = {false, false, false};
    enum rk_status status;

    for (uint32_t code = 0; of != NULL && code < n; code++) {
        rk_text_clear(&snake);
        rk_text_add(&snake, "");
        rk_text_snake(&snake, rk_dict_label(stage->dict, code));
        if (snake.failed)
            break;
        of[code] = rk_names_has(&file->won, snake.bytes)    ? RK_DEAL_WON
                   : rk_names_has(&file->lost, snake.bytes) ? RK_DEAL_LOST
                                                            : RK_DEAL_OPEN;
        any[of[code]] = true;
    }
    for (size_t row = 0; of != NULL && found != NULL && row < n_rows; row++)
        found[row] = stage->code[row] == RK_NO_CODE ? RK_DEAL_OPEN : of[stage->code[row]];
    status = of == NULL || found == NULL || snake.failed
                 ? rk_fail_memory(error)
                 : check_stages(file, stage, any[RK_DEAL_WON], any[RK_DEAL_LOST], error);
    rk_text_free(&snake);
    free(of);
    if (status == RK_OK)
        *outcome = found;
    else
        free(found);
    return status;
}
