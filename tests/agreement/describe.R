# rep-describe against mean, sd, t.test, quantile, e1071, shapiro.test and nortest.
samples <- list(c("mtcars", "mpg"), c("iris", "sepal_length"), c("airquality", "ozone"),
                c("faithful", "eruptions"), c("rivers", "miles"), c("precip", "inches"),
                c("chickwts", "weight"), c("trees", "volume"))
for (s in samples) {
  d <- s[1]
  x <- frames[[d]][[s[2]]]
  x <- x[!is.na(x)]
  row <- paste0("variable=", s[2])
  full <- paste("rep-describe", path_of(d), "-c", s[2], "--full --normality")
  t <- t.test(x)
  agree("moments", d, full, at(row, n = length(x), mean = mean(x), sd = sd(x), se = t$stderr,
    var = var(x), cv = sd(x) / mean(x), sum = sum(x), min = min(x), max = max(x),
    conf_low = t$conf.int[1], conf_high = t$conf.int[2], geo_mean = exp(mean(log(x))),
    trimmed_mean = mean(x, trim = 0.1)))
  agree("median, IQR, MAD", d, full, at(row, median = median(x), iqr = IQR(x), mad = mad(x)))
  for (type in 1:9)
    agree("quantiles", d, paste(full, "--quantiles 0.1,0.37,0.95 --quantile-type", type),
          at(row, p10 = quantile(x, 0.1, type = type), p37 = quantile(x, 0.37, type = type),
             p95 = quantile(x, 0.95, type = type)))
  agree("skewness and kurtosis", d, full,
        at(row, skewness = e1071::skewness(x, type = 2), kurtosis = e1071::kurtosis(x, type = 2)))
  w <- shapiro.test(x)
  agree("shapiro-wilk", d, full, at(row, shapiro_w = w$statistic, shapiro_p = w$p.value))
  a <- nortest::ad.test(x)
  agree("anderson-darling", d, full, at(row, ad_statistic = a$statistic, ad_p = a$p.value))
}
