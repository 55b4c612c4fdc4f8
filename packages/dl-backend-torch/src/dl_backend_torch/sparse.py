"""PyTorch's sparse tensors, in coordinates or compressed rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from dl_ops import tree
from dl_ops.sparse import Entries

Tensor = torch.Tensor


def is_sparse(x: Any) -> bool:
    """Whether `x` is a sparse tensor, of any layout."""
    return isinstance(x, Tensor) and (x.is_sparse or x.layout in _COMPRESSED)


_COMPRESSED = (torch.sparse_csr, torch.sparse_csc, torch.sparse_bsr, torch.sparse_bsc)


_NOT_DIFFERENTIATED = (
    "arcsin",
    "arcsinh",
    "arctan",
    "arctanh",
    "concatenate",
    "erf",
    "erfinv",
    "expand_dims",
    "expm1",
    "log1p",
    "sin",
    "sinh",
    "sqrt",
    "tan",
    "tanh",
)
_DEFINED_OTHERWISE = (
    "cast",  # of duplicates one by one
    "multiply",  # zero if the sparse tensor is broadcast
    "sum",  # over no axes instead of all of them
)
_SPARSE_HERE_ALONE = (
    "categorical_crossentropy",
    "extract_sequences",
    "floor_divide",
    "get_item",
    "power",
    "repeat",
    "stack",
    "take",
    "unstack",
    "zeros_like",
)
TAKEN_AMISS = frozenset((*_NOT_DIFFERENTIATED, *_DEFINED_OTHERWISE, *_SPARSE_HERE_ALONE))
"""Ops whose kernels PyTorch runs on sparse tensors without an error, and not as it should."""


def any_sparse(*arguments: Any) -> bool:
    """Whether there is a sparse tensor among an op's arguments."""
    return any(map(is_sparse, tree.flatten(arguments)))


def unless_sparse(kernel: Callable[..., Any], sparse: Callable[..., Any]) -> Callable[..., Any]:
    """One function for dense arguments, another one where one of them is sparse."""

    def run(*args: Any, **kwargs: Any) -> Any:
        return (sparse if any_sparse(args, kwargs) else kernel)(*args, **kwargs)

    return run


def _in_coordinates(x: Tensor) -> Tensor:
    if x.is_sparse and not x.dense_dim():
        return x
    # entries that are vectors, or blocks
    return (
        x.to_dense().to_sparse() if x.is_sparse or x.layout in _COMPRESSED[2:] else x.to_sparse(layout=torch.sparse_coo)
    )


def coalesced(x: Tensor) -> Tensor:
    """`x` in coordinates, sorted, with its duplicates added up."""
    x = _in_coordinates(x)
    if x.dtype is torch.bool and not x.is_coalesced():
        # PyTorch does not add booleans
        return x.to(torch.uint8).coalesce().to(torch.bool)
    return x.coalesce()


def values(x: Tensor) -> Tensor:
    """What a sparse tensor stores, once for each position."""
    # values of a tensor that is not coalesced are no part of the graph that gradients are computed in
    return coalesced(x).values()


def with_values(x: Tensor, values: Tensor) -> Tensor:
    """Sparse tensor with other values."""
    return torch.sparse_coo_tensor(coalesced(x).indices(), values, x.shape, is_coalesced=True, check_invariants=False)


def entries(x: Tensor) -> Entries:
    """Parts of a sparse tensor."""
    x = coalesced(x)
    return Entries(list(x.indices()), x.values(), tuple(x.shape))


def from_entries(parts: Entries) -> Tensor:
    """Sparse tensor of parts."""
    indices = torch.stack([column.long() for column in parts.columns])
    return torch.sparse_coo_tensor(indices, parts.values, tuple(parts.sizes), check_invariants=False)
