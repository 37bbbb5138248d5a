# rep-impact: differences in differences by t.test, lm and clubSandwich; interrupted series by lm and sandwich.
suppressMessages({library(clubSandwich); library(sandwich)})
rollout <- read.csv("datasets/rollout.csv")
treat <- list(
  list("grunfeld", transform(frames$grunfeld, treated = as.integer(firm %in% paste0("f", 1:4)), after = as.integer(year >= 1945)), "firm", "year", "inv"),
  list("co2", transform(frames$co2, treated = as.integer(treatment == "chilled"), after = as.integer(conc >= 350)), "plant", "conc", "uptake"),
  list("sleepstudy", transform(frames$sleepstudy, treated = as.integer(as.integer(sub("s", "", subject)) >= 337), after = as.integer(days >= 5)), "subject", "days", "reaction"),
  list("loblolly", transform(frames$loblolly, treated = as.integer(as.integer(sub("s", "", seed)) > 315), after = as.integer(age >= 15)), "seed", "age", "height"),
  list("chick13", transform(subset(frames$chickweight, diet %in% c("d1", "d3")), treated = as.integer(diet == "d3"), after = as.integer(time >= 10)), "chick", "time", "weight"))
for (s in treat) {
  d <- s[[2]]
  name <- paste0("did_", s[[1]])
  data_set(name, d)
  y <- d[[s[[5]]]]; u <- d[[s[[3]]]]
  m <- tapply(y, list(u, d$after), mean)
  m <- m[!is.na(m[, 1]) & !is.na(m[, 2]), ]
  tr <- tapply(d$treated, u, max)[rownames(m)]
  change <- m[, 2] - m[, 1]
  welch <- sum(tr == 1) >= 10 && sum(tr == 0) >= 10
  t <- t.test(change[tr == 1], change[tr == 0], var.equal = !welch)
  command <- paste("rep-impact did", path_of(name), "--value", s[[5]], "--id", s[[3]], "--time", s[[4]], "--treated treated --post after")
  agree("did: att", s[[1]], command, at("term=att", estimate = mean(change[tr == 1]) - mean(change[tr == 0]), std_error = t$stderr,
    statistic = t$statistic, df = t$parameter, p_value = t$p.value, conf_low = t$conf.int[1], conf_high = t$conf.int[2]))
  a <- summary(lm(m[, 2] ~ tr + m[, 1]))$coefficients[2, ]
  agree("did: ancova", s[[1]], command, at("term=att_ancova", estimate = a[1], std_error = a[2], statistic = a[3], p_value = a[4]))
  d$D <- d$treated * d$after; d$unit <- factor(u); d$when <- factor(d[[s[[4]]]]); d$y <- y
  fit <- lm(y ~ D + unit + when, d)
  k <- coef_test(fit, vcov = "CR2", cluster = d$unit, test = "Satterthwaite", coefs = "D")
  agree("did: two-way fixed effects", s[[1]], command, at("term=att_twfe", estimate = k$beta, std_error = k$SE,
    df = if (is.null(k$df_Satt)) k$df else k$df_Satt,
    # below 12 units repkit's p is the wild bootstrap's
    p_value = if (nlevels(d$unit) < 12) NA else if (is.null(k$p_Satt)) k$p_val else k$p_Satt))
}
# A simple staggered effect: each cohort and period against the never treated, weighted by cohort
for (s in list(list("grunfeld", "firm", "year", "inv"), list("co2", "plant", "conc", "uptake"), list("sleepstudy", "subject", "days", "reaction"),
               list("loblolly", "seed", "age", "height"), list("orange2", "tree", "age", "circumference"))) {
  d <- if (s[[1]] == "orange2") rbind(frames$orange, transform(frames$orange, tree = paste0(tree, "b"), circumference = sqrt(circumference) * 9)) else frames[[s[[1]]]]
  times <- sort(unique(d[[s[[3]]]])); units <- sort(unique(d[[s[[2]]]]))
  n <- length(times)
  cohort <- setNames(rep(c(Inf, max(3, n %/% 2), n - 1), length.out = length(units)), units) # ordinal of the first period
  d$first <- times[pmin(cohort[d[[s[[2]]]]], n)]; d$first[is.infinite(cohort[d[[s[[2]]]]])] <- NA
  name <- paste0("staggered_", s[[1]])
  data_set(name, d)
  Y <- tapply(d[[s[[4]]]], list(factor(d[[s[[2]]]], units), factor(d[[s[[3]]]], times)), mean)
  cells <- NULL
  for (g in sort(unique(cohort[is.finite(cohort)]))) for (t in g:n) {
    A <- cohort == g; C <- is.infinite(cohort); diff <- Y[, t] - Y[, g - 1]
    cells <- rbind(cells, c(sum(A), mean(diff[A]) - mean(diff[C])))
  }
  agree("staggered: simple", s[[1]], paste("rep-impact staggered", path_of(name), "--value", s[[4]], "--id", s[[2]], "--time", s[[3]], "--first first"),
        at("term=simple", estimate = weighted.mean(cells[, 2], cells[, 1])))
}
starts <- list(list("nile", "year", 1899), list("lakehuron", "year", 1925), list("nhtemp", "year", 1940), list("seatbelts", "month", 170),
               list("ukgas", "quarter", 60), list("uspop", "decade", 10))
for (s in starts) {
  d <- frames[[s[[1]]]]
  t <- d[[s[[2]]]]
  D <- as.numeric(t >= s[[3]]); after <- D * (t - s[[3]])
  fit <- lm(d$value ~ t + D + after)
  command <- paste("rep-impact its", path_of(s[[1]]), "--value value --time", s[[2]], "--start", s[[3]])
  b <- summary(fit)$coefficients
  agree("its: ols", s[[1]], paste(command, "--vcov ols"), c(at("term=level_change", estimate = b["D", 1], std_error = b["D", 2], p_value = b["D", 4]),
    at("term=slope_change", estimate = b["after", 1], std_error = b["after", 2], p_value = b["after", 4])))
  lag <- floor(4 * (nrow(d) / 100)^(2 / 9))
  V <- NeweyWest(fit, lag = lag, prewhite = FALSE, adjust = TRUE)
  agree("its: newey-west", s[[1]], paste(command, "--vcov nw"), c(at("term=level_change", std_error = sqrt(V["D", "D"])),
    at("term=slope_change", std_error = sqrt(V["after", "after"]))))
}
