"""Random ops as functions of a key."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import numpy as np
import torch
from torch import Tensor

from dl_backend_torch import conversion, devices
from dl_backend_torch.conversion import torch_dtype
from dl_backend_torch.default import default
from dl_backend_torch.random.generator import generator
from dl_backend_torch.random.philox import random_bits
from dl_backend_torch.tracing import is_tracing
from dl_ops.backend import Kernels
from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.random.host import host_generator
from dl_ops.random.primitives import mask_shape

F = TypeVar("F", bound=Callable[..., Any])

kernels = Kernels()


def _options(key: Tensor, dtype: Any) -> dict[str, Any]:
    device = devices.current()
    return {"generator": generator(key, device), "dtype": torch_dtype(standardize_dtype(dtype)), "device": device}


def _unless_tracing(kernel: F) -> F:
    """Use the default, which ends in `random_uniform`, where a generator cannot be part of a program."""

    @functools.wraps(kernel)
    def run(*args: Any) -> Any:
        return default(kernel.__name__, *args) if is_tracing() else kernel(*args)

    return cast(F, run)


@kernels.add
def random_uniform(key: Tensor, shape: Sequence[int], dtype: Any) -> Tensor:
    if is_tracing():
        target = torch_dtype(standardize_dtype(dtype))
        bits = random_bits(key, math.prod(shape)).reshape(tuple(shape))
        # as many of them as the dtype has digits, so that none is rounded to 1
        digits = min(32, 1 - int(math.log2(torch.finfo(target).eps)))
        return (bits >> (32 - digits)).to(target) * 2.0**-digits
    return torch.rand(tuple(shape), **_options(key, dtype))


@kernels.add
@_unless_tracing
def random_normal(key: Tensor, shape: Sequence[int], dtype: Any) -> Tensor:
    return torch.randn(tuple(shape), **_options(key, dtype))


@kernels.add
def random_randint(key: Tensor, shape: Sequence[int], minval: Any, maxval: Any, dtype: Any) -> Tensor:
    if is_tracing():
        low = torch.as_tensor(minval)
        size = (torch.as_tensor(maxval) - low).double()
        share = random_bits(key, math.prod(shape)).reshape(tuple(shape)).double() * 2.0**-32
        return (low + (share * size).long()).to(torch_dtype(standardize_dtype(dtype)))
    first, end, name = int(minval), int(maxval), standardize_dtype(dtype)
    if not (first >= -(2**63) and end < 2**63):
        # PyTorch takes no such bounds
        wide = np.uint64 if name == "uint64" else np.int64
        numbers = host_generator(key.tolist()).integers(first, end, tuple(shape), wide).astype(numpy_dtype(name))
        return conversion.from_numpy(np.asarray(numbers)).to(devices.current())
    return torch.randint(first, end, tuple(shape), **_options(key, name))


@kernels.add
@_unless_tracing
def random_truncated_normal(key: Tensor, shape: Sequence[int], dtype: Any) -> Tensor:
    options = _options(key, dtype)
    # the inverse of the distribution function, scaled such that two standard deviations are the ends
    end = math.erf(2 / math.sqrt(2))
    # 16 bits are too few for the inverse
    wide = torch.float32 if options["dtype"].itemsize < 4 else options["dtype"]
    x = torch.empty(tuple(shape), dtype=wide, device=options["device"])
    x.uniform_(-end, end, generator=options["generator"]).erfinv_().mul_(math.sqrt(2))
    return x.clamp_(-2, 2).to(options["dtype"])


@kernels.add
@_unless_tracing
def random_categorical(key: Tensor, logits: Tensor, num_samples: int, dtype: Any) -> Tensor:
    drawn = torch.multinomial(
        torch.softmax(logits if logits.is_floating_point() else logits.float(), -1),
        num_samples,
        replacement=True,
        generator=generator(key, logits.device),
    )
    return drawn.to(torch_dtype(standardize_dtype(dtype)))


@kernels.add
@_unless_tracing
def random_shuffle(key: Tensor, x: Tensor, axis: int = 0) -> Tensor:
    order = torch.randperm(x.shape[axis], generator=generator(key, x.device), device=x.device)
    return x.index_select(axis, order)


@kernels.add
@_unless_tracing
def random_dropout(key: Tensor, inputs: Tensor, rate: float, noise_shape: Sequence[int | None] | None = None) -> Tensor:
    if rate == 1:
        return torch.zeros_like(inputs)
    shape = cast("tuple[int, ...]", mask_shape(inputs, noise_shape))
    mask = torch.empty(shape, dtype=inputs.dtype, device=inputs.device)
    mask.bernoulli_(1.0 - rate, generator=generator(key, inputs.device)).mul_(1.0 / (1.0 - rate))
    return inputs * mask


@kernels.add
def random_gamma(key: Tensor, shape: Sequence[int], alpha: Tensor, dtype: Any) -> Tensor:
    target = torch_dtype(standardize_dtype(dtype))
    wide = alpha.to(torch.float64 if target is torch.float64 else torch.float32)
    return torch._standard_gamma(wide.expand(tuple(shape)), generator(key, alpha.device)).to(target)


@kernels.add
def random_binomial(key: Tensor, shape: Sequence[int], counts: Tensor, probabilities: Tensor, dtype: Any) -> Tensor:
    count, probability = (x.float().expand(tuple(shape)) for x in (counts, probabilities))
    return torch.binomial(count, probability, generator(key, counts.device)).to(torch_dtype(standardize_dtype(dtype)))
