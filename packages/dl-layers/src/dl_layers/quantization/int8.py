"""Kernels of integers of 8 bits, with a scale for each output."""

from __future__ import annotations

from typing import Any

from dl_layers.quantization.stored import StoredKernel
from dl_layers.quantizers import AbsMaxQuantizer, QuantizationConfig
from dl_ops import ops
from dl_ops.typing import Tensor


class Int8Kernel(StoredKernel):
    """Integers that are the kernel times a scale for each output. Products with inputs that are integers too are of
    integers; gradients are those of the product in floating point.
    """

    spec = ("{}", "{}_scale")

    def create(self) -> None:
        self.add("{}", self.layout.shape, "int8", "zeros")
        self.add("{}_scale", self.layout.scale_shape, self.layer.variable_dtype, "ones")

    def assign(self, kernel: Any) -> None:
        quantizer = QuantizationConfig.weight_quantizer_or_default(self.config, AbsMaxQuantizer())
        integers, scale = quantizer(kernel, axis=self.layout.summed)
        wanted = [1 if i in self.layout.summed else n for i, n in enumerate(self.layout.shape)]
        if any(n not in (1, m) for n, m in zip(scale.shape, wanted, strict=True)):
            raise ValueError(
                f"{type(self.layer).__name__} {self.layer.name!r}: weight_quantizer gives scales of shape "
                f"{tuple(scale.shape)}; the axes {self.layout.summed} of the {self.layout.name} must share one"
            )
        self.variable("{}").assign(integers)
        self.variable("{}_scale").assign(self.layout.to_outputs(ops.broadcast_to(scale, wanted)))

    def dequantized(self) -> Tensor:
        scale = self.layout.to_kernel(ops.cast(self.variable("{}_scale"), self.wide))
        return self.narrow(ops.divide(ops.cast(self.variable("{}"), self.wide), scale))

    def product(self, inputs: Tensor) -> Tensor:
        layer, name = self.layer, self.layout.name
        scale = ops.cast(self.variable("{}_scale"), self.wide)
        if layer.inputs_quantizer is None:
            kernel = ops.cast(self.variable("{}"), layer.compute_dtype)
            return self.narrow(ops.divide(ops.cast(layer._product(inputs, kernel, name), self.wide), scale), inputs)

        @ops.custom_gradient
        def of_integers(x: Tensor) -> Any:
            quantized = self.quantized_inputs(x)
            assert quantized is not None
            integers, inputs_scale = quantized
            y = ops.cast(layer._product(integers, self.variable("{}"), name), self.wide)

            def gradient(upstream: Tensor) -> Tensor:
                found: Tensor = layer._product_gradient(upstream, self.dequantized(), name, x)
                return found

            return self.narrow(ops.divide(y, ops.multiply(inputs_scale, scale)), x), gradient

        y: Tensor = of_integers(inputs)
        return y

    def looked_up(self, indices: Tensor) -> Tensor:
        rows = ops.cast(ops.take(self.variable("{}"), indices, axis=0), self.wide)
        scale = ops.cast(ops.take(self.variable("{}_scale"), indices, axis=0), self.wide)
        return self.narrow(ops.divide(rows, ops.expand_dims(scale, -1)))
