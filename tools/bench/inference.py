"""`predict` and the call of a small network, beside the framework's own call.

"Bare" is a function compiled by the framework where it compiles, also beside `model(x)` on JAX and OpenVINO; on
TensorFlow ops are called one by one there, as the model calls them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from tools.bench import by_hand
from tools.bench.by_hand.loop import predictions
from tools.bench.networks import BATCH, NETWORKS, compiled, data
from tools.bench.timing import Row, in_turn, undisturbed

_MANY: Final = 10_000
_NAME: Final = "mlp"


class _Subject(NamedTuple):
    """A row, and how its ways are timed."""

    what: str
    ways: dict[str, Callable[[], Any]]
    calls: int
    rounds: int
    bound: str


def measure(backend: str) -> Iterator[Row]:
    """Rows for one backend; Keras must have been told to use the same one, NumPy for OpenVINO."""
    import keras

    import dl

    dl.config.set_backend(backend)
    x, _ = data(_NAME, _MANY)
    weights = [np.asarray(w) for w in NETWORKS[_NAME].build(dl).get_weights()]
    models = {library.__name__: compiled(_NAME, library, weights) for library in (dl, keras)}
    loop = by_hand.make(backend, _NAME, weights)
    title = NETWORKS[_NAME].title

    one = x[:1]
    subjects = [
        _Subject(
            f"model(x), one row, {title}",
            {
                "bare": partial(loop.call, loop.tensor(one)),
                "dl": partial(models["dl"], dl.ops.convert_to_tensor(one)),
                "keras": partial(models["keras"], keras.ops.convert_to_tensor(one)),
            },
            calls=30,
            rounds=41,
            bound="3",
        ),
        _Subject(
            f"predict, one row, {title}",
            {
                "bare": partial(loop.predict, one),
                **{name: partial(model.predict, one, verbose=0) for name, model in models.items()},
            },
            calls=3,  # on TensorFlow Keras takes a tenth of a second for one
            rounds=41,
            bound="3",
        ),
        _Subject(
            f"predict, {_MANY:,} rows, {title}",
            {
                "bare": partial(predictions, loop, x, BATCH),
                **{name: partial(model.predict, x, verbose=0) for name, model in models.items()},
            },
            calls=1,
            rounds=15,
            bound="1.10",
        ),
    ]
    for subject in subjects:
        results = {name: _array(way()) for name, way in subject.ways.items()}
        for name, result in results.items():
            what = f"{backend}: {name}, {subject.what}"
            np.testing.assert_allclose(result, results["bare"], 1e-3, 1e-4, err_msg=what)
        times = in_turn(subject.ways, calls=subject.calls, rounds=subject.rounds, of=undisturbed)
        yield Row(f"{backend}: {subject.what}", times, subject.bound)


def _array(x: Any) -> Any:
    return np.asarray(x.detach() if hasattr(x, "detach") else x)


if __name__ == "__main__":
    from tools.bench.report import emit

    emit(measure(sys.argv[1]))
