# rep-regress: least squares, weights, robust errors, MM.
suppressMessages({library(sandwich); library(lmtest)})
models <- list(list("mtcars", mpg ~ wt + hp + qsec), list("stackloss", stack_loss ~ air_flow + water_temp + acid_conc),
               list("swiss", fertility ~ agriculture + examination + education + catholic + infant_mortality),
               list("airquality", ozone ~ solar_r + wind + temp), list("iris", sepal_length ~ sepal_width + petal_length + species),
               list("chickwts", weight ~ feed), list("trees", log(volume) ~ log(girth) + log(height)),
               list("longley", employed ~ gnp + unemployed + armed_forces))
text_of <- function(f) paste(deparse(f, width.cutoff = 500), collapse = "")
coef_cells <- function(table, df = NULL) {
  cells <- c()
  for (term in rownames(table))
    cells <- c(cells, at(paste0("term=", term), estimate = table[term, 1], std_error = table[term, 2],
                         statistic = table[term, 3], p_value = table[term, 4]))
  cells
}
for (m in models) {
  d <- frames[[m[[1]]]]
  fit <- lm(m[[2]], d)
  command <- paste0("rep-regress '", text_of(m[[2]]), "' ", path_of(m[[1]]))
  ci <- confint(fit)
  s <- summary(fit)
  agree("ols", m[[1]], command, c(coef_cells(s$coefficients),
    setNames(ci, c(paste0("term=", rownames(ci), "/conf_low"), paste0("term=", rownames(ci), "/conf_high")))))
  agree("ols, fit", m[[1]], paste(command, "--emit fit"), at("", r_squared = s$r.squared, adj_r_squared = s$adj.r.squared,
    sigma = s$sigma, f_statistic = s$fstatistic[1], f_p_value = pf(s$fstatistic[1], s$fstatistic[2], s$fstatistic[3], lower.tail = FALSE),
    log_lik = as.numeric(logLik(fit)), aic = AIC(fit), bic = BIC(fit)))
  for (type in c("HC0", "HC1", "HC2", "HC3", "HC4"))
    agree("hc0 to hc4", m[[1]], paste(command, "--vcov", tolower(type)), coef_cells(coeftest(fit, vcovHC(fit, type = type))[, ]))
}
weighted <- list(list("mtcars", mpg ~ hp + qsec, "wt"), list("airquality", ozone ~ solar_r + wind, "temp"),
                 list("swiss", fertility ~ agriculture + education, "catholic"), list("trees", volume ~ girth, "height"),
                 list("iris", sepal_length ~ species, "petal_length"))
for (m in weighted) {
  d <- frames[[m[[1]]]]
  d$w <- d[[m[[3]]]]
  fit <- lm(m[[2]], d, weights = w)
  command <- paste0("rep-regress '", text_of(m[[2]]), "' ", path_of(m[[1]]), " -w ", m[[3]])
  agree("wls", m[[1]], command, coef_cells(summary(fit)$coefficients))
  agree("wls, hc3", m[[1]], paste(command, "--vcov hc3"), coef_cells(coeftest(fit, vcovHC(fit, type = "HC3"))[, ]))
}
control <- robustbase::lmrob.control(nResample = 5000, best.r.s = 10, refine.tol = 1e-13, rel.tol = 1e-13,
  k.max = 20000, max.it = 20000, scale.tol = 1e-15, maxit.scale = 10000)
set.seed(20260101)
for (m in models[c(1, 2, 3, 4, 7)]) {
  s <- summary(robustbase::lmrob(m[[2]], frames[[m[[1]]]], control = control))
  t <- s$coefficients
  cells <- c(setNames(t[, 1], paste0("term=", rownames(t), "/estimate")), setNames(t[, 2], paste0("term=", rownames(t), "/std_error")))
  agree("mm", m[[1]], paste0("rep-regress '", text_of(m[[2]]), "' ", path_of(m[[1]]), " --robust"), cells)
}
for (m in models[c(1, 2, 3, 4, 7)]) {
  fit <- MASS::rlm(m[[2]], frames[[m[[1]]]], acc = 1e-14, maxit = 10000)
  t <- summary(fit)$coefficients
  agree("huber", m[[1]], paste0("rep-regress '", text_of(m[[2]]), "' ", path_of(m[[1]]), " --robust=huber"),
        c(setNames(t[, 1], paste0("term=", rownames(t), "/estimate")), setNames(t[, 2], paste0("term=", rownames(t), "/std_error"))))
}
