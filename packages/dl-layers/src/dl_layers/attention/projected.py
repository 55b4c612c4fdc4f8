"""What attention between projected queries, keys and values has in common, however many heads each has."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from dl_layers import initializers, regularizers
from dl_layers.activation import Softmax
from dl_layers.attention import masking
from dl_layers.constraints import Constraint
from dl_layers.core import EinsumDense
from dl_layers.initializers import Initializer
from dl_layers.layer import CommonOptions, Layer
from dl_layers.layer.masking import of_input_masks
from dl_layers.layer.named_weights import NamedWeights
from dl_layers.layer.validation import boolean_or_none, fraction, positive_integer
from dl_layers.regularization import Dropout
from dl_layers.regularizers import Regularizer
from dl_ops import ops
from dl_ops.rules import standardize_axes
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape, Tensor

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class ProjectedAttention(NamedWeights, Layer):
    """Scaled dot-product attention between linear maps of the inputs, whose result is mapped to the output.

    Parameters
    ----------
    query_heads, key_heads : int
        Number of heads of the queries, and of the keys and values; neighbouring queries share the latter.
    key_size, value_size : int
        Size of each head's queries and keys, and of its values.
    dropout, use_bias, sliding_window, flash_attention, use_gate, seed, activity_regularizer
        As for `MultiHeadAttention`.
    weight_options : mapping
        The initializers, regularizers and constraints of all maps, ``kernel_initializer`` and so on.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these, or fused attention is asked for together with dropout.
    """

    kernel_initializer: Initializer
    bias_initializer: Initializer
    kernel_regularizer: Regularizer | None
    bias_regularizer: Regularizer | None
    kernel_constraint: Constraint | None
    bias_constraint: Constraint | None

    attention_axes: tuple[int, ...] | None = None
    _output_size: tuple[int | None, ...] | None = None

    def __init__(
        self,
        *,
        query_heads: int,
        key_heads: int,
        key_size: int,
        value_size: int,
        dropout: float,
        use_bias: bool,
        sliding_window: int | None,
        flash_attention: bool | None,
        use_gate: bool,
        seed: int | None,
        activity_regularizer: Any,
        weight_options: Mapping[str, Any],
        **options: Unpack[CommonOptions],
    ) -> None:
        super().__init__(**options)
        self._query_heads, self._key_heads = query_heads, key_heads
        self._key_size, self._value_size = key_size, value_size
        self._scale = 1.0 / math.sqrt(key_size)
        self._rate = fraction(dropout, "dropout", self)
        self._use_bias, self.use_gate, self.seed = use_bias, use_gate, seed
        self.sliding_window = (
            None if sliding_window is None else positive_integer(sliding_window, "sliding_window", self)
        )
        self._flash_attention = boolean_or_none(flash_attention, "flash_attention", self)
        if self._flash_attention and self._rate:
            raise ValueError(
                f"{type(self).__name__}(dropout={dropout}, flash_attention=True): fused attention drops nothing, "
                "use one or the other"
            )
        # of each map's outputs, the layer's own among them
        self._map_regularizer = regularizers.get(activity_regularizer)
        self.set_weight_options(**weight_options)
        self.supports_masking = True

    @property
    def dropout(self) -> float:
        """Rate at which attention weights are dropped while training."""
        return self._rate

    @property
    def use_bias(self) -> bool:
        """Whether the maps have a bias."""
        return self._use_bias

    # -- building ---------------------------------------------------------------------------------------------------

    def build(self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None) -> None:
        key_shape = value_shape if key_shape is None else key_shape
        self._check_shapes(query_shape, value_shape, key_shape)
        rank = len(query_shape)
        if self.attention_axes is None:
            self.attention_axes = tuple(range(1, rank - 1))
        else:
            # counted with the features, of which there is one axis before the maps
            self.attention_axes = standardize_axes(self.attention_axes, rank)
            if not all(0 < axis < rank - 1 for axis in self.attention_axes):
                raise ValueError(
                    f"{type(self).__name__} {self.name!r}: attention_axes={self.attention_axes}: expected axes between "
                    f"the batch and the features of the query, {tuple(query_shape)}"
                )
        if len(self.attention_axes) != 1 and self.sliding_window is not None:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: sliding_window={self.sliding_window} is for attention along one "
                f"axis, attention_axes is {self.attention_axes}"
            )
        if self._flash_attention and rank != 3:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: flash_attention=True is for inputs of shape (batch, positions, "
                f"features), got {tuple(query_shape)}"
            )
        self._query_dense = self._map("query", query_shape, (self._query_heads, self._key_size))
        self._key_dense = self._map("key", key_shape, (self._key_heads, self._key_size))
        if self.use_gate:
            self._gate_dense = self._map("gate", query_shape, (self._query_heads, self._value_size), "sigmoid")
        self._value_dense = self._map("value", value_shape, (self._key_heads, self._value_size))
        self._score_equation, self._result_equation = _equations(rank, self.attention_axes)
        axes = tuple(range(-len(self.attention_axes), 0))
        self._softmax = Softmax(axis=axes, dtype=self.dtype_policy, name="softmax")
        self._dropout_layer = Dropout(self._rate, dtype=self.dtype_policy, seed=self.seed, name="dropout")
        result = (*query_shape[:-1], self._query_heads, self._value_size)
        self._output_dense = self._map("attention_output", result, self._output_size or (query_shape[-1],), bound=2)

    def _check_shapes(self, query_shape: Shape, value_shape: Shape, key_shape: Shape) -> None:
        if not len(query_shape) == len(value_shape) == len(key_shape) >= 3:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: query, value and key must have the same number of axes, at "
                f"least 3, got shapes {tuple(query_shape)}, {tuple(value_shape)}, {tuple(key_shape)}"
            )
        if any(
            None not in (of_value, of_key) and of_value != of_key
            for of_value, of_key in zip(value_shape[1:-1], key_shape[1:-1], strict=True)
        ):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: value and key must have the same positions, got shapes "
                f"{tuple(value_shape)} and {tuple(key_shape)}"
            )

    def _map(
        self, name: str, shape: Shape, sizes: Sequence[int | None], activation: str | None = None, *, bound: int = 1
    ) -> EinsumDense:
        """Affine map of the last `bound` axes to axes of `sizes`."""
        free = len(shape) - bound
        stay, summed = _LETTERS[:free], _LETTERS[free : free + bound]
        new = _LETTERS[free + bound : free + bound + len(sizes)]
        # initializers of its own, or unseeded ones would make all maps alike
        copies: dict[str, Any] = {
            "kernel_initializer": initializers.get(initializers.serialize(self.kernel_initializer)),
            "bias_initializer": initializers.get(initializers.serialize(self.bias_initializer)),
        }
        dense = EinsumDense(
            f"{stay}{summed},{summed}{new}->{stay}{new}",
            output_shape=(*(None,) * (free - 1), *sizes),
            activation=activation,
            bias_axes=new if self._use_bias else None,
            name=name,
            dtype=self.dtype_policy,
            kernel_regularizer=self.kernel_regularizer,
            bias_regularizer=self.bias_regularizer,
            activity_regularizer=self._map_regularizer,
            kernel_constraint=self.kernel_constraint,
            bias_constraint=self.bias_constraint,
            **copies,
        )
        # masks are taken account of in the scores
        dense.supports_masking = True
        dense.build(shape)
        return dense

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
            Which positions count; the masks that the tensors carry by default.
        attention_mask : tensor of bool, shape (batch, query positions, key positions), optional
            Which keys each query may look at; with an axis for the heads before the positions, in each head.
        return_attention_scores : bool, default False
        training : bool, optional
        use_causal_mask : bool, default False
            Whether a query may look at keys up to its own position only.

        Returns
        -------
        tensor, or pair of tensors
            The output; with `return_attention_scores` also the weights, shape (batch, heads, query positions, key
            positions).

        Raises
        ------
        ValueError
            If a mask does not have the positions' shape, or scores are asked for that fused attention does not have.
        """
        key = value if key is None else key
        masks = {
            "query_mask": query_mask,
            "value_mask": value_mask,
            "key_mask": key_mask,
            "attention_mask": attention_mask,
        }
        mask = self._mask(query, key, masks, use_causal_mask)
        result, scores = self._compute_attention(
            self._query_dense(query),
            self._key_dense(key),
            self._value_dense(value),
            mask,
            training,
            return_attention_scores,
            use_causal_mask,
        )
        if self.use_gate:
            result = ops.multiply(result, self._gate_dense(query))
        output = self._output_dense(result)
        return (output, scores) if return_attention_scores else output

    def _compute_attention(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        attention_mask: Tensor | None = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> tuple[Tensor, Tensor | None]:
        """Results of the heads for mapped queries, keys and values, and the scores where they are asked for; may be
        overridden.

        Parameters
        ----------
        query, key, value : tensor, shape (batch, ..., heads, size)
        attention_mask : tensor of bool, optional
            With the axes of the scores; without what `use_causal_mask` asks for.
        training, return_attention_scores, use_causal_mask : bool
        """
        drops = bool(training) and self._rate > 0
        if return_attention_scores and self._flash_attention:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: return_attention_scores=True, but with flash_attention=True "
                "there are none"
            )
        if not drops and not return_attention_scores and len(query.shape) == 4:
            result = ops.dot_product_attention(
                query,
                key,
                value,
                mask=attention_mask,
                scale=self._scale,
                is_causal=use_causal_mask,
                flash_attention=self._flash_attention,
            )
            return result, None
        if self._key_heads != self._query_heads:
            repeats = self._query_heads // self._key_heads
            key, value = ops.repeat(key, repeats, axis=-2), ops.repeat(value, repeats, axis=-2)
        if use_causal_mask:
            of_causality = masking.causal(*self._lengths(query, key))
            attention_mask = of_causality if attention_mask is None else ops.logical_and(attention_mask, of_causality)
        scores = ops.einsum(self._score_equation, ops.multiply(query, self._scale), key)
        scores = self._softmax(scores, mask=attention_mask)
        result = ops.einsum(self._result_equation, self._dropout_layer(scores, training=training), value)
        return result, scores

    def _mask(
        self, query: Tensor, key: Tensor, masks: Mapping[str, Tensor | None], use_causal_mask: bool
    ) -> Tensor | None:
        """All masks in one, with the axes of the scores; ``None`` if there is none. Causality is left to what
        computes.
        """
        parts = self._given_masks(query.shape, key.shape, masks, use_causal_mask)
        if self.sliding_window is not None:
            parts.append(masking.near(*self._lengths(query, key), self.sliding_window))
        combined = masking.combined(parts)
        if combined is not None and len(combined.shape) < 3:
            combined = ops.expand_dims(combined, (0, 1))
        return combined

    def _given_masks(
        self,
        query_shape: Sequence[int | None],
        key_shape: Sequence[int | None],
        masks: Mapping[str, Tensor | None],
        use_causal_mask: bool,
    ) -> list[Tensor]:
        """The masks given, with the axes of the scores; a ``ValueError`` if one does not fit."""
        assert self.attention_axes is not None
        count = len(self.attention_axes)
        if use_causal_mask and count != 1:
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: use_causal_mask=True is for attention along one axis, "
                f"attention_axes is {self.attention_axes}"
            )
        shaped: dict[str, Tensor] = {}
        for name, mask in masks.items():
            if mask is not None:
                spread = _SPREAD.get(name)
                shaped[name] = ops.cast(mask, "bool") if spread is None else spread(mask, count)
        return masking.fitted(shaped, self._scores_shape(query_shape, key_shape), count) if shaped else []

    def _lengths(self, query: Tensor, key: Tensor) -> tuple[Any, Any]:
        """Numbers of positions along the axis of attention."""
        assert self.attention_axes is not None
        (axis,) = self.attention_axes
        return ops.shape(query)[axis], ops.shape(key)[axis]

    def _scores_shape(self, query_shape: Sequence[int | None], key_shape: Sequence[int | None]) -> Shape:
        axes = self.attention_axes or ()
        others = (query_shape[i] for i in range(len(query_shape) - 1) if i not in axes)
        return (*others, self._query_heads, *(query_shape[i] for i in axes), *(key_shape[i] for i in axes))

    # -- shapes, masks, configuration -------------------------------------------------------------------------------

    @of_input_masks
    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The query's mask."""
        return previous_mask

    def compute_output_shape(self, query_shape: Shape, value_shape: Shape, key_shape: Shape | None = None) -> Shape:
        self._check_shapes(query_shape, value_shape, value_shape if key_shape is None else key_shape)
        return (*query_shape[:-1], *(self._output_size or (query_shape[-1],)))

    def compute_output_spec(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Symbolic outputs, with the scores if they are asked for."""
        key = value if key is None else key
        shape = self.compute_output_shape(query.shape, value.shape, key.shape)
        masks = {
            "query_mask": query_mask,
            "value_mask": value_mask,
            "key_mask": key_mask,
            "attention_mask": attention_mask,
        }
        self._given_masks(query.shape, key.shape, masks, use_causal_mask)
        output = KerasTensor(shape, self.compute_dtype, record_history=False)
        if not return_attention_scores:
            return output
        scores = self._scores_shape(query.shape, key.shape)
        return output, KerasTensor(scores, self.compute_dtype, record_history=False)

    def attention_config(self) -> dict[str, Any]:
        """Configuration of the options that both kinds of attention have."""
        return {
            "dropout": self.dropout,
            "use_bias": self.use_bias,
            "use_gate": self.use_gate,
            "sliding_window": self.sliding_window,
            **self.weight_config(),
            "activity_regularizer": regularizers.serialize(self._map_regularizer),
            "seed": self.seed,
        }


# how masks of positions become masks of scores
_SPREAD = {"query_mask": masking.of_queries, "value_mask": masking.of_keys, "key_mask": masking.of_keys}


def _equations(rank: int, axes: Sequence[int]) -> tuple[str, str]:
    """Equations of the scores of queries and keys, and of their products with values; for inputs of `rank` axes, which
    the maps have given one more, of the heads.
    """
    letters = iter(_LETTERS)
    others = {i: next(letters) for i in range(rank - 1) if i not in axes}
    head, feature = next(letters), next(letters)
    queries, keys = ({axis: next(letters) for axis in axes} for _ in range(2))

    def mapped(positions: Mapping[int, str]) -> str:
        return "".join({**others, **positions}[i] for i in range(rank - 1)) + head + feature

    scores = "".join([*others.values(), head, *queries.values(), *keys.values()])
    return f"{mapped(queries)},{mapped(keys)}->{scores}", f"{scores},{mapped(keys)}->{mapped(queries)}"
