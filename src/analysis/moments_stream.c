/* Moments of rows that are read block by block. */
#include <math.h>
#include <stdlib.h>

#include "moments_parts.h"

/* --- the response ----------------------------------------------------------------------------- */

static struct rk_response_shape shape_of(const double *y, size_t n)
{
    struct rk_response_shape s = {.n = (double)n, .min = INFINITY};
    double off = 0.0;

    for (size_t i = 0; i < n; i++)
        s.mean += (y[i] - s.mean) / (double)(i + 1);
    for (size_t i = 0; i < n; i++) {
        double d = y[i] - s.mean;

        off += d;
        s.m2 += d * d;
        s.m3 += d * d * d;
        s.n_zeros += y[i] == 0.0;
        s.total += fabs(y[i]);
        s.largest = fmax(s.largest, fabs(y[i]));
        s.min = fmin(s.min, y[i]);
    }
    s.m2 = fmax(0.0, s.m2 - off * off / s.n); /* the mean was rounded */
    return s;
}

/* Source: Pebay (2008), Sandia report SAND2008-6212. */
static void add_shape(struct rk_response_shape *a, const struct rk_response_shape *b)
{
    double n = a->n + b->n, d = b->mean - a->mean;

    a->m3 += b->m3 + d * d * d * a->n * b->n * (a->n - b->n) / (n * n) +
             3.0 * d * (a->n * b->m2 - b->n * a->m2) / n;
    a->m2 += b->m2 + d * d * a->n * b->n / n;
    a->mean += d * b->n / n;
    a->n = n;
    a->n_zeros += b->n_zeros;
    a->total += b->total;
    a->largest = fmax(a->largest, b->largest);
    a->min = fmin(a->min, b->min);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static void drop(void *data)
{
    struct rk_moments_stream *part = data;

    rk_moments_stream_free(part);
    free(part);
}

/* Names the columns that are not of 0 and 1 alone. RK_OK or RK_ENOMEM. */
static enum rk_status find_varied(const struct rk_moment_columns *columns, struct rk_names *varied)
{
    enum rk_status status = RK_OK;

    for (size_t j = 0; status == RK_OK && j < columns->name.n; j++) {
        const double *x = columns->X + j * columns->n;
        size_t i = 0;

        while (i < columns->n && (x[i] == 0.0 || x[i] == 1.0))
            i++;
        if (i < columns->n)
            status = rk_names_add(varied, columns->name.name[j]);
    }
    return status;
}

static enum rk_status add_varied(struct rk_names *varied, const struct rk_names *further)
{
    enum rk_status status = RK_OK;

    for (size_t j = 0; status == RK_OK && j < further->n; j++)
        if (!rk_names_has(varied, further->name[j]))
            status = rk_names_add(varied, further->name[j]);
    return status;
}

static enum rk_status copy_rows(const struct rk_table *rows, struct rk_moments_stream *part,
                                struct rk_error *error)
{
    size_t *all = malloc((rows->n_rows + 1) * sizeof *all);

    for (size_t i = 0; all != NULL && i < rows->n_rows; i++)
        all[i] = i;
    if (all != NULL)
        part->rows = rk_table_rows(rows, all, rows->n_rows);
    free(all);
    return part->rows == NULL ? rk_fail_memory(error) : RK_OK;
}

static enum rk_status fill(const struct rk_table *rows, struct rk_moments_stream *part,
                           struct rk_error *error)
{
    struct rk_moment_columns columns = {0};
    enum rk_status status =
        rk_moment_columns_new(part->formula, rows, part->cluster, &columns, error);

    if (part->most_bytes > 0.0 && status != RK_OK && status != RK_ENOMEM) {
        part->given_up = true;
        status = RK_OK;
    }
    if (status == RK_OK && part->keeps)
        status = copy_rows(rows, part, error);
    if (status != RK_OK) {
        rk_moment_columns_free(&columns);
        return status;
    }
    part->n_rows = rows->n_rows;
    part->n_undefined = columns.n_undefined;
    if (columns.n > 0) {
        status = moments_of_columns(rows, part->cluster, &columns, part->plain, &part->file, error);
        if (part->formula->response != NULL)
            part->response = shape_of(columns.X, columns.n);
        if (status == RK_OK && find_varied(&columns, &part->varied) != RK_OK)
            status = rk_fail_memory(error);
    }
    rk_moment_columns_free(&columns);
    return status;
}

static enum rk_status make(void *data, struct rk_table *rows, void **made, struct rk_error *error)
{
    const struct rk_moments_stream *stream = data;
    struct rk_moments_stream *part = calloc(1, sizeof *part);
    enum rk_status status;

    if (part == NULL)
        return rk_fail_memory(error);
    part->formula = stream->formula;
    part->cluster = stream->cluster;
    part->plain = stream->plain;
    part->keeps = stream->keeps;
    part->most_bytes = stream->most_bytes;
    status = fill(rows, part, error);
    if (status == RK_OK)
        *made = part;
    else
        drop(part);
    return status;
}

/* Of the moments, and of the rows that stand for them (rk_cross_moments_points). */
static double bytes_of(const struct rk_cross_moments *m)
{
    double k = (double)m->k;

    return (double)m->n_groups * (8.0 * k * (k + 3.0) + 16.0 * k * (k + 4.0));
}

static enum rk_status take_rows(struct rk_moments_stream *stream, struct rk_moments_stream *part,
                                struct rk_error *error)
{
    if (stream->rows != NULL)
        return rk_table_append(stream->rows, part->rows) == RK_OK ? RK_OK : rk_fail_memory(error);
    stream->rows = part->rows;
    part->rows = NULL;
    return RK_OK;
}

static enum rk_status take_moments(struct rk_moments_stream *stream, struct rk_moments_stream *part,
                                   struct rk_error *error)
{
    const struct rk_cross_moments *m = &stream->file.moments;
    enum rk_status status = RK_OK;

    if (add_varied(&stream->varied, &part->varied) != RK_OK)
        return rk_fail_memory(error);
    if (stream->file.group == NULL) {
        stream->file = part->file;
        stream->response = part->response;
        part->file = (struct rk_moments_file){0};
    } else {
        status = rk_moments_join(&stream->file, &part->file, error);
        add_shape(&stream->response, &part->response);
    }
    stream->given_up = stream->most_bytes > 0.0 && bytes_of(m) > stream->most_bytes &&
                       2 * m->k * m->n_groups > stream->n_rows;
    return status;
}

static enum rk_status take(void *data, void *made, struct rk_error *error)
{
    struct rk_moments_stream *stream = data, *part = made;
    enum rk_status status = RK_OK;

    stream->n_rows += part->n_rows;
    stream->n_undefined += part->n_undefined;
    stream->given_up = stream->given_up || part->given_up;
    if (part->rows != NULL)
        status = take_rows(stream, part, error);
    if (status == RK_OK && part->file.group != NULL && !stream->given_up)
        status = take_moments(stream, part, error);
    if (stream->given_up)
        rk_moments_free(&stream->file);
    if (status == RK_OK && stream->given_up && !stream->keeps)
        status = rk_fail(error, RK_EDOMAIN, "not told by moments");
    drop(part);
    return status;
}

struct rk_row_work rk_moments_work(struct rk_moments_stream *stream)
{
    return (struct rk_row_work){stream, make, take, drop};
}

void rk_moments_stream_free(struct rk_moments_stream *stream)
{
    rk_moments_free(&stream->file);
    rk_names_free(&stream->varied);
    rk_table_free(stream->rows);
    stream->rows = NULL;
}
