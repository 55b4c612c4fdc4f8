"""``dl quickstart``: the whole way from data to a model that is saved and loaded again."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

import dl
from dl.cli.errors import CommandError
from dl_ops.backend import Backend, get_backend

EXPECTED_ACCURACY: Final = 0.97
"""On the held-out images; less means that something is wrong."""

_EXTRAS: Final = {"jax": "jax", "torch": "torch", "tensorflow": "tf"}
"""What to install `dl` with for a backend that trains and does not come with it."""

_NEXT = """
What to do next:
  dl info                          what is installed, and which backend is active
  dl quickstart --backend {other:<8} the same on another backend; pip install "dl[{extra}]" brings it
  {keep}
and in Python:
  import dl
  model = dl.models.load_model({path!r})
  dl.config.set_backend({other!r})     # what is built from then on runs there
"""


def quickstart(backend_name: str, directory: str | None) -> int:
    """Train, evaluate, save, reload, compare.

    Parameters
    ----------
    backend_name : str
    directory : str or None
        Where the model file stays; ``None`` for a temporary one.

    Returns
    -------
    int
        0; whatever goes wrong is a `CommandError`.
    """
    backend = _backend(backend_name)
    with dl.backend_scope(backend), _folder(directory) as folder:
        dl.utils.set_random_seed(1)
        (x_train, y_train), (x_test, y_test) = digits()
        model = digits_model()
        print(
            f"Training {model.count_params():,} parameters on {len(x_train):,} images of handwritten digits, "
            f"with {backend.name} {backend.version}"
        )
        began = time.perf_counter()
        model.fit(x_train, y_train, epochs=12, batch_size=32)
        seconds = time.perf_counter() - began
        _, accuracy = model.evaluate(x_test, y_test, batch_size=len(x_test), verbose=0)
        print(f"\nTrained in {seconds:.1f} s; {accuracy:.1%} of {len(x_test)} images never seen are recognized")
        if accuracy < EXPECTED_ACCURACY:
            raise CommandError(f"expected at least {EXPECTED_ACCURACY:.0%}: something is wrong with this installation")
        path = folder / "digits.keras"
        model.save(path)
        if not np.array_equal(predictions(dl.models.load_model(path), x_test), predictions(model, x_test)):
            raise CommandError(f"the model reloaded from {path} predicts otherwise")
        print(f"Saved to {path} and loaded again: the predictions are the very same")
    _tell_what_is_next(backend.name, path, kept=directory is not None)
    return 0


def digits() -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Images of shape (n, 8, 8, 1) from 0 to 16 and labels, to train on and held out."""
    (x_train, y_train), (x_test, y_test) = dl.datasets.digits.load_data()
    return (_images(x_train), y_train), (_images(x_test), y_test)


def _images(pixels: Any) -> Any:
    return pixels[..., np.newaxis].astype("float32")


def digits_model() -> dl.Model:
    """Compile a small convolutional network for the digits."""
    layers = dl.layers
    model = dl.Sequential(
        [
            dl.Input((8, 8, 1)),
            layers.Rescaling(1 / 16),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(10, activation="softmax"),
        ],
        name="digits",
    )
    rate = dl.optimizers.schedules.ExponentialDecay(5e-3, decay_steps=45, decay_rate=0.85)
    model.compile(
        optimizer=dl.optimizers.Adam(learning_rate=rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def predictions(model: dl.Model, images: Any) -> Any:
    """Probabilities of the ten digits, as an array."""
    return model.predict(images, verbose=0)


def _backend(name: str) -> Backend:
    try:
        backend = get_backend(name)
    except ValueError as error:
        if name in _EXTRAS:
            raise CommandError(f'backend {name!r} is not installed: pip install "dl[{_EXTRAS[name]}]"') from error
        raise CommandError(f"there is no backend {name!r}: choose numpy, {', '.join(_EXTRAS)}") from error
    except ImportError as error:
        raise CommandError(str(error)) from error
    if not backend.trainable:
        raise CommandError(
            f"backend {name!r} computes no gradients: train on another one, and load the model on this one to predict"
        )
    return backend


@contextmanager
def _folder(directory: str | None) -> Iterator[Path]:
    if directory is None:
        with tempfile.TemporaryDirectory(prefix="dl-") as temporary:
            yield Path(temporary)
        return
    folder = Path(directory)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"--directory {directory}: {error.strerror or error}") from error
    yield folder


def _tell_what_is_next(backend: str, path: Path, *, kept: bool) -> None:
    other = "torch" if backend == "jax" else "jax"
    keep = f"ls {path.parent}" if kept else "dl quickstart --directory .      keep the model file"
    print(_NEXT.format(other=other, extra=_EXTRAS[other], keep=keep, path=str(path) if kept else "digits.keras"))
