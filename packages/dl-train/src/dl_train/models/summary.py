"""The table that `Model.summary` prints."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from dl_layers.layer import Layer
from dl_ops.dtypes import numpy_dtype
from dl_ops.symbolic import Node, OpCall, Operation
from dl_ops.variable import Variable

if TYPE_CHECKING:
    from dl_train.models.model import Model


def count_scalars(variables: Iterable[Variable]) -> int:
    """Number of scalars in variables."""
    total = 0
    for variable in variables:
        size = 1
        for length in variable.shape:
            size *= length
        total += size
    return total


def count_bytes(variables: Iterable[Variable]) -> int:
    """Memory that variables take."""
    return sum(count_scalars([variable]) * numpy_dtype(variable._dtype).itemsize for variable in variables)


def readable_size(size: float) -> str:
    """Number of bytes in the largest fitting unit: ``"1.50 KB"``."""
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} TB"


def _nodes_of(model: Model) -> list[Node]:
    from dl_train.models.functional import Functional

    graph = model if isinstance(model, Functional) else getattr(model, "_functional", None)
    return graph._function.nodes if isinstance(graph, Functional) else []


def _is_chain(model: Model, nodes: Sequence[Node]) -> bool:
    """Whether each layer takes just what the one before gives, so that connections need no column."""
    from dl_train.models.sequential import Sequential

    if isinstance(model, Sequential) or not nodes:
        return True
    operations = [node.operation for node in nodes]
    return (
        len(set(operations)) == len(operations)
        and all(len(node.input_tensors) == 1 and len(node.output_tensors) == 1 for node in nodes)
        and len({id(node.input_tensors[0]) for node in nodes}) == len(nodes)
    )


def _listed(model: Model) -> list[Operation]:
    """Layers, and in a graph the ops between them."""
    from dl_train.models.functional import Functional

    return list(model.operations if isinstance(model, Functional) else model.layers)


def type_name(operation: Operation) -> str:
    """Name of a layer's class, of an op that of Keras's."""
    if isinstance(operation, OpCall):
        return operation.__public_path__.rpartition(".")[2]
    return type(operation).__name__


def _shape_text(layer: Operation, nodes: Sequence[Node]) -> str:
    shapes = [[x.shape for x in node.output_tensors] for node in nodes if node.operation is layer]
    if not shapes and layer._inbound_nodes:
        shapes = [[x.shape for x in layer._inbound_nodes[0].output_tensors]]
    if not shapes:
        built = layer.get_build_config() if isinstance(layer, Layer) and layer.built else None
        if built is None:
            return "?"
        try:
            assert isinstance(layer, Layer)
            return str(layer.compute_output_shape(**_shape_arguments(built)))
        except Exception:  # a layer whose output has no static shape is listed without
            return "?"
    texts = [str(shape) for shape in shapes[0]]
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _shape_arguments(built: dict[str, Any]) -> dict[str, Any]:
    return dict(built["shapes_dict"]) if "shapes_dict" in built else {"input_shape": built["input_shape"]}


def _parameters_text(layer: Operation) -> str:
    if not isinstance(layer, Layer):
        return "0"
    if not layer.built:
        return "0 (unbuilt)"
    return f"{count_scalars(layer.weights):,}"


def _connections(layer: Operation, nodes: Sequence[Node]) -> str:
    found = []
    for node in nodes:
        if node.operation is layer:
            found += [x._keras_history for x in node.input_tensors if x._keras_history is not None]
    texts = [f"{history.operation.name}[{history.node_index}][{history.tensor_index}]" for history in found]
    return ", ".join(texts) or "-"


def _trainable_mark(layer: Operation) -> str:
    return ("Y" if layer.trainable else "N") if isinstance(layer, Layer) and layer.weights else "-"


def _in_range(layers: list[Operation], layer_range: Sequence[str] | None) -> list[Operation]:
    if layer_range is None:
        return layers
    if len(layer_range) != 2:
        raise ValueError(f"summary(layer_range={layer_range}): expected the names of the first and last layer")
    ends = []
    for pattern in layer_range:
        matches = [i for i, layer in enumerate(layers) if re.match(pattern, layer.name)]
        if not matches:
            raise ValueError(f"summary(layer_range={layer_range}): no layer's name matches {pattern!r}")
        ends.append(matches)
    return layers[min(ends[0]) : max(ends[1]) + 1]


def print_summary(
    model: Model,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[..., Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Print a model's table; see `Model.summary`."""
    nodes = _nodes_of(model)
    chain = _is_chain(model, nodes)
    columns = ["Layer (type)", "Output Shape", "Param #"]
    columns += ([] if chain else ["Connected to"]) + (["Trainable"] if show_trainable else [])
    table = Table(width=line_length or (80 if chain else 100), show_lines=True)
    widths = _widths(positions, len(columns), line_length or (80 if chain else 100))
    justification = {"Param #": "right", "Trainable": "center"}
    for name, width in zip(columns, widths, strict=True):
        table.add_column(name, justify=justification.get(name, "left"), width=width, overflow="fold")  # type: ignore[arg-type]  # one of the allowed words

    def add(layer: Operation, nodes: Sequence[Node], depth: int) -> None:
        indent = "" if depth == 0 else "   " * depth + "└ "
        cells = [f"{indent}{layer.name} ({type_name(layer)})", _shape_text(layer, nodes), _parameters_text(layer)]
        cells += [] if chain else [_connections(layer, nodes)]
        cells += [_trainable_mark(layer)] if show_trainable else []
        table.add_row(*map(escape, cells))
        from dl_train.models.model import Model

        if expand_nested and isinstance(layer, Model):
            for inner in _listed(layer):
                add(inner, _nodes_of(layer), depth + 1)

    for layer in _in_range(_listed(model), layer_range):
        add(layer, nodes, 0)
    _print(model, table, print_fn, line_length)


def _widths(positions: Sequence[float] | None, count: int, line_length: int) -> list[int | None]:
    if positions is None:
        return [None] * count
    if len(positions) < count:
        raise ValueError(f"summary(positions={list(positions)}): expected {count} positions, one for each column")
    ends = [int(p * line_length) if p <= 1 else int(p) for p in positions[:count]]
    # borders and padding take three characters of each column
    return [max(end - start - 3, 1) for start, end in zip([0, *ends], ends, strict=False)]


def _totals(model: Model) -> list[tuple[str, str]]:
    trainable, frozen = model.trainable_weights, model.non_trainable_weights
    lines = [("Trainable params", trainable), ("Non-trainable params", frozen)]
    everything = [*trainable, *frozen]
    if model.optimizer is not None and model.optimizer.built:
        lines.append(("Optimizer params", model.optimizer.variables))
        everything += model.optimizer.variables
    return [
        (name, f"{count_scalars(variables):,} ({readable_size(count_bytes(variables))})")
        for name, variables in [("Total params", everything), *lines]
    ]


def _print(model: Model, table: Table, print_fn: Callable[..., Any] | None, line_length: int | None) -> None:
    def write(console: Console) -> None:
        console.print(f'[bold]Model: "{escape(model.name)}"[/bold]', highlight=False)
        console.print(table)
        for name, value in _totals(model):
            console.print(f"[bold] {name}: [/bold]{value}", highlight=False)

    width = max(table.width or 0, line_length or 0, 80)
    if print_fn is None:
        # wide enough for the table even where the terminal is not known
        write(Console(width=max(width, shutil.get_terminal_size((width, 24)).columns)))
        return
    text = io.StringIO()
    write(Console(file=text, width=width, no_color=True, force_terminal=False))
    print_fn(text.getvalue())
