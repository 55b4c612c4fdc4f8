"""Rounding as quantization would, in floating point, with a gradient."""

from __future__ import annotations

from typing import Any

from dl_ops import ops
from dl_ops.objects import public
from dl_ops.rules import standardize_axis
from dl_ops.typing import Tensor, TensorLike


@public("keras.quantizers.fake_quant_with_min_max_vars")
def fake_quant_with_min_max_vars(
    inputs: TensorLike,
    min_vals: TensorLike,
    max_vals: TensorLike,
    num_bits: int = 8,
    narrow_range: bool = False,
    axis: int | None = None,
) -> Tensor:
    """Clip to a range and round to as many values in it as integers of some bits have, one of which is zero.

    The range is moved so that zero is one of the values. Gradients pass where nothing is clipped; those of what is
    clipped go to the end of the range that it is clipped to.

    Parameters
    ----------
    inputs : tensor_like, shape (...)
        Floating-point.
    min_vals, max_vals : tensor_like, shape () or (n,)
        Ends of the range; with `axis`, one for each index along it. A range of no extent gives zeros.
    num_bits : int, default 8
        From 2 to 16.
    narrow_range : bool, default False
        Whether the least integer is left out.
    axis : int, optional

    Returns
    -------
    tensor, shape (...)

    Raises
    ------
    ValueError
        If `num_bits` is no such number, or the shapes do not fit.

    Examples
    --------
    >>> fake_quant_with_min_max_vars([-7.0, 0.4, 1.2, 9.0], -1.0, 2.0, num_bits=2).tolist()
    [-1.0, 0.0, 1.0, 2.0]

    References
    ----------
    Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
    arXiv:1712.05877.
    """
    bits: Any = num_bits
    if isinstance(bits, bool) or not isinstance(bits, int) or not 2 <= bits <= 16:
        raise ValueError(f"fake_quant_with_min_max_vars(num_bits={num_bits!r}): expected an integer from 2 to 16")
    x = ops.convert_to_tensor(inputs)
    shape: tuple[int, ...] = ()
    if axis is not None:
        axis = standardize_axis(axis, len(x.shape))
        shape = tuple(x.shape[i] if i == axis else 1 for i in range(len(x.shape)))
    ends = []
    for name, values in (("min_vals", min_vals), ("max_vals", max_vals)):
        value = ops.convert_to_tensor(values)
        wanted = () if axis is None else (x.shape[axis],)
        if tuple(value.shape) not in ((), wanted):
            raise ValueError(f"fake_quant_with_min_max_vars({name}): expected shape {wanted}, got {tuple(value.shape)}")
        ends.append(ops.cast(value, x.dtype))
    y: Tensor = _rounded(x, *ends, shape=shape, levels=2**num_bits - 1, least=int(narrow_range))
    return y


@ops.custom_gradient
def _rounded(x: Tensor, low: Tensor, high: Tensor, *, shape: tuple[int, ...], levels: int, least: int) -> Any:
    def spread(end: Tensor) -> Tensor:
        return ops.reshape(end, shape) if len(end.shape) else end

    low_end, high_end = spread(low), spread(high)
    extent = ops.subtract(high_end, low_end)
    flat = ops.less_equal(extent, 0.0)
    scale = ops.divide(ops.where(flat, 1.0, extent), float(levels - least))
    zero = ops.clip(ops.round(ops.subtract(float(least), ops.divide(low_end, scale))), least, levels)
    start, stop = ops.multiply(ops.subtract(float(least), zero), scale), ops.multiply(levels - zero, scale)
    clipped = ops.clip(x, start, stop)
    steps = ops.floor(ops.add(ops.divide(ops.subtract(clipped, start), scale), 0.5))
    y = ops.where(flat, 0.0, ops.add(ops.multiply(steps, scale), start))
    below, above = ops.less(x, start), ops.greater(x, stop)

    def gradients(upstream: Tensor) -> tuple[Tensor, ...]:
        live = ops.where(flat, 0.0, upstream)
        inside = ops.where(ops.logical_or(below, above), 0.0, live)
        kept = tuple(i for i, size in enumerate(shape) if size != 1)
        summed = tuple(i for i in range(len(x.shape)) if i not in kept)

        def total(mask: Tensor, end: Tensor) -> Tensor:
            masked = ops.where(mask, live, 0.0)
            return ops.reshape(ops.sum(masked, axis=summed if len(end.shape) else None), tuple(end.shape))

        return inside, total(below, low), total(above, high)

    return ops.cast(y, x.dtype), gradients
