# Reference values for tests/unit/test_roi_sensitivity.c, test_copula.c and test_sobol.c: intervals
# without draws, tornado, break-even, correlations, shares of variance.
# Rscript tests/reference/roi_sensitivity.R
source("tests/reference/emit.R")
emit_start("roi_sensitivity")

or <- function(x, otherwise) ifelse(is.na(x) | x == "", otherwise, x)
share <- function(x) { # "3%" or 0.03
  x <- as.character(x)
  percent <- grepl("%", x)
  v <- as.numeric(sub("%", "", x))
  ifelse(percent, v / 100, v)
}
horizon <- 36
rate <- .10
z <- qnorm(.95)

# What one unit of each item adds up to, plain and discounted (end of period).
sums <- function(m) {
  column <- function(name) if (is.null(m[[name]])) rep(NA, nrow(m)) else share(m[[name]])
  scale <- or(column("quantity"), 1) * or(column("hours"), 1) * or(column("margin"), 1) *
    or(column("attribution"), 1)
  growth <- or(column("growth"), 0)
  ramp <- column("ramp")
  start <- or(as.numeric(m$start), 0)
  end <- pmin(or(as.numeric(m$end), horizon), horizon)
  t(sapply(seq_len(nrow(m)), function(i) {
    if (m$per[i] == "once")
      return(c(scale[i], scale[i] * (1 + rate)^(-start[i] / 12)) * (start[i] <= horizon))
    period <- switch(m$per[i], week = 1, month = 1, quarter = 3, year = 12)
    ages <- seq_len(1000) * period
    ages <- ages[start[i] + ages <= end[i]]
    size <- sapply(ages, function(a) {
      months <- (a - period + 1):a
      mean(if (is.na(ramp[i])) rep(1, period) else pmin(1, months / ramp[i]))
    }) * (1 + growth[i])^((ages - 1) %/% 12) * scale[i] *
      if (m$per[i] == "week") 365.25 / 84 else 1
    c(sum(size), sum(size * (1 + rate)^(-(start[i] + ages) / 12)))
  }))
}

# The same month by month, from the first payment (at most 0) to the horizon.
monthly <- function(m) {
  column <- function(name) if (is.null(m[[name]])) rep(NA, nrow(m)) else share(m[[name]])
  scale <- or(column("quantity"), 1) * or(column("hours"), 1) * or(column("margin"), 1) *
    or(column("attribution"), 1)
  start <- or(as.numeric(m$start), 0)
  end <- pmin(or(as.numeric(m$end), horizon), horizon)
  months <- min(0, start):horizon
  u <- matrix(0, nrow(m), length(months), dimnames = list(NULL, months))
  for (i in seq_len(nrow(m))) {
    period <- switch(m$per[i], once = 0, week = 1, month = 1, quarter = 3, year = 12)
    for (t in months) {
      age <- t - start[i]
      if (period == 0) u[i, as.character(t)] <- scale[i] * (age == 0)
      else if (age > 0 && age %% period == 0 && t <= end[i]) {
        r <- column("ramp")[i]
        u[i, as.character(t)] <- scale[i] * (if (m$per[i] == "week") 365.25 / 84 else 1) *
          (1 + or(column("growth")[i], 0))^((age - 1) %/% 12) *
          mean(if (is.na(r)) rep(1, period) else pmin(1, (age - period + 1):age / r))
      }
    }
  }
  u
}

# Internal rate, its modified form and both paybacks, with their slopes by each amount: by implicit
# differentiation of npv(rate) = 0, and of the piece of a straight line that crosses 0.
rates <- function(m, amount) {
  u <- monthly(m) * ifelse(tolower(m$kind) == "cost", -1, 1)
  u <- u[, colSums(u != 0) > 0]
  when <- as.numeric(colnames(u))
  net <- colSums(u * amount)
  npv <- function(r) sum(net * (1 + r)^(-when / 12))
  irr <- uniroot(npv, c(-.9, 1e3), tol = 1e-16)$root
  for (k in 1:5) # polished
    irr <- irr + npv(irr) / sum(net * when / 12 * (1 + irr)^(-when / 12 - 1))
  d_irr <- as.vector(u %*% (1 + irr)^(-when / 12)) /
    sum(net * when / 12 * (1 + irr)^(-when / 12 - 1))
  begin <- min(0, when)
  got <- net > 0
  fv <- (1 + rate)^((horizon - when) / 12)
  pv <- (1 + rate)^(-(when - begin) / 12)
  In <- sum((net * fv)[got]); out <- -sum((net * pv)[!got])
  life <- 12 / (horizon - begin)
  mirr <- (In / out)^life - 1
  d_mirr <- (1 + mirr) * life * (as.vector(u[, got] %*% fv[got]) / In +
                                   as.vector(u[, !got] %*% pv[!got]) / out)
  crossing <- function(weight) {
    s <- cumsum(net * weight)
    ds <- t(apply(t(t(u) * weight), 1, cumsum))
    i <- which(s >= 0 & c(-1, s[-length(s)]) < 0 & seq_along(s) > 1)[1]
    gap <- when[i] - when[i - 1]
    rise <- s[i] - s[i - 1]
    list(when[i - 1] - gap * s[i - 1] / rise,
         gap * (s[i - 1] * (ds[, i] - ds[, i - 1]) - ds[, i - 1] * rise) / rise^2)
  }
  plain <- crossing(rep(1, length(when)))
  discounted <- crossing((1 + rate)^(-when / 12))
  list(value = c(irr, mirr, plain[[1]], discounted[[1]]),
       slope = list(irr = d_irr, mirr = d_mirr, payback_months = plain[[2]],
                    discounted_payback_months = discounted[[2]]))
}

# Mean, sd, df, 10%, 50% and 90% quantile of each amount.
p3 <- c(.1, .5, .9)
beta_row <- function(a, b, s1, s2) c(a + (b - a) * s1 / (s1 + s2),
  (b - a) * sqrt(s1 * s2 / (s1 + s2)^2 / (s1 + s2 + 1)), Inf, a + (b - a) * qbeta(p3, s1, s2))
spread <- function(dist, m, a, b, se = NA, df = NA) switch(dist,
  fixed = c(m, 0, Inf, m, m, m),
  normal = c(m, (b - a) / (2 * z), Inf, qnorm(p3, m, (b - a) / (2 * z))),
  lognormal = {
    s <- log(b / a) / (2 * z)
    c(exp(log(m) + s^2 / 2), exp(log(m) + s^2 / 2) * sqrt(expm1(s^2)), Inf, qlnorm(p3, log(m), s))
  },
  triangular = {
    k <- (m - a) / (b - a)
    c((a + m + b) / 3, sqrt((a^2 + m^2 + b^2 - a * m - a * b - m * b) / 18), Inf,
      ifelse(p3 < k, a + (b - a) * sqrt(p3 * k), b - (b - a) * sqrt((1 - p3) * (1 - k))))
  },
  pert = beta_row(a, b, 1 + 4 * (m - a) / (b - a), 1 + 4 * (b - m) / (b - a)),
  beta = beta_row(a, b, 6 * (m - a) / (b - a), 6 * (b - m) / (b - a)),
  uniform = c((a + b) / 2, (b - a) / sqrt(12), Inf, a + (b - a) * p3),
  t = c(m, se, df, m + se * qt(p3, df)))

report <- function(name, m, dist, amount, se = NA, df = NA) {
  u <- sums(m)
  s <- t(sapply(seq_len(nrow(m)), function(i)
    spread(dist[i], amount[i], m$low[i], m$high[i], se, df)))
  cost <- tolower(m$kind) == "cost"
  part <- function(column, side) ifelse(side, u[, column], 0)
  g <- list(C = part(1, cost), B = part(1, !cost), pvC = part(2, cost), pvB = part(2, !cost))
  v <- sapply(g, function(x) sum(x * amount))
  gradient <- list(total_cost = g$C, total_benefit = g$B, net_benefit = g$B - g$C,
    roi = (g$B - v["B"] / v["C"] * g$C) / v["C"], npv = g$pvB - g$pvC,
    bcr = (g$pvB - v["pvB"] / v["pvC"] * g$pvC) / v["pvC"])
  value <- c(v["C"], v["B"], v["B"] - v["C"], v["B"] / v["C"] - 1, v["pvB"] - v["pvC"],
             v["pvB"] / v["pvC"])
  stopifnot(all.equal(unname(rowSums(monthly(m))), u[, 1]))
  more <- rates(m, amount)
  gradient <- c(gradient, more$slope)
  value <- c(value, more$value)
  for (k in seq_along(gradient)) {
    parts <- (gradient[[k]] * s[, 2])^2
    d <- if (any(is.finite(s[, 3]))) sum(parts)^2 / sum(parts^2 / s[, 3]) else Inf
    q <- function(p) value[k] + qt(p, d) * sqrt(sum(parts))
    if (names(gradient)[k] == "net_benefit") net <- c(df = d, se = sqrt(sum(parts)))
    if (names(gradient)[k] == "npv") npv <- c(df = d, se = sqrt(sum(parts)))
    emit(paste0(name, "_delta_", names(gradient)[k]),
         c(value[k], q(.025), q(.975), q(.05), q(.95),
           if (!grepl("payback", names(gradient)[k])) pt(value[k] / sqrt(sum(parts)), d)))
  }
  set <- function(b, c, d, level) {
    va <- sum((g[[b]] * s[, 2])^2); vb <- sum((g[[c]] * s[, 2])^2)
    vab <- sum(g[[b]] * g[[c]] * s[, 2]^2)
    t2 <- qt((1 + level) / 2, d)^2
    A <- v[c]^2 - t2 * vb; H <- v[b] * v[c] - t2 * vab; K <- v[b]^2 - t2 * va
    (H + c(-1, 1) * sqrt(H^2 - A * K)) / A
  }
  emit(paste0(name, "_fieller_roi"), c(set("B", "C", net["df"], .95), set("B", "C", net["df"], .9)) - 1)
  emit(paste0(name, "_fieller_bcr"),
       c(set("pvB", "pvC", npv["df"], .95), set("pvB", "pvC", npv["df"], .9)))
  roi <- function(x) sum(g$B * x) / sum(g$C * x) - 1
  for (i in which(s[, 2] > 0)) {
    at <- function(q) replace(s[, 5], i, s[i, q])
    emit(paste0(name, "_tornado_", i), c(s[i, 4], s[i, 6], roi(at(4)), roi(at(6))))
  }
  even <- amount - value[5] / (g$pvB - g$pvC)
  emit(paste0(name, "_even"), ifelse(is.finite(even), even, NA))
  emit(paste0(name, "_all"), c(v["pvC"] / v["pvB"], v["C"] / v["B"], v["pvB"] / v["pvC"]))
  emit(paste0(name, "_moments"), c(t(s[, 1:2])))
}

crm <- read.csv("datasets/crm_model.csv")
effect <- read.csv("datasets/crm_effect.csv")
is_effect <- crm$effect == "uplift"
report("crm", crm, ifelse(is_effect, "t", crm$dist), ifelse(is_effect, effect$estimate, crm$amount),
       effect$std_error, effect$df)
emit("crm_roi0", local({
  u <- sums(crm); cost <- crm$kind == "cost"
  a <- ifelse(is_effect, effect$estimate, crm$amount)
  a[is_effect] - (sum(u[!cost, 1] * a[!cost]) - sum(u[cost, 1] * a[cost])) / u[is_effect, 1]
}))
every <- read.csv("tests/cli/data/roi/every.csv")
report("every", every, ifelse(is.na(every$low), "fixed",
                              ifelse(every$dist == "", "pert", tolower(every$dist))), every$amount)

# Gaussian copula.
rho <- matrix(c(1, .5, -.3, .5, 1, .2, -.3, .2, 1), 3)
emit("copula_factor", t(t(chol(2 * sin(pi * rho / 6)))))
bad <- matrix(c(1, .9, -.9, .9, 1, .9, -.9, .9, 1), 3)
r <- 2 * sin(pi * bad / 6)
diag(r) <- 1
e <- eigen(r)
clipped <- cov2cor(e$vectors %*% diag(pmax(e$values, 1e-8)) %*% t(e$vectors))
emit("copula_clipped", clipped)
emit("copula_change", max(abs(6 / pi * asin(clipped / 2) - bad)[row(bad) != col(bad)]))

# What knowing a normal npv is worth.
evpi <- function(m, s) s * dnorm(m / s) + m * pnorm(m / s) - max(0, m)
emit("evpi_normal", c(evpi(20000, 50000), evpi(-20000, 50000)))
# Of a normal cost and a normal benefit: all, the cost, the benefit; then with rank correlation 0.5,
# where knowing one tells of the other.
r <- 2 * sin(pi * 0.5 / 6)
emit("evppi_normal", evpi(20000, c(sqrt(20000^2 + 45000^2), 20000, 45000)))
emit("evppi_rho", evpi(20000, c(sqrt(20000^2 + 45000^2 - 2 * r * 20000 * 45000),
                                abs(r * 45000 - 20000), abs(45000 - r * 20000))))
emit("loss_normal", c(pnorm(-20000 / 50000)))

# Ishigami's function with a = 7, b = 0.1: its shares are known.
a <- 7; b <- .1
v <- c((1 + b * pi^4 / 5)^2 / 2, a^2 / 8, 0)
v13 <- 8 * b^2 * pi^8 / 225
emit("ishigami_first", v / (sum(v) + v13))
emit("ishigami_total", (v + v13 * c(1, 0, 1)) / (sum(v) + v13))
# A line of 24 inputs with coefficients 1 .. 24: shares are those of the squares.
emit("line_first", (1:24)^2 / sum((1:24)^2))
# The share of y's variance between bins of x: adjusted eta squared, and its jackknife.
set.seed(7)
x <- rnorm(5000)
y <- x^2 + .5 * rnorm(5000)
bin <- factor(pmin(floor((rank(x) - .5) / 5000 * 50), 49))
adjusted <- function(y, f) summary(lm(y ~ f))$adj.r.squared
emit_data("given_data", data.frame(x, y))
emit("given_first", adjusted(y, bin))
part <- floor((0:4999) * 20 / 5000)
without <- sapply(0:19, function(k) adjusted(y[part != k], bin[part != k]))
se <- sqrt(19 / 20 * sum((without - mean(without))^2))
emit("given_ends", adjusted(y, bin) + c(-1, 1) * qt(.975, 19) * se)
emit_end()
