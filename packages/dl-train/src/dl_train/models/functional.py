"""Models that are graphs of layers between symbolic inputs and outputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from dl_layers.core.input_layer import InputLayer
from dl_layers.layer import Layer
from dl_layers.layer.masks import set_mask
from dl_layers.layer.signature import call_signature
from dl_ops import tree
from dl_ops.objects import public
from dl_ops.symbolic import Function, KerasTensor, Operation
from dl_ops.symbolic.graph import source_node
from dl_train.models.functional_config import functional_config
from dl_train.models.inputs import ModelInputs
from dl_train.models.model import Model


@public("keras.src.models.functional.Functional")
class Functional(Model):
    """Model that computes `outputs` from `inputs` by the graph of layers and ops between them.

    ``Model(inputs, outputs)`` makes one.

    Parameters
    ----------
    inputs, outputs : structure of KerasTensor
        Nested lists, tuples and dictionaries; the model is called with, and returns, such structures. Outputs that are
        a list of one come without the list.
    name : str, optional
    trainable : bool, optional

    Raises
    ------
    ValueError
        If an output is not computed from the inputs or there is none, an input occurs twice, something is no symbolic
        tensor, or two layers have one name.

    Examples
    --------
    >>> from dl_layers.core import Dense, Input
    >>> from dl_ops import ops
    >>> a, b = Input((2,), name="a"), Input((2,), name="b")
    >>> model = Functional({"a": a, "b": b}, a + b)
    >>> model({"a": ops.ones((1, 2)), "b": ops.ones((1, 2))}).tolist()
    [[2.0, 2.0]]
    """

    _replays: ClassVar[bool] = True
    _layers: list[Layer]

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, **kwargs: Any) -> None:
        trainable = kwargs.pop("trainable", None)
        casts = kwargs.pop("_casts_inputs", True)
        Layer.__init__(self, name=name, **kwargs)
        self.autocast = False  # each input is cast to its own dtype
        inputs, outputs = _as_lists_or_dicts(inputs), _as_lists_or_dicts(outputs)
        if not tree.flatten(outputs):
            raise ValueError(f"model {self.name!r} has no outputs: outputs={outputs!r}")
        for x in tree.flatten(outputs):
            if not isinstance(x, KerasTensor):
                raise ValueError(f"model {self.name!r}: an output is no symbolic tensor: {x!r}")
        self._model_inputs = ModelInputs(inputs, self.name, casts)
        if not all(_is_entry(x) for x in self._model_inputs.tensors):
            inputs, outputs = _with_entries(inputs, outputs)
            self._model_inputs = ModelInputs(inputs, self.name, casts)
        self._function = Function(inputs, outputs, name=self.name)
        self._inputs_struct, self._outputs_struct = inputs, outputs
        self._operations: list[Operation] = self._function.operations
        _check_names(self.name, self._operations)
        self._layers = [operation for operation in self._operations if isinstance(operation, Layer)]
        self._backend = next((layer._backend for layer in self._layers if layer._backend is not None), self._backend)
        self.__dict__["_path"] = self.name
        self.built = True
        if trainable is not None:
            self.trainable = trainable

    # -- graph --------------------------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """Layers of the graph, from the inputs on."""
        return list(self._layers)

    @property
    def operations(self) -> list[Operation]:
        """Layers and ops of the graph, from the inputs on."""
        return list(self._operations)

    @property
    def inputs(self) -> list[KerasTensor]:
        """Flat list of the symbolic inputs."""
        return self._function.inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """Flat list of the symbolic outputs."""
        return self._function.outputs

    @property
    def input(self) -> Any:
        """Structure of the symbolic inputs."""
        return self._inputs_struct

    @property
    def output(self) -> Any:
        """Structure of the symbolic outputs."""
        return self._outputs_struct

    @property
    def input_shape(self) -> Any:
        """Shape of the input, or list of the inputs' shapes."""
        return _one_or_all([x.shape for x in self.inputs])

    @property
    def output_shape(self) -> Any:
        """Shape of the output, or list of the outputs' shapes."""
        return _one_or_all([x.shape for x in self.outputs])

    @property
    def input_names(self) -> list[str]:
        """Names of the inputs, in the order of `inputs`."""
        return list(self._model_inputs.names)

    @property
    def output_names(self) -> list[str]:
        """Names of the layers and ops that the outputs come from, in the order of `outputs`."""
        return [x._keras_history.operation.name if x._keras_history else x.name for x in self.outputs]

    # -- calling ------------------------------------------------------------------------------------------------

    def build(self, input_shape: Any = None) -> None:
        """Do nothing: the layers were built when they were called on the symbolic inputs."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Compute the outputs.

        Parameters
        ----------
        inputs : structure of tensors
            Like the model's inputs; or a dictionary by their names; or a flat list.
        training : bool, optional
            Reaches the layers by itself.
        mask : structure of tensors, optional
            Masks of the inputs.

        Returns
        -------
        structure of tensors
            Like the model's outputs; a list or tuple of one gives that one.
        """
        flat = self._model_inputs.flat(inputs)
        if mask is not None:
            for x, x_mask in zip(flat, tree.flatten(mask), strict=True):
                if x_mask is not None:
                    set_mask(x, x_mask)
        outputs = self._function.run(flat)
        return outputs[0] if type(outputs) in (list, tuple) and len(outputs) == 1 else outputs

    def get_build_config(self) -> dict[str, Any] | None:
        return {"input_shape": None}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Do nothing: a functional model is made as a whole."""

    # -- configuration ------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return what describes the graph, or for a subclass with a constructor of its own, that one's arguments."""
        if has_functional_constructor(type(self)):
            return functional_config(self)
        return super().get_config()


def has_functional_constructor(cls: type) -> bool:
    """Whether a class is made with inputs and outputs and nothing else."""
    return cls.__init__ in (Functional.__init__, Model.__init__)  # type: ignore[misc]  # compared, not called


def make_functional(cls: type) -> None:
    """Let a subclass of `Model` whose constructor gives `Model` inputs and outputs derive from `Functional`."""
    if issubclass(cls, Functional):
        return
    for base in cls.__mro__:
        if Model in base.__bases__ and base not in (Functional, Model):
            base.__bases__ = tuple(Functional if parent is Model else parent for parent in base.__bases__)
    for base in reversed(cls.__mro__):
        if issubclass(base, Functional) and base is not Functional:
            base._signature = call_signature(base.call)


def _one_or_all(items: list[Any]) -> Any:
    return items[0] if len(items) == 1 else items


def _check_names(model_name: str, operations: Sequence[Operation]) -> None:
    """Layers are found, saved and loaded by their names."""
    names = [operation.name for operation in operations]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"model {model_name!r}: each layer needs a name of its own, there are several called {twice}")


def _as_lists_or_dicts(structure: Any) -> Any:
    if isinstance(structure, Mapping) and not isinstance(structure, dict):
        return dict(structure)
    return structure


def _is_entry(x: KerasTensor) -> bool:
    node = source_node(x)
    return node is not None and isinstance(node.operation, InputLayer)


def _with_entries(inputs: Any, outputs: Any) -> tuple[Any, Any]:
    """The same graph with new input layers in the place of inputs that come from other layers, or from none."""
    flat = tree.flatten(inputs)
    entries = [
        x
        if _is_entry(x)
        else InputLayer(batch_shape=x.shape, dtype=x.dtype, sparse=x.sparse, name=_free_name(x)).output
        for x in flat
    ]
    copied = Function(inputs, outputs).run(entries)
    return tree.pack_sequence_as(inputs, entries), copied


def _free_name(x: KerasTensor) -> str | None:
    return x.name
