# rep-regress on the data sets of the project: lm, plm, sandwich and clubSandwich.
source("tests/reference/emit.R")
suppressMessages({library(sandwich); library(plm); library(clubSandwich)})
detailing <- read.csv("datasets/detailing.csv")
cravens <- read.csv("datasets/cravens.csv")

emit_errors <- function(name, estimate, se, df) {
  t <- estimate / se
  emit(paste0(name, ".estimate"), estimate)
  emit(paste0(name, ".std_error"), se)
  emit(paste0(name, ".p_value"), 2 * pt(-abs(t), df))
  emit(paste0(name, ".conf_low"), estimate - qt(0.975, df) * se)
  emit(paste0(name, ".conf_high"), estimate + qt(0.975, df) * se)
}
emit_fit <- function(name, m) {
  s <- summary(m)
  emit(paste0(name, ".r_squared"), s$r.squared)
  emit(paste0(name, ".adj_r_squared"), s$adj.r.squared)
  emit(paste0(name, ".sigma"), s$sigma)
  emit(paste0(name, ".log_lik"), logLik(m))
  emit(paste0(name, ".aic"), AIC(m))
  emit(paste0(name, ".bic"), BIC(m))
  emit(paste0(name, ".deviance"), deviance(m))
  f <- s$fstatistic
  emit(paste0(name, ".f_statistic"), f[1])
  emit(paste0(name, ".f_p_value"), pf(f[1], f[2], f[3], lower.tail = FALSE))
}

emit_start("regress")
m <- lm(scripts ~ detailing, detailing)
emit_errors("pooled", coef(m), sqrt(diag(vcov(m))), m$df.residual)
emit_fit("pooled", m)

p <- plm(scripts ~ detailing + lagged_scripts, detailing, index = c("physician", "month"), model = "within")
se <- sqrt(diag(plm::vcovHC(p, method = "arellano", type = "sss")))
emit_errors("within_cr1", coef(p), se, 999)
emit_errors("within_classical", coef(p), sqrt(diag(vcov(p))), p$df.residual)
emit("within.r_squared_within", summary(p)$r.squared[1])
# The dummies' part of the model, without a thousand of them.
n <- nrow(detailing)
rss <- deviance(p)
tss <- sum((detailing$scripts - mean(detailing$scripts))^2)
k <- 2 + 1000
log_lik <- -n / 2 * (log(2 * pi) + 1 - log(n) + log(rss))
emit("within.r_squared", 1 - rss / tss)
emit("within.adj_r_squared", 1 - rss / tss * (n - 1) / (n - k))
emit("within.sigma", sqrt(rss / (n - k)))
emit("within.aic", -2 * log_lik + 2 * (k + 1))
emit("within.bic", -2 * log_lik + log(n) * (k + 1))
out <- function(x) x - ave(x, detailing$physician)
d <- data.frame(y = out(detailing$scripts), a = out(detailing$detailing), b = out(detailing$lagged_scripts))
cr2 <- coef_test(lm(y ~ a + b - 1, d), vcov = "CR2", cluster = detailing$physician, test = "Satterthwaite")
emit_errors("within_cr2", cr2$beta, cr2$SE, cr2$df_Satt)
emit("within_cr2.df", cr2$df_Satt)
emit("within.std_estimate", coef(lm(scale(y) ~ scale(a) + scale(b) - 1, d)))

m <- lm(scripts ~ detailing + I(detailing^2) + mean_samples + specialist, detailing)
cr2 <- coef_test(m, vcov = "CR2", cluster = detailing$physician, test = "Satterthwaite")
emit_errors("cluster_cr2", cr2$beta, cr2$SE, cr2$df_Satt)
w <- Wald_test(m, constrain_zero(2:5), vcov = "CR2", cluster = detailing$physician, test = "HTZ")
emit("cluster_cr2.f_statistic", w$Fstat)
emit("cluster_cr2.f_p_value", w$p_val)

m <- lm(log(Sales) ~ Time * Share + I(Work^2), cravens, weights = AdvExp)
emit_errors("cravens", coef(m), sqrt(diag(vcovHC(m, type = "HC3"))), m$df.residual)
emit_fit("cravens", m)
emit_end()
