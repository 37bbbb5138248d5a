# rep-power: stats and pwr. A "data set" is a set of inputs.
suppressMessages(library(pwr))
exact <- .Machine$double.eps^0.9
power <- function(method, inputs, command, ...) agree(method, inputs, paste("rep-power", command), at("", ...))
for (k in list(c(20, 1, 1), c(5, 0.8, 1.5), c(64, 0.5, 1), c(3, 3, 1), c(200, 12, 60))) {
  name <- paste0("n ", k[1], ", d ", k[2], ", sd ", k[3])
  power("two-sample power", name, paste("two-sample --n", k[1], "--effect", k[2], "--sd", k[3]),
        power = power.t.test(k[1], k[2], k[3], strict = TRUE)$power)
  power("paired power", name, paste("paired --n", k[1], "--effect", k[2], "--sd", k[3]),
        power = power.t.test(k[1], k[2], k[3], type = "paired", strict = TRUE)$power)
  power("two-sample effect", name, paste("two-sample --n", k[1], "--power 0.8 --sd", k[3]),
        effect = power.t.test(k[1], power = 0.8, sd = k[3], strict = TRUE, tol = exact)$delta)
  power("two-sample n", name, paste("two-sample --effect", k[2], "--power 0.9 --sd", k[3]),
        n = ceiling(power.t.test(delta = k[2], power = 0.9, sd = k[3], strict = TRUE, tol = exact)$n))
}
for (k in list(c(77, 0.5, 0.75), c(30, 0.1, 0.2), c(500, 0.2, 0.25), c(1000, 0.02, 0.01), c(50, 0.5, 0.9))) {
  name <- paste0("n ", k[1], ", ", k[2], " to ", k[3])
  power("proportion power", name, paste("proportion --n", k[1], "--baseline", k[2], "--effect", number17(k[3] - k[2])),
        power = power.prop.test(k[1], k[2], k[3], strict = TRUE)$power)
  power("proportion n", name, paste("proportion --power 0.9 --baseline", k[2], "--effect", number17(k[3] - k[2])),
        n = ceiling(power.prop.test(p1 = k[2], p2 = k[3], power = 0.9, strict = TRUE, tol = exact)$n))
}
for (k in list(c(20, 0.3), c(50, 0.25), c(200, -0.1), c(10, 0.8), c(85, 0.3)))
  power("correlation power", paste0("n ", k[1], ", r ", k[2]), paste("correlation --n", k[1], "--effect", k[2]), power = pwr.r.test(k[1], k[2])$power)
for (k in list(c(76, 3, 0.15), c(20, 1, 0.35), c(200, 5, 0.02), c(40, 2, 0.25), c(500, 10, 0.03)))
  power("regression power", paste0("n ", k[1], ", u ", k[2], ", f2 ", k[3]), paste("regression --n", k[1], "--predictors", k[2], "--effect", k[3]),
        power = pwr.f2.test(k[2], k[1] - k[2] - 1, k[3])$power)
