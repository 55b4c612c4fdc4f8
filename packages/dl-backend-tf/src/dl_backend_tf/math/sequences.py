"""Stretches of a signal, also where its length is unknown."""

from __future__ import annotations

import tensorflow as tf

from dl_backend_tf.tensors import Tensor
from dl_ops.backend import Kernels
from dl_ops.math.sequences import check_positive

kernels = Kernels()


@kernels.add
def extract_sequences(x: Tensor, sequence_length: int, sequence_stride: int) -> Tensor:
    check_positive(sequence_length=sequence_length, sequence_stride=sequence_stride)
    return tf.signal.frame(x, sequence_length, sequence_stride)
