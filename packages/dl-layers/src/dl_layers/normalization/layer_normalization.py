"""Layer normalization."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.layer import LayerOptions
from dl_layers.layer.validation import axes, known_size
from dl_layers.normalization.base import ScaledNormalization
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.rules import standardize_axes
from dl_ops.typing import Shape, Tensor


@public("keras.layers.LayerNormalization")
class LayerNormalization(ScaledNormalization):
    """Normalize each example to mean 0 and variance 1 along some axes, then scale and shift.

    Shapes: as the input; `gamma` and `beta` have the sizes of `axis`, in the order of the input's axes.

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
        As for `Layer`. ``rms_scaling=True``, which older files have, multiplies by ``gamma / sqrt(variance + epsilon)``
        and does nothing else; use `RMSNormalization`.

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
        self.rms_scaling: bool = options.pop("rms_scaling", False)  # type: ignore[typeddict-item]  # no option of layers
        if self.rms_scaling:
            warnings.warn(
                "LayerNormalization(rms_scaling=True) divides by the standard deviation, not by the root of the mean "
                "square, and is deprecated: use RMSNormalization",
                DeprecationWarning,
                stacklevel=2,
            )
        weight_options = {
            "beta_initializer": beta_initializer,
            "gamma_initializer": gamma_initializer,
            "beta_regularizer": beta_regularizer,
            "gamma_regularizer": gamma_regularizer,
            "beta_constraint": beta_constraint,
            "gamma_constraint": gamma_constraint,
        }
        super().__init__(epsilon, center, scale, weight_options, **options)
        self.axis = axes(axis, "axis", self, several=True)
        # statistics of the inputs as they come
        self.autocast = False

    def build(self, input_shape: Shape) -> None:
        along = standardize_axes(self.axis if isinstance(self.axis, int) else tuple(self.axis), len(input_shape))
        self._axes = tuple(sorted(along))
        shape = tuple(known_size(input_shape, axis, self) for axis in self._axes)
        if self.rms_scaling:
            self.gamma, self.beta = self.add_named_weight("gamma", shape, autocast=False), None
        else:
            self.add_scale_and_shift(shape)

    def call(self, inputs: Tensor) -> Tensor:
        options = {"rms_scaling": True} if self.rms_scaling else {}
        y = ops.layer_normalization(inputs, self.gamma, self.beta, axis=self._axes, epsilon=self.epsilon, **options)
        return ops.cast(y, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self.scaling_config(), "rms_scaling": self.rms_scaling}
