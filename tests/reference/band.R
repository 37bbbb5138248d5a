# Reference values of repkit/band_stats.h, repkit/fieller.h and rep-band, from lm, clubSandwich,
# Hmisc and segmented, and from definitions worked out here.
source("tests/reference/emit.R")
suppressMessages({
  library(clubSandwich)
  library(Hmisc)
  library(segmented)
})
emit_start("band")

# --- Fieller: the roots, and again as where the t ratio of a - r b is critical ------------------
fieller <- function(a, b, va, vab, vb, t) {
  r <- sort(Re(polyroot(c(a^2 - t^2 * va, -2 * (a * b - t^2 * vab), b^2 - t^2 * vb))))
  ratio <- function(x) (a - x * b)^2 / (va - 2 * x * vab + x^2 * vb) - t^2
  polish <- function(x) {
    for (i in 1:50) {
      h <- 1e-6 * max(1, abs(x))
      x <- x - ratio(x) * 2 * h / (ratio(x + h) - ratio(x - h))
    }
    x
  }
  stopifnot(all(abs(sapply(r, polish) - r) < 1e-6 * pmax(1, abs(r))))
  r
}
vertex <- function(m, i = 2, V = vcov(m), df = df.residual(m), level = 0.95) {
  b <- coef(m)[i:(i + 1)]
  V <- V[i:(i + 1), i:(i + 1)]
  fieller(-b[1], 2 * b[2], V[1, 1], -2 * V[1, 2], 4 * V[2, 2], qt(1 - (1 - level) / 2, df))
}
emit("fieller.bounded", fieller(3, 2, 0.5, 0.1, 0.2, 2))
emit("fieller.outside", fieller(3, 0.5, 0.1, 0.01, 0.2, 2))

# --- data --------------------------------------------------------------------------------------
emit_data("mtcars", mtcars)
chick <- as.data.frame(ChickWeight)
chick <- data.frame(weight = chick$weight, Time = chick$Time, Chick = paste0("c", chick$Chick),
                    diet = as.numeric(chick$Diet))
emit_data("chickweight", chick)
air <- na.omit(airquality[, c("Ozone", "Temp", "Wind", "Month")])
emit_data("air", air)

# --- exact knots: where the column of the knot's error has no coefficient ------------------------
knot_range <- function(x) {
  u <- sort(unique(x))
  q <- quantile(x, c(0.1, 0.9))
  u[u >= q[1] & u <= q[2]]
}
kink <- function(d, y, x, rest, plateau = FALSE) {
  columns <- function(psi) {
    if (plateau) cbind(a = pmin(d[[x]], psi), v = as.numeric(d[[x]] > psi))
    else cbind(a = d[[x]], u = pmax(d[[x]] - psi, 0), v = -as.numeric(d[[x]] > psi))
  }
  fit <- function(psi, with_v) {
    X <- columns(psi)
    if (!with_v) X <- X[, -ncol(X), drop = FALSE]
    d$X <- X
    lm(as.formula(paste(y, "~ X", rest)), d)
  }
  rss <- function(psi) sum(resid(fit(psi, FALSE))^2)
  gamma <- function(psi) { b <- coef(fit(psi, TRUE)); b[grep("^X", names(b))][ncol(columns(psi))] }
  u <- knot_range(d[[x]])
  at <- u
  for (i in seq_len(length(u) - 1)) {
    e <- 1e-9 * (u[i + 1] - u[i])
    ends <- c(gamma(u[i] + e), gamma(u[i + 1] - e))
    if (!anyNA(ends) && prod(sign(ends)) < 0)
      at <- c(at, uniroot(gamma, c(u[i] + e, u[i + 1] - e), tol = 1e-15, maxiter = 1000)$root)
  }
  all <- sapply(at, rss)
  psi <- at[which.min(all)]
  list(psi = psi, rss = min(all), fit = fit(psi, FALSE), working = fit(psi, TRUE))
}
aicc <- function(m, extra = 0) {
  k <- attr(logLik(m), "df") + extra
  n <- nobs(m)
  -2 * as.numeric(logLik(m)) + 2 * k + 2 * k * (k + 1) / (n - k - 1)
}
bic <- function(m, extra = 0)
  -2 * as.numeric(logLik(m)) + log(nobs(m)) * (attr(logLik(m), "df") + extra)

harrell <- function(x, n) {
  places <- list(NULL, NULL, c(0.1, 0.5, 0.9), c(0.05, 0.35, 0.65, 0.95),
                 c(0.05, 0.275, 0.5, 0.725, 0.95))[[n]]
  unique(unname(quantile(x, places)))
}

# --- five curves of a data frame -----------------------------------------------------------------
curves <- function(name, d, y, x, rest = "", n_knots = 4, cluster = NULL, predict_at = NULL) {
  f <- function(terms) lm(as.formula(paste(y, "~", terms, rest)), d)
  # Scaled: with CR2, clubSandwich loses digits on values in the thousands and their squares.
  centre <- mean(d[[x]])
  scale <- sd(d[[x]])
  d$x1 <- (d[[x]] - centre) / scale
  d$x2 <- d$x1^2
  knots <- harrell(d[[x]], n_knots)
  S <- rcspline.eval(d[[x]], knots = knots, inclx = TRUE)
  for (j in seq_len(ncol(S))) d[[paste0("s", j)]] <- S[, j]
  spline_terms <- paste(paste0("s", seq_len(ncol(S))), collapse = " + ")
  linear <- f("x1")
  quadratic <- f("x1 + x2")
  spline <- f(spline_terms)
  two <- kink(d, y, x, rest)
  flat <- kink(d, y, x, rest, plateau = TRUE)
  emit(paste0(name, ".aicc"), c(aicc(linear), aicc(quadratic), aicc(two$fit, 1), aicc(flat$fit, 1),
                                aicc(spline)))
  emit(paste0(name, ".bic"), c(bic(linear), bic(quadratic), bic(two$fit, 1), bic(flat$fit, 1),
                               bic(spline)))
  test <- function(m, term) {
    if (is.null(cluster)) {
      s <- summary(m)$coefficients[term, ]
      return(c(s[1], s[2], df.residual(m)))
    }
    s <- coef_test(m, vcov = "CR2", cluster = d[[cluster]], test = "Satterthwaite", coefs = term)
    c(s$beta, s$SE, s$df)
  }
  b <- coef(quadratic)[c("x1", "x2")]
  # Centred like the tool, whose critical value has the df of the curvature.
  V <- if (is.null(cluster)) vcov(quadratic) else vcovCR(quadratic, d[[cluster]], "CR2")
  V <- as.matrix(V)[c("x1", "x2"), c("x1", "x2")]
  df <- test(quadratic, "x2")[3]
  emit(paste0(name, ".vertex"), centre - scale * b[1] / (2 * b[2]))
  emit(paste0(name, ".fieller"),
       centre + scale *
         fieller(-b[1], 2 * b[2], V[1, 1], -2 * V[1, 2], 4 * V[2, 2], qt(0.975, df)))
  g <- c(-1 / (2 * b[2]), b[1] / (2 * b[2]^2))
  emit(paste0(name, ".delta_se"), scale * sqrt(drop(t(g) %*% V %*% g)))
  ends <- range(d[[x]])
  p <- sapply(1:2, function(i) {
    d2 <- d
    d2$x1 <- (d[[x]] - ends[i]) / scale
    d2$x2 <- d2$x1^2
    m <- lm(as.formula(paste(y, "~ x1 + x2", rest)), d2)
    s <- if (is.null(cluster)) { t <- summary(m)$coefficients["x1", ]; c(t[1], t[2], df.residual(m)) }
         else { t <- coef_test(m, vcov = "CR2", cluster = d2[[cluster]], test = "Satterthwaite",
                               coefs = "x1"); c(t$beta, t$SE, t$df) }
    up <- (i == 1) == (b[2] < 0)
    pt(s[1] / s[2], s[3], lower.tail = !up)
  })
  emit(paste0(name, ".lind_mehlum"), max(p))
  emit(paste0(name, ".knot"), c(two$psi, flat$psi))
  emit(paste0(name, ".knot_rss"), c(two$rss, flat$rss))
  if (is.null(cluster)) {
    se <- function(k, u) {
      s <- summary(k$working)$coefficients
      v <- grep("Xv$", rownames(s))
      s[v, 2] / abs(coef(k$fit)[u])
    }
    emit(paste0(name, ".knot_se"), c(se(two, "Xu"), se(flat, "X")))
    emit(paste0(name, ".spline_p"), anova(linear, spline)[2, "Pr(>F)"])
  }
  o <- optimize(function(at) {
    row <- cbind(rcspline.eval(at, knots = knots, inclx = TRUE))
    sum(row * coef(spline)[paste0("s", seq_len(ncol(S)))])
  }, ends, maximum = TRUE, tol = 1e-12)
  emit(paste0(name, ".spline_highest"), o$maximum)
  invisible(list(linear = linear, quadratic = quadratic, spline = spline, two = two, flat = flat))
}
m <- curves("mtcars", mtcars, "mpg", "hp")
a <- curves("air", air, "Ozone", "Temp", "+ Wind")
w <- curves("chick", chick, "weight", "Time", "+ factor(Chick)", cluster = "Chick")
grunfeld <- read.csv("tests/reference/data/grunfeld.csv")
g <- curves("grunfeld", grunfeld, "inv", "value", "+ factor(firm) + factor(year)", cluster = "firm")
s <- segmented(lm(mpg ~ hp, mtcars), seg.Z = ~hp, control = seg.control(n.boot = 0, tol = 1e-14))
stopifnot(abs(s$psi[2] - m$two$psi) < 1e-4)
emit("segmented.mtcars", s$psi[2:3])
s <- segmented(lm(dist ~ speed, cars), seg.Z = ~speed, psi = 22,
               control = seg.control(n.boot = 0, tol = 1e-14))
emit("segmented.cars", c(s$psi[2:3], sum(resid(s)^2)))
emit_data("cars", cars)

# --- predictions, other terms at their means ---------------------------------------------------
at <- data.frame(Temp = c(57, 77, 97), Wind = mean(air$Wind))
q <- lm(Ozone ~ Temp + I(Temp^2) + Wind, air)
emit("air.predicted", t(predict(q, at, interval = "confidence")))
psi <- a$two$psi
X <- model.matrix(a$two$working)
row <- cbind(1, at$Temp, pmax(at$Temp - psi, 0), -as.numeric(at$Temp > psi), at$Wind)
fitted <- row %*% coef(a$two$working)
half <- qt(0.975, df.residual(a$two$working)) *
  sqrt(diag(row %*% vcov(a$two$working) %*% t(row)))
emit("air.predicted_kink", t(cbind(fitted, fitted - half, fitted + half)))

# --- bins -------------------------------------------------------------------------------------
ends <- unique(quantile(air$Temp, 1:5 / 5, type = 1))
air$bin <- cut(air$Temp, c(-Inf, ends))
m5 <- lm(Ozone ~ 0 + bin + I(Wind - mean(Wind)), air)
emit("air.bins", t(cbind(coef(m5), confint(m5))[1:5, ]))
emit("air.bins_n", table(air$bin))

# --- claims -----------------------------------------------------------------------------------
contrast <- function(name, m, term, sign = 1, alternative = "two") {
  s <- summary(m)$coefficients[term, ]
  ci <- sign * confint(m)[term, ]
  t <- sign * s[1] / s[2]
  p <- if (alternative == "two") 2 * pt(-abs(t), df.residual(m))
       else pt(t, df.residual(m), lower.tail = FALSE)
  emit(name, c(sign * s[1], sort(ci), p))
}
range_claim <- function(name, low, high) {
  d <- air
  d$below <- d$Temp < low
  d$above <- d$Temp > high
  m <- lm(Ozone ~ below + above + Wind, d)
  contrast(paste0(name, ".below"), m, "belowTRUE", -1, "greater")
  contrast(paste0(name, ".above"), m, "aboveTRUE", -1, "greater")
  for (e in c("low", "high")) {
    d$t <- d$Temp - get(e)
    contrast(paste0(name, ".slope_", e), lm(Ozone ~ t + I(t^2) + Wind, d), "t")
  }
}
range_claim("claim.range", 75, 82)
open_claim <- function(name, cut) {
  d <- air
  d$above <- as.numeric(d$Temp >= cut)
  d$left <- pmin(d$Temp - cut, 0)
  d$right <- pmax(d$Temp - cut, 0)
  contrast(paste0(name, ".difference"), lm(Ozone ~ above + Wind, d), "above", 1, "greater")
  m <- lm(Ozone ~ above + left + right + Wind, d)
  for (k in c("above", "left", "right")) contrast(paste0(name, ".", k), m, k)
  emit(paste0(name, ".change"), anova(lm(Ozone ~ Temp + Wind, d), m)[2, "Pr(>F)"])
}
open_claim("claim.open", 82)
# CR2, effects of chicks: 10 days and more against less.
chick$late <- as.numeric(chick$Time >= 10)
s <- coef_test(lm(weight ~ late + factor(Chick), chick), vcov = "CR2", cluster = chick$Chick,
               test = "Satterthwaite", coefs = "late")
emit("claim.chick", c(s$beta, s$beta - qt(0.975, s$df) * s$SE, s$beta + qt(0.975, s$df) * s$SE))

# The same of a second data set: curves, bins and claims over horsepower.
at <- data.frame(hp = c(52, 193.5, 335))
emit("cars.predicted", t(predict(lm(mpg ~ hp + I(hp^2), mtcars), at, interval = "confidence")))
psi <- m$two$psi
row <- cbind(1, at$hp, pmax(at$hp - psi, 0), -as.numeric(at$hp > psi))
fitted <- row %*% coef(m$two$working)
half <- qt(0.975, df.residual(m$two$working)) *
  sqrt(diag(row %*% vcov(m$two$working) %*% t(row)))
emit("cars.predicted_kink", t(cbind(fitted, fitted - half, fitted + half)))
mtcars$bin <- cut(mtcars$hp, c(-Inf, unique(quantile(mtcars$hp, 1:5 / 5, type = 1))))
m5 <- lm(mpg ~ 0 + bin, mtcars)
emit("cars.bins", t(cbind(coef(m5), confint(m5))))
emit("cars.bins_n", table(mtcars$bin))
d <- transform(mtcars, below = hp < 100, above = hp > 125)
b <- lm(mpg ~ below + above, d)
contrast("claim.range_cars.below", b, "belowTRUE", -1, "greater")
contrast("claim.range_cars.above", b, "aboveTRUE", -1, "greater")
for (e in c(100, 125)) {
  d$t <- d$hp - e
  contrast(paste0("claim.range_cars.slope_", if (e == 100) "low" else "high"), lm(mpg ~ t + I(t^2), d), "t")
}
d <- transform(mtcars, above = as.numeric(hp >= 150), left = pmin(hp - 150, 0), right = pmax(hp - 150, 0))
contrast("claim.open_cars.difference", lm(mpg ~ above, d), "above", 1, "greater")
b <- lm(mpg ~ above + left + right, d)
for (k in c("above", "left", "right")) contrast(paste0("claim.open_cars.", k), b, k)
emit("claim.open_cars.change", anova(lm(mpg ~ hp, d), b)[2, "Pr(>F)"])
mtcars$bin <- NULL

# Hansen's threshold, intercept and slope on either side; candidates lie between two quantiles.
hansen <- function(name, d, y, x) {
  u <- sort(unique(d[[x]]))
  u <- u[u >= quantile(d[[x]], 0.15) & u <= quantile(d[[x]], 0.85)]
  rss <- sapply(u, function(v) {
    side <- d[[x]] > v
    sum(resid(lm(d[[y]] ~ d[[x]] * side))^2)
  })
  n <- nrow(d)
  best <- which.min(rss)
  side <- d[[x]] > u[best]
  keep <- u[n * (rss - min(rss)) / min(rss) <= -2 * log(1 - sqrt(0.95))]
  emit(name, c(u[best], min(rss), min(keep), max(keep)))
  line <- sum(resid(lm(d[[y]] ~ d[[x]]))^2)
  emit(paste0(name, "_sup"), (line - min(rss)) / 2 / (min(rss) / (n - 4)))
}
hansen("hansen.mtcars", mtcars, "mpg", "hp")
hansen("hansen.air", air, "Ozone", "Temp")

# --- sup-F: the largest F over the nodes, and its p by a wild bootstrap of rows -----------------
sup_f <- function(name, d, y, x, B = 4999) {
  u <- knot_range(d[[x]])
  n <- nrow(d)
  sup <- function(v) {
    line <- sum(resid(lm(v ~ d[[x]]))^2)
    least <- min(sapply(u, function(k) sum(.lm.fit(cbind(1, d[[x]], pmax(d[[x]] - k, 0)), v)$residuals^2)))
    flat <- min(sapply(u, function(k) sum(.lm.fit(cbind(1, pmin(d[[x]], k)), v)$residuals^2)))
    c((line - least) / (least / (n - 4)), (line - flat) / (flat / (n - 3)))
  }
  observed <- sup(d[[y]])
  emit(paste0(name, ".statistic"), observed)
  m <- lm(d[[y]] ~ d[[x]])
  set.seed(1)
  draws <- replicate(B, sup(fitted(m) + sample(c(-1, 1), n, TRUE) * resid(m)))
  emit(paste0(name, ".p"), (1 + rowSums(draws >= observed)) / (B + 1))
}
sup_f("sup.mtcars", mtcars, "mpg", "hp")
sup_f("sup.cars", cars, "dist", "speed")

# --- the spline's columns and derivatives --------------------------------------------------------
k <- c(1, 2.5, 4, 7)
x <- c(0, 1.5, 3, 5, 8)
emit("rcs.basis", t(rcspline.eval(x, knots = k)))
h <- 1e-5
emit("rcs.slopes", t((rcspline.eval(x + h, knots = k) - rcspline.eval(x - h, knots = k)) / (2 * h)))
emit("rcs.knots3", harrell(mtcars$hp, 3))
emit("rcs.knots4", harrell(mtcars$hp, 4))
emit("rcs.knots5", harrell(mtcars$hp, 5))
emit_end()
