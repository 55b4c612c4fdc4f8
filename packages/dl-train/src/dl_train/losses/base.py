"""The base class of losses, and losses made of functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, Self

from dl_layers.layer.masks import any_mask
from dl_ops import config as settings
from dl_ops import tree
from dl_ops.backend import Backend
from dl_ops.dtypes import standardize_dtype
from dl_ops.naming import auto_name
from dl_ops.objects import deserialize_keras_object, public, serialize_keras_object
from dl_ops.typing import Tensor
from dl_train.losses.weighting import REDUCTIONS, align_ranks, as_tensor, both, mask_of, owner, reduce_weighted

SUM_OVER_BATCH_SIZE: Final = "sum_over_batch_size"


@public("keras.losses.Loss", "keras.Loss")
class Loss:
    """Base class of losses. Subclasses override `call`, which gives one value per sample.

    Parameters
    ----------
    name : str, optional
    reduction : {"sum_over_batch_size", "mean", "sum", "mean_with_sample_weight", "none", None}
        The first two are one, and the default: the sum over the number of values, weights or not. With
        ``"mean_with_sample_weight"`` the sum is divided by that of the weights.
    dtype : str or DTypePolicy, optional
        Dtype of the computation, by default the default float.

    Raises
    ------
    ValueError
        If `reduction` is none of these.

    Examples
    --------
    >>> from dl_ops import ops
    >>> class Surprise(Loss):
    ...     def call(self, y_true, y_pred):
    ...         return -ops.log(ops.sum(y_true * y_pred, axis=-1))
    >>> float(Surprise()([[0.0, 1.0], [1.0, 0.0]], [[0.5, 0.5], [1.0, 0.0]]))
    0.3465735...
    """

    casts_targets: ClassVar[bool] = True
    """Whether targets are cast to the loss's dtype, and given the rank of predictions: not where they are classes."""

    def __init__(self, name: str | None = None, reduction: str | None = SUM_OVER_BATCH_SIZE, dtype: Any = None) -> None:
        if reduction not in REDUCTIONS:
            expected = ", ".join(map(repr, REDUCTIONS))
            raise ValueError(f"{type(self).__name__}(reduction={reduction!r}): expected one of {expected}")
        self.name = auto_name(type(self).__name__) if name is None else name
        self.reduction = reduction
        self._dtype = settings.floatx() if dtype is None else standardize_dtype(getattr(dtype, "compute_dtype", dtype))

    @property
    def dtype(self) -> str:
        """Dtype of the computation."""
        return self._dtype

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """Reduced loss.

        Parameters
        ----------
        y_true, y_pred : tensor_like, or nested structures of such
            Targets and predictions. A mask that travels with the predictions leaves values out.
        sample_weight : tensor_like, optional
            What each value of `call` is multiplied by; given for leading axes, as of shape ``(batch,)``, it counts for
            all that is behind these.

        Returns
        -------
        tensor
            A scalar, or one value per sample without reduction.
        """
        backend = owner(y_pred, y_true)
        mask = mask_of(y_pred) if any_mask() else None
        y_pred = _tensors(y_pred, backend, self._dtype)
        y_true = _tensors(y_true, backend, self._dtype if self.casts_targets else None)
        losses = self.call(y_true, y_pred)
        mask = both(mask, self.mask(y_true, losses))
        if sample_weight is not None:
            sample_weight = as_tensor(sample_weight, backend, self._dtype)
        return reduce_weighted(
            as_tensor(losses, backend, self._dtype), sample_weight, mask, self.reduction, self._dtype
        )

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Losses before weighting and reduction.

        Parameters
        ----------
        y_true, y_pred : tensor, or nested structures of such

        Returns
        -------
        tensor, shape (batch, ...)
        """
        raise NotImplementedError(f"{type(self).__name__} has no call(y_true, y_pred)")

    def mask(self, y_true: Any, losses: Any) -> Tensor | None:
        """Which of the losses count, where the targets tell; ``None`` for all."""
        return mask_of(losses) if any_mask() else None

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        config: dict[str, Any] = {"name": self.name, "reduction": self.reduction}
        if self._dtype != settings.floatx():
            config["dtype"] = self._dtype
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Make a loss from what `get_config` returned."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, reduction={self.reduction}>"


@public("keras.src.losses.losses.LossFunctionWrapper")
class LossFunctionWrapper(Loss):
    """A function of targets and predictions as a loss.

    Parameters
    ----------
    fn : callable
        ``fn(y_true, y_pred, **kwargs)`` gives one value per sample.
    reduction, name, dtype
        As for `Loss`.
    **kwargs
        Further arguments of `fn`.

    Examples
    --------
    >>> from dl_ops import ops
    >>> def distance(y_true, y_pred, power):
    ...     return ops.mean(ops.absolute(y_true - y_pred) ** power, axis=-1)
    >>> float(LossFunctionWrapper(distance, power=3)([[0.0, 1.0]], [[2.0, 1.0]]))
    4.0
    """

    unwritten: ClassVar[Mapping[str, Any]] = {}
    """Arguments that Keras leaves out of configurations, and losses here while they have these values."""

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = SUM_OVER_BATCH_SIZE,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.fn, self.kwargs = fn, kwargs

    def call(self, y_true: Any, y_pred: Any) -> Any:
        if not self.casts_targets:
            return self.fn(y_true, y_pred, **self.kwargs)
        if isinstance(y_pred, (list, tuple, dict)):
            pairs = tree.map_structure(align_ranks, y_true, y_pred)
            y_true = tree.map_structure_up_to(y_pred, lambda pair: pair[0], pairs)
            y_pred = tree.map_structure_up_to(y_pred, lambda pair: pair[1], pairs)
        elif not isinstance(y_true, (list, tuple, dict)):
            y_true, y_pred = align_ranks(y_true, y_pred)
        return self.fn(y_true, y_pred, **self.kwargs)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        if type(self) is LossFunctionWrapper:
            config["fn"] = serialize_keras_object(self.fn)
        written = {k: v for k, v in self.kwargs.items() if k not in self.unwritten or v != self.unwritten[k]}
        return {**config, **serialize_keras_object(written)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        return cls(**deserialize_keras_object(dict(config)))


def _tensors(structure: Any, backend: Backend, dtype: str | None) -> Any:
    if not isinstance(structure, (list, tuple, dict)):
        return as_tensor(structure, backend, dtype)
    leaves = tree.flatten(structure)
    if not isinstance(structure, dict) and all(isinstance(leaf, (bool, int, float)) for leaf in leaves):
        return as_tensor(structure, backend, dtype)  # nested numbers are one tensor
    return tree.map_structure(lambda x: as_tensor(x, backend, dtype), structure)
