"""Callbacks made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dl_ops.objects import public
from dl_train.callbacks.base import Callback

Hook = Callable[..., Any]


@public("keras.callbacks.LambdaCallback")
class LambdaCallback(Callback):
    """Callback that calls functions.

    Parameters
    ----------
    on_epoch_begin, on_epoch_end : callable, optional
        Take ``(epoch, logs)``.
    on_train_begin, on_train_end : callable, optional
        Take ``(logs)``.
    on_train_batch_begin, on_train_batch_end : callable, optional
        Take ``(batch, logs)``.
    **kwargs
        Functions for any other method of `Callback`.

    Raises
    ------
    ValueError
        If a callback has no such method.

    Examples
    --------
    >>> seen = []
    >>> callback = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(epoch))
    >>> callback.on_epoch_end(3, {})
    >>> seen
    [3]
    """

    def __init__(
        self,
        on_epoch_begin: Hook | None = None,
        on_epoch_end: Hook | None = None,
        on_train_begin: Hook | None = None,
        on_train_end: Hook | None = None,
        on_train_batch_begin: Hook | None = None,
        on_train_batch_end: Hook | None = None,
        **kwargs: Hook,
    ) -> None:
        super().__init__()
        named = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **kwargs,
        }
        for name, function in named.items():
            if not name.startswith("on_") or not hasattr(Callback, name):
                raise ValueError(f"LambdaCallback({name}=…): a callback has no method of this name")
            if function is not None:
                setattr(self, name, function)
