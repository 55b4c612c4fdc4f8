"""Checks of values, shapes, dtypes and signatures."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from dl_ops import tree
from dl_ops.backend.contract import Backend
from dl_ops.backend.registry import backend_scope
from dl_ops.dispatch import general_call
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.interchange import convert_to_numpy
from dl_ops.op import Op
from dl_ops.scopes import symbolic_scope
from dl_ops.symbolic.inference import static_shape
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.testing.case import Case, map_arrays
from dl_ops.typing import Array

TOLERANCES: Final = {
    "float64": 1e-9,
    "float32": 2e-5,
    "float16": 5e-3,
    "bfloat16": 4e-2,
    "complex64": 2e-5,
    "complex128": 1e-9,
}
"""Relative and absolute error allowed in a result of each dtype, where 1 is a typical size."""


def check_value_shape_dtype(case: Case, backend: Backend) -> None:
    """Compare the op's eager result with the reference, and its shape and dtype with the inferred ones."""
    for dtype in case.dtypes:
        result = _run(case, backend, dtype, case.definition.public)
        compare_values(case, dtype, result)
        if case.symbolic:
            _compare_specs(case, result, symbolic_result(case, dtype))


def check_default(case: Case, backend: Backend, *, compiled: bool = False) -> None:
    """Compare the result of the op's default, kernel or not, with the reference; where it can be compiled, compiled if
    so wanted.
    """
    op = case.definition

    def default(*args: Any, **kwargs: Any) -> Any:
        return general_call(op, args, kwargs, default=True)

    for dtype in case.dtypes:
        result = _run(case, backend, dtype, compiled_where_possible(default, backend) if compiled else default)
        compare_values(case, dtype, result)
        if case.symbolic:
            _compare_specs(case, result, symbolic_result(case, dtype))


def check_compiled(case: Case, backend: Backend, dtype: str) -> None:
    """Compare the op's result in a step that the backend compiles, of all tensors among its arguments, with the
    reference.
    """
    compare_values(case, dtype, _run(case, backend, dtype, compiled(case.definition.public, backend)))


def compiled(function: Callable[..., Any], backend: Backend) -> Callable[..., Any]:
    """A function as one step that a backend compiles, of all tensors among its arguments."""

    def call(*args: Any, **kwargs: Any) -> Any:
        leaves = tree.flatten((args, kwargs))
        places = [i for i, x in enumerate(leaves) if backend.is_tensor(x)]

        def step(*tensors: Any) -> Any:
            filled = list(leaves)
            for i, x in zip(places, tensors, strict=True):
                filled[i] = x
            positional, keyword = tree.pack_sequence_as((args, kwargs), filled)
            return function(*positional, **keyword)

        return backend.compile_step(step, [])(*[leaves[i] for i in places])

    return call


def compiled_where_possible(function: Callable[..., Any], backend: Backend) -> Callable[..., Any]:
    """The same, and as it is where it needs values, which only eager tensors have."""
    step = compiled(function, backend)

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return step(*args, **kwargs)
        except Exception:
            return function(*args, **kwargs)

    return call


def check_symbolic(case: Case) -> None:
    """Check that what is inferred with sizes unknown agrees with what is inferred with all of them known."""
    if not (case.symbolic and case.unknown):
        return
    for dtype in case.dtypes:
        known, unknown = symbolic_result(case, dtype), symbolic_result(case, dtype, unknown=True)
        for x, y in zip(tree.flatten(known), tree.flatten(unknown), strict=True):
            assert x.dtype == y.dtype, f"{case}: dtype {y.dtype} with unknown sizes, {x.dtype} with known ones"
            assert _compatible(y.shape, x.shape), (
                f"{case}: shape {y.shape} with unknown sizes, {x.shape} with known ones"
            )


def check_signature(name: str, op: Op, kernel: Callable[..., Any]) -> None:
    """Check that a kernel can be called as its op's default can: the same parameters, in the same order, with the same
    defaults.
    """
    try:
        signature = inspect.signature(kernel)
    except ValueError:
        return  # built into the framework
    wanted = list(op.signature.parameters.values())
    if (getattr(kernel, "__module__", "") or "").startswith("dl_backend"):
        found = list(signature.parameters.values())
        if any(p.kind is p.VAR_POSITIONAL for p in found) and not any(p.kind is p.VAR_POSITIONAL for p in wanted):
            return  # a wrapper
        assert [(p.name, p.default) for p in found] == [(p.name, p.default) for p in wanted], (
            f"kernel of {name!r} has signature {signature}, the op has {op.signature}"
        )
    elif not op.irregular:
        # the framework's own function, called positionally with what the user gave
        least = [p for p in wanted if p.default is p.empty]
        for count in range(len(least), len(wanted) + 1):
            signature.bind(*[None] * count)


def to_tensors(backend: Backend, structure: Any) -> Any:
    """Arrays in a structure as tensors of a backend."""
    return map_arrays(backend.to_tensor, structure)


def to_arrays(structure: Any) -> Any:
    """Tensors in a structure as NumPy arrays."""
    return tree.map_structure(lambda x: None if x is None else np.asarray(convert_to_numpy(x)), structure)


def symbolic_result(case: Case, dtype: str, *, unknown: bool = False) -> Any:
    """What is inferred for a case: a structure of symbolic tensors."""
    op = case.definition
    args, kwargs = case.arguments(dtype)

    def stand_in(name: str, x: Array) -> KerasTensor:
        shape: tuple[int | None, ...] = x.shape
        if unknown and shape and (case.unknown is True or name in (case.unknown or ())):
            shape = (None, *shape[1:])
        return KerasTensor(shape, x.dtype)

    arguments = {
        name: map_arrays(functools.partial(stand_in, name), value) for name, value in op.bind(args, kwargs).items()
    }
    positional, keyword = op.unbind(arguments)
    # the scope is for ops that take no tensor, which would compute without it
    with symbolic_scope():
        return op.public(*positional, **keyword)


def _run(case: Case, backend: Backend, dtype: str, function: Callable[..., Any]) -> Any:
    args, kwargs = case.arguments(dtype)
    # NumPy warns of infinities and NaN where other frameworks just give them
    with backend_scope(backend), np.errstate(all="ignore"):
        return function(*to_tensors(backend, args), **to_tensors(backend, kwargs))


def _exact(x: Array) -> Array:
    """The same values in the widest dtype of their kind."""
    kind = {"V": "float64", "f": "float64", "i": "int64", "u": "int64"}.get(x.dtype.kind)
    return x if kind is None or x.dtype.names else x.astype(kind)


def compare_values(case: Case, dtype: str, result: Any) -> None:
    """Compare an op's result for tensors of a dtype with the case's reference."""
    args, kwargs = (map_arrays(_exact, arguments) for arguments in case.arguments(dtype))
    found = to_arrays(result)
    if case.verify is not None:
        case.verify(found, *args, **kwargs)
        return
    assert case.reference is not None
    # in the default float, or the one under test, whichever is coarser: what went in was rounded to it
    with np.errstate(all="ignore"):
        expected = case.reference(*args, **kwargs)
    results, references = tree.flatten(found), tree.flatten(expected)
    assert len(results) == len(references), f"{case} [{dtype}]: {len(results)} results, expected {len(references)}"
    for x, y in zip(results, references, strict=True):
        reference = np.asarray(y)
        assert x.shape == reference.shape, f"{case} [{dtype}]: shape {x.shape}, expected {reference.shape}"
        tolerance = case.tolerance * max(TOLERANCES.get(name, 0) for name in (x.dtype.name, dtype))
        np.testing.assert_allclose(
            _exact(x), _exact(reference), rtol=tolerance, atol=tolerance, err_msg=f"{case} [{dtype}]", verbose=True
        )


def _compare_specs(case: Case, result: Any, spec: Any) -> None:
    tensors, specs = tree.flatten(result), tree.flatten(spec)
    assert len(tensors) == len(specs), f"{case}: {len(tensors)} results, inferred {len(specs)}"
    for x, inferred in zip(tensors, specs, strict=True):
        shape = static_shape(x)
        assert inferred.shape == shape, f"{case}: shape {shape}, inferred {inferred.shape}"
        name = standardize_dtype(x.dtype)
        assert inferred.dtype == name, f"{case}: dtype {name}, inferred {inferred.dtype}"


def _compatible(general: tuple[int | None, ...], special: tuple[int | None, ...]) -> bool:
    return len(general) == len(special) and all(a is None or a == b for a, b in zip(general, special, strict=True))


def is_under_test(x: Any) -> bool:
    """Whether an argument is an array that takes the dtype under test."""
    return isinstance(x, np.ndarray) and is_float(x.dtype.name) and x.dtype == np.float64
