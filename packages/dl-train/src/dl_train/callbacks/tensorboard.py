"""Logs for TensorBoard, without TensorFlow."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from dl_layers.core import Embedding
from dl_ops.interchange import convert_to_numpy
from dl_ops.objects import public
from dl_train.callbacks.base import Callback
from dl_train.callbacks.event_file import EventFile
from dl_train.callbacks.rates import has_rate, learning_rate


@public("keras.callbacks.TensorBoard")
class TensorBoard(Callback):
    """Write what TensorBoard shows: loss and metrics, the model's graph, distributions and images of its weights.

    Training's events are in the folder ``train`` of `log_dir`, those of validation and evaluation in ``validation``.

    Parameters
    ----------
    log_dir : str or path, default "logs"
        Folder for one training.
    histogram_freq : int, default 0
        After each so many epochs the distributions of weights are written; 0 for never.
    write_graph : bool, default True
        Whether the model's graph is written, if the model has a configuration.
    write_images : bool, default False
        Whether weights are written as images, too, along with their distributions.
    write_steps_per_second : bool, default False
    update_freq : "epoch", "batch" or int, default "epoch"
        Whether loss and metrics are written after batches, too: after each, or each so many.
    profile_batch : int or pair of int, default 0
        Traces of a framework's profiler are not written: `StepProfiler` measures steps on every backend.
    embeddings_freq : int, default 0
        After each so many epochs the tables of embedding layers are written; 0 for never.
    embeddings_metadata : str, path, or dict from str to such, optional
        File with a line for each row of the tables, or one for each layer by its name.

    Raises
    ------
    ValueError
        If a frequency is malformed, or, when training begins, if `embeddings_metadata` names no embedding layer.
    ImportError
        When training begins, if tensorboardX is not installed.

    Examples
    --------
    >>> callback = TensorBoard("logs/first", update_freq=100)
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: str | int = "epoch",
        profile_batch: int | tuple[int, int] = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
    ) -> None:
        super().__init__()
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = _frequency("histogram_freq", histogram_freq)
        self.embeddings_freq = _frequency("embeddings_freq", embeddings_freq)
        self.write_graph, self.write_images = write_graph, write_images
        self.write_steps_per_second = write_steps_per_second
        if update_freq not in ("epoch", "batch") and (not _is_count(update_freq) or update_freq == 0):
            raise ValueError(
                f'TensorBoard(update_freq={update_freq!r}): expected "epoch", "batch" or a positive integer'
            )
        self.update_freq = 1 if update_freq == "batch" else update_freq
        self.embeddings_metadata = embeddings_metadata
        if profile_batch:
            warnings.warn(
                f"TensorBoard(profile_batch={profile_batch!r}): traces are not written; "
                "dl_train.callbacks.StepProfiler says where the time goes",
                stacklevel=2,
            )
        self._files: dict[str, EventFile] = {}
        self._step = self._first = self._written = self._epoch_step = 0
        self._since = self._epoch_since = 0.0
        self._training = False

    # -- files --------------------------------------------------------------------------------------------------

    def _file(self, name: str) -> EventFile:
        if name not in self._files:
            self._files[name] = EventFile(os.path.join(self.log_dir, name))
        return self._files[name]

    def _close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()
        self._training = False

    def _abort(self) -> None:
        self._close()

    @property
    def summary(self) -> EventFile:
        """File of the training's events, for more of one's own: ``callback.summary.scalar(name, data, step)``.

        It has ``scalar``, ``histogram`` and ``image``.
        """
        return self._file("train")

    # -- training -----------------------------------------------------------------------------------------------

    def on_train_begin(self, logs: Any = None) -> None:
        self._training = True
        self._step = self._iterations()
        if self.embeddings_freq:
            self._describe_embeddings()
        if self.write_graph:
            config = _configuration(self.model)
            if config is not None:
                self._file("train").model(config)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self._written = self._step
        if self.write_steps_per_second:
            self._epoch_step = self._iterations()
        self._since = self._epoch_since = time.perf_counter()

    def _idle_hooks(self) -> Collection[str]:
        return ("on_train_batch_begin", "on_train_batch_end") if self.update_freq == "epoch" else ()

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        self._first = batch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        before = self._step
        self._step += batch + 1 - self._first  # several are done at once with steps_per_execution
        every = self.update_freq
        if isinstance(every, str) or self._step // every == before // every:
            return
        now = time.perf_counter()
        values = {f"batch_{name}": value for name, value in (logs or {}).items()}
        if self.write_steps_per_second:
            values["batch_steps_per_second"] = (self._step - self._written) / max(now - self._since, 1e-9)
        self._since, self._written = now, self._step
        self._file("train").scalars(values, self._step)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs = dict(logs or {})
        train = {f"epoch_{name}": value for name, value in logs.items() if not name.startswith("val_")}
        if has_rate(self.model):
            train["epoch_learning_rate"] = learning_rate(self.model, "TensorBoard")
        if self.write_steps_per_second:
            steps = self._iterations() - self._epoch_step
            train["epoch_steps_per_second"] = steps / max(time.perf_counter() - self._epoch_since, 1e-9)
        self._file("train").scalars(train, epoch)
        validation = {f"epoch_{name[4:]}": value for name, value in logs.items() if name.startswith("val_")}
        if validation:
            self._file("validation").scalars(validation, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            self._write_weights(epoch)
        if self.embeddings_freq and epoch % self.embeddings_freq == 0:
            self._write_embeddings()
        for file in self._files.values():
            file.flush()

    def on_train_end(self, logs: Any = None) -> None:
        self._close()

    def on_test_end(self, logs: Any = None) -> None:
        values = {f"evaluation_{name}_vs_iterations": value for name, value in (logs or {}).items()}
        self._file("validation").scalars(values, self._iterations())
        if not self._training:
            self._close()

    def _iterations(self) -> int:
        iterations = getattr(getattr(self.model, "optimizer", None), "iterations", None)
        return 0 if iterations is None else int(convert_to_numpy(iterations))

    # -- weights ------------------------------------------------------------------------------------------------

    def _write_weights(self, epoch: int) -> None:
        file = self._file("train")
        for variable in self.model.weights:
            values = convert_to_numpy(variable).astype(np.float64)
            file.histogram(f"{variable.path}/histogram", values, epoch)
            if self.write_images:
                file.image(f"{variable.path}/image", values, epoch)

    def _embeddings(self) -> dict[str, Embedding]:
        return {layer.name: layer for layer in self.model._flatten_layers() if isinstance(layer, Embedding)}

    def _describe_embeddings(self) -> None:
        """Say in the projector's configuration where the tables are, and what their rows mean."""
        layers = self._embeddings()
        metadata = self.embeddings_metadata
        if metadata is None or not isinstance(metadata, Mapping):
            metadata = {} if metadata is None else dict.fromkeys(layers, metadata)
        unknown = sorted(set(metadata) - set(layers))
        if unknown:
            raise ValueError(
                f"TensorBoard(embeddings_metadata=…) names {unknown}: the model's embedding layers are {sorted(layers)}"
            )
        os.makedirs(self.log_dir, exist_ok=True)
        with open(os.path.join(self.log_dir, "projector_config.pbtxt"), "w", encoding="utf-8") as file:
            for name in layers:
                file.write(f"embeddings {{\n  tensor_name: {_quoted(name)}\n  tensor_path: {_quoted(_table(name))}\n")
                if name in metadata:
                    file.write(f"  metadata_path: {_quoted(os.fspath(metadata[name]))}\n")
                file.write("}\n")

    def _write_embeddings(self) -> None:
        for name, layer in self._embeddings().items():
            path = os.path.join(self.log_dir, _table(name))
            rows = convert_to_numpy(layer.embeddings).astype(np.float64)
            np.savetxt(f"{path}.part", rows, fmt="%.6g", delimiter="\t")
            os.replace(f"{path}.part", path)


def _table(layer: str) -> str:
    return f"embedding_{layer.replace('/', '_')}.tsv"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _configuration(model: Any) -> str | None:
    """Configuration of a model that has one."""
    try:
        return str(model.to_json())
    except (NotImplementedError, TypeError, ValueError):
        return None


def _is_count(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and bool(value >= 0)


def _frequency(name: str, value: int) -> int:
    if not _is_count(value):
        raise ValueError(f"TensorBoard({name}={value!r}): expected an integer of at least 0")
    return int(value)
