"""Dtype policies by name, configuration and default."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from dl_layers import Dense, dtype_policies
from dl_layers.dtype_policies import DTypePolicy
from dl_ops import config

FLOAT16 = DTypePolicy("float16")


@pytest.fixture(autouse=True)
def default_policy() -> Iterator[None]:
    yield
    dtype_policies.set_dtype_policy(None)


@pytest.mark.parametrize(
    ("name", "compute", "variable"),
    [
        ("float32", "float32", "float32"),
        ("float16", "float16", "float16"),
        ("bfloat16", "bfloat16", "bfloat16"),
        ("float64", "float64", "float64"),
        ("int32", "int32", "int32"),
        ("mixed_float16", "float16", "float32"),
        ("mixed_bfloat16", "bfloat16", "float32"),
    ],
)
def test_dtypes(name: str, compute: str, variable: str) -> None:
    policy = DTypePolicy(name)
    assert (policy.name, policy.compute_dtype, policy.variable_dtype) == (name, compute, variable)
    assert DTypePolicy.from_config(policy.get_config()) == policy
    assert dtype_policies.deserialize(dtype_policies.serialize(policy)) == policy
    layer = Dense(1, dtype=policy)
    assert (layer.compute_dtype, layer.variable_dtype, layer.dtype) == (compute, variable, variable)


@pytest.mark.parametrize(
    "identifier",
    ["float16", np.float16, np.dtype("float16"), FLOAT16, dtype_policies.serialize(FLOAT16)],
    ids=["name", "type", "dtype", "policy", "configuration"],
)
def test_identifiers(identifier: Any) -> None:
    assert dtype_policies.get(identifier) == DTypePolicy("float16")


def test_types_of_ml_dtypes() -> None:
    assert dtype_policies.get(ml_dtypes.bfloat16).name == "bfloat16"


def test_the_default_policy() -> None:
    assert Dense(1).dtype_policy.name == config.floatx() == "float32"
    dtype_policies.set_dtype_policy("mixed_bfloat16")
    assert Dense(1).compute_dtype == "bfloat16"
    assert Dense(1, dtype="float32").compute_dtype == "float32"
    dtype_policies.set_dtype_policy(None)
    assert Dense(1).compute_dtype == "float32"


def test_policies_are_equal_by_what_they_say() -> None:
    assert DTypePolicy("float16") == DTypePolicy("float16") != DTypePolicy("float32")
    assert len({DTypePolicy("float16"), DTypePolicy("float16")}) == 1


def test_a_policy_can_be_changed_before_building() -> None:
    layer = Dense(2)
    layer.dtype_policy = "mixed_bfloat16"
    layer.build((None, 3))
    assert layer.kernel.dtype == "float32"
    assert str(layer(np.ones((1, 3), "float32")).dtype) == "bfloat16"


@pytest.mark.parametrize("name", ["float31", "mixed_float32", "halve", ""])
def test_unknown_names(name: str) -> None:
    with pytest.raises(ValueError, match=r"DTypePolicy\(name=.*expected a dtype, 'mixed_float16'"):
        DTypePolicy(name)


def test_wrong_types() -> None:
    with pytest.raises(TypeError, match=r"DTypePolicy\(name=3\): expected a string"):
        DTypePolicy(3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is of a"):
        dtype_policies.deserialize({"module": "keras.initializers", "class_name": "Zeros", "config": {}})
