"""Putting tensors together and taking them apart."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from dl_backend_tf.tensors import Tensor, default_of
from dl_ops.backend import Kernels

kernels = Kernels()


@kernels.add
def concatenate(xs: Sequence[Tensor], axis: int = 0) -> Tensor:
    return tf.concat(xs, axis)


@kernels.add
def stack(x: Sequence[Tensor], axis: int = 0) -> Tensor:
    if not x:
        raise ValueError("TensorFlow makes a tensor of nothing")
    return tf.stack(x, axis)


@kernels.add
def split(x: Tensor, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    if isinstance(indices_or_sections, int):
        return tf.split(x, indices_or_sections, axis)  # type: ignore[no-any-return]  # TensorFlow ships no types
    return default_of("split")(x, indices_or_sections, axis)  # type: ignore[no-any-return]  # a default's result
