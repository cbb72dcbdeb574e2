"""Second representations, slower or narrower: samples of the references are worked out again in these ways.

Hypergeometric functions, mpmath's own adaptive quadrature and the textbook sums, where `definitions` has means over a
beta distribution and recurrences.
"""

import itertools
from collections.abc import Callable
from typing import Any

import mpmath as mp

Values = dict[str, Any]


def quadrature(f: Callable[[Any], Any], low: Any, high: Any, scale: Any) -> Any:
    """Adaptive quadrature, broken where a falling integrand lives: at its scale, doubled and halved."""
    if high <= low:
        return mp.mpf(0)
    steps = (scale * mp.mpf(2) ** k for k in range(-4, 80))
    return _relative(f, [low, *(low + step for step in steps if step < high - low), high])


def _relative(f: Callable[[Any], Any], marks: list[Any]) -> Any:
    """mp.quad stops at an absolute error: the integrand is brought to size 1."""
    size = max(f(low) * (high - low) for low, high in itertools.pairwise(marks))
    return size * mp.quad(lambda y: f(y) / size, marks)


def bgnbd(parameters: Values, **case: Any) -> Values:
    return _beta_geometric(0, **parameters, **case)


def mbgnbd(parameters: Values, **case: Any) -> Values:
    return _beta_geometric(1, **parameters, **case)


def _beta_geometric(
    first: int, r: Any, alpha: Any, a: Any, b: Any, t: Any, rate: Any, x: int, t_x: Any, T: Any, n: int
) -> Values:
    chances, R, A = x + first, r + x, alpha + T
    ways = mp.gamma(R) / mp.gamma(r) * alpha**r
    alive = mp.beta(a, b + chances) / mp.beta(a, b) * ways / A**R
    dead = mp.beta(a + 1, b + chances - 1) / mp.beta(a, b) * ways / (alpha + t_x) ** R if chances > 0 else mp.mpf(0)
    p_alive, B = alive / (alive + dead), b + chances
    with mp.workdps(mp.mp.dps + 30):  # 0/0 at a = 1 and where mpmath meets a removable pole
        moved = a + mp.mpf("1e-27")
        to_t = (moved + B - 1) / (moved - 1) * (1 - mp.hyp2f1(R, moved - 1, moved + B - 1, -t / A))

    def intensity(u: Any) -> Any:
        return p_alive * R / A * mp.exp(-rate * u) * mp.hyp2f1(R + 1, a + mp.mpf("1e-27"), a + B, -u / A)

    scale = 1 / (rate + (R + 1) / A * a / (a + B))
    u, stays = t / (alpha + t), n + first
    count = mp.beta(a, b + stays) / mp.beta(a, b) * mp.binomial(r + n - 1, n) * (1 - u) ** r * u**n
    if stays > 0:
        at_least = mp.betainc(n, r, 0, u, regularized=True) if n > 0 else 1
        count += mp.beta(a + 1, b + stays - 1) / mp.beta(a, b) * at_least
    return {
        "log_likelihood": mp.log(alive + dead),
        "p_alive": p_alive,
        "expected_purchases": p_alive * to_t,
        "discounted_to_t": quadrature(intensity, mp.mpf(0), t, scale),
        "discounted": quadrature(intensity, mp.mpf(0), 60 / rate, scale),
        "p_no_purchase": (dead + alive * (A / (A + t)) ** R) / (alive + dead),
        "probability_of_count": count,
    }


def pareto_nbd(parameters: Values, t: Any, rate: Any, x: int, t_x: Any, T: Any, n: int) -> Values:
    r, alpha, s, beta = (parameters[name] for name in ("r", "alpha", "s", "beta"))
    R, A, B = r + x, alpha + T, beta + T

    def unseen(low: Any, high: Any) -> Any:
        def density(y: Any) -> Any:
            return s * (alpha + y) ** -R * (beta + y) ** -(s + 1)

        return quadrature(density, low, high, 1 / (R / (alpha + low) + (s + 1) / (beta + low)))

    alive, dead = A**-R * B**-s, unseen(t_x, T)
    p_alive = alive / (alive + dead)

    def lifetime(u: Any) -> Any:
        return p_alive * R / A * (B / (B + u)) ** s

    def count(y: Any) -> Any:
        return mp.binomial(r + n - 1, n) * (alpha / (alpha + y)) ** r * (y / (alpha + y)) ** n

    marks = {t * (1 - mp.mpf(2) ** -k) for k in range(1, 16)} | {t * mp.mpf(2) ** -k for k in range(1, 40)} | {0, t}
    dying = _relative(lambda y: s / (beta + y) * (beta / (beta + y)) ** s * count(y), sorted(marks))
    return {
        "log_likelihood": mp.log(mp.gamma(R) / mp.gamma(r) * alpha**r * beta**s * (alive + dead)),
        "p_alive": p_alive,
        "expected_purchases": quadrature(lifetime, mp.mpf(0), t, B / s),
        "discounted_to_t": quadrature(lambda u: mp.exp(-rate * u) * lifetime(u), mp.mpf(0), t, 1 / (rate + s / B)),
        "discounted": p_alive * R / A * B * mp.hyperu(1, 2 - s, rate * B),
        "p_no_purchase": (dead + (A + t) ** -R * (B + t) ** -s + unseen(T, T + t)) / (alive + dead),
        "probability_of_count": (beta / (beta + t)) ** s * count(t) + dying,
    }


def bgbb(parameters: Values, t: int, rate: Any, x: int, t_x: int, T: int, n: int) -> Values:
    alpha, beta, gamma, delta = (parameters[name] for name in ("alpha", "beta", "gamma", "delta"))

    def bought(k: int, of: int) -> Any:
        return mp.beta(alpha + k, beta + of - k) / mp.beta(alpha, beta)

    def survives(opportunities: int) -> Any:
        return mp.beta(gamma, delta + opportunities) / mp.beta(gamma, delta)

    def dies_after(opportunities: int) -> Any:
        return mp.beta(gamma + 1, delta + opportunities) / mp.beta(gamma, delta)

    def unseen(low: int, high: int) -> Any:
        return mp.fsum(bought(x, i) * dies_after(i) for i in range(low, high))

    alive, dead = bought(x, T) * survives(T), unseen(t_x, T)
    bought_next = bought(x + 1, T + 1) / (alive + dead)
    opportunities = [bought_next * survives(T + k) for k in range(1, t + 1)]
    q, D = mp.exp(-rate), delta + T
    endless = q * bought_next * survives(T + 1) * mp.hyp2f1(1, D + 1, gamma + D + 1, q)
    count = mp.mpf(0)
    if n <= t:
        count = mp.binomial(t, n) * bought(n, t) * survives(t)
        count += mp.fsum(mp.binomial(i, n) * bought(n, i) * dies_after(i) for i in range(n, t))
    return {
        "log_likelihood": mp.log(alive + dead),
        "p_alive": alive / (alive + dead),
        "expected_purchases": mp.fsum(opportunities),
        "discounted_to_t": mp.fsum(q**k * value for k, value in enumerate(opportunities, start=1)),
        "discounted": endless,
        "p_no_purchase": (dead + unseen(T, T + t) + bought(x, T + t) * survives(T + t)) / (alive + dead),
        "probability_of_count": count,
    }


def gamma_gamma(parameters: Values, x: int, m: Any) -> Values:
    """The rate nu ~ Gamma(q, v) of a customer whose purchases ~ Gamma(p, nu) is integrated out."""
    p, q, v = (parameters[name] for name in ("p", "q", "v"))
    shape, total = p * x, x * m
    typical = (shape + q) / (v + total)

    def density(log_nu: Any) -> Any:
        nu = mp.exp(log_nu)
        of_mean = (nu * total) ** shape / mp.gamma(shape) * mp.exp(-nu * total) / m if x > 0 else 1
        return of_mean * (nu * v) ** q / mp.gamma(q) * mp.exp(-nu * v)

    steps = [-7 * 2**k for k in range(24, 1, -1)] + list(range(-14, 15, 2))
    marks = [mp.log(typical) + step / mp.sqrt(shape + q) for step in steps]
    whole = _relative(density, marks)
    spend = _relative(lambda log_nu: p / mp.exp(log_nu) * density(log_nu), marks) / whole
    return {"expected_spend": spend} | ({"log_likelihood": mp.log(whole)} if x > 0 else {})
