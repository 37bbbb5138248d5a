# What R says of every method on every data set: writes tests/agreement/values.csv and data/*.csv.
#   Rscript tests/agreement/values.R          from the root of the source tree
# A line is method,data,command,cell,value: the command (-f csv -q is added) prints in the cell,
# KEY=LABEL/COLUMN, what R computed. 17 digits. The last line says which R and which packages.
source("tests/agreement/share.R")
packages <- c("brglm2", "car", "clubSandwich", "coin", "e1071", "exactRankTests", "Hmisc", "lme4", "lmtest", "MASS",
              "metafor", "nortest", "plm", "psych", "pwr", "robustbase", "sandwich", "survival")
absent <- packages[!sapply(packages, has)]
if (length(absent) > 0) {
  message("skip: no package ", paste(absent, collapse = ", "), " here, so with the values that are committed")
  quit(status = 0)
}
options(warn = 1)
invisible(Sys.setlocale("LC_COLLATE", "C")) # levels in the order of their bytes
for (topic in c("data", "describe", "corr", "compare", "regress", "panels", "families", "band",
                "impact", "trend", "power", "rank", "money", "nist")) {
  message(topic)
  sys.source(file.path("tests/agreement", paste0(topic, ".R")), envir = globalenv())
}
versions <- paste(c(sub(" \\(.*", "", R.version.string), paste(packages, sapply(packages, function(p)
  as.character(packageVersion(p))))), collapse = ", ")
con <- file("tests/agreement/values.csv", "wb")
cat("method,data,command,cell,value\n", paste0(unlist(answers), "\n"),
    paste("versions", "", "", quoted(versions), "", sep = ","), "\n", sep = "", file = con)
close(con)
