"""Products of floats of 8 bits."""

from __future__ import annotations

from typing import Any, Final

from dl_layers.quantization.stored import StoredKernel
from dl_layers.quantizers import compute_float8_amax_history, compute_float8_scale, quantize_and_dequantize
from dl_ops import ops
from dl_ops.dtypes import finite_range
from dl_ops.typing import Tensor

_OPERANDS: Final = {"inputs": "float8_e4m3fn", "kernel": "float8_e4m3fn", "outputs_grad": "float8_e5m2"}


class Float8Kernel(StoredKernel):
    """A kernel in floating point that is rounded, like the inputs and the outputs' gradients, to floats of 8 bits.

    Each has a scale, and a history of its largest magnitudes that the next step's scale is derived from. Both are
    brought up to date by optimizers, in place of a gradient.

    References
    ----------
    Micikevicius et al., "FP8 Formats for Deep Learning", arXiv:2209.05433.
    """

    spec = ("{}", *(f"{operand}_{what}" for operand in _OPERANDS for what in ("scale", "amax_history")))
    supported_by_rows = False
    trained = True

    def create(self) -> None:
        length = getattr(self.layer._own_policy, "amax_history_length", 1024)
        for operand in _OPERANDS:
            for what, shape, initializer in (("scale", (), "ones"), ("amax_history", (length,), "zeros")):
                name = f"{operand}_{what}"
                weight = self.layer._add_altering(
                    name, shape, initializer, dtype="float32", autocast=False, overwrite_with_gradient=True
                )
                setattr(self.layer, name, weight)

    def assign(self, kernel: Any) -> None:
        if kernel is not None:
            self.variable("{}").assign(kernel)

    def dequantized(self) -> Tensor:
        return ops.cast(self.variable("{}"), self.layer.compute_dtype)

    def product(self, inputs: Tensor) -> Tensor:
        layer = self.layer
        kernel = ops.cast(layer._effective_kernel(), layer.compute_dtype)
        y = layer._product(self._rounded("inputs", inputs), self._rounded("kernel", kernel), self.layout.name)
        return self._with_rounded_gradient(y)

    def _state(self, operand: str) -> tuple[Tensor, Tensor]:
        return getattr(self.layer, f"{operand}_scale"), getattr(self.layer, f"{operand}_amax_history")

    def _rounded(self, operand: str, x: Tensor) -> Tensor:
        dtype, compute_dtype = _OPERANDS[operand], self.layer.compute_dtype

        @ops.custom_gradient
        def rounded(x: Tensor, scale: Tensor, history: Tensor) -> Any:
            y = quantize_and_dequantize(x, scale, dtype, compute_dtype)
            return y, lambda upstream: (upstream, *_next(x, scale, history, dtype))

        y: Tensor = rounded(x, *self._state(operand))
        return y

    def _with_rounded_gradient(self, y: Tensor) -> Tensor:
        dtype, compute_dtype = _OPERANDS["outputs_grad"], self.layer.compute_dtype

        @ops.custom_gradient
        def same(y: Tensor, scale: Tensor, history: Tensor) -> Any:
            def gradient(upstream: Tensor) -> tuple[Tensor, ...]:
                rounded = quantize_and_dequantize(upstream, scale, dtype, compute_dtype)
                return rounded, *_next(upstream, scale, history, dtype)

            return y, gradient

        result: Tensor = same(y, *self._state("outputs_grad"))
        return result


def _next(x: Tensor, scale: Tensor, history: Tensor, dtype: str) -> tuple[Tensor, Tensor]:
    """Scale and history of the next step."""
    greatest = float(finite_range(dtype)[1])
    scale, history = ops.convert_to_tensor(scale), ops.convert_to_tensor(history)
    return compute_float8_scale(ops.max(history), scale, greatest), compute_float8_amax_history(x, history)
