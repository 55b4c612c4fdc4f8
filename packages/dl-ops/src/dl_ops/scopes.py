"""What holds for a stretch of code in one thread: backend, autocast dtype, name, device, symbolic and stateless
execution.

All scopes live on one thread-local object with plain attributes, because eager dispatch reads it on every call.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dl_ops.backend.contract import Backend
    from dl_ops.dispatch.program import Recording
    from dl_ops.variable import Variable


class _Scopes(threading.local):
    backend: Backend | None = None
    autocast: str | None = None
    device: str | None = None
    symbolic: bool = False
    stateless: StatelessScope | None = None
    budget: AllocationBudget | None = None
    names: tuple[str, ...] = ()
    recording: Recording | None = None


current = _Scopes()


@contextmanager
def _set(**values: Any) -> Iterator[None]:
    before = {name: getattr(current, name) for name in values}
    current.__dict__.update(values)
    try:
        yield
    finally:
        current.__dict__.update(before)


class name_scope:
    """Prefix the paths of variables created inside with `name`.

    Parameters
    ----------
    name : str
        One segment of a path; may not contain ``/``.

    Examples
    --------
    >>> with name_scope("encoder"), name_scope("dense"):
    ...     current_path()
    'encoder/dense'
    """

    def __init__(self, name: Any) -> None:
        if not isinstance(name, str) or "/" in name:
            raise ValueError(f"name_scope(name={name!r}): expected a string without '/'")
        self.name = name

    def __enter__(self) -> name_scope:
        self._before = current.names
        current.names = (*self._before, self.name)
        return self

    def __exit__(self, *exception: object) -> None:
        current.names = self._before


def current_path() -> str:
    """Return the names of the enclosing name scopes, joined by ``/``."""
    return "/".join(current.names)


class AutocastScope:
    """Read floating-point variables that allow it as `dtype`.

    Parameters
    ----------
    dtype : str or None
        A float dtype; ``None`` switches autocasting off inside.
    """

    def __init__(self, dtype: str | None) -> None:
        self.dtype = dtype

    def __enter__(self) -> AutocastScope:
        self._before = current.autocast
        current.autocast = self.dtype
        return self

    def __exit__(self, *exception: object) -> None:
        current.autocast = self._before


class SymbolicScope:
    """Run ops that take no tensor, such as ``zeros``, symbolically too: only shapes and dtypes are computed inside.

    Examples
    --------
    >>> from dl_ops import ops
    >>> with SymbolicScope():
    ...     ops.zeros((2, 3)).shape
    (2, 3)
    """

    def __enter__(self) -> SymbolicScope:
        self._before = current.symbolic
        current.symbolic = True
        return self

    def __exit__(self, *exception: object) -> None:
        current.symbolic = self._before


symbolic_scope = SymbolicScope


@contextmanager
def concrete_scope() -> Iterator[None]:
    """Run ops that take no tensor, such as ``zeros``, on values, also within a `symbolic_scope`."""
    with _set(symbolic=False):
        yield


def recording_scope(recording: Recording | None) -> AbstractContextManager[None]:
    """Have a recording note the ops that are called, all of them symbolically; ``None`` lets them pass unnoted.

    Parameters
    ----------
    recording : Recording or None
    """
    return _set(recording=recording, symbolic=True)


@contextmanager
def device(device_name: str) -> Iterator[None]:
    """Place the tensors and variables created inside on a device.

    Parameters
    ----------
    device_name : str
        Such as ``"cpu:0"`` or ``"gpu:1"``.
    """
    from dl_ops.backend.registry import current_backend

    with _set(device=device_name), current_backend().device_scope(device_name):
        yield


class AllocationBudget:
    """Bound what is allocated because a file asks for it.

    In a ``with`` block the variables created inside, in this thread, are charged to the budget before there is memory
    for them.

    Parameters
    ----------
    limit : int
        Bytes in all.
    hint : str, optional
        Put at the end of errors.

    Examples
    --------
    >>> from dl_ops import Variable
    >>> with AllocationBudget(1000):
    ...     Variable(lambda shape, dtype: 1 / 0, shape=(10**6, 10**6), name="kernel")
    Traceback (most recent call last):
        ...
    ValueError: 'kernel' of shape (1000000, 1000000) takes 4000000000000 bytes, of the 1000 allowed 1000 are left
    """

    def __init__(self, limit: int, hint: str = "") -> None:
        self.limit = limit
        self.left = limit
        self.hint = hint

    def take(self, size: int, what: str) -> None:
        """Charge a number of bytes.

        Parameters
        ----------
        size : int
        what : str
            For the error.

        Raises
        ------
        ValueError
            If less is left; nothing is charged then.
        """
        if size > self.left:
            hint = f": {self.hint}" if self.hint else ""
            raise ValueError(f"{what} takes {size} bytes, of the {self.limit} allowed {self.left} are left{hint}")
        self.left -= size

    def __enter__(self) -> AllocationBudget:
        self._before = current.budget
        current.budget = self
        return self

    def __exit__(self, *exception: object) -> None:
        current.budget = self._before


class StatelessScope:
    """Run code that reads and assigns variables as if it were a pure function of their values.

    Inside, the given variables have the given values and assignments are kept apart from the variables' storage; on
    leaving, every variable has its former value again, and the scope knows the ones assigned.

    Parameters
    ----------
    state_mapping : iterable of (Variable, tensor) pairs, optional
        Values to start with; a variable that is not named keeps its own.
    collect_losses : bool, default False
        Whether what layers add to their losses inside is kept in `losses` too.
    initialize_variables : bool, default True
        Of no effect: variables made inside have their values at once. (Keras's get them when the scope ends, or not.)

    Raises
    ------
    ValueError
        If something else than a variable is given a value.

    Examples
    --------
    >>> from dl_ops import Variable
    >>> v = Variable([1.0, 2.0])
    >>> with StatelessScope([(v, v.value * 2)]) as scope:
    ...     _ = v.assign(v.value + 1)
    >>> scope.get_current_value(v).tolist(), v.numpy().tolist()
    ([3.0, 5.0], [1.0, 2.0])
    """

    def __init__(
        self,
        state_mapping: Iterable[tuple[Variable, Any]] | Mapping[Variable, Any] | None = None,
        collect_losses: bool = False,
        initialize_variables: bool = True,
    ) -> None:
        pairs = state_mapping.items() if isinstance(state_mapping, Mapping) else state_mapping or ()
        self._given = [_pair(item, "state_mapping") for item in pairs]
        self.collect_losses, self.initialize_variables = collect_losses, initialize_variables
        self.losses: list[Any] = []
        """What was added by `add_loss`."""
        self._originals: dict[int, tuple[Variable, Any]] = {}
        self._finals: dict[int, Any] = {}
        self._written: dict[int, Variable] = {}

    @property
    def written(self) -> list[Variable]:
        """Variables assigned inside, in the order of their first assignment."""
        return list(self._written.values())

    def get_current_value(self, variable: Variable) -> Any:
        """Value of `variable` inside the scope, or at its end; ``None`` if it was neither given nor assigned."""
        key = id(variable)
        if key in self._finals:
            return self._finals[key]
        return variable._value if key in self._originals else None

    def add_loss(self, loss: Any) -> None:
        """Keep a loss.

        Parameters
        ----------
        loss : tensor
        """
        self.losses.append(loss)

    def add_update(self, update: tuple[Variable, Any]) -> None:
        """Give a variable a value until the scope ends.

        Parameters
        ----------
        update : pair of Variable and tensor

        Raises
        ------
        ValueError
            If it is no such pair.
        """
        self.write(*_pair(update, "update"))

    def write(self, variable: Variable, value: Any) -> None:
        """Give `variable` a value until the scope ends."""
        key = id(variable)
        if key not in self._originals:
            self._originals[key] = (variable, variable._value)
        self._written[key] = variable
        variable._value = value

    def __enter__(self) -> StatelessScope:
        self._before = current.stateless
        for variable, value in self._given:
            self._originals[id(variable)] = (variable, variable._value)
            variable._value = value
        current.stateless = self
        return self

    def __exit__(self, *exception: object) -> None:
        current.stateless = self._before
        for key, (variable, original) in self._originals.items():
            self._finals[key] = variable._value
            variable._value = original


def _pair(item: Any, argument: str) -> tuple[Variable, Any]:
    if not isinstance(item, (tuple, list)) or len(item) != 2 or not hasattr(item[0], "assign"):
        raise ValueError(f"StatelessScope: {argument} must be pairs of a variable and its value, got {item!r}")
    return item[0], item[1]


def stateless_values() -> list[tuple[Variable, Any]]:
    """Variables that have values of their own inside the enclosing stateless scopes, and those values."""
    found: dict[int, Variable] = {}
    scope = current.stateless
    while scope is not None:
        found.update((key, variable) for key, (variable, _) in scope._originals.items())
        scope = scope._before
    return [(variable, variable._value) for variable in found.values()]


def in_stateless_scope() -> bool:
    """Whether assignments are at present kept apart from the variables."""
    return current.stateless is not None
