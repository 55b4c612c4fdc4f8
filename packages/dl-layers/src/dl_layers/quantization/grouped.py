"""Kernels quantized with the help of examples of their inputs."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from dl_layers.quantization.stored import StoredKernel
from dl_layers.quantizers import pack_int4, unpack_int4
from dl_ops import ops
from dl_ops.typing import Array, Tensor


class GroupedKernel(StoredKernel):
    """Unsigned integers, outputs in rows, with a scale and a zero point for each group of inputs.

    Until `calibrate` has seen examples of inputs, or integers are loaded, the layer computes with the kernel that it
    had in floating point.
    """

    spec: ClassVar[tuple[str, ...]] = ("quantized_{}", "{}_scale", "{}_zero", "g_idx")
    supported_by_rows = False

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.observed: list[Array] | None = None

    @property
    def original(self) -> Any:
        """The kernel in floating point, ``None`` once it is replaced."""
        return self.layer.__dict__.get(f"_{self.layout.name}")

    @property
    def bits(self) -> int:
        """Bits of an integer."""
        return int(self.layer._own_policy.weight_bits)

    @property
    def group_size(self) -> int:
        """How many inputs share a scale."""
        size = int(self.layer._own_policy.group_size)
        return self.layout.rows if size == -1 else size

    def create(self) -> None:
        inputs, outputs = self.layout.rows, self.layout.columns
        groups = -(-inputs // self.group_size)
        packed = -(-outputs // 2) if self.bits == 4 else outputs
        self.add("{}", (packed, inputs), "uint8", "zeros", attribute=self.name("quantized_{}"))
        self.add("{}_scale", (outputs, groups), "float32", "ones")
        self.add("{}_zero", (outputs, groups), "uint8", "zeros")
        self._create_more(inputs)
        self.add("g_idx", (inputs,), "float32", "zeros")
        self.layer.g_idx.assign(np.arange(inputs) // self.group_size)

    def _create_more(self, inputs: int) -> None:
        """Create what else a mode has."""

    def assign(self, kernel: Any) -> None:
        """Round to the nearest, without examples."""
        from dl_layers.quantization.calibration import rounded

        matrix = ops.convert_to_numpy(self.layout.to_rows(kernel)).astype("float64")
        self._keep(rounded(matrix, self.group_size, self.bits))

    def _keep(self, grid: Any) -> None:
        integers = grid.integers.T.astype("uint8")
        self.variable("quantized_{}").assign(
            pack_int4(integers, axis=0, dtype="uint8")[0] if self.bits == 4 else integers
        )
        self.variable("{}_scale").assign(grid.scale.T)
        self.variable("{}_zero").assign(grid.zero.T)
        self.layer.g_idx.assign(grid.groups)

    @property
    def integers(self) -> Any:
        x = self.variable("quantized_{}")
        matrix = unpack_int4(x, self.layout.columns, axis=0, dtype="uint8") if self.bits == 4 else ops.copy(x)
        return self.layout.from_rows(ops.transpose(matrix))

    def dequantized(self) -> Tensor:
        if self.original is not None:
            return ops.cast(self.original, self.layer.compute_dtype)
        group = ops.cast(self.layer.g_idx, "int32")
        x = self.variable("quantized_{}")
        x = unpack_int4(x, self.layout.columns, axis=0, dtype="uint8") if self.bits == 4 else x
        zero = ops.take(ops.cast(self.variable("{}_zero"), self.wide), group, axis=1)
        scale = ops.take(ops.cast(self.variable("{}_scale"), self.wide), group, axis=1)
        matrix = ops.multiply(ops.subtract(ops.cast(x, self.wide), zero), scale)
        return self.narrow(self.layout.from_rows(ops.transpose(self._unscaled(matrix))))

    def _unscaled(self, matrix: Tensor) -> Tensor:
        return matrix

    def product(self, inputs: Tensor) -> Tensor:
        if self.observed is not None:
            self.observed.append(ops.convert_to_numpy(self.layer._as_rows(inputs)).astype("float64"))
        return super().product(inputs)

    def calibrate(self) -> None:
        """Quantize the kernel for the inputs observed, and let go of the original.

        Raises
        ------
        ValueError
            If there were none.
        """
        from dl_layers.quantization.calibration import CALIBRATIONS

        where = f"{type(self.layer).__name__} {self.layer.name!r}"
        if not self.observed:
            raise ValueError(f"{where}: mode {self.layer.quantization_mode!r} needs examples of inputs, and got none")
        kernel = ops.convert_to_numpy(self.layout.to_rows(self.original)).astype("float64")
        inputs = np.concatenate(self.observed)
        self.observed = None
        grid = CALIBRATIONS[self.config.mode](kernel, inputs, self.group_size, self.config)
        self._keep(grid)
        self.layer._forget(f"_{self.layout.name}")


class AWQKernel(GroupedKernel):
    """The same of a kernel whose rows are multiplied by a factor each, by which they are divided again."""

    spec = ("quantized_{}", "{}_scale", "{}_zero", "awq_scales", "g_idx")

    def _create_more(self, inputs: int) -> None:
        self.add("awq_scales", (inputs,), "float32", "ones")

    def _keep(self, grid: Any) -> None:
        super()._keep(grid)
        self.layer.awq_scales.assign(np.ones(self.layout.rows) if grid.factors is None else grid.factors)

    def _unscaled(self, matrix: Tensor) -> Tensor:
        return ops.divide(matrix, ops.cast(self.layer.awq_scales, self.wide))
