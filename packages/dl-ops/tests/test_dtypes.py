"""Dtype names and promotion."""

from __future__ import annotations

from collections.abc import Iterator

import ml_dtypes
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dl_ops import KerasTensor, backend_scope, config, ops
from dl_ops.dtypes import (
    ALLOWED_DTYPES,
    FLOAT_TYPES,
    INT_TYPES,
    SIGNED_TYPES,
    WEAK_FLOAT,
    WEAK_INT,
    exact_dtype,
    is_complex,
    is_float,
    is_int,
    least_upper_bound,
    numpy_dtype,
    promote,
    result_type,
    standardize_dtype,
)

STRONG = [name for name in ALLOWED_DTYPES if name != "string"]
dtypes = st.sampled_from([*STRONG, WEAK_INT, WEAK_FLOAT])


@pytest.fixture
def floatx() -> Iterator[None]:
    before = config.floatx()
    yield
    config.set_floatx(before)


def joined(*names: str) -> str | None:
    """Least upper bound, or ``None`` where there is none."""
    try:
        return least_upper_bound(*names)
    except ValueError:
        return None


@given(a=dtypes, b=dtypes)
def test_promotion_is_commutative(a: str, b: str) -> None:
    assert joined(a, b) == joined(b, a)


@given(a=dtypes)
def test_promotion_is_idempotent(a: str) -> None:
    assert joined(a, a) == a


@given(a=dtypes, b=dtypes, c=dtypes)
def test_promotion_is_associative_where_there_is_a_join(a: str, b: str, c: str) -> None:
    ab, bc = joined(a, b), joined(b, c)
    assume(ab is not None and bc is not None)
    assert ab is not None
    assert bc is not None
    assert joined(ab, c) == joined(a, bc) == joined(a, b, c)


@given(a=dtypes, b=dtypes)
def test_the_join_is_an_upper_bound(a: str, b: str) -> None:
    bound = joined(a, b)
    assume(bound is not None)
    assert bound is not None
    assert joined(bound, a) == joined(bound, b) == bound


@given(a=st.sampled_from(STRONG), b=st.sampled_from(STRONG))
def test_within_a_kind_promotion_is_numpys(a: str, b: str) -> None:
    kinds = (INT_TYPES, ("float16", "float32", "float64"), ("complex64", "complex128"))
    assume(any(a in kind and b in kind for kind in kinds))
    # uint64 with a signed integer has no integer dtype: NumPy says float64, the lattice the default float
    assume(("uint64" in (a, b)) <= (a not in SIGNED_TYPES and b not in SIGNED_TYPES))
    assert promote(a, b) == np.promote_types(a, b).name


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("int32", "float16"), "float16"),
        (("int64", "bfloat16"), "bfloat16"),
        (("bfloat16", "float16"), "float32"),
        (("bool", "uint8"), "uint8"),
        (("uint8", "int8"), "int16"),
        (("uint64", "int64"), "float32"),
        ((WEAK_INT, "int8"), "int8"),
        ((WEAK_FLOAT, "int64"), "float32"),
        ((WEAK_FLOAT, "bfloat16"), "bfloat16"),
        ((WEAK_INT, WEAK_INT), "int32"),
        ((WEAK_INT, WEAK_FLOAT), "float32"),
        (("float64", "complex64"), "complex128"),
        ((), "float32"),
    ],
)
def test_promotion_by_example(names: tuple[str, ...], expected: str) -> None:
    assert promote(*names) == expected


def test_weak_floats_are_the_default_float(floatx: None) -> None:
    config.set_floatx("float16")
    assert promote("int32", WEAK_FLOAT) == "float16"
    assert standardize_dtype(None) == standardize_dtype(float) == "float16"
    assert result_type("int32", float) == "float16"


@pytest.mark.parametrize("other", ["float8_e5m2", "bool", "int8", "float32", "complex64", WEAK_INT, WEAK_FLOAT])
def test_float8_is_promoted_with_nothing_else(other: str) -> None:
    with pytest.raises(ValueError, match=f"no implicit promotion between float8_e4m3fn, {other}: cast"):
        promote("float8_e4m3fn", other)
    assert promote("float8_e4m3fn", "float8_e4m3fn") == "float8_e4m3fn"


def test_ops_that_would_promote_float8_say_which() -> None:
    for operand in (np.ones(2, numpy_dtype("float8_e5m2")), KerasTensor((2,), "float8_e5m2")):
        with backend_scope("numpy"), pytest.raises(ValueError, match=r"add\(\): no implicit .* float8_e5m2, int: cast"):
            ops.add(operand, 1)


@pytest.mark.parametrize(
    ("number", "dtype"),
    [
        (True, "bool"),
        (2**31 - 1, "int32"),
        (-(2**31), "int32"),
        (2**31, "int64"),
        (-(2**63), "int64"),
        (2**63, "uint64"),
        (0.5, "float64"),
        (1j, "complex128"),
    ],
)
def test_numbers_have_a_dtype_that_holds_them(number: complex, dtype: str) -> None:
    assert exact_dtype(number) == dtype
    assert np.asarray(number, dtype) == number


@pytest.mark.parametrize(
    ("dtype", "name"),
    [
        ("float32", "float32"),
        ("half", "float16"),
        (np.float64, "float64"),
        (np.dtype("int8"), "int8"),
        (ml_dtypes.bfloat16, "bfloat16"),
        (int, "int32"),
        (bool, "bool"),
        (str, "string"),
        (None, "float32"),
    ],
)
def test_dtypes_have_one_name(dtype: object, name: str) -> None:
    assert standardize_dtype(dtype) == name


@pytest.mark.parametrize("dtype", ["float33", "object", object, 3, "datetime64[s]", "int4"])
def test_what_is_no_dtype_is_an_error_that_lists_them(dtype: object) -> None:
    with pytest.raises(ValueError, match="expected one of bool, uint8"):
        standardize_dtype(dtype)


@pytest.mark.parametrize("name", STRONG)
def test_numpy_has_every_dtype_by_its_name(name: str) -> None:
    assert numpy_dtype(name).name == name
    assert standardize_dtype(numpy_dtype(name)) == name


def test_kinds_of_dtypes_do_not_overlap() -> None:
    for name in STRONG:
        assert [is_float(name), is_int(name), is_complex(name), name == "bool"].count(True) == 1
    assert all(map(is_float, FLOAT_TYPES))


def test_booleans_are_not_subtracted() -> None:
    for operand in (np.ones(2, "bool"), KerasTensor((2,), "bool")):
        with backend_scope("numpy"), pytest.raises(TypeError, match=r"expected numbers, got bool"):
            ops.subtract(operand, operand)
