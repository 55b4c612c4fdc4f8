"""Misuses of splitting, tapers, patterns of axes, patches and adaptive poolings."""

from __future__ import annotations

from typing import Final

import numpy as np

from dl_ops.testing.misuses.misuse import Misuse

_X: Final = np.zeros((2, 3, 4), "float32")
_IMAGES: Final = np.zeros((1, 4, 6, 3), "float32")

MISUSES: Final = (
    Misuse("array_split", [_X, 0], "positive number of parts", label="0"),
    Misuse("array_split", [_X, [1, 2]], "expected the number of parts", TypeError, label="1"),
    Misuse("array_split", [_X, 2, 3], "axis=3 is out of range", label="2"),
    Misuse("hsplit", [_X, 2], "does not split into 2 equal parts", label="0"),
    Misuse("hsplit", [1.0, 1], "axis=1 is out of range", label="1"),
    Misuse("dsplit", [_X[0], 2], "axis=2 is out of range", label="0"),
    Misuse("dstack", [[]], "at least one tensor", label="0"),
    Misuse("fliplr", [_X[0, 0]], "axis=1 is out of range", label="0"),
    Misuse("flipud", [1.0], "axis=0 is out of range", label="0"),
    Misuse("hanning", [-1], "x=-1", label="0"),
    Misuse("hanning", [2.5], "x=2.5", label="1"),
    Misuse("geomspace", [1.0, 2.0, -1], "num=-1", label="0"),
    Misuse("logspace", [1.0, 2.0, -1], "num=-1", label="0"),
    Misuse("rearrange", [_X, "a b c"], "one '->'", label="0"),
    Misuse("rearrange", [_X, "a b -> b a"], "3 dimensions", label="1"),
    Misuse("rearrange", [_X, "a b c -> a b"], "both sides", label="2"),
    Misuse("rearrange", [_X, "a b c -> a b c d"], "both sides", label="3"),
    Misuse("rearrange", [_X, "a a c -> a c"], "names an axis twice", label="4"),
    Misuse("rearrange", [_X, "a (b c -> a b c"], "not closed", label="5"),
    Misuse("rearrange", [_X, "a ((b) c) d -> a b c d"], "not expected", label="6"),
    Misuse("rearrange", [_X, "a b 2 -> a b"], "'2' is not expected", label="7"),
    Misuse("rearrange", [_X, "a b 1 -> a b"], "size 4 does not split", label="8"),
    Misuse("rearrange", [_X, "a (b ...) -> a b ..."], "must not be in parentheses", label="9"),
    Misuse("rearrange", [_X, "a b (c d) -> a b c d"], "all but one of the axes c, d", label="10"),
    Misuse("rearrange", [_X, "a b (c d) -> a b c d"], "does not split", kwargs={"d": 3}, label="11"),
    Misuse("rearrange", [_X, "a b (c d) -> a b c d"], "d=0", kwargs={"d": 0}, label="12"),
    Misuse("rearrange", [_X, "a b c -> c b a"], "has no axis e", kwargs={"e": 3}, label="13"),
    Misuse("depth_to_space", [_IMAGES, 2], "multiple of 4", label="0"),
    Misuse("depth_to_space", [_IMAGES, 1], "block_size=1", label="1"),
    Misuse("space_to_depth", [_IMAGES, 3], "4 rows", label="0"),
    Misuse("space_to_depth", [_X, 2], "expected 4 dimensions", label="1"),
    Misuse("unfold", [_X, 2], "expected .batch, channels, height, width", label="0"),
    Misuse("unfold", [_IMAGES, 7], "do not fit", label="1"),
    Misuse("unfold", [_IMAGES, 2], "padding=-1", kwargs={"padding": -1}, label="2"),
    Misuse("unfold", [_IMAGES, 2], "stride=0", kwargs={"stride": 0}, label="3"),
    Misuse("fold", [np.zeros((4, 9), "float32"), (4, 4), 2], r"\(4, 9\)", label="single"),
    Misuse("fold", [np.zeros((1, 8, 4)), (4, 4), 2], "x has 4 patches", label="0"),
    Misuse("fold", [np.zeros((1, 6, 9)), (4, 4), 2], "x has 6 rows", label="1"),
    Misuse("adaptive_max_pool", [_IMAGES, 0], "output_size=0", label="0"),
    Misuse("adaptive_max_pool", [_IMAGES, (1, 2, 3)], "expected 2 entries", label="1"),
    Misuse("adaptive_average_pool", [_IMAGES[0, 0], 2], "expected 3, 4 or 5 dimensions", label="0"),
    Misuse("adaptive_average_pool", [_IMAGES[:, :0], 2], "not empty", label="1"),
    Misuse("psnr", [_X, _X[0], 1.0], "expected the same", label="0"),
    Misuse("cdist", [_X, _X[..., :2]], "4 coordinates", label="0"),
    Misuse("cdist", [_X[0, 0], _X], "at least two dimensions", label="1"),
)
