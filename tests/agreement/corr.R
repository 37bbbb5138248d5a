# rep-corr against cor.test, psych and lm.
pairs <- list(c("mtcars", "mpg", "wt"), c("faithful", "eruptions", "waiting"),
              c("airquality", "ozone", "temp"), c("swiss", "fertility", "education"),
              c("attitude", "rating", "raises"), c("iris", "sepal_length", "sepal_width"),
              c("trees", "volume", "height"))
corr <- function(d, y, x, more = "") paste("rep-corr", path_of(d), "-y", y, "-x", x, more)
for (p in pairs) {
  d <- na.omit(frames[[p[1]]][p[2:3]])
  y <- d[[1]]; x <- d[[2]]
  t <- cor.test(x, y)
  agree("pearson", p[1], corr(p[1], p[2], p[3]), at("", estimate = t$estimate, p_value = t$p.value,
    conf_low = t$conf.int[1], conf_high = t$conf.int[2], statistic = t$statistic))
  s <- suppressWarnings(cor.test(x, y, method = "spearman", exact = FALSE))
  agree("spearman", p[1], corr(p[1], p[2], p[3], "-m spearman"), at("", estimate = s$estimate, p_value = s$p.value))
  k <- suppressWarnings(cor.test(x, y, method = "kendall", exact = FALSE))
  agree("kendall", p[1], corr(p[1], p[2], p[3], "-m kendall"), at("", estimate = k$estimate, p_value = k$p.value))
}
# Without ties Kendall's is exact below 50 rows, and Spearman's up to 9.
few <- list(c("women", "height", "weight"), c("longley", "gnp", "unemployed"), c("longley", "population", "armed_forces"))
for (p in few) {
  d <- frames[[p[1]]]
  k <- cor.test(d[[p[2]]], d[[p[3]]], method = "kendall", exact = TRUE)
  agree("kendall", paste(p[1], p[3]), corr(p[1], p[2], p[3], "-m kendall"), at("", estimate = k$estimate))
}
partial <- list(list("mtcars", "mpg", "wt", c("hp", "qsec")), list("swiss", "fertility", "education", "agriculture"),
                list("attitude", "rating", "learning", c("complaints", "raises")),
                list("airquality", "ozone", "temp", c("wind", "solar_r")),
                list("longley", "employed", "gnp", c("unemployed", "population")))
for (p in partial) {
  d <- na.omit(frames[[p[[1]]]][c(p[[2]], p[[3]], p[[4]])])
  r <- psych::partial.r(d, 1:2, 3:ncol(d))[1, 2]
  n <- nrow(d) - length(p[[4]])
  t <- r * sqrt((n - 2) / (1 - r^2))
  ci <- psych::r.con(r, n)
  agree("partial", p[[1]], corr(p[[1]], p[[2]], p[[3]], paste("--missing listwise --partial", paste(p[[4]], collapse = ","))),
        at("", estimate = r, p_value = 2 * pt(-abs(t), n - 2), conf_low = ci[1], conf_high = ci[2]))
}
panels <- list(c("grunfeld", "firm", "year", "inv", "value"), c("emplukpart", "firm", "year", "emp", "wage"),
               c("petersenpart", "firm", "year", "y", "x"), c("sleepstudy", "subject", "days", "reaction", "days"),
               c("chickweight", "chick", "time", "weight", "time"), c("orange", "tree", "age", "circumference", "age"),
               c("co2", "plant", "conc", "uptake", "conc"))
for (p in panels) {
  d <- frames[[p[1]]]
  u <- factor(d[[p[2]]]); y <- d[[p[4]]]; x <- d[[p[5]]]
  command <- corr(p[1], p[4], p[5], paste("--id", p[2]))
  m <- summary(lm(y ~ u + x))
  t <- m$coefficients["x", ]
  df <- m$df[2]
  r <- t[3] / sqrt(t[3]^2 + df)
  agree("within units", p[1], command, at("scope=within", estimate = r, p_value = t[4],
    conf_low = tanh(atanh(r) - qnorm(0.975) / sqrt(df - 1)), conf_high = tanh(atanh(r) + qnorm(0.975) / sqrt(df - 1))))
  b <- cor.test(tapply(x, u, mean), tapply(y, u, mean))
  if (sd(tapply(x, u, mean)) > 1e-9)
    agree("between units", p[1], command, at("scope=between", estimate = b$estimate, p_value = b$p.value,
      conf_low = b$conf.int[1], conf_high = b$conf.int[2]))
}
for (p in list(c("iris", "species", "sepal_length", "petal_length"), c("mtcars", "cyl", "mpg", "wt"),
               c("birthwt", "race", "bwt", "lwt"), c("infert", "parity", "age", "spontaneous"))) {
  d <- frames[[p[1]]]
  b <- cor.test(tapply(d[[p[4]]], d[[p[2]]], mean), tapply(d[[p[3]]], d[[p[2]]], mean))
  cells <- at("scope=between", estimate = b$estimate, p_value = b$p.value)
  agree("between units", p[1], corr(p[1], p[3], p[4], paste("--id", p[2])), cells)
}
for (how in c("holm", "hochberg", "bonferroni", "BH", "BY")) {
  y <- "rating"; xs <- c("complaints", "privileges", "learning", "raises", "critical", "advance")
  p <- sapply(xs, function(x) cor.test(frames$attitude[[x]], frames$attitude[[y]])$p.value)
  cells <- setNames(p.adjust(p, how), paste0("x=", xs, "/p_adjusted"))
  agree("p-adjust", paste("attitude", how), corr("attitude", y, paste(xs, collapse = ","), paste("--p-adjust", tolower(how))), cells)
}
