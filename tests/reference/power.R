# Power and sample sizes: stats, pwr, and Frison and Pocock's variance written out.
source("tests/reference/emit.R")
suppressMessages(library(pwr))
emit_start("power")

# --- t tests (both tails counted)
for (case in list(c(20, 1, 1), c(5, 0.8, 1.5), c(64, 0.5, 1), c(2, 3, 1))) {
  name <- paste0("two_sample_", case[1])
  emit(name, power.t.test(case[1], case[2], case[3], strict = TRUE)$power)
  emit(paste0(name, "_greater"), power.t.test(case[1], case[2], case[3], alternative = "one.sided")$power)
}
exact <- .Machine$double.eps^0.9
emit("two_sample_n", power.t.test(delta = 1, power = 0.9, strict = TRUE, tol = exact)$n)
emit("two_sample_n_small", power.t.test(delta = 0.2, power = 0.8, strict = TRUE, tol = exact)$n)
emit("two_sample_delta", power.t.test(n = 12, power = 0.8, sd = 2, strict = TRUE, tol = exact)$delta)
emit("paired_20", power.t.test(20, 0.5, type = "paired", strict = TRUE)$power)
emit("paired_9", power.t.test(9, 1.58, sd = 1.23, type = "paired", strict = TRUE)$power)
emit("paired_n", power.t.test(delta = 0.5, power = 0.8, type = "paired", strict = TRUE, tol = exact)$n)

# --- clusters: the t test of cluster means
cluster <- function(n, d, m, icc) {
  k <- n / m
  power.t.test(k, d, sqrt((1 + (m - 1) * icc) / m), strict = TRUE)$power
}
emit("cluster_40", cluster(40, 0.6, 5, 0.2))
emit("cluster_96", cluster(96, 0.4, 8, 0.05))

# --- shares
emit("prop_77", power.prop.test(77, 0.5, 0.75, strict = TRUE)$power)
emit("prop_30", power.prop.test(30, 0.1, 0.2, strict = TRUE)$power)
emit("prop_30_greater", power.prop.test(30, 0.1, 0.2, alternative = "one.sided")$power)
emit("prop_n", power.prop.test(p1 = 0.5, p2 = 0.75, power = 0.9, strict = TRUE, tol = exact)$n)
emit("prop_p2", power.prop.test(n = 50, p1 = 0.5, power = 0.9, strict = TRUE, tol = exact)$p2)
exact_prop <- function(n, p1, p2) {
  grid <- expand.grid(i = 0:n, j = 0:n)
  share <- (grid$i + grid$j) / (2 * n)
  z <- ifelse(share %in% c(0, 1), 0, (grid$j - grid$i) / n / sqrt(2 * share * (1 - share) / n))
  sum((dbinom(grid$i, n, p1) * dbinom(grid$j, n, p2))[abs(z) > qnorm(0.975)])
}
emit("prop_exact_30", exact_prop(30, 0.1, 0.2))
emit("prop_exact_77", exact_prop(77, 0.5, 0.75))

# --- correlation
emit("r_20", pwr.r.test(20, 0.3)$power)
emit("r_50_greater", pwr.r.test(50, 0.25, alternative = "greater")$power)
emit("r_50_less", pwr.r.test(50, -0.25, alternative = "less")$power)
emit("r_200", pwr.r.test(200, -0.1)$power)
r_gap <- function(n) pwr.r.test(n, 0.3)$power - 0.8
emit("r_n", uniroot(r_gap, c(4, 1000), tol = exact)$root)

# --- regression
emit("f2_u3", pwr.f2.test(3, 76 - 3 - 1, 0.15)$power)
emit("f2_u1", pwr.f2.test(1, 20 - 2, 0.35)$power)
emit("f2_u5", pwr.f2.test(5, 200 - 6, 0.02)$power)
f2_gap <- function(v) pwr.f2.test(3, v, 0.15)$power - 0.8
emit("f2_n", uniroot(f2_gap, c(2, 1000), tol = exact)$root + 4)

# --- difference in differences
variance <- function(before, after, ar, icc = 0) {
  w <- c(rep(-1 / before, before), rep(1 / after, after))
  t <- seq_len(before + after)
  R <- icc + (1 - icc) * ar^abs(outer(t, t, "-"))
  c(t(w) %*% R %*% w)
}
emit("change_0", variance(6, 6, 0))
emit("change_3", variance(6, 6, 0.3))
emit("change_6", variance(6, 6, 0.6))
emit("change_uneven", variance(3, 9, 0.45))
did_mde <- function(n, sd, v, power) {
  df <- 2 * n - 2
  (qt(0.975, df) + qt(power, df)) * sd * sqrt(2 / n * v)
}
emit("did_mde_10", did_mde(10, 1, variance(6, 6, 0, 0.5), 0.8))
emit("did_mde_25", did_mde(25, 3, variance(3, 9, 0.45, 0.3), 0.9))
ancova <- function(before, after, ar, icc) {
  t <- seq_len(before + after)
  R <- icc + (1 - icc) * ar^abs(outer(t, t, "-"))
  b <- t <= before
  mean(R[!b, !b]) - mean(R[b, !b])^2 / mean(R[b, b])
}
emit("ancova_se", sqrt(2 / 15 * ancova(4, 6, 0.2, 0.4)))
emit("ancova_exchangeable", sqrt(2 / 15 * ((1 + 5 * 0.5) / 6 - 4 * 0.5^2 / (1 + 3 * 0.5))))

# --- errors of sign and size
s_m <- function(name, effect, se, df) {
  q <- qt(0.975, df)
  power <- pt(q - effect / se, df, lower = FALSE) + pt(-q - effect / se, df)
  size <- function(t) abs(effect + se * t) * dt(t, df)
  inside <- function(low, high) integrate(size, low, high, rel.tol = 1e-12, subdivisions = 2000)$value
  emit(name, c(pt(-q - effect / se, df) / power,
               (inside(-Inf, -q - effect / se) + inside(q - effect / se, Inf)) / power / effect))
}
s_m("s_m_weak", 1, 3.28, 18)
s_m("s_m_middle", 2, 1.1, 30)
s_m("s_m_normal", 0.1, 0.3, 1e9)

# --- groups of two sizes
emit("two_sample_19_13", pwr.t2n.test(19, 13, d = 0.9)$power)
emit("two_sample_200_40", pwr.t2n.test(200, 40, d = 0.4, alternative = "greater")$power)
two_shares <- function(n1, n2, p1, p2) {
  n <- c(n1, n2)
  p <- c(p1, p2)
  pooled <- weighted.mean(p, n)
  z <- qnorm(0.975) * sqrt(pooled * (1 - pooled) * sum(1 / n))
  apart <- sqrt(sum(p * (1 - p) / n))
  pnorm((abs(p2 - p1) - z) / apart) + pnorm((-abs(p2 - p1) - z) / apart)
}
stopifnot(all.equal(two_shares(77, 77, 0.5, 0.75), power.prop.test(77, 0.5, 0.75, strict = TRUE)$power))
emit("prop_120_60", two_shares(120, 60, 0.3, 0.5))
emit("prop_40_90", two_shares(40, 90, 0.1, 0.25))
emit_end()
