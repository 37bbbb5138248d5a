# rep-kpi's survival and rep-roi's cash flows: survival, uniroot.
suppressMessages(library(survival))
life <- list(aml = with(survival::aml, data.frame(time, status)), lung = with(survival::lung, data.frame(time, status = status - 1)),
  veteran = with(survival::veteran, data.frame(time, status)), ovarian = with(survival::ovarian, data.frame(time = futime, status = fustat)),
  mgus2 = with(survival::mgus2, data.frame(time = ifelse(pstat == 1, ptime, futime), status = ifelse(pstat == 1, 1, 2 * death))),
  kidney = with(survival::kidney, data.frame(time, status)))
last <- as.Date("2024-12-31")
for (name in names(life)) {
  d <- life[[name]]
  deals <- data.frame(rep = "r", open = format(last - d$time), close = ifelse(d$status > 0, format(last), ""),
                      stage = c("Open", "Won", "Lost")[d$status + 1], amount = 1)
  file <- paste0("deals_", name)
  data_set(file, deals)
  fit <- survfit(Surv(time, status > 0) ~ 1, d, conf.type = "log-log")
  q <- unlist(quantile(fit, 0.5))
  more <- if (!any(d$status == 2)) ",lost=Lost" else ""
  command <- function(kpi, definition) paste("rep-kpi", kpi, "--deals", path_of(file), "--as-of 2024-12-31 --definition", definition)
  agree("kaplan-meier median", name, command("sales-cycle", "median"), at("", estimate = q[1], conf_low = q[2], conf_high = q[3]))
  least <- min(max(5, 0.1 * nrow(d)), nrow(d))
  tau <- max(fit$time[fit$n.risk >= least])
  r <- summary(fit, rmean = tau)$table[c("rmean", "se(rmean)")]
  agree("kaplan-meier restricted mean", name, command("sales-cycle", "rmst"), at("", estimate = r[1], std_error = r[2]))
}
wait <- list(aml = c(9, 3), mgus2 = c(1, 1), ovarian = c(1, 1), veteran = c(1, 1), lung = c(1, 1))
for (name in names(wait)) { # every third of the events is a loss
  d <- life[[name]]
  d$status <- ifelse(d$status > 0, ifelse(seq_len(nrow(d)) %% 3 == 0, 2, 1), 0)
  file <- paste0("cohort_", name)
  data_set(file, data.frame(rep = "r", open = format(last - d$time), close = ifelse(d$status > 0, format(last), ""),
                            stage = c("Open", "Won", "Lost")[d$status + 1], amount = 1))
  fit <- survfit(Surv(time, status > 0) ~ 1, d)
  least <- min(max(5, 0.1 * nrow(d)), nrow(d))
  tau <- max(fit$time[fit$n.risk >= least])
  aj <- summary(survfit(Surv(time, factor(status)) ~ 1, d), times = tau)
  agree("win rate of a cohort", name, paste("rep-kpi win-rate --deals", path_of(file), "--as-of 2024-12-31 --definition cohort"),
        at("", estimate = aj$pstate[1, 2], std_error = aj$std.err[1, 2]))
}
for (k in c(5, 86, 12, 240, 1)) {
  ci <- poisson.test(k)$conf.int
  agree("rate of a count", paste("count", k), paste("rep-kpi cac --set marketing_cost=80000 --set sales_cost=40000 --set", paste0("new_customers=", k)),
        at("", estimate = 120000 / k, conf_low = 120000 / ci[2], conf_high = 120000 / ci[1]))
}
root <- function(f, a, b) uniroot(f, c(a, b), tol = 1e-16, maxiter = 10000)$root
for (m in list(c(50000, 2500, 36, 0.1), c(10000, 900, 12, 0.05), c(250000, 6000, 60, 0.08), c(1000, 200, 24, 0.2), c(75000, 3100, 30, 0.12))) {
  name <- paste0("model_", m[1])
  con <- file(path_of(name), "wb")
  cat("item,kind,amount,per,start\nSet-up,cost,", m[1], ",once,0\nSaved,benefit,", m[2], ",month,0\n", sep = "", file = con)
  close(con)
  t <- 1:m[3]
  npv <- function(r) -m[1] + sum(m[2] / (1 + r)^(t / 12))
  cut <- function(flow) { s <- cumsum(c(-m[1], flow)); i <- which(s >= 0)[1]; i - 2 - s[i - 1] / (s[i] - s[i - 1]) }
  back <- cut(rep(m[2], m[3]))
  discounted <- cut(m[2] / (1 + m[4])^(t / 12))
  mirr <- (sum(m[2] * (1 + m[4])^((m[3] - t) / 12)) / m[1])^(12 / m[3]) - 1
  command <- paste("rep-roi", path_of(name), "--horizon", m[3], "--rate", m[4], "--draws 100")
  agree("npv, irr, payback", name, command, c(at("metric=npv", value = npv(m[4])), at("metric=irr", value = root(npv, 0, 100)),
    at("metric=payback_months", value = back), at("metric=discounted_payback_months", value = discounted), at("metric=mirr", value = mirr)))
}
