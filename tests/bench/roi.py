# The Monte Carlo of rep-roi's benchmark by numpy, as arrays: roi.py DRAWS. Eight items, 36 months,
# the same metrics with their percentiles, internal rates by Newton on all draws at once.
import sys
from concurrent.futures import ThreadPoolExecutor
import os
import numpy as np

n = int(sys.argv[1])
months = np.arange(-2, 37)
parts = max(1, os.cpu_count() or 1)


def flows(g, n):
    def pert(a, m, b):
        return a + (b - a) * g.beta(1 + 4 * (m - a) / (b - a), 1 + 4 * (b - m) / (b - a), n)
    z = 3.2897072539029444
    growth = 1.03 ** np.maximum((months - 1) // 12, 0)
    monthly = (months >= 1).astype(float)
    once = lambda m: (months == m).astype(float)
    ramp = lambda k: monthly * np.minimum(1, np.maximum(months, 0) / k)
    cost = [(pert(1500, 1700, 2000), monthly * growth), (pert(20000, 24000, 38000), once(-2)),
            (g.triangular(8000, 10000, 15000, n), once(-1)), (g.normal(14000, 11000 / z, n), once(0)),
            (g.triangular(1100, 1300, 1600, n), monthly * growth)]
    gain = [(g.normal(1600, 1500 / z, n), ramp(6) * 365.25 / 84), (pert(800, 2000, 2600), ramp(3)),
            (g.lognormal(np.log(700), np.log(1.5) / z, n), (months >= 4).astype(float))]
    return sum(np.outer(w, a) for a, w in cost), sum(np.outer(w, a) for a, w in gain)


def payback(flow):
    total = np.cumsum(flow, axis=0)
    up = (total[1:] >= 0) & (total[:-1] < 0)
    i = np.argmax(up, axis=0)
    k = np.arange(flow.shape[1])
    before, after = total[i, k], total[i + 1, k]
    return np.where(up.any(axis=0), months[i] + before / (before - after), np.inf)


def metrics(seed, n):
    c, b = flows(np.random.default_rng(seed), n)
    v = 1.1 ** (-months / 12.0)
    net = b - c
    cost, benefit, pv_cost, pv_benefit = c.sum(0), b.sum(0), v @ c, v @ b
    x = np.full(n, 0.93)
    for _ in range(16):
        p, d = np.zeros(n), np.zeros(n)
        for row in net[::-1]:
            d = d * x + p
            p = p * x + row
        step = p / d
        x -= step
        if np.max(np.abs(step)) < 1e-11:
            break
    out = np.maximum(-net, 0)
    paid = (1.1 ** (-(months + 2) / 12.0)) @ out
    got = (1.1 ** ((36 - months) / 12.0)) @ np.maximum(net, 0)
    with np.errstate(all="ignore"):
        return np.array([cost, benefit, benefit - cost, benefit / cost - 1, (benefit / cost - 1) / 3,
                         pv_cost, pv_benefit, pv_benefit - pv_cost, pv_benefit / pv_cost - 1,
                         pv_benefit / pv_cost, x ** -12 - 1, (got / paid) ** (12 / 38) - 1,
                         payback(net), payback(net * v[:, None])])


# In pieces that fit the caches, on all cores.
pieces = max(parts, n // 20000)
with ThreadPoolExecutor(parts) as pool:
    all_draws = np.hstack(list(pool.map(lambda k: metrics(k, n // pieces), range(pieces))))
for row in all_draws:
    print(np.quantile(row[np.isfinite(row)], [.025, .05, .5, .95, .975]))
