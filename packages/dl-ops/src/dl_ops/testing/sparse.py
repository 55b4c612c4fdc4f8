"""Checks of ops on sparse tensors."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np

from dl_ops import ops, tree
from dl_ops.autodiff import value_and_grad
from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_scope
from dl_ops.op import registry
from dl_ops.sparse import Entries
from dl_ops.sparse.kernels import on_values
from dl_ops.sparse.table import SPARSE
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.testing.case import Case, all_cases, map_arrays
from dl_ops.testing.checks import compare_values, is_under_test, to_arrays
from dl_ops.typing import Array

DTYPES: Final = ("float32", "int32")
"""Those that ops on sparse tensors are checked in, if a case is for them."""


def check_sparse(case: Case, backend: Backend) -> None:
    """Compare an op's results for sparse arguments with the reference, and with what is inferred of their sparsity.

    All arrays under test are sparse, and where there are several, also each by itself. Sparse ones have elements
    that are not stored, one that is stored twice, a zero that is, and an empty row.

    Raises
    ------
    UnsupportedOp
        If the backend has no sparse tensors.
    """
    for variant, chosen in variants(case):
        for dtype in sorted(set(DTYPES) & set(case.dtypes)):
            args, kwargs = variant.arguments(dtype)
            with backend_scope(backend), np.errstate(all="ignore"):
                result = case.definition.public(
                    *_mapped(args, chosen, functools.partial(sparse_tensor, backend), backend.to_tensor),
                    **_mapped(kwargs, set(), backend.to_tensor, backend.to_tensor),
                )
            compare_values(variant, dtype, result)
            inferred = case.definition.public(*_mapped(args, chosen, _stand_in, _dense_stand_in), **kwargs)
            for x, spec in zip(tree.flatten(result), tree.flatten(inferred), strict=True):
                assert backend.is_sparse(x) == spec.sparse, f"{case} [{dtype}]: {x!r}, inferred sparse={spec.sparse}"


def check_sparse_result(name: str, backend: Backend) -> None:
    """Compare an op's results with ``sparse=True`` with those without."""
    op = registry[name].public
    indices = np.array([[0, 3, 3], [1, -1, 4]], "int32")
    for axis, dtype in itertools.product((-1, 0), ("float32", "int32", "bool")):
        with backend_scope(backend):
            x = backend.to_tensor(indices)
            y = op(x, 4, axis=axis, dtype=dtype, sparse=True)
            expected = op(x, 4, axis=axis, dtype=dtype)
        assert backend.is_sparse(y), f"{name}(sparse=True): {y!r}"
        assert op(_dense_stand_in(indices), 4, axis=axis, dtype=dtype, sparse=True).sparse
        assert not op(_dense_stand_in(indices), 4, axis=axis, dtype=dtype).sparse
        assert ops.dtype(y) == dtype
        np.testing.assert_array_equal(to_arrays(y), to_arrays(expected), err_msg=f"{name}(axis={axis}, dtype={dtype})")


def check_sparse_gradient(case: Case, backend: Backend) -> None:
    """Compare the gradients with respect to what sparse arguments store, and to dense ones, with those of dense
    arguments only.
    """
    for variant, chosen in variants(case):
        _check_gradient(variant, chosen, backend)


def _check_gradient(case: Case, chosen: set[int], backend: Backend) -> None:
    random = np.random.default_rng(zlib.crc32(str(case).encode()))
    args, kwargs = case.arguments("float32")
    inputs = [x for x in tree.flatten(args) if isinstance(x, np.ndarray)]
    under_test = [i for i, x in enumerate(inputs) if x.dtype == np.float32]

    def call(tensors: list[Any]) -> Any:
        rest = iter(tensors)
        return case.definition.public(*map_arrays(lambda x: next(rest), args), **kwargs)

    def gradients(build: Callable[[int, Any], Any], values: list[Any]) -> Any:
        def scalar(*values: Any) -> Any:
            given = dict(zip(under_test, values, strict=True))
            result = call([build(i, given.get(i, x)) for i, x in enumerate(dense)])
            return ops.sum(ops.multiply(ops.convert_to_tensor(result, sparse=False), weights))

        return to_arrays(value_and_grad(scalar, argnums=range(len(values)))(*values)[1])

    with backend_scope(backend), np.errstate(all="ignore"):
        dense = [backend.to_tensor(x) for x in inputs]
        parts = {i: _entries(backend, inputs[i]) for i in chosen}
        weights = backend.to_tensor(random.uniform(0.5, 1.5, call(dense).shape).astype("float32"))
        found = gradients(
            lambda i, x: backend.from_entries(parts[i]._replace(values=x)) if i in chosen else x,
            [parts[i].values if i in chosen else dense[i] for i in under_test],
        )
        expected = gradients(lambda i, x: x, [dense[i] for i in under_test])
        places = {i: tuple(to_arrays(list(part.columns))) for i, part in parts.items()}
    for i, x, y in zip(under_test, found, expected, strict=True):
        wanted = y[places[i]] if i in chosen else y
        np.testing.assert_allclose(x, wanted, rtol=1e-4, atol=1e-5, err_msg=f"{case}: gradient of argument {i}")


def variants(case: Case) -> Iterator[tuple[Case, set[int]]]:
    """The case with zeros in what is to be sparse, and the positions of that among all of its arrays."""
    arrays = [x for x in tree.flatten(case.args) if isinstance(x, np.ndarray)]
    able = [i for i, x in enumerate(arrays) if is_under_test(x) and x.ndim and x.size]
    for chosen in [set(able), *([{i} for i in able] if len(able) > 1 else [])]:
        if chosen:
            yield dataclasses.replace(case, args=_mapped(tuple(case.args), chosen, thinned, lambda x: x)), chosen


def sparse_cases() -> list[Case]:
    """Cases of the ops that know sparse tensors: one of each that works on what is stored, a few of the others."""
    counts: Counter[str] = Counter()
    found = []
    for case in all_cases():
        entry = SPARSE.get(case.op)
        if entry is None or next(variants(case), None) is None:
            continue
        counts[case.op] += 1
        if counts[case.op] <= (1 if entry.kernel is on_values else 6):
            found.append(case)
    return found


def thinned(x: Array) -> Array:
    """`x` with most elements zero, and with rows the first of them empty."""
    y = np.where(np.random.default_rng(x.size).random(x.shape) < 0.4, x, 0.0)
    if x.ndim > 1:
        y[0] = 0.0
    return y


def sparse_tensor(backend: Backend, x: Array) -> Any:
    """Sparse tensor with the elements of an array, one stored in two parts, and a zero stored."""
    return backend.from_entries(_entries(backend, x))


def _entries(backend: Backend, x: Array) -> Entries:
    places = np.argwhere(x)
    values = x[tuple(places.T)]
    part = np.where(np.isfinite(values[:1]), values[:1] / 2, 0).astype(x.dtype)
    values = np.concatenate([values[:1] - part, values[1:], part, np.zeros(1, x.dtype)])
    places = np.concatenate([places, places[:1], np.zeros((1, x.ndim), places.dtype)])
    columns = [backend.to_tensor(np.ascontiguousarray(column, "int32")) for column in places.T]
    return Entries(columns, backend.to_tensor(values), x.shape)


def _mapped(
    structure: Any, chosen: set[int], function: Callable[[Array], Any], otherwise: Callable[[Array], Any]
) -> Any:
    """One function at the chosen ones of the arrays in a structure, counted from the first, another at the rest."""
    position = iter(range(len(tree.flatten(structure))))
    return map_arrays(lambda x: (function if next(position) in chosen else otherwise)(x), structure)


def _stand_in(x: Array) -> KerasTensor:
    return KerasTensor(x.shape, x.dtype, sparse=True, record_history=False)


def _dense_stand_in(x: Array) -> KerasTensor:
    return KerasTensor(x.shape, x.dtype, record_history=False)
