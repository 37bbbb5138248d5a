# Values for tests/unit/test_plot.c and test_plot_kinds.c: the line and band of a scatter, the
# interval of a slope chart, the quantiles of returns; means, quartiles and normal quantiles of a
# sample, retention of all cohorts.
source("tests/reference/emit.R")
emit_start("plot")

x <- c(12, 15, 11, 20, 23, 19, 30, 28, 25, 14, 17, 26) + 19700
y <- c(1.2, 1.9, 0.7, 2.2, 3.1, 1.8, 3.9, 4.2, 2.9, 1.6, 1.4, 3.0)
emit("x", x)
emit("y", y)
m <- lm(y ~ x)
ends <- data.frame(x = range(x))
emit("scatter.band", t(predict(m, ends, interval = "confidence", level = 0.9)))
emit("scatter.slope", c(coef(m)[2], confint(m, "x", level = 0.9)))
emit("scatter.r", cor(x, y))

before <- c(10, 12.5, 9, 14, 11, 13)
after <- c(11, 12, 12.5, 17, 11, 16)
test <- t.test(after, before, paired = TRUE, conf.level = 0.95)
emit("slope.before", before)
emit("slope.after", after)
emit("slope.mean", c(mean(before), mean(after)))
emit("slope.interval", mean(after) + (test$conf.int - test$estimate))

roi <- c(-0.4, 0.1, 0.25, 0.3, 0.5, 0.55, 0.8, 1.2, 1.9, 3.1, -0.1)
emit("roi", roi)
emit("roi.quantiles", quantile(roi, c(0.05, 0.5, 0.95), type = 7))

for (name in c("few", "many")) {
  v <- if (name == "few") roi else c(mtcars$mpg, 60)
  n <- length(v)
  emit(paste0(name, ".value"), v)
  emit(paste0(name, ".mean"), c(mean(v), t.test(v, conf.level = 0.9)$conf.int))
  q <- quantile(v, c(0.25, 0.5, 0.75), type = 7)
  inside <- v[v >= q[1] - 1.5 * (q[3] - q[1]) & v <= q[3] + 1.5 * (q[3] - q[1])]
  emit(paste0(name, ".box"), c(q, range(inside), n - length(inside)))
  emit(paste0(name, ".qq.x"), sort(qqnorm(v, plot.it = FALSE)$x))
  i <- seq_len(n)
  band <- function(p) mean(v) + sd(v) * qnorm(qbeta(p, i, n - i + 1))
  emit(paste0(name, ".qq.low"), band(0.05))
  emit(paste0(name, ".qq.high"), band(0.95))
}

time <- c(2001, 2001, 2001, 2002, 2002, 2003, 2003, 2003)
value <- c(4, 5, 7, 6, 9, 3, 2, 4.5)
for (t in unique(time)) {
  v <- value[time == t]
  emit(paste0("trend.", t), c(mean(v), t.test(v, conf.level = 0.95)$conf.int))
}
wilson <- prop.test(41 + 17, 60 + 25, correct = FALSE)
emit("cohort.1", c(58 / 85, wilson$conf.int))
emit_end()
