# 12 groups of 8 reps and 14 months: the warnings of rep-corr speak in some of them.
function u() { s = (s * 16807) % 2147483647; return s / 2147483647 }
BEGIN {
    s = 3; print "g,rep,month,calls,revenue,emails"
    for (g = 1; g <= 12; g++)
        for (r = 1; r <= 8; r++) {
            level = 10 * u(); e = 0; before = 5
            for (t = 1; t <= 14; t++) {
                calls = level + 3 * u(); e = 0.9 * e + u() - 0.5
                revenue = 3 * level - 2 * calls + 6 * before / 5 + e
                emails = exp(g / 4 * u() * 2) * (t % 5 == 0 && r % 2 && g > 6 ? 0 : 1)
                printf "%d,R%d-%d,%d,%.3f,%s,%.3f\n", g, g, r, t, calls, (r < 3 && t % 2 && g % 4 == 1 ? "" : sprintf("%.3f", revenue)), emails
                before = calls
            }
        }
}
