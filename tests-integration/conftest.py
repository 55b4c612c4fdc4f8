"""What all tests across packages share."""

from __future__ import annotations

import pytest

pytest_plugins = ["dl_ops.testing.pytest_backends"]


@pytest.fixture(autouse=True, scope="session")
def frameworks_come_in_order() -> None:
    """Import first what has to come first where one process holds several, whichever test begins in it.

    OpenVINO forks a process while it is imported, of which JAX warns once it is there; PyTorch goes before TensorFlow.
    """
    # pytest loads the plugin first, so that it can rewrite its assertions
    from dl_ops.backend import get_backend
    from dl_ops.testing.pytest_backends import backends_under_test

    for first, then in (("openvino", "jax"), ("torch", "tensorflow")):
        if {first, then} <= set(backends_under_test()):
            get_backend(first)
