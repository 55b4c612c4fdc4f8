"""A case: one call of an op and what it should give."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

import numpy as np

from dl_ops import tree
from dl_ops.op import Op, registry
from dl_ops.typing import Array

FLOATS: Final = ("float32", "float16", "bfloat16")
NUMBERS: Final = ("float32", "bfloat16", "int32")
ALL: Final = ("float32", "bfloat16", "int32", "uint8", "bool")


@dataclass(frozen=True, eq=False)
class Case:
    """One call of an op and what it should give.

    Parameters
    ----------
    op : str
        Name of the op.
    args : sequence
        Its positional arguments. NumPy arrays become tensors; those of dtype float64 are cast to the dtype under test,
        others keep theirs.
    kwargs : mapping
        Its keyword arguments.
    reference : callable, optional
        Gives the expected result from the same arguments, arrays in float64 or int64. An implementation of its own,
        not the backend's.
    verify : callable, optional
        Instead of a reference where results may differ, as with random numbers or the signs of singular vectors:
        ``verify(result, *args, **kwargs)`` raises an ``AssertionError``. The result comes in NumPy arrays, arguments
        as for `reference`.
    dtypes : sequence of str
        Dtypes under test.
    tolerance : float
        Factor on what is allowed for a dtype.
    gradient : bool or sequence of str
        Whether gradients are checked: with respect to every array of the dtype under test, or to the named parameters
        alone.
    second : bool
        Whether second derivatives are checked too.
    direction : callable, optional
        Makes a perturbation admissible, for ops that look at part of their argument only: symmetric matrices.
    symbolic : bool
        Whether shape and dtype can be inferred; not where they depend on values.
    unknown : bool or sequence of str
        Whether they can be inferred too when the first size of every tensor is unknown, or of the named parameters.
    label : str
        What distinguishes it from the op's other cases; by default its number.
    """

    op: str
    args: Sequence[Any] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    reference: Callable[..., Any] | None = None
    verify: Callable[..., None] | None = None
    dtypes: Sequence[str] = ("float32",)
    tolerance: float = 1.0
    gradient: bool | Sequence[str] = False
    second: bool = True
    direction: Callable[[Array], Array] | None = None
    symbolic: bool = True
    unknown: bool | Sequence[str] = True
    label: str = ""

    def __post_init__(self) -> None:
        if (self.reference is None) == (self.verify is None):
            raise ValueError(f"case of {self.op!r}: give either a reference or verify")

    @property
    def definition(self) -> Op:
        """The op."""
        return registry[self.op]

    def arguments(self, dtype: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arguments with NumPy arrays of the dtype under test."""
        return self.mapped(lambda x: cast_array(x, dtype) if x.dtype == np.float64 else x)

    def mapped(self, function: Callable[[Array], Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Arguments with a function applied to every array."""
        return map_arrays(function, tuple(self.args)), map_arrays(function, dict(self.kwargs))

    def __str__(self) -> str:
        return f"{self.op}-{self.label}" if self.label else self.op


def map_arrays(function: Callable[[Array], Any], structure: Any) -> Any:
    """Apply a function to the NumPy arrays in a structure and leave the rest."""
    return tree.map_structure(lambda x: function(x) if isinstance(x, np.ndarray) else x, structure)


def cast_array(x: Array, dtype: str) -> Array:
    """`x` in another dtype; for integers and booleans rounded, and made positive where there is no sign."""
    from dl_ops.dtypes import is_float, is_int, numpy_dtype

    if dtype.startswith("u"):
        x = np.abs(x)
    if is_int(dtype):
        x = np.round(x)
    if dtype == "bool":
        x = x > 0
    return np.asarray(x).astype(numpy_dtype(dtype)) if not is_float(dtype) or x.dtype != dtype else x


@cache
def _all() -> dict[str, list[Case]]:
    # importing these defines every op
    importlib.import_module("dl_ops.ops")
    importlib.import_module("dl_ops.random")
    from dl_ops.testing import table as families

    table: dict[str, list[Case]] = {}
    for module in pkgutil.iter_modules(families.__path__):
        for case in importlib.import_module(f"{families.__name__}.{module.name}").CASES:
            table.setdefault(case.op, []).append(case)
    for entries in table.values():
        for number, case in enumerate(entries):
            if not case.label and len(entries) > 1:
                object.__setattr__(case, "label", str(number))
    return table


def cases(op_name: str) -> list[Case]:
    """Cases of an op.

    Examples
    --------
    >>> [str(case) for case in cases("exp")]
    ['exp']
    """
    if op_name not in registry:
        raise ValueError(f"cases(op_name={op_name!r}): there is no such op")
    return list(_all().get(op_name, []))


def cases_in_other_dtypes(dtypes: Sequence[str]) -> list[Case]:
    """The first case of each op in float32 that has a reference, in those of the dtypes that none of the op's is in.

    Examples
    --------
    >>> [str(case) for case in cases_in_other_dtypes(["bfloat16", "float64"]) if case.op == "exp"]
    ['exp-float64']
    """
    found = []
    for entries in _all().values():
        covered = {dtype for case in entries for dtype in case.dtypes}
        first = next((case for case in entries if "float32" in case.dtypes and case.reference is not None), None)
        for dtype in dtypes:
            if first is not None and dtype not in covered:
                label = f"{first.label}-{dtype}" if first.label else dtype
                found.append(replace(first, dtypes=(dtype,), label=label))
    return found


def all_cases() -> Iterator[Case]:
    """Cases of every op in the table, whether it is defined or not."""
    for entries in _all().values():
        yield from entries
