"""What ops on shapes, patches and windows refuse, and how they say so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dl_ops import KerasTensor, ops

_X = np.zeros((2, 3, 4), "float32")
_IMAGES = np.zeros((1, 4, 6, 3), "float32")


@pytest.mark.parametrize(
    ("op", "args", "kwargs", "error", "message"),
    [
        ("array_split", (_X, 0), {}, ValueError, "positive number of parts"),
        ("array_split", (_X, [1, 2]), {}, TypeError, "expected the number of parts"),
        ("array_split", (_X, 2, 3), {}, ValueError, "axis=3 is out of range"),
        ("hsplit", (_X, 2), {}, ValueError, "does not split into 2 equal parts"),
        ("hsplit", (1.0, 1), {}, ValueError, "axis=1 is out of range"),
        ("dsplit", (_X[0], 2), {}, ValueError, "axis=2 is out of range"),
        ("dstack", ([],), {}, ValueError, "at least one tensor"),
        ("fliplr", (_X[0, 0],), {}, ValueError, "axis=1 is out of range"),
        ("flipud", (1.0,), {}, ValueError, "axis=0 is out of range"),
        ("hanning", (-1,), {}, ValueError, "x=-1"),
        ("hanning", (2.5,), {}, ValueError, "x=2.5"),
        ("geomspace", (1.0, 2.0, -1), {}, ValueError, "num=-1"),
        ("logspace", (1.0, 2.0, -1), {}, ValueError, "num=-1"),
        ("rearrange", (_X, "a b c"), {}, ValueError, "one '->'"),
        ("rearrange", (_X, "a b -> b a"), {}, ValueError, "3 dimensions"),
        ("rearrange", (_X, "a b c -> a b"), {}, ValueError, "both sides"),
        ("rearrange", (_X, "a b c -> a b c d"), {}, ValueError, "both sides"),
        ("rearrange", (_X, "a a c -> a c"), {}, ValueError, "names an axis twice"),
        ("rearrange", (_X, "a (b c -> a b c"), {}, ValueError, "not closed"),
        ("rearrange", (_X, "a ((b) c) d -> a b c d"), {}, ValueError, "not expected"),
        ("rearrange", (_X, "a b 2 -> a b"), {}, ValueError, "'2' is not expected"),
        ("rearrange", (_X, "a b 1 -> a b"), {}, ValueError, "size 4 does not split"),
        ("rearrange", (_X, "a (b ...) -> a b ..."), {}, ValueError, "must not be in parentheses"),
        ("rearrange", (_X, "a b (c d) -> a b c d"), {}, ValueError, "all but one of the axes c, d"),
        ("rearrange", (_X, "a b (c d) -> a b c d"), {"d": 3}, ValueError, "does not split"),
        ("rearrange", (_X, "a b (c d) -> a b c d"), {"d": 0}, ValueError, "d=0"),
        ("rearrange", (_X, "a b c -> c b a"), {"e": 3}, ValueError, "has no axis e"),
        ("depth_to_space", (_IMAGES, 2), {}, ValueError, "multiple of 4"),
        ("depth_to_space", (_IMAGES, 1), {}, ValueError, "block_size=1"),
        ("space_to_depth", (_IMAGES, 3), {}, ValueError, "4 rows"),
        ("space_to_depth", (_X, 2), {}, ValueError, "expected 4 dimensions"),
        ("unfold", (_X, 2), {}, ValueError, "expected .batch, channels, height, width"),
        ("unfold", (_IMAGES, 7), {}, ValueError, "do not fit"),
        ("unfold", (_IMAGES, 2), {"padding": -1}, ValueError, "padding=-1"),
        ("unfold", (_IMAGES, 2), {"stride": 0}, ValueError, "stride=0"),
        ("fold", (np.zeros((1, 8, 4)), (4, 4), 2), {}, ValueError, "x has 4 patches"),
        ("fold", (np.zeros((1, 6, 9)), (4, 4), 2), {}, ValueError, "x has 6 rows"),
        ("adaptive_max_pool", (_IMAGES, 0), {}, ValueError, "output_size=0"),
        ("adaptive_max_pool", (_IMAGES, (1, 2, 3)), {}, ValueError, "expected 2 entries"),
        ("adaptive_average_pool", (_IMAGES[0, 0], 2), {}, ValueError, "expected 3, 4 or 5 dimensions"),
        ("adaptive_average_pool", (_IMAGES[:, :0], 2), {}, ValueError, "not empty"),
        ("psnr", (_X, _X[0], 1.0), {}, ValueError, "expected the same"),
        ("cdist", (_X, _X[..., :2]), {}, ValueError, "4 coordinates"),
        ("cdist", (_X[0, 0], _X), {}, ValueError, "at least two dimensions"),
    ],
)
@pytest.mark.parametrize("symbolic", [False, True], ids=["eager", "symbolic"])
def test_arguments_that_do_not_fit_are_refused(
    op: str, args: tuple[Any, ...], kwargs: dict[str, Any], error: type[Exception], message: str, symbolic: bool
) -> None:
    if symbolic:
        args = tuple(KerasTensor(x.shape) if isinstance(x, np.ndarray) else x for x in args)
    with pytest.raises(error, match=message) as caught:
        getattr(ops, op)(*args, **kwargs)
    assert str(caught.value).startswith(f"{op}(")
