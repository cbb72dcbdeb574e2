"""The five models worked out by mpmath from their definitions, not from Focal's forms.

Every function takes the parameters and one case of the grid, and returns the quantities by name: by gamma functions
where a closed form holds, elsewhere by positive sums and `beta_mean`.
"""

from typing import Any

import mpmath as mp

from .beta_mean import beta_mean, scaled_expint

Values = dict[str, Any]


def bgnbd(parameters: Values, t: Any, rate: Any, x: int, t_x: Any, T: Any, n: int) -> Values:
    return _beta_geometric(0, **parameters, t=t, rate=rate, x=x, t_x=t_x, T=T, n=n)


def mbgnbd(parameters: Values, t: Any, rate: Any, x: int, t_x: Any, T: Any, n: int) -> Values:
    return _beta_geometric(1, **parameters, t=t, rate=rate, x=x, t_x=t_x, T=T, n=n)


def _beta_geometric(
    first: int, r: Any, alpha: Any, a: Any, b: Any, t: Any, rate: Any, x: int, t_x: Any, T: Any, n: int
) -> Values:
    """Dropout chances start with the first repeat purchase (first = 0) or with the first purchase (1)."""
    chances, R, A = x + first, r + x, alpha + T
    dead = a / (b + chances - 1) * (A / (alpha + t_x)) ** R if chances > 0 else mp.mpf(0)
    alive = 1 / (1 + dead)
    stay = log_rising(b, chances) - log_rising(a + b, chances)
    while_alive = _purchases_while_alive(a, b + chances, R, A, t, rate)
    return {key: alive * value for key, value in while_alive.items()} | {
        "log_likelihood": log_rising(r, x) + stay + r * mp.log(alpha) - R * mp.log(A) + mp.log1p(dead),
        "p_alive": alive,
        "p_no_purchase": dead / (1 + dead) + alive * (A / (A + t)) ** R,
        "probability_of_count": _beta_geometric_count(first, r, alpha, a, b, n, t),
    }


def _purchases_while_alive(a: Any, b: Any, R: Any, A: Any, t: Any, rate: Any) -> Values:
    """Expected purchases in t, the same discounted, and discounted for ever: means over p ~ Beta(a, b).

    Given p, purchases come at the intensity (R/A) (1 + p u/A)^-(R+1), whose integrals over time are closed.
    """

    def given(p: Any) -> tuple[Any, ...]:
        log_growth = mp.log1p(p * t / A)
        z = rate * A / p
        endless = scaled_expint(R + 1, z)
        fade = mp.exp(-rate * t - R * log_growth)
        beyond = fade * scaled_expint(R + 1, z + rate * t) if fade > 1e-70 else mp.mpf(0)
        return -mp.expm1(-R * log_growth) / p, R / p * (endless - beyond), R / p * endless

    names = ("expected_purchases", "discounted_to_t", "discounted")
    reach = (R + 1) * (t + 1 / rate) / A
    return dict(zip(names, beta_mean(a, b, given, reach), strict=True))


def _beta_geometric_count(first: int, r: Any, alpha: Any, a: Any, b: Any, n: int, t: Any) -> Any:
    u, rest, chances = t / (alpha + t), alpha / (alpha + t), n + first
    log_stay = log_rising(b, chances) - log_rising(a + b, chances)
    log_exactly = log_rising(r, n) - mp.loggamma(n + 1) + r * mp.log(rest) + n * mp.log(u)
    total = mp.exp(log_stay + log_exactly)
    if chances > 0:
        total += a / (b + chances - 1) * mp.exp(log_stay) * _at_least(n, r, u, rest)
    return total


def _at_least(n: int, r: Any, u: Any, rest: Any) -> Any:
    """P(N >= n), N negative binomial: the incomplete beta integral I_u(n, r), over the share p of u."""
    if n == 0:
        return mp.mpf(1)
    (mean,) = beta_mean(n, 1, lambda p: ((1 - u * p) ** (r - 1),), near_one=-mp.log(rest))
    return mean * mp.exp(n * mp.log(u) + log_rising(r, n) - mp.loggamma(n + 1))


def pareto_nbd(parameters: Values, t: Any, rate: Any, x: int, t_x: Any, T: Any, n: int) -> Values:
    r, alpha, s, beta = (parameters[name] for name in ("r", "alpha", "s", "beta"))
    R, A, B = r + x, alpha + T, beta + T
    dead = _dies_unseen(R, s, alpha + t_x, beta + t_x, T - t_x)
    dead *= (A / (alpha + t_x)) ** R * (B / (beta + t_x)) ** s
    alive = 1 / (1 + dead)
    rate_alive = alive * R / A
    lifetime = B * mp.log1p(t / B) if s == 1 else B / (s - 1) * -mp.expm1((1 - s) * mp.log1p(t / B))
    endless = B * scaled_expint(s, rate * B)
    beyond = mp.exp(-rate * t - s * mp.log1p(t / B)) * (B + t) * scaled_expint(s, rate * (B + t))
    silent = mp.exp(-R * mp.log1p(t / A) - s * mp.log1p(t / B)) + _dies_unseen(R, s, A, B, t)
    log_alive = r * mp.log(alpha) - R * mp.log(A) - s * mp.log1p(T / beta)
    return {
        "log_likelihood": log_rising(r, x) + log_alive + mp.log1p(dead),
        "p_alive": alive,
        "expected_purchases": rate_alive * lifetime,
        "discounted_to_t": rate_alive * (endless - beyond),
        "discounted": rate_alive * endless,
        "p_no_purchase": dead / (1 + dead) + alive * silent,
        "probability_of_count": _pareto_count(r, alpha, s, beta, n, t),
    }


def _dies_unseen(R: Any, s: Any, A: Any, B: Any, gap: Any) -> Any:
    """P(dies within the gap, without a purchase before): s int_0^gap (1 + y/A)^-R (1 + y/B)^-(s+1) dy / B."""
    if gap == 0:
        return mp.mpf(0)

    def density(share: Any) -> tuple[Any]:
        y = share * gap
        return (mp.exp(-R * mp.log(1 + y / A) - (s + 1) * mp.log(1 + y / B)),)

    return s * gap / B * beta_mean(1, 1, density, reach=gap * (R / A + (s + 1) / B))[0]


def _pareto_count(r: Any, alpha: Any, s: Any, beta: Any, n: int, t: Any) -> Any:
    """Alive at t with n purchases, or dead at y < t with n before."""
    log_ways = log_rising(r, n) - mp.loggamma(n + 1)

    def log_count(y: Any) -> Any:
        return log_ways - (r + n) * mp.log(1 + y / alpha) + n * mp.log(t / alpha)

    def dying(share: Any) -> tuple[Any]:
        y = share * t
        return (mp.exp(log_count(y) - (s + 1) * mp.log(1 + y / beta)),)

    alive = mp.exp(log_count(t) - s * mp.log1p(t / beta))
    # y^n has become Beta(n + 1, 1)
    reach = t * ((r + n) / alpha + (s + 1) / beta)
    return alive + s * t / beta / (n + 1) * beta_mean(n + 1, 1, dying, reach=reach)[0]


def bgbb(parameters: Values, t: int, rate: Any, x: int, t_x: int, T: int, n: int) -> Values:
    alpha, beta, gamma, delta = (parameters[name] for name in ("alpha", "beta", "gamma", "delta"))
    log_silent = -log_rising(alpha + beta, T) + log_rising(alpha, x) + log_rising(beta, T - x)
    alive_part = mp.exp(log_silent + log_rising(delta, T) - log_rising(gamma + delta, T))
    dead_part = _die_after(alpha, beta, gamma, delta, x, t_x, T, in_any_order=False)
    alive = alive_part / (alive_part + dead_part)
    share, D = (alpha + x) / (alpha + beta + T), delta + T
    to_t, discounted_to_t = _opportunities_alive(gamma, D, t, rate)
    q = mp.exp(-rate)
    # theta is small against 1 from 1 - q on
    (endless,) = beta_mean(gamma, D, lambda p: (q * (1 - p) / (1 - q + q * p),), reach=1 / -mp.expm1(-rate))
    return {
        "log_likelihood": mp.log(alive_part + dead_part),
        "p_alive": alive,
        "expected_purchases": alive * share * to_t,
        "discounted_to_t": alive * share * discounted_to_t,
        "discounted": alive * share * endless,
        "p_no_purchase": 1 - alive + alive * _silent_opportunities(alpha + x, beta + T - x, gamma, D, t),
        "probability_of_count": _bgbb_count(alpha, beta, gamma, delta, n, t),
    }


def _die_after(alpha: Any, beta: Any, gamma: Any, delta: Any, x: int, first: int, T: int, in_any_order: bool) -> Any:
    """Sum of B(alpha+x, beta+i-x)/B(alpha, beta) B(gamma+1, delta+i)/B(gamma, delta) over i from `first` below T.

    In any order, the x purchases may be at any of the i opportunities: times (i over x).
    """
    if first >= T:
        return mp.mpf(0)
    log_first = log_rising(alpha, x) + log_rising(beta, first - x) - log_rising(alpha + beta, first)
    log_first += mp.log(gamma) + log_rising(delta, first) - log_rising(gamma + delta, first + 1)
    term = total = mp.exp(log_first) * (mp.binomial(first, x) if in_any_order else 1)
    for i in range(first, T - 1):
        term *= (beta + i - x) * (delta + i) / ((alpha + beta + i) * (gamma + delta + i + 1))
        if in_any_order:
            term *= mp.mpf(i + 1) / (i + 1 - x)
        total += term
    return total


def _opportunities_alive(gamma: Any, D: Any, t: int, rate: Any) -> tuple[Any, Any]:
    """Sums of P(still alive at opportunity k), k = 1..t, plain and discounted."""
    q, plain, discounted = mp.exp(-rate), mp.mpf(0), mp.mpf(0)
    alive = weight = mp.mpf(1)
    for k in range(t):
        alive *= (D + k) / (gamma + D + k)
        weight *= q
        plain += alive
        discounted += weight * alive
    return plain, discounted


def _silent_opportunities(alpha: Any, beta: Any, gamma: Any, delta: Any, t: int) -> Any:
    """P(no purchase in t opportunities) of a customer alive with these beta distributions of p and theta."""
    silent, total = mp.mpf(1), mp.mpf(0)
    for j in range(t):
        total += silent * gamma / (gamma + delta + j)
        silent *= (beta + j) * (delta + j) / ((alpha + beta + j) * (gamma + delta + j))
    return total + silent


def _bgbb_count(alpha: Any, beta: Any, gamma: Any, delta: Any, n: int, t: int) -> Any:
    """P(X(t) = n); Fader, Hardie & Shang 2010, equation 8."""
    if n > t:
        return mp.mpf(0)
    log_alive = log_rising(alpha, n) + log_rising(beta, t - n) - log_rising(alpha + beta, t)
    log_alive += log_rising(delta, t) - log_rising(gamma + delta, t)
    dying = _die_after(alpha, beta, gamma, delta, n, n, t, in_any_order=True)
    return mp.binomial(t, n) * mp.exp(log_alive) + dying


def gamma_gamma(parameters: Values, x: int, m: Any) -> Values:
    p, q, v = (parameters[name] for name in ("p", "q", "v"))
    if x == 0:
        return {"expected_spend": p * v / (q - 1)}
    shape, total = p * x, x * m
    log_beta = mp.loggamma(shape) + mp.loggamma(q) - mp.loggamma(shape + q)
    log_density = shape * mp.log(total) + q * mp.log(v) - (shape + q) * mp.log(v + total) - mp.log(m) - log_beta
    return {"log_likelihood": log_density, "expected_spend": p * (v + total) / (shape + q - 1)}


def log_rising(z: Any, n: int) -> Any:
    """Ln of Gamma(z + n) / Gamma(z)."""
    return mp.loggamma(z + n) - mp.loggamma(z)
