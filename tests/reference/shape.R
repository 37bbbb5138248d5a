# Shape, spread and normality of samples.
suppressMessages({library(e1071); library(nortest)})
source("tests/reference/emit.R")
emit_start("shape")
gini <- function(x) { x <- sort(x); n <- length(x); sum((2 * seq_len(n) - n - 1) * x) / (n * sum(x)) }
yuen <- function(x, trim) {
  x <- sort(x); n <- length(x); g <- floor(trim * n)
  w <- pmin(pmax(x, x[g + 1]), x[n - g])
  sd(w) / ((1 - 2 * trim) * sqrt(n))
}
median_interval <- function(x, level) {
  n <- length(x); k <- qbinom((1 - level) / 2, n, 0.5); x <- sort(x)
  if (k == 0) c(NA, NA) else c(x[k], x[n - k + 1])
}
samples <- list(mpg = mtcars$mpg, hp = mtcars$hp, gnp = longley$GNP, disp = mtcars$disp,
                offset = c(1000000004, 1000000007, 1000000013, 1000000016), three = c(1, 2, 4))
for (s in names(samples)) {
  x <- samples[[s]]
  emit(paste0(s, ".skewness"), skewness(x, type = 2))
  emit(paste0(s, ".kurtosis"), if (length(x) > 3) kurtosis(x, type = 2) else NA)
  emit(paste0(s, ".mad"), mad(x))
  emit(paste0(s, ".trimmed"), mean(x, trim = 0.1))
  emit(paste0(s, ".trimmed25"), mean(x, trim = 0.25))
  emit(paste0(s, ".yuen"), yuen(x, 0.1))
  emit(paste0(s, ".median95"), median_interval(x, 0.95))
  emit(paste0(s, ".median80"), median_interval(x, 0.8))
  emit(paste0(s, ".gini"), gini(x))
  emit(paste0(s, ".geometric"), exp(mean(log(x))))
  sw <- shapiro.test(x)
  emit(paste0(s, ".shapiro"), c(sw$statistic, sw$p.value))
  ad <- if (length(x) > 7) ad.test(x) else list(statistic = NA, p.value = NA)
  emit(paste0(s, ".anderson"), c(ad$statistic, ad$p.value))
}
emit_end()
