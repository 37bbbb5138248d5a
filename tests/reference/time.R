# ISO weeks around all year ends of 1900 to 2199, and days since 1970-01-01.
source("tests/reference/emit.R")
ends <- as.Date(paste0(1899:2199, "-12-26"))
dates <- do.call(c, lapply(ends, function(d) d + 0:14))
dates <- dates[format(dates, "%Y") >= "1900" & format(dates, "%Y") <= "2199"]
part <- function(code) as.integer(format(dates, code))
frame <- data.frame(days = as.integer(dates), year = part("%Y"), month = part("%m"),
                    day = part("%d"), iso_year = part("%G"), iso_week = part("%V"))
emit_data("iso_weeks", frame)
