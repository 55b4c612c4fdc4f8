"""Calls of ops in configs: Keras has a class for each op, made with the static arguments and called with the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from dl_ops import tree
from dl_ops.naming import to_snake_case
from dl_ops.objects import deserialize_keras_object, public_family
from dl_ops.symbolic.keras_tensor import KerasTensor

if TYPE_CHECKING:
    from dl_ops.op import Op
    from dl_ops.symbolic.operation import Node, OpCall

_ROOT: Final = "keras.src.ops"
_FAMILIES: Final = ("core", "numpy", "nn", "math", "linalg", "image")

# classes whose names do not follow from the op's
_CLASSES: Final = {
    "allclose": "AllClose",
    "batch_normalization": "BatchNorm",
    "cdist": "CDist",
    "ctc_decode": "CTCDecode",
    "ctc_loss": "CTCLoss",
    "fft": "FFT",
    "fft2": "FFT2",
    "gather_item": "GetItem",
    "hsv_to_rgb": "HSVToRGB",
    "ifft2": "IFFT2",
    "irfft": "IRFFT",
    "isin": "IsIn",
    "istft": "ISTFT",
    "jvp": "JVP",
    "layer_normalization": "LayerNorm",
    "psnr": "PSNR",
    "rfft": "RFFT",
    "rgb_to_grayscale": "RGBToGrayscale",
    "rgb_to_hsv": "RGBToHSV",
    "rms_normalization": "RMSNorm",
    "searchsorted": "SearchSorted",
    "ssim": "SSIM",
    "stft": "STFT",
    "svd": "SVD",
}
_OPS: Final = {name: op for op, name in _CLASSES.items() if op != "gather_item"} | {"GetItem": "get_item"}

# ops that Keras keeps in another module
_MODULES: Final = {
    "copy": "numpy",
    "jvp": "linalg",
    "logaddexp": "numpy",
    "logdet": "math",
    "rsqrt": "math",
    "top_k": "math",
    "unstack": "core",
}

# what Keras calls the class with, where that is not just the tensors
_CALLED_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "bincount": ("x",),
    "clip": ("x",),
    "dot_product_attention": ("query", "key", "value", "bias", "mask", "scale"),
    "get_item": ("x", "key"),
    "isclose": ("x1", "x2", "rtol", "atol"),
    "pad": ("x", "constant_values"),
}


def _called_with(op: Op) -> tuple[str, ...]:
    return _CALLED_WITH.get(op.name) or tuple(p.name for p in op.parameters if p.role is not None)


def path_of(op: Op) -> str:
    """Full name of Keras's class for an op: ``"keras.src.ops.numpy.Add"``."""
    family = _MODULES.get(op.name) or op.module.split(".")[1]
    name = _CLASSES.get(op.name) or "".join(part.capitalize() for part in op.name.split("_"))
    return f"{_ROOT}.{family}.{name}"


def _arguments(call: OpCall) -> dict[str, Any]:
    return call._arguments(call._inbound_nodes[0].args)


def made_with(call: OpCall) -> dict[str, Any]:
    """Arguments that Keras makes the class with."""
    if call.op.name == "gather_item":
        return {}
    called, arguments = _called_with(call.op), _arguments(call)
    return {
        p.name: arguments[p.name]
        for p in call.op.parameters
        if p.name not in called and not _is_empty_mapping(arguments[p.name])
    }


def _is_empty_mapping(value: Any) -> bool:
    # what a parameter like **kwargs holds when nothing is given for it
    return isinstance(value, dict) and not value


def called_with(node: Node) -> tuple[Sequence[Any], Mapping[str, Any]]:
    """Arguments of an op's or another operation's node in the form in which Keras writes them."""
    from dl_ops.symbolic.operation import OpCall

    call = node.operation
    if not isinstance(call, OpCall):
        return node.args, node.kwargs
    arguments = _arguments(call)
    if call.op.name == "gather_item":
        from dl_ops.numpy.indexing import full_key

        return (arguments["x"], full_key(arguments["key"], arguments["indices"])), {}
    args: list[Any] = []
    variadic = {p.name for p in call.op.parameters if p.variadic}
    for name in _called_with(call.op):
        if name in variadic:
            args.extend(arguments[name])
        else:
            args.append(arguments[name])
    return args, {}


class NamedOp:
    """An op with the arguments that Keras makes its class with; to be called with the others, once.

    Parameters
    ----------
    op : Op
    options : mapping from parameter name to value
        ``name`` among them is what the node is called.
    """

    def __init__(self, op: Op, options: Mapping[str, Any]) -> None:
        self.op = op
        self.options = dict(options)
        self.name = self.options.pop("name", None)
        unknown = self.options.keys() - op.index.keys()
        if unknown:
            raise TypeError(f"{op.name}() has no arguments {sorted(unknown)}")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from dl_ops import ops

        op = self.op
        if op.name == "get_item":
            x, key = args
            result = ops.get_item(x, tuple(key) if isinstance(key, list) else key)
        else:
            names = _called_with(op)
            if any(p.variadic for p in op.parameters):
                # what stands before the tensors is given by position, as einsum's subscripts
                first = next(i for i, p in enumerate(op.parameters) if p.variadic)
                leading = [self.options[p.name] for p in op.parameters[:first]]
                rest = {name: value for name, value in self.options.items() if op.index[name] > first}
                result = op.public(*leading, *args, **rest, **kwargs)
            else:
                if len(args) > len(names):
                    raise TypeError(f"{op.name}() takes {len(names)} tensors, got {len(args)}")
                result = op.public(**dict(zip(names, args, strict=False)), **kwargs, **self.options)
        if isinstance(self.name, str):
            for x in tree.flatten(result):
                if isinstance(x, KerasTensor) and x._keras_history is not None:
                    x._keras_history.operation.name = self.name
        return result


class _Reader:
    """Stands for an op's class where a config names it."""

    def __init__(self, op: Op) -> None:
        self.op = op

    def from_config(self, config: Mapping[str, Any]) -> NamedOp:
        return NamedOp(self.op, {name: deserialize_keras_object(value) for name, value in config.items()})


@cache
def _registry() -> Mapping[str, Op]:
    from dl_ops.op import registry

    for family in _FAMILIES:
        import_module(f"dl_ops.{family}")
    return registry


@public_family(_ROOT)
def find_op(path: str) -> _Reader | None:
    """Find the op of one of Keras's classes by its full name.

    Parameters
    ----------
    path : str
        Such as ``"keras.src.ops.numpy.ExpandDims"``.

    Returns
    -------
    object with ``from_config``, or None

    Examples
    --------
    >>> find_op("keras.src.ops.numpy.ExpandDims").from_config({"axis": 0, "name": "expand"}).op.name
    'expand_dims'
    """
    family, _, name = path.removeprefix(f"{_ROOT}.").rpartition(".")
    if family not in _FAMILIES or not name:
        return None
    registry = _registry()
    op = registry.get(_OPS.get(name) or to_snake_case(name))
    return None if op is None else _Reader(op)
