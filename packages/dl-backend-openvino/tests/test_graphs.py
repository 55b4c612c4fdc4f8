"""Every op that has a node, as a graph of its own, against NumPy in float64."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import pytest

from dl_backend_openvino.engine import OpenVINOBackend
from dl_ops.backend import Backend, get_backend
from dl_ops.testing import Conformance

_OF_INFINITIES = "extremes begin with the largest finite number: of infinities alone they are that"
_COMPLEX = "OpenVINO has no tensors of complex numbers"
_OF_INTEGERS = (
    "processors compute integers in 32 bits or fewer here, and some stop at the largest instead of wrapping around"
)
_OF_NAN = "maxima leave NaN out, and it counts as larger"


class TestGraphs(Conformance):
    # the other checks are of what graphs do not change: `test_conformance` has them
    test_distribution = None  # type: ignore[assignment]  # leaves the test out
    test_identity = None  # type: ignore[assignment]  # as above
    test_misuse = None  # type: ignore[assignment]  # as above
    test_numbers_keep_their_digits = None  # type: ignore[assignment]  # as above
    test_other_dtypes = None  # type: ignore[assignment]  # as above

    backend_name = "openvino"
    known_failures: ClassVar[Mapping[str, str]] = {
        "value:mean-empty": "the mean of nothing is zero",
        "value:nanmax-infinite": _OF_INFINITIES,
        "value:nanmin-infinite": _OF_INFINITIES,
        "value:nanargmax-negative-infinity": _OF_INFINITIES,
        **{
            f"value:{name}": _COMPLEX
            for name in (
                *("real-0", "imag-0", "angle-0", "angle-axes", "isreal-0", "isreal-nan", "absolute-complex"),
                *("view_as_real-0", "view_as_real-scalar"),
            )
        },
        "default:conj-0": _COMPLEX,
        "default:abs-complex": _COMPLEX,
        "default:vdot-complex": _COMPLEX,
        "default:var-empty": "the mean of nothing is zero",
        "value:*right_shift-uint32": _OF_INTEGERS,
        **{
            f"default:{name}": _OF_INTEGERS
            for name in (
                *("bitwise_or-*int8", "bitwise_not-uint*", "bitwise_not-int8"),
                *("bitwise_left_shift-*int8", "bitwise_right_shift-?int32", "bitwise_right_shift-int32"),
            )
        },
        "value:i0-large": _OF_NAN,
        "default:hypot-special": _OF_NAN,
        "value:max_pool-not-finite": _OF_INFINITIES,
        "default:max_pool-not-finite": _OF_NAN,
        "value:jvp-*": "the backend computes no gradients",
        "value:diff-wraps": "subtraction of unsigned integers stops at zero",
    }

    @pytest.fixture
    def backend(self) -> Iterator[Backend]:
        found = get_backend(self.backend_name)
        assert isinstance(found, OpenVINOBackend)
        found.prefer_host = False
        yield found
        found.prefer_host = True
