"""How often callbacks save."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from dl_train.callbacks.base import Callback


class SavingCallback(Callback):
    """Base of callbacks that save after epochs, or after numbers of batches that are counted on from epoch to epoch."""

    save_freq: str | int
    _kept: tuple[str, ...] = ("_batches", "_last")
    _batches = 0
    """Batches since it last saved."""
    _last = 0
    """Batches of this epoch that have been counted."""

    def _set_frequency(self, save_freq: Any) -> None:
        """Keep after how many batches to save.

        Raises
        ------
        ValueError
            If it is neither ``"epoch"`` nor a positive integer.
        """
        number = isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0
        if save_freq != "epoch" and not number:
            raise ValueError(
                f'{type(self).__name__}(save_freq={save_freq!r}): expected "epoch" or a positive integer of batches'
            )
        self.save_freq = save_freq

    def _saves_after(self, batch: int) -> bool:
        """Whether to save after a batch; several may have gone by since the last call, as in one compiled step."""
        if not isinstance(self.save_freq, int):
            return False
        self._batches += batch + 1 - self._last if batch >= self._last else batch + 1
        self._last = batch + 1
        if self._batches < self.save_freq:
            return False
        self._batches = 0
        return True

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._last = 0

    def _idle_hooks(self) -> Collection[str]:
        # without a hook for batches whole epochs can be handed to the backend; a subclass may have its own
        own = type(self).on_train_batch_end.__module__.startswith("dl_train.callbacks")
        return ("on_train_batch_end",) if own and self.save_freq == "epoch" else ()
