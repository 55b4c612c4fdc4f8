"""Rectified linear units as layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers import activations
from dl_layers.layer import InputSpec, Layer, LayerOptions
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import known_size, not_negative, sizes
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.ReLU")
class ReLU(Layer):
    """Rectified linear unit; see ``activations.relu`` for the variants.

    Parameters
    ----------
    max_value : float, optional
    negative_slope : float, default 0.0
    threshold : float, default 0.0
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is negative.

    Examples
    --------
    >>> ReLU(max_value=1.0)(ops.convert_to_tensor([-1.0, 2.0])).tolist()
    [0.0, 1.0]
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.max_value = None if max_value is None else not_negative(max_value, "max_value", self)
        self.negative_slope = not_negative(negative_slope, "negative_slope", self)
        self.threshold = not_negative(threshold, "threshold", self)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "max_value": self.max_value,
            "negative_slope": self.negative_slope,
            "threshold": self.threshold,
        }


@public("keras.layers.LeakyReLU")
class LeakyReLU(Layer):
    """Rectified linear unit with a slope for negative inputs: ``x`` above zero, ``negative_slope * x`` below.

    Parameters
    ----------
    negative_slope : float, default 0.3
        Also by its older name, `alpha`.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `negative_slope` is negative.

    References
    ----------
    Maas et al., "Rectifier Nonlinearities Improve Neural Network Acoustic Models", ICML 2013.

    Examples
    --------
    >>> LeakyReLU(negative_slope=0.5)(ops.convert_to_tensor([-1.0, 2.0])).tolist()
    [-0.5, 2.0]
    """

    def __init__(self, negative_slope: float = 0.3, **options: Any) -> None:
        negative_slope = options.pop("alpha", negative_slope)
        super().__init__(**options)
        self.negative_slope = not_negative(negative_slope, "negative_slope", self)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        return ops.leaky_relu(inputs, self.negative_slope)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "negative_slope": self.negative_slope}


@public("keras.layers.PReLU")
class PReLU(NamedWeights, Layer):
    """Rectified linear unit whose slope for negative inputs is learned: ``x`` above zero, ``alpha * x`` below.

    `alpha` has the shape of an example, with size 1 along `shared_axes`.

    Parameters
    ----------
    alpha_initializer : str, dict, callable or Initializer
        Zeros by default.
    alpha_regularizer : str, dict, callable or Regularizer, optional
    alpha_constraint : str, dict, callable or Constraint, optional
    shared_axes : int or sequence of int, optional
        Axes along which all positions have the same slope, counted from 1, the first behind the batch: ``[1, 2]`` for
        one slope for each channel of images with the channels last.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `shared_axes` are none of the input's, or the size of an axis that is not shared is unknown.

    References
    ----------
    He et al., "Delving Deep into Rectifiers", arXiv:1502.01852.

    Examples
    --------
    >>> layer = PReLU(alpha_initializer="ones", shared_axes=[1, 2])
    >>> layer(ops.full((1, 4, 4, 3), -2.0)).shape, layer.alpha.shape
    ((1, 4, 4, 3), (1, 1, 3))
    """

    alpha: Variable

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: int | Sequence[int] | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.set_weight_options(
            alpha_initializer=alpha_initializer,
            alpha_regularizer=alpha_regularizer,
            alpha_constraint=alpha_constraint,
        )
        given = None if shared_axes is None else sizes(shared_axes, "shared_axes", self)
        self.shared_axes = None if given is None else [axis for axis in given if axis is not None]
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        shared = self.shared_axes or []
        rank = len(input_shape)
        if any(axis >= rank for axis in shared):
            raise ValueError(
                f"PReLU {self.name!r}: shared_axes={shared} of an input of shape {tuple(input_shape)}, expected axes "
                f"from 1 to {rank - 1}"
            )
        own = {axis: known_size(input_shape, axis, self) for axis in range(1, rank) if axis not in shared}
        self.alpha = self.add_named_weight("alpha", tuple(own.get(axis, 1) for axis in range(1, rank)))
        self.input_spec = InputSpec(ndim=rank, axes=own)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.subtract(ops.relu(inputs), ops.multiply(self.alpha, ops.relu(ops.negative(inputs))))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.weight_config(), "shared_axes": self.shared_axes}


@public("keras.layers.ELU")
class ELU(Layer):
    """Exponential linear unit: ``x`` above zero, ``alpha * (exp(x) - 1)`` below.

    Parameters
    ----------
    alpha : float, default 1.0
        The result tends to ``-alpha`` for very negative inputs.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `alpha` is negative.

    References
    ----------
    Clevert et al., "Fast and Accurate Deep Network Learning by Exponential Linear Units (ELUs)", arXiv:1511.07289.

    Examples
    --------
    >>> ELU()(ops.convert_to_tensor([-100.0, 2.0])).tolist()
    [-1.0, 2.0]
    """

    def __init__(self, alpha: float = 1.0, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.alpha = not_negative(alpha, "alpha", self)
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        return ops.elu(inputs, alpha=self.alpha)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": self.alpha}
