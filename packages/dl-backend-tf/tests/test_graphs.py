"""Every op inside a graph in which the batch's size is unknown, against its eager result."""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from dl_ops import backend_scope, get_backend, tree
from dl_ops.testing.case import Case, all_cases, map_arrays
from dl_ops.testing.checks import to_arrays

backend = get_backend("tensorflow")

_NEEDS_SIZES = {
    "array_split-*": "as many parts as asked for, of sizes that are to be known",
    "associative_scan-forward": "the length decides on the rounds",
    "conv-empty": "whether there are images is not known",
    "diagonal-far*": "TensorFlow has no diagonals beyond the corners",
    "pad-*-single": "an axis of one row is padded otherwise than longer ones",
    "tri[lu]-empty": "TensorFlow has no diagonals beyond the corners",
    "tri[lu]-far": "TensorFlow has no diagonals beyond the corners",
    "correlate-default": "the sizes decide on the padding",
    "lu_factor-tall": "elimination goes from row to row",
    "vander-square": "there are as many columns as rows",
}
CASES = [case for case in all_cases() if case.symbolic and case.unknown]


def in_graph(function: Callable[..., Any], args: Any, *, weights: bool) -> Any:
    """Call a function of a structure of arrays as a graph.

    The first array's first size is unknown, and so it is where it occurs again, unless the other arrays are weights.
    """
    arrays = [x for x in tree.flatten(args) if isinstance(x, np.ndarray)]
    batch = next((x.shape[0] for x in arrays if x.ndim), None)
    shapes = [
        (None, *x.shape[1:]) if x.shape[:1] == (batch,) and not (weights and i > 0) else x.shape
        for i, x in enumerate(arrays)
    ]
    specs = [tf.TensorSpec(shape, x.dtype) for shape, x in zip(shapes, arrays, strict=True)]

    @tf.function(autograph=False, input_signature=specs)
    def graph(*tensors: Any) -> Any:
        rest = iter(tensors)
        result = function(map_arrays(lambda x: next(rest), args))
        structures.append(result)
        return [x for x in tree.flatten(result) if x is not None]

    structures: list[Any] = []
    leaves = iter(graph(*arrays))
    return tree.map_structure(lambda x: None if x is None else next(leaves), structures[-1])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_unknown_sizes(case: Case) -> None:
    reason = next((why for pattern, why in _NEEDS_SIZES.items() if fnmatchcase(str(case), pattern)), None)
    if reason is None:
        _compare(case)
        return
    try:
        _compare(case)
    except Exception:
        pytest.xfail(reason)


def _compare(case: Case) -> None:
    args, kwargs = case.arguments(case.dtypes[0])

    def call(args: Any, kwargs: Any) -> Any:
        return case.definition.public(*args, **kwargs)

    with backend_scope(backend):
        eager = to_arrays(call(*map_arrays(backend.to_tensor, (args, kwargs))))
        graph = to_arrays(in_graph(lambda x: call(*x), (args, kwargs), weights="conv" in case.op))
    for x, y in zip(tree.flatten(eager), tree.flatten(graph), strict=True):
        assert x.dtype == y.dtype
        wide = "complex128" if x.dtype.kind == "c" else "float64"
        np.testing.assert_allclose(x.astype(wide), y.astype(wide), rtol=1e-4, atol=1e-5)
