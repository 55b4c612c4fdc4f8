"""Every loss of the table on NumPy; the integration tests run it on all backends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_ops import backend_scope
from dl_ops.backend import Backend
from dl_train import losses
from dl_train.losses import Loss, LossFunctionWrapper
from dl_train.testing.loss_cases import CASES
from dl_train.testing.loss_references import reduced
from dl_train.testing.losses import CHECKS, REDUCTIONS, LossCase, to_array

PUBLIC = {name: getattr(losses, name) for name in losses.__all__}


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("check", CHECKS)
def test_conformance(check: str, case: LossCase, backend: Backend) -> None:
    CHECKS[check](case, backend)


def test_names_of_cases_differ() -> None:
    assert len(set(map(str, CASES))) == len(CASES)


def test_every_loss_has_a_case() -> None:
    classes = {name for name, loss in PUBLIC.items() if isinstance(loss, type) and issubclass(loss, Loss)}
    assert {case.name for case in CASES} == classes - {"Loss", "LossFunctionWrapper"}
    loss_objects: list[Any] = [case.make() for case in CASES]
    wrapped = {loss.fn for loss in loss_objects}
    functions = {loss for name, loss in PUBLIC.items() if name not in {"get", "serialize", "deserialize"} | classes}
    assert functions == wrapped


# -- properties that hold for any weights, order and split ------------------------------------------------------------

of_samples = st.sampled_from([case for case in CASES if not case.of_batch])


def weights_of(case: LossCase) -> st.SearchStrategy[Any]:
    numbers = st.floats(0.0, 10.0, width=32)
    return st.lists(numbers, min_size=len(case.y_pred), max_size=len(case.y_pred)).map(lambda x: np.array(x, "float32"))


def value(case: LossCase, reduction: str | None, weights: Any = None, chosen: Any = slice(None)) -> Any:
    y_true, y_pred = (x[chosen] for x in case.arguments("float32"))
    with backend_scope("numpy"):
        return to_array(case.make(reduction=reduction)(y_true, y_pred, sample_weight=weights))


def close(found: Any, expected: Any, scale: Any = 1.0) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4 * float(np.max(np.abs(scale), initial=1.0)))


@settings(deadline=None)
@given(data=st.data(), case=of_samples, reduction=st.sampled_from(REDUCTIONS))
def test_any_weights_give_the_formula(data: st.DataObject, case: LossCase, reduction: str | None) -> None:
    weights = data.draw(weights_of(case))
    expected = case.expected()
    total = float(np.sum(weights if case.counts is None else weights * case.counts.reshape(len(weights), -1).any(1)))
    if reduction == "mean_with_sample_weight" and total < 1e-3:
        return  # near 0 by 0; that nothing has a mean of 0 is tested by itself
    close(value(case, reduction, weights), reduced(expected, weights, case.counts, reduction), 10 * expected)


@settings(deadline=None)
@given(data=st.data(), case=of_samples)
def test_the_sum_is_linear_in_the_weights(data: st.DataObject, case: LossCase) -> None:
    one, other = data.draw(weights_of(case)), data.draw(weights_of(case))
    parts = value(case, "sum", one) + value(case, "sum", other)
    close(value(case, "sum", one + other), parts, 100 * case.expected())


@settings(deadline=None)
@given(
    data=st.data(), case=st.sampled_from(CASES), reduction=st.sampled_from([r for r in REDUCTIONS if r and r != "none"])
)
def test_the_order_of_samples_does_not_matter(data: st.DataObject, case: LossCase, reduction: str) -> None:
    order = data.draw(st.permutations(range(len(case.y_pred))))
    weights = data.draw(weights_of(case))
    close(value(case, reduction, weights[order], order), value(case, reduction, weights), 100 * case.expected())


@settings(deadline=None)
@given(data=st.data(), case=st.sampled_from([case for case in CASES if not (case.of_batch or case.compares)]))
def test_the_sum_over_any_parts_is_the_sum(data: st.DataObject, case: LossCase) -> None:
    chosen = np.array(data.draw(st.lists(st.booleans(), min_size=len(case.y_pred), max_size=len(case.y_pred))))
    weights = data.draw(weights_of(case))
    parts = [value(case, "sum", weights[part], part) for part in (chosen, ~chosen) if part.any()]
    close(sum(parts), value(case, "sum", weights), 100 * case.expected())


@settings(deadline=None)
@given(data=st.data(), case=of_samples)
def test_a_sample_of_weight_0_changes_nothing(data: st.DataObject, case: LossCase) -> None:
    weights = data.draw(weights_of(case))
    dropped = data.draw(st.integers(0, len(weights) - 1))
    weights[dropped] = 0.0
    found = value(case, "none", weights)
    assert np.all(found[dropped] == 0.0)
    close(np.sum(found), value(case, "sum", weights), 100 * case.expected())


@pytest.mark.parametrize("case", [case for case in CASES if case.make().casts_targets], ids=str)
def test_a_wrapped_function_is_the_class(case: LossCase, backend: Backend) -> None:
    loss: Any = case.make()
    again = LossFunctionWrapper(loss.fn, **loss.kwargs)
    np.testing.assert_array_equal(
        to_array(again(*case.arguments("float32"))), to_array(loss(*case.arguments("float32")))
    )
