# Outliers by Tukey's fences and the robust z, both: which values of R's own data sets are flagged.
source("tests/reference/emit.R")
emit_data("outliers", data.frame(length = as.numeric(rivers)))
emit_start("clean")
flag <- function(x) {
  q <- quantile(x, c(0.25, 0.75), names = FALSE)
  reach <- 1.5 * (q[2] - q[1])
  (x < q[1] - reach | x > q[2] + reach) & abs(x - median(x)) / mad(x) > 3.5
}
x <- as.numeric(rivers)
emit("rivers.n", sum(flag(x)))
emit("rivers.flagged", which(flag(x)))
q <- quantile(x, c(0.25, 0.75), names = FALSE)
emit("rivers.beyond_fences", sum(x < q[1] - 1.5 * diff(q) | x > q[2] + 1.5 * diff(q)))
emit("rivers.high_z", sum(abs(x - median(x)) / mad(x) > 3.5))
emit_end()
