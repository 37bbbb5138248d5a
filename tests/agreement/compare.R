# rep-compare: two samples, pairs, proportions, rates, several samples.
suppressMessages(library(coin))
two_of <- function(name, d, group, levels) {
  d <- d[d[[group]] %in% levels, ]
  data_set(name, d)
}
two_of("two_iris", iris, "Species", c("versicolor", "virginica"))
two_of("two_chickwts", chickwts, "feed", c("casein", "linseed"))
two_of("two_sprays", InsectSprays, "spray", c("C", "E"))
two_of("two_plants", PlantGrowth, "group", c("trt1", "trt2"))
two <- list(c("sleep", "group", "extra"), c("toothgrowth", "supp", "len"), c("mtcars", "am", "mpg"),
            c("warpbreaks", "wool", "breaks"), c("two_iris", "species", "sepal_length"),
            c("two_chickwts", "feed", "weight"), c("two_sprays", "spray", "count"), c("two_plants", "group", "weight"))
key <- function(test) paste0("test=", test)
for (s in two) {
  d <- frames[[s[1]]]
  g <- d[[s[2]]]; l <- sort(unique(as.character(g)))
  x <- d[[s[3]]][g == l[1]]; y <- d[[s[3]]][g == l[2]]
  run <- function(tests, more = "") paste("rep-compare", path_of(s[1]), "--value", s[3], "--group", s[2], "--test", tests, more)
  t_cells <- function(test, t) at(key(test), estimate = mean(y) - mean(x), std_error = t$stderr, statistic = t$statistic,
    df = t$parameter, p_value = t$p.value, conf_low = t$conf.int[1], conf_high = t$conf.int[2])
  agree("welch", s[1], run("welch"), t_cells("welch", t.test(y, x)))
  agree("student", s[1], run("student"), t_cells("student", t.test(y, x, var.equal = TRUE)))
  f <- factor(rep(c("x", "y"), c(length(x), length(y))))
  diffs <- sort(outer(y, x, "-"))
  agree("mann-whitney", s[1], run("mann-whitney"), c(at(key("mann-whitney"),
    p_value = if (length(x) + length(y) <= 20) pvalue(wilcox_test(c(x, y) ~ f, distribution = "exact")) else NA,
    estimate = median(diffs))))
  margin <- 0.5 * sd(c(x, y))
  a <- t.test(y, x, mu = -margin, alternative = "greater"); b <- t.test(y, x, mu = margin, alternative = "less")
  w <- t.test(y, x, conf.level = 0.9)
  agree("tost", s[1], run("tost", paste("--margin", number17(margin))), at(key("tost"), p_value = max(a$p.value, b$p.value),
    conf_low = w$conf.int[1], conf_high = w$conf.int[2]))
  for (alternative in c("two.sided", "less", "greater")) {
    k <- ks.test(x, y, alternative = alternative, exact = TRUE)
    agree("ks", s[1], run("ks", paste("--alternative", sub("\\.", "-", alternative))),
          at(key("ks"), statistic = k$statistic, p_value = k$p.value))
  }
}
# Label permutations: all of them
for (s in two[c(1, 2, 3, 5, 6, 8)]) {
  d <- frames[[s[1]]]
  l <- sort(unique(as.character(d[[s[2]]])))
  d <- rbind(head(d[d[[s[2]]] == l[1], ], 6), head(d[d[[s[2]]] == l[2], ], 6))
  name <- paste0("six_", s[1])
  data_set(name, d)
  g <- factor(d[[s[2]]])
  p <- pvalue(oneway_test(d[[s[3]]] ~ g, distribution = "exact"))
  agree("permutation", name, paste("rep-compare", path_of(name), "--value", s[3], "--group", s[2], "--test permutation"),
        at(key("permutation"), estimate = diff(tapply(d[[s[3]]], g, mean)), p_value = p))
}
pairs2 <- list(c("sleepwide", "first", "second"), c("immer", "y1", "y2"), c("anorexia", "prewt", "postwt"),
               c("shoes", "a", "b"), c("irispairs", "sepal_width", "petal_length"), c("attitude", "rating", "complaints"))
for (s in pairs2) {
  d <- frames[[s[1]]]
  x <- d[[s[2]]]; y <- d[[s[3]]]
  run <- function(tests, more = "") paste("rep-compare", path_of(s[1]), "--before", s[2], "--after", s[3], "--test", tests, more)
  t <- t.test(y, x, paired = TRUE)
  agree("paired-t", s[1], run("paired-t"), at(key("paired-t"), estimate = t$estimate, std_error = t$stderr, statistic = t$statistic,
    df = t$parameter, p_value = t$p.value, conf_low = t$conf.int[1], conf_high = t$conf.int[2]))
  v <- y - x
  b <- binom.test(sum(v > 0), sum(v != 0))
  agree("sign", s[1], run("sign"), at(key("sign"), p_value = b$p.value, estimate = median(v)))
  e <- exactRankTests::wilcox.exact(v[v != 0], exact = TRUE)
  agree("wilcoxon", s[1], run("wilcoxon"), at(key("wilcoxon"), p_value = e$p.value))
}
for (n in c(8, 10, 12, 15, 20)) { # without ties: R's own exact distribution and interval
  set.seed(n)
  d <- data.frame(before = round(rnorm(n, 10, 3), 4), after = round(rnorm(n, 11, 3), 4))
  name <- paste0("untied_", n)
  data_set(name, d)
  w <- wilcox.test(d$after, d$before, paired = TRUE, conf.int = TRUE, exact = TRUE)
  agree("wilcoxon", name, paste("rep-compare", path_of(name), "--before before --after after --test wilcoxon"),
        at(key("wilcoxon"), p_value = w$p.value, estimate = w$estimate, conf_low = w$conf.int[1], conf_high = w$conf.int[2]))
  long <- data.frame(side = rep(c("a", "b"), each = n), value = c(d$before, d$after))
  data_set(paste0(name, "_long"), long)
  w <- wilcox.test(d$after, d$before, conf.int = TRUE, exact = TRUE)
  agree("mann-whitney", paste0(name, "_long"), paste("rep-compare", path_of(paste0(name, "_long")), "--value value --group side --test mann-whitney"),
        at(key("mann-whitney"), p_value = w$p.value, estimate = w$estimate, conf_low = w$conf.int[1], conf_high = w$conf.int[2]))
}
# Proportions: departments of Berkeley, each by sex; classes of the Titanic; pairs of zeros and ones
shares <- c(lapply(setNames(1:6, paste0("berkeley_", letters[1:6])), function(k) UCBAdmissions[1:2, , k]),
            list(titanic_men = apply(Titanic, c(4, 2), sum)[2:1, ], titanic_crew = t(apply(Titanic, c(1, 4), sum)[c(4, 3), 2:1])))
# The equations of fisher.test, its roots found to 1e-14 (R's own are found to about 1e-4).
odds_of <- function(k, n) {
  total <- sum(k); support <- max(0, total - n[1]):min(total, n[2])
  logdc <- dhyper(support, n[2], n[1], total, log = TRUE)
  d <- function(odds) { p <- exp(logdc + log(odds) * support - max(logdc + log(odds) * support)); p / sum(p) }
  root <- function(f) exp(uniroot(function(l) f(exp(l)), c(-20, 20), tol = 1e-14)$root)
  at(key("fisher"), estimate = root(function(o) sum(support * d(o)) - k[2]), conf_low = root(function(o) sum(d(o)[support >= k[2]]) - 0.025),
     conf_high = root(function(o) sum(d(o)[support <= k[2]]) - 0.025))
}
for (name in names(shares)) {
  m <- shares[[name]] # succeeded and not, by group
  d <- data.frame(side = c("a", "b"), won = as.numeric(m[1, ]), tried = as.numeric(colSums(m)))
  data_set(name, d)
  command <- function(test) paste("rep-compare", path_of(name), "--successes won --trials tried --group side --test", test)
  t <- prop.test(d$won[2:1], d$tried[2:1], correct = FALSE)
  w <- sapply(1:2, function(i) prop.test(d$won[i], d$tried[i], correct = FALSE)$conf.int)
  p <- d$won / d$tried
  agree("prop", name, command("prop"), at(key("prop"), estimate = p[2] - p[1], p_value = t$p.value,
    conf_low = p[2] - p[1] - sqrt((p[2] - w[1, 2])^2 + (w[2, 1] - p[1])^2),
    conf_high = p[2] - p[1] + sqrt((w[2, 2] - p[2])^2 + (p[1] - w[1, 1])^2)))
  f <- fisher.test(matrix(c(d$won[2], d$won[1], d$tried[2] - d$won[2], d$tried[1] - d$won[1]), 2))
  agree("fisher", name, command("fisher"), at(key("fisher"), p_value = f$p.value))
  agree("fisher, odds ratio", name, command("fisher"), odds_of(d$won, d$tried))
  agree("wilson", name, paste("rep-kpi win-rate --set", paste0("won=", d$won[1]), "--set", paste0("lost=", d$tried[1] - d$won[1])),
        at("", estimate = p[1], conf_low = w[1, 1], conf_high = w[2, 1]))
}
halves <- list(c("anorexia", "prewt", "postwt"), c("immer", "y1", "y2"), c("irispairs", "sepal_width", "petal_length"),
               c("attitude", "rating", "complaints"), c("attitude", "learning", "raises"), c("swiss", "agriculture", "examination"))
for (s in halves) {
  d <- frames[[s[1]]]
  # thresholds at which both sides move
  x <- as.integer(d[[s[2]]] > quantile(d[[s[2]]], 0.45)); y <- as.integer(d[[s[3]]] > quantile(d[[s[3]]], 0.3))
  name <- paste("yes", s[1], s[2], sep = "_")
  data_set(name, data.frame(x = x, y = y))
  b <- binom.test(sum(y > x), sum(y != x))
  agree("mcnemar", name, paste("rep-compare", path_of(name), "--before x --after y --test mcnemar"),
        at(key("mcnemar"), estimate = (sum(y > x) + 1 - sum(y < x) - 1) / (length(x) + 2), p_value = b$p.value))
}
rates <- list(warp = with(warpbreaks, data.frame(side = wool, n = breaks, days = 1)),
              sprays = with(subset(InsectSprays, spray %in% c("A", "B")), data.frame(side = spray, n = count, days = 1)),
              quine = with(MASS::quine, data.frame(side = Sex, n = Days, days = 1)),
              ships = with(subset(MASS::ships, service > 0 & type %in% c("A", "B")), data.frame(side = type, n = incidents, days = service)),
              insurance = with(subset(MASS::Insurance, District %in% c("1", "4")), data.frame(side = paste0("d", District), n = Claims, days = Holders)),
              discoveries = data.frame(side = rep(c("a", "b"), each = 50), n = as.numeric(discoveries), days = 1))
for (name in names(rates)) {
  d <- rates[[name]]
  d$side <- as.character(d$side)
  data_set(paste0("rates_", name), d)
  l <- sort(unique(d$side))
  n <- tapply(d$n, d$side, sum)[l]; t <- tapply(d$days, d$side, sum)[l]
  p <- poisson.test(as.numeric(n[2:1]), as.numeric(t[2:1]))
  agree("poisson", name, paste("rep-compare", path_of(paste0("rates_", name)), "--value n --group side --exposure days --test poisson"),
        at(key("poisson"), estimate = p$estimate, p_value = p$p.value, conf_low = p$conf.int[1], conf_high = p$conf.int[2]))
}
several <- list(c("chickwts", "feed", "weight"), c("plantgrowth", "group", "weight"), c("insectsprays", "spray", "count"),
                c("iris", "species", "sepal_width"), c("warpbreaks", "tension", "breaks"), c("airquality", "month", "temp"))
for (s in several) {
  d <- frames[[s[1]]]
  y <- d[[s[3]]]; g <- factor(d[[s[2]]])
  command <- function(test) paste("rep-compare", path_of(s[1]), "--value", s[3], "--group", s[2], "--test", test)
  a <- oneway.test(y ~ g, var.equal = TRUE); w <- oneway.test(y ~ g); k <- kruskal.test(y, g)
  agree("anova", s[1], command("anova"), at(key("anova"), statistic = a$statistic, df = a$parameter[2], p_value = a$p.value))
  agree("welch-anova", s[1], command("welch-anova"), at(key("welch-anova"), statistic = w$statistic, p_value = w$p.value))
  agree("kruskal", s[1], command("kruskal"), at(key("kruskal"), statistic = k$statistic, df = k$parameter, p_value = k$p.value))
}
blocks <- list(orange = c("tree", "age", "circumference"), loblolly = c("seed", "age", "height"), co2 = c("plant", "conc", "uptake"),
               grunfeld = c("firm", "year", "inv"), sleepstudy = c("subject", "days", "reaction"))
for (name in names(blocks)) {
  s <- blocks[[name]]
  d <- frames[[name]]
  m <- tapply(d[[s[3]]], list(d[[s[1]]], d[[s[2]]]), mean)
  f <- friedman.test(m)
  agree("friedman", name, paste("rep-compare", path_of(name), "--value", s[3], "--group", s[2], "--id", s[1], "--test friedman"),
        at(key("friedman"), statistic = f$statistic, df = f$parameter, p_value = f$p.value))
}
