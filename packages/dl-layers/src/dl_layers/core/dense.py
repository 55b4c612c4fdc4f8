"""Fully connected layer."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import activations, constraints, initializers, regularizers
from dl_layers.layer import InputSpec, Layer, LayerOptions
from dl_layers.layer.validation import known_size, positive_integer
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.Dense")
class Dense(Layer):
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
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**{**options, "activity_regularizer": activity_regularizer})
        self.units = positive_integer(units, "units", self)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        features = known_size(input_shape, -1, self)
        self.kernel = self.add_weight(
            (features, self.units),
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            name="kernel",
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,),
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                name="bias",
            )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})

    def call(self, inputs: Tensor) -> Tensor:
        y = ops.matmul(inputs, self.kernel)
        if self.bias is not None:
            y = ops.add(y, self.bias)
        return y if self.activation is None else self.activation(y)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": initializers.serialize(self.kernel_initializer),
            "bias_initializer": initializers.serialize(self.bias_initializer),
            "kernel_regularizer": regularizers.serialize(self.kernel_regularizer),
            "bias_regularizer": regularizers.serialize(self.bias_regularizer),
            "kernel_constraint": constraints.serialize(self.kernel_constraint),
            "bias_constraint": constraints.serialize(self.bias_constraint),
        }
