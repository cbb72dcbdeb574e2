"""Two groups compared, many figures at once: shares and means with intervals, p-values and false-discovery control.

Everywhere the first group is compared with the second; arrays are (k,), one entry per comparison.  Group sizes need not
be whole numbers: of weighted groups give the effective ones.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from pyfuncs.analysis.levels import standard_errors_of
from pyfuncs.models.arrays import FloatArray
from pyfuncs.models.special import log_gamma

FEW_EXPECTED: Final = 5.0
"""Expected cell count below which the score test of two shares gives way to Fisher's, with mid-p-values."""

_WIDEST: Final = 50.0  # of an interval on the log scale; beyond it nothing is known
_STRAIGHT: Final = 1e-4  # skewness that is none


@dataclass(frozen=True, slots=True)
class Comparison:
    """Figures of the first group against the second, (k,) each; nan where there is none.

    Attributes
    ----------
    first, second : shares, or means
    lift, lift_low, lift_high : first over second, with an interval on the log scale
    difference, difference_low, difference_high : first less second
    standardised : difference over the root of the mean of both variances
    p_value : two-sided
    """

    first: FloatArray
    second: FloatArray
    lift: FloatArray
    lift_low: FloatArray
    lift_high: FloatArray
    difference: FloatArray
    difference_low: FloatArray
    difference_high: FloatArray
    standardised: FloatArray
    p_value: FloatArray


def shares(k1: FloatArray, n1: FloatArray, k2: FloatArray, n2: FloatArray, level: float) -> Comparison:
    """Shares k1 of n1 and k2 of n2.

    Lift: interval of Katz et al. (1978), Biometrics 34, 469; half a case is added to each cell where a count is 0.
    Difference: Newcombe (1998), Statistics in Medicine 17, 873, method 10.  Test: the score test of equal shares, and
    Fisher's with mid-p where a cell is expected to hold fewer than `FEW_EXPECTED`.
    """
    from scipy.special import ndtr

    z = standard_errors_of(level)
    with np.errstate(divide="ignore", invalid="ignore"):
        p1, p2 = k1 / n1, k2 / n2
        lift = np.where(p2 > 0, p1 / p2, np.nan)
        empty = np.where((k1 == 0) | (k2 == 0), 0.5, 0.0)
        a, b, c, d = k1 + empty, n1 + empty, k2 + empty, n2 + empty
        spread = z * np.sqrt(np.maximum(1 / a - 1 / b + 1 / c - 1 / d, 0.0))
        around = (a / b) / (c / d)
        lift_low = np.where(k1 == 0, 0.0, around * np.exp(-spread))
        lift_high = np.where(k2 == 0, np.nan, around * np.exp(spread))
        (low1, high1), (low2, high2) = wilson(p1, n1, z), wilson(p2, n2, z)
        difference = p1 - p2
        pooled = (k1 + k2) / (n1 + n2)
        score = difference / np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
        p_value = 2 * ndtr(-np.abs(score))
        standardised = difference / np.sqrt((p1 * (1 - p1) + p2 * (1 - p2)) / 2)
        expected = np.minimum(pooled, 1 - pooled) * np.minimum(n1, n2)
    for i in np.flatnonzero(expected < FEW_EXPECTED):
        p_value[i] = fisher_mid_p(k1[i], n1[i], k2[i], n2[i])
    return Comparison(
        p1, p2, lift, lift_low, lift_high, difference,
        difference - np.hypot(p1 - low1, high2 - p2), difference + np.hypot(high1 - p1, p2 - low2),
        _finite(standardised), p_value,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moments:
    """What a comparison of means takes of the numbers, (k,) each.

    m1, v1, n1 and m2, v2, n2 are mean, variance (n - 1 below) and size of each group; `variance` (n below) and
    `skewness` are of both together.
    """

    m1: FloatArray
    v1: FloatArray
    n1: FloatArray
    m2: FloatArray
    v2: FloatArray
    n2: FloatArray
    variance: FloatArray
    skewness: FloatArray


def means(x: Moments, level: float) -> Comparison:
    """Means of numbers.

    Difference: interval of Welch (1947).  Lift: ratio of the means with the delta method on its logarithm; nan unless
    both means are above 0.  Test: of the difference of means by permutation, whose distribution is matched by a Pearson
    type III in three moments (Mielke and Berry, Permutation Methods, 2007).  Money is skewed and focal customers are
    few: Welch's t would then call differences on noise several times as often as it says.
    """
    from scipy.special import stdtrit

    with np.errstate(divide="ignore", invalid="ignore"):
        s1, s2 = x.v1 / x.n1, x.v2 / x.n2
        freedom = (s1 + s2) ** 2 / (s1**2 / (x.n1 - 1) + s2**2 / (x.n2 - 1))
        half = stdtrit(freedom, 0.5 + level / 2) * np.sqrt(s1 + s2)
        difference = x.m1 - x.m2
        positive = (x.m1 > 0) & (x.m2 > 0)
        m1, m2 = (np.where(positive, m, np.nan) for m in (x.m1, x.m2))
        spread = np.exp(np.minimum(standard_errors_of(level) * np.sqrt(s1 / m1**2 + s2 / m2**2), _WIDEST))
        standardised = difference / np.sqrt((x.v1 + x.v2) / 2)
    return Comparison(
        x.m1, x.m2, m1 / m2, m1 / m2 / spread, m1 / m2 * spread, difference, difference - half, difference + half,
        _finite(standardised), _permutation_p(x),
    )  # fmt: skip


def _permutation_p(x: Moments) -> FloatArray:
    """Two-sided p-values: twice the smaller tail of the difference of means over all permutations of the groups."""
    from scipy.special import gammainc, gammaincc, ndtr

    n = x.n1 + x.n2
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (x.m1 - x.m2) / np.sqrt(x.variance * n / (n - 1) * (1 / x.n1 + 1 / x.n2))
        skewness = x.skewness * (x.n2 - x.n1) / np.sqrt(x.n1 * x.n2 * n)
        z, skewness = np.where(skewness < 0, -z, z), np.abs(skewness)
        shape = 4 / skewness**2
        at = np.maximum(shape + z * np.sqrt(shape), 0.0)
        straight = skewness < _STRAIGHT
        above = np.where(straight, ndtr(-z), gammaincc(shape, at))
        below = np.where(straight, ndtr(z), gammainc(shape, at))
    p_value: FloatArray = np.minimum(1.0, 2 * np.minimum(above, below))
    return p_value


def q_values(p_values: FloatArray) -> FloatArray:
    """Benjamini-Hochberg (1995): the least false-discovery rate at which each test is called; nan is no test."""
    tested = np.flatnonzero(~np.isnan(p_values))
    order = tested[np.argsort(-p_values[tested], kind="stable")]
    m = len(order)
    q = np.full(len(p_values), np.nan)
    if m:
        q[order] = np.minimum.accumulate(p_values[order] * m / np.arange(m, 0, -1))
    return q


def wilson(share: FloatArray, n: FloatArray, z: float) -> tuple[FloatArray, FloatArray]:
    """Wilson's score interval (1927) of a share of n, as wide as z standard errors; nan where the share is."""
    middle = share + z * z / (2 * n)
    half = z * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return np.maximum(0.0, (middle - half) / scale), np.minimum(1.0, (middle + half) / scale)


def fisher_mid_p(k1: float, n1: float, k2: float, n2: float) -> float:
    """Two-sided mid-p-value of Fisher's exact test of k1 of n1 against k2 of n2, all rounded to whole numbers.

    The chance, given the margins, of a table less likely than the one seen and half of those as likely.
    """
    k1, n1, k2, n2 = (float(round(count)) for count in (k1, n1, k2, n2))
    cases = k1 + k2
    possible = np.arange(max(0.0, cases - n2), min(cases, n1) + 1)
    log_p = _log_choose(n1, possible) + _log_choose(n2, cases - possible) - _log_choose(n1 + n2, np.array([cases]))
    chance = np.exp(log_p)
    seen = chance[int(k1 - possible[0])]
    alike = np.isclose(chance, seen, rtol=1e-7)
    return float(min(1.0, chance[(chance < seen) & ~alike].sum() + 0.5 * chance[alike].sum()))


def _log_choose(n: float, k: FloatArray) -> FloatArray:
    return log_gamma(np.array([n + 1.0])) - log_gamma(k + 1.0) - log_gamma(n - k + 1.0)


def _finite(values: FloatArray) -> FloatArray:
    return np.where(np.isfinite(values), values, np.nan)
