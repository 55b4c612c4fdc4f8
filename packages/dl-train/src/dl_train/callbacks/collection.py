"""Several callbacks as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from dl_ops.objects import public
from dl_train.callbacks.base import Callback, overrides
from dl_train.callbacks.history import History
from dl_train.callbacks.progress import ProgbarLogger

if TYPE_CHECKING:
    from dl_train.trainer.training_state import TrainingState

Hook = Callable[..., Any]

_STAGES: Final = (
    "on_batch_begin", "on_batch_end", "on_epoch_begin", "on_epoch_end", "on_train_batch_begin", "on_train_batch_end",
    "on_test_batch_begin", "on_test_batch_end", "on_predict_batch_begin", "on_predict_batch_end",
    "on_train_begin", "on_train_end", "on_test_begin", "on_test_end", "on_predict_begin", "on_predict_end",
)  # fmt: skip


@public("keras.callbacks.CallbackList")
class CallbackList(Callback):
    """Container that hands each call on to its callbacks, in order.

    Parameters
    ----------
    callbacks : iterable of Callback, optional
    add_history : bool, default False
        Whether a `History` is added if there is none.
    add_progbar : bool, default False
        Whether a `ProgbarLogger` is added if there is none.
    model : Model, optional
    **params
        For the callbacks' ``params``.

    Raises
    ------
    TypeError
        If something is no callback.
    """

    def __init__(
        self,
        callbacks: Iterable[Callback] | Callback | None = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        given = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or [])
        self.callbacks: list[Callback] = []
        for callback in given:
            if not isinstance(callback, Callback):
                raise TypeError(
                    f"callbacks must be instances of Callback, got {callback!r} of type {type(callback).__name__}"
                )
            self.callbacks.append(callback)
        # both come last, so that they show and keep what other callbacks add to the logs
        history = next((callback for callback in self.callbacks if isinstance(callback, History)), None)
        if history is None and add_history:
            history = History()
            self.callbacks.append(history)
        if add_progbar and not any(isinstance(callback, ProgbarLogger) for callback in self.callbacks):
            self.callbacks.append(ProgbarLogger())
        if model is not None:
            self.set_model(model)
            if history is not None:
                model.history = history
        if params:
            self.set_params(params)

    def append(self, callback: Callback) -> None:
        """Add a callback at the end."""
        self.callbacks.append(callback)

    def __iter__(self) -> Iterator[Callback]:
        return iter(self.callbacks)

    def set_model(self, model: Any) -> None:
        super().set_model(model)
        for callback in self.callbacks:
            callback.set_model(model)

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def set_training_state(self, state: TrainingState) -> None:
        for callback in self.callbacks:
            callback.set_training_state(state)

    def abort(self) -> None:
        """Tell the callbacks that the loop ended, be it by an error: a last chance to close files and the like."""
        with ExitStack() as stack:
            # an error of one does not keep the others from it
            for callback in reversed(self.callbacks):
                stack.callback(callback._abort)

    def _abort(self) -> None:
        self.abort()

    def batch_hooks(self, mode: str) -> tuple[list[Hook], list[Hook]]:
        """Methods to call before and after each batch: only those that do something.

        Parameters
        ----------
        mode : {"train", "test", "predict"}

        Returns
        -------
        begins, ends : list of callable
        """
        names = (f"on_{mode}_batch_begin", f"on_{mode}_batch_end")
        if type(self) is not CallbackList:
            return [getattr(self, names[0])], [getattr(self, names[1])]
        begins, ends = (
            [getattr(callback, name) for callback in self.callbacks if overrides(callback, name)] for name in names
        )
        return begins, ends


def _stage(name: str) -> Hook:
    on_item = name.startswith(("on_epoch", "on_batch")) or "_batch_" in name

    def with_number(self: CallbackList, number: int, logs: Any = None) -> None:
        logs = {} if logs is None else logs
        for callback in self.callbacks:
            getattr(callback, name)(number, logs)

    def without(self: CallbackList, logs: Any = None) -> None:
        logs = {} if logs is None else logs
        for callback in self.callbacks:
            getattr(callback, name)(logs)

    stage = with_number if on_item else without
    stage.__name__, stage.__doc__ = name, f"Call ``{name}`` of each callback."
    return stage


for _name in _STAGES:
    setattr(CallbackList, _name, _stage(_name))
