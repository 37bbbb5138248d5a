# Reference values for tests/unit/test_rank.c, of the data that correlation.R writes.
source("tests/reference/emit.R")
data(Grunfeld, package = "plm")
emit_start("rank")
ties <- function(x) { t <- table(x); sum(t^3 - t) }
for (column in c("mpg", "cyl", "hp", "wt")) {
  emit(paste0("mtcars_", column), rank(mtcars[[column]]))
  emit(paste0("mtcars_", column, "_ties"), ties(mtcars[[column]]))
}
emit("longley_Year", rank(longley$Year))
emit("longley_Year_ties", 0)
emit("grunfeld_year", rank(Grunfeld$year))
emit("grunfeld_year_ties", ties(Grunfeld$year))
emit_end()
