"""Any function as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_ops import tree
from dl_ops.objects import deserialize_keras_object, in_safe_mode, public, serialize_keras_object
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape


@public("keras.layers.Lambda")
class Lambda(Layer):
    """Apply a function that has no variables.

    In a file a named function stands by its name, and is found there again if it is public or registered with
    ``register_keras_serializable``. A nameless one is written as byte code, which is refused on reading unless
    ``safe_mode=False``.

    Parameters
    ----------
    function : callable
        Takes the inputs, then `arguments` by name; also ``mask`` and ``training``, if it has parameters of these names.
    output_shape : sequence of int or None, or callable, optional
        Without the batch axis, or a function from the inputs' shape to the whole shape. By default `function` is run
        on symbolic tensors.
    mask : tensor or callable, optional
        The outputs' mask, or a function from the inputs and their mask to it. By default there is none.
    arguments : mapping from str, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `function` cannot be called, or another argument is none of these.

    Examples
    --------
    >>> from dl_ops import ops
    >>> Lambda(ops.square)(ops.convert_to_tensor([3.0])).tolist()
    [9.0]
    >>> Lambda(ops.multiply, arguments={"x2": 2.0})(ops.convert_to_tensor([3.0])).tolist()
    [6.0]
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Sequence[int | None] | Callable[[Any], Any] | None = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if not callable(function):
            raise ValueError(f"Lambda(function={function!r}): expected something that can be called")
        if not (output_shape is None or callable(output_shape) or isinstance(output_shape, (list, tuple))):
            raise ValueError(
                f"Lambda(output_shape={output_shape!r}): expected the sizes without the batch axis, or a function"
            )
        if not (arguments is None or isinstance(arguments, Mapping)):
            raise ValueError(f"Lambda(arguments={arguments!r}): expected a dictionary from names to values")
        self.function, self.mask = function, mask
        self.arguments = dict(arguments or {})
        self._output_shape = tuple(output_shape) if isinstance(output_shape, (list, tuple)) else output_shape
        self._takes = _parameters(function) & {"mask", "training"}
        self.supports_masking = mask is not None

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """Apply the function.

        Parameters
        ----------
        inputs : tensor or structure of tensors
        mask, training
            Handed on to a function that takes them.
        """
        given = {"mask": mask, "training": training}
        return self.function(inputs, **self.arguments, **{name: given[name] for name in self._takes})

    def compute_output_shape(self, input_shape: Any) -> Any:
        if self._output_shape is None:
            inputs = tree.map_shape_structure(self._spec_of_shape, input_shape)
            return tree.map_structure(lambda x: tuple(x.shape), self._spec_by_call((inputs,), {}))
        if callable(self._output_shape):
            return self._output_shape(input_shape)
        first: Shape = tree.flatten(tree.map_shape_structure(KerasTensor, input_shape))[0].shape
        return (first[0], *self._output_shape)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs, without history, for symbolic inputs."""
        if self._output_shape is None:
            return self._spec_by_call(args, kwargs)
        return super().compute_output_spec(*args, **kwargs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask given to the layer, or what it makes of the inputs and their mask."""
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def get_config(self) -> dict[str, Any]:
        optional = {"output_shape": self._output_shape, "mask": self.mask}
        return {
            **super().get_config(),
            "function": _serialized(self.function),
            **{name: _serialized(value) for name, value in optional.items() if value is not None},
            "arguments": serialize_keras_object(self.arguments),
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None, safe_mode: bool | None = None
    ) -> Any:
        """Make a layer from its configuration.

        Parameters
        ----------
        config : dict
            As `get_config` gives.
        custom_objects : mapping from name to function, optional
        safe_mode : bool, optional
            Whether to refuse byte code; by default as it is at present, which is yes unless it was switched off. An
            enclosing reader's choice comes first.

        Raises
        ------
        ValueError
            If the configuration has byte code, in safe mode.
        """
        safe = in_safe_mode() if safe_mode is None else safe_mode
        read: dict[str, Any] = {
            name: deserialize_keras_object(config[name], custom_objects=custom_objects, safe_mode=safe)
            for name in ("function", "output_shape", "mask", "arguments")
            if name in config and not callable(config[name])
        }
        return super().from_config({**config, **read})


def _parameters(function: Callable[..., Any]) -> set[str]:
    """Names of a function's parameters."""
    try:
        return set(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # some written in C have no signature
        return set()


def _serialized(value: Any) -> Any:
    """A value for a configuration; the parts of byte code have names in Keras's layer."""
    written = serialize_keras_object(value)
    if isinstance(written, dict) and written.get("class_name") == "__lambda__":
        return {
            **written,
            "config": dict(zip(("code", "defaults", "closure"), written["config"]["value"], strict=True)),
        }
    return written
