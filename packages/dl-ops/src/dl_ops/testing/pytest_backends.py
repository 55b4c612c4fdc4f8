"""Pytest plugin: the fixture ``backend`` runs a test on every backend installed.

It is used where a ``conftest.py`` asks for it, and nowhere else::

    pytest_plugins = ["dl_ops.testing.pytest_backends"]

The environment variable ``DL_TEST_BACKENDS``, names separated by commas, restricts it. ``trainable_backend`` leaves out
those that compute no gradients.
``--exhaustive`` puts every case of the conformance kit to every check, where a backend otherwise takes a sample.
``@pytest.mark.xfail_backend("jax", reason="…")`` beside a test marks what cannot work yet, strictly.
``@pytest.mark.each_backend_alone`` marks what concerns one backend: where several are under test it is left out, for
the runs that have each of them alone.
``@pytest.mark.sampled(by=chosen)`` leaves out the combinations of parameters for which ``chosen``, called with them by
name, is false. What is left out is not even collected, so that it takes no time; with ``--exhaustive`` nothing is.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
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
    for line in (
        "xfail_backend(*names, reason): the test cannot pass yet on these backends",
        "each_backend_alone: the test is left out where several backends are under test",
        "sampled(by): the test is left out where this function of its parameters is false",
    ):
        config.addinivalue_line("markers", line)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrise tests that use one of the fixtures, unless their class brings its own."""
    for fixture in _FIXTURES:
        own = hasattr(metafunc.cls, fixture) or hasattr(metafunc.module, fixture)
        if fixture in metafunc.fixturenames and not own:
            metafunc.parametrize(fixture, backends_under_test(), indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what other runs have, and what is in no sample."""
    if config.getoption("exhaustive"):
        return
    several = len(backends_under_test()) > 1
    left_out = [
        item for item in items if (several and item.get_closest_marker("each_backend_alone")) or not _in_samples(item)
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        outside = set(left_out)
        items[:] = [item for item in items if item not in outside]


def _in_samples(item: pytest.Item) -> bool:
    chosen: list[Callable[..., bool]] = [mark.kwargs["by"] for mark in item.iter_markers("sampled")]
    return not chosen or all(choose(**item.callspec.params) for choose in chosen)  # type: ignore[attr-defined]  # of functions


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
