"""Numbers of 8 bits and fewer, ``keras.quantizers``."""

from __future__ import annotations

from typing import Any

from dl_layers.quantizers.abs_max import (
    AbsMaxQuantizer,
    Quantizer,
    abs_max_quantize,
    abs_max_quantize_grouped_with_zero_point,
)
from dl_layers.quantizers.configs import (
    AWQConfig,
    Float8QuantizationConfig,
    GPTQConfig,
    Int4QuantizationConfig,
    Int8QuantizationConfig,
    QuantizationConfig,
)
from dl_layers.quantizers.fake_quantization import fake_quant_with_min_max_vars
from dl_layers.quantizers.float8 import compute_float8_amax_history, compute_float8_scale, quantize_and_dequantize
from dl_layers.quantizers.int4 import pack_int4, unpack_int4
from dl_ops.objects import Identifiers

_identifiers: Identifiers[Quantizer] = Identifiers(
    "quantizer",
    {
        "AbsMaxQuantizer": AbsMaxQuantizer,
        "abs_max_quantizer": AbsMaxQuantizer,
        "Quantizer": Quantizer,
        "quantizer": Quantizer,
    },
)

deserialize = _identifiers.deserialize


def get(identifier: Any, **kwargs: Any) -> Any:
    """Return a quantizer for a name, a configuration, a class or a quantizer; ``None`` for ``None``.

    Parameters
    ----------
    identifier : str, dict, type, callable or None
    **kwargs
        Arguments of a quantizer that is given by name or as a class.

    Raises
    ------
    ValueError
        If it is none of these.

    Examples
    --------
    >>> get("abs_max_quantizer", axis=0).axis
    (0,)
    """
    if kwargs and isinstance(identifier, str):
        return type(_identifiers.get(identifier))(**kwargs)
    if kwargs and isinstance(identifier, type):
        return identifier(**kwargs)
    return _identifiers.get(identifier)


def serialize(initializer: Any) -> Any:
    """Return the configuration of a quantizer, with its class.

    Parameters
    ----------
    initializer : Quantizer
        Keras's name of the parameter.

    Examples
    --------
    >>> serialize(AbsMaxQuantizer(axis=0))["class_name"]
    'AbsMaxQuantizer'
    """
    return _identifiers.serialize(initializer)


__all__ = [
    "AWQConfig",
    "AbsMaxQuantizer",
    "Float8QuantizationConfig",
    "GPTQConfig",
    "Int4QuantizationConfig",
    "Int8QuantizationConfig",
    "QuantizationConfig",
    "Quantizer",
    "abs_max_quantize",
    "abs_max_quantize_grouped_with_zero_point",
    "compute_float8_amax_history",
    "compute_float8_scale",
    "deserialize",
    "fake_quant_with_min_max_vars",
    "get",
    "pack_int4",
    "quantize_and_dequantize",
    "serialize",
    "unpack_int4",
]
