"""Command lines by chance, for generated.py: TOOLS with their options, and WORDS for these."""
import collections
import re

# A tool, how often it is taken, its command lines, and options as (chance, text). {name} is one of
# WORDS, or a table that is then written. "rows", "chance" and "tests" stand for SHARED options.
Tool = collections.namedtuple("Tool", "name share commands shared options tables")

TOOLS = (
    Tool("rep-describe", 1, ["{panel}", "-c {columns} {panel}"], "rows", [
        (.5, "--full"), (.5, "--normality"), (.3, "--quantiles {quantiles}"),
        (.3, "--quantile-type {1to9}"), (.2, "--trim {trim}"), (.2, "--weights days")],
        "describe freq"),
    Tool("rep-corr", 2, [
        "{panel}", "-y sales {panel}", "-y sales -x {activities_of_corr} {panel}",
        "-y sales -x {activities_of_corr} --id {unit} {panel}",
        "-y sales -x {activities_of_corr} --id rep --time period --lags {lags} {panel}",
        "-y sales -x calls --contrast calls,mails {panel}"], "rows tests adjust", [
        (.5, "-m {correlation}"), (.2, "--partial {partial}"), (.1, "--matrix"),
        (.2, "--scope {scope}"), (.3, "--boot --resamples {draws}")], "corr matrix"),
    Tool("rep-regress", 4, [
        "{formula} {panel}", "{formula} --id rep --time period {panel}",
        "{formula} --id rep --time period {panel}",
        "new~{terms} --family binomial {panel}", "{count}~{terms} --family {counts} {panel}",
        "{count}~{terms} --family {counts} --exposure {exposure} {panel}",
        "{count}~{terms} --family {counts} --offset visits {panel}",
        "{formula} --robust{robust} {panel}", "{formula} --between --id rep {panel}",
        "{formula} --predict {panel} --emit predictions {panel}"], "rows tests", [
        (.3, "--vcov {vcov}"), (.3, "--cluster {cluster}"), (.15, "--weights {weights}"),
        (1, "--resamples {draws}"),
        (.1, "--wild-weights {wild}")],
        "coef fit tests rows influence importance margins slopes"),
    Tool("rep-band", 2, [
        "{curve} {panel}", "{curve} --claim {claim} {panel}",
        "{curve} --time period --claim {claim} {panel}"], "rows adjust", [
        (.2, "--margin {margin}"), (.2, "--enough {enough}"), (.2, "--knots {knots}"),
        (.2, "--bins {bins}"), (.2, "--vcov {sandwich}"), (.2, "--cluster {unit}"),
        (.1, "--weights days"), (1, "--resamples {draws}")], "models optimum bins curve claim"),
    Tool("rep-compare", 4, [
        "--value {columns} --group {group} --test {independent} {panel}",
        "--value {columns} --group {group} {panel}",
        "--value {columns} --group {group} --id {unit} --test {paired} {panel}",
        "--value {columns} --time period --cut {start} --test {independent} {panel}",
        "--value {columns} --time period --cut {start} --id rep --test {paired} {panel}",
        "--before {number} --after {number} --test {paired} {panel}",
        "--successes won --trials closed --group {group} --test {shares} {panel}",
        "--value {count} --exposure {exposure} --group {group} --test poisson {panel}"],
        "rows tests adjust", [
        (.1, "--mu {margin}"), (.1, "--relative"), (1, "--resamples {draws}"),
        (.2, "--wanted {margin}"), (.1, "--straddle {straddle}")], "compare sensitivity"),
    Tool("rep-impact", 2, [
        "did --value {outcome} {design} {panel}",
        "did --value {outcome} {design} --estimator twfe {panel}"], "rows",
        [(.15, "--covariates {partial}"), (.6, "--resamples {draws}")], "effects placebo"),
    Tool("rep-impact", 1, ["event --value {outcome} {design} --window {window} {panel}"], "rows",
         [(.15, "--covariates {partial}"), (.6, "--resamples {draws}")], "effects path"),
    Tool("rep-impact", 1, [
        "staggered --value {outcome} --id rep --time period --first first{controls} {panel}"],
        "rows", [(.6, "--resamples {draws}")], "effects att path"),
    Tool("rep-impact", 1, [
        "its --value {outcome} --time period --start {start} --agg {agg} {panel}",
        "its --value {outcome} --time period --start {start} --agg {agg} --vcov {its} {panel}"],
        "rows", [(.1, "--season {season}"), (.1, "--control mails"), (.6, "--resamples {draws}")],
        "effects path placebo"),
    Tool("rep-impact", 1, ["rollout --id rep --groups {few} {panel}",
                           "rollout --id rep --groups {few} --stratify {strata} {panel}"],
         "where", [], "plan"),
    Tool("rep-trend", 1, ["--value {columns} --time period --agg {agg} {panel}"], "rows tests",
         [(.3, "--season {season}"), (.2, "--independent")], "trend limits"),
    Tool("rep-rank", 1, ["--id {unit} --value {outcome} {panel}",
                         "--id {unit} --successes won --trials closed {panel}",
                         "--id rep --value sales --adjust {terms} {panel}"], "rows",
         [(.3, "--top {few}"), (.3, "--variance {variance}")], "rank"),
    Tool("rep-power", 1, [
        "two-sample {sizes} --sd {sd}", "two-sample {sizes} --cluster-size {few} --icc {share}",
        "paired {sizes} --sd {sd}", "proportion {sizes} --baseline {share}",
        "correlation {sizes}", "regression {sizes} --predictors {few}",
        "did {sizes} --periods {periods} --icc {share} --ar {ar}",
        "did {sizes} --periods {periods} --ancova",
        "two-sample {sizes} --value sales --id rep --time period --from {panel}",
        "did {sizes} --periods 3,3 --value sales --id rep --time period --from {panel}",
        "did --n 10 --effect 1 --periods 2,2 --value sales --id rep --time period --simulate "
        "--draws 20 --from {panel}"],
        "chance tests", [(.3, "--sig-level {alpha}")], "power detail"),
    Tool("rep-moments", 1, ["{formula} {panel}", "{formula} --cluster {unit} {panel}"], "where",
         [], "moments"),
    Tool("rep-clean", 1, [
        "{panel}", "{panel} --impute sales={impute}", "{deals} --trim --csv-safe"], "", [
        (.3, "--snake"), (.3, "--dedupe rep --keep {keep}"), (.2, "--types {types}"),
        (.2, "--trim"), (.2, "--csv-safe"), (.1, "--ragged pad")], "data findings summary"),
    Tool("rep-panel", 1, [
        "--period {span} --activities {activities}", "--period {span} --deals {deals}:{labels}",
        "--period {span} --activities {activities} --deals {deals}:{labels} --roster {roster}",
        "--period {span} --activities {activities} --roster {roster} --level {level}"], "", [
        (.5, "--fill {fill}"), (.2, "--event go={day}"), (.2, "--types calls=Call")], "panel"),
    Tool("rep-kpi", 3, ["all {facts} {facts} {facts}", "all {files}", "{kpi} {files}",
                        "{kpi} {kpi} {files} {totals}", "all {totals} {totals} {totals}"],
         "chance", [
        (.3, "--period {span}"), (.2, "--cut {day}"), (.1, "--as-of {day}"),
        (.3, "--definition {definition}"), (.2, "--resamples {draws}"), (.1, "--by rep")],
        "kpi survival cohorts funnel tests"),
    Tool("rep-roi", 2, ["{model}", "{model} --draws 2000"], "chance", [
        (1, "--draws 1000"), (.4, "--horizon {horizon}"), (.3, "--rate {rate}"),
        (.2, "--timing mid"), (.4, "--method {method}"), (.1, "--finance-rate 0.05"),
        (.1, "--reinvest-rate 0")],
        "metrics cashflow categories tornado sobol breakeven information"),
    Tool("rep-simulate", 1, ["panel --reps {few} --periods {few}"], "", [
        (.3, "--uplift {ar}"), (.3, "--rollout {few}"), (.3, "--icc {share}"), (.3, "--ar {ar}"),
        (.3, "--missing {share}"), (.2, "--effect calls={margin}"), (.2, "--optimum calls=40"),
        (.2, "--mean calls={few}")], "panel truth"),
)
SHARED = {
    "rows": [(.15, "--by {groups}"), (.08, "--where {where}"), (.15, "--conf {conf}"),
             (.2, "--seed {few}")],
    "where": [(.15, "--where {where}")],
    "chance": [(.15, "--conf {conf}"), (.2, "--seed {few}")],
    "tests": [(.2, "--alternative {alternative}")],
    "adjust": [(.15, "--p-adjust {adjust}")],
}
# Alternatives between " ; ", each as likely as the next. Formulas stand without spaces.
WORDS = {name: text.split(" ; ") for name, text in {
    "activity": "calls ; mails ; visits", "number": "sales ; calls ; mails ; visits",
    "column": "sales ; calls ; mails ; visits ; new ; won ; days",
    "columns": "sales ; {column} ; sales,calls ; calls,mails,visits ; new,days",
    "outcome": "sales ; sales ; sales ; calls ; days ; new",
    "count": "won ; days ; closed ; sales", "exposure": "closed ; days",
    "counts": "poisson ; negbin", "controls": " ;  --controls not-yet ;  --controls never",
    "unit": "rep ; rep ; team ; region", "group": "treated ; live ; team ; region",
    "groups": "region ; team ; rep ; treated ; live ; region,team",
    "where": 'calls>0 ; live==1 ; region=="North"||sales>1 ; !(calls>0&&mails>0) ; '
             'calls<5||mails<1',
    "conf": "0.9 ; 0.5 ; 0.99 ; 0.9999999 ; 0.01 ; 0.999999999999",
    "alternative": "two-sided ; less ; greater",
    "adjust": "none ; holm ; hochberg ; bonferroni ; bh ; by",
    "draws": "199 ; 499 ; 999", "few": "1 ; 2 ; 3 ; 5 ; 10", "1to9": "1 ; 3 ; 6 ; 8 ; 9",
    "lag": "0 ; 1 ; 5 ; 100", "lags": "0:2 ; -1:1 ; 1:1 ; 5:5 ; 0:30",
    "quantiles": "0.1,0.025 ; 0,1 ; 0.5 ; 0.999", "trim": "0 ; 0.25 ; 0.49",
    "correlation": "pearson ; spearman ; kendall", "scope": "pooled ; within ; between ; two-way",
    "activities_of_corr": "calls ; calls,mails ; calls,mails,visits ; new,calls",
    "partial": "visits ; mails ; visits,days", "weights": "days ; closed ; calls",
    "term": "{activity} ; {activity} ; {activity} ; {activity} ; {odd} ; {factor}",
    "power": "sqrt ; exp ; abs",
    "odd": "I({activity}^2) ; log({activity}) ; log1p({activity}) ; {power}({activity}) ; "
           "I(1/{activity}) ; poly({activity},2) ; ns({activity},3) ; lag({activity},1) ; "
           "lead({activity},1) ; {activity}:calls ; {activity}*mails ; I({activity}*1e200) ; "
           "treated*live ; treated:live",
    "factor": "region ; team ; factor(rep) ; factor({activity}) ; treated ; closed",
    "terms": "{term} ; {term}+{term} ; {term}+{term}+{term}",
    "formula": "sales~{terms} ; sales~{terms} ; sales~{terms}|{fixed} ; sales~0+{terms} ; "
               "log(sales)~{terms} ; days~{terms} ; new~{terms}", "robust": "=mm ; =huber",
    "fixed": "rep ; period ; rep+period ; team ; region ; rep+period+team ; treated",
    "curve": "sales~{knob} ; sales~{knob}+visits ; sales~{knob}+region ; sales~{knob}|rep ; "
             "sales~{knob}|rep+period ; sales~{knob}|team", "knob": "calls ; calls ; mails ; days",
    "sandwich": "classical ; hc0 ; hc1 ; hc2 ; hc3 ; hc4 ; cluster ; cr2",
    "vcov": "{sandwich} ; {sandwich} ; cr3 ; hac ; hac --hac-lag {lag} ; wild ; profile",
    "cluster": "rep ; team ; region ; period ; rep,period ; treated ; rep,team",
    "wild": "auto ; rademacher ; webb", "claim": "1:2 ; >=1 ; <=2 ; 0:10 ; 100:125",
    "margin": "0 ; 1 ; 0.1 ; -1 ; 1e-9 ; 1e9 ; 1e300 ; 1e-300", "enough": "0.5 ; 0.9 ; 0.99",
    "knots": "3 ; 4 ; 5 ; 7", "bins": "2 ; 3 ; 10 ; 100", "straddle": "before ; after ; drop",
    "independent": "welch ; student ; mann-whitney ; permutation ; bootstrap ; ks ; "
                   "tost --margin 1 ; anova ; welch-anova ; kruskal ; poisson ; prop ; "
                   "welch,mann-whitney ; bootstrap,ks ; student,permutation ; fisher ; "
                   "permutation --block rep",
    "paired": "paired-t ; wilcoxon ; sign ; permutation ; bootstrap ; tost --margin 1 ; mcnemar ; "
              "paired-t,wilcoxon ; sign,bootstrap ; friedman",
    "shares": "prop ; fisher ; prop,fisher",
    "design": "--id rep --time period --treated treated --start {start} ; "
              "--id rep --time period --treated treated --post live",
    "window": "-2:2 ; -6:12 ; -2:0 ; -1:3 ; -30:30", "its": "boot ; pw ; nw ; ols",
    "agg": "sum ; mean", "season": "2 ; 4 ; 12 ; 52", "variance": "auto ; own ; pooled",
    "strata": "region ; team ; treated ; rep", "impute": "mean ; median ; zero",
    "sizes": "--n {n} ; --n {n} --effect {effect} ; --n {n} --power {chance} ; "
             "--effect {effect} --power {chance} ; --effect {effect}",
    "n": "1 ; 2 ; 3 ; 4,40 ; 10 ; 1000 ; 1000000 ; 1e9",
    "chance": "0.8 ; 0.9,0.5 ; 0.999999 ; 0.05",
    "effect": "0.5 ; 0.1,5 ; -0.3 ; 1e-6 ; 1e6 ; 0.999 ; 0 ; 1e-300 ; 1e300 ; -0.999999",
    "sd": "1 ; 12 ; 0 ; 1e-300 ; 1e300 ; 900", "share": "0 ; 0.2 ; 0.5 ; 0.99 ; 1 ; 1e-9",
    "ar": "0 ; 0.3 ; -0.5 ; 0.99", "periods": "3,3 ; 1,1 ; 12,1 ; 100,100",
    "alpha": "0.05 ; 0.5 ; 0.0001 ; 0.999 ; 1e-12", "keep": "first ; last",
    "types": "sales=text ; calls=number ; period=text ; first=date", "fill": "active ; all ; none",
    "span": "day ; week ; month ; quarter", "labels": "won=Won,lost=Lost",
    "level": "rep ; all ; team",
    "day": "2024-01-01 ; 2024-01-17 ; 2024-03-01 ; 2024-07-01 ; 2026-01-01",
    "facts": "--deals {deals}:{labels} ; --orders {orders} ; --customers {customers} ; "
             "--spend {spend} ; --leads {leads} ; --scores {scores} ; --activities {activities}",
    "files": "--deals {deals}:{labels} --orders {orders} --customers {customers} --spend {spend} "
             "--leads {leads} --scores {scores} --activities {activities}",
    "kpi": "cac ; clv ; ltv-cac ; cac-payback ; retention ; churn ; nrr ; grr ; avg-order ; "
           "frequency ; repeat-rate ; revenue-per-lead ; cost-per-lead ; conversion ; "
           "sales-cycle ; win-rate ; velocity ; efficiency ; satisfaction ; nps ; csat",
    "definition": "simple ; contract ; contract-advance ; bgnbd ; median ; rmst ; mean-closed ; "
                  "cohort",
    "totals": "--set marketing_cost={amount} --set sales_cost=5 --set new_customers={amount} ; "
              "--set order_value={amount} --set frequency={amount} --set lifetime={amount} ; "
              "--set start_customers={amount} --set lost_customers={amount} ; "
              "--set leads={amount} --set converted={amount} --set cost={amount} ; "
              "--set revenue={amount} --set won={amount} --set lost={amount} ; "
              "--set margin={share} --set retention={share} --set discount_rate={share}",
    "amount": "0 ; 1 ; 5 ; 100 ; 100 ; 0.5 ; 12345.67 ; 1e-300 ; 1e300 ; 1e308",
    "horizon": "1 ; 6 ; 12 ; 60 ; 120", "rate": "0 ; 0.1 ; 1 ; 10 ; -0.5",
    "method": "montecarlo ; delta ; fieller",
}.items()}


def expand(text, rng, tables):
    """text with each {name} replaced: by one of WORDS, or the path of a table, or its start."""
    def replace(found):
        name = found.group(1)
        if name == "start":
            return tables.start()
        if name in WORDS:
            return expand(rng.choice(WORDS[name]), rng, tables)
        return tables.path(name)
    return re.sub(r"\{(\w+)\}", replace, text)


def command_line(rng, tables):
    """A tool, its arguments and the format of what it prints."""
    tool = rng.choices(TOOLS, [t.share for t in TOOLS])[0]
    options = tool.options + [o for name in tool.shared.split() for o in SHARED[name]]
    parts = [rng.choice(tool.commands)]
    parts += [text for chance, text in options if rng.random() < chance]
    words = " ".join(expand(part, rng, tables) for part in parts).split()
    form = rng.choice(("csv", "csv", "csv", "json", "json", "tsv", "md", "table"))
    if "--emit" in words:
        pass
    elif rng.random() < .2:
        words += ["--explain"] if form in ("md", "table") else ["--emit", "explain"]
    elif rng.random() < .5:
        names = tool.tables.split()
        names = rng.sample(names, min(len(names), 1 if form in ("csv", "tsv") else 2))
        words += ["--emit", ",".join(names)]
    return tool.name, words + ["-f", form]
