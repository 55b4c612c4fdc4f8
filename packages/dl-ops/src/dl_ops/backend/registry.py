"""Finding, loading and choosing backends.

Backends are entry points of the group ``dl.backends``. The active one is, in this order: an enclosing
`backend_scope`, `set_backend`, ``DL_BACKEND``, the user's configuration file (``$DL_HOME/dl.json``, by default
``~/.dl/dl.json``), then the first installed of JAX, Torch and TensorFlow, else NumPy.
"""

from __future__ import annotations

import json
import os
import random
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from dl_ops import scopes
from dl_ops.backend.contract import CONTRACT_VERSION, Backend

GROUP: Final = "dl.backends"
PREFERENCE: Final = ("jax", "torch", "tensorflow", "numpy")
_DISTRIBUTIONS: Final = {"tensorflow": "dl-backend-tf"}
_BY_MODULE: Final = ("jax", "torch", "tensorflow", "openvino", "numpy")

_lock = threading.RLock()
_loaded: dict[str, Backend] = {}
_broken: dict[str, str] = {}
_by_type: dict[type, Backend] = {}
_chosen: Backend | None = None
_default: Backend | None = None
_framework_seed: int | None = None
_deterministic = False


class BackendChoice(NamedTuple):
    """Name of the active backend and what decided it."""

    name: str
    reason: str


@cache
def _entry_points() -> dict[str, EntryPoint]:
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        known = found.get(point.name)
        if known is not None and known.value != point.value:
            raise RuntimeError(
                f"two backends are named {point.name!r}: {known.value} and {point.value}; "
                "uninstall one of their distributions"
            )
        found[point.name] = point
    return found


def available_backends() -> list[str]:
    """Names of the installed backends, whether they load or not.

    Examples
    --------
    >>> "numpy" in available_backends()
    True
    """
    return sorted(_entry_points())


def get_backend(name: str) -> Backend:
    """Return a backend by name, loading it and its framework on first use.

    Parameters
    ----------
    name : str
        One of `available_backends`.

    Returns
    -------
    Backend

    Raises
    ------
    ValueError
        If no backend of that name is installed; says which distribution to install.
    ImportError
        If it is installed and does not load.
    """
    backend = _loaded.get(name)
    if backend is not None:
        return backend
    with _lock:
        if name in _loaded:
            return _loaded[name]
        point = _entry_points().get(name)
        if point is None:
            distribution = _DISTRIBUTIONS.get(name, f"dl-backend-{name}")
            raise ValueError(
                f"backend {name!r} is not installed (installed: {', '.join(available_backends()) or 'none'}): "
                f"pip install {distribution}"
            )
        # what the program has imported itself it may have seeded since, too
        imported = name in sys.modules
        return register_backend(name, _load(point), seeds=not imported)


def _load(point: EntryPoint) -> Backend:
    # JAX draws numbers while it is imported: what comes after a seed would hang on when that is
    states = random.getstate(), np.random.get_state()
    try:
        factory: Callable[[], Backend] = point.load()
        backend = factory()
    except Exception as error:
        raise ImportError(f"backend {point.name!r} ({point.value}) does not load: {error}") from error
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
    if backend.contract_version != CONTRACT_VERSION:
        raise ImportError(
            f"backend {point.name!r} implements version {backend.contract_version} of the contract, this dl-ops wants "
            f"{CONTRACT_VERSION}: upgrade {'dl-ops' if backend.contract_version > CONTRACT_VERSION else 'the backend'}"
        )
    return backend


def register_backend(name: str, backend: Backend, *, seeds: bool = True) -> Backend:
    """Make a backend known to dispatch by its tensors' types; entry points end here, and tests may call it directly.

    Parameters
    ----------
    name : str
    backend : Backend
    seeds : bool, default True
        Whether its framework is seeded as those were that had been loaded when ``set_random_seed`` was called.

    Returns
    -------
    Backend
        The same.
    """
    _loaded[name] = backend
    _by_type.clear()
    if _deterministic:
        backend.enable_determinism()
    if seeds and _framework_seed is not None:
        backend.seed_framework(_framework_seed)
    return backend


def seed_frameworks(seed: int) -> None:
    """Seed the own generator of every framework: at once if it has been imported, else when its backend is."""
    global _framework_seed
    with _lock:
        for name in _BY_MODULE:
            # NumPy, which is always there, has been seeded
            if name != "numpy" and name in sys.modules and name in _entry_points():
                with suppress(ImportError):  # what does not load draws nothing either
                    get_backend(name)
        _framework_seed = seed
        for backend in _loaded.values():
            backend.seed_framework(seed)


def enable_determinism() -> None:
    """Let every backend compute the same bits each time from the same numbers, for the rest of the process.

    On the CPU they do so anyhow. On an accelerator the frameworks leave open in which order some sums are taken, unless
    they are asked not to; steps may take longer then, and an op that cannot be had so is an error. JAX has to be asked
    before it computes anything. What is drawn repeats with ``set_random_seed``, which is to be called as well.

    Examples
    --------
    >>> enable_determinism()  # doctest: +SKIP
    """
    global _deterministic
    with _lock:
        _deterministic = True
        for backend in _loaded.values():
            backend.enable_determinism()


def loaded_backends() -> tuple[Backend, ...]:
    """Backends whose frameworks have been imported through `dl`."""
    return tuple(_loaded.values())


def backend_of_type(tensor_type: type) -> Backend | None:
    """Backend that tensors of a type belong to; ``None`` if there is none.

    A framework that the user imported, and whose backend nobody has asked for yet, is found by its module's name.
    """
    backend = _by_type.get(tensor_type)
    if backend is None:
        backend = _find_by_type(tensor_type)
        if backend is not None:
            _by_type[tensor_type] = backend
    return backend


def _find_by_type(tensor_type: type) -> Backend | None:
    for backend in _loaded.values():
        if issubclass(tensor_type, (*backend.tensor_types, *backend.sparse_types)):
            return backend
    for base in tensor_type.__mro__[:-1]:
        root = base.__module__.partition(".")[0]
        name = {"jaxlib": "jax", "scipy": "numpy"}.get(root, root)
        if name in _BY_MODULE and name not in _loaded and name in _entry_points():
            backend = get_backend(name)
            if issubclass(tensor_type, (*backend.tensor_types, *backend.sparse_types)):
                return backend
    return None


def _config_file() -> Path:
    return Path(os.environ.get("DL_HOME") or Path.home() / ".dl") / "dl.json"


def _configured() -> str | None:
    path = _config_file()
    try:
        settings: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        warnings.warn(f"{path}: ignored, {error}", stacklevel=2)
        return None
    name = settings.get("backend") if isinstance(settings, dict) else None
    if name is not None and not isinstance(name, str):
        warnings.warn(f"{path}: ignored, 'backend' is {name!r} and should be a string", stacklevel=2)
        return None
    return name


def backend_choice() -> BackendChoice:
    """Which backend is active and why, without loading it.

    Examples
    --------
    >>> with backend_scope("numpy"):
    ...     backend_choice()
    BackendChoice(name='numpy', reason='enclosing backend_scope')
    """
    if scopes.current.backend is not None:
        return BackendChoice(scopes.current.backend.name, "enclosing backend_scope")
    if _chosen is not None:
        return BackendChoice(_chosen.name, "set_backend")
    if _default is not None:
        return BackendChoice(_default.name, _default_reason)
    return _default_choice()


def _default_choice() -> BackendChoice:
    if name := os.environ.get("DL_BACKEND"):
        return BackendChoice(name, "environment variable DL_BACKEND")
    if name := _configured():
        return BackendChoice(name, f"configuration file {_config_file()}")
    for name in PREFERENCE:
        if name in _entry_points() and name not in _broken:
            return BackendChoice(name, f"first installed of {', '.join(PREFERENCE)}")
    raise ImportError("no backend is installed: pip install dl-backend-numpy")


_default_reason = ""


def _load_default() -> Backend:
    global _default, _default_reason
    with _lock:
        while _default is None:
            choice = _default_choice()
            if not choice.reason.startswith("first installed"):
                _default, _default_reason = get_backend(choice.name), choice.reason
                break
            try:
                _default, _default_reason = get_backend(choice.name), choice.reason
            except ImportError as error:
                # nobody asked for this one by name, so the next in line serves
                _broken[choice.name] = str(error)
                warnings.warn(f"{error}; trying the next backend", stacklevel=3)
    assert _default is not None
    return _default


def current_backend() -> Backend:
    """Return the active backend, loading it if need be.

    Examples
    --------
    >>> with backend_scope("numpy"):
    ...     current_backend().name
    'numpy'
    """
    return scopes.current.backend or _chosen or _default or _load_default()


def backend() -> str:
    """Name of the active backend, without loading it.

    Examples
    --------
    >>> with backend_scope("numpy"):
    ...     backend()
    'numpy'
    """
    return backend_choice().name


def set_backend(backend: str) -> None:
    """Choose the backend of what is built from now on; what exists keeps the one it was created on.

    Parameters
    ----------
    backend : str
        One of `available_backends`.

    Raises
    ------
    ValueError
        If it is not installed.
    """
    global _chosen
    _chosen = get_backend(backend)


class backend_scope:
    """Make a backend the active one inside a ``with`` block, in this thread.

    Parameters
    ----------
    backend : str or Backend

    Examples
    --------
    >>> from dl_ops import ops
    >>> with backend_scope("numpy"):
    ...     type(ops.ones(2)).__name__
    'ndarray'
    """

    def __init__(self, backend: str | Backend) -> None:
        self.backend = get_backend(backend) if isinstance(backend, str) else backend

    def __enter__(self) -> Backend:
        self._before = scopes.current.backend
        scopes.current.backend = self.backend
        return self.backend

    def __exit__(self, *exception: object) -> None:
        scopes.current.backend = self._before
