# Reference values for tests/unit/test_resample.c. The BCa formulas are exact for given draws; the
# intervals of boot::boot.ci agree to Monte Carlo error.
suppressMessages({ library(boot); library(plm) })
source("tests/reference/emit.R")
emit_start("resample")
# Given draws: the square roots of mtcars$hp, with z0 and a as set.
draws <- sort(sqrt(mtcars$hp))
bca <- function(z0, a, tail) {
  z <- qnorm(tail)
  quantile(draws, pnorm(z0 + (z0 + z) / (1 - a * (z0 + z))), type = 6, names = FALSE)
}
for (conf in c(80, 90)) {
  tail <- (1 - conf / 100) / 2
  emit(paste0("bca_", conf), c(bca(0.1, 0.05, tail), bca(0.1, 0.05, 1 - tail)))
  emit(paste0("percentile_", conf), quantile(draws, c(tail, 1 - tail), type = 6, names = FALSE))
}
emit("bca_less", bca(0.1, 0.05, 0.9))
# Two data sets: rows of mtcars, and whole firms of Grunfeld.
acceleration <- function(left_out) {
  d <- mean(left_out) - left_out
  sum(d^3) / (6 * sum(d^2)^1.5)
}
set.seed(1)
r <- function(d, i) cor(d$wt[i], d$mpg[i])
b <- boot(mtcars, r, 9999)
emit("mtcars_bca", boot.ci(b, type = "bca")$bca[4:5])
emit("mtcars_a", acceleration(sapply(1:32, function(i) cor(mtcars$wt[-i], mtcars$mpg[-i]))))
data(Grunfeld, package = "plm")
firms <- split(Grunfeld, Grunfeld$firm)
r <- function(f, i) { d <- do.call(rbind, f[i]); cor(d$value, d$inv) }
b <- boot(seq_along(firms), function(k, i) r(firms, k[i]), 1999)
emit("grunfeld_bca", boot.ci(b, type = "bca", L = sapply(1:10, function(i) {
  all <- sapply(1:10, function(j) r(firms, -j)); (mean(all) - all[i]) * 9 }))$bca[4:5])
emit("grunfeld_a", acceleration(sapply(1:10, function(i) r(firms, -i))))
# The differences of sleep, a and the interval of their mean.
d <- with(sleep, extra[group == 2] - extra[group == 1])
b <- boot(d, function(d, i) mean(d[i]), 9999)
emit("sleep_bca", boot.ci(b, type = "bca")$bca[4:5])
emit("sleep_a", acceleration(sapply(1:10, function(i) mean(d[-i]))))
emit_end()
