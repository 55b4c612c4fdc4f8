"""What random numbers should be like: laws, and how far a sample may be from them.

Seeds are fixed, so a sample that passes always passes; a right one fails once in tens of thousands of seeds.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dl_ops import ops, random
from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_scope
from dl_ops.dtypes import finite_range
from dl_ops.interchange import convert_to_numpy
from dl_ops.typing import Array

_COUNT: Final = 5000
_SEED: Final = 3
_TINY: Final = 1e-30
"""Below it float32 has few numbers, and then none."""
_MOST_DISTANCE: Final = 2.4
"""Critical value of Kolmogorov's distribution for one sample in fifty thousand."""


@dataclass(frozen=True)
class Law:
    """Distribution of a sample.

    Parameters
    ----------
    mean, deviation : float
    low, high : float
        Ends of the range, which are in it.
    cumulative : callable, optional
        Distribution function, of an array.
    frequencies : mapping from int to float, optional
        Probabilities of a discrete law.
    """

    mean: float
    deviation: float
    low: float = -math.inf
    high: float = math.inf
    cumulative: Callable[[Array], Array] | None = None
    frequencies: dict[int, float] | None = None


def check_law(sample: Array, law: Law, rounding: float = 0.0) -> None:
    """Compare a sample's range, moments and frequencies with those of a law.

    Parameters
    ----------
    sample : numpy.ndarray
    law : Law
    rounding : float
        Relative distance between the numbers of the dtype that it was drawn in, if that is a coarse one.
    """
    x = sample.astype(np.float64).ravel()
    assert np.all((x >= law.low) & (x <= law.high)), f"from {x.min()} to {x.max()}, expected {law.low} to {law.high}"
    error = 5 * law.deviation / math.sqrt(x.size) + rounding * (abs(law.mean) + law.deviation) + 1e-6
    assert abs(x.mean() - law.mean) < error, f"mean {x.mean()}, expected {law.mean} within {error}"
    if law.cumulative is not None and not rounding:
        distance = kolmogorov_distance(x, law.cumulative)
        assert distance < _MOST_DISTANCE, f"distance {distance} from the distribution function"
    if law.frequencies is not None:
        excess = chi_square_excess(x, law.frequencies)
        assert excess < 5, f"frequencies {excess} deviations from what is expected"


def kolmogorov_distance(x: Array, cumulative: Callable[[Array], Array]) -> float:
    """Largest difference between the shares of a sample and its distribution function, times the root of its size."""
    x = np.sort(x)
    share = np.searchsorted(x, x, side="right") / x.size
    seen = x > -math.inf if x[0] < 0 else x > _TINY
    return float(np.max(np.abs(share - cumulative(x))[seen], initial=0.0) * math.sqrt(x.size))


def chi_square_excess(x: Array, frequencies: dict[int, float]) -> float:
    """Pearson's statistic less its mean, in deviations; what is expected less than five times is taken together."""
    expected = {value: share * x.size for value, share in frequencies.items()}
    common = [value for value, count in expected.items() if count >= 5]
    counts = [(int(np.count_nonzero(x == value)), expected[value]) for value in common]
    rest = x.size - sum(count for _, count in counts)
    if rest > 1e-6 * x.size:
        counts.append((x.size - sum(found for found, _ in counts), max(rest, 1.0)))
    statistic = sum((found - count) ** 2 / count for found, count in counts)
    freedom = max(len(counts) - 1, 1)
    return float((statistic - freedom) / math.sqrt(2 * freedom))


# -- distribution functions --

_erf: Final = np.vectorize(math.erf, otypes=[float])


def _normal(x: Array) -> Array:
    return np.asarray((1 + _erf(x / math.sqrt(2))) / 2)


def _truncated(x: Array) -> Array:
    low, high = _normal(np.array(-2.0)), _normal(np.array(2.0))
    return np.asarray((_normal(x) - low) / (high - low))


def _gamma(alpha: float) -> Callable[[Array], Array]:
    def cumulative(x: Array) -> Array:
        # the series of the lower incomplete gamma function
        x = np.minimum(x, 60.0)
        terms = [np.exp(n * np.log(x + 1e-300) - math.lgamma(alpha + n + 1)) for n in range(250)]
        return np.asarray(np.exp(alpha * np.log(x + 1e-300) - x) * sum(terms))

    return cumulative


def _binomial(count: int, probability: float) -> dict[int, float]:
    def share(k: int) -> float:
        ways = math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1)
        return math.exp(ways + k * math.log(probability) + (count - k) * math.log1p(-probability))

    return {k: share(k) for k in range(count + 1)}


# -- laws --


def _uniform_law(low: float, high: float) -> Law:
    return Law((low + high) / 2, (high - low) / 12**0.5, low, high, lambda x: (x - low) / (high - low))


def _gamma_law(alpha: float) -> Law:
    return Law(alpha, alpha**0.5, 0, math.inf, _gamma(alpha) if alpha < 30 else None)


def _beta_law(alpha: float, beta: float, cumulative: Callable[[Array], Array] | None = None) -> Law:
    total = alpha + beta
    return Law(alpha / total, (alpha * beta / (total + 1)) ** 0.5 / total, 0, 1, cumulative)


def _binomial_law(count: int, probability: float) -> Law:
    deviation = (count * probability * (1 - probability)) ** 0.5
    certain = probability in (0.0, 1.0) or count > 2000
    frequencies = None if certain else _binomial(count, probability)
    return Law(count * probability, deviation, 0, count, frequencies=frequencies)


def _randint_law(low: int, high: int) -> Law:
    size = high - low
    frequencies = dict.fromkeys(range(low, high), 1 / size) if size <= 1000 else None
    cumulative = None if size <= 1000 else lambda x: (x - low + 0.5) / size
    return Law((low + high - 1) / 2, size / 12**0.5, low, high - 1, cumulative, frequencies)


_Draw = Callable[[tuple[int, ...], int], Any]
_HALVES: Final = ("float16", "bfloat16")


def _randint(low: int, high: int, dtype: str, shape: tuple[int, ...], seed: int) -> Any:
    return random.randint(shape, low, high, dtype=dtype, seed=seed)


def _categorical(dtype: str, shape: tuple[int, ...], seed: int) -> Any:
    return random.categorical(ops.cast([[0.0, -math.inf, 1.0, -math.inf]], dtype), shape[0], seed=seed)


def _table() -> dict[str, tuple[_Draw, Law, float]]:
    table: dict[str, tuple[_Draw, Law, float]] = {}
    for dtype, rounding in (("float32", 0.0), ("float64", 0.0), ("float16", 2.0**-10), ("bfloat16", 2.0**-7)):

        def add(
            name: str, draw: Callable[..., Any], law: Law, *args: Any, dtype: str = dtype, r: float = rounding
        ) -> None:
            table[f"{name}-{dtype}"] = (lambda shape, seed: draw(shape, *args, dtype=dtype, seed=seed), law, r)

        for bounds in ((0.0, 1.0), (-3.0, 5.0), (1.0, 2.0)):
            add(f"uniform({bounds[0]}, {bounds[1]})", random.uniform, _uniform_law(*bounds), *bounds)
        add("normal", random.normal, Law(0, 1, cumulative=_normal))
        add("normal(3, 0.5)", random.normal, Law(3, 0.5, cumulative=lambda x: _normal((x - 3) * 2)), 3.0, 0.5)
        add("truncated_normal", random.truncated_normal, Law(0, 0.8796, -2, 2, _truncated))
        add(
            "truncated_normal(1, 2)",
            random.truncated_normal,
            Law(1, 1.7592, -3, 5, lambda x: _truncated((x - 1) / 2)),
            *(1.0, 2.0),
        )
        for alpha in (0.01, 0.5, 1.0, 2.5, 20.0, 1e4):
            add(f"gamma({alpha})", random.gamma, _gamma_law(alpha), alpha)
        add("beta(1, 1)", random.beta, _beta_law(1, 1, lambda x: x), 1.0, 1.0)
        add("beta(0.5, 0.5)", random.beta, _beta_law(0.5, 0.5, lambda x: np.arcsin(x**0.5) * 2 / np.pi), 0.5, 0.5)
        add("beta(2, 3)", random.beta, _beta_law(2, 3, lambda x: x**2 * (6 - 8 * x + 3 * x**2)), 2.0, 3.0)
        add("beta(0.05, 1)", random.beta, _beta_law(0.05, 1, lambda x: x**0.05), 0.05, 1.0)
        add("beta(0.001, 0.002)", random.beta, _beta_law(0.001, 0.002), 0.001, 0.002)
        for count, probability in ((10, 0.3), (1, 0.5), (30, 0.5), (1000, 0.001), (1000, 0.999), (5, 0.0), (5, 1.0)):
            law = _binomial_law(count, probability)
            if dtype not in _HALVES or count < 100:
                add(f"binomial({count}, {probability})", random.binomial, law, count, probability)
    table["binomial(100000, 0.4)"] = (
        lambda shape, seed: random.binomial(shape, 100000, 0.4, seed=seed),
        _binomial_law(100000, 0.4),
        0.0,
    )
    for dtype in ("int8", "uint8", "int16", "uint16", "int32", "uint32"):
        smallest, largest = finite_range(dtype)
        for low, high in ((0, 3), (smallest, largest), (smallest, largest + 1), (largest - 2, largest + 1)):
            table[f"randint({low}, {high})-{dtype}"] = (
                functools.partial(_randint, low, high, dtype),
                _randint_law(low, high),
                0.0,
            )
    law = Law(2 * _SHARE, 2 * (_SHARE * (1 - _SHARE)) ** 0.5, 0, 2, frequencies={0: 1 - _SHARE, 1: 0, 2: _SHARE})
    for dtype in ("float32", "float16", "bfloat16"):
        table[f"categorical-{dtype}"] = (functools.partial(_categorical, dtype), law, 0.0)
    return table


_SHARE: Final = math.e / (1 + math.e)

DRAWS: Final = _table()
"""By name: what draws a sample of a shape with a seed, its law, and how coarse its dtype is."""


def check_distribution(name: str, backend: Backend) -> None:
    """Compare a sample with its law; and that the same seed gives it again, another one another."""
    draw, law, rounding = DRAWS[name]

    def sample(seed: int) -> Array:
        return np.asarray(convert_to_numpy(draw((_COUNT,), seed)))

    with backend_scope(backend):
        x = sample(_SEED)
        check_law(x, law, rounding)
        np.testing.assert_array_equal(sample(_SEED), x)
        if law.deviation:
            assert not np.array_equal(sample(_SEED + 1), x)


STEP_DRAWS: Final[dict[str, dict[str, Callable[[Any, Any], Any]]]] = {
    "direct": {
        "uniform": lambda x, seed: random.uniform((64,), seed=seed),
        "normal": lambda x, seed: random.normal((64,), seed=seed),
        "truncated_normal": lambda x, seed: random.truncated_normal((64,), seed=seed),
        "randint": lambda x, seed: random.randint((64,), 0, 1000, seed=seed),
        "categorical": lambda x, seed: random.categorical(ops.zeros((1, 1000)), 64, seed=seed),
        "shuffle": lambda x, seed: random.shuffle(x, seed=seed),
        "dropout": lambda x, seed: random.dropout(x, 0.5, seed=seed),
    },
    "rejecting": {
        "gamma": lambda x, seed: random.gamma((64,), 2.0, seed=seed),
        "beta": lambda x, seed: random.beta((64,), 2.0, 3.0, seed=seed),
        "binomial": lambda x, seed: random.binomial((64,), 100, 0.5, seed=seed),
    },
}
"""What compiled steps draw, from an array and a generator: in one go, or as often as it takes."""


def check_compiled_draws(group: str, backend: Backend) -> None:
    """Check that every call of a compiled step draws other numbers, and counts up its generator."""
    draws = STEP_DRAWS[group]
    x = np.arange(1, 65, dtype="float32")

    def drawn(x: Any, seed: random.SeedGenerator) -> Any:
        return {name: draw(x, seed) for name, draw in draws.items()}

    with backend_scope(backend):
        seed, again = random.SeedGenerator(_SEED), random.SeedGenerator(_SEED)
        step = backend.compile_step(lambda x: drawn(x, seed), [seed.state])
        found = []
        for _ in range(3):
            found.append({name: convert_to_numpy(y) for name, y in step(backend.to_tensor(x)).items()})
            drawn(backend.to_tensor(x), again)
    for name in draws:
        assert not np.array_equal(found[0][name], found[1][name]), f"{name} drew the same numbers twice"
        assert not np.array_equal(found[1][name], found[2][name]), f"{name} drew the same numbers twice"
    np.testing.assert_array_equal(seed.state.numpy(), again.state.numpy())
