"""Losses of vectors that should point the same way, or apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from dl_ops import ops
from dl_ops.dtypes import finite_range
from dl_ops.objects import public
from dl_ops.rules import may_be_equal
from dl_ops.typing import Tensor, TensorLike
from dl_train.losses.arguments import check_positive
from dl_train.losses.base import SUM_OVER_BATCH_SIZE, LossFunctionWrapper
from dl_train.losses.weighting import as_tensor, float_pair, in_float, owner


@public("keras.losses.cosine_similarity")
def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """Minus the cosine of the angle between vectors: -1 for the same direction, 1 for the opposite one.

    Parameters
    ----------
    y_true, y_pred : tensor_like, shape (..., n)
        A vector of zeros has a loss of 0.
    axis : int, default -1
        Axis of the vectors.

    Returns
    -------
    tensor, shape (...)

    Examples
    --------
    >>> [round(x, 4) for x in cosine_similarity([[0.0, 2.0], [1.0, 0.0]], [[3.0, 4.0], [-1.0, 0.0]]).tolist()]
    [-0.8, 1.0]
    """
    target, output = float_pair(y_true, y_pred, "cosine_similarity")
    return -ops.sum(ops.normalize(target, axis=axis) * ops.normalize(output, axis=axis), axis=axis)  # type: ignore[no-any-return]


@public("keras.losses.circle")
def circle(
    y_true: TensorLike,
    y_pred: TensorLike,
    ref_labels: TensorLike | None = None,
    ref_embeddings: TensorLike | None = None,
    remove_diagonal: bool = True,
    gamma: float = 80,
    margin: float = 0.4,
) -> Tensor:
    """Circle loss of embeddings: those of a class are drawn together, others apart, the worst ones most.

    ``log(1 + sum(exp(gamma * a * (s - margin))) * sum(exp(-gamma * b * (t - 1 + margin))))`` for the cosines ``s``
    with embeddings of other classes and ``t`` with those of the same class, where ``a = max(s + margin, 0)`` and
    ``b = max(1 + margin - t, 0)``.

    Parameters
    ----------
    y_true : tensor_like, shape (batch,) or (batch, 1)
        Class of each embedding.
    y_pred : tensor_like, shape (batch, features)
        Embeddings of length 1.
    ref_labels : tensor_like, shape (references,), optional
    ref_embeddings : tensor_like, shape (references, features), optional
        What embeddings are compared with, and its classes; by default the batch itself.
    remove_diagonal : bool, default True
        Whether the reference of an embedding's own number is left out, itself that is where the batch is compared.
    gamma : float, default 80
        Scale, positive.
    margin : float, default 0.4
        By how much a cosine may miss 1, or 0.

    Returns
    -------
    tensor, shape (batch,)
        0 for an embedding without another one of its class, or without one of another class.

    Raises
    ------
    ValueError
        If the shapes do not fit together, `gamma` is not positive, or only one of `ref_labels` and `ref_embeddings`
        is given.

    Notes
    -----
    The gradient is that of the formula, as in Keras; in the paper ``a`` and ``b`` count as constants.

    References
    ----------
    Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization", arXiv:2002.10857.

    Examples
    --------
    >>> [round(x, 4) for x in circle([0, 0, 1], [[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], gamma=5.0).tolist()]
    [0.3711, 2.4868, 0.0]
    """
    check_positive("circle", "gamma", gamma)
    if (ref_labels is None) != (ref_embeddings is None):
        raise ValueError("circle: ref_labels and ref_embeddings belong together, got only one of the two")
    backend = owner(y_pred, y_true)
    output = in_float(y_pred, backend)
    labels = _labels("y_true", as_tensor(y_true, backend), "y_pred", output)
    references, of_references = output, labels
    if ref_embeddings is not None:
        references = as_tensor(ref_embeddings, backend, ops.dtype(output))
        of_references = _labels("ref_labels", as_tensor(ref_labels, backend), "ref_embeddings", references)
    # rounding takes the cosine of equal vectors beyond 1
    cosines = ops.minimum(ops.matmul(output, ops.transpose(references)), 1.0)
    same = ops.equal(ops.expand_dims(labels, 1), ops.expand_dims(of_references, 0))
    others = ops.logical_not(same)
    if remove_diagonal:
        numbers = (ops.cumsum(ops.ones_like(x, dtype="int32"), axis=0) for x in (labels, of_references))
        rows, columns = (ops.expand_dims(x, axis) for axis, x in zip((1, 0), numbers, strict=True))
        elsewhere = ops.not_equal(rows, columns)
        same, others = ops.logical_and(same, elsewhere), ops.logical_and(others, elsewhere)
    near = -gamma * ops.maximum(1.0 + margin - cosines, 0.0) * (cosines - (1.0 - margin))
    far = gamma * ops.maximum(cosines + margin, 0.0) * (cosines - margin)
    # of none there is no sum: with the least number, not with minus infinity, its gradient is 0, not NaN
    least = finite_range(ops.dtype(output))[0] / 2
    sums = (ops.logsumexp(ops.where(chosen, x, least), axis=1) for chosen, x in ((same, near), (others, far)))
    return ops.softplus(ops.sum(ops.stack(list(sums)), axis=0))


def _labels(name: str, labels: Any, of: str, embeddings: Any) -> Any:
    """One class for each embedding."""
    shape = tuple(embeddings.shape)
    if len(shape) != 2:
        raise ValueError(f"circle: {of} has shape {shape}: expected (batch, features)")
    if len(labels.shape) == 2 and labels.shape[1] == 1:
        labels = ops.squeeze(labels, 1)
    if not may_be_equal(labels.shape, shape[:1]):
        raise ValueError(f"circle: {name} has shape {tuple(labels.shape)}: expected {shape[:1]}, one class for each")
    return labels


@public("keras.losses.CosineSimilarity")
class CosineSimilarity(LossFunctionWrapper):
    """Minus the cosine of the angle between vectors: -1 for the same direction, 1 for the opposite one.

    Parameters
    ----------
    axis : int, default -1
        Axis of the vectors.
    reduction, name, dtype
        As for `Loss`.

    Examples
    --------
    >>> round(float(CosineSimilarity()([[0.0, 2.0], [1.0, 0.0]], [[3.0, 4.0], [0.0, 1.0]])), 4)
    -0.4
    """

    unwritten: ClassVar[Mapping[str, Any]] = {"axis": -1}

    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "cosine_similarity",
        dtype: Any = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)
        self.axis = axis


@public("keras.losses.Circle")
class Circle(LossFunctionWrapper):
    """Circle loss of embeddings: those of a class are drawn together, others apart, the worst ones most.

    Parameters
    ----------
    gamma : float, default 80.0
        Scale, positive.
    margin : float, default 0.4
        By how much a cosine may miss 1 within a class, or 0 between classes.
    remove_diagonal : bool, default True
        Whether an embedding is not compared with itself.
    reduction, name, dtype
        As for `Loss`.

    Raises
    ------
    ValueError
        If `gamma` is not positive.

    Notes
    -----
    An embedding without another one of its class has no loss, and does not count in means.

    References
    ----------
    Sun et al., "Circle Loss: A Unified Perspective of Pair Similarity Optimization", arXiv:2002.10857.

    Examples
    --------
    >>> round(float(Circle(gamma=5.0)([0, 0, 1], [[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]])), 4)
    1.429
    """

    casts_targets = False

    def __init__(
        self,
        gamma: float = 80.0,
        margin: float = 0.4,
        remove_diagonal: bool = True,
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = "circle",
        dtype: Any = None,
    ) -> None:
        check_positive("Circle", "gamma", gamma)
        super().__init__(circle, reduction, name, dtype, gamma=gamma, margin=margin, remove_diagonal=remove_diagonal)
        self.gamma, self.margin, self.remove_diagonal = gamma, margin, remove_diagonal

    def mask(self, y_true: Any, losses: Any) -> Any:
        if not self.remove_diagonal:
            return None  # each is one of its class itself
        labels = ops.reshape(y_true, (-1,))
        same = ops.equal(ops.expand_dims(labels, 1), ops.expand_dims(labels, 0))
        return ops.greater(ops.sum(ops.cast(same, "int32"), axis=1), 1)
