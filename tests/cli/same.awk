# awk -f tests/cli/same.awk A.csv B.csv: whether two CSV files say the same, numbers to 1e-10 of
# their size. Prints what differs, or that nothing does.
BEGIN { FS = "," }
FNR == NR { line[FNR] = $0; n = FNR; next }
{
    m = FNR
    k = split(line[FNR], a, ",")
    if (k != NF) { print "cells differ in line " FNR; bad = 1 }
    for (i = 1; i <= k; i++) {
        if (a[i] == $i) continue
        if (a[i] !~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/ || $i !~ /^-?[0-9.]+(e[-+]?[0-9]+)?$/) {
            print "line " FNR ": " a[i] " against " $i; bad = 1; continue
        }
        d = a[i] - $i; if (d < 0) d = -d
        s = a[i] < 0 ? -a[i] : a[i]
        if (d > 1e-10 * s && d > 1e-30) { print "line " FNR ": " a[i] " against " $i; bad = 1 }
        n_numbers++
    }
}
END {
    if (n != m) { print "lines differ: " n " against " m; bad = 1 }
    if (!bad) print "the same, " m " lines"
    exit bad
}
