"""Weight files: what is in them, and what comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import ml_dtypes
import numpy as np
import pytest
from saving_samples import Group, State, Tower, tower

from dl_layers import BatchNormalization, Dense
from dl_saving import load_weights, save_weights


def contents(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


def test_the_layout_is_keras(tmp_path: Path) -> None:
    path = tmp_path / "tower.weights.h5"
    layer = tower()
    save_weights(layer, path)
    found = contents(path)
    assert sorted(found) == ["blocks/dense/vars/0", "blocks/dense/vars/1", "head/vars/0", "head/vars/1"]
    np.testing.assert_array_equal(found["head/vars/0"], layer.head.kernel.numpy())
    with h5py.File(path) as file:
        # an object without variables has its group as well
        assert set(file["dropout/vars"]) == set()
        assert file["vars"].attrs["name"] == "tower"
        assert file["head/vars"].attrs["name"] == layer.head.name
        assert dict(file.attrs) == {}


def test_weights_come_back(tmp_path: Path) -> None:
    path = tmp_path / "tower.weights.h5"
    saved, loaded = tower(seed=1), tower(seed=2)
    save_weights(saved, path)
    load_weights(loaded, str(path))
    for a, b in zip(saved.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    "dtype", ["bool", "int8", "int32", "uint8", "int64", "float16", "bfloat16", "float32", "float64", "float8_e5m2"]
)
@pytest.mark.parametrize("shape", [(), (3,), (0, 2)])
def test_every_dtype_comes_back_bit_for_bit(tmp_path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    kind = np.dtype(getattr(ml_dtypes, dtype, dtype))
    values = np.asarray(np.random.default_rng(0).normal(size=shape) * 3).astype(kind)
    path = tmp_path / "state.weights.h5"
    saved, loaded = State(a=values), State(a=np.zeros(shape, kind))
    save_weights(saved, path)
    load_weights(loaded, path)
    back = loaded.values["a"].numpy()
    assert back.dtype == kind
    assert back.tobytes() == values.tobytes()


def test_bfloat16_is_stored_as_keras_does(tmp_path: Path) -> None:
    path = tmp_path / "state.weights.h5"
    save_weights(State(a=np.ones(2, ml_dtypes.bfloat16)), path)
    with h5py.File(path) as file:
        assert file["vars/0"].dtype == np.dtype("V2")
        assert dict(file["vars/0"].attrs) == {"dtype": "bfloat16"}


def test_big_endian_and_compressed_datasets_are_read(tmp_path: Path) -> None:
    path = tmp_path / "state.weights.h5"
    values = np.random.default_rng(0).normal(size=(50, 20)).astype(">f4")
    with h5py.File(path, "w") as file:
        file.create_dataset("vars/0", data=values, compression="gzip", shuffle=True, fletcher32=True, chunks=(10, 20))
    state = State(a=np.zeros((50, 20), "float32"))
    load_weights(state, path)
    np.testing.assert_array_equal(state.values["a"].numpy(), values.astype("float32"))


def test_groups_that_nobody_asks_for_are_ignored(tmp_path: Path) -> None:
    # as in files of older versions, which hold the state of seed generators
    path = tmp_path / "tower.weights.h5"
    saved, loaded = tower(seed=1), tower(seed=2)
    save_weights(saved, path)
    with h5py.File(path, "a") as file:
        file["dropout/seed_generator/vars/0"] = np.array([1, 2], "uint32")
    load_weights(loaded, path)
    np.testing.assert_array_equal(saved.head.kernel.numpy(), loaded.head.kernel.numpy())


def test_freezing_changes_no_numbers(tmp_path: Path) -> None:
    path = tmp_path / "norm.weights.h5"
    saved, loaded = BatchNormalization(), BatchNormalization()
    for i, layer in enumerate((saved, loaded)):
        layer.build((None, 2))
        layer.set_weights([np.full(2, 4 * i + j) for j in range(4)])
    saved.trainable = False
    save_weights(saved, path)
    load_weights(loaded, path)
    assert [float(v[0]) for v in loaded.get_weights()] == [0.0, 1.0, 2.0, 3.0]


def test_one_misfit_and_nothing_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "tower.weights.h5"
    save_weights(tower((4, 2)), path)
    other = tower((4, 3), seed=5)
    before = other.get_weights()
    with pytest.raises(ValueError, match=r"tower.weights.h5.*\n.*head.*'kernel' has shape \(4, 3\).*\(4, 2\)"):
        load_weights(other, path)
    for a, b in zip(before, other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_what_does_not_fit_can_be_skipped(tmp_path: Path) -> None:
    path = tmp_path / "tower.weights.h5"
    saved, other = tower((4, 2)), tower((4, 3), seed=5)
    save_weights(saved, path)
    kept = other.head.get_weights()
    with pytest.warns(UserWarning, match="do not fit 1 object, they stay as they are:\n  head:") as caught:
        load_weights(other, path, skip_mismatch=True)
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(other.blocks[0].kernel.numpy(), saved.blocks[0].kernel.numpy())
    for a, b in zip(kept, other.head.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("skip", [False, True])
def test_an_object_is_loaded_as_a_whole_even_if_it_does_not_look_first(tmp_path: Path, skip: bool) -> None:
    path = tmp_path / "state.weights.h5"
    save_weights(Group(a=State(x=[1.0], y=[2.0]), b=State(z=[3.0])), path)
    a, b = State(x=[-1.0], y=[-2.0, -2.0]), State(z=[-3.0])
    if skip:
        with pytest.warns(UserWarning, match=r"1 object.*\n  a:"):
            load_weights(Group(a=a, b=b), path, skip_mismatch=True)
    else:
        with pytest.raises(ValueError, match=r"1 object.*\n  a:"):
            load_weights(Group(a=a, b=b), path)
    assert a.values["x"].numpy().tolist() == [-1.0]
    assert b.values["z"].numpy().tolist() == ([3.0] if skip else [-3.0])


def test_missing_weights_are_a_misfit(tmp_path: Path) -> None:
    path = tmp_path / "empty.weights.h5"
    with h5py.File(path, "w"):
        pass
    with pytest.raises(ValueError, match=r"empty.weights.h5.*2 objects"):
        load_weights(tower(), path)


@pytest.mark.parametrize("value", [np.array(["text"]), np.array([None])])
def test_what_is_no_number_is_not_written(tmp_path: Path, value: Any) -> None:
    class Odd(State):
        def save_own_variables(self, store: Any) -> None:
            store["0"] = value

    with pytest.raises(ValueError, match=r"'0' has dtype.*expected numbers"):
        save_weights(Odd(), tmp_path / "odd.weights.h5")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["", "a/b", "..", "nul\0"])
def test_keys_are_names(tmp_path: Path, key: str) -> None:
    class Odd(State):
        def save_own_variables(self, store: Any) -> None:
            store[key] = np.zeros(1)

    with pytest.raises(ValueError, match="without '/'"):
        save_weights(Odd(), tmp_path / "odd.weights.h5")


def test_a_store_is_a_mapping_both_ways(tmp_path: Path) -> None:
    class Named(State):
        def save_own_variables(self, store: Any) -> None:
            store["kernel"] = np.ones((2, 3))
            store["rate"] = 0.5
            store["gone"] = 1
            store["kernel"] = np.zeros((3, 2))
            del store["gone"]
            assert (len(store), list(store), store["kernel"].shape) == (2, ["rate", "kernel"], (3, 2))

        def load_own_variables(self, store: Any) -> None:
            seen.update({key: np.asarray(value) for key, value in store.items()})
            assert "rate" in store
            assert "gone" not in store
            with pytest.raises(KeyError):
                store["gone"]

    seen: dict[str, Any] = {}
    path = tmp_path / "named.weights.h5"
    save_weights(Named(), path)
    load_weights(Named(), path)
    assert seen["kernel"].shape == (3, 2)
    assert (float(seen["rate"]), seen["rate"].dtype) == (0.5, np.float64)


def test_arguments_are_checked(tmp_path: Path) -> None:
    layer = tower()
    path = tmp_path / "tower.weights.h5"
    for name in ("a.h5", "a.hdf5", "a.safetensors", "a.weights.json"):
        with pytest.raises(NotImplementedError, match=r"not supported yet, only '.weights.h5'"):
            save_weights(layer, tmp_path / name)
        with pytest.raises(NotImplementedError, match=r"not supported yet, only '.weights.h5' or '.keras'"):
            load_weights(layer, tmp_path / name)
    with pytest.raises(ValueError, match=r"expected a name that ends in '.weights.h5'"):
        save_weights(layer, tmp_path / "a.txt")
    with pytest.raises(NotImplementedError, match="max_shard_size=1"):
        save_weights(layer, path, max_shard_size=1)
    with pytest.raises(ValueError, match="not built"):
        save_weights(Dense(2), path)
    with pytest.raises(ValueError, match="not built"):
        load_weights(Tower([2]), path)
    with pytest.raises(TypeError, match="expected a model, a layer"):
        save_weights([1, 2], path)
    with pytest.raises(FileNotFoundError, match=r"tower.weights.h5"):
        load_weights(layer, path)
    assert list(tmp_path.iterdir()) == []
    save_weights(layer, path)
    with pytest.raises(FileExistsError, match="overwrite=False"):
        save_weights(layer, path, overwrite=False)
