"""Batch normalization."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Unpack

from dl_layers.layer import InputSpec, LayerOptions
from dl_layers.layer.validation import axes, fraction, known_size
from dl_layers.normalization.base import ScaledNormalization
from dl_ops import ops
from dl_ops.backend import current_backend
from dl_ops.objects import public
from dl_ops.rules import standardize_axis
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable

_BOUNDS: Final = ("rmax", "rmin", "dmax")


class _Moments(NamedTuple):
    """Mean and variance of each channel."""

    mean: Any
    variance: Any


@public("keras.layers.BatchNormalization")
class BatchNormalization(ScaledNormalization):
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
    renorm : bool, default False
        Whether the batch's normalization is corrected towards slower averages, `renorm_mean` and `renorm_stddev`, so
        that training and inference differ less: ``x * r + d`` with constants `r` and `d` of the two.
    renorm_clipping : dict, optional
        Bounds of the correction: ``"rmin"`` and ``"rmax"`` of `r`, ``"dmax"`` of the size of `d`; none by default.
    renorm_momentum : float, default 0.99
        `momentum` of the slower averages.
    synchronized : bool, default False
        Whether the statistics are those of all replicas' batches in distributed training, as the backend's
        ``mean_over_replicas`` gives them: by ``torch.distributed`` if that is initialized, by TensorFlow's strategy;
        elsewhere a step sees the whole batch anyway.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `momentum`, `epsilon` or a bound is out of range, the axis has no known size, or a mask does not fit.

    References
    ----------
    Ioffe and Szegedy, "Batch Normalization", arXiv:1502.03167; Ioffe, "Batch Renormalization", arXiv:1702.03275.

    Examples
    --------
    >>> layer = BatchNormalization()
    >>> layer(ops.convert_to_tensor([[1.0], [3.0]]), training=True).round(3).tolist()
    [[-1.0], [1.0]]
    """

    axis: int
    moving_mean_initializer: Any
    moving_variance_initializer: Any
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
        weight_options = {
            "beta_initializer": beta_initializer,
            "gamma_initializer": gamma_initializer,
            "moving_mean_initializer": moving_mean_initializer,
            "moving_variance_initializer": moving_variance_initializer,
            "beta_regularizer": beta_regularizer,
            "gamma_regularizer": gamma_regularizer,
            "beta_constraint": beta_constraint,
            "gamma_constraint": gamma_constraint,
        }
        super().__init__(epsilon, center, scale, weight_options, **options)
        self.axis = axes(axis, "axis", self)
        self.momentum = fraction(momentum, "momentum", self)
        self.renorm, self.synchronized = renorm, synchronized
        self.renorm_clipping = self._checked_bounds(renorm_clipping) if renorm else renorm_clipping
        self.renorm_momentum = fraction(renorm_momentum, "renorm_momentum", self)

    def _checked_bounds(self, bounds: Any) -> dict[str, float]:
        bounds = {} if bounds is None else bounds
        what = f"{type(self).__name__}(renorm_clipping={bounds!r})"
        if not isinstance(bounds, Mapping) or not set(bounds) <= set(_BOUNDS):
            raise ValueError(f"{what}: expected a dictionary with keys of {', '.join(map(repr, _BOUNDS))}")
        found = {name: bound for name, bound in bounds.items() if bound is not None}
        if not all(isinstance(bound, (int, float)) for bound in found.values()):
            raise ValueError(f"{what}: expected numbers")
        if found.get("rmin", 0.0) > found.get("rmax", float("inf")) or found.get("dmax", 0.0) < 0:
            raise ValueError(f"{what}: rmax must not be less than rmin, nor dmax negative")
        return dict(bounds)

    def build(self, input_shape: Shape) -> None:
        size = (known_size(input_shape, self.axis, self),)
        self.add_scale_and_shift(size)
        self.moving_mean = self._add_average("moving_mean", size, self.moving_mean_initializer)
        self.moving_variance = self._add_average("moving_variance", size, self.moving_variance_initializer)
        if self.renorm:

            def deviation(shape: Shape, dtype: Any = None) -> Tensor:
                return ops.sqrt(self.moving_variance_initializer(shape, dtype=dtype))

            self.moving_stddev = self._add_average("moving_stddev", size, deviation)
            self.renorm_mean = self._add_average("renorm_mean", size, self.moving_mean_initializer)
            self.renorm_stddev = self._add_average("renorm_stddev", size, deviation)
        self.input_spec = InputSpec(ndim=len(input_shape), axes={self.axis: size[0]})
        channels = standardize_axis(self.axis, len(input_shape))
        self._reduced_axes = [i for i in range(len(input_shape)) if i != channels]

    def _add_average(self, name: str, shape: Sequence[int], initializer: Any) -> Variable:
        # averages stay in the variables' dtype whatever the layer computes in
        return self.add_weight(shape, initializer, trainable=False, autocast=False, name=name)

    def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
        """Normalize, by the batch's statistics if `training` is true.

        Parameters
        ----------
        inputs : tensor
        training : bool, optional
        mask : tensor of bool, optional
            Of the inputs' first axes; positions where it is false do not count in the statistics.
        """
        if mask is not None:
            self._check_mask(tuple(mask.shape), inputs.shape)
        # 16-bit sums of squares overflow or lose the mean
        x = ops.cast(inputs, "float32") if self.compute_dtype in ("float16", "bfloat16") else inputs
        scale: Any = self.gamma
        offset: Any = self.beta
        if training and self.trainable:
            moments = self._moments(x, mask)
            if self.renorm:
                scale, offset = self._corrected(moments)
            self._update(moments)
        else:
            moments = _Moments(self.moving_mean.value, self.moving_variance.value)
        y = ops.batch_normalization(x, *moments, self.axis, offset=offset, scale=scale, epsilon=self.epsilon)
        return y if x is inputs else ops.cast(y, self.compute_dtype)

    def _moments(self, x: Tensor, mask: Tensor | None) -> _Moments:
        """Statistics of the batch, of the positions where the mask is true."""
        if mask is None:
            return _Moments(*ops.moments(x, axes=self._reduced_axes, synchronized=self.synchronized))
        seen = ops.cast(mask, "bool")
        seen = ops.reshape(seen, (*ops.shape(seen), *(1,) * (len(x.shape) - len(seen.shape))))
        count = self._over_replicas(self._sum(ops.broadcast_to(ops.cast(seen, x.dtype), ops.shape(x))))
        # where nothing is seen, the sums are 0 too
        count = ops.maximum(count, 1e-7)
        # chosen, and not multiplied by 0, as what is masked may be infinite or NaN
        mean = ops.divide(self._over_replicas(self._sum(ops.where(seen, x, 0.0))), count)
        squares = ops.square(ops.where(seen, ops.subtract(x, mean), 0.0))
        variance = ops.divide(self._over_replicas(self._sum(squares)), count)
        return _Moments(ops.reshape(mean, (-1,)), ops.reshape(variance, (-1,)))

    def _check_mask(self, shape: Shape, input_shape: Sequence[int | None]) -> None:
        if len(shape) >= len(input_shape) or any(
            None not in (a, b) and a not in (b, 1) for a, b in zip(shape, input_shape, strict=False)
        ):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: mask has shape {shape}: expected the first sizes of the input's "
                f"{tuple(input_shape)}"
            )

    def compute_output_spec(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Symbolic output of the input's shape."""
        if mask is not None:
            self._check_mask(tuple(mask.shape), inputs.shape)
        return KerasTensor(self.compute_output_shape(inputs.shape), self.compute_dtype, record_history=False)

    def _sum(self, x: Tensor) -> Tensor:
        return ops.sum(x, axis=self._reduced_axes, keepdims=True)

    def _over_replicas(self, x: Tensor) -> Tensor:
        mean: Tensor = current_backend().mean_over_replicas(x) if self.synchronized else x
        return mean

    def _corrected(self, moments: _Moments) -> tuple[Tensor, Tensor]:
        """Scale and offset with the correction of batch renormalization, which is a constant for gradients."""
        assert self.renorm_clipping is not None
        lower, upper = self.renorm_clipping.get("rmin"), self.renorm_clipping.get("rmax")
        distance = self.renorm_clipping.get("dmax")
        # not to divide by zero early on
        slow_deviation = ops.maximum(self.renorm_stddev, self.epsilon**0.5)
        r = ops.divide(self._deviation(moments), slow_deviation)
        d = ops.divide(ops.subtract(moments.mean, self.renorm_mean), slow_deviation)
        if lower is not None:
            r = ops.maximum(r, lower)
        if upper is not None:
            r = ops.minimum(r, upper)
        if distance is not None:
            d = ops.clip(d, -distance, distance)
        scale, offset = ops.stop_gradient(r), ops.stop_gradient(d)
        if self.gamma is not None:
            scale, offset = ops.multiply(scale, self.gamma), ops.multiply(offset, self.gamma)
        return scale, offset if self.beta is None else ops.add(offset, self.beta)

    def _deviation(self, moments: _Moments) -> Tensor:
        return ops.sqrt(ops.add(moments.variance, self.epsilon))

    def _update(self, moments: _Moments) -> None:
        """Move the averages towards the batch's statistics."""
        _move(self.moving_mean, moments.mean, self.momentum)
        if not self.renorm:
            _move(self.moving_variance, moments.variance, self.momentum)
            return
        deviation = self._deviation(moments)
        _move(self.renorm_mean, moments.mean, self.renorm_momentum)
        _move(self.renorm_stddev, deviation, self.renorm_momentum)
        # the paper averages deviations, not variances
        moved = _move(self.moving_stddev, deviation, self.momentum)
        self.moving_variance.assign(ops.maximum(ops.subtract(ops.square(moved), self.epsilon), 0.0))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "momentum": self.momentum,
            **self.scaling_config(),
            "synchronized": self.synchronized,
            "renorm": self.renorm,
            "renorm_clipping": self.renorm_clipping,
            "renorm_momentum": self.renorm_momentum,
        }


def _move(average: Variable, value: Tensor, momentum: float) -> Any:
    """Move a running average; gives the new one."""
    moved = ops.add(ops.multiply(average, momentum), ops.multiply(ops.stop_gradient(value), 1.0 - momentum))
    return average.assign(moved)
