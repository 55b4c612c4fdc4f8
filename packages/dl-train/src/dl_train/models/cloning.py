"""Copies of models with layers of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dl_layers.core.input_layer import InputLayer
from dl_layers.layer import Layer
from dl_ops import tree
from dl_ops.objects import public, serialize_keras_object
from dl_ops.symbolic import KerasTensor, Operation
from dl_train.models.functional import Functional
from dl_train.models.model import Model
from dl_train.models.sequential import Sequential


@public("keras.models.clone_model")
def clone_model(
    model: Model,
    input_tensors: Any = None,
    clone_function: Callable[[Layer], Any] | None = None,
    call_function: Callable[..., Any] | None = None,
    recursive: bool = False,
) -> Model:
    """Model of the same layers with new weights, compiled as the first one is.

    Parameters
    ----------
    model : Model
    input_tensors : structure of KerasTensor, optional
        Inputs of the new model.
    clone_function : callable, optional
        From a layer to the one to use in its place; by default a new layer of the same configuration.
        Not asked for inputs.
    call_function : callable, optional
        ``call_function(layer, *args, **kwargs)`` is called for each call of a layer of a functional model.
    recursive : bool, default False
        Whether `clone_function` is asked for the layers of models inside the model, not for these.

    Returns
    -------
    Model

    Raises
    ------
    ValueError
        If it is no model, or functions are given for one that is neither functional nor sequential.

    Examples
    --------
    >>> from dl_layers.core import Dense, Input
    >>> model = Sequential([Input((2,)), Dense(1)])
    >>> clone_model(model).count_params()
    3
    """
    clones: dict[int, Any] = {}

    def clone(layer: Layer) -> Any:
        # one that is called several times is cloned once
        if id(layer) not in clones:
            clones[id(layer)] = _clone_of(layer)
        return clones[id(layer)]

    def _clone_of(layer: Layer) -> Any:
        if recursive and isinstance(layer, (Functional, Sequential)):
            return clone_model(layer, clone_function=clone_function, call_function=call_function, recursive=True)
        return _copy(layer) if clone_function is None else clone_function(layer)

    if isinstance(model, Sequential):
        if call_function is not None:
            raise ValueError("clone_model(call_function=…): only for functional models")
        copy: Any = _clone_sequential(model, input_tensors, clone)
    elif isinstance(model, Functional):
        copy = _clone_functional(model, input_tensors, clone, call_function)
    elif not isinstance(model, Layer):
        raise ValueError(f"clone_model(model={model!r}): expected a model, got {type(model).__name__}")
    elif input_tensors is not None or clone_function is not None or call_function is not None:
        raise ValueError(f"clone_model(): a {type(model).__name__} is cloned as a whole, without functions and tensors")
    else:
        copy = _copy(model)
    if isinstance(copy, Model) and model.compiled:
        copy.compile_from_config(model.get_compile_config())
    return copy  # type: ignore[no-any-return]  # a layer is cloned too, as in Keras


def _copy(layer: Layer) -> Any:
    return type(layer).from_config(serialize_keras_object(layer.get_config()))


def _clone_sequential(model: Sequential, input_tensors: Any, clone: Callable[[Layer], Any]) -> Sequential:
    layers: list[Any] = [clone(layer) for layer in model.layers]
    entry = model._layers[0] if model._layers and isinstance(model._layers[0], InputLayer) else None
    if input_tensors is not None:
        tensors = tree.flatten(input_tensors)
        if len(tensors) != 1 or not isinstance(tensors[0], KerasTensor):
            raise ValueError(f"clone_model(input_tensors={input_tensors!r}): a Sequential takes one symbolic tensor")
        x = tensors[0]
        layers.insert(0, InputLayer(batch_shape=x.shape, dtype=x.dtype, name=x.name))
    elif entry is not None:
        layers.insert(0, _copy(entry))
    return type(model)(layers, name=model.name, trainable=model.trainable)


def _clone_functional(
    model: Functional,
    input_tensors: Any,
    clone: Callable[[Layer], Any],
    call_function: Callable[..., Any] | None,
) -> Model:
    if input_tensors is None:
        inputs = tree.map_structure(
            lambda x: (
                InputLayer(
                    batch_shape=x.shape, dtype=x.dtype, sparse=x.sparse, name=x._keras_history.operation.name
                ).output
            ),
            model.input,
        )
    else:
        inputs = tree.pack_sequence_as(model.input, tree.flatten(input_tensors))

    def called(operation: Operation) -> Callable[..., Any]:
        if not isinstance(operation, Layer):
            return operation
        layer = clone(operation)
        if call_function is None:
            return layer  # type: ignore[no-any-return]  # a layer is callable
        return lambda *args, **kwargs: call_function(layer, *args, **kwargs)

    outputs = model._function.rerun(tree.flatten(inputs), called)
    if type(model) is Functional:
        return Functional(inputs, outputs, name=model.name)
    return type(model)(inputs, outputs, name=model.name)
