"""Real numbers as integers and scales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from dl_ops import ops
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.objects import public
from dl_ops.typing import Tensor, TensorLike

ValueRange = tuple[float, float] | Sequence[float]


@public("keras.quantizers.Quantizer", "keras.Quantizer")
class Quantizer:
    """Base of what maps a tensor to integers and a scale.

    Parameters
    ----------
    output_dtype : str, default "int8"
        Dtype of the integers.
    """

    def __init__(self, output_dtype: str = "int8") -> None:
        self.output_dtype = output_dtype

    def __call__(self, x: TensorLike) -> Any:
        """Return the integers and the scale; as it is, the tensor itself."""
        return x

    def get_config(self) -> dict[str, Any]:
        """Return what `from_config` makes an equal quantizer from; subclasses define it."""
        raise NotImplementedError(f"{type(self).__name__} does not define get_config()")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make a quantizer from its configuration."""
        return cls(**config)


@public("keras.quantizers.AbsMaxQuantizer")
class AbsMaxQuantizer(Quantizer):
    """Scales the largest magnitude along some axes to the end of a range of integers, and rounds.

    Parameters
    ----------
    axis : int or sequence of int, optional
        Axes that share a scale; by default said in each call, or the last.
    value_range : pair of int, default (-127, 127)
        Least and greatest integer.
    epsilon : float, default 1e-7
        Added to the largest magnitude, which may be zero.
    output_dtype : str, default "int8"

    Examples
    --------
    >>> integers, scale = AbsMaxQuantizer(axis=-1)([[0.5, -2.0]])
    >>> integers.tolist(), round(float(scale[0, 0]), 3)
    ([[32, -127]], 63.5)
    """

    def __init__(
        self,
        axis: int | Sequence[int] | None = None,
        value_range: ValueRange = (-127, 127),
        epsilon: float = 1e-07,
        output_dtype: str = "int8",
    ) -> None:
        super().__init__(output_dtype)
        self.axis = None if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        self.value_range = _checked_range(value_range, "AbsMaxQuantizer")
        self.epsilon = epsilon

    def __call__(self, x: TensorLike, axis: int | Sequence[int] | None = None, to_numpy: bool = False) -> Any:
        """Return the integers and the scale by which `x` was multiplied.

        Parameters
        ----------
        x : tensor_like
        axis : int or sequence of int, optional
            Where the quantizer has none of its own.
        to_numpy : bool, default False
            Compute in NumPy, which needs no memory of an accelerator.
        """
        along = self.axis if self.axis is not None else -1 if axis is None else axis
        return abs_max_quantize(x, along, self.value_range, self.output_dtype, self.epsilon, to_numpy)

    def get_config(self) -> dict[str, Any]:
        config = {"value_range": self.value_range, "epsilon": self.epsilon, "output_dtype": self.output_dtype}
        return config if self.axis is None else {**config, "axis": self.axis}


def _checked_range(value_range: Any, where: str) -> tuple[float, float]:
    if not isinstance(value_range, (tuple, list)) or len(value_range) != 2 or not value_range[0] < value_range[1]:
        raise ValueError(f"{where}(value_range={value_range!r}): expected the least and the greatest integer")
    return value_range[0], value_range[1]


def _real(x: Any, where: str) -> tuple[Tensor, str]:
    x = ops.convert_to_tensor(x)
    dtype = standardize_dtype(x.dtype)
    if not is_float(dtype):
        raise TypeError(f"{where}: expected a floating-point tensor, got dtype {dtype}")
    return x, dtype


@public("keras.quantizers.abs_max_quantize")
def abs_max_quantize(
    inputs: TensorLike,
    axis: int | Sequence[int] | None,
    value_range: ValueRange = (-127, 127),
    dtype: str = "int8",
    epsilon: float = 1e-07,
    to_numpy: bool = False,
) -> tuple[Tensor, Tensor]:
    """Multiply by a scale that takes the largest magnitude to the greatest integer, and round.

    Parameters
    ----------
    inputs : tensor_like, shape (...)
        Floating-point.
    axis : int, sequence of int or None
        Axes that share a scale; ``None`` for all.
    value_range : pair of int, default (-127, 127)
        Least and greatest integer.
    dtype : str, default "int8"
        Of the integers.
    epsilon : float, default 1e-7
        Added to the largest magnitude, which may be zero.
    to_numpy : bool, default False
        Compute in NumPy and convert the results.

    Returns
    -------
    outputs : tensor, shape (...)
    scale : tensor
        Of the inputs' dtype, with size 1 along `axis`; ``outputs / scale`` is near `inputs`.

    Raises
    ------
    TypeError
        If `inputs` are not floating-point.
    ValueError
        If `value_range` is no range.

    Examples
    --------
    >>> outputs, scale = abs_max_quantize([[0.5, -2.0], [3.0, 0.0]], axis=-1)
    >>> outputs.tolist()
    [[32, -127], [127, 0]]
    """
    if to_numpy:
        pair: tuple[Tensor, Tensor] = _in_numpy(abs_max_quantize, inputs, axis, value_range, dtype, epsilon)
        return pair
    low, high = _checked_range(value_range, "abs_max_quantize")
    x, original = _real(inputs, "abs_max_quantize(inputs)")
    # a small scale's reciprocal does not fit 16 bits
    x = ops.cast(x, "float32") if original in ("float16", "bfloat16") else x
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else axis
    largest = ops.max(ops.absolute(x), axis=axes, keepdims=True)
    scale = ops.divide(high, ops.add(largest, epsilon))
    outputs = ops.clip(ops.round(ops.multiply(x, scale)), low, high)
    return ops.cast(outputs, dtype), ops.cast(scale, original)


@public("keras.quantizers.abs_max_quantize_grouped_with_zero_point")
def abs_max_quantize_grouped_with_zero_point(
    inputs: TensorLike,
    block_size: int,
    value_range: ValueRange = (-8, 7),
    dtype: str = "int8",
    epsilon: float = 1e-07,
    to_numpy: bool = False,
) -> tuple[Tensor, Tensor, Tensor]:
    """Map the range of each block of a matrix's rows, column by column, to a range of integers.

    Zero is always in the range, so that it stays zero and the zero point is one of the integers.

    Parameters
    ----------
    inputs : tensor_like, shape (rows, columns)
        Floating-point.
    block_size : int
        Number of rows that share a scale and a zero point; the last block may have fewer.
    value_range : pair of int, default (-8, 7)
    dtype : str, default "int8"
        Of the integers and the zero points.
    epsilon : float, default 1e-7
        Least extent of a range.
    to_numpy : bool, default False
        Compute in NumPy and convert the results.

    Returns
    -------
    outputs : tensor, shape (rows, columns)
    scale : tensor, shape (blocks, columns)
        Of the inputs' dtype; ``(outputs - zero_point) * scale``, of a row's block, is near `inputs`.
    zero_point : tensor, shape (blocks, columns)

    Raises
    ------
    TypeError
        If `inputs` are not floating-point.
    ValueError
        If they are no matrix, or `block_size` is not a positive integer.

    Examples
    --------
    >>> outputs, scale, zero = abs_max_quantize_grouped_with_zero_point([[0.0], [1.5], [-0.7], [0.8]], block_size=2)
    >>> outputs.tolist(), zero.tolist()
    ([[-8], [7], [-8], [7]], [[-8], [-1]])
    """
    if to_numpy:
        found: tuple[Tensor, Tensor, Tensor] = _in_numpy(
            abs_max_quantize_grouped_with_zero_point, inputs, block_size, value_range, dtype, epsilon
        )
        return found
    where = "abs_max_quantize_grouped_with_zero_point"
    low, high = _checked_range(value_range, where)
    x, original = _real(inputs, f"{where}(inputs)")
    if len(x.shape) != 2:
        raise ValueError(f"{where}(inputs): expected a matrix, got shape {tuple(x.shape)}")
    size: Any = block_size
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise ValueError(f"{where}(block_size={block_size!r}): expected a positive integer")
    rows, columns = x.shape
    blocks = -(-rows // block_size)
    x = ops.cast(x, "float32") if original in ("float16", "bfloat16") else x
    padded = ops.pad(x, ((0, blocks * block_size - rows), (0, 0)))
    grouped = ops.reshape(padded, (blocks, block_size, columns))
    least = ops.minimum(ops.min(grouped, axis=1, keepdims=True), 0.0)
    greatest = ops.maximum(ops.max(grouped, axis=1, keepdims=True), 0.0)
    # a block of zeros is between -1 and 1
    empty = ops.less(greatest - least, epsilon)
    least, greatest = ops.where(empty, -1.0, least), ops.where(empty, 1.0, greatest)
    scale = ops.divide(greatest - least, high - low)
    zero = ops.clip(ops.round(low - least / scale), low, high)
    outputs = ops.clip(ops.round(grouped / scale) + zero, low, high)
    flat = ops.reshape(outputs, (blocks * block_size, columns))[:rows]
    return (
        ops.cast(flat, dtype),
        ops.cast(ops.squeeze(scale, 1), original),
        ops.cast(ops.squeeze(zero, 1), dtype),
    )


def _in_numpy(function: Any, inputs: TensorLike, *arguments: Any) -> Any:
    from dl_ops.backend import backend_scope

    array = ops.convert_to_numpy(inputs)
    with backend_scope("numpy"):
        results = [ops.convert_to_numpy(x) for x in function(array, *arguments)]
    return tuple(ops.convert_to_tensor(x) for x in results)
