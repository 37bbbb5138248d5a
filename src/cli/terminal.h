/* Signals, progress and the environment of a run. Private to src/cli. */
#ifndef REPKIT_TERMINAL_H
#define REPKIT_TERMINAL_H

#include "repkit/session.h"

/* GSL's handler off, a UTF-8 LC_CTYPE, signals caught: once, at the start of a run. */
void rk_terminal_start(struct rk_session *session);
/* Takes the progress bar off the terminal. */
void rk_terminal_end(struct rk_session *session);
/* The cores this process may use, at least 1. */
unsigned rk_cores(void);
/* Lets every allocation fail that would take the process beyond so many bytes. False if the system
 * does not take the bound. */
bool rk_bound_memory(double bytes);
bool rk_wants_color(void);

#endif
