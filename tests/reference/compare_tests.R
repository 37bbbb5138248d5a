# The tests of rep-compare beyond t and Wilcoxon's: pooled t, permutations, the bootstrap of means, proportions,
# rates, odds, signs, distribution functions, equivalence, ratios of means, several samples.
source("tests/reference/emit.R")
suppressMessages({library(coin); library(boot); library(exactRankTests); library(effectsize)})
emit_start("compare_tests")

data(sleep); data(mtcars); data(ToothGrowth); data(chickwts); data(InsectSprays); data(warpbreaks)
sleep1 <- sleep$extra[1:10]; sleep2 <- sleep$extra[11:20]
auto <- mtcars$mpg[mtcars$am == 0]; manual <- mtcars$mpg[mtcars$am == 1]
oj <- ToothGrowth$len[ToothGrowth$supp == "OJ"]; vc <- ToothGrowth$len[ToothGrowth$supp == "VC"]
emit_data("chickwts", chickwts[c("feed", "weight")])
emit_data("sprays", data.frame(spray = InsectSprays$spray, count = InsectSprays$count))
# the example of docs/rep-compare.md
write.csv(data.frame(patient = sleep$ID, drug = sleep$group, extra = sleep$extra), "datasets/sleep.csv", row.names = FALSE, quote = FALSE)

# --- pooled t, and two one-sided tests: estimate se t df p low high
t_row <- function(name, t) emit(name, c(diff(rev(t$estimate)), t$stderr, t$statistic, t$parameter, t$p.value, t$conf.int))
t_row("student_sleep", t.test(sleep2, sleep1, var.equal = TRUE))
t_row("student_mtcars", t.test(manual, auto, var.equal = TRUE, mu = 2, conf.level = 0.9))
t_row("student_mtcars_less", t.test(manual, auto, var.equal = TRUE, alternative = "less"))
tost <- function(name, margin, ...) {
  a <- t.test(..., mu = -margin, alternative = "greater"); b <- t.test(..., mu = margin, alternative = "less")
  both <- t.test(..., conf.level = 0.9)
  emit(name, c(if (a$p.value >= b$p.value) a$statistic else b$statistic, a$parameter, max(a$p.value, b$p.value), both$conf.int))
}
tost("tost_sleep", 2.5, sleep2, sleep1, paired = TRUE)
tost("tost_tooth", 8, vc, oj)

# --- permutations of labels and signs: every one of them, in R and in coin and exactRankTests
labels_p <- function(x, y, alternative) {
  all <- combn(length(x) + length(y), length(y)); v <- c(x, y)
  s <- colSums(matrix(v[all], nrow(all))) - length(y) * mean(v); t <- sum(y) - length(y) * mean(v)
  switch(alternative, two = mean(abs(s) >= abs(t) - 1e-9), less = mean(s <= t + 1e-9), greater = mean(s >= t - 1e-9))
}
emit("labels_sleep", c(mean(sleep2) - mean(sleep1), labels_p(sleep1, sleep2, "two"), labels_p(sleep1, sleep2, "less"), labels_p(sleep1, sleep2, "greater")))
emit("labels_sleep_coin", pvalue(oneway_test(extra ~ group, data = sleep, distribution = "exact")))
emit("labels_sleep_exact", perm.test(round(10 * sleep2 + 100), round(10 * sleep1 + 100))$p.value)
few <- mtcars[mtcars$gear == 5 | mtcars$gear == 3 & mtcars$cyl != 8, ]; few_x <- few$qsec[few$gear == 3]; few_y <- few$qsec[few$gear == 5]
emit("labels_gears", c(few_x, few_y)); emit("labels_gears_n", c(length(few_x), length(few_y)))
emit("labels_gears_p", c(labels_p(few_x, few_y, "two"), labels_p(few_x, few_y, "less")))
# an asymptotic p of coin for what is too much to count
big <- oneway_test(mpg ~ factor(am), data = mtcars); emit("labels_mtcars_asymptotic", pvalue(big))
signs_p <- function(d) { s <- as.matrix(expand.grid(rep(list(c(-1, 1)), length(d)))) %*% d; mean(abs(s) >= abs(sum(d)) - 1e-9) }
depression <- c(1.83, .50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30) - c(.878, .647, .598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)
emit("signs_sleep", signs_p(sleep2 - sleep1)); emit("signs_sleep_exact", perm.test(round(10 * sleep2), round(10 * sleep1), paired = TRUE, exact = TRUE)$p.value); emit("signs_depression", signs_p(depression)); emit("depression", depression)
# within blocks: doses of tooth growth, four animals a block and supplement, all label exchanges
small <- do.call(rbind, by(ToothGrowth, list(ToothGrowth$dose, ToothGrowth$supp), head, 4))
emit_data("tooth_blocks", small)
block_sums <- lapply(split(small, small$dose), function(b) colSums(matrix(b$len[combn(8, 4)], 4)) - 4 * mean(b$len))
s <- Reduce(function(a, b) as.vector(outer(a, b, "+")), block_sums)
t <- sum(small$len[small$supp == "VC"]) - sum(sapply(split(small, small$dose), function(b) 4 * mean(b$len)))
fit <- lm(len ~ supp + factor(dose), small)
emit("blocks_tooth", c(coef(fit)[["suppVC"]], mean(abs(s) >= abs(t) - 1e-9), length(s)))

# --- the bootstrap of means: z0 and interval of R's own draws agree to the Monte Carlo error only
set.seed(1)
b <- boot(sleep2 - sleep1, function(d, i) mean(d[i]), R = 99999)
emit("boot_sleep", c(b$t0, boot.ci(b, type = "bca")$bca[4:5]))
v <- data.frame(y = c(auto, manual), g = rep(1:2, c(length(auto), length(manual))))
b <- boot(v, function(d, i) mean(d$y[i][d$g[i] == 2]) - mean(d$y[i][d$g[i] == 1]), R = 99999, strata = v$g)
emit("boot_mtcars", c(b$t0, boot.ci(b, type = "perc")$percent[4:5], sd(b$t)))
skew <- function(x) { d <- mean(x) - x; sum(d^3) / (6 * sum(d^2)^1.5) }
emit("boot_sleep_a", -skew(sleep2 - sleep1))

# --- proportions: chi-squared and p of R; Newcombe and Bonett-Price by their formulas
wilson <- function(k, n, z) { p <- k / n; c(p + z^2 / 2 / n - z * sqrt(p * (1 - p) / n + z^2 / 4 / n^2), p + z^2 / 2 / n + z * sqrt(p * (1 - p) / n + z^2 / 4 / n^2)) / (1 + z^2 / n) }
emit("wilson", c(prop.test(81, 263, correct = FALSE)$conf.int, prop.test(0, 20, correct = FALSE)$conf.int[2]))
prop_row <- function(name, k1, n1, k2, n2, level = 0.95) {
  t <- suppressWarnings(prop.test(c(k2, k1), c(n2, n1), correct = FALSE)); z <- qnorm(1 - (1 - level) / 2)
  w1 <- wilson(k1, n1, z); w2 <- wilson(k2, n2, z); p1 <- k1 / n1; p2 <- k2 / n2
  emit(name, c(p2 - p1, t$statistic, t$p.value, p2 - p1 - sqrt((p2 - w2[1])^2 + (w1[2] - p1)^2), p2 - p1 + sqrt((w2[2] - p2)^2 + (p1 - w1[1])^2),
               suppressWarnings(prop.test(c(k2, k1), c(n2, n1), correct = FALSE, alternative = "less"))$p.value))
}
prop_row("prop_newcombe", 48, 80, 56, 70)
prop_row("prop_berkeley", sum(UCBAdmissions[1, 2, ]), sum(UCBAdmissions[, 2, ]), sum(UCBAdmissions[1, 1, ]), sum(UCBAdmissions[, 1, ]), 0.99)
emit("prop_extreme", c(1, prop.test(c(10, 0), c(10, 20), correct = FALSE)$statistic))
# exact conditional: the roots found to 1e-13 instead of uniroot's default
fisher_row <- function(name, k1, n1, k2, n2, or = 1, level = 0.95) {
  m <- n2; n <- n1; k <- k1 + k2; lo <- max(0, k - n); hi <- min(k, m); support <- lo:hi; logdc <- dhyper(support, m, n, k, log = TRUE)
  d <- function(ncp) { d <- logdc + log(ncp) * support; d <- exp(d - max(d)); d / sum(d) }
  root <- function(f) exp(uniroot(f, c(-20, 20), tol = 1e-14)$root)
  a <- (1 - level) / 2
  x <- matrix(c(k2, k1, n2 - k2, n1 - k1), 2)
  emit(name, c(root(function(l) sum(support * d(exp(l))) - k2), fisher.test(x, or = or)$p.value,
               root(function(l) sum(d(exp(l))[support >= k2]) - a), root(function(l) sum(d(exp(l))[support <= k2]) - a),
               fisher.test(x, alternative = "less")$p.value, fisher.test(x, alternative = "greater")$p.value))
  emit(paste0(name, "_R"), c(fisher.test(x, conf.level = level)$estimate, fisher.test(x, conf.level = level)$conf.int))
}
fisher_row("fisher_tea", 1, 4, 3, 4)
fisher_row("fisher_convictions", 2, 17, 10, 13)
fisher_row("fisher_berkeley", sum(UCBAdmissions[1, 2, ]), sum(UCBAdmissions[, 2, ]), sum(UCBAdmissions[1, 1, ]), sum(UCBAdmissions[, 1, ]), level = 0.9)
emit("fisher_or", fisher.test(matrix(c(10, 2, 3, 15), 2), or = 4)$p.value)
mcnemar_row <- function(name, gained, lost, n) {
  f <- (gained + 1) / (n + 2); g <- (lost + 1) / (n + 2); h <- qnorm(0.975) * sqrt((f + g - (f - g)^2) / (n + 2))
  emit(name, c(f - g, binom.test(gained, gained + lost)$p.value, f - g - h, f - g + h))
}
mcnemar_row("mcnemar_approval", 86, 150, 1600)
mcnemar_row("mcnemar_small", 9, 2, 30)
bin <- rbind(c(7, 20, .3), c(0, 9, .5), c(682, 925, .75), c(3, 3, .2), c(11, 32, 800 / 3811), c(499000, 1e6, .5))
emit("binomial_two", apply(bin, 1, function(r) binom.test(r[1], r[2], r[3])$p.value))
emit("binomial_less", apply(bin, 1, function(r) binom.test(r[1], r[2], r[3], "less")$p.value))
emit("binomial_greater", apply(bin, 1, function(r) binom.test(r[1], r[2], r[3], "greater")$p.value))
emit("clopper", c(binom.test(1, 29)$conf.int, binom.test(682, 925, conf.level = 0.9)$conf.int))

# --- rates: the exposures of the first and second sample last
rate_row <- function(name, x1, t1, x2, t2, ...) { t <- poisson.test(c(x2, x1), c(t2, t1), ...); emit(name, c(t$estimate, t$p.value, t$conf.int)) }
rate_row("rate_breast", 21, 3011, 11, 800)
rate_row("rate_breast_greater", 21, 3011, 11, 800, alternative = "greater", conf.level = 0.9)
rate_row("rate_warp", sum(warpbreaks$breaks[warpbreaks$wool == "A"]), 27, sum(warpbreaks$breaks[warpbreaks$wool == "B"]), 27, r = 0.9)
rate_row("rate_none", 5, 10, 0, 12)

# --- signs: statistic, p, median, the order statistics of the interval
sign_row <- function(name, d) {
  k <- max(1, qbinom(0.025, length(d), 0.5))
  emit(name, c(sum(d > 0), binom.test(sum(d > 0), sum(d != 0))$p.value, median(d), sort(d)[k], sort(d)[length(d) + 1 - k], 1 - 2 * pbinom(k - 1, length(d), 0.5)))
}
sign_row("sign_sleep", sleep2 - sleep1)
sign_row("sign_depression", depression)
sign_row("sign_quakes", quakes$depth - 250)

# --- distribution functions
ks_row <- function(name, x, y) for (a in c("two.sided", "less", "greater")) { t <- ks.test(x, y, alternative = a, exact = TRUE); emit(paste0(name, "_", a), c(t$statistic, t$p.value)) }
ks_row("ks_mtcars", auto, manual)
ks_row("ks_tooth", oj, vc)
set.seed(3); u <- round(rnorm(12), 5); w <- round(rnorm(9, 0.7), 5); emit("ks_untied_x", u); emit("ks_untied_y", w); ks_row("ks_untied", u, w)
emit("ks_limit", sapply(c("two.sided", "less", "greater"), function(a) ks.test(quakes$depth[1:500], quakes$depth[501:1000], alternative = a, exact = FALSE)$p.value))
emit_data("quakes_depth", data.frame(depth = quakes$depth))

# --- ratios of means: r se t p low high, Fieller
fieller <- function(name, x, y, vx, vy, c, df, rho = 1, level = 0.95) {
  mx <- mean(x); my <- mean(y); q <- qt(1 - (1 - level) / 2, df); A <- mx^2 - q^2 * vx; B <- mx * my - q^2 * c; C <- my^2 - q^2 * vy
  r <- my / mx; t <- (my - rho * mx) / sqrt(vy - 2 * rho * c + rho^2 * vx)
  emit(name, c(r, sqrt(vy - 2 * r * c + r^2 * vx) / mx, t, 2 * pt(-abs(t), df), (B - sqrt(B^2 - A * C)) / A, (B + sqrt(B^2 - A * C)) / A))
}
se2 <- function(x) var(x) / length(x)
fieller("ratio_tooth", vc, oj, se2(vc), se2(oj), 0, 58)
fieller("ratio_mtcars", auto, manual, se2(auto), se2(manual), 0, t.test(manual, auto)$parameter, 1.2, 0.9)
fieller("ratio_pairs", sleep1 + 3, sleep2 + 3, se2(sleep1), se2(sleep2), cov(sleep1, sleep2) / 10, 9)

# --- several samples: statistic, df, df of the error, p
emit("anova_chickwts", with(oneway.test(weight ~ feed, chickwts, var.equal = TRUE), c(statistic, parameter, p.value)))
emit("anova_sprays", with(oneway.test(count ~ spray, InsectSprays, var.equal = TRUE), c(statistic, parameter, p.value)))
emit("welch_chickwts", with(oneway.test(weight ~ feed, chickwts), c(statistic, parameter, p.value)))
emit("welch_sprays", with(oneway.test(count ~ spray, InsectSprays), c(statistic, parameter, p.value)))
emit("kruskal_chickwts", with(kruskal.test(weight ~ feed, chickwts), c(statistic, parameter, p.value)))
emit("kruskal_sprays", with(kruskal.test(count ~ spray, InsectSprays), c(statistic, parameter, p.value)))
emit("epsilon_chickwts", rank_epsilon_squared(weight ~ feed, data = chickwts, ci = NULL)[[1]])
rounding <- matrix(c(5.40, 5.50, 5.55, 5.85, 5.70, 5.75, 5.20, 5.60, 5.50, 5.55, 5.50, 5.40, 5.90, 5.85, 5.70, 5.45, 5.55, 5.60, 5.40, 5.40, 5.35, 5.45, 5.50, 5.35,
  5.25, 5.15, 5.00, 5.85, 5.80, 5.70, 5.25, 5.20, 5.10, 5.65, 5.55, 5.45, 5.60, 5.35, 5.45, 5.05, 5.00, 4.95, 5.50, 5.50, 5.40, 5.45, 5.55, 5.50, 5.55, 5.55, 5.35,
  5.45, 5.50, 5.55, 5.50, 5.45, 5.25, 5.65, 5.60, 5.40, 5.70, 5.65, 5.55, 6.30, 6.30, 6.25), nrow = 22, byrow = TRUE)
emit_data("base_running", data.frame(player = rep(1:22, each = 3), way = rep(c("out", "narrow", "wide"), 22), seconds = as.vector(t(rounding))))
emit("friedman_running", with(friedman.test(rounding), c(statistic, parameter, p.value)))
warp <- with(warpbreaks, matrix(breaks[1:45], 9)); emit("friedman_warp_data", as.vector(t(warp)))
emit("friedman_warp", with(friedman.test(warp), c(statistic, parameter, p.value)))
# the noncentralities by uniroot to 1e-13, and effectsize's, which optim finds to about 1e-4
eta <- function(name, F, df, dfe, level = 0.95) {
  ncp <- function(p) if (pf(F, df, dfe, lower.tail = FALSE) >= p) 0 else uniroot(function(l) pf(F, df, dfe, l, lower.tail = FALSE) - p, c(0, 50 + 5 * F * df), tol = 1e-14)$root
  a <- (1 - level) / 2; l <- c(ncp(a), ncp(1 - a)); e <- F_to_eta2(F, df, dfe, ci = level, alternative = "two.sided")
  emit(name, c(e[[1]], l / (l + dfe))); emit(paste0(name, "_effectsize"), c(e$CI_low, e$CI_high))
}
eta("eta_chickwts", oneway.test(weight ~ feed, chickwts, var.equal = TRUE)$statistic, 5, 65)
eta("eta_small", 1.3, 2, 20.5, 0.9)
emit("pf", c(pf(3, 4, 20, 2), pf(3, 4, 20, 2, lower.tail = FALSE), pf(40, 2, 8.5, 60)))
# pf gives 9 digits of these: the sum itself.
pf_far <- function(x, df1, df2, ncp, lower.tail) {
  m <- ncp / 2
  j <- seq(floor(m - 12 * sqrt(m)), ceiling(m + 12 * sqrt(m)))
  sum(dpois(j, m) * pbeta(df2 / (df1 * x + df2), df2 / 2, df1 / 2 + j, lower.tail = !lower.tail))
}
far <- list(c(17000, 3, 10, 50001), c(12000, 10, 200, 1e5), c(90000, 10, 200, 1e6))
emit("pf_far_lower", sapply(far, function(a) pf_far(a[1], a[2], a[3], a[4], TRUE)))
emit("pf_far_upper", sapply(far, function(a) pf_far(a[1], a[2], a[3], a[4], FALSE)))
# The limit: df1 F / ncp is 1 over a chi squared by its degrees of freedom.
emit("pf_limit", pchisq(10 / (3 * 0.3), 10, lower.tail = FALSE))

# --- what these data could have shown: effects at 80% power, and n
pooled <- sqrt((var(sleep1) + var(sleep2)) / 2)
emit("mde_paired", c(sd(sleep2 - sleep1), power.t.test(n = 10, sd = sd(sleep2 - sleep1), power = 0.8, type = "paired", strict = TRUE, tol = 1e-12)$delta,
                     ceiling(power.t.test(delta = 1, sd = sd(sleep2 - sleep1), power = 0.8, type = "paired", strict = TRUE)$n)))
emit("mde_two", c(pooled, power.t.test(n = 10, sd = pooled, power = 0.8, strict = TRUE, tol = 1e-12)$delta, ceiling(power.t.test(delta = 1, sd = pooled, power = 0.8, strict = TRUE)$n)))
emit("mde_shares", c(power.prop.test(n = 80, p1 = 0.6, power = 0.8, strict = TRUE, tol = 1e-13)$p2 - 0.6, ceiling(power.prop.test(p1 = 0.6, p2 = 0.75, power = 0.8, strict = TRUE)$n)))
emit_end()
