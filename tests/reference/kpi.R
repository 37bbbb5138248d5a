# The KPIs of tests/cli/data/kpi: written out in base R, with the package survival.
source("tests/reference/emit.R")
suppressMessages(library(survival))
folder <- "tests/cli/data/kpi"
emit_start("kpi")

# --- the files, made once with a fixed seed
if (!file.exists(file.path(folder, "customers.csv"))) {
  set.seed(77)
  day <- function(x) format(as.Date("2023-01-01") + x)
  n <- 240
  start <- sort(sample(0:700, n, TRUE)); stay <- ceiling(rexp(n, 1 / 500))
  end <- start + stay
  customers <- data.frame(id = sprintf("C%03d", 1:n), region = sample(c("North", "South"), n, TRUE),
                          start_date = day(start), end_date = ifelse(end < 730, day(end), ""))
  # each buys at a rate of its own and may stop after any order (BG/NBD)
  rate <- rgamma(n, 0.9, 6) / 7; stop_p <- rbeta(n, 0.8, 3)
  orders <- do.call(rbind, lapply(1:n, function(i) {
    at <- start[i]; gone <- FALSE
    while (!gone) {
      following <- at[length(at)] + ceiling(rexp(1, rate[i]))
      if (following > 729) break
      at <- c(at, following); gone <- runif(1) < stop_p[i]
    }
    data.frame(customer = customers$id[i], date = at,
               amount = round(rgamma(length(at), 4, 4 / exp(rnorm(1, 4, 0.4))), 2))
  }))
  orders <- orders[order(orders$date), ]; orders$date <- day(orders$date)
  write.csv(customers, file.path(folder, "customers.csv"), row.names = FALSE, quote = FALSE)
  write.csv(orders, file.path(folder, "orders.csv"), row.names = FALSE, quote = FALSE)
}
read <- function(name) read.csv(file.path(folder, name), stringsAsFactors = FALSE)
date <- function(x) as.Date(ifelse(x == "", NA, x))
customers <- read("customers.csv"); orders <- read("orders.csv"); deals <- read("deals.csv")
leads <- read("leads.csv"); spend <- read("spend.csv"); scores <- read("scores.csv")
activities <- read("activities.csv")
customers$start <- date(customers$start_date); customers$end <- date(customers$end_date)
orders$date <- date(orders$date); spend$date <- date(spend$date); leads$date <- date(leads$date)
deals$open <- date(deals$open_date); deals$close <- date(deals$close_date)
scores$date <- date(scores$date); activities$date <- date(activities$date)

wilson <- function(name, k, n) {
  emit(name, c(k / n, sqrt(k / n * (1 - k / n) / n), prop.test(k, n, correct = FALSE)$conf.int))
}
per_count <- function(name, amount, k) {
  ci <- poisson.test(k)$conf.int
  emit(name, c(amount / k, amount / k / sqrt(k), amount / ci[2], amount / ci[1]))
}
ratio <- function(name, y, x) {
  n <- length(y); r <- sum(y) / sum(x); se <- sqrt(n / (n - 1) * sum((y - r * x)^2)) / sum(x)
  t <- qt(0.975, n - 1)
  ci <- r + c(-t, t) * se
  v <- n / (n - 1) * c(sum((y - mean(y))^2), sum((x - mean(x))^2), sum((y - mean(y)) * (x - mean(x))))
  if (sqrt(v[2]) > 0.1 * sum(x)) {
    a <- sum(x)^2 - t^2 * v[2]; b <- sum(x) * sum(y) - t^2 * v[3]; c <- sum(y)^2 - t^2 * v[1]
    ci <- (b + c(-1, 1) * sqrt(b^2 - a * c)) / a
  }
  emit(name, c(r, se, ci))
}
average <- function(name, x) {
  test <- t.test(x)
  emit(name, c(mean(x), test$stderr, test$conf.int))
}

# --- customers, in the year to as_of of these two files
as_of <- max(c(customers$start, customers$end, orders$date), na.rm = TRUE)
from <- as_of - 364
there <- customers$start < from & (is.na(customers$end) | customers$end >= from)
lost <- there & !is.na(customers$end) & customers$end <= as_of
wilson("retention", sum(there) - sum(lost), sum(there))
wilson("churn", sum(lost), sum(there))
now <- tapply(orders$amount * (orders$date >= from), orders$customer, sum)
before <- tapply(orders$amount * (orders$date >= from - 365 & orders$date < from), orders$customer, sum)
ratio("nrr", now[before > 0], before[before > 0])
ratio("grr", pmin(now, before)[before > 0], before[before > 0])
first <- min(c(customers$start, customers$end, orders$date), na.rm = TRUE)
ratio("avg_order", tapply(orders$amount, orders$customer, sum), tapply(orders$amount, orders$customer, length))
count <- as.numeric(table(orders$customer))
average("frequency", count)
wilson("repeat_rate", sum(count > 1), length(count))

# --- CLV: each part with its error, on the scale of logarithms
value <- sum(orders$amount) / nrow(orders)
by <- split(orders$amount, orders$customer)
y <- sapply(by, sum); x <- sapply(by, length); n <- length(y)
se_value <- sqrt(n / (n - 1) * sum((y - value * x)^2)) / sum(x)
years <- as.numeric(as_of + 1 - first) / 365.25
frequency <- mean(count) / years; se_frequency <- sd(count) / sqrt(n) / years
watched <- sum(pmin(as.numeric(as_of) + 1, ifelse(is.na(customers$end), Inf, as.numeric(customers$end))) -
                 as.numeric(customers$start)) / 365.25
gone <- sum(!is.na(customers$end) & customers$end <= as_of)
clv <- value * frequency * watched / gone
relative <- sqrt((se_value / value)^2 + (se_frequency / frequency)^2 + 1 / gone)
emit("clv", c(clv, clv * relative, clv * exp(c(-1, 1) * qnorm(0.975) * relative)))
rate <- gone / watched; ci <- poisson.test(gone)$conf.int / watched
contract <- function(r) 100 * r / (1.1 - r)
emit("clv_contract", c(contract(exp(-rate)), 100 * 1.1 / (1.1 - exp(-rate))^2 * exp(-rate) * sqrt(gone) / watched,
                       contract(exp(-ci[2])), contract(exp(-ci[1]))))
# of customers who cost 100 a year more than they pay: the ends change places, the error does not
emit("clv_of_a_loss", c(-contract(exp(-rate)),
                        100 * 1.1 / (1.1 - exp(-rate))^2 * exp(-rate) * sqrt(gone) / watched,
                        sort(-contract(exp(-ci)))))

# --- clv by BG/NBD and Gamma-Gamma: what each customer is expected to spend in the coming year,
# and the error of the mean from what each customer moves it by
week <- as.numeric(orders$date) / 7
last <- as.numeric(as_of) / 7
buying <- do.call(rbind, lapply(split(data.frame(week, amount = orders$amount), orders$customer), function(o) {
  o <- o[order(o$week), ]
  days <- unique(o$week)
  # orders of the first day are one purchase, the first; repeats are days after it
  again <- o$week > o$week[1]
  x <- length(days) - 1
  c(x = x, tx = max(days) - days[1], T = last - days[1], m = if (x > 0) sum(o$amount[again]) / x else 0)
}))
buying <- as.data.frame(buying)
bg <- function(th, d) {
  e <- exp(th); r <- e[1]; al <- e[2]; a <- e[3]; b <- e[4]; x <- d$x
  A <- -(r + x) * log(al + d$T)
  B <- ifelse(x > 0, log(a) - log(b + pmax(x, 1) - 1) - (r + x) * log(al + d$tx), -Inf)
  m <- pmax(A, B)
  lgamma(r + x) - lgamma(r) + r * log(al) + lgamma(a + b) + lgamma(b + x) - lgamma(b) - lgamma(a + b + x) +
    m + log(exp(A - m) + exp(B - m))
}
gg <- function(th, d) {
  p <- exp(th[1]); q <- exp(th[2]); v <- exp(th[3]); x <- pmax(d$x, 1); m <- pmax(d$m, 1e-9)
  ifelse(d$x > 0, lgamma(p * x + q) - lgamma(p * x) - lgamma(q) + q * log(v) + (p * x - 1) * log(m) +
           p * x * log(x) - (p * x + q) * log(x * m + v), 0)
}
four_points <- function(at, th, k) { # a slope to the fourth order
  h <- 1e-3 * (seq_along(th) == k)
  (8 * (at(th + h) - at(th - h)) - (at(th + 2 * h) - at(th - 2 * h))) / 12e-3
}
slopes <- function(f, th, ...) sapply(seq_along(th), function(k) four_points(function(t) f(t, ...), th, k))
curve_of <- function(f, th, ...)
  sapply(seq_along(th), function(k) four_points(function(t) colSums(slopes(f, t, ...)), th, k))
fit_of <- function(f, start, d) {
  fit <- optim(start, function(th) -sum(f(th, d)), method = "Nelder-Mead", control = list(maxit = 20000, reltol = 1e-16))
  th <- fit$par
  for (k in 1:8) th <- th - solve(curve_of(f, th, d), colSums(slopes(f, th, d))) # Newton
  th
}
f21 <- function(a, b, c, z) { k <- 0:3000; 1 + sum(exp(cumsum(log((a + k) * (b + k) / ((c + k) * (k + 1)) * z)))) }
worth <- function(th, d) {
  e <- exp(th[1:4]); r <- e[1]; al <- e[2]; a <- e[3]; b <- e[4]
  p <- exp(th[5]); q <- exp(th[6]); v <- exp(th[7])
  mapply(function(x, tx, T, m) {
    bought <- function(t) (a + b + x - 1) / (a - 1) * (1 - ((al + T) / (al + T + t))^(r + x) *
      f21(r + x, b + x, a + b + x - 1, t / (al + T + t))) /
      (1 + (x > 0) * a / (b + max(x, 1) - 1) * ((al + T) / (al + tx))^(r + x))
    ends <- c(13, 26, 39, 52, 52.1775)
    sum(diff(c(0, sapply(ends, bought))) / 1.1^((c(0, ends[-5]) + ends) / 2 / 52.1775)) *
      p * (v + x * m) / (p * x + q - 1)
  }, d$x, d$tx, d$T, d$m)
}
th1 <- fit_of(bg, c(0, 2, 0, 1), buying)
th2 <- fit_of(gg, c(1.4, 1.8, 4.4), buying)
each <- worth(c(th1, th2), buying)
g <- colMeans(slopes(worth, c(th1, th2), buying))
moves <- (each - mean(each)) / nrow(buying) +
  slopes(bg, th1, buying) %*% solve(-curve_of(bg, th1, buying), g[1:4]) +
  slopes(gg, th2, buying) %*% solve(-curve_of(gg, th2, buying), g[5:7])
se <- sqrt(sum(moves^2) * nrow(buying) / (nrow(buying) - 1))
emit("clv_bgnbd", c(0.4 * mean(each), 0.4 * se, 0.4 * mean(each) * exp(c(-1, 1) * qnorm(0.975) * se / mean(each))))

# a contract of five years at most
q <- exp(-rate) / 1.1
d_q <- exp(-rate) * sqrt(gone) / watched / 1.1
for_five <- function(q) 100 * sum(q^(1:5))
emit("clv_contract_for", c(for_five(q), 100 * sum(1:5 * q^(0:4)) * d_q, for_five(exp(-ci[2]) / 1.1),
                           for_five(exp(-ci[1]) / 1.1)))

# --- leads, deals, activities, scores
per_count("cac", 120000, 86)
per_count("cost_per_lead", sum(spend$amount), nrow(leads))
wilson("conversion", sum(leads$converted), nrow(leads))
deals_as_of <- max(c(deals$open, deals$close), na.rm = TRUE)
closed <- !is.na(deals$close)
won <- deals$stage == "Won"
wilson("win_rate", sum(closed & won), sum(closed))
usable <- !is.na(deals$open)
time <- (ifelse(closed, as.numeric(deals$close), as.numeric(deals_as_of)) - as.numeric(deals$open))[usable]
status <- ifelse(closed, ifelse(won, 1, 2), 0)[usable]
fit <- survfit(Surv(time, status > 0) ~ 1, conf.type = "log-log")
q <- unlist(quantile(fit, 0.5))
emit("sales_cycle", c(q[1], (q[3] - q[2]) / (2 * qnorm(0.975)), q[2:3]))
least <- min(max(5, 0.1 * length(time)), length(time))
tau <- max(fit$time[fit$n.risk >= least])
rmst <- summary(fit, rmean = tau)$table[c("rmean", "se(rmean)")]
emit("sales_cycle_rmst", c(rmst, rmst[1] - qnorm(0.975) * rmst[2], min(tau, rmst[1] + qnorm(0.975) * rmst[2])))
average("sales_cycle_closed", time[status > 0])
aj <- summary(survfit(Surv(time, factor(status)) ~ 1), times = tau)
F <- aj$pstate[1, 2]; se <- aj$std.err[1, 2]
w <- qnorm(0.975) * se / ((1 - F) * -log(1 - F))
emit("win_rate_cohort", c(F, se, 1 - (1 - F)^exp(c(-1, 1) * w)))
reps <- sort(unique(c(deals$rep, activities$rep)))
revenue <- sapply(reps, function(r) sum(deals$amount[deals$rep == r & won & closed]))
done <- sapply(reps, function(r) sum(activities$rep == r))
ratio("efficiency", revenue, done)
# velocity of the deals with known days: opened x won / closed x amount won / days to the close
d <- deals[usable & (!closed | deals$close >= deals$open), ]
d <- d[is.na(d$close) | d$stage != "Won" | !is.na(d$amount), ]
over <- !is.na(d$close); w <- over & d$stage == "Won"
days <- ifelse(over, as.numeric(d$close - d$open), 0)
money <- ifelse(w, d$amount, 0)
v <- nrow(d) * (sum(w) / sum(over)) * (sum(money) / sum(w)) / (sum(days) / sum(over))
relative <- sqrt(sum((1 / nrow(d) + money / sum(money) - days / sum(days))^2))
emit("velocity", c(v, v * relative, v * exp(c(-1, 1) * qnorm(0.975) * relative)))
average("satisfaction", scores$score)
average("nps", 100 * ((scores$score >= 9) - (scores$score <= 6)))
wilson("csat", sum(scores$score >= 8), nrow(scores))
squares <- sum(deals$amount[won & closed]^2); revenue <- sum(deals$amount[won & closed])
relative <- sqrt(squares / revenue^2 + 1 / nrow(leads))
emit("revenue_per_lead", c(revenue / nrow(leads), revenue / nrow(leads) * relative,
                           revenue / nrow(leads) * exp(c(-1, 1) * qnorm(0.975) * relative)))

# --- before and after: MOVER, which for shares is Newcombe's
mover <- function(name, b, a) { # estimate, low, high of each
  d <- a[1] - b[1]
  emit(name, c(d, d - sqrt((a[1] - a[2])^2 + (b[3] - b[1])^2), d + sqrt((a[3] - a[1])^2 + (b[1] - b[2])^2)))
}
per_order <- function(o) {
  y <- tapply(o$amount, o$customer, sum); x <- tapply(o$amount, o$customer, length); n <- length(y)
  r <- sum(y) / sum(x); se <- sqrt(n / (n - 1) * sum((y - r * x)^2)) / sum(x)
  stopifnot(sqrt(n / (n - 1) * sum((x - mean(x))^2)) <= 0.1 * sum(x)) # not Fieller's
  c(r, r + c(-1, 1) * qt(0.975, n - 1) * se)
}
mover("avg_order_difference", per_order(orders[orders$date < as.Date("2024-01-01"), ]),
      per_order(orders[orders$date >= as.Date("2024-01-01"), ]))
cut <- as.Date("2024-02-15")
b <- prop.test(sum(leads$converted[leads$date < cut]), sum(leads$date < cut), correct = FALSE)
a <- prop.test(sum(leads$converted[leads$date >= cut]), sum(leads$date >= cut), correct = FALSE)
d <- a$estimate - b$estimate
emit("conversion_difference", c(d, d - sqrt((a$estimate - a$conf.int[1])^2 + (b$conf.int[2] - b$estimate)^2),
                                d + sqrt((a$conf.int[2] - a$estimate)^2 + (b$estimate - b$conf.int[1])^2)))
# --- deals of before and after, as far as both are watched
side <- ifelse(deals$open[usable] < cut, "b", "a")
carries <- function(which) {
  f <- survfit(Surv(time[side == which], status[side == which] > 0) ~ 1)
  max(f$time[f$n.risk >= min(max(5, 0.1 * sum(side == which)), sum(side == which))])
}
tau <- min(carries("b"), carries("a"))
rmst_of <- function(which)
  summary(survfit(Surv(time[side == which], status[side == which] > 0) ~ 1), rmean = tau)$table[c("rmean", "se(rmean)")]
before <- rmst_of("b"); after <- rmst_of("a")
d <- after[1] - before[1]; se <- sqrt(after[2]^2 + before[2]^2)
emit("rmst_difference", c(d, se, d / se, 2 * pnorm(-abs(d / se)), d + c(-1, 1) * qnorm(0.975) * se))
test <- survdiff(Surv(time, status > 0) ~ side)
emit("log_rank", c(test$chisq, pchisq(test$chisq, 1, lower.tail = FALSE)))
fit <- coxph(Surv(time, status > 0) ~ I(side == "a"), ties = "efron",
             control = coxph.control(eps = 1e-15, toler.chol = 1e-16, iter.max = 100))
b <- coef(fit); se <- sqrt(vcov(fit)[1])
emit("hazard_ratio", c(exp(b), se, b / se, 2 * pnorm(-abs(b / se)), exp(b + c(-1, 1) * qnorm(0.975) * se)))
emit_end()
