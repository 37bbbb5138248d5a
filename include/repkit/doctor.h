/* repkit doctor: are the parts there that are needed at run time? */
#ifndef REPKIT_DOCTOR_H
#define REPKIT_DOCTOR_H

#include "repkit/context.h"
#include "repkit/text.h"

/* Adds a line for gnuplot and one for each kind of picture: there, or how to get it.
 * Returns RK_OK if all are there, RK_EIO if not, RK_ENOMEM, or what ctx's cancel says. */
enum rk_status rk_doctor(const struct rk_ctx *ctx, struct rk_text *out, struct rk_error *error);

#endif
