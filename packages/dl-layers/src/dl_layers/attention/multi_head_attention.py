"""Multi-head attention."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers import initializers, regularizers
from dl_layers.activation import Softmax
from dl_layers.constraints import Constraint
from dl_layers.core import EinsumDense
from dl_layers.initializers import Initializer
from dl_layers.layer import CommonOptions, Layer
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import axes, fraction, positive_integer, sizes
from dl_layers.regularization import Dropout
from dl_layers.regularizers import Regularizer
from dl_ops import ops
from dl_ops.objects import public
from dl_ops.rules import standardize_axes
from dl_ops.typing import Shape, Tensor

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _projection(free: int, bound: int, outputs: int) -> tuple[str, str, int]:
    """Equation, bias axes and rank of the result of a dense map: `free` axes stay, `bound` are summed over,
    `outputs` are new.
    """
    stay, summed = _LETTERS[:free], _LETTERS[free : free + bound]
    new = _LETTERS[free + bound : free + bound + outputs]
    return f"{stay}{summed},{summed}{new}->{stay}{new}", new, free + outputs


@public("keras.layers.MultiHeadAttention")
class MultiHeadAttention(NamedWeights, Layer):
    """Scaled dot-product attention in several subspaces at once.

    Queries, keys and values are mapped into `num_heads` subspaces; each query gets the mean of the values weighted
    by the softmax of its products with the keys; the heads' results are mapped to the output.

    Parameters
    ----------
    num_heads : int
    key_dim : int
        Size of each head's queries and keys.
    value_dim : int, optional
        Size of each head's values; `key_dim` by default.
    dropout : float, default 0.0
        Rate at which attention weights are dropped while training.
    use_bias : bool, default True
    output_shape : int or sequence of int, optional
        Of the output's feature axes; the query's by default.
    attention_axes : int or sequence of int, optional
        Axes that attention runs over; all but the batch and the features by default.
    sliding_window : int, optional
        How far from itself a query may look, in positions.
    flash_attention : bool, optional
        Whether to use the framework's fused kernel; where possible by default.
    kernel_initializer, bias_initializer : str, dict, callable or Initializer
        Of all four maps.
    kernel_regularizer, bias_regularizer, activity_regularizer : str, dict, callable or Regularizer, optional
    kernel_constraint, bias_constraint : str, dict, callable or Constraint, optional
    use_gate : bool, default False
        Whether the result is multiplied by a sigmoid gate computed from the query.
    seed : int, optional
        Of the dropout.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If a size is not a positive integer, or the inputs' shapes do not fit.

    References
    ----------
    Vaswani et al., "Attention Is All You Need", arXiv:1706.03762.

    Examples
    --------
    >>> layer = MultiHeadAttention(num_heads=2, key_dim=4)
    >>> output, scores = layer(ops.ones((1, 3, 8)), ops.ones((1, 5, 8)), return_attention_scores=True)
    >>> output.shape, scores.shape
    ((1, 3, 8), (1, 2, 3, 5))
    """

    kernel_initializer: Initializer
    bias_initializer: Initializer
    kernel_regularizer: Regularizer | None
    bias_regularizer: Regularizer | None
    kernel_constraint: Constraint | None
    bias_constraint: Constraint | None

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        attention_axes: int | Sequence[int] | None = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(**{**options, "activity_regularizer": activity_regularizer})
        self.num_heads = positive_integer(num_heads, "num_heads", self)
        self.key_dim = positive_integer(key_dim, "key_dim", self)
        self.value_dim = self.key_dim if value_dim is None else positive_integer(value_dim, "value_dim", self)
        if sliding_window is not None:
            positive_integer(sliding_window, "sliding_window", self)
        self.dropout = fraction(dropout, "dropout", self)
        self.use_bias, self.use_gate, self.seed = use_bias, use_gate, seed
        self.sliding_window, self.flash_attention = sliding_window, flash_attention
        self.output_size = None if output_shape is None else sizes(output_shape, "output_shape", self)
        self.attention_axes: tuple[int, ...] | None = None
        if attention_axes is not None:
            given = axes(attention_axes, "attention_axes", self, several=True)
            self.attention_axes = tuple(given) if isinstance(given, list) else (given,)
        self.set_weight_options(
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
        )
        self.supports_masking = True

    # -- building ---------------------------------------------------------------------------------------------------

    def build(self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None) -> None:
        key_shape = value_shape if key_shape is None else key_shape
        rank = len(query_shape)
        if not rank == len(value_shape) == len(key_shape):
            raise ValueError(
                f"MultiHeadAttention {self.name!r}: query, value and key must have the same number of axes, got shapes "
                f"{tuple(query_shape)}, {tuple(value_shape)}, {tuple(key_shape)}"
            )
        if self.attention_axes is None:
            self.attention_axes = tuple(range(1, rank - 1))
        else:
            self.attention_axes = standardize_axes(tuple(self.attention_axes), rank)
        heads = [self.num_heads, self.key_dim]
        self._query_dense = self._dense("query", query_shape, heads)
        self._key_dense = self._dense("key", key_shape, heads)
        if self.use_gate:
            self._gate_dense = self._dense("gate", query_shape, [self.num_heads, self.value_dim])
        self._value_dense = self._dense("value", value_shape, [self.num_heads, self.value_dim])
        self._softmax = Softmax(axis=self._score_axes(rank), dtype=self.dtype_policy, name="softmax")
        self._dropout_layer = Dropout(self.dropout, dtype=self.dtype_policy, seed=self.seed, name="dropout")
        result = (*query_shape[:-1], self.num_heads, self.value_dim)
        output = tuple(self.output_size or (query_shape[-1],))
        equation, bias_axes, output_rank = _projection(rank - 1, 2, len(output))
        self._output_dense = self._einsum(equation, bias_axes, output_rank, output, "attention_output")
        self._output_dense.build(result)

    def _dense(self, name: str, shape: Shape, sizes: list[int]) -> EinsumDense:
        equation, bias_axes, rank = _projection(len(shape) - 1, 1, 2)
        dense = self._einsum(equation, bias_axes, rank, sizes, name)
        dense.build(shape)
        return dense

    def _einsum(self, equation: str, bias_axes: str, rank: int, sizes: Sequence[int | None], name: str) -> EinsumDense:
        # each map gets initializers of its own, or unseeded ones would make all four alike
        copies: dict[str, Any] = {
            "kernel_initializer": initializers.get(initializers.serialize(self.kernel_initializer)),
            "bias_initializer": initializers.get(initializers.serialize(self.bias_initializer)),
        }
        dense = EinsumDense(
            equation,
            output_shape=(*(None,) * (rank - 1 - len(sizes)), *sizes),
            bias_axes=bias_axes if self.use_bias else None,
            name=name,
            dtype=self.dtype_policy,
            kernel_regularizer=self.kernel_regularizer,
            bias_regularizer=self.bias_regularizer,
            activity_regularizer=self.activity_regularizer,
            kernel_constraint=self.kernel_constraint,
            bias_constraint=self.bias_constraint,
            **copies,
        )
        # masks are taken account of in the scores
        dense.supports_masking = True
        return dense

    @property
    def query_dense(self) -> EinsumDense:
        """Map of the queries."""
        return self._query_dense

    @property
    def key_dense(self) -> EinsumDense:
        """Map of the keys."""
        return self._key_dense

    @property
    def value_dense(self) -> EinsumDense:
        """Map of the values."""
        return self._value_dense

    @property
    def output_dense(self) -> EinsumDense:
        """Map of the heads' results to the output."""
        return self._output_dense

    def _score_axes(self, rank: int) -> tuple[int, ...]:
        """Axes of the scores that belong to the keys: as many last ones as attention runs over."""
        assert self.attention_axes is not None
        count = len(self.attention_axes)
        return tuple(range(-count, 0))

    # -- computing --------------------------------------------------------------------------------------------------

    def call(
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key_mask: Tensor | None = None,
        attention_mask: Tensor | None = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Attend.

        Parameters
        ----------
        query : tensor, shape (batch, ..., query features)
        value : tensor, shape (batch, ..., value features)
        key : tensor, shape (batch, ..., key features), optional
            The values by default.
        query_mask, value_mask, key_mask : tensor of bool, shape (batch, positions), optional
            Which positions count.
        attention_mask : tensor of bool, shape (batch, query positions, key positions), optional
            Which keys each query may look at.
        return_attention_scores : bool, default False
        training : bool, optional
        use_causal_mask : bool, default False
            Whether a query may look at keys up to its own position only.

        Returns
        -------
        tensor, or pair of tensors
            The output; with `return_attention_scores` also the weights, shape (batch, heads, query positions, key
            positions).
        """
        key = value if key is None else key
        mask = self._attention_mask(
            query, value, key, query_mask, value_mask, key_mask, attention_mask, use_causal_mask
        )
        gate = ops.sigmoid(self._gate_dense(query)) if self.use_gate else None
        queries, keys, values = self._query_dense(query), self._key_dense(key), self._value_dense(value)
        result, scores = self._attend(queries, keys, values, mask, bool(training), return_attention_scores)
        if gate is not None:
            result = ops.multiply(result, gate)
        output = self._output_dense(result)
        return (output, scores) if return_attention_scores else output

    def _attend(
        self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, training: bool, with_scores: bool
    ) -> tuple[Tensor, Tensor | None]:
        scale = 1.0 / math.sqrt(self.key_dim)
        drops = training and self.dropout > 0
        if not drops and not with_scores and len(query.shape) == 4 and self.flash_attention is not False:
            full = None if mask is None else ops.expand_dims(mask, 1) if len(mask.shape) == 3 else mask
            return ops.dot_product_attention(query, key, value, mask=full, scale=scale), None
        # (batch, others..., positions..., heads, features) -> heads in front of positions
        assert self.attention_axes is not None
        count = len(self.attention_axes)
        batch = [i for i in range(len(query.shape) - 2) if i not in self.attention_axes]
        letters = iter(_LETTERS)
        names = {axis: next(letters) for axis in batch}
        head, feature, value_feature = next(letters), next(letters), next(letters)
        queries = [next(letters) for _ in range(count)]
        keys = [next(letters) for _ in range(count)]

        def axes(positions: list[str], last: str) -> str:
            at = dict(zip(self.attention_axes or (), positions, strict=True))
            return "".join(names.get(i) or at[i] for i in range(len(query.shape) - 2)) + head + last

        scores_axes = "".join(names.values()) + head + "".join(queries) + "".join(keys)
        scores = ops.einsum(
            f"{axes(queries, feature)},{axes(keys, feature)}->{scores_axes}", ops.multiply(query, scale), key
        )
        if mask is not None:
            while len(mask.shape) < len(scores.shape):
                mask = ops.expand_dims(mask, -1 - 2 * count)
        scores = self._softmax(scores, mask=mask)
        dropped = self._dropout_layer(scores, training=training)
        result = ops.einsum(
            f"{scores_axes},{axes(keys, value_feature)}->{axes(queries, value_feature)}", dropped, value
        )
        return result, scores

    def _attention_mask(
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor,
        query_mask: Tensor | None,
        value_mask: Tensor | None,
        key_mask: Tensor | None,
        attention_mask: Tensor | None,
        causal: bool,
    ) -> Tensor | None:
        """All masks in one, shape (batch or 1, query positions, key positions); ``None`` if there is none."""
        parts: list[Any] = []
        if query_mask is not None:
            parts.append(ops.expand_dims(ops.cast(query_mask, "bool"), -1))
        given = (mask for mask in (value_mask, key_mask) if mask is not None)
        parts += [ops.expand_dims(ops.cast(mask, "bool"), -2) for mask in given]
        if causal or self.sliding_window is not None:
            rows = ops.expand_dims(ops.arange(query.shape[1]), 1)
            columns = ops.expand_dims(ops.arange(value.shape[1]), 0)
            if causal:
                parts.append(ops.expand_dims(ops.greater_equal(rows, columns), 0))
            if self.sliding_window is not None:
                near = ops.less(ops.absolute(ops.subtract(rows, columns)), self.sliding_window)
                parts.append(ops.expand_dims(near, 0))
        if attention_mask is not None:
            parts.append(ops.cast(attention_mask, "bool"))
        combined = None
        for part in parts:
            combined = part if combined is None else ops.logical_and(combined, part)
        return combined

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The query's mask."""
        return previous_mask

    def compute_output_shape(self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None) -> Shape:
        key_shape = value_shape if key_shape is None else key_shape
        if tuple(value_shape[1:-1]) != tuple(key_shape[1:-1]):
            raise ValueError(
                f"MultiHeadAttention {self.name!r}: value and key must have the same positions, got shapes "
                f"{tuple(value_shape)} and {tuple(key_shape)}"
            )
        return (*query_shape[:-1], *(self.output_size or (query_shape[-1],)))

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """Symbolic outputs; run through `call`, since scores may be returned too."""
        return self._spec_by_call(args, kwargs)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "key_dim": self.key_dim,
            "value_dim": self.value_dim,
            "dropout": self.dropout,
            "use_bias": self.use_bias,
            "use_gate": self.use_gate,
            "output_shape": self.output_size,
            "attention_axes": self.attention_axes,
            "sliding_window": self.sliding_window,
            **self.weight_config(),
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
            "seed": self.seed,
        }
