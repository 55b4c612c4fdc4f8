"""Whether tensors have values to look at, or stand for those of a program that is being made."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch


class _Tracing(threading.local):
    active = False


_tracing = _Tracing()


@contextmanager
def tracing() -> Iterator[None]:
    """Mark that a step is being traced."""
    before, _tracing.active = _tracing.active, True
    try:
        yield
    finally:
        _tracing.active = before


def is_tracing() -> bool:
    """Whether a step is being traced, by `CompiledStep` or by a ``torch.compile`` of the user's."""
    return _tracing.active or torch.compiler.is_compiling()


def is_transforming() -> bool:
    """Whether a transformation of ``torch.func``, such as ``vmap``, is being applied."""
    return torch._C._functorch.peek_interpreter_stack() is not None


def is_plain() -> bool:
    """Whether neither is the case."""
    return not (is_tracing() or is_transforming())
