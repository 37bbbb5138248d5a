# Kaplan-Meier, Aalen-Johansen, log-rank: the package survival.
source("tests/reference/emit.R")
suppressMessages(library(survival))
emit_start("survival")
curve <- function(name, time, status, level = 0.95) {
  fit <- survfit(Surv(time, status) ~ 1, conf.type = "log-log", conf.int = level)
  emit(paste0(name, "_time"), fit$time)
  emit(paste0(name, "_risk"), fit$n.risk)
  emit(paste0(name, "_event"), fit$n.event)
  emit(paste0(name, "_surv"), fit$surv)
  emit(paste0(name, "_se"), ifelse(fit$surv == 0, NA, fit$std.err * fit$surv))
  emit(paste0(name, "_low"), fit$lower)
  emit(paste0(name, "_high"), fit$upper)
  for (p in c(0.25, 0.5, 0.75)) emit(paste0(name, "_q", 100 * p), unlist(quantile(fit, p)))
}
rmst <- function(name, time, status, tau) {
  fit <- survfit(Surv(time, status) ~ 1)
  emit(paste0(name, "_rmst"), summary(fit, rmean = tau)$table[c("rmean", "se(rmean)")])
}
emit_data("aml", data.frame(time = aml$time, status = aml$status, maintained = as.numeric(aml$x == "Maintained")))
curve("aml", aml$time, aml$status)
rmst("aml", aml$time, aml$status, 30)
emit_data("lung", data.frame(time = lung$time, status = lung$status - 1, sex = lung$sex))
curve("lung", lung$time, lung$status - 1, 0.9)
rmst("lung", lung$time, lung$status - 1, 500)
logrank <- function(name, formula, data) {
  test <- survdiff(formula, data = data)
  emit(paste0(name, "_logrank"), c(test$chisq, pchisq(test$chisq, 1, lower.tail = FALSE)))
}
logrank("aml", Surv(time, status) ~ x, aml)
logrank("lung", Surv(time, status) ~ sex, lung)

cox <- function(name, formula, data) {
  fit <- coxph(formula, data = data, ties = "efron",
               control = coxph.control(eps = 1e-15, toler.chol = 1e-16, iter.max = 100))
  emit(paste0(name, "_cox"), c(coef(fit), sqrt(vcov(fit))))
}
cox("aml", Surv(time, status) ~ I(x != "Maintained"), aml)
cox("lung", Surv(time, status) ~ sex, lung)

incidence <- function(name, time, status, at) {
  fit <- survfit(Surv(time, factor(status)) ~ 1)
  s <- summary(fit, times = at)
  emit(name, rbind(s$pstate[, -1], s$std.err[, -1]))
}
deals <- data.frame(time = c(10, 20, 20, 30, 40, 50, 60, 70), status = c(1, 2, 0, 1, 2, 1, 0, 2))
emit_data("deal_ends", deals)
for (at in c(10, 45, 50, 65)) incidence(paste0("deals_", at), deals$time, deals$status, at)
mg <- mgus2
mg$time <- ifelse(mg$pstat == 1, mg$ptime, mg$futime)
mg$status <- ifelse(mg$pstat == 1, 1, 2 * mg$death)
emit_data("mgus2", mg[c("time", "status")])
for (at in c(60, 120, 300)) incidence(paste0("mgus2_", at), mg$time, mg$status, at)
emit_end()
