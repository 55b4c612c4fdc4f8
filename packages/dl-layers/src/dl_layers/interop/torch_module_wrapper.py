"""A PyTorch module as a layer."""

from __future__ import annotations

import base64
import binascii
import io
import warnings
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from dl_layers.interop.framework_layer import FrameworkLayer, infer_unknown
from dl_layers.interop.module_tensor import ModuleTensor, module_tensors
from dl_ops import scopes, tree
from dl_ops.objects import deserialize_keras_object, get_registered_object, public, serialize_keras_object
from dl_ops.objects.lambdas import SafeModeScope, in_safe_mode
from dl_ops.objects.registry import get_registered_name
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Array
from dl_ops.variable import Variable

if TYPE_CHECKING:
    import torch


@public("keras.layers.TorchModuleWrapper")
class TorchModuleWrapper(FrameworkLayer):
    """Layer that computes by a PyTorch module, whose parameters are its weights.

    It belongs to the PyTorch backend. Parameters are shared and not copied: what an optimizer of either side assigns,
    both see. Buffers, as running statistics, are state that compiled steps update and files keep, and are no weights.
    Where a call has a training flag the module is in that mode for the call; else it is in its own mode.

    A configuration names the module if its class has ``get_config()`` and ``@register_keras_serializable()``, and
    otherwise holds it pickled: that can run anything when it is read, and is refused unless safe mode is off.

    Parameters
    ----------
    module : torch.nn.Module
        Its parameters exist: a lazy module has been called once. It is moved to the device in use.
    name : str, optional
    output_shape : sequence of int or None, optional
        Shape of the output, with the batch's; by default the module runs on tensors without values to find out.
    **options
        As for `Layer`.

    Raises
    ------
    TypeError
        If `module` is no module of PyTorch.
    ValueError
        If parameters of a lazy module do not exist yet, or the layer is used on another backend.

    Examples
    --------
    >>> import torch  # doctest: +SKIP
    >>> layer = TorchModuleWrapper(torch.nn.Linear(3, 2))  # doctest: +SKIP
    >>> layer(torch.ones(4, 3)).shape, [weight.path for weight in layer.weights]  # doctest: +SKIP
    (torch.Size([4, 2]), ['torch_module_wrapper/weight', 'torch_module_wrapper/bias'])
    """

    framework = "torch"

    module: torch.nn.Module
    _buffers: list[ModuleTensor]

    def __init__(
        self,
        module: torch.nn.Module,
        name: str | None = None,
        output_shape: Sequence[int | None] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name=name, **options)
        import torch

        if not isinstance(module, torch.nn.Module):
            raise TypeError(f"{type(self).__name__}(module={module!r}): expected an instance of torch.nn.Module")
        lazy = [path for path, x in module.named_parameters() if isinstance(x, torch.nn.UninitializedParameter)]
        if lazy:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the parameters {', '.join(lazy)} of the lazy module do not "
                "exist yet: call it once first"
            )
        backend = self._backend
        assert backend is not None
        self._untracked("module", module.to(backend.to_tensor(0.0).device))
        self.output_shape = None if output_shape is None else tuple(output_shape)
        self._share(module_tensors(module, "_parameters", backend))
        self._untracked("_buffers", module_tensors(module, "_buffers", backend))
        for buffer in self._buffers:
            buffer.path = f"{self.name}/{buffer.name}"
        self.built = True

    def parameters(self, recurse: bool = True) -> Iterator[torch.nn.Parameter]:
        """Return the module's parameters, for optimizers of PyTorch."""
        return self.module.parameters(recurse=recurse)

    def _hidden_state(self) -> Sequence[Variable]:
        return self._buffers

    # -- calling ------------------------------------------------------------------------------------------------

    def call(self, *args: Any, training: Any = None, **kwargs: Any) -> Any:
        if scopes.in_stateless_scope():
            # modules change buffers in place, and these may belong to the caller
            for buffer in self._buffers:
                buffer._write(buffer._value.clone())
        with self._in_mode(training):
            if scopes.current.autocast is None:
                return self.module(*args, **kwargs)
            import torch

            cast = {variable.name: variable.value for variable in self._own_variables()}
            return torch.func.functional_call(self.module, cast, args, kwargs)

    @contextmanager
    def _in_mode(self, training: Any) -> Iterator[None]:
        """Have the module in a mode inside, and in those that its parts had, afterwards."""
        others = [] if training is None else [x for x in self.module.modules() if x.training is not bool(training)]
        for part in others:
            part.training = not part.training
        try:
            yield
        finally:
            for part in others:
                part.training = not part.training

    def compute_output_shape(self, *args: Any, **kwargs: Any) -> Any:
        return self.output_shape or FrameworkLayer.compute_output_shape(self, *args, **kwargs)

    def compute_output_spec(self, *args: Any, training: Any = None, **kwargs: Any) -> Any:
        if self.output_shape is not None:
            return KerasTensor(self.output_shape, self.compute_dtype, record_history=False)
        import torch
        from torch._subclasses.fake_tensor import FakeTensorMode

        def run(inputs: Any) -> Any:
            args, kwargs = tree.map_structure(_example, inputs)
            return self.module(*args, **kwargs)

        # not on the device "meta", as a module may make tensors on its own
        mode = FakeTensorMode(allow_non_fake_inputs=True)
        values = [(v, mode.from_tensor(v.value.detach())) for v in (*self._own_variables(), *self._buffers)]
        try:
            with mode, torch.no_grad(), self._in_mode(training), scopes.StatelessScope(values):
                return infer_unknown(run, (args, kwargs))
        except Exception as error:
            error.add_note(f"give {type(self).__name__} an output_shape, if the module cannot do without values")
            raise

    # -- files --------------------------------------------------------------------------------------------------

    def save_own_variables(self, store: MutableMapping[str, Array]) -> None:
        """Put what the module's ``state_dict()`` has into `store`, buffers too, by its names."""
        assert self._backend is not None
        for name, x in self.module.state_dict().items():
            if not self._backend.is_tensor(x):
                raise ValueError(
                    f"layer {self.name!r}: the module's state has {name!r} of type {type(x).__name__}, and files of "
                    "weights hold tensors alone"
                )
            store[name] = np.array(self._backend.to_numpy(x))

    def load_own_variables(self, store: Mapping[str, Array]) -> None:
        """Assign what `save_own_variables` stored; all of it or, if it does not fit, nothing."""
        assert self._backend is not None
        state = self.module.state_dict()
        given = {name: np.asarray(store[name]) for name in store}
        wrong = [f"{name!r} is missing" for name in state if name not in given]
        wrong += [f"{name!r} is not the module's" for name in given if name not in state]
        wrong += [
            f"{name!r} has shape {given[name].shape}, the module's has {tuple(state[name].shape)}"
            for name in state
            if name in given and given[name].shape != tuple(state[name].shape)
        ]
        if wrong:
            raise ValueError(f"layer {self.name!r}: what was saved does not fit the module: {'; '.join(wrong)}")
        self.module.load_state_dict({name: self._backend.to_tensor(array) for name, array in given.items()})

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "module": _written(self.module), "output_shape": self.output_shape}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None, safe_mode: bool | None = None
    ) -> Any:
        """Make a layer from its configuration.

        Parameters
        ----------
        config : dict
        custom_objects : mapping from name to class, optional
        safe_mode : bool, optional
            Whether to refuse a pickled module; by default what holds where this is called, which is to refuse unless
            it was switched off.

        Returns
        -------
        TorchModuleWrapper

        Raises
        ------
        ValueError
            If the configuration holds a pickled module and safe mode is on, or what it holds cannot be read.
        """
        module = config.get("module")
        refuse = in_safe_mode() if safe_mode is None else safe_mode
        if isinstance(module, str):
            module = _unpickled(module, refuse)
        else:
            with SafeModeScope(refuse):
                module = deserialize_keras_object(module, custom_objects=custom_objects)
        return cls(**{**config, "module": module})


def _example(x: Any) -> Any:
    """A tensor of the shape and dtype of a symbolic one; anything else as it is."""
    import torch

    if not isinstance(x, KerasTensor):
        return x
    return torch.empty(tuple(size or 0 for size in x.shape), dtype=getattr(torch, x.dtype))


def _written(module: torch.nn.Module) -> Any:
    """A module in a configuration: as its class describes it, or pickled."""
    import torch

    registered = get_registered_object(get_registered_name(type(module))) is type(module)
    if registered and hasattr(module, "get_config"):
        return serialize_keras_object(module)
    warnings.warn(
        f"{type(module).__name__} is written pickled, which can be read back only with safe_mode=False. Give its class "
        "a get_config() and @register_keras_serializable() instead.",
        stacklevel=3,
    )
    buffer = io.BytesIO()
    torch.save(module, buffer)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _unpickled(text: str, refuse: bool) -> Any:
    import torch

    if refuse:
        raise ValueError(
            "the config holds a PyTorch module as a pickle, which can run anything and is refused in safe mode. If you "
            "trust its source, pass safe_mode=False or call enable_unsafe_deserialization()."
        )
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise ValueError(f"the config's pickled module is not readable: {error}") from error
    return torch.load(io.BytesIO(data), weights_only=False)
