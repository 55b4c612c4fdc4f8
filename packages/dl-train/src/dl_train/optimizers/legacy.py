"""Names of Keras 2's optimizers, ``keras.optimizers.legacy``: as in Keras 3, none can be made."""

from __future__ import annotations

from typing import Any

from dl_ops.objects import public


class _Legacy:
    """An optimizer of Keras 2 that there is no more.

    Raises
    ------
    ImportError
        Always.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        name = type(self).__name__
        raise ImportError(f"optimizers.legacy.{name} is Keras 2's, and gone since Keras 3: use optimizers.{name}")


@public("keras.optimizers.legacy.Adagrad")
class Adagrad(_Legacy):
    """Keras 2's Adagrad, which cannot be made."""


@public("keras.optimizers.legacy.Adam")
class Adam(_Legacy):
    """Keras 2's Adam, which cannot be made."""


@public("keras.optimizers.legacy.Ftrl")
class Ftrl(_Legacy):
    """Keras 2's FTRL, which cannot be made."""


@public("keras.optimizers.legacy.Optimizer")
class Optimizer(_Legacy):
    """Keras 2's base class of optimizers, which cannot be made."""


@public("keras.optimizers.legacy.RMSprop")
class RMSprop(_Legacy):
    """Keras 2's RMSprop, which cannot be made."""


@public("keras.optimizers.legacy.SGD")
class SGD(_Legacy):
    """Keras 2's SGD, which cannot be made."""


__all__ = ["SGD", "Adagrad", "Adam", "Ftrl", "Optimizer", "RMSprop"]
