# The tables of rep-regress beside coef and fit: lm, lmtest, clubSandwich, and by hand.
source("tests/reference/emit.R")
suppressMessages({library(lmtest); library(sandwich); library(clubSandwich); library(splines)})
emit_start("regress_tables")
mtcars <- read.csv("tests/reference/data/mtcars.csv")
longley <- read.csv("tests/reference/data/longley.csv")
grunfeld <- read.csv("tests/reference/data/grunfeld.csv")
detailing <- read.csv("datasets/detailing.csv")
y_of <- function(m) model.response(model.frame(m))

# --- tests
jarque_bera <- function(e) {
  n <- length(e); d <- e - mean(e); v <- mean(d^2)
  s <- n * ((mean(d^3) / v^1.5)^2 / 6 + (mean(d^4) / v^2 - 3)^2 / 24)
  c(s, 2, pchisq(s, 2, lower.tail = FALSE))
}
emit_tests <- function(name, m, formula = NULL, dw = TRUE) {
  b <- if (is.null(formula)) bptest(m) else bptest(m, formula, data = grunfeld)
  emit(paste0(name, ".breusch-pagan"), c(b$statistic, b$parameter, b$p.value))
  r <- resettest(m, power = 2:3)
  emit(paste0(name, ".reset"), c(r$statistic, r$parameter[1], r$p.value))
  emit(paste0(name, ".jarque-bera"), jarque_bera(resid(m)))
  if (dw) {
    d <- dwtest(m, alternative = "two.sided")
    emit(paste0(name, ".durbin-watson"), c(d$statistic, NA, d$p.value))
  }
  g <- bgtest(m)
  emit(paste0(name, ".breusch-godfrey"), c(g$statistic, g$parameter, g$p.value))
}
emit_tests("mtcars", lm(mpg ~ wt + hp, mtcars))
emit_tests("longley", lm(Employed ~ GNP + Armed.Forces, longley))
emit_tests("grunfeld", lm(inv ~ value + capital, grunfeld))
emit_tests("firms", lm(inv ~ value + capital + factor(firm), grunfeld), ~ value + capital)
emit_tests("years", lm(inv ~ value + capital + factor(year), grunfeld), ~ value + capital)

# Within firms by year, leaving out rows 5, 6 and 47 (gaps): neighbours are a year apart and of one
# firm. The exact and the approximate p of d by the matrices themselves.
chained <- function(name, m, data, exact) {
  n <- nrow(data); X <- model.matrix(m)
  before <- match(paste(data$firm, data$year - 1), paste(data$firm, data$year))
  A <- matrix(0, n, n)
  for (i in seq_len(n)) if (!is.na(before[i])) {
    j <- before[i]
    A[i, i] <- A[i, i] + 1; A[j, j] <- A[j, j] + 1; A[i, j] <- A[i, j] - 1; A[j, i] <- A[j, i] - 1
  }
  e <- resid(m); d <- sum(e * (A %*% e)) / sum(e^2)
  M <- diag(n) - qr.Q(qr(X)) %*% t(qr.Q(qr(X)))
  k <- qr(X)$rank
  if (exact) {
    lambda <- eigen(M %*% A %*% M - d * M, symmetric = TRUE, only.values = TRUE)$values
    f <- function(u) sapply(u, function(v) sin(0.5 * sum(atan(lambda * v))) / (v * prod((1 + lambda^2 * v^2)^0.25)))
    below <- 0.5 - integrate(f, 1e-12, Inf, rel.tol = 1e-11, abs.tol = 1e-12, subdivisions = 2000)$value / pi
    p <- 2 * min(below, 1 - below)
  } else {
    MA <- M %*% A
    P <- sum(diag(MA)); Q <- sum(diag(MA %*% MA))
    mean <- P / (n - k); var <- 2 / ((n - k) * (n - k + 2)) * (Q - P * mean)
    p <- 2 * pnorm(-abs((d - mean) / sqrt(var)))
  }
  emit(paste0(name, ".durbin-watson"), c(d, NA, p))
  lagged <- ifelse(is.na(before), 0, e[before])
  aux <- lm.fit(cbind(X, lagged), e)
  g <- n * sum(aux$fitted.values^2) / sum(e^2)
  emit(paste0(name, ".breusch-godfrey"), c(g, 1, pchisq(g, 1, lower.tail = FALSE)))
}
gaps <- grunfeld[-c(5, 6, 47), ]
emit_data("grunfeld_holes", gaps)
chained("chain", lm(inv ~ value + capital, gaps), gaps, FALSE)
chained("chain_firms", lm(inv ~ value + capital + factor(firm), gaps), gaps, FALSE)
chained("chain_years", lm(inv ~ value + capital + factor(year), gaps), gaps, FALSE)
few <- gaps[gaps$firm <= 4, ]
emit_data("grunfeld_holes_few", few)
chained("chain_few", lm(inv ~ value + capital + factor(firm), few), few, TRUE)
both <- lm(inv ~ value + capital + factor(firm) + factor(year), few)
chained("chain_both", both, few, TRUE)

# --- rows
emit_rows <- function(name, m) {
  emit(paste0(name, ".fitted"), fitted(m))
  emit(paste0(name, ".std_residual"), rstandard(m))
  emit(paste0(name, ".hat"), hatvalues(m))
  emit(paste0(name, ".cooks_d"), cooks.distance(m))
}
emit_rows("rows_mtcars", lm(mpg ~ wt + hp, mtcars))
emit_rows("rows_weighted", lm(mpg ~ wt + factor(cyl), mtcars, weights = qsec))
emit_rows("rows_firms", lm(inv ~ value + capital + factor(firm), grunfeld))

# --- influence
emit_influence <- function(name, formula, data, cluster, keep) {
  for (g in unique(data[[cluster]]))
    emit(paste0(name, ".", g), coef(lm(formula, data[data[[cluster]] != g, ]))[keep])
}
emit_influence("influence_carb", mpg ~ wt + hp, mtcars, "carb", 1:3)
emit_influence("influence_firm", inv ~ value + capital + factor(firm), grunfeld, "firm", 2:3)
emit_influence("influence_year", inv ~ value + capital + factor(firm), grunfeld, "year", 2:3)

# --- importance: all orders, one after the other
orders <- function(x) if (length(x) < 2) list(x) else
  unlist(lapply(seq_along(x), function(i) lapply(orders(x[-i]), function(o) c(x[i], o))), FALSE)
emit_importance <- function(name, response, terms, data, weights = NULL) {
  r2 <- function(set) if (!length(set)) 0 else summary(do.call(lm, list(reformulate(set, response), data, weights = weights)))$r.squared
  all <- orders(seq_along(terms)); lmg <- numeric(length(terms))
  for (o in all) for (i in seq_along(o))
    lmg[o[i]] <- lmg[o[i]] + (r2(terms[o[seq_len(i)]]) - r2(terms[o[seq_len(i - 1)]])) / length(all)
  emit(paste0(name, ".lmg"), lmg)
  emit(paste0(name, ".share"), lmg / sum(lmg))
}
emit_importance("importance_mtcars", "mpg", c("wt", "hp", "qsec", "drat"), mtcars)
emit_importance("importance_factor", "mpg", c("wt", "factor(cyl)", "hp"), mtcars, mtcars$qsec)
within <- data.frame(lapply(grunfeld[c("inv", "value", "capital")], function(x) x - ave(x, grunfeld$firm)))
emit_importance("importance_firms", "inv", c("value", "capital"), within)

# --- margins: the gradient of the average effect, by hand
emit_margin <- function(name, m, G, V, df) {
  est <- sum(G * coef(m)); se <- sqrt(drop(t(G) %*% V %*% G))
  emit(name, c(est, se, df, 2 * pt(-abs(est / se), df)))
}
m <- lm(mpg ~ wt * hp + I(wt^2) + log(hp) + factor(cyl), mtcars)
G_wt <- with(mtcars, c(0, 1, 0, 2 * mean(wt), 0, 0, 0, mean(hp)))
G_hp <- with(mtcars, c(0, 0, 1, 0, mean(1 / hp), 0, 0, mean(wt)))
stopifnot(names(coef(m))[c(2:5, 8)] == c("wt", "hp", "I(wt^2)", "log(hp)", "wt:hp"))
for (V in list(list("classical", vcov(m)), list("hc3", vcovHC(m, type = "HC3")))) {
  emit_margin(paste0("margins_", V[[1]], ".wt"), m, G_wt, V[[2]], m$df.residual)
  emit_margin(paste0("margins_", V[[1]], ".hp"), m, G_hp, V[[2]], m$df.residual)
  emit_margin(paste0("margins_", V[[1]], ".factor(cyl)6"), m, as.numeric(names(coef(m)) == "factor(cyl)6"), V[[2]], m$df.residual)
}
# A factor in an interaction; Satterthwaite's df of a combination.
mtcars$gear_text <- paste0("g", mtcars$gear)
emit_data("mtcars_gear", mtcars[c("mpg", "wt", "gear_text", "carb")])
m <- lm(mpg ~ wt * gear_text, mtcars)
G <- as.numeric(names(coef(m)) == "gear_textg4") + mean(mtcars$wt) * (names(coef(m)) == "wt:gear_textg4")
G_wt <- c(0, 1, 0, 0, mean(mtcars$gear == 4), mean(mtcars$gear == 5))
cr2 <- vcovCR(m, cluster = mtcars$carb, type = "CR2")
for (g in list(list("gear_textg4", G), list("wt", G_wt))) {
  w <- linear_contrast(m, cr2, contrasts = matrix(g[[2]], 1), test = "Satterthwaite")
  emit(paste0("margins_cr2.", g[[1]]), c(w$Est, w$SE, w$df, 2 * pt(-abs(w$Est / w$SE), w$df)))
}
# Curves: derivatives of the bases by differences of fourth order.
slope <- function(m, data, x, h = 1e-3) {
  at <- function(d) { data[[x]] <- data[[x]] + d; model.matrix(delete.response(terms(m)), model.frame(delete.response(terms(m)), data)) }
  colMeans((8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h))
}
m <- lm(mpg ~ poly(wt, 3) + ns(hp, df = 3), mtcars)
emit_margin("margins_curves.wt", m, slope(m, mtcars, "wt"), vcov(m), m$df.residual)
emit_margin("margins_curves.hp", m, slope(m, mtcars, "hp"), vcov(m), m$df.residual)
# With a fixed effect.
out <- function(x) x - ave(x, detailing$physician)
d <- with(detailing, data.frame(y = out(scripts), a = out(detailing), b = out(detailing^2)))
m <- lm(y ~ a + b - 1, d)
cr1 <- vcovCL(m, detailing$physician, type = "HC0", cadjust = TRUE) * (nrow(d) - 1) / (nrow(d) - 2)
emit_margin("margins_effect.detailing", m, c(1, 2 * mean(detailing$detailing)), cr1, length(unique(detailing$physician)) - 1)

# --- predictions
emit_predictions <- function(name, m, new) {
  c <- predict(m, new, interval = "confidence"); p <- predict(m, new, interval = "prediction")
  emit(paste0(name, ".fitted"), c[, 1])
  emit(paste0(name, ".conf_low"), c[, 2]); emit(paste0(name, ".conf_high"), c[, 3])
  emit(paste0(name, ".pred_low"), p[, 2]); emit(paste0(name, ".pred_high"), p[, 3])
}
new <- data.frame(wt = c(2, 3.3, 9), hp = c(60, 150, 400), cyl = c(4, 6, 8))
write.csv(new, "tests/reference/data/predict_cars.csv", row.names = FALSE, quote = FALSE)
emit_predictions("predict_plain", lm(mpg ~ wt + hp, mtcars), new)
emit_predictions("predict_curves", lm(log(mpg) ~ poly(wt, 2) * factor(cyl) + ns(hp, df = 3), mtcars), new)
firms <- data.frame(firm = c(1, 10, 4), year = c(1940, 1935, 1954), value = c(1000, 50, 9000), capital = c(100, 2, 3))
write.csv(firms, "tests/reference/data/predict_firms.csv", row.names = FALSE, quote = FALSE)
emit_predictions("predict_firms", lm(inv ~ value + capital + factor(firm), grunfeld), firms)
emit_predictions("predict_both", lm(inv ~ value + capital + factor(firm) + factor(year), grunfeld), firms)
emit_predictions("predict_both_weighted", lm(inv ~ value + factor(firm) + factor(year), grunfeld, weights = capital), firms)
emit("robustness", { t <- 4.18445; df <- 783; f2 <- t^2 / df; (sqrt(f2^2 + 4 * f2) - f2) / 2 })

# --- other families
precise <- glm.control(epsilon = 1e-14, maxit = 100)
infert <- read.csv("tests/reference/data/infert.csv")
m <- glm(case ~ spontaneous * age + factor(induced), binomial, infert, control = precise)
X <- model.matrix(m); p <- fitted(m)
emit("logit_rows.fitted", p[1:9])
emit("logit_rows.residual", (infert$case - p)[1:9])
emit("logit_rows.std_residual", rstandard(m, type = "pearson")[1:9])
emit("logit_rows.cooks_d", cooks.distance(m)[1:9])
glm_margin <- function(name, est, G, V) {
  se <- sqrt(drop(t(G) %*% V %*% G))
  emit(name, c(est, se, NA, 2 * pnorm(-abs(est / se))))
}
dX <- cbind(0, 1, 0, 0, 0, infert$age)
dp <- p * (1 - p); along <- drop(dX %*% coef(m))
stopifnot(names(coef(m))[c(2, 3, 6)] == c("spontaneous", "age", "spontaneous:age"))
glm_margin("logit_margins.spontaneous", mean(dp * along),
           colMeans(dp * dX + dp * (1 - 2 * p) * along * X), vcov(m))
at <- function(level) { d <- infert; d$induced <- level; model.matrix(~ spontaneous * age + factor(induced, 0:2), d) }
X1 <- at(2); X0 <- at(0); p1 <- plogis(X1 %*% coef(m)); p0 <- plogis(X0 %*% coef(m))
G <- colMeans(drop(p1 * (1 - p1)) * X1 - drop(p0 * (1 - p0)) * X0)
glm_margin("logit_margins.factor(induced)2", mean(p1 - p0), G, vcov(m))
breaks <- read.csv("tests/reference/data/warpbreaks.csv")
m <- glm(breaks ~ B + M + H, poisson, breaks, control = precise)
hc3 <- vcovHC(m, type = "HC3")
glm_margin("poisson_margins.B", mean(fitted(m)) * coef(m)[["B"]],
           colMeans(fitted(m) * cbind(0, 1, 0, 0)[rep(1, nrow(breaks)), ] + fitted(m) * coef(m)[["B"]] * model.matrix(m)), hc3)
# Absorbed effects beside dummies, with an exposure.
grunfeld$count <- round(grunfeld$inv)
emit_data("grunfeld_counts", grunfeld[c("firm", "year", "count", "value", "capital")])
m <- glm(count ~ log(capital) + factor(firm) + offset(log(value)), poisson, grunfeld, control = precise)
l <- predict(m, firms, se.fit = TRUE)
emit("predict_poisson.fitted", exp(l$fit))
emit("predict_poisson.conf_low", exp(l$fit - qnorm(0.975) * l$se.fit))
emit("predict_poisson.conf_high", exp(l$fit + qnorm(0.975) * l$se.fit))
m <- glm(count ~ log(capital) + factor(firm) + factor(year) + offset(log(value)), poisson, grunfeld, control = precise)
l <- predict(m, firms, se.fit = TRUE)
emit("predict_poisson_both.fitted", exp(l$fit))
emit("predict_poisson_both.conf_low", exp(l$fit - qnorm(0.975) * l$se.fit))
emit("predict_poisson_both.conf_high", exp(l$fit + qnorm(0.975) * l$se.fit))
new <- data.frame(spontaneous = c(0, 2, 1), age = c(20, 35, 50), induced = c(0, 2, 1))
write.csv(new, "tests/reference/data/predict_infert.csv", row.names = FALSE, quote = FALSE)
m <- glm(case ~ spontaneous * age + factor(induced), binomial, infert, control = precise)
l <- predict(m, new, se.fit = TRUE)
emit("predict_logit.fitted", plogis(l$fit))
emit("predict_logit.conf_low", plogis(l$fit - qnorm(0.975) * l$se.fit))
emit("predict_logit.conf_high", plogis(l$fit + qnorm(0.975) * l$se.fit))
# One Newton step without each cluster.
u <- residuals(m, "pearson"); Xw <- X * sqrt(m$weights)
for (g in unique(infert$age)) {
  out <- infert$age == g
  emit(paste0("influence_logit.", g), coef(m) -
    solve(crossprod(Xw[!out, ]), crossprod(Xw[out, , drop = FALSE], u[out])))
}
# Second data sets of curves, of other families' margins and of predictions.
air <- read.csv("tests/reference/data/air.csv")
m <- lm(Ozone ~ poly(Temp, 2) + ns(Wind, df = 3), air)
emit_margin("margins_air.Temp", m, slope(m, air, "Temp"), vcov(m), m$df.residual)
emit_margin("margins_air.Wind", m, slope(m, air, "Wind"), vcov(m), m$df.residual)
new <- data.frame(Temp = c(60, 77, 99), Wind = c(3, 10, 21))
write.csv(new, "tests/reference/data/predict_air.csv", row.names = FALSE, quote = FALSE)
emit_predictions("predict_air", m, new)
effects <- read.csv("tests/reference/data/effects.csv")
new <- effects[c(3, 200, 400), c("physician", "month", "detailing", "lagged_scripts")]
new$detailing <- c(0, 3, 7)
write.csv(new, "tests/reference/data/predict_effects.csv", row.names = FALSE, quote = FALSE)
emit_predictions("predict_effects", lm(scripts ~ detailing + lagged_scripts + factor(physician) + factor(month), effects), new)
m <- glm(am ~ wt + hp, binomial, mtcars, control = precise)
for (i in 1:3) m <- glm(am ~ wt + hp, binomial, mtcars, control = precise, start = coef(m)) # its weights too
p <- fitted(m); X <- model.matrix(m)
emit("cars_rows.fitted", p[1:9]); emit("cars_rows.residual", (mtcars$am - p)[1:9])
emit("cars_rows.std_residual", rstandard(m, type = "pearson")[1:9])
emit("cars_rows.cooks_d", cooks.distance(m)[1:9])
b <- coef(m)[["wt"]]
glm_margin("cars_margins.wt", mean(p * (1 - p) * b), colMeans(p * (1 - p) * (1 - 2 * p) * b * X + outer(p * (1 - p), c(0, 1, 0))), vcov(m))
l <- predict(m, read.csv("tests/reference/data/predict_cars.csv"), se.fit = TRUE)
emit("predict_cars.fitted", plogis(l$fit))
emit("predict_cars.conf_low", plogis(l$fit - qnorm(0.975) * l$se.fit))
emit("predict_cars.conf_high", plogis(l$fit + qnorm(0.975) * l$se.fit))
quine <- read.csv("tests/reference/data/quine.csv")
m <- glm(days ~ male + slow, poisson, quine, control = precise)
glm_margin("quine_margins.male", mean(fitted(m)) * coef(m)[["male"]],
           colMeans(fitted(m) * cbind(0, 1, 0)[rep(1, nrow(quine)), ] + fitted(m) * coef(m)[["male"]] * model.matrix(m)), vcovHC(m, type = "HC3"))
emit_end()
