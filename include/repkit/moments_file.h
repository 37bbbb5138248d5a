/* rep-moments: sufficient statistics by group, from rows or from parts, and the tables they are
 * read from and printed to. Memory is by groups and columns, not by rows, once they are made. */
#ifndef REPKIT_MOMENTS_FILE_H
#define REPKIT_MOMENTS_FILE_H

#include "repkit/analysis.h"
#include "repkit/cross_moments.h"
#include "repkit/moment_columns.h"

struct rk_moments_file {
    struct rk_names column;
    struct rk_dict *group; /* labels; codes number the groups of moments */
    struct rk_cross_moments moments;
};
/* The group of all rows, where there is no cluster. */
#define RK_MOMENTS_ALL "all"

void rk_moments_free(struct rk_moments_file *file);

/* Adds the columns that moments of rows need. RK_OK or RK_ENOMEM. */
enum rk_status rk_moments_wants(const struct rk_formula *formula, const char *cluster,
                                struct rk_wants *wants);

/* Moments of the complete rows of an input that is read block by block: memory is by groups. */
struct rk_moments_stream {
    const struct rk_formula *formula; /* borrowed, as the cluster is */
    const char *cluster;              /* NULL: one group of all rows */
    struct rk_moments_file file;      /* without columns while there was no complete row */
    size_t n_rows, n_undefined;       /* rows; of them, where a function could not take the value */
    /* Of the response, in the complete rows. */
    struct rk_response_shape {
        double n, n_zeros, mean, m2, m3; /* sums of squares and cubes about the mean */
        double total, largest, min;      /* total and largest: of absolute values */
    } response;
};

/* What rk_csv_each is given to fill the stream, which holds formula and cluster before and is freed
 * by rk_moments_stream_free in any case. Blocks are merged in their order, so the result does not
 * depend on threads. The failures are those of rk_moment_columns_new. */
struct rk_row_work rk_moments_work(struct rk_moments_stream *stream);
void rk_moments_stream_free(struct rk_moments_stream *stream);

/* Reads what rep-moments or one of its queries printed. RK_OK; the failures of rk_csv_read;
 * RK_EINPUT for what is no such table. *file is unchanged on failure. */
enum rk_status rk_moments_read(const char *path, const struct rk_csv_options *csv,
                               const struct rk_ctx *ctx, struct rk_moments_file *file,
                               struct rk_error *error);

/* Adds a further part to the file. Levels that only one of them has are 0 in the other; any other
 * column has to be in both. RK_OK; RK_EINPUT; RK_ENOMEM. The file is unchanged on RK_EINPUT. */
enum rk_status rk_moments_join(struct rk_moments_file *file, const struct rk_moments_file *part,
                               struct rk_error *error);

/* Rows of all groups. This function can't fail. */
double rk_moments_total(const struct rk_moments_file *file);

/* Declares the table `moments` and fills it: group,col1,col2,n,mean1,mean2,c12. */
void rk_moments_print(const struct rk_moments_file *file, struct rk_result *result);

/* A model's rows in the place of those that the moments were taken of, see
 * rk_cross_moments_points. */
struct rk_moments_model {
    struct rk_model_frame *frame; /* its effect, if any, is the group; plan is NULL */
    double *weights;              /* frame->n */
    struct rk_table *table;       /* of one column of text: the group of each row */
};

/* Makes them for a formula. `name` is what the group is called. A formula with a fixed effect has
 * the group for it. RK_OK; the failures of rk_moment_model_new; RK_EINPUT where rows have a level
 * of a factor that the moments do not tell; RK_EUSAGE (several fixed effects). */
enum rk_status rk_moments_model_new(const struct rk_moments_file *file,
                                    const struct rk_formula *formula, const char *name,
                                    struct rk_moments_model *model, struct rk_error *error);
void rk_moments_model_free(struct rk_moments_model *model);

#endif
