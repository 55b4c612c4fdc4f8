"""A Flax module as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Unpack

from dl_layers.interop.flax_extra import require_flax
from dl_layers.interop.jax_layer import JaxLayer, JaxLayerOptions
from dl_ops.objects import deserialize_keras_object, public, serialize_keras_object


@public("keras.layers.FlaxLayer")
class FlaxLayer(JaxLayer):
    """Layer that computes by a module of Flax's ``linen``.

    It belongs to the JAX backend. The collection ``"params"`` becomes trainable weights, all other collections, as
    ``"batch_stats"``, others; keys of random numbers for ``"params"`` and ``"dropout"`` are given.

    Parameters
    ----------
    module : flax.linen.Module
        To be written to a configuration its class needs ``get_config()``, and to be read again
        ``@register_keras_serializable()``.
    method : callable, optional
        What is called: a method of the module, or a function that takes the module first; by default ``__call__``. It
        takes ``inputs`` and, if it is to know, ``training``.
    variables : dict, optional
        Initial values by collection, as ``module.init()`` gives.
    **options
        As for `JaxLayer`, without its functions and values.

    Raises
    ------
    ImportError
        If Flax is not installed.
    ValueError
        If the layer is used on another backend, or a call makes collections that ``module.init()`` does not.
    TypeError
        If `module` is no module of Flax.

    Examples
    --------
    >>> import flax.linen  # doctest: +SKIP
    >>> import jax.numpy as jnp  # doctest: +SKIP
    >>> FlaxLayer(flax.linen.Dense(4))(jnp.ones((2, 3))).shape  # doctest: +SKIP
    (2, 4)
    """

    module: Any

    def __init__(
        self,
        module: Any,
        method: Callable[..., Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        **options: Unpack[JaxLayerOptions],
    ) -> None:
        require_flax("FlaxLayer")
        from flax.linen import DenyList, Module

        if not isinstance(module, Module):
            raise TypeError(
                f"{type(self).__name__}(module={module!r}): expected an instance of flax.linen.Module; a function is "
                "for JaxLayer"
            )
        parameters = inspect.signature(method or module.__call__).parameters
        options_of_module: dict[str, Any] = {"method": method}

        def apply(params: Any, state: Any, rng: Any, inputs: Any, **training: Any) -> Any:
            collections = {**(params or {}), **(state or {})}
            return module.apply(
                collections, inputs, rngs=rng, mutable=DenyList(["params"]), **options_of_module, **training
            )

        def initialize(rng: Any, inputs: Any, **training: Any) -> Any:
            return _split(module.init(rng, inputs, **options_of_module, **training))

        def apply_in_phase(params: Any, state: Any, rng: Any, inputs: Any, training: Any) -> Any:
            return apply(params, state, rng, inputs, training=training)

        def initialize_in_phase(rng: Any, inputs: Any, training: Any) -> Any:
            return initialize(rng, inputs, training=training)

        def apply_alone(params: Any, state: Any, rng: Any, inputs: Any) -> Any:
            return apply(params, state, rng, inputs)

        def initialize_alone(rng: Any, inputs: Any) -> Any:
            return initialize(rng, inputs)

        in_phase = "training" in parameters
        params, state = (None, None) if variables is None else _split(variables)
        super().__init__(
            apply_in_phase if in_phase else apply_alone,
            initialize_in_phase if in_phase else initialize_alone,
            params=params,
            state=state,
            **options,
        )
        self._untracked("module", module)
        self.method = method

    def _get_init_rng(self) -> Any:
        return {"params": self._get_init_seed(), "dropout": self._get_init_seed()}

    def _get_call_rng(self, training: Any) -> Any:
        return {"dropout": self._get_call_seed()} if training else {}

    def get_config(self) -> dict[str, Any]:
        config = {name: value for name, value in super().get_config().items() if name not in ("call_fn", "init_fn")}
        # a method of the module goes by its name
        bound = getattr(self.method, "__self__", None) is self.module
        method = getattr(self.method, "__name__", None) if bound else serialize_keras_object(self.method)
        return {**config, "module": serialize_keras_object(self.module), "method": method}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        module = deserialize_keras_object(config["module"])
        method = config.get("method")
        if isinstance(method, str):
            found = getattr(module, method, None) if method == "__call__" or not method.startswith("_") else None
            if not callable(found):
                raise ValueError(f"{cls.__name__}.from_config(): {method!r} is no public method of the module")
            method = found
        else:
            method = deserialize_keras_object(method)
        return cls(**{**config, "module": module, "method": method})


def _split(variables: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Collections as trainable ones and others."""
    trained = {name: values for name, values in variables.items() if name == "params"}
    return trained, {name: values for name, values in variables.items() if name != "params"}
