# robustbase::lmrob with its defaults, iterated to the end: stackloss, mtcars, and the Cravens data
# with a factor.
source("tests/reference/emit.R")
suppressMessages(library(robustbase))
emit_data("stackloss", with(stackloss, data.frame(loss = stack.loss, air = Air.Flow,
                                                  water = Water.Temp, acid = Acid.Conc.)))
cravens <- read.csv("datasets/cravens.csv")
cravens <- with(cravens, data.frame(sales = Sales, time = Time, share = Share,
                                    good = 1 * (Rating > 3), large = 1 * (Accounts > 120)))
emit_data("cravens_rows", cravens)
control <- lmrob.control(nResample = 5000, best.r.s = 10, refine.tol = 1e-13, rel.tol = 1e-13,
                         k.max = 20000, max.it = 20000, scale.tol = 1e-15, maxit.scale = 10000)
set.seed(20260101)
emit_start("robust_mm")
emit_mm <- function(name, formula, data) {
  m <- lmrob(formula, data, control = control)
  s <- summary(m)
  emit(paste0(name, ".coef"), coef(m))
  emit(paste0(name, ".se"), s$coefficients[, 2])
  emit(paste0(name, ".vcov"), vcov(m))
  emit(paste0(name, ".scale"), m$scale)
  emit(paste0(name, ".weight"), m$rweights)
  emit(paste0(name, ".r_squared"), s$r.squared)
  emit(paste0(name, ".adj_r_squared"), s$adj.r.squared)
}
emit_mm("stackloss", stack.loss ~ ., stackloss)
emit_mm("mtcars", mpg ~ wt + hp, mtcars)
emit_mm("cravens", sales ~ ., cravens)
# So many rows that the starts are looked for among a part of them.
i <- 0:2399
x <- ((i * 37) %% 101) / 10
z <- ((i * 53) %% 97) / 8
many <- data.frame(x, z, y = ifelse(i %% 9 == 0, 40 - x, 1 + 2 * x - z) + ((i * 7919) %% 1009 - 504) / 200)
control$nResample <- 500
control$fast.s.large.n <- Inf
set.seed(20260101)
m <- lmrob(y ~ x + z, many, control = control)
emit("many.coef", coef(m))
emit("many.se", summary(m)$coefficients[, 2])
emit("many.scale", m$scale)
emit_end()
