"""Rules of attention and normalization: the gradients of a call are computed together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from dl_backend_numpy.nn import attention, normalization
from dl_backend_numpy.tape.kinds import Kernel, Rules
from dl_backend_numpy.tape.rules import joint


def _layer_normalization(
    saved: normalization.Saved, g: Any, y: Any, x: Any, gamma: Any = None, beta: Any = None, *options: Any
) -> Sequence[Any]:
    of_x, *others = normalization.layer_normalization_gradients(saved, g, gamma)
    pairs = zip((gamma, beta), others, strict=True)
    return [of_x, *(None if x is None else d.reshape(x.shape) for x, d in pairs)]


def _dot_product_attention(saved: attention.Saved, g: Any, y: Any, *args: Any) -> Sequence[Any]:
    return attention.dot_product_attention_gradients(saved, g, y, *args[:4])


RULES: Final[dict[str, Rules]] = {
    "layer_normalization": joint.rules("layer_normalization", 3, 2, _layer_normalization),
    "dot_product_attention": joint.rules("dot_product_attention", 4, 5, _dot_product_attention),
}

SAVING: Final[dict[str, Kernel]] = {
    "layer_normalization": joint.saving(normalization.layer_normalization_and_saved),
    "dot_product_attention": joint.saving(attention.dot_product_attention_and_saved),
}

COVERED: Final[dict[str, Callable[..., bool]]] = {
    "layer_normalization": normalization.is_covered,
    "dot_product_attention": attention.is_covered,
}
