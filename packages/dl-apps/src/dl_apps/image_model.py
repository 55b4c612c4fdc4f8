"""What the architectures for images share: the checks of their arguments, their input, their head, their weights."""

from __future__ import annotations

import os
from dataclasses import KW_ONLY, dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Final, TypeAlias

from dl_layers import Dense, GlobalAveragePooling2D, GlobalMaxPooling2D, Input, activations
from dl_ops import config
from dl_ops.symbolic import KerasTensor, is_keras_tensor, source_inputs
from dl_ops.typing import Shape
from dl_train.models import Functional

Weights: TypeAlias = str | PathLike[str] | None

IMAGENET: Final = "imagenet"
IMAGENET_CLASSES: Final = 1000
_POOLINGS: Final = {"avg": GlobalAveragePooling2D, "max": GlobalMaxPooling2D}


@dataclass(frozen=True)
class ImageModelOptions:
    """The arguments that every architecture for images takes, checked.

    An architecture makes its `image`, computes features from it, and ends in ``model(head(features))``.

    Parameters
    ----------
    include_top : bool
        Whether the model ends in a classifier.
    weights : str, path or None
        Path of a weights file that Keras or `dl` wrote; ``None`` for random weights. ``"imagenet"``, which in Keras
        downloads a file, is an error that says where to get it.
    input_tensor : KerasTensor or None
        Symbolic tensor to use as the image.
    input_shape : tuple of int or None
        Shape of one image, channels where the configured data format has them.
    pooling : {"avg", "max", None}
        What follows the features where there is no classifier.
    classes : int
        Number of classes.
    classifier_activation : str, callable or None
        Of the classifier; ``None`` gives logits.
    name : str
        Of the model.
    architecture : str
        What errors call the model.

    Raises
    ------
    ValueError
        If an argument is none of these, or two contradict each other.
    """

    include_top: bool
    weights: Weights
    input_tensor: Any
    input_shape: Shape | None
    pooling: str | None
    classes: int
    classifier_activation: Any
    name: str
    _: KW_ONLY
    architecture: str

    def __post_init__(self) -> None:
        self._check_weights()
        if self.pooling is not None and self.pooling not in _POOLINGS:
            raise self._error("pooling", "expected 'avg', 'max' or None")
        if self.include_top and (isinstance(self.classes, bool) or self.classes < 1):
            raise self._error("classes", "expected a positive integer")
        if self.include_top and self.weights is not None:
            # what was trained with softmax says nothing through another function
            softmax = activations.get("softmax")
            if activations.get(self.classifier_activation) not in (softmax, activations.get(None)):
                raise self._error("classifier_activation", "with pretrained weights only 'softmax' and None make sense")

    def _error(self, argument: str, expected: str) -> ValueError:
        return ValueError(f"{self.architecture}({argument}={getattr(self, argument)!r}): {expected}")

    def _check_weights(self) -> None:
        if self.weights is None:
            return
        if self.weights == IMAGENET:
            if self.include_top and self.classes != IMAGENET_CLASSES:
                raise self._error(
                    "classes",
                    f"with weights='imagenet' and include_top=True there are {IMAGENET_CLASSES} classes",
                )
            file = f"{self.name}.weights.h5"
            top = "" if self.include_top else ", include_top=False"
            raise self._error(
                "weights",
                "nothing is downloaded here. Write a file with Keras, once: "
                f'keras.applications.{self.architecture}(weights="imagenet"{top}).save_weights("{file}"), '
                f'and pass it: weights="{file}". weights=None starts from random ones',
            )
        if not isinstance(self.weights, (str, PathLike)):
            raise self._error("weights", "expected None or the path of a weights file")
        path = Path(self.weights)
        if not path.is_file():
            raise self._error("weights", "there is no such file")
        if path.suffix == ".h5" and not path.name.endswith(".weights.h5"):
            raise self._error(
                "weights",
                "by its name this is a file in the legacy format. Load it into Keras's model and write it anew: "
                f"keras.applications.{self.architecture}(weights={os.fspath(self.weights)!r})"
                f'.save_weights("{path.stem}.weights.h5")',
            )

    def image(self, default_size: int, min_size: int) -> KerasTensor:
        """Symbolic image to compute from.

        Parameters
        ----------
        default_size : int
            Rows and columns where no shape is given and a classifier needs one.
        min_size : int
            Rows and columns that the architecture needs at least.

        Returns
        -------
        KerasTensor, shape (batch, rows, columns, channels) or (batch, channels, rows, columns)

        Raises
        ------
        ValueError
            If the shape is no image's, too small, or not known where a classifier needs it.
        """
        shape = self._image_shape(default_size, min_size)
        tensor = self.input_tensor
        if tensor is None:
            return Input(shape)
        return tensor if is_keras_tensor(tensor) else Input(shape, tensor=tensor)

    def _image_shape(self, default_size: int, min_size: int) -> Shape:
        channels_first = config.image_data_format() == "channels_first"
        shape = self.input_shape
        if shape is None:
            size = default_size if self.include_top else None
            return (3, size, size) if channels_first else (size, size, 3)
        shape = tuple(shape)
        if len(shape) != 3:
            raise self._error("input_shape", "expected three integers, without the batch axis")
        sizes = shape[1:] if channels_first else shape[:-1]
        if any(size is not None and size < min_size for size in sizes):
            raise self._error("input_shape", f"images must have at least {min_size} x {min_size} pixels")
        if self.include_top and None in shape:
            raise self._error("input_shape", "a classifier (include_top=True) needs known sizes")
        return shape

    def head(self, features: KerasTensor) -> KerasTensor:
        """Classifier on pooled features, pooled features, or the features themselves.

        Parameters
        ----------
        features : KerasTensor, shape (batch, rows, columns, channels) or (batch, channels, rows, columns)

        Returns
        -------
        KerasTensor, shape (batch, classes), (batch, channels) or that of `features`
        """
        if self.include_top:
            pooled = GlobalAveragePooling2D(name="avg_pool")(features)
            classifier = Dense(self.classes, activation=self.classifier_activation, name="predictions")
            return classifier(pooled)  # type: ignore[no-any-return]  # a symbolic tensor for a symbolic tensor
        if self.pooling is None:
            return features
        return _POOLINGS[self.pooling](name=f"{self.pooling}_pool")(features)  # type: ignore[no-any-return]  # as above

    def model(self, image: KerasTensor, outputs: KerasTensor) -> Functional:
        """Model from the image, or from what a given `input_tensor` is computed from, to `outputs`, with its weights.

        Parameters
        ----------
        image, outputs : KerasTensor

        Returns
        -------
        Functional
        """
        inputs = [image] if self.input_tensor is None else source_inputs(image)
        model = Functional(inputs if len(inputs) > 1 else inputs[0], outputs, name=self.name)
        if self.weights is not None:
            model.load_weights(self.weights)
        return model
