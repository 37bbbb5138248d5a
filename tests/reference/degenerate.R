# Where a curve lies on the level asked for, where tables end, and tails of the noncentral F.
source("tests/reference/emit.R")
suppressMessages({library(survival); library(nortest)})
emit_start("degenerate")
plateau <- Surv(c(1, 2, 3, 3.5, 4, 5, 6, 7), c(1, 1, 1, 1, 0, 0, 1, 0))
s <- survfit(plateau ~ 1, conf.type = "log-log")
for (p in c(25, 50)) {
  q <- quantile(s, p / 100)
  emit(sprintf("plateau.%d", p), c(q$quantile, q$lower))
}
emit("plateau.all", quantile(survfit(Surv(1:4, c(1, 1, 0, 1)) ~ 1), 0.5, conf.int = FALSE))
far <- c(rep(0, 99), 1)
a <- ad.test(far)
emit("anderson.a", a$statistic)
emit("anderson.p", a$p.value)
emit("pnf.central", pf(2.5, 3, 7, ncp = 0, lower.tail = FALSE))
emit("friedman", friedman.test(rbind(c(1, 2, 3), c(1, 3, 2), c(2, 2, 2)))$statistic)
emit_end()
