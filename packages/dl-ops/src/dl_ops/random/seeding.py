"""Seeds: what makes each random number of a program differ from the last, and yet come again when the program does."""

from __future__ import annotations

import random
from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import numpy as np

from dl_ops import ops, scopes
from dl_ops.backend.registry import current_backend, seed_frameworks
from dl_ops.naming import auto_name
from dl_ops.objects import public
from dl_ops.saveable import Saveable
from dl_ops.scopes import name_scope
from dl_ops.symbolic.keras_tensor import KerasTensor
from dl_ops.typing import Array
from dl_ops.variable import Variable

__all__ = [
    "SeedGenerator",
    "draw_key",
    "global_seed_generator",
    "make_default_seed",
    "set_global_seed",
    "set_random_seed",
]

_ONE_MORE: Final = np.array([0, 1], "uint32")


def make_default_seed() -> int:
    """Return a seed from Python's own generator, which ``random.seed`` and ``set_random_seed`` make repeatable."""
    return random.randint(1, int(1e9))


def _check_seed(seed: Any, where: str) -> int:
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)):
        raise ValueError(f"{where}(seed={seed!r}): expected an integer")
    if not 0 <= seed < 2**32:
        raise ValueError(f"{where}(seed={seed}): expected an integer from 0 to 2**32 - 1")
    return int(seed)


@public("keras.random.SeedGenerator")
class SeedGenerator(Saveable):
    """Source of keys for random ops: each call of `next` gives another one.

    The state is a variable, so it is saved with a model, and a compiled training step advances it too.

    Parameters
    ----------
    seed : int, optional
        From 0 to ``2 ** 32 - 1``. By default drawn from Python's own generator.
    name : str, optional

    Raises
    ------
    ValueError
        If `seed` is no such integer.

    Examples
    --------
    >>> generator = SeedGenerator(7)
    >>> generator.next().tolist(), generator.next().tolist()
    ([7, 0], [7, 1])
    """

    state: Variable
    """The seed and a counter: uint32, shape (2,)."""

    def __init__(self, seed: int | None = None, name: str | None = None, **kwargs: Any) -> None:
        kwargs.pop("backend", None)
        if kwargs:
            raise ValueError(f"SeedGenerator: unexpected arguments {sorted(kwargs)}")
        self.name = auto_name("seed_generator") if name is None else name
        self.seed = _check_seed(make_default_seed() if seed is None else seed, "SeedGenerator")
        with name_scope(self.name):
            self.state = Variable(
                np.array([self.seed, 0], "uint32"),
                dtype="uint32",
                trainable=False,
                autocast=False,
                name="seed_generator_state",
            )

    def next(self, ordered: bool = True) -> Any:
        """Return the state, a key for one random op, and count up.

        Parameters
        ----------
        ordered : bool, default True
            Has no effect: keys always come in order.

        Returns
        -------
        tensor of uint32, shape (2,)
        """
        if scopes.current.symbolic:
            return KerasTensor((2,), "uint32", record_history=False)
        value = self.state.value
        # a copy, because a framework may change the variable's memory in place
        key = ops.copy(value)
        self.state.assign(ops.add(value, _ONE_MORE))
        return key

    def get_config(self) -> dict[str, Any]:
        """Return the arguments to make a generator like this one with."""
        return {"seed": self.seed, "name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SeedGenerator:
        """Make a generator from what `get_config` returned."""
        return cls(**config)

    def save_own_variables(self, store: MutableMapping[str, Array]) -> None:
        store["0"] = self.state.numpy()

    def load_own_variables(self, store: Mapping[str, Array]) -> None:
        if set(store) != {"0"}:
            raise ValueError(f"SeedGenerator {self.name!r}: expected one saved variable '0', got {sorted(store)}")
        self.state.assign(store["0"])


_global_seed: int | None = None
_global_generators: Final[dict[str, SeedGenerator]] = {}


def global_seed_generator() -> SeedGenerator:
    """Return the generator that ops without a seed draw from: one per backend.

    Returns
    -------
    SeedGenerator
        Of the active backend; made when it is first asked for, from the seed of `set_global_seed`.
    """
    backend = current_backend()
    generator = _global_generators.get(backend.name)
    if generator is None or generator.state.backend is not backend:
        generator = SeedGenerator(_global_seed, name="global_seed_generator")
        _global_generators[backend.name] = generator
    return generator


def set_global_seed(seed: int | None) -> None:
    """Start the global generators of all backends again from a seed.

    Parameters
    ----------
    seed : int or None
        From 0 to ``2 ** 32 - 1``; ``None`` takes one from Python's own generator.

    Raises
    ------
    ValueError
        If `seed` is no such integer.

    Examples
    --------
    >>> set_global_seed(3)
    >>> global_seed_generator().next().tolist()
    [3, 0]
    """
    global _global_seed
    _global_seed = None if seed is None else _check_seed(seed, "set_global_seed")
    _global_generators.clear()


def set_random_seed(seed: int) -> None:
    """Make a program repeatable: seed Python's generator, NumPy's, and the global generators of all backends.

    So are the own generators of their frameworks, such as PyTorch's, also of those that are loaded later on. Initial
    weights are drawn from Python's generator by way of their seeds, so they repeat too, on every backend alike.

    Parameters
    ----------
    seed : int
        From 0 to ``2 ** 32 - 1``.

    Raises
    ------
    ValueError
        If `seed` is no such integer.

    Examples
    --------
    >>> from dl_ops import ops
    >>> from dl_ops.random import uniform
    >>> def draw():
    ...     return ops.convert_to_numpy(uniform((2,))).tolist()
    >>> set_random_seed(1)
    >>> first = draw()
    >>> set_random_seed(1)
    >>> draw() == first
    True
    """
    number = _check_seed(seed, "set_random_seed")
    random.seed(number)
    np.random.seed(number)
    seed_frameworks(number)
    set_global_seed(number)


def draw_key(seed: int | SeedGenerator | None = None) -> Any:
    """Key for one random op.

    Parameters
    ----------
    seed : int, SeedGenerator or None
        An integer always gives the same key; a generator its next one; ``None`` the next one of the global generator.

    Returns
    -------
    tensor of uint32, shape (2,)
        On the active backend, or the generator's own. Where only shapes are computed, a symbolic one, and no state
        changes.

    Raises
    ------
    ValueError
        If `seed` is something else.

    Examples
    --------
    >>> draw_key(5).tolist()
    [5, 0]
    """
    return draw_keys(seed, 1)[0]


def draw_keys(seed: int | SeedGenerator | None, count: int) -> list[Any]:
    """Like `draw_key`, several different ones."""
    if scopes.current.symbolic:
        return [KerasTensor((2,), "uint32", record_history=False) for _ in range(count)]
    if seed is None:
        seed = global_seed_generator()
    if isinstance(seed, SeedGenerator):
        return [seed.next() for _ in range(count)]
    number = _check_seed(seed, "draw_key")
    return [current_backend().to_tensor(np.array([number, i], "uint32")) for i in range(count)]
