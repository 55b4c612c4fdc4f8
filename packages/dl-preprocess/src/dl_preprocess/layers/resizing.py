"""Images of one size."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import InputSpec, LayerOptions
from dl_layers.layer.validation import one_of, positive_integer
from dl_ops import ops
from dl_ops.config import standardize_data_format
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor
from dl_preprocess.layers.data_layer import DataLayer

_INTERPOLATIONS = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")


@public("keras.layers.Resizing")
class Resizing(DataLayer):
    """Resize images.

    Shapes: ``(batch, rows, columns, channels) -> (batch, height, width, channels)``, also for a single image, or
    with the channels first.

    Parameters
    ----------
    height, width : int
        In pixels.
    interpolation : {"bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"}
    crop_to_aspect_ratio : bool, default False
        Whether to keep the aspect ratio and crop what is too much.
    pad_to_aspect_ratio : bool, default False
        Whether to keep the aspect ratio and fill what is missing.
    fill_mode : {"constant"}
    fill_value : float, default 0.0
        What to pad with.
    antialias : bool, default False
        Whether to smooth when shrinking.
    data_format : {"channels_last", "channels_first"}, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these.

    Examples
    --------
    >>> Resizing(4, 6)(ops.ones((2, 8, 8, 3))).shape
    (2, 4, 6, 3)
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.height = positive_integer(height, "height", self)
        self.width = positive_integer(width, "width", self)
        self.interpolation = one_of(interpolation, _INTERPOLATIONS, "interpolation", self)
        self.fill_mode = one_of(fill_mode, ("constant",), "fill_mode", self)
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ValueError(
                "Resizing(crop_to_aspect_ratio=True, pad_to_aspect_ratio=True): only one of them can be true"
            )
        self.crop_to_aspect_ratio, self.pad_to_aspect_ratio = crop_to_aspect_ratio, pad_to_aspect_ratio
        self.fill_value, self.antialias = fill_value, antialias
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(min_ndim=3, max_ndim=4)
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        resized = ops.image.resize(
            ops.cast(inputs, self.compute_dtype),
            (self.height, self.width),
            interpolation=self.interpolation,
            antialias=self.antialias,
            crop_to_aspect_ratio=self.crop_to_aspect_ratio,
            pad_to_aspect_ratio=self.pad_to_aspect_ratio,
            fill_mode=self.fill_mode,
            fill_value=self.fill_value,
            data_format=self.data_format,
        )
        return ops.cast(resized, self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        shape = list(input_shape)
        first = len(shape) - 3 if self.data_format == "channels_last" else len(shape) - 2
        shape[first : first + 2] = [self.height, self.width]
        return tuple(shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "data_format": self.data_format,
            "height": self.height,
            "width": self.width,
            "interpolation": self.interpolation,
            "crop_to_aspect_ratio": self.crop_to_aspect_ratio,
            "pad_to_aspect_ratio": self.pad_to_aspect_ratio,
            "fill_mode": self.fill_mode,
            "fill_value": self.fill_value,
            "antialias": self.antialias,
        }
