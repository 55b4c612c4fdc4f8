"""Named values of an experiment."""

from __future__ import annotations

import json
from collections.abc import ItemsView, Iterator, KeysView, MutableMapping, ValuesView
from typing import Any

from dl_ops.objects import public


@public("keras.utils.Config")
class Config(MutableMapping[str, Any]):
    """Dictionary whose values are attributes too, and that can be frozen.

    Parameters
    ----------
    **kwargs
        The first values.

    Examples
    --------
    >>> config = Config(learning_rate=0.1)
    >>> config.seed = 1
    >>> config["seed"], config.learning_rate, list(config)
    (1, 0.1, ['learning_rate', 'seed'])
    >>> config.freeze()
    >>> config.seed = 2
    Traceback (most recent call last):
        ...
    ValueError: Config: 'seed' cannot be changed, the config is frozen
    """

    __slots__ = ("_frozen", "_values")
    __hash__ = None  # type: ignore[assignment]  # it changes

    _values: dict[str, Any]
    _frozen: bool

    def __init__(self, **kwargs: Any) -> None:
        object.__setattr__(self, "_values", dict(kwargs))
        object.__setattr__(self, "_frozen", False)

    # -- as a dictionary -----------------------------------------------------------------------------------------------

    def __getitem__(self, key: str) -> Any:
        return self._values[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self._check(key)
        self._values[key] = value

    def __delitem__(self, key: str) -> None:
        self._check(key)
        del self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def keys(self) -> KeysView[str]:
        """Names."""
        return self._values.keys()

    def values(self) -> ValuesView[Any]:
        """Values."""
        return self._values.values()

    def items(self) -> ItemsView[str, Any]:
        """Names with values."""
        return self._values.items()

    def get(self, keyname: str, value: Any = None) -> Any:
        """Value of a name, or another one if it has none.

        Parameters
        ----------
        keyname : str
        value : any, optional
        """
        return self._values.get(keyname, value)

    def pop(self, *args: Any) -> Any:
        """Take a value out.

        Parameters
        ----------
        *args
            Its name, and what to give if there is none.

        Raises
        ------
        KeyError
            If there is none.
        """
        self._check(args[0] if args else "")
        return self._values.pop(*args)

    def update(self, *args: Any, **kwargs: Any) -> None:
        """Set several values, as of a dictionary."""
        given = dict(*args, **kwargs)
        self._check(*given)
        self._values.update(given)

    # -- as an object --------------------------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        # special names belong to protocols, as that of copying, which asks before there are values
        if not name.startswith("__") and name not in Config.__slots__ and name in self._values:
            return self._values[name]
        raise AttributeError(f"Config has no value {name!r}", name=name, obj=self)

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        if name not in self._values:
            raise AttributeError(f"Config has no value {name!r}", name=name, obj=self)
        del self[name]

    def __dir__(self) -> list[str]:
        return sorted({*object.__dir__(self), *self._values})

    def __repr__(self) -> str:
        return f"<Config {self._values}>"

    def __reduce__(self) -> Any:
        return _restored, (self._values, self._frozen)

    # -- as a whole ----------------------------------------------------------------------------------------------------

    def as_dict(self) -> dict[str, Any]:
        """Copy as a dictionary; configs inside become dictionaries too."""
        return {key: value.as_dict() if isinstance(value, Config) else value for key, value in self._values.items()}

    def to_json(self) -> str:
        """Text that `json.loads` reads as the dictionary.

        Raises
        ------
        TypeError
            If a value cannot be written as JSON.
        """
        return json.dumps(self.as_dict())

    @property
    def frozen(self) -> bool:
        """Whether values cannot be changed."""
        return self._frozen

    def freeze(self) -> None:
        """Refuse changes from now on."""
        object.__setattr__(self, "_frozen", True)

    def unfreeze(self) -> None:
        """Allow changes again."""
        object.__setattr__(self, "_frozen", False)

    def _check(self, *names: str) -> None:
        if self._frozen:
            raise ValueError(f"Config: {', '.join(map(repr, names))} cannot be changed, the config is frozen")


def _restored(values: dict[str, Any], frozen: bool) -> Config:
    config = Config(**values)
    if frozen:
        config.freeze()
    return config
