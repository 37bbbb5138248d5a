# Columns of a model frame for other rows, as predict() makes them: tests/reference/frame.csv.
source("tests/reference/emit.R")
library(splines)
frame <- read.csv("tests/reference/data/model_frame.csv", check.names = FALSE)
frame <- frame[!is.na(frame$calls) & !is.na(frame$spend) & nzchar(frame$region), ]
frame$region <- factor(frame$region, levels = sort(unique(frame$region), method = "radix"))
frame$team <- factor(frame$team)
other <- data.frame(calls = c(3, 20, 40), emails = c(10, 36, 60), tenure = c(0.5, 4, 12),
  spend = c(2, 150, 900), region = c("South", "North", "east"), team = c("Red", "Blue", "Red"))
emit_start("frame")
formulas <- c(poly = "~ poly(emails, 3)", ns = "~ ns(emails, df = 4)", ns2 = "~ ns(log(spend), df = 2)*team",
  factors = "~ region*team + poly(tenure, 2):region", mixed = "~ I(calls^2) + calls:emails + sqrt(spend)")
for (name in names(formulas)) {
  terms <- attr(model.frame(as.formula(formulas[[name]]), frame), "terms")
  emit(name, model.matrix(terms, model.frame(terms, other,
    xlev = list(region = levels(frame$region), team = levels(frame$team)))))
}
emit_end()
