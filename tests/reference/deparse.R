# How R writes expressions: tests/reference/data/deparse.txt, lines of source, tab, deparsed.
sources <- c("a", "a+b", "a-b*c", "a/b", "a^2", "a:b", "-a", "-a^2", "(-a)^2", "2^-1", "2^3^2",
  "(a+b)*c", "((a))", "a+(b)", "I(calls^2)", "I( calls ^ 2 )", "log(spend+1)", "I((a+b)/c)",
  "I(-x^2)", "lag(calls,1)", "f(a,b=2,c='x')", "factor(region,ref='North')", "f()",
  "`my var`+1", "`a`+1", "`in`+1", "`if`+1", "`_x`+1", "`.2x`+1", "`TRUE`+1", "`2024`+1", ".x",
  "`a\\`b`+1", "`a b`(x)", "-`my var`", "`a-b`:c", "a.b_c", "größe",
  "y~a+b-1", "~a", "y~a*b+I(a^2)|rep+week", "log(y)~x",
  "'it\\'s'", "\"say \\\"x\\\"\"", "'a\\\\b'", "'tab\\t'", "'line\\n'",
  "1", "10", "100000", "123456", "1e5", "1e15", "1e-4", "0.0001", "0.1", "0.00012", "1.50",
  "1234567.891", "0.1234567890123456789", "100", "1e4", "12e3", "3e10", "123456789012345678",
  "1e300", "2.5e-300", "0", ".5", "5.", "-5",
  "a>=3&&!b", "a==1||b!=2", "!a==b", "a<b", "(a>1)&&(b<=2)", "a > -1")
lines <- vapply(sources, function(s) {
  parsed <- parse(text = s, keep.source = FALSE, encoding = "UTF-8")[[1]]
  paste0(s, "\t", paste(deparse(parsed, width.cutoff = 500), collapse = ""))
}, "")
con <- file("tests/reference/data/deparse.txt", "wb")
writeLines(enc2utf8(unname(lines)), con, useBytes = TRUE)
close(con)
