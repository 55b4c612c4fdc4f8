"""Standardisation by the statistics of a data set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any, Unpack

import numpy as np

from dl_layers.layer import LayerOptions
from dl_layers.layer.validation import axes, known_size
from dl_ops import config, ops
from dl_ops.backend import current_backend
from dl_ops.objects import public
from dl_ops.rules import standardize_axes
from dl_ops.typing import Array, Shape, Tensor
from dl_ops.variable import Variable
from dl_preprocess.layers.data_layer import DataLayer


class _Moments:
    """Mean and variance over batches, by the parallel form of Welford's algorithm.

    References
    ----------
    Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances" (1979).
    """

    def __init__(self, kept: tuple[int, ...]) -> None:
        self.kept = kept
        self.count = 0
        self.mean: Any = 0.0
        self.squares: Any = 0.0

    def add(self, batch: Array) -> None:
        """Take in one batch."""
        reduced = tuple(axis for axis in range(batch.ndim) if axis not in self.kept)
        values = batch.astype(np.float64)
        count = int(np.prod([batch.shape[axis] for axis in reduced]))
        mean = values.mean(axis=reduced)
        difference = mean - self.mean
        total = self.count + count
        self.squares = self.squares + values.var(axis=reduced) * count + difference**2 * self.count * count / total
        self.mean = self.mean + difference * count / total
        self.count = total


@public("keras.layers.Normalization")
class Normalization(DataLayer):
    """Shift and scale to mean 0 and variance 1: ``(inputs - mean) / sqrt(variance)``.

    Mean and variance are given, or learned from data by `adapt`.

    Parameters
    ----------
    axis : int, sequence of int or None, default -1
        Axes that have statistics of their own; with ``None`` there is one mean and one variance.
    mean, variance : float or array_like, optional
        Both or none.
    invert : bool, default False
        Whether to undo the standardisation instead.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If one of mean and variance is given without the other, or a kept axis has no known size.

    Examples
    --------
    >>> layer = Normalization()
    >>> layer.adapt(np.array([[0.0, 10.0], [2.0, 30.0]], "float32"))
    >>> layer(np.array([[2.0, 20.0]], "float32")).tolist()
    [[1.0, 0.0]]
    """

    mean_weight: Variable
    variance_weight: Variable
    count_weight: Variable

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        given = () if axis is None else axes(axis, "axis", self, several=True)
        self.axis = tuple(given) if isinstance(given, (list, tuple)) else (given,)
        if (mean is None) != (variance is None):
            given, missing = ("mean", "variance") if variance is None else ("variance", "mean")
            raise ValueError(f"Normalization({given}=...): give {missing} too, or neither")
        if variance is not None and not np.all(np.asarray(variance) >= 0):
            raise ValueError(f"Normalization(variance={variance!r}): variance must not be negative")
        self.input_mean, self.input_variance = mean, variance
        self.invert = invert
        self.supports_masking = True
        self._kept: tuple[int, ...] | None = None

    # -- statistics -------------------------------------------------------------------------------------------------

    def build(self, input_shape: Shape) -> None:
        rank = len(input_shape)
        self._kept = standardize_axes(self.axis, rank) if self.axis else ()
        # statistics broadcast to inputs of the same rank
        sizes = [known_size(input_shape, axis, self) for axis in self._kept]
        self._broadcast_shape = tuple(input_shape[i] if i in self._kept else 1 for i in range(rank))
        if self.input_mean is None:
            options: dict[str, Any] = {"trainable": False, "autocast": False}
            self.mean_weight = self.add_weight(sizes, "zeros", name="mean", **options)
            self.variance_weight = self.add_weight(sizes, "ones", name="variance", **options)
            self.count_weight = self.add_weight((), "zeros", "int32", name="count", **options)

    def adapt(self, data: Any) -> None:
        """Learn mean and variance.

        Parameters
        ----------
        data : array_like, or iterable of batches
            An array or tensor, or batches of them: a `tf.data.Dataset`, a Torch ``DataLoader``, any iterable.

        Raises
        ------
        ValueError
            If the layer was given its statistics, or the data are empty, no numbers or not finite.
        """
        if self.input_mean is not None:
            raise ValueError(f"{self!r}.adapt(): the layer was given mean and variance, there is nothing to learn")
        moments: _Moments | None = None
        for batch in _batches(data):
            if not self.built:
                # batches may differ in length
                self.build((None, *batch.shape[1:]))
            if moments is None:
                assert self._kept is not None
                moments = _Moments(self._kept)
            if batch.size:
                moments.add(batch)
        if moments is None or not moments.count:
            raise ValueError(f"{self!r}.adapt(): the data are empty")
        if not np.isfinite(moments.squares).all():
            raise ValueError(f"{self!r}.adapt(): the data have NaN or infinite values")
        self.mean_weight.assign(np.asarray(moments.mean))
        self.variance_weight.assign(np.asarray(moments.squares / moments.count))
        self.count_weight.assign(np.asarray(moments.count))

    def finalize_state(self) -> None:
        """Do nothing: the statistics are read when they are used. Older code calls it after it has set weights."""

    def _statistics(self) -> tuple[Any, ...]:
        """Mean and variance, broadcasting to inputs: tensors on the weights' own backend, arrays on others."""
        shape = tuple(size or 1 for size in self._broadcast_shape)
        if self.input_mean is not None:
            mean, variance = (np.asarray(value, "float32") for value in (self.input_mean, self.input_variance))
            for name, x in (("mean", mean), ("variance", variance)):
                if x.size not in (1, prod(shape)):
                    raise ValueError(f"{self!r}: {name} has {x.size} values, the inputs need {prod(shape)}")
            return tuple(x.reshape(shape) if x.size > 1 else x for x in (mean, variance))
        weights = self.mean_weight, self.variance_weight
        here = current_backend() is self.mean_weight.backend
        return tuple(ops.reshape(w, shape) if here else w.numpy().reshape(shape) for w in weights)

    @property
    def mean(self) -> Array | None:
        """Mean, of a shape that broadcasts to inputs; ``None`` while that is not known."""
        return None if self._kept is None else ops.convert_to_numpy(self._statistics()[0])

    @property
    def variance(self) -> Array | None:
        """Variance, likewise."""
        return None if self._kept is None else ops.convert_to_numpy(self._statistics()[1])

    # -- computing --------------------------------------------------------------------------------------------------

    def call(self, inputs: Tensor) -> Tensor:
        dtype = self.compute_dtype
        mean, variance = self._statistics()
        x, mean = ops.cast(inputs, dtype), ops.cast(mean, dtype)
        spread = ops.cast(ops.maximum(ops.sqrt(variance), config.epsilon()), dtype)
        return ops.add(mean, ops.multiply(x, spread)) if self.invert else ops.divide(ops.subtract(x, mean), spread)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "invert": self.invert,
            "mean": None if self.input_mean is None else np.asarray(self.input_mean).tolist(),
            "variance": None if self.input_variance is None else np.asarray(self.input_variance).tolist(),
        }


def _batches(data: Any) -> Iterator[Array]:
    """The data as arrays: one for an array or tensor, one for each batch of an iterable."""
    if hasattr(data, "shape") and hasattr(data, "dtype"):
        yield _array(data)
    elif isinstance(data, (list, tuple)):
        yield _array(np.asarray(data))
    elif isinstance(data, Iterable):
        for batch in data:
            yield _array(batch[0] if isinstance(batch, (list, tuple)) else batch)
    else:
        raise ValueError(f"adapt(data={data!r}): expected an array, a tensor or an iterable of batches")


def _array(x: Any) -> Array:
    array = ops.convert_to_numpy(x)
    if array.dtype.kind not in "biufV":
        raise ValueError(f"adapt(): the data are of dtype {array.dtype}, expected numbers")
    return array if array.ndim > 1 else array.reshape(-1, 1)
