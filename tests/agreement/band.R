# rep-band: the quadratic and its optimum, a kink, a spline.
bands <- list(c("mtcars", "mpg", "hp"), c("cars", "dist", "speed"), c("airquality", "ozone", "temp"),
              c("stackloss", "stack_loss", "air_flow"), c("swiss", "fertility", "catholic"), c("faithful", "waiting", "eruptions"),
              c("trees", "volume", "girth"), c("attitude", "rating", "complaints"), c("iris", "sepal_length", "petal_length"))
fieller_roots <- function(a, b, va, vab, vb, t)
  sort(Re(polyroot(c(a^2 - t^2 * va, -2 * (a * b - t^2 * vab), b^2 - t^2 * vb))))
for (s in bands) {
  d <- na.omit(frames[[s[1]]][s[2:3]])
  names(d) <- c("y", "x")
  k <- mean(d$x)
  d$c <- d$x - k
  line <- lm(y ~ x, d)
  q <- lm(y ~ c + I(c^2), d)
  b <- coef(q)[2:3]; V <- vcov(q)[2:3, 2:3]
  optimum <- k - b[1] / (2 * b[2])
  command <- paste0("rep-band '", s[2], " ~ ", s[3], "' ", path_of(s[1]), " --resamples 99")
  aicc <- function(m, extra = 0) { p <- attr(logLik(m), "df") + extra; n <- nobs(m); -2 * as.numeric(logLik(m)) + 2 * p + 2 * p * (p + 1) / (n - p - 1) }
  agree("band: aicc, bic", s[1], paste(command, "--emit models"), c(at("model=linear", aicc = aicc(line), bic = BIC(line)),
    at("model=quadratic", aicc = aicc(q), bic = BIC(q))))
  delta <- car::deltaMethod(q, paste0(number17(k), " - `c` / (2 * `I(c^2)`)"), parameterNames = c("a", "c", "I(c^2)"))
  g <- c(-1 / (2 * b[2]), b[1] / (2 * b[2]^2))
  stopifnot(abs(sqrt(drop(t(g) %*% V %*% g)) / delta$SE - 1) < 1e-6)
  agree("band: quadratic's optimum", s[1], paste(command, "--emit optimum --rows 'method == \"delta\"'"),
        at("model=quadratic", estimate = optimum, std_error = sqrt(drop(t(g) %*% V %*% g))))
  t <- qt(0.975, df.residual(q))
  if (abs(b[2]) / sqrt(V[2, 2]) > t) {
    r <- k + fieller_roots(-b[1], 2 * b[2], V[1, 1], -2 * V[1, 2], 4 * V[2, 2], t)
    agree("band: quadratic's interval (Fieller)", s[1], paste(command, "--emit optimum --rows 'method == \"fieller\"'"),
          at("model=quadratic", conf_low = r[1], conf_high = r[2]))
  }
  knots <- unique(unname(quantile(d$x, c(0.05, 0.35, 0.65, 0.95))))
  if (nrow(d) < 30) knots <- unique(unname(quantile(d$x, c(0.1, 0.5, 0.9))))
  S <- Hmisc::rcspline.eval(d$x, knots = knots, inclx = TRUE)
  spline <- lm(d$y ~ S)
  agree("band: spline", s[1], paste(command, "--emit models"), at("model=spline", aicc = aicc(spline), bic = BIC(spline),
    p_nonlinear = anova(line, spline)[2, "Pr(>F)"]))
  # The least residual sum of squares: the best of a fine grid, then optimize(); or at a value of x
  u <- sort(unique(d$x)); ends <- quantile(d$x, c(0.1, 0.9)); u <- u[u >= ends[1] & u <= ends[2]]
  rss <- function(psi) sum(resid(lm(y ~ x + pmax(x - psi, 0), d))^2)
  grid <- seq(u[1], u[length(u)], length.out = 2001)
  start <- grid[which.min(sapply(grid, rss))]
  step <- diff(grid)[1]
  o <- optimize(rss, c(max(u[1], start - step), min(u[length(u)], start + step)), tol = 1e-12)
  at_knot <- u[which.min(sapply(u, rss))]
  psi <- if (rss(at_knot) < o$objective) at_knot else o$minimum
  agree("band: threshold", s[1], paste(command, "--emit optimum --rows 'method == \"delta\"'"), at("model=threshold", estimate = psi))
}
