"""A progress bar for loops of one's own."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from dl_ops.objects import public
from dl_train.callbacks.display import Display


@public("keras.utils.Progbar")
class Progbar:
    """Progress of a loop, with values: a bar in a terminal or notebook, lines elsewhere.

    Parameters
    ----------
    target : int or None
        Number of steps, if it is known.
    width : int, default 20
        Cells of the bar.
    verbose : {0, 1, 2}, default 1
        Nothing, a bar, or a line at the end.
    interval : float, default 0.05
        Seconds between two drawings, at least.
    stateful_metrics : iterable of str, optional
        Names of values that are shown as they are given; the others are averaged over the steps.
    stateless_metrics : iterable of str, optional
        Names of values that are averaged; the others are shown as they are given.
    unit_name : str, default "step"
        What a step is called.

    Raises
    ------
    ValueError
        If both kinds of names are given, or an argument is malformed.

    Examples
    --------
    >>> bar = Progbar(2, verbose=2)
    >>> bar.update(1, [("loss", 1.0)])
    >>> bar.update(2, [("loss", 0.5)])  # doctest: +ELLIPSIS
    2/2 - 0s - ...s/step - loss: 0.7500
    """

    def __init__(
        self,
        target: int | None,
        width: int = 20,
        verbose: int = 1,
        interval: float = 0.05,
        stateful_metrics: Iterable[str] | None = None,
        stateless_metrics: Iterable[str] | None = None,
        unit_name: str = "step",
    ) -> None:
        if stateful_metrics and stateless_metrics:
            raise ValueError("Progbar(): give stateful_metrics or stateless_metrics, not both")
        if target is not None and target < 0:
            raise ValueError(f"Progbar(target={target!r}): expected a number of steps, or None")
        if verbose not in (0, 1, 2):
            raise ValueError(f"Progbar(verbose={verbose!r}): expected 0, 1 or 2")
        self.target, self.width, self.verbose, self.interval, self.unit_name = (
            target, width, verbose, interval, unit_name,
        )  # fmt: skip
        self.stateful_metrics = None if stateless_metrics is not None else set(stateful_metrics or ())
        self.stateless_metrics = None if stateless_metrics is None else set(stateless_metrics)
        self._seen_so_far = 0
        self._values: dict[str, tuple[float, int]] = {}
        self._display: Display | None = None
        self._due = 0.0

    def update(self, current: int, values: Iterable[Sequence[Any]] | None = None, finalize: bool | None = None) -> None:
        """Show a number of steps.

        Parameters
        ----------
        current : int
            Number of steps done.
        values : iterable of (str, float), optional
            Names and values of the last step.
        finalize : bool, optional
            Whether this is the end; by default when `current` reaches the target.
        """
        if finalize is None:
            finalize = bool(self.target) and current >= int(self.target or 0)
        steps = max(current - self._seen_so_far, 1)
        for name, value in values or ():
            total, count = self._values.get(name, (0.0, 0))
            self._values[name] = (total + value * steps, count + steps) if self._is_averaged(name) else (value, 1)
        first = not self._seen_so_far
        self._seen_so_far = current
        if not self.verbose:
            return
        if self._display is None:
            self._display = Display(self.target, self.verbose, self.width, self.unit_name, live=False)
            self._due = 0.0 if self._display.moves else time.perf_counter() + self._display.interval
        if first and current:
            self._display.begin(current)
        if finalize:
            self._display.finish(current, self._means())
            self._display = None
        elif time.perf_counter() >= self._due:
            self._display.show(current, self._means())
            self._due = time.perf_counter() + (self.interval if self._display.moves else self._display.interval)

    def add(self, n: int, values: Iterable[Sequence[Any]] | None = None) -> None:
        """Show `n` steps more; see `update`."""
        self.update(self._seen_so_far + n, values)

    def _is_averaged(self, name: str) -> bool:
        if self.stateless_metrics is not None:
            return name in self.stateless_metrics
        return name not in (self.stateful_metrics or ())

    def _means(self) -> dict[str, Any]:
        return {name: total / count if count > 1 else total for name, (total, count) in self._values.items()}
