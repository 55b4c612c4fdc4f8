"""Files of events: what TensorBoard reads of a training, on every backend."""

from __future__ import annotations

import json
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dl_layers import Conv2D, Dense, Embedding, Flatten, Input
from dl_ops.backend import Backend, backend_scope
from dl_train import Sequential
from dl_train.callbacks import LambdaCallback, TensorBoard

pytest.importorskip("tensorboardX")

X = np.ones((16, 4, 4, 3), "float32")
Y = np.ones((16, 1), "float32")


def make() -> Sequential:
    model = Sequential([Input((4, 4, 3)), Conv2D(2, 3, name="conv"), Flatten(), Dense(1, name="dense")], name="net")
    model.compile("sgd", "mse", metrics=["mae"])
    return model


def events(folder: Path) -> Iterator[Any]:
    """Events of a folder's files: records of a length, its checksum, the message and its checksum."""
    from tensorboardX.proto.event_pb2 import Event

    for path in sorted(folder.glob("*tfevents*")):
        content, at = path.read_bytes(), 0
        while at < len(content):
            (length,) = struct.unpack_from("<Q", content, at)
            yield Event.FromString(content[at + 12 : at + 12 + length])
            at += 12 + length + 4


def scalars(folder: Path) -> list[tuple[int, str, float]]:
    return [
        (event.step, value.tag, value.simple_value)
        for event in events(folder)
        for value in event.summary.value
        if value.HasField("simple_value")
    ]


def tags(folder: Path) -> list[tuple[int, str]]:
    return [(step, tag) for step, tag, _ in scalars(folder)]


def test_loss_and_metrics_are_written(tmp_path: Path, trainable_backend: Backend) -> None:
    with backend_scope(trainable_backend):
        model = make()
        callback = TensorBoard(tmp_path, update_freq=3)
        history = model.fit(X, Y, 4, epochs=2, validation_data=(X, Y), verbose=0, callbacks=[callback]).history
        results = model.evaluate(X, Y, verbose=0, callbacks=[callback], return_dict=True)
    train, validation = scalars(tmp_path / "train"), scalars(tmp_path / "validation")
    batches = [(step, tag) for step, tag, _ in train if tag.startswith("batch")]
    assert batches == [(3, "batch_loss"), (3, "batch_mae"), (6, "batch_loss"), (6, "batch_mae")]
    for epoch in range(2):
        for name in ("loss", "mae"):
            assert (epoch, f"epoch_{name}", np.float32(history[name][epoch])) in train
            assert (epoch, f"epoch_{name}", np.float32(history[f"val_{name}"][epoch])) in validation
            at = (4 * (epoch + 1), f"evaluation_{name}_vs_iterations", np.float32(history[f"val_{name}"][epoch]))
            assert at in validation
        assert (epoch, "epoch_learning_rate", np.float32(0.01)) in train
    assert validation[-2:] == [
        (8, f"evaluation_{name}_vs_iterations", np.float32(results[name])) for name in ("loss", "mae")
    ]


def test_steps_count_on_in_another_training_and_several_at_once(tmp_path: Path) -> None:
    model = make()
    model.compile("sgd", "mse", steps_per_execution=2)
    for epoch in range(2):
        callback = TensorBoard(tmp_path, update_freq="batch", write_steps_per_second=True)
        model.fit(X, Y, 4, epochs=epoch + 1, initial_epoch=epoch, verbose=0, callbacks=[callback])
    assert tags(tmp_path / "train") == [
        (2, "batch_loss"), (2, "batch_steps_per_second"), (4, "batch_loss"), (4, "batch_steps_per_second"),
        (0, "epoch_loss"), (0, "epoch_learning_rate"), (0, "epoch_steps_per_second"),
        (6, "batch_loss"), (6, "batch_steps_per_second"), (8, "batch_loss"), (8, "batch_steps_per_second"),
        (1, "epoch_loss"), (1, "epoch_learning_rate"), (1, "epoch_steps_per_second"),
    ]  # fmt: skip
    speeds = [value for _, tag, value in scalars(tmp_path / "train") if "per_second" in tag]
    assert min(speeds) > 0


def test_graph_distributions_and_images_are_written(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    model = make()
    model.fit(X, Y, verbose=0, callbacks=[TensorBoard(tmp_path, histogram_freq=1, write_images=True)])
    values = {value.tag: value for event in events(tmp_path / "train") for value in event.summary.value}
    graph = values["keras"]
    assert graph.metadata.plugin_data.plugin_name == "graph_keras_model"
    assert json.loads(graph.tensor.string_val[0]) == json.loads(model.to_json())
    for variable in model.weights:
        histogram = values[f"{variable.path}/histogram"].histo
        weights = np.asarray(variable, "float64")
        assert histogram.num == sum(histogram.bucket) == weights.size
        np.testing.assert_allclose([histogram.min, histogram.max], [weights.min(), weights.max()])
        np.testing.assert_allclose(histogram.sum, weights.sum(), atol=1e-6)
    image = values["net/conv/kernel/image"].image
    assert (image.height, image.width) == (7, 11)  # six filters of 3 x 3: two rows of three, a pixel apart
    assert image.encoded_image_string.startswith(b"\x89PNG")
    assert values["net/dense/bias/image"].image.width == 1


def test_more_can_be_written(tmp_path: Path) -> None:
    board = TensorBoard(tmp_path, write_graph=False)
    more = LambdaCallback(on_epoch_end=lambda epoch, logs: board.summary.scalar("temperature", 36.6, epoch))
    make().fit(X, Y, epochs=2, verbose=0, callbacks=[board, more])
    assert [it for it in tags(tmp_path / "train") if it[1] == "temperature"] == [(0, "temperature"), (1, "temperature")]


def test_weights_that_are_no_numbers_do_not_stop_it(tmp_path: Path) -> None:
    model = make()
    model.layers[0].set_weights([np.full((3, 3, 3, 2), np.nan), np.array([1.0, np.inf])])
    model.fit(X, Y, verbose=0, callbacks=[TensorBoard(tmp_path, histogram_freq=1)])
    assert any(tag == "epoch_loss" for _, tag in tags(tmp_path / "train"))


def test_tables_of_embeddings_are_written_for_the_projector(tmp_path: Path) -> None:
    model = Sequential([Input((5,)), Embedding(7, 3, name="words"), Flatten(), Dense(1)])
    model.compile("sgd", "mse")
    x, y = np.ones((8, 5)), np.ones((8, 1))
    (tmp_path / "words.tsv").write_text("\n".join("abcdefg"))
    callback = TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata={"words": "words.tsv"})
    model.fit(x, y, epochs=2, verbose=0, callbacks=[callback])
    config = (tmp_path / "projector_config.pbtxt").read_text()
    assert 'metadata_path: "words.tsv"' in config
    table = np.loadtxt(tmp_path / config.split('tensor_path: "')[1].split('"')[0], delimiter="\t")
    np.testing.assert_allclose(table, np.asarray(model.layers[0].embeddings), rtol=1e-5)
    with pytest.raises(ValueError, match=r"\['nouns'\].*\['words'\]"):
        model.fit(
            x, y, verbose=0, callbacks=[TensorBoard(tmp_path, embeddings_freq=1, embeddings_metadata={"nouns": "x"})]
        )


def test_what_was_written_before_an_error_can_be_read(tmp_path: Path) -> None:
    def fail(batch: int, logs: Any) -> None:
        if batch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make().fit(
            X, Y, 4, verbose=0,
            callbacks=[TensorBoard(tmp_path, update_freq=1), LambdaCallback(on_train_batch_end=fail)],
        )  # fmt: skip
    assert tags(tmp_path / "train")[-1] == (3, "batch_mae")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"update_freq": 0}, "update_freq=0"),
        ({"update_freq": "step"}, "update_freq='step'"),
        ({"histogram_freq": -1}, "histogram_freq=-1"),
        ({"embeddings_freq": 1.5}, "embeddings_freq=1.5"),
    ],
)
def test_frequencies_are_checked(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TensorBoard(**options)


def test_profiles_are_measured_otherwise() -> None:
    with pytest.warns(UserWarning, match="StepProfiler"):
        TensorBoard(profile_batch=2)


def test_tensorflow_reads_the_same(tmp_path: Path) -> None:
    """Its reader checks the sums of each record, too."""
    tensorflow = pytest.importorskip("tensorflow")
    make().fit(X, Y, verbose=0, callbacks=[TensorBoard(tmp_path)])
    [path] = (tmp_path / "train").iterdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        records = list(tensorflow.data.TFRecordDataset(str(path)).as_numpy_iterator())
    read = [tensorflow.compat.v1.Event.FromString(record) for record in records]
    names = [value.tag for event in read for value in event.summary.value]
    assert names == ["keras", "epoch_loss", "epoch_mae", "epoch_learning_rate"]
