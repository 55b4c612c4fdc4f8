"""What ops refuse of symbolic tensors, and how they say so; backends run the same table with values."""

from __future__ import annotations

import numpy as np
import pytest

from dl_ops import ops
from dl_ops.backend import get_backend
from dl_ops.testing.misuses import Misuse, all_misuses, check_misuse, check_symbolic_misuse


@pytest.mark.parametrize("misuse", [misuse for misuse in all_misuses() if misuse.symbolic], ids=str)
def test_symbolic_misuse(misuse: Misuse) -> None:
    check_symbolic_misuse(misuse)


def test_names_are_unique() -> None:
    names = [str(misuse) for misuse in all_misuses()]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize(
    ("misuse", "found"),
    [
        (Misuse("exp", [np.ones(2)], "x"), "gave array"),
        (Misuse("sum", [np.ones(2), 3], "axis=4"), "does not say 'axis=4'"),
        (Misuse("sum", [np.ones(2), 3], "axis=3", TypeError), "expected TypeError"),
    ],
    ids=str,
)
def test_what_is_not_refused_as_it_should_is_found(misuse: Misuse, found: str) -> None:
    with pytest.raises(AssertionError, match=found):
        check_misuse(misuse, get_backend("numpy"))


def test_a_tensor_stands_for_a_sequence_of_its_rows() -> None:
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(ops.stack(x, axis=1), x.T)  # type: ignore[arg-type]  # as in Keras
    np.testing.assert_array_equal(ops.concatenate(x), x.ravel())  # type: ignore[arg-type]
