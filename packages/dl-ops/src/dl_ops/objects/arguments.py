"""An object as the arguments that it was made with."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from dl_ops.objects.writing import serialize_keras_object


def arguments_config(
    instance: Any, args: Sequence[Any], kwargs: Mapping[str, Any], without: Sequence[str] = ()
) -> dict[str, Any]:
    """Arguments of an object's constructor by name, as in a configuration.

    Parameters
    ----------
    instance : object
    args, kwargs
        What its class was called with.
    without : sequence of str, optional
        Names to leave out.

    Returns
    -------
    dict

    Raises
    ------
    NotImplementedError
        If an argument cannot be written.
    """
    cls = type(instance)
    bound = inspect.signature(cls.__init__).bind(instance, *args, **kwargs)
    arguments = dict(list(bound.arguments.items())[1:])
    for parameter in bound.signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            arguments.update(arguments.pop(parameter.name, {}))
        elif parameter.kind is parameter.VAR_POSITIONAL:
            arguments.pop(parameter.name, None)
    try:
        return {name: serialize_keras_object(value) for name, value in arguments.items() if name not in without}
    except (TypeError, ValueError) as error:
        raise NotImplementedError(
            f"{cls.__name__} takes arguments that cannot be written to a configuration ({error}): define get_config()"
        ) from error
