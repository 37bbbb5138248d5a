/* A document: sections in order, each with a sentence, a picture, tables, warnings, a method and a
 * command. It knows nothing of how it is shown: analysis/report.c fills it, render/html.c and
 * render/markdown.c write it.
 *
 * Texts are data and kept as they are; whoever renders makes them harmless. A failed allocation
 * sets `failed` and makes further calls do nothing, so that a writer can check once, at the end. */
#ifndef REPKIT_DOCUMENT_H
#define REPKIT_DOCUMENT_H

#include "repkit/picture.h"
#include "repkit/result.h"

/* The pictures of a section as they are shown: on light and on dark ground, or as characters. */
enum rk_look { RK_LOOK_LIGHT, RK_LOOK_DARK, RK_LOOK_TEXT, RK_LOOKS };

struct rk_section {
    const char *id; /* in [a-z-], constant: what links name */
    char *title;
    char *lead;             /* one sentence for a manager; NULL where there is a problem */
    char *problem;          /* why there is nothing to show; NULL: there is */
    struct rk_names points; /* further sentences */
    struct rk_picture *picture;
    char *alt;                      /* the picture in words */
    struct rk_text drawn[RK_LOOKS]; /* what whoever renders has made of the picture */
    struct rk_names tables;         /* of the result: those that are shown, in order */
    struct rk_result *result;       /* its tables and warnings; NULL for none */
    struct rk_names method;         /* sentences as a paper would print them */
    struct rk_names commands;       /* command lines that print the same */
};

/* A line of the end: what it is, and its value. */
struct rk_fact {
    char *name, *value;
};

struct rk_document {
    char *title, *subtitle;
    struct rk_names summary; /* sentences, each of the section of the same index below */
    const char **summary_id; /* the id of the section a sentence comes from */
    struct rk_section *section;
    size_t n_sections;
    struct rk_fact *fact; /* versions, seed, digests */
    size_t n_facts;
    bool failed;
};

struct rk_document *rk_document_new(void); /* NULL when out of memory */
void rk_document_free(struct rk_document *document);

/* Replaces one of the texts by a copy; NULL takes it away. */
void rk_document_set(struct rk_document *document, char **place, const char *text);
/* The same by a buffer, which is freed. */
void rk_document_take(struct rk_document *document, char **place, struct rk_text *text);
/* Adds a section and returns it, or NULL. It is good until the next one is added. */
struct rk_section *rk_document_section(struct rk_document *document, const char *id,
                                       const char *title);
/* Adds to one of a section's lists. */
void rk_document_add(struct rk_document *document, struct rk_names *list, const char *text);
/* The same by a buffer, which is freed. */
void rk_document_append(struct rk_document *document, struct rk_names *list, struct rk_text *text);
/* Adds a sentence to the summary. */
void rk_document_sum_up(struct rk_document *document, const char *id, const char *text);
void rk_document_fact(struct rk_document *document, const char *name, const char *value);

#endif
