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

static enum rk_status fill(const struct rk_table *rows, struct rk_moments_stream *part,
                           struct rk_error *error)
{
    struct rk_moment_columns columns = {0};
    enum rk_status status =
        rk_moment_columns_new(part->formula, rows, part->cluster, &columns, error);

    if (status != RK_OK)
        return status;
    part->n_rows = rows->n_rows;
    part->n_undefined = columns.n_undefined;
    if (columns.n > 0) {
        status = moments_of_columns(rows, part->cluster, &columns, &part->file, error);
        if (part->formula->response != NULL)
            part->response = shape_of(columns.X, columns.n);
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
    status = fill(rows, part, error);
    if (status == RK_OK)
        *made = part;
    else
        drop(part);
    return status;
}

static enum rk_status take(void *data, void *made, struct rk_error *error)
{
    struct rk_moments_stream *stream = data, *part = made;
    enum rk_status status = RK_OK;

    stream->n_rows += part->n_rows;
    stream->n_undefined += part->n_undefined;
    if (part->file.group != NULL && stream->file.group == NULL) {
        stream->file = part->file;
        stream->response = part->response;
        part->file = (struct rk_moments_file){0};
    } else if (part->file.group != NULL) {
        status = rk_moments_join(&stream->file, &part->file, error);
        add_shape(&stream->response, &part->response);
    }
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
}
