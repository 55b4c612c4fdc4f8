"""Kernels of integers of 4 bits, two in a byte."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_layers.quantization.stored import StoredKernel
from dl_layers.quantizers import (
    AbsMaxQuantizer,
    QuantizationConfig,
    abs_max_quantize_grouped_with_zero_point,
    pack_int4,
    unpack_int4,
)
from dl_ops import ops
from dl_ops.typing import Tensor


class Int4Kernel(StoredKernel):
    """Integers of 4 bits: with a scale and a zero point for each block of a column, or a scale for each column."""

    spec = ("{}", "{}_scale", "{}_zero", "g_idx")

    def create(self) -> None:
        layout, dtype = self.layout, self.layer.variable_dtype
        packed = [-(-n // 2) if i == layout.packed else n for i, n in enumerate(layout.matrix)]
        self.add("{}", tuple(packed), "int8", "zeros")
        inputs = layout.matrix[layout.grouped]
        if self.block_size is None:
            self.add("{}_scale", (layout.matrix[1 - layout.grouped],), dtype, "ones")
            return
        blocks = -(-inputs // self.block_size)
        shape = tuple(blocks if i == layout.grouped else n for i, n in enumerate(layout.matrix))
        self.add("{}_scale", shape, dtype, "ones")
        self.add("{}_zero", shape, layout.zero_dtype, "zeros")
        if getattr(self.layer, "g_idx", None) is None:
            self.add("g_idx", (inputs,), "float32", "zeros")
            self.layer.g_idx.assign(np.arange(inputs) // self.block_size)

    @property
    def block_size(self) -> int | None:
        """How many inputs share a scale; ``None`` for all."""
        policy = self.layer._own_policy
        size = self.config.block_size if self.config is not None else getattr(policy, "block_size", None)
        return None if size in (None, -1) else int(size)

    def _oriented(self, x: Tensor) -> Tensor:
        """A matrix, or its transpose, with inputs in rows."""
        return ops.transpose(x) if self.layout.grouped else x

    def assign(self, kernel: Any) -> None:
        matrix = self._oriented(ops.reshape(kernel, self.layout.matrix))
        if self.block_size is None:
            quantizer = QuantizationConfig.weight_quantizer_or_default(
                self.config, AbsMaxQuantizer(value_range=(-7, 7))
            )
            integers, scale = quantizer(matrix, axis=0)
            if (
                tuple(scale.shape) != (1, matrix.shape[1])
                or int(ops.convert_to_numpy(ops.max(ops.absolute(ops.cast(integers, "int32"))))) > 8
            ):
                raise ValueError(
                    f"{type(self.layer).__name__} {self.layer.name!r}: weight_quantizer must give one scale a channel "
                    "and integers from -8 to 7"
                )
            scale = ops.squeeze(scale, 0)
        else:
            integers, scale, zero = abs_max_quantize_grouped_with_zero_point(matrix, self.block_size)
            scale = self._oriented(scale)
            self.variable("{}_zero").assign(self._oriented(zero))
        self.variable("{}").assign(pack_int4(self._oriented(integers), axis=self.layout.packed)[0])
        self.variable("{}_scale").assign(scale)

    def _unpacked(self) -> Tensor:
        axis = self.layout.packed
        return unpack_int4(self.variable("{}"), self.layout.matrix[axis], axis=axis)

    @property
    def integers(self) -> Any:
        return ops.reshape(self._unpacked(), self.layout.shape)

    def _scaled(self, integers: Tensor, scale: Tensor, zero: Tensor | None, axis: int) -> Tensor:
        """Integers in floating point; scales and zero points have blocks along `axis`, or no such axis."""
        x, scale = ops.cast(integers, self.wide), ops.cast(scale, self.wide)
        if zero is None:
            return ops.divide(x, ops.expand_dims(scale, axis))
        block = ops.cast(self.layer.g_idx, "int32")
        zero = ops.take(ops.cast(zero, self.wide), block, axis=axis)
        return ops.multiply(ops.subtract(x, zero), ops.take(scale, block, axis=axis))

    def dequantized(self) -> Tensor:
        matrix = self._scaled(
            self._unpacked(), self.variable("{}_scale"), self.variable("{}_zero"), self.layout.grouped
        )
        return self.narrow(ops.reshape(matrix, self.layout.shape))

    def product(self, inputs: Tensor) -> Tensor:
        if self.layer.inputs_quantizer is None:
            return super().product(inputs)
        layer, name = self.layer, self.layout.name

        @ops.custom_gradient
        def of_rounded(x: Tensor) -> Any:
            quantized = self.quantized_inputs(x)
            assert quantized is not None
            y = layer._product(ops.cast(quantized[0], self.wide), ops.cast(self.dequantized(), self.wide), name)

            def gradient(upstream: Tensor) -> Tensor:
                found: Tensor = layer._product_gradient(upstream, self.dequantized(), name, x)
                return found

            return self.narrow(ops.divide(y, quantized[1]), x), gradient

        y: Tensor = of_rounded(inputs)
        return y

    def looked_up(self, indices: Tensor) -> Tensor:
        rows = unpack_int4(ops.take(self.variable("{}"), indices, axis=0), self.layout.matrix[1], axis=-1)
        scale = ops.take(self.variable("{}_scale"), indices, axis=0)
        zero = self.variable("{}_zero")
        return self.narrow(
            self._scaled(rows, scale, None if zero is None else ops.take(zero, indices, axis=0), len(indices.shape))
        )
