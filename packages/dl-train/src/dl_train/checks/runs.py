"""Short runs of a training, which leave the model as it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dl_train.trainer.keeping import first_batch, keeping_state, loss_of_step

if TYPE_CHECKING:
    from dl_train.callbacks import Callback
    from dl_train.models.model import Model


def fast_dev_run(
    model: Model,
    x: Any,
    y: Any = None,
    *,
    batch_size: int | None = None,
    validation_data: Any = None,
    callbacks: Iterable[Callback] | None = None,
    sample_weight: Any = None,
    class_weight: Mapping[int, float] | None = None,
    verbose: int | str = 0,
) -> dict[str, float]:
    """Put one batch through training, validation, prediction and callbacks, so that mistakes show at once.

    Model, optimizer, random numbers and callbacks are afterwards as they were. Files that callbacks write stay; of a
    generator two batches are used up.

    Parameters
    ----------
    model : Model
        Compiled.
    x, y, batch_size, validation_data, callbacks, sample_weight, class_weight, verbose
        As for `Model.fit`.

    Returns
    -------
    dict from str to float
        Logs of the epoch that was that batch.

    Raises
    ------
    ValueError
        As `Model.fit`; and whatever model, data and callbacks raise.

    Examples
    --------
    >>> import numpy as np
    >>> from dl_layers.core import Dense, Input
    >>> from dl_train import Sequential
    >>> model = Sequential([Input((2,)), Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> sorted(
    ...     fast_dev_run(model, np.ones((8, 2)), np.ones((8, 1)), validation_data=(np.ones((8, 2)), np.ones((8, 1))))
    ... )
    ['loss', 'val_loss']
    """
    model._check_compiled("fast_dev_run")
    batch = first_batch("fast_dev_run", x, y, batch_size, sample_weight, class_weight)
    listed = list(callbacks or [])
    before = [dict(vars(callback)) for callback in listed]
    with keeping_state(model, batch):
        try:
            history = model.fit(
                x,
                y,
                batch_size=batch_size,
                epochs=1,
                steps_per_epoch=1,
                verbose=verbose,
                callbacks=listed,
                validation_data=validation_data,
                validation_steps=None if validation_data is None else 1,
                class_weight=class_weight,
                sample_weight=sample_weight,
            )
            model.predict_on_batch(batch[0])
        finally:
            for callback, state in zip(listed, before, strict=True):
                vars(callback).clear()
                vars(callback).update(state)
    return {name: values[-1] for name, values in history.history.items()}


@dataclass(frozen=True)
class Overfitting:
    """How training on one batch went.

    Parameters
    ----------
    losses : list of float
        Loss before each step.
    fraction : float
        Of the first loss, to which the last one should have fallen.
    """

    losses: list[float]
    fraction: float

    @property
    def succeeded(self) -> bool:
        """Whether the loss fell as far as it should."""
        return bool(self.losses[-1] <= self.fraction * self.losses[0])

    def __str__(self) -> str:
        first, last = self.losses[0], self.losses[-1]
        fell = f"the loss of one batch went from {first:.4g} to {last:.4g} in {len(self.losses) - 1} steps"
        if self.succeeded:
            return f"✓ {fell}"
        return (
            f"✗ {fell}, and not below {self.fraction:g} of what it was: a model that cannot learn a single batch by "
            "heart has a mistake in it, or its learning rate does not suit it"
        )

    __repr__ = __str__


def overfit_one_batch(
    model: Model,
    x: Any,
    y: Any = None,
    *,
    steps: int = 100,
    batch_size: int | None = None,
    sample_weight: Any = None,
    class_weight: Mapping[int, float] | None = None,
    fraction: float = 0.1,
) -> Overfitting:
    """Train on the same batch again and again: a model that cannot learn it by heart has a mistake in it.

    Model, optimizer and random numbers are afterwards as they were.

    Parameters
    ----------
    model : Model
        Compiled.
    x, y, batch_size, sample_weight, class_weight
        As for `Model.fit`; the first batch is taken.
    steps : int, default 100
    fraction : float, default 0.1
        Of its first value, to which the loss should fall. Penalties of weights and smoothed labels keep it up.

    Returns
    -------
    Overfitting

    Raises
    ------
    ValueError
        If an argument is malformed, there is no data, or the model is not compiled.

    Examples
    --------
    >>> import numpy as np
    >>> from dl_layers.core import Dense, Input
    >>> from dl_train import Sequential
    >>> model = Sequential([Input((2,)), Dense(1)])
    >>> model.compile("adam", "mse")
    >>> model.optimizer.learning_rate = 0.1
    >>> overfit_one_batch(model, np.eye(2), np.array([[1.0], [-1.0]])).succeeded
    True
    """
    model._check_compiled("overfit_one_batch")
    if steps < 1:
        raise ValueError(f"overfit_one_batch(steps={steps}): expected at least 1")
    batch = first_batch("overfit_one_batch", x, y, batch_size, sample_weight, class_weight)
    with keeping_state(model, batch):
        losses = [loss_of_step(model, batch) for _ in range(steps + 1)]
    return Overfitting(losses, fraction)
