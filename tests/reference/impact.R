# Differences in differences, event studies, staggered starts and interrupted series: stats, sandwich
# and clubSandwich where they have them, else the formulas written out. Known values of R's fixtures
# are checked on the way.
suppressPackageStartupMessages({library(sandwich); library(clubSandwich)})
source("tests/reference/emit.R")
options(warn = 1)

# --- data -----------------------------------------------------------------------------------------
# 20 reps in 12 periods, 8 start in period 4, 6 in period 8, 6 never; 2 more in each period after.
steps <- expand.grid(i = 1:20, t = 1:12)
steps$g <- ifelse(steps$i <= 8, 4, ifelse(steps$i <= 14, 8, Inf))
steps$y <- 10 + steps$i * .5 + steps$t * .3 + ((steps$i * 7 + steps$t * 5) %% 11 - 5) / 5 +
  ifelse(steps$t >= steps$g, 2 * (steps$t - steps$g + 1), 0)
emit_data("rollout_steps", with(steps[order(steps$i, steps$t), ], data.frame(
  rep = sprintf("R%02d", i), period = t, first = ifelse(is.finite(g), g, ""),
  treated = as.integer(g == 4), y = number17(y))))
chick <- data.frame(chick = as.integer(as.character(ChickWeight$Chick)), day = ChickWeight$Time,
                    diet = as.integer(as.character(ChickWeight$Diet)), weight = ChickWeight$weight)
emit_data("chick_weight", chick)
belts <- as.data.frame(Seatbelts)
belts$t <- 1:192
belts$month <- sprintf("%d-%02d", 1969 + (belts$t - 1) %/% 12, (belts$t - 1) %% 12 + 1)
belts$y <- log(belts$drivers); belts$c <- log(belts$rear)
emit_data("seatbelts", data.frame(month = belts$month, drivers = belts$drivers,
  log_drivers = number17(belts$y), log_rear = number17(belts$c), law = belts$law))
invisible(file.copy("tests/reference/data/seatbelts.csv", "datasets/seatbelts.csv", overwrite = TRUE))
grunfeld <- read.csv("tests/reference/data/grunfeld.csv")
gaps <- read.csv("tests/reference/data/grunfeld_gaps.csv")
emit_start("impact")

# --- collapsed ------------------------------------------------------------------------------------
collapse <- function(y, unit, treated, after) {
  m <- tapply(y, list(unit, after), mean)
  m <- m[!is.na(m[, 1]) & !is.na(m[, 2]), , drop = FALSE]
  tr <- tapply(treated, unit, function(x) x[1])[rownames(m)]
  data.frame(before = m[, 1], after = m[, 2], change = m[, 2] - m[, 1], treated = as.logical(tr))
}
fieller <- function(a, b, va, vb, v, t) {
  p <- b^2 - t^2 * vb; q <- a * b - t^2 * v; r <- a^2 - t^2 * va
  c(a / b, (q - sqrt(q^2 - p * r)) / p, (q + sqrt(q^2 - p * r)) / p)
}
# How base and estimate vary together: each group's own covariance matrix of (before, change), or the
# pooled one, which is that of both regressions on the group.
base_and_estimate <- function(d, welch) {
  if (!welch) {
    V <- vcov(lm(cbind(before, change) ~ treated, d)) # before: 1, treated; change: 1, treated
    L <- rbind(base = c(1, 1, 1, 0), estimate = c(0, 0, 0, 1))
    return(L %*% V %*% t(L))
  }
  S <- lapply(split(d[c("before", "change")], d$treated), function(x) cov(x) / nrow(x))
  t <- rbind(c(1, 0), c(0, 1)); c <- rbind(c(0, 1), c(0, -1)) # what base and estimate take of each
  t %*% S$`TRUE` %*% t(t) + c %*% S$`FALSE` %*% t(c)
}
collapsed <- function(d, conf = 0.95) {
  T <- d[d$treated, ]; C <- d[!d$treated, ]
  welch <- nrow(T) >= 10 && nrow(C) >= 10
  h <- t.test(T$change, C$change, var.equal = !welch, conf.level = conf)
  b <- mean(T$change) - mean(C$change)
  base <- mean(T$before) + mean(C$change)
  V <- base_and_estimate(d, welch); t <- qt((1 + conf) / 2, h$parameter)
  rel <- fieller(b, base, V[2, 2], V[1, 1], V[1, 2], t)
  # the ends are the ratios that just do not differ from what was seen
  at <- function(r) (b - r * base) / sqrt(sum(c(-r, 1) * (V %*% c(-r, 1))))
  stopifnot(abs(h$stderr^2 / V[2, 2] - 1) < 1e-12, det(V) >= 0, rel[2] < rel[1], rel[1] < rel[3],
            abs(at(rel[2]) - t) < 1e-8, abs(at(rel[3]) + t) < 1e-8)
  c(b, h$stderr, h$statistic, h$parameter, h$p.value, h$conf.int, base, rel)
}
permuted <- function(d, Z = NULL) {
  y <- d$change; n <- nrow(d); m <- sum(d$treated)
  t_of <- function(tr) abs(summary(if (is.null(Z)) lm(y ~ tr) else lm(y ~ tr + Z))$coef[2, 3])
  seen <- t_of(as.numeric(d$treated))
  all <- combn(n, m, function(k) t_of(as.numeric(seq_len(n) %in% k)))
  c(mean(all >= seen * (1 - 1e-10)), length(all))
}
two <- subset(steps, is.infinite(g) | g == 4)
d3 <- collapse(two$y, two$i, two$g == 4, two$t >= 4)
emit("steps.collapsed", v <- collapsed(d3))
stopifnot(abs(v[1] - 9.989814815) < 1e-9)
w <- t.test(d3$change[d3$treated], d3$change[!d3$treated])
stopifnot(abs(w$statistic - 50.25637572) < 1e-7, abs(w$parameter - 10.92519483) < 1e-7)
emit("steps.permutation", permuted(d3))
c13 <- subset(chick, diet %in% c(1, 3)); c13$treated <- c13$diet == 3; c13$after <- c13$day >= 10
d13 <- collapse(c13$weight, c13$chick, c13$treated, c13$after)
emit("chick.collapsed", collapsed(d13, 0.9))
emit("chick.units", c(sum(d13$treated), sum(!d13$treated)))
G <- grunfeld; names(G) <- tolower(names(G)); G$treated <- G$firm <= 4; G$after <- G$year >= 1945
dg <- collapse(G$inv, G$firm, G$treated, G$after)
emit("grunfeld.collapsed", collapsed(dg))
emit("grunfeld.permutation", permuted(dg))
# Few units, whose variances differ most where they are pooled; before and change go together.
d8 <- data.frame(before = c(74, 32, 104, 102, 94, 61, 102, 31), after = c(76, 35, 103, 102, 48, 45, 70, 26),
                 treated = rep(c(FALSE, TRUE), each = 4))
d8$change <- d8$after - d8$before
emit_data("did_eight", data.frame(rep = rep(c(paste0("c", 1:4), paste0("t", 1:4)), each = 2), t = 1:2,
                                  tr = rep(as.integer(d8$treated), each = 2), y = as.vector(rbind(d8$before, d8$after))))
emit("eight.collapsed", collapsed(d8))
emit("eight.collapsed_80", collapsed(d8[-(7:8), ], 0.8))
zg <- collapse(G$value, G$firm, G$treated, G$after)$before
emit("grunfeld.permutation_z", permuted(dg, zg))
adjusted <- function(m, treated, after) {
  s <- summary(m); b <- coef(m)[2]; V <- vcov(m); t <- qt(.975, m$df.residual)
  X <- model.matrix(m); a <- colMeans(X[treated, ]); a[2] <- 0
  base <- mean(after[treated]) - b
  c(s$coef[2, 1], s$coef[2, 2], s$coef[2, 3], m$df.residual, s$coef[2, 4], confint(m)[2, ], base,
    fieller(b, base, V[2, 2], sum(a * (V %*% a)), sum(V[2, ] * a), t))
}
emit("grunfeld.adjusted", adjusted(lm(change ~ treated + zg, dg), dg$treated, dg$after))
emit("chick.ancova", adjusted(lm(after ~ treated + before, d13), d13$treated, d13$after))

# --- two-way fixed effects and event studies --------------------------------------------------------
cr2 <- function(formula, data, unit, keep) {
  m <- lm(formula, data); V <- vcovCR(m, cluster = data[[unit]], type = "CR2")
  k <- grep(keep, names(coef(m))); k <- k[!is.na(coef(m)[k])]
  t <- coef_test(m, vcov = V, test = "Satterthwaite")
  t <- t[match(names(coef(m))[k], rownames(t)), ]
  list(m = m, V = V, b = t$beta, se = t$SE, df = if (is.null(t$df)) t$df_Satt else t$df, k = k)
}
two$D <- as.numeric(two$g == 4 & two$t >= 4)
f <- cr2(y ~ D + factor(i) + factor(t), two, "i", "^D$")
stopifnot(abs(f$b - 9.989814815) < 1e-9)
emit("steps.twfe", c(f$b, f$se, f$df))
c13$D <- as.numeric(c13$treated & c13$after)
f <- cr2(weight ~ D + factor(chick) + factor(day), c13, "chick", "^D$")
emit("chick.twfe", c(f$b, f$se, f$df))
# leads and lags, -1 the base, ends binned to [-3, 4]
events <- function(treated, e, low, high, base = -1) {
  e <- pmin(pmax(e, low), high); u <- setdiff(low:high, base)
  X <- sapply(u, function(k) as.numeric(treated & e == k)); colnames(X) <- paste0("e", u); X
}
E <- events(two$g == 4, two$t - 4, -3, 4)
f <- cr2(y ~ E + factor(i) + factor(t), two, "i", "^Ee")
emit("steps.event.b", f$b); emit("steps.event.se", f$se); emit("steps.event.df", f$df)
lead <- function(f, n) {
  w <- Wald_test(f$m, constraints = constrain_zero(f$k[1:n]), vcov = f$V, test = "HTZ")
  c(w$Fstat, if (is.null(w$df_num)) n else w$df_num, w$df_denom, w$p_val)
}
emit("steps.event.pre", lead(f, 2))
emit("steps.event.vcov", as.matrix(f$V)[f$k, f$k])
if (requireNamespace("mvtnorm", quietly = TRUE)) {
  set.seed(1)
  emit("steps.event.sup_t", mvtnorm::qmvt(0.95, tail = "both.tails", df = round(min(f$df)),
    corr = cov2cor(as.matrix(f$V)[f$k, f$k]), algorithm = mvtnorm::GenzBretz(abseps = 1e-5, maxpts = 1e6))$quantile)
  emit("steps.event.sup_t_df", min(f$df))
}
e13 <- match(c13$day, sort(unique(c13$day))) - match(10, sort(unique(c13$day)))
E <- events(c13$treated, e13, -5, 6)
f <- cr2(weight ~ E + factor(chick) + factor(day), c13, "chick", "^Ee")
emit("chick.event.b", f$b); emit("chick.event.se", f$se); emit("chick.event.df", f$df)

# --- Callaway and Sant'Anna -----------------------------------------------------------------------
cs <- function(Y, first, times, not_yet) {
  cells <- NULL
  for (g in sort(unique(first[is.finite(first)]))) for (t in seq_along(times)) {
    b <- g - 1; if (t == b) next
    seen <- !is.na(Y[, t]) & !is.na(Y[, b])
    A <- first == g & seen
    C <- (if (not_yet) is.infinite(first) | (first > max(t, b) & first != g) else is.infinite(first)) & seen
    if (!any(A) || !any(C)) next
    d <- Y[, t] - Y[, b]; psi <- numeric(nrow(Y))
    psi[A] <- (d[A] - mean(d[A])) / sum(A); psi[C] <- -(d[C] - mean(d[C])) / sum(C)
    cells <- rbind(cells, data.frame(g = g, t = t, e = times[t] - times[g], n = sum(first == g),
      att = mean(d[A]) - mean(d[C]), I(matrix(psi, 1))))
  }
  names(cells)[6] <- "psi"; cells
}
agg <- function(cells, w) { w <- w / sum(w); c(sum(w * cells$att), sqrt(sum(colSums(w * unclass(cells$psi))^2))) }
staggered <- function(name, Y, first, times, not_yet) {
  x <- cs(Y, first, times, not_yet); post <- x[x$e >= 0, ]
  emit(paste0(name, ".att"), x$att); emit(paste0(name, ".se"), sqrt(rowSums(unclass(x$psi)^2)))
  emit(paste0(name, ".simple"), agg(post, post$n))
  emit(paste0(name, ".dynamic"), agg(post, post$n / ave(post$n, post$e, FUN = sum)))
  for (g in unique(post$g)) { z <- post[post$g == g, ]; emit(paste0(name, ".group_", times[g]), agg(z, rep(1, nrow(z)))) }
  for (t in sort(unique(post$t))) { z <- post[post$t == t, ]; emit(paste0(name, ".calendar_", times[t]), agg(z, z$n)) }
  for (e in sort(unique(x$e))) { z <- x[x$e == e, ]; emit(paste0(name, ".event_", e), agg(z, z$n)) }
  post
}
Y <- matrix(0, 20, 12); Y[cbind(steps$i, steps$t)] <- steps$y
first <- ifelse(1:20 <= 8, 4, ifelse(1:20 <= 14, 8, Inf))
p <- staggered("steps.never", Y, first, 1:12, FALSE)
stopifnot(abs(agg(p, p$n)[1] - 8.859477124) < 1e-9, abs(p$att[1] - 2) < 1e-12,
          abs(sqrt(sum(unclass(p$psi)[1, ]^2)) - .5940678974) < 1e-9)
p <- staggered("steps.not_yet", Y, first, 1:12, TRUE)
stopifnot(abs(agg(p, p$n)[1] - 8.816339869) < 1e-9, abs(p$att[1] - 1.816666667) < 1e-9)
steps$D <- as.numeric(steps$t >= steps$g)
emit("steps.twfe_all", tw <- coef(lm(y ~ D + factor(i) + factor(t), steps))["D"])
stopifnot(abs(tw - 5.044770283) < 1e-9)
H <- gaps; names(H) <- tolower(names(H)); years <- sort(unique(H$year)); firms <- unique(H$firm)
Y <- matrix(NA_real_, length(firms), length(years)); Y[cbind(match(H$firm, firms), match(H$year, years))] <- H$inv
first <- ifelse(firms <= 3, match(1941, years), ifelse(firms <= 6, match(1947, years), Inf))
invisible(staggered("gaps.never", Y, first, years, FALSE))
invisible(staggered("gaps.not_yet", Y, first, years, TRUE))

# --- interrupted series ----------------------------------------------------------------------------
pw <- function(X, y, slot = seq_along(y)) {
  n <- nrow(X); k <- ncol(X); pair <- c(FALSE, diff(slot) == 1); rho <- 0; b <- qr.coef(qr(X), y)
  for (it in 1:2000) {
    e <- as.vector(y - X %*% b); i <- which(pair)
    new <- sum(e[i] * e[i - 1]) / sum(e[i - 1]^2)
    done <- abs(new - rho) < 1e-15; rho <- new
    f <- sqrt(1 - rho^2); Z <- f * X; Y <- f * y
    Z[i, ] <- X[i, ] - rho * X[i - 1, ]; Y[i] <- y[i] - rho * y[i - 1]
    l <- lm.fit(Z, Y); b <- l$coef
    if (done) break
  }
  s2 <- sum(l$residuals^2) / (n - k); V <- s2 * solve(crossprod(Z))
  list(b = as.vector(b), se = sqrt(diag(V)), V = V, rho = rho, sigma = sqrt(s2))
}
both <- function(name, X, y, lag, slot = seq_along(y)) {
  p <- pw(X, y, slot)
  emit(paste0(name, ".pw.b"), p$b); emit(paste0(name, ".pw.se"), p$se)
  emit(paste0(name, ".pw.rho"), c(p$rho, p$sigma))
  m <- lm(y ~ X - 1)
  emit(paste0(name, ".ols.b"), coef(m)); emit(paste0(name, ".ols.se"), sqrt(diag(vcov(m))))
  if (identical(slot, seq_along(y)))
    emit(paste0(name, ".nw.se"), sqrt(diag(NeweyWest(m, lag = lag, prewhite = FALSE, adjust = TRUE))))
  p
}
# The parametrisation of Wagner and Bernal: the slope counts from the last period before.
s <- belts; w <- 2 * pi * s$t / 12
old <- cbind(1, s$t, s$law, s$law * (s$t - 169), cos(w), sin(w), cos(2 * w), sin(2 * w))
p <- both("belts_old", old, s$y, 4)
stopifnot(abs(p$rho - .3433096053) < 1e-9, abs(p$b[3] + .2490056019) < 1e-9, abs(p$se[3] - .05747815225) < 1e-9)
# The tool's: level_change is the jump in the first period after.
new <- old; new[, 4] <- s$law * (s$t - 170)
p <- both("belts", new, s$y, 4)
stopifnot(abs(p$b[3] - p$b[4] + .2490056019) < 1e-9)
months <- cbind(1, s$t, s$law, s$law * (s$t - 170), sapply(1:11, function(k) as.numeric((s$t - 1) %% 12 == k)))
p <- both("belts_months", months, s$y, 4)
average <- c(0, 0, 1, mean(0:22), rep(0, 11))
emit("belts_months.average", c(sum(average * p$b), sqrt(sum(average * (p$V %*% average)))))
invisible(both("belts_control", months, s$y - s$c, 4))
gone <- c(5, 60, 61, 180)
invisible(both("belts_gaps", new[-gone, ], s$y[-gone], 4, s$t[-gone]))
flow <- as.numeric(Nile); t <- 1:100; D <- as.numeric(t >= 29)
invisible(both("nile", cbind(1, t, D, D * (t - 29)), flow, 3))
emit_end()
