"""The ops that know sparse tensors: when their result is sparse, and what computes it where a backend has no kernel
for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from dl_ops.sparse import kernels, sparsity


class SparseOp(NamedTuple):
    """What an op does with sparse tensors."""

    sparsity: sparsity.Sparsity
    kernel: Callable[..., Any]


_ON_VALUES: Final = (
    "absolute",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctanh",
    "cast",
    "cbrt",
    "ceil",
    "celu",
    "conjugate",
    "copy",
    "deg2rad",
    "elu",
    "erf",
    "erfinv",
    "expm1",
    "floor",
    "gelu",
    "hard_shrink",
    "hard_tanh",
    "imag",
    "isinf",
    "isnan",
    "leaky_relu",
    "log1p",
    "nan_to_num",
    "negative",
    "rad2deg",
    "real",
    "relu",
    "relu6",
    "round",
    "saturate_cast",
    "selu",
    "sign",
    "signbit",
    "silu",
    "sin",
    "sinh",
    "soft_shrink",
    "softsign",
    "sqrt",
    "square",
    "stop_gradient",
    "tan",
    "tanh",
    "tanh_shrink",
    "trunc",
)

SPARSE: Final[dict[str, SparseOp]] = {
    **dict.fromkeys(_ON_VALUES, SparseOp(sparsity.kept, kernels.on_values)),
    **dict.fromkeys(("abs", "conj", "fabs", "swish"), SparseOp(sparsity.kept, kernels.composed)),
    **dict.fromkeys(("moveaxis", "swapaxes", "ravel"), SparseOp(sparsity.kept, kernels.composed)),
    **dict.fromkeys(("add", "subtract"), SparseOp(sparsity.union, kernels.appended)),
    **dict.fromkeys(("maximum", "minimum"), SparseOp(sparsity.union, kernels.united)),
    "multiply": SparseOp(sparsity.intersection, kernels.multiplied),
    **dict.fromkeys(("divide", "true_divide", "divide_no_nan"), SparseOp(sparsity.quotient, kernels.divided)),
    "transpose": SparseOp(sparsity.kept, kernels.transposed),
    "expand_dims": SparseOp(sparsity.kept, kernels.expanded),
    "squeeze": SparseOp(sparsity.axis_left, kernels.squeezed),
    "reshape": SparseOp(sparsity.axis_left, kernels.reshaped),
    "concatenate": SparseOp(sparsity.joined, kernels.concatenated),
    "sum": SparseOp(sparsity.reduced, kernels.summed),
    "mean": SparseOp(sparsity.reduced, kernels.averaged),
    "convert_to_tensor": SparseOp(sparsity.unless_refused, kernels.composed),
    **dict.fromkeys(("multi_hot", "one_hot"), SparseOp(sparsity.asked_for, kernels.densified)),
    "matmul": SparseOp(sparsity.product, kernels.matrix_product),
    "dot": SparseOp(sparsity.dot_product, kernels.dot_product),
}
"""By op name. Every other op takes sparse tensors too, and is computed on dense ones."""
