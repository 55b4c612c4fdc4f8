"""Initializers that draw independent values, and orthogonal matrices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from dl_layers.initializers.base import FloatType, RandomInitializer
from dl_ops.objects import public
from dl_ops.random.host import between, scaled, standard_normal, truncated_standard_normal
from dl_ops.typing import Array

# standard deviation of a standard normal cut off at two of its own
_TRUNCATED_STDDEV = 0.8796256610342398


def _check_number(initializer: RandomInitializer, name: str, value: Any, *, minimum: float = -math.inf) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float, np.number)) or not value >= minimum:
        condition = " that is not negative" if minimum == 0 else ""
        raise ValueError(f"{type(initializer).__name__}({name}={value!r}): {name} must be a number{condition}")


@public("keras.initializers.RandomNormal", "keras.initializers.random_normal")
class RandomNormal(RandomInitializer):
    """Normal distribution.

    Parameters
    ----------
    mean : float, default 0.0
    stddev : float, default 0.05
    seed : int or SeedGenerator, optional
        As for every random initializer: with an integer, or none, each call gives the same values.

    Examples
    --------
    >>> RandomNormal(seed=1)((2, 3)).shape
    (2, 3)
    """

    deferrable = True

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        _check_number(self, "mean", mean)
        _check_number(self, "stddev", stddev, minimum=0)
        self.mean, self.stddev = mean, stddev

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], dtype: FloatType) -> Array:
        return scaled(standard_normal(generator, shape, dtype), self.stddev, self.mean)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mean": self.mean, "stddev": self.stddev}


@public("keras.initializers.TruncatedNormal", "keras.initializers.truncated_normal")
class TruncatedNormal(RandomNormal):
    """Normal distribution without values more than two standard deviations from the mean.

    Parameters
    ----------
    mean : float, default 0.0
    stddev : float, default 0.05
        Before truncation.
    seed : int or SeedGenerator, optional

    Examples
    --------
    >>> float(abs(TruncatedNormal(stddev=1.0, seed=1)((100,))).max()) <= 2
    True
    """

    deferrable = True

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], dtype: FloatType) -> Array:
        return scaled(truncated_standard_normal(generator, shape, dtype), self.stddev, self.mean)


@public("keras.initializers.RandomUniform", "keras.initializers.random_uniform")
class RandomUniform(RandomInitializer):
    """Uniform distribution.

    Parameters
    ----------
    minval, maxval : float, default -0.05 and 0.05
    seed : int or SeedGenerator, optional

    Examples
    --------
    >>> RandomUniform(seed=1)((2, 3)).shape
    (2, 3)
    """

    deferrable = True

    def __init__(self, minval: float = -0.05, maxval: float = 0.05, seed: Any = None) -> None:
        super().__init__(seed)
        _check_number(self, "minval", minval)
        _check_number(self, "maxval", maxval)
        if minval > maxval:
            raise ValueError(f"RandomUniform(minval={minval}, maxval={maxval}): minval must not exceed maxval")
        self.minval, self.maxval = minval, maxval

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], dtype: FloatType) -> Array:
        return between(generator, shape, dtype, self.minval, self.maxval)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "minval": self.minval, "maxval": self.maxval}


@public("keras.initializers.Orthogonal", "keras.initializers.OrthogonalInitializer", "keras.initializers.orthogonal")
class Orthogonal(RandomInitializer):
    """Random matrix with orthonormal rows or columns; more axes are those of a matrix ``(product of the others,
    last)``.

    Parameters
    ----------
    gain : float, default 1.0
        Factor.
    seed : int or SeedGenerator, optional

    Raises
    ------
    ValueError
        When called for a shape with fewer than two axes.

    Examples
    --------
    >>> import numpy as np
    >>> q = np.asarray(Orthogonal(seed=1)((3, 3)))
    >>> np.allclose(q @ q.T, np.eye(3), atol=1e-6)
    True

    References
    ----------
    Saxe et al., "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks",
    arXiv:1312.6120.
    """

    def __init__(self, gain: float = 1.0, seed: Any = None) -> None:
        super().__init__(seed)
        _check_number(self, "gain", gain)
        self.gain = gain

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], dtype: FloatType) -> Array:
        if len(shape) < 2:
            raise ValueError(f"Orthogonal(): the shape must have at least two axes, got {shape}")
        rows, columns = math.prod(shape[:-1]), shape[-1]
        q, r = np.linalg.qr(generator.standard_normal((max(rows, columns), min(rows, columns))))
        # fixing the signs of R makes the distribution uniform: Mezzadri, arXiv:math-ph/0609050
        q = q * np.sign(np.diagonal(r))
        values: Array = self.gain * (q.T if rows < columns else q).reshape(shape)
        return values

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "gain": self.gain}


def fans(
    shape: Sequence[int], input_axes: int | Sequence[int] | None = None, output_axes: int | Sequence[int] | None = None
) -> tuple[int, int]:
    """Numbers of inputs and outputs of each unit of a weight of a shape.

    Parameters
    ----------
    shape : sequence of int
    input_axes, output_axes : int or sequence of int, optional
        Axes of the inputs and the outputs; the others are the receptive field. By default the last two axes, as in
        kernels of convolutions.

    Examples
    --------
    >>> fans((3, 3, 16, 32))
    (144, 288)
    """
    if input_axes is not None or output_axes is not None:
        inputs, outputs = _axes(input_axes, len(shape)), _axes(output_axes, len(shape))
        both = inputs | outputs
        field = math.prod(size for axis, size in enumerate(shape) if axis not in both)
        return (
            field * math.prod(shape[axis] for axis in inputs),
            field * math.prod(shape[axis] for axis in outputs),
        )
    if not shape:
        return 1, 1
    if len(shape) == 1:
        return shape[0], shape[0]
    field = math.prod(shape[:-2])
    return shape[-2] * field, shape[-1] * field


def _axes(axes: int | Sequence[int] | None, rank: int) -> set[int]:
    return {axis % rank for axis in ((axes,) if isinstance(axes, int) else axes or ())}


@public("keras.initializers.VarianceScaling", "keras.initializers.variance_scaling")
class VarianceScaling(RandomInitializer):
    """Distribution whose variance is `scale` over a number of units of the layer.

    Parameters
    ----------
    scale : float, default 1.0
        Positive.
    mode : {"fan_in", "fan_out", "fan_avg"}
        Divide by the number of inputs, of outputs, or their mean.
    distribution : {"truncated_normal", "untruncated_normal", "uniform"}
    seed : int or SeedGenerator, optional
    input_axes, output_axes : int or sequence of int, optional
        Axes that count as inputs and outputs; by default the last two.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> VarianceScaling(2.0, "fan_in", "uniform", seed=1)((4, 3)).shape
    (4, 3)
    """

    deferrable = True

    def __init__(
        self,
        scale: float = 1.0,
        mode: Literal["fan_in", "fan_out", "fan_avg"] = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ) -> None:
        super().__init__(seed)
        _check_number(self, "scale", scale)
        if scale <= 0:
            raise ValueError(f"VarianceScaling(scale={scale}): scale must be positive")
        if mode not in ("fan_in", "fan_out", "fan_avg"):
            raise ValueError(f"VarianceScaling(mode={mode!r}): expected 'fan_in', 'fan_out' or 'fan_avg'")
        distribution = "truncated_normal" if distribution == "normal" else distribution
        if distribution not in ("truncated_normal", "untruncated_normal", "uniform"):
            raise ValueError(
                f"VarianceScaling(distribution={distribution!r}): expected 'truncated_normal', 'untruncated_normal' "
                "or 'uniform'"
            )
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes
        if input_axes is not None or output_axes is not None:
            self.deferrable = False  # they may not be the shape's

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], dtype: FloatType) -> Array:
        fan_in, fan_out = fans(shape, self.input_axes, self.output_axes)
        units = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, units)
        if self.distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return between(generator, shape, dtype, -limit, limit)
        if self.distribution == "untruncated_normal":
            return scaled(standard_normal(generator, shape, dtype), math.sqrt(variance))
        # cutting the tails off makes the variance smaller, which this undoes
        return scaled(truncated_standard_normal(generator, shape, dtype), math.sqrt(variance) / _TRUNCATED_STDDEV)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class _Preset(VarianceScaling):
    """Variance scaling with its first three arguments fixed by the class."""

    preset: tuple[float, Literal["fan_in", "fan_out", "fan_avg"], str]

    def __init__(self, seed: Any = None, input_axes: Any = None, output_axes: Any = None) -> None:
        scale, mode, distribution = self.preset
        super().__init__(scale, mode, distribution, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        return {name: config[name] for name in ("seed", "input_axes", "output_axes")}


@public("keras.initializers.GlorotUniform", "keras.initializers.glorot_uniform")
class GlorotUniform(_Preset):
    """Uniform distribution up to ``sqrt(6 / (inputs + outputs))``, also called Xavier's.

    Parameters
    ----------
    seed, input_axes, output_axes
        As for `VarianceScaling`.

    References
    ----------
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
    """

    preset = (1.0, "fan_avg", "uniform")


@public("keras.initializers.GlorotNormal", "keras.initializers.glorot_normal")
class GlorotNormal(_Preset):
    """Truncated normal distribution with standard deviation ``sqrt(2 / (inputs + outputs))``.

    Parameters
    ----------
    seed, input_axes, output_axes
        As for `VarianceScaling`.

    References
    ----------
    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010.
    """

    preset = (1.0, "fan_avg", "truncated_normal")


@public("keras.initializers.HeUniform", "keras.initializers.he_uniform")
class HeUniform(_Preset):
    """Uniform distribution up to ``sqrt(6 / inputs)``.

    Parameters
    ----------
    seed, input_axes, output_axes
        As for `VarianceScaling`.

    References
    ----------
    He et al., "Delving Deep into Rectifiers", arXiv:1502.01852.
    """

    preset = (2.0, "fan_in", "uniform")


@public("keras.initializers.HeNormal", "keras.initializers.he_normal")
class HeNormal(_Preset):
    """Truncated normal distribution with standard deviation ``sqrt(2 / inputs)``.

    Parameters
    ----------
    seed, input_axes, output_axes
        As for `VarianceScaling`.

    References
    ----------
    He et al., "Delving Deep into Rectifiers", arXiv:1502.01852.
    """

    preset = (2.0, "fan_in", "truncated_normal")


@public("keras.initializers.LecunUniform", "keras.initializers.lecun_uniform")
class LecunUniform(_Preset):
    """Uniform distribution up to ``sqrt(3 / inputs)``.

    Parameters
    ----------
    seed, input_axes, output_axes
        As for `VarianceScaling`.

    References
    ----------
    Klambauer et al., "Self-Normalizing Neural Networks", arXiv:1706.02515.
    """

    preset = (1.0, "fan_in", "uniform")


@public("keras.initializers.LecunNormal", "keras.initializers.lecun_normal")
class LecunNormal(_Preset):
    """Truncated normal distribution with standard deviation ``sqrt(1 / inputs)``.

    Parameters
    ----------
    seed, input_axes, output_axes
        As for `VarianceScaling`.

    References
    ----------
    Klambauer et al., "Self-Normalizing Neural Networks", arXiv:1706.02515.
    """

    preset = (1.0, "fan_in", "truncated_normal")
