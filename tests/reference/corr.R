# Reference values for tests/unit/test_corr.c: lags in panels with gaps.
suppressMessages(library(plm))
source("tests/reference/emit.R")
emit_start("corr")
data(Grunfeld, package = "plm")
# About a third of the rows missing, in no order; one value missing in what is left.
g <- Grunfeld[(seq_len(200) * 7) %% 11 > 3, c("firm", "year", "inv", "value", "capital")]
g <- g[order((seq_len(nrow(g)) * 37) %% 131), ]
g$value[5] <- NA
emit_data("grunfeld_gaps", g)

# x of `lag` periods before beside y and the control of now, by unit and calendar.
lagged <- function(d, id, time, x, y, control, lag) {
  before <- data.frame(id = d[[id]], time = d[[time]] + lag, x = d[[x]])
  now <- data.frame(id = d[[id]], time = d[[time]], y = d[[y]],
                    z = if (is.null(control)) 0 else d[[control]])
  m <- merge(now, before)
  m[complete.cases(m), ]
}
# Emits n, r, t, df, p.
row_of <- function(name, fit, n) {
  t <- summary(fit)$coefficients["x", ]
  df <- fit$df.residual
  emit(name, c(n, t[["t value"]] / sqrt(t[["t value"]]^2 + df), t[["t value"]], df,
               t[["Pr(>|t|)"]]))
}
for (lag in c(-2, -1, 0, 1, 3)) {
  m <- lagged(g, "firm", "year", "value", "inv", NULL, lag)
  row_of(paste0("gaps_pooled_", lag), lm(y ~ x, m), nrow(m))
  b <- aggregate(cbind(x, y) ~ id, m, mean)
  row_of(paste0("gaps_between_", lag), lm(y ~ x, b), nrow(b))
  row_of(paste0("gaps_within_", lag), lm(y ~ x + factor(id), m), nrow(m))
  row_of(paste0("gaps_two-way_", lag), lm(y ~ x + factor(id) + factor(time), m), nrow(m))
  m <- lagged(g, "firm", "year", "value", "inv", "capital", lag)
  row_of(paste0("gaps_partial_pooled_", lag), lm(y ~ x + z, m), nrow(m))
  b <- aggregate(cbind(x, y, z) ~ id, m, mean)
  row_of(paste0("gaps_partial_between_", lag), lm(y ~ x + z, b), nrow(b))
  row_of(paste0("gaps_partial_within_", lag), lm(y ~ x + z + factor(id), m), nrow(m))
  row_of(paste0("gaps_partial_two-way_", lag), lm(y ~ x + z + factor(id) + factor(time), m),
         nrow(m))
}
# Physicians: a balanced panel, so that double demeaning is exact; df by hand.
d <- read.csv("datasets/detailing.csv")
for (lag in 0:1) {
  m <- lagged(d, "physician", "month", "detailing", "scripts", NULL, lag)
  mean_of <- function(v) v - ave(v, m$id) - ave(v, m$time) + mean(v)
  r <- cor(mean_of(m$x), mean_of(m$y))
  df <- nrow(m) - length(unique(m$id)) - length(unique(m$time))
  t <- r * sqrt(df / (1 - r^2))
  emit(paste0("detailing_two-way_", lag), c(nrow(m), r, t, df, 2 * pt(-abs(t), df)))
  w <- function(v) v - ave(v, m$id)
  r <- cor(w(m$x), w(m$y))
  df <- nrow(m) - length(unique(m$id)) - 1
  t <- r * sqrt(df / (1 - r^2))
  emit(paste0("detailing_within_", lag), c(nrow(m), r, t, df, 2 * pt(-abs(t), df)))
  row_of(paste0("detailing_pooled_", lag), lm(y ~ x, m), nrow(m))
}
# Few units: all shifts of x in time inside units, and all orders of units' means.
few <- Grunfeld[Grunfeld$firm <= 5 & Grunfeld$year <= 1938, c("firm", "year", "inv", "value")]
emit_data("grunfeld_few", few)
shifts <- as.matrix(expand.grid(rep(list(0:3), 5)))
orders <- as.matrix(expand.grid(rep(list(1:5), 5))); orders <- orders[apply(orders, 1, function(o) !any(duplicated(o))), ]
one <- function(v) v - ave(v, few$firm)
two <- function(v) v - ave(v, few$firm) - ave(v, few$year) + mean(v)
for (method in c("pearson", "spearman")) {
  r <- if (method == "pearson") identity else rank
  y <- r(few$inv); x <- matrix(r(few$value), 4)
  for (scope in c("within", "two-way")) {
    f <- if (scope == "within") one else two
    all <- apply(shifts, 1, function(s) cor(f(c(sapply(1:5, function(u) x[(0:3 + s[u]) %% 4 + 1, u]))), f(y)))
    emit(paste0("few_", method, "_", scope), mean(abs(all) >= abs(all[1]) * (1 - 1e-10)))
  }
  mx <- tapply(few$value, few$firm, mean); my <- tapply(few$inv, few$firm, mean)
  all <- apply(orders, 1, function(o) cor(mx[o], my, method = method))
  emit(paste0("few_", method, "_between"), mean(abs(all) >= abs(cor(mx, my, method = method)) * (1 - 1e-10)))
  emit(paste0("few_", method, "_between_greater"), mean(all >= cor(mx, my, method = method) - 1e-10))
}
emit_end()
