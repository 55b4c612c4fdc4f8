"""Saving the model in Orbax's format while it is trained."""

from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

from dl_ops import tree
from dl_ops.interchange import convert_to_numpy
from dl_ops.objects import public, serialize_keras_object
from dl_train.callbacks.checkpoint import CheckpointCallback
from dl_train.extras import require

_ORBAX = "orbax.checkpoint.experimental.v1"


@public("keras.callbacks.OrbaxCheckpoint")
class OrbaxCheckpoint(CheckpointCallback):
    """Save the model with Orbax after epochs or numbers of batches, if wanted while training goes on.

    There is a folder for each checkpoint, named by the number of the epoch, counted from 0, or with an integer
    `save_freq` by that of the optimizer's step. In it are, laid out as Keras does, ``pytree``, what
    `Model.get_state_tree` gives, and ``model_config``. Orbax's ``load_checkpointables(folder)["pytree"]`` reads the
    former for `Model.set_state_tree` of a model that was built in the same way.

    Parameters
    ----------
    directory : str or path
    monitor : str, default "val_loss"
        Name of the log that `save_best_only` compares.
    verbose : {0, 1}
        Whether it says what it does.
    save_best_only : bool, default False
        Whether it saves only if the log is better than ever before.
    mode : {"auto", "min", "max"}
        Whether less or more is better; by default what the name says.
    save_freq : "epoch" or int, default "epoch"
        After how many batches it saves.
    initial_value_threshold : float, optional
        Value to be bettered by the first one.
    max_to_keep : int, optional
        Number of the last checkpoints that are kept, by default 1; ``None`` keeps all.
    save_on_background : bool, default True
        Whether files are written while training goes on, which waits for them when it ends.
    save_weights_only : bool, default False
        Whether weights alone are saved, without the model's config and the state of optimizer and metrics.

    Raises
    ------
    ValueError
        If `max_to_keep` or `save_freq` is malformed.
    ImportError
        If Orbax is not installed.

    Notes
    -----
    Keras 3.15's ``load_model`` gives a `Sequential` from such a folder its optimizer's state, and no weights, without a
    word: it looks for them under other names than it wrote.
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
        max_to_keep: int | None = 1,
        save_on_background: bool = True,
        save_weights_only: bool = False,
    ) -> None:
        super().__init__(monitor, verbose, save_best_only, mode, save_freq, initial_value_threshold)
        if max_to_keep is not None and (type(max_to_keep) is not int or max_to_keep < 1):
            raise ValueError(f"OrbaxCheckpoint(max_to_keep={max_to_keep!r}): expected a positive integer or None")
        self._orbax = require(_ORBAX, "OrbaxCheckpoint", "orbax")
        self.directory = os.path.abspath(directory)
        self.max_to_keep, self.save_on_background = max_to_keep, save_on_background
        self.save_weights_only = save_weights_only
        self._checkpointer: Any = None

    def _target(self, batch: int | None, logs: Any) -> str:
        step = self._epoch if batch is None else int(convert_to_numpy(self.model.optimizer.iterations))
        return os.path.join(self.directory, str(step))

    def _opened(self) -> Any:
        if self._checkpointer is None:
            training = self._orbax.training
            policies = training.preservation_policies
            kept = policies.PreserveAll() if self.max_to_keep is None else policies.LatestN(self.max_to_keep)
            self._checkpointer = training.Checkpointer(
                self.directory,
                save_decision_policy=training.save_decision_policies.FixedIntervalPolicy(1),
                preservation_policy=kept,
            )
        return self._checkpointer

    def _write(self, target: str) -> None:
        # steps to come may change the arrays in place
        state = tree.map_structure(np.array, self.model.get_state_tree(value_format="numpy_array"))
        parts: dict[str, Any] = {"pytree": state}
        if self.save_weights_only:
            for kind in ("optimizer_variables", "metrics_variables"):
                state.pop(kind)
        else:
            parts["model_config"] = {"config": json.dumps(serialize_keras_object(self.model))}
        checkpointer = self._opened()
        save = checkpointer.save_checkpointables_async if self.save_on_background else checkpointer.save_checkpointables
        save(int(os.path.basename(target)), parts, force=True, overwrite=True)

    def is_multihost_enabled(self) -> bool:
        """Whether several processes train the model together, on JAX.

        Returns
        -------
        bool
        """
        return self._on_jax() and bool(self._orbax.multihost.process_count() > 1)

    def is_primary_host(self) -> bool:
        """Whether this is the first of several processes, or the only one.

        Returns
        -------
        bool
        """
        return not self.is_multihost_enabled() or bool(self._orbax.multihost.process_index() == 0)

    def _on_jax(self) -> bool:
        return self.model is not None and self.model._own_backend().name == "jax"

    def wait_until_finished(self) -> None:
        """Wait for files that are being written."""
        if self._checkpointer is not None:
            self._checkpointer.wait()

    def on_train_end(self, logs: Any = None) -> None:
        self._abort()

    def _abort(self) -> None:
        checkpointer, self._checkpointer = self._checkpointer, None
        if checkpointer is not None:
            checkpointer.close()
