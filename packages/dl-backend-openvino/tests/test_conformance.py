"""Every op on OpenVINO against NumPy in float64."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from dl_ops.testing import Conformance


class TestConformance(Conformance):
    backend_name = "openvino"
    examples = 3
    # in graphs OpenVINO computes in 32 bits, whatever they say
    other_dtypes = ("float16", "bfloat16")
    known_failures: ClassVar[Mapping[str, str]] = {"[vd]*:jvp-*": "the backend computes no gradients"}
