# The detailing panel with effects of physicians and of months: plm and clubSandwich. clubSandwich
# takes half a minute for it.
source("tests/reference/emit.R")
suppressMessages({library(plm); library(clubSandwich)})
d <- read.csv("datasets/detailing.csv")
emit_start("detailing_two_way")
p <- plm(scripts ~ detailing + lagged_scripts, d, index = c("physician", "month"), effect = "twoways")
emit("estimate", coef(p))
emit("std_error_classical", sqrt(diag(vcov(p))))
emit("r_squared_within", summary(p)$r.squared[1])
# arellano's, with CR1's factor: months, which cross physicians, count as parameters.
hc0 <- sqrt(diag(plm::vcovHC(p, method = "arellano", type = "HC0")))
emit("std_error_cr1", hc0 * sqrt(1000 / 999 * 22999 / (23000 - 2 - 22)))
t <- coef_test(p, vcov = "CR2", cluster = "individual", test = "Satterthwaite")
emit("std_error", t$SE)
emit("df", t$df_Satt)
emit("p_value", t$p_Satt)
emit_end()
