# lm, its covariances and the within model: mtcars, longley, and the Grunfeld panel of plm.
source("tests/reference/emit.R")
suppressMessages({library(sandwich); library(plm); library(clubSandwich); library(car)})
data(Grunfeld, package = "plm")

emit_data("mtcars", mtcars)
emit_data("longley", longley)
emit_data("grunfeld", data.frame(firm = Grunfeld$firm, year = Grunfeld$year, inv = Grunfeld$inv,
                                 value = Grunfeld$value, capital = Grunfeld$capital))

emit_fit <- function(name, m) {
  s <- summary(m)
  emit(paste0(name, ".coef"), coef(m))
  emit(paste0(name, ".se"), s$coefficients[, 2])
  emit(paste0(name, ".sigma"), s$sigma)
  emit(paste0(name, ".r_squared"), s$r.squared)
  emit(paste0(name, ".adj_r_squared"), s$adj.r.squared)
  if (!is.null(s$fstatistic)) emit(paste0(name, ".f"), s$fstatistic[1])
  emit(paste0(name, ".df_residual"), m$df.residual)
  emit(paste0(name, ".rss"), deviance(m))
  emit(paste0(name, ".log_lik"), logLik(m))
  emit(paste0(name, ".aic"), AIC(m))
  emit(paste0(name, ".bic"), BIC(m))
  emit(paste0(name, ".hat"), hatvalues(m))
  emit(paste0(name, ".residual"), residuals(m))
  emit(paste0(name, ".fitted"), fitted(m))
}
emit_hc <- function(name, m, types = c("HC0", "HC1", "HC2", "HC3", "HC4"))
  for (type in types)
    emit(paste0(name, ".", tolower(type)), sqrt(diag(vcovHC(m, type = type))))
emit_cr2 <- function(name, m, cluster, keep) {
  V <- vcovCR(m, cluster = cluster, type = "CR2")
  t <- coef_test(m, V, test = "Satterthwaite")[keep, ]
  emit(paste0(name, ".cr2"), t$SE)
  emit(paste0(name, ".cr2_df"), t$df_Satt)
  slopes <- which(names(coef(m)) %in% setdiff(rownames(t), "(Intercept)"))
  w <- Wald_test(m, constrain_zero(slopes), vcov = V, test = "HTZ")
  emit(paste0(name, ".cr2_f"), w$Fstat)
  emit(paste0(name, ".cr2_f_df"), w$df_denom)
}

emit_start("least_squares")

m <- lm(mpg ~ wt + hp, mtcars)
emit_fit("mtcars", m)
emit("mtcars.unscaled", summary(m)$cov.unscaled)
emit("mtcars.vif", vif(m))
emit("mtcars.std", coef(lm(scale(mpg) ~ scale(wt) + scale(hp), mtcars))[-1])
emit_hc("mtcars", m)
emit("mtcars.cr1_cyl", sqrt(diag(vcovCL(m, mtcars$cyl, type = "HC1"))))
emit_cr2("mtcars_carb", m, mtcars$carb, 1:3)
V <- vcovHC(m, type = "HC3")[2:3, 2:3]
emit("mtcars.hc3_f", coef(m)[2:3] %*% solve(V, coef(m)[2:3]) / 2)

w <- lm(mpg ~ wt + hp, mtcars, weights = qsec)
emit_fit("weighted", w)
emit_hc("weighted", w)
emit("weighted.cr1_cyl", sqrt(diag(vcovCL(w, mtcars$cyl, type = "HC1"))))
emit("weighted.vif", vif(w))

# A weight of 0 leaves the row out, and predicts it.
zero <- mtcars$qsec * rep(c(1, 1, 0, 1), 8)
emit_fit("zero_weight", lm(mpg ~ wt + hp, mtcars, weights = zero))

emit_fit("origin", lm(mpg ~ wt + hp - 1, mtcars))
emit_fit("mean_only", lm(mpg ~ 1, mtcars))
emit_fit("longley", lm(Employed ~ ., longley))
emit("longley.vif", vif(lm(Employed ~ ., longley)))

# wt_kg is wt in other units, total a sum: R drops both.
d <- transform(mtcars, wt_kg = wt * 453.59237, total = wt + hp)
emit("dependent.coef", coef(lm(mpg ~ wt + wt_kg + hp + total + drat, d)))

p <- plm(inv ~ value + capital, Grunfeld, index = c("firm", "year"), model = "within")
dummies <- lm(inv ~ value + capital + factor(firm), Grunfeld)
emit("grunfeld.coef", coef(p))
emit("grunfeld.se", sqrt(diag(vcov(p))))
emit("grunfeld.sss", sqrt(diag(vcovHC(p, method = "arellano", type = "sss"))))
emit("grunfeld.r_squared_within", summary(p)$r.squared[1])
emit("grunfeld.f", summary(p)$fstatistic$statistic)
emit_fit("grunfeld_dummies", dummies)
emit("grunfeld.hc3", sqrt(diag(vcovHC(dummies, type = "HC3")))[2:3])
emit("grunfeld.hc4", sqrt(diag(vcovHC(dummies, type = "HC4")))[2:3])
emit("grunfeld.cr1_year", sqrt(diag(vcovCL(dummies, Grunfeld$year, type = "HC1")))[2:3])
emit_cr2("grunfeld", dummies, Grunfeld$firm, 2:3)
emit_cr2("grunfeld_pooled", lm(inv ~ value + capital, Grunfeld), Grunfeld$firm, 1:3)
within <- function(x) x - ave(x, Grunfeld$firm)
share <- function(x) sum(within(x)^2) / sum((x - mean(x))^2)
emit("grunfeld.share", c(share(Grunfeld$value), share(Grunfeld$capital)))
emit("grunfeld.std", coef(lm(scale(within(inv)) ~ scale(within(value)) + scale(within(capital)),
                             Grunfeld))[-1])

weighted <- lm(inv ~ value + capital + factor(firm), Grunfeld, weights = year - 1934)
emit_fit("grunfeld_weighted", weighted)
emit("grunfeld_weighted.hc3", sqrt(diag(vcovHC(weighted, type = "HC3")))[2:3])

# Large enough for cross-products, in three blocks; the test makes the same table.
i <- 1:9000
x1 <- 1000 + (i * 7919) %% 1009 / 8
x2 <- (i * 104729) %% 311 / 16 + 0.3 * x1
x3 <- i %% 17 - 8
x4 <- i / 8192
x5 <- x4^2
w <- 1 + i %% 5
y <- 3 + 0.5 * x1 - 2 * x2 + 0.1 * x3 + x4 + (i * 611953) %% 9973 / 1024
g <- i %% 40
emit_fit_large <- function(name, m) {
  s <- summary(m)
  emit(paste0(name, ".coef"), coef(m))
  emit(paste0(name, ".se"), s$coefficients[, 2])
  emit(paste0(name, ".sigma"), s$sigma)
  emit(paste0(name, ".r_squared"), s$r.squared)
  emit(paste0(name, ".f"), s$fstatistic[1])
  emit(paste0(name, ".log_lik"), logLik(m))
  emit(paste0(name, ".hc3"), sqrt(diag(vcovHC(m, type = "HC3"))))
  emit(paste0(name, ".cr1"), sqrt(diag(vcovCL(m, g, type = "HC1"))))
}
emit_fit_large("large", lm(y ~ x1 + x2 + x3 + x4 + x5))
emit_fit_large("large_weighted", lm(y ~ x1 + x2 + x3 + x4 + x5, weights = w))
emit_fit_large("large_origin", lm(y ~ x1 + x2 + x3 + x4 + x5 - 1))
emit_end()
