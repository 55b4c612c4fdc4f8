"""The check of identities finds what does not hold; that they do hold, each backend's conformance tests say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from dl_ops import ops
from dl_ops.backend import get_backend
from dl_ops.testing.identities import IDENTITIES, Identity, check_identity
from dl_ops.testing.identities.arguments import arrays

WRONG = {
    "value": lambda x: (ops.exp(x), ops.exp(x) * (1 + 1e-6)),
    "shape": lambda x: (x, ops.expand_dims(x, 0)),
    "dtype": lambda x: (x, ops.cast(x, "float32")),
    "count": lambda x: ([x, x], [x]),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_does_not_hold_is_found(wrong: Any) -> None:
    with pytest.raises((AssertionError, ValueError)):
        check_identity(Identity("wrong", arrays(), wrong), get_backend("numpy"), examples=20)


def test_what_holds_for_the_first_arguments_only_is_found() -> None:
    identity = Identity("small", st.tuples(st.integers(0, 100)), lambda n: (min(n, 20), n))
    with pytest.raises(AssertionError, match="small"):
        check_identity(identity, get_backend("numpy"), examples=50)


def test_arrays_of_arguments_are_tensors_in_float64() -> None:
    seen: list[Any] = []

    def sides(x: Any) -> tuple[Any, Any]:
        seen.append(x)
        return x, x

    check_identity(Identity("any", arrays(ranks=(1, 1)), sides), get_backend("numpy"), examples=30)
    assert {x.dtype for x in seen} == {np.dtype("float64")}
    assert {0, 1} < {len(x) for x in seen}


def test_names_are_unique() -> None:
    assert len({identity.name for identity in IDENTITIES}) == len(IDENTITIES)
