"""The batches that a model sees, beside those that it sees in Keras, for a table of data and arguments of fit()."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "jax")

import keras
import numpy as np
import pytest

import dl
from dl_ops import backend_scope, tree

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X = np.arange(20.0).reshape(10, 2)
Y = np.arange(10)
WEIGHT = np.linspace(0, 1, 10)


def frame(*columns: str) -> Any:
    """Columns of a data frame of pandas; an only one as itself."""
    pandas = pytest.importorskip("pandas")
    whole = pandas.DataFrame({"real": Y / 2, "whole": Y, "truth": Y > 3})
    return whole[columns[0]] if len(columns) == 1 else whole[list(columns) or list(whole)]


def sparse(form: str) -> Any:
    """The inputs as a matrix of SciPy."""
    return getattr(pytest.importorskip("scipy.sparse"), form)(X)


def recorder(k: ModuleType) -> Any:
    """Model that keeps what each of its steps was given; it learns nothing."""

    class Recorder(k.Model):  # type: ignore[name-defined, misc]  # a module's
        def __init__(self) -> None:
            super().__init__()
            self.seen: list[Any] = []
            self.built = True

        def keep(self, *arguments: Any) -> Any:
            data = arguments[-1]
            self.seen.append(tree.map_structure(described, data))
            # Keras's steps on JAX are of a state and a batch
            return {"loss": 0.0} if len(arguments) == 1 else ({"loss": 0.0}, arguments[0])

    if k is keras and keras.backend.backend() == "jax":
        Recorder.train_step = Recorder.test_step = lambda self, state, data: self.keep(state, data)
    else:
        Recorder.train_step = Recorder.test_step = lambda self, data: self.keep(data)
    made = Recorder()
    made.compile("sgd", run_eagerly=True)
    return made


def described(x: Any) -> Any:
    """Dtype and values of an array.

    Keras gives float64 of generators and data sets to a step as it is, JAX then computes with the default float, and
    TensorFlow with either; here all of that is the default float.
    """
    if x is None:
        return None
    array = np.asarray(keras.ops.convert_to_numpy(x) if not isinstance(x, np.ndarray) else x)
    array = array.astype("float32") if array.dtype == np.float64 else array
    return str(array.dtype), array.shape, array.ravel().tolist()


def generator(number: int = 4) -> Iterator[Any]:
    for i in range(number):
        yield X[2 * i : 2 * i + 2], Y[2 * i : 2 * i + 2]


def data_set(k: ModuleType, **options: Any) -> Any:
    """`PyDataset` of four batches, the last of which is smaller."""

    class Batches(k.utils.PyDataset):  # type: ignore[name-defined, misc]  # a module's
        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> Any:
            part = slice(3 * index, 3 * index + 3)
            return {"x": X[part]}, Y[part], WEIGHT[part]

    return Batches(**options)


def loader() -> Any:
    """PyTorch's, of three batches."""
    torch = pytest.importorskip("torch")
    return torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y)), batch_size=4
    )


def tf_data() -> Any:
    """TensorFlow's, of three batches."""
    tensorflow = pytest.importorskip("tensorflow")
    return tensorflow.data.Dataset.from_tensor_slices((X, Y)).batch(4)


def grain_data() -> Any:
    """Grain's, of three batches."""
    grain = pytest.importorskip("grain")
    return grain.MapDataset.source(list(zip(X, Y, strict=True))).batch(4)


def tensors(framework: str) -> Any:
    """Tensors of a framework, whatever the backend."""
    module = pytest.importorskip({"jax": "jax.numpy"}.get(framework, framework))
    make = {"torch": lambda x: module.from_numpy(x), "jax": lambda x: module.asarray(x)}
    return [make.get(framework, lambda x: module.constant(x))(array) for array in (X, Y)]


Arguments = dict[str, Any]
CASES: dict[str, Callable[[ModuleType], Arguments]] = {
    "float64": lambda k: {"x": X, "y": Y},
    "float32": lambda k: {"x": X.astype("float32"), "y": Y.astype("float32"), "batch_size": 3},
    "float16": lambda k: {"x": X.astype("float16"), "y": Y.astype("int8")},
    "bytes": lambda k: {"x": X.astype("uint8"), "y": Y.astype("uint16")},
    "integers": lambda k: {"x": X.astype("int64"), "y": Y.astype("int32")},
    "truth": lambda k: {"x": X > 3, "y": Y > 2},
    "inputs alone": lambda k: {"x": X, "batch_size": 4},
    "columns": lambda k: {"x": X, "y": Y[:, None], "batch_size": 4},
    "lists of arrays": lambda k: {"x": [X, X + 1], "y": [Y, Y + 1], "batch_size": 4},
    "tuple of arrays": lambda k: {"x": (X, X + 1), "y": Y},
    "nested dictionaries": lambda k: {"x": {"a": X, "b": {"c": X}}, "y": {"o": [Y, {"p": Y}]}, "batch_size": 4},
    "nothing for one target": lambda k: {"x": X, "y": [Y, None]},
    "nothing for one input": lambda k: {"x": [X, None], "y": Y},
    "frame": lambda k: {"x": frame("real", "whole"), "y": frame("whole"), "batch_size": 4},
    "frame of integers": lambda k: {"x": frame()[["whole"]], "y": frame("truth")},
    "dictionary of columns": lambda k: {"x": dict(frame()), "y": frame("real"), "batch_size": 4},
    "CSR": lambda k: {"x": sparse("csr_matrix"), "y": Y, "batch_size": 4},
    "COO": lambda k: {"x": sparse("coo_matrix"), "y": Y, "batch_size": 4},
    "tensors of PyTorch": lambda k: dict(zip("xy", tensors("torch"), strict=True)),
    "tensors of TensorFlow": lambda k: dict(zip("xy", tensors("tensorflow"), strict=True)),
    "tensors of JAX": lambda k: dict(zip("xy", tensors("jax"), strict=True)),
    "weights": lambda k: {"x": X, "y": Y, "sample_weight": WEIGHT, "batch_size": 4},
    "integer weights": lambda k: {"x": X, "y": Y, "sample_weight": Y},
    "weights for each output": lambda k: {"x": X, "y": [Y, Y], "sample_weight": [WEIGHT, WEIGHT + 1], "batch_size": 4},
    "weights for all outputs": lambda k: {"x": X, "y": {"a": Y, "b": Y}, "sample_weight": WEIGHT, "batch_size": 4},
    "class weights": lambda k: {"x": X, "y": Y, "class_weight": {0: 2.0, 3: 5.0}, "batch_size": 4},
    "class weights, column": lambda k: {"x": X, "y": Y[:, None], "class_weight": {0: 2.0, 3: 5.0}},
    "class weights, floats": lambda k: {"x": X, "y": Y.astype("float32"), "class_weight": {0: 2.0, 3: 5.0}},
    "class weights, one-hot": lambda k: {"x": X, "y": np.eye(10), "class_weight": {0: 2.0, 3: 5.0}},
    "one large batch": lambda k: {"x": X, "y": Y, "batch_size": 100},
    "fewer steps": lambda k: {"x": X, "y": Y, "batch_size": 2, "steps_per_epoch": 2, "epochs": 2},
    "validation data": lambda k: {"x": X, "y": Y, "batch_size": 4, "validation_data": (X[:3], Y[:3]), "epochs": 2},
    "weighted validation data": lambda k: {"x": X, "y": Y, "validation_data": (X[:3], Y[:3], WEIGHT[:3])},
    "validation in steps": lambda k: {
        "x": X,
        "y": Y,
        "validation_data": (X[:5], Y[:5]),
        "validation_batch_size": 2,
        "validation_steps": 2,
    },
    "split": lambda k: {"x": X, "y": Y, "validation_split": 0.34, "batch_size": 4},
    "split with weights": lambda k: {"x": [X, X], "y": Y, "sample_weight": WEIGHT, "validation_split": 0.25},
    "split of a frame": lambda k: {"x": frame()[["real"]], "y": frame("whole"), "validation_split": 0.5},
    "split of a sparse matrix": lambda k: {"x": sparse("csr_matrix"), "y": Y, "validation_split": 0.5},
    "split of tensors": lambda k: {"x": tensors("torch")[0], "y": tensors("torch")[1], "validation_split": 0.5},
    "generator": lambda k: {"x": generator()},
    "generator, in steps": lambda k: {"x": generator(), "steps_per_epoch": 2, "epochs": 2},
    "generator of dictionaries": lambda k: {"x": (({"a": X, "b": [X]}, Y) for _ in range(2))},
    "generator with weights": lambda k: {"x": ((X, Y, WEIGHT) for _ in range(2))},
    "generator, sizes": lambda k: {"x": ((X[:n], Y[:n]) for n in (4, 4, 2))},
    "generator, shapes": lambda k: {"x": ((X[:n, :n], Y[:n]) for n in (1, 2))},
    "generator of float16": lambda k: {"x": ((X.astype("float16"), Y) for _ in range(2))},
    "generator of sparse matrices": lambda k: {"x": ((sparse("csr_matrix"), Y) for _ in range(2))},
    "generator of tensors": lambda k: {"x": (tuple(tensors("torch")) for _ in range(2))},
    "PyDataset": lambda k: {"x": data_set(k), "epochs": 2},
    "PyDataset, threads": lambda k: {"x": data_set(k, workers=3, max_queue_size=2), "epochs": 2},
    "PyDataset, steps": lambda k: {"x": data_set(k), "steps_per_epoch": 2, "epochs": 2},
    "PyDataset, validation": lambda k: {"x": X, "y": Y, "validation_data": data_set(k)},
    "DataLoader": lambda k: {"x": loader(), "epochs": 2},
    "tf.data": lambda k: {"x": tf_data(), "epochs": 2},
    "tf.data, repeated": lambda k: {"x": tf_data().repeat(), "steps_per_epoch": 4, "epochs": 2},
    "Grain": lambda k: {"x": grain_data(), "epochs": 2},
    # a batch size beside batches changes nothing; that is told here
    "DataLoader, batch size": lambda k: {"x": loader(), "batch_size": 2},
}


def seen(k: ModuleType, arguments: Arguments) -> Any:
    with backend_scope("numpy"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # both tell of what changes nothing
        model = recorder(k)
        model.fit(verbose=0, shuffle=False, **arguments)
    return model.seen


@pytest.mark.parametrize("name", CASES)
def test_the_same_batches_as_in_keras(name: str) -> None:
    expected, found = seen(keras, CASES[name](keras)), seen(dl, CASES[name](dl))
    # a batch of inputs alone is a tuple of one here, whichever data it comes from
    expected = [(batch,) if name == "inputs alone" else batch for batch in expected]
    assert len(found) == len(expected)
    for ours, keras_s in zip(found, expected, strict=True):
        assert tree.flatten_with_path(ours) == tree.flatten_with_path(keras_s)


# Where Keras is not followed:
# - weights of arrays without targets are lost there
# - fewer or more steps than there are batches: there an epoch that meets the data's end stops in the middle of
#   training, here arrays and data sets begin anew
# - a generator whose end is met gives its batches once more there, in an epoch that is then interrupted
# - class weights of generators and of PyTorch's loaders are refused there, those of tf.data fail
# - a misspelt `shuffle`, batch_size=0 and steps_per_epoch=0 are taken for other values there
REFUSED: dict[str, tuple[Callable[[ModuleType], Arguments], type[Exception]]] = {
    "lengths": (lambda k: {"x": X, "y": Y[:4]}, ValueError),
    "targets beside a generator": (lambda k: {"x": generator(), "y": Y}, ValueError),
    "targets beside a PyDataset": (lambda k: {"x": data_set(k), "y": Y}, ValueError),
    "targets beside a DataLoader": (lambda k: {"x": loader(), "y": Y}, ValueError),
    "weights beside tf.data": (lambda k: {"x": tf_data(), "sample_weight": WEIGHT}, ValueError),
    "class weights and weights": (
        lambda k: {"x": X, "y": Y, "class_weight": {0: 1.0}, "sample_weight": WEIGHT},
        ValueError,
    ),
    "class weights of two outputs": (lambda k: {"x": X, "y": [Y, Y], "class_weight": {0: 1.0}}, ValueError),
    "split of a generator": (lambda k: {"x": generator(), "validation_split": 0.5}, ValueError),
    "split of tf.data": (lambda k: {"x": tf_data(), "validation_split": 0.5}, ValueError),
    "split that leaves nothing": (lambda k: {"x": X, "y": Y, "validation_split": 0.99}, ValueError),
    "text": (lambda k: {"x": "text"}, ValueError),
    "number": (lambda k: {"x": 5}, ValueError),
    "lists of different lengths": (lambda k: {"x": [[1, 2], [3]], "y": [1, 2]}, ValueError),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_same_errors_as_in_keras(name: str) -> None:
    arguments, error = REFUSED[name]
    for k in (keras, dl):
        with pytest.raises(error):
            seen(k, arguments(k))


SPLITS: list[tuple[float | None, float | None]] = [
    (0.6, None),
    (None, 0.25),
    (0.25, 0.35),
    (3, 0.25),
    (0.35, 0.65),
    (2, None),
    (None, 4),
    (None, None),
    (0, None),
    (1.0, None),
    (0.9, 0.5),
    (3, 9),
]


@pytest.mark.parametrize(("left", "right"), SPLITS)
def test_splits_are_as_large_as_those_of_keras(left: Any, right: Any) -> None:
    pytest.importorskip("tensorflow")  # Keras returns its data sets on JAX too

    def halves(k: ModuleType) -> Any:
        with backend_scope("numpy"):
            try:
                parts = k.utils.split_dataset((X, Y), left_size=left, right_size=right)
            except ValueError:
                return "refused"
        return [[int(y) for _, y in part] for part in parts]

    assert halves(dl) == halves(keras)
