# What the reference scripts share. Run one from the root of the source tree:
#   Rscript tests/reference/correlation.R
# It rewrites tests/reference/<topic>.csv (lines name,value with 17 digits) and, where it uses R's
# own data sets, tests/reference/data/<file>.csv. R is not needed to run the tests.
emit_start <- function(topic) {
  con <- file(file.path("tests/reference", paste0(topic, ".csv")), "wb")
  assign(".emit_con", con, envir = .GlobalEnv)
  cat("name,value\n", file = con)
}
number17 <- function(x) ifelse(is.na(x), "NA", formatC(x, digits = 17, format = "g", width = 1))
# A scalar is written as name, a vector as name[1], name[2], ...
emit <- function(name, values) {
  values <- as.numeric(unlist(values))
  names <- if (length(values) == 1) name else paste0(name, "[", seq_along(values), "]")
  cat(paste0(names, ",", number17(values), "\n"), sep = "", file = .emit_con)
}
emit_end <- function() close(.emit_con)
emit_data <- function(file, frame) {
  dir.create("tests/reference/data", showWarnings = FALSE)
  for (j in seq_along(frame)) if (is.numeric(frame[[j]])) frame[[j]] <- number17(frame[[j]])
  con <- file(file.path("tests/reference/data", paste0(file, ".csv")), "wb")
  write.table(frame, con, sep = ",", quote = FALSE, row.names = FALSE, eol = "\n")
  close(con)
}
