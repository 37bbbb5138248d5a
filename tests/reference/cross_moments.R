# Reference values of means and centred cross-products.
source("tests/reference/emit.R")
emit_start("cross_moments")
moments <- function(name, x) {
  x <- as.matrix(x)
  d <- scale(x, scale = FALSE)
  C <- crossprod(d)
  emit(paste0(name, ".mean"), colMeans(x))
  emit(paste0(name, ".C"), t(C)[upper.tri(C, diag = TRUE)])
}
cars <- read.csv("tests/reference/data/mtcars.csv")
moments("cars", cars[, c("mpg", "hp", "wt")])
long <- read.csv("tests/reference/data/longley.csv")
moments("longley", long[, c("GNP", "Employed", "Population")])
emit_end()
