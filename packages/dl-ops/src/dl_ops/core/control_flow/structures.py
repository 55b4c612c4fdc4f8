"""Structures of tensors that branches and loops take and give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dl_ops import ops, scopes, tree
from dl_ops.backend.contract import UnsupportedOp
from dl_ops.interchange import backend_of
from dl_ops.symbolic.inference import spec_of
from dl_ops.symbolic.keras_tensor import KerasTensor


def concrete(x: Any, where: str) -> Any:
    """Value of a scalar tensor as a NumPy scalar."""
    backend = backend_of(x)
    if backend is not None and not backend.is_concrete(x):
        raise UnsupportedOp(
            f"{where}: the {backend.name} backend cannot look at values while it traces, and has no kernel for this"
        )
    return ops.convert_to_numpy(x).item()


def tensors(structure: Any) -> Any:
    """`structure` with tensors for Python numbers and arrays."""
    return tree.map_structure(lambda x: x if x is None else ops.convert_to_tensor(x), structure)


def specs(structure: Any) -> Any:
    """Symbolic tensors of the shapes and dtypes of tensors."""
    return tree.map_structure(lambda x: x if x is None else spec_of(x), structure)


def symbolically(function: Callable[..., Any], *args: Any) -> Any:
    """Shapes and dtypes of what a function gives for symbolic arguments."""
    with scopes.symbolic_scope():
        return specs(function(*args))


def check_alike(got: Any, expected: Any, what: str, than: str) -> None:
    """Raise a ``ValueError`` unless two structures of symbolic tensors have the same shapes and dtypes."""
    check_structure(got, expected, what, than)
    for a, b in zip(tree.flatten(got), tree.flatten(expected), strict=True):
        if a is None or b is None:
            continue
        if len(a.shape) != len(b.shape) or any(
            None not in (m, n) and m != n for m, n in zip(a.shape, b.shape, strict=True)
        ):
            raise ValueError(f"{what} has shape {a.shape}, {than} {b.shape}: expected the same")
        if a.dtype != b.dtype:
            raise ValueError(f"{what} has dtype {a.dtype}, {than} {b.dtype}: expected the same")


def check_callable(**functions: Any) -> None:
    """Raise a ``TypeError`` that names what is no function."""
    for name, function in functions.items():
        if not callable(function):
            raise TypeError(f"{name}={function!r}: expected a function")


def check_structure(got: Any, expected: Any, what: str, than: str) -> None:
    """Raise a ``ValueError`` unless two structures are the same but for their leaves."""
    try:
        tree.assert_same_structure(expected, got)
    except ValueError as error:
        raise ValueError(f"{what} has another structure than {than}: {error}") from None


def common_length(xs: Any, length: int | None, name: str = "xs") -> int | None:
    """Common size of the first axis of all tensors in `xs`."""
    sizes = [length]
    for x in tree.flatten(xs):
        if x is None:
            continue
        if not tuple(x.shape):
            raise ValueError(f"{name} has a scalar: expected tensors with a leading axis to run over")
        sizes.append(x.shape[0])
    known = {size for size in sizes if size is not None}
    if len(known) > 1:
        raise ValueError(f"leading axes of {name}, and length={length}, differ: {sorted(known)}")
    if not known and length is None and all(x is None for x in tree.flatten(xs)):
        raise ValueError("expected xs or length: nothing says how many steps there are")
    return known.pop() if known else None


def without_leading_axis(xs: Any) -> Any:
    """Rows of symbolic tensors."""
    return tree.map_structure(lambda x: x if x is None else KerasTensor(x.shape[1:], x.dtype, record_history=False), xs)


def with_leading_axis(ys: Any, length: int | None) -> Any:
    """Symbolic tensors of so many rows."""
    return tree.map_structure(
        lambda y: y if y is None else KerasTensor((length, *y.shape), y.dtype, record_history=False), ys
    )


def row(xs: Any, index: int) -> Any:
    """One row of each tensor."""
    return tree.map_structure(lambda x: x if x is None else x[index], xs)


def stacked(rows: Sequence[Any]) -> Any:
    """Tensors of rows, inverse of `row`."""
    return tree.map_structure(lambda *ys: None if ys[0] is None else ops.stack(ys), *rows)


def nothing(specs: Any) -> Any:
    """Tensors without rows, for a loop of no steps."""
    return tree.map_structure(lambda y: y if y is None else ops.zeros((0, *y.shape), dtype=y.dtype), specs)
