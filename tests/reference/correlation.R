# Reference values for tests/unit/test_correlation.c.
suppressMessages(library(plm))
source("tests/reference/emit.R")
emit_start("correlation")

# Each emits estimate, low, high, statistic, df, p.
cor_test <- function(name, x, y, method = "pearson", alternative = "two.sided", conf = 0.95) {
  n <- length(x)
  exact <- method == "spearman" && n <= 9 && !anyDuplicated(x) && !anyDuplicated(y)
  if (method == "spearman" && !exact) {
    # R's asymptotic p-value of Spearman's test is the t test of the correlation of ranks; taken
    # from that because R prints S, not t.
    h <- cor.test(rank(x), rank(y), alternative = alternative)
    stopifnot(isTRUE(all.equal(h$p.value, suppressWarnings(
      cor.test(x, y, method = "spearman", exact = FALSE, alternative = alternative))$p.value)))
  } else {
    h <- cor.test(x, y, method = method, alternative = alternative, exact = if (exact) TRUE)
  }
  r <- unname(h$estimate)
  interval <- if (method == "pearson" && n >= 4) {
    cor.test(x, y, alternative = alternative, conf.level = conf)$conf.int
  } else if (n >= 4) {
    bonett_wright(r, n - 3, alternative, conf)
  } else c(NA, NA)
  emit(name, c(r, interval, h$statistic, if (exact) NA else h$parameter, h$p.value))
}
bonett_wright <- function(r, m, alternative, conf, factor = 1 + r^2 / 2) {
  tail <- if (alternative == "two.sided") (1 - conf) / 2 else 1 - conf
  half <- qnorm(tail, lower.tail = FALSE) * sqrt(factor / m)
  c(if (alternative == "less") -1 else tanh(atanh(r) - half),
    if (alternative == "greater") 1 else tanh(atanh(r) + half))
}
# The repeated measures correlation, from the analysis of covariance.
within_test <- function(name, x, y, unit, method = "pearson") {
  keep <- ave(x, unit, FUN = length) > 1
  x <- x[keep]; y <- y[keep]; unit <- factor(unit[keep])
  if (method == "spearman") { x <- rank(x); y <- rank(y) }
  fit <- lm(y ~ unit + x)
  t <- summary(fit)$coefficients["x", ]
  df <- fit$df.residual
  ss <- anova(lm(y ~ unit), fit)
  r <- sign(coef(fit)[["x"]]) * sqrt(ss[2, "Sum of Sq"] / (ss[2, "Sum of Sq"] + ss[2, "RSS"]))
  factor <- if (method == "spearman") 1 + r^2 / 2 else 1
  emit(name, c(r, bonett_wright(r, df - 1, "two.sided", 0.95, factor), t[["t value"]], df,
               t[["Pr(>|t|)"]]))
  emit(paste0(name, "_n"), c(length(x), nlevels(unit)))
}

emit_data("mtcars", mtcars)
emit_data("longley", longley)
data(Grunfeld, package = "plm")
emit_data("grunfeld", data.frame(firm = Grunfeld$firm, year = Grunfeld$year, inv = Grunfeld$inv,
                                 value = Grunfeld$value, capital = Grunfeld$capital))

for (method in c("pearson", "spearman")) {
  for (alternative in c("two.sided", "less", "greater")) {
    cor_test(paste("mtcars_wt", method, alternative, sep = "_"), mtcars$wt, mtcars$mpg, method,
             alternative)
    cor_test(paste("longley_unemployed", method, alternative, sep = "_"), longley$Unemployed,
             longley$GNP, method, alternative, 0.9)
  }
  cor_test(paste0("longley_year_", method), longley$GNP, longley$Population, method)
  cor_test(paste0("mtcars_hp_", method), mtcars$hp, mtcars$carb, method)
}
# Exact: few values without ties
small_y <- c(2, 1, 4, 3, 7, 5, 6)
nine_y <- c(4, 9, 1, 7, 2, 8, 5, 3, 6)
for (alternative in c("two.sided", "less", "greater")) {
  cor_test(paste0("seven_", alternative), 1:7, small_y, "spearman", alternative)
  cor_test(paste0("nine_", alternative), 1:9, nine_y, "spearman", alternative)
}
cor_test("three_pearson", c(1, 2, 4), c(3, 1, 2))
cor_test("three_spearman", c(1, 2, 4), c(3, 1, 2), "spearman")
cor_test("four_pearson", c(1, 2, 4, 5), c(3, 1, 2, 7))
# All of the distribution of S for n = 6 and 9
for (n in c(6, 9)) {
  s <- seq(0, n * (n^2 - 1) / 3, by = 2)
  emit(paste0("s_lower_", n), sapply(s, function(s) .Call(stats:::C_pRho, s + 2, n, TRUE)))
}

g <- Grunfeld
within_test("grunfeld_value", g$value, g$inv, g$firm)
within_test("grunfeld_capital", g$capital, g$inv, g$firm)
within_test("grunfeld_value_spearman", g$value, g$inv, g$firm, "spearman")
within_test("grunfeld_capital_spearman", g$capital, g$inv, g$firm, "spearman")
cor_test("grunfeld_between", tapply(g$value, g$firm, mean), tapply(g$inv, g$firm, mean))
emit("grunfeld_means", tapply(g$value, g$firm, mean))
emit("grunfeld_share", with(g, sum((value - ave(value, firm))^2) / sum((value - mean(value))^2)))
# Unbalanced: firm 1 has one row, firm 2 two, firm 3 none
u <- g[!(g$firm == 1 & g$year > 1935) & !(g$firm == 2 & g$year > 1936) & g$firm != 3, ]
within_test("unbalanced", u$value, u$inv, u$firm)
within_test("unbalanced_spearman", u$value, u$inv, u$firm, "spearman")
# mtcars by cylinders
within_test("mtcars_cyl", mtcars$wt, mtcars$mpg, mtcars$cyl)
within_test("mtcars_cyl_spearman", mtcars$wt, mtcars$mpg, mtcars$cyl, "spearman")
emit("mtcars_cyl_share", with(mtcars, sum((wt - ave(wt, cyl))^2) / sum((wt - mean(wt))^2)))
# Kendall: exact T without ties and n < 50, else z; Fieller's interval
kendall_test <- function(name, x, y, alternative = "two.sided", conf = 0.95) {
  n <- length(x)
  exact <- n < 50 && !anyDuplicated(x) && !anyDuplicated(y)
  h <- suppressWarnings(cor.test(x, y, method = "kendall", alternative = alternative,
                                 exact = exact))
  r <- unname(h$estimate)
  interval <- if (n >= 10) bonett_wright(r, n - 4, alternative, conf, 0.437) else c(NA, NA)
  p <- h$p.value
  if (exact) {
    # cor.test takes upper tails as 1 - p and so loses their digits: here by symmetry.
    tails <- .Call(stats:::C_pKendall, c(h$statistic, n * (n - 1) / 2 - h$statistic), n)
    p <- switch(alternative, less = tails[1], greater = tails[2], min(1, 2 * min(tails)))
    stopifnot(isTRUE(all.equal(p, h$p.value, tolerance = 1e-5)))
  }
  emit(name, c(r, interval, h$statistic, NA, p))
}
for (alternative in c("two.sided", "less", "greater")) {
  kendall_test(paste("mtcars_wt_kendall", alternative, sep = "_"), mtcars$wt, mtcars$mpg,
               alternative)
  kendall_test(paste("longley_unemployed_kendall", alternative, sep = "_"), longley$Unemployed,
               longley$GNP, alternative, 0.9)
  kendall_test(paste("seven_kendall", alternative, sep = "_"), 1:7, small_y, alternative)
}
kendall_test("longley_year_kendall", longley$GNP, longley$Population)
kendall_test("mtcars_hp_kendall", mtcars$hp, mtcars$carb)
kendall_test("grunfeld_kendall", g$value, g$inv)
for (n in c(2, 7, 49)) {
  t <- 0:(n * (n - 1) / 2)
  emit(paste0("t_lower_", n), .Call(stats:::C_pKendall, as.double(t), n))
}
# Within units: pairs of rows of one firm only; the variance is a sum of those of cor.test's z.
kendall_within <- function(name, x, y, unit) {
  parts <- sapply(split(data.frame(x, y), unit), function(d) {
    n <- nrow(d)
    if (n < 2) return(c(0, 0, 0, 0))
    sx <- sign(outer(d$x, d$x, "-")); sy <- sign(outer(d$y, d$y, "-"))
    s <- sum(sx * sy) / 2
    t <- table(d$x); u <- table(d$y)
    v <- (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5)) -
          sum(u * (u - 1) * (2 * u + 5))) / 18 +
      sum(t * (t - 1)) * sum(u * (u - 1)) / (2 * n * (n - 1))
    if (n > 2) v <- v + sum(t * (t - 1) * (t - 2)) * sum(u * (u - 1) * (u - 2)) /
      (9 * n * (n - 1) * (n - 2))
    c(s, sum(sx != 0) / 2, sum(sy != 0) / 2, v)
  })
  total <- rowSums(parts)
  z <- total[1] / sqrt(total[4])
  emit(name, c(total[1] / sqrt(total[2] * total[3]), NA, NA, z, NA, 2 * pnorm(-abs(z))))
}
kendall_within("grunfeld_value_kendall", g$value, g$inv, g$firm)
kendall_within("grunfeld_capital_kendall", g$capital, g$inv, g$firm)
kendall_within("unbalanced_kendall", u$value, u$inv, u$firm)
kendall_within("mtcars_cyl_kendall", mtcars$wt, mtcars$mpg, mtcars$cyl)
# Two-way and partial, from the regression: r = t / sqrt(t^2 + df)
lm_test <- function(name, x, y, unit = NULL, period = NULL, control = NULL, method = "pearson") {
  if (method == "spearman") {
    x <- rank(x); y <- rank(y)
    if (!is.null(control)) control <- apply(control, 2, rank)
  }
  frame <- data.frame(y, x)
  terms <- "x"
  if (!is.null(control)) { frame$control <- control; terms <- c("control", terms) }
  if (!is.null(unit)) { frame$unit <- factor(unit); terms <- c("unit", terms) }
  if (!is.null(period)) { frame$period <- factor(period); terms <- c("period", terms) }
  fit <- lm(reformulate(terms, "y"), frame)
  t <- summary(fit)$coefficients["x", ]
  df <- fit$df.residual
  r <- t[["t value"]] / sqrt(t[["t value"]]^2 + df)
  factor <- if (method == "spearman") 1 + r^2 / 2 else 1
  emit(name, c(r, bonett_wright(r, df - 1, "two.sided", 0.95, factor), t[["t value"]], df,
               t[["Pr(>|t|)"]]))
}
gaps <- g[(seq_len(nrow(g)) * 7) %% 11 > 3, ]        # about a third of the cells missing
parts <- g[(g$firm <= 5) == (g$year <= 1944), ]      # two parts that share no firm and no year
for (method in c("pearson", "spearman")) {
  lm_test(paste0("two_way_", method), g$value, g$inv, g$firm, g$year, method = method)
  lm_test(paste0("two_way_gaps_", method), gaps$value, gaps$inv, gaps$firm, gaps$year,
          method = method)
  lm_test(paste0("two_way_parts_", method), parts$value, parts$inv, parts$firm, parts$year,
          method = method)
  lm_test(paste0("partial_mtcars_", method), mtcars$wt, mtcars$mpg, control = cbind(mtcars$hp),
          method = method)
  lm_test(paste0("partial_two_", method), mtcars$wt, mtcars$mpg,
          control = cbind(mtcars$hp, mtcars$qsec), method = method)
  lm_test(paste0("partial_within_", method), g$value, g$inv, g$firm, control = cbind(g$capital),
          method = method)
  lm_test(paste0("partial_two_way_", method), gaps$value, gaps$inv, gaps$firm, gaps$year,
          cbind(gaps$capital), method)
}
# The precision matrix gives the same partial correlation.
q <- solve(cor(mtcars[c("wt", "mpg", "hp", "qsec")]))
emit("partial_two_precision", -q[1, 2] / sqrt(q[1, 1] * q[2, 2]))
emit("two_way_gaps_residual", residuals(lm(inv ~ factor(firm) + factor(year) + value, gaps)))
emit_end()
