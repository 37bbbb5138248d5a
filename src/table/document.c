#include "repkit/document.h"

#include <stdlib.h>

struct rk_document *rk_document_new(void)
{
    return calloc(1, sizeof(struct rk_document));
}

static void free_section(struct rk_section *section)
{
    free(section->title);
    free(section->lead);
    free(section->problem);
    free(section->alt);
    rk_names_free(&section->points);
    rk_names_free(&section->tables);
    rk_names_free(&section->method);
    rk_names_free(&section->commands);
    rk_picture_free(section->picture);
    rk_result_free(section->result);
    for (size_t i = 0; i < RK_LOOKS; i++)
        rk_text_free(&section->drawn[i]);
}

void rk_document_free(struct rk_document *document)
{
    if (document == NULL)
        return;
    for (size_t i = 0; i < document->n_sections; i++)
        free_section(&document->section[i]);
    for (size_t i = 0; i < document->n_facts; i++) {
        free(document->fact[i].name);
        free(document->fact[i].value);
    }
    free(document->section);
    free(document->fact);
    free(document->title);
    free(document->subtitle);
    rk_names_free(&document->summary);
    free(document->summary_id);
    free(document);
}

void rk_document_set(struct rk_document *document, char **place, const char *text)
{
    char *copy = text == NULL ? NULL : rk_strdup(text);

    if (text != NULL && copy == NULL) {
        document->failed = true;
        return;
    }
    free(*place);
    *place = copy;
}

void rk_document_take(struct rk_document *document, char **place, struct rk_text *text)
{
    rk_text_add(text, "");
    if (text->failed)
        document->failed = true;
    else
        rk_document_set(document, place, text->bytes);
    rk_text_free(text);
}

/* Room for one more item of an array, or NULL. */
static void *grow(struct rk_document *document, void *items, size_t n, size_t size)
{
    void *grown = document->failed ? NULL : realloc(items, (n + 1) * size);

    document->failed = document->failed || grown == NULL;
    return grown;
}

struct rk_section *rk_document_section(struct rk_document *document, const char *id,
                                       const char *title)
{
    struct rk_section *grown =
        grow(document, document->section, document->n_sections, sizeof *document->section);

    if (grown == NULL)
        return NULL;
    document->section = grown;
    grown += document->n_sections++;
    *grown = (struct rk_section){.id = id};
    rk_document_set(document, &grown->title, title);
    return document->failed ? NULL : grown;
}

void rk_document_add(struct rk_document *document, struct rk_names *list, const char *text)
{
    if (!document->failed && text != NULL && rk_names_add(list, text) != RK_OK)
        document->failed = true;
}

void rk_document_append(struct rk_document *document, struct rk_names *list, struct rk_text *text)
{
    if (text->failed)
        document->failed = true;
    else
        rk_document_add(document, list, text->bytes);
    rk_text_free(text);
}

void rk_document_sum_up(struct rk_document *document, const char *id, const char *text)
{
    const char **grown = grow(document, document->summary_id, document->summary.n, sizeof *grown);

    if (grown == NULL)
        return;
    document->summary_id = grown;
    grown[document->summary.n] = id;
    rk_document_add(document, &document->summary, text);
}

void rk_document_fact(struct rk_document *document, const char *name, const char *value)
{
    struct rk_fact *grown =
        grow(document, document->fact, document->n_facts, sizeof *document->fact);

    if (grown == NULL)
        return;
    document->fact = grown;
    grown += document->n_facts++;
    *grown = (struct rk_fact){NULL, NULL};
    rk_document_set(document, &grown->name, name);
    rk_document_set(document, &grown->value, value);
}
