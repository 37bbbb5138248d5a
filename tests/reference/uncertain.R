# Reference values for tests/unit/test_uncertain.c. Rscript tests/reference/uncertain.R
source("tests/reference/emit.R")
emit_start("uncertain")

p <- c(1e-7, 1e-4, .05, .3, .5, .8, .975, 1 - 1e-6)
emit("p", p)
z <- qnorm(.95)
emit("normal", qnorm(p, 100, (130 - 70) / (2 * z)))
emit("lognormal", qlnorm(p, log(100), log(180 / 60) / (2 * z)))
a <- 10; m <- 20; b <- 50
triangle <- function(p) ifelse(p < (m - a) / (b - a), a + sqrt(p * (b - a) * (m - a)),
                               b - sqrt((1 - p) * (b - a) * (b - m)))
emit("triangular", triangle(p))
emit("triangular_p10_p90", triangle(c(.1, .9)))
s1 <- 1 + 4 * (m - a) / (b - a); s2 <- 1 + 4 * (b - m) / (b - a)
emit("pert_shapes", c(s1, s2))
emit("pert", a + (b - a) * qbeta(p, s1, s2))
emit("pert_mode_at_low", a + (b - a) * qbeta(p, 1, 5))
emit("pert_mean_sd", c(a + (b - a) * s1 / (s1 + s2),
                       (b - a) * sqrt(s1 * s2 / ((s1 + s2)^2 * (s1 + s2 + 1)))))
emit("uniform", qunif(p, a, b))
emit("beta", a + (b - a) * qbeta(p, 6 * (m - a) / (b - a), 6 * (b - m) / (b - a)))
emit("beta_steep", qbeta(p, 6 * .02, 6 * .98))
emit("t", 850 + 120 * qt(p, 7.4))
emit("t2", qt(p, 2))
emit("estimate_normal", qnorm(p, 850, 120))
emit("se_normal", (30 - 10) / (2 * qnorm(.975)))
emit("se_t", (30 - 10) / (2 * qt(.95, 9)))
emit_end()
