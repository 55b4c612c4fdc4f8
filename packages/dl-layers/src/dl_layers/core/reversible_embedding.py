"""Vectors looked up by integers, and integers scored by vectors."""

from __future__ import annotations

from typing import Any, ClassVar, Unpack

from dl_layers.core.embedding import Embedding
from dl_layers.layer import CommonOptions
from dl_layers.quantization import Layout
from dl_ops import ops
from dl_ops.dtypes import is_float, standardize_dtype
from dl_ops.objects import public
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.ReversibleEmbedding")
class ReversibleEmbedding(Embedding):
    """Table of vectors that is used in both directions, as at the two ends of a language model.

    Shapes: ``(...) -> (..., output_dim)``, or with ``reverse=True`` ``(..., output_dim) -> (..., input_dim)``;
    `embeddings` is ``(input_dim, output_dim)``, `reverse_embeddings` ``(output_dim, input_dim)``.

    Parameters
    ----------
    input_dim : int
        Number of vectors.
    output_dim : int
        Their size.
    tie_weights : bool, default True
        Whether one table serves both directions.
    embeddings_initializer, embeddings_regularizer, embeddings_constraint
        As for `Embedding`, for both tables.
    mask_zero : bool, default False
        Whether 0 stands for padding, which later layers then leave out.
    reverse_dtype : str, optional
        Dtype in which products with the vectors are computed; by default the compute dtype.
    logit_soft_cap : float, optional
        Largest magnitude of the products, which ``cap * tanh(x / cap)`` keeps them below.
    **options
        As for `Embedding`.

    Raises
    ------
    ValueError
        If a size is not a positive integer, or `logit_soft_cap` no positive number.

    Examples
    --------
    >>> layer = ReversibleEmbedding(3, 2, weights=[[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
    >>> layer(layer(ops.convert_to_tensor([1])), reverse=True).tolist()
    [[0.0, 5.0, 11.0]]

    References
    ----------
    Press and Wolf, "Using the Output Embedding to Improve Language Models", arXiv:1608.05859.
    """

    reverse_embeddings: Variable
    _keeps_dtype: ClassVar[bool] = False

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        reverse_dtype: str | None = None,
        logit_soft_cap: float | None = None,
        *,
        weights: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        quantization_config: Any = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        given: Any = logit_soft_cap
        if given is not None and (isinstance(given, bool) or not isinstance(given, (int, float)) or not given > 0):
            raise ValueError(
                f"{type(self).__name__}(logit_soft_cap={logit_soft_cap!r}): logit_soft_cap must be a positive number"
            )
        self.tie_weights = tie_weights
        self.reverse_dtype = None if reverse_dtype is None else standardize_dtype(reverse_dtype)
        self.logit_soft_cap = logit_soft_cap
        super().__init__(
            input_dim, output_dim, embeddings_initializer, embeddings_regularizer, embeddings_constraint, mask_zero,
            weights, lora_rank, lora_alpha, quantization_config, **options,
        )  # fmt: skip

    def build(self, input_shape: Shape | None = None) -> None:
        others = {} if self.tie_weights else {"reverse_embeddings": (self.output_dim, self.input_dim)}
        self._add_kernels((self.input_dim, self.output_dim), **others)
        self._enable_given_rank()

    def call(self, inputs: Tensor, reverse: bool = False) -> Tensor:
        if not reverse:
            return super().call(inputs)
        logits = self._scores(ops.cast(inputs, self.reverse_dtype or self.compute_dtype))
        if self.logit_soft_cap is not None:
            logits = ops.multiply(ops.tanh(ops.divide(logits, self.logit_soft_cap)), self.logit_soft_cap)
        return logits

    def _scores(self, inputs: Tensor) -> Tensor:
        if self._altered and (self.tie_weights or self._stored):
            return self._altered_product(inputs, 0 if self.tie_weights else 1)
        name = "embeddings" if self.tie_weights else "reverse_embeddings"
        kernel: Any = self._embeddings if self.tie_weights else self.reverse_embeddings
        return self._product(inputs, kernel if self.reverse_dtype is None else ops.cast(kernel, inputs.dtype), name)

    def _kernel_names(self) -> list[str]:
        return ["embeddings"] if self.tie_weights else ["embeddings", "reverse_embeddings"]

    def _layouts(self, shape: tuple[int, ...]) -> tuple[Layout, ...]:
        layouts = super()._layouts(shape)
        if self.tie_weights:
            return layouts
        turned = (shape[1], shape[0])
        reverse = Layout(
            "reverse_embeddings", turned, (0,), (-1,), scale_axes=(1,), matrix=turned, packed=0, zero_dtype="float32"
        )
        return (*layouts, reverse)

    def _product(self, inputs: Any, kernel: Any, name: str) -> Tensor:
        return ops.matmul(inputs, ops.transpose(kernel) if name == "embeddings" else kernel)

    def _product_gradient(self, upstream: Tensor, kernel: Tensor, name: str, inputs: Tensor) -> Tensor:
        gradient = ops.matmul(upstream, kernel if name == "embeddings" else ops.transpose(kernel))
        return ops.cast(gradient, inputs.dtype)

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        # scores are no padding, whatever their vectors were made from
        if is_float(standardize_dtype(inputs.dtype)) and len(inputs.shape) and inputs.shape[-1] == self.output_dim:
            return previous_mask
        return super().compute_mask(inputs, previous_mask)

    def compute_output_shape(self, input_shape: Shape, reverse: bool = False) -> Shape:
        return (*input_shape[:-1], self.input_dim) if reverse else super().compute_output_shape(input_shape)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        return self._spec_by_call(args, kwargs)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "tie_weights": self.tie_weights,
            "reverse_dtype": self.reverse_dtype,
            "logit_soft_cap": self.logit_soft_cap,
        }
