"""Models that are layers one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from dl_layers.core.input_layer import InputLayer
from dl_layers.layer import Layer
from dl_layers.layer.masks import set_mask
from dl_ops import tree
from dl_ops.objects import CustomObjectScope, deserialize_keras_object, public, serialize_keras_object
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape
from dl_train.models.functional import Functional
from dl_train.models.model import Model


@public("keras.Sequential", "keras.models.Sequential")
class Sequential(Model):
    """Model in which each layer takes what the one before gives.

    Parameters
    ----------
    layers : iterable of Layer, optional
        An `Input` may come first; else the model is built when it is first called.
    trainable : bool, default True
    name : str, optional

    Examples
    --------
    >>> from dl_layers.core import Dense, Input
    >>> model = Sequential([Input((4,)), Dense(3, activation="relu"), Dense(1)])
    >>> model.output_shape, model.count_params()
    ((None, 1), 19)
    """

    _replays: ClassVar[bool] = True
    _layers: list[Layer]
    _functional: Functional | None

    def __init__(self, layers: Iterable[Any] | None = None, trainable: bool = True, name: str | None = None) -> None:
        Layer.__init__(self, trainable=trainable, name=name)
        self._layers = []
        self._functional = None
        if layers is not None:
            for layer in layers:
                self.add(layer, rebuild=False)
            self._build_if_known()

    # -- layers -------------------------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """Layers of the model, without the input."""
        return [layer for layer in self._layers if not isinstance(layer, InputLayer)]

    def add(self, layer: Any, rebuild: bool = True) -> None:
        """Put a layer at the end.

        Parameters
        ----------
        layer : Layer or KerasTensor
            A tensor must be what `Input` gave.
        rebuild : bool, default True
            Whether the model is built again at once.

        Raises
        ------
        ValueError
            If it is no layer, an input is not the first, or its name is taken.
        """
        if isinstance(layer, KerasTensor) and layer._keras_history is not None:
            layer = layer._keras_history.operation
        if not isinstance(layer, Layer):
            raise ValueError(
                f"Sequential.add(): only layers can be added, got {layer!r} of type {type(layer).__name__}"
            )
        if isinstance(layer, InputLayer) and self._layers:
            raise ValueError(
                f"Sequential {self.name!r}: the input {layer.name!r} must come first, there are already {self._names()}"
            )
        if any(other.name == layer.name and other is not layer for other in self._layers):
            raise ValueError(
                f"Sequential {self.name!r}: each layer needs a name of its own, there is already a {layer.name!r}"
            )
        shape = getattr(layer, "_input_shape_arg", None)
        if not self._layers and shape is not None:
            self._layers.append(InputLayer(shape=shape))
        self._layers.append(layer)
        self._forget_graph()
        if rebuild:
            self._build_if_known()

    def pop(self, rebuild: bool = True) -> Layer:
        """Remove the last layer and return it.

        Parameters
        ----------
        rebuild : bool, default True
            Whether the model is built again at once.

        Returns
        -------
        Layer

        Raises
        ------
        ValueError
            If there is none.
        """
        if not self._layers:
            raise ValueError(f"Sequential {self.name!r}.pop(): the model has no layers")
        layer = self._layers.pop()
        self._forget_graph()
        if rebuild:
            self._build_if_known()
        return layer

    def _names(self) -> list[str]:
        return [layer.name for layer in self._layers]

    def _forget_graph(self) -> None:
        self._functional = None
        self.built = False
        self.__dict__["_settled"] = False
        self._forget_functions()

    def _build_if_known(self) -> None:
        """Build, if the first layer says what the model's input is."""
        if len(self._layers) < 2 and not (self._layers and isinstance(self._layers[0], Model)):
            return
        first = self._layers[0]
        if isinstance(first, InputLayer):
            self.build(first.batch_shape)
            return
        entry = first.input if isinstance(first, Functional) else getattr(first, "_entry", None)
        if isinstance(entry, KerasTensor):
            self._layers.insert(0, InputLayer(batch_shape=entry.shape, dtype=entry.dtype))
            self.build(entry.shape)

    @property
    def _entry(self) -> Any:
        return None if self._functional is None else self._functional.input

    # -- building and calling -----------------------------------------------------------------------------------

    def build(self, input_shape: Any = None) -> None:
        """Connect the layers for inputs of a shape.

        Parameters
        ----------
        input_shape : tuple of int or None, optional
            With the batch axis. Without it nothing happens where it is not known. If the first layer takes several
            inputs, a structure of such: then the layers are not connected, but called one by one.

        Raises
        ------
        ValueError
            If the model has no layers, or this is no shape.
        """
        if self._functional is not None:
            return
        if not self._layers:
            raise ValueError(f"Sequential {self.name!r} cannot be built: it has no layers")
        first = self._layers[0]
        known = isinstance(first, InputLayer)
        if not known:
            if input_shape is None or _is_nested_shape(input_shape):
                return
            if not _is_shape(input_shape):
                raise ValueError(f"Sequential {self.name!r}: build(input_shape={input_shape!r}): that is no shape")
            entry = InputLayer(batch_shape=tuple(input_shape), dtype=first.compute_dtype)
            layers = [entry, *self._layers]
        else:
            layers = self._layers
        inputs = layers[0].output
        x = inputs
        for layer in layers[1:]:
            try:
                x = layer(x)
            except NotImplementedError:
                # its output cannot be inferred: the layers are called one by one, on tensors only
                return
        self._layers[:] = layers
        self._functional = Functional(inputs, x, name=self.name, _casts_inputs=known)

    def _build_on(self, shapes: Mapping[str, Any]) -> None:
        # the size of the batch at hand is no property of the model
        super()._build_on({name: _any_batch(shape) for name, shape in shapes.items()})

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None, **kwargs: Any) -> Any:
        """Call the layers one after the other.

        Parameters
        ----------
        inputs : tensor
        training : bool, optional
        mask : tensor, optional

        Returns
        -------
        tensor
        """
        if self._functional is not None and not kwargs:
            return self._functional.call(inputs, training=training, mask=mask)
        x = inputs
        if mask is not None:
            set_mask(x, mask)
        for i, layer in enumerate(self.layers):
            x = layer(x, **(kwargs if i == 0 else {}))
        return x

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shape of the output for one of the input."""
        if self._functional is not None:
            return self._functional.compute_output_shape(input_shape)
        for layer in self.layers:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    # -- graph --------------------------------------------------------------------------------------------------

    def _graph(self, attribute: str) -> Functional:
        if self._functional is None:
            raise AttributeError(f"Sequential {self.name!r} has no attribute {attribute!r} yet: it is not built")
        return self._functional

    @property
    def inputs(self) -> list[KerasTensor]:
        """List of the symbolic input."""
        return self._graph("inputs").inputs

    @property
    def outputs(self) -> list[KerasTensor]:
        """List of the symbolic output."""
        return self._graph("outputs").outputs

    @property
    def input(self) -> Any:
        """Symbolic input."""
        return self._graph("input").input

    @property
    def output(self) -> Any:
        """Symbolic output."""
        return self._graph("output").output

    @property
    def input_shape(self) -> Any:
        """Shape of the input."""
        return self._graph("input_shape").input_shape

    @property
    def output_shape(self) -> Any:
        """Shape of the output."""
        return self._graph("output_shape").output_shape

    @property
    def input_names(self) -> list[str]:
        """Name of the input."""
        return self._graph("input_names").input_names

    # -- configuration ------------------------------------------------------------------------------------------

    def get_build_config(self) -> dict[str, Any] | None:
        return None if self._functional is None else {"input_shape": self._functional.input_shape}

    def get_config(self) -> dict[str, Any]:
        """Return the configs of the layers, and the shape of the input if it is known."""
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": serialize_keras_object(self.dtype_policy),
            "layers": [serialize_keras_object(layer) for layer in self._layers],
        }
        if self._functional is not None:
            config["build_input_shape"] = self._functional.input_shape
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make a model from its configuration.

        Parameters
        ----------
        config : dict
        custom_objects : mapping from name to class or function, optional

        Returns
        -------
        Sequential
        """
        if "layers" not in config:
            return super().from_config(config, custom_objects)
        with CustomObjectScope(custom_objects):
            layers = [deserialize_keras_object(layer) for layer in config["layers"]]
        model = cls(layers, name=config.get("name"))
        shape = config.get("build_input_shape")
        if not model.built and isinstance(shape, (list, tuple)):
            model.build(tuple(shape))
        if not config.get("trainable", True):
            model.trainable = False
        return model


def _is_shape(x: Any) -> bool:
    return isinstance(x, (tuple, list)) and all(size is None or isinstance(size, int) for size in x)


def _is_nested_shape(x: Any) -> bool:
    items = list(x.values()) if isinstance(x, dict) else x if isinstance(x, (tuple, list)) else []
    return len(items) > 0 and all(_is_shape(item) or _is_nested_shape(item) for item in items)


def _any_batch(shape: Any) -> Any:
    def free(shape: Shape) -> Shape:
        return (None, *shape[1:]) if shape else shape

    return tree.map_shape_structure(free, shape)
