"""Random ops as functions of a key. The public ones, which draw the key from a seed, are made of these."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from dl_ops import ops
from dl_ops.dtypes import standardize_dtype
from dl_ops.op import op, primitive
from dl_ops.rules import broadcast_shapes, kept, requested, standardize_axis, standardize_shape
from dl_ops.typing import DTypeLike, IndicesLike, Shape, ShapeLike, Tensor, TensorLike

__all__ = [
    "random_binomial",
    "random_categorical",
    "random_dropout",
    "random_gamma",
    "random_normal",
    "random_randint",
    "random_shuffle",
    "random_truncated_normal",
    "random_uniform",
]


def _shape(key: Any, shape: ShapeLike, *arguments: Any, **options: Any) -> Shape:
    return standardize_shape(shape)


@op(shape=_shape, dtype=requested)
def random_uniform(key: IndicesLike, shape: ShapeLike, dtype: DTypeLike) -> Tensor:
    """Uniform numbers from 0 up to and without 1.

    Parameters
    ----------
    key : tensor of uint32, shape (2,)
    shape : sequence of int
    dtype : str
        A float dtype.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> from dl_ops.random import draw_key
    >>> random_uniform(draw_key(1), (2, 3), "float32").shape
    (2, 3)
    """
    raise primitive()


@op(shape=_shape, dtype=requested)
def random_normal(key: IndicesLike, shape: ShapeLike, dtype: DTypeLike) -> Tensor:
    """Normal numbers of mean 0 and variance 1.

    Parameters
    ----------
    key : tensor of uint32, shape (2,)
    shape : sequence of int
    dtype : str
        A float dtype.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> from dl_ops.random import draw_key
    >>> random_normal(draw_key(1), (2, 3), "float32").shape
    (2, 3)
    """
    return _from_quantiles(key, shape, dtype, -1.0, 1.0)


@op(shape=_shape, dtype=requested)
def random_truncated_normal(key: IndicesLike, shape: ShapeLike, dtype: DTypeLike) -> Tensor:
    """Normal numbers of mean 0 and variance 1, those beyond -2 and 2 drawn again.

    Parameters
    ----------
    key : tensor of uint32, shape (2,)
    shape : sequence of int
    dtype : str
        A float dtype.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> from dl_ops.random import draw_key
    >>> bool(ops.all(ops.absolute(random_truncated_normal(draw_key(1), (99,), "float32")) <= 2.0))
    True
    """
    limit = 0.9544997361036416  # erf(sqrt(2)), the share of a normal distribution within two standard deviations
    return ops.clip(_from_quantiles(key, shape, dtype, -limit, limit), -2.0, 2.0)


def _from_quantiles(key: Any, shape: ShapeLike, dtype: Any, low: float, high: float) -> Tensor:
    """Normal numbers by inversion: the values of ``sqrt(2) * erfinv`` at uniform numbers from `low` to `high`."""
    name = standardize_dtype(dtype)
    compute = "float64" if name == "float64" else "float32"
    u = random_uniform(key, shape, compute)
    # half a step away from 0, where erfinv(-1) would be infinite
    u = ops.add(ops.multiply(u, high - low), low + 2.0**-24 * (high - low) / 2)
    return ops.cast(ops.multiply(ops.erfinv(u), 2.0**0.5), name)


@op(shape=_shape, dtype=requested)
def random_randint(key: IndicesLike, shape: ShapeLike, minval: Any, maxval: Any, dtype: DTypeLike) -> Tensor:
    """Uniform integers from `minval` up to and without `maxval`.

    Parameters
    ----------
    key : tensor of uint32, shape (2,)
    shape : sequence of int
    minval, maxval : int
    dtype : str
        An integer dtype.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> from dl_ops.random import draw_key
    >>> bool(ops.all(random_randint(draw_key(1), (99,), 2, 4, "int32") >= 2))
    True
    """
    raise primitive()


def _categorical_shape(key: Any, logits: Any, num_samples: int, dtype: Any) -> Shape:
    if len(logits.shape) != 2:
        raise ValueError(f"logits have shape {tuple(logits.shape)}: expected (batch, classes)")
    if num_samples < 0:
        raise ValueError(f"num_samples={num_samples}: expected a number that is not negative")
    return (logits.shape[0], num_samples)


@op(shape=_categorical_shape, dtype=requested)
def random_categorical(key: IndicesLike, logits: TensorLike, num_samples: int, dtype: DTypeLike) -> Tensor:
    """Class indices with the probabilities ``softmax(logits)``.

    Parameters
    ----------
    key : tensor of uint32, shape (2,)
    logits : tensor, shape (batch, classes)
    num_samples : int
        Number of draws for each row.
    dtype : str
        An integer dtype.

    Returns
    -------
    tensor, shape (batch, num_samples)

    Examples
    --------
    >>> from dl_ops.random import draw_key
    >>> random_categorical(draw_key(1), [[0.0, 100.0]], 3, "int32").tolist()
    [[1, 1, 1]]
    """
    # adding Gumbel noise and taking the largest is the same as drawing
    batch, classes = cast(Tensor, logits).shape
    name = standardize_dtype(cast(Tensor, logits).dtype)
    u = random_uniform(key, (batch, num_samples, classes), "float32")
    gumbel = ops.negative(ops.log(ops.negative(ops.log(ops.add(u, 1e-20)))))
    noisy = ops.add(ops.expand_dims(ops.cast(logits, "float64" if name == "float64" else "float32"), 1), gumbel)
    return ops.cast(ops.argmax(noisy, axis=-1), standardize_dtype(dtype))


def _shuffle_shape(key: Any, x: Any, axis: int = 0) -> Shape:
    standardize_axis(axis, len(x.shape))
    return tuple(x.shape)


@op(shape=_shuffle_shape, dtype=kept)
def random_shuffle(key: IndicesLike, x: TensorLike, axis: int = 0) -> Tensor:
    """`x` with its slices along an axis in random order.

    Parameters
    ----------
    key : tensor of uint32, shape (2,)
    x : tensor
    axis : int, default 0

    Returns
    -------
    tensor, of the shape of `x`

    Examples
    --------
    >>> from dl_ops.random import draw_key
    >>> sorted(random_shuffle(draw_key(1), [3, 1, 2]).tolist())
    [1, 2, 3]
    """
    size = cast(Tensor, x).shape[axis]
    return ops.take(x, ops.argsort(random_uniform(key, (size,), "float32")), axis=axis)


def _dropout_shape(key: Any, inputs: Any, rate: float, noise_shape: Any = None) -> Shape:
    mask_shape(inputs, noise_shape)
    return tuple(inputs.shape)


def mask_shape(inputs: Any, noise_shape: Any) -> Shape:
    """Shape of the mask of `random_dropout`, ``None`` in `noise_shape` filled in from `inputs`.

    Raises
    ------
    ValueError
        If it does not broadcast to the shape of the inputs.
    """
    shape = tuple(inputs.shape)
    if noise_shape is None:
        return shape
    if len(noise_shape) != len(shape):
        raise ValueError(f"noise_shape={tuple(noise_shape)}: expected {len(shape)} entries, as inputs have dimensions")
    filled = tuple(size if wanted is None else wanted for size, wanted in zip(shape, noise_shape, strict=True))
    if any(None not in (size, wanted) and wanted not in (size, 1) for size, wanted in zip(shape, filled, strict=True)):
        raise ValueError(f"noise_shape={filled} does not broadcast to the inputs' shape {shape}")
    return filled


@op(shape=_dropout_shape, dtype=kept)
def random_dropout(key: IndicesLike, inputs: TensorLike, rate: float, noise_shape: ShapeLike | None = None) -> Tensor:
    """`inputs` with a share of them set to 0, and the rest scaled up so that the expected sum stays.

    Parameters
    ----------
    key : tensor of uint32, shape (2,)
    inputs : tensor, shape (...)
        Of a float dtype.
    rate : float
        The share, from 0 to 1.
    noise_shape : sequence of int or None, optional
        Shape of the mask, which broadcasts to `inputs`.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> from dl_ops.random import draw_key
    >>> random_dropout(draw_key(1), [1.0, 2.0], 1.0).tolist()
    [0.0, 0.0]
    """
    dtype = standardize_dtype(cast(Tensor, inputs).dtype)
    if rate == 1:
        return ops.zeros_like(inputs)
    kept_ones = ops.greater_equal(random_uniform(key, mask_shape(inputs, noise_shape), "float32"), rate)
    # a factor rather than where(): one pass over the inputs, and one over their gradient
    return ops.multiply(
        inputs, ops.multiply(ops.cast(kept_ones, dtype), np.asarray(1.0 / (1.0 - rate), "float32").item())
    )


def _filled(key: Any, shape: ShapeLike, *parameters: Any) -> Shape:
    sizes = standardize_shape(shape)
    for x in parameters[:-1]:
        if broadcast_shapes(sizes, x.shape) != sizes and None not in sizes:
            raise ValueError(f"parameters of shape {x.shape} do not broadcast to shape={sizes}")
    return sizes


@op(shape=_filled, dtype=requested)
def random_gamma(key: IndicesLike, shape: ShapeLike, alpha: TensorLike, dtype: DTypeLike) -> Tensor:
    """Gamma-distributed numbers of scale 1.

    Parameters
    ----------
    key : tensor of uint32, shape (2,)
    shape : sequence of int
    alpha : tensor
        The shape parameter, positive; broadcasts to `shape`.
    dtype : str
        A float dtype.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> from dl_ops.random import draw_key
    >>> bool(ops.all(random_gamma(draw_key(1), (99,), 2.0, "float32") > 0))
    True
    """
    raise primitive()


@op(shape=_filled, dtype=requested)
def random_binomial(
    key: IndicesLike, shape: ShapeLike, counts: TensorLike, probabilities: TensorLike, dtype: DTypeLike
) -> Tensor:
    """Binomially distributed numbers: how many of `counts` trials succeed.

    Parameters
    ----------
    key : tensor of uint32, shape (2,)
    shape : sequence of int
    counts : tensor
        Number of trials; broadcasts to `shape`.
    probabilities : tensor
        Of success; broadcasts to `shape`.
    dtype : str
        A float dtype.

    Returns
    -------
    tensor, shape `shape`

    Examples
    --------
    >>> from dl_ops.random import draw_key
    >>> random_binomial(draw_key(1), (2,), 5, 1.0, "float32").tolist()
    [5.0, 5.0]
    """
    raise primitive()
