"""Every op on PyTorch against NumPy in float64."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from dl_ops.testing import Conformance


class TestConformance(Conformance):
    backend_name = "torch"
    one_in: ClassVar = {"default gradient": 4}
    known_failures: ClassVar[Mapping[str, str]] = {
        "gradient:det-singular": "PyTorch gives 0 for the gradient of every singular matrix's determinant",
        "second:ctc_loss*": "PyTorch's kernel has a first derivative alone",
        "jvp:ctc_loss*": "PyTorch's kernel has a first derivative alone",
        "sparse gradient:matmul-batch-vector": "PyTorch multiplies by a sparse vector and does not differentiate it",
        "sparse gradient:matmul-vector-batch": "PyTorch multiplies by a sparse vector and does not differentiate it",
    }
