"""A SavedModel of TensorFlow as a layer."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dl_layers.interop.framework_layer import FrameworkLayer
from dl_ops import tree
from dl_ops.dtypes import is_float
from dl_ops.objects import public
from dl_ops.objects.lambdas import in_safe_mode
from dl_ops.symbolic import KerasTensor
from dl_ops.symbolic.inference import spec_of
from dl_ops.variable import Variable


@public("keras.layers.TFSMLayer")
class TFSMLayer(FrameworkLayer):
    """Layer that computes by a function of a SavedModel, whose variables are its weights.

    It belongs to the TensorFlow backend, and shares the variables of what is loaded. A SavedModel holds a program, so
    a configuration, which names the folder, is not read in safe mode.

    Parameters
    ----------
    filepath : str or path
        Folder of the SavedModel.
    call_endpoint : str, default "serve"
        Function to call: an attribute of what was saved, or one of its signatures, as ``"serving_default"``. It takes
        one tensor or structure of tensors.
    call_training_endpoint : str, optional
        The one to call while training, by default the same.
    trainable : bool, default True
        Whether training changes what is trainable in it.
    name : str, optional
    dtype : str or DTypePolicy, optional

    Raises
    ------
    ValueError
        If there is no such endpoint, or the layer is used on another backend.
    OSError
        If there is no SavedModel in the folder.

    Examples
    --------
    >>> layer = TFSMLayer("exported/model", call_endpoint="serving_default")  # doctest: +SKIP
    """

    framework = "tensorflow"

    _model: Any
    _functions: dict[bool, Callable[..., Any]]
    _storages: dict[int, Any]

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        call_endpoint: str = "serve",
        call_training_endpoint: str | None = None,
        trainable: bool = True,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(trainable=trainable, name=name, dtype=dtype)
        import tensorflow as tf

        self.filepath = os.fspath(filepath)
        self.call_endpoint, self.call_training_endpoint = call_endpoint, call_training_endpoint
        self._untracked("_model", tf.saved_model.load(self.filepath))
        function = self._endpoint(call_endpoint, "call_endpoint")
        training = (
            function
            if call_training_endpoint is None
            else self._endpoint(call_training_endpoint, "call_training_endpoint")
        )
        self._untracked("_functions", {False: function, True: training})
        backend = self._backend
        assert backend is not None
        storages = {id(x): x for x in (*_variables_of(function), *_variables_of(training))}.values()
        self._share(
            [
                Variable.of_storage(x, backend, trainable=x.trainable, name=x.name.replace("/", "_"))
                for x in sorted(storages, key=lambda x: not x.trainable)
            ]
        )
        self._untracked("_storages", {id(v): v._value for v in self._own_variables()})
        self.built = True

    def _endpoint(self, name: str, argument: str) -> Callable[..., Any]:
        signatures = getattr(self._model, "signatures", {})
        found: Callable[..., Any] | None = getattr(self._model, name, None) or signatures.get(name)
        if found is None or not callable(found):
            functions = [
                key for key in dir(self._model) if not key.startswith("_") and callable(getattr(self._model, key, None))
            ]
            available = ", ".join(map(repr, sorted({*signatures, *functions} - {"signatures"})))
            raise ValueError(
                f"{type(self).__name__}({argument}={name!r}): the SavedModel in {self.filepath!r} has no such one; "
                f"it has {available or 'none at all'}"
            )
        return found

    # -- calling ------------------------------------------------------------------------------------------------

    def call(self, inputs: Any, training: Any = False, **kwargs: Any) -> Any:
        function = self._functions[bool(training)]
        variables = self._own_variables()
        if all(variable._value is self._storages[id(variable)] for variable in variables):
            return function(inputs, **kwargs)
        return self._call_with_values(lambda x: function(x, **kwargs), inputs, variables)

    def _call_with_values(self, function: Callable[[Any], Any], inputs: Any, variables: Sequence[Variable]) -> Any:
        """Call with the values that variables have at present, which the SavedModel reads from its own storages.

        These have the values meanwhile, and gradients go from the storages to the values.
        """
        import tensorflow as tf

        backend = self._backend
        assert backend is not None
        storages = [self._storages[id(variable)] for variable in variables]
        leaves = tree.flatten(inputs)
        structure: list[Any] = []
        finals: list[Any] = []

        def run(*tensors: Any) -> tuple[list[Any], Callable[[Sequence[Any]], list[Any]]]:
            values = tensors[len(leaves) :]
            foreign = [(s, s.value(), v) for s, v in zip(storages, values, strict=True) if not _is_read_from(v, s)]
            for storage, _, value in foreign:
                storage.assign(value)
            sources = [*tensors[: len(leaves)], *storages]
            with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
                for source in sources:
                    if is_float(backend.dtype_name(source.dtype)):
                        tape.watch(source)
                outputs = function(tree.pack_sequence_as(inputs, tensors[: len(leaves)]))
            finals[:] = [tf.identity(storage.value()) for storage in storages]
            for storage, before, _ in foreign:
                storage.assign(before)
            structure[:] = [outputs]
            flat = tree.flatten(outputs)

            def pullback(gradients: Sequence[Any]) -> list[Any]:
                pairs = [(y, g) for y, g in zip(flat, gradients, strict=True) if g is not None]
                targets, given = [y for y, _ in pairs], [g for _, g in pairs]
                return list(tape.gradient(targets, sources, output_gradients=given))

            return flat, pullback

        flat = backend.custom_gradient(run, [*leaves, *(variable.value for variable in variables)])
        for variable, value in zip(variables, finals, strict=True):
            if not variable._trained_at_creation:
                variable._write(value)
        return tree.pack_sequence_as(structure[0], list(flat)) if tree.is_nested(structure[0]) else flat[0]

    def compute_output_spec(self, inputs: Any, training: Any = False, **kwargs: Any) -> Any:
        import tensorflow as tf

        function = self._functions[bool(training)]
        specs = [spec_of(x) for x in tree.flatten(inputs)]

        def run(*tensors: Any) -> Any:
            return function(tree.pack_sequence_as(inputs, tensors), **kwargs)

        signature = [tf.TensorSpec(spec.shape, spec.dtype) for spec in specs]
        graph = tf.function(run, autograph=False).get_concrete_function(*signature)

        def described(x: Any) -> KerasTensor:
            if x.shape.rank is None:
                raise ValueError(
                    f"{type(self).__name__} {self.name!r}: the endpoint does not tell the rank of an output"
                )
            return KerasTensor(x.shape.as_list(), x.dtype.name, record_history=False)

        return tree.map_structure(described, graph.structured_outputs)

    # -- configuration ------------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "filepath": self.filepath,
            "call_endpoint": self.call_endpoint,
            "call_training_endpoint": self.call_training_endpoint,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None, safe_mode: bool | None = None
    ) -> Any:
        """Make a layer from its configuration.

        Parameters
        ----------
        config : dict
        custom_objects : mapping, optional
            Not used.
        safe_mode : bool, optional
            Whether to refuse; by default what holds where this is called, which is to refuse unless it was switched
            off.

        Returns
        -------
        TFSMLayer

        Raises
        ------
        ValueError
            If safe mode is on.
        """
        if in_safe_mode() if safe_mode is None else safe_mode:
            raise ValueError(
                f"the config names the SavedModel {config.get('filepath')!r}, a program that can do anything, and is "
                "refused in safe mode. If you trust its source, pass safe_mode=False or call "
                "enable_unsafe_deserialization()."
            )
        return cls(**config)


def _variables_of(function: Any) -> Iterator[Any]:
    """Variables that a function of a SavedModel, or one of its graphs, reads or assigns."""
    for graph in getattr(function, "concrete_functions", [function]):
        yield from graph.variables


def _is_read_from(value: Any, storage: Any) -> bool:
    """Whether a tensor of a graph is the value of a variable as the graph reads it."""
    if hasattr(value, "numpy"):
        return False
    operation = value.op
    while operation.type == "Identity":
        operation = operation.inputs[0].op
    graph = operation.graph
    if operation.type != "ReadVariableOp" or not hasattr(graph, "capture"):
        return False
    return operation.inputs[0] is graph.capture(storage.handle)
