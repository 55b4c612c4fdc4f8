"""How sequences go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dl_ops import ops
from dl_ops.core.tensors import cast, known_size, ndim
from dl_ops.core.tensors import dtype as dtype_of
from dl_ops.dtypes import promote
from dl_ops.op import op
from dl_ops.rules import floating
from dl_ops.typing import Shape, Tensor, TensorLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor

__all__ = ["corrcoef", "correlate"]

_MODES: Final = ("full", "same", "valid")


def _coefficients(x: KerasTensor) -> Shape:
    if len(x.shape) > 2:
        raise ValueError(f"x must have at most two dimensions, got shape {x.shape}")
    return (x.shape[0], x.shape[0]) if len(x.shape) == 2 else ()


@op(shape=_coefficients, dtype=floating)
def corrcoef(x: TensorLike) -> Tensor:
    """Pearson's correlation coefficients of the rows of a matrix.

    Parameters
    ----------
    x : tensor_like, shape (variables, observations) or (observations,)
        Integers are promoted to the default float.

    Returns
    -------
    tensor, shape (variables, variables) or ()
        From -1 to 1; NaN for rows of equal elements.

    Raises
    ------
    ValueError
        If `x` has more than two dimensions.

    Examples
    --------
    >>> corrcoef([[1, 3, 1, 3], [3, 1, 3, 1]]).tolist()
    [[1.0, -1.0], [-1.0, 1.0]]
    """
    if ndim(x) > 2:
        raise ValueError(f"x must have at most two dimensions, got {ndim(x)}")
    dtype = dtype_of(x)
    rows = cast(x if ndim(x) == 2 else ops.reshape(x, (1, -1)), promote(dtype, "float32"))
    centered = ops.subtract(rows, ops.mean(rows, 1, keepdims=True))
    products = ops.matmul(centered, ops.transpose(centered))
    scale = ops.sqrt(ops.diagonal(products))
    y = ops.divide(ops.divide(products, ops.expand_dims(scale, 1)), scale)
    y = cast(ops.clip(y, -1.0, 1.0), dtype)
    return y if ndim(x) == 2 else y[0, 0]


def _check_mode(mode: str) -> None:
    if mode not in _MODES:
        raise ValueError(f"mode={mode!r}: expected one of {', '.join(_MODES)}")


def _correlated(x1: KerasTensor, x2: KerasTensor, mode: str = "valid") -> Shape:
    _check_mode(mode)
    for name, x in (("x1", x1), ("x2", x2)):
        if len(x.shape) != 1 or x.shape[0] == 0:
            raise ValueError(f"{name} must have one dimension and elements, got shape {x.shape}")
    (first,), (second,) = x1.shape, x2.shape
    if first is None or second is None:
        return (None,)
    return (_window(first, second, mode)[1],)


def _window(first: int, second: int, mode: str) -> tuple[int, int]:
    """Where a mode's part begins in all the positions at which sequences of two sizes overlap, and its size."""
    short, long = sorted((first, second))
    if mode == "full":
        return 0, first + second - 1
    if mode == "valid":
        return short - 1, long - short + 1
    return (short - 1) // 2 if first >= second else short // 2, long


@op(shape=_correlated, dtype=floating)
def correlate(x1: TensorLike, x2: TensorLike, mode: str = "valid") -> Tensor:
    """Cross-correlation of two sequences: element `k` is the sum over `i` of ``x1[i + k] * x2[i]``.

    Parameters
    ----------
    x1 : tensor_like, shape (n,)
    x2 : tensor_like, shape (m,)
        Integers are promoted to the default float.
    mode : {"valid", "same", "full"}
        Of the shifts `k`: those where the sequences overlap completely, as many as the longer one has elements from the
        middle of all, or all where they overlap, ``1 - m`` to ``n - 1``.

    Returns
    -------
    tensor, shape (max(n, m) - min(n, m) + 1,), (max(n, m),) or (n + m - 1,)

    Raises
    ------
    ValueError
        If a sequence is empty or has not one dimension, or `mode` is not one of those.

    Examples
    --------
    >>> correlate([1, 2, 3], [1, 2]).tolist(), correlate([1, 2, 3], [1, 2], mode="full").tolist()
    ([5.0, 8.0], [2.0, 5.0, 8.0, 3.0])
    """
    _check_mode(mode)
    first, second = known_size(x1, 0), known_size(x2, 0)
    start, count = _window(first, second, mode)
    before = second - 1 - start
    padded = ops.pad(x1, ((before, count + second - 1 - before - first),))
    y = ops.conv(ops.reshape(padded, (1, -1, 1)), ops.reshape(x2, (-1, 1, 1)), data_format="channels_last")
    return ops.reshape(y, (count,))
