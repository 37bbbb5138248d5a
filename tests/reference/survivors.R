# What a change of the code showed to be untested: the limit of the two-sample Kolmogorov-Smirnov
# test where the distance is small, beyond 10,000 pairs.
source("tests/reference/emit.R")
emit_start("survivors")
x <- (1:150) / 150
for (k in 1:3) {
  y <- (1:140) / 140 + c(0.02001, 0.05001, 0.09001)[k]
  test <- ks.test(x, y, exact = FALSE)
  emit(paste0("ks.statistic.", k), test$statistic)
  emit(paste0("ks.p.", k), test$p.value)
}
emit("sidak.2", qnorm((1 + sqrt(0.95)) / 2))
emit_end()
