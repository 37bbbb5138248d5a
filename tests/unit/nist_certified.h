/* NIST's certified values, and how many digits of them a number has. */
#ifndef TEST_NIST_CERTIFIED_H
#define TEST_NIST_CERTIFIED_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reference.h"

/* The certified value, or NaN. */
static double certified(const char *name, const char *quantity)
{
    FILE *file = fopen("tests/nist/certified.tsv", "r");
    char line[256], set[64], class[64], what[64], value[64];
    double answer = NAN;

    if (file == NULL)
        fail_msg("cannot open tests/nist/certified.tsv (tests run from the root)");
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "%63s %63s %63s %63s", set, class, what, value) == 4 &&
            strcmp(set, name) == 0 && strcmp(what, quantity) == 0)
            answer = strtod(value, NULL);
    }
    fclose(file);
    return answer;
}

/* The logarithm of the relative error: how many digits are right. */
static double lre(double value, double truth)
{
    double digits = truth == 0.0 ? -log10(fabs(value)) : -log10(fabs(value - truth) / fabs(truth));

    return value == truth ? 15.0 : fmin(15.0, digits);
}

#endif
