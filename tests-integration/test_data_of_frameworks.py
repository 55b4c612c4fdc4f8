"""A model takes the data of every framework, whatever its backend: the same numbers come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import dl
from dl_ops import backend_scope, ops
from dl_ops.backend import Backend
from dl_ops.testing.pytest_backends import backends_under_test

SIZE = 4
_RNG = np.random.default_rng(3)
X, Y = _RNG.standard_normal((10, 3)), _RNG.standard_normal((10, 1))
WEIGHT = _RNG.uniform(size=10)


def parts() -> Iterator[slice]:
    return (slice(first, first + SIZE) for first in range(0, len(X), SIZE))


def needs(name: str) -> None:
    if name not in backends_under_test():
        pytest.skip(f"needs the {name} backend")


class Parts(dl.utils.PyDataset):
    """The samples in batches."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        part = list(parts())[index]
        return X[part], Y[part]


def loader(**options: Any) -> Any:
    needs("torch")
    import torch

    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(Y))
    return torch.utils.data.DataLoader(data, batch_size=SIZE, **options)


def tf_data(*, sparse: bool = False, ragged: bool = False) -> Any:
    needs("tensorflow")
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(SIZE)
    if sparse:
        return data.map(lambda x, y: (tf.sparse.from_dense(x), y))
    return data.map(lambda x, y: (tf.RaggedTensor.from_tensor(x), y)) if ragged else data


def grain_data(kind: str) -> Any:
    grain = pytest.importorskip("grain")
    data = grain.MapDataset.source(list(zip(X, Y, strict=True)))
    if kind == "loader":
        return grain.DataLoader(
            data_source=list(zip(X, Y, strict=True)),
            sampler=grain.samplers.SequentialSampler(len(X)),
            operations=[grain.transforms.Batch(SIZE)],
        )
    batches = data.batch(SIZE)
    return batches if kind == "map" else batches.to_iter_dataset()


def hugging_face(*, streamed: bool = False) -> dict[str, Any]:
    datasets = pytest.importorskip("datasets")
    table = datasets.table.InMemoryTable.from_pydict({"x": X.tolist(), "y": Y.tolist()})
    # a name for them, which the library otherwise makes by pickling the samples
    data = datasets.Dataset(table, fingerprint="samples")
    return {"x": data.to_iterable_dataset() if streamed else data, "y": "y", "batch_size": SIZE}


def arrays_of(name: str) -> dict[str, Any]:
    needs(name)
    with backend_scope(name):
        return {"x": ops.convert_to_tensor(X), "y": ops.convert_to_tensor(Y), "batch_size": SIZE}


def sparse_matrix() -> Any:
    return pytest.importorskip("scipy.sparse").csr_matrix(X)


def frame() -> Any:
    return pytest.importorskip("pandas").DataFrame(X)


DATA: dict[str, Callable[[], dict[str, Any]]] = {
    "lists": lambda: {"x": X.tolist(), "y": Y.tolist(), "batch_size": SIZE},
    "frame": lambda: {"x": frame(), "y": Y, "batch_size": SIZE},
    "sparse matrix": lambda: {"x": sparse_matrix(), "y": Y, "batch_size": SIZE},
    "tensors of NumPy": lambda: arrays_of("numpy"),
    "tensors of JAX": lambda: arrays_of("jax"),
    "tensors of PyTorch": lambda: arrays_of("torch"),
    "tensors of TensorFlow": lambda: arrays_of("tensorflow"),
    "generator": lambda: {"x": ((X[part], Y[part]) for part in parts())},
    "PyDataset": lambda: {"x": Parts()},
    "PyDataset, threads": lambda: {"x": Parts(workers=2)},
    "DataLoader": lambda: {"x": loader()},
    "tf.data": lambda: {"x": tf_data()},
    "tf.data, sparse": lambda: {"x": tf_data(sparse=True)},
    "tf.data, ragged": lambda: {"x": tf_data(ragged=True)},
    "Grain, by index": lambda: {"x": grain_data("map")},
    "Grain, one after another": lambda: {"x": grain_data("iterable")},
    "Grain's loader": lambda: {"x": grain_data("loader")},
    "Hugging Face": hugging_face,
    "Hugging Face, streamed": lambda: hugging_face(streamed=True),
}


def model() -> Any:
    made = dl.Sequential(
        [dl.Input((3,)), dl.layers.Dense(1, kernel_initializer="ones", bias_initializer="ones")], name="model"
    )
    made.compile("sgd", "mse", metrics=["mae"])
    return made


@pytest.fixture(scope="module")
def models() -> dict[str, Any]:
    return {}


@pytest.mark.parametrize("name", DATA)
def test_what_is_evaluated_does_not_depend_on_the_kind_of_data(
    name: str, backend: Backend, models: dict[str, Any]
) -> None:
    evaluated = models.setdefault(backend.name, model())
    error = X.sum(axis=1, keepdims=True) + 1 - Y
    found = evaluated.evaluate(**DATA[name](), verbose=0)
    np.testing.assert_allclose(found, [np.mean(error**2), np.mean(np.abs(error))], rtol=1e-5)


def fitted(x: Any) -> Any:
    trained = model()
    trained.fit(x, epochs=2, shuffle=False, verbose=0)
    return np.concatenate([weight.numpy().ravel() for weight in trained.weights])


def test_what_is_trained_does_not_depend_on_who_makes_the_batches(trainable_backend: Backend) -> None:
    # each step of a gradient of the squared error's mean, by hand
    weights = np.ones(4)
    for _ in range(2):
        for part in parts():
            inputs = np.concatenate([X[part], np.ones((len(X[part]), 1))], 1)
            weights -= 0.01 * 2 * inputs.T @ (inputs @ weights - Y[part, 0]) / len(inputs)
    kinds: list[Any] = [Parts(), Parts(workers=3, max_queue_size=1)]
    kinds += [make() for name, make in (("torch", loader), ("tensorflow", tf_data)) if name in backends_under_test()]
    for data in kinds:
        np.testing.assert_allclose(fitted(data), weights, rtol=1e-5)


def test_a_loader_shuffles_by_the_seed_of_its_framework() -> None:
    needs("torch")
    import torch

    from dl_train.data import make_adapter

    def orders(data: Any, number: int) -> list[list[float]]:
        return [[round(float(y), 6) for (_, ys) in data.epoch() for y in ys[:, 0]] for _ in range(number)]

    torch.manual_seed(7)
    first = orders(make_adapter(loader(shuffle=True)), 3)
    torch.manual_seed(7)
    assert orders(make_adapter(loader(shuffle=True)), 3) == first
    assert first[0] != first[1]
    assert all(sorted(order) == sorted(round(float(np.float32(y)), 6) for y in Y[:, 0]) for order in first)
    # gone on with in the middle, in the order that the epoch had
    data = make_adapter(loader(shuffle=True))
    whole = [batch[1].tolist() for batch in data.epoch()]
    rest = make_adapter(loader(shuffle=True)).epoch(1, data.order)
    assert [batch[1].tolist() for batch in rest] == whole[1:]


def test_shuffled_rows_of_hugging_face_stay_together() -> None:
    from dl_train.data import make_adapter

    data = make_adapter(**hugging_face(), shuffle=True)
    for _ in range(2):
        x, y = (np.concatenate(part) for part in zip(*data.epoch(), strict=True))
        order = [int(np.argmin(np.abs(Y[:, 0] - value))) for value in y[:, 0]]
        assert sorted(order) == list(range(10))
        np.testing.assert_array_equal(x, X[order].astype("float32"))
    with pytest.raises(ValueError, match="no column 'z', but x, y"):
        make_adapter(hugging_face()["x"], "z")
    with pytest.raises(ValueError, match="expected the name of a column"):
        make_adapter(hugging_face()["x"], Y)


def test_single_samples_are_refused() -> None:
    from dl_train.data import make_adapter

    if "torch" in backends_under_test():
        with pytest.raises(
            TypeError, match=r"TensorDataset, of single samples: put it in a torch.utils.data.DataLoader"
        ):
            make_adapter(loader().dataset)
    if "tensorflow" in backends_under_test():
        import tensorflow as tf

        with pytest.raises(ValueError, match=r"gives the single value .* as a batch's y.* group samples into batches"):
            make_adapter(tf.data.Dataset.from_tensor_slices((X, Y[:, 0]))).peek()
        with pytest.raises(ValueError, match="no end"):
            model().evaluate(tf_data().repeat(), verbose=0)


@pytest.mark.parametrize("name", ["tensorflow", "torch"])
def test_data_sets_of_frameworks_are_split(name: str) -> None:
    needs(name)
    data = tf_data().unbatch() if name == "tensorflow" else loader().dataset
    if name == "tensorflow":
        assert int(data.cardinality()) < 0  # is counted
    for shuffle in (False, True):
        halves = dl.utils.split_dataset(data, left_size=0.7, shuffle=shuffle, seed=1)
        assert [type(half).__module__.partition(".")[0] for half in halves] == [name] * 2
        # the same each time that they are gone through
        found = [[[float(y[0]) for _, y in half] for half in halves] for _ in range(2)]
        assert found[0] == found[1]
        left, right = found[0]
        assert (len(left), len(right)) == (7, 3)
        assert sorted(left + right) == sorted(Y[:, 0].tolist())
        assert (left + right == Y[:, 0].tolist()) == (not shuffle)


def test_halves_of_arrays_are_what_the_backend_has(backend: Backend) -> None:
    left, right = dl.utils.split_dataset((X, Y), right_size=3)
    expected = {"tensorflow": "tensorflow", "torch": "torch"}.get(backend.name, "dl_train")
    assert type(left).__module__.partition(".")[0] == expected
    np.testing.assert_array_equal(np.stack([np.asarray(x) for x, _ in right]), X[7:])
    with pytest.raises(ValueError, match="leaves 0 and 10"):
        dl.utils.split_dataset((X, Y), left_size=0.01)
