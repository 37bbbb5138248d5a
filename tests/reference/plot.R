# Values for tests/unit/test_plot.c: the line and band of a scatter, the interval of a slope chart,
# the quantiles of returns.
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
emit_end()
