"""`fit` from sources that give batches, beside a loop by hand that goes through the same source.

A `PyDataset` on every backend, a PyTorch ``DataLoader`` on PyTorch and a ``tf.data.Dataset`` on TensorFlow; the small
network of `training`. What is above the ratio there is what handing batches from the source to the step costs.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

from tools.bench import by_hand
from tools.bench.by_hand.loop import epoch
from tools.bench.networks import BATCH, NETWORKS, compiled, data
from tools.bench.timing import Row, in_turn, undisturbed

_EXAMPLES: Final = 3200
_NAME: Final = "mlp"
Source = Callable[[Any], Any]
"""Makes a source for a library, or for the loop by hand if that is None."""


def _py_dataset(x: Any, y: Any) -> Source:
    def make(library: Any) -> Any:
        base: Any = object if library is None else library.utils.PyDataset

        class Batches(base):  # type: ignore[misc]  # the base is not known before
            def __len__(self) -> int:
                return len(x) // BATCH

            def __getitem__(self, i: int) -> Any:
                # IndexError ends an iteration by hand
                if i >= len(self):
                    raise IndexError(i)
                return x[i * BATCH : (i + 1) * BATCH], y[i * BATCH : (i + 1) * BATCH]

        return Batches()

    return make


def _data_loader(x: Any, y: Any) -> Source:
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    dataset = TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    return lambda library: DataLoader(dataset, batch_size=BATCH)


def _tf_data(x: Any, y: Any) -> Source:
    import tensorflow as tf

    return lambda library: tf.data.Dataset.from_tensor_slices((x, y)).batch(BATCH).prefetch(2)


_SOURCES: Final = {"PyDataset": _py_dataset, "DataLoader": _data_loader, "tf.data": _tf_data}
_OWN: Final = {"torch": "DataLoader", "tensorflow": "tf.data"}


def measure(backend: str) -> Iterator[Row]:
    """Rows for one backend; Keras must have been told to use the same one. On NumPy Keras does not train."""
    import keras

    import dl

    dl.config.set_backend(backend)
    x, y = data(_NAME, _EXAMPLES)
    weights = NETWORKS[_NAME].build(dl).get_weights()
    for title in ("PyDataset", *([_OWN[backend]] if backend in _OWN else [])):
        source = _SOURCES[title](x, y)
        loop = by_hand.make(backend, _NAME, weights)
        ways: dict[str, Callable[[], object]] = {"bare": partial(epoch, loop, source(None))}
        for library in [dl] if backend == "numpy" else [dl, keras]:
            fit = compiled(_NAME, library, weights).fit
            ways[library.__name__] = partial(fit, source(library), shuffle=False, verbose=0)
        times = in_turn(ways, calls=1, rounds=21, of=undisturbed)
        steps = _EXAMPLES // BATCH
        what = f"{backend}: fit from {title}, {NETWORKS[_NAME].title}, one step"
        yield Row(what, {name: value / steps for name, value in times.items()})


if __name__ == "__main__":
    from tools.bench.report import emit

    emit(measure(sys.argv[1]))
