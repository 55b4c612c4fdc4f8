from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dl_ops.backend import backend_scope

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def numpy_backend() -> Iterator[None]:
    with backend_scope("numpy"):
        yield
