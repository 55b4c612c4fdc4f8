"""Branches and loops inside graphs; where values are known, the defaults run them in Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, default_of, is_symbolic
from dl_ops import tree
from dl_ops.backend import Kernels, assignments

kernels = Kernels()


def _flat(structure: Any) -> list[Tensor]:
    return [tf.convert_to_tensor(x) for x in tree.flatten(structure) if x is not None]


def _packed(structure: Any, leaves: Sequence[Tensor]) -> Any:
    rest = iter(leaves)
    return tree.map_structure(lambda x: None if x is None else next(rest), structure)


def _branch(function: Callable[..., Any], variables: Any, values: Any, results: list[Any], *args: Any) -> Any:
    """A branch whose result TensorFlow sees as flat lists; `results` gets its structure."""

    def run() -> tuple[list[Tensor], list[Tensor]]:
        after, result = assignments.call(function, variables, values, *args)
        results.append(result)
        return _flat(after), _flat(result)

    return run


@kernels.add
def cond(pred: Tensor, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    if not is_symbolic(pred):
        return default_of("cond")(pred, true_fn, false_fn)

    def run(variables: Any, values: Any) -> Any:
        results: list[Any] = []
        branches = [_branch(function, variables, values, results) for function in (true_fn, false_fn)]
        after, leaves = tf.cond(tf.reshape(pred, []), *branches)
        return after, _packed(results[0], leaves)

    return assignments.threading(run)


@kernels.add
def switch(index: Tensor, branches: Sequence[Callable[..., Any]], *operands: Tensor) -> Any:
    if not is_symbolic(index):
        return default_of("switch")(index, branches, *operands)

    def run(variables: Any, values: Any) -> Any:
        results: list[Any] = []
        functions = [_branch(branch, variables, values, results, *operands) for branch in branches]
        chosen = tf.clip_by_value(tf.cast(tf.reshape(index, []), tf.int32), 0, len(branches) - 1)
        after, leaves = tf.switch_case(chosen, functions)
        return after, _packed(results[0], leaves)

    return assignments.threading(run)


@kernels.add
def while_loop(
    cond: Callable[..., Any], body: Callable[..., Any], loop_vars: Any, maximum_iterations: int | None = None
) -> Any:
    if not is_symbolic(*tree.flatten(loop_vars)):
        return default_of("while_loop")(cond, body, loop_vars, maximum_iterations)
    several = isinstance(loop_vars, (list, tuple))
    start = tuple(loop_vars) if several else (loop_vars,)

    def run(variables: Any, values: Any) -> Any:
        def step(values: Any, leaves: Any) -> Any:
            after, result = assignments.call(body, variables, values, *_packed(start, leaves))
            return _flat(after), _flat(tuple(result) if several else (result,))

        after, leaves = tf.while_loop(
            lambda values, leaves: tf.reshape(cond(*_packed(start, leaves)), []),
            step,
            (list(values), _flat(start)),
            maximum_iterations=maximum_iterations,
        )
        return after, _packed(start, leaves)

    result = assignments.threading(run)
    return result if several else result[0]


@kernels.add
def fori_loop(lower: Any, upper: Any, body_fun: Callable[[Any, Any], Any], init_val: Any) -> Any:
    if not is_symbolic(lower, upper, *tree.flatten(init_val)):
        return default_of("fori_loop")(lower, upper, body_fun, init_val)
    limit = tf.cast(upper, tf.int32)
    _, value = while_loop(
        lambda i, value: i < limit, lambda i, value: (i + 1, body_fun(i, value)), (tf.cast(lower, tf.int32), init_val)
    )
    return value


@kernels.add
def scan(
    f: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
    unroll: int | bool = 1,
) -> Any:
    rows = [x for x in tree.flatten(xs) if x is not None]
    if not is_symbolic(*rows, *tree.flatten(init)):
        return default_of("scan")(f, init, xs, length, reverse, unroll)
    count = tf.shape(rows[0])[0] if rows else tf.constant(length)
    steps = rows[0].shape[0] if rows else length

    def run(variables: Any, values: Any) -> Any:
        structures: list[Any] = []
        # the gradient of a row taken by its index is as large as all rows; that of one read from an array is a row
        given = [_array(x.dtype, count, x.shape[1:]).unstack(x) for x in rows]

        def step(values: Any, carry: Any, row: Any) -> Any:
            after, (carry, y) = assignments.call(f, variables, values, _packed(init, carry), _packed(xs, row))
            structures.append(y)
            return _flat(after), _flat(carry), _flat(y)

        # what a step gives, traced apart, says which arrays to collect
        probe = tf.function(lambda: step(values, _flat(init), [tf.gather(x, 0) for x in rows])[2], autograph=False)
        specs = tree.flatten(probe.get_concrete_function().structured_outputs)
        arrays = [_array(s.dtype, count, s.shape) for s in specs]

        def turn(i: Any, values: Any, carry: Any, arrays: Any) -> Any:
            place = count - 1 - i if reverse else i
            after, carry, y = step(values, carry, [array.read(place) for array in given])
            return i + 1, after, carry, [array.write(place, x) for array, x in zip(arrays, y, strict=True)]

        _, after, carry, arrays = tf.while_loop(
            lambda i, *_: i < count,
            turn,
            (tf.constant(0), list(values), _flat(init), arrays),
            maximum_iterations=count,
        )
        ys = [array.stack() for array in arrays]
        for y in ys:
            y.set_shape([steps, *y.shape[1:]])
        return after, (_packed(init, carry), _packed(structures[-1], ys))

    return assignments.threading(run)


def _array(dtype: Any, count: Any, shape: Any) -> Any:
    return tf.TensorArray(dtype, count, element_shape=shape, clear_after_read=False)


@kernels.add
def map(f: Callable[[Any], Any], xs: Any) -> Any:
    if not is_symbolic(*tree.flatten(xs)):
        return default_of("map")(f, xs)
    return scan(lambda carry, x: (carry, f(x)), None, xs)[1]
