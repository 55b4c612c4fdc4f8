"""Layer normalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import axes, known_size, not_negative
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.rules import standardize_axes
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.LayerNormalization")
class LayerNormalization(NamedWeights, Layer):
    """Normalize each example to mean 0 and variance 1 along some axes, then scale and shift.

    Parameters
    ----------
    axis : int or sequence of int, default -1
        Axes to normalize along.
    epsilon : float, default 1e-3
        Added to the variance.
    center, scale : bool, default True
        Whether there are `beta`, which is added, and `gamma`, which is multiplied with.
    beta_initializer, gamma_initializer : str, dict, callable or Initializer
        Zeros and ones by default.
    beta_regularizer, gamma_regularizer : str, dict, callable or Regularizer, optional
    beta_constraint, gamma_constraint : str, dict, callable or Constraint, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `axis` is no integer and no sequence of integers, or an axis is out of range or has no known size.

    References
    ----------
    Ba, Kiros and Hinton, "Layer Normalization", arXiv:1607.06450.

    Examples
    --------
    >>> LayerNormalization()(ops.convert_to_tensor([[1.0, 3.0]])).round(2).tolist()
    [[-1.0, 1.0]]
    """

    gamma: Variable | None
    beta: Variable | None

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        rms_scaling = options.pop("rms_scaling", False)  # type: ignore[typeddict-item]  # in configurations written by Keras
        super().__init__(**options)
        if rms_scaling:
            raise NotImplementedError("LayerNormalization(rms_scaling=True): use RMSNormalization")
        self.axis = axes(axis, "axis", self, several=True)
        self.epsilon = not_negative(epsilon, "epsilon", self)
        self.center, self.scale = center, scale
        self.set_weight_options(
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint,
        )
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        normalized = [self.axis] if isinstance(self.axis, int) else self.axis
        standardize_axes(normalized, len(input_shape))
        shape = tuple(known_size(input_shape, axis, self) for axis in normalized)
        # computed with in float32 even where the layer computes in 16 bits
        self.gamma = self.add_named_weight("gamma", shape, autocast=False) if self.scale else None
        self.beta = self.add_named_weight("beta", shape, autocast=False) if self.center else None

    def call(self, inputs: Tensor) -> Tensor:
        y = ops.layer_normalization(inputs, self.gamma, self.beta, axis=self.axis, epsilon=self.epsilon)
        return ops.cast(y, self.compute_dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        standardize_axes(self.axis if isinstance(self.axis, int) else tuple(self.axis), len(input_shape))
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            "rms_scaling": False,
            **self.weight_config(),
        }
