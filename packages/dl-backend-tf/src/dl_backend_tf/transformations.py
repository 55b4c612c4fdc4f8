"""Transformations of functions of lists of tensors, by TensorFlow's tapes and accumulators."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from dl_ops.backend.contract import Pullback


def value_and_grad(f: Callable[..., tuple[Any, Any]], inputs: Sequence[Any]) -> tuple[Any, Any, list[Any | None]]:
    """As `Backend.value_and_grad`."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        copies = _watched(tape, inputs)
        loss, aux = f(*copies)
        loss = tf.convert_to_tensor(loss)
    return loss, aux, _dense(tape.gradient(loss, copies))


def vjp(f: Callable[..., tuple[Sequence[Any], Any]], inputs: Sequence[Any]) -> tuple[list[Any], Any, Pullback]:
    """As `Backend.vjp`."""
    with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
        copies = _watched(tape, inputs)
        outputs, aux = f(*copies)
        outputs = [tf.convert_to_tensor(y) for y in outputs]

    def pullback(gradients: Sequence[Any]) -> list[Any | None]:
        given = [(y, g) for y, g in zip(outputs, gradients, strict=True) if g is not None]
        if not given:
            return [None] * len(copies)
        targets, seeds = zip(*given, strict=True)
        return _dense(tape.gradient(list(targets), copies, output_gradients=list(seeds)))

    return outputs, aux, pullback


class _Forward(threading.local):
    active = False


_forward = _Forward()


def is_forward() -> bool:
    """Whether tangents are carried forward, which loops of graphs cannot do."""
    return _forward.active


def jvp(
    f: Callable[..., tuple[Sequence[Any], Any]], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[list[Any], Any, list[Any | None]] | None:
    """As `Backend.jvp`, or ``None`` where accumulators fail: inside each other under a tape, at branches and loops
    of graphs, and where gradients are sparse.
    """
    if _forward.active or not tf.executing_eagerly():
        return None
    copies = [tf.identity(x) for x in primals]
    _forward.active = True
    try:
        with tf.autodiff.ForwardAccumulator(copies, list(tangents)) as accumulator:
            outputs, aux = f(*copies)
            outputs = [tf.convert_to_tensor(y) for y in outputs]
            moved = _dense([accumulator.jvp(y) for y in outputs])
    except AttributeError as error:
        if "IndexedSlices" not in str(error):
            raise
        return None
    finally:
        _forward.active = False
    return outputs, aux, moved


def custom_gradient(f: Callable[..., tuple[Sequence[Any], Pullback]], inputs: Sequence[Any]) -> list[Any]:
    """As `Backend.custom_gradient`."""

    @tf.custom_gradient  # type: ignore[untyped-decorator]  # TensorFlow ships no types
    def call(*values: Any) -> Any:
        outputs, pullback = f(*values)

        def back(*gradients: Any, variables: Sequence[Any] = ()) -> Any:
            # what is read beside the arguments is a constant
            pulled = pullback(list(gradients))
            return (pulled, [None] * len(variables)) if variables else pulled

        return [tf.convert_to_tensor(y) for y in outputs], back

    return list(call(*inputs))


def checkpoint(f: Callable[..., Sequence[Any]], inputs: Sequence[Any]) -> list[Any]:
    """As `Backend.checkpoint`, in graphs: eagerly, what `f` reads beside its arguments could not be found out."""
    if tf.executing_eagerly():
        return list(f(*inputs))
    specs = [tf.TensorSpec(x.shape, x.dtype) for x in inputs]
    function = tf.function(lambda *values: list(f(*values)), autograph=False).get_concrete_function(*specs)
    captured = list(function.captured_inputs)
    places = [i for i, x in enumerate(captured) if x.dtype.is_floating or x.dtype.is_complex]

    def run(values: Sequence[Any]) -> list[Any]:
        filled = list(captured)
        for i, x in zip(places, values[len(inputs) :], strict=True):
            filled[i] = x
        return list(function._call_flat(list(values[: len(inputs)]), filled))

    @tf.custom_gradient  # type: ignore[untyped-decorator]  # TensorFlow ships no types
    def call(*values: Any) -> Any:
        def back(*gradients: Any) -> Any:
            # as if it needed the gradients, so that it is not computed before they are
            with tf.control_dependencies(list(gradients)):
                copies = [tf.identity(x) for x in values]
            with tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(copies)
                outputs = run(copies)
            return tape.gradient(outputs, copies, output_gradients=list(gradients))

        return run(values), back

    return list(call(*inputs, *[captured[i] for i in places]))


def _watched(tape: Any, inputs: Sequence[Any]) -> list[Any]:
    # copies: f may hold the same tensors as constants
    copies = [tf.identity(x) for x in inputs]
    tape.watch(copies)
    return copies


def _dense(gradients: Sequence[Any]) -> list[Any | None]:
    return [None if g is None else tf.convert_to_tensor(g) for g in gradients]
