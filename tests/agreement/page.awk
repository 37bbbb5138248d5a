# awk -f csv.awk -f page.awk methods.csv NEAR values.csv: the page docs/agreement.md, with the counts
# in a comment. Exit status 1 if something failed.
function escape(text) { gsub(/\|/, "\\|", text); gsub(/\\\\\|/, "\\|", text); return text }
function failed(text) { failures[++n_failed] = text }
FILENAME != previous { previous = FILENAME; file++ }
file == 1 {
    if (FNR == 1) next
    split_csv($0, x)
    method[++n] = x[1]; index_of[x[1]] = n
    tool[n] = x[2]; peer[n] = x[3]; bound[n] = x[4] + 0; note[n] = x[5]
    next
}
file == 2 {
    split($0, x, "\t")
    if (!(x[1] in index_of)) { failed(x[1] ": not in methods.csv"); next }
    k = index_of[x[1]]
    sets[k]++
    if (x[3] == "FAILED") { failed(x[1] ", " x[2] ": " x[5]); next }
    values[k] += x[3]
    if (x[4] + 0 > largest[k] + 0) largest[k] = x[4] + 0
    if (x[4] + 0 > bound[k]) failed(x[1] ", " x[2] ": " x[4] " apart in " x[5])
    else passed++
    next
}
FNR > 1 {
    split_csv($0, x)
    if (x[1] == "versions") versions = x[4]
}
END {
    for (k = 1; k <= n; k++)
        if (sets[k] < 5)
            failed(method[k] ": " sets[k] + 0 " data sets, fewer than five")
    print "# Agreement with R\n"
    print "What the tools print against what R computes of the same data: the largest relative difference over all"
    print "data sets and numbers of a method. `make agreement` computes R's values again, compares, and writes this"
    print "page; `tests/agreement/run --check`, a part of `make check`, compares with the values that are committed"
    print "(`tests/agreement/values.csv`, 17 digits) and fails where a method goes beyond its bound, without R.\n"
    print versions ".\n"
    print "| method | tool | in R | data sets | numbers | largest difference | bound |"
    print "|---|---|---|--:|--:|--:|--:|"
    for (k = 1; k <= n; k++) {
        mark = ""
        if (note[k] != "") { remark[++n_notes] = note[k]; mark = " (" n_notes ")" }
        printf "| %s%s | `%s` | %s | %d | %d | %s | %g |\n", method[k], mark, tool[k], escape(peer[k]), sets[k], values[k], largest[k] + 0 == 0 ? "0" : sprintf("%.1e", largest[k]), bound[k]
        total += values[k]; total_sets += sets[k]
    }
    printf "\n%d numbers in %d comparisons of %d methods. Relative to R's number, absolute where that is 0. p-values\n", total, total_sets, n
    print "far in the tail magnify differences of their statistic: by its square for a normal one."
    print "\n## Remarks\n"
    for (k = 1; k <= n_notes; k++) print k ". " remark[k]
    print "\n## What is not compared\n"
    print "- **Random draws**: bootstraps (`rep-compare --test bootstrap`, `--boot`, `--vcov wild`, `its --vcov boot`), random"
    print "  permutations, the band of an event study, ranks, Monte Carlo. Other draws give other digits; how often their"
    print "  intervals hold the truth is in [calibration.md](calibration.md), and unit tests hold them to R within the error"
    print "  of so many draws."
    print "- **What no package here has**: p-values below 2.2e-308 (R prints 0, repkit the smallest double), Hamed and Rao's"
    print "  variance, the limits of Pettitt's date, BG/NBD's CLV (unit tests hold them to what is written out in R)."
    print "- **Packages that Debian lacks**: for fixest, did, Kendall, trend, logistf, ppcor and TOSTER stand plm, clubSandwich,"
    print "  brglm2, and what is written out in `tests/agreement/*.R`."
    if (n_failed > 0) print "\n## What failed\n"
    for (k = 1; k <= n_failed; k++) print "- FAILED agreement " failures[k]
    print "<!-- counts " passed + 0 " passed, " n_failed + 0 " failed -->"
    exit n_failed > 0
}
