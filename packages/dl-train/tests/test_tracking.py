"""Numbers handed to services that keep track of experiments: to small ones that note what they are given."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dl_layers.core import Dense, Input
from dl_train.callbacks import LambdaCallback
from dl_train.callbacks.mlflow import MlflowLogger
from dl_train.callbacks.wandb import WandbLogger
from dl_train.models import Sequential

X = np.ones((16, 2), "float32")
Y = np.ones((16, 1), "float32")


class Service:
    """Stands for ``wandb`` and for ``mlflow``: the functions of both that are used."""

    def __init__(self) -> None:
        self.run: Any = None
        self.settings: dict[str, Any] = {}
        self.options: dict[str, Any] | None = None
        self.logged: list[tuple[int, dict[str, float]]] = []
        self.ended: list[Any] = []

    # wandb
    def init(self, **options: Any) -> Any:
        self.options = options
        config = SimpleNamespace(update=lambda given, allow_val_change: self.settings.update(given))
        self.run = SimpleNamespace(config=config, log=self.log_metrics, finish=self.finish)
        return self.run

    def finish(self, exit_code: int) -> None:
        self.run = None
        self.ended.append("FAILED" if exit_code else "FINISHED")

    # mlflow
    def active_run(self) -> Any:
        return self.run

    def start_run(self, **options: Any) -> None:
        self.init(**options)

    def log_params(self, given: dict[str, Any]) -> None:
        self.settings.update(given)

    def log_metrics(self, values: dict[str, float], step: int) -> None:
        self.logged.append((step, values))

    def end_run(self, status: str) -> None:
        self.run = None
        self.ended.append(status)


CLASSES = pytest.mark.parametrize(("module", "cls"), [("wandb", WandbLogger), ("mlflow", MlflowLogger)])


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    fake = Service()
    for module in ("wandb", "mlflow"):
        monkeypatch.setitem(sys.modules, module, fake)  # type: ignore[arg-type]  # has what is used of one
    return fake


def train(callbacks: list[Any], epochs: int = 2, **options: Any) -> Any:
    model = Sequential([Input((2,)), Dense(1)], name="net")
    model.compile("sgd", "mse", **options)
    return model.fit(X, Y, batch_size=4, epochs=epochs, validation_data=(X, Y), verbose=0, callbacks=callbacks)


@CLASSES
def test_settings_and_numbers_are_logged(module: str, cls: Any, service: Service) -> None:
    history = train([cls(name="first")]).history
    assert service.options == {"name": "first"}
    assert service.ended == ["FINISHED"]
    assert service.settings["model"] == "net"
    assert service.settings["parameters"] == 3
    assert service.settings["optimizer/learning_rate"] == pytest.approx(0.01)
    assert (service.settings["epochs"], service.settings["steps_per_epoch"], service.settings["loss"]) == (2, 4, "mse")
    assert [step for step, _ in service.logged] == [4, 8]
    for epoch, (_, values) in enumerate(service.logged):
        assert values == {
            "epoch/loss": history["loss"][epoch],
            "epoch/val_loss": history["val_loss"][epoch],
            "epoch/learning_rate": pytest.approx(0.01),
            "epoch/epoch": epoch,
        }


@CLASSES
def test_batches_are_logged_when_asked_for(module: str, cls: Any, service: Service) -> None:
    train([cls(log_freq=3)])
    assert [(step, next(iter(values)).split("/")[0]) for step, values in service.logged] == [
        (3, "batch"), (4, "epoch"), (6, "batch"), (8, "epoch"),
    ]  # fmt: skip


@CLASSES
def test_a_run_of_the_users_own_goes_on(module: str, cls: Any, service: Service) -> None:
    service.init()
    train([cls()])
    assert service.ended == []
    assert service.run is not None
    assert len(service.logged) == 2


@CLASSES
def test_a_run_ends_as_failed_after_an_error(module: str, cls: Any, service: Service) -> None:
    def fail(epoch: int, logs: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train([cls(), LambdaCallback(on_epoch_end=fail)])
    assert service.ended == ["FAILED"]


@CLASSES
def test_what_is_missing_or_malformed_is_said(
    module: str, cls: Any, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match="log_freq=0"):
        cls(log_freq=0)
    monkeypatch.setitem(sys.modules, module, None)  # type: ignore[arg-type]  # as if it were not there
    with pytest.raises(ImportError, match=rf'pip install "dl-train\[{module}\]"'):
        cls()
