"""`vectorize`: loops over axes, by itself and by a signature."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dl_ops import KerasTensor, backend_scope, ops
from dl_ops.backend import Backend


def test_axes_broadcast(backend: Backend) -> None:
    with backend_scope(backend):
        shifted = ops.vectorize(lambda a, b: ops.where(a > b, a - b, a + b))
        y = ops.convert_to_numpy(shifted(np.arange(3, dtype="float32"), np.array([[1.0], [2.0]], "float32")))
    np.testing.assert_allclose(y, [[1, 2, 1], [2, 3, 4]])


def test_numbers_alone_are_one_call(backend: Backend) -> None:
    with backend_scope(backend):
        assert float(ops.vectorize(lambda a, b: a * b)(2.0, 3.0)) == 6.0


def test_signature_says_which_axes_are_the_function_s(backend: Backend) -> None:
    a, b = np.arange(24.0, dtype="float32").reshape(2, 4, 3), np.arange(6.0, dtype="float32").reshape(2, 1, 3)
    with backend_scope(backend):
        product = ops.vectorize(lambda x, y: ops.sum(x * y), signature="(n),(n)->()")
        y = ops.convert_to_numpy(product(a, b))
        least, doubled = ops.vectorize(lambda x: (ops.min(x), x * 2), signature="(n)->(),(n)")(a)
    np.testing.assert_allclose(y, (a * b).sum(-1))
    np.testing.assert_allclose(ops.convert_to_numpy(least), a.min(-1))
    np.testing.assert_allclose(ops.convert_to_numpy(doubled), a * 2)


def test_excluded_arguments_are_handed_on_as_they_are(backend: Backend) -> None:
    def power(x: Any, n: int, plus: str = "") -> Any:
        assert isinstance(n, int)
        return x**n + len(plus)

    with backend_scope(backend):
        y = ops.vectorize(power, excluded={1, "plus"})(np.array([1.0, 2.0], "float32"), 2, plus="ab")
        np.testing.assert_allclose(ops.convert_to_numpy(y), [3, 6])


def test_keyword_arguments_are_looped_over_too(backend: Backend) -> None:
    with backend_scope(backend):
        y = ops.vectorize(lambda a, b=2: a * b)(np.array([1.0, 2.0], "float32"), b=np.array([3.0, 4.0], "float32"))
        np.testing.assert_allclose(ops.convert_to_numpy(y), [3, 8])


def test_symbolic_tensors() -> None:
    add = ops.vectorize(lambda a, b: a + ops.sum(b), signature="(),(n)->()")
    assert add(KerasTensor((None, 3)), KerasTensor((3, 5))).shape == (None, 3)


@pytest.mark.parametrize("signature", ["(n)", "(n)->", "n->()", "(n)->()->()", "(n,)->()"])
def test_a_signature_of_another_form_is_refused(signature: str) -> None:
    with pytest.raises(ValueError, match="signature"):
        ops.vectorize(lambda x: x, signature=signature)


def test_arguments_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="pyfunc"):
        ops.vectorize(3)  # type: ignore[arg-type]
    dot = ops.vectorize(lambda a, b: ops.sum(a * b), signature="(n),(n)->()")
    with pytest.raises(ValueError, match="'n' has sizes 2 and 3"):
        dot([1, 2], [1, 2, 3])
    with pytest.raises(TypeError, match="expected 2 arguments"):
        dot([1, 2])
    with pytest.raises(ValueError, match="does not have the axes"):
        dot(1, [1, 2])
    with pytest.raises(TypeError, match="2 results"):
        ops.vectorize(lambda a: a, signature="()->(),()")([1, 2])
    with pytest.raises(ValueError, match="a result has shape"):
        ops.vectorize(lambda a: a, signature="(n)->()")([1, 2])
