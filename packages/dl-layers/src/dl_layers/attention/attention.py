"""Attention without projections, by products of queries and keys or by their sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

from dl_layers.attention import masking
from dl_layers.layer import Layer, LayerOptions
from dl_layers.layer.masking import of_input_masks
from dl_layers.layer.validation import fraction, known_size, one_of
from dl_ops import ops, random
from dl_ops.objects import public
from dl_ops.random import SeedGenerator
from dl_ops.symbolic import KerasTensor
from dl_ops.typing import Shape, Tensor
from dl_ops.variable import Variable


@public("keras.layers.Attention")
class Attention(Layer):
    """Mean of values, weighted by the softmax of scores of queries and keys.

    Called with a list: ``[query, value]`` or ``[query, value, key]``; without a key the values are the keys too. The
    masks are those of the list's tensors: masked values have no weight, masked queries get zeros.

    Shapes: ``[(batch, ..., targets, features), (batch, ..., sources, value_features), (batch, ..., sources,
    features)] -> (batch, ..., targets, value_features)``.

    Parameters
    ----------
    use_scale : bool, default False
        Whether scores are multiplied by a weight, `scale`.
    score_mode : {"dot", "concat"}
        Scores are ``scale * query @ key``, or ``concat_score_weight * sum(tanh(scale * (query + key)))``.
    dropout : float, default 0.0
        Rate at which weights are dropped while training.
    seed : int, optional
        Of the dropout.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        If an argument is none of these, the inputs are no list of two or three tensors, or their shapes or those of
        the masks do not fit.

    References
    ----------
    Luong, Pham and Manning, "Effective Approaches to Attention-based Neural Machine Translation", arXiv:1508.04025.

    Examples
    --------
    >>> query, value = ops.ones((1, 1, 2)), ops.convert_to_tensor([[[2.0, 0.0], [0.0, 2.0]]])
    >>> Attention()([query, value]).tolist()
    [[[1.0, 1.0]]]
    """

    scale: Variable | None
    concat_score_weight: Variable | None

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(**options)
        self.use_scale = use_scale
        self.score_mode = one_of(score_mode, ("dot", "concat"), "score_mode", self)
        self.dropout = fraction(dropout, "dropout", self)
        self.seed = seed
        if self.dropout > 0:
            self.seed_generator = SeedGenerator(seed)
        self.supports_masking = True

    def build(self, input_shape: Sequence[Shape]) -> None:
        self._check_shapes(input_shape)
        self.scale = self.add_weight((), "ones", name="scale") if self.use_scale else None
        concatenates = self.score_mode == "concat"
        self.concat_score_weight = self.add_weight((), "ones", name="concat_score_weight") if concatenates else None

    def call(
        self,
        inputs: Sequence[Tensor],
        mask: Sequence[Tensor | None] | None = None,
        training: bool | None = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """Attend.

        Parameters
        ----------
        inputs : list of tensor
            Query, value and, if it is not the value, the key.
        mask : list of tensor of bool, optional
            Which positions of each count, shape (batch, positions) or ``None``; the masks that they carry by default.
        training : bool, default False
        return_attention_scores : bool, default False
        use_causal_mask : bool, default False
            Whether a query may look at keys up to its own position only.

        Returns
        -------
        tensor, or pair of tensors
            The output; with `return_attention_scores` also the weights, shape (batch, ..., targets, sources).
        """
        several = isinstance(inputs, (list, tuple))
        self._check_shapes([tuple(x.shape) for x in inputs] if several else tuple(getattr(inputs, "shape", ())))
        query, value, key = (*inputs, inputs[1])[:3]
        shape = self._scores_shape([x.shape for x in (query, value, key)])
        query_mask, allowed = self._fitted_masks(mask, shape)
        drops = bool(training) and self.dropout > 0
        if self._fuses and not drops and not return_attention_scores and len(shape) == 3:
            output, scores = self._fused(query, key, value, allowed, use_causal_mask), None
        else:
            allowed = None if allowed is None else ops.squeeze(allowed, -3)
            if use_causal_mask:
                of_causality = masking.causal(ops.shape(query)[-2], ops.shape(key)[-2])
                allowed = of_causality if allowed is None else ops.logical_and(allowed, of_causality)
            scores = self._scores(query, key)
            if allowed is not None:
                # finite, so that a query that sees nothing gets the mean of all, and not NaN
                scores = ops.where(allowed, scores, -3e4 if self.compute_dtype == "float16" else -1e9)
            scores = ops.softmax(scores, axis=-1)
            if drops:
                scores = random.dropout(scores, self.dropout, seed=self.seed_generator)
            output = ops.matmul(scores, value)
        if query_mask is not None:
            output = ops.where(masking.of_queries(query_mask), output, 0.0)
        return (output, scores) if return_attention_scores else output

    @property
    def _fuses(self) -> bool:
        """Whether scores are products, which frameworks have fused kernels for."""
        return self.score_mode == "dot"

    def _fused(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, use_causal_mask: bool) -> Tensor:
        scaled = query if self.scale is None else ops.multiply(query, self.scale)
        of_query, of_key, of_value = (ops.expand_dims(x, 2) for x in (scaled, key, value))
        result = ops.dot_product_attention(of_query, of_key, of_value, mask=mask, scale=1.0, is_causal=use_causal_mask)
        return ops.squeeze(result, 2)

    def _scores(self, query: Tensor, key: Tensor) -> Tensor:
        """Scores, shape (batch, ..., targets, sources)."""
        if self.score_mode == "dot":
            scaled = query if self.scale is None else ops.multiply(query, self.scale)
            return ops.matmul(scaled, ops.swapaxes(key, -2, -1))
        sums = _sums(query, key)
        if self.scale is not None:
            sums = ops.multiply(sums, self.scale)
        assert self.concat_score_weight is not None
        return ops.multiply(ops.sum(ops.tanh(sums), axis=-1), self.concat_score_weight)

    def _check_shapes(self, shapes: Any) -> None:
        """Raise a ``ValueError`` unless there are shapes of two or three inputs that fit."""
        what = f"{type(self).__name__} {self.name!r}"
        wanted = f"{what}: expected a list [query, value] or [query, value, key]"
        if not isinstance(shapes, (list, tuple)) or not all(isinstance(shape, (list, tuple)) for shape in shapes):
            raise ValueError(f"{wanted}, got one of shape {shapes}")
        if len(shapes) not in (2, 3):
            raise ValueError(f"{wanted}, got {len(shapes)} of shapes {list(shapes)}")
        query, value, key = (*shapes, shapes[1])[:3]
        if not len(query) == len(value) == len(key) >= 3:
            raise ValueError(f"{what}: expected inputs of shape (batch, positions, features), got {list(shapes)}")
        if None not in (query[-1], key[-1]) and query[-1] != key[-1]:
            raise ValueError(f"{what}: query and key must have as many features, got shapes {query} and {key}")
        if None not in (value[-2], key[-2]) and value[-2] != key[-2]:
            raise ValueError(f"{what}: value and key must have as many positions, got shapes {value} and {key}")

    def _masks(self, mask: Any) -> tuple[Any, Any]:
        """Masks of the queries and of the values."""
        if mask is None:
            return None, None
        if not isinstance(mask, (list, tuple)) or len(mask) not in (2, 3):
            given = f"{len(mask)} of them" if isinstance(mask, (list, tuple)) else f"one of shape {tuple(mask.shape)}"
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: expected masks as a list [query_mask, value_mask], got {given}"
            )
        return mask[0], mask[1]

    def _fitted_masks(self, mask: Any, scores: Shape) -> tuple[Any, Tensor | None]:
        """Mask of the queries, and that of the values with the axes of the scores and one of a single head; a
        ``ValueError`` if one does not fit.
        """
        query_mask, value_mask = self._masks(mask)
        if query_mask is not None and not masking.fits(tuple(query_mask.shape), scores[:-1]):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: mask[0] has shape {tuple(query_mask.shape)}: expected "
                f"{scores[:-1]}, the query's positions"
            )
        masks = {} if value_mask is None else {"mask[1]": masking.of_keys(value_mask)}
        return query_mask, masking.combined(masking.fitted(masks, (*scores[:-2], 1, *scores[-2:]), 1))

    @staticmethod
    def _scores_shape(shapes: Sequence[Sequence[int | None]]) -> Shape:
        query, *_, key = shapes
        return (*query[:-1], key[-2])

    @of_input_masks
    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The query's mask."""
        return self._masks(mask)[0]

    def compute_output_shape(self, input_shape: Sequence[Shape]) -> Shape:
        self._check_shapes(input_shape)
        query, value = input_shape[:2]
        return (*query[:-1], value[-1])

    def compute_output_spec(
        self,
        inputs: Sequence[Any],
        mask: Any = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """Symbolic outputs, with the scores if they are asked for."""
        shapes = [x.shape for x in inputs]
        output = KerasTensor(self.compute_output_shape(shapes), self.compute_dtype, record_history=False)
        scores = KerasTensor(self._scores_shape(shapes), self.compute_dtype, record_history=False)
        self._fitted_masks(mask, scores.shape)
        return (output, scores) if return_attention_scores else output

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "use_scale": self.use_scale,
            "score_mode": self.score_mode,
            "dropout": self.dropout,
            "seed": self.seed,
        }


@public("keras.layers.AdditiveAttention")
class AdditiveAttention(Attention):
    """Mean of values, weighted by the softmax of ``sum(scale * tanh(query + key))``.

    Inputs, masks and shapes are those of `Attention`; `scale` is ``(features,)``.

    Parameters
    ----------
    use_scale : bool, default True
        Whether there is a weight, `scale`, for each feature.
    dropout : float, default 0.0
        Rate at which weights are dropped while training.
    seed : int, optional
        Of the dropout.
    **options
        As for `Layer`.

    Raises
    ------
    ValueError
        As `Attention`.

    References
    ----------
    Bahdanau, Cho and Bengio, "Neural Machine Translation by Jointly Learning to Align and Translate", arXiv:1409.0473.

    Examples
    --------
    >>> query, value = ops.ones((1, 1, 2)), ops.convert_to_tensor([[[2.0, 0.0], [0.0, 2.0]]])
    >>> AdditiveAttention(use_scale=False)([query, value]).tolist()
    [[[1.0, 1.0]]]
    """

    _fuses = False

    def __init__(
        self,
        use_scale: bool = True,
        dropout: float = 0.0,
        seed: int | None = None,
        **options: Unpack[LayerOptions],
    ) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, seed=seed, **options)

    def build(self, input_shape: Sequence[Shape]) -> None:
        self._check_shapes(input_shape)
        self.concat_score_weight = None
        self.scale = None
        if self.use_scale:
            self.scale = self.add_weight((known_size(input_shape[0], -1, self),), "glorot_uniform", name="scale")

    def _scores(self, query: Tensor, key: Tensor) -> Tensor:
        terms = ops.tanh(_sums(query, key))
        # the weighted sum of the features is a product with the weights
        return ops.sum(terms, axis=-1) if self.scale is None else ops.matmul(terms, self.scale)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        del config["score_mode"]
        return config


def _sums(query: Tensor, key: Tensor) -> Tensor:
    """Sum of each query and each key, shape (batch, ..., targets, sources, features)."""
    return ops.add(ops.expand_dims(query, -2), ops.expand_dims(key, -3))
