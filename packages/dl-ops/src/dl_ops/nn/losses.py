"""Cross-entropies."""

from __future__ import annotations

from typing import Any, Final

from dl_ops import config, ops
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.op import op
from dl_ops.rules import broadcast_shapes, floating, may_be_equal, standardize_axis
from dl_ops.typing import IndicesLike, Shape, Tensor, TensorLike

__all__ = [
    "binary_crossentropy",
    "categorical_crossentropy",
    "psnr",
    "sparse_categorical_crossentropy",
]


def _alike(first: Any, second: Any, names: tuple[str, str] = ("target", "output")) -> None:
    if not may_be_equal(first.shape, second.shape):
        shapes = f"{names[0]} has shape {tuple(first.shape)}, {names[1]} {tuple(second.shape)}"
        raise ValueError(f"{shapes}: expected the same")


def _binary_shape(target: Any, output: Any, from_logits: bool = False) -> Shape:
    _alike(target, output)
    return broadcast_shapes(tuple(target.shape), tuple(output.shape))


@op(shape=_binary_shape, dtype=floating)
def binary_crossentropy(target: TensorLike, output: TensorLike, from_logits: bool = False) -> Tensor:
    """Cross-entropy of yes-no predictions, element-wise: ``-target * log(p) - (1 - target) * log(1 - p)``.

    Parameters
    ----------
    target : tensor_like, shape (...)
        True probabilities, mostly 0 or 1.
    output : tensor_like, shape (...)
        Predicted probabilities, kept ``config.epsilon()`` away from 0 and 1; or logits.
    from_logits : bool, default False
        Whether `output` are logits, whose `sigmoid` are the probabilities.

    Returns
    -------
    tensor, shape (...)
        In nats.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> binary_crossentropy([1.0, 0.0], [0.5, 0.5]).tolist()
    [0.6931..., 0.6931...]
    >>> binary_crossentropy([1.0, 0.0], [-1000.0, 0.0], from_logits=True).tolist()
    [1000.0, 0.6931...]
    """
    _alike(target, output)
    if from_logits:
        # -log(sigmoid(x)) is softplus(-x): exact for large logits, and with the right gradient at 0
        missed = ops.multiply(target, ops.softplus(ops.negative(output)))
        return ops.add(missed, ops.multiply(ops.subtract(1.0, target), ops.softplus(output)))
    p = _away_from_0_and_1(output, _BELOW_1.get(dtype_of(output), 1.0))
    yes = ops.multiply(target, ops.log(p))
    no = ops.multiply(ops.subtract(1.0, target), ops.log(ops.subtract(1.0, p)))
    return ops.negative(ops.add(yes, no))


_BELOW_1: Final = {"float16": 1.0 - 2.0**-11, "bfloat16": 1.0 - 2.0**-8}
"""The largest number below 1, in dtypes that round ``1 - config.epsilon()`` to 1, where ``log(1 - p)`` is infinite."""


def _away_from_0_and_1(p: TensorLike, most: float = 1.0) -> Tensor:
    return ops.clip(p, config.epsilon(), min(1.0 - config.epsilon(), most))


def _log_probabilities(output: TensorLike, from_logits: bool, axis: int) -> Tensor:
    if from_logits:
        return ops.log_softmax(output, axis=axis)
    return ops.log(_away_from_0_and_1(ops.divide(output, ops.sum(output, axis=axis, keepdims=True))))


def _categorical_shape(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Shape:
    _alike(target, output)
    if not output.shape:
        raise ValueError("target and output are scalars: expected at least one dimension")
    position = standardize_axis(axis, len(output.shape))
    shape = broadcast_shapes(tuple(target.shape), tuple(output.shape))
    return shape[:position] + shape[position + 1 :]


@op(shape=_categorical_shape, dtype=floating)
def categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """Cross-entropy of predicted class probabilities: ``-sum(target * log(p))`` along an axis.

    Parameters
    ----------
    target : tensor_like, shape (..., classes)
        True probabilities, such as `one_hot` gives.
    output : tensor_like, shape (..., classes)
        Predicted probabilities, scaled here to sum to 1 and kept ``config.epsilon()`` away from 0 and 1; or logits.
    from_logits : bool, default False
        Whether `output` are logits, whose `softmax` are the probabilities.
    axis : int, default -1
        Axis of the classes.

    Returns
    -------
    tensor, shape (...)
        In nats.

    Raises
    ------
    ValueError
        If the shapes differ, or have no such axis.

    Examples
    --------
    >>> categorical_crossentropy([[0.0, 1.0]], [[1.0, 3.0]]).tolist()
    [0.2876...]
    """
    _categorical_shape(target, output, from_logits, axis)
    return ops.negative(ops.sum(ops.multiply(target, _log_probabilities(output, from_logits, axis)), axis=axis))


def _has_unit_axis(target: Any, output: Any) -> bool:
    return len(target.shape) == len(output.shape) and len(target.shape) > 0 and target.shape[-1] == 1


def _sparse_shape(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Shape:
    if not output.shape:
        raise ValueError("output is a scalar: expected at least one dimension")
    shape = tuple(target.shape[:-1]) if _has_unit_axis(target, output) else tuple(target.shape)
    position = standardize_axis(axis, len(output.shape))
    samples = tuple(output.shape[:position]) + tuple(output.shape[position + 1 :])
    if not may_be_equal(shape, samples):
        raise ValueError(
            f"target has shape {tuple(target.shape)}: expected {samples}, that of output without the classes"
        )
    return broadcast_shapes(shape, samples)


@op(shape=_sparse_shape, dtype=floating)
def sparse_categorical_crossentropy(
    target: IndicesLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """Cross-entropy of predicted class probabilities with known classes: minus the logarithm of their probability.

    Parameters
    ----------
    target : tensor_like of int, shape (...) or (..., 1)
        Class indices. The loss is NaN for one outside the range of classes, and has a gradient of 0.
    output : tensor_like, shape (..., classes)
        Predicted probabilities, scaled here to sum to 1 and kept ``config.epsilon()`` away from 0 and 1; or logits.
    from_logits : bool, default False
        Whether `output` are logits, whose `softmax` are the probabilities.
    axis : int, default -1
        Axis of the classes.

    Returns
    -------
    tensor, shape (...)
        In nats.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> sparse_categorical_crossentropy([1, 0], [[1.0, 3.0], [0.5, 0.5]]).tolist()
    [0.2876..., 0.6931...]
    """
    _sparse_shape(target, output, from_logits, axis)
    if _has_unit_axis(target, output):
        target = ops.squeeze(target, -1)
    logs = _log_probabilities(output, from_logits, axis)
    classes = logs.shape[standardize_axis(axis, len(logs.shape))]
    chosen = ops.one_hot(target, classes, axis=axis, dtype="bool")
    # where(), not a product: 0 times minus infinity is NaN
    losses = ops.negative(ops.sum(ops.where(chosen, logs, 0.0), axis=axis))
    return ops.where(ops.any(chosen, axis=axis), losses, float("nan"))  # type: ignore[no-any-return]


def _sparse_mean_shape(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Shape:
    _sparse_shape(target, output, from_logits, axis)
    return ()


@op(shape=_sparse_mean_shape, dtype=floating)
def mean_sparse_categorical_crossentropy(
    target: IndicesLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """Mean of `sparse_categorical_crossentropy`: what losses are made of, which some frameworks compute in one.

    Parameters
    ----------
    target, output, from_logits, axis
        As for `sparse_categorical_crossentropy`.

    Returns
    -------
    tensor, shape ()
        In nats.

    Raises
    ------
    ValueError
        If the shapes do not fit together.

    Examples
    --------
    >>> float(mean_sparse_categorical_crossentropy([1, 0], [[1.0, 3.0], [0.5, 0.5]]))
    0.4904...
    """
    return ops.mean(sparse_categorical_crossentropy(target, output, from_logits, axis))


def _compared(x1: Any, x2: Any, max_val: Any) -> Shape:
    _alike(x1, x2, ("x1", "x2"))
    return ()


@op(shape=_compared, dtype=floating)
def psnr(x1: TensorLike, x2: TensorLike, max_val: TensorLike) -> Tensor:
    """Peak signal-to-noise ratio of two signals: ``10 * log10(max_val ** 2 / mean((x1 - x2) ** 2))``.

    Parameters
    ----------
    x1, x2 : tensor_like, shape (...)
    max_val : float
        The largest number that the signals can have.

    Returns
    -------
    tensor, shape ()
        In decibels; infinity for signals that are equal.

    Raises
    ------
    ValueError
        If the shapes differ.

    Examples
    --------
    >>> round(float(psnr([0.0, 0.0], [1.0, 1.0], 10.0)), 4)
    20.0
    """
    _compared(x1, x2, max_val)
    noise = ops.mean(ops.square(ops.subtract(x1, x2)))
    return ops.subtract(ops.multiply(ops.log10(max_val), 20.0), ops.multiply(ops.log10(noise), 10.0))
