# What changes of the code showed to be untested. The limit of the two-sample Kolmogorov-Smirnov
# test where the distance is small, beyond 10,000 pairs:
source("tests/reference/emit.R")
emit_start("survivors")
x <- (1:150) / 150
for (k in 1:3) {
  y <- (1:140) / 140 + c(0.02001, 0.05001, 0.09001)[k]
  test <- ks.test(x, y, exact = FALSE)
  emit(paste0("ks.statistic.", k), test$statistic)
  emit(paste0("ks.p.", k), test$p.value)
}
emit("sidak.2", qnorm((1 + sqrt(0.95)) / 2))
# Anderson and Darling's p where the values are all but normal (A* below 0.2).
suppressMessages(library(nortest))
z <- qnorm(ppoints(30))
test <- ad.test(z + z^3 / 9)
emit("ad.x", z + z^3 / 9)
emit("ad.statistic", test$statistic)
emit("ad.p", test$p.value)
# The dispersion of counts that hardly ever are more than 0: one of 100,000. The zero of the score,
# by bisection (MASS::theta.ml stops at steps that are small beside 1, not beside theta).
rare <- function(count) {
  y <- c(0, count); w <- c(99999, 1); mu <- count / 1e5
  score <- function(log_theta) {
    theta <- exp(log_theta)
    sum(w * (digamma(theta + y) - digamma(theta) - log1p(mu / theta) + (mu - y) / (mu + theta)))
  }
  exp(uniroot(score, log(c(1e-9, 1)), tol = 1e-15)$root)
}
emit("theta.rare", sapply(c(100, 1000, 50000), rare))
# Newey and West's lag by the number of rows: next to where it changes.
emit("hac.lag", floor(4 * (c(27, 28, 272, 273, 275) / 100)^(2 / 9)))
# Welch's test of samples of two.
two <- function(x, y) { t <- t.test(y, x); c(t$statistic, t$parameter, t$p.value) }
emit("welch.two", c(two(c(1, 2), c(3, 5, 9)), two(c(3, 5, 9), c(1, 2))))
# Student's test where one sample is a single value.
one <- function(x, y) { t <- t.test(y, x, var.equal = TRUE); c(t$statistic, t$parameter, t$p.value) }
emit("student.one", c(one(4, c(3, 5, 9)), one(c(3, 5, 9), 4)))
# The profile of a slope beside one effect: where the deviance has risen by the chi-squared quantile.
i <- 1:12
y <- (i * 5) %% 7 + 1; x <- ((i * 7) %% 11) / 10; g <- factor(i %% 4)
exact <- glm.control(epsilon = 1e-15, maxit = 100)
full <- glm(y ~ x + g, poisson, control = exact)
rise <- function(b) {
  deviance(glm(y ~ g + offset(b * x), family = poisson, control = exact)) - deviance(full) - qchisq(0.95, 1)
}
b <- coef(full)[["x"]]
emit("profile.effect", c(uniroot(rise, b - c(3, 0), tol = 1e-15)$root,
                         uniroot(rise, b + c(0, 3), tol = 1e-15)$root))
# The beta prior of two rates of many trials: the zero of the gradient, by Newton's method from where
# optim ends.
prior <- function(s, n) {
  loss <- function(t) -sum(lbeta(s + exp(t[1]), n - s + exp(t[2])) - lbeta(exp(t[1]), exp(t[2])))
  slope <- function(t) {
    a <- exp(t[1]); b <- exp(t[2])
    all <- digamma(a + b) - digamma(n + a + b)
    c(a * sum(digamma(s + a) - digamma(a) + all), b * sum(digamma(n - s + b) - digamma(b) + all))
  }
  t <- optim(c(0, 5), loss, control = list(reltol = 1e-14, maxit = 5000))$par
  for (step in 1:20) {
    h <- sapply(1:2, function(j) {
      e <- replace(c(0, 0), j, 1e-5)
      (slope(t + e) - slope(t - e)) / 2e-5
    })
    t <- t - solve(h, slope(t))
  }
  exp(t)
}
emit("prior.two", c(prior(c(2331, 5959), c(43373, 89769)), prior(c(3239, 831), c(81324, 47931))))
emit_end()
