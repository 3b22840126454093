#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""stat_reference.py DRIVER NAME: random values through cbpf's statistics and through SciPy's.

Prints how many cases were the same; ends with 1 at the first that is not, and tells it.
"""
import itertools
import math
import subprocess
import sys

import numpy as np
from scipy import special, stats

random = np.random.default_rng(20261127)
CASES = 300


def sample(most=20, least=2):
    """Values as measurements are: normal, skewed, whole with ties, or huge."""
    n = int(random.integers(least, most + 1))
    return [
        lambda: random.normal(100, 10, n),
        lambda: random.lognormal(10, 1, n),
        lambda: random.integers(0, 6, n).astype(float),
        lambda: random.normal(1e12, 1e9, n),
    ][random.integers(4)]()


def no_ties(most=24):
    n, m = random.integers(1, most + 1, 2)
    values = random.permutation(n + m).astype(float) + random.normal(0, 0.1, n + m)
    return values[:n], values[n:]


def listed(v):
    return f"{len(v)} " + " ".join(repr(float(x)) for x in v)


def describe():
    v = sample()
    low, high = stats.t.interval(0.95, len(v) - 1, np.mean(v), stats.sem(v)) \
        if np.ptp(v) else (v[0], v[0])
    near = 1e-8 * (high - low) + 1e-9 * abs(v).max()  # SciPy searches for t to that precision
    return [listed(v)], [np.mean(v), np.median(v), np.std(v, ddof=1), low, high], [near] * 5


def outliers():
    v = sample(least=5)
    if random.integers(2):
        v[random.integers(len(v))] *= 3
    off = np.abs(v - np.median(v))
    mad = stats.median_abs_deviation(v)
    marks = off > 3.5 * (mad / 0.6745 if mad else 1.2533 * np.mean(off))
    return [listed(v)], [marks.sum(), *marks]


def student():
    t, df = random.normal(0, 4), 10 ** random.uniform(0, 5)
    return [repr(t), repr(df)], [stats.t.cdf(t, df)]


def student_quantile():
    p, df = random.uniform(0.0005, 0.9995), 10 ** random.uniform(0, 5)
    return [repr(p), repr(df)], [t := stats.t.ppf(p, df)], [1e-8 * max(1, abs(t))]


def delta_of(a, b):
    return np.sign(np.subtract.outer(b, a)).mean()


def rank():
    """SciPy's exact p where there are no ties; else every assignment is counted here."""
    if random.integers(2):
        a, b = no_ties()
        test = stats.mannwhitneyu(b, a, alternative="two-sided", method="exact")
        u, p, least = test.statistic, test.pvalue, min(1, 2 / math.comb(len(a) + len(b), len(b)))
    else:
        a, b = random.integers(0, 5, random.integers(1, 7)), random.integers(0, 5, random.integers(1, 7))
        ranks = stats.rankdata(np.concatenate([b, a]))
        sums = np.array([ranks[list(c)].sum() for c in
                         itertools.combinations(range(len(ranks)), len(b))])
        mine = ranks[:len(b)].sum()

        def tails(r):
            return min(1, 2 * min(np.mean(sums <= r), np.mean(sums >= r)))
        u, p = mine - len(b) * (len(b) + 1) / 2, tails(mine)
        least = min(1, 2 * min(np.mean(sums == sums.min()), np.mean(sums == sums.max())))
    return [listed(a), listed(b)], [u, p, least, delta_of(a, b)]


def rank_normal():
    a, b = sample(200), sample(200)
    test = stats.mannwhitneyu(b, a, alternative="two-sided", method="asymptotic")
    return [listed(a), listed(b)], [test.statistic, 1 if np.isnan(test.pvalue) else test.pvalue, None, delta_of(a, b)]


def hedges():
    a, b = random.normal(10, 2, random.integers(2, 15)), random.normal(12, 3, random.integers(2, 15))
    df = len(a) + len(b) - 2
    pooled = math.sqrt(((len(a) - 1) * np.var(a, ddof=1) + (len(b) - 1) * np.var(b, ddof=1)) / df)
    correction = special.gamma(df / 2) / (math.sqrt(df / 2) * special.gamma((df - 1) / 2))
    return [listed(a), listed(b)], [correction * (np.mean(b) - np.mean(a)) / pooled]


def holm():
    """By the definition: a hypothesis is rejected at alpha when all that are smaller are, too."""
    p = np.round(random.uniform(0, 0.3, random.integers(1, 12)), 2)
    order = np.argsort(p, kind="stable")
    steps = p[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1, np.maximum.accumulate(steps))
    return [listed(p)], adjusted


def bootstrap():
    """Other random numbers, so within a few percent of the interval's width."""
    a, b = random.normal(100, 5, random.integers(6, 20)), random.normal(110, 8, random.integers(6, 20))
    n, m, va, vb = len(a), len(b), np.var(a, ddof=1) / len(a), np.var(b, ddof=1) / len(b)
    df = (va + vb) ** 2 / (va ** 2 / (n - 1) + vb ** 2 / (m - 1))
    scale = math.sqrt((va + vb) / (va * (n - 1) / n + vb * (m - 1) / m))
    tail = stats.norm.cdf(scale * stats.t.ppf(0.025, df))
    from_a = random.choice(a, (50000, n)).mean(axis=1)
    from_b = random.choice(b, (50000, m)).mean(axis=1)
    ends = np.quantile(from_b - from_a, [tail, 1 - tail])
    ratios = np.quantile(from_b / from_a - 1, [tail, 1 - tail])
    width = ends[1] - ends[0]
    return [listed(a), listed(b)], [np.mean(b) - np.mean(a), *ends, *ratios], \
        [1e-9, 0.08 * width, 0.08 * width, 0.0008 * width, 0.0008 * width]


def midpoint(v):
    """Of the bucket of a log-linear histogram with 16 buckets for each power of two."""
    if v < 16:
        return float(v)
    width = 2 ** (int(v).bit_length() - 5)
    return v // width * width + (width - 1) / 2


def distance():
    a = random.lognormal(11, 1, random.integers(1, 300)).astype(int)
    b = random.lognormal(random.uniform(10, 12), 1, random.integers(1, 300)).astype(int)
    x, y = [midpoint(int(v)) for v in a], [midpoint(int(v)) for v in b]
    return [listed(a), listed(b)], [stats.ks_2samp(x, y, method="asymp").statistic,
                                    stats.wasserstein_distance(x, y)]


TOO_FEW, STEADY, WARM_UP, UNSETTLED = range(4)


def mser(v):
    """In batches of five from 50 values on; of their logarithms where that finds nothing."""
    if len(v) < 6:
        return TOO_FEW, 0
    batch = 1 if len(v) < 50 else 5
    means = v[:len(v) // batch * batch].reshape(-1, batch).mean(axis=1)
    settled, cut = mser_of(means)
    if settled == STEADY and np.all(means > 0):
        settled, cut = mser_of(np.log(means))
    return settled, cut * batch


def mser_of(means):
    """White's MSER, and Hahn's prediction interval."""
    errors = [np.var(means[d:]) / (len(means) - d) for d in range(len(means) // 2 + 1)]
    cut = int(np.argmin(errors))
    if not cut:
        return STEADY, 0
    first, rest = means[:cut], means[cut:]
    df = len(rest) - 1
    low, high = stats.t.interval(0.9973, df, rest.mean(), np.std(rest, ddof=1) * math.sqrt(1 + 1 / len(rest)))
    if low <= first.mean() <= high:
        return STEADY, 0
    return (UNSETTLED, 0) if cut == len(means) // 2 else (WARM_UP, cut)


def transient():
    """Steady, a step or a ramp, of values that are independent or not."""
    n = int(random.integers(1, 400))
    v = random.normal(100, random.choice([1, 5, 20]), n)
    if random.integers(2):
        for i in range(1, n):
            v[i] += 0.5 * (v[i - 1] - 100)
    warm = int(random.integers(0, n // 2 + 1))
    v[:warm] *= random.choice([0.01, 0.5, 0.9, 3]) if random.integers(2) else np.linspace(0.2, 1, warm)
    return v


def warm_up():
    v = transient()
    return [listed(v)], mser(v)


def repeated():
    """Few values, of which many rise, or the first is a small part of the others."""
    v = random.normal(100, random.choice([10, 35]), random.integers(1, 20))
    v[0] *= random.choice([1, 0.01])
    if random.integers(2):
        v = np.cumsum(random.exponential(random.choice([1, 20, 100], len(v)))) + 100
    settled, n = mser(v)
    if settled != WARM_UP and len(v) >= 3 and np.all(np.diff(v) > 0) and v[-1] >= 1.1 * v[0]:
        n = int(np.sum(1.1 * v <= v[-1]))
        settled, n = (UNSETTLED, 0) if n == len(v) - 1 else (WARM_UP, n)
    return [listed(v)], [settled, n]


def changes():
    """One change that nobody could miss, where the energy distance says that it is."""
    n = random.integers(12, 60)
    at = random.integers(5, n - 5)
    v = np.concatenate([random.normal(100, 1, at), random.normal(random.choice([80, 130]), 1, n - at)])
    apart = np.abs(np.subtract.outer(v, v))

    def energy(k):
        m = n - k
        within = apart[:k, :k].sum() / (k * (k - 1)) + apart[k:, k:].sum() / (m * (m - 1))
        return k * m / n * (2 * apart[:k, k:].mean() - within)
    place = max(range(4, n - 3), key=energy)
    assert place == at
    return [listed(v)], [at]


def close(got, want, allowed):
    if want is None:
        return True
    return abs(got - want) <= max(allowed, 1e-9 * abs(want)) or (math.isnan(got) and math.isnan(want))


def main(driver, name):
    cases = [globals()[name]() for _ in range(CASES)]
    text = "".join(f"{name} {' '.join(arguments)}\n" for arguments, *_ in cases)
    done = subprocess.run([driver], input=text, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == CASES
    odd = 0
    for (arguments, want, *allowed), line in zip(cases, lines):
        got = [float(x) for x in line.split()]
        allowed = allowed[0] if allowed else [1e-10] * len(want)
        # In a part after a change there is one too many once in a hundred times.
        if name == "changes" and len(got) != 1:
            odd += 1
            continue
        if len(got) != len(want) or not all(map(close, got, want, allowed)):
            sys.exit(f"{name} {' '.join(arguments)}:\n  cbpf {got}\n  want {list(want)}")
    if odd > CASES // 20:
        sys.exit(f"{name}: {odd} of {CASES} have another number of changes")
    print(f"{name}: {CASES - odd} the same")


main(*sys.argv[1:])
