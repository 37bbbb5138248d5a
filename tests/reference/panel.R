# Panels for tests/unit/test_panel.c, counted by R from made-up exports: aggregate() a file, merged
# with the spans. Rscript tests/reference/panel.R
source("tests/reference/emit.R")
set.seed(20240214)

# --- the exports: made up, with every kind of row that counts in no cell -----------------------
reps <- sprintf("R%02d", c(3, 1, 2, 4:10)) # not in order; R09 and R10 are not in the roster
days <- seq(as.Date("2023-11-13"), as.Date("2025-01-12"), by = "day")
day <- function(n) sample(days, n, replace = TRUE)
blank <- function(x, share) ifelse(runif(length(x)) < share, "", as.character(x))
activities <- data.frame(
  who = blank(sample(reps, 900, TRUE), .01), day = blank(day(900), .01),
  what = blank(sample(c("Phone call", "phone-call", "E-mail", "Meeting"), 900, TRUE), .02))
opened <- day(400)
closed <- opened + sample(-2:120, 400, TRUE)
stage <- sample(c("Won", "Lost", "Open"), 400, TRUE, c(.4, .35, .25))
deals <- data.frame(
  owner = sample(reps, 400, TRUE), created = blank(opened, .05),
  closed = ifelse(stage == "Open" | runif(400) < .02, "", as.character(closed)), stage = stage,
  amount = sprintf("%.2f", exp(rnorm(400, 7, 1))))
roster <- data.frame(
  rep = c(sprintf("R%02d", 1:8), "R02", "R11"),
  hired = c("2023-01-01", "2024-02-14", "", "2024-01-01", "2023-12-31", "2024-03-30", "2022-05-01",
            "", "2020-01-01", "2024-06-05"),
  left = c("", "", "2024-09-30", "2024-08-07", "2024-01-01", "", "2023-10-01", "", "", ""),
  region = c("North", "South", "North", "South", "East", "", "East", "North", "West", "South"))
emit_data("panel_activities", activities)
emit_data("panel_deals", deals)
emit_data("panel_roster", roster)

# --- what counts --------------------------------------------------------------------------------
first <- roster[!duplicated(roster$rep), ]
hired <- as.Date(setNames(first$hired, first$rep))
left <- as.Date(setNames(first$left, first$rep))
employed <- function(rep, date) {
  !is.na(date) & rep != "" & (is.na(hired[rep]) | date >= hired[rep]) &
    (is.na(left[rep]) | date <= left[rep])
}
a <- transform(activities, date = as.Date(day))
a <- a[a$what != "" & employed(a$who, a$date), ]
a$type <- ifelse(a$what == "E-mail", "e_mail", ifelse(a$what == "Meeting", "meeting", "calls"))
o <- transform(deals, date = as.Date(created))
o <- o[employed(o$owner, o$date), ]
z <- transform(deals, date = as.Date(closed), opened = as.Date(created), amount = as.numeric(amount))
z <- z[z$stage != "Open" & employed(z$owner, z$date), ]
z$cycle <- as.numeric(z$date - z$opened)
z$cycle[!is.na(z$cycle) & z$cycle < 0] <- NA

labels <- list(
  week = function(d) format(d, "%G-W%V"), month = function(d) format(d, "%Y-%m"),
  quarter = function(d) paste0(format(d, "%Y"), "-Q", (as.integer(format(d, "%m")) - 1) %/% 3 + 1))

count <- function(unit, period, spans, value = NULL) {
  if (is.null(value)) value <- rep(1, length(unit))
  if (length(unit) == 0) return(rep(0, nrow(spans)))
  sums <- aggregate(value, list(unit = unit, period = period), sum)
  found <- sums$x[match(paste(spans$unit, spans$period), paste(sums$unit, sums$period))]
  ifelse(is.na(found), 0, found)
}

# The panel at one level: unit_of maps reps.
panel <- function(kind, unit_of, fill) {
  label <- labels[[kind]]
  events <- data.frame(rep = c(a$who, o$owner, z$owner), date = c(a$date, o$date, z$date))
  around <- seq(min(events$date) - 100, max(events$date) + 100, by = "day")
  range <- seq(min(events$date), max(events$date), by = "day")
  around <- around[label(around) %in% label(range)] # whole periods
  all_reps <- union(events$rep, first$rep)
  span <- function(r) {
    own <- sort(events$date[events$rep == r])
    d <- if (fill == "all") around
         else if (fill == "none") own
         else if (r %in% first$rep)
           around[(is.na(hired[r]) | around >= hired[r]) & (is.na(left[r]) | around <= left[r])]
         else if (length(own) > 0) seq(own[1], own[length(own)], by = "day")
    if (length(d) > 0) data.frame(unit = unit_of(r), period = label(d))
  }
  spans <- unique(do.call(rbind, lapply(all_reps, span)))
  spans <- spans[order(spans$unit == "", spans$unit, spans$period, method = "radix"), ]
  n <- function(e, rows, value = NULL)
    count(unit_of(e[[if ("who" %in% names(e)) "who" else "owner"]][rows]), label(e$date[rows]),
          spans, value)
  out <- data.frame(
    unit = spans$unit, period = spans$period, calls = n(a, a$type == "calls"),
    e_mail = n(a, a$type == "e_mail"), meeting = n(a, a$type == "meeting"),
    deals_opened = n(o, TRUE), deals_won = n(z, z$stage == "Won"),
    deals_lost = n(z, z$stage == "Lost"))
  out$deals_closed <- out$deals_won + out$deals_lost
  out$revenue <- n(z, z$stage == "Won", z$amount[z$stage == "Won"])
  cycles <- !is.na(z$cycle)
  days <- n(z, cycles, z$cycle[cycles])
  n_days <- n(z, cycles)
  out$win_rate <- ifelse(out$deals_closed > 0, out$deals_won / out$deals_closed, NA)
  out$avg_deal <- ifelse(out$deals_won > 0, out$revenue / out$deals_won, NA)
  out$cycle_days <- ifelse(n_days > 0, days / n_days, NA)
  out
}
itself <- function(r) r
region <- function(r) {
  found <- first$region[match(r, first$rep)]
  ifelse(is.na(found), "", found)
}
emit_data("panel_week_rep_active", panel("week", itself, "active"))
emit_data("panel_month_rep_all", panel("month", itself, "all"))
emit_data("panel_month_rep_none", panel("month", itself, "none"))
emit_data("panel_month_region_active", panel("month", region, "active"))
emit_data("panel_quarter_all_active", panel("quarter", function(r) rep("x", length(r)), "active"))
