# rep-compare's designs: rows by level, unit means before and after a cut, columns of one row.
source("tests/reference/emit.R")
suppressMessages(library(coin))
emit_start("compare")

set.seed(11)
panel <- expand.grid(month = sprintf("2024-%02d", 1:12), rep = paste0("rep", 1:14), stringsAsFactors = FALSE)
panel$region <- ifelse(as.integer(sub("rep", "", panel$rep)) %% 2 == 0, "South", "North")
panel$arm <- ifelse(as.integer(sub("rep", "", panel$rep)) <= 6, "control", "treated")
panel$revenue <- round(100 + 10 * rnorm(14)[as.integer(sub("rep", "", panel$rep))] + 5 * (panel$month >= "2024-07") + 12 * rnorm(168), 1)
panel$calls <- rpois(168, 20)
panel$revenue[c(5, 40, 77)] <- NA
panel <- panel[!(panel$rep == "rep3" & panel$month < "2024-07") & !(panel$rep == "rep9" & panel$month >= "2024-07"), ]
panel <- panel[sample(nrow(panel)), c("rep", "month", "region", "arm", "revenue", "calls")]
emit_data("compare_panel", panel)

# n1 n2 mean1 mean2 estimate std_error statistic df p low high
independent <- function(name, x, y) {
  x <- x[!is.na(x)]; y <- y[!is.na(y)]
  t <- t.test(y, x)
  emit(paste0(name, "_welch"), c(length(x), length(y), mean(x), mean(y), mean(y) - mean(x), t$stderr, t$statistic, t$parameter, t$p.value, t$conf.int))
  # exact and conditional on ties; the interval by the order statistics of the pairs
  g <- factor(rep(c("x", "y"), c(length(x), length(y))))
  p <- pvalue(coin::wilcox_test(c(x, y) ~ g, distribution = "exact"))
  diffs <- sort(outer(y, x, "-")); qu <- max(1, qwilcox(0.025, length(x), length(y)))
  U <- sum(rank(c(x, y))[seq_along(x)]) - length(x) * (length(x) + 1) / 2
  emit(paste0(name, "_ranks"), c(length(x), length(y), mean(x), mean(y), median(diffs), NA, U, NA, p, diffs[qu], diffs[length(diffs) + 1 - qu]))
}
paired <- function(name, x, y, ranks = TRUE) {
  t <- t.test(y, x, paired = TRUE)
  emit(paste0(name, "_t"), c(length(x), length(y), mean(x), mean(y), mean(y - x), t$stderr, t$statistic, t$parameter, t$p.value, t$conf.int))
  if (!ranks) return(invisible())
  w <- wilcox.test(y, x, paired = TRUE, conf.int = TRUE, exact = TRUE)
  emit(paste0(name, "_ranks"), c(length(x), length(y), mean(x), mean(y), w$estimate, NA, w$statistic, NA, w$p.value, w$conf.int))
}
before <- panel$month < "2024-07"
units <- function(value, rows) {
  a <- tapply(value[before & rows], panel$rep[before & rows], mean, na.rm = TRUE)
  b <- tapply(value[!before & rows], panel$rep[!before & rows], mean, na.rm = TRUE)
  both <- intersect(names(a), names(b))
  list(x = as.numeric(a[both]), y = as.numeric(b[both]), unpaired = length(setdiff(union(names(a), names(b)), both)))
}
# five months, so that the rank test is exact
small <- panel$month %in% c("2024-01", "2024-02", "2024-03", "2024-04", "2024-05")
emit_data("compare_small", panel[small, ])
independent("arm", panel$revenue[panel$arm == "control" & small], panel$revenue[panel$arm == "treated" & small])
u <- units(panel$revenue, TRUE); paired("cut", u$x, u$y); emit("cut_unpaired", u$unpaired)
u <- units(panel$calls, TRUE); paired("cut_calls", u$x, u$y, ranks = FALSE) # ties: R is not exact there
for (region in c("North", "South")) { u <- units(panel$revenue, panel$region == region); paired(paste0("cut_", region), u$x, u$y) }
data(sleep)
paired("wide", sleep$extra[1:10] + (1:10) / 1000, sleep$extra[11:20] + (1:10)^2 / 1000)
emit_data("compare_wide", data.frame(first = c(sleep$extra[1:10] + (1:10) / 1000, NA, 3), second = c(sleep$extra[11:20] + (1:10)^2 / 1000, 4, NA)))
emit("holm", p.adjust(c(0.01, 0.04, 0.03), "holm"))
emit_end()
