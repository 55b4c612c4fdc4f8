"""Functions of numbers as functions of tensors."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from dl_ops import ops
from dl_ops.core.tensors import ndim
from dl_ops.core.tensors import shape as shape_of
from dl_ops.interchange import convert_to_tensor
from dl_ops.rules import broadcast_shapes, product
from dl_ops.typing import Shape

__all__ = ["vectorize"]

_CORE: Final = r"\((?:\w+(?:,\w+)*)?\)"
_SIGNATURE: Final = re.compile(rf"({_CORE}(?:,{_CORE})*)?->({_CORE}(?:,{_CORE})*)")


def vectorize(
    pyfunc: Callable[..., Any], *, excluded: Collection[int | str] | None = None, signature: str | None = None
) -> Callable[..., Any]:
    """Make a function of numbers, or of small tensors, one of tensors of any shape.

    Parameters
    ----------
    pyfunc : callable
        Takes and returns tensors; a tuple of them for several results.
    excluded : collection of int and str, optional
        Positions and names of arguments that are handed on as they are.
    signature : str, optional
        Which axes, the last ones, of each argument and result belong to `pyfunc`, as in ``"(m,n),(n)->(m)"`` for the
        product of a matrix and a vector. By default none do.

    Returns
    -------
    callable
        Of the same arguments. Their other axes broadcast with each other, and the results have them in front.

    Raises
    ------
    ValueError
        If `pyfunc` is not callable or `signature` not of that form; when called, if shapes do not fit it.

    Examples
    --------
    >>> add = vectorize(lambda a, b: a + b)
    >>> add([1, 2, 3], 2).tolist()
    [3, 4, 5]
    >>> dot = vectorize(lambda a, b: ops.sum(a * b), signature="(n),(n)->()")
    >>> dot([[1, 2], [3, 4]], [1, 1]).tolist()
    [3, 7]
    """
    if not callable(pyfunc):
        raise ValueError(f"vectorize(pyfunc={pyfunc!r}): expected a function")
    cores = None if signature is None else _parse(signature)
    fixed = frozenset(() if excluded is None else excluded)

    @functools.wraps(pyfunc)
    def vectorized(*args: Any, **kwargs: Any) -> Any:
        places = [key for key in (*range(len(args)), *kwargs) if key not in fixed]
        if cores is not None and len(cores[0]) != len(places):
            raise TypeError(
                f"vectorize(signature={signature!r}): expected {len(cores[0])} arguments that are not excluded, "
                f"got {len(places)}"
            )
        given: dict[int | str, Any] = dict((*enumerate(args), *kwargs.items()))

        def call(elements: Sequence[Any]) -> Any:
            filled = {**given, **dict(zip(places, elements, strict=True))}
            return pyfunc(*(filled[i] for i in range(len(args))), **{name: filled[name] for name in kwargs})

        return _looped(call, [convert_to_tensor(given[key]) for key in places], cores)

    return vectorized


_Cores = tuple[list[tuple[str, ...]], list[tuple[str, ...]]]


def _parse(signature: str) -> _Cores:
    """Names of the axes of each argument and each result."""
    match = _SIGNATURE.fullmatch(signature.replace(" ", ""))
    if match is None:
        raise ValueError(f"vectorize(signature={signature!r}): expected the form '(m,n),(n)->(m)'")
    before, after = (re.findall(_CORE, part or "") for part in match.groups())
    return [_names(core) for core in before], [_names(core) for core in after]


def _names(core: str) -> tuple[str, ...]:
    return tuple(name for name in core[1:-1].split(",") if name)


def _looped(call: Callable[[Sequence[Any]], Any], tensors: Sequence[Any], cores: _Cores | None) -> Any:
    """Result of a function of tensors' last axes, along all of their others."""
    names = [()] * len(tensors) if cores is None else cores[0]
    sizes: dict[str, int | None] = {}
    for x, core in zip(tensors, names, strict=True):
        if ndim(x) < len(core):
            raise ValueError(f"vectorize(): an argument of shape {shape_of(x)} does not have the axes {core}")
        _note(sizes, core, shape_of(x)[ndim(x) - len(core) :])
    outer = [shape_of(x)[: ndim(x) - len(core)] for x, core in zip(tensors, names, strict=True)]
    loop = broadcast_shapes(*outer)

    def checked(elements: Sequence[Any]) -> Any:
        return _checked(call(elements), None if cores is None else cores[1], sizes)

    if not loop:
        return checked(tensors)
    rows = [_rows(x, loop, len(core)) for x, core in zip(tensors, names, strict=True)]
    result = ops.vectorized_map(checked, rows)
    if isinstance(result, tuple):
        return tuple(_unrolled(y, loop) for y in result)
    return _unrolled(result, loop)


def _note(sizes: dict[str, int | None], core: Sequence[str], shape: Shape) -> None:
    for name, size in zip(core, shape, strict=True):
        if None not in (size, sizes.get(name)) and sizes[name] != size:
            raise ValueError(f"vectorize(): axis {name!r} has sizes {sizes[name]} and {size}")
        sizes[name] = size if sizes.get(name) is None else sizes[name]


def _rows(x: Any, loop: Shape, core: int) -> Any:
    """`x` with its axes, but for the last `core` ones, broadcast to `loop` and made into one."""
    own = shape_of(x)[ndim(x) - core :]
    spread = ops.broadcast_to(ops.reshape(x, (1,) * (len(loop) + core - ndim(x)) + shape_of(x)), (*loop, *own))
    return spread if len(loop) == 1 else ops.reshape(spread, (product(loop), *own))


def _unrolled(y: Any, loop: Shape) -> Any:
    return y if len(loop) == 1 else ops.reshape(y, (*loop, *shape_of(y)[1:]))


def _checked(result: Any, cores: Sequence[tuple[str, ...]] | None, sizes: Mapping[str, int | None]) -> Any:
    """What the function gave, as tensors of the shapes that the signature says."""
    several = isinstance(result, (tuple, list))
    tensors = [convert_to_tensor(y) for y in (result if several else (result,))]
    if cores is not None and (len(tensors) != len(cores) or several != (len(cores) > 1)):
        found = f"{len(tensors)} results in a {type(result).__name__}" if several else "one"
        raise TypeError(f"vectorize(): the signature has {len(cores)} results, the function gave {found}")
    if cores is not None:
        known = dict(sizes)
        for y, core in zip(tensors, cores, strict=True):
            if ndim(y) != len(core):
                raise ValueError(f"vectorize(): a result has shape {shape_of(y)}, the signature the axes {core}")
            _note(known, core, shape_of(y))
    return tuple(tensors) if several else tensors[0]
