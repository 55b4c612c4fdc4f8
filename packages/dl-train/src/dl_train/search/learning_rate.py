"""The search for a learning rate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dl_ops.backend import backend_scope
from dl_ops.variable import Variable
from dl_train.data import EpochIterator, make_adapter
from dl_train.trainer.keeping import keeping_state, loss_of_step

if TYPE_CHECKING:
    from dl_train.models.model import Model

_REACH: Final = 5
"""Steps before and after one over which its loss is averaged, less the further away they are."""

_DIVERGED: Final = 4.0
"""Times the least mean of some losses, at which the search ends."""

_FEWEST: Final = 8
"""Steps without which nothing can be said."""


@dataclass(frozen=True)
class LearningRates:
    """Losses at rising learning rates.

    Parameters
    ----------
    rates : list of float
    losses : list of float
        Of the batch that was trained with each rate, before that step.
    """

    rates: list[float]
    losses: list[float]

    @property
    def smoothed(self) -> list[float]:
        """Losses, averaged with those of the steps before and after."""
        window = np.hanning(2 * _REACH + 3)[1:-1]
        count = len(self.losses)
        sums = np.convolve(self.losses, window, "full")[_REACH : _REACH + count]
        weights = np.convolve(np.ones(count), window, "full")[_REACH : _REACH + count]
        return [float(value) for value in sums / weights]

    @property
    def suggestion(self) -> float | None:
        """Rate at which the smoothed loss falls fastest; ``None`` if it does not fall."""
        smoothed = np.array(self.smoothed)
        if len(smoothed) < _FEWEST:
            return None
        least = int(np.argmin(smoothed))
        if least < 2:
            return None
        slopes = np.gradient(smoothed[: least + 1], np.log(self.rates[: least + 1]))
        steepest = int(np.argmin(slopes))
        return self.rates[steepest] if slopes[steepest] < 0 else None

    def __str__(self) -> str:
        tried = f"{len(self.rates)} rates from {self.rates[0]:.3g} to {self.rates[-1]:.3g}"
        if self.suggestion is None:
            return f"{tried}: the loss falls with none"
        return f"{tried}: the loss falls fastest at {self.suggestion:.3g}"

    __repr__ = __str__

    def plot(self) -> Any:
        """Draw the losses over the rates, and the suggestion.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ImportError
            If matplotlib is not installed: the extra ``plot`` brings it.
        """
        from dl_train.callbacks.history_plot import new_figure, quiet

        figure = new_figure((6.0, 4.0), "LearningRates.plot()")
        diagram = figure.subplots()
        diagram.plot(self.rates, self.losses, color="#bbccdd", linewidth=1.0, label="of each batch")
        diagram.plot(self.rates, self.smoothed, color="#3b6fb6", linewidth=1.8, label="smoothed")
        if self.suggestion is not None:
            at = self.rates.index(self.suggestion)
            diagram.plot([self.suggestion], [self.smoothed[at]], "o", color="#e07b39", label=f"{self.suggestion:.2g}")
        diagram.set_xscale("log")
        finite = [loss for loss in self.smoothed if math.isfinite(loss)]
        if finite:
            # the end, where it diverges, would press the rest flat
            low, high = min(finite), max(finite[0], finite[len(finite) // 2])
            diagram.set_ylim(low - 0.1 * (high - low), high + 0.3 * (high - low) or None)
        diagram.set_xlabel("learning rate")
        diagram.set_title("loss", fontsize=11, loc="left")
        diagram.legend(frameon=False, fontsize=9)
        quiet(diagram)
        return figure


def find_learning_rate(
    model: Model,
    x: Any,
    y: Any = None,
    *,
    lowest: float = 1e-7,
    highest: float = 10.0,
    steps: int = 100,
    batch_size: int | None = None,
    sample_weight: Any = None,
    class_weight: Mapping[int, float] | None = None,
) -> LearningRates:
    """Train for some steps with a rate that rises from one to the next, and see where the loss falls fastest.

    It ends early when the loss diverges. Model, optimizer and random numbers are afterwards as they were; a schedule of
    the rate is put back, too.

    Parameters
    ----------
    model : Model
        Compiled.
    x, y, batch_size, sample_weight, class_weight
        As for `Model.fit`.
    lowest, highest : float, default 1e-7 and 10.0
        The rates rise from one to the other, each by the same factor.
    steps : int, default 100

    Returns
    -------
    LearningRates
        Its ``suggestion`` is a rate to begin with, ``plot()`` draws what it comes from.

    Raises
    ------
    ValueError
        If an argument is malformed, there is no data, or the model is not compiled with an optimizer.

    References
    ----------
    Smith, "Cyclical Learning Rates for Training Neural Networks", arXiv:1506.01186, section 3.3.

    Examples
    --------
    >>> import numpy as np
    >>> from dl_layers.core import Dense, Input
    >>> from dl_train import Sequential
    >>> model = Sequential([Input((2,)), Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> x = np.random.default_rng(0).standard_normal((64, 2))
    >>> found = find_learning_rate(model, x, x.sum(1))
    >>> 1e-4 < found.suggestion < 1
    True
    """
    model._check_compiled("find_learning_rate")
    if not 0 < lowest < highest < math.inf:
        raise ValueError(f"find_learning_rate(lowest={lowest}, highest={highest}): expected 0 < lowest < highest")
    if steps < _FEWEST:
        raise ValueError(f"find_learning_rate(steps={steps}): expected at least {_FEWEST}")
    if model.optimizer is None:
        raise ValueError("find_learning_rate(): compile the model with an optimizer")
    adapter = make_adapter(x, y, sample_weight, batch_size, shuffle=True, class_weight=class_weight)
    data = EpochIterator(adapter, steps=steps)
    first = adapter.peek()
    if first is None:
        raise ValueError("find_learning_rate(): there is no data: not a single batch")
    rates: list[float] = []
    losses: list[float] = []
    recent: list[float] = []
    with keeping_state(model, first), _settable_rate(model) as rate:
        for step, batch in enumerate(data.epoch()):
            rates.append(lowest * (highest / lowest) ** (step / (steps - 1)))
            rate.assign(rates[-1])
            losses.append(loss_of_step(model, batch))
            if not math.isfinite(losses[-1]):
                rates.pop()
                losses.pop()
                break
            recent.append(float(np.mean(losses[-_REACH:])))
            if recent[-1] > _DIVERGED * min(recent):
                break
    return LearningRates(rates, losses)


@contextmanager
def _settable_rate(model: Model) -> Iterator[Variable]:
    """The optimizer's learning rate as a variable, in the place of a schedule."""
    optimizer = model.optimizer
    while hasattr(optimizer, "inner_optimizer"):
        optimizer = optimizer.inner_optimizer
    if isinstance(optimizer.learning_rate, Variable):
        yield optimizer.learning_rate
        return
    schedule = optimizer._learning_rate
    try:
        with backend_scope(model._own_backend()):
            variable = Variable(0.0, dtype="float32", trainable=False, name="learning_rate")
        optimizer.learning_rate = variable
        model._forget_functions()
        yield variable
    finally:
        optimizer.learning_rate = schedule
        model._forget_functions()
