"""Every op inside a compiled graph, all tensors among its arguments its inputs: the right values, or UnsupportedOp, or
a TypeError for dtypes that OpenVINO has not.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

import pytest

from dl_backend_openvino.unsupported import UNSUPPORTED
from dl_ops.backend import UnsupportedOp, get_backend
from dl_ops.op import registry
from dl_ops.testing import Case, all_cases, check_compiled

_VALUES: Final = "has no values while the graph is built"
_MATRICES: Final = "OpenVINO has no decompositions of matrices"

# cases that need what a graph has not, of ops that it has otherwise: patterns of what UnsupportedOp says
PARTIAL: Final[Mapping[str, str]] = {
    **dict.fromkeys(("bincount-*", "segment_sum-by-largest"), _VALUES),
    **dict.fromkeys(("norm-matrix -2", "norm-matrix 2", "norm-nuclear"), _MATRICES),
    "jvp-*": "computes no gradients",
}

_EMPTY: Final = "the mean of nothing is 0"
_INFINITIES: Final = "extremes begin with the largest finite number: of infinities alone they are that"
_INTEGERS: Final = "large integers of 32 bits without a sign are computed as int32"
_NAN: Final = "a maximum of NaN and a number is the number"
_NOTHING: Final = "a loop over tensors without elements is folded, and that fails"

# cases that give something else than elsewhere
DIFFERENT: Final[Mapping[str, str]] = {
    **dict.fromkeys(("max_pool-not-finite", "nanargmax-negative-infinity", "nanm[ai][nx]-infinite"), _INFINITIES),
    "*right_shift-uint32": _INTEGERS,
    **dict.fromkeys(("gcd-empty", "lcm-empty"), _NOTHING),
    **dict.fromkeys(("hypot-special", "i0-large"), _NAN),
    **dict.fromkeys(("mean-empty", "std-empty", "var-empty"), _EMPTY),
    "corrcoef-constant": "what is subtracted twice leaves a rounding error, not 0",
    "diff-wraps": "subtraction of unsigned integers stops at zero",
}


def _reason(reasons: Mapping[str, str], case: Case) -> str | None:
    return next((why for pattern, why in reasons.items() if fnmatchcase(str(case), pattern)), None)


def _cases() -> list[Case]:
    return [case for case in all_cases() if case.op in registry and _has_tensors(case)]


def _has_tensors(case: Case) -> bool:
    found: list[object] = []
    case.mapped(found.append)
    return bool(found)


@pytest.mark.parametrize("case", _cases(), ids=str)
def test_in_a_graph(case: Case, request: pytest.FixtureRequest) -> None:
    backend = get_backend("openvino")
    if why := _reason(DIFFERENT, case):
        request.applymarker(pytest.mark.xfail(reason=why, strict=True))
    message = f"{case.op!r} has no kernel on openvino: " if case.op in UNSUPPORTED else _reason(PARTIAL, case)
    for dtype in case.dtypes:
        if message is not None:
            with pytest.raises(UnsupportedOp, match=message):
                check_compiled(case, backend, dtype)
            continue
        try:
            check_compiled(case, backend, dtype)
        except TypeError as error:
            if "OpenVINO has no tensors of that dtype" not in str(error):
                raise


def test_what_is_listed_is_an_op() -> None:
    assert UNSUPPORTED.keys() <= registry.keys()
    for pattern in (*PARTIAL, *DIFFERENT):
        assert fnmatch.filter(map(str, all_cases()), pattern), pattern
