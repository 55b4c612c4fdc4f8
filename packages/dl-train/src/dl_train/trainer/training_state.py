"""Where a training is, and all that going on with it hangs on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dl_ops.random import host_random_state, set_host_random_state
from dl_ops.saveable import Saveable
from dl_ops.typing import Array
from dl_ops.variable import Variable
from dl_train.trainer.json_arrays import from_json, to_json
from dl_train.trainer.steps import state_of

if TYPE_CHECKING:
    from dl_train.callbacks import Callback, CallbackList
    from dl_train.data import EpochIterator
    from dl_train.models.model import Model

_GROUP: Final = "training.state"
_FORMAT: Final = 1
_JSON: Final = "json"


class TrainingState(Saveable):
    """State of one `fit`: made when it begins, told by it what happens, and asked by it how to go on.

    `Model.fit` hands it to the callbacks, by `Callback.set_training_state`, before anything else happens. A callback
    may then `restore` what another process has saved; and later `save`, when all callbacks have done their part of a
    batch or epoch: see `when_settled`.

    What it saves, to one file, is

    - weights of the model and variables of its optimizer, as ``save_weights`` writes them, so that the file is one to
      load weights from as well;
    - all other variables that a step may read or assign: of metrics, seed generators, recurrent layers with memory;
    - epoch, number of its steps done, and whether training was about to stop;
    - the order and position of the training and validation data, see `DataAdapter`;
    - random number generators: Python's, NumPy's global one, and those of frameworks that tell;
    - what callbacks keep: their ``state_dict``.

    Restored from it, a training ends with the numbers it would have ended with, to the last bit, given that what is
    computed repeats at all.

    Parameters
    ----------
    model : Model
        Built and compiled, with its optimizer.
    data : EpochIterator
        To train with.
    validation : EpochIterator or None
    callbacks : CallbackList
    epoch : int
        To begin with.
    """

    def __init__(
        self,
        model: Model,
        data: EpochIterator,
        validation: EpochIterator | None,
        callbacks: CallbackList,
        epoch: int = 0,
    ) -> None:
        self.model = model
        self.epoch, self.step = epoch, 0
        self.resumed = False
        """Whether it goes on from something saved."""
        self.logs: dict[str, Any] = {}
        """Logs of the last batch before the one to go on with."""
        self._iterators = {"data": data} | ({} if validation is None else {"validation": validation})
        self._callbacks = callbacks
        self._waiting: list[Callable[[], None]] = []
        self._assigned: list[tuple[Variable, Array]] = []
        self._found: dict[str, Any] = {}
        self._over = False

    # -- what `fit` tells and asks ------------------------------------------------------------------------------

    def epochs(self, epochs: int) -> Iterator[int]:
        """Numbers of the epochs to train, up to a number of them; of the first one, `step` steps may be done."""
        while self.epoch < epochs and not self._over:
            yield self.epoch

    def training_began(self) -> None:
        """All callbacks know that training begins."""
        if self.resumed:
            self._take_up(for_good=self.step == 0)
            self._over = self.model.stop_training and self.step == 0

    def epoch_began(self) -> None:
        """Data and callbacks know that an epoch begins: what they did on that was part of what was saved amid one."""
        if self.step > 0:
            self._take_up(for_good=True)

    def batch_ended(self, batch: int, logs: Mapping[str, Any]) -> None:
        """All callbacks have done their part of a batch."""
        self.step = batch + 1
        if self._waiting:
            self.logs = dict(logs)
            self._settle()

    def epoch_ended(self) -> None:
        """All callbacks have done their part of an epoch."""
        self.epoch, self.step, self.logs = self.epoch + 1, 0, {}
        self._settle()

    def _settle(self) -> None:
        waiting, self._waiting = self._waiting, []
        for do in waiting:
            do()

    # -- what callbacks use -------------------------------------------------------------------------------------

    def when_settled(self, do: Callable[[], None], *, first: bool = False) -> None:
        """Call a function once all callbacks have done their part of the batch or epoch that ends.

        Parameters
        ----------
        do : callable
            Takes nothing.
        first : bool, default False
            Whether before others, as what puts back in order what they are to save.
        """
        self._waiting.insert(0 if first else len(self._waiting), do)

    def save(self, path: str, keep_as: str | None = None) -> None:
        """Write everything to a file, which is replaced when the new one is complete, and not before.

        Parameters
        ----------
        path : str
            Ends in ``.weights.h5``.
        keep_as : str, optional
            What to rename the file to that is replaced.

        Raises
        ------
        OSError
            If the disk is full or fails, or there is no such folder.
        TypeError
            If a callback's ``state_dict`` has something that cannot be written.
        """
        from dl_saving import save_checkpoint

        save_checkpoint({_GROUP: self, "": self.model}, path, keep_as)

    def restore(self, path: str, *, stops: bool = True) -> None:
        """Go on from what was saved, as soon as callbacks know that training begins.

        Parameters
        ----------
        path : str
        stops : bool, default True
            Whether a training that a callback had told to stop does stop.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ValueError
            If the file is damaged, or of another model or training.
        """
        from dl_saving import read_checkpoint

        self._assigned = read_checkpoint({_GROUP: self, "": self.model}, path)
        self.epoch, self.step, self.resumed = self._found["epoch"], self._found["step"], True
        self._found["stopped"] = bool(self._found["stopped"]) and stops

    # -- what is saved ------------------------------------------------------------------------------------------

    def _other_variables(self) -> list[Variable]:
        """Variables that are neither weights nor the optimizer's."""
        saved = {id(variable) for variable in self.model.weights}
        if self.model.optimizer is not None:
            saved |= {id(variable) for variable in self.model.optimizer.variables}
        return [variable for variable in state_of(self.model, training=True) if id(variable) not in saved]

    def _made_for(self) -> dict[str, Any]:
        """What must be the same where it is restored, and would not be noticed otherwise."""
        optimizer = self.model.optimizer
        if optimizer is None:
            return {"optimizer": None, "variables": 0}
        return {"optimizer": type(optimizer).__name__, "variables": len(optimizer.variables)}

    def _named_callbacks(self) -> Iterator[tuple[str, Callback]]:
        count: Counter[str] = Counter()
        for callback in self._callbacks:
            name = type(callback).__name__
            yield f"{name} {count[name]}", callback
            count[name] += 1

    def save_own_variables(self, store: MutableMapping[str, Array]) -> None:
        variables = self._other_variables()
        for number, variable in enumerate(variables):
            store[f"variable {number}"] = variable.numpy()
        described = {
            "format": _FORMAT,
            "epoch": self.epoch,
            "step": self.step,
            "stopped": bool(self.model.stop_training),
            "logs": to_json(self.logs, store, "the logs"),
            "made_for": self._made_for(),
            "variables": len(variables),
            # before the generators: nothing may be drawn between the two
            "iterators": {
                name: iterator.state(self.step if name == "data" and self.step else None)
                for name, iterator in self._iterators.items()
            },
            "callbacks": {
                name: to_json(state, store, f"{type(callback).__name__}.state_dict()")
                for name, callback in self._named_callbacks()
                if (state := callback.state_dict())
            },
            "random": host_random_state(),
        }
        store[_JSON] = np.frombuffer(json.dumps(described).encode(), np.uint8)

    def load_own_variables(self, store: Mapping[str, Array]) -> None:
        if _JSON not in store:
            raise ValueError("the file has weights alone and says nothing of a training")
        try:
            found = json.loads(store[_JSON].tobytes())
        except ValueError as error:
            raise ValueError(f"what it says of the training is no JSON: {error}") from error
        if not isinstance(found, dict) or found.get("format") != _FORMAT:
            raise ValueError("what it says of the training is of another version")
        for name in ("epoch", "step"):
            if isinstance(found[name], bool) or not isinstance(found[name], int) or found[name] < 0:
                raise ValueError(f"the {name} is {found[name]!r}: expected an integer of at least 0")
        if found["made_for"] != self._made_for():
            before, now = (
                f"{x['optimizer']} with {x['variables']} variables" for x in (found["made_for"], self._made_for())
            )
            raise ValueError(f"the optimizer was {before}, and is {now}")
        variables = self._other_variables()
        if found["variables"] != len(variables):
            raise ValueError(
                f"metrics and seed generators had {found['variables']} variables, and have {len(variables)}"
            )
        for number, variable in enumerate(variables):
            value = store[f"variable {number}"]
            if tuple(value.shape) != tuple(variable.shape):
                raise ValueError(f"variable {variable.name!r} had shape {value.shape}, and has {tuple(variable.shape)}")
            variable.assign(value)
        for part in ("logs", "callbacks"):
            found[part] = from_json(found[part], store)
        self._found = found

    def _take_up(self, *, for_good: bool) -> None:
        found = self._found
        for variable, value in self._assigned:
            variable.assign(value.copy())  # a step may give up a tensor's memory, or change it
        self.logs, self.model.stop_training = found["logs"], found["stopped"]
        for name, callback in self._named_callbacks():
            if name in found["callbacks"]:
                callback.load_state_dict(found["callbacks"][name])
        if not for_good:
            return
        for name, iterator in self._iterators.items():
            if name in found["iterators"]:
                iterator.restore(found["iterators"][name], self.step if name == "data" else 0)
        # at last: going through data to where they were has drawn numbers again
        set_host_random_state(found["random"])
        self._assigned, self._found = [], {}
