"""Fully connected layer."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import activations
from dl_layers.layer import CommonOptions, InputSpec, Layer
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import known_size, not_available, positive_integer
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.Dense")
class Dense(NamedWeights, Layer):
    """Affine map of the last axis: ``activation(x @ kernel + bias)``.

    Shapes: ``(..., features) -> (..., units)``; `kernel` is ``(features, units)``, `bias` ``(units,)``.

    Parameters
    ----------
    units : int
        Size of the output's last axis.
    activation : str or callable, optional
        Applied to the result; linear by default.
    use_bias : bool, default True
    kernel_initializer, bias_initializer : str, dict, callable or Initializer
        Glorot's uniform and zeros by default.
    kernel_regularizer, bias_regularizer : str, dict, callable or Regularizer, optional
        Penalties added to the losses.
    activity_regularizer : str, dict, callable or Regularizer, optional
        Penalty on the output.
    kernel_constraint, bias_constraint : str, dict, callable or Constraint, optional
        Projections applied after each update.
    lora_rank, lora_alpha, quantization_config
        Not available yet: other values than ``None`` raise.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `units` is not a positive integer, a name is unknown, or the input's last axis has no known size.

    Examples
    --------
    >>> layer = Dense(2, kernel_initializer="ones")
    >>> layer(ops.ones((1, 3))).tolist()
    [[3.0, 3.0]]
    """

    kernel: Variable
    bias: Variable | None

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(**{**options, "activity_regularizer": activity_regularizer})
        not_available(self, lora_rank=lora_rank, lora_alpha=lora_alpha, quantization_config=quantization_config)
        self.units = positive_integer(units, "units", self)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.set_weight_options(
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
        )
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        features = known_size(input_shape, -1, self)
        self.kernel = self.add_named_weight("kernel", (features, self.units))
        self.bias = self.add_named_weight("bias", (self.units,)) if self.use_bias else None
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})

    def call(self, inputs: Tensor) -> Tensor:
        y = ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            y = ops.add(y, self.bias)
        return y if self.activation is activations.linear else self.activation(y)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **self.weight_config(),
            "quantization_config": None,
        }
