# Moments, intervals of the mean and the nine types of quantiles.
source("tests/reference/emit.R")
emit_data("mtcars", mtcars)
emit_data("longley", longley)
emit_start("describe")
samples <- list(mpg = mtcars$mpg, hp = mtcars$hp, gnp = longley$GNP, offset = c(1000000004, 1000000007, 1000000013, 1000000016),
                two = c(3, 8))
p <- c(0, 0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975, 1)
for (s in names(samples)) {
  x <- samples[[s]]
  emit(paste0(s, ".mean"), mean(x))
  emit(paste0(s, ".sd"), sd(x))
  emit(paste0(s, ".ci95"), t.test(x)$conf.int)
  emit(paste0(s, ".ci99"), t.test(x, conf.level = 0.99)$conf.int)
  for (type in 1:9) emit(paste0(s, ".q", type), quantile(x, p, type = type, names = FALSE))
}
emit_end()
