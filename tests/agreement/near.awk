# awk -v folder=DIR -f csv.awk -f near.awk values.csv: compares what R says with what the commands printed
# (DIR/N.csv for the N-th different command). A line for each method and data set:
#   METHOD <tab> DATA <tab> values <tab> largest relative difference <tab> the cell where
# or FAILED in the place of the number of values, with what is missing. Differences are relative to
# R's value, and absolute where it is 0.
function read_output(number,    line, n, j, row, x) {
    row = 0
    while ((getline line < (folder "/" number ".csv")) > 0) {
        n = split_csv(line, x)
        for (j = 1; j <= n; j++) {
            if (row == 0) column[number, x[j]] = j
            else printed[number, row, j] = x[j]
        }
        row++
    }
    close(folder "/" number ".csv")
    rows[number] = row - 1
}
# The cell KEY=LABEL/COLUMN of a command's output; "" where there is none.
function cell_of(number, cell,    key, label, name, at, row, j) {
    at = length(cell)
    while (substr(cell, at, 1) != "/") at--
    name = substr(cell, at + 1)
    key = substr(cell, 1, at - 1)
    if (!((number, name) in column) || rows[number] < 1) return ""
    if (key == "") return printed[number, 1, column[number, name]]
    label = substr(key, index(key, "=") + 1)
    key = substr(key, 1, index(key, "=") - 1)
    if (!((number, key) in column)) return ""
    for (row = 1; row <= rows[number]; row++)
        if (printed[number, row, column[number, key]] == label)
            return printed[number, row, column[number, name]]
    return ""
}
FNR == 1 { next }
{
    split_csv($0, x)
    if (x[3] == "") next
    if (!(x[3] in known)) { known[x[3]] = ++n_commands; read_output(n_commands) }
    group = x[1] "\t" x[2]
    if (!(group in count)) { order[++n_groups] = group; count[group] = 0; largest[group] = 0; where[group] = "" }
    ours = cell_of(known[x[3]], x[4])
    if (ours == "" || ours == "NA") {
        if (!(group in bad)) bad[group] = (ours == "" ? "no cell " : "NA in ") x[4] " of " x[3]
        next
    }
    count[group]++
    d = ours - x[5]; if (d < 0) d = -d
    s = x[5] < 0 ? -x[5] : x[5] + 0
    if (s > 0) d /= s
    if (d > largest[group] || where[group] == "") { largest[group] = d; where[group] = x[4] " of " x[3] ": " ours " against " x[5] }
}
END {
    for (i = 1; i <= n_groups; i++) {
        group = order[i]
        if (group in bad) printf "%s\tFAILED\t\t%s\n", group, bad[group]
        else printf "%s\t%d\t%.17g\t%s\n", group, count[group], largest[group], where[group]
    }
}
