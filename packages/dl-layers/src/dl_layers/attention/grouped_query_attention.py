"""Attention whose heads share keys and values."""

from __future__ import annotations

from typing import Any, Unpack

from dl_layers.attention.projected import ProjectedAttention
from dl_layers.layer import CommonOptions
from dl_layers.layer.validation import positive_integer
from dl_ops.objects import public
from dl_ops.typing import Shape


@public("keras.layers.GroupQueryAttention")
class GroupedQueryAttention(ProjectedAttention):
    """Multi-head attention in which several heads of queries share the keys and values of one.

    With one head of keys and values it is multi-query attention, with as many as of queries multi-head attention.

    Shapes: query ``(batch, targets, features)``, value ``(batch, sources, value_features)``, key ``(batch, sources,
    key_features)`` -> ``(batch, targets, features)``.

    Parameters
    ----------
    head_dim : int
        Size of each head.
    num_query_heads : int
    num_key_value_heads : int
        A divisor of `num_query_heads`.
    dropout, use_bias, sliding_window, flash_attention, use_gate, seed
        As for `MultiHeadAttention`.
    kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, kernel_constraint, bias_constraint
        Of all maps, as for `MultiHeadAttention`.
    activity_regularizer : str, dict, callable or Regularizer, optional
        Penalty on the result of each map, the layer's output among them.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If a size is not a positive integer, the heads do not divide, the inputs' shapes do not fit, or fused attention
        is demanded and impossible.

    References
    ----------
    Ainslie et al., "GQA: Training Generalized Multi-Query Transformer Models", arXiv:2305.13245.

    Examples
    --------
    >>> from dl_ops import ops
    >>> layer = GroupedQueryAttention(head_dim=4, num_query_heads=6, num_key_value_heads=2)
    >>> layer(ops.ones((1, 3, 8)), ops.ones((1, 5, 8))).shape
    (1, 3, 8)
    """

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
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
        size = positive_integer(head_dim, "head_dim", self)
        query_heads = positive_integer(num_query_heads, "num_query_heads", self)
        key_heads = positive_integer(num_key_value_heads, "num_key_value_heads", self)
        if query_heads % key_heads:
            raise ValueError(
                f"{type(self).__name__}(num_query_heads={num_query_heads}, num_key_value_heads={num_key_value_heads}): "
                "num_query_heads must be divisible by num_key_value_heads"
            )
        super().__init__(
            query_heads=query_heads,
            key_heads=key_heads,
            key_size=size,
            value_size=size,
            dropout=dropout,
            use_bias=use_bias,
            sliding_window=sliding_window,
            flash_attention=flash_attention,
            use_gate=use_gate,
            seed=seed,
            activity_regularizer=activity_regularizer,
            weight_options={
                "kernel_initializer": kernel_initializer,
                "bias_initializer": bias_initializer,
                "kernel_regularizer": kernel_regularizer,
                "bias_regularizer": bias_regularizer,
                "kernel_constraint": kernel_constraint,
                "bias_constraint": bias_constraint,
            },
            **options,
        )

    @property
    def head_dim(self) -> int:
        """Size of each head."""
        return self._key_size

    @property
    def num_query_heads(self) -> int:
        """Number of heads of the queries."""
        return self._query_heads

    @property
    def num_key_value_heads(self) -> int:
        """Number of heads of the keys and values."""
        return self._key_heads

    def _check_shapes(self, query_shape: Shape, value_shape: Shape, key_shape: Shape) -> None:
        super()._check_shapes(query_shape, value_shape, key_shape)
        if len(query_shape) != 3:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: expected a query of shape (batch, positions, features), "
                f"got {tuple(query_shape)}"
            )

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "head_dim": self.head_dim,
            "num_query_heads": self.num_query_heads,
            "num_key_value_heads": self.num_key_value_heads,
            **self.attention_config(),
        }
