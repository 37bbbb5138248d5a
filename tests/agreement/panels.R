# rep-regress on panels: clustered errors, fixed effects, Newey and West.
suppressMessages({library(plm); library(clubSandwich)})
panel <- list(list("grunfeld", inv ~ value + capital, "firm", "year"), list("emplukpart", log(emp) ~ wage + log(capital), "firm", "year"),
              list("petersenpart", y ~ x, "firm", "year"), list("sleepstudy", reaction ~ days, "subject", NULL),
              list("chickweight", weight ~ time, "chick", NULL), list("co2", uptake ~ conc, "plant", NULL),
              list("orange", circumference ~ age, "tree", NULL))
for (p in panel) {
  d <- frames[[p[[1]]]]
  d$unit <- factor(d[[p[[3]]]])
  fit <- lm(p[[2]], d)
  base <- paste0("rep-regress '", text_of(p[[2]]), "' ", path_of(p[[1]]))
  cl <- vcovCL(fit, d$unit, type = "HC1")
  agree("cluster (CR1)", p[[1]], paste(base, "--vcov cluster --cluster", p[[3]]),
        coef_cells(coeftest(fit, cl, df = nlevels(d$unit) - 1)[, ]))
  k <- coef_test(fit, vcov = "CR2", cluster = d$unit, test = "Satterthwaite")
  cells <- c()
  for (i in seq_len(nrow(k)))
    cells <- c(cells, at(paste0("term=", rownames(k)[i]), std_error = k$SE[i], df = if (is.null(k$df_Satt)) k$df[i] else k$df_Satt[i],
                         p_value = if (is.null(k$p_Satt)) k$p_val[i] else k$p_Satt[i]))
  agree("cr2, Satterthwaite", p[[1]], paste(base, "--vcov cr2 --cluster", p[[3]]), cells)
  G <- nlevels(d$unit)
  agree("cr3", p[[1]], paste(base, "--vcov cr3 --cluster", p[[3]]),
        setNames(sqrt((G - 1) / G * diag(as.matrix(vcovCR(fit, cluster = d$unit, type = "CR3")))), paste0("term=", names(coef(fit)), "/std_error")))
  if (is.null(p[[4]])) next
  two <- vcovCL(fit, d[c(p[[3]], p[[4]])], type = "HC1")
  agree("two-way clusters", p[[1]], paste0(base, " --vcov cluster --cluster ", p[[3]], ",", p[[4]]),
        setNames(sqrt(diag(two)), paste0("term=", names(coef(fit)), "/std_error")))
}
for (s in list(c("co2", "type"), c("chickweight", "diet"))) {
  d <- frames[[s[1]]]
  f <- if (s[1] == "co2") uptake ~ conc else weight ~ time
  time <- if (s[1] == "co2") "conc" else "time"
  fit <- lm(f, d)
  unit <- if (s[1] == "co2") "plant" else "chick"
  two <- vcovCL(fit, d[c(unit, time)], type = "HC1")
  agree("two-way clusters", s[1], paste0("rep-regress '", text_of(f), "' ", path_of(s[1]), " --vcov cluster --cluster ", unit, ",", time),
        setNames(sqrt(diag(two)), paste0("term=", names(coef(fit)), "/std_error")))
}
# Fixed effects: plm's within estimator
within <- list(list("grunfeld", inv ~ value + capital, c("firm", "year")), list("emplukpart", log(emp) ~ wage + log(capital), c("firm", "year")),
               list("petersenpart", y ~ x, c("firm", "year")), list("chickweight", weight ~ time, c("chick", "time")),
               list("sleepstudy", reaction ~ days, c("subject", "days")))
for (p in within) {
  d <- frames[[p[[1]]]]
  index <- data.frame(unit_of_plm = d[[p[[3]][1]]], time_of_plm = d[[p[[3]][2]]])
  effects <- c("individual", if (!(p[[3]][2] %in% all.vars(p[[2]]))) "twoways")
  for (effect in effects) {
    fit <- plm(p[[2]], cbind(d, index), index = names(index), effect = effect, model = "within")
    bar <- if (effect == "individual") p[[3]][1] else paste(p[[3]], collapse = " + ")
    base <- paste0("rep-regress '", text_of(p[[2]]), " | ", bar, "' ", path_of(p[[1]]))
    agree("fixed effects", paste0(p[[1]], if (effect == "twoways") ", two-way"), paste(base, "--vcov classical"),
          coef_cells(summary(fit)$coefficients))
    if (effect == "individual") {
      k <- coef_test(fit, vcov = "CR2", cluster = d[[p[[3]][1]]], test = "Satterthwaite")
      agree("fixed effects, cr2", p[[1]], base, c(setNames(k$SE, paste0("term=", names(coef(fit)), "/std_error")),
        setNames(if (is.null(k$df_Satt)) k$df else k$df_Satt, paste0("term=", names(coef(fit)), "/df"))))
    }
  }
}
# Newey and West of one series
series <- list(c("nile", "year"), c("lakehuron", "year"), c("nhtemp", "year"), c("uspop", "decade"), c("seatbelts", "month"), c("nottem", "month"))
for (s in series) {
  d <- frames[[s[1]]]
  f <- as.formula(paste("value ~", s[2]))
  fit <- lm(f, d)
  V <- NeweyWest(fit, lag = 3, prewhite = FALSE, adjust = TRUE)
  agree("newey-west", s[1], paste0("rep-regress '", text_of(f), "' ", path_of(s[1]), " --vcov hac --hac-lag 3 --time ", s[2]),
        setNames(sqrt(diag(V)), paste0("term=", names(coef(fit)), "/std_error")))
}
