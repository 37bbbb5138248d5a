# Slopes within clusters: lm with a dummy for each, of two data sets, one with weights.
source("tests/reference/emit.R")
emit_start("within_slopes")
emit_slopes <- function(name, m, terms) {
  s <- summary(m)$coefficients
  emit(paste0(name, ".coef"), s[terms, 1])
  emit(paste0(name, ".se"), s[terms, 2])
}
g <- read.csv("tests/reference/data/grunfeld.csv")
emit_slopes("firms", lm(inv ~ value + capital + factor(firm), g), c("value", "capital"))
emit_slopes("weighted", lm(inv ~ value + capital + factor(firm), g, weights = year - 1934), c("value", "capital"))
many <- g[rep(seq_len(nrow(g)), 500), ]
emit_slopes("many", lm(inv ~ value + capital + factor(firm), many), c("value", "capital"))
rollout <- read.csv("datasets/rollout.csv")
rollout <- rollout[complete.cases(rollout), ]
rollout$rep <- as.integer(factor(rollout$rep)) - 1L
emit_data("rollout_rows", rollout[, c("rep", "calls", "meetings", "revenue")])
emit_slopes("reps", lm(revenue ~ calls + meetings + factor(rep), rollout), c("calls", "meetings"))
emit_end()
