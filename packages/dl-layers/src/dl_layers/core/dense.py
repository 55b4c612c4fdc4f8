"""Fully connected layer."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import activations
from dl_layers.layer import CommonOptions, InputSpec, Layer
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import known_size, positive_integer
from dl_layers.quantization import Layout, Quantizable
from dl_ops import ops
from dl_ops.nn.affine import affine
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.Dense")
class Dense(Quantizable, NamedWeights, Layer):
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
    lora_rank : int, optional
        Size of two small matrices that are trained instead of the kernel: see `enable_lora`.
    lora_alpha : float, optional
        Factor of their product, divided by the rank.
    quantization_config : QuantizationConfig, optional
        How `quantize` keeps the kernel in fewer bits.
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

    _kernel: Variable
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
        self._set_precision(lora_rank, lora_alpha, quantization_config)
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
        self._add_kernels((features, self.units))
        self.bias = self.add_named_weight("bias", (self.units,)) if self.use_bias else None
        self._enable_given_rank()
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})

    @property
    def kernel(self) -> Any:
        """The kernel: a variable; the integers of a quantized layer; with an update of low rank, their sum."""
        return self._current_kernel()

    def call(self, inputs: Tensor) -> Tensor:
        if self.bias is None or self._altered:
            y = self._altered_product(inputs) if self._altered else ops.matmul(inputs, self._kernel)
            y = y if self.bias is None else ops.add(y, self.bias)
        else:
            y = affine(inputs, self._kernel, self.bias)
        return y if self.activation is activations.linear else self.activation(y)

    def _layouts(self, shape: tuple[int, ...]) -> tuple[Layout, ...]:
        return (
            Layout("kernel", shape, summed=(0,), inputs_summed=(-1,), scale_axes=(1,), matrix=(shape[0], shape[1])),
        )

    def _product(self, inputs: Any, kernel: Any, name: str) -> Tensor:
        return ops.matmul(inputs, kernel)

    def _product_gradient(self, upstream: Tensor, kernel: Tensor, name: str, inputs: Tensor) -> Tensor:
        return ops.matmul(upstream, ops.transpose(kernel))

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "units": self.units,
            "activation": activations.serialize(self.activation),
            "use_bias": self.use_bias,
            **self.weight_config(),
            **self._precision_config(),
        }
