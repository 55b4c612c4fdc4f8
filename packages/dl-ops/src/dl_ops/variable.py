"""Variables: named tensors that live on one backend and change in place."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from dl_ops import dtypes, scopes
from dl_ops.backend.registry import current_backend
from dl_ops.changes import changes
from dl_ops.dtypes import standardize_dtype
from dl_ops.naming import auto_name
from dl_ops.operators import TensorOperators
from dl_ops.rules import standardize_shape
from dl_ops.typing import Array, Shape, ShapeLike, TensorLike

if TYPE_CHECKING:
    from dl_ops.backend.contract import Backend

_AGGREGATIONS = (None, "none", "mean", "sum", "only_first_replica")
_SYNCHRONIZATIONS = (None, "none", "on_read", "on_write", "auto")

_OF_STORAGE = ("__dict__", "__weakref__", "_initial", "_value")
"""What an object has that copies of it do not."""

_drawing = threading.RLock()
"""Held while a value is computed that several threads may ask for."""


class Variable(TensorOperators):
    """Tensor that is read, assigned and trained; it belongs to the backend it was created on.

    Parameters
    ----------
    initializer : callable or tensor_like
        ``initializer(shape, dtype=dtype)`` or the initial value.
    shape : sequence of int, optional
        Required with a callable initializer.
    dtype : str, optional
        By default the initial value's, else the default float.
    trainable : bool, default True
        Whether gradients are taken and optimizers change it.
    autocast : bool, default True
        Whether it is read in the dtype of an enclosing `AutocastScope`.
    aggregation : {"none", "mean", "sum", "only_first_replica"}
        How replicas' values are combined in distributed training.
    synchronization : {"auto", "none", "on_read", "on_write"}
        When they are.
    name : str, optional
    layout : object, optional
        How the value is laid out over devices.

    Raises
    ------
    ValueError
        If a callable initializer comes without a shape, or the initial value does not have the given one.

    Examples
    --------
    >>> v = Variable([1.0, 2.0], name="scale")
    >>> _ = v.assign_add([1.0, 1.0])
    >>> v.numpy().tolist(), v.shape, v.dtype
    ([2.0, 3.0], (2,), 'float32')
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_adopted",
        "_autocast",
        "_dtype",
        "_initial",
        "_is_float",
        "_shape",
        "_trainable",
        "_trained_at_creation",
        "_value",
        "aggregation",
        "backend",
        "constraint",
        "name",
        "overwrite_with_gradient",
        "path",
        "regularizer",
        "synchronization",
    )

    backend: Backend
    aggregation: str | None
    synchronization: str | None
    layout: Any

    def __init__(
        self,
        initializer: Callable[..., Any] | TensorLike,
        shape: ShapeLike | None = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str | None = "none",
        synchronization: str | None = "auto",
        name: str | None = None,
        layout: Any = None,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            raise TypeError(f"Variable got unexpected arguments {sorted(kwargs)}")
        if aggregation not in _AGGREGATIONS:
            raise ValueError(f"Variable(aggregation={aggregation!r}): expected one of {_AGGREGATIONS[1:]}")
        if synchronization not in _SYNCHRONIZATIONS:
            raise ValueError(f"Variable(synchronization={synchronization!r}): expected one of {_SYNCHRONIZATIONS[1:]}")
        self.backend = current_backend()
        self._describe(name, trainable, autocast)
        self.aggregation, self.synchronization, self.layout = aggregation, synchronization, layout
        self._initial: Callable[[], Array] | None = None
        if getattr(initializer, "deferrable", False) and shape is not None and scopes.current.device is None:
            wanted, wanted_dtype = self._checked(shape), standardize_dtype(dtype)
            self._charge(wanted, wanted_dtype)
            self._take(wanted, wanted_dtype)
            self._initial = lambda: initializer.on_host(wanted, wanted_dtype)  # type: ignore[union-attr]  # of an initializer
            return
        value = self._initial_value(initializer, shape, dtype)
        self._take(value.shape, value.dtype)
        self._begin(value, fresh=getattr(initializer, "on_host", None) is not None)

    @classmethod
    def of_storage(
        cls, storage: Any, backend: Backend, *, trainable: bool = True, autocast: bool = True, name: str | None = None
    ) -> Self:
        """Variable over what a framework's own model keeps a weight in, which is shared and not copied.

        Parameters
        ----------
        storage : tensor or variable of the framework
            Of the kind that the backend's ``create_storage`` makes.
        backend : Backend
        trainable, autocast, name
            As for any variable; `name` without ``/``.

        Returns
        -------
        Variable
        """
        variable = cls.__new__(cls)
        variable.backend = backend
        variable._describe(name, trainable, autocast)
        variable._take(storage.shape, storage.dtype)
        variable._initial, variable._value, variable._adopted = None, storage, True
        return variable

    def _describe(self, name: str | None, trainable: bool, autocast: bool) -> None:
        self.name = name or auto_name("variable")
        if "/" in self.name:
            raise ValueError(f"Variable(name={name!r}): expected a name without '/'")
        self.path = "/".join((*scopes.current.names, self.name))
        self.aggregation, self.synchronization, self.layout = "none", "auto", None
        self.regularizer: Any = None
        self.constraint: Any = None
        self.overwrite_with_gradient = False
        self._trainable = bool(trainable)
        # decides its place among a layer's weights, which freezing must not change
        self._trained_at_creation = self._trainable
        self._autocast = bool(autocast)
        # whether the storage is part of a framework's own model
        self._adopted = False

    def _take(self, shape: Any, dtype: Any) -> None:
        self._shape = tuple(shape)
        self._dtype = standardize_dtype(dtype)
        self._is_float = dtypes.is_float(self._dtype)

    def _initial_value(self, initializer: Any, shape: ShapeLike | None, dtype: Any) -> Array:
        wanted = None if shape is None else standardize_shape(shape)
        if callable(initializer) and not hasattr(initializer, "shape"):
            wanted, dtype = self._checked(wanted), standardize_dtype(dtype)
            self._charge(wanted, dtype)
            on_host = getattr(initializer, "on_host", None)
            value = to_host(initializer(wanted, dtype=dtype)) if on_host is None else on_host(wanted, dtype)
        else:
            if dtype is not None:
                dtype = standardize_dtype(dtype)
            elif isinstance(initializer, Variable):
                dtype = initializer.dtype
            value = to_host(initializer)
            self._charge(value.shape, dtype or value.dtype)
        if wanted is not None and tuple(value.shape) != wanted:
            raise ValueError(f"Variable {self.path!r}: initial value has shape {value.shape}, expected {wanted}")
        return value if dtype is None else value.astype(dtypes.numpy_dtype(dtype), copy=False)

    def _checked(self, shape: ShapeLike | None) -> tuple[int, ...]:
        """Shape to call an initializer with."""
        wanted = None if shape is None else standardize_shape(shape)
        if wanted is None or None in wanted:
            raise ValueError(f"Variable {self.path!r}: shape={shape} must be fully known to call the initializer")
        return wanted  # type: ignore[return-value]  # integers

    def _begin(self, value: Array, *, fresh: bool) -> None:
        """Store the first value, of which the caller keeps nothing if it is `fresh`."""
        # what has just been drawn nobody else holds, unless it is a view
        create = self.backend.adopt_storage if fresh and value.flags.owndata else self.backend.create_storage
        self._value = create(value, trainable=self._trainable and self._is_float, name=self.path)

    def _charge(self, shape: Shape, dtype: Any) -> None:
        budget = scopes.current.budget
        if budget is not None:
            budget.take(
                math.prod(size or 0 for size in shape) * dtypes.numpy_dtype(dtype).itemsize,
                f"{self.path!r} of shape {shape}",
            )

    # -- value --

    @property
    def value(self) -> Any:
        """The backend's tensor, in the dtype of an enclosing autocast scope if the variable allows it."""
        value = self.backend.read_storage(self._value)
        autocast = scopes.current.autocast
        if autocast is not None and self._autocast and self._is_float and autocast != self._dtype:
            return self.backend.cast(value, autocast)
        return value

    def assign(self, value: TensorLike) -> Any:
        """Replace the value.

        Parameters
        ----------
        value : tensor_like
            Of the variable's shape; cast to its dtype.

        Returns
        -------
        tensor
            The new value.

        Raises
        ------
        ValueError
            If the shape differs.
        """
        from dl_ops.interchange import convert

        backend = self.backend
        tensor = backend.cast(convert(value, backend), self._dtype)
        shape = backend.shape(tensor)
        if shape != self._shape and (len(shape) != len(self._shape) or None not in shape):
            raise ValueError(f"cannot assign a value of shape {shape} to variable {self.path!r} of shape {self._shape}")
        if tensor is value and isinstance(value, np.ndarray):
            tensor = value.copy()  # the caller may change it later
        self._write(tensor)
        return tensor

    def assign_add(self, value: TensorLike) -> Any:
        """Add to the value and return the sum."""
        from dl_ops import ops

        return self.assign(ops.add(self, value))

    def assign_sub(self, value: TensorLike) -> Any:
        """Subtract from the value and return the difference."""
        from dl_ops import ops

        return self.assign(ops.subtract(self, value))

    def _write(self, value: Any) -> None:
        """Store a tensor that has the variable's dtype and shape."""
        stateless = scopes.current.stateless
        if stateless is not None:
            stateless.write(self, value)
        elif self._initial is not None and self.backend.is_concrete(value):
            self._begin(np.array(self.backend.to_numpy(value)), fresh=True)
            self._initial = None
        else:
            self._value = self.backend.write_storage(self._value, value)

    def numpy(self) -> Array:
        """Copy of the value as a NumPy array."""
        return np.array(self.backend.to_numpy(self.backend.read_storage(self._value)))

    def __getstate__(self) -> dict[str, Any]:
        """State for copies and pickles: the value as an array, of which storage is made anew."""
        own = {name: getattr(self, name) for name in Variable.__slots__ if name not in _OF_STORAGE}
        return {**self.__dict__, **own, "_value": self._value if self._adopted else self.numpy()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)
        self._initial = None
        if not self._adopted:
            self._begin(state["_value"], fresh=True)

    # -- attributes --

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape, all of it known."""
        return self._shape

    @property
    def ndim(self) -> int:
        """Number of dimensions."""
        return len(self._shape)

    @property
    def dtype(self) -> str:
        """Name of the dtype it is read in: an enclosing autocast scope's, if the variable allows it."""
        autocast = scopes.current.autocast
        return autocast if autocast is not None and self._autocast and self._is_float else self._dtype

    @property
    def trainable(self) -> bool:
        """Whether optimizers change it."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        value = bool(value)
        if value is not self._trainable:
            self._trainable = value
            changes.count += 1
            if self._initial is None:
                self.backend.set_trainable(self._value, value and self._is_float)

    def __getattr__(self, name: str) -> Any:
        if name == "_value":
            return self._first_value()
        # frameworks ask objects for much; what a variable lacks because it is not made yet is for nobody
        if name in Variable.__slots__:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self.backend.variable_attribute(self, name)

    def _first_value(self) -> Any:
        """Storage of a value that is computed now that somebody asks for it.

        A model that is built to load weights, or for its summary, never draws; and building one takes half the time.
        """
        with _drawing:
            initial = self._initial
            if initial is not None:
                self._begin(initial(), fresh=True)
                self._initial = None
        return object.__getattribute__(self, "_value")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self.numpy(), dtype=dtype)

    def __repr__(self) -> str:
        return f"<Variable path={self.path}, shape={self._shape}, dtype={self._dtype}, backend={self.backend.name}>"

    def __invert__(self) -> Any:
        # that of the value, of whose bits it is
        from dl_ops import ops

        return ops.bitwise_not(self)

    def __bool__(self) -> bool:
        return bool(self.numpy())

    def __float__(self) -> float:
        return float(self.numpy())

    def __int__(self) -> int:
        return int(self.numpy())

    def __len__(self) -> int:
        if not self._shape:
            raise TypeError(f"len() of {self!r}: it has no dimensions")
        size: int = self._shape[0]
        return size


def to_host(value: Any) -> Array:
    """NumPy array of a number, nested list, array or tensor of any backend, by Python's default dtypes."""
    from dl_ops.interchange import convert_to_numpy

    if isinstance(value, (bool, int, float, list, tuple)):
        return current_backend().to_array(value, None)
    return convert_to_numpy(value)
