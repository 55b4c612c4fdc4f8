"""What may be wrong with batches, outputs, targets and gradients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dl_ops import tree
from dl_ops.interchange import convert_to_numpy
from dl_train.checks.report import Finding
from dl_train.losses import LossFunctionWrapper

_LARGE: Final = 100.0
"""Inputs beyond it are of another scale than initial weights are made for."""

_CLOSE: Final = 1e-3
"""How far sums of probabilities may be from 1."""

_RANGES: Final[Mapping[str, tuple[float, float]]] = {
    "sigmoid": (0.0, 1.0), "hard_sigmoid": (0.0, 1.0), "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0), "softsign": (-1.0, 1.0), "hard_tanh": (-1.0, 1.0),
    "relu": (0.0, np.inf), "relu6": (0.0, 6.0), "softplus": (0.0, np.inf), "exponential": (0.0, np.inf),
}  # fmt: skip
"""Values of activations."""


def leaves(structure: Any, name: str) -> Iterator[tuple[str, NDArray[Any]]]:
    """Arrays of a structure, each with a name that says where it is."""
    for path, leaf in tree.flatten_with_path(structure):
        if leaf is not None:
            yield ".".join([name, *map(str, path)]), convert_to_numpy(leaf)


def _finite(values: NDArray[Any]) -> bool:
    return values.dtype.kind not in "fcV" or bool(np.isfinite(values.astype("float64")).all())


def batch_findings(name: str, structure: Any) -> Iterator[Finding]:
    """Shapes and dtypes of arrays, numbers that are none, and for inputs their scale."""
    for label, values in leaves(structure, name):
        shape = f"{values.shape} {values.dtype.name}"
        if values.dtype.kind not in "biufcV":
            yield Finding("ok", label, f"{shape}, not looked at")
        elif not _finite(values):
            bad = int((~np.isfinite(values.astype("float64"))).sum())
            yield Finding("error", label, f"{shape}, {bad} of {values.size} are NaN or infinite")
        elif not values.size:
            yield Finding("error", label, f"{shape}, there is nothing in it")
        else:
            low, high = values.min(), values.max()
            shape = f"{shape}, from {low:.4g} to {high:.4g}"
            if low == high and values.size > 1:
                yield Finding("warning", label, f"{shape}: all are the same")
            elif name == "x" and values.dtype.kind == "f" and max(abs(low), abs(high)) > _LARGE:
                yield Finding("warning", label, f"{shape}: scale them, to about -1 to 1")
            else:
                yield Finding("ok", label, shape)


def output_findings(name: str, output: NDArray[Any]) -> Iterator[Finding]:
    """Whether a model's output is made of numbers, and not the same for all samples."""
    label = f"output {name}" if name else "output"
    shape = f"{output.shape} {output.dtype.name}"
    if not _finite(output):
        yield Finding("error", label, f"{shape}, some are NaN or infinite, before any training")
    elif len(output) > 1 and np.ptp(output.astype("float64"), axis=0).max(initial=0.0) == 0:
        yield Finding("warning", label, f"{shape}: the same for all samples, whatever the inputs are")
    else:
        yield Finding("ok", label, f"{shape}, from {output.min():.4g} to {output.max():.4g}")


def loss_findings(
    name: str, loss: Any, target: NDArray[Any], output: NDArray[Any], activation: str
) -> Iterator[Finding]:
    """Whether targets and outputs are what a loss is for.

    Parameters
    ----------
    name : str
        Of the output.
    loss : Loss
    target, output : numpy.ndarray
    activation : str
        That of the output's layer, if it is known.
    """
    label = f"loss {name}" if name else "loss"
    kind = _kind(loss)
    found = list(_of_classes(label, kind, loss, target, output))
    if not found and "Crossentropy" not in kind and activation in _RANGES and _finite(target):
        low, high = _RANGES[activation]
        if target.min() < low or target.max() > high:
            found = [
                Finding(
                    "error",
                    label,
                    f"targets go from {target.min():.4g} to {target.max():.4g}, which {activation} cannot give",
                )
            ]
    yield from found or [Finding("ok", label, f"{kind} suits targets and outputs")]


def _of_classes(label: str, kind: str, loss: Any, target: NDArray[Any], output: NDArray[Any]) -> Iterator[Finding]:
    if "Crossentropy" not in kind or not _finite(target) or not _finite(output):
        return
    axis = _option(loss, "axis", -1)
    sparse, binary = kind.startswith("Sparse"), kind.startswith("Binary")
    classes = output.shape[axis]
    if sparse:
        yield from _class_numbers(label, loss, target, classes)
    elif target.min() < 0 or target.max() > 1:
        what = "SparseCategoricalCrossentropy takes class numbers" if not binary else "it takes 0 and 1"
        yield Finding("error", label, f"{kind}: targets go from {target.min():.4g} to {target.max():.4g}; {what}")
    elif not binary and target.shape == output.shape and not _sums_to_one(target, axis):
        yield Finding("warning", label, f"{kind}: targets of a sample do not sum to 1")
    if not binary and classes == 1:
        yield Finding("error", label, f"{kind}: a single class says nothing; BinaryCrossentropy takes one output")
    probable = bool(output.min() >= 0 and output.max() <= 1) and (binary or _sums_to_one(output, axis))
    maker = "sigmoid" if binary else "softmax"
    if _option(loss, "from_logits", False):
        if probable and output.size > 1:
            yield Finding(
                "warning",
                label,
                f"{kind}(from_logits=True) gets what look like probabilities: leave {maker} out of the model",
            )
    elif not probable:
        yield Finding(
            "error",
            label,
            f"{kind} expects probabilities, but outputs go from {output.min():.4g} to {output.max():.4g}: "
            f"end the model in {maker}, or give the loss from_logits=True",
        )


def _kind(loss: Any) -> str:
    """Name of the class of a loss, also of one that was given as a function or by its name."""
    if type(loss) is not LossFunctionWrapper:
        return type(loss).__name__
    return "".join(part.capitalize() for part in getattr(loss.fn, "__name__", "loss").split("_"))


def _option(loss: Any, name: str, default: Any) -> Any:
    return getattr(loss, name, getattr(loss, "kwargs", {}).get(name, default))


def _class_numbers(label: str, loss: Any, target: NDArray[Any], classes: int) -> Iterator[Finding]:
    ignored = _option(loss, "ignore_class", None)
    counted = target if ignored is None else target[target != ignored]
    kind = _kind(loss)
    if counted.size and (counted != np.round(counted)).any():
        yield Finding("error", label, f"{kind} expects class numbers, but some targets are no integers")
    elif counted.size and (counted.min() < 0 or counted.max() >= classes):
        yield Finding(
            "error",
            label,
            f"{kind}: class numbers go from {int(counted.min())} to {int(counted.max())}, but the model has {classes} "
            f"classes, 0 to {classes - 1}",
        )


def _sums_to_one(values: NDArray[Any], axis: int) -> bool:
    return bool(np.abs(values.astype("float64").sum(axis) - 1).max(initial=0.0) < _CLOSE)


def gradient_findings(gradients: Mapping[str, NDArray[Any] | None]) -> Iterator[Finding]:
    """Whether the loss depends on every weight, by numbers.

    Parameters
    ----------
    gradients : mapping from str to numpy.ndarray or None
        By the weights' paths.
    """
    broken = [path for path, gradient in gradients.items() if gradient is not None and not _finite(gradient)]
    idle = [
        path for path, gradient in gradients.items() if gradient is None or (_finite(gradient) and not gradient.any())
    ]
    if broken:
        yield Finding("error", "gradients", f"NaN or infinite for {_some(broken)}")
    if idle:
        yield Finding("warning", "gradients", f"zero for {_some(idle)}: the loss does not depend on them")
    if not broken and not idle:
        norms = [
            float(np.linalg.norm(gradient.astype("float64"))) for gradient in gradients.values() if gradient is not None
        ]
        yield Finding("ok", "gradients", f"of {len(norms)} weights, norms from {min(norms):.3g} to {max(norms):.3g}")


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
