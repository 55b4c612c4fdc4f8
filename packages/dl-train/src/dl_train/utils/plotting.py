"""Pictures of models as graphs."""

from __future__ import annotations

import html
import os
import re
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from dl_layers.layer import Layer
from dl_ops import tree
from dl_ops.objects import public
from dl_ops.symbolic import KerasTensor, Node, Operation
from dl_saving.atomic import replacing
from dl_train.extras import require
from dl_train.models import Functional, Model, Sequential
from dl_train.models.summary import type_name

_DIRECTIONS: Final = ("TB", "BT", "LR", "RL")
_HEAD, _CELL = 'bgcolor="black"', 'bgcolor="white"'


class _Options:
    """What is shown of each layer."""

    def __init__(self, **shown: bool) -> None:
        self.shapes = shown["show_shapes"]
        self.dtype = shown["show_dtype"]
        self.layer_names = shown["show_layer_names"]
        self.activations = shown["show_layer_activations"]
        self.trainable = shown["show_trainable"]
        self.nested = shown["expand_nested"]


@public("keras.utils.model_to_dot")
def model_to_dot(
    model: Model,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    subgraph: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> Any:
    """Graph of a model in the language of Graphviz.

    Needs pydot: ``pip install "dl-train[plot]"``.

    Parameters
    ----------
    model : Model
        One that is not functional or sequential is one box.
    show_shapes, show_dtype : bool, default False
        Whether boxes have the shapes of inputs and outputs, and the dtype of the outputs.
    show_layer_names : bool, default True
        Whether boxes have the layers' names beside their classes.
    rankdir : {"TB", "BT", "LR", "RL"}
        Where the graph goes: to the bottom, the top, the right or the left.
    expand_nested : bool, default False
        Whether models inside are drawn with their layers, in a frame.
    dpi : int, default 200
        Dots per inch of the picture.
    subgraph : bool, default False
        Whether it is to be part of another graph: a cluster is returned.
    show_layer_activations, show_trainable : bool, default False
        Whether boxes have the activation function, and whether the layer is trained.
    splines : str, default "ortho"
        Form of the lines: Graphviz's attribute.
    **kwargs
        ``layer_range``, a pair of names or regular expressions: the first and the last layer to draw.

    Returns
    -------
    pydot.Dot or pydot.Cluster

    Raises
    ------
    ValueError
        If the model is not built, or an argument is none of these.
    ImportError
        If pydot is not installed.
    """
    layer_range = kwargs.pop("layer_range", None)
    if kwargs:
        raise ValueError(f"model_to_dot() got unexpected arguments {sorted(kwargs)}")
    if not isinstance(model, Model):
        raise ValueError(f"model_to_dot(model={model!r}): expected a model, got {type(model).__name__}")
    if not model.built:
        raise ValueError(f"model_to_dot(): the model {model.name!r} is not built: build it or call it on a batch first")
    if rankdir not in _DIRECTIONS:
        raise ValueError(f"model_to_dot(rankdir={rankdir!r}): expected one of {list(_DIRECTIONS)}")
    pydot = require("pydot", "a picture of a model", "plot")
    options = _Options(
        show_shapes=show_shapes,
        show_dtype=show_dtype,
        show_layer_names=show_layer_names,
        show_layer_activations=show_layer_activations,
        show_trainable=show_trainable,
        expand_nested=expand_nested,
    )
    if subgraph:
        graph = pydot.Cluster(graph_name=_quoted(model.name), label=_quoted(model.name), style="dashed")
    else:
        graph = pydot.Dot(graph_type="digraph", rankdir=rankdir, dpi=str(dpi), splines=splines, concentrate="true")
        graph.set_node_defaults(shape="plaintext", fontname="Helvetica", fontsize="12")
    _Drawing(pydot, options).draw(model, graph, _layers_in(model, layer_range), "")
    return graph


@public("keras.utils.plot_model")
def plot_model(
    model: Model,
    to_file: str | os.PathLike[str] = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
    **kwargs: Any,
) -> Any:
    """Draw a model and write the picture to a file.

    Needs pydot, ``pip install "dl-train[plot]"``, and the program ``dot`` of Graphviz, except for files that end in
    ``.dot``.

    Parameters
    ----------
    model : Model
    to_file : str or path, default "model.png"
        Its ending says the format, such as ``.png``, ``.svg`` or ``.pdf``; without one it is PNG.
    show_shapes, show_dtype, rankdir, expand_nested, dpi, show_layer_activations, show_trainable, splines
        As for `model_to_dot`.
    show_layer_names : bool, default False
        As there.
    **kwargs
        As there.

    Returns
    -------
    IPython.display.Image or None
        In a notebook the picture, to be shown.

    Raises
    ------
    ValueError
        As `model_to_dot`.
    ImportError
        If pydot or Graphviz is not installed.
    """
    graph = model_to_dot(
        model,
        show_shapes=show_shapes,
        show_dtype=show_dtype,
        show_layer_names=show_layer_names,
        rankdir=rankdir,
        expand_nested=expand_nested,
        dpi=dpi,
        show_layer_activations=show_layer_activations,
        show_trainable=show_trainable,
        splines=splines,
        **kwargs,
    )
    path = os.fspath(to_file)
    ending = os.path.splitext(path)[1][1:].lower() or "png"
    if ending == "dot":
        content = graph.to_string().encode()
    else:
        if shutil.which(graph.prog) is None:
            raise ImportError(
                f"plot_model() needs Graphviz, whose program {graph.prog!r} is not found: see graphviz.org/download; "
                "a file that ends in .dot is written without it"
            )
        content = graph.create(format=ending)
    with replacing(path) as temporary, open(temporary, "wb") as file:
        file.write(content)
    return _shown(path) if ending in ("png", "jpg", "jpeg", "gif") else None


def _shown(path: str) -> Any:
    """The picture, in a notebook."""
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        return None
    from IPython.display import Image

    return Image(filename=path)


def _layers_in(model: Model, layer_range: Sequence[str] | None) -> set[int] | None:
    """Which layers are drawn; ``None`` for all."""
    if layer_range is None:
        return None
    names = [layer.name for layer in model.layers]
    if len(layer_range) != 2:
        raise ValueError(f"layer_range={layer_range}: expected the names of the first and last layer")
    found = [[i for i, name in enumerate(names) if re.match(pattern, name)] for pattern in layer_range]
    if not all(found):
        raise ValueError(f"layer_range={layer_range}: no layer's name matches, the model has {names}")
    return {id(layer) for layer in model.layers[min(found[0]) : max(found[1]) + 1]}


# -- the drawing -------------------------------------------------------------------------------------------------------


class _Drawing:
    """Boxes and arrows of a model and those inside."""

    def __init__(self, pydot: Any, options: _Options) -> None:
        self.pydot, self.options = pydot, options

    def draw(self, model: Model, graph: Any, shown: set[int] | None, prefix: str) -> tuple[list[str], list[str]]:
        """Add a model; gives the boxes in which its inputs and its outputs are."""
        function = _graph_of(model)
        if function is None:
            box = self.box(model, graph, f"{prefix}{model.name}")
            return [box], [box]
        ends: dict[int, tuple[list[str], list[str]]] = {}
        nodes = _calls(function)
        for operation in function.operations:
            if shown is None or id(operation) in shown:
                ends[id(operation)] = self.add(operation, graph, prefix, nodes)
        for node in nodes:
            self.connect(node, graph, ends)
        starts, stops = (
            [
                ends[id(node.operation)]
                for node in map(_source, tensors)
                if node is not None and id(node.operation) in ends
            ]
            for tensors in (function.inputs, function.outputs)
        )
        return [box for end in starts for box in end[0]], [box for end in stops for box in end[1]]

    def add(self, operation: Operation, graph: Any, prefix: str, nodes: Sequence[Node]) -> tuple[list[str], list[str]]:
        """Box of an operation, or frame of a model with its boxes: those where arrows end and start."""
        name = f"{prefix}{operation.name}"
        if self.options.nested and isinstance(operation, Model) and _graph_of(operation) is not None:
            frame = self.pydot.Cluster(graph_name=_quoted(name), label=_quoted(operation.name), style="dashed")
            ends = self.draw(operation, frame, None, f"{name}/")
            graph.add_subgraph(frame)
            return ends
        calls = [node for node in nodes if node.operation is operation]
        box = self.box(operation, graph, name, calls)
        return [box], [box]

    def connect(self, node: Node, graph: Any, ends: Mapping[int, tuple[list[str], list[str]]]) -> None:
        """Arrows to where a call's inputs go."""
        if id(node.operation) not in ends:
            return
        targets = ends[id(node.operation)][0]
        for i, x in enumerate(node.input_tensors):
            history = x._keras_history
            if history is None or id(history.operation) not in ends:
                continue
            sources = ends[id(history.operation)][1]
            # a model inside has as many boxes as inputs and outputs
            source = sources[min(history.tensor_index, len(sources) - 1)]
            target = targets[min(i, len(targets) - 1)]
            graph.add_edge(self.pydot.Edge(_quoted(source), _quoted(target)))

    def box(self, operation: Operation, graph: Any, name: str, calls: Sequence[Node] = ()) -> str:
        """Add a box; gives its name."""
        graph.add_node(self.pydot.Node(_quoted(name), label=_label(operation, self.options, calls)))
        return name


def _graph_of(model: Any) -> Functional | None:
    if isinstance(model, Sequential):
        return model._functional
    return model if isinstance(model, Functional) else None


def _calls(model: Functional) -> list[Node]:
    """Calls inside a model, those that make its inputs included."""
    return [*(node for x in model.inputs if (node := _source(x)) is not None), *model._function.nodes]


def _source(x: KerasTensor) -> Node | None:
    history = x._keras_history
    return None if history is None else history.operation._inbound_nodes[history.node_index]


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _label(operation: Operation, options: _Options, calls: Sequence[Node]) -> str:
    """Table of what is shown of an operation, in Graphviz's HTML."""
    kind = html.escape(type_name(operation))
    head = f"{html.escape(operation.name)} ({kind})" if options.layer_names else kind
    rows = [f'<tr><td {_HEAD} colspan="2"><font color="white"><b>{head}</b></font></td></tr>']
    rows += [
        f'<tr><td {_CELL} align="left">{name}</td><td {_CELL} align="left"><b>{html.escape(value)}</b></td></tr>'
        for name, value in _facts(operation, options, calls)
    ]
    return f'<<table border="0" cellborder="1" cellspacing="0" cellpadding="6">{"".join(rows)}</table>>'


def _facts(operation: Operation, options: _Options, calls: Sequence[Node]) -> list[tuple[str, str]]:
    facts = []
    if options.activations and getattr(operation, "activation", None) is not None:
        activation: Any = getattr(operation, "activation", None)
        facts.append(("Activation", getattr(activation, "__name__", type(activation).__name__)))
    if options.shapes and calls:
        inputs, outputs = calls[0].input_tensors, calls[0].output_tensors
        facts += [(name, _shapes(tensors)) for name, tensors in (("Input", inputs), ("Output", outputs)) if tensors]
    if options.dtype and calls:
        dtypes = dict.fromkeys(x.dtype for x in tree.flatten(calls[0].output_tensors))
        facts.append(("Output dtype", ", ".join(dtypes)))
    if options.trainable and isinstance(operation, Layer):
        facts.append(("Trainable", "yes" if operation.trainable else "no"))
    return facts


def _shapes(tensors: Sequence[KerasTensor]) -> str:
    return ", ".join(str(x.shape) for x in tensors)
