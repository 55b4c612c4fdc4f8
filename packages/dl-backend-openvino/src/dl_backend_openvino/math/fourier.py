"""Fourier transforms, which OpenVINO has in float32, with real and imaginary parts in a last axis of two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from openvino import opset15 as opset

from dl_backend_openvino.building import converted, numbers
from dl_backend_openvino.tensors import GraphTensor
from dl_ops import ops
from dl_ops.backend import Kernels
from dl_ops.math.fourier import check_samples, fitted, irfft_shape, pair_shape

kernels = Kernels()


def _joined(x: Sequence[GraphTensor]) -> Any:
    parts = [converted(part, "float32").node for part in x]
    return opset.concat([opset.unsqueeze(part, numbers(-1)) for part in parts], -1)


def _parts(node: Any, dtype: str) -> tuple[Any, Any]:
    real, imaginary = cast(list[GraphTensor], ops.unstack(GraphTensor(node), axis=-1))
    return converted(real, dtype), converted(imaginary, dtype)


def _of_pairs(node: Callable[..., Any], count: int) -> Callable[[Sequence[GraphTensor]], tuple[Any, Any]]:
    def kernel(x: Sequence[GraphTensor]) -> tuple[Any, Any]:
        pair_shape(x, count)
        rank = x[0].ndim
        return _parts(node(_joined(x), numbers(range(rank - count, rank))), x[0].dtype)

    return kernel


for _name, _node, _count in (("fft", opset.dft, 1), ("fft2", opset.dft, 2), ("ifft2", opset.idft, 2)):
    kernels.register(_name, _of_pairs(_node, _count))


# the nodes' own way of filling up with zeros reads beyond the end


@kernels.add
def rfft(x: GraphTensor, fft_length: int | None = None) -> tuple[Any, Any]:
    check_samples(x, fft_length)
    wide = converted(x if fft_length is None else fitted(x, fft_length), "float32")
    return _parts(opset.rdft(wide.node, numbers([x.ndim - 1])), x.dtype)


@kernels.add
def irfft(x: Sequence[GraphTensor], fft_length: int | None = None) -> GraphTensor:
    irfft_shape(x, fft_length)
    axes = numbers([x[0].ndim - 1])
    if fft_length is None:
        signal = opset.irdft(_joined(x), axes)
    else:
        parts = [fitted(part, fft_length // 2 + 1) for part in x]
        signal = opset.irdft(_joined(parts), axes, numbers([fft_length]))
    return converted(GraphTensor(signal), x[0].dtype)
