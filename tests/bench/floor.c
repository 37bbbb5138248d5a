/* What reading costs by itself: floor <FILE. libcsv over the file, its cells and rows counted and
 * nothing kept. */
#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void on_cell(void *cell, size_t length, void *data)
{
    size_t *count = data;

    (void)cell;
    (void)length;
    count[0]++;
}

static void on_row(int end, void *data)
{
    size_t *count = data;

    (void)end;
    count[1]++;
}

int main(void)
{
    static char buffer[1 << 19];
    struct csv_parser parser;
    size_t count[2] = {0, 0};
    ssize_t n;

    if (csv_init(&parser, 0) != 0)
        return EXIT_FAILURE;
    while ((n = read(STDIN_FILENO, buffer, sizeof buffer)) > 0)
        if (csv_parse(&parser, buffer, (size_t)n, on_cell, on_row, count) != (size_t)n)
            return EXIT_FAILURE;
    csv_fini(&parser, on_cell, on_row, count);
    csv_free(&parser);
    printf("%zu cells in %zu rows\n", count[0], count[1]);
    return n == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
