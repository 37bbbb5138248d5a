# rep-trend: cor.test's Kendall with its continuity correction, slopes and Pettitt's by their definitions.
series <- list(c("nile", "year"), c("lakehuron", "year"), c("nhtemp", "year"), c("uspop", "decade"), c("seatbelts", "month"), c("annualdiscoveries", "year"))
pettitt <- function(x) {
  n <- length(x); u <- 2 * cumsum(rank(x)) - seq_len(n) * (n + 1); u <- u[-n]
  at <- which.max(abs(u))
  list(k = max(abs(u)), p = min(1, 2 * exp(-6 * max(u^2) / (n^3 + n^2))), change = median(x[-(1:at)]) - median(x[1:at]))
}
for (s in series) {
  d <- frames[[s[1]]]
  x <- d$value; t <- d[[s[2]]]; n <- length(x)
  command <- paste("rep-trend", path_of(s[1]), "--value value --time", s[2], "--independent")
  k <- suppressWarnings(cor.test(x, t, method = "kendall", exact = FALSE, continuity = TRUE))
  agree("mann-kendall", s[1], command, at("test=mann-kendall", estimate = k$estimate, p_value = k$p.value, statistic = k$statistic))
  slopes <- sort((outer(x, x, "-") / outer(t, t, "-"))[lower.tri(diag(n))])
  ties <- table(x)
  v <- (n * (n - 1) * (2 * n + 5) - sum(ties * (ties - 1) * (2 * ties + 5))) / 18
  m <- length(slopes); reach <- qnorm(0.975) * sqrt(v)
  ends <- approx(seq_along(slopes), slopes, c((m - reach) / 2, (m + reach) / 2 + 1))$y
  agree("theil-sen", s[1], command, at("test=theil-sen", estimate = median(slopes), conf_low = ends[1], conf_high = ends[2]))
  p <- pettitt(x)
  agree("pettitt", s[1], command, at("test=pettitt", statistic = p$k, p_value = p$p, estimate = p$change))
  agree("autocorrelation", s[1], command, at("test=lag1", estimate = acf(x, plot = FALSE)$acf[2]))
}
seasons <- list(c("nottem", "month", 12), c("ukgas", "quarter", 4), c("seatbelts", "month", 12))
more <- list(airpassengers = list(AirPassengers, 12), ldeaths = list(ldeaths, 12))
for (name in names(more)) {
  data_set(name, data.frame(month = seq_along(more[[name]][[1]]), value = as.numeric(more[[name]][[1]])))
  seasons <- c(seasons, list(c(name, "month", more[[name]][[2]])))
}
for (s in seasons) {
  d <- frames[[s[1]]]
  x <- d$value; of <- (seq_along(x) - 1) %% as.numeric(s[3])
  S <- v <- n0 <- tied <- 0
  for (k in unique(of)) {
    y <- x[of == k]; m <- length(y); ties <- table(y)
    # cor.test's z without correction gives S and its variance back
    z <- suppressWarnings(cor.test(y, seq_len(m), method = "kendall", exact = FALSE))
    one <- sum(sign(outer(y, y, "-"))[lower.tri(diag(m))])
    S <- S + one; v <- v + if (one == 0) (m * (m - 1) * (2 * m + 5) - sum(ties * (ties - 1) * (2 * ties + 5))) / 18 else (one / as.numeric(z$statistic))^2
    n0 <- n0 + m * (m - 1) / 2; tied <- tied + sum(ties * (ties - 1) / 2)
  }
  z <- (S - sign(S)) / sqrt(v)
  agree("seasonal kendall", s[1], paste("rep-trend", path_of(s[1]), "--value value --time", s[2], "--season", s[3], "--independent"),
        at("test=seasonal-kendall", estimate = S / sqrt(n0 * (n0 - tied)), statistic = z, p_value = 2 * pnorm(-abs(z))))
}
