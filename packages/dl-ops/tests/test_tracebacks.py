"""Errors show the user's own lines, and the framework's only on request."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import pytest

from dl_ops import config, ops, tree
from dl_ops.backend import Backend
from dl_ops.tracebacks import short_traceback


@pytest.fixture(autouse=True)
def filtering() -> Iterator[None]:
    yield
    config.enable_traceback_filtering()


@short_traceback
def outer(x: object) -> object:
    return tree.map_structure(inner, x)


def inner(x: object) -> object:
    raise ArithmeticError("inner")


def lines() -> list[str]:
    with pytest.raises(ArithmeticError) as caught:
        outer([1.0])
    return [frame.filename for frame in traceback.extract_tb(caught.value.__traceback__)]


def test_own_lines_are_left_out() -> None:
    short = lines()
    config.disable_traceback_filtering()
    assert len(short) < len(lines())
    assert short[-1] == __file__
    assert not [name for name in short if "dl_ops" in name]


def test_an_op_explains_in_its_own_words_alone(backend: Backend) -> None:
    with pytest.raises(ValueError, match="matmul") as caught:
        ops.matmul(backend.to_tensor([[1.0, 2.0]]), backend.to_tensor([[1.0, 2.0]]))
    assert caught.value.__suppress_context__
    config.disable_traceback_filtering()
    with pytest.raises(ValueError, match="matmul") as caught:
        ops.matmul(backend.to_tensor([[1.0, 2.0]]), backend.to_tensor([[1.0, 2.0]]))
    assert caught.value.__cause__ is not None
