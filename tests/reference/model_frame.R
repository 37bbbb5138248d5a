# Model matrices as R builds and names them: data/model_frame.csv holds the rows,
# data/model_frame.txt lines of a formula ("F"), its rows ("R", from 1), its response ("Y") and its
# columns ("C": term, name, values), separated by tabs.
source("tests/reference/emit.R")
invisible(Sys.setlocale("LC_COLLATE", "C"))
set.seed(20240114)
n <- 24
frame <- data.frame(
  revenue = round(rlnorm(n, 7, 0.4), 2), calls = rpois(n, 20), emails = rpois(n, 35),
  spend = round(rgamma(n, 2, 0.01), 2) + 1, tenure = sample(1:9, n, TRUE),
  region = rep(c("South", "North", "east"), length.out = n),
  team = rep(c("Red", "Blue"), each = 2, length.out = n),
  code = sample(c(9, 10, 2), n, TRUE), check.names = FALSE)
frame[["deal size"]] <- round(rgamma(n, 3, 0.1), 1)
frame$calls[3] <- NA
frame$region[8] <- NA
frame$spend[11] <- NA
con <- file("tests/reference/data/model_frame.csv", "wb")
write.table(frame, con, sep = ",", quote = FALSE, row.names = FALSE, na = "", eol = "\n")
close(con)

# The project's own: levels in byte order, and ref = for the one that comes first.
factor <- function(x, ref = NULL) {
  f <- base::factor(x, levels = sort(unique(as.character(x)), method = "radix"))
  if (is.null(ref)) f else relevel(f, ref)
}
formulas <- c("revenue ~ calls", "revenue ~ 1", "revenue ~ calls - 1", "revenue ~ -1 + calls + 1",
  "revenue ~ calls + emails + I(calls^2) + log(spend) + factor(region, ref = \"North\") + calls:tenure",
  "revenue ~ region", "revenue ~ region - 1", "revenue ~ 0 + calls + region + team",
  "revenue ~ region*team", "revenue ~ region:team", "revenue ~ 0 + region:team",
  "revenue ~ region*team - 1", "revenue ~ region:calls", "revenue ~ calls + region:calls",
  "revenue ~ region + region:team", "revenue ~ team + region:team", "revenue ~ team:region - 1",
  "revenue ~ calls*region*team", "revenue ~ calls + region:team:calls",
  "revenue ~ region + team:calls + region:team:calls", "revenue ~ 0 + calls + team + region:team",
  "revenue ~ (calls + emails + tenure)^2", "revenue ~ (region + team + calls)^2 - region",
  "revenue ~ (calls + emails + tenure)^3 - calls:emails:tenure",
  "revenue ~ calls + calls", "revenue ~ calls:calls", "revenue ~ emails*calls - calls",
  "revenue ~ calls*(emails + region)", "revenue ~ calls + (emails - 1)",
  "revenue ~ tenure:emails + calls + emails",
  "log(revenue) ~ I((calls + emails)/tenure) + sqrt(spend)", "revenue/calls ~ emails",
  "revenue ~ `deal size`", "revenue ~ `deal size`:region", "revenue ~ I(`deal size`/100000)",
  "revenue ~ factor(code)", "revenue ~ factor(code)*calls", "revenue ~ factor(team, ref='Red')",
  "revenue ~ I(-calls) + I( (calls) )",
  "revenue ~ log10(spend) + log1p(spend) + log2(spend) + expm1(calls/100) + abs(tenure - 5) + exp(-calls)")
lines <- character()
for (text in formulas) {
  formula <- as.formula(text)
  mf <- model.frame(formula, frame, na.action = na.omit)
  X <- model.matrix(formula, mf)
  dropped <- attr(mf, "na.action")
  rows <- setdiff(seq_len(n), dropped)
  join <- function(...) paste(c(...), collapse = "\t")
  lines <- c(lines, join("F", text), join("R", rows), join("Y", number17(model.response(mf))))
  for (j in seq_len(ncol(X)))
    lines <- c(lines, join("C", attr(X, "assign")[j], colnames(X)[j], number17(X[, j])))
}
con <- file("tests/reference/data/model_frame.txt", "wb")
writeLines(lines, con)
close(con)
