"""Layers whose kernels can be kept in few bits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from dl_layers import dtype_policies
from dl_layers.dtype_policies import DTypePolicyMap
from dl_layers.quantization.float8 import Float8Kernel
from dl_layers.quantization.grouped import AWQKernel, GroupedKernel
from dl_layers.quantization.int4 import Int4Kernel
from dl_layers.quantization.int8 import Int8Kernel
from dl_layers.quantization.layout import Layout
from dl_layers.quantization.low_rank import LowRankUpdates
from dl_layers.quantization.stored import StoredKernel
from dl_layers.quantizers import AbsMaxQuantizer, QuantizationConfig
from dl_layers.quantizers.configs import of_mode
from dl_ops import ops
from dl_ops.backend import backend_scope
from dl_ops.objects import deserialize_keras_object, serialize_keras_object
from dl_ops.saveable import load_variables
from dl_ops.scopes import StatelessScope
from dl_ops.typing import Tensor
from dl_ops.variable import Variable

STORED: Final[dict[str, type[StoredKernel]]] = {
    "int8": Int8Kernel,
    "int4": Int4Kernel,
    "float8": Float8Kernel,
    "gptq": GroupedKernel,
    "awq": AWQKernel,
}


class Quantizable(LowRankUpdates):
    """Mixin for layers with a kernel that can be kept in few bits and updated by low rank.

    A layer says what its kernels are (`_layouts`) and how it multiplies with them (`_product` and what follows). It
    calls `_set_precision` in ``__init__`` and `_add_kernels` in ``build``, and computes by `_altered_product` where
    `_altered` is true.
    """

    _modes: ClassVar[Sequence[str]] = tuple(STORED)
    _other_weights: ClassVar[tuple[str, ...]] = ("bias",)
    _stored: tuple[StoredKernel, ...] = ()
    _was_quantized: bool = False
    inputs_quantizer: Any = None
    quantization_config: QuantizationConfig | None = None

    # -- what layers define --

    def _layouts(self, shape: tuple[int, ...]) -> tuple[Layout, ...]:
        """Describe the kernels, the first of this shape."""
        raise NotImplementedError

    def _product(self, inputs: Any, kernel: Any, name: str) -> Tensor:
        """Product of inputs with the kernel of a name, without bias and activation."""
        raise NotImplementedError

    def _product_gradient(self, upstream: Tensor, kernel: Tensor, name: str, inputs: Tensor) -> Tensor:
        """Gradient of `_product` with respect to the inputs."""
        raise NotImplementedError

    def _spread(self, scale: Tensor) -> Tensor:
        """Scale of inputs, with size 1 along axes that are summed over, as it divides outputs."""
        return scale

    def _as_rows(self, inputs: Any) -> Any:
        """Inputs as a matrix, with what one output sums over in columns."""
        return ops.reshape(inputs, (-1, inputs.shape[-1]))

    # -- making --

    def _set_precision(self, lora_rank: Any, lora_alpha: Any, quantization_config: Any) -> None:
        self._set_low_rank(lora_rank, lora_alpha)
        if isinstance(quantization_config, dict):
            quantization_config = deserialize_keras_object(quantization_config)
        if quantization_config is not None and not isinstance(quantization_config, QuantizationConfig):
            raise ValueError(
                f"{type(self).__name__}(quantization_config={quantization_config!r}): expected a QuantizationConfig"
            )
        self.quantization_config = quantization_config

    def _add_kernels(self, shape: tuple[int, ...], **others: tuple[int, ...]) -> None:
        """Create the kernel, and those of other names and shapes, as the dtype policy says they are kept."""
        mode = self.quantization_mode  # type: ignore[attr-defined]  # a Layer's
        if mode is not None:
            self.quantized_build(shape, mode, self.quantization_config)
        if mode is None or STORED[mode].trained:
            named = self.add_named_weight  # type: ignore[attr-defined]  # a NamedWeights'
            setattr(self, f"_{self._kernel_name}", named(self._kernel_name, shape))
            for name, other in others.items():
                setattr(self, name, named(name, other, of=self._kernel_name))

    def quantized_build(
        self, kernel_shape: tuple[int, ...], mode: str, config: QuantizationConfig | None = None
    ) -> None:
        """Create the variables that quantized kernels are kept in; called by `build` and `quantize`.

        Parameters
        ----------
        kernel_shape : tuple of int
            Of the kernel in floating point.
        mode : {"int8", "int4", "float8", "gptq", "awq"}
        config : QuantizationConfig, optional

        Raises
        ------
        NotImplementedError
            If the layer does not have this mode.
        """
        if mode not in self._modes:
            raise NotImplementedError(
                f"{type(self).__name__} cannot be quantized by {mode!r}: expected {' or '.join(map(repr, self._modes))}"
            )
        default = AbsMaxQuantizer() if mode == "int8" else None
        self.inputs_quantizer = QuantizationConfig.activation_quantizer_or_default(config, default)
        self._stored = tuple(STORED[mode](self, layout, config) for layout in self._layouts(tuple(kernel_shape)))
        for stored in self._stored:
            stored.create()
        self._altered = True

    def quantize(self, mode: Any = None, type_check: bool = True, config: Any = None) -> None:
        """Keep the kernel in fewer bits from now on.

        Parameters
        ----------
        mode : {"int8", "int4", "float8", "gptq", "awq"}, optional
            By default the configuration's.
        type_check : bool, default True
            Whether subclasses, which may compute otherwise, are refused.
        config : QuantizationConfig, optional
            By default that which the layer was made with, or that of the mode.

        Raises
        ------
        NotImplementedError
            If the layer does not have the mode, or is of a subclass and `type_check` is true.
        ValueError
            If the layer is not built or quantized already, the mode is unknown, or contradicts the configuration.
        """
        where = f"{type(self).__name__}.quantize(mode={mode!r})"
        if type_check and "_layouts" not in type(self).__dict__:
            raise NotImplementedError(
                f"{where}: {type(self).__name__} is a subclass, which may compute otherwise; type_check=False allows it"
            )
        own = self.quantization_config
        if config is None and own is not None and mode in (None, own.mode):
            config = own
        config = of_mode(mode, config, where)
        layer: Any = self
        if layer.quantization_mode is not None:
            raise ValueError(f"{where}: the layer {layer.name!r} is quantized already: {layer._own_policy.name!r}")
        if config.mode not in self._modes:
            raise NotImplementedError(f"{where}: expected {' or '.join(map(repr, self._modes))}")
        if not layer.built:
            raise ValueError(f"{where}: the layer {layer.name!r} is not built: build it or call it first")
        policy = dtype_policies.get(f"{config.dtype_policy_string()}_from_{layer._own_policy.name}")
        with backend_scope(layer._own_backend()):
            self._replace_kernels(policy, config)

    def _replace_kernels(self, policy: Any, config: QuantizationConfig) -> None:
        layer: Any = self
        shape = self._kernel_shape()
        kind = STORED[config.mode]
        attributes = [
            f"_{name}" if name == self._kernel_name else name for name in (x.name for x in self._layouts(shape))
        ]
        originals = [getattr(self, attribute).numpy() for attribute in attributes]
        if not (kind.trained or issubclass(kind, GroupedKernel)):
            for attribute in attributes:
                self._forget(attribute)
        given = layer.dtype_policy
        if isinstance(given, DTypePolicyMap):
            given.pop(layer.path, None)
            given[layer.path] = policy
            layer.dtype_policy = given
        else:
            layer.dtype_policy = policy
        self.quantization_config = config
        self.quantized_build(shape, config.mode, config)
        for stored, original in zip(self._stored, originals, strict=True):
            if isinstance(stored, GroupedKernel):
                stored.observed = []
            elif not stored.trained:
                stored.assign(ops.convert_to_tensor(original))
        self._was_quantized = True
        layer._casts.clear()

    def _forget(self, attribute: str) -> None:
        """Let go of a weight."""
        layer: Any = self
        weight = layer.__dict__.get(attribute)
        if weight is None:
            return
        kept = layer._tracker.attributes["_own_weights"]
        kept[:] = [x for x in kept if x is not weight]
        delattr(self, attribute)  # which is noted

    def calibrate(self) -> None:
        """Quantize by GPTQ or AWQ for the inputs that the layer was called with since `quantize`.

        Raises
        ------
        ValueError
            If the layer waits for no inputs, or was called with none.
        """
        waiting = [x for x in self._stored if isinstance(x, GroupedKernel) and x.observed is not None]
        if not waiting:
            raise ValueError(f"{type(self).__name__} {self.name!r}: calibrate() follows quantize() by 'gptq' or 'awq'")  # type: ignore[attr-defined]  # a Layer's
        with backend_scope(self._own_backend()):  # type: ignore[attr-defined]  # a Layer's
            for stored in waiting:
                stored.calibrate()

    # -- computing --

    def quantized_call(self, *args: Any, **kwargs: Any) -> Any:
        """Call, for which a quantized layer computes with what its kernel is kept in."""
        return self.call(*args, **kwargs)  # type: ignore[attr-defined]  # a Layer's

    def _altered_product(self, inputs: Any, index: int = 0) -> Tensor:
        """Product with a kernel that is kept in few bits, has an update of low rank, or both."""
        if not self._stored:
            return self._product(inputs, self._effective_kernel(), self._kernel_name)
        stored = self._stored[index]
        y = stored.product(inputs)
        if self.lora_enabled and not stored.trained and stored.layout.name == self._kernel_name:
            y = ops.add(y, self._product(inputs, self._update(), self._kernel_name))
        return y

    def _effective_kernel(self) -> Tensor:
        if not self._stored:
            return super()._effective_kernel()
        kernel = self._stored[0].dequantized()
        return ops.add(kernel, self._update()) if self.lora_enabled else kernel

    def _current_kernel(self) -> Any:
        if self._stored and not self.lora_enabled and not self._stored[0].trained:
            grouped = self._stored[0]
            if isinstance(grouped, GroupedKernel) and grouped.original is not None:
                return grouped.original
            return grouped.integers
        return self._effective_kernel() if self._stored and self.lora_enabled else super()._current_kernel()

    def _kernel_shape(self) -> tuple[int, ...]:
        return self._stored[0].layout.shape if self._stored else super()._kernel_shape()

    # -- saving --

    @property
    def variable_serialization_spec(self) -> dict[str | None, list[str]]:
        """Names of the weights that a file has, in order, by quantization mode."""
        names = self._kernel_names()
        spec: dict[str | None, list[str]] = {None: [names[0], *self._other_weights, *names[1:]]}
        for mode in self._modes:
            patterns = STORED[mode].spec
            own = [pattern.format(name) for name in names for pattern in patterns]
            # what blocks have in common is there once
            own = list(dict.fromkeys(own))
            first = 1 if patterns[0] == "{}" else 0
            spec[mode] = [*own[:first], *self._other_weights, *own[first:]]
        return spec

    def _kernel_names(self) -> list[str]:
        return [self._kernel_name]

    def _named(self, name: str) -> Variable | None:
        found: Variable | None = getattr(self, f"_{name}" if name == self._kernel_name else name, None)
        return found

    def _saved_variables(self) -> list[Variable]:
        if not self._stored:
            return super()._saved_variables()
        names = self.variable_serialization_spec[self.quantization_mode]  # type: ignore[attr-defined]  # a Layer's
        return [variable for variable in map(self._named, names) if variable is not None]

    def save_own_variables(self, store: Any) -> None:
        if not self._stored:
            super().save_own_variables(store)
            return
        if any(isinstance(x, GroupedKernel) and x.original is not None for x in self._stored):
            raise ValueError(
                f"layer {self.name!r} waits for examples of its inputs: it can be saved after calibrate()"  # type: ignore[attr-defined]  # a Layer's
            )
        with backend_scope(self._own_backend()), StatelessScope():  # type: ignore[attr-defined]  # a Layer's
            if self.lora_enabled:
                self._stored[0].assign(self._effective_kernel())
            for position, variable in enumerate(self._saved_variables()):
                store[str(position)] = variable.numpy()

    def load_own_variables(self, store: Any) -> None:
        if not self._stored:
            super().load_own_variables(store)
            return
        load_variables(self._saved_variables(), store, f"layer {self.name!r}")  # type: ignore[attr-defined]  # a Layer's
        if self.lora_enabled:
            self._forget_update()
        for stored in self._stored:
            if isinstance(stored, GroupedKernel):
                stored.observed = None
                self._forget(f"_{stored.layout.name}")

    def _precision_config(self) -> dict[str, Any]:
        config = self.quantization_config
        return {
            "quantization_config": None if config is None else serialize_keras_object(config),
            **self._low_rank_config(),
        }
