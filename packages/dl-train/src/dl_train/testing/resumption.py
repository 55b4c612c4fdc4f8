"""Trainings that are killed and started again, to be run as programs: ``python -m dl_train.testing.resumption``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from dl_layers import BatchNormalization, Dense, Dropout, Input
from dl_ops import ops
from dl_ops.backend import backend_scope
from dl_ops.random import set_random_seed
from dl_train.callbacks import BackupAndRestore, Callback, EarlyStopping, ReduceLROnPlateau
from dl_train.data import PyDataset
from dl_train.metrics import AUC
from dl_train.models import Model, Sequential
from dl_train.optimizers import SGD, Adam
from dl_train.optimizers.schedules import ExponentialDecay

EPOCHS: Final = 4
STEPS: Final = 5
"""In an epoch."""

_generator = np.random.default_rng(8)
X: Final = _generator.normal(size=(18, 3)).astype("float32")
Y: Final = (X.sum(1, keepdims=True) > 0).astype("float32")

Fit = Callable[[list[Callback]], Model]


class Killed(BaseException):
    """Stands for the end of the process where several trainings run in one."""


class KillAfter(Callback):
    """Ends everything after a number of batches of this process."""

    def __init__(self, batches: int, kill: Callable[[], None]) -> None:
        super().__init__()
        self.batches, self.kill = batches, kill

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches -= 1
        if self.batches == 0:
            self.kill()


def die() -> None:
    """End the process at once, as a power failure does."""
    os.kill(os.getpid(), signal.SIGKILL)


def give_up() -> None:
    """End the training as far as one can in the same process."""
    raise Killed


def network() -> Sequential:
    """Layers that draw numbers and that keep averages."""
    return Sequential([Input((3,)), Dense(6, "tanh"), BatchNormalization(), Dropout(0.3), Dense(1, "sigmoid")])


class OwnStep(Model):
    """Model with a step and a metric of its own, which draws from the global generator."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = Dense(1)
        self.seen = AUC(name="seen")

    def call(self, x: Any) -> Any:
        return ops.sigmoid(self.dense(x))

    def train_step(self, data: Any) -> dict[str, Any]:
        """Fit targets with noise."""
        from dl_ops.random import normal

        x, y = data

        def loss_of_batch() -> Any:
            y_pred = self(x, training=True)
            return ops.mean(ops.square(y_pred - y + 0.1 * normal((y.shape[0], 1)))), y_pred

        variables = self.trainable_variables
        (loss, y_pred), gradients = ops.value_and_grad(loss_of_batch, variables, has_aux=True)()
        self.optimizer.apply(gradients, variables)
        self.seen.update_state(y, y_pred)
        return {"own_loss": loss, "seen": self.seen.result()}


class Samples(PyDataset):
    """Batches in an order that the end of each epoch changes."""

    def __init__(self) -> None:
        super().__init__(workers=2)
        self.order = list(range(6))

    def __len__(self) -> int:
        return len(self.order)

    def __getitem__(self, index: int) -> Any:
        start = 3 * self.order[index]
        return X[start : start + 3], Y[start : start + 3]

    def on_epoch_end(self) -> None:
        np.random.shuffle(self.order)

    def state_dict(self) -> Any:
        return self.order

    def load_state_dict(self, state: Any) -> None:
        self.order = list(state)


def _arrays(callbacks: list[Callback]) -> Model:
    model = network()
    model.compile(Adam(0.01), "binary_crossentropy", metrics=["accuracy", AUC(name="auc")])
    model.fit(X, Y, batch_size=4, epochs=EPOCHS, validation_data=(X[:5], Y[:5]), verbose=0, callbacks=callbacks)
    return model


def _passes(callbacks: list[Callback]) -> Model:
    """Epochs that begin amid the data, of steps taken two at once, and validation that goes on too."""
    model = network()
    optimizer = Adam(0.01, use_ema=True, ema_overwrite_frequency=3, gradient_accumulation_steps=2)
    model.compile(optimizer, "mse", weighted_metrics=["mae"], steps_per_execution=2)
    more: list[Callback] = [EarlyStopping("val_loss", patience=2, restore_best_weights=True, min_delta=0.05)]
    model.fit(
        X,
        Y,
        batch_size=5,
        epochs=EPOCHS,
        steps_per_epoch=STEPS,
        validation_data=(X, Y),
        validation_batch_size=4,
        validation_steps=3,
        shuffle="batch",
        class_weight={0: 2.0},
        verbose=0,
        callbacks=[*callbacks, *more],
    )
    return model


def _data_set(callbacks: list[Callback]) -> Model:
    model = network()
    model.compile(SGD(ExponentialDecay(0.1, 3, 0.9), momentum=0.9, nesterov=True), "mse")
    model.fit(Samples(), epochs=EPOCHS, verbose=0, callbacks=callbacks)
    return model


def _generator_and_own_step(callbacks: list[Callback]) -> Model:
    def samples() -> Iterator[Any]:
        while True:
            chosen = np.random.randint(0, len(X), 4)
            yield X[chosen], Y[chosen]

    model = OwnStep()
    model.compile(Adam(0.01))
    more: list[Callback] = [ReduceLROnPlateau("own_loss", patience=1, min_delta=0.02)]
    model.fit(samples(), epochs=EPOCHS, steps_per_epoch=STEPS, verbose=0, callbacks=[*callbacks, *more])
    return model


TRAININGS: Final[dict[str, Fit]] = {
    "arrays": _arrays,
    "passes": _passes,
    "data set": _data_set,
    "generator": _generator_and_own_step,
}


def run(name: str, callbacks: list[Callback]) -> dict[str, Any]:
    """One training, from the seed on; all numbers that it ends with.

    Parameters
    ----------
    name : str
        One of `TRAININGS`.
    callbacks : list of Callback

    Returns
    -------
    dict from str to numpy.ndarray
    """
    set_random_seed(21)
    model = TRAININGS[name](callbacks)
    results = {f"weight {i}": value for i, value in enumerate(model.get_weights())}
    results |= {f"optimizer {i}": variable.numpy() for i, variable in enumerate(model.optimizer.variables)}
    results |= {key: np.array(values) for key, values in model.history.history.items()}
    return results | {"epochs": np.array(model.history.epoch), "drawn": np.random.rand(2)}


def same_bits(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two trainings ended with the same numbers, to the last bit."""
    return one.keys() == other.keys() and all(
        (one[key].dtype, one[key].shape, one[key].tobytes())
        == (other[key].dtype, other[key].shape, other[key].tobytes())
        for key in one
    )


def _kill_at_write(number: int) -> None:
    """End the process amid the saving of a file, at one of the writes of this process."""
    from dl_saving.target import Target

    write, count = Target.write, 0

    def counted(self: Target, data: Any) -> int:
        nonlocal count
        count += 1
        if count == number:
            write(self, memoryview(data)[: len(memoryview(data)) // 2])
            die()
        return write(self, data)

    Target.write = counted  # type: ignore[method-assign]  # in this program alone


def main(arguments: list[str]) -> None:
    """Train in this process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("backend")
    parser.add_argument("training", choices=TRAININGS)
    parser.add_argument("results", type=Path)
    parser.add_argument("--backup", type=Path)
    parser.add_argument("--save-freq", type=int, default=0)
    parser.add_argument("--kill-after", type=int, default=0)
    parser.add_argument("--kill-at-write", type=int, default=0)
    chosen = parser.parse_args(arguments)
    callbacks: list[Callback] = []
    if chosen.backup:
        callbacks.append(BackupAndRestore(chosen.backup, chosen.save_freq or "epoch"))
    if chosen.kill_after:
        callbacks.append(KillAfter(chosen.kill_after, die))
    if chosen.kill_at_write:
        _kill_at_write(chosen.kill_at_write)
    with backend_scope(chosen.backend):
        np.savez(chosen.results, **run(chosen.training, callbacks))


if __name__ == "__main__":
    main(sys.argv[1:])
