"""Symbolic tensors: shape and dtype without values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from dl_ops.dtypes import standardize_dtype
from dl_ops.naming import auto_name
from dl_ops.operators import TensorOperators
from dl_ops.rules import standardize_shape
from dl_ops.typing import Shape, ShapeLike

if TYPE_CHECKING:
    from dl_ops.symbolic.operation import Operation


class KerasHistory(NamedTuple):
    """Where a symbolic tensor comes from."""

    operation: Operation
    node_index: int
    tensor_index: int


class KerasTensor(TensorOperators):
    """Stand-in for a tensor while a graph is built.

    Parameters
    ----------
    shape : sequence of int or None
        ``None`` for a size that is not known yet.
    dtype : str, default "float32"
    sparse, ragged : bool, default False
        Whether the tensor it stands for is sparse or ragged.
    record_history : bool, default True
        Whether ops on it become nodes of a graph; else only shapes and dtypes are inferred.
    name : str, optional

    Examples
    --------
    >>> from dl_ops import ops
    >>> x = KerasTensor((None, 3))
    >>> y = ops.sum(x * 2, axis=1)
    >>> y.shape, y.dtype
    ((None,), 'float32')
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_keras_history",
        "_keras_mask",
        "_name",
        "dtype",
        "ragged",
        "record_history",
        "shape",
        "sparse",
    )

    def __init__(
        self,
        shape: ShapeLike,
        dtype: Any = "float32",
        sparse: bool = False,
        ragged: bool = False,
        record_history: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if kwargs.keys() - {"ragged_rank", "row_splits_dtype"}:
            raise TypeError(f"KerasTensor got unexpected arguments {sorted(kwargs)}")
        self.shape: Shape = standardize_shape(shape)
        self.dtype: str = standardize_dtype(dtype)
        self.sparse, self.ragged = bool(sparse), bool(ragged)
        self._ragged_rank = kwargs.get("ragged_rank")
        self._row_splits_dtype = kwargs.get("row_splits_dtype")
        self.record_history = record_history
        self._name = name
        self._keras_history: KerasHistory | None = None
        self._keras_mask: Any = None

    @property
    def name(self) -> str:
        """Name of the tensor, made up when it is first asked for."""
        if self._name is None:
            self._name = auto_name("keras_tensor")
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self._name = value

    @property
    def ragged_rank(self) -> int | None:
        """Number of ragged dimensions of a ragged tensor, if that is known."""
        return self._ragged_rank

    @ragged_rank.setter
    def ragged_rank(self, value: int | None) -> None:
        self._ragged_rank = value

    @property
    def row_splits_dtype(self) -> str | None:
        """Dtype of the places where rows of a ragged tensor begin, if that is known."""
        return self._row_splits_dtype

    @row_splits_dtype.setter
    def row_splits_dtype(self, value: str | None) -> None:
        self._row_splits_dtype = value

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self.shape)

    def reshape(self, newshape: ShapeLike) -> Any:
        """Same as ``ops.reshape(self, newshape)``."""
        from dl_ops import ops

        return ops.reshape(self, newshape)

    def squeeze(self, axis: Any = None) -> Any:
        """Same as ``ops.squeeze(self, axis)``."""
        from dl_ops import ops

        return ops.squeeze(self, axis)

    def __repr__(self) -> str:
        kind = f"sparse={self.sparse}, ragged={self.ragged}"
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, {kind}, name={self.name}>"

    def __array__(self, *arguments: Any) -> Any:
        raise ValueError(
            f"{self!r} is symbolic and has no values: ops work on it, NumPy functions do not. "
            "Put other functions into a layer, such as Lambda."
        )

    def __len__(self) -> int:
        raise TypeError(f"len() of {self!r}: use .shape[0], which may be None")

    def __iter__(self) -> Any:
        raise TypeError(f"cannot iterate over {self!r}: use ops.unstack")

    def __float__(self) -> float:
        raise TypeError(f"{self!r} is symbolic and has no value to convert to a Python number")

    __int__ = __index__ = __float__


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` is a symbolic tensor.

    Examples
    --------
    >>> is_keras_tensor(KerasTensor((2,))), is_keras_tensor(2)
    (True, False)
    """
    return isinstance(x, KerasTensor)


def any_symbolic(structure: Any) -> bool:
    """Whether a nested structure holds a symbolic tensor."""
    from dl_ops import tree

    return any(isinstance(x, KerasTensor) for x in tree.flatten(structure))
