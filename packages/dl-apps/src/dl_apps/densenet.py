"""DenseNet: every layer of a block sees the outputs of all layers before it in the block."""

from __future__ import annotations

from typing import Any, Final

from dl_apps import imagenet_utils
from dl_apps.image_model import IMAGENET, ImageModelOptions, Weights
from dl_apps.imagenet_utils import decode_predictions
from dl_layers import (
    Activation,
    AveragePooling2D,
    BatchNormalization,
    Concatenate,
    Conv2D,
    MaxPooling2D,
    ZeroPadding2D,
)
from dl_ops import config
from dl_ops.symbolic import KerasTensor
from dl_train.models import Functional

BLOCKS: Final = {
    "DenseNet121": (6, 12, 24, 16),
    "DenseNet169": (6, 12, 32, 32),
    "DenseNet201": (6, 12, 48, 32),
}
"""Layers of 1x1 and 3x3 convolutions in each of an architecture's dense blocks."""

_GROWTH: Final = 32
_COMPRESSION: Final = 0.5
_EPSILON: Final = 1.001e-5


def _densenet(options: ImageModelOptions) -> Functional:
    image = options.image(default_size=224, min_size=32)
    x = _stem(image)
    for stage, layers in enumerate(BLOCKS[options.architecture], start=2):
        if stage > 2:
            x = _transition(x, f"pool{stage - 1}")
        for layer in range(1, layers + 1):
            x = _dense_layer(x, f"conv{stage}_block{layer}")
    x = Activation("relu", name="relu")(_normalized(x, "bn"))
    return options.model(image, options.head(x))


def _channel_axis() -> int:
    return 1 if config.image_data_format() == "channels_first" else 3


def _normalized(x: KerasTensor, name: str) -> Any:
    return BatchNormalization(axis=_channel_axis(), epsilon=_EPSILON, name=name)(x)


def _stem(x: KerasTensor) -> Any:
    x = ZeroPadding2D(3)(x)
    x = Conv2D(64, 7, strides=2, use_bias=False, name="conv1_conv")(x)
    x = Activation("relu", name="conv1_relu")(_normalized(x, "conv1_bn"))
    return MaxPooling2D(3, strides=2, name="pool1")(ZeroPadding2D(1)(x))


def _transition(x: KerasTensor, name: str) -> Any:
    """Half as many channels, rows and columns."""
    channels = round((x.shape[_channel_axis()] or 0) * _COMPRESSION)
    y = Activation("relu", name=f"{name}_relu")(_normalized(x, f"{name}_bn"))
    y = Conv2D(channels, 1, use_bias=False, name=f"{name}_conv")(y)
    return AveragePooling2D(2, strides=2, name=f"{name}_pool")(y)


def _dense_layer(x: KerasTensor, name: str) -> Any:
    """`_GROWTH` more channels, computed from all that there are."""
    y = Activation("relu", name=f"{name}_0_relu")(_normalized(x, f"{name}_0_bn"))
    y = Conv2D(4 * _GROWTH, 1, use_bias=False, name=f"{name}_1_conv")(y)
    y = Activation("relu", name=f"{name}_1_relu")(_normalized(y, f"{name}_1_bn"))
    y = Conv2D(_GROWTH, 3, padding="same", use_bias=False, name=f"{name}_2_conv")(y)
    return Concatenate(axis=_channel_axis(), name=f"{name}_concat")([x, y])


def DenseNet121(  # noqa: N802  # Keras's name
    include_top: bool = True,
    weights: Weights = IMAGENET,
    input_tensor: Any = None,
    input_shape: tuple[int | None, ...] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "densenet121",
) -> Functional:
    """DenseNet with 121 layers, with bottlenecks and compression.

    Parameters
    ----------
    include_top : bool, default True
        Whether the model ends in a classifier.
    weights : str, path or None
        Path of a ``.weights.h5`` file that Keras or `dl` wrote for the same arguments; ``None`` for random weights.
        The default, ``"imagenet"``, raises an error that says how to get such a file: nothing is downloaded.
    input_tensor : KerasTensor, optional
        Symbolic tensor to use as the image.
    input_shape : tuple of int, optional
        Shape of one image, at least 32 x 32 pixels; 224 x 224 in colour by default, any size without a classifier.
    pooling : {"avg", "max"}, optional
        What follows the features where there is no classifier; ``None`` leaves them as they are.
    classes : int, default 1000
    classifier_activation : str or callable, default "softmax"
        ``None`` gives logits.
    name : str, default "densenet121"

    Returns
    -------
    Functional
        ``(batch, rows, columns, channels) -> (batch, classes)``, or with the channels first where that is configured.

    Raises
    ------
    ValueError
        If an argument is none of these, or two contradict each other.

    References
    ----------
    Huang et al., "Densely Connected Convolutional Networks", arXiv:1608.06993.

    Examples
    --------
    >>> DenseNet121(weights=None, input_shape=(32, 32, 3), classes=10).count_params()
    7047754
    """
    options = ImageModelOptions(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name,
        architecture="DenseNet121",
    )  # fmt: skip
    return _densenet(options)


def DenseNet169(  # noqa: N802  # Keras's name
    include_top: bool = True,
    weights: Weights = IMAGENET,
    input_tensor: Any = None,
    input_shape: tuple[int | None, ...] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "densenet169",
) -> Functional:
    """DenseNet with 169 layers; arguments, result and errors are those of `DenseNet121`."""
    options = ImageModelOptions(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name,
        architecture="DenseNet169",
    )  # fmt: skip
    return _densenet(options)


def DenseNet201(  # noqa: N802  # Keras's name
    include_top: bool = True,
    weights: Weights = IMAGENET,
    input_tensor: Any = None,
    input_shape: tuple[int | None, ...] | None = None,
    pooling: str | None = None,
    classes: int = 1000,
    classifier_activation: Any = "softmax",
    name: str = "densenet201",
) -> Functional:
    """DenseNet with 201 layers; arguments, result and errors are those of `DenseNet121`."""
    options = ImageModelOptions(
        include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name,
        architecture="DenseNet201",
    )  # fmt: skip
    return _densenet(options)


def preprocess_input(x: Any, data_format: str | None = None) -> Any:
    """Scale images as DenseNet was trained on them: to [0, 1], then normalized by the channels' means and deviations.

    Parameters
    ----------
    x : array or tensor, shape (..., rows, columns, 3) or (..., 3, rows, columns)
        Colours from 0 to 255, red, green, blue.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.

    Returns
    -------
    array or tensor, shape of `x`
        An array for an array, which is left as it was.

    Raises
    ------
    ValueError
        If `data_format` or the shape is none of these.

    Examples
    --------
    >>> import numpy as np
    >>> preprocess_input(np.full((1, 1, 3), 255, "uint8")).round(3)
    array([[[2.249, 2.429, 2.64 ]]], dtype=float32)
    """
    return imagenet_utils.preprocess_input(x, data_format, mode="torch")


__all__ = [
    "BLOCKS",
    "DenseNet121",
    "DenseNet169",
    "DenseNet201",
    "decode_predictions",
    "preprocess_input",
]
