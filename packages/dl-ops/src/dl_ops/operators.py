"""Python's operators in terms of ops, for the tensor classes that are our own: symbolic tensors, variables, traced
arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final


def _binary(op_name: str, *, reflected: bool = False) -> Any:
    def operator(self: Any, other: Any) -> Any:
        from dl_ops import ops

        op = getattr(ops, op_name)
        return op(other, self) if reflected else op(self, other)

    return operator


def _unary(op_name: str) -> Any:
    def operator(self: Any) -> Any:
        from dl_ops import ops

        return getattr(ops, op_name)(self)

    return operator


class TensorOperators:
    """Mixin that maps operators and indexing to ops; NumPy leaves mixed expressions to it.

    As in Keras, ``&``, ``|``, ``^`` and ``~`` are those of logic, of integers too: `bitwise_and` and the like are ops.
    """

    __slots__ = ()
    # makes ndarray's operators return NotImplemented, so that ours are tried
    __array_priority__: Final = 1000
    __array_ufunc__: Final = None

    __add__, __radd__ = _binary("add"), _binary("add", reflected=True)
    __sub__, __rsub__ = _binary("subtract"), _binary("subtract", reflected=True)
    __mul__, __rmul__ = _binary("multiply"), _binary("multiply", reflected=True)
    __truediv__, __rtruediv__ = _binary("true_divide"), _binary("true_divide", reflected=True)
    __floordiv__, __rfloordiv__ = _binary("floor_divide"), _binary("floor_divide", reflected=True)
    __mod__, __rmod__ = _binary("mod"), _binary("mod", reflected=True)
    __pow__, __rpow__ = _binary("power"), _binary("power", reflected=True)
    __matmul__, __rmatmul__ = _binary("matmul"), _binary("matmul", reflected=True)
    __and__, __rand__ = _binary("logical_and"), _binary("logical_and", reflected=True)
    __or__, __ror__ = _binary("logical_or"), _binary("logical_or", reflected=True)
    __xor__, __rxor__ = _binary("logical_xor"), _binary("logical_xor", reflected=True)
    __lshift__, __rlshift__ = _binary("left_shift"), _binary("left_shift", reflected=True)
    __rshift__, __rrshift__ = _binary("right_shift"), _binary("right_shift", reflected=True)

    __eq__, __ne__ = _binary("equal"), _binary("not_equal")
    __lt__, __le__ = _binary("less"), _binary("less_equal")
    __gt__, __ge__ = _binary("greater"), _binary("greater_equal")
    # defining __eq__ would otherwise drop it
    __hash__ = object.__hash__

    __neg__, __abs__, __invert__ = _unary("negative"), _unary("absolute"), _unary("logical_not")
    __getitem__ = _binary("get_item")

    def __iter__(self) -> Iterator[Any]:
        # Python would otherwise index until it fails, and frameworks differ on whether it does
        this: Any = self
        if not this.shape:
            raise TypeError(f"cannot iterate over {self!r}: it has no dimensions")
        if this.shape[0] is None:
            raise TypeError(f"cannot iterate over {self!r}: its length is unknown")
        return (self[i] for i in range(this.shape[0]))

    def __round__(self, ndigits: int | None = None) -> Any:
        from dl_ops import ops

        this: Any = self
        return ops.round(this, ndigits or 0)

    def __bool__(self) -> bool:
        raise TypeError(f"the truth value of {self!r} is not known; use ops.where or ops.cond")
