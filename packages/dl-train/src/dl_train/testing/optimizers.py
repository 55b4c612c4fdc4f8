"""The conformance kit of optimizers: what each does in 50 steps, by its formula in a plain loop, and what all must do.

`cases` are put to `CHECKS` on every backend, and to Keras's optimizers too::

    @pytest.mark.parametrize("case", cases(), ids=str)
    @pytest.mark.parametrize("check", CHECKS)
    def test_conformance(check, case, trainable_backend):
        CHECKS[check](case, trainable_backend)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import numpy as np

from dl_layers.testing import Recipe
from dl_ops import ops
from dl_ops.backend import Backend
from dl_ops.dtypes import numpy_dtype
from dl_ops.scopes import name_scope
from dl_ops.typing import Array
from dl_ops.variable import Variable
from dl_train import optimizers
from dl_train.testing.optimizer_rules import make_rule

STEPS: Final = 50
RATE: Final = 0.05
PATHS: Final[Mapping[str, tuple[int, ...]]] = {
    "dense/kernel": (4, 3),
    "dense/bias": (3,),
    "dense/scale": (),
    "attention/kernel": (2, 3, 4),
    "embedding/embeddings": (5, 2),
    "head/kernel": (3, 5),
}
"""Variables that are trained, by their paths."""

_NEVER_RULED: Final = {
    "learning_rate", "weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema", "ema_momentum",
    "ema_overwrite_frequency", "loss_scale_factor", "gradient_accumulation_steps",
}  # fmt: skip
"""Options that are no part of an optimizer's formula."""


@dataclass(frozen=True, eq=False)
class OptimizerCase:
    """An optimizer with its options.

    Parameters
    ----------
    name : str
        Of the class in Keras's namespace; its formula is in `optimizer_rules`.
    options : mapping
        Arguments; the learning rate is `RATE` by default, and may be a `Recipe` of a schedule.
    schedule : callable, optional
        The schedule's formula: the learning rate from the number of calls before.
    undecayed : sequence of str
        Regular expressions for `exclude_from_weight_decay`.
    tolerance : float
        Factor on what is allowed.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    schedule: Callable[[int], float] | None = None
    undecayed: Sequence[str] = ()
    tolerance: float = 1.0

    def __str__(self) -> str:
        options = [f"{name}={value!r}" for name, value in self.options.items()]
        return f"{self.name}({', '.join([*options, *(f'undecayed={name}' for name in self.undecayed)])})"

    def make(self, namespace: Any = optimizers) -> Any:
        """Make the optimizer that a namespace with Keras's names has under this one."""
        options = {"learning_rate": RATE, "name": "optimizer", **self.options}
        if isinstance(options["learning_rate"], Recipe):
            options["learning_rate"] = options["learning_rate"].make(namespace.schedules)
        optimizer = getattr(namespace, self.name)(**options)
        if self.undecayed:
            optimizer.exclude_from_weight_decay(var_names=list(self.undecayed))
        return optimizer

    def expected(self, steps: int = STEPS, dtype: str = "float64") -> list[Array]:
        """Values of the variables after so many calls, by the formula.

        In another dtype than float64, the variables and all state that has their shapes are rounded to it after each
        update.
        """
        options = {"weight_decay": 0.004 if self.name in ("AdamW", "Muon") else None, **self.options}
        rule = make_rule(self.name, {k: v for k, v in options.items() if k not in _NEVER_RULED})
        every = options.get("gradient_accumulation_steps") or 1
        kept = numpy_dtype(dtype)
        names = list(PATHS)
        values = [x.astype(kept).astype("float64") for x in start()]
        states: list[dict[str, Any]] = [{"value": x} for x in values]
        averages = values
        sums = [np.zeros(x.shape) for x in values]
        for call in range(steps):
            given = [g.astype(kept).astype("float64") for g in gradients(call)]
            sums = [total + g / (options.get("loss_scale_factor") or 1.0) for total, g in zip(sums, given, strict=True)]
            count = call // every
            if (call + 1) % every == 0:
                rate = self.schedule(call) if self.schedule else options.get("learning_rate", RATE)
                clipped = _clipped([total / every for total in sums], options)
                for i, (name, x, g, state) in enumerate(zip(names, values, clipped, states, strict=True)):
                    x = self._decayed(name, x, rate, options)
                    x = rule(x, g, state, count + 1, rate, name)
                    values[i] = x.astype(kept).astype("float64")
                    if kept != np.float64:
                        for key, value in state.items():
                            if np.shape(value) == x.shape:
                                state[key] = np.asarray(value).astype(kept).astype("float64")
                sums = [np.zeros(x.shape) for x in values]
            if options.get("use_ema"):
                share = 0.0 if count == 0 else options.get("ema_momentum", 0.99)
                averages = [share * a + (1 - share) * x for a, x in zip(averages, values, strict=True)]
                frequency = options.get("ema_overwrite_frequency")
                if frequency and (count + 1) % frequency == 0:
                    values = list(averages)
        return values

    def _decayed(self, name: str, x: Array, rate: float, options: Mapping[str, Any]) -> Array:
        decay = options["weight_decay"]
        if self.name == "Muon" and not is_matrix(name, x, options.get("exclude_layers", ())):
            decay = options.get("adam_weight_decay", 0.004)
        excluded = any(part in name.split("/")[-1] for part in self.undecayed)
        return x if not decay or excluded else x * (1 - decay * rate)


def is_matrix(name: str, x: Array, excluded: Sequence[str]) -> bool:
    """Whether Muon orthogonalizes the steps of a variable."""
    return x.ndim == 2 and "embedding" not in name and not any(part in name for part in excluded)


def _clipped(grads: Sequence[Array], options: Mapping[str, Any]) -> list[Array]:
    def limited(g: Array, norm: float, limit: float) -> Array:
        return g * (limit / norm if norm > limit else 1.0)

    if limit := options.get("clipnorm"):
        return [limited(g, float(np.sqrt(np.sum(g * g))), limit) for g in grads]
    if limit := options.get("global_clipnorm"):
        norm = math.sqrt(sum(float(np.sum(g * g)) for g in grads))
        return [limited(g, norm, limit) for g in grads]
    if limit := options.get("clipvalue"):
        return [np.clip(g, -limit, limit) for g in grads]
    return list(grads)


@cache
def _drawn(seed: int) -> list[Array]:
    generator = np.random.default_rng(seed)
    return [generator.normal(size=shape).astype("float32") for shape in PATHS.values()]


def start() -> list[Array]:
    """Values of the variables at first."""
    return _drawn(0)


def gradients(call: int) -> list[Array]:
    """Gradients of a call, which do not depend on the variables."""
    return _drawn(1 + call)


def variables(dtype: str = "float32", values: Sequence[Array] | None = None, variable: Any = Variable) -> list[Any]:
    """Variables to be trained."""
    made = []
    for path, value in zip(PATHS, start() if values is None else values, strict=True):
        scope, _, name = path.partition("/")
        with name_scope(scope):
            made.append(variable(value, dtype=dtype, name=name))
    return made


def train(
    optimizer: Any, trained: Sequence[Variable], calls: range, *, compiled: Backend | None = None, jit: bool = True
) -> None:
    """Apply gradients, in a step that a backend compiles or one op after another."""
    optimizer.build(trained)
    dtype = trained[0].dtype

    def step(*grads: Any) -> Any:
        optimizer.apply([ops.cast(g, dtype) for g in grads], trained)

    if compiled is not None:
        step = compiled.compile_step(step, [*trained, *optimizer.variables], jit=jit)
    for call in calls:
        step(*[ops.convert_to_tensor(g) for g in gradients(call)] if compiled is None else gradients(call))


def assert_close(found: Sequence[Any], expected: Sequence[Any], tolerance: float) -> None:
    """Compare lists of arrays."""
    for x, y in zip(found, expected, strict=True):
        x, y = (np.asarray(v, dtype="float64") for v in (x, y))
        np.testing.assert_allclose(x, y, rtol=tolerance, atol=tolerance)


def _values(trained: Sequence[Variable]) -> list[Array]:
    return [v.numpy().astype("float64") for v in trained]


def check_formula(case: OptimizerCase, backend: Backend) -> None:
    """Fifty steps, compiled as in `fit`, are those of the formula in float64."""
    trained = variables()
    train(case.make(), trained, range(STEPS), compiled=backend, jit=backend.name in ("jax", "tensorflow"))
    assert_close(_values(trained), case.expected(), 1e-5 * case.tolerance)


def check_compiled(case: OptimizerCase, backend: Backend) -> None:
    """So are a few that are compiled as far as the backend can."""
    trained = variables()
    train(case.make(), trained, range(5), compiled=backend)
    assert_close(_values(trained), case.expected(5), 1e-5 * case.tolerance)


def check_eager(case: OptimizerCase, backend: Backend) -> None:
    """So are a few that are not compiled."""
    trained = variables()
    train(case.make(), trained, range(5))
    assert_close(_values(trained), case.expected(5), 1e-5 * case.tolerance)


def check_stateless(case: OptimizerCase, backend: Backend) -> None:
    """`stateless_apply` gives what `apply` assigns, and assigns nothing."""
    trained, copies, optimizer, pure = variables(), variables(), case.make(), case.make()
    train(optimizer, trained, range(2))
    pure.build(copies)
    before = _values([*copies, *pure.variables])
    values, state = [v.value for v in copies], [v.value for v in pure.variables]
    for call in range(2):
        values, state = pure.stateless_apply(state, [ops.convert_to_tensor(g) for g in gradients(call)], values)
    found = [ops.convert_to_numpy(x) for x in (*values, *state)]
    assert_close(found, _values([*trained, *optimizer.variables]), 1e-6)
    assert_close(_values([*copies, *pure.variables]), before, 0.0)


def check_resumed(case: OptimizerCase, backend: Backend) -> None:
    """With the state that was saved, training goes on as if it had not stopped."""
    trained, optimizer = variables(), case.make()
    train(optimizer, trained, range(3))
    store: dict[str, Array] = {}
    optimizer.save_own_variables(store)
    copies = variables(values=[v.numpy() for v in trained])
    resumed = optimizers.deserialize(optimizers.serialize(optimizer))
    if case.undecayed:
        resumed.exclude_from_weight_decay(var_names=list(case.undecayed))
    resumed.build(copies)
    resumed.load_own_variables(store)
    train(resumed, copies, range(3, 5))
    train(optimizer, trained, range(3, 5))
    assert_close(_values([*copies, *resumed.variables]), _values([*trained, *optimizer.variables]), 0.0)


def check_half(case: OptimizerCase, backend: Backend) -> None:
    """Variables of 16 bits are updated in more, and keep their dtype."""
    for dtype, tolerance in (("bfloat16", 2e-2), ("float16", 3e-3)):
        trained = variables(dtype)
        train(case.make(), trained, range(5))
        assert {v.dtype for v in trained} == {dtype}
        assert_close(_values(trained), case.expected(5, dtype), tolerance * case.tolerance)


def check_config(case: OptimizerCase, backend: Backend) -> None:
    """A configuration gives an optimizer of the same configuration."""
    config = optimizers.serialize(case.make())
    assert (config["module"], config["class_name"]) == ("keras.optimizers", case.name)
    again = optimizers.deserialize(config)
    assert type(again).__name__ == case.name
    assert optimizers.serialize(again) == config
    assert case.options.keys() - {"learning_rate"} <= config["config"].keys()


CHECKS: Final[Mapping[str, Callable[[OptimizerCase, Backend], None]]] = {
    "formula": check_formula,
    "eager": check_eager,
    "compiled": check_compiled,
    "stateless": check_stateless,
    "resumed": check_resumed,
    "half": check_half,
    "config": check_config,
}
