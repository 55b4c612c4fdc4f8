"""Finding, loading and choosing backends."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from dl_ops import scopes
from dl_ops.backend import (
    CONTRACT_VERSION,
    Backend,
    Kernels,
    available_backends,
    backend_choice,
    backend_scope,
    current_backend,
    get_backend,
    registry,
    set_backend,
)


def made_up(name: str, **attributes: Any) -> Any:
    """Something that passes for a backend while none of its tensors are used."""
    return SimpleNamespace(name=name, contract_version=CONTRACT_VERSION, tensor_types=(), **attributes)


class Point(EntryPoint):
    """Entry point whose factory is given instead of imported."""

    factories: ClassVar[dict[str, Callable[[], Any]]] = {}

    def load(self) -> Any:
        return self.factories[self.name]


Install = Callable[..., None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Install]:
    """Replace the installed backends by made-up ones, and everything that chooses among them by nothing."""
    for name, value in (
        ("_loaded", {}),
        ("_by_type", {}),
        ("_broken", {}),
        ("_chosen", None),
        ("_default", None),
        ("_framework_seed", None),
    ):
        monkeypatch.setattr(registry, name, value)
    monkeypatch.setattr(scopes.current, "backend", None)
    monkeypatch.delenv("DL_BACKEND", raising=False)
    monkeypatch.setenv("DL_HOME", str(tmp_path))

    def installing(*points: tuple[str, Callable[[], Any]], value: str = "package:backend") -> None:
        found = [Point(name, f"{value}{i}", registry.GROUP) for i, (name, _) in enumerate(points)]
        monkeypatch.setattr(Point, "factories", dict(points))
        monkeypatch.setattr(registry, "entry_points", lambda group: found)
        registry._entry_points.cache_clear()

    yield installing
    registry._entry_points.cache_clear()


def fails() -> Any:
    raise OSError("libframework.so: not found")


def test_a_backend_is_loaded_when_it_is_first_used_and_once(install: Install) -> None:
    made: list[str] = []
    install(("first", lambda: made.append("first") or made_up("first")))
    assert available_backends() == ["first"]
    assert made == []
    assert get_backend("first") is get_backend("first")
    assert made == ["first"]


def test_an_unknown_backend_is_an_error_that_says_what_to_install(install: Install) -> None:
    install(("numpy", lambda: made_up("numpy")))
    with pytest.raises(ValueError, match=r"'jax' is not installed \(installed: numpy\): pip install dl-backend-jax"):
        get_backend("jax")
    with pytest.raises(ValueError, match="pip install dl-backend-tf"):
        get_backend("tensorflow")


def test_a_broken_backend_warns_and_leaves_the_rest_working(install: Install) -> None:
    install(("jax", fails), ("numpy", lambda: made_up("numpy")))
    with pytest.warns(UserWarning, match=r"'jax' .* does not load: libframework.so: not found; trying the next"):
        assert current_backend().name == "numpy"
    assert current_backend().name == "numpy", "and warns once"


def test_a_broken_backend_that_was_asked_for_by_name_is_an_error(
    install: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(("jax", fails), ("numpy", lambda: made_up("numpy")))
    with pytest.raises(ImportError, match=r"libframework\.so"):
        get_backend("jax")
    monkeypatch.setenv("DL_BACKEND", "jax")
    with pytest.raises(ImportError, match=r"libframework\.so"):
        current_backend()


def test_two_backends_of_one_name_are_an_error_that_names_both(install: Install) -> None:
    install(("numpy", lambda: made_up("numpy")), ("numpy", lambda: made_up("numpy")))
    with pytest.raises(RuntimeError, match="two backends are named 'numpy': package:backend0 and package:backend1"):
        available_backends()


@pytest.mark.parametrize(
    ("version", "upgrade"), [(CONTRACT_VERSION + 1, "dl-ops"), (CONTRACT_VERSION - 1, "the backend")]
)
def test_another_version_of_the_contract_is_an_error_that_says_what_to_upgrade(
    install: Install, version: int, upgrade: str
) -> None:
    other = made_up("other")
    other.contract_version = version
    install(("other", lambda: other))
    with pytest.raises(
        ImportError, match=f"version {version} of the contract, .* wants {CONTRACT_VERSION}: upgrade {upgrade}"
    ):
        get_backend("other")


def test_the_active_backend_is_chosen_in_order(
    install: Install, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = ("numpy", "torch", "tensorflow", "jax", "mine")
    install(*((name, lambda name=name: made_up(name)) for name in names))
    assert backend_choice().name == "jax"
    assert backend_choice().reason.startswith("first installed of jax, torch, tensorflow, numpy")
    (tmp_path / "dl.json").write_text(json.dumps({"backend": "torch"}))
    assert backend_choice() == ("torch", f"configuration file {tmp_path / 'dl.json'}")
    monkeypatch.setenv("DL_BACKEND", "tensorflow")
    assert backend_choice() == ("tensorflow", "environment variable DL_BACKEND")
    set_backend("mine")
    assert backend_choice() == ("mine", "set_backend")
    with backend_scope("numpy"):
        assert backend_choice() == ("numpy", "enclosing backend_scope")
        with backend_scope("torch"):
            assert current_backend().name == "torch"
        assert current_backend().name == "numpy"
    assert current_backend().name == "mine"


@pytest.mark.parametrize("content", ["{", '{"backend": 3}'])
def test_a_configuration_file_that_cannot_be_read_is_ignored_with_a_warning(
    install: Install, tmp_path: Path, content: str
) -> None:
    install(("numpy", lambda: made_up("numpy")))
    (tmp_path / "dl.json").write_text(content)
    with pytest.warns(UserWarning, match=r"dl\.json: ignored"):
        assert current_backend().name == "numpy"


def test_no_backend_at_all_is_an_error_that_says_what_to_install(install: Install) -> None:
    install()
    with pytest.raises(ImportError, match="pip install dl-backend-numpy"):
        current_backend()


def test_a_scope_is_left_by_an_exception_too() -> None:
    before = scopes.current.backend
    with pytest.raises(KeyError), backend_scope("numpy"):
        raise KeyError
    assert scopes.current.backend is before


def test_two_kernels_for_one_op_are_an_error() -> None:
    kernels = Kernels({"exp": abs})
    with pytest.raises(ValueError, match="two kernels for op 'exp'"):
        kernels.register("exp", abs)
    with pytest.raises(ValueError, match="two kernels for op 'exp'"):
        Kernels(kernels, {"exp": abs})


def test_the_contract_is_abstract() -> None:
    with pytest.raises(TypeError, match="abstract"):
        Backend()  # type: ignore[abstract]
