"""Every op that has a node, as a graph of its own, against NumPy in float64."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import pytest

from dl_backend_openvino.engine import OpenVINOBackend
from dl_ops.backend import Backend, get_backend
from dl_ops.testing import Conformance

_OF_INFINITIES = "extremes begin with the largest finite number: of infinities alone they are that"


class TestGraphs(Conformance):
    backend_name = "openvino"
    known_failures: ClassVar[Mapping[str, str]] = {
        "value:nanmax-infinite": _OF_INFINITIES,
        "value:nanmin-infinite": _OF_INFINITIES,
        "value:nanargmax-negative-infinity": _OF_INFINITIES,
        "value:diff-wraps": "subtraction of unsigned integers stops at zero",
    }

    @pytest.fixture
    def backend(self) -> Iterator[Backend]:
        found = get_backend(self.backend_name)
        assert isinstance(found, OpenVINOBackend)
        found.prefer_host = False
        yield found
        found.prefer_host = True
