# 6000 rows of three effects with some 850 levels each, none nested in another, and 40 clusters.
function draw() { s = (s * 16807) % 2147483647; return s }
BEGIN {
    s = 1; print "y,x,a,b,c,g"
    for (i = 0; i < 6000; i++) {
        y = draw(); x = draw() % 101; a = draw(); b = draw(); c = draw()
        printf "%d,%d,a%d,b%d,c%d,g%d\n", y % 1009 + 3 * x, x, a % 900, b % 850, c % 820, i % 40
    }
}
