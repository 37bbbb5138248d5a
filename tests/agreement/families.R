# rep-regress --family: glm, glm.nb, and Firth by brglm2.
# Iterated to the end: glm() leaves the covariance of the step before its last.
exactly <- glm.control(epsilon = 1e-14, maxit = 200)
to_the_end <- function(fit) suppressWarnings(update(fit, start = coef(fit), control = glm.control(epsilon = 1e-300, maxit = 20)))
wald <- function(fit) {
  b <- coef(fit); se <- sqrt(diag(vcov(fit)))
  coef_cells(cbind(b, se, b / se, 2 * pnorm(-abs(b / se))))
}
# Profiles: the likelihood ratio without a term, and where it is as large as chi-squared allows
profile_cells <- function(fit) {
  X <- model.matrix(fit); y <- fit$y; w <- fit$prior.weights; b <- coef(fit); se <- sqrt(diag(vcov(fit)))
  cells <- c()
  for (j in seq_along(b)) {
    at_value <- function(v) suppressWarnings(glm.fit(X[, -j, drop = FALSE], y, w, offset = v * X[, j], family = fit$family, control = exactly))$deviance - fit$deviance
    edge <- function(v) at_value(v) - qchisq(0.95, 1)
    low <- uniroot(edge, b[j] + c(-4, -0.5) * se[j], extendInt = "downX", tol = 1e-12)$root
    high <- uniroot(edge, b[j] + c(0.5, 4) * se[j], extendInt = "upX", tol = 1e-12)$root
    cells <- c(cells, at(paste0("term=", names(b)[j]), p_value = pchisq(at_value(0), 1, lower.tail = FALSE), conf_low = low, conf_high = high))
  }
  cells
}
logits <- list(list("mtcars", am ~ wt), list("birthwt", low ~ age + lwt + smoke + ht), list("infert", case ~ spontaneous + induced + age),
               list("pima", type ~ glu + bmi + age + ped), list("co2", chilled ~ uptake), list("menarche", share ~ age))
d <- frames$co2
d$chilled <- as.integer(d$treatment == "chilled")
data_set("co2binary", d)
logits[[5]][[1]] <- "co2binary"
for (m in logits) {
  d <- frames[[m[[1]]]]
  w <- if (m[[1]] == "menarche") d$total else rep(1, nrow(d))
  d$w <- w
  fit <- to_the_end(suppressWarnings(glm(m[[2]], binomial, d, weights = w, control = exactly)))
  base <- paste0("rep-regress '", text_of(m[[2]]), "' ", path_of(m[[1]]), " --family binomial", if (m[[1]] == "menarche") " -w total")
  agree("logit", m[[1]], base, wald(fit))
  agree("profile", m[[1]], paste(base, "--vcov profile"), profile_cells(fit))
  agree("glm, fit", paste(m[[1]], "logit"), paste(base, "--emit fit"), at("", deviance = fit$deviance, null_deviance = fit$null.deviance,
    log_lik = as.numeric(logLik(fit)), aic = AIC(fit)))
}
counts <- list(list("warpbreaks", breaks ~ wool + tension), list("insectsprays", count ~ spray), list("quine", days ~ eth + sex + age + lrn),
               list("epil", y ~ trt + base + age), list("discoveries", n ~ year), list("ships", incidents ~ type, "service"),
               list("insurance", claims ~ district + group + age, "holders"))
for (m in counts) {
  d <- frames[[m[[1]]]]
  f <- if (length(m) > 2) update(m[[2]], as.formula(paste("~ . + offset(log(", m[[3]], "))"))) else m[[2]]
  fit <- to_the_end(glm(f, poisson, d, control = exactly))
  base <- paste0("rep-regress '", text_of(m[[2]]), "' ", path_of(m[[1]]), " --family poisson", if (length(m) > 2) paste(" --exposure", m[[3]]))
  agree("poisson regression", m[[1]], base, wald(fit))
  agree("glm, fit", paste(m[[1]], "poisson"), paste(base, "--emit fit"), at("", deviance = fit$deviance, null_deviance = fit$null.deviance,
    log_lik = as.numeric(logLik(fit)), aic = AIC(fit)))
  V <- sandwich::vcovHC(fit, type = "HC0")
  agree("poisson regression, hc0", m[[1]], paste(base, "--vcov hc0"), setNames(sqrt(diag(V)), paste0("term=", names(coef(fit)), "/std_error")))
}
# glm.nb stops early: from its answer on, Newton's steps on the likelihood of coefficients and theta.
negbin <- function(X, y, start) {
  k <- ncol(X); p <- start
  gradient <- function(p) {
    mu <- exp(drop(X %*% p[1:k])); th <- exp(p[k + 1])
    c(crossprod(X, (y - mu) * th / (th + mu)),
      th * sum(digamma(y + th) - digamma(th) + log(th) + 1 - log(th + mu) - (y + th) / (mu + th)))
  }
  for (i in 1:30) {
    H <- sapply(seq_along(p), function(j) { e <- 1e-5 * (seq_along(p) == j); (gradient(p + e) - gradient(p - e)) / 2e-5 })
    p <- p - solve((H + t(H)) / 2, gradient(p))
  }
  mu <- exp(drop(X %*% p[1:k])); th <- exp(p[k + 1])
  list(b = p[1:k], se = sqrt(diag(solve(crossprod(X, mu * th / (th + mu) * X)))))
}
for (m in counts[c(1, 2, 3, 4, 5)]) {
  d <- frames[[m[[1]]]]
  first <- MASS::glm.nb(m[[2]], d)
  fit <- negbin(model.matrix(first), first$y, c(coef(first), log(first$theta)))
  stopifnot(max(abs(fit$b - coef(first))) < 1e-4)
  b <- setNames(fit$b, names(coef(first)))
  agree("negative binomial", m[[1]], paste0("rep-regress '", text_of(m[[2]]), "' ", path_of(m[[1]]), " --family negbin"),
        coef_cells(cbind(b, fit$se, b / fit$se, 2 * pnorm(-abs(b / fit$se)))))
}
suppressMessages(library(brglm2))
data("endometrial", package = "brglm2")
separated <- list(endometrial = list(with(endometrial, data.frame(y = HG, nv = NV, pi = PI, eh = EH)), y ~ nv + pi + eh),
  step = list(data.frame(y = rep(0:1, each = 4), x = 1:8), y ~ x),
  setosa = list(data.frame(y = as.integer(iris$Species == "setosa"), x = iris$Petal.Length), y ~ x),
  gears = list(data.frame(y = mtcars$am, x = mtcars$gear, wt = mtcars$wt), y ~ x + wt),
  sprays = list(data.frame(y = as.integer(InsectSprays$count > 7), spray = InsectSprays$spray), y ~ spray),
  feeds = list(data.frame(y = as.integer(chickwts$weight > 260), feed = chickwts$feed), y ~ feed))
for (name in names(separated)) {
  s <- separated[[name]]
  data_set(paste0("separated_", name), s[[1]])
  d <- frames[[paste0("separated_", name)]]
  fit <- glm(s[[2]], binomial, d, method = "brglmFit", type = "MPL_Jeffreys", epsilon = 1e-13, maxit = 100000)
  X <- model.matrix(fit); p <- fitted(fit)
  se <- sqrt(diag(solve(crossprod(X, p * (1 - p) * X))))
  agree("firth", name, paste0("rep-regress '", text_of(s[[2]]), "' ", path_of(paste0("separated_", name)), " --family binomial"),
        c(setNames(coef(fit), paste0("term=", names(coef(fit)), "/estimate")), setNames(se, paste0("term=", names(coef(fit)), "/std_error"))))
}
