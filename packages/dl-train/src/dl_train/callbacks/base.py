"""The base class of callbacks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from dl_ops.objects import public

if TYPE_CHECKING:
    from dl_train.trainer.training_state import TrainingState

Logs = Mapping[str, Any]


@public("keras.callbacks.Callback")
class Callback:
    """Base class of callbacks: methods that loops call at their stages; each does nothing until it is overridden.

    ``self.model`` is the model, ``self.params`` a dictionary with ``epochs``, ``steps`` and ``verbose``. Logs of
    batches are computed when they are first read.

    Examples
    --------
    >>> import numpy as np
    >>> from dl_layers.core import Dense, Input
    >>> from dl_train import Sequential
    >>> class Counter(Callback):
    ...     batches = 0
    ...
    ...     def on_train_batch_end(self, batch, logs=None):
    ...         self.batches += 1
    >>> model, counter = Sequential([Input((1,)), Dense(1)]), Counter()
    >>> model.compile("sgd", "mse")
    >>> _ = model.fit(np.ones((64, 1)), np.ones((64, 1)), verbose=0, callbacks=[counter])
    >>> counter.batches
    2
    """

    params: dict[str, Any]
    _model: Any
    _kept: tuple[str, ...] = ()
    """Attributes that change while a model is trained, and that what comes hangs on."""

    def __init__(self) -> None:
        self.params = {}
        self._model = None

    @property
    def model(self) -> Any:
        """The model that is trained, evaluated or predicts."""
        return self.__dict__.get("_model")

    def set_model(self, model: Any) -> None:
        """Tell the callback its model."""
        self._model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Tell the callback the loop's parameters."""
        self.params = params

    def set_training_state(self, state: TrainingState) -> None:
        """Tell the callback, before training begins, the object that says where training is, and that can save and
        restore it.
        """

    def state_dict(self) -> Any:
        """What the callback must keep for a training that is gone on with in another process; see `BackupAndRestore`.

        Returns
        -------
        structure
            Of dictionaries, lists, numbers, strings and NumPy arrays; by default the attributes that `_kept` names.
        """
        return {name: getattr(self, name) for name in self._kept}

    def load_state_dict(self, state: Any) -> None:
        """Take up what `state_dict` returned in another process, after `on_train_begin`.

        Parameters
        ----------
        state : structure
        """
        for name in self._kept:
            setattr(self, name, state[name])

    # hooks take logs=None, as callers may leave them out

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Older name of `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """Older name of `on_train_batch_end`."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Called before each epoch of training.

        Parameters
        ----------
        epoch : int
            Counted from 0.
        logs : dict
            Empty.
        """

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Called after each epoch and its validation.

        Parameters
        ----------
        epoch : int
        logs : dict from str to float
            Loss and metrics; those of the validation begin with ``val_``.
        """

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before each batch of training.

        Parameters
        ----------
        batch : int
            Counted from 0 in each epoch.
        logs : dict
            Empty.
        """
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after each batch of training.

        Parameters
        ----------
        batch : int
        logs : dict from str to float
            Loss and metrics of the epoch so far.
        """
        self.on_batch_end(batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before each batch of an evaluation or validation."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after each batch of an evaluation or validation."""

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Called before each batch of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Called after each batch of a prediction; ``logs["outputs"]`` are its outputs."""

    def on_train_begin(self, logs: Any = None) -> None:
        """Called when training begins."""

    def on_train_end(self, logs: Any = None) -> None:
        """Called when training ends, with the logs of the last epoch."""

    def on_test_begin(self, logs: Any = None) -> None:
        """Called when an evaluation or validation begins."""

    def on_test_end(self, logs: Any = None) -> None:
        """Called when an evaluation or validation ends, with its results."""

    def on_predict_begin(self, logs: Any = None) -> None:
        """Called when a prediction begins."""

    def on_predict_end(self, logs: Any = None) -> None:
        """Called when a prediction ends."""

    def _idle_hooks(self) -> Collection[str]:
        """Methods that are overridden and yet do nothing, as the callback was made."""
        return ()

    def _abort(self) -> None:
        """Called when a loop has ended, also by an error: leave files and the terminal in order."""


def overrides(callback: Callback, hook: str) -> bool:
    """Whether a callback does anything at a stage."""
    if hook in vars(callback):
        return True
    if hook in callback._idle_hooks():
        return False
    if getattr(type(callback), hook, None) is not getattr(Callback, hook):
        return True
    older = hook.replace("on_train_batch", "on_batch")
    return older != hook and overrides(callback, older)
