"""Sequences, images and volumes enlarged by whole factors."""

from __future__ import annotations

from typing import Any, ClassVar, Unpack

from dl_layers.layer import InputSpec, Layer, LayerOptions
from dl_layers.layer.validation import data_format_of, integer_tuple, one_of, positive_integer
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor

_INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


class UpSampling(Layer):
    """Repeat what stands along the spatial axes."""

    rank: ClassVar[int]
    size: Any
    _keeps_dtype = True

    def __init__(self, data_format: str | None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.data_format = data_format_of(data_format, self)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def _first(self) -> int:
        """The first spatial axis."""
        return 1 if self.data_format == "channels_last" else 2

    @property
    def _factors(self) -> tuple[int, ...]:
        """The factor of each spatial axis."""
        return (self.size,) if self.rank == 1 else self.size

    def call(self, inputs: Tensor) -> Tensor:
        for axis, factor in enumerate(self._factors, self._first):
            if factor > 1:
                inputs = ops.repeat(inputs, factor, axis)
        return inputs

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        sizes = list(input_shape)
        for axis, factor in enumerate(self._factors, self._first):
            size = sizes[axis]
            sizes[axis] = None if size is None else size * factor
        return tuple(sizes)


@public("keras.layers.UpSampling1D")
class UpSampling1D(UpSampling):
    """Sequences with each step repeated.

    Shapes: ``(batch, steps, channels) -> (batch, size * steps, channels)``.

    Parameters
    ----------
    size : int, default 2
        How often each step comes.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `size` is not a positive integer.

    Examples
    --------
    >>> UpSampling1D(2)(ops.reshape([1.0, 2.0], (1, 2, 1)))[0, :, 0].tolist()
    [1.0, 1.0, 2.0, 2.0]
    """

    rank = 1

    def __init__(self, size: int = 2, **options: Unpack[LayerOptions]) -> None:
        super().__init__("channels_last", **options)
        self.size = positive_integer(size, "size", self)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


@public("keras.layers.UpSampling2D")
class UpSampling2D(UpSampling):
    """Images with more rows and columns, by repetition or by interpolation.

    Shapes: ``(batch, rows, columns, channels) -> (batch, size[0] * rows, size[1] * columns, channels)``, or with the
    channels first.

    Parameters
    ----------
    size : int or pair of int, default (2, 2)
        Factors of rows and columns.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    interpolation : {"nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"}
        As for `ops.image.resize`; ``"nearest"`` repeats.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> x = ops.reshape([0.0, 4.0], (1, 1, 2, 1))
    >>> UpSampling2D((1, 2))(x)[0, 0, :, 0].tolist()
    [0.0, 0.0, 4.0, 4.0]
    >>> UpSampling2D((1, 2), interpolation="bilinear")(x)[0, 0, :, 0].tolist()
    [0.0, 1.0, 3.0, 4.0]
    """

    rank = 2

    def __init__(
        self,
        size: Any = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(data_format, **options)
        self.size = integer_tuple(size, 2, "size", self)
        self.interpolation = one_of(interpolation, _INTERPOLATIONS, "interpolation", self)

    def call(self, inputs: Tensor) -> Tensor:
        if self.interpolation == "nearest":
            return super().call(inputs)
        first = self._first
        target = self.compute_output_shape(tuple(inputs.shape))[first : first + 2]
        known = [size for size in target if size is not None]
        if len(known) < 2:
            raise ValueError(
                f"UpSampling2D {self.name!r}: interpolation={self.interpolation!r} needs images of known size, got "
                f"shape {tuple(inputs.shape)}"
            )
        return ops.image.resize(inputs, known, self.interpolation, data_format=self.data_format)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "size": self.size,
            "data_format": self.data_format,
            "interpolation": self.interpolation,
        }


@public("keras.layers.UpSampling3D")
class UpSampling3D(UpSampling):
    """Volumes with each plane, row and column repeated.

    Shapes: ``(batch, depth, rows, columns, channels) -> (batch, size[0] * depth, size[1] * rows, size[2] * columns,
    channels)``, or with the channels first.

    Parameters
    ----------
    size : int or triple of int, default (2, 2, 2)
        How often each plane, row and column comes.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> UpSampling3D((1, 2, 3))(ops.ones((1, 2, 2, 2, 1))).shape
    (1, 2, 4, 6, 1)
    """

    rank = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(data_format, **options)
        self.size = integer_tuple(size, 3, "size", self)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size, "data_format": self.data_format}
