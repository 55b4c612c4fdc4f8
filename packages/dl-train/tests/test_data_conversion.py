"""What users have for data as arrays in a dtype to compute with, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from dl_train.data import make_adapter, split_dataset, train_validation_split

X = np.arange(20, dtype="float32").reshape(10, 2)
Y = np.arange(10)


def batches(data: Any) -> list[Any]:
    return list(data.epoch())


@pytest.mark.parametrize(
    ("x", "dtype"),
    [
        (X.astype("float64"), "float32"),
        (X.astype("float16"), "float32"),
        (X.astype(ml_dtypes.bfloat16), "float32"),
        (X.astype("uint8"), "uint8"),
        (X.astype("int64"), "int64"),
        (X > 3, "bool"),
        (X.astype("complex64"), "complex64"),
        (np.array(list("abcdefghij")), "<U1"),
        (np.array(["a", b"b"] * 5, dtype=object), "object"),
        (X.tolist(), "float32"),
        (list(range(10)), "int64"),
    ],
)
@pytest.mark.parametrize("shuffle", [False, True])
def test_floats_become_the_default_and_others_stay(x: Any, dtype: str, shuffle: bool) -> None:
    ((batch,),) = batches(make_adapter(x, shuffle=shuffle))
    assert batch.dtype == dtype
    assert batch.shape == np.shape(x)


@pytest.mark.parametrize("shuffle", [False, True])
def test_arrays_on_disk_are_read_batch_by_batch(shuffle: bool, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    mapped = np.memmap(tmp_path / "mapped", "float32", "w+", shape=X.shape)
    mapped[:] = X
    with h5py.File(tmp_path / "file.h5", "w") as file:
        stored = file.create_dataset("x", data=X.astype("float64"), chunks=True)
        for x, y, z in batches(make_adapter(stored, mapped, Y, batch_size=4, shuffle=shuffle)):
            np.testing.assert_array_equal(x, X[z.astype(int)])
            np.testing.assert_array_equal(y, X[z.astype(int)])
            assert type(x) is type(y) is np.ndarray
            assert x.dtype == np.float32


@pytest.mark.parametrize("form", ["csr_matrix", "coo_matrix", "csc_array"])
def test_sparse_matrices_become_dense_batch_by_batch(form: str) -> None:
    sparse = pytest.importorskip("scipy.sparse")
    x = getattr(sparse, form)(X.astype("float64"))
    for shuffle in (False, True):
        for dense, y in batches(make_adapter(x, Y, batch_size=4, shuffle=shuffle)):
            np.testing.assert_array_equal(dense, X[y])
            assert dense.dtype == np.float32
    (part, _), (last, _) = train_validation_split((x, Y), 0.3)
    assert (part.shape, last.shape) == ((7, 2), (3, 2))
    ((dense,),) = batches(make_adapter(iter([x])))
    assert dense.dtype == np.float32


def test_frames_are_arrays_of_their_columns() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"n": [1, 2], "m": [0.5, 1.5], "flag": [True, False], "text": ["a", "b"]})
    whole = pandas.array([1, None], dtype="Int64")
    cases = [
        (frame[["n", "m"]], "float32", [[1, 0.5], [2, 1.5]]),
        (frame[["n"]], "int64", [[1], [2]]),
        (frame["n"], "int64", [[1], [2]]),
        (frame[["n", "flag"]], "float32", [[1, 1], [2, 0]]),
        (frame[["text"]], "object", [["a"], ["b"]]),
        (pandas.DataFrame({"n": whole}), "float32", [[1], [np.nan]]),
    ]
    for data, dtype, expected in cases:
        ((x,),) = batches(make_adapter(data))
        assert x.dtype == dtype
        np.testing.assert_array_equal(x, np.array(expected, x.dtype))
    ((columns, y),) = batches(make_adapter(dict(frame), frame["flag"]))
    assert {name: column.shape for name, column in columns.items()} == dict.fromkeys(frame, (2, 1))
    assert y.dtype == bool


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda pandas: pandas.DataFrame({"n": [1, 2], "t": ["a", "b"]}), r"x: columns of text and of numbers.*dict\("),
        (lambda pandas: pandas.DataFrame({"c": pandas.Categorical(["a", "b"])}), "column 'c' is of dtype category"),
        (lambda pandas: pandas.DataFrame({"d": pandas.to_datetime(["2020-01-01"] * 2)}), "column 'd' is of dtype date"),
        (
            lambda pandas: {"a": [X, pandas.Series([object(), 1])]},
            r"x\['a'\]\[1\]: the data frame's values are neither",
        ),
    ],
)
def test_frames_of_something_else_are_refused(make: Any, message: str) -> None:
    data = make(pytest.importorskip("pandas"))
    with pytest.raises(TypeError, match=message):
        make_adapter(data)


@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        ([[1, 2], [3]], ValueError, "x: the lists in it have different lengths"),
        (
            {"a": 3},
            ValueError,
            r"x\['a'\]: expected an array with samples along its first axis, got the single value 3",
        ),
        (range(4), TypeError, "x is of type builtins.range: expected an array"),
        ([X, object()], TypeError, r"x\[1\] is of type builtins.object"),
        (np.array(["2020-01-01"], "datetime64[D]"), TypeError, "x is an array of times"),
        (np.array([1, None]), TypeError, "x is an array of Python objects"),
        (np.ma.masked_less(X, 3), ValueError, "x: values of the masked array are missing"),
        (iter([(X, 3)]), ValueError, "list_iterator gives the single value 3 as a batch's y"),
        (iter([({"a": object()}, Y)]), TypeError, r"a batch's x\['a'\] is of type"),
        (iter([(X, Y, Y, Y)]), ValueError, "a tuple of 4"),
    ],
)
def test_what_is_no_data_is_named(x: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make_adapter(x).peek()


def test_lists_of_equal_lengths_are_inputs_and_targets() -> None:
    ((x, y),) = batches(make_adapter(iter([([1.0, 2.0], [3, 4])])))
    assert (x.tolist(), y.tolist()) == ([1.0, 2.0], [3, 4])


def test_one_weight_is_for_all_targets() -> None:
    ((_, y, weights),) = batches(make_adapter(X, {"p": Y, "q": [Y, None]}, sample_weight=Y / 10))
    assert list(y) == list(weights)
    assert weights["q"][1] is None
    np.testing.assert_array_equal(weights["q"][0], (Y / 10).astype("float32"))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ValueError, "left_size or right_size"),
        ({"left_size": 0}, ValueError, r"left_size=0\): expected a fraction"),
        ({"left_size": 1.0}, ValueError, "left_size=1.0"),
        ({"left_size": 7, "right_size": 4}, ValueError, "7 and 4 samples are more than the 10"),
        ({"left_size": "a"}, TypeError, "left_size='a'.*not str"),
        ({"left_size": True}, TypeError, "left_size=True"),
        ({"dataset": iter([]), "left_size": 0.5}, TypeError, "dataset=list_iterator"),
        ({"dataset": (X, Y[:3]), "left_size": 0.5}, ValueError, r"dataset\[0\] has 10, dataset\[1\] has 3"),
        ({"left_size": 0.5, "preferred_backend": "mxnet"}, ValueError, "preferred_backend='mxnet'"),
    ],
)
def test_splits_that_cannot_be_are_named(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        split_dataset(**{"dataset": X, **arguments})
