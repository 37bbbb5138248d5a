# What the scripts of this folder share. tests/agreement/values.R runs them all.
#   agree(method, data, command, cells)  what R says of a data set, and where repkit says it
number17 <- function(x) ifelse(is.na(x), "NA", formatC(x, digits = 17, format = "g", width = 1))
quoted <- function(x) ifelse(grepl("[\",\n]", x), paste0("\"", gsub("\"", "\"\"", x), "\""), x)

folder <- "tests/agreement/data"
dir.create(folder, showWarnings = FALSE)

# Writes a data set once, its names in lower case with underscores; the frame as it was written.
frames <- list()
data_set <- function(name, frame) {
  names(frame) <- gsub("[^a-z0-9]+", "_", sub("\\.$", "", tolower(names(frame))))
  for (j in seq_along(frame)) if (is.factor(frame[[j]])) frame[[j]] <- as.character(frame[[j]])
  rownames(frame) <- NULL
  frames[[name]] <<- frame
  for (j in seq_along(frame))
    if (is.numeric(frame[[j]])) frame[[j]] <- ifelse(is.na(frame[[j]]), "", sprintf("%.17g", frame[[j]]))
  con <- file(file.path(folder, paste0(name, ".csv")), "wb")
  write.table(frame, con, sep = ",", quote = FALSE, row.names = FALSE, eol = "\n")
  close(con)
}
path_of <- function(name) file.path(folder, paste0(name, ".csv"))

# Cells of a row of the output: at("term=wt", estimate = 1, std_error = 2); "" is the first row.
at <- function(key, ...) {
  values <- unlist(lapply(list(...), as.numeric))
  setNames(values, paste0(key, "/", names(list(...))))
}
answers <- list()
agree <- function(method, data, command, cells) {
  cells <- cells[!is.na(cells)]
  # What is 0 but for rounding; probabilities may be as small.
  cells[abs(cells) < 1e-14 & !grepl("/p_|_p$", names(cells))] <- 0
  stopifnot(length(cells) > 0, all(is.finite(cells)))
  answers[[length(answers) + 1]] <<- paste(quoted(method), quoted(data), quoted(command),
                                           quoted(names(cells)), number17(cells), sep = ",")
}
has <- function(package) suppressWarnings(suppressMessages(requireNamespace(package, quietly = TRUE)))
