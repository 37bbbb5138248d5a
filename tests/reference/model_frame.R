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
frame$rep <- rep(c("a", "b", "c"), length.out = n)
frame$week <- rev(rep(c(1, 2, 3, 5, 6, 7, 9, 10), each = 3))
con <- file("tests/reference/data/model_frame.csv", "wb")
write.table(frame, con, sep = ",", quote = FALSE, row.names = FALSE, na = "", eol = "\n")
close(con)

# The project's own: levels in byte order, and ref = for the one that comes first.
factor <- function(x, ref = NULL) {
  f <- base::factor(x, levels = sort(unique(as.character(x)), method = "radix"))
  if (is.null(ref)) f else relevel(f, ref)
}
# The value of the same rep so many weeks before: weeks 4 and 8 are not there.
before <- function(x, k) x[match(paste(frame$rep, frame$week - k), paste(frame$rep, frame$week))]
lag <- function(x, k = 1) before(x, k)
lead <- function(x, k = 1) before(x, -k)
ns <- splines::ns
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
  "revenue ~ poly(emails, 2)", "revenue ~ poly(emails, 1)", "revenue ~ poly(emails, degree = 4)*team",
  "revenue ~ poly(emails, 3) - 1", "revenue ~ poly(log(tenure + emails/7), 2):region",
  "revenue ~ poly(emails, 9)", "revenue ~ poly(I(emails + 1000), 3)",
  "revenue ~ ns(emails, df = 3)", "revenue ~ ns(emails, 5)", "revenue ~ ns(emails)",
  "revenue ~ ns(calls, df = 2)", "revenue ~ ns(log(spend), df = 4)*team",
  "revenue ~ ns(tenure, df = 2):poly(emails, 2) + calls", "revenue ~ 0 + ns(emails, df = 2) + region",
  "revenue ~ team:poly(emails, 2)", "revenue ~ region*poly(emails, 2) + calls:ns(tenure, df = 2)",
  "revenue ~ lag(calls, 1)", "revenue ~ lag(calls) + calls + lead(calls, 2)", "revenue ~ lag(emails, 0)",
  "revenue ~ log(lag(spend, 2)) + lag(log(spend), 2)", "revenue ~ poly(lag(emails, 1), 2)",
  "revenue ~ lag(calls, 1)*team + I(lag(calls, 1)^2)", "lag(revenue, 1) ~ lead(emails, 1)",
  "revenue ~ factor(region, ref = \"South\")*factor(team, ref = \"Red\")",
  "revenue ~ region*team*factor(code)", "revenue ~ region:team:factor(code) + region",
  "revenue ~ (region + calls + poly(emails, 2))^2 - region:calls", "revenue ~ team + calls:region - 1",
  "revenue ~ team:calls + team:emails", "revenue ~ region:calls:team + calls",
  "revenue ~ `deal size`*region + poly(`deal size`, 2)",
  "log(revenue) ~ I((calls + emails)/tenure) + sqrt(spend)", "revenue/calls ~ emails",
  "revenue ~ `deal size`", "revenue ~ `deal size`:region", "revenue ~ I(`deal size`/100000)",
  "revenue ~ factor(code)", "revenue ~ factor(code)*calls", "revenue ~ factor(team, ref='Red')",
  "revenue ~ I(-calls) + I( (calls) )",
  "revenue ~ log10(spend) + log1p(spend) + log2(spend) + expm1(calls/100) + abs(tenure - 5) + exp(-calls)")
lines <- character()
for (text in formulas) {
  formula <- as.formula(text)
  # poly() takes no missing values: it stands on those that are there, like ns().
  poly <- function(x, degree = 1) {
    p <- stats::poly(x[!is.na(x)], degree)
    out <- matrix(NA_real_, length(x), degree, dimnames = list(NULL, 1:degree))
    out[!is.na(x), ] <- p
    out
  }
  environment(formula) <- environment()
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
