"""Searches for a learning rate and a batch size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dl_layers.core import Dense, Input
from dl_train.models import Sequential
from dl_train.search import BatchSizes, LearningRates, find_batch_size, find_learning_rate
from dl_train.search.batch_size import is_out_of_memory

X = np.random.default_rng(0).standard_normal((32, 3)).astype("float32")
Y = X.sum(1, keepdims=True)


class Bounded(Sequential):
    """Model of which batches beyond a size do not fit."""

    limit = 40

    def compute_loss(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        if x.shape[0] > self.limit:
            raise RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate")
        return super().compute_loss(x, y, *args, **kwargs)


def make(cls: type[Sequential] = Sequential) -> Sequential:
    model = cls([Input((3,)), Dense(1)])
    model.compile("sgd", "mse")
    return model


# -- learning rate ----------------------------------------------------------------------------------------------------


def test_suggestion_is_where_the_loss_falls_fastest() -> None:
    rates = np.geomspace(1e-6, 1.0, 60)
    # falls from 2 to 1 around 1e-3, steepest there, and rises at the end
    losses = 1 + 1 / (1 + (rates / 1e-3) ** 2) + 3 * rates**2
    noisy = losses + 0.02 * np.random.default_rng(1).standard_normal(60)
    for values in (losses, noisy):
        found = LearningRates(list(rates), list(values))
        assert found.suggestion == pytest.approx(1e-3, rel=0.6)
        assert f"{found.suggestion:.3g}" in str(found)


@pytest.mark.parametrize("losses", [np.linspace(1, 2, 40), np.ones(40), [1.0, 0.5]], ids=["rises", "stays", "few"])
def test_there_is_no_suggestion_where_the_loss_does_not_fall(losses: Any) -> None:
    found = LearningRates(list(np.geomspace(1e-4, 1, len(losses))), list(losses))
    assert found.suggestion is None
    assert "falls with none" in str(found)


def test_means_of_losses_keep_constants_and_straight_lines() -> None:
    rates = list(np.geomspace(1e-4, 1, 30))
    np.testing.assert_allclose(LearningRates(rates, [2.0] * 30).smoothed, 2.0)
    line = np.linspace(0, 1, 30)
    np.testing.assert_allclose(LearningRates(rates, list(line)).smoothed[6:-6], line[6:-6])


def test_rates_rise_by_the_same_factor_and_the_data_begin_again() -> None:
    found = find_learning_rate(make(), X, Y, lowest=1e-6, highest=1e-4, steps=10)
    np.testing.assert_allclose(found.rates, np.geomspace(1e-6, 1e-4, 10))
    assert len(found.losses) == 10  # of one batch


def test_search_ends_where_the_loss_is_no_number() -> None:
    with np.errstate(all="ignore"):
        found = find_learning_rate(make(), X, Y, lowest=1e-3, highest=1e30, steps=40)
    assert len(found.rates) == len(found.losses) < 40
    assert np.isfinite(found.losses).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [({"lowest": 0.0}, "lowest=0"), ({"lowest": 2.0, "highest": 1.0}, "lowest=2"), ({"steps": 3}, "steps=3")],
)
def test_rates_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        find_learning_rate(make(), X, Y, **options)


# -- batch size -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "tried", "largest"),
    [
        ({}, [1, 2, 4, 8, 16, 32, 64], 32),
        ({"smallest": 5, "largest": 20}, [5, 10, 20], 20),
        ({"smallest": 16, "exact": True}, [16, 32, 40, 44, 48, 64], 40),
        ({"smallest": 64}, [64], None),
    ],
)
def test_sizes_double_until_memory_is_not_enough(
    options: dict[str, Any], tried: list[int], largest: int | None
) -> None:
    model = make(Bounded)
    before = model.get_weights()
    found = find_batch_size(model, X, Y, steps=1, **options)
    assert found.largest == largest
    assert set(found.seconds) <= {*tried}
    assert [size for size, seconds in found.seconds.items() if seconds is None] == [n for n in found.seconds if n > 40]
    for value, earlier in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(value, earlier)
    assert "does not fit" in str(found) or largest == 20
    model.fit(X, Y, verbose=0)


def test_other_errors_are_raised() -> None:
    with pytest.raises(ValueError, match=r"smallest=0"):
        find_batch_size(make(), X, Y, smallest=0)
    with pytest.raises(Exception, match=r"\(None, 3\)"):
        find_batch_size(make(), np.ones((4, 7)), Y[:4])


def test_tables_say_what_is_fastest() -> None:
    text = str(BatchSizes({16: 0.001, 32: 0.0015, 64: None}))
    assert text.splitlines()[1].split() == ["16", "1.0", "ms", "16000"]
    assert text.splitlines()[3].split()[0] == "64"


class OutOfMemoryError(RuntimeError):
    """As PyTorch's is named."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryError("CUDA"),
        RuntimeError("RESOURCE_EXHAUSTED: Out of memory"),
        RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
        np._core._exceptions._ArrayMemoryError((10**6, 10**6), np.dtype("float64")),
    ],
)
def test_frameworks_errors_of_memory_are_known(error: BaseException) -> None:
    assert is_out_of_memory(error)
    assert not is_out_of_memory(ValueError("shapes differ"))
