"""Python's operators in terms of ops, for the tensor classes that are our own: symbolic tensors, variables, traced
arrays.
"""

from __future__ import annotations

from typing import Any


class TensorOperators:
    """Mixin that maps operators and indexing to ops; NumPy leaves mixed expressions to it."""

    __slots__ = ()
    # makes ndarray's operators return NotImplemented, so that ours are tried
    __array_priority__ = 1000
    __array_ufunc__ = None

    # defining __eq__ would otherwise drop it
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        raise TypeError(f"the truth value of {self!r} is not known; use ops.where or ops.cond")


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


_BINARY = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "true_divide",
    "floordiv": "floor_divide",
    "mod": "mod",
    "pow": "power",
    "matmul": "matmul",
    "and": "logical_and",
    "or": "logical_or",
    "xor": "logical_xor",
}
_COMPARISONS = {
    "eq": "equal",
    "ne": "not_equal",
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
}
_UNARY = {"neg": "negative", "abs": "absolute", "invert": "logical_not"}

for _name, _op in _BINARY.items():
    setattr(TensorOperators, f"__{_name}__", _binary(_op))
    setattr(TensorOperators, f"__r{_name}__", _binary(_op, reflected=True))
for _name, _op in _COMPARISONS.items():
    setattr(TensorOperators, f"__{_name}__", _binary(_op))
for _name, _op in _UNARY.items():
    setattr(TensorOperators, f"__{_name}__", _unary(_op))
# no plain assignment, which would read as making the class generic
type.__setattr__(TensorOperators, "__getitem__", _binary("get_item"))
