"""What pooling layers of any rank have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Unpack

from dl_layers.layer import InputSpec, Layer, LayerOptions
from dl_layers.layer.validation import data_format_of, integer_tuple, one_of
from dl_ops.typing import Tensor


class Pooling(Layer):
    """Reduce windows of the spatial axes."""

    rank: ClassVar[int]
    pool: ClassVar[Callable[..., Any]]

    def __init__(
        self,
        pool_size: Any,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**{**options, "name": name})
        self.pool_size = integer_tuple(pool_size, self.rank, "pool_size", self)
        self.strides = self.pool_size if strides is None else integer_tuple(strides, self.rank, "strides", self)
        self.padding = one_of(padding, ("valid", "same"), "padding", self)
        self.data_format = data_format_of(data_format, self)
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        y: Tensor = type(self).pool(inputs, self.pool_size, self.strides, self.padding, self.data_format)
        return y

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "pool_size": self.pool_size,
            "padding": self.padding,
            "strides": self.strides,
            "data_format": self.data_format,
        }


class AdaptivePooling(Layer):
    """Reduce windows of the spatial axes, of which there are as many as wanted."""

    rank: ClassVar[int]
    pool: ClassVar[Callable[..., Any]]

    def __init__(self, output_size: Any, data_format: str | None = None, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.output_size = integer_tuple(output_size, self.rank, "output_size", self)
        self.data_format = data_format_of(data_format, self)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Tensor) -> Tensor:
        y: Tensor = type(self).pool(inputs, self.output_size, self.data_format)
        return y

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output_size": self.output_size, "data_format": self.data_format}


class GlobalPooling(Layer):
    """Reduce all of the spatial axes."""

    rank: ClassVar[int]
    reduce: ClassVar[Callable[..., Any]]

    def __init__(self, data_format: str | None = None, keepdims: bool = False, **options: Unpack[LayerOptions]) -> None:
        super().__init__(**options)
        self.data_format = data_format_of(data_format, self)
        self.keepdims = keepdims
        self.input_spec = InputSpec(ndim=self.rank + 2)
        self.built = True

    def call(self, inputs: Tensor) -> Tensor:
        first = 1 if self.data_format == "channels_last" else 2
        axes = tuple(range(first, first + self.rank))
        y: Tensor = type(self).reduce(inputs, axis=axes, keepdims=self.keepdims)
        return y

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format, "keepdims": self.keepdims}
