#!/usr/bin/env python3
"""Runs the tools on random tables with random command lines, and looks at what must always hold.

    tests/fuzz/generated.py [--seed N] [--seconds S | --commands N] [--bin DIR]

Same seed, same commands, in the same order. The tables of a command that failed stay in
build/generated/SEED-ROUND/, and its line, ready to paste, is printed and kept beside them in
commands. Of one check and tool the first three failures are shown. Ends with "generated: N passed,
N failed, N skipped"; the exit status is 1 if a command failed.

generated_commands.py says which command lines there are, generated_tables.py which tables; CHECKS
what must hold, and KNOWN what looks like a failure and is none. Standard library only.
"""
import argparse
import collections
import csv
import io
import json
import math
import os
import pathlib
import random
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from generated_commands import command_line  # noqa: E402 (leaves no bytecode beside it)
from generated_tables import Tables  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROCESSOR_SECONDS = 60  # of one command, slowed by the sanitizers
SHOWN = 3               # failures of one check and tool
PER_ROUND = 6           # commands on the same tables


class Run:
    """A command that has run: its exit status (negative: by a signal) and what it printed."""
    def __init__(self, tool, words, folder, tail=(), stdin=None):
        self.tool, self.words, self.stdin = tool, [*words, *tail], stdin
        self.form = words[words.index("-f") + 1]
        with open(stdin or os.devnull, "rb") as given:
            done = subprocess.run([str(folder / tool), *self.words], stdin=given, env=ENVIRONMENT,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                                  preexec_fn=bound)
        self.again = lambda tail=(), words=words, stdin=None: Run(tool, words, folder, tail, stdin)
        self.status = done.returncode
        self.out = done.stdout.decode("utf-8", "replace")
        self.errors = done.stderr.decode("utf-8", "replace")
        self.complaints = [line for line in self.errors.splitlines()
                           if not re.match(r"rep-\w+: (warning|note|notice): ", line)]
        self.line = shlex.join([str(folder / tool), *self.words]) + (f" < {stdin}" if stdin else "")
        self.unreadable, self.rows = None, []
        if self.status in (0, 1) and self.out and self.form in ("json", "csv", "tsv"):
            try:
                self.rows = list(self.read())
            except (ValueError, KeyError, IndexError, csv.Error) as error:
                self.unreadable = f"{type(error).__name__}: {error}"

    def read(self):
        """The rows printed, as (table, {column: text}); an error where they are malformed."""
        if self.form == "json":
            def refuse(word):
                raise ValueError(f"{word} is no JSON")
            for name, rows in json.loads(self.out, parse_constant=refuse)["tables"].items():
                for row in rows:
                    yield name, {k: "NA" if v is None else str(v) for k, v in row.items()}
            return
        tab = self.form == "tsv"
        lines = list(csv.reader(io.StringIO(self.out), strict=True, delimiter="\t" if tab else ",",
                                quoting=csv.QUOTE_NONE if tab else csv.QUOTE_MINIMAL))
        if len(set(lines[0])) < len(lines[0]):
            raise ValueError("two columns of one name")
        for place, line in enumerate(lines[1:], 2):
            if len(line) != len(lines[0]):
                raise ValueError(f"{len(line)} cells in row {place}, {len(lines[0])} in the header")
            yield "", dict(zip(lines[0], line))


ENVIRONMENT = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC", NO_COLOR="1", ASAN_OPTIONS=":".join(
    [os.environ.get("ASAN_OPTIONS", "detect_leaks=0"), "allocator_may_return_null=1"]))


def bound():
    """In the child: no more processor time than a command may take, and no core file."""
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def number(row, column):
    """The finite number in the row's column, or None."""
    try:
        value = float(row[column])
    except (KeyError, ValueError):
        return None
    return value if math.isfinite(value) else None


def outside(run, columns, low, high):
    """Messages for the numbers of these columns that are not within [low, high]."""
    for table, row in run.rows:
        for column in columns.split():
            value = number(row, column)
            if value is not None and not low <= value <= high:
                yield f"{table}: {column} is {value!r}: {row}"


def crash(run):
    """A tool is ended by no signal and no sanitizer, and needs no more than its processor time."""
    said = re.search(r".*(Sanitizer|runtime error).*", run.errors)
    if said or run.status < 0:
        frames = re.findall(r"#\d+ \S+ in (\S+ \S+)", run.errors)[:4]
        name = f"signal {signal.Signals(-run.status).name}" if run.status < 0 else ""
        yield " ".join([said.group(0) if said else name, *frames])


def status(run):
    """The exit status is one of those that the documentation names."""
    if run.status > 5:
        yield f"exit status {run.status}"


def one_error_line(run):
    """A failure is one line on standard error; without one there are at most warnings."""
    if len(run.complaints) != (run.status > 1):
        yield f"exit status {run.status}, error lines: {run.complaints[:5]}"


def output(run):
    """A failure leaves standard output empty; a success prints something."""
    if bool(run.out) != (run.status in (0, 1)):
        yield f"exit status {run.status}, standard output: {run.out[:200]!r}"


def readable(run):
    """JSON parses; CSV and TSV have rows of one width and columns with names of their own."""
    if run.unreadable:
        yield run.unreadable


def remnants(run):
    """No nan, infinity, pointer or printf conversion is printed; bounds and ratios may be Inf."""
    text = re.sub(r"%s%n|\(-Inf,| Inf\\?\)|ratio Inf\b", "", run.out + run.errors)
    found = re.search(r".*(?<![\w.'\"-])[-+]?(nan|inf|infinity)(?![\w'-]).*", text, re.I) or \
        re.search(r".*(0x[0-9a-f]{6}|%[-0-9.]*[ldsgfiux]+\b|\(null\)).*", text)
    if found:
        yield found.group(0)[:400]
    for table, row in run.rows:
        for column, cell in row.items():
            if re.fullmatch(r"(?i)[-+]?(nan|inf|infinity|\d+e\+?\d{3,})", cell) and \
                    not math.isfinite(float(cell)):
                yield f"{table}: {column} is {cell}: {row}"


def probabilities(run):
    """p-values, powers and shares are within [0, 1]."""
    yield from outside(run, "p_value p_adjusted f_p_value p_nonlinear shapiro_p ad_p prob_top "
                       "prob_bottom prob_positive power simulated_power r_squared auc share lmg "
                       "shrinkage weight retention survival hat", -1e-9, 1 + 1e-9)


def spreads(run):
    """Standard errors, deviations and degrees of freedom are not negative; a VIF is >= 1."""
    yield from outside(run, "std_error se sd var sigma df df_residual cooks_d", 0, math.inf)
    yield from outside(run, "vif", 1 - 1e-9, math.inf)


def correlations(run):
    """A correlation is within [-1, 1]; a difference of two, within [-2, 2]."""
    for table, row in run.rows:
        if run.tool == "rep-corr" and "scope" in row:
            limit = 2 if "-" in row.get("x", "") else 1
            yield from outside(Rows([(table, row)]), "estimate conf_low conf_high", -limit, limit)


Rows = collections.namedtuple("Rows", "rows")
INTERVALS = (  # low, high, and what they are of: the first of these columns that is there
    ("conf_low", "conf_high", "estimate mean value lmg_share fitted predicted retention survival"),
    ("effect_low", "effect_high", "effect_size"), ("rel_low", "rel_high", "rel_effect"),
    ("rank_low", "rank_high", "rank"), ("optimum_low", "optimum_high", "optimum"),
    ("lower", "upper", "center"), ("median_low", "median_high", "median"),
    ("pred_low", "pred_high", "fitted"), ("band_low", "band_high", ""),
    ("first_low", "first_high", "first_order"), ("total_low", "total_high", "total"))


def intervals(run):
    """An interval goes from low to high and holds its estimate, and there is none without one."""
    for table, row in run.rows:
        for low, high, columns in INTERVALS:
            of = next((c for c in columns.split() if c in row), None)
            a, b, estimate = number(row, low), number(row, high), number(row, of)
            near = 1e-9 * max(abs(x) for x in (a, b, estimate, 0) if x is not None)
            if a is not None and b is not None and a > b:
                yield f"{table}: {low} is above {high}: {row}"
            elif estimate is None and of and a is not None and b is not None:
                yield f"{table}: {low} without {of}: {row}"
            elif estimate is not None and not (
                    (a is None or a - near <= estimate) and (b is None or estimate <= b + near)):
                yield f"{table}: {of} is outside {low}, {high}: {row}"


def adjusted(run):
    """Adjusting for several tests never makes a p-value smaller."""
    for table, row in run.rows:
        raw, after = number(row, "p_value"), number(row, "p_adjusted")
        if raw is not None and after is not None and after < raw * (1 - 1e-12):
            yield f"{table}: p_adjusted is below p_value: {row}"


def notes(run):
    """A number that is missing has its reason in the note."""
    for table, row in run.rows:
        for column in ("estimate", "p_value", "value", "mean"):
            if row.get("note") in ("", "NA") and row.get(column) == "NA":
                yield f"{table}: {column} is NA without a note: {row}"
                break


def comparable(run):
    """What a run says, without how it was asked."""
    path = re.escape(next((w for w in run.words if w.endswith("panel.csv")), "-"))
    text = re.sub(r'"command": "(\\.|[^"\\])*"', "", run.out) + f"\n{run.status}\n" + run.errors
    return re.sub(rf"{path}|standard input", "-", text)


def threads(run):
    """One thread and two give the same bytes."""
    one, two = run.again(("-j", "1")), run.again(("-j", "2"))
    if comparable(one) != comparable(two):
        yield "-j 1 and -j 2 differ"


def standard_input(run):
    """A table gives the same bytes from its file and from standard input."""
    paths = [w for w in run.words if w.endswith("panel.csv")]
    if len(paths) == 1 and not {"--from", "--activities"} & set(run.words):
        piped = run.again(words=["-" if w in paths else w for w in run.words], stdin=paths[0])
        if comparable(run) != comparable(piped):
            yield f"differs from: {piped.line}"


# --- checks: what must hold of any run; each yields a message where it does not -----------------
CHECKS = (crash, status, one_error_line, output, readable, remnants, probabilities, spreads,
          correlations, intervals, adjusted, notes)
AGAIN = ((.1, threads), (.1, standard_input))  # run the command again, so not every time
# What looks like a failure and is none: check, in the command line, in the message, and why.
KNOWN = (
    ("intervals", r"--conf 0\.(01|5)\b", "is outside", "an interval of low confidence is short, "
     "and by a bootstrap, a transformation or a posterior its middle is not the estimate"),
    ("intervals", "rep-rank", "rank is outside", "the rank is that of the estimates, the interval "
     "that of ranks drawn from all units' posteriors, which lie closer together"),
    ("intervals", "rep-roi", "is outside", "the value is that of the model's own amounts, the "
     "interval of draws, whose middle lies elsewhere where a distribution is skewed"),
    ("intervals", "rep-roi", "conf_low without value", "no payback or irr by the amounts "
     "themselves, and one in the draws that have it"),
    ("notes", "rep-kpi", "'log-rank'", "a test of whole curves has a statistic and no estimate"),
    ("probabilities", "rep-kpi", "'stage': ", "deals for each lead: there may be more of them"),
)


def failures(run, chances):
    """(check, message) of each check that does not hold; only the first message of each."""
    again = [check for chance, (share, check) in zip(chances, AGAIN) if chance < share]
    for check in CHECKS + tuple(again if run.status >= 0 else ()):
        for message in check(run):
            if not any(known == check.__name__ and re.search(where, run.line) and
                       re.search(said, message) for known, where, said, _ in KNOWN):
                yield check.__name__, message
                break
        if check is crash and run.status < 0:
            return


def main():
    """Reads the options, runs rounds until enough is done, and counts."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--commands", type=int, help="so many, however long they take")
    options.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("bin"))
    given = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # and the command with it
    end = time.monotonic() + given.seconds
    seen, counts = collections.Counter(), collections.Counter()
    os.chdir(ROOT)
    if not list(given.bin.glob("rep-*")):
        options.error(f"no tools in {given.bin}: make")

    def wanted():
        done = sum(counts.values())
        return done < given.commands if given.commands is not None else time.monotonic() < end

    round_number = 0
    while wanted():
        round_number += 1
        rng = random.Random(f"{given.seed} {round_number}")
        folder = pathlib.Path("build/generated") / f"{given.seed}-{round_number}"
        shutil.rmtree(folder, ignore_errors=True)
        tables, kept = Tables(rng, folder), []
        for _ in range(PER_ROUND):
            tool, words = command_line(rng, tables)
            chances = [rng.random() for _ in AGAIN]
            if not wanted():
                break
            if not (given.bin / tool).exists():
                counts["skipped"] += 1
                continue
            run = Run(tool, words, given.bin)
            found = list(failures(run, chances))
            counts["failed" if found else "passed"] += 1
            for check, message in found:
                seen[check, tool] += 1
                if seen[check, tool] <= SHOWN:
                    print(f"FAILED {check} {tool}: {message}\n    {run.line}", flush=True)
                    kept.append(f"# {check}: {message}".replace("\n", " ") + f"\n{run.line}\n")
        if kept:
            (folder / "commands").write_text("".join(kept), encoding="utf-8")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    for (check, tool), times in sorted(seen.items()):
        if times > SHOWN:
            print(f"generated: {check} of {tool}: {times - SHOWN} more")
    print(f"generated: {counts['passed']} passed, {counts['failed']} failed, "
          f"{counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
