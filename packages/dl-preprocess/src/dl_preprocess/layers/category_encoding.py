"""Integers as vectors."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np

from dl_layers.layer import LayerOptions
from dl_layers.layer.validation import one_of, positive_integer
from dl_ops import ops
from dl_ops.backend import current_backend
from dl_ops.objects import public
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape, Tensor
from dl_preprocess.layers.data_layer import DataLayer


@public("keras.layers.CategoryEncoding")
class CategoryEncoding(DataLayer):
    """Encode integers from 0 to ``num_tokens - 1``.

    Shapes: ``(..., positions) -> (..., num_tokens)``; for ``"one_hot"`` also ``(...) -> (..., num_tokens)``, the
    last axis being dropped if it has size 1.

    Parameters
    ----------
    num_tokens : int
    output_mode : {"multi_hot", "one_hot", "count"}
        Whether each example gets ones where any of its integers points, each integer a vector of its own, or each
        example the number of times.
    sparse : bool, default False
        Not available: another value raises.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these, or concrete integers are out of range.

    Examples
    --------
    >>> CategoryEncoding(4, output_mode="count")(np.array([[0, 1, 1]])).tolist()
    [[1.0, 2.0, 0.0, 0.0]]
    """

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        output_mode = "multi_hot" if output_mode == "binary" else output_mode
        self.num_tokens = positive_integer(num_tokens, "num_tokens", self)
        self.output_mode = one_of(output_mode, ("multi_hot", "one_hot", "count"), "output_mode", self)
        if sparse:
            raise NotImplementedError("CategoryEncoding(sparse=True): sparse outputs are not available yet")
        self.sparse = sparse
        # integers must stay so
        self.autocast = False
        self.built = True

    def call(self, inputs: Tensor, count_weights: Tensor | None = None) -> Tensor:
        """Encode.

        Parameters
        ----------
        inputs : tensor of int, shape (..., positions)
        count_weights : tensor, optional
            Of the inputs' shape: what each integer counts; for ``"count"`` alone.

        Returns
        -------
        tensor
        """
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(f"{self!r}: count_weights are for output_mode='count', not {self.output_mode!r}")
        tokens = ops.cast(inputs, "int32")
        self._check_range(tokens)
        rank = len(tokens.shape)
        if self.output_mode == "one_hot":
            if rank > 1 and tokens.shape[-1] == 1:
                tokens = ops.squeeze(tokens, axis=-1)
            return ops.one_hot(tokens, self.num_tokens, dtype=self.compute_dtype)
        vectors = ops.one_hot(tokens, self.num_tokens, dtype=self.compute_dtype)
        if count_weights is not None:
            vectors = ops.multiply(vectors, ops.expand_dims(ops.cast(count_weights, self.compute_dtype), -1))
        if rank == 0:
            return vectors
        return ops.max(vectors, axis=-2) if self.output_mode == "multi_hot" else ops.sum(vectors, axis=-2)

    def _check_range(self, tokens: Tensor) -> None:
        """Compare concrete integers with the number of tokens; while a graph is built, out-of-range ones give zeros."""
        if isinstance(tokens, KerasTensor) or not current_backend().is_concrete(tokens):
            return
        values = ops.convert_to_numpy(tokens)
        if values.size and (values.min() < 0 or values.max() >= self.num_tokens):
            raise ValueError(
                f"{self!r}: expected integers from 0 to {self.num_tokens - 1}, "
                f"got values from {np.min(values)} to {np.max(values)}"
            )

    def compute_output_shape(self, input_shape: Shape, count_weights_shape: Any = None) -> Shape:
        shape = tuple(input_shape)
        if self.output_mode == "one_hot":
            return (*(shape[:-1] if len(shape) > 1 and shape[-1] == 1 else shape), self.num_tokens)
        return (*shape[:-1], self.num_tokens)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "num_tokens": self.num_tokens, "output_mode": self.output_mode}
