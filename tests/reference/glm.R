# glm, MASS::glm.nb and their covariances: mtcars, infert, UCBAdmissions, warpbreaks, MASS's quine,
# and the Grunfeld panel of plm with a dummy for each firm.
source("tests/reference/emit.R")
suppressMessages({library(MASS); library(sandwich); library(clubSandwich)})
data(Grunfeld, package = "plm")
exact <- glm.control(epsilon = 1e-14, maxit = 100)
# R's weights are those of the step before the last: start again from the end.
settled <- function(m) {
  m <- update(m, control = exact)
  update(m, start = coef(m))
}

warp <- with(warpbreaks, data.frame(breaks, B = 1 * (wool == "B"), M = 1 * (tension == "M"),
                                    H = 1 * (tension == "H"), loom = rep(1:9, 6)))
emit_data("warpbreaks", warp)
inf <- with(infert, data.frame(case, spontaneous, induced, age, stratum))
emit_data("infert", inf)
school <- with(quine, data.frame(days = Days, aboriginal = 1 * (Eth == "A"), male = 1 * (Sex == "M"),
                                 slow = 1 * (Lrn == "SL"), age = as.numeric(Age)))
emit_data("quine", school)
ucb <- as.data.frame(UCBAdmissions)
ucb <- merge(subset(ucb, Admit == "Admitted"), subset(ucb, Admit == "Rejected"),
             by = c("Gender", "Dept"))
ucb <- with(ucb, data.frame(share = Freq.x / (Freq.x + Freq.y), n = Freq.x + Freq.y,
                            female = 1 * (Gender == "Female"), dept = as.numeric(Dept)))
emit_data("ucb", ucb)

auc <- function(y, p, w = 1) {
  s <- w * y; f <- w * (1 - y)
  sum(outer(s, f) * (outer(p, p, ">") + 0.5 * outer(p, p, "=="))) / sum(s) / sum(f)
}
emit_glm <- function(name, m, keep = seq_along(coef(m))) {
  emit(paste0(name, ".coef"), coef(m)[keep])
  emit(paste0(name, ".se"), sqrt(diag(vcov(m)))[keep])
  emit(paste0(name, ".fitted"), fitted(m)[1:9])
  emit(paste0(name, ".hat"), hatvalues(m)[1:9])
  emit(paste0(name, ".deviance"), deviance(m))
  emit(paste0(name, ".null_deviance"), m$null.deviance)
  emit(paste0(name, ".pearson"), sum(residuals(m, "pearson")^2))
  emit(paste0(name, ".df_residual"), m$df.residual)
  emit(paste0(name, ".log_lik"), logLik(m))
  emit(paste0(name, ".aic"), AIC(m))
  emit(paste0(name, ".bic"), BIC(m))
}
emit_hc <- function(name, m) for (type in c("HC0", "HC1", "HC2", "HC3", "HC4"))
  emit(paste0(name, ".", tolower(type)), sqrt(diag(vcovHC(m, type = type))))
# CR2 of the working least-squares problem. clubSandwich takes a glm's in the scale of the response,
# where the square root of the same matrix is another one: unbiased likewise, it differs by a few
# percent, and that only is compared (cr2_response); with a dummy for each cluster it breaks down.
emit_clusters <- function(name, m, cluster, keep = seq_along(coef(m))) {
  emit(paste0(name, ".cr1"), sqrt(diag(vcovCL(m, cluster, type = "HC1")))[keep])
  root <- sqrt(weights(m, "working"))
  X <- root * model.matrix(m)
  y <- X %*% coef(m) + root * residuals(m, "working")
  l <- lm(y ~ X - 1)
  t <- coef_test(l, vcovCR(l, cluster, type = "CR2"), test = "Satterthwaite")[keep, ]
  emit(paste0(name, ".cr2"), t$SE)
  emit(paste0(name, ".cr2_df"), t$df_Satt)
  emit(paste0(name, ".cr2_response"), sqrt(diag(vcovCR(m, cluster, type = "CR2")))[keep])
}
emit_link <- function(name, m, o = 0) {
  eta <- m$linear.predictors - o
  frame <- data.frame(y = m$y, eta, o, w = m$prior.weights)
  t <- glm(y ~ eta + I(eta^2) + offset(o), m$family, frame, weights = w, control = exact)
  t <- update(t, start = coef(t))
  emit(paste0(name, ".link"), summary(t)$coefficients[3, 3])
}

emit_start("glm")

m <- settled(glm(am ~ wt, binomial, mtcars))
emit_glm("mtcars", m); emit_hc("mtcars", m); emit_clusters("mtcars", m, mtcars$carb)
emit("mtcars.auc", auc(mtcars$am, fitted(m))); emit_link("mtcars", m)

m <- settled(glm(case ~ spontaneous + induced, binomial, inf))
emit_glm("infert", m); emit_hc("infert", m); emit_clusters("infert", m, inf$stratum)
emit("infert.auc", auc(inf$case, fitted(m))); emit_link("infert", m)

m <- settled(glm(share ~ female + dept, binomial, ucb, weights = n))
emit_glm("ucb", m); emit_hc("ucb", m)
emit("ucb.auc", auc(ucb$share, fitted(m), ucb$n)); emit_link("ucb", m)

m <- settled(glm(breaks ~ B + M + H, poisson, warp))
emit_glm("warp", m); emit_hc("warp", m); emit_clusters("warp", m, warp$loom); emit_link("warp", m)

# As rates: days by year of age, the years' logarithm as an offset.
o <- log(school$age + 4)
m <- settled(glm(days ~ aboriginal + male + slow + offset(o), poisson, school))
emit_glm("offset", m); emit_link("offset", m, o)
emit_glm("no_intercept",
         settled(glm(days ~ aboriginal + male + slow - 1 + offset(o), poisson, school)))
emit_glm("weighted",
         settled(glm(days ~ aboriginal + male + slow, poisson, school, weights = age)))

# PPML: investment is not whole, so that R's likelihood is none.
m <- suppressWarnings(settled(glm(inv ~ log(value) + log(capital) + factor(firm), poisson, Grunfeld)))
emit_glm("grunfeld", m, 2:3); emit_clusters("grunfeld", m, Grunfeld$firm, 2:3)
emit("grunfeld.hc1", sqrt(diag(vcovHC(m, type = "HC1")))[2:3])
whole <- settled(glm(round(inv) ~ log(value) + log(capital) + factor(firm), poisson, Grunfeld))
emit_glm("grunfeld_whole", whole, 2:3)
emit("grunfeld_whole.cr0", sqrt(diag(vcovCL(whole, Grunfeld$firm, type = "HC0", cadjust = TRUE)))[2:3])

# Firms and years, some cells of the panel missing.
gaps <- Grunfeld[-c(3, 17, 44, 90, 91, 133), ]
m <- settled(glm(round(inv) ~ log(value) + log(capital) + factor(firm) + factor(year), poisson, gaps))
emit_glm("two_way", m, 2:3)
emit("two_way.cr1", sqrt(diag(vcovCL(m, gaps$firm, type = "HC1")))[2:3])

# MASS::glm.nb stops while theta still moves by 1e-4: go on in the same way, to the end.
negbin <- function(formula, data) {
  m <- glm.nb(formula, data)
  y <- m$y; theta <- m$theta
  score <- function(t, mu) sum(digamma(t + y) - digamma(t) - log1p(mu / t) + (mu - y) / (mu + t))
  m2 <- m
  for (i in 1:60) { # each from where the last one stopped: scoring is slow at the end
    m2 <- glm(formula, negative.binomial(theta), data, control = exact, start = coef(m2))
    mu <- fitted(m2)
    theta <- uniroot(score, theta * c(0.5, 2), mu = mu, tol = 1e-14)$root
  }
  info <- sum(-trigamma(theta + y) + trigamma(theta) - 1 / theta + 2 / (mu + theta) -
              (y + theta) / (mu + theta)^2)
  stopifnot(abs(theta / m$theta - 1) < 1e-5)
  list(fit = m2, theta = theta, se = 1 / sqrt(info), mu = mu, y = y,
       ll = sum(dnbinom(y, size = theta, mu = mu, log = TRUE)))
}
emit_negbin <- function(name, formula, data) {
  n <- negbin(formula, data)
  m <- n$fit
  V <- summary(m, dispersion = 1)$cov.unscaled
  emit(paste0(name, ".coef"), coef(m))
  emit(paste0(name, ".se"), sqrt(diag(V)))
  emit(paste0(name, ".deviance"), deviance(m))
  emit(paste0(name, ".null_deviance"), m$null.deviance)
  emit(paste0(name, ".theta"), n$theta)
  emit(paste0(name, ".theta_se"), n$se)
  emit(paste0(name, ".log_lik"), n$ll)
  emit(paste0(name, ".aic"), -2 * n$ll + 2 * (length(coef(m)) + 1))
  emit(paste0(name, ".bic"), -2 * n$ll + log(nrow(data)) * (length(coef(m)) + 1))
  p <- glm(formula, poisson, data, control = exact)
  emit(paste0(name, ".lr"), 2 * (n$ll - as.numeric(logLik(p))))
  # The sandwich of a fit whose theta is given; vcovHC's leverages are glm's.
  b <- glm.nb(formula, data)
  b$theta <- n$theta; b$coefficients <- coef(m); b$fitted.values <- fitted(m)
  for (part in c("residuals", "weights", "linear.predictors", "qr", "R", "effects"))
    b[[part]] <- m[[part]]
  emit_hc(name, b)
}
emit_negbin("nb_warp", breaks ~ B + M + H, warp)
emit_negbin("nb_quine", days ~ aboriginal + male + slow + age, school)

emit_end()
