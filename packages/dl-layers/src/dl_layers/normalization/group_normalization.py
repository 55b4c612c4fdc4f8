"""Group normalization."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.layer import InputSpec, LayerOptions
from dl_layers.layer.validation import axes, known_size, positive_integer
from dl_layers.normalization.base import ScaledNormalization
from dl_ops import ops
from dl_ops.dtypes import promote, standardize_dtype
from dl_ops.objects import public
from dl_ops.rules import standardize_axis
from dl_ops.typing import Shape, Tensor


@public("keras.layers.GroupNormalization")
class GroupNormalization(ScaledNormalization):
    """Normalize groups of neighbouring channels of each example to mean 0 and variance 1, then scale and shift.

    With one group it is layer normalization over all axes but the batch, with a scale and a shift for each channel;
    with as many groups as channels it is instance normalization.

    Shapes: as the input, ``(batch, ...)``; `gamma` and `beta` are ``(channels,)``.

    Parameters
    ----------
    groups : int, default 32
        A divisor of the number of channels; -1 for one group for each channel.
    axis : int, default -1
        Axis of the channels.
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
        If `groups` is neither positive nor -1 or does not divide the channels, or their number is not known.

    References
    ----------
    Wu and He, "Group Normalization", arXiv:1803.08494.

    Examples
    --------
    >>> layer = GroupNormalization(groups=2)
    >>> layer(ops.convert_to_tensor([[1.0, 3.0, 0.0, 20.0]])).round(1).tolist()
    [[-1.0, 1.0, -1.0, 1.0]]
    """

    axis: int

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
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
        weight_options = {
            "beta_initializer": beta_initializer,
            "gamma_initializer": gamma_initializer,
            "beta_regularizer": beta_regularizer,
            "gamma_regularizer": gamma_regularizer,
            "beta_constraint": beta_constraint,
            "gamma_constraint": gamma_constraint,
        }
        super().__init__(epsilon, center, scale, weight_options, **options)
        self.groups = -1 if type(groups) is int and groups == -1 else positive_integer(groups, "groups", self)
        self.axis = axes(axis, "axis", self)
        # statistics of the inputs as they come
        self.autocast = False

    def build(self, input_shape: Shape) -> None:
        channels = known_size(input_shape, self.axis, self)
        groups = channels if self.groups == -1 else self.groups
        if standardize_axis(self.axis, len(input_shape)) == 0:
            raise ValueError(f"{type(self).__name__} {self.name!r}: axis={self.axis} is the batch's, not the channels'")
        if channels % groups:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: the input has {channels} channels, which groups={groups} does "
                "not divide"
            )
        self._parts = (groups, channels // groups)
        self.add_scale_and_shift((channels,))
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: channels})

    def call(self, inputs: Tensor) -> Tensor:
        # 16-bit sums of squares overflow or lose the mean
        x = ops.cast(inputs, promote(standardize_dtype(inputs.dtype), "float32"))
        shape, rank = ops.shape(x), len(inputs.shape)
        axis = standardize_axis(self.axis, rank)
        grouped = ops.reshape(x, (*shape[:axis], *self._parts, *shape[axis + 1 :]))
        mean, variance = ops.moments(grouped, axes=[i for i in range(1, rank + 1) if i != axis], keepdims=True)
        along = [1] * axis + list(self._parts) + [1] * (rank - axis - 1)
        factor = ops.rsqrt(ops.add(variance, self.epsilon))
        if self.gamma is not None:
            factor = ops.multiply(factor, ops.reshape(self.gamma, along))
        # in two steps on tensors of the channels' size, then two on x
        shift = ops.negative(ops.multiply(mean, factor))
        if self.beta is not None:
            shift = ops.add(shift, ops.reshape(self.beta, along))
        y = ops.add(ops.multiply(grouped, factor), shift)
        return ops.cast(ops.reshape(y, shape), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "groups": self.groups, **self.scaling_config()}
