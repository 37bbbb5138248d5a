/* Moments from rows, parts merged, and what is printed. */
#include "repkit/moments_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "moments_parts.h"

void rk_moments_free(struct rk_moments_file *file)
{
    rk_names_free(&file->column);
    rk_dict_free(file->group);
    rk_cross_moments_free(&file->moments);
    *file = (struct rk_moments_file){0};
}

enum rk_status rk_moments_wants(const struct rk_formula *formula, const char *cluster,
                                struct rk_wants *wants)
{
    enum rk_status status = rk_formula_wants(formula, wants);

    if (status == RK_OK && cluster != NULL)
        status = rk_wants_add(wants, cluster, RK_AS_LABEL);
    return status;
}

/* --- from rows ------------------------------------------------------------------------------ */

static enum rk_status copy_names(const struct rk_names *from, struct rk_names *to)
{
    enum rk_status status = RK_OK;

    for (size_t i = 0; i < from->n && status == RK_OK; i++)
        status = rk_names_add(to, from->name[i]);
    return status;
}

static enum rk_status add_group(struct rk_moments_file *file, const char *label, size_t *group)
{
    uint32_t code = rk_dict_code(file->group, label, strlen(label));

    if (code == RK_NO_CODE)
        return RK_ENOMEM;
    *group = code;
    return code < file->moments.n_groups ? RK_OK : rk_cross_moments_group(&file->moments, group);
}

/* The rows of each code, one code after another, those of code c at start[c]. */
static void sort_rows(const uint32_t *code, size_t n_codes, const struct rk_moment_columns *columns,
                      size_t *start, size_t *rows)
{
    for (size_t i = 0; i < columns->n; i++)
        start[(code == NULL ? 0 : code[columns->row[i]]) + 2]++;
    for (size_t c = 0; c < n_codes; c++)
        start[c + 2] += start[c + 1];
    for (size_t i = 0; i < columns->n; i++)
        rows[start[(code == NULL ? 0 : code[columns->row[i]]) + 1]++] = i;
}

/* Rows by group, each group's moments from its own. */
static enum rk_status sum_groups(const struct rk_table *table, size_t cluster,
                                 const struct rk_moment_columns *columns,
                                 struct rk_moments_file *file)
{
    const struct rk_column *labels = cluster == SIZE_MAX ? NULL : &table->column[cluster];
    size_t n_codes = labels == NULL ? 1 : rk_dict_size(labels->dict), n = 0;
    size_t *start = calloc(n_codes + 2, sizeof *start);
    size_t *group = malloc((n_codes + 1) * sizeof *group);
    size_t *rows = malloc((columns->n + 1) * sizeof *rows);
    enum rk_status status = start == NULL || group == NULL || rows == NULL ? RK_ENOMEM : RK_OK;

    if (status == RK_OK)
        sort_rows(labels == NULL ? NULL : labels->code, n_codes, columns, start, rows);
    for (size_t c = 0; status == RK_OK && c < n_codes; c++) {
        if (start[c] == start[c + 1])
            continue;
        start[n + 1] = start[c + 1]; /* only lists with rows are left */
        status = add_group(
            file, labels == NULL ? RK_MOMENTS_ALL : rk_dict_label(labels->dict, (uint32_t)c),
            &group[n++]);
    }
    if (status == RK_OK)
        status =
            rk_cross_moments_lists(&file->moments, group, n, columns->X, columns->n, rows, start);
    free(start);
    free(group);
    free(rows);
    return status;
}

enum rk_status moments_of_columns(const struct rk_table *table, const char *cluster,
                                  const struct rk_moment_columns *columns,
                                  struct rk_moments_file *file, struct rk_error *error)
{
    struct rk_moments_file made = {0};
    size_t labels = cluster == NULL ? SIZE_MAX : rk_table_find_typed(table, cluster, RK_TEXT);

    made.group = rk_dict_new();
    made.moments.k = columns->name.n;
    if (made.group == NULL || copy_names(&columns->name, &made.column) != RK_OK ||
        sum_groups(table, labels, columns, &made) != RK_OK) {
        rk_moments_free(&made);
        return rk_fail_memory(error);
    }
    *file = made;
    return RK_OK;
}

double rk_moments_total(const struct rk_moments_file *file)
{
    double total = 0.0;

    for (size_t g = 0; g < file->moments.n_groups; g++)
        total += file->moments.n[g];
    return total;
}

/* --- parts ---------------------------------------------------------------------------------- */

/* A part without the level lacks the column. There is a
 * = in it that stands in no back-ticks. */
bool moments_is_of_level(const char *name)
{
    bool quoted = false;

    for (; *name != '\0'; name++) {
        if (*name == '\\' && quoted && name[1] != '\0')
            name++;
        else if (*name == '`')
            quoted = !quoted;
        else if (*name == '=' && !quoted)
            return true;
    }
    return false;
}

static size_t find_name(const struct rk_names *names, const char *name)
{
    size_t i = 0;

    while (i < names->n && strcmp(names->name[i], name) != 0)
        i++;
    return i;
}

static enum rk_status check_columns(const struct rk_names *one, const struct rk_names *other,
                                    struct rk_error *error)
{
    for (size_t i = 0; i < one->n; i++) {
        if (!rk_names_has(other, one->name[i]) && !moments_is_of_level(one->name[i]))
            return rk_fail(error, RK_EINPUT,
                           "column '%s' is not in all parts: they are of different formulas",
                           one->name[i]);
    }
    return RK_OK;
}

/* One group's moments in wider columns: place[i] is where column i stands there. */
static void widen(const struct rk_cross_moments *from, size_t g, const size_t *place, size_t k,
                  struct dd *mean, struct dd *C)
{
    size_t all = k * (k + 1) / 2, own = from->k * (from->k + 1) / 2;

    for (size_t i = 0; i < k; i++)
        mean[i] = (struct dd){0.0, 0.0};
    for (size_t i = 0; i < all; i++)
        C[i] = (struct dd){0.0, 0.0};
    for (size_t i = 0; i < from->k; i++) {
        mean[place[i]] = from->mean[g * from->k + i];
        for (size_t j = 0; j <= i; j++)
            C[rk_cross_moments_at(place[i], place[j])] =
                from->C[g * own + rk_cross_moments_at(i, j)];
    }
}

/* Merges all groups of a part. RK_OK or RK_ENOMEM. */
static enum rk_status add_part(struct rk_moments_file *file, const struct rk_moments_file *part)
{
    size_t k = file->moments.k, own = part->moments.k;
    struct dd *work = malloc((k + k * (k + 1) / 2 + 1) * sizeof *work);
    size_t *place = malloc((own + 1) * sizeof *place), group = 0;
    enum rk_status status = work == NULL || place == NULL ? RK_ENOMEM : RK_OK;

    bool alike = own == k;

    for (size_t i = 0; status == RK_OK && i < own; i++) {
        place[i] = find_name(&file->column, part->column.name[i]);
        alike = alike && place[i] == i;
    }
    for (size_t g = 0; status == RK_OK && g < part->moments.n_groups; g++) {
        const struct dd *mean = part->moments.mean + g * own;
        const struct dd *C = part->moments.C + g * (own * (own + 1) / 2);

        status = add_group(file, rk_dict_label(part->group, (uint32_t)g), &group);
        if (status != RK_OK)
            break;
        if (!alike)
            widen(&part->moments, g, place, k, work, work + k);
        rk_cross_moments_merge(&file->moments, group, part->moments.n[g], alike ? mean : work,
                               alike ? C : work + k);
    }
    free(work);
    free(place);
    return status;
}

enum rk_status rk_moments_join(struct rk_moments_file *file, const struct rk_moments_file *part,
                               struct rk_error *error)
{
    struct rk_moments_file made = {0};
    enum rk_status status = check_columns(&file->column, &part->column, error);

    if (status == RK_OK)
        status = check_columns(&part->column, &file->column, error);
    if (status != RK_OK)
        return status;
    made.group = rk_dict_new();
    status = made.group == NULL ? RK_ENOMEM : copy_names(&file->column, &made.column);
    for (size_t i = 0; status == RK_OK && i < part->column.n; i++) {
        if (!rk_names_has(&made.column, part->column.name[i]))
            status = rk_names_add(&made.column, part->column.name[i]);
    }
    made.moments.k = made.column.n;
    if (status == RK_OK && made.column.n == file->column.n) {
        rk_moments_free(&made);
        status = add_part(file, part);
        return status == RK_OK ? RK_OK : rk_fail_memory(error);
    }
    if (status == RK_OK)
        status = add_part(&made, file);
    if (status == RK_OK)
        status = add_part(&made, part);
    if (status != RK_OK) {
        rk_moments_free(&made);
        return rk_fail_memory(error);
    }
    rk_moments_free(file);
    *file = made;
    return RK_OK;
}

/* --- the table ------------------------------------------------------------------------------ */

enum field { GROUP, COL1, COL2, N, MEAN1, MEAN2, C12 };

static const struct rk_field fields[] = {
    [GROUP] = {"group", RK_TEXT, RK_GENERAL},   [COL1] = {"col1", RK_TEXT, RK_GENERAL},
    [COL2] = {"col2", RK_TEXT, RK_GENERAL},     [N] = {"n", RK_NUMBER, RK_COUNT},
    [MEAN1] = {"mean1", RK_NUMBER, RK_GENERAL}, [MEAN2] = {"mean2", RK_NUMBER, RK_GENERAL},
    [C12] = {"c12", RK_NUMBER, RK_GENERAL},
};

void rk_moments_print(const struct rk_moments_file *file, struct rk_result *result)
{
    const struct rk_cross_moments *m = &file->moments;
    size_t table = rk_result_declare(result, "moments", fields, sizeof fields / sizeof fields[0]);

    for (size_t g = 0; g < m->n_groups; g++) {
        const struct dd *mean = m->mean + g * m->k, *C = m->C + g * (m->k * (m->k + 1) / 2);

        for (size_t i = 0; i < m->k; i++) {
            for (size_t j = i; j < m->k; j++) {
                rk_result_row(result, table);
                rk_put_text(result, table, GROUP, rk_dict_label(file->group, (uint32_t)g));
                rk_put_text(result, table, COL1, file->column.name[i]);
                rk_put_text(result, table, COL2, file->column.name[j]);
                rk_put(result, table, N, m->n[g]);
                rk_put(result, table, MEAN1, mean[i].hi);
                rk_put(result, table, MEAN2, mean[j].hi);
                rk_put(result, table, C12, C[rk_cross_moments_at(i, j)].hi);
            }
        }
    }
    result->rows_used = (size_t)rk_moments_total(file);
}
