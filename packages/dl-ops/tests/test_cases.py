"""The table of the conformance kit, and the kit itself on what is wrong."""

from __future__ import annotations

import numpy as np
import pytest

from dl_ops import ops
from dl_ops.backend import get_backend
from dl_ops.op import registry
from dl_ops.testing import Case, all_cases, cases, check_gradient, check_signature, check_value_shape_dtype

CASES = list(all_cases())
# defined by tests and doctests
OPS = sorted(name for name in registry if not name.startswith("example_"))


@pytest.mark.parametrize("name", OPS)
def test_every_op_has_a_case(name: str) -> None:
    assert cases(name)


def test_every_case_is_of_an_op_and_has_a_name_of_its_own() -> None:
    assert {case.op for case in CASES} <= set(registry)
    names = [str(case) for case in CASES]
    assert sorted(names) == sorted(set(names))


def test_cases_of_no_op_are_an_error() -> None:
    with pytest.raises(ValueError, match="op_name='sine'"):
        cases("sine")


def test_a_case_needs_one_way_to_check_it() -> None:
    with pytest.raises(ValueError, match="either a reference or verify"):
        Case("exp", (np.ones(2),))


def test_a_wrong_value_is_found() -> None:
    case = Case("exp", (np.array([1.0, 2.0]),), reference=lambda x: np.exp(x) * (1 + 1e-4))
    with pytest.raises(AssertionError, match="exp"):
        check_value_shape_dtype(case, get_backend("numpy"))


def test_a_wrong_shape_is_found() -> None:
    case = Case("exp", (np.ones(2),), reference=lambda x: np.exp(x)[None])
    with pytest.raises(AssertionError, match=r"shape \(2,\), expected \(1, 2\)"):
        check_value_shape_dtype(case, get_backend("numpy"))


def test_a_wrong_gradient_is_found() -> None:
    # the rounded part has no gradient, but a slope
    case = Case("custom_example", (np.ones(2),), reference=np.exp, gradient=True)
    registry["custom_example"] = registry["exp"]
    try:
        check_gradient(case, get_backend("numpy"))
        registry["custom_example"] = ops.stop_gradient.op  # type: ignore[attr-defined]  # on every public op
        with pytest.raises(AssertionError, match=r"first derivative 0\.0, by central difference"):
            check_gradient(case, get_backend("numpy"))
    finally:
        del registry["custom_example"]


def test_a_kernel_of_another_signature_is_found() -> None:
    def sum(x: object, axes: object = None, keepdims: bool = False) -> None: ...

    sum.__module__ = "dl_backend_example"
    with pytest.raises(AssertionError, match="kernel of 'sum' has signature"):
        check_signature("sum", registry["sum"], sum)
    check_signature("add", registry["add"], np.add)
