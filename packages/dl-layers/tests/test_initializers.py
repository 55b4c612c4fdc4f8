"""Initializers: distributions, seeds, configurations; the same values on every backend."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_layers import Dense, initializers
from dl_layers.initializers.random import fans
from dl_ops import ops
from dl_ops.backend import Backend
from dl_ops.random import SeedGenerator, set_random_seed

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


# symmetric windows of five samples, to four digits
WINDOWS: dict[str, list[float]] = {
    "boxcar": [1, 1, 1, 1, 1],
    "rectangular": [1, 1, 1, 1, 1],
    "hann": [0, 0.5, 1, 0.5, 0],
    "hamming": [0.08, 0.54, 1, 0.54, 0.08],
    "blackman": [0, 0.34, 1, 0.34, 0],
    "blackmanharris": [0.0001, 0.2175, 1, 0.2175, 0.0001],
    "nuttall": [0.0004, 0.227, 1, 0.227, 0.0004],
    "flattop": [-0.0004, -0.0547, 1, -0.0547, -0.0004],
    "bartlett": [0, 0.5, 1, 0.5, 0],
    "triang": [0.3333, 0.6667, 1, 0.6667, 0.3333],
    "cosine": [0.309, 0.809, 1, 0.809, 0.309],
    "bohman": [0, 0.3183, 1, 0.3183, 0],
    "parzen": [0.016, 0.424, 1, 0.424, 0.016],
    "barthann": [0, 0.5, 1, 0.5, 0],
    "lanczos": [0, 0.6366, 1, 0.6366, 0],
    "exponential": [0.1353, 0.3679, 1, 0.3679, 0.1353],
    "tukey": [0, 1, 1, 1, 0],
    "taylor": [0.3325, 0.772, 1, 0.772, 0.3325],
}


@pytest.mark.parametrize("name", WINDOWS)
def test_windows_of_the_fourier_transform(name: str, backend: Backend) -> None:
    # the column of no turns is the window
    found = values(initializers.STFT(window=name, scaling=None), (5, 1, 3))[:, 0, 0]
    np.testing.assert_allclose(found, WINDOWS[name], atol=6e-5)
    periodic = values(initializers.STFT(window=name, scaling=None, periodic=True), (4, 1, 3))[:, 0, 0]
    np.testing.assert_allclose(periodic, found[:4], rtol=1e-6)
    assert values(initializers.STFT(window=name, scaling=None), (1, 1, 3))[0, 0, 0] == 1


@pytest.mark.parametrize("side", ["real", "imag"])
def test_a_convolution_computes_the_fourier_transform(side: Any, backend: Backend) -> None:
    signal = np.sin(np.arange(20) ** 1.5).astype("float32")
    kernel = initializers.STFT(side, scaling=None, periodic=True)((8, 1, 5))
    assert backend.is_tensor(kernel)
    found = ops.convert_to_numpy(ops.conv(signal[None, :, None], kernel, strides=3, data_format="channels_last"))[0]
    parts = ops.stft(signal, 8, 3, 8, center=False)
    np.testing.assert_allclose(found, ops.convert_to_numpy(parts[side == "imag"]), atol=1e-5)


def test_frames_shorter_than_the_fourier_transform_channels_and_scalings() -> None:
    weights = [1.0, 2.0, 3.0]
    for scaling, factor in (("density", math.sqrt(14)), ("spectrum", 6.0), (None, 1.0)):
        found = values(initializers.STFT("imag", weights, scaling), (3, 2, 5))
        expected = [[-w / factor * math.sin(2 * math.pi * n * k / 8) for k in range(5)] for n, w in enumerate(weights)]
        np.testing.assert_allclose(found, np.stack([expected, expected], 1), atol=1e-6)


def test_windows_in_configurations() -> None:
    given = initializers.STFT(window=np.array([1.0, 2.0]))
    again = initializers.deserialize(json.loads(json.dumps(initializers.serialize(given))))
    assert (values(again, (2, 1, 3)) == values(given, (2, 1, 3))).all()
    for name in ("STFT", "STFTInitializer", "stft"):
        assert isinstance(initializers.get(name), initializers.STFT)


def test_what_get_takes(backend: Backend) -> None:
    def halves(shape: Any, dtype: Any = None) -> Any:
        return ops.full(shape, 0.5, dtype)

    constant = initializers.Constant(2.0)
    assert initializers.get(None) is None
    assert initializers.get(constant) is constant
    assert initializers.get(halves) is halves
    assert isinstance(initializers.get(initializers.HeNormal), initializers.HeNormal)
    config = {"class_name": "RandomNormal", "config": {"stddev": 2.0, "seed": 1}}
    assert initializers.get(config).get_config()["stddev"] == 2.0
    for initializer in (halves, lambda shape, dtype=None: ops.full(shape, 0.5, dtype), initializers.Constant(0.5)):
        layer = Dense(2, kernel_initializer=initializer)
        layer.build((None, 3))
        assert (layer.kernel.numpy() == 0.5).all()
    layer = Dense(2, kernel_initializer=initializers.Ones)
    layer.build((None, 3))
    assert (layer.kernel.numpy() == 1).all()


def test_one_seed_gives_the_same_weights_of_a_layer_on_every_backend(backend: Backend) -> None:
    from dl_ops.backend import backend_scope

    def weights() -> list[Any]:
        set_random_seed(3)
        layers = [Dense(4), Dense(4, kernel_initializer=initializers.Orthogonal(seed=7))]
        for layer in layers:
            layer.build((None, 3))
        return [w.numpy() for layer in layers for w in layer.weights]

    with backend_scope("numpy"):
        expected = weights()
    for found, wanted in zip(weights(), expected, strict=True):
        assert (found == wanted).all()
    assert (expected[0] != expected[2]).any()


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
        (lambda: initializers.RandomNormal(stddev="a"), r"RandomNormal\(stddev='a'\)"),  # type: ignore[arg-type]
        (lambda: initializers.RandomNormal(stddev=-1.0), r"RandomNormal\(stddev=-1.0\)"),
        (lambda: initializers.RandomUniform(minval=1.0, maxval=0.0), r"RandomUniform\(minval=1.0, maxval=0.0\)"),
        (lambda: initializers.Orthogonal()((3,)), r"at least two axes, got \(3,\)"),
        (lambda: initializers.Identity()((3,)), r"must be a matrix's, got \(3,\)"),
        (lambda: initializers.STFT("both"), r"STFT\(side='both'\): expected 'real' or 'imag'"),
        (lambda: initializers.STFT(window="han"), r"STFT\(window='han'\): expected 'hann'"),
        (lambda: initializers.STFT(window=[[1.0]]), r"STFT\(window=\[\[1.0\]\]\): expected a name, or the weights"),
        (
            lambda: initializers.STFT(scaling="power"),
            r"STFT\(scaling='power'\): expected 'density', 'spectrum'",
        ),
        (lambda: initializers.STFT()((4, 3)), r"STFT\(\): expected a shape .* got \(4, 3\)"),
        (lambda: initializers.STFT()((4, 1, 1)), r"STFT\(\): expected a shape .* got \(4, 1, 1\)"),
        (lambda: initializers.STFT(window=[1.0])((4, 1, 3)), r"STFT\(\): the window has 1 weights, the frames 4"),
        (lambda: initializers.STFT()((2, 1, 3)), r"STFT\(window='hann'\): all 2 weights are zero"),
        (lambda: initializers.deserialize({"class_name": "Glorot", "config": {}}), "unknown initializer 'Glorot'"),
        (lambda: initializers.deserialize({"config": {}}), "cannot be interpreted as initializer"),
        (lambda: initializers.deserialize({"class_name": "Zeros", "config": {"value": 1}}), "Zeros"),
        (lambda: initializers.deserialize([1, 2]), r"\[1, 2\] of type list cannot be interpreted as initializer"),
        (lambda: initializers.Constant([1, 2])((3,)), r"Constant\(\).*\(2,\).*\(3,\)"),
    ],
)
def test_errors(make_it: Any, message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        make_it()
