# Reference values for tests/unit/test_roi_model.c, worked out month by month and apart from the C
# code. Rscript tests/reference/roi_model.R
source("tests/reference/emit.R")
emit_start("roi_model")

item <- function(kind, per, amount, start = 0, end = Inf, growth = 0, ramp = 0, scale = 1)
  list(kind = kind, per = per, amount = amount, start = start, end = end, growth = growth,
       ramp = ramp, scale = scale)
length_of <- c(once = 0, week = 1, month = 1, quarter = 3, year = 12)

# One row a payment: when, from when it is discounted, how much.
payments <- function(it, horizon, mid) {
  size <- it$amount * it$scale * if (it$per == "week") 365.25 / 84 else 1
  if (it$per == "once")
    return(if (it$start <= horizon) data.frame(month = it$start, when = it$start, flow = size))
  k <- length_of[[it$per]]
  month <- seq(it$start + 1, horizon)
  month <- month[(month - it$start) %% k == 0 & month <= it$end]
  flow <- sapply(month, function(m) {
    age <- (m - it$start - k + 1):(m - it$start)
    size * (1 + it$growth)^((m - it$start - 1) %/% 12) *
      mean(if (it$ramp > 0) pmin(1, age / it$ramp) else rep(1, k))
  })
  data.frame(month = month, when = month - if (mid) k / 2 else 0, flow = flow)
}

model <- function(name, items, horizon, rate, finance, reinvest, mid = FALSE) {
  all <- do.call(rbind, lapply(items, function(it) {
    p <- payments(it, horizon, mid)
    if (is.null(p)) NULL else cbind(p, kind = it$kind)
  }))
  cost <- all$kind == "cost"
  df <- (1 + rate)^(-all$when / 12)
  sums <- c(sum(all$flow[cost]), sum(all$flow[!cost]), sum((all$flow * df)[cost]),
            sum((all$flow * df)[!cost]))
  net <- ifelse(cost, -all$flow, all$flow)
  npv <- function(r) sum(net * (1 + r)^(-all$when / 12))
  by_when <- tapply(net, all$when, sum)
  when <- as.numeric(names(by_when))
  begin <- min(0, when)
  mirr <- (sum((by_when * (1 + reinvest)^((horizon - when) / 12))[by_when > 0]) /
             -sum((by_when * (1 + finance)^(-(when - begin) / 12))[by_when < 0]))^
    (12 / (horizon - begin)) - 1
  dates <- sort(unique(all$month))
  crossing <- function(flow) {
    s <- cumsum(tapply(flow, factor(all$month, dates), sum))
    i <- which(s >= 0)[1]
    dates[i - 1] + (dates[i] - dates[i - 1]) * -s[[i - 1]] / (s[[i]] - s[[i - 1]])
  }
  emit(name, c(sums[1], sums[2], sums[2] - sums[1], sums[2] / sums[1] - 1,
               (sums[2] / sums[1] - 1) * 12 / horizon, sums[3], sums[4], sums[4] - sums[3],
               sums[4] / sums[3] - 1, sums[4] / sums[3],
               uniroot(npv, c(-.5, 20), tol = 1e-16)$root, mirr, crossing(net),
               crossing(net * df)))
}

fixture <- list(item("cost", "once", 100000), item("benefit", "once", 30000, 12),
                item("benefit", "once", 45000, 24), item("benefit", "once", 50000, 36),
                item("benefit", "once", 20000, 48))
model("fixture", fixture, 48, .10, .10, .12)

every <- list(
  item("cost", "once", 60000),
  item("cost", "once", 12000, -3),
  item("cost", "month", 35, scale = 25, growth = .03),
  item("cost", "year", 5000, end = 36, growth = .05),
  item("cost", "quarter", 800, 3, 20),
  item("benefit", "week", 900, 2, scale = .4, ramp = 6, growth = .02),
  item("benefit", "month", 2500, 6, 30, ramp = 9),
  item("benefit", "quarter", 4000, ramp = 7, growth = .1),
  item("benefit", "once", 7000, 36),
  item("benefit", "once", 99999, 37))
model("every_end", every, 36, .10, .08, .05)
model("every_mid", every, 36, .10, .08, .05, mid = TRUE)

# Monte Carlo against what is known exactly: normal costs and benefits (both ranges are 90%).
z <- qnorm(.95)
r <- 1.1^(1 / 12) - 1
annuity <- (1 - (1 + r)^-36) / r
sd_cost <- 40000 / (2 * z); sd_benefit <- 1600 / (2 * z)
emit("npv_mean", annuity * 4000 - 100000)
emit("npv_sd", sqrt((annuity * sd_benefit)^2 + sd_cost^2))
emit("npv_p5", qnorm(.05, annuity * 4000 - 100000, sqrt((annuity * sd_benefit)^2 + sd_cost^2)))
emit("npv_positive", pnorm((annuity * 4000 - 100000) / sqrt((annuity * sd_benefit)^2 + sd_cost^2)))
# A fixed cost and one lognormal benefit: every metric is monotone in the draw.
q <- qlnorm(.9, log(4000), log(5000 / 3000) / (2 * z))
emit("roi_p90", 36 * q / 100000 - 1)
emit("irr_p90", (1 + uniroot(function(i) q * (1 - (1 + i)^-36) / i - 100000, c(1e-6, 1),
                             tol = 1e-16)$root)^12 - 1)
emit("payback_p10", 100000 / q)
emit("payback_within", 1 - plnorm(100000 / 36, log(4000), log(5000 / 3000) / (2 * z)))
emit_end()
