"""Random numbers of the usual distributions.

`seed` is an integer, which gives the same numbers at every call, a `SeedGenerator`, or ``None``. The numbers are the
framework's own: a seed gives others on another backend, but on OpenVINO, which draws on the host as NumPy does. What is
drawn by `host_generator`, as initial weights are, is the same on all of them.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from dl_ops import ops
from dl_ops.dtypes import is_float, is_int, numpy_dtype, standardize_dtype
from dl_ops.op import op
from dl_ops.random.primitives import (
    _categorical_shape,
    mask_shape,
    random_binomial,
    random_categorical,
    random_dropout,
    random_gamma,
    random_normal,
    random_randint,
    random_shuffle,
    random_truncated_normal,
    random_uniform,
)
from dl_ops.random.seeding import SeedGenerator, draw_key, draw_keys
from dl_ops.rules import floating, kept, requested, standardize_axis
from dl_ops.typing import DTypeLike, Shape, ShapeLike, Tensor, TensorLike

__all__ = [
    "beta",
    "binomial",
    "categorical",
    "dropout",
    "gamma",
    "normal",
    "randint",
    "shuffle",
    "truncated_normal",
    "uniform",
]

Seed = int | SeedGenerator | None


def _float(dtype: Any, name: str) -> str:
    standard = standardize_dtype(dtype)
    if not is_float(standard):
        raise ValueError(f"{name}(dtype={dtype!r}): expected a float dtype")
    return standard


def normal(shape: ShapeLike, mean: Any = 0.0, stddev: Any = 1.0, dtype: DTypeLike = None, seed: Seed = None) -> Tensor:
    """Normally distributed numbers.

    Parameters
    ----------
    shape : sequence of int
    mean, stddev : float or tensor, default 0 and 1
    dtype : str, optional
        A float dtype; by default the default float.
    seed : int, SeedGenerator or None
        An integer gives the same numbers at every call.

    Returns
    -------
    tensor, shape `shape`

    Raises
    ------
    ValueError
        If `dtype` is no float.

    Examples
    --------
    >>> normal((2, 3), seed=1).shape
    (2, 3)
    """
    dtype = _float(dtype, "normal")
    return _moved(random_normal(draw_key(seed), shape, dtype), mean, stddev, dtype)


def truncated_normal(
    shape: ShapeLike, mean: Any = 0.0, stddev: Any = 1.0, dtype: DTypeLike = None, seed: Seed = None
) -> Tensor:
    """Normally distributed numbers, those more than two standard deviations from the mean drawn again.

    Parameters
    ----------
    shape, mean, stddev, dtype, seed
        As for `normal`. `stddev` is that of the whole distribution; the numbers drawn have a smaller one.

    Returns
    -------
    tensor, shape `shape`

    Raises
    ------
    ValueError
        If `dtype` is no float.

    Examples
    --------
    >>> x = truncated_normal((100,), mean=5.0, stddev=0.5, seed=1)
    >>> bool(ops.all(x >= 4.0)), bool(ops.all(x <= 6.0))
    (True, True)
    """
    dtype = _float(dtype, "truncated_normal")
    return _moved(random_truncated_normal(draw_key(seed), shape, dtype), mean, stddev, dtype)


def _moved(x: Tensor, mean: Any, stddev: Any, dtype: str) -> Tensor:
    """``x * stddev + mean`` in `dtype`."""
    if not (isinstance(stddev, (int, float)) and stddev == 1):
        x = ops.cast(ops.multiply(x, stddev), dtype)
    if not (isinstance(mean, (int, float)) and mean == 0):
        x = ops.cast(ops.add(x, mean), dtype)
    return x


def uniform(
    shape: ShapeLike, minval: Any = 0.0, maxval: Any = 1.0, dtype: DTypeLike = None, seed: Seed = None
) -> Tensor:
    """Uniformly distributed numbers.

    Parameters
    ----------
    shape : sequence of int
    minval, maxval : float or tensor, default 0 and 1
        The numbers lie from `minval` up to and without `maxval`.
    dtype : str, optional
        A float dtype; by default the default float. `randint` gives integers.
    seed : int, SeedGenerator or None
        An integer gives the same numbers at every call.

    Returns
    -------
    tensor, shape `shape`

    Raises
    ------
    ValueError
        If `dtype` is no float.

    Examples
    --------
    >>> x = uniform((100,), minval=2.0, maxval=3.0, seed=1)
    >>> bool(ops.all(x >= 2.0)), bool(ops.all(x <= 3.0))
    (True, True)
    """
    dtype = _float(dtype, "uniform")
    width = (
        maxval - minval
        if isinstance(minval, (int, float)) and isinstance(maxval, (int, float))
        else ops.subtract(maxval, minval)
    )
    x = _moved(random_uniform(draw_key(seed), shape, dtype), minval, width, dtype)
    # what the framework has for the dtype asked for, which may be narrower
    last = _last_below(minval, maxval, standardize_dtype(x.dtype))
    return x if last is None else ops.minimum(x, last)


def _last_below(low: Any, high: Any, dtype: str) -> float | None:
    """Largest number of a dtype below `high`, to which what is rounded up to that is set back; ``None`` if not known,
    not needed, or if there is none from `low` on.
    """
    if not (isinstance(low, (int, float)) and isinstance(high, (int, float))) or (low, high) == (0, 1):
        return None
    first, end = (np.asarray(bound, numpy_dtype(dtype)) for bound in (low, high))
    return float(np.nextafter(end, first)) if first < end else None


def randint(shape: ShapeLike, minval: Any, maxval: Any, dtype: DTypeLike = "int32", seed: Seed = None) -> Tensor:
    """Uniformly distributed integers.

    Parameters
    ----------
    shape : sequence of int
    minval, maxval : int
        The numbers lie from `minval` up to and without `maxval`.
    dtype : str, default "int32"
        An integer dtype.
    seed : int, SeedGenerator or None
        An integer gives the same numbers at every call.

    Returns
    -------
    tensor, shape `shape`

    Raises
    ------
    ValueError
        If `dtype` is no integer.

    Examples
    --------
    >>> x = randint((100,), 2, 4, seed=1)
    >>> bool(ops.all(x >= 2)), bool(ops.all(x < 4))
    (True, True)
    """
    standard = standardize_dtype(dtype)
    if not is_int(standard):
        raise ValueError(f"randint(dtype={dtype!r}): expected an integer dtype")
    return random_randint(draw_key(seed), shape, minval, maxval, standard)


def gamma(shape: ShapeLike, alpha: TensorLike, dtype: DTypeLike = None, seed: Seed = None) -> Tensor:
    """Gamma-distributed numbers of scale 1.

    Parameters
    ----------
    shape : sequence of int
    alpha : float or tensor
        The shape parameter, positive; broadcasts to `shape`.
    dtype : str, optional
        A float dtype; by default the default float.
    seed : int, SeedGenerator or None
        An integer gives the same numbers at every call.

    Returns
    -------
    tensor, shape `shape`

    Raises
    ------
    ValueError
        If `dtype` is no float.

    Examples
    --------
    >>> bool(ops.all(gamma((100,), 2.0, seed=1) > 0))
    True
    """
    return random_gamma(draw_key(seed), shape, alpha, _float(dtype, "gamma"))


def beta(shape: ShapeLike, alpha: TensorLike, beta: TensorLike, dtype: DTypeLike = None, seed: Seed = None) -> Tensor:
    """Beta-distributed numbers.

    Parameters
    ----------
    shape : sequence of int
    alpha, beta : float or tensor
        The two parameters, positive; broadcast to `shape`.
    dtype : str, optional
        A float dtype; by default the default float.
    seed : int, SeedGenerator or None
        An integer gives the same numbers at every call.

    Returns
    -------
    tensor, shape `shape`
        Between 0 and 1.

    Raises
    ------
    ValueError
        If `dtype` is no float.

    Examples
    --------
    >>> x = beta((100,), 2.0, 3.0, seed=1)
    >>> bool(ops.all(x >= 0)), bool(ops.all(x <= 1))
    (True, True)
    """
    dtype = _float(dtype, "beta")
    keys = draw_keys(seed, 4)
    # the share of one gamma-distributed number in the sum of two, of which small parameters make both vanish
    a, b = _log_gamma(keys[:2], shape, alpha, dtype), _log_gamma(keys[2:], shape, beta, dtype)
    return ops.cast(ops.sigmoid(ops.subtract(a, b)), dtype)


def _log_gamma(keys: list[Any], shape: ShapeLike, alpha: TensorLike, dtype: str) -> Tensor:
    """Logarithms of gamma-distributed numbers, by way of a larger parameter (Marsaglia & Tsang, ACM TOMS 26, 2000)."""
    compute = "float64" if dtype == "float64" else "float32"
    alpha = ops.cast(alpha, compute)
    numbers = random_gamma(keys[0], shape, ops.add(alpha, 1), compute)
    powers = ops.log(ops.subtract(1, random_uniform(keys[1], shape, compute)))
    return ops.add(ops.log(numbers), ops.divide(powers, alpha))


def binomial(
    shape: ShapeLike, counts: TensorLike, probabilities: TensorLike, dtype: DTypeLike = None, seed: Seed = None
) -> Tensor:
    """Binomially distributed numbers: how many of `counts` trials succeed.

    Parameters
    ----------
    shape : sequence of int
    counts : number or tensor
        Number of trials; broadcasts to `shape`.
    probabilities : float or tensor
        Of success; broadcasts to `shape`.
    dtype : str, optional
        A float dtype; by default the default float.
    seed : int, SeedGenerator or None
        An integer gives the same numbers at every call.

    Returns
    -------
    tensor, shape `shape`

    Raises
    ------
    ValueError
        If `dtype` is no float.

    Examples
    --------
    >>> binomial((2,), 5, 1.0, seed=1).tolist()
    [5.0, 5.0]
    """
    return random_binomial(draw_key(seed), shape, counts, probabilities, _float(dtype, "binomial"))


# what follows takes tensors, symbolic ones too: ops, so that a graph draws new numbers at every run


def _drawn(logits: Any, num_samples: int, dtype: Any = "int32", seed: Any = None) -> Shape:
    return _categorical_shape(None, logits, num_samples, dtype)


@op(shape=_drawn, dtype=requested)
def categorical(logits: TensorLike, num_samples: int, dtype: DTypeLike = "int32", seed: Seed = None) -> Tensor:
    """Class indices with the probabilities ``softmax(logits)``.

    Parameters
    ----------
    logits : tensor_like, shape (batch, classes)
        Logarithms of probabilities, up to a constant a row.
    num_samples : int
        Number of draws for each row.
    dtype : str, default "int32"
        An integer dtype.
    seed : int, SeedGenerator or None
        An integer gives the same numbers at every call.

    Returns
    -------
    tensor, shape (batch, num_samples)

    Raises
    ------
    ValueError
        If `logits` do not have two dimensions.

    Examples
    --------
    >>> categorical([[0.0, 100.0]], 3, seed=1).tolist()
    [[1, 1, 1]]
    """
    return random_categorical(draw_key(seed), logits, num_samples, standardize_dtype(dtype))


def _same_along(x: Any, axis: int = 0, seed: Any = None) -> Shape:
    standardize_axis(axis, len(x.shape))
    return tuple(x.shape)


@op(shape=_same_along, dtype=kept)
def shuffle(x: TensorLike, axis: int = 0, seed: Seed = None) -> Tensor:
    """`x` with its slices along an axis in random order.

    Parameters
    ----------
    x : tensor_like
    axis : int, default 0
    seed : int, SeedGenerator or None
        An integer gives the same order at every call.

    Returns
    -------
    tensor, of the shape of `x`

    Raises
    ------
    ValueError
        If `x` has no such axis.

    Examples
    --------
    >>> sorted(shuffle([3, 1, 2], seed=1).tolist())
    [1, 2, 3]
    """
    return random_shuffle(draw_key(seed), x, axis)


def _dropped(inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Shape:
    if not 0 <= rate <= 1:
        raise ValueError(f"rate={rate}: expected a number from 0 to 1")
    mask_shape(inputs, noise_shape)
    return tuple(inputs.shape)


@op(shape=_dropped, dtype=floating)
def dropout(inputs: TensorLike, rate: float, noise_shape: ShapeLike | None = None, seed: Seed = None) -> Tensor:
    """`inputs` with a random share of them set to 0, and the rest scaled up so that the expected sum stays.

    Parameters
    ----------
    inputs : tensor_like, shape (...)
    rate : float
        The share, from 0 to 1.
    noise_shape : sequence of int or None, optional
        Shape of the mask, which broadcasts to `inputs`: a 1 makes all entries along an axis share their fate. ``None``
        stands for the size of the inputs.
    seed : int, SeedGenerator or None
        An integer gives the same mask at every call.

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If `rate` is out of range, or `noise_shape` does not broadcast.

    References
    ----------
    Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15, 2014.

    Examples
    --------
    >>> sorted(set(dropout(ops.ones((100,)), 0.5, seed=1).tolist()))
    [0.0, 2.0]
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"dropout(rate={rate}): expected a number from 0 to 1")
    return cast(Tensor, inputs) if rate == 0 else random_dropout(draw_key(seed), inputs, rate, noise_shape)
