# Variance components of a panel by moments, on the detailing data and on Grunfeld's; nlme's REML
# is printed beside for comparison.
source("tests/reference/emit.R")
suppressMessages(library(nlme))
emit_start("panel_variance")

components <- function(unit, period, y) {
  z <- y - ave(y, period)
  e <- z - ave(z, unit)
  expected <- function(ar) {
    parts <- sapply(split(period, unit), function(t) {
      t <- sort(t); n <- length(t)
      R <- if (ar == 0) diag(n) else ar^abs(outer(t, t, "-"))
      M <- diag(n) - 1 / n
      V <- M %*% R %*% M
      near <- which(diff(t) == 1)
      c(sum(V[cbind(near, near + 1)]), sum(diag(V)), sum(R) / n^2)
    })
    rowSums(parts)
  }
  frame <- data.frame(unit, period, e)
  frame <- frame[order(frame$unit, frame$period), ]
  last <- nrow(frame)
  near <- which(frame$unit[-1] == frame$unit[-last] & diff(frame$period) == 1)
  products <- sum(frame$e[near] * frame$e[near + 1])
  ratio <- products / sum(e^2)
  ar <- uniroot(function(a) { x <- expected(a); x[1] / x[2] - ratio }, c(-0.95, 0.99), tol = 1e-15)$root
  G <- length(unique(unit))
  x <- expected(ar)
  within <- sum(e^2) / x[2] * G / (G - 1)
  between <- max(0, var(tapply(z, unit, mean)) - within * x[3] / G)
  c(between, within, between / (between + within), ar, mean(y))
}
reml <- function(unit, period, y) {
  frame <- data.frame(unit = factor(unit), period, y)
  fit <- lme(y ~ factor(period), random = ~ 1 | unit, data = frame,
             correlation = corAR1(form = ~ period | unit))
  c(as.numeric(VarCorr(fit)[, 1]), coef(fit$modelStruct$corStruct, unconstrained = FALSE))
}

detailing <- read.csv("datasets/detailing.csv")
emit("detailing", components(detailing$physician, detailing$month, detailing$scripts))
gaps <- detailing[detailing$month %% 5 != detailing$physician %% 5, ]
emit_data("variance_gaps", gaps[c("physician", "month", "scripts")])
emit("gaps", components(gaps$physician, gaps$month, gaps$scripts))
print(reml(detailing$physician, detailing$month, detailing$scripts))

set.seed(8)
reps <- 30; weeks <- 20
noise <- t(replicate(reps, arima.sim(list(ar = 0.5), weeks, sd = sqrt(1 - 0.25))))
panel <- data.frame(rep = rep(seq_len(reps), each = weeks), week = rep(seq_len(weeks), reps),
                    revenue = 100 + 3 * rep(rnorm(reps), each = weeks) + 2 * c(t(noise)) +
                      rep(rnorm(weeks), reps))
emit_data("variance_panel", panel)
panel <- read.csv("tests/reference/data/variance_panel.csv")
emit("simulated", components(panel$rep, panel$week, panel$revenue))
print(reml(panel$rep, panel$week, panel$revenue))
emit_end()
