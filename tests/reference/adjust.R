# Reference values for tests/unit/test_adjust.c.
source("tests/reference/emit.R")
emit_start("adjust")
# The 15 p-values of Benjamini and Hochberg (1995), unsorted, and those of regressions.
bh1995 <- c(.0001, .004, .019, .0095, .02, .028, .03, .34, .46, .32, .65, .5, .57, .76, 1)
sets <- list(bh1995 = bh1995,
             mtcars = unname(summary(lm(mpg ~ ., mtcars))$coefficients[, 4]),
             longley = unname(summary(lm(Employed ~ ., longley))$coefficients[, 4]),
             missing = c(0.01, NA, 0.04, 0.04, NA, 0.2, 0.001))
for (name in names(sets)) {
  emit(name, sets[[name]])
  emit(paste0(name, "_n"), length(sets[[name]]))
  for (method in c("none", "holm", "hochberg", "bonferroni", "BH", "BY"))
    emit(paste(name, tolower(method), sep = "_"), p.adjust(sets[[name]], method))
}
emit_end()
