/* Reading the several files of a CRM, each in its own way. */
#include <xxhash.h>

#include "repkit/session.h"

void rk_session_read_files(struct rk_session *session, struct rk_crm_files *files)
{
    struct rk_node *where = session->where;
    XXH64_hash_t digest[RK_CRM_INPUTS] = {0};

    for (int i = 0; session->status == RK_OK && i < RK_CRM_INPUTS; i++) {
        struct rk_crm_file *file = &files->file[i];

        if (file->path == NULL)
            continue;
        session->csv = file->csv;
        session->where = i == RK_CRM_ROSTER ? NULL : where;
        file->table = rk_session_read(session, file->path, &file->wants);
        digest[i] = file->table == NULL ? 0 : file->table->digest;
    }
    session->where = where;
    session->meta.input_digest = XXH3_64bits(digest, sizeof digest);
}

struct rk_table *rk_session_read_moments(struct rk_session *session, const char *path,
                                         const char *group)
{
    struct rk_table *table = NULL;

    if (session->status == RK_OK && !session->stop)
        rk_session_ok(session, rk_moments_open(path, &session->csv, &session->ctx, group,
                                               session->shared->where, &session->moments, &table,
                                               session->result, &session->error));
    return table;
}
