/* Runs the studies and writes their page.
 *   calibrate [-n PANELS] [-s SEED] [-j THREADS] [-o FILE] [STUDY...]
 * A study is named as its file: study_corr.c is corr. All of them without names. */
#include <gsl/gsl_errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calibrate.h"
#include "repkit/number.h"
#include "repkit/output.h"
#include "repkit/parallel.h"
#include "studies.h"

enum { N_STUDIES = sizeof cal_studies / sizeof *cal_studies };

struct settings {
    size_t panels;
    uint64_t seed;
    unsigned threads;
    const char *output;
};

/* The panels of one cell. */
struct cell_work {
    const char *name; /* of the study */
    const struct cal_study *study;
    const struct cal_cell *cell;
    uint64_t seed;
    double *value;
};

static enum rk_status draw_panels(void *data, size_t block, size_t first, size_t last)
{
    const struct cell_work *w = data;
    enum rk_status status = RK_OK;

    (void)block;
    for (size_t i = first; status == RK_OK && i < last; i++) {
        struct cal_draw draw = {.ctx = RK_CTX_DEFAULT, .panel = i};
        double *value = w->value + i * w->study->n_claims;
        struct rk_text label = {0};

        rk_text_format(&label, "%s, %s", w->name, w->cell->name);
        if (label.failed)
            return RK_ENOMEM;
        rk_rng_stream(&draw.rng, w->seed, "calibrate", label.bytes, i);
        draw.ctx.seed = rk_rng_next(&draw.rng);
        for (size_t k = 0; k < w->study->n_claims; k++)
            value[k] = NAN;
        status = w->study->panel(w->cell, &draw, value);
        rk_text_free(&label);
    }
    return status;
}

static enum rk_status run_study(size_t which, const struct settings *settings, struct cal_run *run)
{
    const struct cal_study *s = cal_studies[which].study;
    struct rk_ctx ctx = {.threads = settings->threads, .seed = settings->seed};
    enum rk_status status = RK_OK;

    run->study = s;
    run->n_panels = settings->panels / (s->fewer > 0 ? s->fewer : 1);
    run->n_panels = run->n_panels > 0 ? run->n_panels : 1;
    run->rate = calloc(s->n_claims * s->n_cells, sizeof *run->rate);
    if (run->rate == NULL)
        return RK_ENOMEM;
    for (size_t c = 0; status == RK_OK && c < s->n_cells; c++) {
        struct cell_work work = {cal_studies[which].name, s, &s->cell[c], settings->seed,
                                 malloc(run->n_panels * s->n_claims * sizeof(double))};

        fprintf(stderr, "  %s: %s\n", work.name, s->cell[c].name);
        status = work.value == NULL
                     ? RK_ENOMEM
                     : rk_parallel_blocks(&ctx, run->n_panels, 1, draw_panels, &work);
        for (size_t k = 0; status == RK_OK && k < s->n_claims; k++)
            run->rate[k * s->n_cells + c] = cal_rate_of(work.value, run->n_panels, s->n_claims, k);
        free(work.value);
        if (status != RK_OK)
            fprintf(stderr, "calibrate: %s, %s: %s\n", work.name, s->cell[c].name,
                    rk_status_words(status));
    }
    return status;
}

static enum rk_status write_page(const struct cal_run *run, size_t n,
                                 const struct settings *settings)
{
    struct rk_text page = {0};
    FILE *file = settings->output == NULL ? stdout : fopen(settings->output, "w");
    enum rk_status status = RK_OK;

    cal_page(run, n, settings->panels, settings->seed, &page);
    if (page.failed)
        status = RK_ENOMEM;
    else if (file == NULL || fputs(page.bytes, file) == EOF || fflush(file) != 0)
        status = RK_EIO;
    if (file != NULL && file != stdout && fclose(file) != 0)
        status = RK_EIO;
    if (status != RK_OK)
        fprintf(stderr, "calibrate: %s: %s\n",
                settings->output == NULL ? "standard output" : settings->output,
                rk_status_words(status));
    rk_text_free(&page);
    return status;
}

/* Which studies were named; false for a name that is none. */
static bool choose(char *const *name, int n, bool *chosen)
{
    for (size_t s = 0; s < N_STUDIES; s++)
        chosen[s] = n == 0;
    for (int i = 0; i < n; i++) {
        bool found = false;

        for (size_t s = 0; s < N_STUDIES; s++)
            if (strcmp(cal_studies[s].name, name[i]) == 0)
                chosen[s] = found = true;
        if (found)
            continue;
        fprintf(stderr, "calibrate: no study '%s'; there are", name[i]);
        for (size_t s = 0; s < N_STUDIES; s++)
            fprintf(stderr, " %s", cal_studies[s].name);
        fprintf(stderr, "\n");
        return false;
    }
    return true;
}

static bool read_whole(const char *text, double most, double *out)
{
    return rk_number_read(text, strlen(text), '.', out, NULL) == RK_READ_OK && *out >= 1.0 &&
           *out <= most && *out == floor(*out);
}

static bool read_options(int argc, char **argv, struct settings *settings)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    double number;
    int option;

    *settings = (struct settings){.panels = 1000, .seed = 1, .threads = 1};
    if (cores > 1)
        settings->threads = (unsigned)cores;
    while ((option = getopt(argc, argv, "n:s:j:o:")) != -1) {
        if (option == 'o') {
            settings->output = optarg;
        } else if (option == '?' || !read_whole(optarg, 1e9, &number)) {
            fprintf(stderr, "usage: calibrate [-n PANELS] [-s SEED] [-j THREADS] [-o FILE] "
                            "[STUDY...]\n");
            return false;
        } else if (option == 'n') {
            settings->panels = (size_t)number;
        } else if (option == 's') {
            settings->seed = (uint64_t)number;
        } else {
            settings->threads = (unsigned)number;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct settings settings;
    bool chosen[N_STUDIES];
    struct cal_run run[N_STUDIES];
    size_t n = 0;
    enum rk_status status = RK_OK;

    gsl_set_error_handler_off();
    setlocale(LC_CTYPE, "C.UTF-8");
    if (!read_options(argc, argv, &settings) || !choose(argv + optind, argc - optind, chosen))
        return 2;
    memset(run, 0, sizeof run);
    for (size_t s = 0; status == RK_OK && s < N_STUDIES; s++)
        if (chosen[s])
            status = run_study(s, &settings, &run[n++]);
    if (status == RK_OK)
        status = write_page(run, n, &settings);
    for (size_t i = 0; i < n; i++)
        free(run[i].rate);
    return status == RK_OK ? 0 : 1;
}
