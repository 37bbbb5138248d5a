/* What the files of rep-moments share; private to src/analysis/moments*.c. */
#ifndef REPKIT_MOMENTS_PARTS_H
#define REPKIT_MOMENTS_PARTS_H

#include "repkit/moments_file.h"

/* Whether the column is of a factor's level, which may be absent where the level is. */
bool moments_is_of_level(const char *name);

#endif
