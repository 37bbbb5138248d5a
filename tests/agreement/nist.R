# What NIST certifies of its reference data sets (tests/nist), 15 digits: no R is asked.
certified <- read.delim("tests/nist/certified.tsv", colClasses = "character")
formula_of <- list(Norris = "y ~ x", Pontius = "y ~ x + I(x^2)", NoInt1 = "y ~ x - 1", NoInt2 = "y ~ x - 1",
  Filip = paste("y ~ x +", paste0("I(x^", 2:10, ")", collapse = " + ")), Longley = "y ~ x1 + x2 + x3 + x4 + x5 + x6")
for (w in paste0("Wampler", 1:5)) formula_of[[w]] <- paste("y ~ x +", paste0("I(x^", 2:5, ")", collapse = " + "))
terms_of <- function(d) {
  f <- strsplit(sub("y ~ ", "", formula_of[[d]]), " [+] ")[[1]]
  if (grepl("- 1", formula_of[[d]])) c(NA, "x") else c("(Intercept)", f)
}
for (d in unique(certified$dataset)) {
  rows <- certified[certified$dataset == d, ]
  value <- setNames(as.numeric(rows$certified), rows$quantity)
  file <- file.path("tests/nist", paste0(d, ".csv"))
  if (rows$class[1] == "univariate") {
    agree("NIST, univariate", d, paste("rep-describe", file, "-c y"), at("variable=y", mean = value["mean"], sd = value["sd"]))
    next
  }
  header <- strsplit(readLines(file, 1), ",")[[1]]
  if (d == "Longley") formula_of$Longley <- paste("y ~", paste(header[-1], collapse = " + "))
  terms <- terms_of(d)
  b <- grep("^B", names(value), value = TRUE)
  i <- as.numeric(sub("B", "", b)) + 1
  command <- paste0("rep-regress '", formula_of[[d]], "' ", file)
  agree("NIST, coefficients", d, command, setNames(value[b], paste0("term=", terms[i], "/estimate")))
  # Wampler1 and 2 fit exactly: there repkit says so instead of an error of 0.
  if (any(value[paste0("se_", b)] > 0))
    agree("NIST, standard errors", d, command, setNames(value[paste0("se_", b)], paste0("term=", terms[i], "/std_error")))
}
