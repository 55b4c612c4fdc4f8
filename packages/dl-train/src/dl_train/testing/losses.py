"""The conformance kit of losses: a case, and what every case must pass on every backend."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from dl_layers.layer.masks import set_mask
from dl_layers.testing import close
from dl_ops import KerasTensor, ops
from dl_ops.autodiff import value_and_grad
from dl_ops.backend import Backend
from dl_ops.dtypes import numpy_dtype, standardize_dtype
from dl_ops.typing import Array
from dl_train import losses
from dl_train.losses import Loss
from dl_train.testing.loss_references import REFERENCES, reduced

TOLERANCES: Final = {"float32": 2e-5, "float16": 2e-2, "bfloat16": 1e-1}
REDUCTIONS: Final = ("sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None)
STEP: Final = 1e-6


@dataclass(frozen=True, eq=False)
class LossCase:
    """A loss with its options, targets and predictions.

    Parameters
    ----------
    name : str
        Class of the loss.
    y_true : array
        Of dtype float64 if it is to be cast to the dtype under test.
    y_pred : array
    options : mapping
        Arguments of the class, and of the function.
    counts : array of bool, optional
        Which losses count.
    compares : bool
        Whether the loss of a sample depends on the others.
    of_batch : bool
        Whether there is one loss for all samples.
    tolerance : float
        Factor on what is allowed for a dtype.
    label : str
        What distinguishes it from cases with the same options.
    """

    name: str
    y_true: Array
    y_pred: Array
    options: Mapping[str, Any] = field(default_factory=dict)
    counts: Array | None = None
    compares: bool = False
    of_batch: bool = False
    tolerance: float = 1.0
    label: str = ""

    def make(self, **more: Any) -> Loss:
        """Make the loss."""
        loss: Loss = getattr(losses, self.name)(**self.options, **more)
        return loss

    @property
    def function(self) -> Callable[..., Any]:
        """The loss as a function of targets and predictions."""
        fn: Callable[..., Any] = self.make().fn  # type: ignore[attr-defined]  # all public losses wrap functions
        return lambda y_true, y_pred: fn(y_true, y_pred, **{**_required(self.name), **self.options})

    def arguments(self, dtype: str) -> tuple[Array, Array]:
        """Targets and predictions of a dtype."""
        return _of_dtype(self.y_true, dtype), _of_dtype(self.y_pred, dtype)

    @property
    def weights(self) -> Array:
        """A weight for each sample, one of them 0."""
        return np.random.default_rng(5).permutation(np.linspace(0.0, 2.0, len(self.y_pred)))

    def expected(self, y_pred: Array | None = None) -> Array:
        """Losses of the samples, in float64."""
        p = self.y_pred if y_pred is None else y_pred.astype(np.float64)
        t = self.y_true.astype(np.float64)
        if t.ndim == p.ndim + 1 and t.shape[-1] == 1:
            p = p[..., None]
        if t.ndim == p.ndim - 1 and p.shape[-1] == 1:
            t = t[..., None]
        return np.asarray(REFERENCES[self.name](t, p, **self.options), np.float64)

    def __str__(self) -> str:
        options = [name if value is True else f"{name}={value}" for name, value in self.options.items()]
        return "-".join([self.name, *options, *([self.label] if self.label else [])])


def _of_dtype(x: Array, dtype: str) -> Array:
    return x.astype(numpy_dtype(dtype)) if x.dtype == np.float64 else x


def _required(name: str) -> dict[str, Any]:
    # the one default that only the class has
    return {"q": 0.5} if name == "CategoricalGeneralizedCrossEntropy" else {}


def check_value(case: LossCase, backend: Backend) -> None:
    """Losses of the samples are the formula's: of class and function, of tensors, arrays and lists."""
    expected, tolerance = case.expected(), case.tolerance * TOLERANCES["float32"]
    loss = case.make(reduction="none")
    arrays = case.arguments("float32")
    tensors = [backend.to_tensor(x) for x in arrays]
    found = loss(*tensors)
    assert standardize_dtype(found.dtype) == "float32"
    close(to_array(found), expected, tolerance, str(case))
    close(to_array(case.function(*tensors)), expected, tolerance, f"{case}: function")
    close(to_array(loss(*arrays)), expected, tolerance, f"{case}: arrays")
    close(to_array(loss(*(x.tolist() for x in arrays))), expected, tolerance, f"{case}: lists")


def check_reductions(case: LossCase, backend: Backend) -> None:
    """Every reduction, with weights and without, is the formula's."""
    everything: dict[tuple[str | None, bool], Loss] = {
        (reduction, weighted): case.make(reduction=reduction) for reduction in REDUCTIONS for weighted in (False, True)
    }

    def all_at_once(y_true: Any, y_pred: Any, weights: Any) -> Any:
        return [loss(y_true, y_pred, weights if weighted else None) for (_, weighted), loss in everything.items()]

    found = run(backend, all_at_once, *case.arguments("float32"), case.weights.astype("float32"))
    for (reduction, weighted), value in zip(everything, found, strict=True):
        expected = reduced(case.expected(), case.weights if weighted else None, case.counts, reduction)
        close(
            to_array(value), expected, 2 * case.tolerance * TOLERANCES["float32"], f"{case}: {reduction}, {weighted=}"
        )


def check_masks(case: LossCase, backend: Backend) -> None:
    """What a mask of the predictions leaves out does not count, with weights and without."""
    if case.of_batch:
        return  # there are no samples to leave out
    mask = np.arange(len(case.y_pred)) % 3 != 1
    both = mask if case.counts is None else mask.reshape(-1, *(1,) * (case.counts.ndim - 1)) & case.counts
    y_true, y_pred = (backend.to_tensor(x) for x in case.arguments("float32"))
    set_mask(y_pred, backend.to_tensor(mask))
    for reduction in REDUCTIONS:
        for weights in (None, case.weights):
            found = case.make(reduction=reduction)(y_true, y_pred, sample_weight=weights)
            expected = reduced(case.expected(), weights, both, reduction)
            close(to_array(found), expected, 2 * case.tolerance * TOLERANCES["float32"], f"{case}: {reduction}")


def check_order(case: LossCase, backend: Backend) -> None:
    """Samples in another order have the same losses, in that order."""
    order = np.random.default_rng(2).permutation(len(case.y_pred))
    y_true, y_pred = (x[order] for x in case.arguments("float32"))
    found = case.make(reduction="none")(backend.to_tensor(y_true), backend.to_tensor(y_pred))
    expected = case.expected() if case.of_batch else case.expected()[order]
    close(to_array(found), expected, case.tolerance * TOLERANCES["float32"], str(case))


def check_parts(case: LossCase, backend: Backend) -> None:
    """The sum of a batch is that of its parts."""
    if case.compares or case.of_batch:
        return
    loss = case.make(reduction="sum")
    arrays = (*case.arguments("float32"), case.weights.astype("float32"))
    parts = [[x[:2] for x in arrays], [x[2:] for x in arrays]]
    total = sum(to_array(loss(*map(backend.to_tensor, part))).astype(float) for part in parts)
    whole = to_array(loss(*map(backend.to_tensor, arrays)))
    close(total, whole, 2 * case.tolerance * TOLERANCES["float32"], str(case))


def check_gradient(case: LossCase, backend: Backend) -> None:
    """The gradient with respect to predictions, in a random direction, is the central difference of the formula."""
    if not backend.trainable:
        return
    y_true, y_pred = case.arguments("float64")
    direction = np.random.default_rng(zlib.crc32(str(case).encode())).uniform(-1, 1, y_pred.shape)
    with backend.float64_scope():
        loss = case.make(dtype="float64")
        targets, weights = backend.to_tensor(y_true), backend.to_tensor(case.weights)

        def of_predictions(x: Any) -> Any:
            return loss(targets, x, sample_weight=weights)

        found = run(backend, lambda x: value_and_grad(of_predictions)(x)[1], y_pred)
        assert standardize_dtype(found.dtype) == "float64"
        slope = float(np.sum(to_array(found) * direction))
    ends = [case.expected(y_pred + sign * STEP * direction) for sign in (1, -1)]
    sums = [reduced(end, case.weights, case.counts, "sum_over_batch_size") for end in ends]
    expected = float(sums[0] - sums[1]) / (2 * STEP)
    assert abs(slope - expected) <= 2e-6 * case.tolerance * max(1.0, abs(expected)), (
        f"{case}: derivative {slope}, by central difference {expected}"
    )


def check_config(case: LossCase, backend: Backend) -> None:
    """A loss made from its configuration, by way of JSON, is the same; a function is found by its name."""
    loss = case.make(reduction="sum", name="mine")
    config = json.loads(json.dumps(losses.serialize(loss)))
    copy = losses.deserialize(config)
    assert isinstance(copy, Loss)
    assert type(copy) is type(loss)
    assert (copy.name, copy.reduction) == ("mine", "sum")
    assert losses.serialize(copy) == config
    assert copy.__dict__ == loss.__dict__
    fn: Any = loss.fn  # type: ignore[attr-defined]  # all public losses wrap functions
    assert type(losses.get(case.name)) is type(loss)
    names = [losses.get(fn.__name__), losses.deserialize(json.loads(json.dumps(losses.serialize(fn))))]
    assert all(found is fn for found in names)


def check_mixed_precision(case: LossCase, backend: Backend) -> None:
    """Of predictions in 16 bits the class computes in float32, the function near that in 16 bits."""
    for dtype in ("float16", "bfloat16"):
        y_pred = _of_dtype(case.y_pred, dtype)
        y_true = _of_dtype(case.y_true, "float32")
        if not np.all(np.isfinite(expected := case.expected(y_pred))):
            continue  # a probability was rounded to 1
        calls = case.make(reduction="none"), case.function, case.make(dtype=dtype)
        found, of_function, low = run(backend, lambda t, p, calls=calls: [call(t, p) for call in calls], y_true, y_pred)
        assert standardize_dtype(found.dtype) == "float32"
        close(to_array(found), expected, case.tolerance * TOLERANCES["float32"], f"{case}: {dtype}")
        close(to_array(of_function), expected, case.tolerance * TOLERANCES[dtype], f"{case}: {dtype}")
        assert standardize_dtype(low.dtype) == dtype
        assert np.isfinite(float(to_array(low)))


def check_compiled(case: LossCase, backend: Backend) -> None:
    """A compiled step gives the formula's losses, for a batch and for a smaller one."""
    if case.name == "CTC" and backend.name == "torch":
        return  # PyTorch's compiler leaves its kernel as it is
    loss = case.make(reduction="none")
    step = backend.compile_step(lambda t, p: loss(t, p), [], jit=backend.name != "torch")
    for size in (None,) if case.of_batch or case.compares else (None, 2):
        y_true, y_pred = (x[:size] for x in case.arguments("float32"))
        expected = case.expected()
        found = step(backend.to_tensor(y_true), backend.to_tensor(y_pred))
        close(
            to_array(found),
            expected if size is None else expected[:size],
            case.tolerance * TOLERANCES["float32"],
            f"{case}: compiled",
        )


def check_symbolic(case: LossCase, backend: Backend) -> None:
    """Shape and dtype are inferred, with a batch of known and of unknown size."""
    shape = case.expected().shape
    y_true, y_pred = case.arguments("float32")
    for size in (len(y_pred), None):
        specs = [KerasTensor((size, *x.shape[1:]), str(x.dtype)) for x in (y_true, y_pred)]
        expected = shape if case.of_batch else (size, *shape[1:])
        for reduction, wanted in (("none", expected), ("sum_over_batch_size", ())):
            spec = case.make(reduction=reduction)(*specs)
            assert (tuple(spec.shape), spec.dtype) == (wanted, "float32"), f"{case}: {spec}, expected {wanted}"


CHECKS: Final[Mapping[str, Callable[[LossCase, Backend], None]]] = {
    "value": check_value,
    "reductions": check_reductions,
    "masks": check_masks,
    "order": check_order,
    "parts": check_parts,
    "gradient": check_gradient,
    "config": check_config,
    "mixed_precision": check_mixed_precision,
    "compiled": check_compiled,
    "symbolic": check_symbolic,
}
"""The checks by name; each takes a case and the backend, which must be active."""


def to_array(x: Any) -> Array:
    """A tensor as a NumPy array."""
    return np.asarray(ops.convert_to_numpy(x))


def run(backend: Backend, function: Callable[..., Any], *arrays: Array) -> Any:
    """What a function of tensors gives, compiled as a whole where ops alone would each be compiled."""
    call = backend.compile_step(function, [], jit=True) if backend.name == "jax" else function
    return call(*map(backend.to_tensor, arrays))
