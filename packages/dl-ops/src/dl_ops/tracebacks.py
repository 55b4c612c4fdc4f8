"""Tracebacks without the framework's own lines."""

from __future__ import annotations

import functools
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, TypeVar, cast

from dl_ops import config

F = TypeVar("F", bound=Callable[..., Any])

_OWN: Final = frozenset({"dl", "dl_apps", "dl_layers", "dl_ops", "dl_preprocess", "dl_saving", "dl_train"})


def short_traceback(function: F) -> F:
    """Let errors pass out of a function with the lines of the framework itself left out of what it called; see
    `disable_traceback_filtering`.
    """

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            shorten(error)
            raise

    return cast(F, call)


def shorten(error: Exception) -> None:
    """Leave the lines of the framework itself out of an error's traceback, if such filtering is on."""
    if config.is_traceback_filtering_enabled():
        error.__traceback__ = _shortened(error.__traceback__)


def _shortened(traceback: TracebackType | None) -> TracebackType | None:
    frames: list[TracebackType] = []
    while traceback is not None:
        frames.append(traceback)
        traceback = traceback.tb_next
    # where it was raised always stays
    kept = [t for t in frames[:-1] if not _is_own(t)] + frames[-1:]
    following: TracebackType | None = None
    for t in reversed(kept):
        following = TracebackType(following, t.tb_frame, t.tb_lasti, t.tb_lineno)
    return following


def _is_own(traceback: TracebackType) -> bool:
    package = traceback.tb_frame.f_globals.get("__name__", "").partition(".")[0]
    return package in _OWN or package.startswith("dl_backend_")
