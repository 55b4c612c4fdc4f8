"""Shape and dtype rules that op definitions are written with.

A shape rule is called with the op's own arguments, in which every tensor is a `KerasTensor`, and returns the
result's shape. A dtype rule says what the operands are cast to before a kernel sees them, and which dtype the
result then has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import index
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from dl_ops.dtypes import WEAK_FLOAT, complex_dtype, is_complex, is_float, is_int, real_dtype, standardize_dtype
from dl_ops.dtypes import promote as _promote
from dl_ops.typing import Axis, Shape, ShapeLike

if TYPE_CHECKING:
    from dl_ops.symbolic import KerasTensor


def nothing_wanted(arguments: Mapping[str, Any]) -> None:
    """No dtype but the operands' takes part in promotion."""
    return None


class DtypeRule(NamedTuple):
    """What operands are cast to, and the dtype of the result."""

    common: Callable[[Sequence[str]], str | None]
    """From the operands' dtypes (``"int"`` and ``"float"`` for Python numbers) to the one they are cast to;
    ``None`` leaves them alone.
    """

    result: Callable[[str, Mapping[str, Any]], str]
    """From the common dtype, or the first operand's where there is none, and the op's arguments, to the result's
    dtype.
    """

    wanted: Callable[[Mapping[str, Any]], str | None] = nothing_wanted
    """From the op's arguments to a dtype that takes part in promotion beside the operands', if they ask for one."""


def _leave(dtypes: Sequence[str]) -> None:
    return None


def _unchanged(dtype: str, arguments: Mapping[str, Any]) -> str:
    return dtype


def _to_common(dtypes: Sequence[str]) -> str:
    return _promote(*dtypes)


def _to_float(dtypes: Sequence[str]) -> str:
    common = _promote(*dtypes)
    return common if is_float(common) or is_complex(common) else _promote(common, WEAK_FLOAT)


def _accumulator(dtypes: Sequence[str]) -> str:
    """Dtype that sums and products are computed in: at least 32 bits for integers, as in Keras."""
    common = _promote(*dtypes)
    if common in ("bool", "int8", "int16"):
        return "int32"
    return "uint32" if common in ("uint8", "uint16") else common


promoted: Final = DtypeRule(_to_common, _unchanged)
"""Operands are promoted to their common dtype, which the result has too."""

floating: Final = DtypeRule(_to_float, _unchanged)
"""Like `promoted`, and integers become the default float."""

kept: Final = DtypeRule(_leave, _unchanged)
"""Operands are left alone, the result has the dtype of the first."""

accumulated: Final = DtypeRule(_accumulator, _unchanged)
"""Small integers and booleans are widened to 32 bits."""

compared: Final = DtypeRule(_to_common, lambda dtype, arguments: "bool")
"""Operands are promoted, the result is boolean."""

tested: Final = DtypeRule(_leave, lambda dtype, arguments: "bool")
"""Operands are left alone, the result is boolean."""

logical: Final = DtypeRule(lambda dtypes: "bool", lambda dtype, arguments: "bool")
"""Operands are cast to bool, the result is boolean."""

counted: Final = DtypeRule(_leave, lambda dtype, arguments: "int32")
"""Operands are left alone, the result holds int32 indices or counts."""


def _or_float(dtype: str, arguments: Mapping[str, Any]) -> str:
    return standardize_dtype(arguments["dtype"])


def _or_unchanged(dtype: str, arguments: Mapping[str, Any]) -> str:
    return dtype if arguments.get("dtype") is None else standardize_dtype(arguments["dtype"])


def _wide(arguments: Mapping[str, Any]) -> str | None:
    wanted = None if arguments["dtype"] is None else standardize_dtype(arguments["dtype"])
    return "float64" if wanted in _NEED_FLOAT64 else None


# float32 does not hold all of their numbers
_NEED_FLOAT64: Final = ("int32", "int64", "uint32", "uint64", "float64", "complex128")


def _to_first(dtypes: Sequence[str]) -> str:
    _promote(*dtypes)
    return _promote(dtypes[0])


def _numeric(dtypes: Sequence[str]) -> str:
    common = _promote(*dtypes)
    return "int32" if common == "bool" else common


def _numeric_first(dtypes: Sequence[str]) -> str:
    _promote(*dtypes)
    return _numeric(dtypes[:1])


def _multiplied(dtypes: Sequence[str]) -> str:
    # products of int8 overflow at once, and hardware accumulates them in int32
    return "int32" if set(dtypes) == {"int8"} else _promote(*dtypes)


first: Final = DtypeRule(_to_first, _unchanged)
"""All operands are cast to the dtype of the first, which the result has too."""

numeric: Final = DtypeRule(_numeric, _unchanged)
"""Like `promoted`, and booleans become int32."""

numeric_first: Final = DtypeRule(_numeric_first, _unchanged)
"""Like `first`, and booleans become int32."""

multiplied: Final = DtypeRule(_multiplied, _unchanged)
"""Like `promoted`, and int8 alone becomes int32."""

approximate: Final = DtypeRule(_to_float, lambda dtype, arguments: "bool")
"""Operands are promoted to floats, the result is boolean."""

accumulated_or_requested: Final = DtypeRule(_accumulator, _or_unchanged)
"""Like `accumulated`; the result has the op's `dtype` argument, if there is one."""

floating_or_requested: Final = DtypeRule(_to_float, _or_unchanged, _wide)
"""Like `floating`; the result has the op's `dtype` argument, if there is one, and is computed in float64 for dtypes
that float32 is too narrow for.
"""

numeric_or_requested: Final = DtypeRule(_numeric, _or_unchanged)
"""Like `numeric`; the result has the op's `dtype` argument, if there is one."""

requested: Final = DtypeRule(_leave, _or_float)
"""The op's `dtype` argument, by default the default float."""

requested_or_kept: Final = DtypeRule(_leave, _or_unchanged)
"""The op's `dtype` argument, by default the dtype of the first operand."""


def _real_numbers(rule: DtypeRule) -> DtypeRule:
    """The rule, which complex operands break with a ``TypeError``."""

    def common(dtypes: Sequence[str]) -> str | None:
        if is_complex(_promote(*dtypes)):
            raise TypeError(f"expected real numbers, got {', '.join(dtypes)}")
        return rule.common(dtypes)

    return DtypeRule(common, rule.result)


def _to_signed(dtypes: Sequence[str]) -> str:
    common = _promote(*dtypes)
    if common == "bool":
        raise TypeError(f"expected numbers, got {', '.join(dtypes)}; there is logical_not, and logical_xor")
    return common


def _to_bits(dtypes: Sequence[str]) -> str:
    common = _promote(*dtypes)
    if common != "bool" and not is_int(common):
        raise TypeError(f"expected integers or booleans, got {', '.join(dtypes)}")
    return common


def _to_integer(dtypes: Sequence[str]) -> str:
    common = _to_bits(dtypes)
    return "int32" if common == "bool" else common


def _to_part(dtypes: Sequence[str]) -> str:
    # there are no complex numbers of narrower parts
    return _promote(_to_float(dtypes), "float32")


def _part(dtype: str, arguments: Mapping[str, Any]) -> str:
    return real_dtype(dtype)


real_promoted: Final = _real_numbers(promoted)
"""Like `promoted`, for real numbers alone."""

real_floating: Final = _real_numbers(floating)
"""Like `floating`, for real numbers alone."""

real_numeric: Final = _real_numbers(numeric)
"""Like `numeric`, for real numbers alone."""

real_tested: Final = _real_numbers(tested)
"""Like `tested`, for real numbers alone."""

subtracted: Final = DtypeRule(_to_signed, _unchanged)
"""Like `promoted`, for numbers alone: no framework takes booleans from each other."""

bits: Final = DtypeRule(_to_bits, _unchanged)
"""Like `promoted`, for integers and booleans alone."""

integral: Final = DtypeRule(_to_integer, _unchanged)
"""Like `bits`, and booleans become int32."""

part: Final = DtypeRule(_leave, _part)
"""Operands are left alone, the result has the dtype of a complex number's parts."""

floating_part: Final = DtypeRule(_to_float, _part)
"""Like `floating`, and the result has the dtype of a complex number's parts."""

composed: Final = _real_numbers(DtypeRule(_to_part, lambda dtype, arguments: complex_dtype(dtype)))
"""Operands are promoted to float32 or float64, the result is complex."""


# -- shapes --


def broadcast_shapes(*shapes: Shape) -> Shape:
    """Broadcast static shapes, ``None`` standing for any size.

    Examples
    --------
    >>> broadcast_shapes((None, 3), (2, 1, 1))
    (2, None, 3)
    """
    rank = max((len(shape) for shape in shapes), default=0)
    sizes: list[int | None] = []
    for position in range(-rank, 0):
        size: int | None = 1
        for shape in shapes:
            other = shape[position] if len(shape) >= -position else 1
            if other == 1 or other == size:
                continue
            if size == 1:
                size = other
            elif size is None or other is None:
                size = size if other is None else other
            else:
                raise ValueError(f"shapes {', '.join(map(str, shapes))} do not broadcast: {size} and {other} differ")
        sizes.append(size)
    return tuple(sizes)


def may_be_equal(one: Sequence[int | None], other: Sequence[int | None]) -> bool:
    """Whether two shapes are equal as far as they are known.

    Examples
    --------
    >>> may_be_equal((None, 3), (2, 3)), may_be_equal((None, 3), (2, 4)), may_be_equal((3,), (3, 1))
    (True, False, False)
    """
    return len(one) == len(other) and all(a == b or a is None or b is None for a, b in zip(one, other, strict=True))


def same(x: KerasTensor, *arguments: Any, **options: Any) -> Shape:
    """The shape of the first argument."""
    return x.shape


def broadcast(*tensors: Any) -> Shape:
    """The shape that all the tensors among the arguments broadcast to."""
    return broadcast_shapes(*(x.shape for x in tensors if hasattr(x, "shape")))


def from_shape_argument(shape: ShapeLike, *arguments: Any) -> Shape:
    """The op's first argument, a shape."""
    return standardize_shape(shape)


def standardize_shape(shape: ShapeLike) -> Shape:
    """Return `shape` as a tuple of non-negative integers and ``None``.

    Raises
    ------
    ValueError
        For anything else.

    Examples
    --------
    >>> standardize_shape([2, None]), standardize_shape(3)
    ((2, None), (3,))
    """
    if isinstance(shape, int):
        shape = (shape,)
    try:
        sizes: list[int | None] = [None if size is None else size.__index__() for size in shape]
    except (TypeError, AttributeError):
        raise ValueError(f"shape={shape!r}: expected integers and None") from None
    if any(size is not None and size < 0 for size in sizes):
        raise ValueError(f"shape={shape!r}: sizes must not be negative")
    return tuple(sizes)


def standardize_axis(axis: int, rank: int, *, name: str = "axis") -> int:
    """Return `axis` counted from the front; a ``ValueError`` that names it if a tensor of that rank has no such
    axis, a ``TypeError`` if it is no integer.
    """
    try:
        known = -rank <= index(axis) < rank
    except TypeError:
        raise TypeError(f"{name}={axis!r}: expected an integer") from None
    if not known:
        raise ValueError(f"{name}={axis} is out of range for a tensor with {rank} dimensions")
    return axis + rank if axis < 0 else axis


def standardize_axes(axis: Axis, rank: int, *, name: str = "axis") -> tuple[int, ...]:
    """Return the axes, counted from the front, that `axis` names; all of them for ``None``.

    Raises
    ------
    ValueError
        If one is out of range or named twice.
    TypeError
        If one is no integer.

    Examples
    --------
    >>> standardize_axes(-1, 3), standardize_axes(None, 2)
    ((2,), (0, 1))
    """
    if axis is None:
        return tuple(range(rank))
    named = axis if hasattr(axis, "__iter__") else (axis,)
    axes = tuple([standardize_axis(a, rank, name=name) for a in named])
    if len(set(axes)) != len(axes):
        raise ValueError(f"{name}={axis} names an axis twice")
    return axes


def same_along(x: KerasTensor, axis: Axis = None, *arguments: Any, **options: Any) -> Shape:
    """The shape of the first argument, which must have the axes named by the second."""
    standardize_axes(axis, len(x.shape))
    return x.shape


def reduced(x: KerasTensor, axis: Axis = None, keepdims: bool = False, *arguments: Any, **options: Any) -> Shape:
    """The shape of the first argument without the reduced axes, or with size 1 there."""
    axes = standardize_axes(axis, len(x.shape))
    if keepdims:
        return tuple(1 if i in axes else size for i, size in enumerate(x.shape))
    return tuple(size for i, size in enumerate(x.shape) if i not in axes)


def check_indices(indices: KerasTensor, name: str = "indices") -> None:
    """Raise a ``TypeError`` unless a tensor holds integers or booleans, or nothing."""
    dtype = standardize_dtype(indices.dtype)
    # an empty list is an array of floats
    if not (is_int(dtype) or dtype == "bool" or 0 in indices.shape):
        raise TypeError(f"{name} have dtype {dtype}: expected integers")


def product(sizes: Sequence[int | None]) -> int | None:
    """Product of sizes, ``None`` if one is unknown (and none is 0)."""
    total = 1
    unknown = False
    for size in sizes:
        if size is None:
            unknown = True
        else:
            total *= size
    return None if unknown and total else total


__all__ = [
    "DtypeRule",
    "accumulated",
    "accumulated_or_requested",
    "approximate",
    "bits",
    "broadcast",
    "broadcast_shapes",
    "check_indices",
    "compared",
    "composed",
    "counted",
    "first",
    "floating",
    "floating_part",
    "floating_or_requested",
    "from_shape_argument",
    "integral",
    "kept",
    "logical",
    "may_be_equal",
    "multiplied",
    "numeric",
    "numeric_first",
    "numeric_or_requested",
    "part",
    "product",
    "promoted",
    "real_floating",
    "real_numeric",
    "real_promoted",
    "real_tested",
    "reduced",
    "requested",
    "requested_or_kept",
    "same",
    "same_along",
    "subtracted",
    "standardize_axes",
    "standardize_axis",
    "standardize_shape",
    "tested",
]
