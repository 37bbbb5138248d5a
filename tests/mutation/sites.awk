# Lists the places of C files where a small change may be made, one a line, tab-separated:
#   file  line  column  old  new
# Comments, strings, preprocessor lines and declarations of constants in them are passed over.
# Operators are those that clang-format sets between spaces.
function site(column, old, new) { print FILENAME "\t" FNR "\t" column "\t" old "\t" new }
FNR == 1 { inside = 0 }
/^#/ || /\\$/ { next }
{
    line = $0
    # Blank out what is no code, keeping the columns.
    out = ""
    for (i = 1; i <= length(line); i++) {
        two = substr(line, i, 2)
        c = substr(line, i, 1)
        if (inside) {
            if (two == "*/") { inside = 0; out = out "  "; i++ } else out = out " "
        } else if (two == "/*") { inside = 1; out = out "  "; i++ }
        else if (c == "\"" || c == "'") {
            out = out " "
            for (i++; i <= length(line) && substr(line, i, 1) != c; i++) {
                out = out " "
                if (substr(line, i, 1) == "\\") { out = out " "; i++ }
            }
            out = out " "
        } else out = out c
    }
    if (out !~ /^ /) next # declarations and function heads
    for (k = 1; k <= n_swaps; k++) {
        old = swap_old[k]
        for (at = 1; (j = index(substr(out, at), old)) > 0; at = column + length(old)) {
            column = at + j - 1
            # A pointer's star, a cast and a sign are no operators between two values.
            if (old == " * " && out ~ /^ *(const )?(struct [a-z_]+|double|size_t|char|bool) \*/) continue
            site(column, old, swap_new[k])
        }
    }
    # Numbers.
    for (at = 1; match(substr(out, at), /[^A-Za-z0-9_.][0-9]+(\.[0-9]+)?(e-?[0-9]+)?[^A-Za-z0-9_.]/); at = column + RLENGTH - 2) {
        column = at + RSTART
        number = substr(out, column, RLENGTH - 2)
        if (number == "0" || number == "0.0") site(column, number, number == "0" ? "1" : "1.0")
        else if (number ~ /[.e]/) site(column, number, sprintf("(1.01 * %s)", number))
        else site(column, number, sprintf("(%s + 1)", number))
    }
    if (match(out, /return [a-z_]+ \? /)) site(RSTART + 7, "", "!")
    else if (match(out, /(if|while) \([a-z_]+[ )]/)) site(RSTART + index(substr(out, RSTART), "("), "", "!")
}
BEGIN {
    n_swaps = split(" + | - | * | / | < | <= | > | >= | == | != | && | += | -= | *= |++;", swap_old, "|")
    split(" - | + | / | * | <= | < | >= | > | != | == | - | -= | += | /= |--;", swap_new, "|")
    swap_new[11] = " || "
}
