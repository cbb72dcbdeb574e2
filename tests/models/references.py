"""Make references.json: the models worked out by mpmath at 30 digits, from their definitions, not Focal's forms.

    python tests/models/references.py            (some minutes; run it when a case is added)

Likelihoods and P(alive): gamma functions for BG/NBD and MBG/NBD, adaptive quadrature over death times for Pareto/NBD.
Expectations: the hypergeometric form at 50 digits (at a = 1, where it is 0/0, displaced by 1e-18), Tricomi's U for the
endless discounted Pareto/NBD, adaptive quadrature of the purchase intensity for the other discounted ones.
"""

import json
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np

CASES = 240
TARGET = Path(__file__).with_name("references.json")
# (x, t_x, T): new, one-timer, regular, bought on the last day, heavy, heavy on the last day, very heavy and long gone
EDGES = [
    (0, 0.0, 0.0),
    (0, 0.0, 730.0),
    (2, 30.43, 38.86),
    (1, 38.86, 38.86),
    (250, 363.207, 363.457),
    (991, 2043.0, 2043.0),
    (4000, 1500.0, 4800.0),
]


def history(rng: np.random.Generator, extreme: bool) -> tuple[int, float, float]:
    x = int(rng.choice([0, 1, 2, rng.integers(3, 300), rng.integers(300, 5000)]) if extreme else rng.integers(0, 8))
    T = float(np.exp(rng.uniform(0.0, np.log(5000.0 if extreme else 200.0))))
    t_x = 0.0 if x == 0 else float(T * rng.choice([rng.random(), 1.0, 0.999, 0.999999]))
    return x, t_x, T


def integral(f: Any, low: Any, high: Any, scale: Any) -> Any:
    """Adaptive quadrature, broken where the integrand lives: at multiples of its scale and at every decade."""
    low, high = mp.mpf(low), mp.mpf(high)
    if high <= low:
        return mp.mpf(0)
    marks = {low, high}
    marks |= {low + scale * k for k in (1, 3, 8, 20, 50, 120) if scale * k < high - low}
    marks |= {low + (high - low) * mp.mpf(10) ** -k for k in range(1, 9)}
    return mp.quad(f, sorted(marks))


def hypergeometric(a: Any, b: Any, c: Any, z: Any) -> Any:
    """Gauss's 2F1; where mpmath meets a removable pole (a - b a whole number), displaced from it by 1e-25."""
    try:
        return mp.hyp2f1(a, b, c, z)
    except ValueError:
        with mp.workdps(60):
            return mp.hyp2f1(a + mp.mpf("1e-25"), b, c, z)


def beta_geometric(first: int, parameters: list[float], case: dict[str, float]) -> dict[str, Any]:
    r, alpha, a, b = (mp.mpf(v) for v in parameters)
    x, t_x, T, t, delta = (mp.mpf(case[k]) for k in ("x", "t_x", "T", "t", "delta"))
    chances, R, A = x + first, r + x, alpha + T
    dead = a / (b + chances - 1) * (A / (alpha + t_x)) ** R if chances > 0 else mp.mpf(0)
    rise = mp.loggamma(r + x) - mp.loggamma(r)
    stay = mp.loggamma(b + chances) - mp.loggamma(b) + mp.loggamma(a + b) - mp.loggamma(a + b + chances)
    alive, B = 1 / (1 + dead), b + chances
    nudged = a + mp.mpf("1e-18") if a == 1 else a
    with mp.workdps(55):
        bracket = 1 - hypergeometric(R, nudged - 1, nudged + B - 1, -t / A)
        expected = (nudged + B - 1) / (nudged - 1) * bracket

    def intensity(u: Any) -> Any:
        return mp.exp(-delta * u) * hypergeometric(R + 1, a, a + B, -u / A)

    scale = 1 / (delta + (R + 1) / A * a / (a + B))
    discounted = {}
    if case["discounted"]:
        discounted["discounted_to_t"] = alive * R / A * integral(intensity, 0, t, scale)
        discounted["discounted"] = alive * R / A * integral(intensity, 0, 60 / delta, scale)
    return discounted | {
        "log_likelihood": rise + stay + r * mp.log(alpha) - R * mp.log(A) + mp.log1p(dead),
        "p_alive": alive,
        "expected_purchases": alive * expected,
        "p_no_purchase": 1 - alive + alive * (A / (A + t)) ** R,
        "probability_of_count": beta_geometric_count(first, r, alpha, a, b, int(case["n"]), t),
    }


def beta_geometric_count(first: int, r: Any, alpha: Any, a: Any, b: Any, n: int, t: Any) -> Any:
    u, chances = t / (alpha + t), n + first
    exactly = mp.exp(mp.loggamma(r + n) - mp.loggamma(r) - mp.loggamma(n + 1)) * (1 - u) ** r * u**n
    total = mp.beta(a, b + chances) / mp.beta(a, b) * exactly
    if chances > 0:
        at_least = mp.betainc(n, r, 0, u, regularized=True) if n > 0 else mp.mpf(1)
        total += mp.beta(a + 1, b + chances - 1) / mp.beta(a, b) * at_least
    return total


def pareto(parameters: list[float], case: dict[str, float]) -> dict[str, Any]:
    r, alpha, s, beta = (mp.mpf(v) for v in parameters)
    x, t_x, T, t, delta = (mp.mpf(case[k]) for k in ("x", "t_x", "T", "t", "delta"))
    R, A, B = r + x, alpha + T, beta + T

    def silent_death(from_: Any, until: Any) -> Any:
        def density(y: Any) -> Any:
            return mp.exp(-R * mp.log((alpha + y) / (alpha + from_)) - (s + 1) * mp.log((beta + y) / (beta + from_)))

        scale = 1 / (R / (alpha + from_) + (s + 1) / (beta + from_))
        return s * (alpha + from_) ** -R * (beta + from_) ** -(s + 1) * integral(density, from_, until, scale)

    alive_part, dead_part = A**-R * B**-s, silent_death(t_x, T)
    p_alive = alive_part / (alive_part + dead_part)
    lifetime = B * mp.log1p(t / B) if s == 1 else B / (s - 1) * (1 - (B / (B + t)) ** (s - 1))
    to_t = integral(lambda u: mp.exp(-delta * u) * (B / (B + u)) ** s, 0, t, 1 / (delta + s / B))
    stays_silent = ((A + t) ** -R * (B + t) ** -s + silent_death(T, T + t)) / alive_part
    rise = mp.loggamma(R) - mp.loggamma(r)
    return {
        "log_likelihood": rise + r * mp.log(alpha) + s * mp.log(beta) + mp.log(alive_part + dead_part),
        "p_alive": p_alive,
        "expected_purchases": p_alive * R / A * lifetime,
        "discounted_to_t": p_alive * R / A * to_t,
        "discounted": p_alive * R / A * B * mp.hyperu(1, 2 - s, delta * B),
        "p_no_purchase": 1 - p_alive + p_alive * stays_silent,
        "probability_of_count": pareto_count(r, alpha, s, beta, int(case["n"]), t),
    }


def pareto_count(r: Any, alpha: Any, s: Any, beta: Any, n: int, t: Any) -> Any:
    def count(y: Any) -> Any:
        log_ways = mp.loggamma(r + n) - mp.loggamma(r) - mp.loggamma(n + 1)
        return mp.exp(log_ways + r * mp.log(alpha / (alpha + y))) * (y / (alpha + y)) ** n

    marks = sorted({t * mp.mpf(10) ** -k for k in range(1, 9)} | {t * mp.mpf(k) / 24 for k in range(25)})
    dying = mp.quad(lambda y: s / (beta + y) * (beta / (beta + y)) ** s * count(y), marks)
    return (beta / (beta + t)) ** s * count(t) + dying


def make() -> dict[str, list[dict[str, Any]]]:
    mp.mp.dps = 30
    rng = np.random.default_rng(20240601)
    centers = {
        "BG/NBD": [-0.5, np.log(10), 0.0, 0.5],
        "MBG/NBD": [-0.5, np.log(10), 0.0, 0.5],
        "Pareto/NBD": [-0.5, np.log(10), -0.5, np.log(10)],
    }
    out: dict[str, list[dict[str, Any]]] = {}
    for name, center in centers.items():
        out[name] = []
        for i in range(CASES):
            extreme = i % 2 == 1
            x, t_x, T = EDGES[i] if i < len(EDGES) else history(rng, extreme)
            width = np.array([1.5, 2.2, 1.5, 2.2 if name == "Pareto/NBD" else 1.5]) if extreme else np.full(4, 0.7)
            parameters = [float(v) for v in np.exp(rng.normal(center, width))]
            if i % 11 == 5:
                parameters[2] = 1.0
            if i % 13 == 6:
                parameters[3] = parameters[1]
            case = {"x": float(x), "t_x": t_x, "T": T, "n": float(rng.integers(0, 60))}
            case["t"] = float(max(T, 1.0) * np.exp(rng.uniform(-3, 2)))
            case["delta"] = float(np.exp(rng.uniform(np.log(1e-5), np.log(0.05))))
            case["discounted"] = i % 3 == 2 or name == "Pareto/NBD"  # slow: an integral of hypergeometric functions
            first = int(name == "MBG/NBD")
            found = pareto(parameters, case) if name == "Pareto/NBD" else beta_geometric(first, parameters, case)
            print(name, i, flush=True)
            values = {key: float(value) for key, value in found.items()}
            out[name].append({"parameters": parameters, "case": case, "values": values})
    return out


if __name__ == "__main__":
    TARGET.write_text(json.dumps(make(), separators=(",", ":")) + "\n", encoding="utf-8")
