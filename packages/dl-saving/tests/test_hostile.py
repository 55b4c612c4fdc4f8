"""Files made to harm: each is refused, with an error that names the file and what is wrong with it."""

from __future__ import annotations

import base64
import json
import marshal
import os
import stat
import struct
import tracemalloc
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from saving_samples import State, Tower, tower

from dl_layers import Dense
from dl_layers.layer import Layer
from dl_ops.objects import register_keras_serializable
from dl_saving import BadFileError, load_model, load_weights, save_model, save_weights


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.keras"
    save_model(tower(), path)
    return path


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "state.weights.h5"
    save_weights(State(a=np.arange(4.0)), path)
    return path


@pytest.fixture(autouse=True)
def nothing_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Temporary files go to a folder of their own, and that one is empty in the end."""
    outside = tmp_path / "temporary"
    outside.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(outside))
    yield
    assert list(outside.iterdir()) == []


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path: Path, *extra: tuple[str | zipfile.ZipInfo, bytes], method: int = 0, **changed: Any) -> Path:
    """Write the archive anew with some members changed and some more."""
    content = members(path) | {name.replace("_", "."): value for name, value in changed.items()}
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", method) as archive:
        warnings.simplefilter("ignore")  # about duplicates
        for name, value in [*content.items(), *extra]:
            archive.writestr(name, value)
    return path


def with_config(path: Path, change: Callable[[dict[str, Any]], Any]) -> Path:
    config = json.loads(members(path)["config.json"])
    changed = change(config)
    return rewrite(path, config_json=json.dumps(config if changed is None else changed))


def refuse(path: Path, match: str | None, kind: Any = ValueError) -> None:
    with pytest.raises(kind, match=match) as caught:
        load_model(path)
    assert str(path) in str(caught.value)


@contextmanager
def using_at_most(memory: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < memory
    finally:
        tracemalloc.stop()


# -- archives ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + bytes(100), b"\x89HDF\r\n\x1a\n" + bytes(500)])
def test_no_archive(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    refuse(path, "no zip archive", BadFileError)


def test_cut_off_anywhere(model: Path) -> None:
    whole = model.read_bytes()
    for length in (*range(0, len(whole), 611), len(whole) - 1):
        model.write_bytes(whole[:length])
        refuse(model, "no zip archive|damaged", BadFileError)


def test_bits_flipped_in_the_weights(model: Path) -> None:
    content = bytearray(model.read_bytes())
    place = content.index(tower().head.kernel.numpy().tobytes())
    content[place] ^= 1
    model.write_bytes(content)
    refuse(model, "damaged.*CRC", BadFileError)


@pytest.mark.parametrize(
    "name",
    ["../evil.txt", "assets/../../evil.txt", "/etc/evil", "assets//evil", "assets/./x", "C:/evil", "assets/c:evil",
     "..\\evil", "assets/..\\..\\evil", "assets/nul/../../x"],
)  # fmt: skip
def test_names_that_lead_out(model: Path, name: str) -> None:
    member = zipfile.ZipInfo("replaced")
    member.filename = name
    refuse(rewrite(model, (member, b"evil")), "name that is not allowed", BadFileError)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices(model: Path, kind: int) -> None:
    member = zipfile.ZipInfo("assets/link")
    member.external_attr = (kind | 0o777) << 16
    refuse(rewrite(model, (member, b"/etc/passwd")), "link or device", BadFileError)


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5", "assets/a"])
def test_two_members_of_one_name(model: Path, name: str) -> None:
    refuse(rewrite(model, (name, b"{}"), (name, b"{}")), "two members", BadFileError)


def test_encrypted(model: Path) -> None:
    content = bytearray(model.read_bytes())
    for signature, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        content[content.index(signature) + flags] |= 1
    model.write_bytes(content)
    refuse(model, "encrypted", BadFileError)


def test_strange_compression(model: Path) -> None:
    refuse(rewrite(model, method=zipfile.ZIP_LZMA), "other than deflate", BadFileError)


@pytest.mark.parametrize("name", ["assets/zeros", "config.json", "model.weights.h5", "unheard-of"])
def test_decompression_bomb(model: Path, name: str) -> None:
    content = members(model) | {name: bytes(200 * 2**20)}
    with zipfile.ZipFile(model, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, value in content.items():
            archive.writestr(member, value)
    assert model.stat().st_size < 2**20
    with using_at_most(2**22):
        refuse(model, f"{name}.*decompression bomb", BadFileError)


def test_bomb_that_lies_about_its_size(model: Path) -> None:
    rewrite(model, config_json=bytes(200 * 2**20), method=zipfile.ZIP_DEFLATED)
    content = bytearray(model.read_bytes())
    size = struct.pack("<L", 200 * 2**20)
    while size in content:
        place = content.index(size)
        content[place : place + 4] = struct.pack("<L", 1000)
    model.write_bytes(content)
    with using_at_most(2**22):
        refuse(model, "damaged", BadFileError)


@pytest.mark.parametrize("name", ["config.json", "model.weights.h5"])
def test_missing_members(model: Path, name: str) -> None:
    content = members(model)
    del content[name]
    with zipfile.ZipFile(model, "w") as archive:
        for member, value in content.items():
            archive.writestr(member, value)
    refuse(model, f"no member '{name}'", BadFileError)


def test_assets_that_collide(tmp_path: Path) -> None:
    from saving_samples import Reader

    path = tmp_path / "reader.keras"
    layer = Reader()
    layer.build((None, 3))
    save_model(layer, path)
    for name in ("assets/vocabulary", "assets/vocabulary/lists/words.txt/more"):
        refuse(rewrite(path, (name, b"")), "collides", BadFileError)
        content = members(path)
        with zipfile.ZipFile(path, "w") as archive:
            for member in content.keys() - {name}:
                archive.writestr(member, content[member])


# -- configs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe", b"null", b"[]", b'"tower"', b"{}", b'{"config": {}}'])
def test_no_config(model: Path, text: bytes) -> None:
    refuse(rewrite(model, config_json=text), "config.json", BadFileError)


@pytest.mark.parametrize("depth", [300, 5_000, 1_000_000])
def test_nested_too_deeply(model: Path, depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    text = b'{"module": null, "class_name": "Tower", "config": {"widths": ' + nested + b"}}"
    refuse(rewrite(model, config_json=text), "nested")


def test_a_number_beyond_reason(model: Path) -> None:
    text = b'{"class_name": "Tower", "config": {"widths": [' + b"9" * 10_000 + b"]}}"
    refuse(rewrite(model, config_json=text), "config.json")


@pytest.mark.parametrize(
    ("module", "name"),
    [("os", "system"), ("subprocess", "Popen"), ("builtins", "eval"), (None, "exec"), ("keras.utils", "get_file"),
     ("dl_saving.atomic", "replacing"), ("keras", "no_such_thing"), ("saving_samples", "Group"), ("pickle", "loads")],
)  # fmt: skip
def test_names_of_what_is_no_layer(model: Path, module: str | None, name: str) -> None:
    config = {"module": module, "class_name": name, "config": {"command": "touch evil"}, "registered_name": name}
    for changed in (
        lambda _: config,
        lambda c: c["config"].update(widths=[config]),
        lambda c: c.update(build_config=config),
        lambda c: c["config"].update(activity_regularizer=config),
        lambda c: c.update(module=module, class_name=name, registered_name=None),
    ):
        refuse(with_config(model, changed), name, Exception)
    assert not Path("evil").exists()


@pytest.mark.parametrize("module", ["builtins", "os", "keras.saving", "keras.utils", "keras.config", "keras.ops", None])
@pytest.mark.parametrize("name", ["eval", "system", "load_model", "get_file", "enable_unsafe_deserialization"])
def test_names_of_functions(model: Path, module: str, name: str) -> None:
    function = {"module": module, "class_name": "function", "config": name, "registered_name": "function"}
    refuse(with_config(model, lambda c: c["config"].update(activity_regularizer=function)), name, Exception)


@register_keras_serializable("dl_saving_tests")
class Apply(Layer):
    """What a Lambda layer is: it calls a function that its config holds."""

    def __init__(self, function: Any, **options: Any) -> None:
        super().__init__(**options)
        self.function = function

    def call(self, x: Any) -> Any:
        return self.function(x)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        from dl_ops.objects import deserialize_keras_object

        return cls(**{**config, "function": deserialize_keras_object(config["function"])})


def test_byte_code(model: Path) -> None:
    code = base64.b64encode(marshal.dumps((lambda x: x + 1).__code__)).decode()
    for parts in ({"code": code, "defaults": None, "closure": None}, {"value": [code, None, None]}):
        function = {"class_name": "__lambda__", "config": parts}
        config = {"module": None, "class_name": "Apply", "config": {"function": function}}
        with_config(model, lambda _, config=config: {**config, "registered_name": "dl_saving_tests>Apply"})
        refuse(model, "byte code.*safe_mode=False")
        assert load_model(model, safe_mode=False).function(2) == 3


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.update(config=None),
        lambda c: c.update(config=[]),
        lambda c: c.update(config={"widths": 3}),
        lambda c: c.update(config={"widths": ["a"]}),
        lambda c: c.update(config={"widths": []}),
        lambda c: c.update(config={"wdths": [1]}),
        lambda c: c.update(class_name=3),
        lambda c: c.update(class_name={"class_name": "Tower"}),
        lambda c: c.update(registered_name=["a"]),
        lambda c: c.pop("config"),
        lambda c: c.update(build_config={"input_shape": "abc"}),
        lambda c: c.update(build_config={"input_shape": [None, -3]}),
        lambda c: c.update(build_config={"input_shape": [None, {"a": 1}]}),
        lambda c: c.update(build_config=[1, 2]),
        lambda c: c.update(shared_object_id={"a": 1}),
        lambda c: {"class_name": "function", "config": "relu"},
        lambda c: {"class_name": "__numpy__", "config": {"value": [1], "dtype": "object"}},
        lambda c: {"class_name": "__numpy__", "config": {"value": [1], "dtype": "float32"}},
    ],
)
def test_malformed(model: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    refuse(with_config(model, change), None, (ValueError, TypeError))


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c["config"].update(widths=[10**5, 10**5]),
        lambda c: c["config"].update(widths=[10**30]),
        lambda c: c["config"].update(widths=[2**62, 2]),
        lambda c: c.update(build_config={"input_shape": [None, 10**12]}),
        # many of a size that is not refused by itself
        lambda c: c["config"].update(widths=[2000] * 200),
    ],
)
def test_more_variables_than_the_file_has_weights_for(model: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    with_config(model, change)
    with using_at_most(300 * 2**20):
        refuse(model, "takes [0-9]+ bytes, of the [0-9]+ allowed|safe_mode=False")


def test_trusted_files_have_no_such_limit(tmp_path: Path) -> None:
    @register_keras_serializable("dl_saving_tests")
    class Large(Layer):
        def build(self, input_shape: Any) -> None:
            self.table = self.add_weight((20 * 2**20,), initializer="zeros", trainable=False)

        def call(self, x: Any) -> Any:
            return x

        def save_own_variables(self, store: Any) -> None: ...

        def load_own_variables(self, store: Any) -> None: ...

    layer = Large()
    layer.build((None, 1))
    save_model(layer, tmp_path / "large.keras")
    refuse(tmp_path / "large.keras", "safe_mode=False")
    assert load_model(tmp_path / "large.keras", safe_mode=False).table.shape == (20 * 2**20,)


def test_config_and_weights_of_different_models(model: Path) -> None:
    refuse(with_config(model, lambda c: c["config"].update(widths=[7, 2])), "do not fit 2 objects")


# -- weights -----------------------------------------------------------------------------------------------------------


def refuse_weights(path: Path, match: str) -> None:
    state = State(a=np.full(4, -1.0))
    for skip in (False, True):
        with pytest.raises(BadFileError, match=match) as caught:
            load_weights(state, path, skip_mismatch=skip)
        assert str(path) in str(caught.value)
    assert state.values["a"].numpy().tolist() == [-1.0] * 4


def test_no_hdf5(weights: Path) -> None:
    for content in (b"", b"hello", b"PK\x03\x04" + bytes(1000)):
        weights.write_bytes(content)
        refuse_weights(weights, "no HDF5 file")


def test_cut_off_weights(weights: Path) -> None:
    whole = weights.read_bytes()
    for length in (9, 100, len(whole) // 2, len(whole) - 1):
        weights.write_bytes(whole[:length])
        refuse_weights(weights, "cut off")


def test_weights_cut_off_and_packed_again(model: Path) -> None:
    refuse(rewrite(model, model_weights_h5=members(model)["model.weights.h5"][:3000]), "cut off", BadFileError)


def test_weights_of_keras_2(weights: Path) -> None:
    with h5py.File(weights, "w") as file:
        file.attrs["layer_names"] = ["dense"]
    refuse_weights(weights, "Keras 2")


def _soft(file: Any) -> None:
    file["elsewhere"] = np.arange(4.0)
    file["vars/0"] = h5py.SoftLink("/elsewhere")


def _external(file: Any) -> None:
    file["vars/0"] = h5py.ExternalLink("other.h5", "/a")


def _external_group(file: Any) -> None:
    file["vars"] = h5py.ExternalLink("other.h5", "/")


def _external_storage(file: Any) -> None:
    secret = os.path.join(os.path.dirname(file.filename), "secret")
    file.create_dataset("vars/0", (4,), "f8", external=[(secret, 0, 32)])


def _virtual(file: Any) -> None:
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource("other.h5", "a", (4,))
    file.create_virtual_dataset("vars/0", layout)


def _reference(file: Any) -> None:
    file["a"] = np.arange(4.0)
    file.create_dataset("vars/0", data=[file["a"].ref], dtype=h5py.ref_dtype)


def _bomb(file: Any) -> None:
    file.create_dataset("vars/0", (2**28,), "f8", chunks=(2**16,), compression="gzip", fillvalue=0)


def _big_chunk(file: Any) -> None:
    file.create_dataset("vars/0", (4,), "f8", maxshape=(None,), chunks=(2**26,), compression="gzip")


def _foreign_filter(file: Any) -> None:
    options = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    options.set_chunk((4,))
    options.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, ())
    h5py.h5d.create(file.create_group("vars").id, b"0", h5py.h5t.IEEE_F64LE, h5py.h5s.create_simple((4,)), options)


def _group(file: Any) -> None:
    file.create_group("vars/0")


def _dataset(file: Any) -> None:
    file["vars"] = np.arange(4.0)


def _committed_type(file: Any) -> None:
    file["vars/0"] = np.dtype("f8")


def _strings(file: Any) -> None:
    file["vars/0"] = ["a", "b", "c", "d"]


def _vlen(file: Any) -> None:
    file.create_dataset("vars/0", (4,), h5py.vlen_dtype("f8"))


def _compound(file: Any) -> None:
    file["vars/0"] = np.zeros(4, [("a", "f4"), ("b", "f4")])


def _opaque(file: Any) -> None:
    file["vars/0"] = np.zeros(4, "V2")


def _opaque_of_another_size(file: Any) -> None:
    file["vars/0"] = np.zeros(4, "V3")
    file["vars/0"].attrs["dtype"] = "bfloat16"


def _opaque_objects(file: Any) -> None:
    file["vars/0"] = np.zeros(4, "V8")
    file["vars/0"].attrs["dtype"] = "object"


def _opaque_array_attribute(file: Any) -> None:
    file["vars/0"] = np.zeros(4, "V2")
    file["vars/0"].attrs["dtype"] = ["bfloat16", "bfloat16"]


def _null(file: Any) -> None:
    file["vars/0"] = h5py.Empty("f8")


@pytest.mark.parametrize(
    ("make", "match"),
    [
        (_soft, "SoftLink.*'/vars/0'"),
        (_external, "ExternalLink.*'/vars/0'"),
        (_external_group, "ExternalLink.*'/vars'"),
        (_external_storage, "data in another file"),
        (_virtual, "view of other data"),
        (_reference, "not a number's"),
        (_bomb, "decompression bomb"),
        (_big_chunk, "decompression bomb"),
        (_foreign_filter, "filter.*32015"),
        (_group, "Group at '/vars/0'"),
        (_dataset, "Dataset at '/vars'"),
        (_committed_type, "Datatype at '/vars/0'"),
        (_strings, "not a number's"),
        (_vlen, "not a number's"),
        (_compound, "not a number's"),
        (_opaque, "not a number's"),
        (_opaque_of_another_size, "not a number's"),
        (_opaque_objects, "not a number's"),
        (_opaque_array_attribute, "not a number's"),
        (_null, "holds nothing"),
    ],
)
def test_hdf5_tricks(weights: Path, make: Callable[[Any], None], match: str) -> None:
    with h5py.File(weights.with_name("other.h5"), "w") as file:
        file["a"] = file["vars/0"] = file["0"] = np.arange(4.0)
    weights.with_name("secret").write_bytes(np.arange(4.0).tobytes())
    with h5py.File(weights, "w") as file:
        make(file)
    refuse_weights(weights, match)


def test_a_group_that_holds_itself_is_no_loop(tmp_path: Path) -> None:
    path = tmp_path / "tower.weights.h5"
    layer = tower()
    save_weights(layer, path)
    with h5py.File(path, "a") as file:
        file["head/head"] = file["/"]
    load_weights(layer, path)


def test_bytes_changed_at_random(weights: Path) -> None:
    whole, generator = weights.read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(200):
        content = bytearray(whole)
        for place in generator.integers(0, len(whole), 8):
            content[place] = generator.integers(256)
        weights.write_bytes(content)
        state, problem = State(a=np.full(4, -1.0)), ""
        try:
            load_weights(state, weights)
        except ValueError as error:
            problem = str(error)
        if problem:
            refused += 1
            assert str(weights) in problem
            assert state.values["a"].numpy().tolist() == [-1.0] * 4
    assert refused


def test_a_refused_file_leaves_what_is_loaded_into_as_it_was(model: Path) -> None:
    layer = Tower([4, 2], name="tower")
    layer.build((None, 3))
    before = layer.get_weights()
    rewrite(model, model_weights_h5=members(model)["model.weights.h5"][:3000])
    with pytest.raises(BadFileError):
        load_weights(layer, model)
    for a, b in zip(before, layer.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_layer_is_refused_its_size_in_words_that_help(tmp_path: Path) -> None:
    path = tmp_path / "dense.keras"
    layer = Dense(2, name="wide")
    layer.build((None, 3))
    save_model(layer, path)
    with_config(path, lambda c: c["config"].update(units=10**11))
    refuse(path, r"'wide/kernel' of shape \(3, 100000000000\) takes 1200000000000 bytes.*safe_mode=False")
