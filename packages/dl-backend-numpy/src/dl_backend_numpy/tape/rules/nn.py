"""Rules of activations, losses and other kernels of networks."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from dl_backend_numpy.tape.functions import fn
from dl_backend_numpy.tape.recording import Rules
from dl_backend_numpy.tape.traced import strip
from dl_ops.typing import Axis


def _softmax(g: Any, y: Any, x: Any, axis: Axis = -1) -> Any:
    scaled = g * y
    return scaled - y * fn.sum(scaled, axis, True)


def _log_softmax(g: Any, y: Any, x: Any, axis: Axis = -1) -> Any:
    return g - fn.exp(y) * fn.sum(g, axis, True)


RULES: Final[dict[str, Rules]] = {
    "relu": (lambda g, y, x: g * (strip(x) > 0),),
    "relu6": (lambda g, y, x: g * ((strip(x) > 0) & (strip(x) < 6)),),
    "sigmoid": (lambda g, y, x: g * (y * (1 - y)),),
    "log_sigmoid": (lambda g, y, x: g * fn.sigmoid(-x),),
    "softplus": (lambda g, y, x: g * fn.sigmoid(x),),
    "softsign": (lambda g, y, x: g / fn.square(fn.absolute(x) + 1),),
    "silu": (lambda g, y, x: g * (fn.sigmoid(x) * (1 - y) + y),),
    "softmax": (_softmax,),
    "log_softmax": (_log_softmax,),
}
