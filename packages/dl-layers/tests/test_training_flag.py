"""The training flag, for layers whose `call` does not take it."""

from __future__ import annotations

from typing import Any

import numpy as np

from dl_layers import Dropout, Layer
from dl_ops import ops
from dl_ops.backend import Backend


class Wrapped(Layer):
    def __init__(self) -> None:
        super().__init__()
        self.dropout = Dropout(0.9, seed=1)

    def call(self, x: Any) -> Any:
        return self.dropout(x)


def test_it_reaches_the_layers_inside(backend: Backend) -> None:
    layer, x = Wrapped(), np.ones(100, "float32")
    for training, changes in ((True, True), (False, False), (None, False)):
        y = ops.convert_to_numpy(layer(x, training=training))
        assert bool((y != x).any()) is changes
