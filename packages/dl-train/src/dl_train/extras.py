"""Libraries that are needed for one thing only, and imported when it is used."""

from __future__ import annotations

import importlib
from typing import Any


def require(module: str, needed_by: str, extra: str) -> Any:
    """Module of a library that an extra of this package brings.

    Parameters
    ----------
    module : str
    needed_by : str
        What cannot do without, for the message.
    extra : str
        Name of the extra.

    Returns
    -------
    module

    Raises
    ------
    ImportError
        If the library is not installed; it says how to install it.

    Examples
    --------
    >>> require("json", "an example", "example").dumps([1])
    '[1]'
    """
    library = module.partition(".")[0]
    try:
        importlib.import_module(library)
    except ModuleNotFoundError as error:
        if error.name != library:
            raise
        raise ImportError(f'{needed_by} needs {library}: pip install "dl-train[{extra}]"') from None
    return importlib.import_module(module)
