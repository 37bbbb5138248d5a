# awk -f csv.awk -f commands.awk values.csv: its different commands, in the order in which near.awk
# numbers them.
FNR > 1 {
    split_csv($0, x)
    if (x[3] != "" && !(x[3] in known)) { known[x[3]] = 1; print x[3] }
}
