"""The embedded data set."""

from __future__ import annotations

import hashlib

import numpy as np

from dl_preprocess.datasets import digits


def test_shapes_dtypes_and_ranges() -> None:
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    assert (x_train.shape, y_train.shape) == ((1437, 8, 8), (1437,))
    assert (x_test.shape, y_test.shape) == ((360, 8, 8), (360,))
    assert x_train.dtype == x_test.dtype == np.uint8
    assert y_train.dtype == y_test.dtype == np.int64
    assert (x_train.min(), x_train.max()) == (0, 16)
    assert sorted(set(y_test)) == list(range(10))


def test_totals_are_those_of_the_source() -> None:
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    labels = np.concatenate([y_train, y_test])
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    # the mean pixel of the 1,797 images is 4.8842
    assert int(x_train.sum(dtype=int) + x_test.sum(dtype=int)) == 561718


def test_bytes_are_what_was_shipped() -> None:
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    digest = hashlib.sha256()
    for array in (x_train, y_train.astype("<i8"), x_test, y_test.astype("<i8")):
        digest.update(np.ascontiguousarray(array).tobytes())
    assert digest.hexdigest() == "fa74e09b883fe06ca17649e4f5c25e67a4dfd219a0a5b1c107d5c27e13683888"


def test_what_is_held_out_is_in_no_other_part() -> None:
    (x_train, _), (x_test, _) = digits.load_data()
    train = {image.tobytes() for image in x_train}
    assert sum(image.tobytes() in train for image in x_test) <= 1


def test_loading_twice_gives_arrays_of_one_s_own() -> None:
    (first, _), _ = digits.load_data()
    first[:] = 0
    (second, _), _ = digits.load_data()
    assert second.any()
