"""Vectors looked up by integers."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import regularizers
from dl_layers.layer import CommonOptions, Layer
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import not_available, positive_integer
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.Embedding")
class Embedding(NamedWeights, Layer):
    """Table of vectors, one for each integer from 0 to ``input_dim - 1``.

    Shapes: ``(...) -> (..., output_dim)``; `embeddings` is ``(input_dim, output_dim)``.

    Parameters
    ----------
    input_dim : int
        Number of vectors.
    output_dim : int
        Their size.
    embeddings_initializer : str, dict, callable or Initializer, default "uniform"
    embeddings_regularizer : str, dict, callable or Regularizer, optional
    embeddings_constraint : str, dict, callable or Constraint, optional
    mask_zero : bool, default False
        Whether 0 stands for padding, which later layers then leave out.
    weights : array_like or list of one, optional
        The table's initial value.
    lora_rank, lora_alpha, quantization_config
        Not available yet: other values than ``None`` raise.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If `input_dim` or `output_dim` is not a positive integer.

    Examples
    --------
    >>> layer = Embedding(3, 2, weights=[[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
    >>> layer(ops.convert_to_tensor([1, 2])).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """

    embeddings: Variable

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        options.pop("input_length", None)  # type: ignore[typeddict-item]  # in files of older versions, without effect
        super().__init__(**options)
        not_available(self, lora_rank=lora_rank, lora_alpha=lora_alpha, quantization_config=quantization_config)
        self.input_dim = positive_integer(input_dim, "input_dim", self)
        self.output_dim = positive_integer(output_dim, "output_dim", self)
        self.set_weight_options(
            embeddings_initializer=embeddings_initializer,
            embeddings_regularizer=embeddings_regularizer,
            embeddings_constraint=embeddings_constraint,
        )
        self.mask_zero = self.supports_masking = mask_zero
        # indices must not be cast to a float compute dtype
        self.autocast = False
        if weights is not None:
            self.build()
            table = ops.convert_to_numpy(weights)
            self.set_weights([table] if table.ndim == 2 else list(table))

    def build(self, input_shape: Shape | None = None) -> None:
        self.embeddings = self.add_named_weight("embeddings", (self.input_dim, self.output_dim))

    def call(self, inputs: Tensor) -> Tensor:
        return ops.cast(ops.take(self.embeddings, ops.cast(inputs, "int32"), axis=0), self.compute_dtype)

    def compute_mask(self, inputs: Tensor, previous_mask: Any = None) -> Tensor | None:
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        return (*input_shape, self.output_dim)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "input_dim": self.input_dim,
            "output_dim": self.output_dim,
            **self.weight_config(),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "quantization_config": None,
            "mask_zero": self.mask_zero,
        }
