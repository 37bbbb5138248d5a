/* Which tables go where, --rows and --assert. Private to src/cli. */
#ifndef REPKIT_EMIT_H
#define REPKIT_EMIT_H

#include "repkit/session.h"

/* Reads --emit and decides the format of the main output. */
enum rk_status rk_emit_parse(struct rk_session *session);
void rk_emit_free(struct rk_session *session);

/* --rows: keeps the rows of every table that has its columns; RK_EUSAGE if none has. */
enum rk_status rk_emit_filter(struct rk_session *session);

/* Writes all tables to where they go. */
enum rk_status rk_emit_write(struct rk_session *session);

/* --assert and --assert-any over the rows printed: RK_OK, RK_EASSERT, RK_ENODATA without a row. */
enum rk_status rk_emit_assert(struct rk_session *session);

#endif
