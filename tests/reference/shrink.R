# Empirical Bayes for means (Paule-Mandel, Morris) and rates (beta-binomial), from their formulas.
source("tests/reference/emit.R")
emit_start("shrink")
means <- function(name, y, v, r = 1) {
  k <- length(y); df <- k - r
  q <- function(t) { w <- 1 / (v + t); m <- sum(w * y) / sum(w); sum(w * (y - m)^2) - df }
  t <- 0
  if (q(0) > 0) { # bracketed, then polished
    hi <- 1; while (q(hi) > 0) hi <- 2 * hi
    t <- uniroot(q, c(0, hi), tol = .Machine$double.eps)$root
    for (i in 1:5) { w <- 1 / (v + t); m <- sum(w * y) / sum(w); t <- t + q(t) / sum(w^2 * (y - m)^2) }
  }
  w <- 1 / (v + t); m <- sum(w * y) / sum(w)
  B <- if (t > 0) (df - 2) / df * v / (v + t) else rep(1, k)
  vbar <- sum(w * v) / sum(w)
  sd <- sqrt(v * (1 - B) + B^2 / sum(w) + 2 / (df - 2) * B^2 * (vbar + t) / (v + t) * (y - m)^2)
  emit(paste0(name, ".units"), c(m, t, q(0) + df, pchisq(q(0) + df, df, lower.tail = FALSE)))
  emit(paste0(name, ".estimate"), e <- (1 - B) * y + B * m)
  emit(paste0(name, ".sd"), sd)
  emit(paste0(name, ".shrinkage"), B)
  emit(paste0(name, ".interval1"), e[1] + qnorm(c(0.025, 0.975)) * sd[1])
  e
}
feed <- split(chickwts$weight, chickwts$feed)
y <- sapply(feed, mean); v <- sapply(feed, var) / lengths(feed)
emit("chickwts.y", y); emit("chickwts.v", v)
e <- means("chickwts", y, v)
stopifnot(abs(e - c(320.4558491, 162.3333724, 220.040016, 275.9377548, 246.7903966, 326.9042949)) < 1e-6)
means("chickwts2", y, v, r = 2)
schools <- list(y = c(28, 8, -3, 7, -1, 1, 18, 12), v = c(15, 10, 16, 11, 9, 11, 10, 18)^2)
e <- means("schools", schools$y, schools$v)
stopifnot(abs(e - 7.685616725) < 1e-8)

rates <- function(name, s, n) {
  ll <- function(p) { a <- exp(p[1]); b <- exp(p[2])
    sum(lbeta(s + a, n - s + b) - lbeta(a, b) + lchoose(n, s)) }
  p <- optim(c(1, 1), ll, control = list(fnscale = -1, reltol = 1e-15, maxit = 5000))$par
  g <- function(p) { a <- exp(p[1]); b <- exp(p[2]); N <- length(s)
    c(a * sum(digamma(s + a) - digamma(a) - digamma(n + a + b) + digamma(a + b)),
      b * sum(digamma(n - s + b) - digamma(b) - digamma(n + a + b) + digamma(a + b))) }
  for (i in 1:8) { # Newton by differences of the gradient
    h <- 1e-5; H <- cbind(g(p + c(h, 0)) - g(p - c(h, 0)), g(p + c(0, h)) - g(p - c(0, h))) / (2 * h)
    p <- p - solve(H, g(p))
  }
  a <- exp(p[1]); b <- exp(p[2]); q <- sum(s) / sum(n)
  chi <- sum((s - n * q)^2 / (n * q * (1 - q)))
  emit(paste0(name, ".units"), c(a, b, a / (a + b), ll(p), chi, pchisq(chi, length(s) - 1, lower.tail = FALSE)))
  emit(paste0(name, ".estimate"), (s + a) / (n + a + b))
  emit(paste0(name, ".shrinkage"), (a + b) / (a + b + n))
  emit(paste0(name, ".interval1"), qbeta(c(0.025, 0.975), s[1] + a, n[1] - s[1] + b))
  c(a, b)
}
s <- c(12, 3, 8, 15, 2, 9, 6, 20, 1, 7); n <- c(40, 10, 35, 30, 18, 25, 30, 45, 12, 28)
ab <- rates("wins", s, n)
stopifnot(abs(ab - c(8.36134280, 20.18962067)) < 1e-7); ab0 <- ab
hits <- c(18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7)
ab <- rates("baseball", hits, rep(45, 18))
stopifnot(abs(ab - c(210.5, 582.6)) < 0.1)
# Always or never: the likeliest of the priors with a + b = 1, and the unbounded one of mixed units.
separated <- function(name, s, n) {
  slope <- function(a) sum(ifelse(s > 0, digamma(a + n) - digamma(a), digamma(1 - a) - digamma(1 - a + n)))
  a <- uniroot(slope, c(1e-8, 1 - 1e-8), tol = 1e-15)$root
  p <- sum(s) / sum(n)
  chi <- sum((s - n * p)^2 / (n * p * (1 - p)))
  emit(paste0(name, ".units"), c(a, 1 - a, a, sum(lbeta(s + a, n - s + 1 - a) - lbeta(a, 1 - a) + lchoose(n, s)), chi,
                                 pchisq(chi, length(s) - 1, lower.tail = FALSE)))
  emit(paste0(name, ".estimate"), (s + a) / (n + 1))
  emit(paste0(name, ".shrinkage"), 1 / (1 + n))
  emit(paste0(name, ".interval1"), qbeta(c(0.025, 0.975), s[1] + a, n[1] - s[1] + 1 - a))
}
separated("apart", c(5, 0, 0), c(5, 5, 5))
separated("apart2", c(3000, 0, 1, 0, 7), c(3000, 2, 1, 41, 7))
rates("four", c(18, 0, 6, 0), c(100, 1, 6, 11))
s <- c(5, 5, 6, 4); n <- c(20, 20, 21, 19); q <- sum(s) / sum(n)
emit("alike.pooled", q)
emit("alike.log_lik", sum(dbinom(s, n, q, log = TRUE)))
emit("alike.interval", qbeta(c(0.025, 0.975), sum(s) + 0.5, sum(n - s) + 0.5))
# Two units: the exact probability that the first is larger, and three normal ones' expected ranks.
emit("normal.first", pnorm((1 - 0.2) / sqrt(0.5^2 + 1)))
emit("beta.first", integrate(function(x) dbeta(x, 12, 20) * pbeta(x, 9, 30), 0, 1, rel.tol = 1e-12)$value)
# A mixture's quantiles, and the type III bootstrap of Laird and Louis with R's own draws: the ends
# agree with any other draws to the error of so many.
ma <- c(3, 12, 40.5); mb <- c(9, 20, 80.25)
emit("mixture.interval", sapply(c(0.025, 0.975), function(q)
  uniroot(function(x) mean(pbeta(x, ma, mb)) - q, c(0.01, 0.99), tol = 1e-15)$root))
# Its lower end where a is small, by what P is there: x^a / (a B(a, b)).
low_a <- c(0.01, 0.02, 0.011); low_b <- c(5, 6, 5.5)
emit("small.low", exp(uniroot(function(u) mean(exp(low_a * u) / (low_a * beta(low_a, low_b))) - 0.025,
                              c(-700, -10), tol = 1e-13)$root))
s <- c(12, 3, 8, 15, 2, 9, 6, 20, 1, 7); n <- c(40, 10, 35, 30, 18, 25, 30, 45, 12, 28)
set.seed(1)
prior <- replicate(2000, {
  y <- rbinom(10, n, rbeta(10, ab0[1], ab0[2])); q <- sum(y) / sum(n)
  if (sum((y - n * q)^2) <= q * (1 - q) * sum(n)) c(Inf, Inf) else # no more than luck makes them
    exp(optim(c(1, 2), function(p) -sum(lbeta(y + exp(p[1]), n - y + exp(p[2])) - lbeta(exp(p[1]), exp(p[2]))))$par)
})
point <- !is.finite(prior[1, ]) | prior[1, ] > exp(25)
type3 <- function(i, q) {
  a <- ifelse(point, sum(s) + 0.5, s[i] + prior[1, ]); b <- ifelse(point, sum(n - s) + 0.5, n[i] - s[i] + prior[2, ])
  uniroot(function(x) mean(pbeta(x, a, b)) - q, c(0.001, 0.999), tol = 1e-10)$root
}
emit("type3.low", sapply(1:10, type3, q = 0.025))
emit("type3.high", sapply(1:10, type3, q = 0.975))
emit_end()
