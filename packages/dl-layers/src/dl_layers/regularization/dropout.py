"""Dropout of single values and of whole channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Unpack

from dl_layers.layer import InputSpec, LayerOptions
from dl_layers.layer.validation import data_format_of, fraction, sizes
from dl_layers.regularization.base import Noise
from dl_ops import random
from dl_ops.objects import public
from dl_ops.typing import Tensor


@public("keras.layers.Dropout")
class Dropout(Noise):
    """While training, set a random part of the inputs to zero and scale the others so that the expected sum stays.

    Parameters
    ----------
    rate : float
        Part that is set to zero, between 0 and 1.
    noise_shape : sequence of int or None, optional
        Shape of the random mask, which is broadcast; ``None`` for the input's size.
    seed : int, optional
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `rate` is not between 0 and 1.

    References
    ----------
    Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", JMLR 15 (2014).

    Examples
    --------
    >>> from dl_ops import ops
    >>> Dropout(0.5)(ops.ones(3)).tolist()
    [1.0, 1.0, 1.0]
    """

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(seed, **options)
        self.rate = fraction(rate, "rate", self)
        self.noise_shape = None if noise_shape is None else sizes(noise_shape, "noise_shape", self, unknown=True)
        self.start(self.rate)

    def noisy(self, inputs: Tensor) -> Tensor:
        return random.dropout(inputs, self.rate, noise_shape=self.noise_shape, seed=self.seed_generator)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "rate": self.rate, "noise_shape": self.noise_shape}


class SpatialDropout(Dropout):
    """While training, set random channels to zero everywhere and scale the others so that the expected sum stays."""

    rank: ClassVar[int]

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(rate, seed=seed, name=name, dtype=dtype)
        self.data_format = data_format_of(data_format, self)
        everywhere = (1,) * self.rank
        last = self.data_format == "channels_last"
        self.noise_shape = (None, *everywhere, None) if last else (None, None, *everywhere)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def get_config(self) -> dict[str, Any]:
        # what the layer is made with, and no more: Keras has no `trainable` here, and the dtype by its name
        return {
            "rate": self.rate,
            "seed": self.seed,
            "name": self.name,
            "dtype": self.dtype_policy.name,
            "data_format": self.data_format,
        }


@public("keras.layers.SpatialDropout1D")
class SpatialDropout1D(SpatialDropout):
    """While training, set random channels of sequences to zero and scale the others so that the expected sum stays.

    Shapes: ``(batch, steps, channels) -> (batch, steps, channels)``.

    Parameters
    ----------
    rate : float
        Part of the channels that is set to zero, between 0 and 1.
    seed : int, optional
    name : str, optional
    dtype : str or DTypePolicy, optional

    Raises
    ------
    ValueError
        If `rate` is not between 0 and 1.

    References
    ----------
    Tompson et al., "Efficient Object Localization Using Convolutional Networks", arXiv:1411.4280.

    Examples
    --------
    >>> from dl_ops import ops
    >>> y = SpatialDropout1D(0.5, seed=1)(ops.ones((1, 2, 50)), training=True)
    >>> bool(ops.all(y[0, 0] == y[0, 1])), sorted(set(y[0, 0].tolist()))
    (True, [0.0, 2.0])
    """

    rank = 1

    def __init__(self, rate: float, seed: int | None = None, name: str | None = None, dtype: Any = None) -> None:
        super().__init__(rate, "channels_last", seed, name, dtype)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["data_format"]
        return config


@public("keras.layers.SpatialDropout2D")
class SpatialDropout2D(SpatialDropout):
    """While training, set random channels of images to zero and scale the others so that the expected sum stays.

    Parameters
    ----------
    rate : float
        Part of the channels that is set to zero, between 0 and 1.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    seed : int, optional
    name : str, optional
    dtype : str or DTypePolicy, optional

    Raises
    ------
    ValueError
        If an argument is none of these.

    References
    ----------
    Tompson et al., "Efficient Object Localization Using Convolutional Networks", arXiv:1411.4280.

    Examples
    --------
    >>> from dl_ops import ops
    >>> SpatialDropout2D(0.5)(ops.ones((1, 2, 2, 3))).shape
    (1, 2, 2, 3)
    """

    rank = 2


@public("keras.layers.SpatialDropout3D")
class SpatialDropout3D(SpatialDropout):
    """While training, set random channels of volumes to zero and scale the others so that the expected sum stays.

    Parameters
    ----------
    rate : float
        Part of the channels that is set to zero, between 0 and 1.
    data_format : {"channels_last", "channels_first"}, optional
        The configured one by default.
    seed : int, optional
    name : str, optional
    dtype : str or DTypePolicy, optional

    Raises
    ------
    ValueError
        If an argument is none of these.

    References
    ----------
    Tompson et al., "Efficient Object Localization Using Convolutional Networks", arXiv:1411.4280.

    Examples
    --------
    >>> from dl_ops import ops
    >>> SpatialDropout3D(0.5)(ops.ones((1, 2, 2, 2, 3))).shape
    (1, 2, 2, 2, 3)
    """

    rank = 3
