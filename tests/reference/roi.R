# Reference values for tests/unit/test_roi.c: the demo model, worked out by R from the file itself,
# with draws of R's own. Rscript tests/reference/roi.R
source("tests/reference/emit.R")
emit_start("roi")

model <- read.csv("datasets/crm_model.csv")
effect <- read.csv("datasets/crm_effect.csv")
or <- function(x, otherwise) ifelse(is.na(x), otherwise, x)
horizon <- 36
rate <- .10

# Months 1..36 of one unit of each item (or its one month), as a matrix item x month -2..36.
months <- -2:horizon
unit <- t(sapply(seq_len(nrow(model)), function(i) {
  m <- model[i, ]
  scale <- or(m$quantity, 1) * or(m$hours, 1) * or(m$margin, 1) * or(m$attribution, 1)
  if (m$per == "once") return(scale * (months == m$start))
  age <- months - m$start
  size <- scale * if (m$per == "week") 365.25 / 84 else 1
  ifelse(age < 1, 0, size * (1 + or(m$growth, 0))^((age - 1) %/% 12) *
           if (is.na(m$ramp)) 1 else pmin(1, age / m$ramp))
}))
cost <- model$kind == "cost"
df <- (1 + rate)^(-months / 12)

metrics <- function(amount) { # one column a draw
  paid <- colSums(amount[cost, , drop = FALSE] * rowSums(unit[cost, ]))
  got <- colSums(amount[!cost, , drop = FALSE] * rowSums(unit[!cost, ]))
  pv_paid <- colSums(amount[cost, , drop = FALSE] * as.vector(unit[cost, ] %*% df))
  pv_got <- colSums(amount[!cost, , drop = FALSE] * as.vector(unit[!cost, ] %*% df))
  cumulative <- apply(crossprod(unit * ifelse(cost, -1, 1), amount), 2, cumsum)
  cumulative <- matrix(cumulative, nrow = length(months))
  payback <- apply(cumulative, 2, function(s) {
    i <- which(s >= 0)[1]
    if (is.na(i)) Inf else months[i] - s[i] / (s[i] - s[i - 1])
  })
  rbind(paid, got, got - paid, got / paid - 1, (got / paid - 1) * 12 / horizon, pv_paid, pv_got,
        pv_got - pv_paid, pv_got / pv_paid - 1, pv_got / pv_paid, payback)
}

amount <- or(model$amount, 0)
amount[model$effect == "uplift"] <- effect$estimate
emit("point", metrics(cbind(amount)))
net <- as.vector(crossprod(unit * ifelse(cost, -1, 1), amount))
emit("irr", uniroot(function(r) sum(net * (1 + r)^(-months / 12)), c(0, 50), tol = 1e-15)$root)
emit("mirr", (sum(pmax(net, 0) * (1 + rate)^((horizon - months) / 12)) /
                sum(pmax(-net, 0) * (1 + rate)^(-(months + 2) / 12)))^(12 / (horizon + 2)) - 1)

set.seed(20240607)
n <- 200000
z <- qnorm(.95)
pert <- function(a, m, b) a + (b - a) * rbeta(n, 1 + 4 * (m - a) / (b - a), 1 + 4 * (b - m) / (b - a))
triangle <- function(a, m, b) {
  u <- runif(n)
  ifelse(u < (m - a) / (b - a), a + sqrt(u * (b - a) * (m - a)), b - sqrt((1 - u) * (b - a) * (b - m)))
}
drawn <- t(sapply(seq_len(nrow(model)), function(i) {
  m <- model[i, ]
  switch(if (m$effect == "uplift") "t" else m$dist,
    fixed = rep(m$amount, n),
    pert = pert(m$low, m$amount, m$high),
    triangular = triangle(m$low, m$amount, m$high),
    lognormal = rlnorm(n, log(m$amount), log(m$high / m$low) / (2 * z)),
    t = effect$estimate + effect$std_error * rt(n, effect$df))
}))
d <- metrics(drawn)
q <- function(x) quantile(x, c(.025, .05, .5, .95, .975), names = FALSE, type = 1)
for (i in seq_len(nrow(d))) emit(paste0("draws", i), q(d[i, ]))
emit("roi_positive", mean(d[4, ] > 0))
emit("npv_positive", mean(d[8, ] > 0))
emit("payback_within", mean(is.finite(d[11, ])))
emit_end()
