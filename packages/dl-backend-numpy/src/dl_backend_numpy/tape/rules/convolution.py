"""Rules of convolutions and poolings, and of the kernels that compute their gradients.

A convolution is linear in the image and in the kernel, so the gradients of its gradients are convolutions again.
"""

from __future__ import annotations

from typing import Any, Final

from dl_backend_numpy.nn.conv import conv_input_gradient, conv_kernel_gradient
from dl_backend_numpy.nn.pooling import average_pool_gradient, max_pool_gradient, max_pool_take
from dl_backend_numpy.tape.functions import adjoint, fn
from dl_backend_numpy.tape.kinds import Rules
from dl_backend_numpy.tape.traced import strip
from dl_ops.nn.conv import conv_transpose_crops, conv_transpose_windows
from dl_ops.nn.windows import Windows

for _kernel in (conv_input_gradient, conv_kernel_gradient, average_pool_gradient, max_pool_gradient, max_pool_take):
    adjoint(_kernel)


def _conv(
    strides: Any = 1, padding: str = "valid", data_format: str | None = None, dilation_rate: Any = 1
) -> tuple[Any, ...]:
    return strides, padding, data_format, dilation_rate


def _conv_inputs(g: Any, y: Any, x: Any, k: Any, *options: Any) -> Any:
    return fn.conv_input_gradient(g, k, tuple(x.shape), *_conv(*options))


def _conv_kernel(g: Any, y: Any, x: Any, k: Any, *options: Any) -> Any:
    return fn.conv_kernel_gradient(g, x, tuple(k.shape), *_conv(*options))


def _uncropped(
    g: Any, x: Any, k: Any, strides: Any, padding: str, output_padding: Any, data_format: str | None, dilation_rate: Any
) -> tuple[Any, Windows]:
    """Gradient of all that the windows of a transposed convolution give, from that of the part that is kept."""
    w = conv_transpose_windows(x, k, strides, padding, data_format, dilation_rate)
    crops = conv_transpose_crops(w, output_padding)
    first = 1 if w.channels_last else 2
    # a negative crop is zeros that were added
    kept = tuple(slice(None, n + min(high, 0)) for n, (_, high) in zip(g.shape[first:], crops, strict=False))
    widths = [(0, 0)] * g.ndim
    widths[first : first + len(crops)] = [(low, max(high, 0)) for low, high in crops]
    return fn.pad(g[(slice(None),) * first + kept], widths), w


def _conv_transpose_inputs(
    g: Any, y: Any, x: Any, k: Any, s: Any = 1, p: str = "valid", o: Any = None, f: str | None = None, d: Any = 1
) -> Any:
    full, w = _uncropped(g, x, k, s, p, o, f, d)
    return fn.conv(full, k, w.strides, "valid", f, w.dilation)


def _conv_transpose_kernel(
    g: Any, y: Any, x: Any, k: Any, s: Any = 1, p: str = "valid", o: Any = None, f: str | None = None, d: Any = 1
) -> Any:
    full, w = _uncropped(g, x, k, s, p, o, f, d)
    return fn.conv_kernel_gradient(x, full, tuple(k.shape), w.strides, "valid", f, w.dilation)


RULES: Final[dict[str, Rules]] = {
    "conv": (_conv_inputs, _conv_kernel),
    "conv_input_gradient": (
        lambda G, y, g, k, shape, *options: fn.conv(G, k, *options),
        lambda G, y, g, k, shape, *options: fn.conv_kernel_gradient(g, G, tuple(k.shape), *options),
    ),
    "conv_kernel_gradient": (
        lambda K, y, g, x, shape, *options: fn.conv(x, K, *options),
        lambda K, y, g, x, shape, *options: fn.conv_input_gradient(g, K, tuple(x.shape), *options),
    ),
    "conv_transpose": (_conv_transpose_inputs, _conv_transpose_kernel),
    "max_pool": (lambda g, y, x, *options: fn.max_pool_gradient(g, strip(x), *options),),
    "max_pool_gradient": (lambda G, y, g, x, *options: fn.max_pool_take(G, strip(x), *options), None),
    "max_pool_take": (lambda g, y, G, x, *options: fn.max_pool_gradient(g, strip(x), *options), None),
    "average_pool": (lambda g, y, x, *options: fn.average_pool_gradient(g, tuple(x.shape), *options),),
    "average_pool_gradient": (lambda G, y, g, shape, *options: fn.average_pool(G, *options),),
}

LINEAR: Final = frozenset(
    {
        "average_pool",
        "average_pool_gradient",
        "conv",
        "conv_input_gradient",
        "conv_kernel_gradient",
        "conv_transpose",
        "max_pool_gradient",
        "max_pool_take",
    }
)
