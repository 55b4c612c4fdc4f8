"""Activations, ``keras.activations``: element-wise ops, by name where a layer takes one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dl_layers.activations.functions import exponential, gelu, linear, mish, relu
from dl_ops.objects import Identifiers
from dl_ops.ops import (
    celu,
    elu,
    glu,
    hard_shrink,
    hard_sigmoid,
    hard_silu,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    relu6,
    selu,
    sigmoid,
    silu,
    soft_shrink,
    softmax,
    softplus,
    softsign,
    sparse_plus,
    sparse_sigmoid,
    sparsemax,
    squareplus,
    tanh,
    tanh_shrink,
    threshold,
)

swish = silu
hard_swish = hard_silu

_identifiers: Identifiers[Callable[..., Any]] = Identifiers(
    "activation",
    {
        **{
            function.__name__: function
            for function in (
                celu, elu, exponential, gelu, glu, hard_shrink, hard_sigmoid, hard_silu, hard_tanh, leaky_relu, linear,
                log_sigmoid, log_softmax, mish, relu, relu6, selu, sigmoid, silu, soft_shrink, softmax, softplus,
                softsign, sparse_plus, sparse_sigmoid, sparsemax, squareplus, tanh, tanh_shrink, threshold,
            )
        },
        "swish": silu,
        "hard_swish": hard_silu,
    },
    default=linear,
    instantiate=False,
    bare_names=True,
)  # fmt: skip

get = _identifiers.get
deserialize = _identifiers.deserialize


def serialize(activation: Callable[..., Any]) -> Any:
    """Name of an activation, or the config of one that has no name here.

    Parameters
    ----------
    activation : callable

    Returns
    -------
    str or dict

    Examples
    --------
    >>> serialize(relu)
    'relu'
    """
    return _identifiers.serialize(activation)


__all__ = [
    "celu",
    "deserialize",
    "elu",
    "exponential",
    "gelu",
    "get",
    "glu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "relu",
    "relu6",
    "selu",
    "serialize",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softmax",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "sparsemax",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
]
