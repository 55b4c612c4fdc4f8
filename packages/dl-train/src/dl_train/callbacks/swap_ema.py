"""Evaluating and saving a model with the moving averages of its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dl_ops import ops
from dl_ops.backend import backend_scope
from dl_ops.objects import public
from dl_ops.variable import Variable
from dl_train.callbacks.base import Callback

if TYPE_CHECKING:
    from dl_train.trainer.training_state import TrainingState


@public("keras.callbacks.SwapEMAWeights")
class SwapEMAWeights(Callback):
    """Let a model be evaluated, and predict, with the moving averages of its weights while it is trained.

    The optimizer keeps them when it is made with ``use_ema=True``.

    Parameters
    ----------
    swap_on_epoch : bool, default False
        Whether callbacks that come after this one see the averages at the end of an epoch as well, as `ModelCheckpoint`
        must that is to save them.

    Raises
    ------
    ValueError
        From `fit` and the like, if the model's optimizer keeps no averages.

    Notes
    -----
    The weights are back when all callbacks have seen the end of the epoch; in Keras when the next one begins, so that
    after the last one, or one with which another callback ends training early, they are lost.

    Examples
    --------
    >>> import numpy as np
    >>> from dl_layers.core import Dense, Input
    >>> from dl_train import Sequential
    >>> from dl_train.optimizers import SGD
    >>> model = Sequential([Input((1,)), Dense(1)])
    >>> model.compile(SGD(0.1, use_ema=True), "mse")
    >>> x = np.ones((32, 1))
    >>> history = model.fit(x, x, validation_data=(x, x), verbose=0, callbacks=[SwapEMAWeights()])
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._training: TrainingState | None = None
        self._swapped: list[tuple[Variable, Variable]] = []

    def set_training_state(self, state: TrainingState) -> None:
        self._training = state

    def _pairs(self) -> list[tuple[Variable, Variable]]:
        averages = _averages(getattr(self.model, "optimizer", None))
        pairs = [(v, averages[id(v)]) for v in self.model.trainable_variables if id(v) in averages]
        if not pairs:
            raise ValueError(
                f"SwapEMAWeights: the optimizer {getattr(self.model, 'optimizer', None)!r} keeps no moving averages: "
                "make it with use_ema=True, and compile the model with it"
            )
        return pairs

    def _swap(self) -> None:
        if not self._swapped:
            self._swapped = self._pairs()
            _exchange(self._swapped)

    def _swap_back(self) -> None:
        swapped, self._swapped = self._swapped, []
        if swapped:
            _exchange(swapped)

    def on_train_begin(self, logs: Any = None) -> None:
        self._pairs()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._swap_back()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self.swap_on_epoch:
            self._swap()
            if self._training is not None:
                self._training.when_settled(self._swap_back, first=True)

    def on_test_begin(self, logs: Any = None) -> None:
        self._swap()

    def on_test_end(self, logs: Any = None) -> None:
        self._swap_back()

    def on_predict_begin(self, logs: Any = None) -> None:
        self._swap()

    def on_predict_end(self, logs: Any = None) -> None:
        self._swap_back()

    def on_train_end(self, logs: Any = None) -> None:
        self._swap_back()

    def _abort(self) -> None:
        self._swap_back()
        self._training = None


def _averages(optimizer: Any) -> dict[int, Variable]:
    """Averages that an optimizer keeps, or those in it, by the ids of the weights."""
    found: dict[int, Variable] = dict(getattr(optimizer, "_averages", {}))
    for inner in getattr(optimizer, "wrapped", ()):
        found |= _averages(inner)
    return found


def _exchange(pairs: list[tuple[Variable, Variable]]) -> None:
    for one, other in pairs:
        with backend_scope(one.backend):
            value = ops.copy(one.value)  # assigning may change its memory
            one.assign(ops.copy(other.value))
            other.assign(value)
