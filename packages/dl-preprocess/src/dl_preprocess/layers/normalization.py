"""Standardisation by the statistics of a data set."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Unpack

import numpy as np

from dl_layers.layer import LayerOptions
from dl_layers.layer.validation import known_size
from dl_ops import config, ops
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
        self.axis = () if axis is None else (axis,) if isinstance(axis, int) else tuple(axis)
        if (mean is None) != (variance is None):
            given, missing = ("mean", "variance") if variance is None else ("variance", "mean")
            raise ValueError(f"Normalization({given}=...): give {missing} too, or neither")
        self.input_mean, self.input_variance = mean, variance
        self.invert = invert
        self.supports_masking = True
        self.mean: Array | None = None
        self.variance: Array | None = None
        self._kept: tuple[int, ...] | None = None

    # -- statistics -------------------------------------------------------------------------------------------------

    def build(self, input_shape: Shape) -> None:
        rank = len(input_shape)
        self._kept = standardize_axes(self.axis, rank) if self.axis else ()
        # statistics broadcast to inputs of the same rank
        sizes = [known_size(input_shape, axis, self) for axis in self._kept]
        self._broadcast_shape = tuple(input_shape[i] if i in self._kept else 1 for i in range(rank))
        if self.input_mean is None:
            self.mean_weight = self.add_weight(sizes, initializer="zeros", trainable=False, name="mean")
            self.variance_weight = self.add_weight(sizes, initializer="ones", trainable=False, name="variance")
            self.count_weight = self.add_weight((), initializer="zeros", dtype="int32", trainable=False, name="count")
        self.finalize_state()

    def adapt(self, data: Any) -> None:
        """Learn mean and variance.

        Parameters
        ----------
        data : array_like, or iterable of batches
            An array or tensor, or batches of them: a `tf.data.Dataset`, a Torch ``DataLoader``, any iterable.

        Raises
        ------
        ValueError
            If the layer was given its statistics, or the data are empty.
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
        self.mean_weight.assign(np.asarray(moments.mean))
        self.variance_weight.assign(np.asarray(moments.squares / moments.count))
        self.count_weight.assign(np.asarray(moments.count))
        self.finalize_state()

    def finalize_state(self) -> None:
        """Take the statistics from the weights, or from the arguments, into the arrays that `call` uses."""
        if not self.built and self._kept is None:
            return
        if self.input_mean is not None:
            shape = self._broadcast_shape
            wanted = tuple(1 if size is None else size for size in shape)
            mean, variance = (np.asarray(value, "float32") for value in (self.input_mean, self.input_variance))
            mean, variance = (x.reshape(wanted) if x.size > 1 else x for x in (mean, variance))
        else:
            wanted = tuple(size or 1 for size in self._broadcast_shape)
            mean, variance = (w.numpy().reshape(wanted) for w in (self.mean_weight, self.variance_weight))
        self.mean, self.variance = mean, variance

    def load_own_variables(self, store: Mapping[str, Array]) -> None:
        super().load_own_variables(store)
        self.finalize_state()

    # -- computing --------------------------------------------------------------------------------------------------

    def call(self, inputs: Tensor) -> Tensor:
        dtype = self.compute_dtype
        assert self.mean is not None
        assert self.variance is not None
        x = ops.cast(inputs, dtype)
        mean = ops.cast(self.mean, dtype)
        spread = ops.cast(np.maximum(np.sqrt(self.variance), config.epsilon()), dtype)
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
        yield np.asarray(data)
    elif isinstance(data, Iterable):
        for batch in data:
            yield _array(batch[0] if isinstance(batch, (list, tuple)) else batch)
    else:
        raise ValueError(f"adapt(data={data!r}): expected an array, a tensor or an iterable of batches")


def _array(x: Any) -> Array:
    array = ops.convert_to_numpy(x)
    return array if array.ndim > 1 else array.reshape(-1, 1)
