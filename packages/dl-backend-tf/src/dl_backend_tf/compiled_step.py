"""A training step over variables as TensorFlow graphs, one for each kind of arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import tensorflow as tf

from dl_ops import tree
from dl_ops.backend import Backend, backend_scope
from dl_ops.backend.contract import Step
from dl_ops.scopes import StatelessScope
from dl_ops.variable import Variable

_EXACT_SHAPES: Final = 3
"""Graphs for exact shapes that are built before one with unknown sizes is tried."""


class _Graph(NamedTuple):
    shapes: list[tuple[int | None, ...]]
    run: Callable[..., Any]


class CompiledStep:
    """Graphs of `step`; see `Backend.compile_step`.

    A graph reads each variable once, keeps its values as tensors, and assigns at the end those that the step
    assigned; unless the step has a tape of its own, that must see it read them. Graphs are called directly: that takes
    half of the time that ``tf.function`` takes to find out which one to call. Where more shapes come than the full and
    the last batch, sizes that vary are left unknown, if the step can do with that. Several steps in one call are
    compiled by XLA, which pays for their loop, where its code is fast.

    Parameters
    ----------
    backend : Backend
    step : callable
    state : sequence of Variable
    steps_per_call : int
    differentiates : bool

    Raises
    ------
    ValueError
        When called, if `step` assigns a variable that is not in `state`.
    """

    def __init__(
        self, backend: Backend, step: Step, state: Sequence[Variable], steps_per_call: int, differentiates: bool
    ) -> None:
        self._backend, self._step, self._steps_per_call = backend, step, steps_per_call
        self._differentiates = differentiates
        self._state = list({id(variable): variable for variable in state}.values())
        self._by_shapes: dict[Any, Callable[..., Any]] = {}
        self._graphs: dict[Any, list[_Graph]] = {}
        self._needs_sizes = False
        self._written: set[int] = set()

    def __call__(self, *args: Any) -> Any:
        plain = all(isinstance(x, (np.ndarray, tf.Tensor)) for x in args)
        leaves = args if plain else [x for x in tree.flatten(args) if x is not None]
        structure = len(args) if plain else repr(tree.map_structure(lambda x: x is None, args))
        tensors = [x if isinstance(x, tf.Tensor) else self._backend.to_tensor(x) for x in leaves]
        key = (structure, *[(x.dtype, *x.shape) for x in tensors])
        run = self._by_shapes.get(key)
        if run is None:
            run = self._by_shapes[key] = self._graph(structure, args, tensors)
        return run(*tensors)

    def _graph(self, structure: Any, args: tuple[Any, ...], tensors: Sequence[Any]) -> Callable[..., Any]:
        """Graph for such arguments: one with unknown sizes that fits, or a new one."""
        shapes = [tuple(x.shape) for x in tensors]
        graphs = self._graphs.setdefault((structure, *[(x.dtype, len(x.shape)) for x in tensors]), [])
        for graph in graphs:
            if all(map(_fits, shapes, graph.shapes)):
                return graph.run
        if len(graphs) >= _EXACT_SHAPES - 1 and not self._needs_sizes:
            seen = [*(graph.shapes for graph in graphs), shapes]
            common = [tuple(map(_common, *alternatives)) for alternatives in zip(*seen, strict=True)]
            try:
                graph = _Graph(common, self._build(args, tensors, common))
            except (TypeError, ValueError, NotImplementedError, tf.errors.OpError):
                # something in the step needs to know all sizes; what is wrong otherwise, the exact graph says too
                self._needs_sizes = True
            else:
                graphs.append(graph)
                return graph.run
        graph = _Graph(shapes, self._build(args, tensors, shapes))
        graphs.append(graph)
        return graph.run

    def _build(
        self, args: tuple[Any, ...], tensors: Sequence[Any], shapes: Sequence[tuple[int | None, ...]]
    ) -> Callable[..., Any]:
        def run(*tensors: Any) -> Any:
            rest = iter(tensors)
            filled = tree.map_structure(lambda x: None if x is None else next(rest), args)
            return self._several(filled)

        specs = [tf.TensorSpec(shape, x.dtype) for shape, x in zip(shapes, tensors, strict=True)]
        graph = tf.function(run, autograph=False).get_concrete_function(*specs)
        if self._steps_per_call == 1 or self._differentiates or not _is_fused_well(graph):
            return graph  # type: ignore[no-any-return]  # a function
        return _FusedGraph(tf.function(run, autograph=False, jit_compile=True).get_concrete_function(*specs), graph)

    def _several(self, args: Any) -> Any:
        if self._differentiates:
            return self._looped(self._own, args, [])[0]
        values = [self._backend.read_storage(variable._value) for variable in self._state]
        result, values = self._looped(self._once, args, values)
        for variable, value in zip(self._state, values, strict=True):
            if id(variable) in self._written:
                variable._write(value)
        return result

    def _looped(self, step: Callable[..., Any], args: Any, values: list[Any]) -> tuple[Any, list[Any]]:
        """Result of the last of the steps, and the values that the variables have then."""
        if self._steps_per_call == 1:
            return step(args, values)  # type: ignore[no-any-return]  # of two
        # the first step outside of the loop, to know what a result looks like
        result, values = step(tree.map_structure(_row(0), args), values)

        def turn(i: Any, leaves: list[Any], values: list[Any]) -> Any:
            result, values = step(tree.map_structure(_row(i), args), values)
            return i + 1, _tensors(result), values

        start = (tf.constant(1), _tensors(result), values)
        _, leaves, values = tf.while_loop(lambda i, *_: i < self._steps_per_call, turn, start)
        rest = iter(leaves)
        return tree.map_structure(lambda x: None if x is None else next(rest), result), values

    def _own(self, args: Any, values: list[Any]) -> tuple[Any, list[Any]]:
        """A step that reads and assigns the variables itself."""
        with backend_scope(self._backend):
            return self._step(*args), values

    def _once(self, args: Any, values: list[Any]) -> tuple[Any, list[Any]]:
        """A step as a pure function of the values of the variables."""
        with backend_scope(self._backend), StatelessScope(zip(self._state, values, strict=True)) as scope:
            result = self._step(*args)
        known = {id(variable) for variable in self._state}
        strangers = [repr(variable.path) for variable in scope.written if id(variable) not in known]
        if strangers:
            raise ValueError(
                f"the compiled step assigns {', '.join(strangers)}, not among the variables it was compiled for"
            )
        self._written.update(map(id, scope.written))
        return result, [scope.get_current_value(variable) for variable in self._state]


class _FusedGraph:
    """A graph compiled by XLA or, if that turns out to be beyond it, as it is."""

    def __init__(self, fused: Callable[..., Any], graph: Callable[..., Any]) -> None:
        self._run, self._graph = fused, graph

    def __call__(self, *tensors: Any) -> Any:
        try:
            return self._run(*tensors)
        except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError, tf.errors.NotFoundError):
            # it is compiled before anything of it runs
            if self._run is self._graph:
                raise
            self._run = self._graph
            return self._run(*tensors)


def _is_fused_well(graph: Any) -> bool:
    """Whether XLA's code for a graph is fast: on processors its convolutions are many times slower than oneDNN's."""
    if tf.config.list_logical_devices("GPU"):
        return True
    definition = graph.graph.as_graph_def()
    nodes = [*definition.node, *(node for function in definition.library.function for node in function.node_def)]
    return not any("Conv" in node.op for node in nodes)


def _tensors(result: Any) -> list[Any]:
    return [tf.convert_to_tensor(x) for x in tree.flatten(result) if x is not None]


def _row(i: Any) -> Callable[[Any], Any]:
    return lambda x: None if x is None else x[i]


def _fits(shape: Sequence[int | None], general: Sequence[int | None]) -> bool:
    return all(size in (None, exact) for exact, size in zip(shape, general, strict=True))


def _common(*sizes: int | None) -> int | None:
    return sizes[0] if len(set(sizes)) == 1 else None
