"""Pytest plugin: the fixture ``backend`` runs a test on every backend installed.

It is used where a ``conftest.py`` asks for it, and nowhere else::

    pytest_plugins = ["dl_ops.testing.pytest_backends"]

The environment variable ``DL_TEST_BACKENDS``, names separated by commas, restricts it. ``trainable_backend`` leaves out
those that compute no gradients.
``--exhaustive`` puts every case of the conformance kit to every check, where a backend otherwise takes a sample.
``@pytest.mark.xfail_backend("jax", reason="…")`` beside a test marks what cannot work yet, strictly.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from dl_ops.backend.contract import Backend

_FIXTURES = ("backend", "trainable_backend")


def backends_under_test() -> list[str]:
    """Names of the backends that tests run on.

    Raises
    ------
    ValueError
        If ``DL_TEST_BACKENDS`` names one that is not installed.
    """
    from dl_ops.backend.registry import available_backends

    installed = available_backends()
    chosen = [name.strip() for name in os.environ.get("DL_TEST_BACKENDS", "").split(",") if name.strip()]
    if missing := sorted(set(chosen) - set(installed)):
        raise ValueError(f"DL_TEST_BACKENDS names {', '.join(missing)}; installed are {', '.join(installed)}")
    return chosen or installed


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for long runs."""
    parser.addoption("--exhaustive", action="store_true", help="put every case to every check, on slow backends too")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line("markers", "xfail_backend(*names, reason): the test cannot pass yet on these backends")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise tests that use one of the fixtures, unless their class brings its own."""
    for fixture in _FIXTURES:
        own = hasattr(metafunc.cls, fixture) or hasattr(metafunc.module, fixture)
        if fixture in metafunc.fixturenames and not own:
            metafunc.parametrize(fixture, backends_under_test(), indirect=True)


@pytest.fixture
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """A backend, active for the length of the test."""
    yield from _scope(request)


@pytest.fixture
def trainable_backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """A backend that computes gradients, active for the length of the test."""
    yield from _scope(request, trainable=True)


def _scope(request: pytest.FixtureRequest, *, trainable: bool = False) -> Iterator[Backend]:
    from dl_ops.backend.registry import backend_scope, get_backend

    name: str = request.param
    try:
        backend = get_backend(name)
    except ImportError as error:
        if os.environ.get("DL_TEST_BACKENDS"):
            raise  # it was asked for
        pytest.skip(str(error))
    if trainable and not backend.trainable:
        pytest.skip(f"{name} computes no gradients")
    for mark in request.node.iter_markers("xfail_backend"):
        if name in mark.args:
            request.node.add_marker(pytest.mark.xfail(reason=mark.kwargs["reason"], strict=True))
    with backend_scope(backend):
        yield backend
