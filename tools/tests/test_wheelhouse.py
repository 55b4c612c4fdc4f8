"""Finding what the wheelhouse has, and asking pip for the rest."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import wheelhouse
from wheelhouse import Selection, download, has_wheel
from workspace import Workspace

HERE, NEXT = (f"cp3{sys.version_info.minor + step}" for step in (0, 1))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(wheelhouse, "WORKSPACE", Workspace(tmp_path))
    monkeypatch.setattr(wheelhouse, "WHEELHOUSE", tmp_path / "wheelhouse")
    (tmp_path / "wheelhouse").mkdir()
    return tmp_path / "wheelhouse"


@pytest.mark.parametrize(
    ("wheel", "requirement", "found"),
    [
        (f"numpy-2.4.6-{HERE}-{HERE}-manylinux_2_28_x86_64.whl", "numpy==2.4.6 ; sys_platform == 'linux'", True),
        (f"numpy-2.4.6-{NEXT}-{NEXT}-manylinux_2_28_x86_64.whl", "numpy==2.4.6", False),
        (f"numpy-2.4.6-{HERE}-{HERE}-manylinux_2_28_x86_64.whl", "numpy==2.4.5", False),
        (f"torch-2.13.0+cpu-{HERE}-{HERE}-linux_x86_64.whl", "torch==2.13.0+cpu", True),
        (f"torch-2.13.0-{HERE}-{HERE}-linux_x86_64.whl", "torch==2.13.0+cpu", False),
        (f"openvino-2026.4.1-22982-{HERE}-{HERE}-linux_x86_64.whl", "openvino==2026.4.1", True),
        ("six-1.17.0-py2.py3-none-any.whl", "six==1.17.0", True),
        ("mypy_extensions-1.2.0-py3-none-any.whl", "mypy-extensions==1.2.0", True),
        ("protobuf-7.36.2-cp310-abi3-manylinux2014_x86_64.whl", "protobuf==7.36.2", True),
        ("protobuf-7.36.2-cp399-abi3-manylinux2014_x86_64.whl", "protobuf==7.36.2", False),
    ],
)
def test_a_wheel_is_recognised(folder: Path, wheel: str, requirement: str, found: bool) -> None:
    (folder / wheel).touch()
    assert has_wheel(folder, requirement) is found


def test_a_wheel_for_another_python_does_not_hide_ours(folder: Path) -> None:
    for tag in (NEXT, HERE):
        (folder / f"numpy-2.4.6-{tag}-{tag}-manylinux_2_28_x86_64.whl").touch()
    assert has_wheel(folder, "numpy==2.4.6")


def test_what_pip_builds_from_source_lands_whole(folder: Path) -> None:
    source = folder.parent / "tiny"
    source.mkdir()
    # a build backend in one file, so that nothing has to be fetched
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "tiny"\nversion = "1.0"\n'
    )
    (source / "backend.py").write_text(
        "import zipfile\n"
        "def build_wheel(folder, config_settings=None, metadata_directory=None):\n"
        "    name = 'tiny-1.0-py3-none-any.whl'\n"
        "    with zipfile.ZipFile(f'{folder}/{name}', 'w') as wheel:\n"
        "        for file, text in {\n"
        "            'METADATA': 'Metadata-Version: 2.1\\nName: tiny\\nVersion: 1.0\\n',\n"
        "            'WHEEL': 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',\n"
        "            'RECORD': '',\n"
        "        }.items():\n"
        "            wheel.writestr(f'tiny-1.0.dist-info/{file}', text)\n"
        "    return name\n"
    )
    download([f"tiny @ {source.as_uri()}"], folder, "--no-deps", "--no-index")
    assert has_wheel(folder, "tiny==1.0")
    assert [file.name for file in folder.iterdir()] == ["tiny-1.0-py3-none-any.whl"]


def test_a_failure_names_the_requirement_and_hides_the_index(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "file:///no/such/index/with-a-secret")
    with pytest.raises(SystemExit) as caught:
        download(["no-such-package==1.0"], folder, "--no-deps", "--no-index")
    assert "no-such-package==1.0" in str(caught.value)
    assert "secret" not in str(caught.value)
    assert list(folder.iterdir()) == []


def test_nothing_is_fetched_twice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = {Selection(("dl-ops",)): ["numpy==2.4.6"], Selection(only_group="build"): ["hatchling==1.33.0"]}
    fetched = []
    monkeypatch.setattr(wheelhouse, "locked", lines.__getitem__)
    monkeypatch.setattr(wheelhouse, "download", lambda wanted, *_: fetched.extend(wanted))
    (folder / "hatchling-1.33.0-py3-none-any.whl").touch()
    wheelhouse.fill_from_lock(Selection(("dl-ops",)))
    assert fetched == ["numpy==2.4.6"]


def test_the_lock_says_what_one_package_needs() -> None:
    names = {line.partition("==")[0] for line in wheelhouse.locked(Selection(("dl-layers",), groups=("test",)))}
    assert names >= {"numpy", "optree", "pytest"}
    assert names.isdisjoint({"torch", "tensorflow-cpu", "h5py", "pillow"})
