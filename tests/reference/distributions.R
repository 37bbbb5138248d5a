# Reference values for tests/unit/test_distributions.c. R's own qf turns to the chi-squared for
# df2 > 4e5 and loses digits for small df1, so F is checked by its distribution function there.
source("tests/reference/emit.R")
emit_start("distributions")

table_of <- function(name, grid, lower, upper) {
  for (column in names(grid)) emit(paste0(name, "_", column), grid[[column]])
  emit(paste0(name, "_n"), nrow(grid))
  emit(paste0(name, "_lower"), lower)
  emit(paste0(name, "_upper"), upper)
}
both <- function(f, ...) list(f(..., lower.tail = TRUE), f(..., lower.tail = FALSE))
add <- function(name, grid, f) {
  values <- do.call(both, c(list(f), unname(as.list(grid))))
  table_of(name, grid, values[[1]], values[[2]])
}

add("pnorm", data.frame(x = c(-38, -10, -1.96, -1e-9, 0, 0.5, 3, 8, 37)), pnorm)
add("pt", expand.grid(x = c(-30, -1.5, 1e-8, 0.3, 1.96, 10, 1e5),
                      df = c(0.3, 1, 2.7, 10, 31, 100, 1e4, 1e6, 1e9)), pt)
add("pchisq", expand.grid(x = c(1e-3, 0.7, 5, 40, 1000), df = c(0.01, 1, 2.5, 30, 900)), pchisq)
add("pf", expand.grid(x = c(1e-4, 0.5, 1, 1.96, 10, 100), df1 = c(0.5, 1, 3.5, 200),
                      df2 = c(0.3, 2, 29, 1e4, 1e6, 1e9)), pf)
grid <- expand.grid(p = c(1e-10, 0.025, 0.5, 0.8), a = c(0.5, 3, 284, 1e4, 5e5, 1e6),
                    b = c(0.5, 1, 8, 342, 99995, 5e6))
# And next to the end of a small parameter, where a continued fraction hardly converges.
ends <- expand.grid(y = 2^-c(9, 11, 30, 53), b = c(1e-17, 1e-4, 0.02, 0.25), a = c(1e-3, 5.25, 3e4))
add("pbeta", data.frame(x = c(qbeta(grid$p, grid$a, grid$b), 1 - ends$y, ends$y), a = c(grid$a, ends$a, ends$b),
                        b = c(grid$b, ends$b, ends$a)), pbeta)
grid <- expand.grid(p = c(1e-10, 0.025, 0.5, 0.8), shape = c(0.001, 0.5, 1, 9, 284, 1e6, 1e8))
x <- 3 * qgamma(grid$p, grid$shape)
table_of("pgamma", data.frame(x = x, shape = grid$shape), pgamma(x, grid$shape, scale = 3),
         pgamma(x, grid$shape, scale = 3, lower.tail = FALSE))

p <- c(1e-300, 1e-10, 1e-4, 0.025, 0.2, 0.5, 0.975, 0.999999)
add("qnorm", data.frame(p = p), qnorm)
add("qt", expand.grid(p = p[-1], df = c(1, 1.5, 2, 2.7, 9, 30, 31, 100, 1e4, 1e6)), qt)
add("qchisq", expand.grid(p = p[-1], df = c(0.5, 1, 9, 100, 2e6)), qchisq)
add("qf", expand.grid(p = c(0.025, 0.05, 0.5, 0.95), df1 = c(3, 5.5, 28, 200),
                      df2 = c(1.5, 8, 29.5, 1000)), qf)
# Among them those for which gsl_cdf_beta_Pinv and gsl_cdf_gamma_Pinv return NaN or infinity.
add("qbeta", rbind(expand.grid(p = c(1e-8, 0.025, 0.5, 0.975), a = c(0.5, 1, 3, 9, 284),
                               b = c(0.5, 1, 258, 342)),
                   data.frame(p = 0.975, a = 4, b = 257), data.frame(p = 0.975, a = 8, b = 284),
                   data.frame(p = 0.975, a = 6, b = 99995), data.frame(p = 0.025, a = 5e5, b = 5e6)),
    qbeta)
add("qgamma", expand.grid(p = c(0.025, 0.5, 0.975), shape = c(0.001, 0.5, 9, 1e6, 1e6 + 1)), qgamma)

# p-values by alternative: two-sided, less, greater
grid <- expand.grid(t = c(-9.559044147, -2, 0, 0.5, 40), df = c(1.8, 30, Inf))
emit("p_t_n", nrow(grid))
emit("p_t_t", grid$t)
emit("p_t_df", ifelse(is.finite(grid$df), grid$df, 0)) # 0 stands for infinity
emit("p_t_two_sided", 2 * pt(-abs(grid$t), grid$df))
emit("p_t_less", pt(grid$t, grid$df))
emit("p_t_greater", pt(grid$t, grid$df, lower.tail = FALSE))
emit_end()
