# The cells of a line of CSV, one or more; a quoted cell may hold commas. Returns how many.
function split_csv(line, out,    n, cell, c, i, quoted) {
    n = 0; cell = ""; quoted = 0
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        if (quoted) {
            if (c != "\"") cell = cell c
            else if (substr(line, i + 1, 1) == "\"") { cell = cell c; i++ }
            else quoted = 0
        } else if (c == "\"") quoted = 1
        else if (c == ",") { out[++n] = cell; cell = "" }
        else cell = cell c
    }
    out[++n] = cell
    return n
}
