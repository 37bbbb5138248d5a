# rep-rank: Paule and Mandel's between-unit variance by metafor, Morris's shrinkage; beta-binomial likelihood.
suppressMessages(library(metafor))
for (s in list(c("chickwts", "feed", "weight"), c("insectsprays", "spray", "count"), c("iris", "species", "sepal_width"),
               c("grunfeld", "firm", "inv"), c("airquality", "month", "temp"), c("sleepstudy", "subject", "reaction"))) {
  d <- frames[[s[1]]]
  g <- factor(d[[s[2]]]); y <- d[[s[3]]]
  mean_of <- sapply(split(y, g), mean); n <- sapply(split(y, g), length)
  if (nlevels(g) < 4) next
  v <- sapply(split(y, g), var) / n
  if (min(n) < 10) v <- setNames(as.numeric(sum((y - ave(y, g))^2) / (length(y) - nlevels(g)) / n), names(n))
  tau2 <- rma(yi = as.numeric(mean_of), vi = as.numeric(v), method = "PM", control = list(tol = 1e-14, maxiter = 10000, tau2.max = 1000 * var(mean_of)))$tau2
  k <- nlevels(g)
  Q <- function(t) { w <- 1 / (v + t); m <- sum(w * mean_of) / sum(w); sum(w * (mean_of - m)^2) - (k - 1) }
  if (tau2 > 0) for (i in 1:5) { w <- 1 / (v + tau2); m <- sum(w * mean_of) / sum(w); tau2 <- tau2 + Q(tau2) / sum(w^2 * (mean_of - m)^2) }
  w <- 1 / (v + tau2); m <- sum(w * mean_of) / sum(w)
  B <- if (tau2 > 0) (k - 3) / (k - 1) * v / (v + tau2) else rep(1, k)
  vbar <- sum(w * v) / sum(w)
  sd <- sqrt(v * (1 - B) + B^2 / sum(w) + 2 / (k - 3) * B^2 * (vbar + tau2) / (v + tau2) * (mean_of - m)^2)
  e <- (1 - B) * mean_of + B * m
  cells <- c()
  for (u in names(mean_of)) cells <- c(cells, at(paste0("id=", u), estimate = e[u], shrinkage = as.numeric(B)[match(u, names(mean_of))],
    conf_low = e[u] - qnorm(0.975) * as.numeric(sd)[match(u, names(mean_of))], conf_high = e[u] + qnorm(0.975) * as.numeric(sd)[match(u, names(mean_of))]))
  agree("rank: means", s[1], paste("rep-rank", path_of(s[1]), "--id", s[2], "--value", s[3]), cells)
}
beta_binomial <- function(s, n) {
  g <- function(p) { a <- exp(p[1]); b <- exp(p[2]); N <- length(s)
    c(a * sum(digamma(s + a) - digamma(a) - digamma(n + a + b) + digamma(a + b)),
      b * sum(digamma(n - s + b) - digamma(b) - digamma(n + a + b) + digamma(a + b))) }
  ll <- function(p) sum(lbeta(s + exp(p[1]), n - s + exp(p[2])) - lbeta(exp(p[1]), exp(p[2])))
  p <- optim(c(1, 1), ll, control = list(fnscale = -1, reltol = 1e-15, maxit = 5000))$par
  for (i in 1:20) { h <- 1e-5; H <- cbind(g(p + c(h, 0)) - g(p - c(h, 0)), g(p + c(0, h)) - g(p - c(0, h))) / (2 * h); p <- p - solve(H, g(p)) }
  exp(p)
}
wins <- list(wins = list(c(12, 3, 8, 15, 2, 9, 6, 20, 1, 7), c(40, 10, 35, 30, 18, 25, 30, 45, 12, 28)),
  berkeley = list(as.numeric(UCBAdmissions[1, , ]), as.numeric(colSums(UCBAdmissions))),
  esoph = with(aggregate(cbind(ncases, ncontrols) ~ agegp, esoph, sum), list(ncases, ncases + ncontrols)),
  insurance = with(aggregate(cbind(Claims, Holders) ~ District + Group, MASS::Insurance, sum), list(Claims, Holders)),
  titanic = local({ a <- apply(Titanic, c(1, 2, 4), sum); list(as.numeric(a[, , 2]), as.numeric(a[, , 1] + a[, , 2])) }))
for (name in names(wins)) {
  s <- wins[[name]][[1]]; n <- wins[[name]][[2]]
  id <- sprintf("u%02d", seq_along(s))
  data_set(paste0("rate_", name), data.frame(id = id, won = s, closed = n))
  p <- beta_binomial(s, n)
  cells <- c(setNames((s + p[1]) / (n + sum(p)), paste0("id=", id, "/estimate")), setNames(sum(p) / (sum(p) + n), paste0("id=", id, "/shrinkage")))
  agree("rank: rates", name, paste("rep-rank", path_of(paste0("rate_", name)), "--id id --successes won --trials closed"), cells)
}
