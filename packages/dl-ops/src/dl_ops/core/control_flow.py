"""Branches and loops whose course may depend on tensors.

The defaults run in Python and look at values; frameworks that trace have kernels.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from typing import Any

from dl_ops import ops, scopes, tree
from dl_ops.backend.contract import UnsupportedOp
from dl_ops.interchange import backend_of
from dl_ops.op import op
from dl_ops.rules import standardize_axis
from dl_ops.symbolic.inference import spec_of
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import ConditionLike, IndicesLike, Structure, TensorLike

__all__ = ["associative_scan", "cond", "fori_loop", "map", "scan", "switch", "vectorized_map", "while_loop"]


# -- helpers ----------------------------------------------------------------------------------------------------------


def _concrete(x: Any, where: str) -> Any:
    """Value of a scalar tensor as a NumPy scalar."""
    backend = backend_of(x)
    if backend is not None and not backend.is_concrete(x):
        raise UnsupportedOp(
            f"{where}: the {backend.name} backend cannot look at values while it traces, and has no kernel for this"
        )
    return ops.convert_to_numpy(x).item()


def _tensors(structure: Any) -> Any:
    """`structure` with tensors for Python numbers and arrays."""
    return tree.map_structure(lambda x: x if x is None else ops.convert_to_tensor(x), structure)


def _specs(structure: Any) -> Any:
    return tree.map_structure(lambda x: x if x is None else spec_of(x), structure)


def _symbolically(function: Callable[..., Any], *args: Any) -> Any:
    """Shapes and dtypes of what a function gives for symbolic arguments."""
    with scopes.symbolic_scope():
        return _specs(function(*args))


def _check_alike(got: Any, expected: Any, what: str, than: str) -> None:
    """Raise a ``ValueError`` unless two structures of symbolic tensors have the same shapes and dtypes."""
    try:
        tree.assert_same_structure(expected, got)
    except ValueError as error:
        raise ValueError(f"{what} has another structure than {than}: {error}") from None
    for a, b in zip(tree.flatten(got), tree.flatten(expected), strict=True):
        if a is None or b is None:
            continue
        if len(a.shape) != len(b.shape) or any(
            None not in (m, n) and m != n for m, n in zip(a.shape, b.shape, strict=True)
        ):
            raise ValueError(f"{what} has shape {a.shape}, {than} {b.shape}: expected the same")
        if a.dtype != b.dtype:
            raise ValueError(f"{what} has dtype {a.dtype}, {than} {b.dtype}: expected the same")


def _length(xs: Any, length: int | None) -> int | None:
    """Common size of the first axis of all tensors in `xs`."""
    sizes = [length]
    for x in tree.flatten(xs):
        if x is None:
            continue
        if not tuple(x.shape):
            raise ValueError("xs has a scalar: expected tensors with a leading axis to run over")
        sizes.append(x.shape[0])
    known = {size for size in sizes if size is not None}
    if len(known) > 1:
        raise ValueError(f"leading axes of xs, and length={length}, differ: {sorted(known)}")
    if not known and length is None and all(x is None for x in tree.flatten(xs)):
        raise ValueError("expected xs or length: nothing says how many steps there are")
    return known.pop() if known else None


def _without_leading_axis(xs: Any) -> Any:
    return tree.map_structure(lambda x: x if x is None else KerasTensor(x.shape[1:], x.dtype, record_history=False), xs)


def _with_leading_axis(ys: Any, length: int | None) -> Any:
    return tree.map_structure(
        lambda y: y if y is None else KerasTensor((length, *y.shape), y.dtype, record_history=False), ys
    )


def _row(xs: Any, index: int) -> Any:
    return tree.map_structure(lambda x: x if x is None else x[index], xs)


def _stacked(rows: Sequence[Any]) -> Any:
    return tree.map_structure(lambda *ys: None if ys[0] is None else ops.stack(ys), *rows)


def _nothing(specs: Any) -> Any:
    """Tensors without rows, for a loop of no steps."""
    return tree.map_structure(lambda y: y if y is None else ops.zeros((0, *y.shape), dtype=y.dtype), specs)


# -- branches ---------------------------------------------------------------------------------------------------------


def _cond_spec(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    if tuple(pred.shape):
        raise ValueError(f"pred has shape {pred.shape}: expected a scalar")
    result = _symbolically(true_fn)
    _check_alike(_symbolically(false_fn), result, "the result of false_fn", "that of true_fn")
    return result


@op(spec=_cond_spec)
def cond(pred: ConditionLike, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """Run one of two functions.

    Parameters
    ----------
    pred : tensor_like of bool, shape ()
    true_fn, false_fn : callable
        Take nothing; give structures of tensors of the same shapes and dtypes.

    Returns
    -------
    structure
        ``true_fn()`` if `pred`, else ``false_fn()``.

    Raises
    ------
    ValueError
        If `pred` is no scalar; while tracing, also if the two results differ in structure, shape or dtype.

    Examples
    --------
    >>> x = ops.convert_to_tensor(3.0)
    >>> float(cond(x > 2, lambda: x * 2, lambda: x))
    6.0
    """
    return true_fn() if _concrete(pred, "cond()") else false_fn()


def _switch_spec(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    if not branches:
        raise ValueError("branches is empty: expected at least one function")
    if tuple(index.shape):
        raise ValueError(f"index has shape {index.shape}: expected a scalar")
    result = _symbolically(branches[0], *operands)
    for i, branch in enumerate(branches[1:], start=1):
        _check_alike(_symbolically(branch, *operands), result, f"the result of branches[{i}]", "that of branches[0]")
    return result


@op(spec=_switch_spec)
def switch(index: IndicesLike, branches: Sequence[Callable[..., Any]], *operands: TensorLike) -> Any:
    """Run one of several functions.

    Parameters
    ----------
    index : tensor_like of int, shape ()
        Which; limited to the range from 0 to ``len(branches) - 1``.
    branches : sequence of callable
        Take the operands; give structures of tensors of the same shapes and dtypes.
    *operands : tensor_like

    Returns
    -------
    structure
        ``branches[index](*operands)``.

    Raises
    ------
    ValueError
        If there is no branch; while tracing, also if their results differ in structure, shape or dtype.

    Examples
    --------
    >>> branches = [lambda x: x + 1, lambda x: x * 2]
    >>> int(switch(0, branches, 5)), int(switch(7, branches, 5))
    (6, 10)
    """
    if not branches:
        raise ValueError("switch(): branches is empty, expected at least one function")
    return branches[builtins.min(builtins.max(_concrete(index, "switch()"), 0), len(branches) - 1)](*operands)


# -- loops ------------------------------------------------------------------------------------------------------------


def _loop_spec(cond: Any, body: Any, loop_vars: Any, maximum_iterations: int | None = None) -> Any:
    many = isinstance(loop_vars, (list, tuple))
    state = tuple(loop_vars) if many else loop_vars
    after = _symbolically(body, *loop_vars) if many else _symbolically(body, loop_vars)
    if many:
        after = _as_tuple(after)
    _check_alike(after, state, "the result of body", "loop_vars")
    return state


def _as_tuple(x: Any) -> tuple[Any, ...]:
    return tuple(x) if isinstance(x, (list, tuple)) else (x,)


@op(spec=_loop_spec)
def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Structure, maximum_iterations: int | None = None
) -> Any:
    """Repeat a function as long as a condition holds.

    Parameters
    ----------
    cond, body : callable
        Take the loop variables as arguments; `cond` gives a boolean scalar, `body` the next values, of the same shapes
        and dtypes.
    loop_vars : structure of tensor_like
        First values: a list or tuple of structures, each an argument of its own, or a single one.
    maximum_iterations : int, optional
        Stop after so many repetitions.

    Returns
    -------
    structure
        Last values; a tuple where `loop_vars` is a list or tuple.

    Raises
    ------
    ValueError
        While tracing, if `body` changes the structure, a shape or a dtype.

    Examples
    --------
    >>> steps, value = while_loop(lambda i, x: x < 100, lambda i, x: (i + 1, x * 2), (0, 1))
    >>> int(steps), int(value)
    (7, 128)
    """
    many = isinstance(loop_vars, (list, tuple))
    values = tuple(loop_vars) if many else (loop_vars,)
    iterations = 0
    while (maximum_iterations is None or iterations < maximum_iterations) and _concrete(cond(*values), "while_loop()"):
        values = _tensors(_as_tuple(body(*values)) if many else (body(*values),))
        iterations += 1
    return values if many else values[0]


def _fori_spec(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    after = _symbolically(body_fun, KerasTensor((), "int32", record_history=False), init_val)
    _check_alike(after, init_val, "the result of body_fun", "init_val")
    return init_val


@op(spec=_fori_spec)
def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Structure) -> Any:
    """Repeat a function with a counter.

    Parameters
    ----------
    lower, upper : int or scalar tensor of int
        The counter runs from `lower` up to and without `upper`.
    body_fun : callable
        ``body_fun(counter, value)`` gives the next value, of the same structure, shapes and dtypes.
    init_val : structure of tensor_like
        First value.

    Returns
    -------
    structure
        Last value.

    Raises
    ------
    ValueError
        While tracing, if `body_fun` changes the structure, a shape or a dtype.

    Examples
    --------
    >>> float(fori_loop(1, 5, lambda i, x: x * i, 1.0))
    24.0
    """
    value = init_val
    for i in range(int(_concrete(lower, "fori_loop()")), int(_concrete(upper, "fori_loop()"))):
        value = _tensors(body_fun(i, value))
    return value


def _scan_spec(
    f: Callable[[Any, Any], Any],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: Any = 1,
) -> Any:
    steps = _length(xs, length)
    carry, y = _symbolically(f, init, _without_leading_axis(xs))
    _check_alike(carry, init, "the carry that f gives", "init")
    return init, _with_leading_axis(y, steps)


@op(spec=_scan_spec)
def scan(
    f: Callable[[Any, Any], Any],
    init: Structure,
    xs: Structure = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> tuple[Any, Any]:
    """Run a function along the leading axis of tensors, handing a state from step to step.

    Parameters
    ----------
    f : callable
        ``f(carry, x)`` gives the next carry, of the same structure, shapes and dtypes, and the step's result, which may
        be ``None``.
    init : structure of tensor_like
        First carry.
    xs : structure of tensor_like, shape (steps, ...), optional
        `f` gets a row of each.
    length : int, optional
        Number of steps; needed without `xs`.
    reverse : bool, default False
        Begin with the last row. The results still stand at the places of their rows.
    unroll : int or bool, default 1
        How many steps a compiler should put into one iteration; has no effect on the result.

    Returns
    -------
    carry : structure
        The last one.
    ys : structure of tensor, shape (steps, ...)
        The results of all steps.

    Raises
    ------
    ValueError
        If the leading axes differ, or nothing says how many steps there are.

    Examples
    --------
    >>> total, sums = scan(lambda carry, x: (carry + x, carry + x), 0, ops.arange(1, 4))
    >>> int(total), sums.tolist()
    (6, [1, 3, 6])
    """
    steps = _length(xs, length)
    if steps is None:
        raise UnsupportedOp(
            "scan(): the leading axis of xs is unknown while tracing, and the backend has no kernel for this"
        )
    carry = init
    rows: list[Any] = [None] * steps
    for i in reversed(range(steps)) if reverse else range(steps):
        carry, rows[i] = f(carry, _row(xs, i))
        carry = _tensors(carry)
    if not rows:
        _, y = _symbolically(f, _specs(init), _without_leading_axis(_specs(xs)))
        return carry, _nothing(y)
    return carry, _stacked(rows)


def _map_spec(f: Callable[[Any], Any], xs: Any) -> Any:
    return _with_leading_axis(_symbolically(f, _without_leading_axis(xs)), _length(xs, None))


@op(spec=_map_spec)
def map(f: Callable[[Any], Any], xs: Structure) -> Any:
    """Run a function on each row of tensors, one after the other.

    Parameters
    ----------
    f : callable
        Takes a structure like `xs` of rows, gives a structure of tensors.
    xs : structure of tensor_like, shape (rows, ...)

    Returns
    -------
    structure of tensor, shape (rows, ...)

    Raises
    ------
    ValueError
        If the leading axes differ.

    Examples
    --------
    >>> map(ops.sum, ops.convert_to_tensor([[1, 2], [3, 4]])).tolist()
    [3, 7]
    """
    return _mapped(f, xs)


def _mapped(f: Callable[[Any], Any], xs: Any) -> Any:
    rows = _length(xs, None)
    if rows is None:
        raise UnsupportedOp("map(): the leading axis is unknown while tracing, and the backend has no kernel for this")
    if not rows:
        return _nothing(_symbolically(f, _without_leading_axis(_specs(xs))))
    return _stacked([f(_row(xs, i)) for i in range(rows)])


@op(spec=_map_spec)
def vectorized_map(function: Callable[[Any], Any], elements: Structure) -> Any:
    """Run a function on all rows of tensors at once, where the framework can, as if on each by itself.

    Parameters
    ----------
    function : callable
        Takes a structure like `elements` of rows, gives a structure of tensors.
    elements : structure of tensor_like, shape (rows, ...)

    Returns
    -------
    structure of tensor, shape (rows, ...)

    Raises
    ------
    ValueError
        If the leading axes differ.

    Examples
    --------
    >>> x = ops.convert_to_tensor([[1, 2], [3, 4]])
    >>> vectorized_map(lambda pair: ops.sum(pair[0] * pair[1]), (x, x)).tolist()
    [5, 25]
    """
    return _mapped(function, elements)


def _associative_spec(f: Callable[[Any, Any], Any], elems: Any, reverse: bool = False, axis: int = 0) -> Any:
    _common_size(tree.flatten(elems), axis)
    result = _symbolically(f, elems, elems)
    _check_alike(result, elems, "the result of f", "elems")
    return elems


def _common_size(leaves: Sequence[Any], axis: int) -> int | None:
    sizes = {x.shape[standardize_axis(axis, len(x.shape))] for x in leaves} - {None}
    if len(sizes) > 1:
        raise ValueError(f"sizes along axis {axis} differ: {sorted(sizes)}")
    return sizes.pop() if sizes else None


@op(spec=_associative_spec)
def associative_scan(f: Callable[[Any, Any], Any], elems: Structure, reverse: bool = False, axis: int = 0) -> Any:
    """Running results of an associative operation along an axis, in a number of rounds logarithmic in the length.

    Parameters
    ----------
    f : callable
        ``f(a, b)`` combines structures like `elems` element by element, and is associative: ``f(f(a, b), c) == f(a,
        f(b, c))``.
    elems : structure of tensor_like
        All of the same size along `axis`.
    reverse : bool, default False
        Begin at the end.
    axis : int, default 0

    Returns
    -------
    structure of tensor
        Like `elems`: its first element, the first two combined, and so on.

    Raises
    ------
    ValueError
        If the sizes along `axis` differ.

    References
    ----------
    Blelloch, "Prefix Sums and Their Applications", CMU-CS-90-190.

    Examples
    --------
    >>> associative_scan(lambda a, b: a + b, ops.arange(1, 5)).tolist()
    [1, 3, 6, 10]
    """
    leaves = tree.flatten(elems)
    size = _common_size(leaves, axis)
    if size is None:
        raise UnsupportedOp(
            "associative_scan(): the size is unknown while tracing, and the backend has no kernel for this"
        )
    if reverse:
        leaves = [ops.flip(x, axis=axis) for x in leaves]

    def combine(a: list[Any], b: list[Any]) -> list[Any]:
        return tree.flatten(f(tree.pack_sequence_as(elems, a), tree.pack_sequence_as(elems, b)))

    result = _prefixes(combine, leaves, size, axis)
    if reverse:
        result = [ops.flip(x, axis=axis) for x in result]
    return tree.pack_sequence_as(elems, result)


def _prefixes(
    combine: Callable[[list[Any], list[Any]], list[Any]], leaves: list[Any], size: int, axis: int
) -> list[Any]:
    if size < 2:
        return leaves

    def part(xs: list[Any], start: int, stop: int | None, step: int) -> list[Any]:
        return [x[(slice(None),) * (axis % len(x.shape)) + (slice(start, stop, step),)] for x in xs]

    # prefixes that end at odd places come from pairs, half as many; the others from these and one element more
    pairs = combine(part(leaves, 0, size - 1, 2), part(leaves, 1, None, 2))
    odd = _prefixes(combine, pairs, size // 2, axis)
    first = part(leaves, 0, 1, 1)
    if size == 2:
        even = first
    else:
        rest = combine(part(odd, 0, (size - 1) // 2, 1), part(leaves, 2, None, 2))
        even = [ops.concatenate([a, b], axis=axis) for a, b in zip(first, rest, strict=True)]
    half = size - size // 2
    order = [i // 2 if i % 2 == 0 else half + i // 2 for i in range(size)]
    return [ops.take(ops.concatenate([a, b], axis=axis), order, axis=axis) for a, b in zip(even, odd, strict=True)]
