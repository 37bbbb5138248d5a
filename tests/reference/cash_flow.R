# Reference values for tests/unit/test_cash_flow.c. Rscript tests/reference/cash_flow.R
source("tests/reference/emit.R")
emit_start("cash_flow")

npv <- function(rate, months, flow) sum(flow / (1 + rate)^(months / 12))
root <- function(f, lower, upper) uniroot(f, c(lower, upper), tol = 1e-16)$root
# All yearly rates above -1 from the roots of the polynomial, each polished.
rates <- function(flow, step) {
  v <- polyroot(flow)
  v <- Re(v[abs(Im(v)) < 1e-7 & Re(v) > 0])
  months <- step * (seq_along(flow) - 1)
  sort(sapply(v^(-12 / step) - 1, function(r)
    root(function(x) npv(x, months, flow), r - 1e-3 * (1 + r), r + 1e-3 * (1 + r))))
}
crossing <- function(months, flow) {
  s <- cumsum(flow)
  i <- which(s >= 0)[1]
  if (i == 1) 0 else months[i - 1] + (months[i] - months[i - 1]) * -s[i - 1] / (s[i] - s[i - 1])
}

emit("monthly_rate", 1.1^(1 / 12) - 1)
flow <- c(-100000, 30000, 45000, 50000, 20000)
months <- 12 * 0:4
emit("npv", npv(.1, months, flow))
emit("npv_mid", npv(.1, c(0, months[-1] - 6), flow))
emit("irr", root(function(r) npv(r, months, flow), 0, 1))
emit("mirr", (sum(flow[-1] * 1.12^(3:0)) / 100000)^(1 / 4) - 1)
emit("mirr_outflow_late", (sum(c(50, 60) * 1.12^(2:1)) / (100 + 40 / 1.1^3))^(1 / 3) - 1)
emit("payback", crossing(months, flow))
emit("discounted_payback", crossing(months, flow / 1.1^(months / 12)))

emit("two_rates", rates(c(-1000, 2500, -1540), 12))
emit("three_rates", rates(c(-1000, 3600, -4310, 1716), 12))
# Yearly fees make monthly flows change sign many times; the cumulative flow does so once.
fees <- c(-50000, rep(4000, 36))
fees[c(13, 25, 37)] <- fees[c(13, 25, 37)] - 9000
emit("fees", root(function(r) npv(r, 0:36, fees), 0, 10))
# Never out of the red and one change of sign: a negative rate.
emit("loss", root(function(r) npv(r, 0:36, c(-100000, rep(1500, 36))), -.99, 0))
# It costs to leave: two rates, above 0 where the project gains early, below where it never does.
emit("exit_cost", rates(c(-100, rep(25, 12), -210), 1))
emit("loss_exit", rates(c(-100, rep(5, 14), -10), 1))
long <- c(-1e6, rep(9000, 480))
emit("long", root(function(r) npv(r, 0:480, long), 0, 1))
emit("steep", root(function(r) npv(r, 0:2, c(-1000, 1200, 1300)), 1, 1e9))
emit_end()
