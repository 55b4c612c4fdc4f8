"""Initializers: distributions, seeds, configurations; the same values on every backend."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_layers import initializers
from dl_layers.initializers.random import fans
from dl_ops import ops
from dl_ops.backend import Backend
from dl_ops.random import SeedGenerator

SHAPE = (400, 250)
FANS = {"fan_in": 400, "fan_out": 250, "fan_avg": 325}

# name, options, mean, standard deviation, bounds
RANDOM: list[tuple[str, dict[str, Any], float, float, float]] = [
    ("RandomNormal", {"mean": 1.0, "stddev": 0.5}, 1.0, 0.5, math.inf),
    ("RandomUniform", {"minval": -1.0, "maxval": 3.0}, 1.0, 4 / math.sqrt(12), 2.0),
    ("TruncatedNormal", {"mean": 1.0, "stddev": 0.5}, 1.0, 0.5 * 0.8796256610342398, 1.0),
    ("GlorotUniform", {}, 0.0, math.sqrt(1 / 325), math.sqrt(3 / 325)),
    ("GlorotNormal", {}, 0.0, math.sqrt(1 / 325), 2.3 * math.sqrt(1 / 325)),
    ("HeUniform", {}, 0.0, math.sqrt(2 / 400), math.sqrt(6 / 400)),
    ("HeNormal", {}, 0.0, math.sqrt(2 / 400), 2.3 * math.sqrt(2 / 400)),
    ("LecunUniform", {}, 0.0, math.sqrt(1 / 400), math.sqrt(3 / 400)),
    ("LecunNormal", {}, 0.0, math.sqrt(1 / 400), 2.3 * math.sqrt(1 / 400)),
    *(
        ("VarianceScaling", {"scale": 3.0, "mode": mode, "distribution": kind}, 0.0, math.sqrt(3 / n), bound)
        for mode, n in FANS.items()
        for kind, bound in (
            ("uniform", math.sqrt(9 / n)),
            ("truncated_normal", 2.3 * math.sqrt(3 / n)),
            ("untruncated_normal", math.inf),
        )
    ),
]
CLASSES = sorted({name for name, *_ in RANDOM} | {"Orthogonal"})


def make(name: str, **options: Any) -> Any:
    return getattr(initializers, name)(**options)


def values(initializer: Any, shape: Any, dtype: Any = None) -> Any:
    return ops.convert_to_numpy(initializer(shape, dtype))


@pytest.mark.parametrize(("name", "options", "mean", "stddev", "bound"), RANDOM, ids=str)
def test_moments_and_bounds(name: str, options: dict[str, Any], mean: float, stddev: float, bound: float) -> None:
    x = values(make(name, **options, seed=3), SHAPE)
    count = math.prod(SHAPE)
    # five standard errors
    assert abs(x.mean() - mean) < 5 * stddev / math.sqrt(count)
    assert abs(x.std() / stddev - 1) < 5 / math.sqrt(count)
    assert np.abs(x - mean).max() <= bound * (1 + 1e-6)


@pytest.mark.parametrize("name", CLASSES)
def test_one_seed_gives_the_same_values_on_every_backend(name: str, backend: Backend) -> None:
    from dl_ops.backend import backend_scope

    with backend_scope("numpy"):
        expected = values(make(name, seed=42), (7, 5))
    initializer = make(name, seed=42)
    found = initializer((7, 5))
    assert backend.is_tensor(found)
    assert (ops.convert_to_numpy(found) == expected).all()
    assert (values(initializer, (7, 5)) == expected).all()
    assert (values(make(name, seed=43), (7, 5)) != expected).any()


@pytest.mark.parametrize("name", CLASSES)
def test_seeds(name: str) -> None:
    unseeded = make(name)
    assert (values(unseeded, (7, 5)) == values(unseeded, (7, 5))).all()
    assert (values(unseeded, (7, 5)) != values(make(name), (7, 5))).any()
    generator = make(name, seed=SeedGenerator(1))
    first, second = values(generator, (7, 5)), values(generator, (7, 5))
    assert (first != second).any()
    assert (values(make(name, seed=SeedGenerator(1)), (7, 5)) == first).all()


@pytest.mark.parametrize("name", CLASSES)
def test_the_first_values_do_not_depend_on_the_dtype(name: str, backend: Backend) -> None:
    wide = values(make(name, seed=1), (7, 5), "float32")
    for dtype in ("float16", "bfloat16"):
        x = make(name, seed=1)((7, 5), dtype)
        assert backend.dtype_name(x.dtype) == dtype
        np.testing.assert_allclose(ops.convert_to_numpy(x).astype("float32"), wide, rtol=8e-3, atol=1e-6)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (3, 2, 4), (2, 2, 2, 8)], ids=str)
def test_orthogonal(shape: tuple[int, ...]) -> None:
    matrix = values(make("Orthogonal", gain=2.0, seed=1), shape).reshape(-1, shape[-1])
    product = matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
    np.testing.assert_allclose(product, 4 * np.eye(len(product)), atol=1e-5)


def test_orthogonal_matrices_are_uniformly_distributed() -> None:
    # the first entry of a random rotation has mean 0 and variance 1/n
    firsts = [values(make("Orthogonal", seed=seed), (3, 3))[0, 0] for seed in range(600)]
    assert abs(np.mean(firsts)) < 5 / math.sqrt(3 * 600)
    assert abs(np.var(firsts) * 3 - 1) < 0.25


@pytest.mark.parametrize(
    ("initializer", "shape", "expected"),
    [
        (initializers.Zeros(), (2,), [0, 0]),
        (initializers.Ones(), (2,), [1, 1]),
        (initializers.Constant(3), (2,), [3, 3]),
        (initializers.Constant([1, 2]), (2, 2), [[1, 2], [1, 2]]),
        (initializers.Identity(2.0), (2, 3), [[2, 0, 0], [0, 2, 0]]),
    ],
    ids=lambda x: type(x).__name__,
)
def test_constants(initializer: Any, shape: Any, expected: Any, backend: Backend) -> None:
    for dtype in ("float32", "int32"):
        x = initializer(shape, dtype)
        assert backend.dtype_name(x.dtype) == dtype
        assert ops.convert_to_numpy(x).tolist() == expected


@settings(deadline=None)
@given(shape=st.lists(st.integers(1, 6), min_size=2, max_size=5).map(tuple))
def test_fans_count_inputs_and_outputs_of_a_unit(shape: tuple[int, ...]) -> None:
    field = math.prod(shape[:-2])
    assert fans(shape) == (field * shape[-2], field * shape[-1])
    rank = len(shape)
    assert fans(shape, rank - 2, rank - 1) == fans(shape, -2, -1) == fans(shape)
    assert fans(shape, (), tuple(range(rank))) == (1, math.prod(shape))


@pytest.mark.parametrize(("shape", "expected"), [((), (1, 1)), ((5,), (5, 5))])
def test_fans_of_small_shapes(shape: tuple[int, ...], expected: tuple[int, int]) -> None:
    assert fans(shape) == expected


@pytest.mark.parametrize("name", [*CLASSES, "Zeros", "Ones", "Identity", "Constant"])
def test_configurations(name: str) -> None:
    options = {"seed": 5} if name in CLASSES else {}
    initializer = make(name, **options)
    shape = (4, 4)
    config = initializers.serialize(initializer)
    assert config["module"] == "keras.initializers"
    again = initializers.deserialize(config)
    assert type(again) is type(initializer)
    assert (values(again, shape) == values(initializer, shape)).all()
    assert (values(initializer.clone(), shape) == values(initializer, shape)).all()
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).strip("_")
    assert type(initializers.get(snake)) is type(initializers.get(name)) is type(initializer)


def test_a_seed_generator_in_a_configuration() -> None:
    config = initializers.serialize(initializers.RandomNormal(seed=SeedGenerator(3)))
    again = initializers.deserialize(config)
    expected = values(initializers.RandomNormal(seed=SeedGenerator(3)), (3,))
    assert (values(again, (3,)) == expected).all()


@pytest.mark.parametrize(
    ("make_it", "message"),
    [
        (lambda: initializers.get("glorot"), "unknown initializer 'glorot': did you mean 'glorot_"),
        (lambda: initializers.get(3), "3 of type int cannot be interpreted as initializer"),
        (lambda: initializers.VarianceScaling(0.0), r"VarianceScaling\(scale=0.0\): scale must be positive"),
        (lambda: initializers.VarianceScaling(-1.0), r"VarianceScaling\(scale=-1.0\)"),
        (lambda: initializers.VarianceScaling(mode="fan"), r"mode='fan'\): expected 'fan_in', 'fan_out' or 'fan_avg'"),  # type: ignore[arg-type]
        (lambda: initializers.VarianceScaling(distribution="beta"), r"distribution='beta'"),
        (lambda: initializers.RandomNormal(seed="a"), r"RandomNormal\(seed='a'\): expected an integer"),
        (lambda: initializers.RandomNormal(seed=1.5), r"RandomNormal\(seed=1.5\): expected an integer"),
        (lambda: initializers.RandomNormal(stddev="a"), r"RandomNormal\(stddev='a'\)"),
        (lambda: initializers.RandomNormal(stddev=-1.0), r"RandomNormal\(stddev=-1.0\)"),
        (lambda: initializers.RandomUniform(minval=1.0, maxval=0.0), r"RandomUniform\(minval=1.0, maxval=0.0\)"),
        (lambda: initializers.Orthogonal()((3,)), r"at least two axes, got \(3,\)"),
        (lambda: initializers.Identity()((3,)), r"must be a matrix's, got \(3,\)"),
        (lambda: initializers.Constant([1, 2])((3,)), r"Constant\(\).*\(2,\).*\(3,\)"),
    ],
)
def test_errors(make_it: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make_it()
