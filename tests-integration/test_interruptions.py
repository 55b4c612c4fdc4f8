"""What goes wrong amid training leaves a model that can be used, and trained again, on every backend."""

from __future__ import annotations

import csv
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dl_layers import Dense, Dropout, Input
from dl_ops import ops
from dl_ops.backend import Backend
from dl_ops.random import set_random_seed
from dl_train.callbacks import Callback, CSVLogger, SwapEMAWeights, TerminateOnNaN
from dl_train.data.arrays import ArrayData
from dl_train.models import Sequential
from dl_train.optimizers import Adam

pytestmark = pytest.mark.each_backend_alone

X = np.random.default_rng(0).normal(size=(48, 3)).astype("float32")
Y = X @ np.array([[1.0], [-2.0], [0.5]], "float32")
BATCH = 8

Fault = Callable[[Any, list[Callback]], None]


class Raises(Callback):
    """Raises at a stage of the second epoch."""

    def __init__(self, stage: str, raise_it: Callable[[], None]) -> None:
        super().__init__()
        self.epoch = 0

        def hook(number: int, logs: Any = None) -> None:
            if self.epoch == 2 and (number == 2 or "batch" not in stage):
                raise_it()

        setattr(self, stage, hook)

    def set_params(self, params: Any) -> None:
        begin = self.on_epoch_begin

        def counting(epoch: int, logs: Any = None) -> None:
            self.epoch += 1
            begin(epoch, logs)

        self.on_epoch_begin = counting  # type: ignore[method-assign]  # of this one


def interrupt() -> None:
    """Press control-C."""
    signal.raise_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def as_from_a_terminal() -> Iterator[None]:
    """Be interrupted by control-C, which what a shell runs in the background ignores."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def fail() -> None:
    """Raise what a callback of the user's may."""
    raise ValueError("a fault of the test")


def at(stage: str, raise_it: Callable[[], None]) -> Fault:
    """Fault at a stage."""

    def fit(model: Any, callbacks: list[Callback]) -> None:
        model.fit(
            X,
            Y,
            batch_size=BATCH,
            epochs=3,
            verbose=0,
            validation_data=(X, Y),
            callbacks=[*callbacks, Raises(stage, raise_it)],
        )

    return fit


def in_arrays(model: Any, callbacks: list[Callback]) -> None:
    """Control-C while the backend goes through an epoch without asking anybody."""

    class Interrupted(ArrayData):
        count = 0

        def _batch(self, index: Any) -> Any:
            self.count += 1
            if self.count == 9:
                interrupt()
            return super()._batch(index)

    from dl_train.trainer import trainer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "make_adapter", lambda *args: Interrupted(X, Y, None, BATCH))
        model.fit(X, Y, epochs=3, verbose=0, callbacks=callbacks)


def in_generator(model: Any, callbacks: list[Callback]) -> None:
    """An error of the data."""

    def batches() -> Iterator[Any]:
        for _ in range(8):
            yield X[:BATCH], Y[:BATCH]
        fail()

    model.fit(batches(), steps_per_epoch=6, epochs=3, verbose=0, callbacks=callbacks)


def of_shape(model: Any, callbacks: list[Callback]) -> None:
    """A batch that does not fit the model."""

    def batches() -> Iterator[Any]:
        for i in range(20):
            yield X[:BATCH, : 3 if i != 8 else 2], Y[:BATCH]

    model.fit(batches(), steps_per_epoch=6, epochs=3, verbose=0, callbacks=callbacks)


FAULTS: dict[str, tuple[Fault, type[BaseException]]] = {
    "control-C amid an epoch": (at("on_train_batch_end", interrupt), KeyboardInterrupt),
    "control-C before a batch": (at("on_train_batch_begin", interrupt), KeyboardInterrupt),
    "control-C amid validation": (at("on_test_batch_end", interrupt), KeyboardInterrupt),
    "control-C in a compiled loop": (in_arrays, KeyboardInterrupt),
    "error of a callback": (at("on_epoch_end", fail), ValueError),
    "error of the data": (in_generator, ValueError),
    "batch of another shape": (of_shape, ValueError),
}


def make() -> Any:
    set_random_seed(3)
    model = Sequential([Input((3,)), Dense(4, "tanh"), Dropout(0.1), Dense(1)])
    model.compile(Adam(0.01, use_ema=True), "mse", metrics=["mae"])
    return model


@pytest.mark.parametrize("name", FAULTS)
def test_the_model_is_usable_afterwards(trainable_backend: Backend, name: str, tmp_path: Path) -> None:
    fault, kind = FAULTS[name]
    model = make()
    before = model.get_weights()
    logger = CSVLogger(tmp_path / "log.csv")
    with pytest.raises(kind):
        fault(model, [logger] if fault is in_arrays else [logger, SwapEMAWeights(swap_on_epoch=True)])
    # everything has its value, of the first epoch at least
    weights = model.get_weights()
    assert all(np.all(np.isfinite(weight)) for weight in weights)
    assert not np.allclose(weights[0], before[0])
    state = {variable.path: variable.numpy() for variable in model.optimizer.variables}
    assert 6 <= model.optimizer.iterations.numpy() < 18
    assert all(np.all(np.isfinite(value)) for value in state.values())
    # callbacks have cleaned up, and the loop has forgotten what it looked up
    assert logger._file is None
    with (tmp_path / "log.csv").open() as file:
        assert len(list(csv.reader(file))) >= 2
    assert not {"_step_variables", "_loss_sources", "_step_metrics"} & set(vars(model))
    # and all goes on
    outputs = model.predict(X, verbose=0)
    assert np.all(np.isfinite(outputs))
    first = model.evaluate(X, Y, verbose=0, return_dict=True)
    history = model.fit(X, Y, batch_size=BATCH, epochs=3, verbose=0).history
    assert history["loss"][-1] < first["loss"]
    assert len(history["loss"]) == 3


def test_a_loss_that_is_no_number_stops_training(
    trainable_backend: Backend, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make()
    weights = model.get_weights()
    y = Y.copy()
    y[3 * BATCH] = np.nan
    history = model.fit(X, y, batch_size=BATCH, epochs=3, shuffle=False, verbose=0, callbacks=[TerminateOnNaN()])
    assert "batch 3: the loss is nan" in capsys.readouterr().out
    assert history.epoch == [0]
    assert model.optimizer.iterations.numpy() == 4
    assert all(np.all(np.isnan(weight)) for weight in model.get_weights()[-1:])
    model.set_weights(weights)
    model.compile(Adam(0.01), "mse")
    losses = model.fit(X, Y, batch_size=BATCH, epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_averages_are_put_back_after_an_error_amid_validation(trainable_backend: Backend) -> None:
    model = make()
    with pytest.raises(ValueError, match="a fault of the test"):
        at("on_test_batch_end", fail)(model, [SwapEMAWeights()])
    again = make()
    with pytest.raises(ValueError, match="a fault of the test"):
        at("on_test_batch_end", fail)(again, [])
    np.testing.assert_array_equal(ops.convert_to_numpy(model.layers[0].kernel), again.layers[0].kernel.numpy())
