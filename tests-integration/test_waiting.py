"""While the device works on one step the next batch is made and handed over: nothing in the loop waits for a result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import dl
from dl_ops.testing.pytest_backends import backends_under_test

_STEPS = 6
_SIZE = 256
_ROUNDS = 300
"""Products in a step, which take a few hundred times as long as handing over a batch."""

X, Y = np.ones((4, _SIZE), "float32"), np.ones((4, 1), "float32")


class Slow(dl.Model):
    """Computes long for a few numbers, on JAX, which returns before it has them."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = dl.layers.Dense(_SIZE, name="large")
        self.out = dl.layers.Dense(1)

    def call(self, x: Any) -> Any:
        import jax

        kernel = jax.lax.stop_gradient(self.dense(np.eye(_SIZE, dtype="float32")))
        far = jax.lax.fori_loop(0, _ROUNDS, lambda _, y: jax.numpy.tanh(y @ kernel), kernel)
        return self.out(dl.ops.matmul(self.dense(x), far))


class Told(dl.callbacks.Callback):
    """Is told of each batch, and does not look at the logs."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        pass

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass


class Reads(dl.callbacks.Callback):
    """Waits for each step, by looking at the logs."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        float(logs["loss"])


def looking_at(model: Any, ready: list[bool]) -> Iterator[tuple[Any, Any]]:
    """Batches, which note whether what the steps before assigned has been computed when they are asked for."""
    for _ in range(_STEPS):
        ready.append(model.weights[0].value.is_ready())
        yield X, Y


class Batches(dl.utils.PyDataset):
    def __init__(self, model: Any, ready: list[bool]) -> None:
        super().__init__()
        self.model, self.ready = model, ready

    def __len__(self) -> int:
        return _STEPS

    def __getitem__(self, index: int) -> Any:
        self.ready.append(self.model.weights[0].value.is_ready())
        return X, Y


@pytest.mark.skipif("jax" not in backends_under_test(), reason="of JAX, which says when a result is there")
@pytest.mark.parametrize(
    ("source", "callbacks", "waits"),
    [
        (looking_at, [], False),
        (looking_at, [Told()], False),
        (Batches, [], False),
        (Batches, [Told()], False),
        (Batches, [Reads()], True),
    ],
)
def test_batches_are_asked_for_before_the_last_step_is_over(
    source: Callable[..., Any], callbacks: list[Any], waits: bool
) -> None:
    with dl.backend_scope("jax"):
        model = Slow()
        model.compile(dl.optimizers.SGD(1e-6), "mse", metrics=["mae"])
        model.train_on_batch(X, Y)  # builds
        ready: list[bool] = []
        model.fit(source(model, ready), verbose=0, shuffle=False, callbacks=callbacks)
        # a loaded machine may take long to ask for one of them, and not for all
        assert all(ready[1:]) == waits
        assert len(ready) >= _STEPS
