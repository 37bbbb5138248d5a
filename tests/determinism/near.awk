# awk -v file=FIRST -v largest=SO_FAR -f near.awk NOW: whether two outputs say the same, numbers to
# 1e-9 of their size. Prints lines that do not, then the largest relative difference.
# Numbers below 1e-14 are rounding errors of a zero, and whole ones are to be the same.
function split_numbers(line, out,    n) {
    n = 0
    while (match(line, /[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?/)) {
        out[++n] = substr(line, 1, RSTART - 1)
        out[++n] = substr(line, RSTART, RLENGTH)
        line = substr(line, RSTART + RLENGTH)
    }
    out[++n] = line
    return n
}
function differ(a, b,    scale, far) {
    if (a == b) return 0
    if (a !~ /[.e]/ && b !~ /[.e]/) return 1
    scale = (a + 0 > b + 0) ? a + 0 : b + 0
    if (scale < 1e-14) return 0
    far = a - b
    far = (far < 0 ? -far : far) / scale
    if (far > largest) largest = far
    return far > 1e-9
}
{
    if ((getline other < file) <= 0) { print "more lines: " $0; bad = 1; next }
    if ($0 == other) next
    n = split_numbers($0, x)
    wrong = split_numbers(other, y) != n
    for (i = 1; i <= n && !wrong; i++)
        wrong = i % 2 == 0 ? differ(x[i], y[i]) : x[i] != y[i]
    if (wrong) { print "< " other; print "> " $0; bad = 1 }
}
END {
    if ((getline other < file) > 0) { print "fewer lines, from: " other; bad = 1 }
    printf "%.2g\n", largest
    exit bad
}
