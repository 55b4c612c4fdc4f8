"""Kernels that are kept otherwise than in floating point."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any, ClassVar

from dl_layers.quantization.layout import Layout
from dl_ops import ops
from dl_ops.typing import Tensor
from dl_ops.variable import Variable

if TYPE_CHECKING:
    from dl_layers.quantization.quantizable import Quantizable


class StoredKernel(abc.ABC):
    """How one kernel of a layer is kept, made from floating point and computed with, in one mode.

    Its variables are attributes of the layer under Keras's names. A mode is a subclass, in the table `STORED`.

    Parameters
    ----------
    layer : Quantizable
    layout : Layout
    config : QuantizationConfig or None
        ``None`` where the layer was made with a dtype policy alone.
    """

    spec: ClassVar[tuple[str, ...]] = ()
    """Names of the variables that a file has, in order: ``{}`` stands for the weight's."""

    supported_by_rows: ClassVar[bool] = True
    """Whether single rows can be looked up, as embeddings do."""

    trained: ClassVar[bool] = False
    """Whether the kernel stays a trained variable in floating point."""

    def __init__(self, layer: Quantizable, layout: Layout, config: Any) -> None:
        # a Layer too, which the mixin's type does not say
        self.layer: Any = layer
        self.layout, self.config = layout, config

    @abc.abstractmethod
    def create(self) -> None:
        """Create the variables."""

    @abc.abstractmethod
    def assign(self, kernel: Any) -> None:
        """Keep a kernel given in floating point."""

    @abc.abstractmethod
    def dequantized(self) -> Tensor:
        """The kernel in floating point, in the dtype that the layer computes in."""

    def product(self, inputs: Tensor) -> Tensor:
        """The layer's product of inputs and this kernel."""
        y: Tensor = self.layer._product(inputs, self.dequantized(), self.layout.name)
        return y

    def looked_up(self, indices: Tensor) -> Tensor:
        """Rows of the kernel in floating point."""
        raise NotImplementedError

    @property
    def integers(self) -> Any:
        """The kernel as it is kept, in its own shape."""
        return self.variable("{}")

    # -- helpers --

    def name(self, pattern: str) -> str:
        """Name of a variable, as the layer's attribute; the kernel's own begins with an underscore."""
        name = pattern.format(self.layout.name)
        return f"_{name}" if pattern == "{}" and name == self.layer._kernel_name else name

    def variable(self, pattern: str) -> Any:
        """Variable of a name, ``None`` if there is none."""
        return getattr(self.layer, self.name(pattern), None)

    def add(self, pattern: str, shape: tuple[int, ...], dtype: str, initializer: str, *, attribute: str = "") -> None:
        """Create a variable that is not trained."""
        weight = self.layer._add_altering(
            pattern.format(self.layout.name), shape, initializer, dtype=dtype, trainable=False, autocast=False
        )
        setattr(self.layer, attribute or self.name(pattern), weight)

    def saved(self) -> list[Variable]:
        """What a file has, in order."""
        found = [self.variable(pattern) for pattern in self.spec]
        return [x for x in found if x is not None]

    @property
    def wide(self) -> str:
        """Dtype in which scales are applied: that of the computation, but no less than 32 bits."""
        dtype: str = self.layer.compute_dtype
        return "float32" if dtype in ("float16", "bfloat16") else dtype

    def narrow(self, x: Tensor, like: Any = None) -> Tensor:
        """A tensor in the dtype of the computation, or that of another tensor."""
        return ops.cast(x, self.layer.compute_dtype if like is None else like.dtype)

    def quantized_inputs(self, inputs: Tensor) -> tuple[Tensor, Tensor] | None:
        """Inputs as integers, with their scale as it divides outputs; ``None`` if inputs are not quantized."""
        quantizer = self.layer.inputs_quantizer
        if quantizer is None:
            return None
        integers, scale = quantizer(ops.cast(inputs, self.wide), axis=self.layout.inputs_summed)
        if quantizer.axis is not None and not set(self.layout.inputs_summed) <= {
            i if i < 0 else i - len(inputs.shape) for i in quantizer.axis
        }:
            raise ValueError(
                f"{type(self.layer).__name__} {self.layer.name!r}: activation_quantizer has axis={quantizer.axis}, "
                f"but a product sums over the inputs' axes {self.layout.inputs_summed}, which must share a scale"
            )
        return integers, self.layer._spread(scale)
