# Trend tests of one series: stats where it has them, else the formulas written out. Nile's and
# nottem's known values are checked on the way.
source("tests/reference/emit.R")
nile <- as.numeric(Nile); temp <- as.numeric(nottem)
emit_data("nile", data.frame(year = 1871:1970, flow = nile))
emit_data("nottem", data.frame(month = seq_along(temp), temp = temp))
emit_start("time_series")

kendall <- function(x, season = rep(0, length(x))) {
  s <- v <- n0 <- tied <- 0
  for (g in unique(season)) {
    y <- x[season == g]; m <- length(y); t <- table(y)
    s <- s + sum(sign(outer(y, y, function(a, b) b - a))[upper.tri(diag(m))])
    v <- v + (m * (m - 1) * (2 * m + 5) - sum(t * (t - 1) * (2 * t + 5))) / 18
    n0 <- n0 + m * (m - 1) / 2; tied <- tied + sum(t * (t - 1) / 2)
  }
  c(s, v, s / sqrt(n0 * (n0 - tied)), (s - sign(s)) / sqrt(v))
}
slopes <- function(x, t, season = rep(0, length(x))) sort(unlist(lapply(unique(season), function(g) {
  y <- x[season == g]; u <- t[season == g]
  (outer(y, y, function(a, b) b - a) / outer(u, u, function(a, b) b - a))[upper.tri(diag(length(y)))]
})))
sen <- function(x, t, v, conf, season = rep(0, length(x))) {
  s <- slopes(x, t, season); n <- length(s); reach <- qnorm((1 + conf) / 2) * sqrt(v)
  c(median(s), approx(seq_along(s), s, c((n - reach) / 2, (n + reach) / 2 + 1))$y)
}
inflation <- function(r1, n) {
  rho <- min(0.95, (n * r1 + 1) / (n - 4)); i <- 1:(n - 1)
  1 + 2 / (n * (n - 1) * (n - 2)) * sum((n - i) * (n - i - 1) * (n - i - 2) * rho^i)
}
pettitt <- function(x) {
  n <- length(x); u <- 2 * cumsum(rank(x)) - seq_len(n) * (n + 1); u <- u[-n]
  k <- max(abs(u)); at <- which.max(abs(u))
  c(k, at, min(1, 2 * exp(-6 * k^2 / (n^3 + n^2))), median(x[1:at]), median(x[-(1:at)]))
}
month <- (seq_along(temp) - 1) %% 12

emit("nile.kendall", k <- kendall(nile))
stopifnot(k[1] == -1387, abs(k[2] - 112728.3333) < 1e-4, abs(k[4] + 4.128066523) < 1e-9)
stopifnot(abs(cor(nile, 1:100, method = "kendall") - k[3]) < 1e-14)
emit("nile.p", 2 * pnorm(-abs(k[4])))
for (a in c("less", "greater"))
  emit(paste0("nile.p_", a), cor.test(nile, 1:100, method = "kendall", exact = FALSE, continuity = TRUE, alternative = a)$p.value)
emit("nile.sen", s <- sen(nile, 1871:1970, k[2], 0.95))
stopifnot(abs(s - c(-2.6, -3.627926478, -1.428444376)) < 1e-9)
emit("nile.sen90", sen(nile, 1871:1970, k[2], 0.9))
gap <- c(3, 17, 18, 60)
emit("gap.sen", sen(nile[-gap], (1871:1970)[-gap], kendall(nile[-gap])[2], 0.95))
emit("gap.kendall", kendall(nile[-gap]))
x <- nile[-gap] - mean(nile[-gap]); at <- (1:100)[-gap]
emit("gap.lag1", sum(sapply(seq_along(x), function(i) { j <- match(at[i] + 1, at); if (is.na(j)) 0 else x[i] * x[j] })) / sum(x^2))
emit("nile.acf", acf(nile, plot = FALSE)$acf[2:6])
r1 <- acf(rank(nile - s[1] * (1:100)), plot = FALSE)$acf[2]
emit("nile.r1_without_trend", r1)
emit("nile.inflation", inflation(r1, 100))
emit("inflation.high", inflation(0.99, 20))
emit("nile.z", (k[1] + 1) / sqrt(k[2] * inflation(r1, 100)))
emit("nile.pettitt", p <- pettitt(nile))
set.seed(1) # other draws than ours: the ends agree to a year or two
dates <- replicate(4000, pettitt(c(sample(nile[1:28], replace = TRUE), sample(nile[-(1:28)], replace = TRUE)))[2])
emit("nile.change", quantile(dates, c(0.025, 0.975), type = 1))
stopifnot(p[1] == 1617, p[2] == 28, abs(p[3] - 3.591022177e-07) < 1e-16)
emit("nottem.kendall", k <- kendall(temp, month))
stopifnot(k[1] == 224, k[2] == 11364, abs(k[4] - 2.09189195888) < 1e-11)
emit("nottem.p", 2 * pnorm(-abs(k[4])))
emit("nottem.sen", sen(temp, seq_along(temp), k[2], 0.95, month))
emit("nottem.without_season", (temp - ave(temp, month, FUN = median))[c(1, 2, 13, 240)])
emit("nottem.pettitt", pettitt(temp - ave(temp, month, FUN = median)))
emit("nile.sd", mean(abs(diff(nile))) / (2 / sqrt(pi)))

# Exact: small series without ties.
small <- c(3.1, 2.0, 5.5, 4.2, 6.6, 6.1, 9.0)
emit("small.kendall", kendall(small))
for (a in c("two.sided", "less", "greater"))
  emit(paste0("small.", a), cor.test(small, 1:7, method = "kendall", exact = TRUE, alternative = a)$p.value)
ten <- c(5, 1, 2, 9, 3, 8, 4, 10, 7, 6)
for (a in c("two.sided", "less", "greater"))
  emit(paste0("ten.", a), cor.test(ten, 1:10, method = "kendall", exact = TRUE, alternative = a)$p.value)
ties <- c(1, 2, 2, 3, 1, 4, 4, 4, 2)
emit("ties.kendall", kendall(ties))
emit("ties.p", cor.test(ties, 1:9, method = "kendall", exact = FALSE, continuity = TRUE)$p.value)
emit_end()
