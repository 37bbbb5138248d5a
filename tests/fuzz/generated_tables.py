"""Tables by chance, for generated.py: NUMBERS and PERIODS are the kinds of columns there are."""
import csv
import datetime

NUMBERS = {  # kinds of a column of numbers: how often, and how a cell comes about
    "normal": (10, lambda rng: f"{rng.gauss(0, 1):.6g}"),
    "skewed": (5, lambda rng: f"{rng.expovariate(.1):.6g}"),
    "counts": (4, lambda rng: rng.choice("0 1 2 3 5 8 20".split())),
    "ties": (2, lambda rng: str(rng.randint(0, 2))),
    "constant": (2, lambda rng: "0.1"),
    "zero": (1, lambda rng: "0"),
    "negative": (1, lambda rng: str(-rng.randint(0, 9))),
    "large": (2, lambda rng: f"{rng.gauss(1, 1) * 1e100:.17g}"),
    "squares overflow": (2, lambda rng: f"{rng.gauss(1, 1) * 1e160:.17g}"),
    "sums overflow": (1, lambda rng: rng.choice("1e308 -1e308 1.7e308 9e307 1".split())),
    "squares vanish": (2, lambda rng: f"{rng.gauss(1, 1) * 1e-170:.17g}"),
    "denormal": (1, lambda rng: rng.choice("5e-324 1e-320 0 1e-310".split())),
    "far from zero": (2, lambda rng: f"{1e8 + rng.gauss(0, 1e-6):.17g}"),
    "beyond 2^53": (1, lambda rng: str(2 ** 53 + rng.randint(0, 3))),
    "one outlier": (1, lambda rng: "1e200" if rng.random() < .05 else "1"),
    "any size": (1, lambda rng: rng.choice("0 -0 1 1e-300 1e300 3.5".split())),
    "missing": (1, lambda rng: ""),
    "half missing": (1, lambda rng: "" if rng.random() < .5 else f"{rng.gauss(10, 3):.6g}"),
}
PERIODS = {  # how the period with this number is written
    "integer": lambda t: str(t + 1),
    "from below zero": lambda t: str(t - 5),
    "far apart": lambda t: str(t * 10 ** 9),
    "day": lambda t: (datetime.date(2024, 1, 1) + datetime.timedelta(t)).isoformat(),
    "week": lambda t: "%d-W%02d" % (datetime.date(2024, 1, 1) + datetime.timedelta(7 * t))
                      .isocalendar()[:2],
    "month": lambda t: f"{2023 + t // 12}-{t % 12 + 1:02d}",
    "quarter": lambda t: f"{2010 + t // 4}-Q{t % 4 + 1}",
    "year": lambda t: str(1950 + t),
}
LABELS = (["North", "South", "East"], ["a", "b"], ["", "x"], ['é,"q"', "b\nc", "%s%n"],
          ["=1+1", "NA", "0"], ["<b>", "&", "|"])


class Tables:
    """The tables of a round: each is made and written when a command line first names it."""
    def __init__(self, rng, folder):
        self.rng, self.folder, self.begin = rng, folder, None

    def path(self, name):
        """The path of the table, which is written unless it is there."""
        path = self.folder / (name + ".csv")
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            header, rows = getattr(self, name)()
            with open(path, "w", newline="", encoding="utf-8") as out:
                csv.writer(out, lineterminator="\n").writerows([header.split(",")] + rows)
        return str(path)

    def start(self):
        """A period of the panel, written as there: before it, after it or within it."""
        self.path("panel")
        return self.begin

    def cells(self):
        """A function that draws the cells of a column of numbers of some kind."""
        kinds = list(NUMBERS.values())
        draw = self.rng.choices(kinds, [share for share, _ in kinds])[0][1]
        return lambda: draw(self.rng)

    def day(self, last=400):
        """A day from 2024 on."""
        return PERIODS["day"](self.rng.randint(0, last))

    def panel(self):
        """Units by periods: unbalanced, in any order, with gaps, ties and repetitions."""
        rng = self.rng
        units = rng.choice((1, 2, 3, 4, 6, 8, 12, 12, 20))
        periods = rng.choice((1, 2, 3, 4, 6, 10, 16, 16, 30))
        if rng.random() < .02:
            units, periods = 1000, rng.randint(1, 2)
        written = rng.choice(list(PERIODS.values()))
        start, labels = rng.randint(0, periods), rng.choice(LABELS)
        teams = rng.choice((1, 2, 2, 3, 7))
        kinds = [self.cells() for _ in range(4)]
        if rng.random() < .5:  # often enough, an outcome that a model can explain
            kinds[0] = lambda: NUMBERS["normal"][1](rng)
        treated = rng.choice((lambda u: u % 2, lambda u: u % 2, lambda u: rng.randint(0, 1),
                              lambda u: 0, lambda u: 1, lambda u: int(u == 0)))
        related = rng.choice(("none",) * 8 + ("effect", "same", "perfect", "linear"))
        gaps, empty = rng.choice((0, 0, 0, .1, .4)), rng.choice((0, 0, 0, .05, .3))
        rows = []
        for unit in range(units):
            is_treated, first = treated(unit), rng.choice(("", written(rng.randint(0, periods))))
            own = rng.gauss(0, 3)
            for period in range(periods):
                values = [draw() for draw in kinds]
                if related == "effect":
                    values[0] = f"{rng.gauss(own + is_treated * (period >= start), 1):.6g}"
                elif related == "perfect":
                    values[0] = values[1]
                elif related == "same":
                    values[2] = values[1]
                elif related == "linear" and values[1]:
                    values[2] = f"{2 + float(values[1]) / 3:.17g}"
                values = ["" if rng.random() < empty else value for value in values]
                closed = rng.choice((0, 1, 1, 5, 10, 100))
                if rng.random() >= gaps:
                    rows.append([f"u{unit}", written(period), labels[unit % len(labels)],
                                 f"t{rng.randrange(teams)}", is_treated, int(period >= start),
                                 *values, rng.randint(0, 1), rng.randint(0, closed), closed,
                                 rng.choice((0, 1, 1, 2, 3, 10)), first])
        if rng.random() < .3:
            rng.shuffle(rows)
        if rng.random() < .05:
            rows = rows[:rng.randint(0, 3)]
        if rng.random() < .05:
            rows += rows[:rng.randint(0, len(rows))]
        self.begin = written(start)
        return ("rep,period,region,team,treated,live,sales,calls,mails,visits,new,won,closed,days,"
                "first", rows)

    def events(self, row):
        """Few or many of what row() makes."""
        return [row() for _ in range(self.rng.choice((1, 2, 3, 5, 20, 60, 200)))]

    def ended(self, begin):
        """A day not before begin, or none."""
        if self.rng.random() < .25:
            return ""
        later = datetime.timedelta(self.rng.choice((0, 0, 5, 30, 100)))
        return (datetime.date.fromisoformat(begin) + later).isoformat()

    def deals(self):
        """Deals won, lost and open."""
        amount = self.cells()

        def row():
            opened = self.day()
            closed = self.ended(opened)
            stage = self.rng.choice(("Won", "Won", "Lost")) if closed else "Open"
            return [f"u{self.rng.randint(0, 3)}", opened, closed, stage, amount()]
        ends = [["u0", "2024-01-02", "2024-01-20", stage, amount()] for stage in ("Won", "Lost")]
        return "rep,open,close,stage,amount", ends + self.events(row)

    def orders(self):
        """Orders of few customers or of many."""
        amount, customers = self.cells(), self.rng.choice((1, 2, 5, 30))
        return "customer,date,amount", self.events(
            lambda: [f"c{self.rng.randrange(customers)}", self.day(), amount()])

    def customers(self):
        """Customers who came, and may have gone."""
        numbers = iter(range(10 ** 6))

        def row():
            begin = self.day()
            return [f"c{next(numbers)}", begin, self.ended(begin)]
        return "id,start,end", self.events(row)

    def spend(self):
        """What was spent on which day."""
        amount = self.cells()
        return "date,amount", self.events(lambda: [self.day(), amount()])

    def leads(self):
        """Leads, converted or not."""
        return "date,converted", self.events(lambda: [self.day(), self.rng.randint(0, 1)])

    def scores(self):
        """What customers say."""
        return "customer,date,score", self.events(
            lambda: [f"c{self.rng.randint(0, 5)}", self.day(), self.rng.randint(1, 5)])

    def activities(self):
        """What reps did."""
        kinds = ("Call", "Mail", "=x")
        return "rep,date,type", self.events(
            lambda: [f"u{self.rng.randint(0, 3)}", self.day(), self.rng.choice(kinds)])

    def roster(self):
        """Reps, some of whom came late, left, or are in no other table."""
        rows = []
        for unit in range(self.rng.randint(1, 6)):
            hired = self.day()
            rows.append([f"u{unit}", hired, self.ended(hired), f"t{unit % 2}"])
        return "rep,hired,left,team", rows

    def model(self):
        """Costs and benefits, sure and unsure."""
        rng, rows = self.rng, []
        for item in range(rng.randint(1, 7)):
            amount = rng.choice((0, 1, 85, 300, 5000, 5000, 24000, 1e9, 1e300, 1e-300, -50))
            spread = rng.choice(("", "", "fixed", "normal", "lognormal", "triangular", "pert",
                                 "uniform", "beta"))
            low, high = (amount * .5, amount * 2) if spread and amount > 0 else ("", "")
            spread = spread if low else ""
            if spread == "beta":
                amount, low, high = .3, .1, .5
            rows.append([f"i{item}", "benefit" if item % 2 else "cost", amount, low, high, spread,
                         rng.choice("once week month quarter year".split()),
                         rng.choice(("", 0, -2, 5, 50)), rng.choice(("", "", "", 60, 6)),
                         rng.choice(("", "", .03, -.5)), rng.choice(("", 6, 0)),
                         rng.choice(("", 20)), rng.choice(("", .5, 0))])
        return "item,kind,amount,low,high,dist,per,start,end,growth,ramp,quantity,margin", rows
