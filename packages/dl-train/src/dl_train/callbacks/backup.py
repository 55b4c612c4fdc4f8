"""Saving where training is, so that a program that was killed goes on with it."""

from __future__ import annotations

import contextlib
import os
import warnings
from typing import TYPE_CHECKING, Any, Final

from dl_ops.objects import public
from dl_train.callbacks.frequency import SavingCallback

if TYPE_CHECKING:
    from dl_train.trainer.training_state import TrainingState

_LATEST: Final = "latest.weights.h5"
_PREVIOUS: Final = "previous.weights.h5"
_FILES: Final = (_LATEST, _PREVIOUS)
_ENDED: Final = "ended"


@public("keras.callbacks.BackupAndRestore")
class BackupAndRestore(SavingCallback):
    """Save the state of training now and then; when the same program is started again, `fit` goes on from there.

    What was killed, at any step, and started again ends with the weights that it would have ended with, to the last
    bit: the file has weights, the optimizer's and the metrics' state, epoch, step and history, where the generators of
    random numbers stand, and the order and position of the data. Data that only come one after another are gone
    through again up to there. Callbacks and data sets with state of their own say it in ``state_dict``.

    Parameters
    ----------
    backup_dir : str or path
        Folder of the file, for this training alone. ``latest.weights.h5`` in it is one to load weights from, too.
    save_freq : "epoch" or int, default "epoch"
        After how many batches the state is saved.
    double_checkpoint : bool, default False
        Whether the state saved before the last one is kept, too, and is used if the last one's file is damaged.
    delete_checkpoint : bool, default True
        Whether the files are deleted when training has ended. Kept, they let a later `fit` go on to more epochs.

    Raises
    ------
    ValueError
        If `backup_dir` is empty or `save_freq` malformed. From `fit`, if a file is damaged or of another model.

    Notes
    -----
    A framework's own generators are only gone on with where it tells their state, as PyTorch does and TensorFlow does
    not. Layers of this library do not draw from those.

    Keras begins an interrupted epoch again with the weights that it had got to, draws other numbers, and forgets
    metrics and history.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from dl_layers.core import Dense, Input
    >>> from dl_train import Sequential
    >>> from dl_train.callbacks import Callback
    >>> class Interrupted(Callback):
    ...     def on_epoch_begin(self, epoch, logs=None):
    ...         if epoch == 2:
    ...             raise KeyboardInterrupt
    >>> def train(folder, *others):
    ...     model = Sequential([Input((1,)), Dense(1)])
    ...     model.compile("adam", "mse")
    ...     x = np.linspace(-1, 1, 64).reshape(-1, 1)
    ...     return model.fit(x, 3 * x, epochs=4, verbose=0, callbacks=[BackupAndRestore(folder), *others]).epoch
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     try:
    ...         _ = train(folder, Interrupted())
    ...     except KeyboardInterrupt:
    ...         train(folder)
    [0, 1, 2, 3]
    """

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        if not backup_dir:
            raise ValueError(f"BackupAndRestore(backup_dir={backup_dir!r}): expected the path of a folder")
        self._set_frequency(save_freq)
        self.backup_dir = os.fspath(backup_dir)
        self.double_checkpoint, self.delete_checkpoint = double_checkpoint, delete_checkpoint
        self._training: TrainingState | None = None

    def _path(self, name: str) -> str:
        return os.path.join(self.backup_dir, name)

    def set_training_state(self, state: TrainingState) -> None:
        from dl_saving.atomic import remove_leftovers

        self._training = state
        os.makedirs(self.backup_dir, exist_ok=True)
        for name in _FILES:
            remove_leftovers(self._path(name))
        self._restore(state, [path for path in map(self._path, _FILES) if os.path.exists(path)])

    def _restore(self, state: TrainingState, paths: list[str]) -> None:
        from dl_saving import BadFileError

        # somebody who ended it, and kept the files, wants to go on
        stops = not os.path.exists(self._path(_ENDED))
        for number, path in enumerate(paths, 1):
            try:
                state.restore(path, stops=stops)
                return
            except ValueError as error:
                message = f"BackupAndRestore(backup_dir={self.backup_dir!r}): {error}"
                if number == len(paths) or not isinstance(error, BadFileError):
                    raise type(error)(f"{message}; delete it to begin anew") from error
                warnings.warn(f"{message}; training goes on from the backup before that", stacklevel=2)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self._training is not None and self._saves_after(batch):
            self._training.when_settled(self._save)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if self._training is not None and self.save_freq == "epoch":
            self._training.when_settled(self._save)

    def _save(self) -> None:
        assert self._training is not None  # it calls this
        keep_as = self._path(_PREVIOUS) if self.double_checkpoint else None
        self._training.save(self._path(_LATEST), keep_as=keep_as)
        with contextlib.suppress(FileNotFoundError):
            os.remove(self._path(_ENDED))

    def on_train_end(self, logs: Any = None) -> None:
        if not self.delete_checkpoint:
            with open(self._path(_ENDED), "wb"):
                return
        for name in (*_FILES, _ENDED):
            with contextlib.suppress(FileNotFoundError):
                os.remove(self._path(name))
        with contextlib.suppress(OSError):  # there may be other files
            os.rmdir(self.backup_dir)

    def _abort(self) -> None:
        self._training = None
