# Firth's logit: brglm2 for the estimates; profiles by Newton's method and uniroot on the penalised
# likelihood (logistf is not in Debian). Data: eight rows that x separates, brglm2's endometrial,
# and ten rows a group of which one has no success.
source("tests/reference/emit.R")
suppressMessages(library(brglm2))
data("endometrial", package = "brglm2")
emit_data("endometrial", with(endometrial, data.frame(high = HG, nv = NV, pi = PI, eh = EH)))

value <- function(b, X, y, w) {
  eta <- drop(X %*% b)
  sum(w * (y * plogis(eta, log.p = TRUE) + (1 - y) * plogis(-eta, log.p = TRUE))) +
    0.5 * determinant(crossprod(X, w * dlogis(eta) * X))$modulus
}
best <- function(b, free, X, y, w) {
  for (i in 1:2000) {
    p <- plogis(drop(X %*% b)); W <- w * p * (1 - p)
    S <- sqrt(W) * X
    h <- rowSums((S %*% solve(crossprod(S))) * S)
    g <- crossprod(X, w * (y - p) + h * (0.5 - p))[free]
    step <- if (length(free)) solve(crossprod(S)[free, free], g) else 0
    share <- min(1, 1 / max(abs(X[, free, drop = FALSE] %*% step), 1e-300))
    b[free] <- b[free] + share * step
    if (sum(g * step) < 1e-24) break
  }
  b
}
emit_firth <- function(name, formula, data, w = rep(1, nrow(data))) {
  data$w <- w
  m <- glm(formula, binomial, data, weights = w, method = "brglmFit", type = "MPL_Jeffreys",
           epsilon = 1e-12, maxit = 10000)
  X <- model.matrix(m); y <- m$y; k <- ncol(X)
  b <- best(coef(m), seq_len(k), X, y, w)
  stopifnot(max(abs(b - coef(m))) < 1e-8)
  p <- plogis(drop(X %*% b))
  emit(paste0(name, ".coef"), b)
  emit(paste0(name, ".se"), sqrt(diag(solve(crossprod(X, w * p * (1 - p) * X)))))
  top <- value(b, X, y, w)
  for (j in seq_len(k)) {
    free <- setdiff(seq_len(k), j)
    ratio <- function(at) {
      start <- b; start[j] <- at
      2 * (top - value(best(start, free, X, y, w), X, y, w))
    }
    emit(paste0(name, ".statistic", j), sign(b[j]) * sqrt(ratio(0)))
    signed <- function(at) sqrt(max(0, ratio(at))) - qnorm(0.975)
    se <- sqrt(diag(solve(crossprod(X, w * p * (1 - p) * X))))[j]
    emit(paste0(name, ".low", j),
         uniroot(signed, b[j] - c(3, 0) * se, extendInt = "downX", tol = 1e-13)$root)
    emit(paste0(name, ".high", j),
         uniroot(signed, b[j] + c(0, 3) * se, extendInt = "upX", tol = 1e-13)$root)
  }
}
emit_start("firth")
emit_firth("step", y ~ x, data.frame(y = rep(0:1, each = 4), x = 1:8))
emit_firth("endometrial", HG ~ NV + PI + EH, endometrial)
emit_firth("grouped", y ~ x, data.frame(y = c(0, 0.7), x = 0:1), w = c(10, 10))
emit_end()
