/* Prints a panel for the benchmarks: panel ROWS. 2,000 reps by week, six activities, revenue; the
 * same bytes on every machine. 5,000,000 rows are 218 MB. With `panel ROWS events` it prints single
 * activities of the same reps in two years: rep, date, type. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static uint64_t next(uint64_t seed)
{
    return seed * 6364136223846793005u + 1442695040888963407u;
}

static void print_events(long rows)
{
    static const char *const types[] = {"Call", "Email", "Meeting", "Note", "Task"};
    uint64_t seed = 20240131;

    puts("rep,date,type");
    for (long i = 0; i < rows; i++) {
        unsigned day;

        seed = next(seed);
        day = (unsigned)(seed >> 40) % 672;
        printf("rep%04ld,%u-%02u-%02u,%s\n", i % 2000, 2023 + day / 336, 1 + day / 28 % 12,
               1 + day % 28, types[(seed >> 20) % 5]);
    }
}

int main(int argc, char **argv)
{
    uint64_t seed = 20240131;
    long rows = argc > 1 ? strtol(argv[1], NULL, 10) : 0;

    if (argc > 2) {
        print_events(rows);
        rows = -1;
    } else
        puts("rep,week,calls,emails,meetings,notes,tasks,deals_won,revenue");
    for (long i = 0; i < rows; i++) {
        unsigned a, b, calls, meetings;

        seed = next(seed);
        a = (unsigned)(seed >> 40);
        b = (unsigned)(seed >> 20) & 0xfffff;
        calls = 80 + a % 60;
        meetings = 10 + a / 60 % 25;
        printf("rep%04ld,%ld-W%02ld,%u,%u,%u,%u,%u,%u,%u.%02u\n", i % 2000,
               1980 + i / 2000 / 52 % 200, 1 + i / 2000 % 52, calls, 200 + b % 190, meetings,
               a % 97, b % 83, a % 11, 1000 + 12 * calls + 150 * meetings + b % 3000, a % 100);
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
