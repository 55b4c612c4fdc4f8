"""Multi-head attention."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.attention.projected import ProjectedAttention
from dl_layers.core import EinsumDense
from dl_layers.layer import CommonOptions
from dl_layers.layer.validation import axes, positive_integer, sizes
from dl_ops.objects import public


@public("keras.layers.MultiHeadAttention")
class MultiHeadAttention(ProjectedAttention):
    """Scaled dot-product attention in several subspaces at once.

    Queries, keys and values are mapped into `num_heads` subspaces; each query gets the mean of the values weighted
    by the softmax of its products with the keys; the heads' results are mapped to the output.

    Shapes: query ``(batch, targets, query_features)``, value ``(batch, sources, value_features)``, key ``(batch,
    sources, key_features)`` -> ``(batch, targets, *output_shape)``. The kernels are ``(query_features, num_heads,
    key_dim)``, likewise for keys and values, and ``(num_heads, value_dim, *output_shape)``.

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
        A query may look at keys less than so many positions away.
    flash_attention : bool, optional
        True demands the framework's fused kernel, false forbids it; by default ``config`` decides, or else the
        framework.
    kernel_initializer, bias_initializer : str, dict, callable or Initializer
        Of all maps.
    kernel_regularizer, bias_regularizer : str, dict, callable or Regularizer, optional
    activity_regularizer : str, dict, callable or Regularizer, optional
        Penalty on the result of each map, the layer's output among them.
    kernel_constraint, bias_constraint : str, dict, callable or Constraint, optional
    use_gate : bool, default False
        Whether the heads' results are multiplied by a sigmoid gate computed from the query.
    seed : int, optional
        Of the dropout.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If a size is not a positive integer, the inputs' shapes do not fit, or fused attention is demanded and
        impossible: with dropout, with scores, on inputs with more axes or a framework without it.

    References
    ----------
    Vaswani et al., "Attention Is All You Need", arXiv:1706.03762; gates: Qiu et al., arXiv:2505.06708.

    Examples
    --------
    >>> from dl_ops import ops
    >>> layer = MultiHeadAttention(num_heads=2, key_dim=4)
    >>> output, scores = layer(ops.ones((1, 3, 8)), ops.ones((1, 5, 8)), return_attention_scores=True)
    >>> output.shape, scores.shape
    ((1, 3, 8), (1, 2, 3, 5))
    """

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
        heads = positive_integer(num_heads, "num_heads", self)
        size = positive_integer(key_dim, "key_dim", self)
        super().__init__(
            query_heads=heads,
            key_heads=heads,
            key_size=size,
            value_size=size if value_dim is None else positive_integer(value_dim, "value_dim", self),
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
        self._output_size = None if output_shape is None else sizes(output_shape, "output_shape", self)
        if attention_axes is not None:
            given = axes(attention_axes, "attention_axes", self, several=True)
            self.attention_axes = tuple(given) if isinstance(given, list) else (given,)

    @property
    def num_heads(self) -> int:
        """Number of heads."""
        return self._query_heads

    @property
    def key_dim(self) -> int:
        """Size of each head's queries and keys."""
        return self._key_size

    @property
    def value_dim(self) -> int:
        """Size of each head's values."""
        return self._value_size

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

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_heads": self.num_heads,
            "key_dim": self.key_dim,
            "value_dim": self.value_dim,
            "output_shape": self._output_size,
            "attention_axes": self.attention_axes,
            **self.attention_config(),
        }
