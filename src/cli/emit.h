/* Which tables go where, --rows and --assert. Private to src/cli. */
#ifndef REPKIT_EMIT_H
#define REPKIT_EMIT_H

#include "repkit/session.h"

/* Reads --emit and decides the format of the main output. */
enum rk_status rk_emit_parse(struct rk_session *session);
void rk_emit_free(struct rk_session *session);

/* --rows: keeps the rows of every table that has its columns; RK_EUSAGE if none has. */
enum rk_status rk_emit_filter(struct rk_session *session);
/* Drops the explanations of rows of the table that are not kept. RK_OK or RK_ENOMEM. */
enum rk_status rk_emit_keep_explained(const struct rk_result *result, const struct rk_table *table,
                                      const bool *keep);

/* Writes all tables to where they go. */
enum rk_status rk_emit_write(struct rk_session *session);

/* --assert and --assert-any over the rows printed: RK_OK, RK_EASSERT, RK_ENODATA without a row. */
enum rk_status rk_emit_assert(struct rk_session *session);

#endif
