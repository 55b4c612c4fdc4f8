"""The base class of models: a layer that can be trained, saved and summarized."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from dl_layers.layer import Layer
from dl_ops.objects import CustomObjectScope, deserialize_keras_object, public
from dl_ops.saveable import SavedChild, in_keras_order
from dl_train.models.files import ModelFiles
from dl_train.trainer import Trainer

# attributes that hold things with variables which are no part of what the model computes
_UNTRACKED: Final = frozenset(
    {
        "optimizer",
        "_compile_loss",
        "_compile_metrics",
        "_loss_tracker",
        "_function",
        "_functional",
        "_operations",
        "_inputs_struct",
        "_outputs_struct",
        "history",
    }
)


@public("keras.Model", "keras.models.Model")
class Model(Trainer, ModelFiles, Layer):
    """Layer with a training loop.

    There are three ways to make one: ``Model(inputs, outputs)`` from symbolic tensors, which gives a `Functional`;
    a `Sequential` of layers; or a subclass that makes layers in ``__init__`` and calls them in ``call``.

    Parameters
    ----------
    inputs, outputs : structure of KerasTensor, optional
        What `Functional` takes; both or none.
    name : str, optional
    **kwargs
        As for `Layer`.

    Examples
    --------
    >>> from dl_layers.core import Dense, Input
    >>> x = Input((3,))
    >>> Model(x, Dense(2)(x)).output.shape
    (None, 2)
    >>> class Classifier(Model):
    ...     def __init__(self, classes):
    ...         super().__init__()
    ...         self.dense = Dense(classes)
    ...
    ...     def call(self, x):
    ...         return self.dense(x)
    >>> from dl_ops import ops
    >>> Classifier(4)(ops.ones((2, 3))).shape
    (2, 4)
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and _functional_arguments(args, kwargs):
            from dl_train.models.functional import Functional

            cls = Functional
        model = super().__new__(cls, *args, **kwargs)
        model._tracker.untracked.update(_UNTRACKED)
        return model

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if _functional_arguments(args, kwargs):
            from dl_train.models.functional import Functional, make_functional

            make_functional(type(self))
            Functional.__init__(self, *args, **kwargs)  # type: ignore[arg-type]  # has just become one
            return
        if args:
            raise TypeError(
                f"{type(self).__name__}() got {len(args)} positional argument(s): expected inputs and outputs, or none"
            )
        Layer.__init__(self, **kwargs)

    # -- layers -------------------------------------------------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """Layers that are attributes of the model, or its graph's, without those inside them."""
        return self._flatten_layers(include_self=False, recursive=False)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Layer of a name, or at a position in `layers`.

        Parameters
        ----------
        name : str, optional
        index : int, optional

        Returns
        -------
        Layer

        Raises
        ------
        ValueError
            If none or both are given, or there is no such layer.
        """
        if (name is None) == (index is None):
            raise ValueError(f"get_layer(name={name!r}, index={index}): give a layer's name or its index, and not both")
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(f"get_layer(index={index}): model {self.name!r} has {len(layers)} layers")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        existing = [layer.name for layer in layers]
        raise ValueError(f"get_layer(name={name!r}): no such layer in model {self.name!r}, which has {existing}")

    def _set_masks(self, args: Sequence[Any], outputs: Any) -> None:
        """Masks of the outputs are what the layers inside have given them."""

    # -- losses and optimizer as parts --------------------------------------------------------------------------

    def saved_children(self) -> Mapping[str, SavedChild]:
        children = {**super().saved_children(), "layers": self.layers}
        if self.optimizer is not None:
            children["optimizer"] = self.optimizer
        return in_keras_order(children)

    # -- summary ------------------------------------------------------------------------------------------------

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Callable[..., Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Print a table of the layers, their output shapes and numbers of parameters.

        Parameters
        ----------
        line_length : int, optional
            Width of the table in characters.
        positions : sequence of float, optional
            Where the columns end, as fractions of the width or in characters.
        print_fn : callable, optional
            Called with the text instead of printing it.
        expand_nested : bool, default False
            Whether layers of models inside the model are listed too.
        show_trainable : bool, default False
            Whether there is a column that says which layers are trained.
        layer_range : pair of str, optional
            Names, or regular expressions, of the first and last layer to list.

        Raises
        ------
        ValueError
            If no layer matches `layer_range`.
        """
        from dl_train.models.summary import print_summary

        print_summary(self, line_length, positions, print_fn, expand_nested, show_trainable, layer_range)

    # -- precision ----------------------------------------------------------------------------------------------

    def quantize(  # type: ignore[override]  # Keras's signature
        self, mode: Any = None, config: Any = None, filters: Any = None, **kwargs: Any
    ) -> None:
        """Keep the kernels of the layers that can do so in fewer bits: dense layers and embeddings.

        Parameters
        ----------
        mode : {"int8", "int4", "float8", "gptq", "awq"}, optional
            By default the configuration's.
        config : QuantizationConfig, optional
            With ``"gptq"`` and ``"awq"`` it is needed, and has examples of the model's inputs. Layers are quantized
            for what reaches them; with ``quantization_layer_structure`` block after block, and none outside.
        filters : str, list of str or callable, optional
            Layers to quantize: regular expressions, one of which is found in the name, or ``filters(layer)``.
        **kwargs
            ``type_check=False`` quantizes layers of subclasses, too, which may compute otherwise.

        Raises
        ------
        ValueError
            If the model is not built, a layer is quantized already, or an argument is none of these.

        Examples
        --------
        >>> from dl_layers import Dense, Input
        >>> from dl_train.models import Sequential
        >>> model = Sequential([Input((3,)), Dense(4), Dense(2, name="head")])
        >>> model.quantize("int8", filters="^dense")
        >>> [layer.quantization_mode for layer in model.layers]
        ['int8', None]
        """
        from dl_train.models.quantizing import quantize_layers

        type_check = kwargs.pop("type_check", True)
        if kwargs:
            raise TypeError(f"{type(self).__name__}.quantize() got unexpected arguments {sorted(kwargs)}")
        quantize_layers(self, mode, config, filters, type_check)

    def get_quantization_layer_structure(self, mode: str | None = None) -> dict[str, Any] | None:
        """Blocks of layers that are quantized one after the other; models that know theirs override it.

        Parameters
        ----------
        mode : str, optional
            As for `quantize`.

        Returns
        -------
        dict or None
            With ``sequential_blocks``, a list of layers, each of which takes what the one before gives, and
            ``pre_block_layers``, what the inputs go through before; ``None`` if the model says nothing of it.
        """
        return None

    # -- state --------------------------------------------------------------------------------------------------

    def get_state_tree(self, value_format: str = "backend_tensor") -> dict[str, Any]:
        """Values of all variables, in dictionaries nested like the parts of their paths.

        Parameters
        ----------
        value_format : {"backend_tensor", "numpy_array"}

        Returns
        -------
        dict
            With the keys ``trainable_variables``, ``non_trainable_variables``, ``optimizer_variables`` and
            ``metrics_variables``.

        Raises
        ------
        ValueError
            If the format is unknown.

        Examples
        --------
        >>> from dl_layers.core import Dense, Input
        >>> from dl_train.models import Sequential
        >>> model = Sequential([Input((2,)), Dense(1, kernel_initializer="ones", name="last")], name="net")
        >>> model.get_state_tree("numpy_array")["trainable_variables"]["net"]["last"]["bias"].tolist()
        [0.0]
        """
        from dl_train.models.state_tree import state_tree

        return state_tree(self, value_format)

    def set_state_tree(self, state_tree: Mapping[str, Any]) -> None:
        """Assign what `get_state_tree` gave, or a part of it.

        Parameters
        ----------
        state_tree : dict

        Raises
        ------
        ValueError
            If there is no such variable, or a shape differs; nothing is assigned then.
        """
        from dl_train.models.state_tree import assign_state_tree

        assign_state_tree(self, state_tree)

    def jax_state_sync(self) -> None:
        """Do nothing: whenever code of the user's runs, variables have the values of the last step.

        In Keras on JAX a custom training loop or a callback calls it before it reads them.
        """

    def compute_loss_and_updates(
        self,
        trainable_variables: Sequence[Any],
        non_trainable_variables: Sequence[Any],
        metrics_variables: Sequence[Any],
        x: Any,
        y: Any,
        sample_weight: Any,
        training: bool = False,
        optimizer_variables: Sequence[Any] | None = None,
    ) -> tuple[Any, tuple[Any, Any, list[Any], list[Any]]]:
        """Call and loss as a pure function of the values of the variables, for ``jax.value_and_grad(…, has_aux=True)``.

        Parameters
        ----------
        trainable_variables, non_trainable_variables, metrics_variables : sequence of tensor
            Values, in the order of the properties of these names.
        x, y, sample_weight : structure of tensors
        training : bool, default False
        optimizer_variables : sequence of tensor, optional
            Values of the optimizer's, with which it may scale the loss.

        Returns
        -------
        loss : tensor
            As the optimizer scales it.
        aux : tuple
            The loss itself, the outputs, and the new values of the non-trainable and of the metrics' variables.

        Raises
        ------
        ValueError
            If there are more or fewer values than variables.
        """
        from dl_train.trainer.stateless import loss_and_updates

        given = (trainable_variables, non_trainable_variables, metrics_variables)
        return loss_and_updates(self, given, (x, y, sample_weight), training, optimizer_variables)

    # -- configuration ------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the arguments that make an equal model, without weights.

        Returns
        -------
        dict
            For a subclass that does not override it, what its constructor was given; only what the constructor takes.

        Raises
        ------
        NotImplementedError
            If arguments cannot be written to a configuration.
        """
        config = super().get_config()
        if type(self).get_config.__module__.startswith("dl_train.models."):
            # the class says nothing of its arguments itself
            if any(self._init_arguments):
                config |= self._init_config()
            parameters = inspect.signature(type(self).__init__).parameters.values()
            if not any(p.kind is p.VAR_KEYWORD for p in parameters):
                taken = {p.name for p in parameters}
                config = {name: value for name, value in config.items() if name in taken}
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None) -> Any:
        """Make a model from its configuration.

        Parameters
        ----------
        config : dict
            What `get_config` returned.
        custom_objects : mapping from name to class or function, optional

        Returns
        -------
        Model
        """
        from dl_train.models.functional import Functional, has_functional_constructor
        from dl_train.models.functional_config import KEYS, functional_from_config

        with CustomObjectScope(custom_objects):
            if config.keys() >= KEYS and has_functional_constructor(cls):
                return functional_from_config(cls if issubclass(cls, Functional) else Functional, config)
            return super().from_config(config)

    def build_from_config(self, config: dict[str, Any]) -> None:
        if config and "input_shape" not in config and "shapes_dict" not in config:
            self.build(config)
        else:
            super().build_from_config(config)


def _functional_arguments(args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether these are the arguments of a model made of symbolic tensors."""
    return len(args) == 2 or (len(args) == 1 and "outputs" in kwargs) or ("inputs" in kwargs and "outputs" in kwargs)


@public("keras.models.model_from_json")
def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Make a model from what `Model.to_json` returned; its weights are new.

    Parameters
    ----------
    json_string : str
    custom_objects : mapping from name to class or function, optional

    Returns
    -------
    Model
    """
    return deserialize_keras_object(json.loads(json_string), custom_objects=custom_objects)
