# Several fixed effects, crossed and two-way clusters, Newey-West: lm with dummies, plm, sandwich and
# clubSandwich. Data: Grunfeld's, and an unbalanced part of the detailing panel with a third effect
# and weights (written here as effects.csv).
source("tests/reference/emit.R")
suppressMessages({library(sandwich); library(plm); library(clubSandwich)})

detailing <- read.csv("datasets/detailing.csv")
d <- detailing[detailing$physician <= 30, ]
d <- d[(d$physician * 7 + d$month * 11) %% 5 != 0, ]
d <- d[!(d$physician > 25 & d$month > 12), ]
d$area <- (d$physician * 3 + d$month * d$month) %% 7
d$w <- 1 + (d$physician + 3 * d$month) %% 4
d$district <- d$physician %% 8
effects <- d[, c("scripts", "detailing", "lagged_scripts", "physician", "month", "area", "district", "w")]
emit_data("effects", effects)
grunfeld <- read.csv("tests/reference/data/grunfeld.csv")

emit_start("panel_inference")

# The slopes' part of an lm with a dummy for every level, after the intercept.
slopes <- 2:3
emit_lm <- function(name, m) {
  emit(paste0(name, ".coef"), coef(m)[slopes])
  emit(paste0(name, ".se"), sqrt(diag(vcov(m)))[slopes])
  emit(paste0(name, ".sigma"), summary(m)$sigma)
  emit(paste0(name, ".df"), m$df.residual)
  emit(paste0(name, ".r_squared"), summary(m)$r.squared)
  emit(paste0(name, ".aic"), AIC(m))
  emit(paste0(name, ".hat"), hatvalues(m)[1:20])
  emit(paste0(name, ".hc3"), sqrt(diag(vcovHC(m, type = "HC3")))[slopes])
}
# CR1 whose K counts effects only where they are not nested: the factor of vcovCL by hand.
emit_cr1 <- function(name, m, cluster, k) {
  n <- nobs(m); g <- length(unique(cluster))
  v <- vcovCL(m, cluster, type = "HC0", cadjust = FALSE) * g / (g - 1) * (n - 1) / (n - k)
  emit(paste0(name, ".cr1"), sqrt(diag(v))[slopes])
}
emit_cr2 <- function(name, m, cluster, ...) {
  v <- vcovCR(m, cluster = cluster, type = "CR2", ...)
  t <- coef_test(m, vcov = v, test = "Satterthwaite", coefs = slopes)
  emit(paste0(name, ".cr2"), t$SE)
  emit(paste0(name, ".cr2_df"), t$df_Satt)
  w <- Wald_test(m, constrain_zero(slopes), vcov = v, test = "HTZ")
  emit(paste0(name, ".cr2_f"), w$Fstat)
  emit(paste0(name, ".cr2_f_df"), w$df_denom)
}

# CR2 by its definition, of the model times the roots of its weights. With weights that differ within
# a cluster clubSandwich takes another root of the same matrix, so it cannot serve for them.
cr2_by_hand <- function(m, cluster) {
  w <- if (is.null(weights(m))) rep(1, nobs(m)) else weights(m)
  Z <- model.matrix(m)[, !is.na(coef(m))] * sqrt(w); u <- residuals(m) * sqrt(w)
  B <- chol2inv(qr.R(qr(Z))); H <- Z %*% B %*% t(Z); I <- diag(nrow(Z))
  root <- function(x) {
    e <- eigen((x + t(x)) / 2); l <- ifelse(e$values < 1e-8, 0, 1 / sqrt(pmax(e$values, 1e-8)))
    e$vectors %*% (l * t(e$vectors))
  }
  rows <- split(seq_along(cluster), cluster)
  A <- lapply(rows, function(g) root(I[g, g] - H[g, g]))
  s <- mapply(function(g, a) colSums((a %*% Z[g, , drop = FALSE]) * u[g]), rows, A)
  V <- B %*% s %*% t(s) %*% B
  df <- sapply(slopes, function(j) {
    P <- mapply(function(g, a) (I - H)[, g] %*% a %*% Z[g, , drop = FALSE] %*% B[, j], rows, A)
    PP <- crossprod(P); sum(diag(PP))^2 / sum(PP^2)
  })
  list(se = sqrt(diag(V))[slopes], df = df)
}

m <- lm(inv ~ value + capital + factor(firm) + factor(year), grunfeld)
hand <- cr2_by_hand(m, grunfeld$firm)
stopifnot(all.equal(unname(hand$se), coef_test(m, vcov = "CR2", cluster = grunfeld$firm, coefs = slopes)$SE))
emit_lm("grunfeld", m)
emit_cr1("grunfeld", m, grunfeld$firm, 2 + 19)
emit_cr2("grunfeld", m, grunfeld$firm)
emit_cr2("grunfeld_year", m, grunfeld$year)
p <- plm(inv ~ value + capital, grunfeld, index = c("firm", "year"), effect = "twoways")
stopifnot(all.equal(coef(p), coef(m)[slopes]))
t <- coef_test(p, vcov = "CR2", cluster = grunfeld$firm, test = "Satterthwaite")
stopifnot(all.equal(t$SE, coef_test(m, vcov = "CR2", cluster = grunfeld$firm, test = "Satterthwaite")$SE[slopes]))

two <- lm(scripts ~ detailing + lagged_scripts + factor(physician) + factor(month), effects)
emit_lm("two", two)
emit_cr1("two", two, effects$physician, 2 + length(unique(effects$month)) - 1)
emit_cr2("two", two, effects$physician)
# Physicians lie in districts, months do not.
emit_cr2("two_district", two, effects$district)
three <- lm(scripts ~ detailing + lagged_scripts + factor(physician) + factor(month) + factor(area), effects)
emit_lm("three", three)
emit_cr2("three", three, effects$physician)
weighted <- lm(scripts ~ detailing + lagged_scripts + factor(physician) + factor(month), effects, weights = w)
emit_lm("weighted", weighted)
hand <- cr2_by_hand(weighted, effects$physician)
emit("weighted.cr2", hand$se)
emit("weighted.cr2_df", hand$df)
within_rss <- function(m) {
  y <- residuals(lm(scripts ~ factor(physician) + factor(month), effects))
  1 - deviance(m) / sum(y^2)
}
emit("two.r_squared_within", within_rss(two))
share <- function(x) sum(residuals(lm(x ~ factor(physician) + factor(month), effects))^2) / sum((x - mean(x))^2)
emit("two.share", c(share(effects$detailing), share(effects$lagged_scripts)))

# Two-way clusters.
data("PetersenCL", package = "sandwich")
petersen <- lm(y ~ x, PetersenCL)
stopifnot(all.equal(unname(sqrt(diag(vcovCL(petersen, ~ firm + year, type = "HC1")))),
                    c(.0650639182, .05355802294), tolerance = 1e-8))
some <- PetersenCL[PetersenCL$firm <= 40, ]
emit_data("petersen", some)
petersen <- lm(y ~ x, some)
emit("petersen.two_way", sqrt(diag(vcovCL(petersen, ~ firm + year, type = "HC1"))))
m <- lm(scripts ~ detailing + lagged_scripts, effects)
v <- vcovCL(m, ~ district + month, type = "HC1", fix = TRUE)
emit("detailing.two_way", sqrt(diag(v)))
# A case whose V1 + V2 - V12 has a negative eigenvalue.
m <- lm(inv ~ value + capital, grunfeld)
g <- transform(grunfeld, a = year %% 2, b = (firm * year) %% 4)
emit_data("two_way", g)
v <- vcovCL(m, list(g$a, g$b), type = "HC1")
stopifnot(min(eigen(v)$values) < 0)
v <- vcovCL(m, list(g$a, g$b), type = "HC1", fix = TRUE)
emit("grunfeld.two_way_fixed", sqrt(pmax(diag(v), 0)))

# Newey-West.
m <- lm(mpg ~ wt + hp, mtcars)
emit("mtcars.nw3", sqrt(diag(NeweyWest(m, lag = 3, prewhite = FALSE, adjust = TRUE))))
emit("mtcars.nw_default", sqrt(diag(NeweyWest(m, lag = floor(4 * (32 / 100)^(2 / 9)), prewhite = FALSE, adjust = TRUE))))
nile <- data.frame(y = as.numeric(Nile), t = seq_along(Nile))
m <- lm(y ~ t, nile)
emit("nile.nw", sqrt(diag(NeweyWest(m, lag = floor(4 * (100 / 100)^(2 / 9)), prewhite = FALSE, adjust = TRUE))))
pool <- plm(inv ~ value + capital, grunfeld, index = c("firm", "year"), model = "pooling")
emit("grunfeld.nw2", sqrt(diag(vcovNW(pool, type = "HC0", maxlag = 2)) * 200 / (200 - 3)))
within <- plm(inv ~ value + capital, grunfeld, index = c("firm", "year"))
emit("grunfeld_within.nw2", sqrt(diag(vcovNW(within, type = "HC0", maxlag = 2)) * 200 / (200 - 12)))
# With gaps: pairs l periods apart, by hand.
m <- lm(scripts ~ detailing + lagged_scripts, effects)
X <- model.matrix(m); s <- X * residuals(m)
meat <- crossprod(s); L <- 3
for (i in seq_len(nrow(X))) for (j in seq_len(nrow(X))) {
  l <- effects$month[i] - effects$month[j]
  if (effects$physician[i] == effects$physician[j] && l >= 1 && l <= L)
    meat <- meat + (1 - l / (L + 1)) * (s[i, ] %o% s[j, ] + s[j, ] %o% s[i, ])
}
B <- solve(crossprod(X))
emit("gaps.nw3", sqrt(diag(B %*% meat %*% B) * nrow(X) / m$df.residual))

# Mundlak: within and between.
g <- transform(grunfeld, mv = ave(value, firm), mc = ave(capital, firm))
m <- lm(inv ~ value + capital + mv + mc, g)
t <- coef_test(m, vcov = "CR2", cluster = g$firm, test = "Satterthwaite")
emit("between.estimate", t$beta); emit("between.std_error", t$SE); emit("between.df", t$df_Satt)
d <- transform(effects, md = ave(detailing, physician), ml = ave(lagged_scripts, physician))
m <- lm(scripts ~ detailing + lagged_scripts + md + ml, d)
t <- coef_test(m, vcov = "CR2", cluster = d$physician, test = "Satterthwaite")
emit("between_visits.estimate", t$beta); emit("between_visits.std_error", t$SE); emit("between_visits.df", t$df_Satt)
within <- plm(scripts ~ detailing + lagged_scripts, effects, index = c("physician", "month"))
stopifnot(all.equal(unname(coef(m)[2:3]), unname(coef(within))))

# The wild cluster restricted bootstrap, by its definition: every pattern, everything fitted anew.
webb <- c(-sqrt(1.5), -1, -sqrt(.5), sqrt(.5), 1, sqrt(1.5))
wild_p <- function(y, X, D, cluster, j, beta, points) {
  Z <- cbind(X, D)
  q <- qr(Z); B <- chol2inv(qr.R(q)) # D has full rank
  k <- ncol(X); id <- match(cluster, unique(cluster)); G <- max(id)
  t_of <- function(y, beta) {
    b <- qr.coef(q, y); u <- y - Z %*% b
    s <- rowsum(Z * as.vector(u), id)
    (b[j] - beta) / sqrt((B %*% crossprod(s) %*% B)[j, j])
  }
  r <- lm.fit(Z[, -j, drop = FALSE], y - beta * Z[, j])
  fit <- y - r$residuals; u <- r$residuals
  v <- as.matrix(expand.grid(rep(list(points), G)))
  t0 <- t_of(y, beta)
  t <- apply(v, 1, function(w) t_of(fit + w[id] * u, beta))
  mean(abs(t) >= abs(t0) * (1 - 1e-10))
}
# 1,024 patterns of ten firms, firm effects.
X <- as.matrix(grunfeld[, c("value", "capital")]); D <- model.matrix(~ 0 + factor(firm), grunfeld)
emit("wild.grunfeld", c(wild_p(grunfeld$inv, X, D, grunfeld$firm, 1, 0, c(-1, 1)),
                        wild_p(grunfeld$inv, X, D, grunfeld$firm, 2, 0, c(-1, 1))))
emit("wild.grunfeld_other", wild_p(grunfeld$inv, X, D, grunfeld$firm, 1, 0.07, c(-1, 1)))
# Months are not nested in districts: the eight districts of the detailing part, firm and year effects.
X <- as.matrix(effects[, c("detailing", "lagged_scripts")])
D <- model.matrix(~ 0 + factor(physician) + factor(month), effects)
emit("wild.crossed", c(wild_p(effects$scripts, X, D, effects$district, 1, 0, c(-1, 1)),
                       wild_p(effects$scripts, X, D, effects$district, 1, 0.11, c(-1, 1)),
                       wild_p(effects$scripts, X, D, effects$district, 2, 0.3, c(-1, 1))))
# Webb's 1,296 patterns of four groups, no effects.
g4 <- effects$district %% 4
X <- cbind(1, X)
emit("wild.webb", c(wild_p(effects$scripts, X, NULL, g4, 1, 0, webb),
                    wild_p(effects$scripts, X, NULL, g4, 2, 0, webb),
                    wild_p(effects$scripts, X, NULL, g4, 3, 0.8, webb)))
emit_end()
