"""`fit` and `train_on_batch` on four networks, beside loops written by hand that do the same work.

Adam, sparse categorical cross-entropy from logits, accuracy; batches of 32, shuffled every epoch. The loop by hand
shuffles, slices, computes loss, gradients, the update and the accuracy, and looks at loss and accuracy once an epoch,
as `fit` does. Before anything is timed, all train for an epoch from the same weights, in the same order, and must
come to the same loss.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from tools.bench import by_hand
from tools.bench.by_hand.loop import Loop, batches, epoch, epoch_in_groups
from tools.bench.networks import BATCH, NETWORKS, compiled, data
from tools.bench.timing import Row, in_turn, undisturbed

AT_ONCE: Final = 32
"""Steps in one call, where there are several."""

_SMALL: Final = {"numpy": "3", "jax": "1.05", "torch": "1.2", "tensorflow": "1.05"}


class Size(NamedTuple):
    """How much of the same work is timed at a time, and how often."""

    examples: int
    epochs: int = 1
    rounds: int = 15

    @property
    def steps(self) -> int:
        """Number of batches of one timing."""
        return self.examples // BATCH * self.epochs


_SIZES: Final[Mapping[str, Size]] = {
    "mlp": Size(3200, epochs=3, rounds=31),
    "convolutional": Size(384),
    "transformer": Size(384),
    "recurrent": Size(384),
}
_BOUNDS: Final = {"convolutional": "1.03", "transformer": "1.03", "recurrent": "1.10"}


def measure(backend: str, names: Sequence[str] = ()) -> Iterator[Row]:
    """Rows for one backend; Keras must have been told to use the same one. On NumPy Keras does not train."""
    import keras

    import dl

    dl.config.set_backend(backend)
    libraries = [dl] if backend == "numpy" else [dl, keras]
    for name in names or _SIZES:
        bench = _Bench(backend, libraries, name)
        if name == "mlp":
            yield from bench.small()
        else:
            yield bench.fit(_BOUNDS[name])


class _Bench:
    """Rows of one network on one backend."""

    def __init__(self, backend: str, libraries: Sequence[Any], name: str) -> None:
        self.backend, self.libraries, self.name, self.size = backend, libraries, name, _SIZES[name]
        self.x, self.y = data(name, self.size.examples)
        self.weights = NETWORKS[name].build(libraries[0]).get_weights()

    def small(self) -> Iterator[Row]:
        """Rows of a network so small that Python's share of a step counts."""
        yield self.fit(_SMALL[self.backend])
        yield self.single()
        if self.backend in ("jax", "tensorflow"):
            bounds = {"jax": "0.43", "tensorflow": "0.2"}
            one, many = partial(self._by_hand, self.loop()), partial(self._by_hand, self.loop(), at_once=AT_ONCE)
            times = self._times({"bare": one, "many": many}, steps_per_execution=AT_ONCE)
            as_many = {**times, "bare": times.pop("many")}
            yield self.row(f"fit, {AT_ONCE} steps a call, beside one a call", times, bounds[self.backend])
            yield self.row(f"fit, {AT_ONCE} steps a call, beside as many", as_many, "")
        if self.backend == "torch":
            times = self._times({"bare": partial(self._by_hand, self.loop())}, jit_compile=True)
            yield self.row("fit, jit_compile, beside the eager loop", times, "0.4")

    def fit(self, bound: str) -> Row:
        """The row of `fit` with one step a call."""
        times = self._times({"bare": partial(self._by_hand, self.loop())})
        return self.row("fit", times, bound)

    def single(self) -> Row:
        """The row of `train_on_batch`, which gives loss and accuracy after every step."""
        loop = self.loop()
        x, y = self.x[:BATCH], self.y[:BATCH]

        def step() -> object:
            loop.step(x, y)
            return loop.numbers()

        loop.reset()
        ways: dict[str, Callable[[], object]] = {"bare": step}
        for library in self.libraries:
            model = compiled(self.name, library, self.weights)
            ways[_way(library)] = partial(model.train_on_batch, x, y)
        return self.row("train_on_batch", in_turn(ways, calls=30, rounds=41, of=undisturbed), "1.5")

    def row(self, what: str, times: dict[str, float], bound: str) -> Row:
        """A row of microseconds a step."""
        return Row(f"{self.backend}: {what}, {NETWORKS[self.name].title}", times, bound)

    def loop(self) -> Loop:
        """A loop by hand, which has yet to train."""
        return by_hand.make(self.backend, self.name, self.weights)

    def _by_hand(self, loop: Loop, epochs: int, *, at_once: int = 1, shuffle: bool = True) -> float:
        loss = 0.0
        for _ in range(epochs):
            given = batches(self.x, self.y, BATCH, shuffle=shuffle)
            loss, _ = epoch(loop, given) if at_once == 1 else epoch_in_groups(loop, given, at_once)
        return loss

    def _times(self, bare: Mapping[str, Callable[..., float]], **options: Any) -> dict[str, float]:
        """Microseconds a step of each way; options are of `compile`."""
        ways = dict(bare)
        for library in self.libraries:
            ways[_way(library)] = partial(self._fit, compiled(self.name, library, self.weights, **options))
        losses = {name: way(1, shuffle=False) for name, way in ways.items()}
        if not np.allclose(list(losses.values()), losses["bare"], rtol=1e-3):
            raise AssertionError(f"{self.backend}, {self.name}, {options}: not the same training, {losses}")
        timed = {name: partial(way, self.size.epochs) for name, way in ways.items()}
        times = in_turn(timed, calls=1, rounds=self.size.rounds, of=undisturbed)
        return {name: value / self.size.steps for name, value in times.items()}

    def _fit(self, model: Any, epochs: int, *, shuffle: bool = True) -> float:
        result = model.fit(self.x, self.y, batch_size=BATCH, epochs=epochs, shuffle=shuffle, verbose=0)
        return float(result.history["loss"][-1])


def _way(library: Any) -> str:
    return str(library.__name__)


if __name__ == "__main__":
    from tools.bench.report import emit

    emit(measure(sys.argv[1], sys.argv[2:]))
