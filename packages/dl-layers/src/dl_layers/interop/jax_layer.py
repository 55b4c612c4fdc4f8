"""A function written in JAX as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Unpack

import numpy as np

from dl_layers.interop.framework_layer import FrameworkLayer, infer_unknown
from dl_layers.layer import LayerOptions
from dl_layers.layer.arguments import as_shapes, spec_or_same
from dl_ops import scopes, tree
from dl_ops.backend import Backend, backend_scope
from dl_ops.dtypes import is_float, numpy_dtype, standardize_dtype
from dl_ops.objects import deserialize_keras_object, public, serialize_keras_object
from dl_ops.random import SeedGenerator, make_default_seed
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape
from dl_ops.variable import Variable

_CALL_ARGUMENTS: Final = ("params", "state", "rng", "inputs", "training")
_INIT_ARGUMENTS: Final = ("rng", "inputs", "training")


class JaxLayerOptions(LayerOptions, total=False):
    """Keyword arguments that layers around JAX's libraries hand to `JaxLayer`."""

    seed: int | None
    native_serialization_platforms: Sequence[str] | None


@public("keras.layers.JaxLayer")
class JaxLayer(FrameworkLayer):
    """Layer that computes by a function written in JAX, as those of Flax, Haiku and other libraries are.

    It belongs to the JAX backend. Arguments of the two functions are found by their names, in any order; those that
    stand in parentheses may be missing:

    - ``call_fn(params, (state), (rng), inputs, (training))`` gives the outputs, or with `state` the pair of outputs and
      new state. `rng` is a key, or ``None`` outside of training. `inputs` are an array or a structure of arrays.
    - ``init_fn((rng), inputs, (training))`` gives the parameters, or where `call_fn` takes `state` the pair of
      parameters and state. It runs when the layer is built, on ones, with sizes of 1 for unknown ones.

    Arrays and numbers in `params` and `state`, nested as JAX allows, become weights, trainable ones and others;
    everything else in them is handed on as it is. In a configuration the functions are written by name: to be read
    again they are decorated with ``@register_keras_serializable()``.

    Parameters
    ----------
    call_fn : callable
    init_fn : callable, optional
        Needed if neither `params` nor `state` is given and `call_fn` takes one of them.
    params, state : pytree, optional
        Initial values.
    seed : int, optional
        Of the keys that `call_fn` gets as `rng`.
    native_serialization_platforms : sequence of str, optional
        Kept in the configuration; it says something about running on TensorFlow, which is not available here.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If a function lacks `inputs` or has another argument, there is nothing to make parameters from, the new state
        has another structure than the first one, or the layer is used on another backend.
    TypeError
        If `call_fn` or `init_fn` is not callable.

    Examples
    --------
    >>> import jax.numpy as jnp  # doctest: +SKIP
    >>> def init(inputs):  # doctest: +SKIP
    ...     return {"slope": jnp.ones(inputs.shape[-1])}
    >>> def scale(params, inputs):  # doctest: +SKIP
    ...     return inputs * params["slope"]
    >>> JaxLayer(scale, init)(jnp.ones((2, 3))).shape  # doctest: +SKIP
    (2, 3)
    """

    framework = "jax"

    params: Any
    state: Any
    seed_generator: SeedGenerator | None

    def __init__(
        self,
        call_fn: Callable[..., Any],
        init_fn: Callable[..., Any] | None = None,
        params: Any = None,
        state: Any = None,
        seed: int | None = None,
        native_serialization_platforms: Sequence[str] | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.call_fn, self.init_fn = call_fn, init_fn
        self.native_serialization_platforms = native_serialization_platforms
        self._call_arguments = self._arguments_of(call_fn, "call_fn", _CALL_ARGUMENTS)
        self._init_arguments_taken = () if init_fn is None else self._arguments_of(init_fn, "init_fn", _INIT_ARGUMENTS)
        self.call_fn_has_params = "params" in self._call_arguments
        self.call_fn_has_state = "state" in self._call_arguments
        given = params is not None or state is not None
        if init_fn is None and not given and (self.call_fn_has_params or self.call_fn_has_state):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: call_fn takes params or state, so one of init_fn, params and "
                "state is needed to begin with"
            )
        with scopes.name_scope(self.name):
            self._set_values(params, state)
            with backend_scope(self._own_backend()):
                self.seed_generator = SeedGenerator(seed) if "rng" in self._call_arguments else None
        self._input_dtypes: Any = None
        self.built = given

    def _arguments_of(self, function: Any, name: str, allowed: Sequence[str]) -> tuple[str, ...]:
        if not callable(function):
            raise TypeError(f"{type(self).__name__}({name}={function!r}): expected a function")
        found = tuple(inspect.signature(function).parameters)
        unknown = [argument for argument in found if argument not in allowed]
        if unknown or "inputs" not in found:
            problem = f"has an argument {unknown[0]!r}" if unknown else "has no argument 'inputs'"
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: {name} {problem}; expected are {', '.join(allowed)} by these "
                "names, of which 'inputs' must be there"
            )
        return found

    # -- weights ------------------------------------------------------------------------------------------------

    def _set_values(self, params: Any, state: Any) -> None:
        # JAX's own structures, which the layer's tracking need not look into: the weights are parts already
        self._untracked("params", self._variables_in(params, trainable=True))
        self._untracked("state", self._variables_in(state, trainable=False))

    def _variables_in(self, values: Any, *, trainable: bool) -> Any:
        """A pytree with variables in the places of arrays and numbers."""
        import jax

        def create(path: Any, value: Any) -> Any:
            if not (hasattr(value, "shape") and hasattr(value, "dtype")) and not isinstance(value, (bool, int, float)):
                return value
            array = np.asarray(value)
            dtype = standardize_dtype(array.dtype if hasattr(value, "dtype") else type(value))
            name = jax.tree_util.keystr(path, simple=True, separator=".").replace("/", "_")
            return self.add_weight(
                array.shape,
                lambda shape, dtype: array,
                # floats in the layer's own dtype
                dtype=None if is_float(dtype) else dtype,
                trainable=trainable,
                name=name or None,
            )

        return jax.tree_util.tree_map_with_path(create, values)

    def _ensure_built(self, args: Sequence[Any], kwargs: Mapping[str, Any], backend: Backend) -> None:
        if not self.built:
            inputs = args[0] if args else kwargs.get("inputs")
            self._input_dtypes = tree.map_structure(
                lambda x: standardize_dtype(x.dtype) if hasattr(x, "dtype") else None, inputs
            )
        super()._ensure_built(args, kwargs, backend)

    def build(self, input_shape: Shape) -> None:
        needs_values = self.call_fn_has_params or self.call_fn_has_state
        if self.init_fn is None or not needs_values or self.params is not None or self.state is not None:
            return
        import jax
        import jax.numpy as jnp

        dtypes = iter(tree.flatten(self._input_dtypes))

        def example(shape: Shape) -> Any:
            return jnp.ones([1 if size is None else size for size in shape], next(dtypes, None) or self.compute_dtype)

        # values, also where the layer is built while a step is traced
        with jax.ensure_compile_time_eval():
            available: dict[str, Callable[[], Any]] = {
                "rng": self._get_init_rng,
                "inputs": lambda: tree.map_shape_structure(example, input_shape),
                "training": lambda: True,
            }
            made = self.init_fn(*[available[name]() for name in self._init_arguments_taken])
        params, state = self._split(made)
        self._set_values(params, state)

    def _split(self, made: Any) -> tuple[Any, Any]:
        if not self.call_fn_has_state:
            return made, None
        if not isinstance(made, tuple) or len(made) != 2:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: call_fn takes a state, so init_fn must give a pair of params "
                f"and state, got {type(made).__name__}"
            )
        return made

    def get_build_config(self) -> dict[str, Any] | None:
        config = super().get_build_config()
        return config if config is None or self._input_dtypes is None else {**config, "input_dtype": self._input_dtypes}

    def build_from_config(self, config: dict[str, Any]) -> None:
        if not config or self.built:
            return
        self._input_dtypes = config.get("input_dtype")
        super().build_from_config({"input_shape": as_shapes(config["input_shape"])} if "input_shape" in config else {})

    # -- keys of random numbers ---------------------------------------------------------------------------------

    def _get_init_seed(self) -> Any:
        """Return a new key for `init_fn`: uint32, shape (2,)."""
        assert self._backend is not None
        return self._backend.to_tensor(np.array([0, make_default_seed()], "uint32"))

    def _get_init_rng(self) -> Any:
        """Return what `init_fn` gets as `rng`; a subclass may give a structure of several `_get_init_seed`."""
        return self._get_init_seed()

    def _get_call_seed(self) -> Any:
        """Return a new key for `call_fn`: uint32, shape (2,)."""
        assert self.seed_generator is not None
        return self.seed_generator.next()

    def _get_call_rng(self, training: Any) -> Any:
        """Return what `call_fn` gets as `rng`; a subclass may give a structure of several `_get_call_seed`."""
        return self._get_call_seed() if training else None

    # -- calling ------------------------------------------------------------------------------------------------

    def call(self, inputs: Any, training: Any = False) -> Any:
        import jax

        result = self.call_fn(*self._call_values(inputs, training, self._get_call_rng))
        if not self.call_fn_has_state:
            return result
        outputs, state = self._outputs_and_state(result)
        jax.tree_util.tree_map(_assign, self.state, state)
        return outputs

    def _call_values(self, inputs: Any, training: Any, rng: Callable[[Any], Any]) -> list[Any]:
        import jax

        def values(variables: Any) -> Any:
            return jax.tree_util.tree_map(lambda x: x.value if isinstance(x, Variable) else x, variables)

        available: dict[str, Callable[[], Any]] = {
            "params": lambda: values(self.params),
            "state": lambda: values(self.state),
            "rng": lambda: rng(training),
            "inputs": lambda: inputs,
            "training": lambda: training,
        }
        return [available[name]() for name in self._call_arguments]

    def _outputs_and_state(self, result: Any) -> tuple[Any, Any]:
        import jax

        if not isinstance(result, tuple) or len(result) != 2:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: call_fn takes a state, so it must give a pair of outputs and "
                f"new state, got {type(result).__name__}"
            )
        before: Any = jax.tree_util.tree_structure(self.state)
        after: Any = jax.tree_util.tree_structure(result[1])
        if before != after:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the new state has another structure than the first one: "
                f"{after}, expected {before}"
            )
        return result

    def compute_output_spec(self, inputs: Any, training: Any = False) -> Any:
        import jax

        def key(training: Any) -> Any:
            with scopes.symbolic_scope():
                return tree.map_structure(lambda x: np.zeros((2,), "uint32"), self._get_call_rng(training))

        values = self._call_values(None, training, key)
        # what is no array, as the training flag, is a constant of the function
        leaves = jax.tree_util.tree_leaves(values)
        structure: Any = jax.tree_util.tree_structure(values)
        arrays = [x for x in leaves if _is_array(x)]

        def run(inputs: Any) -> Any:
            def function(arrays: Sequence[Any], inputs: Any) -> Any:
                rest = iter(arrays)
                filled = structure.unflatten([next(rest) if _is_array(x) else x for x in leaves])
                filled[self._call_arguments.index("inputs")] = inputs
                result = self.call_fn(*filled)
                return self._outputs_and_state(result)[0] if self.call_fn_has_state else result

            return jax.eval_shape(function, arrays, tree.map_structure(_abstract, inputs))

        return infer_unknown(run, tree.map_structure(spec_or_same, inputs))

    # -- configuration ------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "call_fn": serialize_keras_object(self.call_fn),
            "init_fn": serialize_keras_object(self.init_fn),
            "native_serialization_platforms": self.native_serialization_platforms,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        functions: dict[str, Any] = {
            name: deserialize_keras_object(config[name]) for name in ("call_fn", "init_fn") if name in config
        }
        return super().from_config({**config, **functions})


def _is_array(x: Any) -> bool:
    return hasattr(x, "shape") and hasattr(x, "dtype")


def _abstract(x: Any) -> Any:
    import jax

    if not isinstance(x, KerasTensor):
        return x
    # the dtype's name may be one of ml-dtypes
    return jax.ShapeDtypeStruct(x.shape, numpy_dtype(x.dtype))  # type: ignore[no-untyped-call]  # untyped in JAX


def _assign(variable: Any, value: Any) -> None:
    if isinstance(variable, Variable):
        variable.assign(value)
