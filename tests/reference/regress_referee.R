# What a referee asks of a regression: the cluster jackknife, the result without its most influential
# cluster, Huber's estimates, profiles of likelihoods, Hausman's question with clustered errors,
# slopes of each unit, E-values. Each on two data sets or more.
source("tests/reference/emit.R")
suppressMessages({library(clubSandwich); library(MASS); library(plm); library(metafor)})
emit_start("regress_referee")
mtcars <- read.csv("tests/reference/data/mtcars.csv")
grunfeld <- read.csv("tests/reference/data/grunfeld.csv")
infert <- read.csv("tests/reference/data/infert.csv")
breaks <- read.csv("tests/reference/data/warpbreaks.csv")
quine <- read.csv("tests/reference/data/quine.csv")
chicks <- read.csv("tests/reference/data/chickweight.csv")
effects <- read.csv("tests/reference/data/effects.csv")
agree <- function(a, b, tolerance) stopifnot(max(abs(unlist(a) / unlist(b) - 1)) < tolerance)

# --- the cluster jackknife: by fitting G times, which is (G - 1) / G times clubSandwich's CR3
jackknife <- function(name, formula, data, cluster, keep, w = rep(1, nrow(data))) {
  data$w. <- w
  fit <- function(d) do.call(lm, list(formula, d, weights = d$w.))
  m <- fit(data); b <- coef(m)[keep]; groups <- unique(data[[cluster]]); G <- length(groups)
  d <- sapply(groups, function(g) coef(fit(data[data[[cluster]] != g, ]))[keep] - b)
  V <- (G - 1) / G * d %*% t(d)
  if (all(w == 1) && length(keep) == length(coef(m))) # else I - H of a cluster is singular
    agree(sqrt(diag(V)), sqrt((G - 1) / G * diag(vcovCR(m, data[[cluster]], "CR3"))[keep]), 1e-7)
  se <- sqrt(diag(V))
  emit(paste0(name, ".se"), se)
  emit(paste0(name, ".df"), G - 1)
  emit(paste0(name, ".p"), 2 * pt(-abs(b / se), G - 1))
  slopes <- names(b) != "(Intercept)"
  f <- drop(b[slopes] %*% solve(V[slopes, slopes], b[slopes])) / sum(slopes)
  emit(paste0(name, ".f"), c(f, pf(f, sum(slopes), G - 1, lower.tail = FALSE)))
}
jackknife("cr3_carb", mpg ~ wt + hp, mtcars, "carb", 1:3)
jackknife("cr3_firm", inv ~ value + capital + factor(firm), grunfeld, "firm", c("value", "capital"))
jackknife("cr3_both", inv ~ value + capital + factor(firm) + factor(year), grunfeld, "firm", c("value", "capital"))
jackknife("cr3_weighted", mpg ~ wt + hp, mtcars, "carb", 1:3, mtcars$qsec)

# --- without the most influential cluster: CR2 of the rows that stay
without <- function(name, formula, data, cluster, keep) {
  fit <- function(d) do.call(lm, list(formula, d))
  m <- fit(data); se <- coef_test(m, "CR2", cluster = data[[cluster]])$SE[keep]
  for (j in seq_along(keep)) {
    change <- sapply(unique(data[[cluster]]), function(g) coef(fit(data[data[[cluster]] != g, ]))[keep[j]] - coef(m)[keep[j]])
    g <- unique(data[[cluster]])[which.max(abs(change))]
    d <- data[data[[cluster]] != g, ]
    i <- conf_int(fit(d), "CR2", cluster = d[[cluster]], coefs = keep[j])
    emit(paste0(name, ".", j), c(g, max(abs(change)) / se[j], i$CI_L, i$CI_U))
  }
}
without("without_physician", scripts ~ detailing + lagged_scripts, effects, "physician", 2:3)
without("without_chick", weight ~ Time + I(Time^2), within(chicks, Chick <- as.integer(sub("c", "", Chick))), "Chick", 2:3)

# --- Huber
emit_huber <- function(name, formula, data) {
  m <- rlm(formula, data, maxit = 5000, acc = 1e-15)
  s <- summary(m)
  emit(paste0(name, ".coef"), coef(m))
  emit(paste0(name, ".se"), s$coefficients[, 2])
  emit(paste0(name, ".vcov"), s$cov.unscaled * s$stddev^2)
  emit(paste0(name, ".scale"), m$s)
  emit(paste0(name, ".weight"), m$w)
  m
}
m <- emit_huber("huber_stackloss", loss ~ air + water + acid, read.csv("tests/reference/data/stackloss.csv"))
agree(coef(m), c(-41.02653105, .8293738689, .9261081841, -.1278491603), 1e-4)
m <- emit_huber("huber_mtcars", mpg ~ wt + hp, mtcars)
m <- emit_huber("huber_cravens", sales ~ time + share + good + large, read.csv("tests/reference/data/cravens_rows.csv"))

# --- profiles: where twice the loss of log likelihood is the chi-squared quantile
precise <- glm.control(epsilon = 1e-15, maxit = 200)
profile_of <- function(name, y, X, fit, loglik, level = 0.95) {
  best <- fit(X, rep(0, length(y))); top <- loglik(best)
  for (j in seq_len(ncol(X))) {
    b <- coef(best)[[j]]; se <- sqrt(vcov(best)[j, j]); q <- qnorm(1 - (1 - level) / 2)
    root <- function(at) sqrt(max(0, 2 * (top - loglik(fit(X[, -j, drop = FALSE], at * X[, j])))))
    end <- function(side) uniroot(function(at) root(at) - q, sort(b + side * se * q * c(0.2, 4)),
                                  tol = 1e-13 * max(1, abs(b)), extendInt = if (side < 0) "downX" else "upX")$root
    z <- sign(b) * root(0)
    emit(paste0(name, "[", j, "]"), c(z, 2 * pnorm(-abs(z)), end(-1), end(1)))
  }
}
loglik_of <- function(m) as.numeric(logLik(m))
logit <- function(y) function(X, o) glm(y ~ X - 1 + offset(o), binomial, control = precise)
poisson_of <- function(y) function(X, o) glm(y ~ X - 1 + offset(o), poisson, control = precise)
negbin <- function(y) function(X, o) glm.nb(y ~ X - 1 + offset(o), control = glm.control(epsilon = 1e-14, maxit = 500))
X <- model.matrix(~ spontaneous + age, infert)
profile_of("profile_infert", infert$case, X, logit(infert$case), loglik_of)
r <- suppressMessages(confint(glm(case ~ spontaneous + age, binomial, infert)))
print(r) # MASS interpolates: about four digits
am <- read.csv("tests/reference/data/mtcars_am.csv")
mtcars$manual <- datasets::mtcars$am
profile_of("profile_cars", mtcars$manual, model.matrix(~ wt, mtcars), logit(mtcars$manual), loglik_of, 0.9)
profile_of("profile_breaks", breaks$breaks, model.matrix(~ B + M + H, breaks), poisson_of(breaks$breaks), loglik_of)
profile_of("profile_quine", quine$days, model.matrix(~ male + slow, quine), negbin(quine$days), loglik_of)

# --- Hausman's question by Mundlak's regression: are all means' slopes 0?
hausman <- function(name, formula, data, unit, terms) {
  for (x in terms) data[[paste0("mean_", x)]] <- ave(data[[x]], data[[unit]])
  m <- do.call(lm, list(update(formula, reformulate(c(".", paste0("mean_", terms)))), data))
  means <- grep("^mean_", names(coef(m)))
  w <- Wald_test(m, constrain_zero(means), "CR2", cluster = data[[unit]], test = "Naive-F")
  emit(paste0(name, ".cr2"), c(w$Fstat, w$df_num, w$df_denom, w$p_val))
  V <- vcov(m)[means, means]; b <- coef(m)[means]
  f <- drop(b %*% solve(V, b)) / length(b)
  emit(paste0(name, ".classical"), c(f, length(b), m$df.residual, pf(f, length(b), m$df.residual, lower.tail = FALSE)))
}
hausman("hausman_grunfeld", inv ~ value + capital, grunfeld, "firm", c("value", "capital"))
hausman("hausman_effects", scripts ~ detailing + lagged_scripts, effects, "physician", c("detailing", "lagged_scripts"))
panel <- pdata.frame(grunfeld, index = c("firm", "year"))
h <- phtest(plm(inv ~ value + capital, panel, model = "within"), plm(inv ~ value + capital, panel, model = "random"))
agree(c(h$statistic, h$p.value), c(2.330366894, .3118654461), 1e-9)
emit("hausman_classic", c(h$statistic, h$parameter, h$p.value))

# --- slopes of each unit, and what empirical Bayes makes of them (Paule and Mandel, Morris)
slopes <- function(name, formula, data, unit, level = 0.95) {
  fits <- lapply(split(data, data[[unit]])[unique(as.character(data[[unit]]))], function(d) lm(formula, d))
  for (j in 2:length(coef(fits[[1]]))) {
    y <- sapply(fits, function(m) coef(m)[[j]]); v <- sapply(fits, function(m) vcov(m)[j, j])
    k <- length(y); r <- rma(y, v, method = "PM", control = list(tol = 1e-14, maxiter = 10000, threshold = 1e-14))
    tau2 <- r$tau2; w <- 1 / (v + tau2); mu <- sum(w * y) / sum(w); vbar <- sum(w * v) / sum(w)
    B <- if (tau2 == 0) rep(1, k) else (k - 3) / (k - 1) * v / (v + tau2)
    sd <- sqrt(v * (1 - B) + B^2 / sum(w) + 2 / (k - 3) * B^2 * (vbar + tau2) / (v + tau2) * (y - mu)^2)
    e <- (1 - B) * y + B * mu; q <- qnorm(1 - (1 - level) / 2)
    at <- paste0(name, ".", j - 1)
    emit(paste0(at, ".own"), y); emit(paste0(at, ".se"), sqrt(v)); emit(paste0(at, ".estimate"), e)
    emit(paste0(at, ".conf_low"), e - q * sd); emit(paste0(at, ".conf_high"), e + q * sd)
    emit(paste0(at, ".mean"), mu); emit(paste0(at, ".sd"), sqrt(tau2))
    emit(paste0(at, ".p"), pchisq(sum((y - sum(y / v) / sum(1 / v))^2 / v), k - 1, lower.tail = FALSE))
  }
}
slopes("slopes_firm", inv ~ value + capital, grunfeld, "firm")
slopes("slopes_chick", weight ~ Time, subset(chicks, !Chick %in% names(which(table(Chick) < 3))), "Chick")

# --- E-values (VanderWeele and Ding 2017): of ratios of risks, odds, and standardised differences
e_of <- function(rr) { rr <- ifelse(rr < 1, 1 / rr, rr); rr + sqrt(rr * (rr - 1)) }
emit("e_value.ratios", e_of(c(3.9, 0.5, 1, 1.02)))
emit_end()
