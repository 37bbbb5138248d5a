# BG/NBD and Gamma-Gamma by maximum likelihood on simulated customers: optim, polished.
source("tests/reference/emit.R")
emit_start("lifetime_value")
set.seed(2005)
draw <- function(n, r, alpha, a, b, p, q, v) {
  lambda <- rgamma(n, r, alpha); drop <- rbeta(n, a, b); age <- round(runif(n, 27, 39), 2)
  rows <- lapply(seq_len(n), function(i) {
    t <- 0; x <- 0; last <- 0
    repeat {
      t <- t + rexp(1, lambda[i])
      if (t > age[i]) break
      x <- x + 1; last <- t
      if (runif(1) < drop[i]) break
    }
    m <- if (x > 0) mean(rgamma(x, p, rgamma(1, q, v))) else 0
    c(x, round(last, 2), age[i], round(m, 2))
  })
  setNames(as.data.frame(do.call(rbind, rows)), c("x", "t_x", "T", "m"))
}
polish <- function(start, nll) {
  best <- NULL
  for (i in seq_len(nrow(start))) {
    fit <- optim(start[i, ], nll, method = "Nelder-Mead", control = list(maxit = 20000, reltol = 1e-16))
    for (k in 1:5) fit <- optim(fit$par, nll, method = "BFGS", control = list(maxit = 1000, reltol = 1e-16))
    if (is.null(best) || fit$value < best$value) best <- fit
  }
  best
}
fit_both <- function(name, d) {
  nll <- function(th) {
    e <- exp(th); r <- e[1]; al <- e[2]; a <- e[3]; b <- e[4]; x <- d$x
    A <- -(r + x) * log(al + d$T)
    B <- ifelse(x > 0, log(a) - log(b + pmax(x, 1) - 1) - (r + x) * log(al + d$t_x), -Inf)
    m <- pmax(A, B)
    -sum(lgamma(r + x) - lgamma(r) + r * log(al) + lgamma(a + b) + lgamma(b + x) - lgamma(b) -
           lgamma(a + b + x) + m + log(exp(A - m) + exp(B - m)))
  }
  fit <- polish(rbind(rep(0, 4), c(-1, 1.5, -0.5, 1)), nll)
  e <- exp(fit$par)
  emit(paste0(name, "_bgnbd"), c(e, -fit$value))
  emit(paste0(name, "_bgnbd_se"), sqrt(diag(solve(optimHess(fit$par, nll)))))
  h2f1 <- function(a, b, c, z) { k <- 0:5000; 1 + sum(exp(cumsum(log((a + k) * (b + k) / ((c + k) * (k + 1)) * z)))) }
  expected <- function(x, tx, T, t) {
    r <- e[1]; al <- e[2]; a <- e[3]; b <- e[4]
    (a + b + x - 1) / (a - 1) * (1 - ((al + T) / (al + T + t))^(r + x) *
      h2f1(r + x, b + x, a + b + x - 1, t / (al + T + t))) /
      (1 + (x > 0) * a / (b + max(x, 1) - 1) * ((al + T) / (al + tx))^(r + x))
  }
  alive <- function(x, tx, T) 1 / (1 + e[3] / (e[4] + x - 1) * ((e[2] + T) / (e[2] + tx))^(e[1] + x))
  emit(paste0(name, "_expected"), c(expected(2, 30.43, 38.86, 39), expected(0, 0, 38.86, 39), alive(2, 30.43, 38.86)))
  s <- d[d$x > 0 & d$m > 0, ]
  gll <- function(th) {
    p <- exp(th[1]); q <- exp(th[2]); v <- exp(th[3]); x <- s$x; m <- s$m
    -sum(lgamma(p * x + q) - lgamma(p * x) - lgamma(q) + q * log(v) + (p * x - 1) * log(m) +
           p * x * log(x) - (p * x + q) * log(x * m + v))
  }
  gg <- polish(rbind(c(1, 1, log(mean(s$m))), c(2, 1.5, log(mean(s$m)))), gll)
  g <- exp(gg$par)
  emit(paste0(name, "_gg"), c(g, -gg$value, nrow(s), cor(s$x, s$m)))
  emit(paste0(name, "_gg_mean"), g[1] * (g[3] + 2 * 22.35) / (g[1] * 2 + g[2] - 1))
}
first <- draw(1500, 0.4, 4.4, 0.8, 2.4, 6.2, 3.7, 15.4)
emit_data("buyers", first)
fit_both("buyers", read.csv("tests/reference/data/buyers.csv"))
second <- draw(400, 1.2, 8, 0.5, 3, 3, 4, 60)
emit_data("buyers_few", second)
fit_both("few", read.csv("tests/reference/data/buyers_few.csv"))
emit_end()
