"""Batch normalization."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import InputSpec, Layer, LayerOptions
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import axes, fraction, known_size, not_negative
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.rules import standardize_axis
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.BatchNormalization")
class BatchNormalization(NamedWeights, Layer):
    """Normalize each channel to mean 0 and variance 1 over the batch, then scale and shift.

    While training, mean and variance are the batch's, and moving averages of them are updated; else they are the
    moving averages. A layer that is not trainable always uses the averages.

    Parameters
    ----------
    axis : int, default -1
        Axis of the channels.
    momentum : float, default 0.99
        Weight of the former average at each update.
    epsilon : float, default 1e-3
        Added to the variance.
    center, scale : bool, default True
        Whether there are `beta`, which is added, and `gamma`, which is multiplied with.
    beta_initializer, gamma_initializer, moving_mean_initializer, moving_variance_initializer : str, dict, callable
    or Initializer
        Zeros, ones, zeros and ones by default.
    beta_regularizer, gamma_regularizer : str, dict, callable or Regularizer, optional
    beta_constraint, gamma_constraint : str, dict, callable or Constraint, optional
    synchronized : bool, default False
        Whether replicas share their statistics in distributed training.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `momentum` or `epsilon` is out of range, or the axis has no known size.

    References
    ----------
    Ioffe and Szegedy, "Batch Normalization", arXiv:1502.03167.

    Examples
    --------
    >>> layer = BatchNormalization()
    >>> layer(ops.convert_to_tensor([[1.0], [3.0]]), training=True).round(3).tolist()
    [[-1.0], [1.0]]
    """

    gamma: Variable | None
    beta: Variable | None
    moving_mean: Variable
    moving_variance: Variable

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 0.001,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: dict[str, float] | None = None,
        renorm_momentum: float = 0.99,
        synchronized: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        if renorm:
            raise NotImplementedError("BatchNormalization(renorm=True): batch renormalization is not available")
        self.axis = axes(axis, "axis", self)
        self.momentum = fraction(momentum, "momentum", self)
        self.epsilon = not_negative(epsilon, "epsilon", self)
        self.center, self.scale, self.synchronized = center, scale, synchronized
        self.set_weight_options(
            beta_initializer=beta_initializer,
            gamma_initializer=gamma_initializer,
            moving_mean_initializer=moving_mean_initializer,
            moving_variance_initializer=moving_variance_initializer,
            beta_regularizer=beta_regularizer,
            gamma_regularizer=gamma_regularizer,
            beta_constraint=beta_constraint,
            gamma_constraint=gamma_constraint,
        )
        self._renorm = {"renorm": renorm, "renorm_clipping": renorm_clipping, "renorm_momentum": renorm_momentum}
        self.supports_masking = True

    def build(self, input_shape: Shape) -> None:
        size = (known_size(input_shape, self.axis, self),)
        self.gamma = self.add_named_weight("gamma", size) if self.scale else None
        self.beta = self.add_named_weight("beta", size) if self.center else None
        # averages stay in the variables' dtype whatever the layer computes in
        self.moving_mean = self.add_named_weight("moving_mean", size, trainable=False, autocast=False)
        self.moving_variance = self.add_named_weight("moving_variance", size, trainable=False, autocast=False)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: size[0]})
        axis = standardize_axis(self.axis, len(input_shape))
        self._reduced_axes = [i for i in range(len(input_shape)) if i != axis]

    def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        """Normalize, by the batch's statistics if `training` is true.

        Parameters
        ----------
        inputs : tensor
        training : bool, optional
        mask : tensor of bool, optional
            Of the inputs' first axes; positions where it is false do not count in the statistics.
        """
        # 16-bit sums of squares overflow or lose the mean
        x = ops.cast(inputs, "float32") if self.compute_dtype in ("float16", "bfloat16") else inputs
        mean: Any
        variance: Any
        if training and self.trainable:
            mean, variance = self._statistics(x, mask)
            self._average(self.moving_mean, mean)
            self._average(self.moving_variance, variance)
        else:
            mean, variance = self.moving_mean.value, self.moving_variance.value
        y = ops.batch_normalization(
            x, mean, variance, self.axis, offset=self.beta, scale=self.gamma, epsilon=self.epsilon
        )
        return ops.cast(y, self.compute_dtype)

    def _average(self, average: Variable, value: Tensor) -> None:
        average.assign(average.value * self.momentum + ops.stop_gradient(value) * (1.0 - self.momentum))

    def _statistics(self, x: Tensor, mask: Tensor | None) -> tuple[Any, Any]:
        reduced = self._reduced_axes
        if mask is None:
            mean, variance = ops.moments(x, axes=reduced, synchronized=self.synchronized)
            return mean, variance
        weights = ops.cast(mask, x.dtype)
        while len(weights.shape) < len(x.shape):
            weights = ops.expand_dims(weights, -1)
        # the mask has size 1 along the channels, so this counts positions
        count = ops.maximum(ops.sum(ops.broadcast_to(weights, ops.shape(x)), axis=reduced), 1e-7)
        mean = ops.sum(x * weights, axis=reduced) / count
        shape = [1] * len(x.shape)
        shape[self.axis] = -1
        variance = ops.sum(ops.square(x - ops.reshape(mean, shape)) * weights, axis=reduced) / count
        return mean, variance

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        standardize_axis(self.axis, len(input_shape))
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "axis": self.axis,
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "center": self.center,
            "scale": self.scale,
            **self.weight_config(),
            "synchronized": self.synchronized,
            **self._renorm,
        }
