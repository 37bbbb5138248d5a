# t tests, Wilcoxon tests and effect sizes: stats, coin, effectsize.
source("tests/reference/emit.R")
suppressMessages({library(coin); library(effectsize)})
emit_start("two_sample")

data(sleep); data(ToothGrowth); data(mtcars)
sleep1 <- sleep$extra[1:10]; sleep2 <- sleep$extra[11:20]
emit_data("sleep", data.frame(first = sleep1, second = sleep2))
emit_data("tooth_growth", data.frame(len = ToothGrowth$len, supp = as.numeric(ToothGrowth$supp == "VC"),
                                     dose = ToothGrowth$dose))
emit_data("mtcars_am", data.frame(mpg = mtcars$mpg, hp = mtcars$hp, am = mtcars$am))
# Hollander & Wolfe (1973), depression scale factors; the second example of ?wilcox.test
depression <- data.frame(x = c(1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30),
                         y = c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29))
emit_data("depression", depression)
perm_x <- c(0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46)
perm_y <- c(1.15, 0.88, 0.90, 0.74, 1.21)
emit_data("permeability", data.frame(value = c(perm_x, perm_y), y = rep(0:1, c(10, 5))))

# --- t tests: estimate, se, t, df, p, low, high; always second minus first
t_row <- function(name, test, estimate) {
  emit(name, c(estimate, test$stderr, test$statistic, test$parameter, test$p.value, test$conf.int))
}
welch <- function(name, x, y, ...) {
  test <- t.test(y, x, ...)
  t_row(name, test, test$estimate[1] - test$estimate[2])
}
paired <- function(name, x, y, ...) {
  test <- t.test(y, x, paired = TRUE, ...)
  t_row(name, test, test$estimate)
}
oj <- ToothGrowth$len[ToothGrowth$supp == "OJ"]; vc <- ToothGrowth$len[ToothGrowth$supp == "VC"]
auto <- mtcars$mpg[mtcars$am == 0]; manual <- mtcars$mpg[mtcars$am == 1]
welch("welch_sleep", sleep1, sleep2)
welch("welch_tooth", oj, vc, conf.level = 0.99)
welch("welch_mtcars_less", auto, manual, alternative = "less", mu = 10)
welch("welch_mtcars_greater", auto, manual, alternative = "greater", conf.level = 0.9)
paired("paired_sleep", sleep1, sleep2)
paired("paired_depression", depression$x, depression$y, conf.level = 0.9)
paired("paired_sleep_greater", sleep1, sleep2, alternative = "greater", mu = 1)
t_row("one_mtcars", t.test(mtcars$hp, mu = 130, alternative = "less"), mean(mtcars$hp))

# --- rank tests where R is exact: statistic (V, or U of the first), p, low, high, estimate
signed <- function(name, d, ...) {
  test <- wilcox.test(d, conf.int = TRUE, exact = TRUE, ...)
  emit(name, c(test$statistic, test$p.value, test$conf.int, test$estimate))
}
ranksum <- function(name, x, y, ...) {
  test <- wilcox.test(y, x, conf.int = TRUE, exact = TRUE, ...)
  emit(name, c(length(x) * length(y) - test$statistic, test$p.value, test$conf.int, test$estimate))
}
d <- depression$y - depression$x
signed("signed_depression", d)
signed("signed_depression_less", d, alternative = "less", mu = -0.1, conf.level = 0.9)
signed("signed_depression_greater", d, alternative = "greater")
ranksum("ranksum_permeability", perm_x, perm_y)
ranksum("ranksum_permeability_less", perm_x, perm_y, alternative = "less")
ranksum("ranksum_permeability_greater", perm_x, perm_y, alternative = "greater", mu = -0.4, conf.level = 0.99)
set.seed(8)
long_x <- round(rnorm(90), 6); long_y <- round(rnorm(110, 0.3), 6)
emit_data("long_two", data.frame(value = c(long_x, long_y), y = rep(0:1, c(90, 110))))
ranksum("ranksum_long", long_x, long_y)
signed("signed_long", c(long_x, long_y))
emit("achieved", c(1 - 2 * psignrank(qsignrank(0.025, 9) - 1, 9), 1 - 2 * pwilcox(qwilcox(0.025, 10, 5) - 1, 10, 5),
                   1 - psignrank(qsignrank(0.05, 9) - 1, 9)))

# --- exact conditional p with ties (coin), and the index rule of the interval, in R
index_rule <- function(values, qu) c(values[max(1, qu)], values[length(values) + 1 - max(1, qu)], median(values))
walsh <- function(d) { d <- d[d != 0]; s <- outer(d, d, "+"); sort(s[!lower.tri(s)]) / 2 }
tied_signed <- function(name, x, y) {
  d <- y - x; n <- sum(d != 0)
  p <- pvalue(wilcoxsign_test(y ~ x, distribution = "exact", zero.method = "Wilcoxon"))
  r <- rank(abs(d[d != 0]))
  emit(name, c(sum(r[d[d != 0] > 0]), p, index_rule(walsh(d), qsignrank(0.025, n))))
}
tied_ranksum <- function(name, x, y) {
  g <- factor(rep(c("x", "y"), c(length(x), length(y))))
  p <- pvalue(coin::wilcox_test(c(x, y) ~ g, distribution = "exact"))
  less <- pvalue(coin::wilcox_test(c(x, y) ~ g, distribution = "exact", alternative = "greater"))
  U <- sum(rank(c(x, y))[seq_along(x)]) - length(x) * (length(x) + 1) / 2
  emit(name, c(U, p, index_rule(sort(outer(y, x, "-")), qwilcox(0.025, length(x), length(y))), less))
}
tied_signed("tied_signed_sleep", sleep1, sleep2)
tied_x <- c(3, 5, 5, 2, 8, 7, 7, 4, 6, 6, 1, 9, 3, 5); tied_y <- c(4, 5, 8, 2, 9, 5, 8, 6, 6, 9, 2, 8, 5, 7)
emit_data("tied_pairs", data.frame(x = tied_x, y = tied_y))
tied_signed("tied_signed_pairs", tied_x, tied_y)
tied_ranksum("tied_ranksum_mtcars", auto, manual)
tied_ranksum("tied_ranksum_pairs", tied_x, tied_y)
tied_ranksum("tied_ranksum_tooth", oj, vc)

# --- beyond the exact limits: normal with continuity correction; index by normal quantiles
set.seed(9)
big <- data.frame(x = rpois(260, 20), y = rpois(260, 21))
emit_data("big_pairs", big)
normal_index <- function(p, mean, sd) ceiling(mean + sd * qnorm(p) - 0.5)
for (alternative in c("two.sided", "less", "greater")) {
  emit(paste0("normal_signed_", alternative), wilcox.test(big$y - big$x, exact = FALSE, alternative = alternative)$p.value)
  emit(paste0("normal_ranksum_", alternative), wilcox.test(big$y, big$x, exact = FALSE, alternative = alternative)$p.value)
}
n <- sum(big$x != big$y)
emit("normal_signed", index_rule(walsh(big$y - big$x), normal_index(0.025, n * (n + 1) / 4, sqrt(n * (n + 1) * (2 * n + 1) / 24))))
emit("normal_ranksum", index_rule(sort(outer(big$y, big$x, "-")), normal_index(0.025, 260^2 / 2, sqrt(260^2 * 521 / 12))))

# --- null distributions
emit("psignrank", c(psignrank(6, 9), qsignrank(0.025, 20), psignrank(3000, 200)))
emit("pwilcox", c(pwilcox(35, 10, 5), qwilcox(0.025, 19, 13), pwilcox(300, 30, 40), pwilcox(10, 3, 50)))

# --- noncentral t, by R's AS 243 (good to 1e-12, absolute)
nct <- rbind(c(2, 10, 1), c(0, 5, 1), c(-1, 3, 2), c(4, 1, 1), c(30, 8, 25), c(5, 1000, 4), c(20, 1.5, 3), c(-6, 9, -4))
emit("pnt", pt(nct[, 1], nct[, 2], nct[, 3]))
emit("pnt_upper", pt(nct[, 1], nct[, 2], nct[, 3], lower.tail = FALSE))

# --- effect sizes; the interval of effectsize is found by optim, so here it is by uniroot
ncp <- function(t, df, p) uniroot(function(x) pt(t, df, x) - p, t + c(-1, 1) * (6 + abs(t)), tol = 1e-14)$root
J <- function(v) exp(lgamma(v / 2) - log(sqrt(v / 2)) - lgamma((v - 1) / 2))
g_row <- function(name, x, y, mu = 0, level = 0.95) {
  v <- length(x) + length(y) - 2; unit <- sqrt(1 / length(x) + 1 / length(y))
  t <- t.test(y, x, var.equal = TRUE, mu = mu)$statistic
  g <- effectsize::hedges_g(y, x, mu = mu)[[1]]
  emit(name, c(g, J(v) * unit * ncp(t, v, 1 - (1 - level) / 2), J(v) * unit * ncp(t, v, (1 - level) / 2)))
}
dz_row <- function(name, d, mu = 0, level = 0.95) {
  n <- length(d); t <- t.test(d, mu = mu)$statistic
  emit(name, c(effectsize::cohens_d(d, mu = mu)[[1]], ncp(t, n - 1, 1 - (1 - level) / 2) / sqrt(n), ncp(t, n - 1, (1 - level) / 2) / sqrt(n)))
}
g_row("g_mtcars", auto, manual)
g_row("g_sleep", sleep1, sleep2, mu = 0.5, level = 0.9)
g_row("g_tooth", oj, vc)
dz_row("dz_sleep", sleep2 - sleep1)
dz_row("dz_depression", d, mu = -0.2, level = 0.9)
rank_row <- function(name, e) emit(name, c(e[[1]], e$CI_low, e$CI_high))
rank_row("delta_mtcars", effectsize::cliffs_delta(manual, auto))
rank_row("delta_tooth", effectsize::cliffs_delta(vc, oj, ci = 0.9))
rank_row("delta_mtcars_less", effectsize::cliffs_delta(manual, auto, alternative = "less"))
rank_row("rb_depression", effectsize::rank_biserial(d))
nonzero <- (tied_y - tied_x)[tied_y != tied_x]
rank_row("rb_pairs", effectsize::rank_biserial(nonzero, ci = 0.9))
rank_row("rb_pairs_greater", effectsize::rank_biserial(nonzero, alternative = "greater"))
# effectsize's own intervals of g and d, to the precision its optim has
rank_row("effectsize_g_mtcars", effectsize::hedges_g(manual, auto))
rank_row("effectsize_dz_sleep", effectsize::cohens_d(sleep2 - sleep1))
emit_end()
