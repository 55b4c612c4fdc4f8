"""Vectors looked up by integers."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers import regularizers
from dl_layers.layer import CommonOptions, Layer
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import positive_integer
from dl_layers.quantization import Layout, Quantizable
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.Embedding")
class Embedding(Quantizable, NamedWeights, Layer):
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
    lora_rank : int, optional
        Size of two small matrices that are trained instead of the table: see `enable_lora`.
    lora_alpha : float, optional
        Factor of their product, divided by the rank.
    quantization_config : QuantizationConfig, optional
        How `quantize` keeps the table in fewer bits.
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

    _embeddings: Variable
    lora_embeddings_a: Variable
    lora_embeddings_b: Variable
    _kernel_name = "embeddings"
    _modes = ("int8", "int4")
    _other_weights = ()

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
        self._set_precision(lora_rank, lora_alpha, quantization_config)
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
        self._add_kernels((self.input_dim, self.output_dim))
        self._enable_given_rank()

    @property
    def embeddings(self) -> Any:
        """The table: a variable; the integers of a quantized layer; with an update of low rank, their sum."""
        return self._current_kernel()

    def call(self, inputs: Tensor) -> Tensor:
        if self._altered:
            return self._looked_up(ops.cast(inputs, "int32"))
        return ops.cast(ops.take(self._embeddings, ops.cast(inputs, "int32"), axis=0), self.compute_dtype)

    def _layouts(self, shape: tuple[int, ...]) -> tuple[Layout, ...]:
        matrix = (shape[0], shape[1])
        return (Layout("embeddings", shape, (1,), (-1,), scale_axes=(0,), matrix=matrix, grouped=1),)

    def _looked_up(self, indices: Tensor) -> Tensor:
        """Rows of a table that is kept in few bits, has an update of low rank, or both."""
        # row by row: the table as a whole may be large
        if self._stored:
            rows = self._stored[0].looked_up(indices)
        else:
            rows = ops.cast(ops.take(self._embeddings, indices, axis=0), self.compute_dtype)
        if not self.lora_enabled:
            return rows
        a = ops.take(self.lora_embeddings_a, indices, axis=0)
        return ops.add(rows, ops.cast(self._scaled_update(a, self.lora_embeddings_b), self.compute_dtype))

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
            **self._precision_config(),
            "mask_zero": self.mask_zero,
        }
